"""The client of TMDB against a real server on its bad days: what the caller gets, and what TMDB is asked for it."""

import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from movies_app import tmdb
from movies_app.pacing import Interrupted
from movies_app.tmdb import Client, NotFound, RefusedByTmdb, TmdbError, Unavailable, WrongToken
from movies_app.tmdb_facts import Collection
from tests.fake_tmdb.clock import Clock
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.programs import free_port, wait_until

pytest_plugins = ["tests.fake_tmdb.fixtures"]

SECRET_TITLE = "Nobody May Read This"
FILM = Entry(tmdb_id=603, title=SECRET_TITLE, release_date="1999-03-31", other_years=(2000,), vote_count=9)
SERIES = Entry(tmdb_id=603, title=SECRET_TITLE, media_type="tv", release_date="2001-09-09", runtime=50)
HUGE = Entry(tmdb_id=9, title="Everybody Was There", quirks=frozenset({"huge credits", "several directors"}))
OTHERS = [Entry(tmdb_id=number, title=f"Film {number}") for number in range(10_000, 10_200)]
TRILOGY = [
    Entry(tmdb_id=20 + number, title=f"Part {number}", release_date=day, collection=Collection(7, "The Trilogy"))
    for number, day in enumerate(("", "1999-05-05", "1997-05-05"))
]
WORLD = World([FILM, SERIES, HUGE, *TRILOGY, *OTHERS])
PATIENCE = 0.2  # seconds for an answer, where a test is about waiting for it

