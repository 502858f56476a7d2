"""Sharing in a real browser: the link is copied, the device's sheet opens, the pictures are saved."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from movies_app.made_up import make_export, make_zip
from tests.test_pages_in_browser import upload
from tests.test_pictures import checked

# Debian's Chromium has no share sheet: what a phone's does is told to the page.
SHEET = """
    navigator.canShare = ({ files }) => files.every((file) => file.type === "image/png");
    navigator.share = async (shared) => { window.shared = shared; };
"""
CLOSED_SHEET = "navigator.share = async () => { throw new DOMException('closed', 'AbortError'); };"
NO_SHEET = "delete Navigator.prototype.share;"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    path.write_bytes(make_zip(make_export(films=60, seed=1)))
    return path


def page_with(browser: Browser, site: str, export: Path, *, script: str) -> tuple[Page, str]:
    context = browser.new_context(base_url=site, permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(script)
    page = context.new_page()
    return page, upload(page, export)


@pytest.mark.parametrize("year", ["", "/2025"])
def test_a_visitor_copies_the_link(browser: Browser, site: str, export: Path, year: str) -> None:
    page, path = page_with(browser, site, export, script=NO_SHEET)
    page.context.clear_cookies()
    page.goto(f"{path}{year}")
    share = page.locator("#share")
    share.get_by_role("button", name="Copy").click()
    expect(share.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}{path}{year}"
    expect(share.get_by_role("button", name="Share …")).to_be_hidden()
    expect(share.get_by_role("button", name="Share the story")).to_be_hidden()


def test_the_sheet_of_the_device_gets_title_and_link(browser: Browser, site: str, export: Path) -> None:
    page, path = page_with(browser, site, export, script=SHEET)
    page.locator("#share").get_by_role("button", name="Share …").click()
    assert page.evaluate("window.shared") == {"title": "A life in films", "url": f"{site}{path}"}


def test_the_sheet_of_the_device_gets_the_story(browser: Browser, site: str, export: Path) -> None:
    page, _ = page_with(browser, site, export, script=SHEET)
    page.locator("#share").get_by_role("button", name="Share the story").click()
    expect(page.locator("[data-share-picture]")).to_be_enabled(timeout=20_000)
    name, size = page.evaluate("[window.shared.files[0].name, window.shared.files[0].size]")
    assert name == "letterboxd-stats-story.png"
    assert 10_000 < size < 300_000


def test_a_sheet_that_is_closed_is_no_fault(browser: Browser, site: str, export: Path) -> None:
    page, _ = page_with(browser, site, export, script=CLOSED_SHEET)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.locator("#share").get_by_role("button", name="Share …").click()
    page.wait_for_timeout(200)
    assert faults == []


def test_both_pictures_can_be_saved_and_one_is_seen(browser: Browser, site: str, export: Path) -> None:
    page, _ = page_with(browser, site, export, script=NO_SHEET)
    share = page.locator("#share")
    share.scroll_into_view_if_needed()
    shown = share.locator("img")
    assert shown.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 1200
    for name, file, size in (
        ("Save the picture", "letterboxd-stats.png", (1200, 630)),
        ("Save it as a story", "letterboxd-stats-story.png", (1080, 1920)),
    ):
        with page.expect_download() as saved:
            share.get_by_role("link", name=name).click()
        assert saved.value.suggested_filename == file
        assert checked(Path(saved.value.path()).read_bytes()) == size
