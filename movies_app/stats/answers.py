"""How topics ask and are answered: each names frames, all are computed at once, and each tells its part of them.

Called by `numbers` and by the topics.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import polars as pl

from movies_app.scope import Scope

_FILM = ["position", "title", "year", "rating", "letterboxd_uri", "poster_url"]
_COUNTED = ["position", "year", "rating"]

Asked = dict[str, pl.LazyFrame]
# A person in a film, by its position and by their id.
Appearance = tuple[int, int]
# A review by the position of its film and the number of its viewing, None for the film's own.
Review = tuple[int, int | None]
Part = dict[str, Any]


class LookUps(Protocol):
    """What topics ask for by id once they know whom and what they tell of."""

    def films(self, positions: Collection[int]) -> Mapping[int, dict[str, Any]]:
        """Return `title`, `letterboxd_uri` and `poster_url` of each of some films."""

    def names(self, people: Collection[Appearance]) -> Mapping[Appearance, str]:
        """Return the names of people, as they stand in the films."""

    def reviews(self, reviews: Collection[Review]) -> Mapping[Review, str]:
        """Return what reviews say."""

    def parts(self, collections: Collection[int]) -> Mapping[int, list[Part]]:
        """Return the released parts of collections as far as they are known: `id`, `title`, `release_date`."""


@dataclass(frozen=True)
class Answers:
    """The computed frames by name, and what was looked up of the films, people and reviews that they name."""

    scope: Scope
    years: list[int]
    frames: Mapping[str, pl.DataFrame] = field(repr=False)
    films: Mapping[int, dict[str, Any]] = field(repr=False)
    names: Mapping[Appearance, str] = field(repr=False)
    reviews: Mapping[Review, str] = field(repr=False)
    parts: Mapping[int, list[Part]] = field(repr=False)

    @property
    def year(self) -> int | None:
        return self.scope.year

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


def named_films(
    films: pl.DataFrame, frames: Mapping[str, pl.DataFrame], look_ups: LookUps
) -> dict[int, dict[str, Any]]:
    """Return the films that the frames name by position, as they are shown."""
    named = (frame["position"].to_list() for frame in frames.values() if "position" in frame.columns)
    positions = {position for positions in named for position in positions}
    counted = films.select(_COUNTED).filter(pl.col("position").is_in(list(positions)))
    shown = look_ups.films(counted["position"].to_list())
    every = (film | shown[film["position"]] for film in counted.iter_rows(named=True))
    return {film["position"]: {name: film[name] for name in _FILM} for film in every}


def with_any(column: str) -> pl.Expr:
    """Return how many films have a value in a column of lists."""
    return (pl.col(column).list.len() > 0).sum()
