"""What was made of an upload session, kept in Django's cache for a day: numbers, pages, pictures.

All of it goes with the session: whatever is kept lies in one of a few places of its own, so deleting these forgets
everything. The keys are keyed hashes, because the id of a session is its link. Called by `stats` and the pages.
"""

import hashlib
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache as once
from threading import RLock
from uuid import UUID

from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils.crypto import salted_hmac

from movies_app.models import Movie

KEPT_SECONDS = 86_400
# While facts come in, what is kept is as old as this at most, and made no more often.
MOVING_SECONDS = 4
_ONE_AT_A_TIME = RLock()  # a page is made of numbers, which are made under it too
_MADE_IN = ("movies_app", "sessions_app", "templates", "static")
_MADE_BY = {".py", ".html", ".svg", ".css", ".js"}


class Shelf(StrEnum):
    """A kind of what is kept."""

    ALL_NUMBERS = "all"  # of all that counts; all other numbers look into them
    NUMBERS = "numbers"
    PAGES = "pages"
    PICTURES = "pictures"


# How many places each shelf has; what comes to a place takes it over.
PLACES = {Shelf.ALL_NUMBERS: 1, Shelf.NUMBERS: 32, Shelf.PAGES: 16, Shelf.PICTURES: 16}


@dataclass(frozen=True)
class Subject:
    """An upload session as something is made of it: in a `state`, or, while facts come in, `is_moving`."""

    session_id: UUID
    state: str
    is_moving: bool = False


def keep(shelf: Shelf, part: object, subject: Subject, make: Callable[[], bytes]) -> bytes:
    """Return what `make` makes of a session, made at most a day ago, of the same state and by the same code.

    `part` says what it is, by its `repr`. One at a time: visits at once share the work, and however large a session
    is, the memory for it is taken once.
    """
    session_id = subject.session_id
    key = _key(_prefix(session_id), shelf, _place(shelf, part))
    made_of = hashlib.sha256(repr((made_by(), _state(subject), part)).encode()).digest()
    if (made := _found(key, made_of)) is not None:
        return made
    with _ONE_AT_A_TIME:
        if (made := _found(key, made_of)) is not None:
            return made
        export = Movie.objects.exports(session_id)
        made = make()
        cache.set(key, (made_of, made), KEPT_SECONDS)
        now = Movie.objects.exports(session_id)
        if export and now == export:
            return made
        # Who deleted the session or brought a newer export meanwhile had all forgotten before this was kept; and where
        # there is a newer one, some of this may be of that, and some of the one before.
        forget([session_id])
        return make() if now else made


def forget(session_ids: Iterable[UUID]) -> None:
    """Remove all that is kept of upload sessions; to be called after their deletion is committed."""
    cache.delete_many([key for session_id in session_ids for key in _keys(session_id)])


def remove_expired(*, now: datetime) -> None:
    """Delete what the database cache kept for its time; Redis does that by itself."""
    for name in settings.CACHES:
        if isinstance(caches[name], DatabaseCache):
            table = connection.ops.quote_name(settings.CACHES[name]["LOCATION"])
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608


@once
def made_by() -> str:
    """Return a word for the code, the templates and the styles: what others made counts for nothing after a release."""
    paths = [path for folder in _MADE_IN for path in (settings.BASE_DIR / folder).rglob("*") if path.suffix in _MADE_BY]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()[:16]


def _found(key: str, made_of: bytes) -> bytes | None:
    entry = cache.get(key)
    return entry[1] if entry and entry[0] == made_of else None


def _state(subject: Subject) -> str:
    """Return the state; of a session that moves one that lasts for some seconds."""
    if not subject.is_moving:
        return subject.state
    moment = cache.get_or_set(f"{_prefix(subject.session_id)}-moment", lambda: secrets.token_hex(4), MOVING_SECONDS)
    return f"{subject.state}-{moment}"


def _place(shelf: Shelf, part: object) -> int:
    return zlib.crc32(repr(part).encode()) % PLACES[shelf]


def _keys(session_id: UUID) -> Iterator[str]:
    prefix = _prefix(session_id)
    yield f"{prefix}-moment"
    for shelf in Shelf:
        yield from (_key(prefix, shelf, place) for place in range(PLACES[shelf]))


def _key(prefix: str, shelf: Shelf, place: int) -> str:
    return f"{prefix}-{shelf}-{place}"


def _prefix(session_id: UUID) -> str:
    return f"kept-{salted_hmac('movies_app.keeping', session_id.hex, algorithm='sha256').hexdigest()}"
