"""What survives when web, worker or PostgreSQL are killed: they are processes here, and are killed by their ids."""

import contextlib
import os
import signal
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests import processes
from tests.outages import (
    MEDIUM,
    SMALL,
    age_sessions,
    assert_it_works_at_once,
    cut_off_an_upload,
    defer_sweep,
    jobs,
    kill_web,
    kill_web_master,
    kill_web_workers,
    outcome,
    restart,
)
from tests.processes import Files, Service
from tests.programs import wait_until

ERROR_KEYS = {"detail", "code", "file", "hint"}
EVERY_THREAD = processes.WORKERS * processes.THREADS
MOST_POLLS = 20 * EVERY_THREAD


@pytest.fixture(scope="module")
def large() -> Files:
    return processes.make_upload(films=50_000, seed=9)


@pytest.fixture(scope="module")
def large_seconds(running: Service, large: Files) -> float:
    """Return how long the import of the large export takes on this machine."""
    running.uploaded(SMALL)
    started = time.monotonic()
    running.uploaded(large)
    return time.monotonic() - started


KILLS = {"workers": kill_web_workers, "master": kill_web_master, "everything": kill_web}


def sessions_by_status(service: Service) -> dict[str, int]:
    return dict(service.database.rows("SELECT status, count(*) FROM sessions GROUP BY status"))


# ── The web processes are killed ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("victim", "share"),
    [("workers", 0.1), ("workers", 0.5), ("workers", 0.8), ("everything", 0.3), ("everything", 0.65)],
)
def test_a_kill_in_the_middle_of_a_large_upload_leaves_all_of_it_or_nothing(
    service: Service, large: Files, large_seconds: float, victim: str, share: float
) -> None:
    known = service.uploaded(SMALL)["session_id"]
    with service.uploading(large) as upload:
        time.sleep(share * large_seconds)
        KILLS[victim](service.web)
        status = outcome(upload)
    if not service.web.is_running():
        service.start_web()
    assert_it_works_at_once(service, known)
    service.database.wait_until_idle()
    assert status in {None, 201}
    assert service.database.halves() == {}
    if status == 201:
        assert sessions_by_status(service) == {"completed": 3}


def test_workers_whose_master_is_killed_end_and_leave_no_half_upload(
    service: Service, large: Files, large_seconds: float
) -> None:
    known = service.uploaded(SMALL)["session_id"]
    with service.uploading(large) as upload:
        time.sleep(0.4 * large_seconds)
        kill_web_master(service.web)
        status = outcome(upload)
    service.start_web()
    assert_it_works_at_once(service, known)
    service.database.wait_until_idle()
    assert status in {None, 201}
    assert service.database.halves() == {}


@pytest.mark.parametrize("table", ["films", "movies", "receipts"])
def test_a_kill_while_a_table_is_written_leaves_nothing_but_the_open_session(service: Service, table: str) -> None:
    with service.uploading(MEDIUM) as upload:
        with service.database.locked(table):
            service.database.wait_until_somebody_waits_for(table)
            kill_web(service.web)
        assert outcome(upload) is None
    wait_until(lambda: not service.database.clients(), what="the killed process's connections to end")
    assert sessions_by_status(service) == {"processing": 1}
    assert service.database.value("SELECT count(*) FROM films") == 0
    assert service.database.halves() == {}
    service.start_web()
    assert_it_works_at_once(service)


def test_a_kill_between_the_receipt_and_the_completion_leaves_nothing_but_the_open_session(service: Service) -> None:
    database = service.database
    with service.uploading(MEDIUM) as upload:
        with contextlib.ExitStack() as receipts, database.connection(autocommit=False) as holder:
            receipts.enter_context(database.locked("receipts"))
            database.wait_until_somebody_waits_for("receipts")
            holder.execute("SELECT id FROM sessions FOR NO KEY UPDATE")
            receipts.close()
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE%'"
            wait_until(lambda: database.value(waiting) == 1, what="the completion to wait")
            kill_web(service.web)
        assert outcome(upload) is None
    wait_until(lambda: not database.clients(), what="the killed process's connections to end")
    assert sessions_by_status(service) == {"processing": 1}
    assert database.value("SELECT count(*) FROM films") == 0
    assert database.halves() == {}
    service.start_web()
    assert_it_works_at_once(service)


