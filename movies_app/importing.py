"""The import: from what a member brought to movies. Called by `sessions_app.uploads`.

open_export   archive → tables     refuses; nothing is written yet
read_export   parsing → merging    pure: the movies and the receipt
store         storage              one COPY, inside the caller's transaction
replace       storage              the same for a session that has movies, and what changed
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from movies_app import archive, merging, parsing, storage
from movies_app.archive import BroughtFile
from movies_app.averages import average
from movies_app.receipt import Receipt
from movies_app.tables import Table, recognise


@dataclass(frozen=True)
class Export:
    """Tables that were recognised, and a count of what was passed over, by group."""

    tables: list[Table] = field(repr=False)
    ignored: dict[str, int]

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each kind of table."""
        sizes: dict[str, int] = {}
        for table in self.tables:
            sizes[table.kind] = sizes.get(table.kind, 0) + len(table.body)
        return sizes


@dataclass(frozen=True)
class Imported:
    """The movies as `merging.merge` returns them, and what the import did."""

    movies: pl.DataFrame = field(repr=False)
    receipt: Receipt


def open_export(files: Sequence[BroughtFile]) -> Export:
    """Open what was brought and recognise its tables; raise `RefusedExport` where nothing can be read."""
    opened = archive.open_files(files)
    return Export(recognise(opened.members, opened.ignored), dict(opened.ignored))


@dataclass(frozen=True)
class Changes:
    """What a newer export brought, in numbers of films, and of viewings."""

    new_films: int
    removed_films: int
    changed_ratings: int
    new_viewings: int


def read_export(export: Export, *, today: date, leave_out_texts: bool = False) -> Imported:
    """Read and merge the tables; raise `UnreadableExport` for one that cannot be read to its end.

    With `leave_out_texts` reviews and tags are dropped before anything is made of them.
    """
    receipt = Receipt()
    receipt.ignored.update(export.ignored)
    rows = parsing.parse(export.tables, receipt, today=today)
    if leave_out_texts:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in ("review", "tags"))
        receipt.warnings.append("Reviews and tags were left out, as you asked.")
    return Imported(merging.merge(rows, receipt), receipt)


def store(imported: Imported, *, session_id: UUID) -> None:
    """Write the movies of one upload session and link them to the catalogue, inside the caller's transaction."""
    storage.store(imported.movies, session_id=session_id)


def replace(imported: Imported, *, session_id: UUID) -> Changes:
    """Write `imported` in place of the session's movies, inside the caller's transaction; return what changed."""
    before = storage.ratings_and_viewings(session_id=session_id)
    storage.remove(session_id=session_id)
    storage.store(imported.movies, session_id=session_id)
    after = storage.ratings_and_viewings(session_id=session_id)
    both = before.join(after, on="film_id", suffix="_after")
    return Changes(
        new_films=after.height - both.height,
        removed_films=before.height - both.height,
        changed_ratings=both.filter(pl.col("rating").ne_missing(pl.col("rating_after"))).height,
        new_viewings=max(0, int(after["viewings"].sum()) - int(before["viewings"].sum())),
    )


def statistics(movies: pl.DataFrame) -> dict[str, Any]:
    """Return the figures of an upload as a whole; `average_rating` in stars, days as ISO dates or None."""
    viewing = pl.col("viewings").explode().struct
    return movies.select(
        rated=pl.col("rating").count(),
        average_rating=average("rating"),
        viewings=pl.col("viewings").list.len().sum(),
        rewatches=viewing.field("rewatch").sum(),
        reviews=pl.col("review").count(),
        likes=pl.col("liked").sum(),
        first_viewing=viewing.field("date").min(),
        last_viewing=viewing.field("date").max(),
    ).row(0, named=True)
