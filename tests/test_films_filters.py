"""What the filters of the films page find: by the page, by the API, by hand, and by the numbers of the stats page.

And what they do with an address that nobody should write.
"""

import html
import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from movies_app import made_up, stats
from movies_app.scope import Links, Scope
from tests.builders import upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.films_by_hand import FILTERS, JOBS, average, fitting, page_of
from tests.test_films_page import films_of, headline_of, positions_of
from tests.test_pages import text_of
from tests.tmdb_jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def known(django_db_setup: None, django_db_blocker: Any) -> Iterator[UUID]:
    """Give a session of 160 films that a TMDB over HTTP told of, in a transaction of the whole module."""
    export = made_up.make_zip(made_up.make_export(films=160, seed=8))
    with django_db_blocker.unblock(), transaction.atomic(), FakeTmdb(World.made_up(films=2_000)) as fake:
        with override_settings(TMDB_TOKEN=fake.token, TMDB_BASE_URL=fake.url, TMDB_REQUESTS_PER_SECOND=1_000):
            answer = upload(Client(), ("export.zip", export))
            work_off()
        yield UUID(answer["session_id"])
        transaction.set_rollback(True)


@pytest.fixture
def movies(client: Client, known: UUID) -> list[dict[str, Any]]:
    """Give all movies of the session, as the API tells them."""
    page = page_of(client, known, per_page=500)
    assert page["count"] == len(page["results"])
    return list(page["results"])


def all_positions(client: Client, session_id: UUID, **params: Any) -> list[int]:
    """Walk through all pages by their own links."""
    page = films_of(client, session_id, **params)
    positions = positions_of(page)
    while following := re.search(r'href="([^"]*)" rel="next"', page.content.decode()):
        page = client.get(html.unescape(following[1]))
        positions += positions_of(page)
    return positions


def figures_of(page: Any) -> dict[str, str]:
    return dict(re.findall("<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", page.content.decode()))


def count_of(page: Any) -> int:
    """Return the number of the headline."""
    found = re.match("(?:All )?([0-9,]+) ", headline_of(page))
    return int(found[1].replace(",", "")) if found else 0


def draw(movies: list[dict[str, Any]], name: str, rng: Random) -> Any:
    """Return something that a filter finds a movie by."""
    return rng.choice(sorted({value for movie in fitting(movies) for value in FILTERS[name](movie)}, key=str))


def check(client: Client, session_id: UUID, movies: list[dict[str, Any]], **params: Any) -> int:
    """Insist that page and API find the same films as they are found by hand, and tell the same of them."""
    expected = fitting(movies, **params)
    page = films_of(client, session_id, **params)
    assert count_of(page) == len(expected), params
    mean = average(expected)
    assert figures_of(page).get("average rating") == (None if mean is None else f"{mean:.2f}"), params
    assert all_positions(client, session_id, **params) == [movie["position"] for movie in expected], params
    results = page_of(client, session_id, per_page=500, **params)["results"]
    present = {movie["position"]: movie for movie in movies}
    assert results == [{**present[one["position"]], "rating": one["rating"]} for one in expected], params
    return len(expected)


# ── Page, API and by hand ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", FILTERS)
def test_page_api_and_hand_find_the_same_films(client: Client, known: UUID, movies: Any, name: str) -> None:
    rng = Random(name)
    counts = [check(client, known, movies, **{name: value}) for value in {draw(movies, name, rng) for _ in range(2)}]
    assert all(counts)


def test_filters_together_find_what_fits_them_all(client: Client, known: UUID, movies: Any) -> None:
    rng, found = Random(1), 0
    for _ in range(20):
        params = {name: draw(movies, name, rng) for name in rng.sample(list(FILTERS), 2)}
        found += bool(check(client, known, movies, **params))
    assert found > 5


@pytest.mark.parametrize("params", [{"rating": "none"}, {"is_rated": "false"}])
def test_films_without_a_rating_are_found_by_either_word(
    client: Client, known: UUID, movies: Any, params: dict[str, str]
) -> None:
    unrated = [movie["position"] for movie in movies if movie["rating"] is None]
    assert all_positions(client, known, **params) == unrated != []


# ── Numbers and what they lead to ────────────────────────────────────────────────────────────
# Of each number its place, the field that counts, and the filter that it leads to, by a field of its row.
ROWS = [
    *(("genres all", "genre", "genre"), ("countries all", "country", "country")),
    *(("languages all", "language", "language"), ("studios most_seen", "studio", "studio")),
    *(("keywords most_seen", "keyword", "keyword"), ("tags top", "tag", "tag")),
    *((f"{role}s most_seen", role, "id") for role in ("director", "actor", *JOBS)),
    *(("releases decades", "decade", "decade"), ("releases years", "year", "year")),
    *(("ratings histogram", "rating", "rating"), ("by_year", "watched_year", "year")),
]
COUNTS = {
    "overview films": {},
    "overview rated": {"is_rated": "true"},
    "overview likes": {"liked": "true"},
    "overview reviews": {"reviewed": "true"},
    "rewatches films_seen_again": {"seen_again": "true"},
    "against_tmdb higher": {"against_tmdb": "higher"},
    "against_tmdb lower": {"against_tmdb": "lower"},
    "against_tmdb same": {"against_tmdb": "same"},
}
SCOPES = [
    *({}, {"year": 2023}, {"rewatches_only": True}, {"without_tv": True, "without_shorts": True}),
    {"year": 2024, "without_tv": True},
]


