"""How long was watched, and how long the films are, by TMDB."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_runtime = pl.col("runtime")


def ask(seen: Seen) -> Asked:
    """Ask for the minutes of all viewings; a film without any was seen once."""
    # Wide: a film has thousands of minutes at most, an upload a hundred thousand viewings.
    watched = _runtime.cast(pl.Int64) * pl.max_horizontal("times", 1)
    return {
        "runtimes": seen.films.lazy().select(
            films=_runtime.count(), watched_minutes=watched.sum(), average=average("runtime")
        )
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the runtimes."""
    return {"runtimes": answers.row("runtimes")}
