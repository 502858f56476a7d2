"""The films in a real browser: every width, light and dark, grid and list, with and without script and posters."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Route, expect

from movies_app import made_up, posters
from movies_app.models import Film
from tests.builders import upload, upload_member
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.test_pages_in_browser import SHIFTS, WIDTHS, Watcher
from tests.tmdb_jobs import use, work_off

pytestmark = pytest.mark.django_db(transaction=True)

WORLD = World.made_up(films=2_000)
EXPORT = made_up.make_zip(made_up.make_export(films=130, seed=8))
MANY = (
    "watched_from=2020-03-03&watched_to=2026-03-09&rewatches_only=true&weekday=3&without_tv=true&without_shorts=true"
    "&min_rating=2&keyword=time+loop&against_tmdb=higher&writer=77&reviewed=true&liked=false&view=list"
)
POSTER = '<svg xmlns="http://www.w3.org/2000/svg" width="342" height="513"><rect width="342" height="513"/></svg>'


class PosterWatcher(Watcher):
    """Collects faults as on all pages, where posters may come from TMDB's image host; counts those."""

    def __init__(self, page: Page, site: str) -> None:
        self.posters = 0
        super().__init__(page, site)
        page.route(f"{posters.HOST}/**", self.show)

    def see(self, request: Request) -> None:
        if not request.url.startswith(f"{posters.HOST}/t/p/w"):
            super().see(request)

    def show(self, route: Route) -> None:
        self.posters += 1
        # The address of a session's page is secret.
        assert "referer" not in route.request.headers
        route.fulfill(content_type="image/svg+xml", body=POSTER)


@pytest.fixture
def session_id(client: Client, transactional_db: None, settings: Any) -> UUID:
    """Give a session whose films TMDB told of, over HTTP; one it took for another, perhaps."""
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        answer = upload(client, ("export.zip", EXPORT))
        work_off()
    Film.objects.filter(movies__position=1).update(state="ambiguous")
    return UUID(answer["session_id"])


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Callable[..., tuple[Page, PosterWatcher]]]:
    """Return a function that opens a window of its own."""
    contexts = []

    def open_window(**window: Any) -> tuple[Page, PosterWatcher]:
        context = browser.new_context(base_url=site, **window)
        contexts.append(context)
        page = context.new_page()
        return page, PosterWatcher(page, site)

    yield open_window
    for context in contexts:
        context.close()


def check_sound(page: Page, address: str) -> None:
    """Insist that nothing sticks out, nothing moves while posters come, and axe finds nothing."""
    page.goto(address)
    page.mouse.wheel(0, 4_000)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert page.evaluate(SHIFTS) == 0, address
    found = Axe().run(page).response["violations"]
    assert found == [], f"{address}: {json.dumps(found, indent=1)[:2_000]}"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_films_are_sound_at_every_width_in_light_and_dark(
    opened: Any, session_id: UUID, width: int, scheme: Literal["dark", "light"]
) -> None:
    page, watcher = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    films = f"/stats/{session_id}/films"
    for address in (
        *(films, f"{films}?view=list&page=2", f"{films}?genre=Drama&min_rating=3&year=abc", f"{films}?q=zzzz&tag=x"),
        *(f"{films}?person=an", f"{films}/1", f"{films}/2", f"{films}/130", f"{films}?{MANY}"),
    ):
        check_sound(page, address)
    page.goto(films)
    page.locator("summary", has_text="More filters").click()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watcher.faults == []
    assert watcher.posters > 40


@pytest.mark.parametrize("width", [390, 1280])
def test_films_without_facts_are_sound(opened: Any, client: Client, width: int) -> None:
    films = f"/stats/{upload_member(client)['session_id']}/films"
    page, watcher = opened(viewport={"width": width, "height": 900})
    for address in (films, f"{films}?view=grid", f"{films}?genre=Drama", f"{films}/1", f"{films}/3"):
        check_sound(page, address)
    assert watcher.faults == []
    assert watcher.posters == 0


@pytest.mark.parametrize("window", [{}, {"java_script_enabled": False}], ids=["with script", "without script"])
def test_a_visitor_looks_for_films_opens_one_and_follows_its_facts(
    opened: Any, session_id: UUID, window: dict[str, bool]
) -> None:
    page, watcher = opened(**window)
    page.goto(f"/stats/{session_id}/films")
    page.get_by_label("Title", exact=True).fill("a")
    page.locator("summary", has_text="More filters").click()
    page.get_by_label("Rated at least").select_option("3")
    page.get_by_role("button", name="Show these films").click()
    expect(page.locator("h1")).to_contain_text("rated 3 stars or more, with “a” in the title")
    assert page.url.endswith("/films?q=a&min_rating=3")
    page.get_by_role("link", name="Rating", exact=True).click()
    expect(page.get_by_role("link", name="Rating: best first")).to_be_visible()
    page.get_by_role("link", name="Remove the filter Title a").click()
    expect(page.locator("h1")).not_to_contain_text("in the title")
    expect(page.get_by_role("link", name="Rating: best first")).to_be_visible()
    page.locator(".posters a:has(img)").first.click()
    expect(page.get_by_role("heading", name="Film facts")).to_be_visible()
    director = page.locator(".facts a").first.text_content()
    page.locator(".facts a").first.click()
    expect(page.locator("h1")).to_contain_text(f"directed by {director}")
    assert watcher.faults == []


def test_a_poster_that_does_not_come_leaves_its_title(opened: Any, session_id: UUID) -> None:
    page, _ = opened()
    page.unroute_all()
    page.goto(f"/stats/{session_id}/films")
    first = page.locator(".posters img").first
    box = first.bounding_box()
    assert box
    assert box["height"] / box["width"] == pytest.approx(1.5, abs=0.02)
    assert first.get_attribute("alt")
