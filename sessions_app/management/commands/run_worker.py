"""`manage.py run_worker`: procrastinate's worker, which waits out a database that is away and stops when it is told."""

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1
STOP_SECONDS = 8  # platforms kill what still runs after ten
ASK_TO_STOP_SECONDS = 1  # then the job that runs is told; one that asks TMDB leaves the rest to the next
# For a database that is away the pool waits 30 seconds by itself: at the start, for a job, and once more to sign off.
START_SECONDS = 10
QUERY_SECONDS = 3
DATABASE_IS_AWAY = (ConnectorException, psycopg.OperationalError, TimeoutError)


class Command(BaseCommand):
    help = "Run the periodic tasks until SIGTERM or SIGINT; start again by itself when the database was away."

    def handle(self, *args: Any, **options: Any) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(_keep_working())


async def _keep_working() -> None:
    """Work until a signal, and begin again a moment after the work ended without one."""
    stop_requested = asyncio.Event()
    _stop_at_a_signal(stop_requested)
    while not stop_requested.is_set():
        reason = "its connections were cut"
        try:
            await _work()
        except DATABASE_IS_AWAY as error:
            reason = type(error).__name__
        if not stop_requested.is_set():
            logger.warning("the worker ended (%s) and starts again in %d s", reason, PAUSE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)


def _stop_at_a_signal(stop_requested: asyncio.Event) -> None:
    """Let the first signal cancel this task, upon which procrastinate finishes the job that runs."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if task and not stop_requested.is_set():
            stop_requested.set()
            logger.info("stopping; what still runs in %d s is cut off", STOP_SECONDS)
            signal.alarm(STOP_SECONDS)  # ends this process, even one that hangs in a job or a connection
            task.cancel()

    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop)


async def _work() -> None:
    """Run procrastinate's worker once, on connections of its own."""
    with app.replace_connector(PsycopgConnector(kwargs=connector_params(), timeout=QUERY_SECONDS)):
        try:
            async with asyncio.timeout(START_SECONDS):
                await app.open_async()
            await app.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=ASK_TO_STOP_SECONDS)
        finally:
            await app.close_async()
