"""The demo's films: their data file, the fake TMDB that knows them, and the member who has seen them all."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from movies_app import made_up, matching, tmdb
from movies_app.models import Film, Movie
from movies_app.tmdb_facts import Facts
from sessions_app.models import SAMPLE_ID, UploadSession
from tests import tmdb_jobs
from tests.fake_tmdb import demo
from tests.fake_tmdb.answers import GENRES
from tests.fake_tmdb.clock import Clock
from tests.fake_tmdb.server import FakeTmdb

with demo.FILMS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
WORLD = demo.world()
FACTS = [entry.facts for entry in WORLD.entries[: len(ROWS)] if entry.facts is not None]
MANY = ("Languages", "Countries", "Genres", "Studios", "Directors", "Cast", *demo.JOBS)

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["Name"])


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTmdb]:
    with FakeTmdb(WORLD) as server:
        yield server


@pytest.fixture(scope="module")
def client(fake: FakeTmdb) -> Iterator[tmdb.Client]:
    clock = Clock()
    with tmdb.Client(
        fake.token, base_url=fake.url, rate=35, monotonic=clock.monotonic, sleep=clock.sleep, random=Random(0).random
    ) as client:
        yield client


# ── The file ──────────────────────────────────────────────────────────────────────────────────
@every_row
def test_a_film_is_complete(row: dict[str, str]) -> None:
    for column in ("Name", "Minutes", "Languages", "Countries", "Genres", "Directors"):
        assert row[column], column
    for column in MANY:
        names = row[column].split(demo.BETWEEN)
        assert names == [name.strip(" ;") for name in names], column
        assert len(names) == len(set(names)), column
    assert set(row["Genres"].split(demo.BETWEEN)) <= set(GENRES.values())
    assert all(re.fullmatch("[A-Z]{2}", code) for code in row["Countries"].split(demo.BETWEEN))
    assert all(re.fullmatch("[a-z]{2}", code) for code in row["Languages"].split(demo.BETWEEN))
    assert date.fromisoformat(row["Released"]).year - int(row["Year"]) in {0, 1}
    assert 1 <= int(row["Minutes"]) <= 300


def test_no_film_is_there_twice() -> None:
    assert Counter((row["Name"], row["Year"]) for row in ROWS).most_common(1)[0][1] == 1


def test_one_name_is_one_person_and_one_person_has_one_name() -> None:
    people = {(one.id, one.name) for facts in FACTS for one in (*facts.directors, *facts.cast, *facts.crew)}
    assert len({id_ for id_, _ in people}) == len({name for _, name in people}) == len(people)


def test_there_is_something_for_every_section() -> None:
    """Decades, countries, genres; directors, actors and studios that recur; trilogies, shorts, long films."""
    assert {facts.release_date.year // 10 for facts in FACTS if facts.release_date} == set(range(192, 203))
    assert len({code for facts in FACTS for code in facts.countries}) >= 20
    assert len({name for facts in FACTS for name in facts.genres}) >= 15
    for part in ("directors", "cast", "crew", "studios"):
        most_seen = Counter(one for facts in FACTS for one in getattr(facts, part)).most_common(10)
        assert most_seen[-1][1] >= 3, part
    collections = Counter(facts.collection for facts in FACTS if facts.collection)
    assert len(collections) >= 5
    assert set(collections.values()) == {2, 3}
    minutes = [facts.runtime or 0 for facts in FACTS]
    assert min(minutes) <= 40
    assert max(minutes) >= 200


# ── The fake ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts.title)
def test_a_film_is_found_and_its_facts_arrive_as_they_are(facts: Facts, client: tmdb.Client) -> None:
    row = ROWS[facts.tmdb_id - 1]
    match = matching.match(row["Name"], int(row["Year"]), search=client.search)
    assert (match.state, match.tmdb_id) == ("matched", facts.tmdb_id)
    assert match.confidence >= 0.9
    assert client.facts(facts.tmdb_id, media_type="movie") == facts


# ── The member ────────────────────────────────────────────────────────────────────────────────
def test_named_films_are_seen_and_the_others_are_made_up() -> None:
    named = [("Vertigo", "1958"), ("8½", "1963")]
    plain = made_up.make_export(films=5, seed=3)
    export = made_up.make_export(films=5, seed=3, named=named)
    watched = seen(export["watched.csv"])
    assert set(named) < set(watched)
    assert len(set(watched) & set(seen(plain["watched.csv"]))) == 3
    with pytest.raises(ValueError, match="2 named films do not fit into 1"):
        made_up.make_export(films=1, seed=3, named=named)


def seen(table: bytes) -> list[tuple[str, str]]:
    return [(row["Name"], row["Year"]) for row in csv.DictReader(io.StringIO(table.decode(), newline=""))]


@pytest.mark.django_db(transaction=True)
def test_the_sample_of_the_demo_has_facts_for_all_its_films(fake: FakeTmdb, settings: object) -> None:
    tmdb_jobs.use(fake, settings)
    call_command("load_sample", films=demo.FILMS, verbosity=0)
    tmdb_jobs.work_off()
    sample = UploadSession.objects.get(pk=SAMPLE_ID)
    assert sample.status == UploadSession.Status.COMPLETED
    assert sample.enriched_count == sample.total_movies == len(ROWS)
    films = Film.objects.filter(pk__in=Movie.objects.filter(session=sample).values("film_id"))
    assert set(films.values_list("tmdb_id", flat=True)) == {facts.tmdb_id for facts in FACTS}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content", [None, b"Title\nVertigo\n", b"Name,Year\nVertigo,soon\n", b"Name,Year\n"])
def test_what_is_no_list_of_films_is_refused(content: bytes | None, tmp_path: Path) -> None:
    films = tmp_path / "films.csv"
    if content is not None:
        films.write_bytes(content)
    with pytest.raises(CommandError, match="no list of films"):
        call_command("load_sample", films=films, verbosity=0)
    assert not UploadSession.objects.filter(pk=SAMPLE_ID).exists()
