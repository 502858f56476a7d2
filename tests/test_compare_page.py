"""Two members compared over HTTP: the form, the cookie, the page, the API, and that it dies with either of both."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from movies_app.models import Film
from sessions_app.models import UploadSession
from tests.builders import RATINGS, WATCHED, check_error, delete, get, make_csv, make_film_known, upload
from tests.test_pages import text_of

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    **{"media_type": "movie", "tmdb_id": 3, "poster_path": "/three.jpg", "genres": ["Drama"], "countries": ["FR"]},
    **{"directors": [{"id": 7, "name": "Agnès Varda"}], "cast": [], "crew": []},
}
UNKNOWN = "0d3f2c1a-7a56-4c1d-9b7e-123456789abc"
STARS = ["4.5", "3", "5", "2", "4"]


def ratings(films: int, *, own: str, shift: int = 0) -> tuple[str, bytes]:
    """Return ratings of so many films that everybody here has, and of one more that is the member's own."""
    names = [*(f"Film {number}" for number in range(films)), f"Seen by {own}"]
    rows = [
        ("2021-01-01", name, "1999", f"https://boxd.it/{n:x}", STARS[(n + shift) % 5]) for n, name in enumerate(names)
    ]
    rows[-1] = ("2021-01-01", names[-1], "1999", f"https://boxd.it/{own}", "4.5")
    return "ratings.csv", make_csv(RATINGS, rows)


def both(client: Client, *, films: int = 12) -> tuple[Any, Any]:
    """Upload two members who share films; the last to come is the owner's."""
    one = upload(client, ratings(films, own="Ada"), display_name="Ada")
    return one, upload(client, ratings(films, own="Bo", shift=1), display_name="Bo")


def address_of(one: Any, other: Any) -> str:
    return f"/compare/{one['session_id']}/{other['session_id']}"


def api_of(one: Any, other: Any) -> str:
    return f"/api/compare?a={one['session_id']}&b={other['session_id']}"


def link_of(answer: Any) -> str:
    return f"http://testserver/stats/{answer['session_id']}"


def fields_of(page: Any) -> dict[str, str]:
    """Return what stands in the fields of the form."""
    inputs = re.findall(r'<input type="text"[^>]* name="(\w+)"[^>]* value="([^"]*)"', page.content.decode())
    return {name: html.unescape(value) for name, value in inputs}


def told_beside(page: Any) -> dict[str, str]:
    """Return what is said beside the fields."""
    told = re.findall(r'<p class="error" id="id_(\w+)-error">([^<]*)<', page.content.decode())
    return {name: html.unescape(text) for name, text in told}


def owner(files: tuple[str, bytes], **fields: str) -> tuple[Client, str]:
    """Upload by the form, and return the browser and the id of its page."""
    browser = Client()
    name, content = files
    answer = browser.post("/", {"files": SimpleUploadedFile(name, content), **fields})
    assert answer.status_code == 303, answer.content
    return browser, answer.headers["Location"].rpartition("/")[2]


