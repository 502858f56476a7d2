"""The mean as every number shows it, at import and on the stats page. Pure."""

import polars as pl


def average(column: str) -> pl.Expr:
    """Return the mean of a column as the numbers show it: two decimals, a half to the even one; null for none."""
    # The hundredfold of a sum of halves is exact, that of their mean is not: so a tie is one, and goes the right way.
    # polars divides by multiplying, hence the second rounding. Adding zero turns -0.0 into 0.0.
    hundredfold = pl.col(column).sum() * 100 / pl.col(column).count()
    return (hundredfold.round().fill_nan(None) / 100).round(2) + 0.0
