"""Two members compared in a real browser: every width, light and dark, with and without script, facts and posters."""

from typing import Any, Literal

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from movies_app import made_up
from tests.builders import upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.test_compare_page import ratings
from tests.test_films_in_browser import check_sound, opened
from tests.test_pages_in_browser import WIDTHS
from tests.tmdb_jobs import use, work_off

__all__ = ["opened"]

pytestmark = pytest.mark.django_db(transaction=True)

WORLD = World.made_up(films=400)
EXPORTS = [made_up.make_zip(made_up.make_export(films=200, seed=seed)) for seed in (8, 9)]


@pytest.fixture
def pair(client: Client, transactional_db: None, settings: Any) -> str:
    """Give the address of the comparison of two members whose films TMDB told of, over HTTP."""
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        ids = [
            upload(client, ("export.zip", export), display_name=name)["session_id"]
            for export, name in zip(EXPORTS, ("Ada", "Bartholomäus von Pfaffenhofen"), strict=True)
        ]
        work_off()
    return f"/compare/{ids[0]}/{ids[1]}"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_comparison_is_sound_at_every_width_in_light_and_dark(
    opened: Any, pair: str, width: int, scheme: Literal["dark", "light"]
) -> None:
    page, watcher = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    check_sound(page, pair)
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for address in ("/compare", f"/compare?with={pair.rpartition('/')[2]}", "/compare?with=nothing"):
        check_sound(page, address)
    assert watcher.faults == [] or all("400" in fault for fault in watcher.faults)
    assert watcher.posters > 12


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("films", [0, 3, 40])
def test_a_comparison_without_facts_is_sound(opened: Any, client: Client, width: int, films: int) -> None:
    ids = [upload(client, ratings(films, own=own))["session_id"] for own in ("One", "Another")]
    page, watcher = opened(viewport={"width": width, "height": 900})
    check_sound(page, f"/compare/{ids[0]}/{ids[1]}")
    assert watcher.faults == []
    assert watcher.posters == 0


@pytest.mark.parametrize("window", [{}, {"java_script_enabled": False}], ids=["with script", "without script"])
def test_a_visitor_pastes_two_links_and_goes_on_to_a_film(
    opened: Any, pair: str, window: dict[str, bool], site: str
) -> None:
    page, watcher = opened(viewport={"width": 1280, "height": 900}, **window)
    one, other = pair.split("/")[2:]
    page.goto("/compare")
    paste(page, f"{site}/stats/{one}?year=2024#films", "nothing of the kind")
    field = page.get_by_label("The link to the other page")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    paste(page, f"{site}/stats/{one}?year=2024#films", other)
    expect(page.locator("h1")).to_contain_text("Ada and Bartholomäus")
    assert page.url == f"{site}{pair}"
    page.get_by_role("link", name="Swap the sides").click()
    expect(page.locator("h1")).to_contain_text("von Pfaffenhofen and Ada")
    page.locator("#to-see-a .wall a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert f"/stats/{one}/films/" in page.url
    assert [fault for fault in watcher.faults if "400" not in fault] == []


def paste(page: Page, one: str, other: str) -> None:
    page.get_by_label("The link to one page").fill(one)
    page.get_by_label("The link to the other page").fill(other)
    page.get_by_role("button", name="Compare").click()


def test_the_member_compares_with_their_own_films_from_the_page_of_another(opened: Any, client: Client) -> None:
    other = upload(client, ratings(12, own="Another"), display_name="Bo")["session_id"]
    page, _ = opened(viewport={"width": 1280, "height": 900})
    page.goto("/")
    name, content = ratings(12, own="One")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.locator("input[name=display_name]").fill("Ada")
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")
    page.get_by_role("link", name="Compare with another page").click()
    expect(page.get_by_label("The link to the other page")).to_have_value("")
    page.goto(f"/stats/{other}")
    page.get_by_role("link", name="Compare with your films").click()
    expect(page.locator("h1")).to_have_text("Ada and Bo")