# ── The page of a pair ────────────────────────────────────────────────────────────────────────
def test_anybody_with_the_address_sees_the_comparison(client: Client) -> None:
    one, other = both(client)
    page = client.get(address_of(one, other))
    assert page.status_code == 200
    assert "Ada and Bo" in text_of(page)
    assert Client().get(address_of(one, other)).content == page.content
    said = html.unescape(page.content.decode())
    assert '<meta name="robots" content="noindex">' in said
    assert said.count('rel="stylesheet"') == 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|{[{%#]|>None<|\(\w+=", said)
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "img-src 'self' https://image.tmdb.org" in page.headers["Content-Security-Policy"]
    ids = re.findall(r'\sid="([^"]*)"', said)
    assert len(ids) == len(set(ids))


def test_the_page_shows_the_numbers_of_the_api(client: Client) -> None:
    one, other = both(client)
    told, page = client.get(api_of(one, other)).json(), text_of(client.get(address_of(one, other)))
    match, overlap = told["match"], told["overlap"]
    assert (overlap["both"], overlap["all"], match["films"]) == (12, 14, 12)
    assert f"{match['percent']}%" in page
    assert f"between {match['from']} and {match['to']}%" in page
    assert f"would give {match['by_chance']['percent']}%" in page
    assert "12 films in common" in page
    assert f"{told['quarrels']['films']} films to quarrel about" in page
    assert told["members"]["a"] == {"session_id": one["session_id"], "display_name": "Ada"}
    for side, name in (("a", "Ada"), ("b", "Bo")):
        assert f"{told['ratings']['higher'][side]} {name} higher" in page
        assert f"{told['to_see'][side]['films']} favourite" in page


def test_the_other_order_swaps_the_sides(client: Client) -> None:
    one, other = both(client)
    straight, turned = (client.get(api_of(*pair)).json() for pair in ((one, other), (other, one)))
    assert turned["match"] == straight["match"]
    assert turned["overlap"]["films"] == {
        "a": straight["overlap"]["films"]["b"],
        "b": straight["overlap"]["films"]["a"],
    }
    assert turned["to_see"] == {"a": straight["to_see"]["b"], "b": straight["to_see"]["a"]}
    assert "Bo and Ada" in text_of(client.get(address_of(other, one)))


def test_too_little_in_common_gets_no_number(client: Client) -> None:
    one, other = both(client, films=9)
    page = text_of(client.get(address_of(one, other)))
    assert "too small to mean anything" in page
    assert "Taste match Too little in common to tell" in re.sub(r"\s+", " ", page)
    assert client.get(api_of(one, other)).json()["match"]["percent"] is None


def test_films_without_ratings_are_compared_by_what_was_seen(client: Client) -> None:
    watched = make_csv(WATCHED, [("2021-01-01", "Film 1", "1999", "https://boxd.it/1")])
    one, other = upload(client, ("watched.csv", watched)), upload(client, ratings(3, own="Bo"))
    page = text_of(client.get(address_of(one, other)))
    assert "1 film in common" in page
    assert "Both rated no film" in page
    assert "Two members" in page


def test_links_of_2017_meet_those_of_today(client: Client) -> None:
    slug = make_csv(RATINGS, [("2017-01-01", "Film 1", "1999", "https://letterboxd.com/film/film-1/", "5")])
    told = client.get(api_of(upload(client, ("ratings.csv", slug)), upload(client, ratings(3, own="Bo")))).json()
    assert told["overlap"]["both"] == 1


def test_people_and_genres_of_both_are_told_by_tmdb(client: Client) -> None:
    one, other = both(client)
    assert "stand on film facts" in text_of(client.get(address_of(one, other)))
    varda = [{"id": 7, "name": "Agnès Varda"}]
    facts = {
        "directors": varda,
        "genres": ["Drama"],
        "countries": ["FR"],
        "cast": [],
        "crew": [],
        "media_type": "movie",
    }
    make_film_known("Film 3", **facts, tmdb_id=3, poster_path="/three.jpg")
    page = client.get(address_of(one, other))
    told = client.get(api_of(one, other)).json()
    assert told["directors"]["top"][0] | {"a": 0, "b": 0} == {"id": 7, "name": "Agnès Varda", "a": 0, "b": 0}
    assert told["films_with_facts"] == {"a": 1, "b": 1}
    said = text_of(page)
    assert "Agnès Varda" in said
    assert "France" in said
    assert "1 of 13 films has film facts" in said
    assert "image.tmdb.org/t/p/" in page.content.decode()


def test_facts_that_are_too_old_are_not_told(client: Client) -> None:
    one, other = both(client)
    make_film_known("Film 3", **FACTS)
    Film.objects.update(fetched_at=timezone.now() - timedelta(days=176))
    told = client.get(api_of(one, other)).json()
    assert (told["genres"]["shared"], told["films_with_facts"]) == (0, {"a": 0, "b": 0})
    assert "image.tmdb.org/t/" not in client.get(address_of(one, other)).content.decode()


def test_every_link_of_a_comparison_leads_somewhere(client: Client) -> None:
    one, other = both(client)
    make_film_known("Film 3", **FACTS)
    page = client.get(address_of(one, other)).content.decode()
    links = {html.unescape(link) for link in re.findall(r'href="(/(?:stats|compare|api/compare)[^"#]*)"', page)}
    assert len(links) > 25
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}
    for link in (link for link in links if "director=" in link or "genre=" in link):
        assert client.get(link.replace("/stats/", "/api/session/").replace("/films?", "/movies?")).json()["count"] == 1


def test_what_a_member_wrote_stays_text(client: Client) -> None:
    name = "<script>alert(1)</script>"
    one = upload(client, ratings(12, own="<b>x"), display_name=name)
    other = upload(client, ratings(12, own="<i>y"), display_name=name)
    body = client.get(address_of(one, other)).content.decode()
    assert not re.search(r"<script>alert|<b>x|<i>y", body)


# ── It dies with either ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("how", ["deleted", "expired"])
def test_a_comparison_goes_at_once_with_either_of_both(client: Client, which: int, how: str) -> None:
    pair = both(client)
    assert client.get(address_of(*pair)).status_code == client.get(api_of(*pair)).status_code == 200
    gone = pair[which]
    if how == "deleted":
        assert delete(client, f"/api/session/{gone['session_id']}", token=gone["manage_token"]).status == 204
    else:
        UploadSession.objects.filter(pk=gone["session_id"]).update(expires_at=timezone.now())
    for one, other in (pair, pair[::-1]):
        assert client.get(address_of(one, other)).status_code == 404
        check_error(get(client, api_of(one, other)), 404, "not_found")


@pytest.mark.parametrize("status", ["uploading", "processing", "failed"])
def test_a_session_without_films_has_no_comparison(client: Client, status: str) -> None:
    one, other = both(client)
    told = {"error_message": "No.", "error_code": "no"} if status == "failed" else {}
    UploadSession.objects.filter(pk=other["session_id"]).update(status=status, **told)
    assert client.get(address_of(one, other)).status_code == 404
    check_error(get(client, api_of(one, other)), 404, "not_found")
    page = client.post("/compare", {"one": link_of(one), "other": link_of(other)})
    assert page.status_code == 404
    assert told_beside(page)["other"].startswith("There are no films" if status == "failed" else "The films behind")


def test_a_visit_moves_the_expiry_of_both(client: Client) -> None:
    pair = both(client)
    before = timezone.now() - timedelta(hours=2)
    UploadSession.objects.update(last_accessed=before, expires_at=before + timedelta(days=30))
    assert client.get(address_of(*pair)).status_code == 200
    assert not UploadSession.objects.filter(last_accessed=before).exists()


def test_nothing_of_a_comparison_is_kept(client: Client) -> None:
    pair = both(client)
    cache.clear()
    client.get(address_of(*pair))
    client.get(api_of(*pair))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("path", ["{one}/{one}", "{one}/x", "x/{one}", "{one}/%00", "{one}/{unknown}", "{one}/{upper}"])
def test_what_is_no_pair_is_not_found(client: Client, path: str) -> None:
    one = upload(client, ratings(3, own="Ada"))["session_id"]
    assert client.get(f"/compare/{path.format(one=one, unknown=uuid4(), upper=one.upper())}").status_code == 404


# ── The form ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "link",
    [
        "http://testserver/stats/{id}",
        "https://elsewhere.example/stats/{id}/2024?without_tv=true#films",
        "/stats/{id}/films?genre=Drama",
        "  {id}\n",
        "Look at this: <http://testserver/stats/{id}>!",
        "http://testserver/stats/{upper}",
        "testserver/api/session/{id}/stats",
    ],
)
def test_a_link_is_understood_however_it_is_pasted(client: Client, link: str) -> None:
    one, other = both(client)
    pasted = link.format(id=one["session_id"], upper=one["session_id"].upper())
    answer = client.post("/compare", {"one": pasted, "other": link_of(other)})
    assert (answer.status_code, answer.headers["Location"]) == (303, address_of(one, other))


@pytest.mark.parametrize(
    ("pasted", "status", "told"),
    [
        ("", 400, "Please paste a link here."),
        ("   ", 400, "Please paste a link here."),
        ("letterboxd.com/somebody", 400, "That is not the link"),
        ("0d3f2c1a-7a56-4c1d-9b7e-123456789abcd", 400, "That is not the link"),
        ("\x00", 400, "Null characters"),
        ("x" * 2_001, 400, "That is too long"),
        ("<script>alert(1)</script>", 400, "That is not the link"),
        (f"{UNKNOWN} {UNKNOWN.replace('0', '1')}", 400, "Those are several links"),
        (f"http://testserver/stats/{UNKNOWN}", 404, "There is no page behind this link"),
    ],
)
def test_what_leads_nowhere_is_told_beside_its_field_and_stays(
    client: Client, pasted: str, status: int, told: str
) -> None:
    one = upload(client, ratings(3, own="Ada"))
    page = client.post("/compare", {"one": link_of(one), "other": pasted})
    assert page.status_code == status
    assert told_beside(page).keys() == {"other"}
    assert told_beside(page)["other"].startswith(told)
    assert fields_of(page) == {"one": link_of(one), "other": pasted}
    assert "<script>alert" not in page.content.decode()


def test_the_same_page_twice_is_told(client: Client) -> None:
    one = upload(client, ratings(3, own="Ada"))
    page = client.post("/compare", {"one": link_of(one), "other": f"{link_of(one)}/2024"})
    assert page.status_code == 400
    assert told_beside(page) == {"other": "That is the same page as the other one. A comparison takes two."}


def test_a_forged_form_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post("/compare", {"one": "x", "other": "y"}).status_code == 403


def test_the_form_is_empty_for_a_stranger(client: Client) -> None:
    page = client.get("/compare")
    assert page.status_code == 200
    assert fields_of(page) == {"one": "", "other": ""}
    assert told_beside(page) == {}
    assert "No page of your own yet?" in text_of(page)


# ── Compared with one's own films ─────────────────────────────────────────────────────────────
def test_the_page_of_another_leads_to_a_comparison_with_ones_own(client: Client) -> None:
    other = upload(client, ratings(3, own="Bo"))
    browser, own = owner(ratings(3, own="Ada"))
    page = browser.get(f"/stats/{other['session_id']}").content.decode()
    (way,) = re.findall(r'href="(/compare\?with=[^"]*)">Compare with your films', page)
    answer = browser.get(way)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/compare/{own}/{other['session_id']}")


def test_ones_own_page_asks_for_the_link_of_another() -> None:
    browser, own = owner(ratings(3, own="Ada"))
    page = browser.get(f"/stats/{own}").content.decode()
    (way,) = re.findall(r'href="(/compare\?with=[^"]*)">Compare with another page', page)
    form = browser.get(way)
    assert form.status_code == 200
    assert fields_of(form) == {"one": f"http://testserver/stats/{own}", "other": ""}
    assert told_beside(form) == {}
    assert "No page of your own yet?" not in text_of(form)


def test_a_stranger_is_told_how_to_get_a_page_of_their_own(client: Client) -> None:
    other = upload(client, ratings(3, own="Bo"))
    form = Client().get(f"/compare?with={other['session_id']}")
    assert form.status_code == 200
    assert fields_of(form) == {"one": "", "other": link_of(other)}
    assert told_beside(form) == {}
    assert "Upload your Letterboxd export" in text_of(form)


def test_a_link_that_came_along_and_leads_nowhere_is_told(client: Client) -> None:
    unknown = str(uuid4())
    for link, status in ((unknown, 404), ("nothing", 400), ("%00", 400), ("x" * 3_000, 400)):
        page = client.get(f"/compare?with={link}")
        assert page.status_code == status
        assert told_beside(page).keys() == {"other"}
    browser, _ = owner(ratings(3, own="Ada"))
    assert browser.get(f"/compare?with={unknown}").status_code == 404


def test_a_deleted_page_is_not_ones_own_any_more(client: Client) -> None:
    other = upload(client, ratings(3, own="Bo"))
    browser, own = owner(ratings(3, own="Ada"))
    UploadSession.objects.filter(pk=own).delete()
    form = browser.get(f"/compare?with={other['session_id']}")
    assert fields_of(form) == {"one": "", "other": link_of(other)}


def test_the_cookie_goes_to_comparisons_alone_and_cannot_be_made_up(client: Client) -> None:
    browser, own = owner(ratings(3, own="Ada"))
    cookie = browser.cookies["mine"]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/compare", "Lax", True)
    assert cookie["max-age"] == 30 * 86_400
    assert bool(cookie["secure"]) == django_settings.HTTPS
    other = upload(client, ratings(3, own="Bo"))
    stranger = Client()
    stranger.cookies["mine"] = own
    assert stranger.get(f"/compare?with={other['session_id']}").status_code == 200
    owner_cookie = browser.cookies["owner"].value
    stranger.cookies["mine"] = owner_cookie
    assert stranger.get(f"/compare?with={other['session_id']}").status_code == 200


def test_deleting_ones_page_forgets_the_cookie() -> None:
    browser, own = owner(ratings(3, own="Ada"))
    answer = browser.post(f"/stats/{own}/manage", {"action": "delete", "confirm": "on"})
    assert {name: (one.value, one["path"]) for name, one in answer.cookies.items()} == {
        "mine": ("", "/compare"),
        "owner": ("", f"/stats/{own}"),
    }


def test_a_comparison_takes_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    pair = both(client)
    client.get(address_of(*pair))
    with django_assert_max_num_queries(10):
        client.get(address_of(*pair))
