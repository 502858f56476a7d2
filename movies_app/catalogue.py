"""The shared catalogue's dealings with TMDB, in SQL: what to ask for, what came of it, what has to go.

Called by `enrichment`, by the admin for what staff decide, and by `sessions_app` for how far it is. Films are changed
here alone; what TMDB tells is written in sets, by one job at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Max, Q

from movies_app.models import FACTS_LIFETIME, Collection, Film
from movies_app.outcomes import FACTS, DueCollection, DueFilm
from movies_app.tmdb_facts import MediaType

# Films that are looked through for those that nobody has asked for: the newest, because nothing else finds them.
NEWEST = 25_000

# What `DueFilm` tells. A namesake is another film of the same title and year: of the same kind of link, because a film
# may stand there by its short link and by its long one.
_DUE_FILM = """
    films.id, films.title, films.year, films.state, films.is_locked, films.media_type, films.tmdb_id, films.attempts,
    EXISTS (
        SELECT FROM films AS other
        WHERE other.title_key = films.title_key AND other.year IS NOT DISTINCT FROM films.year AND other.id <> films.id
        AND starts_with(other.letterboxd_uri, 'https://boxd.it/') = starts_with(films.letterboxd_uri, 'https://boxd.it/')
    )
"""
_IS_DUE = "(films.next_try_at IS NULL OR films.next_try_at <= %(now)s)"
# What nobody has asked for yet comes first, then what is tried again, in the order of the page.
_DUE_OF_SESSION = f"""
    SELECT {_DUE_FILM} FROM movies JOIN films ON films.id = movies.film_id
    WHERE movies.session_id = %(session_id)s AND {_IS_DUE}
    GROUP BY films.id ORDER BY films.next_try_at NULLS FIRST, min(movies.position)
"""  # noqa: S608
_DUE_ANYWHERE = f"""
    SELECT {_DUE_FILM} FROM films WHERE next_try_at <= %(now)s ORDER BY next_try_at, id LIMIT %(limit)s
"""  # noqa: S608
_DUE_AMONG = f"""
    SELECT {_DUE_FILM} FROM films WHERE id = ANY(%(film_ids)s) AND {_IS_DUE}
    ORDER BY next_try_at NULLS FIRST, id LIMIT %(limit)s
"""  # noqa: S608
# One film is never a collection seen completely or almost, so of a collection with a single one nothing is asked.
_DUE_COLLECTIONS = """
    SELECT (films.collection->>'id')::int AS tmdb_id FROM films
    WHERE {among} AND films.collection IS NOT NULL AND NOT EXISTS (
        SELECT FROM collections
        WHERE collections.tmdb_id = (films.collection->>'id')::int AND collections.next_try_at > %(now)s
    )
    GROUP BY 1 HAVING count(DISTINCT films.tmdb_id) > 1 ORDER BY 1
"""
_OF_SESSION = "films.id IN (SELECT film_id FROM movies WHERE session_id = %(session_id)s)"
_AMONG = "films.id = ANY(%(film_ids)s)"
_COUNT_OF_SESSION = """
    SELECT films.state, films.fetched_at IS NOT NULL, count(*)
    FROM movies JOIN films ON films.id = movies.film_id WHERE movies.session_id = %s GROUP BY 1, 2
"""
_COUNT_AMONG = "SELECT state, fetched_at IS NOT NULL, count(*) FROM films WHERE id = ANY(%s) GROUP BY 1, 2"
# Of each state the first in the page order.
_DOUBTFUL = """
    SELECT state, title, year FROM (
        SELECT films.state, movies.title, movies.year, movies.position,
            row_number() OVER (PARTITION BY films.state ORDER BY movies.position) AS place
        FROM movies JOIN films ON films.id = movies.film_id
        WHERE movies.session_id = %(session_id)s AND (films.state, films.fetched_at IS NOT NULL) IN (
            ('unmatched', false), ('ambiguous', true)
        )
    ) AS doubtful
    WHERE place <= %(limit)s ORDER BY state, position
