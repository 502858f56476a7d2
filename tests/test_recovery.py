"""What brings web, worker and PostgreSQL back after one of them was killed: the Procfile's lines, and `make run`."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.outages import SMALL, age_sessions, assert_it_works_at_once, cut_off_an_upload, defer_sweep, jobs, restart
from tests.processes import Service
from tests.programs import Program, kill_at_once, wait_until

# ── The worker ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("fault", "seconds"), [("stop", 3), ("crash", 3), ("stop", 12)])
def test_the_worker_works_again_after_postgresql_was_away(service: Service, fault: str, seconds: float) -> None:
    cut_off = cut_off_an_upload(service)
    with service.worker() as worker:
        wait_until(lambda: jobs(service).get("succeeded", 0) >= 1, what="the worker's first job")
        getattr(service.database, fault)()
        time.sleep(seconds)
        restart(service)
        assert_it_sweeps(service, worker, cut_off)


def test_another_worker_takes_over_from_one_that_was_killed(service: Service) -> None:
    cut_off = cut_off_an_upload(service)
    with service.worker() as worker:
        wait_until(lambda: jobs(service).get("succeeded", 0) >= 1, what="the worker's first job")
        worker.kill()
        worker.start_again()
        assert_it_sweeps(service, worker, cut_off)


def assert_it_sweeps(service: Service, worker: Program, cut_off: str) -> None:
    age_sessions(service, minutes=11)
    defer_sweep(service)
    failed = "SELECT count(*) FROM sessions WHERE id = %s AND status = 'failed'"
    wait_until(lambda: service.database.value(failed, [cut_off]) == 1, seconds=60, what=f"the sweep\n{worker.log}")
    assert worker.is_running()


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


def command_line(pid: int) -> bytes:
    """Return it, empty for a process that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def is_replaced(pid: int, supervisor: Program, name: bytes) -> bool:
    return any(name in command_line(child) for child in supervisor.children if child != pid)


CHILDREN = {"web": b"gunicorn", "worker": b"run_worker"}


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
