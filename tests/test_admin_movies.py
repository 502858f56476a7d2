"""What staff see of movies, films and jobs: found without reading whole tables, and never a member's words."""

import pytest
from django.db import connection
from django.db.models.functions import Length
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from movies_app.models import Film, Movie
from tests.builders import Answer, make_film_known, make_watched, upload, upload_member
from tests.staff import superuser, text_of

MOVIES = "/admin/movies_app/movie/"
FILMS = "/admin/movies_app/film/"
JOBS = "/admin/procrastinate/procrastinatejob/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def staff(db: None) -> Client:
    return superuser()


def titles(client: Client, address: str = MOVIES, **query: str) -> list[str]:
    """Return the titles that a list shows."""
    response = client.get(address, query)
    assert response.status_code == 200, response
    return [row.title for row in response.context["cl"].result_list]


def upload_titles(api: Client, *names: str) -> str:
    answer: Answer = upload(api, ("watched.csv", make_watched(*names)))
    return str(answer["session_id"])


# ── Movies ────────────────────────────────────────────────────────────────────────────────────
def test_the_movies_of_one_session_come_in_page_order_a_page_at_a_time(staff: Client, api: Client) -> None:
    upload_titles(api, "Another")
    session_id = upload_titles(api, *(f"Title {number:03}" for number in range(120)))
    assert titles(staff, session=session_id) == [f"Title {number:03}" for number in range(50)]
    assert titles(staff, session=session_id, p="3") == [f"Title {number:03}" for number in range(100, 120)]
    assert "120 movies" in text_of(staff, MOVIES, {"session": session_id})


def test_within_a_session_a_part_of_a_title_is_enough(staff: Client, api: Client) -> None:
    session_id = upload_titles(api, "Amélie", "Alien", "Aliens", "Deadbeef 2024")
    upload_titles(api, "Alien 3")
    assert titles(staff, session=session_id, q="ALIEN") == ["Alien", "Aliens"]
    assert titles(staff, session=session_id, q=" amelie ") == ["Amélie"]
    assert titles(staff, session=session_id, q="deadbeef 2024") == ["Deadbeef 2024"]
    assert titles(staff, session=session_id, o="-0") == ["Deadbeef 2024", "Amélie", "Aliens", "Alien"]


def test_without_a_session_the_first_digits_of_one_are_needed(staff: Client, api: Client) -> None:
    session_id = upload_titles(api, "Alien", "Beta")
    upload_titles(api, "Alien")
    for digits in (session_id[:8], session_id[:13], session_id, session_id.replace("-", "")):
        assert sorted(titles(staff, q=digits)) == ["Alien", "Beta"]
        assert titles(staff, q=f"{digits}  alien") == ["Alien"]
    for text in ("alien", session_id[:7], f"{session_id[:7]} alien", "interstellar", "not-there alien"):
        assert titles(staff, q=text) == []


def test_a_title_alone_does_not_even_ask_for_the_movies_of_all_members(staff: Client, api: Client) -> None:
    upload_titles(api, "Alien")
    with CaptureQueriesContext(connection) as queries:
        titles(staff, q="alien")
    assert [query["sql"] for query in queries if 'FROM "movies"' in query["sql"]] == []


def test_a_session_that_is_none_has_no_movies(staff: Client, api: Client) -> None:
    upload_titles(api, "Alien")
    for session in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        assert titles(staff, session=session) == []
    assert titles(staff, session="") == ["Alien"]


def test_no_word_of_a_member_is_shown_or_even_loaded_for_a_list(staff: Client, api: Client) -> None:
    session_id = upload_member(api)["session_id"]
    with CaptureQueriesContext(connection) as queries:
        text = text_of(staff, MOVIES, {"session": session_id})
    assert not any(column in query["sql"] for query in queries for column in ('"review"', '"viewings"', '"tags"'))
    for movie in Movie.objects.all():
        text += text_of(staff, f"{MOVIES}{movie.pk}/change/")
    (length,) = Movie.objects.exclude(review=None).values_list(Length("review"), flat=True)
    for words in ("Truly", "second", "with friends", "cinema"):
        assert words not in text
    for words in (
        "Alpha",
        "Gamma, or Not",
        "liked",
        f"{length} characters",
        "2022-02-02: logged 2022-02-03, rated 3.5, tags 2",
    ):
        assert words in text
    assert session_id[:8] in text
    assert session_id not in text


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alien", ["Alien", "Aliens", "My Alien"]),
        ("ALIEN 1999", ["Alien", "Aliens", "My Alien"]),
        ("alien 1998", []),
        ("2049", ["Blade Runner 2049"]),
        ("blade runner 2049", ["Blade Runner 2049"]),
        ("amelie", ["Amélie"]),
        ("al", ["Alien", "Aliens"]),
        ("a", ["Alien", "Aliens", "Amélie"]),
        ("50%", []),
        ("", ["Alien", "Aliens", "Amélie", "Blade Runner 2049", "My Alien"]),
    ],
)
def test_films_are_found_by_a_part_of_their_title_and_their_year(
    staff: Client, api: Client, text: str, found: list[str]
) -> None:
    upload_titles(api, "Alien", "Aliens", "My Alien", "Blade Runner 2049", "Amélie")
    assert titles(staff, FILMS, q=text) == found


def test_films_are_filtered_by_the_state_of_their_match(staff: Client, api: Client) -> None:
    upload_titles(api, "Alien", "Beta")
    make_film_known("Alien", tmdb_id=348, media_type="movie", genres=["Horror"])
    assert titles(staff, FILMS, state__exact="matched") == ["Alien"]
    text = text_of(staff, f"{FILMS}{Film.objects.get(title='Alien').pk}/change/")
    for words in ("348", "Horror", "Matched", "https://boxd.it/w0"):
        assert words in text


# ── Jobs ──────────────────────────────────────────────────────────────────────────────────────
def test_jobs_are_shown_without_what_they_were_given(staff: Client) -> None:
    job_id = app.configure_task("purge").defer(timestamp=1_234_567)
    for address in (JOBS, f"{JOBS}?in_queue=yes"):
        text = text_of(staff, address)
        assert "purge - todo" in text
        assert "1234567" not in text
    assert staff.get(f"{JOBS}{job_id}/change/").status_code == 403
    assert "0 procrastinate jobs" in text_of(staff, JOBS, {"status__exact": "failed"})
