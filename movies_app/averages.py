"""The mean as every number shows it, at import and on the stats page. Pure."""

from functools import cache

import polars as pl


@cache
def average(column: str) -> pl.Expr:
    """Return the mean of a column as the numbers show it: two decimals, a half to the even one; null for none."""
    return average_of(pl.col(column).sum(), pl.col(column).count())


def average_of(total: pl.Expr, count: pl.Expr) -> pl.Expr:
    """Return the same where the sum and how many there are is known."""
    # The hundredfold of a sum of halves is exact, that of their mean is not: so a tie is one, and goes the right way.
    # polars divides by multiplying, hence the second rounding. Adding zero turns -0.0 into 0.0.
    return ((total * 100 / count).round().fill_nan(None) / 100).round(2) + 0.0
