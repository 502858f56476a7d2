"""The numbers of one upload session, from one query. Called through `movies_app.stats`, and by `kept`.

What is shown of what they name, a few hundred films, people, collections and reviews, is looked up once they are known.
A session without a digest takes a query more.
"""

from collections.abc import Collection as Several
from itertools import islice
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from movies_app import digest, line_of_facts, lines
from movies_app.digest import Digest
from movies_app.models import FACTS_LIFETIME, Collection, Movie
from movies_app.scope import ALL, Scope
from movies_app.stats import numbers, seen
from movies_app.stats.answers import Appearance, Part, Review
from movies_app.stats.ranked import KINDS
from movies_app.stats.seen import Movies

# The digest, if there is one that counts, and of the films two texts with the same order of lines. Films are found by
# their ids, in the order of the index, which takes a third of what a join takes. Facts too old to be shown are unknown.
_DIGEST = """
    WITH digest AS (
        SELECT film_ids, films, digests.viewings FROM digests
        JOIN movies ON movies.session_id = digests.session_id AND movies.position = 1 AND movies.id = export
        WHERE digests.session_id = %(session_id)s AND version = %(version)s
    )
    SELECT digest.films, digest.viewings, facts.*
    FROM (
        SELECT string_agg(line_of_facts, E'\\n'), string_agg(line_of_more, E'\\n')
        FROM films WHERE id = ANY(coalesce(
            (SELECT film_ids FROM digest), ARRAY(SELECT film_id FROM movies WHERE session_id = %(session_id)s)
        )) AND fetched_at > statement_timestamp() - make_interval(days => %(days)s)
    ) AS facts LEFT JOIN digest ON true
"""
_NAMES = f"""
    SELECT people.position, people.id, {lines.NAME}
    FROM unnest(%(films)s::int[], %(ids)s::int[]) AS people (position, id)
    JOIN movies ON movies.session_id = %(session_id)s AND movies.position = people.position
    JOIN films ON films.id = movies.film_id
"""  # noqa: S608
_CHUNK = 5_000
_REVIEWS = """
    SELECT reviews.position, number, CASE WHEN number IS NULL THEN review ELSE viewings -> number ->> 'review' END
    FROM unnest(%(positions)s::int[], %(numbers)s::int[]) AS reviews (position, number)
    JOIN movies ON movies.session_id = %(session_id)s AND movies.position = reviews.position
"""


def compute(*, session_id: UUID, scope: Scope = ALL) -> dict[str, Any]:
    """Return the numbers of one upload session, ready for JSON, of all that counts within `scope`.

    docs/statistics.md says what each of them is.
    """
    return numbers.tell(movies_of(session_id), scope=scope, look_ups=_LookUps(session_id))


def compute_nothing(*, scope: Scope) -> dict[str, Any]:
    """Return the numbers of a year in which nothing was seen, without a look at the movies."""
    return numbers.tell(seen.NOTHING, scope=scope, look_ups=_LookUps(None))


def compute_ranking(*, session_id: UUID, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return a ranking whole, but for what comes after 2,000 rows; `by` is `films` or `rating`."""
    movies, look_ups = movies_of(session_id), _LookUps(session_id)
    return numbers.rank(movies, KINDS[kind], by=by, scope=scope, look_ups=look_ups)


def rank_nothing(*, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return the ranking of a year in which nothing was seen, without a look at the movies."""
    return numbers.rank(seen.NOTHING, KINDS[kind], by=by, scope=scope, look_ups=_LookUps(None))


class _LookUps:
    """What is told of an upload session's films, their people, reviews and collections once they are known."""

    def __init__(self, session_id: UUID | None) -> None:
        self._session_id = session_id

    def films(self, positions: Several[int]) -> dict[int, dict[str, Any]]:
        """Return by what films are shown."""
        return lines.shown(self._session_id, positions)

    def names(self, people: Several[Appearance]) -> dict[Appearance, str]:
        """Return the names of people as they stand in films of the session."""
        return lines.names(_NAMES, people, {"session_id": self._session_id})

    def reviews(self, reviews: Several[Review]) -> dict[Review, str]:
        """Return what reviews say; of one that has gone since it was counted, nothing."""
        if not reviews:
            return {}
        positions, of_viewings = (list(column) for column in zip(*reviews, strict=True))
        with connection.cursor() as cursor:
            asked = {"positions": positions, "numbers": of_viewings, "session_id": self._session_id}
            cursor.execute(_REVIEWS, asked)
            found = {(position, number): review for position, number, review in cursor.fetchall()}
        return {one: found.get(one) or "" for one in reviews}

    def parts(self, collections: Several[int]) -> dict[int, list[Part]]:
        """Return the released parts of those collections that are known."""
        return Collection.objects.released(collections) if collections else {}


def movies_of(session_id: UUID) -> Movies:
    """Return the movies of an upload session."""
    asked = {"session_id": session_id, "days": FACTS_LIFETIME.days, "version": digest.VERSION}
    films, viewings, *texts = lines.fetch(_DIGEST, asked)
    cells = line_of_facts.CELLS, line_of_facts.MORE_CELLS
    known = [lines.frame(text, schema=line_of_facts.schema_of(of)) for text, of in zip(texts, cells, strict=True)]
    facts = pl.concat(known, how="horizontal")
    if films is None or viewings is None:
        return Movies(_digest_of(session_id), facts)
    return Movies(Digest(digest.unpacked(films), digest.unpacked(viewings)), facts)


def _digest_of(session_id: UUID) -> Digest:
    """Return the digest of a session of which none is kept, made of its rows; JSON as text, which polars reads."""
    lists = {name: kind for name, kind in digest.MADE_OF.items() if isinstance(kind, pl.List)}
    columns = (Cast(name, TextField()) if name in lists else name for name in digest.MADE_OF)
    rows = Movie.objects.filter(session_id=session_id).order_by("position").values_list(*columns)
    found = rows.iterator(chunk_size=_CHUNK)
    # As Python's texts, reviews take four times the room: some of them at a time.
    chunks = iter(lambda: list(islice(found, _CHUNK)), [])
    schema = digest.MADE_OF | dict.fromkeys(lists, pl.String)
    movies = pl.concat([pl.DataFrame(chunk, schema=schema, orient="row") for chunk in ([], *chunks)])
    return digest.make(movies.with_columns(pl.col(name).str.json_decode(kind) for name, kind in lists.items()))
