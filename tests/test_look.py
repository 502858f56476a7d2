"""The look: templates render from their contexts alone, colours are tokens, the upload form works with and without
its script, and pages are sound at a phone's width, in light and dark.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, expect

from movies_app import importing, made_up
from movies_app.archive import BroughtFile
from sessions_app.forms import UploadForm
from sessions_app.sharing import Sharing
from tests.builders import make_watched

PROJECT_DIR = Path(__file__).resolve().parent.parent
STYLES = sorted((PROJECT_DIR / "static" / "css").glob("*.css"))
URLS = {name: f"/an/{name}" for name in ("stats", "manage", "receipt")}
PROBLEM = {"detail": "diary.csv lacks the column Name.", "file": "diary.csv", "hint": "Upload the ZIP."}
OWNER: dict[str, Any] = {
    "name": "Ada",
    "is_owner": True,
    "urls": URLS,
    "link": "https://stats.example/stats/0d3f2c1a",
    "created_on": date(2026, 1, 31),
    "expires_on": date(2026, 3, 2),
    "token": "",
    "token_error": False,
    "asks_to_lose_films": False,
    "leaves_out_texts": False,
    "upload_error": None,
    "since": None,
}
DAMAGED = (
    b"Date,Name,Year,Letterboxd URI\n"
    b"2024-01-01,Alpha,1979,https://boxd.it/aaaa\n2024-01-01,,1979,\n2024-01-01,Beta,3019,https://boxd.it/bbbb\n"
)
ZIP = ("letterboxd-ada-2026-01-31.zip", made_up.make_zip(made_up.make_export(films=60, seed=5)))
BROKEN = ("broken.zip", b"PK\x03\x04 not a ZIP")


def make_receipt(*files: tuple[str, bytes]) -> dict[str, Any]:
    export = importing.open_export([BroughtFile(name, content) for name, content in files])
    receipt: dict[str, Any] = importing.read_export(export, today=date(2026, 1, 31)).receipt.as_json()
    return receipt


SHARING = Sharing(
    title="Ada’s films",
    origin="https://stats.example.org",
    path="/stats/a",
    card="/stats/a/card.png?v=1",
    story="/stats/a/story.png?v=1",
    file="letterboxd-stats",
)


def home_with(*, form: UploadForm, error: dict[str, str] | None = None) -> dict[str, Any]:
    return {"form": form, "error": error, "sharing": SHARING, "max_mb": 50, "lifetime_days": 30}


def receipt_of(*files: tuple[str, bytes], is_owner: bool = True) -> dict[str, Any]:
    return {"name": "", "receipt": make_receipt(*files), "is_owner": is_owner, "urls": URLS}


PAGES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("home.html", home_with(form=UploadForm()), ["letterboxd.com", "up to 50&nbsp;MB", "30 days", 'name="files"']),
    (
        "home.html",
        home_with(form=UploadForm({"display_name": "A<d>a", "leave_out_texts": "on"}), error=PROBLEM),
        [PROBLEM["detail"], PROBLEM["hint"], "autofocus", 'value="A&lt;d&gt;a"', " checked>"],
    ),
    ("about.html", {"lifetime_days": 12, "max_mb": 34}, ["12 days", "34&nbsp;MB", "profile.csv", "/api/docs"]),
    ("receipt.html", receipt_of(ZIP), ["Every row was read", "Watched films", "The watchlist"]),
    (
        "receipt.html",
        receipt_of(("watched.csv", DAMAGED)),
        ["no name", "row 3</p>", "not a year between 1870 and 2100", "Year: row 4</p>"],
    ),
    ("manage.html", OWNER, ["2 March 2026", "31 January 2026", OWNER["link"], 'value="delete"', 'value="Ada"']),
    ("manage.html", {**OWNER, "token": "Zt3kq"}, ["shown only now", 'value="Zt3kq"']),
    ("manage.html", {**OWNER, "upload_error": PROBLEM}, [PROBLEM["detail"], "autofocus"]),
    (
        "manage.html",
        {**OWNER, "since": {"new_films": 1200, "new_viewings": 1, "changed_ratings": 0, "removed_films": 0}},
        ["Since last time", "1,200", "new viewing<", "changed ratings<"],
    ),
    ("manage.html", {**OWNER, "is_owner": False}, ['value="claim"', 'name="token"']),
    ("manage.html", {**OWNER, "is_owner": False, "token_error": True}, ['aria-invalid="true"', "not the key"]),
    ("deleted.html", {"deleted": {"films": 1, "viewings": 2500}}, ["1 film and", "2,500 viewings", 'href="/"']),
    (
        "error.html",
        {"status": 404, "title": "Nothing here", "text": "Deleted or expired.", "hint": "Upload again."},
        ["404", "Nothing here", "Deleted or expired.", "Upload again."],
    ),
]


def rendered(template: str, context: dict[str, Any]) -> str:
    """Return a page with single spaces."""
    return re.sub(r"\s+", " ", render_to_string(template, context, request=RequestFactory().get("/")))


# ── Templates ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(("template", "context", "said"), PAGES)
def test_a_page_says_what_its_context_holds(template: str, context: dict[str, Any], said: list[str]) -> None:
    page = rendered(template, context)
    assert [text for text in said if text not in page] == []


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(("template", "context", "said"), PAGES)
def test_a_page_has_one_heading_few_styles_and_nothing_inline(
    template: str, context: dict[str, Any], said: list[str]
) -> None:
    page = rendered(template, context)
    assert len(re.findall(r"<h1\b", page)) == 1
    assert page.count('rel="stylesheet"') <= 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert page.count("<form") == page.count("csrfmiddlewaretoken")


@pytest.mark.usefixtures("static_files")
def test_visitors_see_neither_rows_nor_what_is_the_owners() -> None:
    receipt = make_receipt(("watched.csv", DAMAGED))
    for file in receipt["files"]:
        file["skipped"] = file["changed"] = []
    page = rendered("receipt.html", {"name": "", "receipt": receipt, "is_owner": False, "urls": URLS})
    assert "no name" in page
    assert "<details" not in page
    assert "shown to the owner of the page alone" in page
    page = rendered("manage.html", {**OWNER, "is_owner": False, "token": "Zt3kq"})
    assert not re.search("Zt3kq|value=.delete|" + re.escape(OWNER["link"]), page)


@pytest.mark.usefixtures("static_files")
def test_a_receipt_without_rows_does_not_speak_of_them() -> None:
    damaged, whole = receipt_of(("watched.csv", DAMAGED)), receipt_of(ZIP)
    assert "Rows are numbered" in rendered("receipt.html", damaged)
    assert "Which rows they are" in rendered("receipt.html", damaged | {"is_owner": False})
    for is_owner in (True, False):
        page = rendered("receipt.html", whole | {"is_owner": is_owner})
        assert not re.search("Rows are numbered|Which rows they are", page)


# ── Styles ───────────────────────────────────────────────────────────────────────────────────


def without_tokens(style: str) -> str:
    """Return a style sheet without comments and without its `:root` blocks."""
    return re.sub(r":root\s*\{[^}]*\}", "", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


@pytest.mark.parametrize("path", [path for path in STYLES if path.name != "admin.css"], ids=lambda path: path.name)
def test_colours_come_from_tokens_alone(path: Path) -> None:
    rules = without_tokens(path.read_text())
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", rules) == []
    assert re.findall(r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(", rules) == []


def test_every_token_that_is_used_exists() -> None:
    styles = "".join(path.read_text() for path in STYLES if path.name != "admin.css")
    assert set(re.findall(r"var\((--[\w-]+)\)", styles)) <= set(re.findall(r"(--[\w-]+)\s*:", styles))


# ── In a browser ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    payloads = [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    page.set_input_files("#id_files", payloads)  # type: ignore[arg-type]


def check_look(page: Page) -> None:
    """Insist that nothing sticks out sideways, nothing moved while the page was built, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shifts = (
        "new Promise(done => { new PerformanceObserver(list => done(list.getEntries().map(entry => entry.value)))"
        ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done([]), 300) })"
    )
    assert sum(page.evaluate(shifts)) == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", ["/", "/about", "/nothing-here"])
