"""What brings web, worker and PostgreSQL back after one of them was killed: the Procfile's lines, and `make run`."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.outages import SMALL, age_sessions, assert_it_works_at_once, cut_off_an_upload, defer_sweep, jobs, restart
from tests.processes import Service
from tests.programs import Program, children_of, kill_at_once, wait_until

pytestmark = pytest.mark.xdist_group("faults")


# ── The worker sees PostgreSQL go ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("fault", "seconds"), [("stop", 3), ("crash", 3), ("stop", 12)])
def test_the_worker_works_again_after_postgresql_was_away(service: Service, fault: str, seconds: float) -> None:
    cut_off = cut_off_an_upload(service)
    with service.worker() as worker:
        wait_until(lambda: jobs(service).get("succeeded", 0) >= 1, what="the worker's first job")
        getattr(service.database, fault)()
        back_at = time.monotonic() + seconds
        wait_until(lambda: start_again_as_a_platform_does(worker) and time.monotonic() > back_at)
        restart(service)
        age_sessions(service, minutes=11)
        defer_sweep(service)
        failed = "SELECT count(*) FROM sessions WHERE id = %s AND status = 'failed'"
        wait_until(
            lambda: start_again_as_a_platform_does(worker) and service.database.value(failed, [cut_off]) == 1,
            seconds=60,
            what=f"the sweep\n{worker.log}",
        )


def start_again_as_a_platform_does(worker: Program) -> bool:
    """Start the Procfile's line again when it ended with an error; it may not end without one."""
    if not worker.is_running():
        assert worker.wait_for_end() != 0
        worker.start_again()
    return True


def test_a_worker_that_is_killed_ends_its_line_with_an_error_so_that_the_platform_starts_it_again(
    service: Service,
) -> None:
    cut_off = cut_off_an_upload(service)
    with service.worker() as worker:
        wait_until(lambda: jobs(service).get("succeeded", 0) >= 1, what="the worker's first job")
        kill_python_below(worker)
        assert worker.wait_for_end() == 128 + signal.SIGKILL
        worker.start_again()
        age_sessions(service, minutes=11)
        defer_sweep(service)
        wait_until(lambda: service.status(cut_off).json()["status"] == "failed", what=f"the sweep\n{worker.log}")


def kill_python_below(worker: Program) -> None:
    """Kill the worker process itself; the shell that keeps it alive stays."""
    pids = [worker.pid, *worker.children]
    pids += [child for pid in pids for child in children_of(pid)]
    kill_at_once(*{pid for pid in pids if b"procrastinate\0worker" in command_line(pid)})


def command_line(pid: int) -> bytes:
    """Return it, empty for a process that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


# ── One command runs it ──────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def supervised() -> Iterator[tuple[Program, Service]]:
    """Give the supervisor behind `make run` with all that it started, on a database of its own."""
    with processes.idle_service() as service:
        line = "exec python -m letterboxd_site.local_run"
        supervisor = service.program(line, log_name="run.out", DATABASE_URL="", WORKER_DATABASE_URL="")
        try:
            wait_until(service.is_ready, seconds=60, what=f"make run\n{supervisor.log}")
            yield supervisor, service
        finally:
            supervisor.stop()


def is_replaced(pid: int, supervisor: Program, name: bytes) -> bool:
    return any(name in command_line(child) for child in supervisor.children if child != pid)


CHILDREN = {"web": b"gunicorn", "worker": b"procrastinate\0worker"}


@pytest.mark.parametrize("victim", ["postgresql", "web", "worker"])
def test_make_run_mends_what_is_killed(supervised: tuple[Program, Service], victim: str) -> None:
    supervisor, service = supervised
    known = service.uploaded(SMALL)["session_id"]
    if victim == "postgresql":
        postmaster = service.database.server.pid
        service.database.crash()
        wait_until(lambda: service.database.server.pid not in {None, postmaster}, what=f"PostgreSQL\n{supervisor.log}")
    else:
        (pid,) = [pid for pid in supervisor.children if CHILDREN[victim] in command_line(pid)]
        kill_at_once(pid)
        wait_until(lambda: is_replaced(pid, supervisor, CHILDREN[victim]), what=f"another {victim}\n{supervisor.log}")
    wait_until(service.is_ready, seconds=60, what=f"an answer\n{supervisor.log}")
    assert_it_works_at_once(service, known)
    defer_sweep(service)
    wait_until(lambda: "todo" not in jobs(service), what=f"the worker\n{supervisor.log}")
