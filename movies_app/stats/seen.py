"""What the numbers are made of: the films of one upload and their viewings, as frames. Called by `numbers`; pure."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

from movies_app.stats import texts

# What is asked of the database, lists as JSON text. The day on which a film was marked as watched is not among it, so
# no number can rest on that.
OWN: dict[str, Any] = {
    "position": pl.Int32,
    "title": pl.String,
    "year": pl.Int32,
    "rating": pl.Float64,
    "letterboxd_uri": pl.String,
    "liked": pl.Boolean,
    "review": pl.String,
    "tags": pl.String,
    "viewings": pl.String,
}
# TMDB's facts of the film, all null where they are not known.
FACTS: dict[str, Any] = {
    "runtime": pl.Int32,
    "genres": pl.String,
    "countries": pl.String,
    "directors": pl.String,
}
COLUMNS = OWN | FACTS
_VIEWING: dict[str, Any] = {
    "date": pl.String,
    "logged_date": pl.String,
    "rating": pl.Float64,
    "rewatch": pl.Boolean,
    "tags": pl.List(pl.String),
    "review": pl.String,
}
_TEXTS, _VIEWINGS = pl.List(pl.String), pl.List(pl.Struct(_VIEWING))
_PEOPLE = pl.List(pl.Struct({"id": pl.Int64, "name": pl.String}))
_LISTS = {"tags": _TEXTS, "genres": _TEXTS, "countries": _TEXTS, "directors": _PEOPLE}
_date = pl.col("date")


@dataclass(frozen=True)
class Seen:
    """The films and viewings that count: all, or those of one `year`.

    `films`, in page order: position, title, year, rating, letterboxd_uri, liked, tags, review, reviewed_on, words; the
    facts runtime, genres, countries, directors, null where they are not known; and of its viewings that count `times`,
    `dated` (how many have a date) and `last_date`.
    `viewings`: position, date, logged_date, rating, rewatch, tags, review; those of a film stand together, newest
    first.
    `days`: each date with its number of viewings, oldest first. `years`: all with dated viewings, newest first.
    """

    year: int | None
    years: list[int]
    films: pl.DataFrame = field(repr=False)
    viewings: pl.DataFrame = field(repr=False)
    days: pl.DataFrame = field(repr=False)


def see(movies: pl.DataFrame, *, year: int | None) -> Seen:
    """Return what was seen, ever or in one year; `movies` are those of one upload in page order, with `COLUMNS`."""
    films, viewings = _unpacked(movies)
    years = sorted(viewings["date"].dt.year().drop_nulls().unique(), reverse=True)
    if year is not None:
        viewings = viewings.filter(_date.dt.year() == year)
    by_film = viewings.lazy().group_by("position")
    told = _of_all(films.lazy(), by_film) if year is None else _of_year(films.lazy(), by_film)
    days = viewings.lazy().filter(_date.is_not_null()).group_by("date").agg(viewings=pl.len()).sort("date")
    with_words = told.with_columns(words=texts.words(pl.col("review")))
    films, by_day = collected([with_words, days])
    return Seen(year=year, years=years, films=films, viewings=viewings, days=by_day)


def collected(frames: list[pl.LazyFrame]) -> list[pl.DataFrame]:
    """Compute all in one go and in memory: the streaming engine, polars' default, takes several times as long here."""
    return pl.collect_all(frames, engine="in-memory")


def _unpacked(movies: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the films without their viewings, and the viewings as rows of their own.

    polars reads a whole column of JSON at once, in a tenth of the time that takes to make Python objects of it first.
    """
    lists = [pl.col(name).str.json_decode(kind) for name, kind in _LISTS.items()]
    films = movies.lazy().with_columns(lists).drop("viewings")
    viewings = (
        movies.lazy()
        .filter(pl.col("viewings") != "[]")
        .select("position", viewing=pl.col("viewings").str.json_decode(_VIEWINGS))
        .explode("viewing")
        .unnest("viewing")
        .with_columns(_date.str.to_date("%Y-%m-%d"))
    )
    return collected([films, viewings])


# What the viewings of a film tell; they are newest first.
_TOLD = {
    "times": pl.len(),
    "dated": _date.count(),
    "last_date": _date.max(),
    "last_review": pl.col("review").first(ignore_nulls=True),
    "last_reviewed_on": _date.filter(pl.col("review").is_not_null()).first(),
}
_TOLD_OF_YEAR = {
    **_TOLD,
    "last_rating": pl.col("rating").first(ignore_nulls=True),
    "all_tags": pl.col("tags").explode().drop_nulls().unique(maintain_order=True),
}


def _of_all(films: pl.LazyFrame, viewings: LazyGroupBy) -> pl.LazyFrame:
    """Return all films with what their viewings, grouped by film, tell."""
    told = films.join(viewings.agg(**_TOLD), on="position", how="left", maintain_order="left")
    # The review of a film may belong to no viewing; then its day is not known.
    is_of_viewing = pl.col("review") == pl.col("last_review")
    return told.with_columns(
        pl.col("times", "dated").fill_null(0), reviewed_on=pl.when(is_of_viewing).then("last_reviewed_on")
    )


def _of_year(films: pl.LazyFrame, viewings: LazyGroupBy) -> pl.LazyFrame:
    """Return the films that have viewings, as they were then: by those viewings alone, but for an unknown rating."""
    told = films.join(viewings.agg(**_TOLD_OF_YEAR), on="position", maintain_order="left")
    return told.with_columns(
        rating=pl.coalesce("last_rating", "rating"),
        tags="all_tags",
        review="last_review",
        reviewed_on="last_reviewed_on",
    )
