"""Measure a whole upload, multipart to 201: the sketch, ours, and parse + COPY alone.

`python -m benchmarks.upload` starts both services on one PostgreSQL server, in a database of its
own that it drops at the end, lets them take turns round by round, and judges the medians against
the targets. Exits 1 on a miss. README.md beside it says how to read the table.
"""

import argparse
import contextlib
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg

from letterboxd_site.local_postgres import LocalPostgres, data_dir_from_environment
from movies_app import importing, made_up, storage
from movies_app.archive import BroughtFile

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
START_SECONDS = 60
STOP_SECONDS = 10
MEMORY_TARGET_MB = 350
OTHER_FILMS = 100_000
SKETCH, NEW, KNOWN, FLOOR = "sketch", "ours, films new", "ours, films known", "parse + COPY alone"

OUR_COMMAND = (
    *("gunicorn", "letterboxd_site.wsgi", "--worker-class=gthread", f"--workers={WORKERS}"),
    *("--threads=4", "--bind=127.0.0.1:{port}"),
)
OURS_ENV = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "HTTPS": "off",
    "UPLOADS_PER_HOUR": "0",
    # With a token an upload queues its enrichment as in production; no worker runs that would ask.
    "TMDB_TOKEN": "benchmark",
    "TMDB_BASE_URL": "http://127.0.0.1:9",
}
SKETCH_COMMAND = ("uvicorn", "benchmarks.sketch.app:app", f"--workers={WORKERS}", "--port={port}")


class CannotMeasure(Exception):
    """A service does not start, or its answer is wrong."""


@dataclass(frozen=True)
class Upload:
    """One measured upload: its time in ms and the number of films the contender counted."""

    ms: float
    films: int


@dataclass(frozen=True)
class Target:
    """`times` the median of `against` is the most that an upload of `films` may take."""

    films: int
    against: str
    times: float


TARGETS = (
    Target(films=1_600, against=SKETCH, times=1 / 6),
    Target(films=1_600, against=FLOOR, times=2.5),
    Target(films=10_000, against=SKETCH, times=1 / 10),
    Target(films=50_000, against=SKETCH, times=1 / 10),
)


def say(text: str) -> None:
    print(text, flush=True)


# ── The database ─────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def database_server() -> Iterator[str]:
    """Yield the URL of the server of DATABASE_URL, or of the embedded one, started for the run."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = LocalPostgres(data_dir_from_environment())
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@contextlib.contextmanager
def scratch_database(server_url: str) -> Iterator[str]:
    """Yield the URL of a new, empty database on the server; drop it at the end."""
    name = f"benchmark_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill_catalogue(connection: psycopg.Connection) -> None:
    """Give the catalogue films that no export names: uploads never meet an empty one."""
    connection.execute(
        "INSERT INTO films (title_key, title, year, letterboxd_uri)"
        " SELECT 'other ' || n, 'Other ' || n, 1950 + n %% 75, 'https://boxd.it/other' || n"
        " FROM generate_series(1, %s) n",
        [OTHER_FILMS],
    )
    connection.execute("VACUUM ANALYZE films")


def forget_films(connection: psycopg.Connection) -> None:
    """Take out what the exports added to the catalogue, so that the next one's films are all new."""
    connection.execute("DELETE FROM films WHERE title_key NOT LIKE 'other %'")
    connection.execute("VACUUM ANALYZE films")


# ── The two services ─────────────────────────────────────────────────────────────────────────
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_it_answers(url: str, *, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).is_success:
                return
        time.sleep(0.1)
    raise CannotMeasure(f"{url} does not answer")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and everything in its group."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


