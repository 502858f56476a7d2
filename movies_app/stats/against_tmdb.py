"""How the ratings differ from those of TMDB's members, who vote from 0 to 10: halved, that is out of five too."""

from fractions import Fraction
from typing import Any

import polars as pl

from movies_app.scope import MIN_VOTES
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_TOP = 10
# In two-thousandths of a star both are whole numbers: TMDB's averages have three decimals of ten.
_UNIT = 2_000
_own, _theirs, _more = pl.col("own"), pl.col("theirs"), pl.col("more")


def ask(seen: Seen) -> Asked:
    """Ask for the films on which enough members of TMDB have an opinion."""
    films = compared(seen.films.lazy())
    return {
        "against": films.select(
            films=pl.len(), own=_own.sum(), theirs=_theirs.sum(), higher=(_more > 0).sum(), lower=(_more < 0).sum()
        ),
        "above": films.filter(_more > 0).sort("more", "position", descending=[True, False]).head(_TOP),
        "below": films.filter(_more < 0).sort("more", "position").head(_TOP),
    }


def compared(films: pl.LazyFrame) -> pl.LazyFrame:
    """Return `position`, and both ratings and their difference in two-thousandths of a star."""
    is_known = (pl.col("vote_count") >= MIN_VOTES) & pl.col("rating").is_not_null()
    return (
        films.filter(is_known & pl.col("vote_average").is_not_null())
        .select(
            "position",
            own=(pl.col("rating") * _UNIT).cast(pl.Int64),
            theirs=(pl.col("vote_average") * 1_000).round().cast(pl.Int64),
        )
        .with_columns(more=_own - _theirs)
    )


def tell(answers: Answers) -> dict[str, Any]:
    """Return the comparison."""
    found = answers.row("against")
    films, own, theirs = found["films"], found["own"], found["theirs"]
    return {
        "against_tmdb": {
            "films": films,
            "member_average": _stars(own, films),
            "tmdb_average": _stars(theirs, films),
            "average_difference": _stars(own - theirs, films),
            "higher": found["higher"],
            "lower": found["lower"],
            "same": films - found["higher"] - found["lower"],
            "above": [_told(row) for row in answers.rows("above")],
            "below": [_told(row) for row in answers.rows("below")],
        }
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {"film": row["film"], "tmdb": _stars(row["theirs"]), "difference": _stars(row["more"])}


def _stars(units: int, count: int = 1) -> float | None:
    """Return stars with two decimals, exactly rounded, a half to the even one; of nothing None."""
    return round(Fraction(units * 100, _UNIT * count)) / 100 if count else None
