"""What the numbers read of a film, as two lines that PostgreSQL keeps beside its columns. Pure.

`models` has them kept, `stats` reads both, `compare` the first: each column of 20,000 films apart, and thirty names in
each, take four times as long. Cells stand between tabs, which JSON escapes; one of nothing is empty. Lists are no JSON:
polars takes two or three times as long to read it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from movies_app.roles import JOBS


def _ids(column: str, *jobs: str) -> str:
    """Return SQL for the ids of people, between commas: of all, or of those who did certain jobs."""
    where = " || ".join(f'@.job == "{job}"' for job in jobs)
    ids = f"jsonb_path_query_array({column}, '$[*]{f' ? ({where})' if jobs else ''}.id')"
    return f"translate({ids}::text, '[] ', '')"


def _names(column: str) -> str:
    """Return SQL for names, between unit separators.

    The quotes and backslashes of a name, which JSON escapes, are put aside until names are apart. Control characters,
    which it escapes too, are in no name: `tmdb_parsing` takes none in.
    """
    aside = rf"""replace(replace({column}::text, '\\', chr(2)), '\"', chr(1))"""
    apart = f"""replace(right(left({aside}, -2), -2), '", "', chr(31))"""
    return rf"""translate({apart}, chr(1) || chr(2), '"\')"""


def ids(column: str) -> pl.Expr:
    """Return the ids of people in a column of cells as lists, null where there are none."""
    return pl.col(column).str.split(",").cast(pl.List(pl.Int32))


def names(column: str) -> pl.Expr:
    """Return the names in a column of cells as lists, null where there are none."""
    return pl.col(column).str.split("\x1f")


# The cells of both lines in their order, each with its SQL: what comparisons read too, and what the numbers alone do.
CELLS = {
    "film_id": "id",
    **{name: name for name in ("media_type", "tmdb_id")},
    **{name: _names(name) for name in ("genres", "countries")},
    "director_ids": _ids("directors"),
    "actor_ids": _ids('"cast"'),
}
MORE_CELLS = {
    **{name: name for name in ("runtime", "vote_average", "vote_count", "collection")},
    **{name: _names(name) for name in ("languages", "studios", "keywords")},
    **{f"{role}_ids": _ids("crew", *jobs) for role, jobs in JOBS.items()},
}
# What is no text; a collection is JSON.
_NUMBERS = {
    **{"film_id": pl.Int64, "tmdb_id": pl.Int32, "runtime": pl.Int32},
    **{"vote_average": pl.Float64, "vote_count": pl.Int32},
}

# What tells films with facts, however little they say, from those without.
ARE_KNOWN = pl.lit(value=True).alias("has_facts")


def schema_of(cells: Iterable[str]) -> dict[str, Any]:
    """Return of what kind some cells are."""
    return {name: _NUMBERS.get(name, pl.String) for name in cells}


def sql_of(cells: Mapping[str, str]) -> str:
    """Return the SQL of a line: null until facts are known, as all of its columns are."""
    joined = " || E'\\t' || ".join(f"coalesce(({cell})::text, '')" for cell in cells.values())
    return f"CASE WHEN fetched_at IS NOT NULL THEN {joined} END"
