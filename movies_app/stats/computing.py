"""The numbers of one upload session, from one query. Called through `movies_app.stats`, and by `kept`."""

from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from movies_app.models import FACTS_LIFETIME
from movies_app.stats import numbers
from movies_app.stats.seen import COLUMNS, FACTS, OWN

_JSON = {"tags", "viewings", "genres", "countries", "directors"}
_SELECTED = [
    f"{table}.{name}::text" if name in _JSON else f"{table}.{name}"
    for table, names in (("movies", OWN), ("films", FACTS))
    for name in names
]
# Facts that are too old to be shown are not known. OFFSET 0 keeps the planner from reading the whole catalogue.
_MOVIES = f"""
    SELECT {", ".join(_SELECTED)}
    FROM movies LEFT JOIN LATERAL (
        SELECT * FROM films
        WHERE films.id = movies.film_id AND films.fetched_at > statement_timestamp() - make_interval(days => %(days)s)
        OFFSET 0
    ) AS films ON true
    WHERE movies.session_id = %(session_id)s
"""  # noqa: S608


def compute(*, session_id: UUID, year: int | None = None) -> dict[str, Any]:
    """Return the numbers of one upload session, ready for JSON; with `year` those of what was seen in it.

    docs/statistics.md says what each of them is.
    """
    return numbers.tell(_movies_of(session_id), year=year)


def compute_nothing(*, year: int | None) -> dict[str, Any]:
    """Return the numbers of a year in which nothing was seen, without a look at the movies."""
    return numbers.tell(pl.DataFrame(schema=COLUMNS), year=year)


def _movies_of(session_id: UUID) -> pl.DataFrame:
    """Return the movies in page order, with the columns that the numbers need."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVIES, {"session_id": session_id, "days": FACTS_LIFETIME.days})
        rows = cursor.fetchall()
    # Put in order here: PostgreSQL would do it on disk.
    return pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=COLUMNS, orient="col").sort("position")
