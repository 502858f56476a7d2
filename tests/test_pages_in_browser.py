"""The pages in a real browser, at a phone's, a tablet's and a desk's width, light and dark, with and without script."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from movies_app import made_up

WIDTHS = (390, 768, 1280)
SHIFTS = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 300);
})"""
# What a member may bring: much, nothing dated, five films, one.
EXPORTS = {
    "many films": made_up.make_export(films=400, seed=3),
    "no diary and no ratings": {"watched.csv": made_up.make_export(films=30, seed=4)["watched.csv"]},
    "five films": made_up.make_export(films=5, seed=5),
    "one film": made_up.make_export(films=1, seed=6),
}


@pytest.fixture(params=EXPORTS)
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "letterboxd-somebody.zip"
    path.write_bytes(made_up.make_zip(EXPORTS[request.param]))
    return path


class Watcher:
    """Collects what a page does that it should not: errors in the console, requests to other hosts."""

    def __init__(self, page: Page, site: str) -> None:
        self.faults: list[str] = []
        self.site = site
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self.see)

    def see(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.faults.append(request.url)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page_of_site(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Watcher]]:
    context = browser.new_context(base_url=site, java_script_enabled=request.param)
    page = context.new_page()
    yield page, Watcher(page, site)
    context.close()


def upload(page: Page, export: Path) -> str:
    """Upload by the form, as a member does; return the path of the stats page."""
    page.goto("/")
    page.set_input_files("input[type=file]", export)
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")
    return "/stats/" + page.url.rpartition("/")[2]


def test_a_member_uploads_looks_manages_and_deletes(page_of_site: tuple[Page, Watcher], export: Path) -> None:
    page, watcher = page_of_site
    path = upload(page, export)
    expect(page.locator("h1")).to_be_visible()
    assert page.goto(f"{path}/receipt").ok  # type: ignore[union-attr]
    assert page.goto(f"{path}/manage").ok  # type: ignore[union-attr]
    page.locator("input[name=display_name]").fill("Ada")
    page.locator("button[value=rename]").click()
    page.goto(path)
    expect(page.locator("h1")).to_contain_text("Ada")
    page.goto(f"{path}/manage")
    page.locator("input[name=confirm]").check()
    page.locator("button[value=delete]").click()
    expect(page.locator("main")).to_contain_text("gone")
    assert watcher.faults == []
    assert page.goto(path).status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("export", "width", "scheme"),
    [
        *(("many films", width, scheme) for width in WIDTHS for scheme in ("dark", "light")),
        *((name, *window) for name in list(EXPORTS)[1:] for window in ((390, "light"), (1280, "dark"))),
    ],
    indirect=["export"],
)
def test_pages_are_sound_at_every_width_in_light_and_dark(
    browser: Browser, site: str, export: Path, width: int, scheme: Literal["dark", "light"]
) -> None:
    context = browser.new_context(base_url=site, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    watcher = Watcher(page, site)
    path = upload(page, export)
    for address in ("/", "/about", path, f"{path}?year=2023", f"{path}/receipt", f"{path}/manage"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(SHIFTS) == 0, address
        found = Axe().run(page).response["violations"]
        assert found == [], f"{address}: {json.dumps(found, indent=1)[:2_000]}"
    assert watcher.faults == []
    context.close()


def test_what_is_refused_is_told_in_the_page(page_of_site: tuple[Page, Watcher], tmp_path: Path) -> None:
    page, _ = page_of_site
    picture = tmp_path / "holiday.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    page.goto("/")
    page.set_input_files("input[type=file]", picture)
    page.locator("input[name=display_name]").fill("Ada")
    page.get_by_role("button", name="Show my stats").click()
    expect(page.get_by_role("group", name="holiday.png is neither")).to_be_focused()
    expect(page.locator("input[name=display_name]")).to_have_value("Ada")
