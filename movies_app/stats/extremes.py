"""The longest and the shortest film, those that most and fewest members of TMDB have voted on."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_TOP = 5


def ask(seen: Seen) -> Asked:
    """Ask for both ends; a series, which lasts as long as all its episodes, is no long film."""
    films = seen.films.lazy()
    timed = films.filter(pl.col("runtime").is_not_null() & pl.col("media_type").ne_missing("tv"))
    voted = films.filter(pl.col("vote_count").is_not_null())
    minutes, votes = timed.select("position", minutes="runtime"), voted.select("position", votes="vote_count")
    return {
        "longest": _first(minutes, "minutes", descending=True),
        "shortest": _first(minutes, "minutes"),
        "most_known": _first(votes, "votes", descending=True),
        "least_known": _first(votes, "votes"),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the extremes."""
    return {"extremes": {name: answers.rows(name) for name in ("longest", "shortest", "most_known", "least_known")}}


def _first(films: pl.LazyFrame, column: str, *, descending: bool = False) -> pl.LazyFrame:
    return films.sort(column, "position", descending=[descending, False]).head(_TOP)
