"""Many at once, through gunicorn's processes and threads on a real PostgreSQL: uploads, polls, deletions and purges."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest

from tests import processes
from tests.processes import Files, Service
from tests.programs import Program, wait_until

T = TypeVar("T")
CLIENTS = 8
MOST_CONNECTIONS = processes.WORKERS * processes.THREADS
SMALL = processes.make_upload(films=60, seed=3)
PURGE = "exec python manage.py purge_sessions --batch-size 10"


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with processes.running_service() as service:
        yield service


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """Give the service without data; insist that PostgreSQL met no deadlock and that no connection leaks."""
    database = running.database
    database.wait_until_idle()
    database.empty()
    deadlocks = count_deadlocks(running)
    yield running
    database.wait_until_idle()
    assert count_deadlocks(running) == deadlocks
    assert set(database.clients().values()) <= {"idle"}
    assert len(database.clients()) <= MOST_CONNECTIONS


def count_deadlocks(service: Service) -> int:
    count: int = service.database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return count


def at_once(actions: Sequence[Callable[[], T]]) -> list[T]:
    """Run every action in a thread of its own, all started at the same moment."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T:
        barrier.wait(timeout=30)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def upload_at_once(service: Service, uploads: Sequence[Files]) -> list[dict[str, Any]]:
    """Upload all of them at once, insist on every 201 and return the answers."""
    return at_once([partial(service.uploaded, files) for files in uploads])


def duplicate_films(service: Service) -> list[tuple[Any, ...]]:
    return service.database.rows(
        "SELECT title_key, year, letterboxd_uri FROM films GROUP BY 1, 2, 3 HAVING count(*) > 1"
    )


# ── Uploads beside uploads ───────────────────────────────────────────────────────────────────


def test_two_identical_uploads_at_once_become_two_equal_sessions_over_one_set_of_films(service: Service) -> None:
    first, second = upload_at_once(service, [processes.make_upload(films=2_000, seed=4)] * 2)
    assert first["session_id"] != second["session_id"]
    assert first["receipt"] == second["receipt"]
    movies = "SELECT position, title, year, film_id FROM movies WHERE session_id = %s ORDER BY position"
    rows = [service.database.rows(movies, [body["session_id"]]) for body in (first, second)]
    assert len(rows[0]) == first["total_movies"] > 0
    assert rows[0] == rows[1]
    assert duplicate_films(service) == []
    assert service.database.halves() == {}


@pytest.mark.parametrize("seed", range(3))
def test_ten_uploads_of_overlapping_new_films_at_once_add_every_film_once(service: Service, seed: int) -> None:
    rng = random.Random(seed)
    films = [(f"Film {number}", 1950 + number % 70, f"https://boxd.it/{number:04d}") for number in range(600)]
    uploads = [processes.make_watched(rng.sample(films, 400)) for _ in range(10)]
    bodies = upload_at_once(service, uploads)
    assert [body["total_movies"] for body in bodies] == [400] * 10
    assert duplicate_films(service) == []
    named = {line.split(",")[1] for ((_, content),) in uploads for line in content.decode().splitlines()[1:]}
    assert {title for (title,) in service.database.rows("SELECT title FROM films")} == named
    assert service.database.value("SELECT count(*) FROM films") == len(named)
    assert service.database.halves() == {}


def test_uploads_at_once_of_films_with_and_without_links_all_succeed(service: Service) -> None:
    rng = random.Random(1)
    linked = [(f"Film {number}", 2000, f"https://boxd.it/{number:04d}") for number in range(400)]
    linkless = [(name, year, "") for name, year, _ in linked]
    uploads = [processes.make_watched(rng.sample(linked, 300)) for _ in range(5)]
    uploads += [processes.make_watched(rng.sample(linkless, 300)) for _ in range(5)]
    bodies = upload_at_once(service, uploads)
    assert [body["total_movies"] for body in bodies] == [300] * 10
    assert duplicate_films(service) == []
    assert service.database.halves() == {}


def test_an_upload_of_known_films_does_not_wait_for_one_that_adds_new_films(service: Service) -> None:
    service.uploaded(SMALL)
    with service.uploading(processes.make_upload(films=2_000, seed=5)) as upload:
        with service.database.locked("films"):
            service.database.wait_until_somebody_waits_for("films")
            assert service.uploaded(SMALL)["status"] == "completed"
        assert upload.result().status_code == 201


# ── Purges ───────────────────────────────────────────────────────────────────────────────────


def start_purge(service: Service, number: int = 1) -> Program:
    log_file = service.folder / f"purge-{number}.log"
    log_file.unlink(missing_ok=True)
    return service.program(PURGE, log_name=log_file.name)


def removed_sessions(purge: Program) -> int:
    assert purge.wait_for_end(seconds=60) == 0, purge.log
    found = re.search(r"Removed ([\d,]+) upload sessions", purge.log)
    assert found, purge.log
    return int(found[1].replace(",", ""))


def count_expired(service: Service) -> int:
    count: int = service.database.value("SELECT count(*) FROM sessions WHERE expires_at <= now()")
    return count


