"""The fake TMDB keeps its promises: what it finds, how it says it, how it fails, and what it counts."""

import csv
import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from movies_app import made_up
from movies_app.tmdb_facts import Collection, MediaType
from tests.fake_tmdb.faults import Fault, RealLatency
from tests.fake_tmdb.server import TOKEN, FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.programs import Program, free_port, wait_until

pytest_plugins = ["tests.fake_tmdb.fixtures"]

LANTERNS = Collection(9, "The Lantern Collection")
WORLD = World(
    [
        Entry(tmdb_id=1, title="The Lantern", popularity=2, release_date="1999-12-30", other_years=(2000,)),
        Entry(tmdb_id=2, title="The Lantern", popularity=1, release_date="1999-01-01", collection=LANTERNS),
        Entry(tmdb_id=3, title="The Lantern Returns", popularity=80, collection=LANTERNS),
        Entry(tmdb_id=4, title="Café Night", original_title="Nacht im Café", alternative_titles=("Lantern by Night",)),
        Entry(tmdb_id=1, title="Lantern Stories", media_type="tv", release_date="2012-02-03"),
        Entry(tmdb_id=6, title="…", release_date="", runtime=None, quirks=frozenset({"no poster", "no genres"})),
        Entry(tmdb_id=7, title="Crowd", runtime=0, quirks=frozenset({"huge credits", "no imdb id"})),
        *(Entry(tmdb_id=100 + number, title=f"Serial {number}") for number in range(45)),
    ]
)


@pytest.fixture
def http(fake: FakeTmdb) -> Iterator[httpx.Client]:
    with connect(fake) as client:
        yield client


def connect(fake: FakeTmdb, *, token: str = TOKEN) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=fake.url, headers=headers, trust_env=False, verify=False, timeout=5)


def found(http: httpx.Client, query: str, *, media_type: MediaType = "movie", **more: Any) -> list[int]:
    rows = http.get(f"search/{media_type}", params={"query": query, **more}).json()["results"]
    return [row["id"] for row in rows]


def refusal(answer: httpx.Response) -> tuple[int, int]:
    """Return the status and TMDB's own number of an error."""
    body = answer.json()
    assert body["success"] is False
    assert body["status_message"]
    return answer.status_code, body["status_code"]


# ── What it finds ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("query", "more", "ids"),
    [
        ("The Lantern", {}, [3, 1, 2]),
        ("the LANTERN", {"year": 1999}, [1, 2]),
        ("lantern", {"year": 2000}, [1]),
        ("lantern", {}, [3, 4, 1, 2]),
        ("nacht cafe", {}, [4]),
        ("…", {}, [6]),
        ("Nothing of the Kind", {}, []),
        ("Lantern Crowd", {}, []),
        ("lantern", {"yaer": 1950}, [3, 4, 1, 2]),
    ],
)
def test_a_search_finds_by_every_title_and_year_and_puts_the_popular_first(
    http: httpx.Client, query: str, more: dict[str, Any], ids: list[int]
) -> None:
    assert found(http, query, **more) == ids


def test_series_are_found_apart_by_the_year_they_began(http: httpx.Client) -> None:
    assert found(http, "lantern", media_type="tv") == [1]
    assert found(http, "lantern", media_type="tv", first_air_date_year=2012) == [1]
    assert found(http, "lantern", media_type="tv", first_air_date_year=2013) == []


def test_twenty_hits_make_a_page(http: httpx.Client) -> None:
    pages = [http.get("search/movie", params={"query": "serial", "page": page}).json() for page in (1, 2, 3, 4)]
    assert [len(page["results"]) for page in pages] == [20, 20, 5, 0]
    assert {(page["total_pages"], page["total_results"]) for page in pages} == {(3, 45)}


# ── How it says it ────────────────────────────────────────────────────────────────────────────
def test_what_is_unknown_is_said_in_tmdbs_ways(http: httpx.Client) -> None:
    film = http.get("movie/6", params={"append_to_response": "credits,keywords,external_ids"}).json()
    assert (film["release_date"], film["runtime"], film["poster_path"], film["genres"]) == ("", None, None, [])
    assert http.get("movie/7").json()["runtime"] == 0
    assert http.get("movie/7").json()["imdb_id"] is None


def test_only_what_was_asked_for_is_appended(http: httpx.Client) -> None:
    film = http.get("movie/1", params={"append_to_response": "keywords"}).json()
    assert "keywords" in film["keywords"]
    assert "credits" not in film
    assert "results" in http.get("tv/1", params={"append_to_response": "keywords"}).json()["keywords"]


