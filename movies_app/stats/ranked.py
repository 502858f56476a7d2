"""Of what the films are, most seen and best rated: genres, places, people, tags. Called by the topics and `numbers`.

What is counted under one name is a kind: each is a column of lists in `Seen.films`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from movies_app.averages import average_of
from movies_app.roles import JOBS
from movies_app.stats.seen import Seen, collected

TOP, MOST_RANKED = 20, 2_000
# A mean takes as long as the sum and the count that it is made of, and there are more films than what they are of.
_COUNTS = {"films": pl.len(), "rated": pl.col("rating").count(), "stars": pl.col("rating").sum()}
_stars, _rated = pl.col("stars"), pl.col("rated")
_MEANS = {"average_rating": average_of(_stars, _rated), "exact": (_stars / _rated).fill_nan(None)}


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
    grouped = [one.lazy().group_by(kind.key).agg(**_COUNTS) for one, kind in zip(each, kinds, strict=True)]
    counts = collected([groups.with_columns(**_MEANS) for groups in grouped])
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
    # Films are in page order, and those of one rating stay in it.
    best_first = films.sort("rating", descending=True, nulls_last=True, maintain_order=True)
    return best_first.unique(key, keep="first", maintain_order=True).select(key, "position")
