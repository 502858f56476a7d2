"""What the tests of faults do to a service that runs, and ask of it: kill, cut off, age, sweep."""

from concurrent.futures import Future

import httpx

from tests import processes
from tests.processes import Service
from tests.programs import Program, is_alive, kill_at_once, wait_until

SMALL = processes.make_upload(films=20, seed=7)
MEDIUM = processes.make_upload(films=2_000, seed=8)


def kill_web_workers(web: Program) -> None:
    """Kill what serves; the master lives and starts others."""
    kill_at_once(*web.children)


def kill_web_master(web: Program) -> None:
    """Kill the master alone; its workers notice."""
    workers = web.children
    kill_at_once(web.pid)
    web.wait_for_end()
    wait_until(lambda: not any(map(is_alive, workers)), seconds=60, what="the workers to follow their master")


def kill_web(web: Program) -> None:
    """Kill all of it at the same moment, as a container's end does."""
    web.kill()


def outcome(upload: Future[httpx.Response]) -> int | None:
    """Return the answer's status, None when the connection was cut."""
    try:
        return upload.result(processes.UPLOAD_SECONDS).status_code
    except httpx.TransportError:
        return None


def defer_sweep(service: Service) -> None:
    service.run_to_end("python manage.py procrastinate defer --ignore-already-enqueued sweep '{\"timestamp\": 0}'")


def jobs(service: Service) -> dict[str, int]:
    return dict(service.database.rows("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"))


def age_sessions(service: Service, *, minutes: int) -> None:
    service.database.execute("UPDATE sessions SET created_at = created_at - make_interval(mins => %s)", [minutes])


def cut_off_an_upload(service: Service) -> str:
    """Kill the web processes during an import, start them again and return the session's id."""
    with service.uploading(MEDIUM) as upload:
        with service.database.locked("movies"):
            service.database.wait_until_somebody_waits_for("movies")
            kill_web(service.web)
        assert outcome(upload) is None
    service.start_web()
    session_id: str = service.database.value("SELECT id::text FROM sessions WHERE status = 'processing'")
    return session_id


def restart(service: Service) -> None:
    service.database.start()


def assert_it_works_at_once(service: Service, session_id: str | None = None) -> None:
    """The first poll and the first upload succeed: nothing has to be tried twice."""
    if session_id:
        assert service.status(session_id).status_code == 200
    body = service.uploaded(SMALL)
    assert service.status(body["session_id"]).json()["status"] == "completed"