def test_a_page_is_sound_on_a_phone(phone: Page, site: str, path: str) -> None:
    phone.goto(site + path)
    check_look(phone)


def test_the_pages_of_an_owner_are_sound_on_a_phone(phone: Page, site: str) -> None:
    phone.goto(site)
    choose(phone, ("watched.csv", DAMAGED))
    phone.get_by_role("button", name="Show my stats").click()
    phone.wait_for_url("**/stats/*")
    address = phone.url
    for page in ("receipt", "manage"):
        phone.goto(f"{address}/{page}")
        check_look(phone)
    phone.get_by_label("Yes, delete everything").check()
    phone.get_by_role("button", name="Delete for good").click()
    expect(phone.get_by_role("heading", name="Everything is gone.")).to_be_visible()
    check_look(phone)


def test_fingers_are_not_told_to_drop_anything(browser: Browser, site: str) -> None:
    context = browser.new_context(is_mobile=True, has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site)
    expect(page.get_by_text("The ZIP just as it came")).to_be_visible()
    expect(page.get_by_text("drop it here")).to_be_hidden()
    context.close()


def test_a_form_works_without_script(without_script: Page, site: str) -> None:
    page = without_script
    page.goto(site)
    choose(page, BROKEN)
    page.get_by_label("Name on the page").fill("Ada")
    page.get_by_role("button", name="Show my stats").click()
    expect(page.get_by_role("heading", name="broken.zip is damaged")).to_be_visible()
    expect(page.get_by_label("Name on the page")).to_have_value("Ada")
    choose(page, ZIP)
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")


