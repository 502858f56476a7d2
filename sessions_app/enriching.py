"""The use case of enrichment: an upload session's films, then their collections, are asked for, and its status follows.

Called by `tasks` and by visits.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum, Value
from django.db.models.functions import Least

from movies_app import catalogue, enrichment
from movies_app.tmdb import WrongToken
from sessions_app import jobs
from sessions_app.models import StatusConflict, UploadSession

logger = logging.getLogger(__name__)

# So often a session waits for TMDB to come back before it is completed with what it has.
MAX_TRIES = 15
TRY_AGAIN_SECONDS = 60
BUSY_SECONDS = 2
Ending = UploadSession.Enrichment


def enrich(session_id: UUID, *, now: datetime, tries: int = 0, should_stop: Callable[[], bool]) -> None:
    """Ask for what is due of a session for one slice of time, then queue the rest behind the others, or complete it.

    `tries` counts how often TMDB was found down since it last answered.
    """
    upload_session = UploadSession.objects.filter(pk=session_id).first()
    if upload_session is None:
        return
    try:
        due = enrichment.due_of(session_id, now=now)
        for _ in enrichment.enrich(due, now=now, seconds=enrichment.SLICE_SECONDS, should_stop=should_stop):
            upload_session.count_enriched(catalogue.coverage_of(session_id).settled)
            tries = 0
    except enrichment.Busy:
        jobs.queue_enrichment(session_id, tries=tries, in_seconds=BUSY_SECONDS)
    except WrongToken:
        logger.error("TMDB does not accept TMDB_TOKEN: film facts are off")
        _end(session_id, Ending.WRONG_TOKEN, now=now)
    except enrichment.TmdbIsDown:
        _wait(upload_session, now=now, tries=tries + 1)
    else:
        if enrichment.due_of(session_id, now=now):
            jobs.queue_enrichment(session_id)
        else:
            _end(session_id, Ending.DONE if enrichment.is_on() else Ending.OFF, now=now)


def look_after(upload_session: UploadSession, *, now: datetime) -> None:
    """Have the facts of a session that somebody looks at completed and refreshed, if it is time for any."""
    if upload_session.status != UploadSession.Status.COMPLETED or not enrichment.due_of(upload_session.pk, now=now):
        return
    coverage = catalogue.coverage_of(upload_session.pk)
    upload_session.count_enriched(coverage.settled)
    # A newer export, or another visit, may have moved it on meanwhile: then that has queued it.
    with suppress(StatusConflict), transaction.atomic():
        if coverage.waiting:
            upload_session.enrich_again(now=now)
        jobs.queue_enrichment(upload_session.pk)


def refresh(*, now: datetime, should_stop: Callable[[], bool]) -> None:
    """Ask again for what is due of the catalogue, for one slice of time; forget what is too old to keep."""
    catalogue.forget_old(now=now)
    due = enrichment.due_anywhere(now=now, limit=enrichment.SLICE_FILMS)
    try:
        for _ in enrichment.enrich(due, now=now, seconds=enrichment.SLICE_SECONDS, should_stop=should_stop):
            pass
    except (enrichment.Busy, enrichment.TmdbIsDown, WrongToken) as error:
        logger.warning("films are not refreshed: %s", type(error).__name__)


def films_before_the_end(upload_session: UploadSession) -> int:
    """Return for how many films TMDB is asked until those of a session are done: turns alternate with who waits too."""
    left = upload_session.total_movies - upload_session.enriched_count
    others = UploadSession.objects.filter(pk__in=jobs.sessions_in_queue() - {upload_session.pk})
    between = others.aggregate(films=Sum(Least(F("total_movies") - F("enriched_count"), Value(left))))
    return left + (between["films"] or 0)


def resume() -> int:
    """Queue the sessions again whose job was lost; return how many."""
    waiting = UploadSession.objects.filter(status=UploadSession.Status.ENRICHING).values_list("pk", flat=True)
    lost = set(waiting) - jobs.sessions_in_queue()
    for session_id in sorted(lost):
        jobs.queue_enrichment(session_id)
    return len(lost)


def _wait(upload_session: UploadSession, *, now: datetime, tries: int) -> None:
    """Try again in a minute, or after many minutes complete the session and leave the rest to the refreshing."""
    logger.warning("TMDB is down; %s waits for it, try %d", upload_session.short_id, tries)
    if tries < MAX_TRIES:
        jobs.queue_enrichment(upload_session.pk, tries=tries, in_seconds=TRY_AGAIN_SECONDS)
    else:
        enrichment.postpone(upload_session.pk, now=now)
        _end(upload_session.pk, Ending.UNREACHABLE, now=now)


def _end(session_id: UUID, ending: Ending, *, now: datetime) -> None:
    """Complete the session; one that was complete before, or is gone, stays as it is."""
    with transaction.atomic():
        # A newer export may have come meanwhile.
        current = UploadSession.objects.select_for_update().filter(pk=session_id).first()
        if current and current.status == UploadSession.Status.ENRICHING:
            # Another session's turn may have brought all of its films.
            settled = catalogue.coverage_of(session_id).settled
            current.end_enrichment(ending, now=now, enriched_count=settled)
