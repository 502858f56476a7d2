"""Computed numbers, kept in Django's cache for a day. Called through `movies_app.stats`.

A session has one entry, which holds its numbers by scope: so whoever deletes the session can have all of them
forgotten. The key is a keyed hash, because the id of a session is its link.
"""

import secrets
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from movies_app.models import Movie
from movies_app.scope import ALL, Scope
from movies_app.stats import computing

# To be raised with every change of what is computed: what is kept of an older version counts for nothing.
VERSION = 4
MOST_KEPT = 8
KEPT_SECONDS = 86_400
# While facts come in, numbers are as old as this at most, and computed no more often.
MOVING_SECONDS = 4
_ONE_AT_A_TIME = Lock()


def cached(*, session_id: UUID, state: str, scope: Scope = ALL, is_moving: bool = False) -> dict[str, Any]:
    """Return what `compute` does, at most a day old and computed in the same `state` of the session.

    While facts come in the session `is_moving`: then they are computed anew after some seconds, not at each change.
    """
    kept = _of_all(session_id, _state(session_id, state, is_moving=is_moving))
    if scope in kept.parts:
        return kept.told(scope)
    if scope.year is not None and scope.year not in kept.told(ALL)["years"]:
        # Who asks for a thousand years costs nothing: all but what is told of every year is empty.
        every = cached(
            session_id=session_id,
            state=state,
            scope=replace(scope, year=None, min_rated=ALL.min_rated),
            is_moving=is_moving,
        )
        return computing.compute_nothing(scope=scope) | {name: every[name] for name in ("years", "year_on_year")}
    return _with(kept, scope, lambda: computing.compute(session_id=session_id, scope=scope)).told(scope)


def ranking(
    *, session_id: UUID, state: str, kind: str, by: str = "films", scope: Scope = ALL, is_moving: bool = False
) -> dict[str, Any]:
    """Return what `compute_ranking` does, kept beside the numbers."""
    scope = scope if by == "rating" else replace(scope, min_rated=ALL.min_rated)
    kept, part = _of_all(session_id, _state(session_id, state, is_moving=is_moving)), (kind, by, scope)
    if part in kept.parts:
        return kept.told(part)
    if scope.year is not None and scope.year not in kept.told(ALL)["years"]:
        return computing.rank_nothing(kind=kind, by=by, scope=scope)
    told = partial(computing.compute_ranking, session_id=session_id, kind=kind, by=by, scope=scope)
    return _with(kept, part, told).told(part)


@dataclass(frozen=True)
class _Kept:
    """The parts that are kept of a session in one state: its numbers by scope, and rankings."""

    session_id: UUID
    state: str
    parts: Mapping[Hashable, bytes]

    def told(self, part: Hashable) -> dict[str, Any]:
        return _unpacked(self.parts[part])


def _state(session_id: UUID, state: str, *, is_moving: bool) -> str:
    """Return the state; of a session that moves one that lasts for some seconds."""
    if not is_moving:
        return state
    return f"{state}-{cache.get_or_set(f'{_key(session_id)}-moment', lambda: secrets.token_hex(4), MOVING_SECONDS)}"


def _of_all(session_id: UUID, state: str) -> _Kept:
    """Return what is kept; the numbers of all are among it."""
    kept = _kept(session_id, state)
    return kept if ALL in kept.parts else _with(kept, ALL, lambda: computing.compute(session_id=session_id))


def _kept(session_id: UUID, state: str) -> _Kept:
    entry = cache.get(_key(session_id))
    return _Kept(session_id, state, entry["parts"] if entry and entry["made_of"] == (VERSION, state) else {})


def _with(kept: _Kept, part: Hashable, compute: Callable[[], dict[str, Any]]) -> _Kept:
    """Compute and keep a part beside the latest others and that of all.

    One at a time: visits at once share the work, and however large a session is, the memory for it is taken once.
    """
    session_id, state = kept.session_id, kept.state
    with _ONE_AT_A_TIME:
        kept = _kept(session_id, state)
        if part in kept.parts:
            return kept
        told = _packed(compute())
        others = [other for other in kept.parts if other != ALL]
        stay = {ALL, *others[-(MOST_KEPT - 2) :]}
        parts = {other: packed for other, packed in kept.parts.items() if other in stay} | {part: told}
        cache.set(_key(session_id), {"made_of": (VERSION, state), "parts": parts}, KEPT_SECONDS)
    # Who deleted the session meanwhile had them forgotten before they were kept.
    if not Movie.objects.filter(session_id=session_id).exists():
        forget(session_id=session_id)
    return _Kept(session_id, state, parts)


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