"""
_POSTPONE = f"""
    UPDATE films SET next_try_at = %(until)s
    FROM movies WHERE films.id = movies.film_id AND movies.session_id = %(session_id)s AND {_IS_DUE}
"""  # noqa: S608
_UPDATE = """
    UPDATE films SET ({columns}) = ROW({values})
    FROM jsonb_populate_recordset(NULL::films, %s) AS new WHERE films.id = new.id
"""
# Staff may have set and locked another id while this one was asked for: theirs stays.
_OF_THE_LOCKED_ID = """
    AND (NOT films.is_locked OR (films.media_type, films.tmdb_id) IS NOT DISTINCT FROM (new.media_type, new.tmdb_id))
"""
# The columns of a film of which nothing is known but what Letterboxd tells.
_NOTHING_KNOWN = {
    **dict.fromkeys((*FACTS, "match_method", "match_confidence", "last_error")),
    "state": Film.State.PENDING,
    "attempts": 0,
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many movies of an upload session, or films, have facts, are unlike anything TMDB has, and wait.

    `ambiguous` are among those with facts: their film is the likeliest of several.
    """

    found: int = 0
    ambiguous: int = 0
    unmatched: int = 0
    waiting: int = 0

    @property
    def settled(self) -> int:
        """Those that were looked for with an outcome."""
        return self.found + self.unmatched


def due_of(session_id: UUID, *, now: datetime) -> list[DueFilm]:
    """Return the films of an upload session that TMDB is to be asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_OF_SESSION, {"session_id": session_id, "now": now})
        return [DueFilm(*row) for row in cursor.fetchall()]


def due_anywhere(*, now: datetime, limit: int) -> list[DueFilm]:
    """Return the films that TMDB is to be asked for once more, oldest first, whoever has them."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_ANYWHERE, {"now": now, "limit": limit})
        return [DueFilm(*row) for row in cursor.fetchall()]


def due_among(film_ids: Sequence[int], *, now: datetime, limit: int) -> list[DueFilm]:
    """Return those of some films that TMDB is to be asked for, new ones first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_AMONG, {"film_ids": list(film_ids), "now": now, "limit": limit})
        return [DueFilm(*row) for row in cursor.fetchall()]


def collections_due_of(session_id: UUID, *, now: datetime) -> list[DueCollection]:
    """Return the collections of an upload session, of two of its films or more, that TMDB is to be asked for."""
    return _collections_due(_OF_SESSION, session_id=session_id, now=now)


def collections_due_among(film_ids: Sequence[int], *, now: datetime) -> list[DueCollection]:
    """Return the collections of two or more of some films that TMDB is to be asked for."""
    return _collections_due(_AMONG, film_ids=film_ids, now=now)


def collections_due_anywhere(*, now: datetime, limit: int) -> list[DueCollection]:
    """Return the collections that TMDB is to be asked for once more, oldest first."""
    due = Collection.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    return [DueCollection(tmdb_id) for tmdb_id in due.values_list("pk", flat=True)[:limit]]


def _collections_due(among: str, **parameters: Any) -> list[DueCollection]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE_COLLECTIONS.format(among=among), parameters)
        return [DueCollection(*row) for row in cursor.fetchall()]


def is_waiting(*, now: datetime) -> Q:
    """Hold for films that TMDB is to be asked for: once more, or, among the newest, for the first time.

    Two ranges of indexes, however large the catalogue is.
    """
    newest = Film.objects.aggregate(id=Max("id"))["id"] or 0
    return Q(next_try_at__lte=now) | Q(next_try_at__isnull=True, id__gt=newest - NEWEST)


def count_waiting(*, now: datetime) -> int:
    """Return how many films wait for TMDB, `NEWEST` at most."""
    return Film.objects.filter(is_waiting(now=now))[:NEWEST].count()


def coverage_of(session_id: UUID) -> Coverage:
    """Return how far TMDB's facts cover the movies of an upload session."""
    return _coverage(_COUNT_OF_SESSION, session_id)


def coverage_among(film_ids: Sequence[int]) -> Coverage:
    """Return how far TMDB's facts cover some films."""
    return _coverage(_COUNT_AMONG, list(film_ids))


