"""What the worker does: ask TMDB for films, and by the clock remove what has expired and take up what was cut off."""

import logging
from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from sessions_app import enriching, jobs, uploads

logger = logging.getLogger(__name__)

# A worker tells every ten seconds that it lives.
STALLED_SECONDS = 25
_RETRY = RetryStrategy(max_attempts=3, wait=30)


@app.periodic(cron="17 3 * * *")
@app.task(name="purge", queueing_lock="purge", retry=_RETRY)
def purge_expired(timestamp: int) -> None:
    """Remove expired upload sessions once a day; `manage.py purge_sessions` does the same by hand."""
    batches = list(uploads.purge(now=timezone.now()))
    logger.info("purged %d upload sessions", sum(batch.sessions for batch in batches))


@app.periodic(cron="*/5 * * * *")
@app.task(name="sweep", queueing_lock="sweep", retry=_RETRY)
def sweep_cut_off(timestamp: int) -> None:
    """Fail upload sessions whose import was cut off; queue those again whose enrichment was lost."""
    if count := uploads.sweep(now=timezone.now()):
        logger.warning("failed %d upload sessions that were cut off", count)
    if count := enriching.resume():
        logger.warning("queued %d upload sessions again", count)


@app.task(name=jobs.ENRICH, queue=jobs.QUEUE, lock=jobs.LOCK, pass_context=True, retry=_RETRY)
def enrich_session(context: JobContext, session_id: str, tries: int = 0) -> None:
    """Ask TMDB for the films of an upload session, for one slice of time."""
    enriching.enrich(UUID(session_id), now=timezone.now(), tries=tries, should_stop=context.should_abort)


@app.periodic(cron="*/10 * * * *")
@app.task(
    name=jobs.REFRESH,
    queue=jobs.QUEUE,
    lock=jobs.LOCK,
    priority=jobs.REFRESH_PRIORITY,
    queueing_lock=jobs.REFRESH,
    pass_context=True,
    retry=_RETRY,
)
def refresh_films(context: JobContext, timestamp: int) -> None:
    """Ask TMDB again for the films of the catalogue that are due, for one slice of time; forget what is too old."""
    enriching.refresh(now=timezone.now(), should_stop=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="take_up", queueing_lock="take_up", retry=_RETRY)
async def take_up_stalled(timestamp: int) -> None:
    """Bring back the jobs whose worker is gone."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        logger.warning("job %s of a worker that is gone is brought back", job.id)
        await app.job_manager.retry_job(job)
