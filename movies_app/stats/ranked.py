"""Of what the films are, most seen and best rated: genres, places, people, tags. Called by the topics and `numbers`.

What is counted under one name is a kind: each is a column of lists in `Seen.films`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from movies_app.averages import average
from movies_app.roles import JOBS
from movies_app.stats.seen import Seen, collected

TOP, MOST_RANKED = 20, 2_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What is ranked: its name, the column of the films that has it, and what it is called in a row."""

    name: str
    column: str
    key: str

    @property
    def is_of_people(self) -> bool:
        return self.key == "id"


PEOPLE = tuple(Kind(f"{role}s", f"{role}_ids", "id") for role in ("director", "actor", *JOBS))
NAMED = tuple(
    Kind(name, name, key)
    for name, key in (
        *(("genres", "genre"), ("countries", "country"), ("languages", "language")),
        *(("studios", "studio"), ("keywords", "keyword")),
    )
)
TAGS = Kind("tags", "tags", "tag")
KINDS = {kind.name: kind for kind in (*PEOPLE, *NAMED, TAGS)}


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind counted: each film once for each that it has, and their numbers."""

    kind: Kind
    each: pl.DataFrame
    counts: pl.DataFrame


def counted(seen: Seen, kinds: Sequence[Kind]) -> list[Counted]:
    """Count the films of each: `films`, `rated`, `average_rating`, and `exact`, the mean to be ranked by."""
    columns = "rating", "position"
    lists = [seen.films.lazy().select(*columns, pl.col(kind.column).alias(kind.key)) for kind in kinds]
    each = collected([films.explode(kind.key).drop_nulls(kind.key) for films, kind in zip(lists, kinds, strict=True)])
    numbers = {
        "films": pl.len(),
        "rated": pl.col("rating").count(),
        "average_rating": average("rating"),
        "exact": pl.col("rating").mean(),
    }
    counts = collected([one.lazy().group_by(kind.key).agg(**numbers) for one, kind in zip(each, kinds, strict=True)])
    return [Counted(*one) for one in zip(kinds, each, counts, strict=True)]


def ordered(found: Counted, *, by: str, min_rated: int) -> pl.LazyFrame:
    """Return the most seen, or by `rating` the best of those with enough rated films, best first."""
    key, counts = found.kind.key, found.counts.lazy()
    if by == "rating":
        enough = counts.filter(pl.col("rated") >= min_rated)
        rows = enough.sort("exact", "rated", "films", key, descending=[True, True, True, False])
    else:
        rows = counts.sort("films", "exact", key, descending=[True, True, False], nulls_last=True)
    return rows.select(key, "films", "rated", "average_rating")


def stand_ins(found: Counted, *rankings: pl.DataFrame) -> pl.LazyFrame:
    """Return the `position` of the film that stands for each in the rankings: the best rated, of equals the first."""
    key = found.kind.key
    ranked = pl.concat([ranking.select(key) for ranking in rankings])[key].unique()
    films = found.each.lazy().filter(pl.col(key).is_in(ranked.implode()))
    best_first = films.sort("rating", "position", descending=[True, False], nulls_last=True)
    return best_first.group_by(key).agg(pl.col("position").first())
