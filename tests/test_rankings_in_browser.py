"""Whole rankings in a real browser: every width, light and dark, with and without script."""

from typing import Any, Literal
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Page, expect

from tests.test_films_in_browser import check_sound, opened, session_id
from tests.test_pages_in_browser import WIDTHS

__all__ = ["opened", "session_id"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", WIDTHS)
def test_rankings_are_sound_at_every_width_in_light_and_dark(
    opened: Any, session_id: UUID, width: int, scheme: Literal["dark", "light"]
) -> None:
    page, watcher = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    rankings = f"/stats/{session_id}/rankings"
    for address in (
        *(f"{rankings}/actors?page=2", f"{rankings}/studios?by=rating&without_tv=true"),
        *(f"{rankings}/tags?by=rating&min_rated=50", f"{rankings}/tags?year=2023&rewatches_only=true&page=9"),
    ):
        check_sound(page, address)
    assert watcher.faults == []
    assert watcher.posters == 0


@pytest.mark.parametrize("window", [{}, {"java_script_enabled": False}], ids=["with script", "without script"])
def test_a_visitor_ranks_otherwise_and_opens_somebodys_films(
    opened: Any, session_id: UUID, window: dict[str, bool]
) -> None:
    page, watcher = opened(**window)
    page.goto(f"/stats/{session_id}/rankings/directors?without_tv=true")
    page.get_by_role("link", name="Actors").click()
    page.get_by_role("link", name="Best rated").click()
    expect(page.locator("h1")).to_have_text("Actors by average rating, of at least 3 rated films")
    page.get_by_role("link", name="5", exact=True).click()
    expect(page.locator("h1")).to_contain_text("of at least 5 rated films")
    page.get_by_role("link", name="Most seen").first.click()
    assert page.url.endswith("/rankings/actors?without_tv=true&min_rated=5")
    first = page.locator(".ranking tbody tr").first
    films = first.locator(".films").inner_text().split()[0]
    name = first.locator("a").inner_text()
    first.locator("a").click()
    expect(page.locator("h1")).to_contain_text(f"{films} film")
    expect(page.locator("h1")).to_contain_text(name)
    assert watcher.faults == []


def test_the_rank_the_bar_and_the_stars_stand_in_one_line_on_a_desk(opened: Any, session_id: UUID) -> None:
    page, _ = opened(viewport={"width": 1280, "height": 900})
    page.goto(f"/stats/{session_id}/rankings/genres")
    assert len(set(middles(page, ".ranking tbody tr:first-child :is(.films svg, .meter, a)"))) == 1
    bars = [box["width"] for box in boxes(page, ".ranking .bar")]
    assert bars == sorted(bars, reverse=True)


def test_a_ranking_is_a_table_to_those_who_hear_it(opened: Any, session_id: UUID) -> None:
    page, _ = opened(viewport={"width": 390, "height": 900})
    page.goto(f"/stats/{session_id}/rankings/genres")
    for name in ("Genre", "Films", "Average rating", "Rated"):
        expect(page.get_by_role("columnheader", name=name, exact=True)).to_have_count(1)
    assert page.get_by_role("rowheader").count() == page.locator(".ranking tbody tr").count() > 1
    assert Axe().run(page).response["violations"] == []


def boxes(page: Page, selector: str) -> list[FloatRect]:
    return [box for element in page.locator(selector).all() if (box := element.bounding_box())]


def middles(page: Page, selector: str) -> list[int]:
    return [round(box["y"] + box["height"] / 2) for box in boxes(page, selector)]