@contextlib.contextmanager
def service(*command: str, env: dict[str, str], probe: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a web service on a free port ({port} in `command`); yield its address and process."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *(part.format(port=port) for part in command)],
                cwd=ROOT,
                env=os.environ | env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until_it_answers(address + probe, process=process)
            yield address, process
        except CannotMeasure:
            say(f"{' '.join(command)} logged last:\n{log.read_text()[-4000:]}\n")
            raise
        finally:
            stop(process)


def peak_memory_mb(master: subprocess.Popen[bytes]) -> float:
    """Return the largest peak of resident memory among the workers of a gunicorn master."""
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
    statuses = [Path(f"/proc/{child}/status").read_text() for child in children]
    return max(int(status.split("VmHWM:")[1].split()[0]) for status in statuses) / 1024


# ── The contenders ───────────────────────────────────────────────────────────────────────────
class OverHttp:
    """Takes the export's ZIP as multipart and answers 201 with `total_movies`."""

    def __init__(self, url: str, *, field: str) -> None:
        self.url, self.field = url, field
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(timeout=300, limits=limits, trust_env=False)

    def __call__(self, zipped: bytes) -> Upload:
        part = {self.field: ("export.zip", zipped, "application/zip")}
        request = self.client.build_request("POST", self.url, files=part)
        request.read()  # the body is encoded before the clock starts
        started = time.perf_counter()
        response = self.client.send(request)
        ms = (time.perf_counter() - started) * 1000
        if response.status_code != httpx.codes.CREATED:
            raise CannotMeasure(f"{self.url} answered {response.status_code}: {response.text[:500]}")
        return Upload(ms=ms, films=response.json()["total_movies"])


class ParseAndCopy:
    """The import's pure part and one COPY of its rows, committed; no HTTP, session or catalogue."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        connection.execute("CREATE TABLE bare (LIKE movies)")  # no index, no constraint, no default
        connection.execute("ALTER TABLE bare ALTER id DROP NOT NULL")

    def __call__(self, zipped: bytes) -> Upload:
        started = time.perf_counter()
        export = importing.open_export([BroughtFile("export.zip", zipped)])
        movies = importing.read_export(export, today=datetime.now(UTC).date()).movies
        rows = storage.movie_rows(movies.with_columns(film_id="position"), session_id=uuid4())
        copy_sql = f"COPY bare ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)"
        with self.connection.cursor().copy(copy_sql) as copy:
            copy.write(storage.as_csv(rows))
        return Upload(ms=(time.perf_counter() - started) * 1000, films=movies.height)


# ── Measuring ────────────────────────────────────────────────────────────────────────────────
Contenders = dict[str, Callable[[bytes], Upload]]


def zipped_export(*, films: int, seed: int) -> bytes:
    return made_up.make_zip(made_up.make_export(films=films, seed=seed))


def warm_up(contenders: Contenders) -> None:
    """Send each contender eight small uploads; several at a time, so that all workers get some."""
    exports = [zipped_export(films=300, seed=seed) for seed in range(8)]
    for name, contender in contenders.items():
        with ThreadPoolExecutor(1 if name == FLOOR else 2 * WORKERS) as pool:
            list(pool.map(contender, exports))


def measure(
    contenders: Contenders, *, connection: psycopg.Connection, films: int, rounds: int
) -> dict[str, list[Upload]]:
    """Let all take turns, `rounds` times with a fresh export; return the uploads of each."""
    uploads: dict[str, list[Upload]] = {name: [] for name in contenders}
    exports = [zipped_export(films=films, seed=films + number) for number in range(rounds)]
    for number, zipped in enumerate(exports, 1):
        forget_films(connection)
        turn = {name: contender(zipped) for name, contender in contenders.items()}
        if len({turn[name].films for name in (NEW, KNOWN, FLOOR)}) > 1:
            raise CannotMeasure(f"Ours counts its films in different ways: {turn}")
        for name, upload in turn.items():
            uploads[name].append(upload)
        times = ", ".join(f"{name} {upload.ms:,.0f} ms" for name, upload in turn.items())
        say(f"{films:,} films, round {number} of {rounds}: {times}")
    return uploads


# ── Judging ──────────────────────────────────────────────────────────────────────────────────
def as_ratio(ratio: float) -> str:
    return f"1/{1 / ratio:.1f}" if ratio < 1 else f"{ratio:.2f} x"


def verdict(*, is_met: bool) -> str:
    return "PASS" if is_met else "MISS"


def judge(films: int, uploads: dict[str, list[Upload]]) -> bool:
    """Print the table of one size; return whether every target of that size is met."""
    medians = {name: statistics.median(one.ms for one in each) for name, each in uploads.items()}
    say(f"\n{films:,} films           median ms   fastest   slowest     counted")
    for name, each in uploads.items():
        times = sorted(one.ms for one in each)
        counted = sorted({one.films for one in each})
        say(
            f"  {name:<20} {medians[name]:>9,.0f} {times[0]:>9,.0f} {times[-1]:>9,.0f}"
            f"     {counted[0]:,}" + (f" to {counted[-1]:,}" if len(counted) > 1 else "")
        )
    is_met = True
    for target in (target for target in TARGETS if target.films == films):
        limit = medians[target.against] * target.times
        for name in (NEW, KNOWN):
            is_met &= medians[name] <= limit
            say(
                f"  {name:<20} {as_ratio(medians[name] / medians[target.against]):>9} of"
                f" {target.against}, target {as_ratio(target.times)} = {limit:,.0f} ms:"
                f"  {verdict(is_met=medians[name] <= limit)}"
            )
    worse = max((NEW, KNOWN), key=medians.__getitem__)
    say(f"  the worse of the two: {worse}, {medians[worse]:,.0f} ms")
    return is_met


def judge_memory(master: subprocess.Popen[bytes]) -> bool:
    peak = peak_memory_mb(master)
    is_met = peak < MEMORY_TARGET_MB
    say(
        f"\nPeak memory of our web worker: {peak:,.0f} MB,"
        f" target under {MEMORY_TARGET_MB} MB:  {verdict(is_met=is_met)}"
    )
    return is_met


# ── The run ──────────────────────────────────────────────────────────────────────────────────
def run_module(*arguments: str, env: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=os.environ | env, check=True, stdout=subprocess.DEVNULL)


def run(database_url: str, *, sizes: list[int], rounds: int) -> bool:
    """Measure and judge on an empty database; return whether every target is met."""
    ours_env = OURS_ENV | {"DATABASE_URL": database_url}
    sketch_env = {"DATABASE_URL": database_url}
    quiet_env = ours_env | {"LOG_LEVEL": "WARNING"}
    run_module("manage.py", "migrate", env=quiet_env)
    run_module("manage.py", "createcachetable", env=quiet_env)
    run_module("-m", "benchmarks.sketch.app", env=sketch_env)
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        service(*SKETCH_COMMAND, env=sketch_env, probe="/openapi.json") as (sketch_url, _),
        service(*OUR_COMMAND, env=ours_env, probe="/healthz") as (our_url, master),
    ):
        (version,) = connection.execute("SELECT current_setting('server_version')").fetchone()
        say(f"PostgreSQL {version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        fill_catalogue(connection)
        ours = OverHttp(f"{our_url}/api/upload", field="files")
        contenders: Contenders = {
            SKETCH: OverHttp(f"{sketch_url}/upload", field="file"),
            NEW: ours,
            KNOWN: ours,
            FLOOR: ParseAndCopy(connection),
        }
        say("Warming up …")
        warm_up(contenders)
        measured = {films: measure(contenders, connection=connection, films=films, rounds=rounds) for films in sizes}
        verdicts = [judge(films, uploads) for films, uploads in measured.items()]
        return all([*verdicts, judge_memory(master)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--films", type=int, nargs="+", default=[1_600, 10_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave by the context managers
    try:
        with database_server() as server_url, scratch_database(server_url) as database_url:
            is_met = run(database_url, sizes=sorted(options.films), rounds=options.rounds)
    except CannotMeasure as error:
        say(str(error))
        return 2
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