def test_uploads_and_polls_beside_a_purge_of_many_expired_sessions_all_succeed(service: Service) -> None:
    service.database.add_expired(2_000, movies=40)
    purge = start_purge(service)
    bodies: list[dict[str, Any]] = []
    with ThreadPoolExecutor(4) as threads:
        while purge.is_running() or len(bodies) < 8:
            bodies += threads.map(lambda _: service.uploaded(SMALL), range(4))
            polls = threads.map(lambda body: service.status(body["session_id"]).status_code, bodies[-4:])
            assert set(polls) == {200}
    assert removed_sessions(purge) == 2_000
    assert count_expired(service) == 0
    assert service.database.value("SELECT count(*) FROM sessions WHERE status = 'completed'") == len(bodies)
    assert service.database.halves() == {}


def test_two_purges_side_by_side_share_the_work_and_remove_every_session_once(service: Service) -> None:
    service.database.add_expired(3_000, movies=20)
    kept = service.uploaded(SMALL)["total_movies"]
    purges = [start_purge(service, number) for number in (1, 2)]
    assert sum(map(removed_sessions, purges)) == 3_000
    assert count_expired(service) == 0
    assert service.database.value("SELECT count(*) FROM movies") == kept
    assert service.database.value("SELECT count(*) FROM receipts") == 1


def test_a_session_that_is_visited_while_a_purge_waits_for_it_stays_with_its_movies(service: Service) -> None:
    service.database.add_expired(1, movies=20)
    with service.database.connection(autocommit=False) as visit:
        visit.execute("UPDATE sessions SET expires_at = now() + interval '30 days'")
        purge = start_purge(service)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DELETE%'"
        wait_until(lambda: service.database.value(waiting) == 1, what="the purge to wait")
        visit.commit()
    assert removed_sessions(purge) == 0
    assert service.database.value("SELECT count(*) FROM movies") == 20


def test_a_purge_that_is_killed_leaves_whole_sessions_and_the_next_one_finishes(service: Service) -> None:
    service.database.add_expired(3_000, movies=20)
    purge = start_purge(service)
    wait_until(lambda: "upload sessions" in purge.log, what="the purge's first batch")
    purge.kill()
    service.database.wait_until_idle()
    left = count_expired(service)
    assert 0 < left < 3_000
    assert service.database.value("SELECT count(*) FROM movies") == 20 * left
    assert removed_sessions(start_purge(service)) == left
    assert service.database.value("SELECT count(*) FROM movies") == 0


# ── Deletion ─────────────────────────────────────────────────────────────────────────────────


def test_reading_a_session_while_its_owner_deletes_it_answers_200_or_404(service: Service) -> None:
    for _ in range(5):
        body = service.uploaded(SMALL)
        path = f"/api/session/{body['session_id']}"
        headers = {"Authorization": f"Bearer {body['manage_token']}"}
        reads = ["", "/status", "/movies", "/movies?q=a&ordering=title", "/receipt"]
        requests = [("GET", path + tail) for tail in reads] + [("DELETE", path)] * 3
        answers = at_once([partial(service.client.request, *request, headers=headers) for request in requests])
        assert {answer.status_code for answer in answers[:5]} <= {200, 404}
        assert {answer.status_code for answer in answers[5:]} <= {204, 404}
        assert service.client.get(path).status_code == 404
    assert service.database.value("SELECT count(*) FROM movies") == 0
    assert service.database.value("SELECT count(*) FROM receipts") == 0


# ── A busy hour ──────────────────────────────────────────────────────────────────────────────


def test_two_hundred_uploads_and_two_thousand_polls_are_all_right_and_leak_no_connection(service: Service) -> None:
    uploads = [processes.make_upload(films=60 + seed, seed=seed) for seed in range(CLIENTS)]

    def visit(files: Files) -> Counter[int]:
        """Upload 25 times, poll each session ten times, half of them with what is known."""
        statuses: Counter[int] = Counter()
        for _ in range(25):
            body = service.uploaded(files)
            statuses[201] += 1
            expected = (body["session_id"], "completed", body["total_movies"])
            etag = ""
            for _ in range(10):
                known = {"If-None-Match": etag} if etag else {}
                answer = service.client.get(f"/api/session/{body['session_id']}/status", headers=known)
                statuses[answer.status_code] += 1
                if answer.status_code == httpx.codes.OK:
                    row = answer.json()
                    assert (row["session_id"], row["status"], row["total_movies"]) == expected
                etag = "" if etag else answer.headers["ETag"]
        return statuses

    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = sum(threads.map(visit, uploads), Counter[int]())
    assert statuses == {201: 200, 200: 1_000, 304: 1_000}
    service.database.wait_until_idle()
    assert 0 < len(service.database.clients()) <= MOST_CONNECTIONS
    assert service.database.value("SELECT count(*) FROM sessions WHERE status = 'completed'") == 200
    assert duplicate_films(service) == []
    assert service.database.halves() == {}


def test_uploads_at_once_cannot_exceed_what_one_address_may_try(service: Service) -> None:
    with service.second_web(UPLOADS_PER_HOUR="5", log_name="throttled.log") as client:
        upload = partial(client.post, "/api/upload", files=[("files", part) for part in SMALL])
        statuses = Counter(answer.status_code for _ in range(4) for answer in at_once([upload] * 8))
    assert statuses == {201: 5, 429: 27}
