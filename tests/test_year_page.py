"""The year in review over HTTP: who sees it, which years it tells, with facts and without, at what cost."""

import gzip
import html
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from movies_app import made_up
from movies_app.models import Film, Movie
from sessions_app.models import UploadSession
from tests.builders import DIARY, RATINGS, make_csv, make_film_known, make_sessions, upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.test_pages import text_of
from tests.tmdb_jobs import use, work_off

pytestmark = pytest.mark.django_db

NOTICE = "is not endorsed, certified, or otherwise approved by TMDB"
FACTS: dict[str, Any] = {
    **{"media_type": "movie", "runtime": 90, "genres": ["Drama"], "countries": ["FR"], "poster_path": "/one.jpg"},
    **{"directors": [{"id": 1, "name": "Agnès Varda"}], "cast": [], "crew": [], "vote_average": 6.0, "vote_count": 99},
}


def diary(*days: str, rating: str = "4") -> tuple[str, bytes]:
    """Return a diary of films A0, A1, …, each seen on one of the days."""
    rows = [(day, f"A{n}", "1999", f"https://boxd.it/{n}", rating, "", "", day) for n, day in enumerate(days)]
    return "diary.csv", make_csv(DIARY, rows)


def days_of(year: int, count: int) -> list[str]:
    return [f"{year}-{1 + n % 12:02d}-{1 + n // 12:02d}" for n in range(count)]


def address_of(answer: Any, year: int | str) -> str:
    return f"/stats/{answer['session_id']}/{year}"


def scenes_of(page: Any) -> list[str]:
    return re.findall(r'<section class="scene[ \w-]*" id="scene-(\w+)"', page.content.decode())


# ── Who, and which years ──────────────────────────────────────────────────────────────────────
def test_a_visitor_sees_what_the_owner_sees(client: Client) -> None:
    answer = upload(client, diary(*days_of(2024, 30)), display_name="Ada")
    page = client.get(address_of(answer, 2024))
    assert page.status_code == 200
    assert Client().get(address_of(answer, 2024)).content == page.content
    assert "Ada’s 2024 in films" in text_of(page)


def test_a_shared_link_says_what_it_leads_to(client: Client) -> None:
    page = client.get(address_of(upload(client, diary(*days_of(2024, 30)), display_name="Ada"), 2024))
    said = html.unescape(page.content.decode())
    assert '<meta property="og:title" content="Ada’s 2024 in films">' in said
    assert '<meta property="og:description" content="30 films, 4.00 stars on average. Best rated: ' in said
    assert '<meta name="robots" content="noindex">' in said
    assert "img-src 'self' https://image.tmdb.org" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("year", [1, 1869, 2101, 9999, "0", "12345678901234567890", "2024x"])
def test_what_is_no_year_is_not_found(client: Client, year: int | str) -> None:
    answer = upload(client, diary("2024-01-01"))
    assert client.get(address_of(answer, year)).status_code == 404


@pytest.mark.parametrize("year", [1870, 2023, 2100])
def test_a_year_without_viewings_leads_back(client: Client, year: int) -> None:
    answer = upload(client, diary("2024-01-01"))
    page = client.get(address_of(answer, year))
    assert page.status_code == 200
    assert f"No viewing is dated {year}." in text_of(page)
    assert f'href="/stats/{answer["session_id"]}"' in page.content.decode()
    assert f'href="/stats/{answer["session_id"]}/2024"' in page.content.decode()
    assert scenes_of(page) == []


def test_unknown_and_failed_sessions_have_no_year(client: Client) -> None:
    (session,) = make_sessions(1)
    assert client.get(f"/stats/{UUID(int=7)}/2024").status_code == 404
    UploadSession.objects.filter(pk=session.pk).update(status="failed")
    assert client.get(f"/stats/{session.pk}/2024").status_code == 404


# ── Much, little, nothing of a kind ───────────────────────────────────────────────────────────
def test_ten_viewings_are_a_story(client: Client) -> None:
    page = client.get(address_of(upload(client, diary(*days_of(2024, 10))), 2024))
    assert scenes_of(page) == ["count", "bounds", "rhythm", "verdicts", "best", "places"]
    assert "Too few for a story" not in text_of(page)


def test_fewer_are_listed_with_their_ratings_of_that_year(client: Client) -> None:
    ratings = make_csv(RATINGS, [("2025-05-05", "A0", "1999", "https://boxd.it/0", "1")])
    answer = upload(client, diary(*days_of(2024, 9), rating="4.5"), ("ratings.csv", ratings))
    page = client.get(address_of(answer, 2024))
    assert scenes_of(page) == ["films"]
    said = text_of(page)
    assert [f"A{n}" for n in range(9) if f"A{n}" not in said] == []
    assert said.count("★★★★½") == 9


def test_without_ratings_there_are_no_verdicts(client: Client) -> None:
    page = client.get(address_of(upload(client, diary(*days_of(2024, 20), rating="")), 2024))
    assert scenes_of(page) == ["count", "bounds", "rhythm", "places"]
    assert "average" not in text_of(page).replace("an average month", "")


def test_without_facts_nothing_of_tmdb_is_there(client: Client) -> None:
    answer = upload(client, ("export.zip", made_up.make_zip(made_up.make_export(films=300, seed=3))))
    year = busiest_year(client, answer)
    page = client.get(address_of(answer, year))
    assert not {"genres", "people", "crowd", "odd"} & set(scenes_of(page))
    assert "image.tmdb.org/" not in page.content.decode()
    assert NOTICE not in text_of(page)


