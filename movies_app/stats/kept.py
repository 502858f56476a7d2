"""Computed numbers, kept in Django's cache for a day. Called through `movies_app.stats`.

A session has one entry, which holds its numbers by year: so whoever deletes the session can have all of them
forgotten. The key is a keyed hash, because the id of a session is its link.
"""

import zlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from movies_app.models import Movie
from movies_app.stats import computing

# To be raised with every change of what `compute` returns: what is kept of an older version counts for nothing.
VERSION = 1
MAX_YEARS = 8
KEPT_SECONDS = 86_400


def cached(*, session_id: UUID, state: str, year: int | None = None) -> dict[str, Any]:
    """Return what `compute` does, at most a day old and computed in the same `state` of the session."""
    key, made_of = _key(session_id), (VERSION, state)
    entry = cache.get(key)
    years: dict[int | None, bytes] = entry["years"] if entry and entry["made_of"] == made_of else {}
    if year in years:
        return _unpacked(years[year])
    numbers = computing.compute(session_id=session_id, year=year)
    latest = dict(list(years.items())[-(MAX_YEARS - 1) :])
    cache.set(key, {"made_of": made_of, "years": latest | {year: _packed(numbers)}}, KEPT_SECONDS)
    # Who deleted the session meanwhile had them forgotten before they were kept.
    if not Movie.objects.filter(session_id=session_id).exists():
        forget(session_id=session_id)
    return numbers


def forget(*, session_id: UUID) -> None:
    """Remove what is kept of an upload session; to be called after its deletion is committed."""
    cache.delete(_key(session_id))


def forget_all(session_ids: Iterable[UUID]) -> None:
    """Remove what is kept of several upload sessions at once."""
    cache.delete_many([_key(session_id) for session_id in session_ids])


def _packed(numbers: dict[str, Any]) -> bytes:
    """Return the numbers in a tenth of their room: the whole entry is read at each visit."""
    return zlib.compress(orjson.dumps(numbers), level=1)


def _unpacked(packed: bytes) -> dict[str, Any]:
    numbers: dict[str, Any] = orjson.loads(zlib.decompress(packed))
    return numbers


def _key(session_id: UUID) -> str:
    return f"stats-{salted_hmac('movies_app.stats', session_id.hex, algorithm='sha256').hexdigest()}"
