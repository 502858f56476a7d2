"""The films of a session and the page of one: what is told with facts and without, posters, addresses."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from movies_app.models import FACTS_LIFETIME, Film, Movie
from sessions_app.models import UploadSession
from tests.builders import (
    DIARY,
    MEMBER_FILES_ROWS,
    REVIEWS,
    make_csv,
    make_film_known,
    make_sessions,
    make_watched,
    movies_of,
    upload,
    upload_member,
)
from tests.test_pages import text_of

pytestmark = pytest.mark.django_db

NOTICE = "is not endorsed, certified, or otherwise approved by TMDB"
FACTS: dict[str, Any] = {
    "media_type": "movie",
    "tmdb_id": 77,
    "runtime": 90,
    "genres": ["Drama"],
    "countries": ["FR"],
    "languages": ["fr"],
    "studios": ["Ciné & Co"],
    "directors": [{"id": 1, "name": "Agnès Varda"}],
    "cast": [{"id": 2, "name": "Corinne Marchand"}],
    "crew": [
        {"id": 3, "name": "Michel Legrand", "job": "Original Music Composer"},
        {"id": 4, "name": "Janine Verneau", "job": "Editor"},
        {"id": 5, "name": "Jean Rabier", "job": "Director of Photography"},
        {"id": 5, "name": "Jean Rabier", "job": "Novel"},
    ],
    "keywords": ["time loop"],
    "collection": {"id": 9, "name": "The Cléo Collection"},
    "poster_path": "/cleo.jpg",
    "vote_average": 7.4,
    "vote_count": 1204,
}


def films_of(client: Client, session_id: UUID | str, **params: Any) -> Any:
    page = client.get(f"/stats/{session_id}/films?{urlencode(params)}")
    assert page.status_code == 200, page.content
    return page


def positions_of(page: Any) -> list[int]:
    return [int(number) for number in re.findall(r'/films/(\d+)"', page.content.decode())]


def headline_of(page: Any) -> str:
    found = re.search("<h1[^>]*>(.*?)</h1>", page.content.decode())
    assert found
    return html.unescape(found[1])


def film_page(client: Client, answer: Any, title: str) -> Any:
    position = Movie.objects.get(session_id=answer["session_id"], title=title).position
    page = client.get(f"/stats/{answer['session_id']}/films/{position}")
    assert page.status_code == 200
    return page


# ── Facts: none, some, old ───────────────────────────────────────────────────────────────────
def test_one_film_is_one_film(client: Client) -> None:
    answer = upload(client, ("watched.csv", make_watched("Alpha")))
    assert headline_of(films_of(client, answer["session_id"])) == "One film"
    assert len(movies_of(client, answer)) == 1


def test_without_facts_their_filters_are_one_line(client: Client) -> None:
    answer = upload_member(client)
    page = films_of(client, answer["session_id"])
    assert "Films cannot be looked for by genre, person or country." in text_of(page)
    assert "are off on this server" in text_of(page)
    assert not re.search('name="(genre|country|person)"', page.content.decode())
    assert NOTICE not in text_of(page)
    assert '<table class="films">' in page.content.decode()
    assert headline_of(films_of(client, answer["session_id"], genre="Drama")) == "No drama film"


@pytest.mark.parametrize(
    ("status", "said"), [("enriching", "is being asked about the films"), ("completed", "is asked about it later")]
)
def test_while_facts_are_missing_the_page_says_why(client: Client, settings: Any, status: str, said: str) -> None:
    (session,) = make_sessions(1, movies=2)
    settings.TMDB_TOKEN = "a-token"
    UploadSession.objects.filter(pk=session.pk).update(status=status, last_accessed=timezone.now())
    assert said in text_of(films_of(client, session.pk))
    assert said in text_of(client.get(f"/stats/{session.pk}/films/1"))


def test_part_of_the_facts_is_told_where_a_filter_stands_on_them(client: Client) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS)
    session_id = answer["session_id"]
    said = "1 of 3 films has film facts: genres, people and countries are looked for in those."
    assert text_of(films_of(client, session_id, genre="Drama")).count(said) == 2
    assert text_of(films_of(client, session_id, liked="true")).count(said) == 1


def test_facts_too_old_to_be_shown_are_not(client: Client) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS)
    Film.objects.update(fetched_at=timezone.now() - FACTS_LIFETIME - timedelta(hours=1))
    for path in ("films?view=grid", "films?genre=Drama", "films/1", "films/2"):
        page = client.get(f"/stats/{answer['session_id']}/{path}").content.decode()
        assert "image.tmdb.org" not in page
        assert "Varda" not in page
        assert NOTICE not in page
    assert headline_of(films_of(client, answer["session_id"], genre="Drama")) == "No drama film"


# ── What is told ─────────────────────────────────────────────────────────────────────────────
def test_films_are_told_of_as_they_were_then(client: Client) -> None:
    session_id = upload_member(client)["session_id"]
    page = films_of(client, session_id, watched_year=2022)
    assert headline_of(page) == "1 film seen in 2022"
    assert 'aria-label="3.5 of 5 stars"' in page.content.decode()
    assert "Ratings, tags and reviews are those of these viewings." in text_of(page)
    page = films_of(client, session_id, watched_from="2022-01-01")
    assert 'aria-label="4.5 of 5 stars"' in page.content.decode()
    assert "of these viewings" not in text_of(page)


def test_films_of_a_year_stand_with_their_days_of_that_year_the_latest_first(client: Client) -> None:
    days = [("Alpha", "2024-05-01"), ("Beta", "2024-07-01"), ("Alpha", "2025-06-01")]
    rows = [
        (day, name, "1999", f"https://boxd.it/{name}{day}", "4", "Yes" if day == "2025-06-01" else "", "", day)
        for name, day in days
    ]
    session_id = upload(client, ("diary.csv", make_csv(DIARY, rows))).body["session_id"]
    for path, count in (("/films?watched_year=2024&view=list", 2), ("?year=2024", 2), ("?rewatches_only=true", 1)):
        page = client.get(f"/stats/{session_id}{path}").content.decode()
        told = re.findall(r"<tr[^>]*><th.*?>(Alpha|Beta)</a>.*?<td class=\"num\">(.*?)</td></tr>", page)
        assert told == [("Beta", "1 Jul 2024"), ("Alpha", "1 May 2024")] if count == 2 else [("Alpha", "1 Jun 2025")]
    reverse = films_of(client, session_id, watched_year=2024, view="list", ordering="-position").content.decode()
    assert reverse.index("1 May 2024") < reverse.index("1 Jul 2024")


def test_a_span_of_days_is_one_chip_that_takes_both_away(client: Client) -> None:
    session_id = upload_member(client)["session_id"]
    page = films_of(client, session_id, watched_from="2023-03-01", watched_to="2023-03-31", liked="false")
    assert headline_of(page) == "1 film seen in March 2023, that are not liked"
    chips = re.findall(r'<li><a href="([^"]*)"><span class="visually-hidden">Remove', page.content.decode())
    assert [html.unescape(chip).partition("?")[2] for chip in chips] == [
        "liked=false",
        "watched_from=2023-03-01&watched_to=2023-03-31",
    ]


def test_people_and_collections_given_by_id_are_named(client: Client) -> None:
    session_id = upload_member(client)["session_id"]
    make_film_known("Alpha", **FACTS)
    asked = {"writer": 5, "cinematographer": 5, "composer": 3, "editor": 4, "collection": 9, "actor": 77}
    said = headline_of(films_of(client, session_id, **asked))
    for phrase in (
        "with person 77 in the cast",
        "written by Jean Rabier",
        "photographed by Jean Rabier",
        "edited by Janine Verneau",
        "with music by Michel Legrand",
        "of The Cléo Collection",
    ):
        assert phrase in said


# ── One film ─────────────────────────────────────────────────────────────────────────────────
def test_a_film_tells_its_viewings_tags_reviews_and_facts(client: Client) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS)
    page = film_page(client, answer, "Alpha")
    said = html.unescape(text_of(page))
    for text in (
        "2 viewings",
        "3 Mar 2023",
        "2 Feb 2022",
        "cinema",
        "with friends",
        "7.4 of 10, from 1,204 votes",
        NOTICE,
    ):
        assert text in said, text
    assert 'Better, the "second" time.\nTruly.' in html.unescape(page.content.decode())
    films = f"/stats/{answer['session_id']}/films"
    for link in (
        *(f"{films}?director=1", f"{films}?actor=2", f"{films}?composer=3", f"{films}?editor=4"),
        *(f"{films}?writer=5", f"{films}?cinematographer=5", f"{films}?keyword=time%20loop", f"{films}?collection=9"),
        *(
            f"{films}?country=FR",
            f"{films}?language=fr",
            f"{films}?studio=Cin%C3%A9%20%26%20Co",
            f"{films}?genre=Drama",
        ),
        *(f"{films}?tag=with%20friends", "https://www.themoviedb.org/movie/77", "https://boxd.it/aaaa"),
    ):
        assert f'href="{link}"' in page.content.decode(), link
    others = re.findall(r'<a href="https:[^>]*>', page.content.decode())
    assert all('rel="noopener noreferrer"' in link for link in others if 'themoviedb.org"' not in link)


def test_each_link_of_a_film_finds_it(client: Client) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS)
    page = film_page(client, answer, "Alpha").content.decode()
    position = Movie.objects.get(session_id=answer["session_id"], title="Alpha").position
    links = re.findall(r'href="(/stats/[^"]*\?[^"]*)"', page)
    assert len(links) >= 8
    for link in links:
        assert position in positions_of(client.get(html.unescape(link))), link


def test_a_film_without_diary_says_when_it_was_marked(client: Client) -> None:
    said = text_of(film_page(client, upload_member(client), "Gamma, or Not"))
    assert "No viewing in the diary" in said
    assert "Marked as watched on 4 Jan 2021" in said
    assert "not rated" in said
    assert "TMDB’s members" not in said


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"state": "ambiguous"}, "TMDB has several films of this title and year"),
        ({"state": "unmatched", "fetched_at": None}, "TMDB has no film of this title and year"),
        ({"state": "pending", "fetched_at": None}, "Film facts, which come from TMDB, are off on this server."),
    ],
)
def test_what_is_amiss_with_facts_is_told_in_plain_words(client: Client, known: dict[str, Any], said: str) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS | known)
    assert said in text_of(film_page(client, answer, "Alpha"))


def test_the_members_words_are_escaped_and_their_paragraphs_kept(client: Client) -> None:
    rows = MEMBER_FILES_ROWS["reviews.csv"][1]
    text = "One <script>alert(1)</script>\n\nTwo & <img src=x onerror=y>a <3"
    answer = upload_member(client, reviews=make_csv(REVIEWS, [(*rows[0][:6], text, "<b>tag</b>", rows[0][8])]))
    page = film_page(client, answer, "Alpha").content.decode()
    assert "One alert(1)\n\nTwo &amp; a &lt;3" in page
    assert "<script>alert" not in page
    assert "onerror" not in page


def test_a_review_of_no_viewing_stands_apart(client: Client) -> None:
    review = make_csv(REVIEWS, [("2024-01-01", "Beta", "2001", "https://boxd.it/zz", "", "", "Alone.", "", "")])
    page = text_of(film_page(client, upload_member(client, reviews=review), "Beta"))
    assert page.count("Alone.") == 1


@pytest.mark.parametrize("position", ["0", "4", "-1", "x", "9" * 30, "1.5", "007x"])
def test_there_is_no_film_beyond_the_last(client: Client, position: str) -> None:
    answer = upload_member(client)
    assert client.get(f"/stats/{answer['session_id']}/films/{position}").status_code == 404


def test_films_lead_to_those_beside_them(client: Client) -> None:
    films = f"/stats/{upload_member(client)['session_id']}/films"
    first, middle, last = (client.get(f"{films}/{number}").content.decode() for number in (1, 2, 3))
    assert ('rel="prev"' in first, f'href="{films}/2" rel="next"' in first) == (False, True)
    assert f'href="{films}/1" rel="prev"' in middle
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)


# ── Addresses and posters ────────────────────────────────────────────────────────────────────
def test_unknown_and_failed_sessions_have_no_films_page(client: Client) -> None:
    (session,) = make_sessions(1, movies=1)
    unknown = "0d3f2c1a-0000-4000-8000-000000000000"
    assert client.get(f"/stats/{unknown}/films").status_code == 404
    UploadSession.objects.filter(pk=session.pk).update(status="failed")
    assert client.get(f"/stats/{session.pk}/films").status_code == 404
    assert client.get(f"/stats/{session.pk}/films/1").status_code == 404


def test_a_look_at_films_counts_as_a_visit(client: Client) -> None:
    (session,) = make_sessions(1, movies=1)
    films_of(client, session.pk)
    assert timezone.now() - UploadSession.objects.get(pk=session.pk).last_accessed < timedelta(minutes=1)


def test_only_pages_with_posters_may_fetch_from_tmdbs_image_host(client: Client) -> None:
    session_id = upload_member(client)["session_id"]
    for path, may in (("/films", True), ("/films/1", True), ("", True), ("/receipt", False), ("/manage", False)):
        policy = client.get(f"/stats/{session_id}{path}")["Content-Security-Policy"]
        assert ("img-src 'self' https://image.tmdb.org;" in f"{policy};") is may, path
        assert "unsafe" not in policy


def test_posters_have_their_room_and_stand_ins(client: Client) -> None:
    answer = upload_member(client)
    make_film_known("Alpha", **FACTS)
    page = films_of(client, answer["session_id"], view="grid").content.decode()
    (image,) = re.findall("<img[^>]*>", page)
    assert 'src="https://image.tmdb.org/t/p/w342/cleo.jpg"' in image
    assert 'width="342" height="513" alt="Alpha"' in image
    assert "<span>Gamma, or Not</span>" in page


def test_pages_are_private_and_safe_methods_only(client: Client) -> None:
    films = f"/stats/{upload_member(client)['session_id']}/films"
    for path in (films, f"{films}/1"):
        page = client.get(path)
        assert "private" in page["Cache-Control"]
        assert "noindex" in page.content.decode()
        assert client.head(path).status_code == 200
        assert client.post(path).status_code in {403, 405}
