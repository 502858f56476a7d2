"""The service as real processes: PostgreSQL, gunicorn and the worker, each a throwaway that can be killed by its id.

Called by the tests of faults, concurrency, the frontend and the logs. Commands are those of the Procfile.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg

from letterboxd_site.local_postgres import LocalPostgres
from movies_app import made_up
from tests import throwaway
from tests.programs import PROJECT_DIR, Program, children_of, free_port, kill_at_once, wait_until

WORKERS = 2
THREADS = 4  # as in the Procfile
UPLOAD_SECONDS = 60

Files = Sequence[tuple[str, bytes]]


class Database:
    """A PostgreSQL server of its own, with fsync on, and SQL to look behind the service's back."""

    def __init__(self, data_dir: Path) -> None:
        self.server = LocalPostgres(data_dir)
        self._is_started_here = False

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def log(self) -> str:
        return self.server.log_file.read_text(errors="replace")

    def start(self) -> None:
        self.server.start()
        self._is_started_here = True

    def stop(self) -> None:
        """End it as `pg_ctl stop -m fast` does: every connection is cut, open transactions roll back."""
        assert self.server.stop()

    def crash(self) -> None:
        """Send SIGKILL to the postmaster and at once to every process it has; recovery is left to the next start."""
        postmaster = self.server.pid
        assert postmaster
        kill_at_once(postmaster, *children_of(postmaster))
        if self._is_started_here:
            assert self.server.stop()  # forgets the dead process

    def remove(self) -> None:
        self.server.remove()

    @contextlib.contextmanager
    def connection(self, *, autocommit: bool = True) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection that is named in pg_stat_activity, so that the service's can be told from it."""
        bounds = f"-c statement_timeout={UPLOAD_SECONDS}s"
        connection = psycopg.connect(self.url, autocommit=autocommit, application_name="test", options=bounds)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def value(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Return the one value of the one row."""
        ((value,),) = self.rows(statement, parameters)
        return value

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        with self.connection() as connection:
            connection.execute(statement.encode(), parameters or None)

    @contextlib.contextmanager
    def locked(self, table: str, *, mode: str = "EXCLUSIVE") -> Iterator[None]:
        """Hold a table so that every writer waits at it; with the mode `ACCESS EXCLUSIVE` every reader too."""
        with self.connection(autocommit=False) as connection:
            connection.execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
            yield

    def clients(self) -> dict[int, str]:
        """Return the state of each connection of the service, by the id of its backend."""
        return dict(
            self.rows(
                "SELECT pid, state FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND application_name <> 'test' AND datname = current_database()"
            )
        )

    def waiting_for(self, table: str) -> int:
        """Return how many connections wait for a lock on the table."""
        count: int = self.value(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass::oid", [table]
        )
        return count

    def wait_until_somebody_waits_for(self, table: str, *, count: int = 1) -> None:
        wait_until(lambda: self.waiting_for(table) >= count, seconds=60, what=f"{count} to wait for {table}")

    def wait_until_idle(self) -> None:
        """Wait until no connection of the service is inside a statement or a transaction."""
        wait_until(lambda: set(self.clients().values()) <= {"idle"}, what="every connection to be idle")

    def halves(self) -> dict[str, int]:
        """Count what only a half-done upload leaves, none of which may ever be seen."""
        incomplete = (
            "NOT EXISTS (SELECT FROM sessions WHERE id = {0}.session_id AND status IN ('enriching', 'completed'))"
        )
        checks = {
            "movies without a completed session": f"movies WHERE {incomplete.format('movies')}",
            "receipts without a completed session": f"receipts WHERE {incomplete.format('receipts')}",
            "completed sessions without a receipt": "sessions WHERE status = 'completed'"
            " AND id NOT IN (SELECT session_id FROM receipts)",
            "sessions with another number of movies": "sessions WHERE total_movies <>"
            " (SELECT count(*) FROM movies WHERE session_id = sessions.id)",
            "movies without their film": "movies LEFT JOIN films ON films.id = film_id WHERE films.id IS NULL",
            "films without a movie": "films WHERE NOT EXISTS (SELECT FROM movies WHERE film_id = films.id)",
        }
        counts = {what: self.value(f"SELECT count(*) FROM {rows}") for what, rows in checks.items()}
        return {what: count for what, count in counts.items() if count}

    def add_expired(self, sessions: int, *, movies: int) -> None:
        """Add upload sessions that expired an hour ago, each with so many movies and a receipt."""
        self.execute(
            """
            WITH added AS (
                INSERT INTO sessions (id, created_at, last_accessed, expires_at, status, total_movies, enriched_count,
                                      metadata, display_name, manage_token_hash)
                SELECT gen_random_uuid(), now() - interval '31 days', now() - interval '31 days',
                       now() - interval '1 hour', 'completed', %(movies)s, 0, '{"history": []}', '', ''
                FROM generate_series(1, %(sessions)s) RETURNING id
            ), with_receipt AS (
                INSERT INTO receipts (session_id, content) SELECT id, '{"files": []}' FROM added
            )
            INSERT INTO movies (session_id, position, title, date_source, rewatch, liked, tags, viewings, film_id)
            SELECT id, position, 'A film', 'none', false, false, '[]', '[]', 0
            FROM added, generate_series(1, %(movies)s) AS position
            """,
            {"sessions": sessions, "movies": movies},
        )

    def empty(self) -> None:
        """Forget every upload, film and job."""
        self.execute("TRUNCATE sessions, receipts, movies, films, collections, cache, procrastinate_jobs CASCADE")


class Service:
    """Web processes on a database of their own; the worker where a test asks for it.

    Requests never reuse a connection, so none fails because gunicorn closed an idle one.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.database = Database(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = _environment(folder, database_url=self.database.url, port=self.port) | dict(settings)
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=self.url, trust_env=False, limits=limits, timeout=UPLOAD_SECONDS)
        self._web: Program | None = None

    @property
    def web(self) -> Program:
        assert self._web
        return self._web

    def start(self) -> None:
        self.database.start()
        self.run_to_end(procfile()["release"])
        self.run_to_end("exec python manage.py collectstatic --noinput")
        self.start_web()

    def end(self) -> None:
        try:
            if self._web:
                self._web.stop()
        finally:
            self.client.close()
            self.database.remove()

    def start_web(self) -> None:
        """Start gunicorn and wait until it answers with the database."""
        if self._web:
            self._web.start_again()
        else:
            self._web = self.program(procfile()["web"], log_name="web.log")
        wait_until(self.is_ready, what=f"gunicorn to answer; its log:\n{self.web.log}")

    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/readyz").status_code == httpx.codes.OK
        return False

    def program(self, line: str, *, log_name: str, **settings: str) -> Program:
        """Start a line of the Procfile, or another line of shell, with the service's environment."""
        environment = self.environment | settings
        return Program(["/bin/sh", "-c", line], environment=environment, log_file=self.folder / log_name)

    @contextlib.contextmanager
    def worker(self, *, log_name: str = "worker.log") -> Iterator[Program]:
        """Run the Procfile's worker inside the block."""
        worker = self.program(procfile()["worker"], log_name=log_name)
        try:
            yield worker
        finally:
            worker.stop()

    @contextlib.contextmanager
    def second_web(self, *, log_name: str = "second-web.log", **settings: str) -> Iterator[httpx.Client]:
        """Run a second gunicorn with other settings on the same database inside the block, and give its client."""
        port = free_port()
        web = self.program(procfile()["web"], log_name=log_name, PORT=str(port), **settings)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=UPLOAD_SECONDS) as client:
                wait_until(lambda: _answers(client), what=f"the second gunicorn; its log:\n{web.log}")
                yield client
        finally:
            web.stop()

    def run_to_end(self, line: str) -> str:
        """Run a line of shell with the service's environment and return what it said."""
        run = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=PROJECT_DIR,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def upload(self, files: Files, *, display_name: str = "") -> httpx.Response:
        parts = [("files", (name, content)) for name, content in files]
        return self.client.post("/api/upload", files=parts, data={"display_name": display_name})

    def uploaded(self, files: Files) -> dict[str, Any]:
        """Upload, insist on success and return the answer."""
        answer = self.upload(files)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        body: dict[str, Any] = answer.json()
        return body

    @contextlib.contextmanager
    def uploading(self, files: Files) -> Iterator[Future[httpx.Response]]:
        """Upload in a thread while the block runs."""
        with ThreadPoolExecutor(1) as threads:
            yield threads.submit(self.upload, files)

    def status(self, session_id: str) -> httpx.Response:
        return self.client.get(f"/api/session/{session_id}/status")