def at(numbers: Any, place: str) -> Any:
    for name in place.split():
        numbers = numbers[name]
    return numbers


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_every_row_of_numbers_leads_to_as_many_films(client: Client, known: UUID, scope: dict[str, Any]) -> None:
    numbers, rng = stats.compute(session_id=known, scope=Scope(**scope)), Random(3)
    for place, name, key in ROWS:
        rows = [row for row in at(numbers, place) if "films" in row]
        for row in rng.sample(rows, min(len(rows), 2)):
            page = follow(client, known, scope, **{name: row[key]})
            assert count_of(page) == row["films"], (place, row)
            if row["films"] and row.get("average_rating"):
                assert figures_of(page)["average rating"] == f"{row['average_rating']:.2f}", (place, row)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_every_count_leads_to_as_many_films(client: Client, known: UUID, scope: dict[str, Any]) -> None:
    numbers = stats.compute(session_id=known, scope=Scope(**scope))
    for place, params in COUNTS.items():
        assert count_of(follow(client, known, scope, **params)) == at(numbers, place), place


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_every_span_of_days_leads_to_its_films(client: Client, known: UUID, scope: dict[str, Any]) -> None:
    numbers = stats.compute(session_id=known, scope=Scope(**scope))
    for number, row in enumerate(numbers["by_weekday"], 1):
        page = follow(client, known, scope, weekday=number)
        assert bool(count_of(page)) is bool(row["viewings"])
        assert count_of(page) <= row["viewings"]
    for row in [row for row in numbers["by_month"] if row["viewings"]][:6]:
        first = date.fromisoformat(f"{row['month']}-01")
        last = date(first.year, first.month, monthrange(first.year, first.month)[1])
        page = follow(client, known, scope, watched_from=first, watched_to=last)
        assert 0 < count_of(page) <= row["viewings"], row


def follow(client: Client, session_id: UUID, scope: dict[str, Any], **filters: Any) -> Any:
    """Open the films that a number leads to."""
    return client.get(Links(f"/stats/{session_id}", Scope(**scope)).films(**filters))


def test_first_and_latest_viewing_are_told_of_all_years_and_of_one(client: Client, known: UUID, movies: Any) -> None:
    days = sorted(viewing["date"] for movie in movies for viewing in movie["viewings"] if viewing["date"])
    year = days[len(days) // 2][:4]
    for params, told in (({}, days), ({"watched_year": year}, [day for day in days if day.startswith(year)])):
        figures = figures_of(films_of(client, known, **params))
        assert figures["first viewing"].endswith(told[0][:4])
        assert figures["first viewing"].split()[0] == str(int(told[0][8:]))
        assert figures["latest viewing"].split()[0] == str(int(told[-1][8:]))


# ── Order, look, paging ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("ordering", ["position", "-position", "title", "-title", "year", "-year", "rating", "-rating"])
@pytest.mark.parametrize("params", [{}, {"min_rating": "3"}])
def test_orders_are_those_of_the_api(client: Client, known: UUID, ordering: str, params: dict[str, str]) -> None:
    params = {**params, "ordering": ordering}
    answer = page_of(client, known, per_page=500, **params)
    assert all_positions(client, known, **params) == [movie["position"] for movie in answer["results"]]


def test_all_ways_on_keep_the_filters(client: Client, known: UUID) -> None:
    page = films_of(client, known, min_rating="0.5", ordering="-rating", view="list").content.decode()
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*/films\?[^"]*)"', page)]
    ways = [link for link in links if "min_rating=0.5" in link]
    assert any("page=2" in link and "ordering=-rating" in link and "view=list" in link for link in ways)
    assert any("ordering=rating" in link for link in ways)
    assert any("view=grid" in link for link in ways)
    assert any("min_rating" not in link and "ordering=-rating" in link for link in links)


def test_empty_fields_of_the_form_leave_the_address(client: Client, known: UUID) -> None:
    answer = client.get(f"/stats/{known}/films?q=&genre=Drama&tag=&rating=")
    assert (answer.status_code, answer["Location"]) == (302, f"/stats/{known}/films?genre=Drama")
    assert client.get(f"/stats/{known}/films?q=")["Location"] == f"/stats/{known}/films"


def test_the_form_offers_what_the_films_have_and_keeps_what_was_asked(client: Client, known: UUID) -> None:
    page = films_of(client, known, country="AQ", director="987654321", decade="1990").content.decode()
    assert '<option value="AQ" selected>AQ</option>' in page
    assert re.search(r'<option value="1990" selected>1990s \(\d+\)</option>', page)
    assert '<input type="hidden" name="director" value="987654321"' in page
    assert "directed by person 987654321" in page


# ── What is odd ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"year": "abc"}, "“abc” is not a year from 1870 to 2100, so it is left out."),
        ({"watched_year": "20233"}, "“20233” is not a year from 1870 to 2100"),
        ({"decade": "1995"}, "“1995” is not the first year of a decade"),
        ({"rating": "4.3"}, "“4.3” is not a rating of half a star to five stars"),
        ({"min_rating": "nan"}, "“nan” is not a rating of half a star to five stars"),
        ({"country": "France"}, "“France” is not the two letters of a country"),
        ({"rewatch": "perhaps"}, "“perhaps” is not “true” or “false”"),
        ({"rewatches_only": "1"}, "“1” is not “true” or “false”"),
        ({"without_tv": "yes"}, "“yes” is not “true” or “false”"),
        ({"weekday": "8"}, "“8” is not a day of the week, 1 to 7"),
        ({"weekday": "Monday"}, "“Monday” is not a day of the week"),
        ({"watched_from": "2023-02-29"}, "“2023-02-29” is not a day like 2024-02-29"),
        ({"watched_to": "3 March"}, "“3 March” is not a day like 2024-02-29"),
        ({"against_tmdb": "better"}, "“better” is not “higher”, “lower” or “same”"),
        ({"is_rated": "0"}, "“0” is not “true” or “false”"),
        ({"ordering": "price"}, "“price” is not an order of films"),
        ({"view": "map"}, "“map” is not a view"),
        ({"page": "-3"}, "“-3” is not the number of a page"),
        ({"page": "9" * 50}, "is not the number of a page"),
        ({"q": "a\0b"}, "is not a text that can be looked for"),
        ({"genre": "<b>" + "x" * 200}, "“&lt;b&gt;xxx"),
    ],
)
def test_what_is_not_understood_is_told_and_left_out(
    client: Client, known: UUID, params: dict[str, str], said: str
) -> None:
    page = films_of(client, known, **params)
    assert said in page.content.decode()
    assert headline_of(page) == headline_of(films_of(client, known))