TRANSIENT = [
    *(Fault.JSON_500, Fault.JSON_502, Fault.JSON_503, Fault.JSON_504),
    *(Fault.HTML_500, Fault.HTML_502, Fault.HTML_503, Fault.HTML_504, Fault.HTML_200, Fault.HTML_404),
    *(Fault.REDIRECT, Fault.MALFORMED_JSON, Fault.NOT_AN_OBJECT, Fault.EMPTY_OBJECT, Fault.WRONG_CONTENT_TYPE),
    *(Fault.UNKNOWN_ENCODING, Fault.LARGE_BODY, Fault.GZIP_BOMB, Fault.NO_GZIP, Fault.TRUNCATED_GZIP),
    *(Fault.RESET, Fault.RESET_IN_BODY, Fault.CLOSED),
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(fake: FakeTmdb, clock: Clock) -> Iterator[Client]:
    with make_client(fake, clock) as client:
        yield client


def make_client(fake: FakeTmdb, clock: Clock, **other: Any) -> Client:
    """Return a client whose waits take no time and whose chance is always one half."""
    arguments: dict[str, Any] = {
        **{"base_url": fake.url, "rate": 35, "random": lambda: 0.5},
        **{"monotonic": clock.monotonic, "sleep": clock.sleep},
    }
    return Client(other.pop("token", fake.token), **(arguments | other))


def failure_of(client: Client) -> TmdbError:
    with pytest.raises(TmdbError) as caught:
        client.facts(FILM.tmdb_id, media_type="movie")
    return caught.value


# ── What is asked ─────────────────────────────────────────────────────────────────────────────
def test_a_search_finds_a_film_with_what_matching_needs(client: Client) -> None:
    (found,) = client.search(SECRET_TITLE, media_type="movie", year=1999)
    assert (found.tmdb_id, found.media_type, found.title, found.original_title) == (
        *(603, "movie"),
        *(SECRET_TITLE, SECRET_TITLE),
    )
    assert (found.release_date, found.year, found.vote_count, found.popularity) == (date(1999, 3, 31), 1999, 9, 7.5)


@pytest.mark.parametrize(
    ("media_type", "year", "found"),
    [
        *(("movie", 1999, 1), ("movie", 2000, 1), ("movie", 2001, 0), ("movie", None, 1)),
        *(("tv", 2001, 1), ("tv", 1999, 0), ("tv", None, 1)),
    ],
)
def test_the_year_is_that_of_any_release_of_a_film_and_of_a_series_beginning(
    client: Client, media_type: Any, year: int | None, found: int
) -> None:
    assert len(client.search(SECRET_TITLE, media_type=media_type, year=year)) == found


def test_a_search_sends_the_title_verbatim_and_nothing_of_a_region(client: Client, fake: FakeTmdb) -> None:
    assert client.search("  R&D: 50% / œuf? #1+1 ", media_type="movie", year=1999) == []
    (target,) = fake.counts.targets
    path, _, parameters = target.partition("?")
    assert path == "/3/search/movie"
    assert parameters.split("&") == [
        "query=++R%26D%3A+50%25+%2F+%C5%93uf%3F+%231%2B1+",
        *("include_adult=false", "language=en-US", "page=1", "year=1999"),
    ]


def test_facts_of_a_film_come_in_one_request(client: Client, fake: FakeTmdb) -> None:
    facts = client.facts(603, media_type="movie")
    assert (facts.title, facts.runtime, facts.release_date) == (SECRET_TITLE, 101, date(1999, 3, 31))
    assert facts.imdb_id == "tt0000603"
    assert facts.directors
    assert facts.cast
    assert fake.counts.requests == client.requests == 1


def test_facts_of_a_series_are_not_those_of_the_film_with_its_number(client: Client) -> None:
    facts = client.facts(603, media_type="tv")
    assert (facts.media_type, facts.release_date) == ("tv", date(2001, 9, 9))
    assert facts.runtime in {300, 400, 500}
    assert len(facts.directors) == 1


def test_of_huge_credits_little_is_kept(client: Client) -> None:
    facts = client.facts(HUGE.tmdb_id, media_type="movie")
    assert len(facts.directors) == 3
    assert len(facts.cast) == 30
    assert 0 < len(facts.crew) <= 30


def test_a_collection_comes_with_its_films_in_order_of_release(client: Client, fake: FakeTmdb) -> None:
    collection = client.collection(7)
    assert (collection.id, collection.name) == (7, "The Trilogy")
    assert [part.title for part in collection.parts] == ["Part 2", "Part 1", "Part 0"]
    assert [part.release_date for part in collection.parts] == [date(1997, 5, 5), date(1999, 5, 5), None]
    assert (fake.counts.requests, fake.counts.collections) == (1, {7: 1})


def test_check_is_content_with_a_good_token(client: Client, fake: FakeTmdb) -> None:
    client.check()
    assert fake.counts.endpoints == {"authentication": 1}


# ── What is refused ───────────────────────────────────────────────────────────────────────────
def test_a_wrong_token_is_said_at_once(fake: FakeTmdb, clock: Clock) -> None:
    with make_client(fake, clock, token="wrong") as client:
        for ask in (client.check, lambda: client.facts(603, media_type="movie")):
            with pytest.raises(WrongToken, match="does not accept the token"):
                ask()
        assert client.requests == 2
    assert sum(clock.slept) < 0.1  # the pace, and no retry


@pytest.mark.parametrize("token", ["", " ", "two words", "a line\n", "täglich"])
def test_what_cannot_be_a_token_is_not_even_sent(fake: FakeTmdb, clock: Clock, token: str) -> None:
    with pytest.raises(WrongToken):
        make_client(fake, clock, token=token)


def test_an_unknown_id_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        client.facts(1, media_type="movie")
    with pytest.raises(NotFound):
        client.collection(1)
    assert client.requests == 2


def test_a_request_that_tmdb_calls_wrong_is_not_repeated(client: Client) -> None:
    with pytest.raises(RefusedByTmdb, match="status 422, code 20") as caught:
        client.search("", media_type="movie", year=None)
    assert (caught.value.status_code, caught.value.code, client.requests) == (422, 20, 1)


def test_a_suspended_account_is_a_refusal(client: Client, fake: FakeTmdb) -> None:
    fake.misbehave(Fault.FORBIDDEN)
    error = failure_of(client)
    assert isinstance(error, RefusedByTmdb)
    assert (error.status_code, error.code) == (403, 45)


# ── Bad days ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_goes_wrong_once_is_tried_again_half_a_second_later(
    client: Client, fake: FakeTmdb, clock: Clock, fault: Fault
) -> None:
    fake.misbehave(fault)
    assert client.facts(603, media_type="movie").title == SECRET_TITLE
    assert client.requests == fake.counts.requests == 2
    assert clock.slept == [0.5]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_goes_on_going_wrong_is_unavailable_after_three_retries(
    client: Client, fake: FakeTmdb, clock: Clock, fault: Fault
) -> None:
    fake.misbehave(fault, times=None)
    assert isinstance(failure_of(client), Unavailable)
    assert client.requests == fake.counts.requests == 4
    assert clock.slept == [0.5, 1, 2]


@pytest.mark.parametrize("fault", [Fault.HTML_502, Fault.RESET_IN_BODY, Fault.EMPTY_OBJECT])
def test_searches_are_tried_again_as_well(client: Client, fake: FakeTmdb, fault: Fault) -> None:
    fake.misbehave(fault, times=3)
    assert len(client.search(SECRET_TITLE, media_type="movie", year=1999)) == 1
    assert client.requests == 4


