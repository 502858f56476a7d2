"""The stats page in a real browser, with film facts and without: sound in every width and light, and every number leads
to its films. TMDB is the fake, over real HTTP.
"""

import gzip
import re
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from movies_app import made_up
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.test_films_in_browser import PosterWatcher
from tests.test_look import check_look
from tests.test_pages_in_browser import SHIFTS
from tests.tmdb_jobs import use, work_off

WORLD = World.made_up(films=2_000)


def upload(client: Client, *, films: int) -> str:
    content = made_up.make_zip(made_up.make_export(films=films, seed=7))
    answer = client.post("/api/upload", {"files": SimpleUploadedFile("a.zip", content), "display_name": "Ada"})
    return f"/stats/{answer.json()['session_id']}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("static_files")
def test_a_page_of_1600_films_is_small_on_the_wire(client: Client) -> None:
    html = client.get(upload(client, films=1600)).content
    assert len(gzip.compress(html, 6)) < 45_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_is_sound_in_every_width_and_light(
    browser: Browser, client: Client, site: str, width: int, scheme: Any
) -> None:
    opened = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})
    page = opened.new_page()
    for path in (upload(client, films=200), upload(client, films=1)):
        page.goto(site + path)
        check_look(page)
        for details in page.locator("details").all():
            details.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(page).violations_count == 0
    opened.close()


def test_letters_in_charts_keep_their_size_on_a_phone(page: Page, client: Client, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site + upload(client, films=200))
    sizes = (
        "[...document.querySelectorAll('.chart text')].map(text => [text.getCTM().a, getComputedStyle(text).fontSize])"
    )
    assert {(scale, size) for scale, size in page.evaluate(sizes)} == {(1, "11px"), (1, "12px")}


def test_a_bar_tells_its_value_to_pointer_and_keys(page: Page, client: Client, site: str) -> None:
    page.goto(site + upload(client, films=200))
    label = page.locator(".value-label")
    expect(label).to_be_hidden()
    page.locator("#ratings .bar.top a").first.hover()
    expect(label).to_have_text(re.compile(r"^[\w½ ]*stars?: \d+ films$"))
    page.mouse.move(0, 0)  # or the page scrolls another chart under the pointer
    page.get_by_role("link", name="Monday: ").focus()
    expect(label).to_have_text(re.compile(r"^Monday: \d+ viewings$"))
    page.keyboard.press("Escape")
    expect(label).to_be_hidden()
    page.locator("#weeks figure").focus()
    page.keyboard.press("ArrowLeft")
    expect(label).to_have_text(re.compile(r"^Week of "))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/films\?watched_from=.*&watched_to="))


def test_without_script_years_tables_and_pages_work(browser: Browser, client: Client, site: str) -> None:
    opened = browser.new_context(java_script_enabled=False)
    page = opened.new_page()
    page.goto(site + upload(client, films=200))
    page.locator("#weekdays summary").click()
    expect(page.locator("#weekdays").get_by_role("row", name="Monday")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("page 2 of")).to_be_visible()
    page.get_by_role("navigation", name="Year of the calendar").get_by_role("link").nth(1).click()
    expect(page).to_have_url(re.compile(r"\?year=\d{4}#calendar$"))
    expect(page.locator("#years")).to_have_count(0)
    opened.close()


# ── With film facts ───────────────────────────────────────────────────────────────────────────
@pytest.fixture
def address(client: Client, transactional_db: None, settings: Any) -> str:
    """Give the page of a session whose films TMDB told of."""
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        path = upload(client, films=200)
        work_off()
    return path


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (768, "dark"), (1280, "light")])
def test_a_page_with_facts_and_posters_is_sound(
    browser: Browser, address: str, site: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    opened = browser.new_context(base_url=site, color_scheme=scheme, viewport={"width": width, "height": 844})
    page = opened.new_page()
    watcher = PosterWatcher(page, site)
    page.goto(address)
    for chapter in ("#when", "#facts", "#people", "#crowd", "#films"):
        page.locator(chapter).scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS) == 0
    for details in page.locator("details > summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).response["violations"] == []
    assert (watcher.faults, watcher.posters > 20) == ([], True)
    opened.close()


def test_every_link_of_the_page_leads_somewhere(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    found = {url.replace("&amp;", "&") for url in re.findall(rf'href="({address}[^"#]*)', html)}
    shapes = {re.sub(r"=[^&]*|\d+$", "", url.removeprefix(address)): url for url in found}
    assert {shape: client.get(url).status_code for shape, url in shapes.items()} == dict.fromkeys(shapes, 200)
