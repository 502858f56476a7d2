"""What every test stands on: the settings, a barred network, clean tables, and Debian's chromium.

PostgreSQL is real everywhere; pytest-django makes the test databases beside the one of DATABASE_URL.
"""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread

from tests import processes, throwaway
from tests.processes import Service
from tests.programs import wait_until

# Static files are served from their folder as they are, except where a test wants them as production serves them.
STORAGES = django_settings.STORAGES
CHROMIUM = Path("/usr/bin/chromium")
# Nothing but the machine itself: names are not looked up, so a page that wants a CDN fails.
CHROMIUM_ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
NO_CHROMIUM = f"BROWSER TEST NOT RUN: {CHROMIUM} is missing (Debian: apt-get install chromium)"

# Playwright keeps an event loop in the main thread, where Django then takes every query for a mistake.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# Commands that tests start on a database of their own need a key; the embedded database's belongs to that alone.
os.environ.setdefault("SECRET_KEY", "a key of the tests, good for nothing else and long enough for the checks")

hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("searching", derandomize=False, deadline=None, print_blob=True, max_examples=1_000)
hypothesis.settings.load_profile("steady")


# ── Settings and network ──────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session", autouse=True)
def steady_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hold the settings that a developer's environment may move; a test sets others with `settings`."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        STORAGES={**django_settings.STORAGES, **plain},
        ALLOWED_HOSTS=["testserver", "localhost", "127.0.0.1"],
        CORS_ALLOWED_ORIGINS=[],
        MAX_UPLOAD_MB=50,
        PUBLIC_URL="",
        SECURE_SSL_REDIRECT=False,
        SESSION_LIFETIME_DAYS=30,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        TMDB_TOKEN="",
        UPLOADS_PER_HOUR=0,
    ):
        yield


@pytest.fixture(autouse=True)
def barred_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every socket that leaves the machine."""

    def barring(real: Any) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and not is_loopback(address[0]):
                raise AssertionError(f"a test wanted to reach {address[0]}")
            return real(self, address)

        return connect

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, barring(getattr(socket.socket, name)))


def is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


# ── Database ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the test database, and at the end cut off whoever is still in it, so that it can be dropped.

    A thread of a browser test may outlive its server by a moment. What the service itself leaks is tested apart.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid), state, query FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        for _, state, query in cursor.fetchall():
            sys.stderr.write(f"cut off a connection to the test database: {state}, {query}\n")


@pytest.fixture(autouse=True)
def clean_queue(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty, after a test that commits, the tables that Django's flush leaves: the queue's and the cache's."""
    marker = request.node.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction")
    if not is_marked and "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    cache.clear()


@pytest.fixture
def api(db: None) -> Client:
    """Return a client that gets a 500 as an answer, as a member does, instead of the exception."""
    return Client(raise_request_exception=False)


# ── Browser ───────────────────────────────────────────────────────────────────────────────────
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser."""
    for item in items:
        if {"browser", "context", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test without chromium; where CI is true that is a failure."""
    if item.get_closest_marker("browser") and not CHROMIUM.exists():
        is_ci = os.environ.get("CI", "").lower() in {"true", "1"}
        (pytest.fail if is_ci else pytest.skip)(NO_CHROMIUM)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.section("browser tests", sep="!", red=True)
        terminalreporter.line(f"{len(skipped)} x {NO_CHROMIUM}", red=True)


@pytest.fixture(scope="session")
def base_url() -> str:
    """Stand in for pytest-playwright's own, which pytest 9.2 warns of."""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start Debian's chromium; its sandbox does not work as root."""
    no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {
        **browser_type_launch_args,
        "executable_path": str(CHROMIUM),
        "args": [*CHROMIUM_ARGUMENTS, *no_sandbox],
    }


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory, steady_settings: None) -> Path:
    """Return a folder with the static files as production serves them, compressed and hashed."""
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder, STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def static_files(collected_static: Path) -> Iterator[Path]:
    """Serve the collected static files, by whitenoise as in production."""
    with override_settings(STATIC_ROOT=collected_static, STORAGES=STORAGES):
        yield collected_static


class LeavingStaticFiles(StaticFilesHandler):
    """Django's handler of a test server, that leaves static files to whitenoise."""

    def _should_handle(self, path: str) -> bool:
        return False


@pytest.fixture
def site(transactional_db: None, static_files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the whole site, with its middleware, to a browser; return its address.

    No thread keeps its database connection after an answer: a browser that keeps the thread would keep it too, and
    the test database could not be dropped.
    """
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    server = LiveServerThread("127.0.0.1", LeavingStaticFiles)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


# ── Processes ─────────────────────────────────────────────────────────────────────────────────
def pytest_sessionstart(session: pytest.Session) -> None:
    """Take away the servers of a run that was killed, once and not in each of xdist's processes."""
    if not hasattr(session.config, "workerinput"):
        throwaway.reap()


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with processes.running_service() as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    """Give the service in good order and without data, whatever the test before left."""
    running.database.start()
    if not running.web.is_running():
        running.web.kill()
        running.start_web()
    wait_until(running.is_ready, seconds=60, what="the service to be in order again")
    running.database.wait_until_idle()
    running.database.empty()
    return running
