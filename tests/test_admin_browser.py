"""The admin in a real browser: nothing that the site's policy forbids, nothing from elsewhere, nothing axe finds."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from movies_app.models import Film
from sessions_app import jobs
from sessions_app.models import UploadSession
from tests.builders import REVIEWS, make_csv, make_film_known, make_sessions, upload, upload_member
from tests.staff import BROKEN, LIST, page_of

PASSWORD = "a good one for Ada"
FACTS = {
    "match_method": "title and year",
    "match_confidence": 0.98,
    "original_title": "A title that is long, and that goes on in a language of long words, to see it wrapped",
    "runtime": 101,
    "genres": ["Drama", "Science Fiction"],
    "directors": [{"id": 1, "name": "Ada Lovelace"}],
    "cast": [{"id": number, "name": f"Somebody Number{number}"} for number in range(30)],
    "crew": [{"id": 2, "name": "Grace Hopper", "job": "Original Music Composer"}],
    "keywords": ["a" * 120, "night"],
}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(params=[(DESK, "dark"), (PHONE, "light")], ids=str)
def watched_page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Give a page whose complaints, and whose requests to other hosts, fail the test."""
    size, scheme = request.param
    context = browser.new_context(viewport=size, color_scheme=scheme, base_url=site)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((site, "data:")) else complaints.append(asked.url))
    yield page
    context.close()
    assert complaints == []


def log_in(page: Page) -> None:
    cache.clear()
    User.objects.create_superuser("ada", password=PASSWORD)
    page.goto("/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("uploads today")).to_be_visible()


@pytest.fixture
def copy(watched_page: Page, browser: Browser, site: str) -> Iterator[Page]:
    """Give a second page without the policy, for axe: it does itself what the policy forbids."""
    scheme = watched_page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    context = browser.new_context(
        bypass_csp=True, viewport=watched_page.viewport_size, color_scheme=scheme, base_url=site
    )
    yield context.new_page()
    context.close()


def findings(page: Page, address: str) -> list[Any]:
    page.goto(address)
    violations = Axe().run(page).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in violations]


def test_the_pages_of_the_admin_are_whole_in_every_light_and_width(watched_page: Page, copy: Page) -> None:
    client = Client()
    session_id = upload_member(client, reviews=make_csv(REVIEWS, [["x"] * len(REVIEWS)]))["session_id"]
    failed_id = upload(client, ("watched.csv", BROKEN))["session_id"]
    log_in(watched_page)
    copy.context.add_cookies(watched_page.context.cookies())  # type: ignore[arg-type]
    movies, films = f"/admin/movies_app/movie/?session={session_id}", "/admin/movies_app/film/?q=alpha"
    make_film_known("Alpha", tmdb_id=11, media_type="movie", **FACTS)
    film = f"/admin/movies_app/film/{Film.objects.get(title='Alpha').pk}/"
    jobs.queue_enrichment(UUID(session_id), tries=2)
    pages = ["/admin/", LIST, f"{LIST}?q={session_id[:8]}", page_of(session_id), page_of(failed_id), movies, films]
    for address in (*pages, f"{film}change/", f"{film}history/", "/admin/procrastinate/procrastinatejob/"):
        watched_page.goto(address)
        assert watched_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert findings(copy, address) == [], address
    for address in ("/admin/auth/user/add/", "/admin/auth/group/add/", "/admin/password_change/"):
        watched_page.goto(address)  # Django's own: no complaint, whatever axe says


@pytest.mark.parametrize("watched_page", [(DESK, "light")], indirect=True)
def test_staff_find_extend_and_purge_a_session_by_mouse(watched_page: Page) -> None:
    page, (session, other) = watched_page, make_sessions(2, movies=3)
    log_in(page)
    page.goto(LIST)
    page.get_by_label("Search").fill(session.short_id)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=session.short_id, exact=True).click()
    expect(page.get_by_text("Importing again is not possible")).to_be_visible()
    page.get_by_role("button", name="Extend expiry by 30 days").click()
    expect(page.get_by_text("Extended by 30 days: 1 upload session.")).to_be_visible()
    page.goto(page_of(session))
    page.get_by_role("link", name="Movies", exact=True).last.click()
    expect(page.get_by_text("3 movies")).to_be_visible()
    page.goto(LIST)
    page.locator("tr", has_text=session.short_id).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("Purge now")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 upload session with 3 movies will be deleted")).to_be_visible()
    page.get_by_role("button", name="Purge now").click()
    expect(page.get_by_text("Purged: 1 upload session with 3 movies.")).to_be_visible()
    assert list(UploadSession.objects.all()) == [other]
    page.get_by_role("button", name="Log out").click()
    page.goto(LIST)
    expect(page.get_by_label("Username")).to_be_visible()


@pytest.mark.parametrize("watched_page", [(PHONE, "dark")], indirect=True)
def test_staff_mend_a_match_by_mouse(watched_page: Page) -> None:
    page = watched_page
    film = Film.objects.create(title_key="alpha", title="Alpha", year=1999, state="unmatched")
    log_in(page)
    expect(page.get_by_text("Film facts are off")).to_be_visible()
    page.goto("/admin/movies_app/film/?state__exact=unmatched")
    page.get_by_role("link", name="Alpha", exact=True).click()
    page.get_by_label("TMDB id").fill("603")
    page.get_by_label("Kind").select_option("film")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Lock it too")).to_be_visible()
    page.get_by_label("Locked").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    film.refresh_from_db()
    assert (film.tmdb_id, film.media_type, film.is_locked) == (603, "movie", True)
