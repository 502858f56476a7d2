"""What the numbers read of a film, as one text that PostgreSQL keeps beside its columns. Pure.

`models` has it kept, `stats` reads it: each column of 20,000 films apart, and thirty names in each, take four times as
long. Cells stand between tabs, of which JSON has none; one of nothing is empty.
"""

import polars as pl

from movies_app.roles import JOBS


def _ids(column: str, *jobs: str) -> str:
    """Return SQL for the ids of people, by which they are counted, of all or of those who did certain jobs.

    Between commas: as JSON they take more than twice as long to read.
    """
    where = " || ".join(f'@.job == "{job}"' for job in jobs)
    ids = f"jsonb_path_query_array({column}, '$[*]{f' ? ({where})' if jobs else ''}.id')"
    return f"translate({ids}::text, '[] ', '')"


def ids(column: str) -> pl.Expr:
    """Return the ids of people in a column of cells as lists, null where there are none."""
    return pl.col(column).str.split(",").cast(pl.List(pl.Int32))


# The cells in their order, each with its SQL.
CELLS = {
    "film_id": "id",
    **{
        name: name
        for name in (
            *("media_type", "tmdb_id", "runtime", "vote_average", "vote_count", "poster_path", "collection"),
            *("genres", "countries", "languages", "studios", "keywords"),
        )
    },
    "director_ids": _ids("directors"),
    "actor_ids": _ids('"cast"'),
    **{f"{role}_ids": _ids("crew", *jobs) for role, jobs in JOBS.items()},
}
# Null until facts are known, as all of its columns are.
SQL = "CASE WHEN fetched_at IS NOT NULL THEN {} END".format(
    " || E'\\t' || ".join(f"coalesce(({cell})::text, '')" for cell in CELLS.values())
)
