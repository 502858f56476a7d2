"""Computed numbers, kept in Django's cache for a day. Called through `movies_app.stats`.

A session has one entry, which holds its numbers by year: so whoever deletes the session can have all of them
forgotten. The key is a keyed hash, because the id of a session is its link.
"""

import zlib
from collections.abc import Iterable
from threading import Lock
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from movies_app.models import Movie
from movies_app.stats import computing

# To be raised with every change of what `compute` returns: what is kept of an older version counts for nothing.
VERSION = 2
MAX_YEARS = 8
KEPT_SECONDS = 86_400
_ONE_AT_A_TIME = Lock()


def cached(*, session_id: UUID, state: str, year: int | None = None) -> dict[str, Any]:
    """Return what `compute` does, at most a day old and computed in the same `state` of the session."""
    kept = _kept(session_id, state)
    if None not in kept:
        kept = _keep(session_id, state, None)
    if year in kept:
        return _unpacked(kept[year])
    seen_in = _unpacked(kept[None])["years"]
    if year not in seen_in:  # whoever asks for a thousand years costs nothing
        return {**computing.compute_nothing(year=year), "years": seen_in}
    return _unpacked(_keep(session_id, state, year)[year])


def _kept(session_id: UUID, state: str) -> dict[int | None, bytes]:
    """Return what is kept of a session in that state, by year; None stands for all of them."""
    entry = cache.get(_key(session_id))
    return entry["years"] if entry and entry["made_of"] == (VERSION, state) else {}


def _keep(session_id: UUID, state: str, year: int | None) -> dict[int | None, bytes]:
    """Compute and keep the numbers of a year beside those of the latest others; return all that are kept.

    One at a time: visits at once share the work, and however large a session is, the memory for it is taken once.
    """
    with _ONE_AT_A_TIME:
        kept = _kept(session_id, state)
        if year in kept:
            return kept
        numbers = _packed(computing.compute(session_id=session_id, year=year))
        others = [other for other in kept if other is not None]
        stay = {None, *others[-(MAX_YEARS - 2) :]}
        years = {other: packed for other, packed in kept.items() if other in stay} | {year: numbers}
        cache.set(_key(session_id), {"made_of": (VERSION, state), "years": years}, KEPT_SECONDS)
    # Who deleted the session meanwhile had them forgotten before they were kept.
    if not Movie.objects.filter(session_id=session_id).exists():
        forget(session_id=session_id)
    return years


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
