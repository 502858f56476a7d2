"""The year in review in a real browser: every width, light and dark, with and without script and posters, on paper."""

from typing import Any, Literal
from uuid import UUID

import pytest
from django.test import Client
from playwright.sync_api import expect

from movies_app import made_up
from tests.builders import upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.test_films_in_browser import check_sound, opened
from tests.test_pages_in_browser import WIDTHS
from tests.test_year_page import busiest_year, days_of, diary
from tests.tmdb_jobs import use, work_off

__all__ = ["opened"]

pytestmark = pytest.mark.django_db(transaction=True)

WORLD = World.made_up(films=1_000)
EXPORT = made_up.make_zip(made_up.make_export(films=300, seed=8))


@pytest.fixture
def review(client: Client, transactional_db: None, settings: Any) -> str:
    """Give the address of a full year whose films TMDB told of, over HTTP."""
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        answer = upload(client, ("export.zip", EXPORT), display_name="Ada")
        work_off()
    return f"/stats/{UUID(answer['session_id'])}/{busiest_year(client, answer)}"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_year_is_sound_at_every_width_in_light_and_dark(
    opened: Any, review: str, width: int, scheme: Literal["dark", "light"]
) -> None:
    page, watcher = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    check_sound(page, review)
    check_sound(page, f"{review.rpartition('/')[0]}/1999")
    assert watcher.faults == []
    assert watcher.posters >= 18


@pytest.mark.parametrize("width", [390, 960, 1280, 1920])
def test_a_numeral_does_not_reach_into_what_stands_beside_it(opened: Any, review: str, width: int) -> None:
    page, _ = opened(viewport={"width": width, "height": 900})
    page.goto(review)
    page.locator("#scene-words .huge strong").evaluate("strong => { strong.textContent = '12,345'; }")
    reach = page.locator(".huge").evaluate_all(
        """numerals => numerals.map((numeral) => {
            const written = document.createRange();
            written.selectNodeContents(numeral.querySelector("strong"));
            return written.getBoundingClientRect().right - numeral.getBoundingClientRect().right;
        })"""
    )
    assert len(reach) == 3
    assert max(reach) <= 0


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("viewings", [4, 40])
def test_a_year_without_facts_is_sound(opened: Any, client: Client, width: int, viewings: int) -> None:
    answer = upload(client, diary(*days_of(2024, viewings)))
    page, watcher = opened(viewport={"width": width, "height": 900})
    check_sound(page, f"/stats/{answer['session_id']}/2024")
    assert watcher.faults == []
    assert watcher.posters == 0


@pytest.mark.parametrize("window", [{}, {"java_script_enabled": False}], ids=["with script", "without script"])
def test_a_visitor_goes_from_scene_to_scene_and_to_the_films_of_a_number(
    opened: Any, review: str, window: dict[str, bool]
) -> None:
    page, watcher = opened(viewport={"width": 1280, "height": 900}, **window)
    page.goto(review)
    page.get_by_role("link", name="Roll the film").click()
    expect(page.locator("#scene-count")).to_be_in_viewport()
    page.get_by_role("navigation", name="Scenes").get_by_role("link", name="Genres").click()
    expect(page.locator("#scene-genres")).to_be_in_viewport()
    page.locator("#scene-genres .shares a").first.click()
    expect(page.locator("h1")).to_contain_text("seen in")
    page.go_back()
    page.get_by_role("link", name="All numbers of").click()
    page.wait_for_url("**/stats/*?year=*")
    assert watcher.faults == []


def test_keys_lead_on_and_the_dots_tell_where(opened: Any, review: str) -> None:
    page, _ = opened(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(review)
    here = page.locator(".scenes [aria-current]")
    expect(here).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(here).to_have_attribute("href", "#scene-count")
    page.keyboard.press("ArrowRight")
    expect(here).to_have_attribute("href", "#scene-bounds")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(here).to_have_count(0)


def test_nothing_moves_or_snaps_where_that_is_unwanted_or_the_window_small(opened: Any, review: str) -> None:
    for window, snap in (
        ({"viewport": {"width": 1280, "height": 900}}, "y"),
        ({"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}, "none"),
        ({"viewport": {"width": 390, "height": 844}}, "none"),
    ):
        page, _ = opened(**window)
        page.goto(review)
        assert page.evaluate("getComputedStyle(document.documentElement).scrollSnapType") == snap
        moving = page.evaluate("document.getAnimations().length")
        assert bool(moving) == ("reduced_motion" not in window)


def test_on_paper_it_is_a_plain_document(opened: Any, review: str) -> None:
    page, _ = opened(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page.goto(review)
    page.emulate_media(media="print")
    backgrounds = page.eval_on_selector_all(
        ".scene", "scenes => [...new Set(scenes.map(scene => getComputedStyle(scene).backgroundColor))]"
    )
    assert set(backgrounds) <= {"rgb(255, 255, 255)"}
    expect(page.locator(".wall")).to_be_hidden()
    expect(page.locator(".scenes")).to_be_hidden()
    expect(page.locator("#scene-count h2")).to_be_visible()
