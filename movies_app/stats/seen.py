"""What the numbers are made of: the films of one upload and their viewings, as frames. Called by `numbers`; pure."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

from movies_app import line_of_facts
from movies_app.scope import SHORT_MINUTES, Scope
from movies_app.stats import texts

# What is asked of the database, lists as JSON text; by what films are shown is looked up of those that are. The day on
# which a film was marked as watched is not among it, so no number can rest on that.
OWN: dict[str, Any] = {
    "position": pl.Int32,
    "year": pl.Int32,
    "rating": pl.Float64,
    "liked": pl.Boolean,
    "review": pl.String,
    "tags": pl.String,
    "viewings": pl.String,
}
# TMDB's facts of the film as `line_of_facts` has them, all null where they are not known; people by their ids,
# between commas, null where there are none.
FACTS = line_of_facts.schema_of((line_of_facts.CELLS | line_of_facts.MORE_CELLS).keys() - {"film_id"})
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
_LISTS: dict[str, Any] = {
    **dict.fromkeys(("tags", "genres", "countries", "languages", "studios", "keywords"), _TEXTS),
    "collection": pl.Struct({"id": pl.Int32, "name": pl.String}),
}
_IDS = [name for name in FACTS if name.endswith("_ids")]
_date = pl.col("date")


@dataclass(frozen=True)
class Seen:
    """The films and viewings that count within a scope.

    `films`, in page order: position, year, rating, liked, tags, review, reviewed_on, words; the facts, null where they
    are not known; `present`, the rating that the film has whatever counts; and of its viewings that count `times`,
    `dated` (how many have a date) and `last_date`.
    `viewings`: position, date, logged_date, rating, rewatch, tags, review; those of a film stand together, newest
    first. `days`: each date with its number of viewings, oldest first. `years`: all with dated viewings of any film,
    newest first. `every_film` and `every_viewing` are those that count whatever year is asked for.
    """

    scope: Scope
    years: list[int]
    films: pl.DataFrame = field(repr=False)
    viewings: pl.DataFrame = field(repr=False)
    days: pl.DataFrame = field(repr=False)
    every_film: pl.DataFrame = field(repr=False)
    every_viewing: pl.DataFrame = field(repr=False)


def see(movies: pl.DataFrame, *, scope: Scope) -> Seen:
    """Return what was seen within a scope; `movies` are those of one upload in page order, with `COLUMNS`."""
    films, viewings = _unpacked(movies)
    years = sorted(viewings["date"].dt.year().drop_nulls().unique(), reverse=True)
    counting = films.filter(_counts(scope))
    if len(counting) < len(films):
        viewings = viewings.join(counting.select("position"), on="position", how="semi", maintain_order="left")
    every_viewing = viewings.filter("rewatch") if scope.rewatches_only else viewings
    viewings = every_viewing if scope.year is None else every_viewing.filter(_date.dt.year() == scope.year)
    by_film = viewings.lazy().group_by("position")
    told = (_of_viewings if scope.is_by_viewings else _of_all)(counting.lazy(), by_film)
    days = viewings.lazy().filter(_date.is_not_null()).group_by("date").agg(viewings=pl.len()).sort("date")
    shown, by_day = collected([told.with_columns(words=texts.words(pl.col("review"))), days])
    return Seen(scope, years, shown, viewings, by_day, counting, every_viewing)


def collected(frames: list[pl.LazyFrame]) -> list[pl.DataFrame]:
    """Compute all in one go and in memory: the streaming engine, polars' default, takes several times as long here."""
    return pl.collect_all(frames, engine="in-memory")


def in_order(seen: Seen) -> pl.LazyFrame:
    """Return the dated viewings in the order in which films were seen: `position`, `date`, `logged_date`.

    Those of one day follow each other as they were logged, then as the films stand in the page order; of one film the
    older, which stands below the newer, comes first.
    """
    dated = seen.viewings.lazy().filter(_date.is_not_null()).select("position", "date", "logged_date")
    rows = dated.with_row_index("row")
    return rows.sort("date", "logged_date", "position", "row", descending=[False, False, False, True]).drop("row")


def _counts(scope: Scope) -> pl.Expr:
    """Hold for the films that count; of what is not known nothing is left out."""
    is_series = pl.col("media_type").eq_missing("tv")
    is_short = (~is_series & (pl.col("runtime") <= SHORT_MINUTES)).fill_null(value=False)
    return ~(is_series & scope.without_tv) & ~(is_short & scope.without_shorts)


def _unpacked(movies: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the films without their viewings, and the viewings as rows of their own.

    polars reads a whole column of JSON at once, in a tenth of the time that takes to make Python objects of it first.
    """
    lists = {name: pl.col(name).str.json_decode(kind) for name, kind in _LISTS.items()}
    ids = {name: line_of_facts.ids(name) for name in _IDS}
    # Somebody may have written both the novel and the screenplay; all other lists have everything once.
    ids["writer_ids"] = ids["writer_ids"].list.unique()
    films = movies.lazy().with_columns(**lists, **ids, present="rating")
    viewings = (
        movies.lazy()
        .filter(pl.col("viewings") != "[]")
        .select("position", viewing=pl.col("viewings").str.json_decode(_VIEWINGS))
        .explode("viewing")
        .unnest("viewing")
        .with_columns(_date.str.to_date("%Y-%m-%d"))
    )
    return collected([films.drop("viewings"), viewings])


# What the viewings of a film tell; they are newest first.
_TOLD = {
    "times": pl.len(),
    "dated": _date.count(),
    "last_date": _date.max(),
    "last_review": pl.col("review").first(ignore_nulls=True),
    "last_reviewed_on": _date.filter(pl.col("review").is_not_null()).first(),
}
_TOLD_THEN = {
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


def _of_viewings(films: pl.LazyFrame, viewings: LazyGroupBy) -> pl.LazyFrame:
    """Return the films that have viewings, as they were then: by those viewings alone, but for an unknown rating."""
    told = films.join(viewings.agg(**_TOLD_THEN), on="position", maintain_order="left")
    return told.with_columns(
        rating=pl.coalesce("last_rating", "present"),
        tags="all_tags",
        review="last_review",
        reviewed_on="last_reviewed_on",
    )