def test_a_refused_upload_keeps_the_files_and_moves_to_what_was_wrong(page: Page, site: str) -> None:
    page.goto(site)
    choose(page, BROKEN)
    expect(page.locator("[data-chosen] li")).to_have_text("broken.zip1 kB")
    page.get_by_label("Leave out my reviews and tags").check()
    page.get_by_role("button", name="Show my stats").click()
    expect(page.get_by_role("group", name="broken.zip is damaged")).to_be_focused()
    assert page.url == f"{site}/"
    expect(page.locator("[data-chosen] li")).to_have_text("broken.zip1 kB")
    expect(page.get_by_label("Leave out my reviews and tags")).to_be_checked()
    assert page.locator("#id_files").evaluate("input => input.files.length") == 1


def test_a_newer_export_that_lacks_films_is_asked_about_with_the_files_still_chosen(page: Page, site: str) -> None:
    page.goto(site)
    page.set_input_files("#id_files", {"name": "watched.csv", "mimeType": "text/csv", "buffer": make_watched("A", "B")})
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")
    page.goto(f"{page.url}/manage")
    page.set_input_files("#id_files", {"name": "watched.csv", "mimeType": "text/csv", "buffer": make_watched("A")})
    page.get_by_role("button", name="Upload the newer export").click()
    expect(page.get_by_role("group", name="1 of your 2 films would go")).to_be_focused()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    page.get_by_label("Yes, replace them all the same").check()
    page.get_by_role("button", name="Upload the newer export").click()
    expect(page.get_by_role("heading", name="Since last time")).to_be_visible()


def test_an_upload_shows_how_far_it_is_and_leads_to_its_page(page: Page, site: str) -> None:
    page.goto(site)
    choose(page, ZIP)
    page.route("**/*", lambda route: None if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Show my stats").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("[data-submit]")).to_be_disabled()
    page.unroute_all()
    page.reload()
    choose(page, ZIP)
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")


def test_an_upload_that_is_cut_off_says_so_and_can_be_sent_again(page: Page, site: str) -> None:
    page.goto(site)
    choose(page, ZIP)
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Show my stats").click()
    expect(page.locator("[data-problem]")).to_contain_text("try again")
    page.unroute_all()
    page.get_by_role("button", name="Show my stats").click()
    page.wait_for_url("**/stats/*")


def test_of_a_dropped_folder_the_tables_are_taken_and_no_profile(page: Page, site: str, tmp_path: Path) -> None:
    for name in ("watched.csv", "likes/films.csv", "profile.csv", "deleted/diary.csv"):
        path = tmp_path / "letterboxd-ada" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(DAMAGED)
    page.goto(site)
    box = page.locator("[data-zone]").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(tmp_path / "letterboxd-ada")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": box["x"] + 9, "y": box["y"] + 9, "data": data})
    expect(page.locator("[data-chosen] li > :first-child")).to_have_text(["watched.csv", "films.csv"])