def test_a_collection_is_named_by_its_films_and_has_them_all(http: httpx.Client) -> None:
    assert http.get("movie/3").json()["belongs_to_collection"]["name"] == "The Lantern Collection"
    assert http.get("movie/1").json()["belongs_to_collection"] is None
    collection = http.get("collection/9").json()
    assert (collection["id"], collection["name"]) == (9, "The Lantern Collection")
    assert sorted((part["id"], part["title"], part["release_date"]) for part in collection["parts"]) == [
        (2, "The Lantern", "1999-01-01"),
        (3, "The Lantern Returns", "2001-05-17"),
    ]


def test_a_huge_film_is_huge_and_comes_packed(http: httpx.Client) -> None:
    answer = http.get("movie/7", params={"append_to_response": "credits"})
    assert len(answer.json()["credits"]["crew"]) > 300
    assert len(answer.content) > 200_000
    assert int(answer.headers["Content-Length"]) < 50_000


def test_a_film_is_the_same_every_time(fake: FakeTmdb, http: httpx.Client) -> None:
    with FakeTmdb(WORLD) as other, connect(other) as elsewhere:
        path = "movie/1?append_to_response=credits"
        assert http.get(path).json() == elsewhere.get(path).json()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *(("movie/999", (404, 34)), ("tv/2", (404, 34)), ("movie/x", (404, 34)), ("person/1", (404, 34))),
        *(("collection/1", (404, 34)), ("collection/x", (404, 34))),
        *(("search/movie", (422, 20)), ("search/movie?query=a&page=0", (400, 22))),
        *(("search/movie?query=a&page=501", (400, 22)), ("search/tv?query=a&page=x", (400, 22))),
        (f"movie/1?append_to_response={','.join(f'part{number}' for number in range(21))}", (400, 27)),
    ],
)
def test_a_wrong_request_is_refused_as_tmdb_does(http: httpx.Client, path: str, expected: tuple[int, int]) -> None:
    assert refusal(http.get(path)) == expected


def test_without_its_token_nobody_gets_anything(fake: FakeTmdb) -> None:
    with connect(fake, token="wrong") as stranger:
        assert refusal(stranger.get("authentication")) == (401, 7)
        assert refusal(stranger.get("movie/1")) == (401, 7)
    with connect(fake) as member:
        assert member.get("authentication").json()["success"] is True


# ── How it fails ──────────────────────────────────────────────────────────────────────────────
def test_a_bad_day_strikes_where_and_as_often_as_it_is_told(fake: FakeTmdb, http: httpx.Client) -> None:
    fake.misbehave(Fault.HTML_502, times=2, where="movie/")
    statuses = [http.get(path).status_code for path in ("authentication", "movie/1", "tv/1", "movie/1", "movie/1")]
    assert statuses == [200, 502, 200, 502, 200]


def test_bad_days_come_in_their_order_and_end_with_a_reset(fake: FakeTmdb, http: httpx.Client) -> None:
    fake.misbehave(Fault.JSON_503)
    fake.misbehave(Fault.JSON_500, times=None)
    assert [http.get("movie/1").status_code for _ in range(3)] == [503, 500, 500]
    fake.reset()
    assert http.get("movie/1").status_code == 200


def test_above_its_limit_it_says_when_to_come_again(fake: FakeTmdb) -> None:
    with FakeTmdb(WORLD, rate_limit=5, retry_after=3) as strict, connect(strict) as http:
        answers = [http.get("movie/1") for _ in range(7)]
    assert [answer.status_code for answer in answers][:5] == [200] * 5
    assert refusal(answers[-1]) == (429, 25)
    assert answers[-1].headers["Retry-After"] == "3"


def test_the_latency_of_the_real_one_is_half_below_150_ms_and_a_hundredth_above_1200() -> None:
    latency = RealLatency()
    drawn = sorted(latency() for _ in range(20_000))
    assert drawn[10_000] == pytest.approx(0.15, rel=0.05)
    assert drawn[19_800] == pytest.approx(1.2, rel=0.1)


