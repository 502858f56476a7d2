"""The shared catalogue's dealings with TMDB, in SQL: which films to ask for, what came of it, what has to go.

Called by `enrichment`. Films are changed here alone, in sets, and one job at a time does it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q

from movies_app.models import FACTS_LIFETIME, Film
from movies_app.outcomes import FACTS, DueFilm

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
_COUNTS = """
    SELECT films.state, films.fetched_at IS NOT NULL, count(*)
    FROM movies JOIN films ON films.id = movies.film_id WHERE movies.session_id = %s GROUP BY 1, 2
"""
_POSTPONE = f"""
    UPDATE films SET next_try_at = %(until)s
    FROM movies WHERE films.id = movies.film_id AND movies.session_id = %(session_id)s AND {_IS_DUE}
"""  # noqa: S608
_UPDATE = """
    UPDATE films SET ({columns}) = ROW({values})
    FROM jsonb_populate_recordset(NULL::films, %s) AS new WHERE films.id = new.id
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many movies of an upload session have facts, are unlike anything TMDB has, and wait.

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


def coverage_of(session_id: UUID) -> Coverage:
    """Return how far TMDB's facts cover the movies of an upload session."""
    found = ambiguous = unmatched = waiting = 0
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [session_id])
        for state, has_facts, movies in cursor.fetchall():
            if has_facts:
                found += movies
                ambiguous += movies if state == Film.State.AMBIGUOUS else 0
            elif state == Film.State.UNMATCHED:
                unmatched += movies
            else:
                waiting += movies
    return Coverage(found, ambiguous, unmatched, waiting)


def store(changes: Iterable[dict[str, Any]]) -> None:
    """Write changes of films, each with its `id` and new values by column; those of the same columns go together."""
    with connection.cursor() as cursor:
        for columns, rows in groupby(sorted(changes, key=list), key=list):
            names = [f'"{name}"' for name in columns if name != "id"]
            update = _UPDATE.format(columns=", ".join(names), values=", ".join(f"new.{name}" for name in names))
            cursor.execute(update, [orjson.dumps(list(rows)).decode()])


def postpone(session_id: UUID, *, now: datetime, until: datetime) -> None:
    """Have the due films of an upload session asked for later."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTPONE, {"session_id": session_id, "now": now, "until": until})


def forget_old(*, now: datetime) -> int:
    """Take away the facts that are older than TMDB's terms allow; return of how many films. They are asked for anew."""
    old = Film.objects.filter(next_try_at__lte=now, fetched_at__lte=now - FACTS_LIFETIME)
    return old.update(**dict.fromkeys(set(FACTS) - {"media_type", "tmdb_id"}))


def forget_all() -> int:
    """Take away all that came from TMDB, ids too, as its terms ask at their end; return of how many films."""
    from_tmdb = ~Q(state=Film.State.PENDING) | Q(tmdb_id__isnull=False) | Q(attempts__gt=0)
    return Film.objects.filter(from_tmdb).update(
        **dict.fromkeys((*FACTS, "match_method", "match_confidence", "next_try_at", "last_error")),
        state=Film.State.PENDING,
        is_locked=False,
        attempts=0,
    )
