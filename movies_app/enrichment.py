"""TMDB's facts onto the films of the catalogue, and their collections: a second's worth at a time is stored.

Called by `sessions_app.enriching` and by the commands. Twelve threads ask, the caller's thread writes. Nothing is kept
beside the catalogue, so what is cut off goes on where it stood. Only one runs anywhere, by a lock in the database: the
pace that TMDB allows is kept in memory.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from queue import SimpleQueue
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import connection

from movies_app import catalogue, matching, outcomes, tmdb
from movies_app.outcomes import Due, DueCollection, DueFilm, Outcome
from movies_app.pacing import Interrupted

SLICE_SECONDS = 20.0
SLICE_FILMS = 700  # as many as TMDB's pace allows in one slice
BATCH_SECONDS = 0.8
FAILURES_IN_A_ROW = 10

_TAKE_LOCK = "SELECT pg_try_advisory_lock(hashtext('tmdb'))"
_FREE_LOCK = "SELECT pg_advisory_unlock(hashtext('tmdb'))"


class Busy(Exception):
    """TMDB is being asked from somewhere else."""


class TmdbIsDown(Exception):
    """Ten in a row could not be fetched: TMDB is to be left alone for a while."""


def is_on() -> bool:
    """Tell whether there is a token to ask TMDB with."""
    return bool(settings.TMDB_TOKEN)


def due_of(session_id: UUID, *, now: datetime) -> Sequence[Due]:
    """Return the films of an upload session that TMDB is to be asked for; none without a token.

    Here and below, when no film is due any more, the collections that they are in: only those of two films or more,
    because one film is never a collection seen completely or almost. That saves a request.
    """
    if not is_on():
        return []
    return catalogue.due_of(session_id, now=now) or catalogue.collections_due_of(session_id, now=now)


def due_anywhere(*, now: datetime, limit: int) -> Sequence[Due]:
    """Return the films of the catalogue to be asked for once more, oldest first; none without a token."""
    if not is_on():
        return []
    return catalogue.due_anywhere(now=now, limit=limit) or catalogue.collections_due_anywhere(now=now, limit=limit)


def due_among(film_ids: Sequence[int], *, now: datetime, limit: int) -> Sequence[Due]:
    """Return those of some films that TMDB is to be asked for, new ones first; none without a token."""
    if not is_on():
        return []
    films = catalogue.due_among(film_ids, now=now, limit=limit)
    return films or catalogue.collections_due_among(film_ids, now=now)


def enrich(
    due: Sequence[Due],
    *,
    now: datetime,
    seconds: float,
    should_stop: Callable[[], bool],
) -> Iterator[int]:
    """Ask TMDB for what is due, for so many seconds; yield how many films were dealt with whenever some are stored.

    What is left stays due. Raise `Busy` before anything is asked; `tmdb.WrongToken` and `TmdbIsDown` after all that
    was found is stored.
    """
    if not due:
        return
    with _alone(), _Asking(due, now=now, seconds=seconds) as asking:
        for batch in asking.batches(should_stop):
            films = [outcome.change for outcome in batch if outcome.is_film]
            catalogue.store(films)
            catalogue.store_parts(outcome.change for outcome in batch if not outcome.is_film)
            yield len(films)


def postpone(session_id: UUID, *, now: datetime) -> None:
    """Leave the due films of an upload session to the refreshing of the catalogue."""
    catalogue.postpone(session_id, now=now, until=now + outcomes.POSTPONED)


def forget_all() -> int:
    """Take away all that came from TMDB while nobody asks it, else raise `Busy`; return of how many films."""
    with _alone():
        return catalogue.forget_all()


class _Asking:
    """Threads that take one film or collection after the other, and what they found out."""

    def __init__(self, due: Sequence[Due], *, now: datetime, seconds: float) -> None:
        self._due = iter(due)
        self._now = now
        self._ends_at = time.monotonic() + seconds
        self._turn = threading.Lock()
        self._stopped = threading.Event()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._pool = ThreadPoolExecutor(tmdb.CONNECTIONS, thread_name_prefix="tmdb")
        self._threads: list[Future[None]] = []
        self._asking = tmdb.CONNECTIONS
        self._client = tmdb.Client(
            settings.TMDB_TOKEN,
            base_url=settings.TMDB_BASE_URL,
            rate=settings.TMDB_REQUESTS_PER_SECOND,
            monotonic=time.monotonic,
            sleep=self._stopped.wait,
            random=random.random,
        )

    def __enter__(self) -> Self:
        self._threads = [self._pool.submit(self._ask_on) for _ in range(tmdb.CONNECTIONS)]
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads; what they are about is given up, without waiting for TMDB."""
        self._stopped.set()
        self._pool.shutdown(wait=False)

    def batches(self, should_stop: Callable[[], bool]) -> Iterator[list[Outcome]]:
        """Yield what was found out, a moment's worth at a time, until all is or time is up.

        Failures wait for the next success, which shows that they were the films' own. Ten without one are TMDB's: no
        film or collection is the worse for it.
        """
        failures: list[Outcome] = []
        for arrived in self._arriving(should_stop):
            ready: list[Outcome] = []
            for outcome in arrived:
                failures.append(outcome)
                if not outcome.is_failure:
                    ready, failures = ready + failures, []
            if ready:
                yield ready
            if len(failures) >= FAILURES_IN_A_ROW:
                raise TmdbIsDown
        if failures:
            yield failures

    def _arriving(self, should_stop: Callable[[], bool]) -> Iterator[list[Outcome]]:
        is_running = True
        while is_running:
            is_running = bool(wait(self._threads, timeout=BATCH_SECONDS).not_done) and not should_stop()
            yield [self._outcomes.get_nowait() for _ in range(self._outcomes.qsize())]
        for thread in self._threads:
            if thread.done():
                thread.result()

    def _ask_on(self) -> None:
        try:
            while (due := self._next()) is not None:
                self._outcomes.put(_ask(due, self._client, now=self._now))
        except Interrupted:
            return
        except tmdb.WrongToken:
            self._stopped.set()
            raise
        finally:
            self._leave()

    def _leave(self) -> None:
        """Close the client behind the last thread: one that is closed under a thread leaves its socket open."""
        with self._turn:
            self._asking -= 1
            is_last = not self._asking
        if is_last:
            self._client.close()

    def _next(self) -> Due | None:
        with self._turn:
            is_over = self._stopped.is_set() or time.monotonic() > self._ends_at
            return None if is_over else next(self._due, None)


