"""What changed from year to year: how much was seen, how much of it was new, and what led. Dated viewings only."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_date, _year = pl.col("date"), pl.col("year")
# What may lead a year: the column of the films, and what it is called.
_LEADERS = {"genres": "genre", "countries": "country", "director_ids": "id"}


def ask(seen: Seen) -> Asked:
    """Ask for each year, and for the genre, country and director of most films in it."""
    films = _by_year(seen)
    years = films.group_by("year").agg(
        pl.col("viewings").sum(),
        films=pl.len(),
        new_films=((_year == pl.col("first_year")) & ~pl.col("is_known")).sum(),
        rewatches=pl.col("rewatches").sum(),
        watched_minutes=(pl.col("runtime").cast(pl.Int64) * pl.col("viewings")).sum(),
        average_rating=average("rating"),
    )
    return {
        "year_on_year": years,
        **{f"{key}_of_year": _leading(films, column, key) for column, key in _LEADERS.items()},
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the years, newest first and without gaps."""
    known = {row["year"]: row for row in answers.rows("year_on_year")}
    genres, countries = (_leaders(answers, key) for key in ("genre", "country"))
    directors = {
        year: {"id": id_, "name": answers.names[position, id_]}
        for year, id_, position in answers.frames["id_of_year"].iter_rows()
    }
    nothing = {"viewings": 0, "films": 0, "new_films": 0, "rewatches": 0, "watched_minutes": 0, "average_rating": None}
    return {
        "year_on_year": [
            {
                **known.get(year, {"year": year, **nothing}),
                "genre": genres.get(year),
                "country": countries.get(year),
                "director": directors.get(year),
            }
            for year in (range(max(known), min(known) - 1, -1) if known else ())
        ]
    }


def _by_year(seen: Seen) -> pl.LazyFrame:
    """Return each film in each year in which it was seen, as it was rated then."""
    viewings = seen.every_viewing.lazy().filter(_date.is_not_null())
    films = seen.every_film.lazy().select("position", "present", "runtime", *_LEADERS)
    return (
        viewings.group_by("position", year=_date.dt.year())
        .agg(
            viewings=pl.len(),
            rewatches=pl.col("rewatch").sum(),
            then=pl.col("rating").first(ignore_nulls=True),
            # Newest first: who marks the oldest as a rewatch has seen it before, without the diary.
            is_known=pl.col("rewatch").last(),
        )
        .join(films, on="position")
        .with_columns(rating=pl.coalesce("then", "present"), first_year=_year.min().over("position"))
        .sort("rating", "position", descending=[True, False], nulls_last=True)
    )


def _leading(films: pl.LazyFrame, column: str, key: str) -> pl.LazyFrame:
    """Return what most films of each year have; of equals what is rated better."""
    each = films.filter(pl.col(column).list.len() > 0).select("year", "rating", "position", pl.col(column).alias(key))
    counts = (
        each.explode(key)
        .group_by("year", key)
        .agg(pl.col("position").first(), films=pl.len(), exact=pl.col("rating").mean())
    )
    first = counts.sort("films", "exact", key, descending=[True, True, False], nulls_last=True)
    return first.unique("year", keep="first", maintain_order=True).select("year", key, "position")


def _leaders(answers: Answers, key: str) -> dict[int, str]:
    return dict(answers.frames[f"{key}_of_year"].select("year", key).iter_rows())
