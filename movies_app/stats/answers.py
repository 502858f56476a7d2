"""How topics ask and are answered: each names frames, all are computed at once, and each tells its part of them.

Called by `numbers` and by the topics.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from movies_app.averages import average

_FILM = ["position", "title", "year", "rating", "letterboxd_uri"]

Asked = dict[str, pl.LazyFrame]


@dataclass(frozen=True)
class Answers:
    """The computed frames by name, and the films that they name by position."""

    year: int | None
    years: list[int]
    frames: Mapping[str, pl.DataFrame] = field(repr=False)
    films: Mapping[int, dict[str, Any]] = field(repr=False)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a frame as dicts: days as text, and the film in place of each `position`."""
        return [self._shown(row) for row in self.frames[name].iter_rows(named=True)]

    def row(self, name: str) -> dict[str, Any]:
        """Return the one row of a frame."""
        return self.rows(name)[0]

    def first(self, name: str) -> dict[str, Any] | None:
        """Return the first row of a frame, None where it has none."""
        return next(iter(self.rows(name)), None)

    def first_film(self, name: str) -> dict[str, Any] | None:
        """Return the film of a frame's first row."""
        row = self.first(name)
        return None if row is None else row["film"]

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        return dict(self._cell(name, value) for name, value in row.items())

    def _cell(self, name: str, value: Any) -> tuple[str, Any]:
        if name == "position":
            return "film", self.films[value]
        return name, value.isoformat() if isinstance(value, date) else value


def named_films(films: pl.DataFrame, frames: Mapping[str, pl.DataFrame]) -> dict[int, dict[str, Any]]:
    """Return the films that the frames name by position, as they are shown."""
    positions = {position for frame in frames.values() if "position" in frame.columns for position in frame["position"]}
    wanted = films.select(_FILM).filter(pl.col("position").is_in(list(positions)))
    return {film["position"]: film for film in wanted.iter_rows(named=True)}


def films_of_each(films: pl.LazyFrame, column: str, *, name: str) -> pl.LazyFrame:
    """Return how many films have each value of a column of lists, and the mean of their ratings; the most first."""
    each = films.select("rating", pl.col(column).alias(name)).explode(name).drop_nulls(name)
    counted = each.group_by(name).agg(films=pl.len(), average_rating=average("rating"))
    return counted.sort("films", name, descending=[True, False])


def with_any(column: str) -> pl.Expr:
    """Return how many films have a value in a column of lists."""
    return (pl.col(column).list.len() > 0).sum()
