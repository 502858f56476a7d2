"""The numbers of one upload session, from one query. Called through `movies_app.stats`, and by `kept`.

What the numbers name by id, a few people and collections, is looked up once they are known.
"""

from collections.abc import Collection as Several
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from movies_app.models import FACTS_LIFETIME, Collection
from movies_app.scope import ALL, Scope
from movies_app.stats import numbers
from movies_app.stats.answers import Appearance, Part
from movies_app.stats.ranked import KINDS
from movies_app.stats.seen import COLUMNS, FACTS, OWN

# Texts as JSON, so that no line or tab is in them; what is JSON comes as it is.
_TEXTS = ["title", "letterboxd_uri", "review"]
_OWN = [f"coalesce({f'to_json({name})' if name in _TEXTS else name}::text, '')" for name in OWN]
# Two texts, a line for each movie and one for each film: a tenth of the work that thousands of rows of many columns
# are. Films are found by their ids, in the order of the index, which takes a third of what a join takes. Facts too old
# to be shown are not known.
_LINES = f"""
    SELECT 'movies', string_agg(concat_ws(E'\\t', film_id, {", ".join(_OWN)}), E'\\n')
    FROM movies WHERE session_id = %(session_id)s
    UNION ALL
    SELECT 'films', string_agg(concat_ws(E'\\t', id, line_of_facts), E'\\n')
    FROM films WHERE id = ANY(ARRAY(SELECT film_id FROM movies WHERE session_id = %(session_id)s))
    AND fetched_at > statement_timestamp() - make_interval(days => %(days)s)
"""  # noqa: S608
_FILM_ID = {"film_id": pl.Int64}
_NAMES = """
    SELECT people.position, people.id, jsonb_path_query_first(
        coalesce(films.directors, '[]') || coalesce(films."cast", '[]') || coalesce(films.crew, '[]'),
        '$[*] ? (@.id == $id).name', jsonb_build_object('id', people.id)
    ) #>> '{}'
    FROM unnest(%(positions)s::int[], %(ids)s::int[]) AS people (position, id)
    JOIN movies ON movies.session_id = %(session_id)s AND movies.position = people.position
    JOIN films ON films.id = movies.film_id
"""


def compute(*, session_id: UUID, scope: Scope = ALL) -> dict[str, Any]:
    """Return the numbers of one upload session, ready for JSON, of all that counts within `scope`.

    docs/statistics.md says what each of them is.
    """
    return numbers.tell(_movies_of(session_id), scope=scope, catalogue=_Catalogue(session_id))


def compute_nothing(*, scope: Scope) -> dict[str, Any]:
    """Return the numbers of a year in which nothing was seen, without a look at the movies."""
    return numbers.tell(pl.DataFrame(schema=COLUMNS), scope=scope, catalogue=_Catalogue(None))


def compute_ranking(*, session_id: UUID, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return a ranking whole, but for what comes after 2,000 rows; `by` is `films` or `rating`."""
    movies, catalogue = _movies_of(session_id), _Catalogue(session_id)
    return numbers.rank(movies, KINDS[kind], by=by, scope=scope, catalogue=catalogue)


def rank_nothing(*, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return the ranking of a year in which nothing was seen, without a look at the movies."""
    return numbers.rank(pl.DataFrame(schema=COLUMNS), KINDS[kind], by=by, scope=scope, catalogue=_Catalogue(None))


class _Undecoded(Loader):
    """Gives a text as the bytes that polars reads: as a str with one emoji in it, it takes four times the room."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class _Catalogue:
    """What the catalogue tells of the people and collections of an upload session's films."""

    def __init__(self, session_id: UUID | None) -> None:
        self._session_id = session_id

    def names(self, people: Several[Appearance]) -> dict[Appearance, str]:
        """Return the names of people as they stand in films of the session."""
        if not people:
            return {}
        positions, ids = zip(*people, strict=True)
        parameters = {"session_id": self._session_id, "positions": list(positions), "ids": list(ids)}
        with connection.cursor() as cursor:
            cursor.execute(_NAMES, parameters)
            found = {(position, id_): name for position, id_, name in cursor.fetchall()}
        # The film may have changed, or the session gone, since its people were counted.
        return {one: found.get(one) or f"person {one[1]}" for one in people}

    def parts(self, collections: Several[int]) -> dict[int, list[Part]]:
        """Return the released parts of those collections that are known."""
        return Collection.objects.released(collections) if collections else {}


def _movies_of(session_id: UUID) -> pl.DataFrame:
    """Return the movies in page order, with the columns that the numbers need."""
    with connection.cursor() as cursor:
        cursor.adapters.register_loader("text", _Undecoded)
        cursor.execute(_LINES, {"session_id": session_id, "days": FACTS_LIFETIME.days})
        lines = dict(cursor.fetchall())
    movies, films = _read(lines[b"movies"], _FILM_ID | OWN), _read(lines[b"films"], _FILM_ID | FACTS)
    # PostgreSQL would put them in order on disk, and they mostly are as they were written.
    in_order = movies if movies["position"].is_sorted() else movies.sort("position")
    told = in_order.join(films, on="film_id", how="left", maintain_order="left").drop("film_id")
    return told.with_columns(pl.col(name).str.json_decode(pl.String) for name in _TEXTS)


def _read(lines: bytes | None, columns: dict[str, Any]) -> pl.DataFrame:
    """Return lines of cells between tabs as a frame."""
    if lines is None:
        return pl.DataFrame(schema=columns)
    return pl.read_csv(lines, separator="\t", quote_char=None, has_header=False, schema=columns)