def test_an_answer_takes_as_long_as_it_is_told_and_an_end_waits_for_nobody() -> None:
    with FakeTmdb(WORLD, latency=lambda: 0.1) as slow, connect(slow) as http:
        started = time.monotonic()
        http.get("movie/1")
        assert time.monotonic() - started >= 0.1
        slow.misbehave(Fault.SLOW_FIRST_BYTE, seconds=60)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(http.get, "movie/1")
            wait_until(lambda: slow.counts.requests == 2)
            slow.stop()
            waiting.exception(timeout=5)


# ── What it counts ────────────────────────────────────────────────────────────────────────────
def test_it_counts_requests_films_and_connections(fake: FakeTmdb, http: httpx.Client) -> None:
    fake.misbehave(Fault.JSON_500, where="collection/9")
    for path in ("movie/1", "movie/1", "tv/1", "movie/999", "search/movie?query=x", "authentication"):
        http.get(path)
    for path in ("collection/9", "collection/9", "collection/1"):
        http.get(path)
    counts = fake.counts
    assert counts.requests == counts.peak_in_a_second == 9
    assert counts.endpoints == {"movie": 3, "tv": 1, "search/movie": 1, "authentication": 1, "collection": 3}
    assert (counts.fetched, counts.collections) == ({("movie", 1): 2, ("tv", 1): 1}, {9: 1})
    assert counts.statuses == {200: 6, 404: 2, 500: 1}
    assert counts.connections == counts.peak_connections == 1


# ── Worlds ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("films", "seed"), [(60, 1), (200, 7)])
def test_a_made_up_world_knows_nearly_every_film_of_a_made_up_member(films: int, seed: int) -> None:
    world = World.made_up()
    names = [(row["Name"], row["Year"]) for row in watched_rows(films=films, seed=seed)]
    assert set(names) <= world.truth.keys()
    known = [world.truth[name] for name in names if world.truth[name] is not None]
    assert len(known) >= 0.95 * len(names)


def watched_rows(*, films: int, seed: int) -> list[dict[str, str]]:
    text = made_up.make_export(films=films, seed=seed)["watched.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_a_film_is_can_be_found_by_its_name_and_year() -> None:
    world = World.made_up(films=500)
    plain = [
        (name, int(year), entry)
        for (name, year), entry in world.truth.items()
        if entry is not None and year and name in {entry.title, entry.original_title} and entry.media_type == "movie"
    ]
    assert len(plain) > 450
    for name, year, entry in plain:
        assert entry in world.search(name, media_type="movie", year=year)


def test_a_made_up_world_is_the_same_every_time_and_another_with_another_seed() -> None:
    assert World.made_up(films=300).entries == World.made_up(films=300).entries
    assert World.made_up(films=300).entries != World.made_up(films=300, seed=1).entries


def test_a_world_is_read_from_a_table(tmp_path: Path) -> None:
    table = tmp_path / "world.csv"
    table.write_text(
        "media_type,tmdb_id,title,release_date,popularity,runtime,original_language\n"
        'movie,11,"Far, Away",1977-05-25,16.6,121,en\n'
        "tv,11,Near,,0.5,,\n"
    )
    world = World.of_csv(table)
    film, series = world.find("movie", 11), world.find("tv", 11)
    assert film is not None
    assert (film.title, film.release_date, film.runtime) == ("Far, Away", "1977-05-25", 121)
    assert series is not None
    assert (series.title, series.release_date, series.runtime) == ("Near", "", None)


# ── As a program ──────────────────────────────────────────────────────────────────────────────
def test_as_a_program_it_is_controlled_killed_and_started_again(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tests.fake_tmdb", "--port", str(port), "--films", "50", "--token", "t"]
    program = Program(command, environment=dict(os.environ), log_file=tmp_path / "log")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=False) as http:

        def status() -> int:
            try:
                return http.get("/3/authentication", headers={"Authorization": "Bearer t"}).status_code
            except httpx.TransportError:
                return 0

        try:
            wait_until(lambda: status() == 200, what=f"the fake TMDB; its log: {program.log}")
            http.post("/control/reset")
            http.post("/control/misbehave", params={"fault": "HTML_502", "where": "authentication"})
            assert [status(), status()] == [502, 200]
            counts = json.loads(http.get("/control/counts").text)
            assert (counts["requests"], counts["statuses"]) == (2, {"502": 1, "200": 1})
            os.kill(program.pid, signal.SIGKILL)
            wait_until(lambda: status() == 0)
            program.wait_for_end()
            program.start_again()
            wait_until(lambda: status() == 200)
            assert program.stop() == 0
        finally:
            program.kill()
