"""Enrichment by real workers that are killed, with a database and a TMDB that go away in the middle."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests import processes
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import TOKEN, FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.processes import Service
from tests.programs import wait_until

FILMS = 600
RATE = 35
MOST_IN_A_SECOND = 42  # departures never pass the rate; arrivals crowd when the machine is busy
SECONDS = 120
ENTRIES = [
    Entry(tmdb_id=number, title=f"Film {number:04}", release_date="2001-05-05") for number in range(1, FILMS + 1)
]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTmdb]:
    with FakeTmdb(World(ENTRIES)) as fake:
        yield fake


@pytest.fixture(scope="module")
def running(fake: FakeTmdb) -> Iterator[Service]:
    settings = {"TMDB_TOKEN": TOKEN, "TMDB_BASE_URL": fake.url, "TMDB_REQUESTS_PER_SECOND": str(RATE)}
    with processes.running_service(**settings) as service:
        yield service


@pytest.fixture(autouse=True)
def good_day(fake: FakeTmdb) -> None:
    fake.reset()


def films(first: int, last: int) -> list[tuple[str, bytes]]:
    """Return an upload of the films with these numbers."""
    return processes.make_watched(
        [(f"Film {number:04}", 2001, f"https://boxd.it/f{number:x}") for number in range(first, last + 1)]
    )


class Watched:
    """A session whose status is polled; its counts never go back nor above the total."""

    def __init__(self, service: Service, answer: dict[str, str]) -> None:
        self.service = service
        self.session_id = answer["session_id"]
        self.counts = [0]

    def poll(self) -> str:
        status = self.service.status(self.session_id).json()
        self.counts.append(status["enriched_count"])
        assert self.counts[-2] <= self.counts[-1] <= status["total_movies"]
        return str(status["status"])

    def wait_for_count(self, count: int) -> None:
        wait_until(lambda: bool(self.poll()) and self.counts[-1] >= count, seconds=SECONDS, what=f"{count} films")

    def wait_for_end(self) -> None:
        wait_until(lambda: self.poll() == "completed", seconds=SECONDS, what=f"the end after {self.counts[-1]}")
        assert self.counts[-1] == self.service.status(self.session_id).json()["total_movies"]


def stored(service: Service) -> set[int]:
    return {tmdb_id for (tmdb_id,) in service.database.rows("SELECT tmdb_id FROM films WHERE fetched_at IS NOT NULL")}


def fetched(fake: FakeTmdb) -> Counter[int]:
    return Counter({tmdb_id: times for (_, tmdb_id), times in fake.counts.fetched.items()})


# ── Killed in the middle ──────────────────────────────────────────────────────────────────────
def test_a_worker_that_is_killed_loses_no_film_and_asks_for_none_again(service: Service, fake: FakeTmdb) -> None:
    session = Watched(service, service.uploaded(films(1, 200)))
    with service.worker() as worker:
        session.wait_for_count(40)
        worker.kill()
    done = stored(service)
    assert done
    with service.worker():
        session.wait_for_end()
    assert stored(service) == set(range(1, 201))
    assert {fetched(fake)[tmdb_id] for tmdb_id in done} == {1}


def test_a_worker_that_is_told_to_end_leaves_the_rest_to_the_next(service: Service, fake: FakeTmdb) -> None:
    session = Watched(service, service.uploaded(films(1, 150)))
    with service.worker() as worker:
        session.wait_for_count(30)
        started = time.monotonic()
        worker.stop()
        assert time.monotonic() - started < 10
    done = stored(service)
    with service.worker():
        started = time.monotonic()
        wait_until(lambda: len(stored(service)) > len(done), what="the next worker to go on")
        assert time.monotonic() - started < 15  # at once, and not when somebody finds the job stalled
        session.wait_for_end()
    assert {fetched(fake)[tmdb_id] for tmdb_id in done} == {1}


def test_postgresql_may_restart_in_the_middle(service: Service, fake: FakeTmdb) -> None:
    session = Watched(service, service.uploaded(films(1, 200)))
    with service.worker():
        session.wait_for_count(40)
        service.database.stop()
        service.database.start()
        wait_until(service.is_ready, what="the service to answer again")
        done = stored(service)
        session.wait_for_end()
    assert stored(service) == set(range(1, 201))
    assert {fetched(fake)[tmdb_id] for tmdb_id in done} == {1}


# ── TMDB's bad days ───────────────────────────────────────────────────────────────────────────
def test_tmdb_may_restart_in_the_middle(service: Service, fake: FakeTmdb) -> None:
    session = Watched(service, service.uploaded(films(1, 150)))
    with service.worker():
        session.wait_for_count(30)
        fake.stop()
        time.sleep(2)
        fake.start()
        session.wait_for_end()
    assert stored(service) == set(range(1, 151))


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.TOO_MANY_FOR])
def test_storms_of_429_are_waited_out(service: Service, fake: FakeTmdb, fault: Fault) -> None:
    session = Watched(service, service.uploaded(films(1, 100)))
    fake.misbehave(fault, times=25, seconds=1)
    with service.worker():
        session.wait_for_end()
    assert stored(service) == set(range(1, 101))
    assert set(fetched(fake).values()) == {1}


@pytest.mark.parametrize(
    "fault", [Fault.HTML_502, Fault.TRUNCATED_GZIP, Fault.RESET, Fault.RESET_IN_BODY, Fault.MALFORMED_JSON]
)
def test_what_is_broken_now_and_then_is_asked_for_again(service: Service, fake: FakeTmdb, fault: Fault) -> None:
    session = Watched(service, service.uploaded(films(1, 60)))
    with service.worker():
        for _ in range(4):
            fake.misbehave(fault, times=3)
            time.sleep(0.4)
        session.wait_for_end()
    assert stored(service) == set(range(1, 61))
    assert service.database.value("SELECT count(*) FROM films WHERE last_error IS NOT NULL") == 0


# ── Many at once ──────────────────────────────────────────────────────────────────────────────
def test_ten_overlapping_uploads_and_three_workers_fetch_each_film_once(service: Service, fake: FakeTmdb) -> None:
    with ExitStack() as stack:
        for number in range(3):
            stack.enter_context(service.worker(log_name=f"worker-{number}.log"))
        with ThreadPoolExecutor(10) as threads:
            ranges = [(1 + 20 * number, 100 + 20 * number) for number in range(10)]
            answers = list(threads.map(lambda pair: service.uploaded(films(*pair)), ranges))
        for answer in answers:
            Watched(service, answer).wait_for_end()
    assert stored(service) == set(range(1, 281))
    assert set(fetched(fake).values()) == {1}
    assert service.database.value("SELECT count(*) FROM films") == 280
    assert service.database.halves() == {}
    assert fake.counts.peak_in_a_second <= MOST_IN_A_SECOND
    assert fake.counts.peak_connections <= 12
    assert service.database.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0


def test_a_small_upload_does_not_wait_for_a_large_one(service: Service, fake: FakeTmdb) -> None:
    """A slice of the large one lasts twenty seconds; at its end the small one has its turn."""
    large = Watched(service, service.uploaded(films(1, 560)))
    with service.worker():
        large.wait_for_count(20)
        small = Watched(service, service.uploaded(films(561, 600)))
        small.wait_for_end()
        assert large.poll() == "enriching"
        large.wait_for_end()
    assert set(fetched(fake).values()) == {1}
