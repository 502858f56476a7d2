"""What staff see of the catalogue, and how they mend a match: an id set and locked, or a film matched again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app import catalogue, enrichment
from movies_app.models import FACTS_LIFETIME, Film
from movies_app.tmdb_facts import Collection
from sessions_app import enriching
from tests.builders import make_watched, upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.staff import staff_with, superuser, text_of
from tests.tmdb_jobs import use, work_off

FILMS = "/admin/movies_app/film/"
ALPHA = Entry(tmdb_id=11, title="Alpha", release_date="1999-03-01", collection=Collection(7, "The Alpha Collection"))
BETA = Entry(tmdb_id=12, title="Beta", release_date="1999-04-01", quirks=frozenset({"several directors"}))
SERIES = Entry(tmdb_id=12, title="Series", release_date="1999-04-01", media_type="tv")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTmdb]:
    with FakeTmdb(World([ALPHA, BETA, SERIES])) as fake:
        use(fake, settings)
        yield fake


@pytest.fixture
def alpha(api: Client, fake: FakeTmdb) -> Film:
    """Return a film that was matched and fetched."""
    upload(api, ("watched.csv", make_watched("Alpha")))
    work_off()
    return Film.objects.get()


@pytest.fixture
def staff(db: None) -> Client:
    return staff_with("view_film", "change_film")


def make_film(title: str, **values: Any) -> Film:
    return Film.objects.create(title_key=title.casefold(), title=title, year=1999, **values)


def page_of(film: Film) -> str:
    return f"{FILMS}{film.pk}/change/"


def choose(client: Client, film: Film, tmdb_id: object, media_type: str = "movie", *, is_locked: bool = True) -> Any:
    lock = {"is_locked": "on"} if is_locked else {}
    return client.post(page_of(film), {"tmdb_id": tmdb_id, "media_type": media_type, **lock}, follow=True)


def match_again(client: Client, *films: Film, **more: str) -> list[str]:
    """Run the action on films of the list; return what it told."""
    chosen = {"action": "match_again", "_selected_action": [film.pk for film in films], "index": "0", **more}
    return [str(message) for message in client.post(FILMS, chosen, follow=True).context["messages"]]


def refresh() -> None:
    enriching.refresh(now=timezone.now(), should_stop=lambda: False)


def titles(client: Client, **query: str) -> list[str]:
    response = client.get(FILMS, query)
    assert response.status_code == 200, response
    return [row.title for row in response.context["cl"].result_list]


# ── An id that staff know ─────────────────────────────────────────────────────────────────────
def test_an_id_that_staff_lock_takes_the_place_of_the_matched_one(staff: Client, alpha: Film) -> None:
    page = choose(staff, alpha, BETA.tmdb_id)
    assert any("within ten minutes" in str(message) for message in page.context["messages"])
    alpha.refresh_from_db()
    assert (alpha.state, alpha.tmdb_id, alpha.is_locked) == (Film.State.PENDING, BETA.tmdb_id, True)
    assert (alpha.genres, alpha.directors, alpha.fetched_at, alpha.match_method) == (None, None, None, None)
    refresh()
    alpha.refresh_from_db()
    assert (alpha.state, alpha.tmdb_id, alpha.match_method) == (Film.State.MATCHED, BETA.tmdb_id, "staff")
    assert len(alpha.directors or ()) > 1


def test_the_same_number_may_be_that_of_a_series(staff: Client, alpha: Film) -> None:
    choose(staff, alpha, SERIES.tmdb_id)
    refresh()
    choose(staff, alpha, SERIES.tmdb_id, "tv")
    assert Film.objects.get().genres is None
    refresh()
    assert (Film.objects.get().media_type, Film.objects.get().original_title) == ("tv", "Series")


def test_locking_the_id_that_a_film_has_keeps_its_facts(staff: Client, alpha: Film) -> None:
    choose(staff, alpha, ALPHA.tmdb_id)
    locked = Film.objects.get()
    assert (locked.is_locked, locked.genres, locked.fetched_at) == (True, alpha.genres, alpha.fetched_at)
    refresh()
    assert Film.objects.get().match_method == "staff"


@pytest.mark.parametrize("tmdb_id", [BETA.tmdb_id, ""])
def test_a_film_without_the_lock_is_matched_anew(staff: Client, alpha: Film, tmdb_id: int | str) -> None:
    choose(staff, alpha, BETA.tmdb_id)
    refresh()
    choose(staff, alpha, tmdb_id, "movie" if tmdb_id else "", is_locked=False)
    refresh()
    assert (Film.objects.get().tmdb_id, Film.objects.get().is_locked) == (ALPHA.tmdb_id, False)


@pytest.mark.parametrize(
    ("tmdb_id", "media_type", "is_locked", "complaint"),
    [
        ("0", "movie", True, "greater than or equal to 1"),
        ("-5", "movie", True, "greater than or equal to 1"),
        ("2147483648", "movie", True, "less than or equal to 2147483647"),
        ("tt0133093", "movie", True, "Enter a whole number"),
        ("12", "book", True, "Select a valid choice"),
        ("12", "", True, "Give the id and the kind together"),
        ("", "tv", False, "Give the id and the kind together"),
        ("", "", True, "There is no id to be locked"),
        ("12", "movie", False, "Lock it too"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_changed(
    staff: Client, alpha: Film, tmdb_id: str, media_type: str, *, is_locked: bool, complaint: str
) -> None:
    page = choose(staff, alpha, tmdb_id, media_type, is_locked=is_locked)
    assert complaint in page.content.decode()
    assert Film.objects.values().get() == {name: getattr(alpha, name) for name in Film.objects.values().get()}


def test_a_form_that_is_sent_as_it_was_changes_nothing(staff: Client, alpha: Film) -> None:
    choose(staff, alpha, ALPHA.tmdb_id, is_locked=False)
    assert Film.objects.get().next_try_at == alpha.next_try_at


def test_an_answer_under_way_does_not_undo_what_staff_decided(staff: Client, api: Client, fake: FakeTmdb) -> None:
    upload(api, ("watched.csv", make_watched("Alpha")))
    film, now = Film.objects.get(), timezone.now()
    asked_before = catalogue.due_among([film.pk], now=now, limit=1)
    choose(staff, film, BETA.tmdb_id)
    for _ in enrichment.enrich(asked_before, now=now, seconds=20, should_stop=lambda: False):
        pass
    film.refresh_from_db()
    assert (film.state, film.tmdb_id, film.fetched_at) == (Film.State.PENDING, BETA.tmdb_id, None)
    refresh()
    film.refresh_from_db()
    assert (film.state, film.tmdb_id, film.match_method) == (Film.State.MATCHED, BETA.tmdb_id, "staff")


def test_a_locked_id_that_tmdb_does_not_have_is_told_and_stays(staff: Client, alpha: Film) -> None:
    choose(staff, alpha, 999)
    refresh()
    assert "TMDB has no film with this id" in text_of(staff, page_of(alpha))
    assert (Film.objects.get().state, Film.objects.get().tmdb_id) == (Film.State.UNMATCHED, 999)


def test_without_a_token_staff_are_told_that_it_waits_for_one(staff: Client) -> None:
    film = make_film("Alpha")
    messages = [str(message) for message in choose(staff, film, 11).context["messages"]]
    assert "TMDB is asked as soon as there is a TMDB_TOKEN." in messages


# ── Matching again ────────────────────────────────────────────────────────────────────────────
def test_films_are_matched_again_but_for_locked_ones(staff: Client, alpha: Film) -> None:
    locked = make_film("Beta", tmdb_id=12, media_type="movie", is_locked=True, state="matched")
    Film.objects.filter(pk=alpha.pk).update(tmdb_id=BETA.tmdb_id, attempts=3, last_error="x")
    soon = "TMDB is asked within ten minutes, while a worker runs."
    assert match_again(staff, alpha, locked) == [
        f"To be matched again: 1 film. {soon}",
        "Left alone, because locked: 1 film.",
    ]
    forgotten = Film.objects.get(pk=alpha.pk)
    assert (forgotten.state, forgotten.tmdb_id, forgotten.genres, forgotten.attempts) == ("pending", None, None, 0)
    assert Film.objects.get(pk=locked.pk).tmdb_id == BETA.tmdb_id
    refresh()
    assert (Film.objects.get(pk=alpha.pk).state, Film.objects.get(pk=alpha.pk).tmdb_id) == ("matched", ALPHA.tmdb_id)


def test_nobody_acts_on_all_pages_at_once(staff: Client, alpha: Film) -> None:
    for number in range(60):
        make_film(f"Film {number}")
    assert "Select all 61" not in staff.get(FILMS).content.decode()
    assert match_again(staff, alpha, select_across="1") == ["Choose the films on the page."]
    assert Film.objects.get(pk=alpha.pk).tmdb_id == ALPHA.tmdb_id


def test_whoever_may_only_view_changes_nothing(alpha: Film) -> None:
    viewer = staff_with("view_film")
    assert choose(viewer, alpha, BETA.tmdb_id).status_code == 403
    match_again(viewer, alpha)
    assert Film.objects.get().tmdb_id == ALPHA.tmdb_id
    text = text_of(viewer, page_of(alpha))
    assert "Alpha" in text
    assert "Save" not in text


def test_every_change_is_in_the_log_and_on_the_films_history(staff: Client, alpha: Film) -> None:
    choose(staff, alpha, BETA.tmdb_id)
    choose(staff, alpha, "", "", is_locked=False)
    match_again(staff, alpha)
    told = ["TMDB id: movie/12, locked.", "TMDB id: none, not locked.", "To be matched again."]
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == told
    history = text_of(staff, f"{FILMS}{alpha.pk}/history/")
    assert all(words in history for words in told)
    assert f"{FILMS}{alpha.pk}/history/" in staff.get(page_of(alpha)).content.decode()


# ── What is shown ─────────────────────────────────────────────────────────────────────────────
def test_a_films_page_tells_its_facts_in_words_with_links(staff: Client, alpha: Film) -> None:
    content, text = staff.get(page_of(alpha)).content.decode(), text_of(staff, page_of(alpha))
    for address in (f"https://www.themoviedb.org/movie/{ALPHA.tmdb_id}", "https://boxd.it/w0"):
        assert f'href="{address}" rel="noopener noreferrer"' in content
    people = [person["name"] for column in (alpha.directors, alpha.cast, alpha.crew) for person in column or ()]
    collection = (alpha.collection or {})["name"]
    for words in (*people, *(alpha.genres or ()), collection, "101 minutes", "1999-03-01", "of 10 from"):
        assert words in text.replace("&#x27;", "'"), words
    assert len(people) > 10
    assert "{&#x27;" not in content
    assert "&quot;id&quot;" not in content


def test_facts_that_are_too_old_are_shown_to_staff_no_more_than_to_members(staff: Client, alpha: Film) -> None:
    Film.objects.update(fetched_at=timezone.now() - FACTS_LIFETIME)
    text = text_of(staff, page_of(alpha))
    assert "Older than TMDB's terms allow" in text
    assert not any(genre in text for genre in alpha.genres or ("",))
    assert "Nothing yet." in text_of(staff, page_of(make_film("New")))


def test_a_film_of_which_nearly_nothing_is_known_has_a_page_too(staff: Client) -> None:
    bare = make_film("Bare", state="matched", tmdb_id=5, media_type="tv", fetched_at=timezone.now())
    assert "themoviedb.org/tv/5" in staff.get(page_of(bare)).content.decode()


# ── The list ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state__exact": "ambiguous"}, ["Doubtful"]),
        ({"state__exact": "unmatched"}, ["Nowhere"]),
        ({"state__exact": "pending"}, ["Failing", "Later", "New"]),
        ({"only": "locked"}, ["Locked"]),
        ({"only": "unsure"}, ["Doubtful"]),
        ({"only": "failed"}, ["Failing"]),
        ({"only": "waiting"}, ["Failing", "New"]),
        ({"only": "failed", "state__exact": "matched"}, []),
        ({"only": "nonsense", "state__exact": "matched"}, ["Locked"]),
    ],
)
def test_the_filters_keep_what_they_say(staff: Client, query: dict[str, str], found: list[str]) -> None:
    now = timezone.now()
    later = {"next_try_at": now + timedelta(days=1)}
    make_film("Doubtful", state="ambiguous", match_confidence=0.45, **later)
    make_film("Nowhere", state="unmatched", **later)
    make_film("Locked", state="matched", is_locked=True, tmdb_id=1, media_type="movie", match_confidence=1, **later)
    make_film("Failing", last_error="status 503", attempts=2, next_try_at=now)
    make_film("Later", **later)
    make_film("New")
    assert titles(staff, **query) == found


def test_the_list_leaves_people_and_keywords_in_the_database(staff: Client, alpha: Film) -> None:
    with CaptureQueriesContext(connection) as queries:
        text = text_of(staff, FILMS)
    assert not any(f'"{column}"' in query["sql"] for query in queries for column in ("cast", "crew", "keywords"))
    assert f"movie/{ALPHA.tmdb_id}" in text
    assert f"{alpha.match_confidence:.2f}" in text


def test_what_waits_is_found_by_two_ranges_of_indexes(staff: Client) -> None:
    Film.objects.bulk_create(
        Film(title_key=f"{number}", title="x", next_try_at=timezone.now() + timedelta(days=1)) for number in range(500)
    )
    with CaptureQueriesContext(connection) as queries:
        assert catalogue.count_waiting(now=timezone.now()) == 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE films")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[-1]['sql']}")
        plan = str(cursor.fetchall())
    assert "films_next_try_at" in plan
    assert "films_pkey" in plan


def test_films_that_were_never_asked_for_count_among_the_newest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_film(f"Film {number}")
    monkeypatch.setattr(catalogue, "NEWEST", 3)
    assert catalogue.count_waiting(now=timezone.now()) == 3


def test_a_superuser_may_all_that_a_permission_gives(alpha: Film) -> None:
    choose(superuser(), alpha, BETA.tmdb_id)
    assert Film.objects.get().is_locked
