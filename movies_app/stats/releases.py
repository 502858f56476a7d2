"""From which years and decades the films are, which decades are rated best, and the oldest and the newest film."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_year = pl.col("year")


def ask(seen: Seen) -> Asked:
    """Ask for the films of each year and decade."""
    films = seen.films.lazy().filter(_year.is_not_null()).select("position", "year", "rating")
    decades = films.group_by(decade=_year // 10 * 10).agg(
        films=pl.len(),
        rated=pl.col("rating").count(),
        average_rating=average("rating"),
        exact=pl.col("rating").mean(),
    )
    best = decades.filter(pl.col("rated") >= seen.scope.min_rated).sort("exact", "rated", "decade", descending=True)
    return {
        "release_years": films.group_by("year").agg(films=pl.len(), average_rating=average("rating")),
        "decades": decades.sort("decade").drop("exact"),
        "best_decades": best.drop("exact"),
        # Films are in page order, so the first of a year is the first of them there.
        "oldest": films.filter(_year == _year.min()).select("position").head(1),
        "newest": films.filter(_year == _year.max()).select("position").head(1),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the releases; the years without gaps, the decades that have films."""
    known = {row["year"]: row for row in answers.rows("release_years")}
    empty = {"films": 0, "average_rating": None}
    years = range(min(known), max(known) + 1) if known else []
    return {
        "releases": {
            "years": [known.get(year, {"year": year, **empty}) for year in years],
            "decades": answers.rows("decades"),
            "best_decades": answers.rows("best_decades"),
            "oldest": answers.first_film("oldest"),
            "newest": answers.first_film("newest"),
        }
    }
