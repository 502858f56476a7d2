"""The parts of collections, such as trilogies: asked for once for everybody, after the films, and as restartable."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from movies_app import asking_by_hand, catalogue, enrichment
from movies_app.models import FACTS_LIFETIME, Collection, Film
from movies_app.tmdb_facts import Collection as Named
from sessions_app import enriching
from sessions_app.models import UploadSession
from tests.builders import WATCHED, get, make_csv, upload
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.tmdb_jobs import queued, use, work_off

pytestmark = pytest.mark.django_db(transaction=True)

TRILOGY, PAIRS = 7, range(100, 130)
ALONE = Entry(tmdb_id=1, title="Alone", release_date="1999-01-01")


def part(tmdb_id: int, title: str, *, of: int, day: str = "1999-01-01") -> Entry:
    return Entry(tmdb_id=tmdb_id, title=title, release_date=day, collection=Named(of, f"Collection {of}"))


PARTS = [
    part(13, "Third", of=TRILOGY, day="1999-12-24"),
    part(15, "Never", of=TRILOGY, day=""),
    part(12, "Second", of=TRILOGY, day="1999-06-01"),
    part(11, "First", of=TRILOGY, day="1998-12-24"),
    part(14, "Some Day", of=TRILOGY, day="2999-01-01"),
]
MANY = [part(2 * number + half, f"{half} of {number}", of=number) for number in PAIRS for half in (0, 1)]
WORLD = World([ALONE, *PARTS, *MANY])
SEEN = ("Second", "Third")
RELEASED = [
    {"id": 11, "title": "First", "release_date": "1998-12-24"},
    {"id": 12, "title": "Second", "release_date": "1999-06-01"},
    {"id": 13, "title": "Third", "release_date": "1999-12-24"},
]


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTmdb]:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        yield fake


def watched(*names: str) -> bytes:
    """Return a table of films, each with the same link whoever brings it."""
    ids = {entry.title: entry.tmdb_id for entry in WORLD.entries}
    return make_csv(WATCHED, [("2021-01-01", name, "1999", f"https://boxd.it/{ids[name]:x}") for name in names])


def send(api: Client, *names: str) -> Any:
    answer = upload(api, ("watched.csv", watched(*names)))
    assert answer.status == 201, answer.body
    return answer


def known(api: Client, *names: str) -> Any:
    """Return an upload of pairs whose films are known by those who have one of each pair."""
    for one_of_each in (names[::2], names[1::2]):
        send(api, *one_of_each)
    work_off()
    return send(api, *names)


def status_of(api: Client, answer: Any) -> tuple[str, int, int]:
    body = get(api, f"/api/session/{answer['session_id']}/status").body
    return body["status"], body["enriched_count"], body["total_movies"]


def ending_of(api: Client, answer: Any) -> Any:
    return get(api, f"/api/session/{answer['session_id']}")["metadata"]["enrichment"]


def refresh(*, days: float = 0) -> None:
    enriching.refresh(now=timezone.now() + timedelta(days=days), should_stop=lambda: False)


def days_until_next_try() -> int:
    return round((Collection.objects.get().next_try_at - timezone.now()) / timedelta(days=1))


# ── From upload to completed ──────────────────────────────────────────────────────────────────
def test_parts_that_nobody_has_seen_are_known_when_the_session_is_completed(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, *SEEN, "Alone")
    assert work_off() == [UploadSession.objects.get().pk] * 2  # the films, then the collections that they are in
    assert status_of(api, answer) == ("completed", 3, 3)
    assert Collection.objects.released([TRILOGY, 999]) == {TRILOGY: RELEASED}
    stored = Collection.objects.get()
    assert stored.name == "Collection 7"
    assert [(one["title"], one["release_date"]) for one in (stored.parts or [])[3:]] == [
        ("Some Day", "2999-01-01"),
        ("Never", None),
    ]
    assert fake.counts.collections == {TRILOGY: 1}
    assert fake.counts.endpoints["collection"] == 1


def test_the_second_member_costs_tmdb_nothing(api: Client, fake: FakeTmdb) -> None:
    send(api, *SEEN)
    work_off()
    fake.reset()
    answer = send(api, *SEEN)
    assert answer["status"] == "completed"
    assert (queued(), fake.counts.requests) == ([], 0)


def test_a_collection_of_a_single_film_is_not_asked_for(api: Client, fake: FakeTmdb) -> None:
    send(api, "First", "Alone")
    work_off()
    assert fake.counts.endpoints["collection"] == 0
    assert not Collection.objects.exists()


def test_one_film_under_two_links_is_a_single_film(api: Client, fake: FakeTmdb) -> None:
    links = ("https://boxd.it/first", "https://boxd.it/other")
    upload(api, ("watched.csv", make_csv(WATCHED, [("2021-01-01", "First", "1999", link) for link in links])))
    work_off()
    assert list(Film.objects.values_list("tmdb_id", flat=True)) == [11, 11]
    assert fake.counts.endpoints["collection"] == 0


def test_films_that_are_known_may_lack_the_parts_of_their_collection(api: Client, fake: FakeTmdb) -> None:
    answer = known(api, *SEEN)
    assert answer["status"] == "enriching"
    assert status_of(api, answer) == ("enriching", 2, 2)
    fake.reset()
    work_off()
    assert status_of(api, answer) == ("completed", 2, 2)
    assert (fake.counts.requests, fake.counts.collections) == (1, {TRILOGY: 1})


def test_without_a_token_nothing_waits_for_a_collection(api: Client, fake: FakeTmdb, settings: Any) -> None:
    known(api, *SEEN)
    settings.TMDB_TOKEN = ""
    assert send(api, *SEEN)["status"] == "completed"


def test_a_visit_makes_up_for_what_is_missing(api: Client, fake: FakeTmdb) -> None:
    answer = known(api, *SEEN)
    work_off()
    Collection.objects.all().delete()
    UploadSession.objects.update(last_accessed=timezone.now() - timedelta(hours=2))
    get(api, f"/api/session/{answer['session_id']}")
    assert status_of(api, answer) == ("completed", 2, 2)
    work_off()
    assert Collection.objects.released([TRILOGY]) == {TRILOGY: RELEASED}


def test_a_warmed_catalogue_has_the_collections_too(
    api: Client, fake: FakeTmdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_by_hand, "TURN_SECONDS", 0.05)
    file = tmp_path / "watched.csv"
    file.write_bytes(watched(*SEEN))
    for asked in (2, 0):
        output = io.StringIO()
        call_command("warm_catalogue", str(file), stdout=output, stderr=io.StringIO())
        assert output.getvalue().startswith(f"2 films, {asked} asked for in ")
    assert fake.counts.collections == {TRILOGY: 1}
    assert send(api, *SEEN)["status"] == "completed"


# ── Cut off and gone on ───────────────────────────────────────────────────────────────────────
def test_slice_after_slice_each_collection_is_fetched_once(
    api: Client, fake: FakeTmdb, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = known(api, *(film.title for film in MANY))
    settings.TMDB_REQUESTS_PER_SECOND = 20
    monkeypatch.setattr(enrichment, "SLICE_SECONDS", 0.2)
    assert len(work_off()) > 1
    assert status_of(api, answer) == ("completed", len(MANY), len(MANY))
    assert fake.counts.collections == dict.fromkeys(PAIRS, 1)


def test_work_that_is_stopped_goes_on_where_it_was(api: Client, fake: FakeTmdb) -> None:
    answer = known(api, *(film.title for film in MANY))
    fake.misbehave(Fault.SLOW_FIRST_BYTE, times=None, seconds=1)
    with pytest.raises(AssertionError, match="jobs are left"):
        work_off(rounds=1, should_stop=lambda: True)
    fake.reset()
    work_off()
    assert status_of(api, answer)[0] == "completed"
    assert set(Collection.objects.exclude(parts=None).values_list("pk", flat=True)) == set(PAIRS)


# ── Bad days ──────────────────────────────────────────────────────────────────────────────────
def test_a_collection_that_cannot_be_fetched_is_left_for_later_and_holds_up_nothing(
    api: Client, fake: FakeTmdb
) -> None:
    fake.misbehave(Fault.MALFORMED_JSON, times=None, where=f"collection/{TRILOGY}")
    answer = send(api, *SEEN, *(film.title for film in MANY[:2]))
    work_off()
    assert status_of(api, answer) == ("completed", 4, 4)
    assert ending_of(api, answer) == "done"
    broken = Collection.objects.get(pk=TRILOGY)
    assert (broken.parts, broken.fetched_at, broken.last_error) == (None, None, "broken JSON")
    assert list(Collection.objects.released([TRILOGY, PAIRS[0]])) == [PAIRS[0]]
    fake.reset()
    refresh(days=1 / 25)
    assert fake.counts.requests == 0
    refresh(days=1 / 23)
    broken.refresh_from_db()
    assert (len(broken.parts or []), broken.last_error) == (5, None)


def test_a_collection_that_tmdb_does_not_know_has_no_parts_and_is_asked_for_in_a_month(
    api: Client, fake: FakeTmdb
) -> None:
    send(api, *SEEN)
    work_off()
    Collection.objects.all().delete()
    Film.objects.update(collection={"id": 999, "name": "Gone"})
    answer = send(api, *SEEN)
    work_off()
    assert status_of(api, answer) == ("completed", 2, 2)
    assert Collection.objects.released([999]) == {}
    assert Collection.objects.get().last_error == "TMDB has no collection with this id (any more)."
    assert days_until_next_try() == 30


def test_tmdb_that_is_down_is_blamed_on_no_collection_and_given_up_after_a_quarter_of_an_hour(
    api: Client, fake: FakeTmdb
) -> None:
    answer = known(api, *(film.title for film in MANY))
    fake.misbehave(Fault.HTML_503, times=None)
    work_off()
    assert not Collection.objects.exists()
    assert status_of(api, answer) == ("completed", len(MANY), len(MANY))
    assert ending_of(api, answer) == "unreachable"


# ── Age ───────────────────────────────────────────────────────────────────────────────────────
def test_parts_are_asked_for_again_after_three_months(api: Client, fake: FakeTmdb) -> None:
    send(api, *SEEN)
    work_off()
    assert 81 <= days_until_next_try() <= 99
    fake.reset()
    refresh(days=80)
    assert fake.counts.requests == 0
    Collection.objects.update(parts=[])
    refresh(days=100)
    assert fake.counts.collections == {TRILOGY: 1}
    assert fake.counts.requests == 1
    assert Collection.objects.released([TRILOGY]) == {TRILOGY: RELEASED}


def test_parts_stay_while_they_cannot_be_fetched_again(api: Client, fake: FakeTmdb) -> None:
    send(api, *SEEN)
    work_off()
    fake.misbehave(Fault.HTML_503, times=None)
    refresh(days=100)
    assert Collection.objects.get().last_error == "status 503"
    assert Collection.objects.released([TRILOGY]) == {TRILOGY: RELEASED}


def test_nothing_older_than_the_terms_allow_is_shown_or_kept(api: Client, fake: FakeTmdb) -> None:
    send(api, *SEEN)
    work_off()
    Collection.objects.update(fetched_at=timezone.now() - FACTS_LIFETIME, next_try_at=timezone.now())
    assert Collection.objects.released([TRILOGY]) == {}
    catalogue.forget_old(now=timezone.now())
    assert Collection.objects.values_list("name", "parts", "fetched_at").get() == (None, None, None)
    refresh()
    assert Collection.objects.released([TRILOGY]) == {TRILOGY: RELEASED}


def test_everything_from_tmdb_can_be_forgotten(api: Client, fake: FakeTmdb) -> None:
    send(api, *SEEN)
    work_off()
    assert enrichment.forget_all() == len(SEEN)
    assert not Collection.objects.exists()


def test_a_film_is_out_on_the_day_of_its_release(api: Client) -> None:
    today = timezone.now().date()
    days = [(today + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]
    Collection.objects.create(
        tmdb_id=1,
        parts=[{"id": number, "title": "x", "release_date": day} for number, day in enumerate([*days, None])],
        fetched_at=timezone.now(),
        next_try_at=timezone.now(),
    )
    assert [part["release_date"] for part in Collection.objects.released([1])[1]] == days[:2]
