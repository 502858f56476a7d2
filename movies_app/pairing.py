"""Which films of two uploads are the same: one to one, and the same whichever is asked first. Called by `comparing`;
pure.

Rules follow each other, each for the films that those before left: the same film of the catalogue; the same film of
TMDB; the same title and year, where the links do not say otherwise. Of several that fit, the first in the page order
meets the first. The two directions of a rule by links never touch the same films, so none comes before the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

NEEDED = ["position", "film_id", "media_type", "tmdb_id", "is_sure", "title_key", "year", "is_short"]
_FILM, _TMDB, _TITLE = ("film_id",), ("media_type", "tmdb_id"), ("title_key", "year")
_PAIR = {"position_a": pl.Int32, "position_b": pl.Int32}
_ANY = pl.lit(value=True)
_IS_SURE = pl.col("is_sure") & pl.col("media_type").is_not_null() & pl.col("tmdb_id").is_not_null()
# The two generations of links, short ones and slugs: of the same generation other links are other films.
_IS_LINKED = pl.col("is_short").is_not_null()
_IS_SHORT, _IS_SLUG = _IS_LINKED & pl.col("is_short"), _IS_LINKED & ~pl.col("is_short")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Films meet that are equal in the columns `on`, of those for which `one` and `other` hold."""

    on: tuple[str, ...]
    one: pl.Expr = _ANY
    other: pl.Expr = _ANY


_BY_ID = (_Rule(_FILM), _Rule(_TMDB, _IS_SURE, _IS_SURE))
_BY_TITLE = (
    *(_Rule(_TITLE, _IS_SHORT, _IS_SLUG), _Rule(_TITLE, _IS_SLUG, _IS_SHORT)),
    *(_Rule(_TITLE, _IS_LINKED, ~_IS_LINKED), _Rule(_TITLE, ~_IS_LINKED, _IS_LINKED)),
    _Rule(_TITLE, ~_IS_LINKED, ~_IS_LINKED),
)


def pairs(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the films that both have, by `position_a` in the one and `position_b` in the other.

    Both are in page order, with `NEEDED`; a film `is_sure` that was told apart from its namesakes, and `is_short` tells
    the generation of its link, null where it has none.
    """
    by_id, one, other = _met(one.select(NEEDED), other.select(NEEDED), _BY_ID)
    # Of what is left few have a title that both know.
    ours, theirs = (_of_titles(*films) for films in ((one, other), (other, one)))
    by_title, _, _ = _met(ours, theirs, _BY_TITLE)
    return pl.concat([by_id, by_title])


def _met(
    one: pl.DataFrame, other: pl.DataFrame, rules: Iterable[_Rule]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the pairs by some rules, and the films that are left of each."""
    every = [pl.DataFrame(schema=_PAIR)]
    for rule in rules:
        ours, theirs = one.filter(rule.one), other.filter(rule.other)
        if ours.is_empty() or theirs.is_empty():
            continue
        found = _placed(ours, rule.on).join(_placed(theirs, rule.on), on=[*rule.on, "place"], nulls_equal=True)
        found = found.select(position_a="position", position_b="position_right")
        every.append(found)
        one = one.join(found, left_on="position", right_on="position_a", how="anti", maintain_order="left")
        other = other.join(found, left_on="position", right_on="position_b", how="anti", maintain_order="left")
    return pl.concat(every), one, other


def _of_titles(films: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Keep the films whose title and year others have too."""
    return films.join(others, on=_TITLE, how="semi", nulls_equal=True, maintain_order="left")


def _placed(films: pl.DataFrame, on: tuple[str, ...]) -> pl.DataFrame:
    """Number the films that are equal in some columns."""
    films = films.select("position", *on)
    # To number all, though nearly all are alone, takes as long as everything else together.
    is_first = films.select(pl.struct(on).is_first_distinct()).to_series()
    if is_first.all():
        return films.with_columns(place=pl.lit(0, dtype=pl.Int64))
    first = films.filter(is_first).with_columns(place=pl.lit(0, dtype=pl.Int64))
    further = films.filter(~is_first).with_columns(place=1 + pl.int_range(pl.len()).over(on))
    return pl.concat([first, further])
