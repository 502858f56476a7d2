"""Computed numbers, kept as long as their session is as it was. Called through `movies_app.stats`."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from movies_app import keeping
from movies_app.keeping import Shelf, Subject
from movies_app.scope import ALL, Scope
from movies_app.stats import computing


def cached(subject: Subject, *, scope: Scope = ALL) -> dict[str, Any]:
    """Return what `compute` does, at most a day old and computed in the same state of the session.

    While facts come in they are computed anew after some seconds, not at each change.
    """
    compute = partial(computing.compute, session_id=subject.session_id, scope=scope)
    if scope == ALL:
        return _kept(Shelf.ALL_NUMBERS, scope, subject, compute)
    if scope.year is not None and scope.year not in cached(subject)["years"]:
        # Who asks for a thousand years costs nothing: all but what is told of every year is empty.
        every = cached(subject, scope=replace(scope, year=None, min_rated=ALL.min_rated))
        return computing.compute_nothing(scope=scope) | {name: every[name] for name in ("years", "year_on_year")}
    return _kept(Shelf.NUMBERS, scope, subject, compute)


def ranking(subject: Subject, *, kind: str, by: str = "films", scope: Scope = ALL) -> dict[str, Any]:
    """Return what `compute_ranking` does, kept beside the numbers."""
    scope = scope if by == "rating" else replace(scope, min_rated=ALL.min_rated)
    if scope.year is not None and scope.year not in cached(subject)["years"]:
        return computing.rank_nothing(kind=kind, by=by, scope=scope)
    compute = partial(computing.compute_ranking, session_id=subject.session_id, kind=kind, by=by, scope=scope)
    return _kept(Shelf.NUMBERS, (kind, by, scope), subject, compute)


def _kept(shelf: Shelf, part: object, subject: Subject, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return numbers, kept in a tenth of their room."""
    packed = keeping.keep(shelf, part, subject, lambda: zlib.compress(orjson.dumps(compute()), level=1))
    numbers: dict[str, Any] = orjson.loads(zlib.decompress(packed))
    return numbers
