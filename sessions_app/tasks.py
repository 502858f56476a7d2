"""What the worker does by the clock: remove what has expired, end what was cut off."""

import logging

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sessions_app import uploads

logger = logging.getLogger(__name__)

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
    """Fail upload sessions whose import was cut off."""
    if count := uploads.sweep(now=timezone.now()):
        logger.warning("failed %d upload sessions that were cut off", count)