def _ask(due: Due, client: tmdb.Client, *, now: datetime) -> Outcome:
    return _ask_for_film(due, client, now=now) if isinstance(due, DueFilm) else _ask_for_parts(due, client, now=now)


def _ask_for_film(film: DueFilm, client: tmdb.Client, *, now: datetime) -> Outcome:
    """Match a film that has no id yet, and fetch its facts."""
    try:
        match = None if film.has_id else matching.match(film.title, film.year, search=client.search)
        known = match or film
        if known.tmdb_id is None or known.media_type is None:
            return outcomes.unmatched(film, now=now)
        facts = client.facts(known.tmdb_id, media_type=known.media_type)
    except tmdb.NotFound:
        return outcomes.gone(film, now=now)
    except (tmdb.Unavailable, tmdb.RefusedByTmdb) as error:
        return outcomes.failed(film, error, now=now)
    return outcomes.found(film, match, facts, now=now)


def _ask_for_parts(due: DueCollection, client: tmdb.Client, *, now: datetime) -> Outcome:
    try:
        return outcomes.parts_found(due, client.collection(due.tmdb_id), now=now)
    except tmdb.NotFound:
        return outcomes.parts_gone(due, now=now)
    except (tmdb.Unavailable, tmdb.RefusedByTmdb) as error:
        return outcomes.parts_failed(due, error, now=now)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the one lock of all that ask TMDB, inside the block; it goes with the connection too."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_LOCK)
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(_FREE_LOCK)