@pytest.mark.parametrize(("chance", "pauses"), [(0.0, [0.25, 0.5, 1]), (1.0, [0.75, 1.5, 3])])
def test_pauses_are_jittered(fake: FakeTmdb, clock: Clock, chance: float, pauses: list[float]) -> None:
    fake.misbehave(Fault.JSON_503, times=3)
    with make_client(fake, clock, random=lambda: chance) as client:
        client.facts(603, media_type="movie")
    assert clock.slept == pauses


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.JSON_502, "status 502"),
        (Fault.HTML_200, "not JSON"),
        (Fault.MALFORMED_JSON, "broken JSON"),
        (Fault.NOT_AN_OBJECT, "not a JSON object"),
        (Fault.EMPTY_OBJECT, "no id or no title"),
        (Fault.TRUNCATED_GZIP, "broken gzip"),
        (Fault.NO_GZIP, "broken gzip"),
        (Fault.UNKNOWN_ENCODING, "unknown encoding"),
        (Fault.LARGE_BODY, "too large"),
        (Fault.GZIP_BOMB, "too large"),
        (Fault.RESET_IN_BODY, "ReadError"),
        (Fault.CLOSED, "RemoteProtocolError"),
    ],
)
def test_the_error_names_what_came_instead(client: Client, fake: FakeTmdb, fault: Fault, reason: str) -> None:
    fake.misbehave(fault, times=None)
    assert str(failure_of(client)) == reason


@pytest.mark.parametrize(
    ("fault", "seconds", "reason"),
    [(Fault.SLOW_FIRST_BYTE, 1.0, "ReadTimeout"), (Fault.SLOW_DRIP, 0.03, "too slow")],
)
def test_nobody_waits_for_a_slow_answer(
    fake: FakeTmdb, clock: Clock, fault: Fault, seconds: float, reason: str
) -> None:
    fake.misbehave(fault, times=None, seconds=seconds)
    started = time.monotonic()
    with make_client(fake, clock, monotonic=time.monotonic, answer_seconds=PATIENCE) as client:
        assert str(failure_of(client)) == reason
        assert client.requests == 4
    assert time.monotonic() - started < 4 * (PATIENCE + 0.5)


def test_a_server_that_is_down_is_unavailable(fake: FakeTmdb, clock: Clock) -> None:
    with make_client(fake, clock, base_url=f"http://127.0.0.1:{free_port()}/3/") as client:
        error = failure_of(client)
    assert isinstance(error, Unavailable)
    assert str(error) == "ConnectError"


def test_a_server_that_comes_back_is_used_again(clock: Clock) -> None:
    with FakeTmdb(World([FILM])) as fake, make_client(fake, clock) as client:
        client.check()
        fake.stop()
        assert isinstance(failure_of(client), Unavailable)
        fake.start()
        assert client.facts(603, media_type="movie").title == SECRET_TITLE


# ── Over the limit ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("fault", "said", "paused"),
    [
        *((Fault.TOO_MANY_FOR, 7, 7), (Fault.TOO_MANY_UNTIL, 7, 7), (Fault.TOO_MANY_FOR, 600, 60)),
        *((Fault.TOO_MANY_UNTIL, 600, 60), (Fault.TOO_MANY, 0, 1.5)),
        *((Fault.TOO_MANY_FOR, 0, 1.5), (Fault.TOO_MANY_FOR, -5, 1.5), (Fault.TOO_MANY_UNTIL, -5, 1.5)),
    ],
)
def test_over_the_limit_all_pause_as_long_as_tmdb_says(
    client: Client, fake: FakeTmdb, clock: Clock, fault: Fault, said: float, paused: float
) -> None:
    fake.misbehave(fault, seconds=said)
    started = clock.now
    client.facts(603, media_type="movie")
    assert client.requests == 2
    assert clock.now - started == pytest.approx(paused, abs=0.1)


def test_the_pause_after_the_last_retry_is_kept_by_the_next_request(
    client: Client, fake: FakeTmdb, clock: Clock
) -> None:
    fake.misbehave(Fault.TOO_MANY_FOR, times=4, seconds=30)
    assert isinstance(failure_of(client), Unavailable)
    ended = clock.now
    client.check()
    assert clock.now - ended == pytest.approx(30, abs=1)


