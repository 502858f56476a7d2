"""How topics ask and are answered: each names frames, all are computed at once, and each tells its part of them.

Called by `numbers` and by the topics.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

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


def average(column: str) -> pl.Expr:
    """Return the mean of a column as the numbers show it: two decimals, a half to the even one; null for none."""
    # The hundredfold of a sum of halves is exact, that of their mean is not: so a tie is one, and goes the right way.
    # polars divides by multiplying, hence the second rounding. Adding zero turns -0.0 into 0.0.
    hundredfold = pl.col(column).sum() * 100 / pl.col(column).count()
    return (hundredfold.round().fill_nan(None) / 100).round(2) + 0.0