def test_a_kill_while_the_bytes_still_arrive_leaves_no_session(service: Service) -> None:
    request = service.client.build_request("POST", "/api/upload", files=[("files", MEDIUM[0])])
    head = f"POST /api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {request.headers['content-type']}\r\n"
    body = request.read()
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
        time.sleep(0.5)
        kill_web_workers(service.web)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert service.is_ready()
    assert sessions_by_status(service) == {}
    assert_it_works_at_once(service)


def test_an_upload_under_way_is_answered_before_a_web_process_that_is_asked_to_end_goes(service: Service) -> None:
    with service.uploading(MEDIUM) as upload:
        with service.database.locked("movies"):
            service.database.wait_until_somebody_waits_for("movies")
            os.kill(service.web.pid, signal.SIGTERM)
            time.sleep(2)
            assert service.web.is_running()
        assert outcome(upload) == 201
    assert service.web.wait_for_end() == 0
    assert service.database.halves() == {}


# ── What was cut off is ended by the sweep ───────────────────────────────────────────────────


def test_the_worker_fails_a_session_that_was_cut_off_once_it_is_old_enough(service: Service) -> None:
    session_id = cut_off_an_upload(service)
    with service.worker():
        wait_until(lambda: jobs(service).get("succeeded", 0) >= 1, what="the sweep that is due at the start")
        assert service.status(session_id).json()["status"] == "processing"
        age_sessions(service, minutes=11)
        defer_sweep(service)
        wait_until(lambda: service.status(session_id).json()["status"] == "failed", what="the sweep")
    answer = service.status(session_id).json()
    assert answer["error_message"]
    assert answer["total_movies"] == 0
    history = service.client.get(f"/api/session/{session_id}").json()["history"]
    assert [state["status"] for state in history] == ["processing", "failed"]
    assert service.client.get(f"/api/session/{session_id}/movies").json()["results"] == []
    assert set(jobs(service)) == {"succeeded"}


def test_the_sweep_leaves_finished_sessions_as_they_are(service: Service) -> None:
    completed = service.uploaded(SMALL)["session_id"]
    cut_off = cut_off_an_upload(service)
    age_sessions(service, minutes=60)
    with service.worker():
        defer_sweep(service)
        wait_until(lambda: service.status(cut_off).json()["status"] == "failed", what="the sweep")
    assert service.status(completed).json()["status"] == "completed"


def test_an_import_that_outlives_the_sweep_leaves_no_movie_in_the_session_that_failed(service: Service) -> None:
    with service.worker(), service.uploading(MEDIUM) as upload:
        with service.database.locked("films"):
            service.database.wait_until_somebody_waits_for("films")
            age_sessions(service, minutes=11)
            defer_sweep(service)
            wait_until(lambda: sessions_by_status(service) == {"failed": 1}, what="the sweep")
        answer = upload.result(processes.UPLOAD_SECONDS)
    assert answer.status_code == 500
    assert sessions_by_status(service) == {"failed": 1}
    assert service.database.halves() == {}


def test_a_worker_that_is_killed_in_a_sweep_keeps_no_later_sweep_from_running(service: Service) -> None:
    cut_off = cut_off_an_upload(service)
    age_sessions(service, minutes=11)
    with service.database.locked("sessions"), service.worker() as worker:
        defer_sweep(service)
        service.database.wait_until_somebody_waits_for("sessions")
        worker.kill()
    with service.worker():
        defer_sweep(service)
        wait_until(lambda: service.status(cut_off).json()["status"] == "failed", what="the second sweep")


# ── PostgreSQL is killed ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["sessions", "films", "movies", "receipts"])
def test_a_kill_of_postgresql_while_a_table_is_written_leaves_no_half_upload(service: Service, table: str) -> None:
    known = service.uploaded(SMALL)["session_id"]
    with service.uploading(MEDIUM) as upload:
        with contextlib.suppress(psycopg.OperationalError), service.database.locked(table):
            service.database.wait_until_somebody_waits_for(table)
            service.database.crash()
        restart(service)
        assert_it_works_at_once(service, known)
        answer = upload.result(processes.UPLOAD_SECONDS)
    assert answer.status_code == 500
    assert set(answer.json()) >= ERROR_KEYS
    service.database.wait_until_idle()
    assert service.database.halves() == {}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_kill_of_postgresql_in_the_middle_of_a_large_upload_leaves_all_of_it_or_nothing(
    service: Service, large: Files, large_seconds: float, share: float
) -> None:
    known = service.uploaded(SMALL)["session_id"]
    with service.uploading(large) as upload:
        time.sleep(share * large_seconds)
        service.database.crash()
        restart(service)
        assert_it_works_at_once(service, known)
        status = outcome(upload)
    assert status in {201, 500}
    service.database.wait_until_idle()
    assert service.database.halves() == {}


