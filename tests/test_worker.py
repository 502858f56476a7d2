"""`manage.py run_worker` as the Procfile starts it: it outlives a database that goes, and ends when it is told."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests import processes
from tests.outages import defer_sweep, jobs
from tests.processes import Database, Service
from tests.programs import Program, children_of, wait_until

LONGEST_STOP = 10
IS_RESTARTING = "and starts again in"
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND query LIKE 'LISTEN %'"


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    """Give a database with our tables; of the service's processes only the worker matters here."""
    with processes.idle_service() as service:
        service.database.start()
        service.run_to_end(processes.procfile()["release"])
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.database.start()
    running.database.empty()
    running.database.execute("TRUNCATE procrastinate_workers CASCADE")
    return running


@pytest.fixture
def worker(service: Service) -> Iterator[Program]:
    """Give a worker that waits for jobs: at its start it did the sweep of the last five minutes."""
    with service.worker(log_name=f"worker-{time.monotonic_ns()}.log") as worker:
        wait_until(lambda: set(jobs(service)) == {"succeeded"}, what=f"the worker's first job\n{worker.log}")
        wait_until(lambda: service.database.value(LISTENERS) == 1, what=f"the worker to listen\n{worker.log}")
        yield worker


def seconds_to_end(worker: Program, signal_number: signal.Signals = signal.SIGTERM) -> float:
    started = time.monotonic()
    os.kill(worker.pid, signal_number)
    worker.wait_for_end()
    return time.monotonic() - started


def restarts(worker: Program) -> int:
    return worker.log.count(IS_RESTARTING)


# ── The end ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_and_signs_off(service: Service, worker: Program, signal_number: signal.Signals) -> None:
    assert seconds_to_end(worker, signal_number) < 3
    assert worker.wait_for_end() == 0, worker.log
    assert service.database.value("SELECT count(*) FROM procrastinate_workers") == 0
    assert IS_RESTARTING not in worker.log


def while_it_signs_off(worker: Program) -> None:
    wait_until(lambda: "error connecting in 'pool-1'" in worker.log)


def while_it_pauses(worker: Program) -> None:
    wait_until(lambda: restarts(worker) == 1)


def while_it_tries_to_start(worker: Program) -> None:
    while_it_pauses(worker)
    wait_until(lambda: "error connecting in 'pool-2'" in worker.log)


@pytest.mark.parametrize("moment", [while_it_signs_off, while_it_pauses, while_it_tries_to_start])
def test_it_ends_in_time_while_the_database_is_away(
    service: Service, worker: Program, moment: Callable[[Program], None]
) -> None:
    service.database.stop()
    moment(worker)
    assert seconds_to_end(worker) < LONGEST_STOP
    assert worker.wait_for_end() == 0, worker.log


def test_it_ends_in_time_while_the_database_hangs(service: Service, worker: Program) -> None:
    with hanging(service.database):
        assert seconds_to_end(worker) < LONGEST_STOP


@contextlib.contextmanager
def hanging(database: Database) -> Iterator[None]:
    """Hold every process of the server: connections stay open and nothing answers."""
    postmaster = database.server.pid
    assert postmaster
    held = [postmaster, *children_of(postmaster)]
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            with contextlib.suppress(ProcessLookupError):  # some end when another of them goes on
                os.kill(pid, signal.SIGCONT)


def test_it_finishes_the_job_that_runs(service: Service, worker: Program) -> None:
    with service.database.locked("sessions", mode="ACCESS EXCLUSIVE"):
        defer_sweep(service)
        service.database.wait_until_somebody_waits_for("sessions")
        os.kill(worker.pid, signal.SIGTERM)
        time.sleep(1)
        assert worker.is_running()
    assert worker.wait_for_end() == 0, worker.log
    assert set(jobs(service)) == {"succeeded"}


def test_it_ends_in_time_though_a_job_does_not(service: Service, worker: Program) -> None:
    with service.database.locked("sessions", mode="ACCESS EXCLUSIVE"):
        defer_sweep(service)
        service.database.wait_until_somebody_waits_for("sessions")
        assert seconds_to_end(worker) < LONGEST_STOP
    assert worker.wait_for_end() == -signal.SIGALRM


# ── The return ───────────────────────────────────────────────────────────────────────────────


def test_it_works_again_in_the_same_process_after_the_database_restarted(service: Service, worker: Program) -> None:
    service.database.stop()
    service.database.start()
    wait_until(lambda: restarts(worker) > 0, what="the log to say that it starts again")
    before = jobs(service)["succeeded"]
    defer_sweep(service)
    wait_until(lambda: jobs(service)["succeeded"] > before, what=f"the sweep\n{worker.log}")
    assert worker.is_running()
    assert seconds_to_end(worker) < LONGEST_STOP
    assert worker.wait_for_end() == 0, worker.log


def test_it_waits_for_a_database_that_is_away_when_it_starts(service: Service) -> None:
    service.database.stop()
    with service.worker(log_name="early.log") as worker:
        wait_until(lambda: restarts(worker) > 0, what=f"the log to say that it starts again\n{worker.log}")
        service.database.start()
        wait_until(lambda: "succeeded" in jobs(service), what=f"the worker's first job\n{worker.log}")
