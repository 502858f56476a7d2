"""What the numbers read of an upload's movies, as two frames that the import makes once. Pure.

`storage` has them kept beside the rows, `stats` reads them: passing on the rows of 20,000 movies with all that was
written about them takes longer than computing every number.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from movies_app import markup

# To be raised with every change of what a digest says: one of another version counts for nothing.
VERSION = 1

_VIEWING: dict[str, Any] = {
    "date": pl.String,
    "logged_date": pl.String,
    "rating": pl.Float64,
    "rewatch": pl.Boolean,
    "tags": pl.List(pl.String),
    "review": pl.String,
}
# Of what a digest is made. The day on which a film was marked as watched is not among it: no number can rest on that.
MADE_OF: dict[str, Any] = {
    "film_id": pl.Int64,
    "position": pl.Int32,
    "year": pl.Int32,
    "rating": pl.Float64,
    "liked": pl.Boolean,
    "tags": pl.List(pl.String),
    "review": pl.String,
    "viewings": pl.List(pl.Struct(_VIEWING)),
}
FILMS = {name: kind for name, kind in MADE_OF.items() if name not in ("review", "viewings")} | {
    "words": pl.UInt32,
    "reviewed_on": pl.Date,
}
VIEWINGS: dict[str, Any] = {
    "position": pl.Int32,
    "number": pl.Int32,
    "date": pl.Date,
    "logged_date": pl.Date,
    "rating": pl.Float64,
    "rewatch": pl.Boolean,
    "tags": pl.List(pl.String),
    "words": pl.UInt32,
}
_review, _words = pl.col("review"), pl.col("words")


@dataclass(frozen=True)
class Digest:
    """The movies of an upload in page order, and their viewings; of reviews no more than how long they are.

    `films`: film_id, position, year, rating, liked, tags, words (of the review, null without one), reviewed_on (null
    too for a review of no viewing). `viewings`: position, number (within the movie, from 0), date, logged_date, rating,
    rewatch, tags, words; those of a movie stand together, newest first.
    """

    films: pl.DataFrame = field(repr=False)
    viewings: pl.DataFrame = field(repr=False)


NOTHING = Digest(pl.DataFrame(schema=FILMS), pl.DataFrame(schema=VIEWINGS))


def make(movies: pl.DataFrame) -> Digest:
    """Return the digest of movies in page order, which have the columns of `MADE_OF`, viewings newest first."""
    viewings = _viewings(movies).collect(engine="in-memory")
    reviewed = viewings.lazy().filter(_words.is_not_null()).group_by("position")
    latest = reviewed.agg(latest=_review.first(), reviewed_on=pl.col("date").first(), viewing_words=_words.first())
    is_latest = _review.eq_missing(pl.col("latest"))
    films = (
        movies.lazy()
        .select(pl.col(name).cast(kind) for name, kind in MADE_OF.items() if name != "viewings")
        .join(latest, on="position", how="left", maintain_order="left")
        .with_columns(
            # The review of a film mostly is that of a viewing, whose words are counted already.
            words=pl.when(is_latest).then("viewing_words").otherwise(markup.words(pl.when(~is_latest).then(_review))),
            reviewed_on=pl.when(is_latest).then("reviewed_on"),
            tags=pl.col("tags").fill_null([]),
        )
        .select(*FILMS)
        .collect(engine="in-memory")
    )
    return Digest(films, viewings.select(*VIEWINGS))


def packed(frame: pl.DataFrame) -> bytes:
    """Return a frame as a compressed Arrow IPC file."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def unpacked(body: bytes) -> pl.DataFrame:
    """Return the frame of a compressed Arrow IPC file."""
    return pl.read_ipc(body)


def _viewings(movies: pl.DataFrame) -> pl.LazyFrame:
    """Return the viewings as rows of their own, with their reviews."""
    how_many = pl.col("viewings").list.len()
    return (
        movies.lazy()
        .filter(how_many > 0)
        .select("position", number=pl.int_ranges(how_many), viewing="viewings")
        .explode("number", "viewing")
        .unnest("viewing")
        .with_columns(pl.col("date", "logged_date").str.to_date("%Y-%m-%d"), words=markup.words(_review))
        .select(*(pl.col(name).cast(kind) for name, kind in VIEWINGS.items()), "review")
    )