def test_what_was_answered_with_201_is_there_after_a_crash_of_postgresql(service: Service) -> None:
    bodies = [service.uploaded(SMALL) for _ in range(5)]
    service.database.crash()
    restart(service)
    for body in bodies:
        answer = service.client.get(f"/api/session/{body['session_id']}/movies")
        assert answer.status_code == 200
        assert answer.json()["count"] == len(answer.json()["results"]) == body["total_movies"]


def test_a_request_while_postgresql_is_away_gets_an_error_in_the_one_shape(service: Service) -> None:
    known = service.uploaded(SMALL)["session_id"]
    service.database.crash()
    with ThreadPoolExecutor(4) as threads:
        answers = [
            threads.submit(service.status, known),
            threads.submit(service.upload, SMALL),
            threads.submit(service.client.delete, f"/api/session/{known}"),
            threads.submit(service.client.get, "/readyz"),
        ]
        assert service.client.get("/healthz").status_code == 200
        for answer in answers:
            assert answer.result().status_code == 500
            assert set(answer.result().json()) == ERROR_KEYS
    restart(service)


def test_the_first_request_succeeds_after_a_restart_of_postgresql_in_a_busy_hour(service: Service) -> None:
    """Every thread had a connection: one request alone then meets all that are dead."""
    known = service.uploaded(SMALL)["session_id"]
    assert poll_on_every_thread(service, known) == {200}
    service.database.stop()
    restart(service)
    started = time.monotonic()
    assert service.status(known).status_code == 200
    assert time.monotonic() - started < 5


def test_the_first_request_of_every_thread_succeeds_after_a_restart_of_postgresql(service: Service) -> None:
    known = service.uploaded(SMALL)["session_id"]
    assert poll_on_every_thread(service, known) == {200}
    service.database.stop()
    restart(service)
    assert poll_on_every_thread(service, known) == {200}


def test_the_first_upload_of_every_thread_succeeds_after_a_crash_of_postgresql(service: Service) -> None:
    known = service.uploaded(SMALL)["session_id"]
    assert poll_on_every_thread(service, known) == {200}
    service.database.crash()
    restart(service)
    with ThreadPoolExecutor(EVERY_THREAD) as threads:
        answers = list(threads.map(lambda _: service.upload(SMALL).status_code, range(EVERY_THREAD)))
    assert set(answers) == {201}


def test_requests_succeed_as_soon_as_postgresql_is_back_from_an_outage_that_visitors_saw(service: Service) -> None:
    known = service.uploaded(SMALL)["session_id"]
    assert poll_on_every_thread(service, known) == {200}
    service.database.crash()
    until = time.monotonic() + 20
    with ThreadPoolExecutor(EVERY_THREAD) as threads:
        list(threads.map(lambda _: poll_until(service, known, until), range(EVERY_THREAD)))
        restart(service)
        started = time.monotonic()
        answers = list(threads.map(lambda _: service.status(known).status_code, range(EVERY_THREAD)))
        seconds = time.monotonic() - started
    assert (set(answers), seconds < 5) == ({200}, True), f"{answers} after {seconds:.1f} s"


def poll_on_every_thread(service: Service, session_id: str) -> set[int]:
    """Poll until every thread of every web process is inside a query at once, and return the answers' statuses.

    The system hands connections out as it likes, so it takes more of them than there are threads.
    """
    database = service.database
    answers: list[Future[httpx.Response]] = []
    with ThreadPoolExecutor(MOST_POLLS) as threads:
        with database.locked("sessions", mode="ACCESS EXCLUSIVE"):
            while database.waiting_for("sessions") < EVERY_THREAD and len(answers) < MOST_POLLS:
                answers += [threads.submit(service.status, session_id) for _ in range(EVERY_THREAD)]
                time.sleep(0.5)
            assert database.waiting_for("sessions") == EVERY_THREAD
        return {answer.result().status_code for answer in answers}


def poll_until(service: Service, session_id: str, moment: float) -> None:
    while time.monotonic() < moment:
        service.status(session_id)
        time.sleep(0.5)
