"""What the numbers are made of: the films of one upload and their viewings, as frames. Called by `numbers`; pure."""

from dataclasses import dataclass, field

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

from movies_app import digest, line_of_facts
from movies_app.digest import Digest
from movies_app.scope import SHORT_MINUTES, Scope

# TMDB's facts of a film as `line_of_facts` has them, all null where they are not known: names and ids of people
# as texts, null where there are none.
FACTS = line_of_facts.schema_of(line_of_facts.CELLS | line_of_facts.MORE_CELLS)
_NAMES = ["genres", "countries", "languages", "studios", "keywords"]
_IDS = [name for name in FACTS if name.endswith("_ids")]
_COLLECTION = pl.Struct({"id": pl.Int32, "name": pl.String})
_date, _words = pl.col("date"), pl.col("words")


@dataclass(frozen=True)
class Movies:
    """The movies of one upload: their digest, and as `FACTS` what is known of their films, in any order."""

    digest: Digest = field(repr=False)
    facts: pl.DataFrame = field(repr=False)


NOTHING = Movies(digest.NOTHING, pl.DataFrame(schema=FACTS))


@dataclass(frozen=True)
class Seen:
    """The films and viewings that count within a scope.

    `films`, in page order: position, year, rating, liked, tags; words, reviewed_on and review_of (the number of its
    viewing, null for the film's own) of its review; the facts, null where they are not known; `present`, the rating
    that the film has whatever counts; and of its viewings that count `times`, `dated` (how many have a date) and
    `last_date`. `viewings`: those of the digest. `days`: each date with its number of viewings, oldest first. `years`:
    all with dated viewings of any film, newest first. `every_film` and `every_viewing` are those that count whatever
    year is asked for.
    """

    scope: Scope
    years: list[int]
    films: pl.DataFrame = field(repr=False)
    viewings: pl.DataFrame = field(repr=False)
    days: pl.DataFrame = field(repr=False)
    every_film: pl.DataFrame = field(repr=False)
    every_viewing: pl.DataFrame = field(repr=False)


def see(movies: Movies, *, scope: Scope) -> Seen:
    """Return what was seen within a scope."""
    films, viewings = _with_facts(movies), movies.digest.viewings
    years = sorted(viewings["date"].dt.year().drop_nulls().unique(), reverse=True)
    counting = films.filter(_counts(scope))
    if len(counting) < len(films):
        viewings = viewings.join(counting.select("position"), on="position", how="semi", maintain_order="left")
    every_viewing = viewings.filter("rewatch") if scope.rewatches_only else viewings
    viewings = every_viewing if scope.year is None else every_viewing.filter(_date.dt.year() == scope.year)
    by_film = viewings.lazy().group_by("position")
    told = (_of_viewings if scope.is_by_viewings else _of_all)(counting.lazy(), by_film)
    days = viewings.lazy().filter(_date.is_not_null()).group_by("date").agg(viewings=pl.len()).sort("date")
    shown, by_day = collected([told, days])
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


def _with_facts(movies: Movies) -> pl.DataFrame:
    """Return the films with their facts; `has_facts` is null where these are not known."""
    cells = {name: line_of_facts.names(name) for name in _NAMES} | {name: line_of_facts.ids(name) for name in _IDS}
    # Somebody may have written both the novel and the screenplay; all other lists have everything once.
    cells["writer_ids"] = cells["writer_ids"].list.unique()
    cells["collection"] = pl.col("collection").str.json_decode(_COLLECTION)
    facts = movies.facts.lazy().with_columns(line_of_facts.ARE_KNOWN)
    films = movies.digest.films.lazy().join(facts, on="film_id", how="left", maintain_order="left").drop("film_id")
    return collected([films.with_columns(**cells, present="rating")])[0]


# What the viewings of a film tell; they are newest first.
_TOLD = {"times": pl.len(), "dated": _date.count(), "last_date": _date.max()}
_TOLD_THEN = {
    **_TOLD,
    "last_rating": pl.col("rating").first(ignore_nulls=True),
    "all_tags": pl.col("tags").explode().drop_nulls().unique(maintain_order=True),
    "last_words": _words.first(ignore_nulls=True),
    "last_reviewed_on": _date.filter(_words.is_not_null()).first(),
    "review_of": pl.col("number").filter(_words.is_not_null()).first(),
}


def _of_all(films: pl.LazyFrame, viewings: LazyGroupBy) -> pl.LazyFrame:
    """Return all films with what their viewings, grouped by film, tell."""
    told = films.join(viewings.agg(**_TOLD), on="position", how="left", maintain_order="left")
    return told.with_columns(pl.col("times", "dated").fill_null(0), review_of=pl.lit(None, dtype=pl.Int32))


def _of_viewings(films: pl.LazyFrame, viewings: LazyGroupBy) -> pl.LazyFrame:
    """Return the films that have viewings, as they were then: by those viewings alone, but for an unknown rating."""
    told = films.join(viewings.agg(**_TOLD_THEN), on="position", maintain_order="left")
    return told.with_columns(
        rating=pl.coalesce("last_rating", "present"),
        tags="all_tags",
        words="last_words",
        reviewed_on="last_reviewed_on",
    )