@pytest.mark.parametrize("text", ["'; DROP TABLE films", '"$[*]"', "%_%", "\\", "弟弟 🍿", "<script>", "9" * 150, "٣"])
@pytest.mark.parametrize("name", ["q", "genre", "person", "writer", "tag", "keyword", "collection"])
def test_no_text_breaks_the_page(client: Client, known: UUID, name: str, text: str) -> None:
    if name == "genre":
        text = text[:100]
    page = films_of(client, known, **{name: text})
    assert "<script>" not in page.content.decode()
    assert count_of(page) == 0 or name == "q" or text.isdigit()


def test_beyond_the_last_page_there_is_a_way_back(client: Client, known: UUID, movies: Any) -> None:
    page = films_of(client, known, page=900)
    assert "No film stands on this page." in text_of(page)
    assert positions_of(client.get(f"/stats/{known}/films?page=3")) == list(range(121, len(movies) + 1))
    assert f'href="/stats/{known}/films?page=3"' in page.content.decode()


def test_a_name_that_nobody_bears_is_asked_about(client: Client, known: UUID, movies: Any) -> None:
    person = movies[0]["directors"][0]
    page = films_of(client, known, person=person["name"].upper()[1:], liked="false").content.decode()
    assert "Who is meant?" in page
    assert f'?person={person["id"]}&amp;liked=false">{person["name"]}</a>' in page
    assert "Who is meant?" not in films_of(client, known, person=person["name"]).content.decode()


# ── What it costs ────────────────────────────────────────────────────────────────────────────
def test_after_the_first_screen_posters_are_lazy(client: Client, known: UUID) -> None:
    images = re.findall("<img[^>]*>", films_of(client, known).content.decode())
    assert len(images) > 40
    assert sum('loading="lazy"' not in image for image in images) <= 6


@pytest.mark.parametrize(
    ("params", "queries"),
    [
        ({}, 4),
        ({"page": "2", "ordering": "title"}, 4),
        ({"genre": "Drama", "liked": "false", "q": "a"}, 5),
        ({"person": "7"}, 6),
    ],
)
def test_a_page_costs_a_fixed_number_of_queries(
    client: Client, known: UUID, params: dict[str, str], queries: int
) -> None:
    films_of(client, known)
    with CaptureQueriesContext(connection) as asked:
        films_of(client, known, **params)
    assert len(asked) == queries


def test_a_film_costs_two_queries(client: Client, known: UUID) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/stats/{known}/films/5").status_code == 200
    assert len(asked) == 2


def test_pages_are_small(client: Client, known: UUID) -> None:
    assert len(films_of(client, known, view="grid").content) < 50_000
    assert len(films_of(client, known, view="list").content) < 40_000