@contextlib.contextmanager
def idle_service(**settings: str) -> Iterator[Service]:
    """Give a service that is not started, and end everything of it afterwards."""
    with throwaway.folder() as folder:
        service = Service(folder, settings=settings)
        try:
            yield service
        finally:
            service.end()


@contextlib.contextmanager
def running_service(**settings: str) -> Iterator[Service]:
    """Give a service that runs, and end everything of it afterwards."""
    with idle_service(**settings) as service:
        service.start()
        yield service


def procfile() -> dict[str, str]:
    """Return the commands of the Procfile by name."""
    lines = (line.partition(":") for line in (PROJECT_DIR / "Procfile").read_text().splitlines())
    return {name: command.strip() for name, colon, command in lines if colon}


def make_upload(*, films: int, seed: int = 1) -> list[tuple[str, bytes]]:
    """Return the ZIP of a made-up member, as `Service.upload` takes it."""
    return [("letterboxd-export.zip", made_up.make_zip(made_up.make_export(films=films, seed=seed)))]


def make_watched(films: Sequence[tuple[str, int, str]]) -> list[tuple[str, bytes]]:
    """Return a watched.csv of (name, year, link), as `Service.upload` takes it."""
    rows = "".join(f"2024-01-01,{name},{year},{link}\n" for name, year, link in films)
    return [("watched.csv", f"Date,Name,Year,Letterboxd URI\n{rows}".encode())]


def _environment(folder: Path, *, database_url: str, port: int) -> dict[str, str]:
    """Return every setting of the service, so that neither the developer's environment nor their .env decides."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url,
        "WORKER_DATABASE_URL": database_url,
        "SECRET_KEY": "a key of the tests, good for nothing else and long enough for the checks",
        "DEBUG": "false",
        "HTTPS": "false",
        "PUBLIC_URL": "",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CSRF_TRUSTED_ORIGINS": "",
        "CORS_ALLOWED_ORIGINS": "",
        "TRUSTED_PROXIES": "0",
        "CACHE_URL": "dbcache://cache",
        "SESSION_LIFETIME_DAYS": "30",
        "MAX_UPLOAD_MB": "50",
        "UPLOADS_PER_HOUR": "0",
        "WEB_CONCURRENCY": str(WORKERS),
        "WEB_HOST": "127.0.0.1",
        "PORT": str(port),
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "INFO",
    }


def _answers(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/readyz").status_code == httpx.codes.OK
    return False
