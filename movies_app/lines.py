"""Thousands of rows as one text, which polars reads: a line each, cells between tabs. Called by `stats` and `compare`.

It takes a tenth of the work that rows of many columns are.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from movies_app import posters
from movies_app.models import FACTS_LIFETIME

# Whom `people.id` names in a film: of all its people the first with that id. Where directors tell, no others are read.
_AMONG = "jsonb_path_query_first(films.{}, '$[*] ? (@.id == $id).name', jsonb_build_object('id', people.id))"
_PEOPLE = ("directors", '"cast"', "crew")
NAME = f"coalesce({', '.join(map(_AMONG.format, _PEOPLE))}) #>> '{{}}'"

SHOWN_BY = ("title", "letterboxd_uri", "poster_url")
_SHOWN = """
    SELECT movies.position, movies.title, movies.letterboxd_uri, %(posters)s || films.poster_path
    FROM movies LEFT JOIN films
        ON films.id = movies.film_id AND fetched_at > statement_timestamp() - make_interval(days => %(days)s)
    WHERE movies.session_id = %(session_id)s AND movies.position = ANY(%(positions)s)
"""


class _Undecoded(Loader):
    """Gives a text as the bytes that polars reads: as a str with one emoji in it, it takes four times the room."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def names(
    query: str, people: Collection[tuple[int, int]], parameters: Mapping[str, Any] | None = None
) -> dict[tuple[int, int], str]:
    """Return the names of people, each by a number of a film and their id, as they stand in films of the catalogue.

    The query gives number, id and name for `%(films)s` and `%(ids)s`.
    """
    if not people:
        return {}
    films, ids = (list(numbers) for numbers in zip(*people, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(query, {"films": films, "ids": ids, **(parameters or {})})
        found = {(film, id_): name for film, id_, name in cursor.fetchall()}
    # The film's facts may have changed, or the film gone, since its people were counted.
    return {one: found.get(one) or f"person {one[1]}" for one in people}


def shown(session_id: UUID | None, positions: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return by what some films of an upload session are shown: `title`, `letterboxd_uri`, `poster_url`.

    Of one that has gone since it was counted, nothing.
    """
    found = {}
    if positions:
        asked = {"session_id": session_id, "positions": [*positions], "posters": posters.BASE}
        with connection.cursor() as cursor:
            cursor.execute(_SHOWN, {**asked, "days": FACTS_LIFETIME.days})
            found = {position: cells for position, *cells in cursor.fetchall()}
    return {one: dict(zip(SHOWN_BY, found.get(one, ("", None, None)), strict=True)) for one in positions}


def fetch(query: str, parameters: Mapping[str, Any]) -> tuple[bytes | None, ...]:
    """Return the texts, and other bytes, that a query gives in its one row, None for what is null."""
    with connection.cursor() as cursor:
        cursor.adapters.register_loader("text", _Undecoded)
        cursor.execute(query, parameters)
        row: tuple[bytes | None, ...] = cursor.fetchone()
        return row


def frame(lines: bytes | None, *, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return a text as a frame."""
    if lines is None:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(lines, separator="\t", quote_char=None, has_header=False, schema=schema)
