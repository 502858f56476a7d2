"""What ends: expired sessions are purged, cut-off imports swept, by hand and by the clock; and the migrations' ways."""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app
from psycopg import sql

from letterboxd_site.settings import BASE_DIR
from movies_app.models import Movie
from sessions_app import tasks, uploads
from sessions_app.models import PURGE_BATCH_SIZE, StatusConflict, UploadSession
from tests.builders import NOTHING_STORED, get, make_sessions, stored_rows, upload_member

EXPIRED = timedelta(seconds=-1)


def purge(*arguments: str) -> str:
    output = io.StringIO()
    call_command("purge_sessions", *arguments, stdout=output, stderr=io.StringIO())
    return output.getvalue()


def url_of(database: str) -> str:
    """Return the URL of another database of the same server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def run(*arguments: str, url: str) -> None:
    """Run `manage.py` as a process of its own on the database of that URL."""
    environment = {**os.environ, "DATABASE_URL": url, "WORKER_DATABASE_URL": url}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    """Start work with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for_a_blocked_query(beginning: str) -> None:
    """Wait until the database says that a statement waits for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                r" WHERE wait_event_type = 'Lock' AND datname = current_database() AND query ~ ('^\s*' || %s)",
                [beginning],
            )
            if cursor.fetchone() == (1,):
                return
        time.sleep(0.01)
    raise AssertionError(f"no {beginning} waits for a lock")


# ── The command ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_purge_removes_what_has_expired_with_its_movies_and_receipts_and_nothing_else() -> None:
    make_sessions(3, movies=4, expires_in=EXPIRED)
    kept = make_sessions(2, movies=5)
    assert purge().startswith("Removed 3 upload sessions with 12 movies in ")
    assert stored_rows() == {"UploadSession": 2, "StoredReceipt": 2, "Movie": 10, "StoredDigest": 0, "Film": 1}
    assert set(UploadSession.objects.values_list("pk", flat=True)) == {session.pk for session in kept}


@pytest.mark.django_db
def test_a_dry_run_says_what_would_go_and_removes_nothing() -> None:
    make_sessions(3, movies=4, expires_in=EXPIRED)
    make_sessions(1, movies=1)
    with CaptureQueriesContext(connection) as queries:
        assert purge("--dry-run") == "Would remove 3 upload sessions with 12 movies.\n"
    assert {query["sql"].split(" ", 1)[0] for query in queries} == {"SELECT"}
    assert stored_rows()["UploadSession"] == 4


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_purge_of_nothing_says_so(arguments: tuple[str, ...]) -> None:
    make_sessions(1)
    assert " 0 upload sessions with 0 movies" in purge(*arguments)
    assert stored_rows()["UploadSession"] == 1


@pytest.mark.django_db
def test_a_purge_goes_batch_by_batch() -> None:
    make_sessions(5, movies=2, expires_in=EXPIRED)
    batches = UploadSession.objects.purge(now=timezone.now(), batch_size=2)
    assert [(batch.sessions, batch.movies) for batch in batches] == [(2, 4), (2, 4), (1, 2)]


@pytest.mark.django_db
def test_a_batch_size_may_be_given_and_must_be_one_or_more() -> None:
    make_sessions(3, expires_in=EXPIRED)
    for size in ("0", "-1"):
        with pytest.raises(CommandError):
            purge("--batch-size", size)
    assert purge("--batch-size", "1").startswith("Removed 3 ")


@pytest.mark.django_db
def test_a_session_is_gone_at_the_very_moment_of_its_expiry() -> None:
    (session,) = make_sessions(1)
    assert not UploadSession.objects.live(session.expires_at).exists()
    assert UploadSession.objects.expired(session.expires_at).exists()
    assert list(UploadSession.objects.purge(now=session.expires_at - timedelta(microseconds=1), batch_size=1)) == []
    assert len(list(UploadSession.objects.purge(now=session.expires_at, batch_size=1))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("movies", [0, 1, 300])
def test_a_batch_takes_two_queries_however_many_movies_it_has(movies: int) -> None:
    """One for the rows, one for what the cache holds of them; the last find no session and no entry past its day."""
    make_sessions(5, movies=movies, expires_in=EXPIRED)
    with CaptureQueriesContext(connection) as queries:
        purge()
    statements = [query["sql"].split()[0] for query in queries]
    assert statements == ["DELETE", "DELETE", "DELETE", "SELECT", "DELETE"]
    assert Movie.objects.count() == 0


@pytest.mark.django_db
def test_the_number_of_queries_grows_with_the_batches_alone() -> None:
    make_sessions(3 * PURGE_BATCH_SIZE, movies=2, expires_in=EXPIRED)
    with CaptureQueriesContext(connection) as queries:
        purge()
    assert len(queries) == 3 * 2 + 3


@pytest.mark.django_db
def test_a_deletion_by_its_owner_takes_a_few_queries_however_many_movies_there_are(api: Client) -> None:
    sizes = []
    for movies in (1, 400):
        (session,) = make_sessions(1, movies=movies)
        with CaptureQueriesContext(connection) as queries:
            uploads.delete(session)
        sizes.append(len(queries))
    assert sizes[0] == sizes[1] <= 4


# ── Beside others ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_visited_while_the_purge_waits_for_it_stays() -> None:
    visited, _ = make_sessions(2, movies=3, expires_in=timedelta(seconds=0.2))
    time.sleep(0.3)
    printed: list[str] = []
    with transaction.atomic():
        visited.touch(now=timezone.now())
        purging = in_a_thread(lambda: printed.append(purge()))
        wait_for_a_blocked_query("DELETE FROM sessions")
    purging.join(timeout=10)
    assert printed[0].startswith("Removed 1 upload sessions with 3 movies")
    assert list(UploadSession.objects.values_list("pk", flat=True)) == [visited.pk]
    assert Movie.objects.filter(session=visited).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_remove_everything_once() -> None:
    make_sessions(60, movies=2, expires_in=EXPIRED)
    printed: list[str] = []
    threads = [in_a_thread(lambda: printed.append(purge("--batch-size", "3"))) for _ in range(3)]
    for thread in threads:
        thread.join(timeout=30)
    assert sum(int(line.split()[1]) for line in printed) == 60
    assert stored_rows() == NOTHING_STORED | {"Film": 1}


@pytest.mark.django_db(transaction=True)
def test_a_visit_to_a_session_that_the_purge_has_just_removed_does_nothing() -> None:
    (session,) = make_sessions(1, expires_in=EXPIRED)
    purge()
    session.touch(now=timezone.now())
    assert not UploadSession.objects.exists()


# ── The sweep ─────────────────────────────────────────────────────────────────────────────────
def under_way(status: str, *, minutes: int) -> UploadSession:
    (session,) = make_sessions(1)
    created_at = timezone.now() - timedelta(minutes=minutes)
    UploadSession.objects.filter(pk=session.pk).update(status=status, created_at=created_at)
    session.refresh_from_db()
    return session


@pytest.mark.parametrize(
    ("status", "minutes", "after"),
    [
        ("processing", 11, "failed"),
        ("uploading", 11, "failed"),
        ("processing", 9, "processing"),
        ("uploading", 9, "uploading"),
        ("completed", 500, "completed"),
        ("failed", 500, "failed"),
    ],
)
def test_the_sweep_fails_what_was_cut_off_ten_minutes_ago(api: Client, status: str, minutes: int, after: str) -> None:
    session = under_way(status, minutes=minutes)
    assert uploads.sweep(now=timezone.now()) == int(status != after)
    session.refresh_from_db()
    assert session.status == after
    if status != after:
        answer = get(api, f"/api/session/{session.pk}")
        assert answer["error_message"].startswith("Something went wrong on our side.")
        assert answer["history"][-1]["status"] == "failed"


@pytest.mark.django_db
def test_an_import_that_the_sweep_overtook_cannot_complete_any_more() -> None:
    session = under_way("processing", minutes=11)
    uploads.sweep(now=timezone.now())
    with pytest.raises(StatusConflict):
        session.complete(now=timezone.now(), total_movies=0, metadata={})
    session.refresh_from_db()
    assert session.status == "failed"


# ── By the clock ──────────────────────────────────────────────────────────────────────────────
def test_exactly_four_jobs_run_by_the_clock() -> None:
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic == {
        "purge": "17 3 * * *",
        "sweep": "*/5 * * * *",
        "refresh": "*/10 * * * *",
        "take_up": "* * * * *",
    }
    for task in (tasks.purge_expired, tasks.sweep_cut_off, tasks.refresh_films, tasks.take_up_stalled):
        assert task.queueing_lock
        assert task.retry_strategy


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_both_jobs() -> None:
    make_sessions(2, movies=2, expires_in=EXPIRED)
    cut_off = under_way("processing", minutes=11)
    for task in (tasks.purge_expired, tasks.sweep_cut_off):
        task.configure().defer(timestamp=int(time.time()))
    run("procrastinate", "worker", "--one-shot", url=url_of(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT task_name, status::text FROM procrastinate_jobs"
            " WHERE task_name IN ('purge', 'sweep') ORDER BY 1"
        )
        assert cursor.fetchall() == [("purge", "succeeded"), ("sweep", "succeeded")]
    assert list(UploadSession.objects.values_list("pk", "status")) == [(cut_off.pk, "failed")]
    assert Movie.objects.count() == 0


# ── Migrations ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def throwaway() -> Iterator[str]:
    """Make an empty database beside the others and return its URL."""
    name = f"throwaway_{os.getpid()}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield url_of(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(url: str, *arguments: str) -> None:
    run("migrate", "--no-input", "--verbosity=0", *arguments, url=url)


def structure_of(url: str) -> dict[str, list[Any]]:
    """Return what there is of our tables: columns, constraints and indexes, as PostgreSQL writes them."""
    ours = "('sessions', 'receipts', 'movies', 'digests', 'films', 'collections')"
    queries = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default"
        f" FROM information_schema.columns WHERE table_name IN {ours} ORDER BY 1, ordinal_position",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid::regclass::text IN {ours} ORDER BY 1, 2",
        "indexes": f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN {ours} ORDER BY 1",
    }
    with psycopg.connect(url) as database:
        return {name: database.execute(query).fetchall() for name, query in queries.items()}


def test_the_migrations_go_down_to_nothing_and_up_again(throwaway: str) -> None:
    migrate(throwaway)
    before = structure_of(throwaway)
    assert any("ON DELETE CASCADE" in definition for _, _, definition in before["constraints"])
    for name in ("movies_app", "sessions_app"):
        migrate(throwaway, name, "zero")
    assert structure_of(throwaway) == {"columns": [], "constraints": [], "indexes": []}
    migrate(throwaway)
    assert structure_of(throwaway) == before


@pytest.mark.django_db
def test_the_tests_run_on_the_structure_that_the_migrations_make(api: Client) -> None:
    """The raw constraints of the second migrations are there: an upload's rows go by the database alone."""
    answer = upload_member(api)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sessions WHERE id = %s", [answer["session_id"]])
    assert stored_rows() == NOTHING_STORED | {"Film": 3}
