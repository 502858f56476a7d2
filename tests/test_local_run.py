"""`make run` as a process: start, refusal of a second one, every way to end it, and what a kill leaves.

`make demo` is the same with one process more.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from letterboxd_site import local_postgres_programs as programs
from letterboxd_site.local_postgres import PROJECT_DIR, LocalPostgres
from sessions_app.models import SAMPLE_ID
from tests import throwaway

COMMAND = [sys.executable, "-m", "letterboxd_site.local_run"]
READY = "Letterboxd stats runs at"


class Run:
    """A supervisor with a folder and a port of its own, and what it wrote."""

    def __init__(self, folder: Path, *, is_demo: bool = False) -> None:
        self.command = [*COMMAND, "--demo"] if is_demo else COMMAND
        self.data_dir = folder / "demo" if is_demo else folder
        self.database = LocalPostgres(self.data_dir)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.output = folder / "output"
        # Empty and set: neither the tests' own database nor one of a .env file is meant here.
        self.environment = os.environ | {"DATA_DIR": str(folder), "PORT": str(self.port), "DATABASE_URL": ""}

    def start(self, command: list[str] | None = None) -> None:
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command or self.command,
                cwd=PROJECT_DIR,
                env=self.environment,
                stdout=output,
                stderr=output,
                preexec_fn=programs.die_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str, *, seconds: float = 90) -> None:
        wait_until(lambda: text in self.text() or self.process.poll() is not None, seconds=seconds)
        assert text in self.text(), self.text()

    def end(self, signal_number: signal.Signals) -> None:
        """Send the signal; everything must be gone in time and without an error."""
        self.process.send_signal(signal_number)
        self.process.wait(timeout=20)
        assert self.process.returncode == 0, self.text()
        assert self.processes() == []

    def processes(self) -> list[int]:
        """Return every process of this run, by the folder in its environment or the name of its server."""
        mark = f"DATA_DIR={self.data_dir}".encode()
        found = set(self.database._processes())
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environment.read_bytes().split(b"\0"):
                    found.add(int(environment.parent.name))
            except OSError:
                continue
        return sorted(found - {os.getpid()})

    def child(self, words: str) -> int | None:
        """Return the process that the supervisor started with these words, if it runs."""
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if words.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        return None

    def has_another_child(self, words: str, before: int) -> bool:
        return self.child(words) not in {None, before}

    def kill_everything(self) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):  # some end when the one that started them does
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self.processes())


def wait_until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    with throwaway.folder() as folder:
        run = Run(folder, is_demo=getattr(request, "param", "run") == "demo")
        yield run
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(timeout=30)
        assert run.database.remove()


def test_it_says_where_it_answers_refuses_a_second_run_and_ends_with_everything_it_started(run: Run) -> None:
    run.start()
    run.wait_for(f"{READY} {run.url}")
    assert answers(run.url)
    second = subprocess.run(COMMAND, cwd=PROJECT_DIR, env=run.environment, check=False, capture_output=True, text=True)
    assert second.returncode == 1
    assert f"It runs already on {run.data_dir}: {run.url}" in second.stderr
    run.end(signal.SIGINT)
    assert not answers(run.url)
    assert not run.database.socket_dir.exists()


def test_a_port_in_use_is_refused_before_anything_starts(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", run.port))
        other.listen()
        run.start()
        assert run.process.wait(timeout=20) == 1
    assert f"make run PORT={run.port + 1}" in run.text()
    assert "PostgreSQL" not in run.text()


@pytest.mark.parametrize("line", ["Starting PostgreSQL", "Migrating", "Collecting"])
def test_a_signal_while_it_starts_ends_it_too(run: Run, line: str) -> None:
    run.start()
    run.wait_for(line)
    run.end(signal.SIGTERM)
    assert READY not in run.text()


def test_what_dies_is_started_again(run: Run) -> None:
    run.start()
    run.wait_for(READY)
    for name, words in (("web", "gunicorn"), ("worker", "run_worker")):
        before = run.child(words)
        assert before
        os.kill(before, signal.SIGKILL)
        run.wait_for(f"{name} ended with code -9; starting it again.")
        wait_until(functools.partial(run.has_another_child, words, before))
    postmaster = run.database.pid
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    run.wait_for("PostgreSQL ended; starting it again.")
    wait_until(lambda: run.database.pid not in {None, postmaster})
    wait_until(lambda: answers(run.url))
    run.end(signal.SIGTERM)


def test_whatever_was_killed_the_next_run_has_all_data(run: Run) -> None:
    run.start()
    run.wait_for(READY)
    with psycopg.connect(run.database.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    # The supervisor alone: web and worker die with it, the next run takes the database over.
    postmaster = run.database.pid
    run.process.kill()
    run.process.wait()
    wait_until(lambda: run.processes() == sorted(run.database._processes()))
    run.start()
    run.wait_for(READY)
    assert run.database.pid == postmaster
    run.kill_everything()
    run.start()
    run.wait_for(READY)
    assert run.database.pid != postmaster
    with psycopg.connect(run.database.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    run.end(signal.SIGTERM)


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGKILL])
def test_a_signal_for_make_alone_ends_everything(run: Run, signal_number: signal.Signals) -> None:
    makefile = run.data_dir / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(COMMAND)}\n")
    run.start(["make", "--file", str(makefile), "run"])
    run.wait_for(READY)
    run.process.send_signal(signal_number)
    run.process.wait(timeout=20)
    wait_until(lambda: not run.processes(), seconds=20)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:
        return json.load(response)


@pytest.mark.parametrize("run", ["demo"], indirect=True)
def test_the_demo_asks_a_tmdb_of_its_own_and_leaves_real_data_alone(run: Run) -> None:
    run.environment |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/real", "TMDB_TOKEN": "a-real-one"}
    run.start()
    run.wait_for(f"The demonstration: {run.url}sample")
    api = f"{run.url}api/session/{SAMPLE_ID}"
    wait_until(lambda: get(f"{api}/status")["status"] == "completed", seconds=60)
    status = get(f"{api}/status")
    assert status["enriched_count"] == status["total_movies"] > 90
    (vertigo,) = get(f"{api}/movies?q=vertigo")["results"]
    assert [person["name"] for person in vertigo["directors"]] == ["Alfred Hitchcock"]
    # The fake is kept alive as the others are, and ends with them, whatever ends the supervisor.
    before = run.child("fake_tmdb")
    assert before
    os.kill(before, signal.SIGKILL)
    run.wait_for("TMDB ended with code -9; starting it again.")
    wait_until(functools.partial(run.has_another_child, "fake_tmdb", before))
    run.process.kill()
    run.process.wait()
    wait_until(lambda: run.processes() == sorted(run.database._processes()))
    run.start()
    run.wait_for(READY)
    run.end(signal.SIGINT)
