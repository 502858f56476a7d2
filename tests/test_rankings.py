"""Whole rankings: their page and their answer in the API, on made-up films whose numbers can be counted by hand."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from movies_app import stats
from movies_app.chart_rankings import page_of
from movies_app.models import FACTS_LIFETIME, Film
from movies_app.scope import Links, Scope
from sessions_app.models import UploadSession
from tests.builders import DIARY, Answer, check_error, get, make_csv, make_film_known, make_sessions, upload
from tests.test_pages import text_of

pytestmark = pytest.mark.django_db

NOTICE = "is not endorsed, certified, or otherwise approved by TMDB"
VARDA, DENIS, ONO = {"id": 1, "name": "Agnès Varda"}, {"id": 2, "name": "Claire Denis"}, {"id": 3, "name": "Ono"}
# Title, rating, day seen, rewatch, tags, and facts: Varda has three films, the others one each.
FILMS: list[tuple[str, str, str, str, str, dict[str, Any]]] = [
    ("One", "4", "2023-01-01", "", "cinema", {"directors": [VARDA], "countries": ["FR"]}),
    ("Two", "3", "2024-01-01", "", "cinema, home", {"directors": [VARDA], "countries": ["FR"]}),
    ("Three", "5", "2024-02-01", "Yes", "", {"directors": [VARDA, ONO], "countries": ["FR", "JP"]}),
    ("Four", "", "2024-03-01", "", "<b>&", {"directors": [DENIS], "countries": ["FR"], "media_type": "tv"}),
    ("Five", "1", "2024-04-01", "", "", {}),
]
OF_ALL: dict[str, Any] = {
    "media_type": "movie",
    "runtime": 90,
    "genres": ["Drama"],
    "languages": ["fr"],
    "studios": ["Ciné & Co"],
    "keywords": ["sea"],
    "cast": [{"id": 11, "name": "Corinne Marchand"}],
    "crew": [
        {"id": 12, "name": "Wanda", "job": "Writer"},
        {"id": 12, "name": "Wanda", "job": "Novel"},
        {"id": 13, "name": "Camille", "job": "Director of Photography"},
        {"id": 14, "name": "Connie", "job": "Original Music Composer"},
        {"id": 15, "name": "Edith", "job": "Editor"},
    ],
}
EMPTY: dict[str, Any] = {"kind": "directors", "by": "films", "films": 0, "distinct": 0, "ranked": 0, "rows": []}


@pytest.fixture
def answer(client: Client) -> Answer:
    """Upload the five films, of which TMDB told of four."""
    rows = [
        (day, title, "1999", f"https://boxd.it/{title}", rating, rewatch, tags, day)
        for title, rating, day, rewatch, tags, _ in FILMS
    ]
    uploaded = upload(client, ("diary.csv", make_csv(DIARY, rows)))
    for number, (title, *_, facts) in enumerate(FILMS, start=1):
        if facts:
            make_film_known(title, tmdb_id=number, **OF_ALL | facts)
    return uploaded


def page_at(client: Client, answer: Answer, kind: str, query: str = "") -> Any:
    page = client.get(f"/stats/{answer['session_id']}/rankings/{kind}?{query}")
    assert page.status_code == 200, page.content
    return page


def api_at(client: Client, answer: Answer, kind: str, query: str = "") -> Answer:
    return get(client, f"/api/session/{answer['session_id']}/rankings/{kind}?{query}")


def headline_of(page: Any) -> str:
    found = re.search("<h1>(.*?)</h1>", page.content.decode())
    assert found
    return html.unescape(found[1])


def rows_of(page: Any) -> list[tuple[str, str, str]]:
    """Return rank, name and films of each line."""
    rows = re.findall(
        r'<tr><td>(.*?)</td><th scope="row"><a href=".*?">(.*?)</a></th><td><div class="films"><span>(\d+)',
        page.content.decode(),
    )
    return [(rank, html.unescape(name), films) for rank, name, films in rows]


def links_of(page: Any, text: str) -> list[str]:
    """Return the addresses of the links with exactly this text."""
    found = re.findall(rf'<a [^>]*?href="([^"]*)"[^>]*>{re.escape(text)}</a>', page.content.decode())
    return [html.unescape(address) for address in found]


# ── The page ─────────────────────────────────────────────────────────────────────────────────
def test_the_most_seen_stand_first_and_equals_share_a_rank(client: Client, answer: Answer) -> None:
    page = page_at(client, answer, "directors")
    assert headline_of(page) == "3 directors"
    assert "4 of 5 films have a director." in text_of(page)
    assert rows_of(page) == [("1", "Agnès Varda", "3"), ("2", "Ono", "1"), ("2", "Claire Denis", "1")]
    assert NOTICE in text_of(page)


def test_the_best_rated_have_enough_rated_films(client: Client, answer: Answer) -> None:
    page = page_at(client, answer, "directors", "by=rating")
    assert headline_of(page) == "Directors by average rating, of at least 3 rated films"
    assert "That is 1 of 3 directors." in text_of(page)
    assert [name for _, name, _ in rows_of(page)] == ["Agnès Varda"]
    best = page_at(client, answer, "directors", "by=rating&min_rated=1")
    assert headline_of(best) == "Directors by average rating, of at least 1 rated film"
    assert rows_of(best) == [("1", "Ono", "1"), ("2", "Agnès Varda", "3")]


@pytest.mark.parametrize("kind", stats.KINDS)
@pytest.mark.parametrize("query", ["", "year=2024", "rewatches_only=true", "without_tv=true&by=rating&min_rated=1"])
def test_every_name_leads_to_its_films(client: Client, answer: Answer, kind: str, query: str) -> None:
    page = page_at(client, answer, kind, query)
    rows = rows_of(page)
    assert rows or (kind, query) == ("tags", "rewatches_only=true")
    for _, name, films in rows:
        (address,) = links_of(page, html.escape(name))
        found = client.get(address)
        assert found.status_code == 200
        assert headline_of(found).startswith(f"{films} "), address


@pytest.mark.parametrize("kind", stats.KINDS)
@pytest.mark.parametrize("by", ["films", "rating"])
def test_page_and_api_tell_the_same(client: Client, answer: Answer, kind: str, by: str) -> None:
    query = f"by={by}&min_rated=1"
    body = api_at(client, answer, kind, query).body
    page = page_at(client, answer, kind, query)
    assert [films for _, _, films in rows_of(page)] == [str(row["films"]) for row in body["results"]]
    averages = re.findall(r'</svg></svg>([\d.]+)</div>|<div class="stars muted">(–)', page.content.decode())
    told = [known or "–" for known, _ in averages]
    assert told == ["–" if row["average_rating"] is None else f"{row['average_rating']:.2f}" for row in body["results"]]


def test_codes_are_told_as_names_and_words_are_escaped(client: Client, answer: Answer) -> None:
    assert rows_of(page_at(client, answer, "countries")) == [("1", "France", "4"), ("2", "Japan", "1")]
    assert rows_of(page_at(client, answer, "languages")) == [("1", "French", "4")]
    tags = page_at(client, answer, "tags")
    assert "<b>" not in tags.content.decode()
    assert links_of(tags, "&lt;b&gt;&amp;") == [f"/stats/{answer['session_id']}/films?tag=%3Cb%3E%26"]


def test_switches_keep_all_else(client: Client, answer: Answer) -> None:
    page = page_at(client, answer, "actors", "by=rating&min_rated=5&year=2024&without_tv=true&page=7")
    here = f"/stats/{answer['session_id']}/rankings"
    kept = "year=2024&without_tv=true&min_rated=5"
    assert links_of(page, "Editors") == [f"{here}/editors?{kept}&by=rating"]
    assert f"{here}/actors?{kept}" in links_of(page, "Most seen")
    assert links_of(page, "10") == [f"{here}/actors?year=2024&without_tv=true&min_rated=10&by=rating"]
    assert links_of(page, "3") == [f"{here}/actors?year=2024&without_tv=true&by=rating"]
    assert f'href="/stats/{answer["session_id"]}?{kept.replace("&", "&amp;")}"' in page.content.decode()


@pytest.mark.parametrize(
    ("gone", "stays"),
    [
        ("year=2024", "without_tv=true&without_shorts=true&rewatches_only=true"),
        ("without_tv=true", "year=2024&without_shorts=true&rewatches_only=true"),
        ("without_shorts=true", "year=2024&without_tv=true&rewatches_only=true"),
        ("rewatches_only=true", "year=2024&without_tv=true&without_shorts=true"),
    ],
)
def test_what_narrows_the_films_is_told_and_can_be_removed(
    client: Client, answer: Answer, gone: str, stays: str
) -> None:
    page = page_at(client, answer, "genres", f"{gone}&{stays}").content.decode()
    chips = re.findall(r'<a href="([^"]*)"><span class="visually-hidden">Remove the filter', page)
    here = f"/stats/{answer['session_id']}/rankings/genres"
    assert len(chips) == 4
    assert f"{here}?{stays}" in [html.unescape(chip) for chip in chips]
    assert f'<a href="{here}">Remove all</a>' in page


def test_the_numbers_of_a_year_are_those_of_its_films(client: Client, answer: Answer) -> None:
    page = page_at(client, answer, "directors", "year=2024&rewatches_only=true")
    assert rows_of(page) == [("1", "Agnès Varda", "1"), ("1", "Ono", "1")]
    assert "The one film has a director." in text_of(page)


def test_a_bad_parameter_is_left_out(client: Client, answer: Answer) -> None:
    plain = text_of(page_at(client, answer, "directors"))
    assert text_of(page_at(client, answer, "directors", "by=x&page=-1&year=abc&min_rated=0&without_tv=7&z=1")) == plain


# ── Pages ────────────────────────────────────────────────────────────────────────────────────
def make_ranking(count: int, *, by: str = "films", ranked: int | None = None) -> dict[str, Any]:
    """Return a ranking of so many tags, each in fewer films than the one before, the last three in one."""
    rows: list[dict[str, Any]] = [
        {"tag": f"tag {number}", "films": max(count - number - 1, 1), "rated": 1, "average_rating": 3.0}
        for number in range(1, count + 1)
    ]
    numbers = {"kind": "tags", "by": by, "films": count, "distinct": ranked or count, "ranked": ranked or count}
    return numbers | {"rows": rows}


def shown(ranking: dict[str, Any], *, number: int = 1, scope: Scope | None = None, waiting: str = "") -> Any:
    return page_of(ranking, counted=9, links=Links("/stats/x", scope or Scope()), number=number, waiting=waiting)


def test_a_page_has_a_hundred_places_and_leads_to_its_neighbours() -> None:
    ranking, scope = make_ranking(250), Scope(year=2024)
    first, middle, last = (shown(ranking, number=number, scope=scope) for number in (1, 2, 3))
    assert [len(page.rows) for page in (first, middle, last)] == [100, 100, 50]
    here = "/stats/x/rankings/tags?year=2024"
    assert (first.pages.previous_url, first.pages.next_url) == ("", f"{here}&page=2")
    assert (middle.pages.previous_url, middle.pages.next_url) == (here, f"{here}&page=3")
    assert (last.pages.previous_url, last.pages.next_url) == (f"{here}&page=2", "")
    assert shown(make_ranking(101)).pages.next_url == "/stats/x/rankings/tags?page=2"
    assert shown(make_ranking(100)).pages.next_url == ""


def test_ranks_and_bars_go_on_across_pages() -> None:
    ranking = make_ranking(202)
    assert [row.rank for row in shown(ranking, number=3).rows] == ["200", "200"]
    assert [row.rank for row in shown(ranking, number=2).rows][-1] == "200"
    assert shown(ranking).rows[0].width == "100%"
    assert shown(ranking, number=2).rows[0].width == "50%"


def test_a_page_behind_the_last_leads_back() -> None:
    page = shown(make_ranking(250), number=9)
    assert page.rows == ()
    assert page.empty == "The ranking ends before this page."
    assert [way.url for way in page.ways] == ["/stats/x/rankings/tags?page=3"]


def test_what_is_not_listed_is_told() -> None:
    assert shown(make_ranking(2_000, ranked=5_310)).pages.limit == "The first 2,000 of 5,310 are listed."
    assert shown(make_ranking(2_000)).pages.limit == ""


# ── Nothing to rank ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("min_rated", "fewer"),
    [(50, "At least 10 rated films"), (5, "At least 3 rated films"), (3, "At least 1 rated film"), (1, "")],
)
def test_where_none_has_enough_rated_films_fewer_are_offered(min_rated: int, fewer: str) -> None:
    page = shown(EMPTY | {"by": "rating", "films": 7}, scope=Scope(min_rated=min_rated))
    assert page.empty == f"No director has at least {min_rated} rated film{'s' * (min_rated > 1)}."
    assert [way.text for way in page.ways] == [*([fewer] if fewer else []), "Most seen"]


@pytest.mark.parametrize("by", ["films", "rating"])
def test_where_no_film_has_any_the_page_says_so(by: str) -> None:
    assert shown(EMPTY | {"by": by}).empty == "No film has a director."
    assert shown(EMPTY | {"by": by, "kind": "actors"}).empty == "No film has an actor."
    narrow = shown(EMPTY | {"by": by}, scope=Scope(year=1999, min_rated=5))
    assert narrow.empty == "None of the films that count has a director."
    assert [way.url for way in narrow.ways] == [
        f"/stats/x/rankings/directors?min_rated=5{'' if by == 'films' else '&by=rating'}"
    ]


def test_without_facts_one_line_explains_and_tags_are_ranked(client: Client, answer: Answer) -> None:
    Film.objects.update(fetched_at=timezone.now() - FACTS_LIFETIME - timedelta(hours=1))
    page = page_at(client, answer, "directors")
    assert headline_of(page) == "No directors yet"
    assert "stand on film facts, which come from TMDB and are off on this server." in text_of(page)
    assert NOTICE not in text_of(page)
    tags = page_at(client, answer, "tags")
    assert rows_of(tags) == [("1", "cinema", "2"), ("2", "home", "1"), ("2", "<b>&", "1")]
    assert NOTICE not in text_of(tags)


@pytest.mark.parametrize(
    ("status", "said"), [("enriching", "is being asked about the films"), ("completed", "asked for them later")]
)
def test_while_facts_are_missing_the_page_says_why(client: Client, settings: Any, status: str, said: str) -> None:
    (session,) = make_sessions(1, movies=2)
    settings.TMDB_TOKEN = "a-token"
    UploadSession.objects.filter(pk=session.pk).update(status=status, last_accessed=timezone.now())
    assert said in text_of(client.get(f"/stats/{session.pk}/rankings/actors"))


# ── The API ──────────────────────────────────────────────────────────────────────────────────
def test_the_api_answers_a_page_of_a_ranking(client: Client, answer: Answer) -> None:
    assert api_at(client, answer, "directors", "per_page=1").body == {
        **{"kind": "directors", "by": "films", "films": 4, "distinct": 3, "ranked": 3, "page": 1, "per_page": 1},
        "next": f"http://testserver/api/session/{answer['session_id']}/rankings/directors?per_page=1&page=2",
        "previous": None,
        "results": [{"id": 1, "name": "Agnès Varda", "films": 3, "rated": 3, "average_rating": 4.0}],
    }
    last = api_at(client, answer, "directors", "per_page=2&page=2").body
    assert [row["name"] for row in last["results"]] == ["Claire Denis"]
    assert (last["next"], last["previous"][-18:]) == (None, "?per_page=2&page=1")
    assert api_at(client, answer, "directors", "page=1000000").body["results"] == []


def test_the_api_names_things_by_their_kind(client: Client, answer: Answer) -> None:
    body = api_at(client, answer, "countries", "by=rating&year=2024&min_rated=2").body
    assert body["results"] == [{"country": "FR", "films": 3, "rated": 2, "average_rating": 4.0}]
    assert (body["films"], body["distinct"], body["ranked"]) == (3, 2, 1)


@pytest.mark.parametrize(
    "query",
    [
        *("by=best", "page=0", "page=x", "per_page=0", "per_page=501", "year=1", "min_rated=0", "min_rated=51"),
        *("without_tv=7", "rewatches_only=perhaps"),
    ],
)
def test_the_api_refuses_a_bad_parameter(client: Client, answer: Answer, query: str) -> None:
    check_error(api_at(client, answer, "directors", query), 400, "invalid")


def test_the_schema_has_all_of_it(client: Client) -> None:
    schema = client.get("/api/schema?format=json").json()
    operation = schema["paths"]["/api/session/{session_id}/rankings/{kind}"]["get"]
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert set(parameters["kind"]["schema"]["enum"]) == set(stats.KINDS)
    assert (parameters["kind"]["in"], parameters["kind"]["required"]) == ("path", True)
    scope = {"year", "without_tv", "without_shorts", "rewatches_only", "min_rated"}
    assert parameters.keys() - {"kind", "session_id"} == scope | {"by", "page", "per_page"}
    numbers = schema["paths"]["/api/session/{session_id}/stats"]["get"]["parameters"]
    assert {parameter["name"] for parameter in numbers} - {"session_id"} == scope
    row = schema["components"]["schemas"]["Ranked"]
    assert set(row["required"]) == {"films", "rated", "average_rating"}
    assert operation["responses"].keys() == {"200", "400", "404"}


# ── Addresses ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["director", "Directors", "people", "directors/", "x" * 300])
def test_there_is_no_ranking_of_anything_else(client: Client, answer: Answer, kind: str) -> None:
    assert client.get(f"/stats/{answer['session_id']}/rankings/{kind}").status_code == 404
    assert api_at(client, answer, kind).status == 404


def test_unknown_and_failed_sessions_have_no_rankings(client: Client) -> None:
    (session,) = make_sessions(1, movies=1)
    unknown = "0d3f2c1a-0000-4000-8000-000000000000"
    assert client.get(f"/stats/{unknown}/rankings/tags").status_code == 404
    check_error(get(client, f"/api/session/{unknown}/rankings/tags"), 404, "not_found")
    UploadSession.objects.filter(pk=session.pk).update(status="failed")
    assert client.get(f"/stats/{session.pk}/rankings/tags").status_code == 404


def test_a_look_at_a_ranking_counts_as_a_visit(client: Client) -> None:
    (session,) = make_sessions(1, movies=1)
    assert client.get(f"/stats/{session.pk}/rankings/tags").status_code == 200
    assert timezone.now() - UploadSession.objects.get(pk=session.pk).last_accessed < timedelta(minutes=1)


@pytest.mark.parametrize("path", ["/stats/{}/rankings/tags?by=rating&page=2", "/api/session/{}/rankings/tags?page=3"])
def test_the_number_of_queries_does_not_depend_on_the_films(client: Client, path: str) -> None:
    def queries(session: UploadSession) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path.format(session.pk)).status_code == 200
        return [query["sql"] for query in captured]

    small, large = make_sessions(1, movies=2)[0], make_sessions(1, movies=150)[0]
    assert len(queries(small)) == len(queries(large))
    # The session, and what is kept.
    assert len(queries(large)) <= 3
    assert not any('FROM "movies"' in query or "FROM movies" in query for query in queries(large))


@given(
    kind=st.one_of(st.sampled_from(list(stats.KINDS)), st.text(max_size=5)),
    params=st.dictionaries(
        st.sampled_from(["by", "page", "per_page", "year", "min_rated", "without_tv", "rewatches_only", "x"]),
        st.one_of(st.text(max_size=8), st.integers().map(str), st.sampled_from(["true", "rating", "2024", "1"])),
        max_size=4,
    ),
)
def test_nothing_in_an_address_makes_the_server_fail(kind: str, params: dict[str, str]) -> None:
    client = Client(raise_request_exception=False)
    session = UploadSession.objects.first() or make_sessions(1, movies=2)[0]
    path = kind.replace("/", "").replace(".", "") or "x"
    assert client.get(f"/stats/{session.pk}/rankings/{path}", params).status_code in {200, 404}
    assert client.get(f"/api/session/{session.pk}/rankings/{path}", params).status_code in {200, 400, 404}
