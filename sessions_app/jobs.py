"""The queue of what is asked of TMDB: one job for each upload session that waits. Called by `uploads` and `enriching`.

All jobs bear one lock, so one runs at a time, anywhere; a slice of one session goes behind the others that wait.
"""

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

QUEUE = LOCK = "tmdb"
ENRICH, REFRESH = "enrich", "refresh"
REFRESH_PRIORITY = -1  # members who wait come first
_WAITING = ("todo", "doing")


def queue_enrichment(session_id: UUID, *, tries: int = 0, in_seconds: int = 0) -> None:
    """Have the films of an upload session asked for, with the transaction that this runs in; at most one waits."""
    job = app.configure_task(
        ENRICH,
        queue=QUEUE,
        lock=LOCK,
        queueing_lock=f"{ENRICH}-{session_id}",
        schedule_in={"seconds": in_seconds} if in_seconds else None,
    )
    try:
        with transaction.atomic():
            job.defer(session_id=str(session_id), tries=tries)
    except AlreadyEnqueued:
        return


def sessions_in_queue() -> set[UUID]:
    """Return the upload sessions whose films wait or are asked for."""
    jobs = ProcrastinateJob.objects.filter(task_name=ENRICH, status__in=_WAITING)
    return {UUID(session_id) for session_id in jobs.values_list("args__session_id", flat=True)}