def _coverage(query: str, parameter: UUID | list[int]) -> Coverage:
    found = ambiguous = unmatched = waiting = 0
    with connection.cursor() as cursor:
        cursor.execute(query, [parameter])
        for state, has_facts, movies in cursor.fetchall():
            if has_facts:
                found += movies
                ambiguous += movies if state == Film.State.AMBIGUOUS else 0
            elif state == Film.State.UNMATCHED:
                unmatched += movies
            else:
                waiting += movies
    return Coverage(found, ambiguous, unmatched, waiting)


def doubtful_of(session_id: UUID, *, limit: int) -> dict[str, list[str]]:
    """Return the movies of an upload session that are unmatched and ambiguous, as titles by state, so many of each."""
    titles: dict[str, list[str]] = {Film.State.UNMATCHED: [], Film.State.AMBIGUOUS: []}
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL, {"session_id": session_id, "limit": limit})
        for state, title, year in cursor.fetchall():
            titles[state].append(f"{title} ({year})" if year else title)
    return titles


def store(changes: Iterable[dict[str, Any]]) -> None:
    """Write changes of films, each with its `id` and new values by column; those of the same columns go together."""
    with connection.cursor() as cursor:
        for columns, rows in groupby(sorted(changes, key=list), key=list):
            names = [f'"{name}"' for name in columns if name != "id"]
            update = _UPDATE.format(columns=", ".join(names), values=", ".join(f"new.{name}" for name in names))
            update += _OF_THE_LOCKED_ID if "tmdb_id" in columns else ""
            cursor.execute(update, [orjson.dumps(list(rows)).decode()])


def store_parts(changes: Iterable[dict[str, Any]]) -> None:
    """Write changes of collections, each with its `tmdb_id` and new values by column, where need be as new rows."""
    for columns, rows in groupby(sorted(changes, key=list), key=list):
        Collection.objects.bulk_create(
            [Collection(**row) for row in rows],
            update_conflicts=True,
            unique_fields=["tmdb_id"],
            update_fields=[name for name in columns if name != "tmdb_id"],
        )


def postpone(session_id: UUID, *, now: datetime, until: datetime) -> None:
    """Have the due films of an upload session asked for later."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTPONE, {"session_id": session_id, "now": now, "until": until})


def set_id(film_id: int, *, tmdb_id: int | None, media_type: MediaType | None, is_locked: bool, now: datetime) -> None:
    """Have a film asked for by the id that staff lock it to, or matched anew where they do not.

    What is known by another id goes at once.
    """
    film = Film.objects.filter(pk=film_id)
    asked_for = {"state": Film.State.PENDING, "attempts": 0, "next_try_at": now, "last_error": None}
    with transaction.atomic():
        film.exclude(tmdb_id=tmdb_id, media_type=media_type).update(**_NOTHING_KNOWN)
        film.update(tmdb_id=tmdb_id, media_type=media_type, is_locked=is_locked, **asked_for)


def match_again(film_ids: Sequence[int], *, now: datetime) -> int:
    """Have films matched anew, as if nobody had asked for them, but for locked ones; return how many."""
    return Film.objects.filter(pk__in=film_ids, is_locked=False).update(**_NOTHING_KNOWN, next_try_at=now)


def forget_old(*, now: datetime) -> int:
    """Take away what is older than TMDB's terms allow, to be asked for anew; return of how many films."""
    is_old = Q(next_try_at__lte=now, fetched_at__lte=now - FACTS_LIFETIME)
    Collection.objects.filter(is_old).update(name=None, parts=None, fetched_at=None)
    return Film.objects.filter(is_old).update(**dict.fromkeys(set(FACTS) - {"media_type", "tmdb_id"}))


def forget_all() -> int:
    """Take away all that came from TMDB, ids too, as its terms ask at their end; return of how many films."""
    Collection.objects.all().delete()
    from_tmdb = ~Q(state=Film.State.PENDING) | Q(tmdb_id__isnull=False) | Q(attempts__gt=0)
    return Film.objects.filter(from_tmdb).update(**_NOTHING_KNOWN, next_try_at=None, is_locked=False)
