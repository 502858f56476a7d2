"""How the films are rated: the average, the middle, the most given, and how often each of the ten was given."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

STARS = [half / 2 for half in range(1, 11)]
_rating = pl.col("rating")


def ask(seen: Seen) -> Asked:
    """Ask for the middle of the ratings and for the films of each."""
    films = seen.films.lazy()
    return {
        "ratings": films.select(rated=_rating.count(), average=average("rating"), median=_rating.median().round(2)),
        "stars": films.filter(_rating.is_not_null()).group_by("rating").agg(films=pl.len()),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the ratings; of several most given ones the highest."""
    films: dict[float, int] = dict(answers.frames["stars"].iter_rows())
    most_given = max(films, key=lambda stars: (films[stars], stars), default=None)
    histogram = [{"rating": stars, "films": films.get(stars, 0)} for stars in STARS]
    return {"ratings": {**answers.row("ratings"), "most_given": most_given, "histogram": histogram}}