def test_part_of_the_facts_is_told_with_its_coverage_and_the_notice(client: Client) -> None:
    answer = upload(client, diary(*days_of(2024, 12)))
    for number in range(3):
        make_film_known(f"A{number}", **FACTS | {"tmdb_id": number + 1})
    said = text_of(client.get(address_of(answer, 2024)))
    assert "Agnès Varda, three times" in said
    assert "3 of 12 films have a genre" in said
    assert "of the 3 whose length is known" in said
    assert NOTICE in said


def test_while_films_are_looked_up_that_is_said(client: Client, settings: Any) -> None:
    answer = upload(client, diary(*days_of(2024, 12)))
    assert "looked up" not in text_of(client.get(address_of(answer, 2024)))
    settings.TMDB_TOKEN = "a-token"
    UploadSession.objects.update(status="enriching", last_accessed=timezone.now())
    assert "The films are being looked up at TMDB just now" in text_of(client.get(address_of(answer, 2024)))


def test_filters_of_the_address_count_and_can_be_taken_off(client: Client) -> None:
    answer = upload(client, diary(*days_of(2024, 12)))
    make_film_known("A0", **FACTS | {"media_type": "tv"})
    address = address_of(answer, 2024)
    assert "12 films" in text_of(client.get(address))
    page = client.get(f"{address}?without_tv=true&year=1999")
    assert "11 films" in text_of(page)
    assert f'href="{address}"' in page.content.decode()
    assert "without_tv=true" in html.unescape(page.content.decode())


def test_what_a_member_wrote_stays_text(client: Client) -> None:
    rows = [(day, f"<b>{n}", "1999", "", "4", "", "<i>tag", day) for n, day in enumerate(days_of(2024, 12))]
    answer = upload(client, ("diary.csv", make_csv(DIARY, rows)), display_name="<script>alert(1)</script>")
    body = client.get(address_of(answer, 2024)).content.decode()
    assert not re.search(r"<b>\d|<i>tag|<script>alert", body)


# ── The whole page ────────────────────────────────────────────────────────────────────────────
def busiest_year(client: Client, answer: Any) -> int:
    rows = client.get(f"/api/session/{answer['session_id']}/stats").json()["year_on_year"]
    year: int = max(rows, key=lambda row: row["viewings"])["year"]
    return year


@pytest.fixture
def full(client: Client, settings: Any) -> tuple[str, Any]:
    """Give the busiest year of a member of 500 films of which TMDB told, over HTTP."""
    with FakeTmdb(World.made_up(films=1_000)) as fake:
        use(fake, settings)
        answer = upload(client, ("export.zip", made_up.make_zip(made_up.make_export(films=500, seed=7))))
        work_off()
    address = address_of(answer, busiest_year(client, answer))
    return address, client.get(address)


@pytest.mark.django_db(transaction=True)
def test_a_full_year_is_whole_light_and_cheap(
    client: Client, full: tuple[str, Any], django_assert_max_num_queries: Any
) -> None:
    address, page = full
    body = page.content.decode()
    assert set(scenes_of(page)) >= {
        "count",
        "bounds",
        "rhythm",
        "verdicts",
        "best",
        "genres",
        "places",
        "people",
        "odd",
    }
    ids = re.findall(r'\sid="([^"]*)"', body)
    assert len(ids) == len(set(ids))
    assert len(re.findall(r"<h1\b", body)) == 1
    assert body.count('rel="stylesheet"') <= 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|{[{%#]|>None<|\(\w+=", body)
    assert len(gzip.compress(page.content)) < 30_000
    with django_assert_max_num_queries(5):
        client.get(address)


@pytest.mark.django_db(transaction=True)
def test_every_link_of_a_full_year_leads_somewhere(client: Client, full: tuple[str, Any]) -> None:
    address, page = full
    links = {html.unescape(link) for link in re.findall(r'href="(/stats/[^"#]*)"', page.content.decode())}
    assert len(links) > 60
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}
    assert any(link.startswith(f"{address.rpartition('/')[0]}/rankings/") for link in links)


@pytest.mark.django_db(transaction=True)
def test_the_number_of_films_is_that_of_the_page_it_leads_to(client: Client, full: tuple[str, Any]) -> None:
    """Each bar of genres, countries, decades and people leads to as many films as it says."""
    _, page = full
    bar = r'<li><a href="([^"]*/films\?[^"]*)">[^<]*</a> (?:<span class="muted">[^<]*</span> )?'
    bars = re.findall(rf'{bar}<span class="value">([\d,]+)', page.content.decode().partition('id="scene-genres"')[2])
    assert len(bars) > 20
    told = {html.unescape(url): int(number.replace(",", "")) for url, number in bars}
    api = {url: url.replace("/stats/", "/api/session/", 1).replace("/films?", "/movies?") for url in told}
    assert {url: client.get(api[url]).json()["count"] for url in told} == told


def test_a_film_whose_facts_are_too_old_shows_no_poster(client: Client) -> None:
    answer = upload(client, diary("2024-01-01", "2024-01-02"))
    make_film_known("A0", **FACTS)
    assert "image.tmdb.org/t/p/w342/one.jpg" in client.get(address_of(answer, 2024)).content.decode()
    Film.objects.update(fetched_at=None)
    UploadSession.objects.update(enriched_count=1)
    assert "image.tmdb.org/t/" not in client.get(address_of(answer, 2024)).content.decode()
    assert Movie.objects.count() == 2