def test_a_pause_ends_when_the_worker_is_told_to_stop(fake: FakeTmdb, clock: Clock) -> None:
    stop = threading.Event()
    fake.misbehave(Fault.TOO_MANY_FOR, seconds=60)
    with (
        make_client(fake, clock, monotonic=time.monotonic, sleep=stop.wait) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        answer = threads.submit(client.facts, 603, media_type="movie")
        stop.set()
        assert isinstance(answer.exception(timeout=5), Interrupted)
        assert client.requests <= 1


def test_closing_under_threads_that_ask_ends_them_all(clock: Clock) -> None:
    stop = threading.Event()
    with FakeTmdb(World(OTHERS), latency=lambda: 0.1) as fake, ThreadPoolExecutor(12) as threads:
        client = make_client(fake, clock, monotonic=time.monotonic, sleep=stop.wait)
        asking = [threads.submit(client.facts, film.tmdb_id, media_type="movie") for film in OTHERS[:60]]
        wait_until(lambda: fake.counts.requests >= 12)
        stop.set()
        client.close()
        errors = {type(future.exception(timeout=5)) for future in asking}
    assert errors <= {type(None), Interrupted}
    assert Interrupted in errors


def test_a_closed_client_asks_nothing_more(client: Client, fake: FakeTmdb) -> None:
    client.close()
    with pytest.raises(Interrupted):
        client.check()
    assert fake.counts.requests == 0


def test_a_stricter_limit_than_ours_still_yields_every_film(clock: Clock) -> None:
    films = OTHERS[:25]
    with (
        FakeTmdb(World(films), rate_limit=8, retry_after=1) as fake,
        make_client(fake, clock, rate=100, monotonic=time.monotonic, sleep=time.sleep) as client,
        ThreadPoolExecutor(12) as threads,
    ):
        found = list(threads.map(lambda film: client.facts(film.tmdb_id, media_type="movie").tmdb_id, films))
        counts = fake.counts
    assert found == [film.tmdb_id for film in films]
    assert counts.statuses[200] == 25
    assert 0 < counts.statuses[429] <= 36


# ── Many threads ──────────────────────────────────────────────────────────────────────────────
def test_twelve_threads_share_the_client(fake: FakeTmdb, clock: Clock) -> None:
    with (
        make_client(fake, clock, rate=10_000, monotonic=time.monotonic, sleep=time.sleep) as client,
        ThreadPoolExecutor(12) as threads,
    ):
        found = list(threads.map(lambda film: client.facts(film.tmdb_id, media_type="movie").title, OTHERS))
        assert client.requests == len(OTHERS)
        counts = fake.counts
    assert found == [film.title for film in OTHERS]
    assert set(counts.fetched.values()) == {1}
    assert counts.requests == len(OTHERS)
    assert counts.peak_connections <= tmdb.CONNECTIONS


def test_our_own_rate_stays_below_the_limit_of_tmdb(clock: Clock) -> None:
    with (
        FakeTmdb(World(OTHERS), rate_limit=40) as fake,
        make_client(fake, clock, rate=35, monotonic=time.monotonic, sleep=time.sleep) as client,
        ThreadPoolExecutor(12) as threads,
    ):
        list(threads.map(lambda film: client.facts(film.tmdb_id, media_type="movie"), OTHERS[:60]))
        assert fake.counts.statuses == {200: 60}


# ── What nobody may read ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", [*TRANSIENT, Fault.WRONG_TOKEN, Fault.FORBIDDEN, Fault.TOO_MANY_FOR])
def test_an_error_tells_neither_token_nor_title_nor_address(client: Client, fake: FakeTmdb, fault: Fault) -> None:
    fake.misbehave(fault, times=None)
    with pytest.raises(TmdbError) as caught:
        client.search(SECRET_TITLE, media_type="movie", year=1999)
    text = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    for secret in (fake.token, SECRET_TITLE, "Nobody+May", fake.url):
        assert secret not in text


def test_the_token_travels_in_its_header_alone(client: Client, fake: FakeTmdb) -> None:
    client.check()
    client.search(SECRET_TITLE, media_type="tv", year=None)
    client.facts(603, media_type="movie")
    assert len(fake.counts.targets) == 3
    assert not [target for target in fake.counts.targets if fake.token in target]
    assert fake.token not in repr(client) + str(client)


def test_the_log_tells_neither_token_nor_title(
    client: Client, fake: FakeTmdb, caplog: pytest.LogCaptureFixture
) -> None:
    fake.misbehave(Fault.HTML_502)
    client.search(SECRET_TITLE, media_type="movie", year=1999)
    for secret in (fake.token, "Nobody"):
        assert secret not in caplog.text
