"""TMDB's jobs in a test: what the worker would do, done here and now. The fake answers over HTTP, PostgreSQL stores."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import enriching, jobs
from tests.fake_tmdb.server import FakeTmdb

_TAKE = """
    UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (
        SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s ORDER BY priority DESC, id LIMIT 1
    ) RETURNING args->>'session_id', (args->>'tries')::int
"""


def use(fake: FakeTmdb, settings: object, *, rate: int = 1_000) -> None:
    """Have the service ask the fake."""
    for name, value in (
        ("TMDB_TOKEN", fake.token),
        ("TMDB_BASE_URL", fake.url),
        ("TMDB_REQUESTS_PER_SECOND", rate),
    ):
        setattr(settings, name, value)


def queued() -> list[UUID]:
    """Return the sessions whose films wait, in the order of the queue."""
    waiting = ProcrastinateJob.objects.filter(task_name=jobs.ENRICH, status="todo").order_by("-priority", "id")
    return [UUID(args["session_id"]) for args in waiting.values_list("args", flat=True)]


def work_off(
    *, at: datetime | None = None, rounds: int = 50, should_stop: Callable[[], bool] = lambda: False
) -> list[UUID]:
    """Run the jobs that wait, as many as there are, a minute apart; return the sessions in the order of their turns."""
    now = at or timezone.now()
    turns: list[UUID] = []
    for _ in range(rounds):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [jobs.ENRICH])
            row = cursor.fetchone()
        if row is None:
            return turns
        turns.append(UUID(row[0]))
        enriching.enrich(turns[-1], now=now, tries=row[1], should_stop=should_stop)
        now += timedelta(minutes=1)
    raise AssertionError(f"jobs are left after {rounds} rounds: {queued()}")
