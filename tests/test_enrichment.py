"""TMDB's facts onto films: from an upload to a completed session, over real HTTP to a fake TMDB with its bad days."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from movies_app import catalogue, enrichment, made_up
from movies_app.models import FACTS_LIFETIME, Film
from sessions_app import enriching
from sessions_app.models import UploadSession
from tests.builders import WATCHED, get, make_csv, make_watched, upload
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.tmdb_jobs import queued, use, work_off

pytestmark = pytest.mark.django_db(transaction=True)

ALPHA = Entry(tmdb_id=11, title="Alpha", release_date="1999-03-01")
BETA = Entry(tmdb_id=12, title="Beta", release_date="1999-04-01", quirks=frozenset({"several directors"}))


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTmdb]:
    with FakeTmdb(World([ALPHA, BETA])) as fake:
        use(fake, settings)
        yield fake


@pytest.fixture(scope="module")
def member() -> bytes:
    return made_up.make_zip(made_up.make_export(films=200, seed=3))


def send(api: Client, *names: str) -> Any:
    answer = upload(api, ("watched.csv", make_watched(*names)))
    assert answer.status == 201, answer.body
    return answer


def status_of(api: Client, answer: Any) -> tuple[str, int, int]:
    body = get(api, f"/api/session/{answer['session_id']}/status").body
    return body["status"], body["enriched_count"], body["total_movies"]


# ── From upload to completed ──────────────────────────────────────────────────────────────────
def test_new_films_are_asked_for_and_the_session_is_completed(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, "Alpha", "Beta", "Nothing Like It")
    assert (answer["status"], answer["total_movies"]) == ("enriching", 3)
    assert status_of(api, answer) == ("enriching", 0, 3)
    work_off()
    assert status_of(api, answer) == ("completed", 3, 3)
    movies = {movie["title"]: movie for movie in get(api, f"/api/session/{answer['session_id']}/movies")["results"]}
    assert movies["Alpha"]["tmdb_id"] == ALPHA.tmdb_id
    assert movies["Alpha"]["tmdb_enriched"]
    assert len(movies["Beta"]["directors"]) > 1
    assert movies["Alpha"]["runtime"] == ALPHA.runtime
    assert (movies["Nothing Like It"]["tmdb_state"], movies["Nothing Like It"]["tmdb_enriched"]) == ("unmatched", False)
    assert movies["Nothing Like It"]["genres"] is None
    history = [state["status"] for state in get(api, f"/api/session/{answer['session_id']}")["history"]]
    assert history == ["processing", "enriching", "completed"]


def test_the_second_member_costs_tmdb_nothing(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha", "Beta", "Nothing Like It")
    work_off()
    fake.reset()
    answer = send(api, "Alpha", "Beta", "Nothing Like It")
    assert answer["status"] == "completed"
    assert status_of(api, answer) == ("completed", 3, 3)
    assert queued() == []
    assert fake.counts.requests == 0


def test_a_session_whose_films_another_one_brought_is_completed_with_all_of_them(api: Client, fake: FakeTmdb) -> None:
    first, second = send(api, "Alpha", "Beta"), send(api, "Alpha", "Beta")
    work_off()
    assert status_of(api, first) == status_of(api, second) == ("completed", 2, 2)
    assert set(fake.counts.fetched.values()) == {1}


def test_only_what_is_new_is_asked_for(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha")
    work_off()
    fake.reset()
    answer = send(api, "Alpha", "Beta")
    assert status_of(api, answer) == ("enriching", 1, 2)
    work_off()
    assert fake.counts.fetched == {("movie", BETA.tmdb_id): 1}
    assert status_of(api, answer) == ("completed", 2, 2)


def test_without_a_token_nothing_is_asked_and_a_later_visit_makes_up_for_it(
    api: Client, fake: FakeTmdb, settings: Any
) -> None:
    settings.TMDB_TOKEN, token = "", settings.TMDB_TOKEN
    answer = send(api, "Alpha")
    assert status_of(api, answer) == ("completed", 0, 1)
    assert get(api, f"/api/session/{answer['session_id']}")["metadata"]["enrichment"] == "off"
    settings.TMDB_TOKEN = token
    an_hour_ago = timezone.now() - timedelta(hours=2)
    UploadSession.objects.update(last_accessed=an_hour_ago)
    get(api, f"/api/session/{answer['session_id']}")
    assert status_of(api, answer) == ("enriching", 0, 1)
    work_off()
    assert status_of(api, answer) == ("completed", 1, 1)


def test_a_whole_made_up_member_gets_the_right_films(api: Client, settings: Any, member: bytes) -> None:
    world = World.made_up(films=2_000)
    with FakeTmdb(world) as fake:
        use(fake, settings)
        answer = upload(api, ("a.zip", member))
        work_off()
        counts = fake.counts
    assert status_of(api, answer) == ("completed", answer["total_movies"], answer["total_movies"])
    sure = Film.objects.filter(state=Film.State.MATCHED)
    asked = Counter(Film.objects.exclude(tmdb_id=None).values_list("media_type", "tmdb_id"))
    assert counts.fetched == asked
    parts = Counter(id_ for id_, _ in set(Film.objects.values_list("collection__id", "tmdb_id")) if id_)
    assert counts.collections == {id_: 1 for id_, films in parts.items() if films > 1}
    assert counts.collections
    wrong = []
    for film in sure:
        truth = world.truth.get((film.title, str(film.year or "")))
        if truth is None or truth.tmdb_id != film.tmdb_id:
            wrong.append((film.title, film.year, film.tmdb_id))
    assert wrong == []
    assert sure.count() > 0.9 * answer["total_movies"]


def test_two_films_of_one_title_and_year_are_never_surely_the_same(api: Client, fake: FakeTmdb) -> None:
    rows = [("2021-01-01", "Alpha", "1999", f"https://boxd.it/w{number}") for number in (1, 2)]
    rows.append(("2021-01-01", "Beta", "1999", "https://boxd.it/w3"))
    rows.append(("2021-01-01", "Beta", "1999", "https://letterboxd.com/film/beta/"))
    upload(api, ("watched.csv", make_csv(WATCHED, rows)))
    work_off()
    assert sorted(Film.objects.values_list("title", "state")) == [
        *[("Alpha", "ambiguous")] * 2,
        *[("Beta", "matched")] * Film.objects.filter(title="Beta").count(),
    ]


# ── Bad days ──────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_token_completes_the_session_and_says_why(
    api: Client, fake: FakeTmdb, settings: Any, caplog: Any
) -> None:
    settings.TMDB_TOKEN = "not-the-token"
    answer = send(api, "Alpha")
    work_off()
    assert status_of(api, answer) == ("completed", 0, 1)
    assert get(api, f"/api/session/{answer['session_id']}")["metadata"]["enrichment"] == "wrong_token"
    assert "TMDB does not accept TMDB_TOKEN" in caplog.text
    assert "not-the-token" not in caplog.text
    assert Film.objects.get().state == Film.State.PENDING


def test_tmdb_that_is_down_is_tried_again_and_blamed_on_no_film(api: Client, fake: FakeTmdb, monkeypatch: Any) -> None:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    answer = send(api, *(f"Film {number}" for number in range(30)), "Alpha")
    fake.misbehave(Fault.HTML_503, times=None)
    with pytest.raises(AssertionError, match="jobs are left"):
        work_off(rounds=3)
    assert status_of(api, answer)[0] == "enriching"
    assert not Film.objects.filter(attempts__gt=0).exists()
    fake.reset()
    work_off()
    assert status_of(api, answer) == ("completed", 31, 31)


def test_a_session_gives_up_on_a_long_outage_and_the_catalogue_is_completed_later(
    api: Client, fake: FakeTmdb, monkeypatch: Any
) -> None:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    answer = send(api, *(f"Film {number}" for number in range(30)), "Alpha")
    fake.misbehave(Fault.RESET, times=None)
    work_off()
    assert status_of(api, answer) == ("completed", 0, 31)
    assert get(api, f"/api/session/{answer['session_id']}")["metadata"]["enrichment"] == "unreachable"
    fake.reset()
    enriching.refresh(now=timezone.now() + timedelta(hours=2), should_stop=lambda: False)
    (alpha,) = get(api, f"/api/session/{answer['session_id']}/movies?q=Alpha")["results"]
    assert alpha["tmdb_id"] == ALPHA.tmdb_id


def test_a_film_that_cannot_be_fetched_is_left_for_later_and_holds_up_nothing(
    api: Client, fake: FakeTmdb, monkeypatch: Any
) -> None:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    answer = send(api, "Alpha", "Beta")
    fake.misbehave(Fault.MALFORMED_JSON, times=None, where=f"movie/{BETA.tmdb_id}")
    work_off()
    assert status_of(api, answer) == ("completed", 1, 2)
    beta = Film.objects.get(title="Beta")
    assert (beta.state, beta.attempts, beta.last_error) == (Film.State.PENDING, 1, "broken JSON")
    fake.reset()
    enriching.refresh(now=timezone.now() + timedelta(minutes=2), should_stop=lambda: False)
    beta.refresh_from_db()
    assert (beta.state, beta.attempts, beta.last_error) == (Film.State.MATCHED, 0, None)


def test_nothing_is_asked_while_another_asks(api: Client, fake: FakeTmdb, django_db_blocker: Any) -> None:
    answer = send(api, "Alpha")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('tmdb'))")
        with pytest.raises(AssertionError, match="jobs are left"):
            work_off(rounds=2)
    finally:
        other.close()
    assert fake.counts.requests == 0
    work_off()
    assert status_of(api, answer) == ("completed", 1, 1)


def test_work_that_is_stopped_goes_on_where_it_was(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, "Alpha", "Beta", *(f"Film {number}" for number in range(30)))
    fake.misbehave(Fault.SLOW_FIRST_BYTE, times=None, seconds=1)
    with pytest.raises(AssertionError, match="jobs are left"):
        work_off(rounds=1, should_stop=lambda: True)
    assert queued()
    fake.reset()
    work_off()
    assert status_of(api, answer) == ("completed", 32, 32)


def test_a_session_that_is_deleted_meanwhile_ends_its_job(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha")
    UploadSession.objects.all().delete()
    assert len(work_off()) == 1
    assert fake.counts.requests == 0


def test_a_large_upload_lets_a_small_one_through(api: Client, fake: FakeTmdb, settings: Any, monkeypatch: Any) -> None:
    settings.TMDB_REQUESTS_PER_SECOND = 35
    monkeypatch.setattr(enrichment, "SLICE_SECONDS", 0.5)
    large = send(api, *(f"Film {number}" for number in range(60)))
    small = send(api, "Alpha")
    turns = [str(turn) for turn in work_off()]
    assert turns[:2] == [large["session_id"], small["session_id"]]
    assert turns.count(large["session_id"]) > 2
    assert status_of(api, large)[0] == status_of(api, small)[0] == "completed"


# ── Age ───────────────────────────────────────────────────────────────────────────────────────
def test_what_is_due_is_asked_for_again_and_what_is_not_stays(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha")
    work_off()
    fake.reset()
    enriching.refresh(now=timezone.now() + timedelta(days=100), should_stop=lambda: False)
    assert fake.counts.requests == 0
    enriching.refresh(now=timezone.now() + timedelta(days=133), should_stop=lambda: False)
    assert fake.counts.fetched == {("movie", ALPHA.tmdb_id): 1}
    assert fake.counts.requests == 1  # an id that is known is not looked for


def test_a_visit_has_due_facts_refreshed(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, "Alpha")
    work_off()
    fake.reset()
    Film.objects.update(next_try_at=timezone.now() - timedelta(days=1))
    get(api, f"/api/session/{answer['session_id']}")
    assert queued() == []  # not within an hour of the last
    UploadSession.objects.update(last_accessed=timezone.now() - timedelta(hours=2))
    get(api, f"/api/session/{answer['session_id']}")
    assert status_of(api, answer) == ("completed", 1, 1)
    work_off()
    assert fake.counts.fetched == {("movie", ALPHA.tmdb_id): 1}


def test_nothing_older_than_the_terms_allow_is_shown_or_kept(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, "Alpha")
    work_off()
    Film.objects.update(fetched_at=timezone.now() - FACTS_LIFETIME, next_try_at=timezone.now())
    path = f"/api/session/{answer['session_id']}/movies"
    (movie,) = get(api, path)["results"]
    assert (movie["tmdb_enriched"], movie["tmdb_id"], movie["genres"], movie["poster_url"]) == (False, None, None, None)
    genre = Film.objects.values_list("genres__0", flat=True).get()
    assert get(api, f"{path}?genre={genre}")["count"] == 0
    assert catalogue.forget_old(now=timezone.now()) == 1
    assert (Film.objects.get().genres, Film.objects.get().tmdb_id) == (None, ALPHA.tmdb_id)
    UploadSession.objects.update(last_accessed=timezone.now() - timedelta(hours=2))
    get(api, f"/api/session/{answer['session_id']}")
    work_off()
    assert get(api, f"{path}?genre={genre}")["count"] == 1


def test_everything_from_tmdb_can_be_forgotten(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha", "Nothing Like It")
    work_off()
    Film.objects.bulk_create([Film(title_key="new", title="New", year=2000)])
    own = {"id", "title_key", "title", "year", "letterboxd_uri"}
    assert catalogue.forget_all() == 2
    kept = [{name: value for name, value in film.items() if name not in own} for film in Film.objects.values()]
    assert kept == [kept[0]] * 3
    assert (kept[0]["state"], kept[0]["tmdb_id"], kept[0]["attempts"]) == ("pending", None, 0)


def test_an_id_that_tmdb_does_not_know_any_more_is_matched_anew(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha")
    work_off()
    Film.objects.update(tmdb_id=999_999, next_try_at=timezone.now())
    later = timezone.now() + timedelta(minutes=1)
    enriching.refresh(now=later, should_stop=lambda: False)
    assert Film.objects.get().state == Film.State.PENDING
    enriching.refresh(now=later, should_stop=lambda: False)
    assert (Film.objects.get().state, Film.objects.get().tmdb_id) == (Film.State.MATCHED, ALPHA.tmdb_id)


def test_an_id_that_staff_locked_is_never_matched_anew(api: Client, fake: FakeTmdb) -> None:
    send(api, "Alpha")
    Film.objects.update(tmdb_id=BETA.tmdb_id, media_type="movie", is_locked=True)
    work_off()
    film = Film.objects.get()
    assert (film.state, film.tmdb_id, film.match_method) == (Film.State.MATCHED, BETA.tmdb_id, "staff")
    assert fake.counts.requests == 1
    Film.objects.update(tmdb_id=999_999, next_try_at=timezone.now())
    enriching.refresh(now=timezone.now() + timedelta(minutes=1), should_stop=lambda: False)
    film.refresh_from_db()
    assert (film.state, film.tmdb_id, film.genres) == (Film.State.UNMATCHED, 999_999, None)


# ── The queue ─────────────────────────────────────────────────────────────────────────────────
def test_a_session_whose_job_was_lost_is_queued_again_and_no_other(api: Client, fake: FakeTmdb) -> None:
    lost, queued_still = send(api, "Alpha"), send(api, "Beta")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'session_id' = %s", [lost["session_id"]])
    assert enriching.resume() == 1
    assert sorted(map(str, queued())) == sorted([lost["session_id"], queued_still["session_id"]])
    assert enriching.resume() == 0


def test_two_visits_at_once_to_a_session_with_more_to_ask_for_are_both_answered(api: Client, fake: FakeTmdb) -> None:
    answer = send(api, "Alpha")
    two_hours_ago = timezone.now() - timedelta(hours=2)
    UploadSession.objects.update(status=UploadSession.Status.COMPLETED, last_accessed=two_hours_ago)
    visits = [UploadSession.objects.get() for _ in range(2)]
    moved = [visit.touch(now=timezone.now()) for visit in visits]
    assert moved == [True, False]
    for visit in visits:  # as if both had moved it
        enriching.look_after(visit, now=timezone.now())
    assert status_of(api, answer)[0] == "enriching"
    assert queued() == [visits[0].pk]


def test_a_token_that_was_taken_away_ends_what_waits_as_off(api: Client, fake: FakeTmdb, settings: Any) -> None:
    answer = send(api, "Alpha")
    settings.TMDB_TOKEN = ""
    work_off()
    assert status_of(api, answer) == ("completed", 0, 1)
    assert get(api, f"/api/session/{answer['session_id']}")["metadata"]["enrichment"] == "off"


def test_a_film_that_is_not_found_is_looked_for_in_a_week_and_then_in_a_month(api: Client, fake: FakeTmdb) -> None:
    send(api, "Nothing Like It")
    Film.objects.update(attempts=3)  # after failures of TMDB's
    now = timezone.now()
    for days in (7, 30, 30):
        work_off(at=now)
        enriching.refresh(now=now, should_stop=lambda: False)
        again = Film.objects.get().next_try_at
        assert again is not None
        assert (again - now).days == days
        now = again


def test_a_session_is_queued_once_however_often_it_is_asked_for(api: Client, fake: FakeTmdb) -> None:
    session = UploadSession.objects.get(pk=send(api, "Alpha")["session_id"])
    UploadSession.objects.update(status=UploadSession.Status.COMPLETED)
    session.refresh_from_db()
    enriching.look_after(session, now=timezone.now())
    assert queued() == [session.pk]
