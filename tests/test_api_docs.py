"""/api/docs in a browser: the page that explains the API works, without a CDN and within the policy."""

import pytest
from django.test import Client
from playwright.sync_api import ConsoleMessage, FilePayload, Page, Request, Response, expect

from tests.builders import make_watched

OPERATIONS = {
    ("post", "/api/upload"),
    ("get", "/api/session/{session_id}"),
    ("delete", "/api/session/{session_id}"),
    ("get", "/api/session/{session_id}/status"),
    ("get", "/api/session/{session_id}/movies"),
    ("get", "/api/session/{session_id}/receipt"),
    ("get", "/api/session/{session_id}/stats"),
    ("get", "/api/session/{session_id}/export"),
    ("get", "/api/session/{session_id}/rankings/{kind}"),
    ("get", "/api/compare"),
}


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect everything that the browser complains of: errors, warnings of the policy, requests that fail."""
    texts: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            texts.append(message.text)

    def see(response: Response) -> None:
        if response.status >= 400:
            texts.append(f"{response.url} {response.status}")

    def miss(request: Request) -> None:
        texts.append(f"{request.url} {request.failure}")

    page.on("console", hear)
    page.on("response", see)
    page.on("requestfailed", miss)
    page.on("pageerror", lambda error: texts.append(str(error)))
    return texts


def open_docs(page: Page, site: str) -> None:
    page.goto(f"{site}/api/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=15_000)


def test_the_docs_show_every_operation(page: Page, site: str) -> None:
    open_docs(page, site)
    blocks = page.locator(".opblock").all()
    shown = {
        (
            block.locator(".opblock-summary-method").inner_text().lower(),
            block.locator("[data-path]").get_attribute("data-path"),
        )
        for block in blocks
    }
    assert shown == OPERATIONS


def test_the_docs_give_the_browser_nothing_to_complain_of(page: Page, site: str, complaints: list[str]) -> None:
    open_docs(page, site)
    page.locator(".opblock-summary").first.click()
    page.wait_for_timeout(500)
    assert complaints == []


def test_an_operation_can_be_tried_from_the_docs(page: Page, site: str) -> None:
    open_docs(page, site)
    block = page.locator(".opblock", has_text="/api/session/{session_id}/status")
    block.locator(".opblock-summary").first.click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_placeholder("session_id").fill("5b0c3a52-2f0e-4f5a-9a39-0d6c4f6f0c11")
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("404")
    expect(block.locator(".live-responses-table")).to_contain_text("not_found")


def test_a_file_can_be_uploaded_from_the_docs(page: Page, site: str) -> None:
    open_docs(page, site)
    block = page.locator(".opblock", has_text="/api/upload")
    block.locator(".opblock-summary").first.click()
    block.get_by_role("button", name="Try it out").click()
    if block.locator("input[type=file]").count() == 0:
        block.get_by_role("button", name="Add string item").click()
    file = FilePayload(name="watched.csv", mimeType="text/csv", buffer=make_watched("Alpha"))
    block.locator("input[type=file]").set_input_files(file, timeout=3_000)
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("201")


def test_the_docs_load_nothing_from_elsewhere(page: Page, site: str) -> None:
    urls: list[str] = []

    def note(request: Request) -> None:
        urls.append(request.url)

    page.on("request", note)
    open_docs(page, site)
    assert [url for url in urls if not url.startswith((f"{site}/", "data:", "blob:"))] == []


@pytest.mark.usefixtures("static_files")
def test_the_docs_alone_may_have_inline_style_and_never_inline_script(api: Client) -> None:
    policy = dict(
        directive.split(" ", 1)
        for directive in api.get("/api/docs")["Content-Security-Policy"].split("; ")
        if directive
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert not any("unsafe" in value for name, value in policy.items() if not name.startswith("style-src"))


@pytest.mark.usefixtures("static_files")
def test_every_page_leads_to_the_docs(api: Client) -> None:
    assert 'href="/api/docs"' in api.get("/").content.decode()
    assert api.get("/api/docs").status_code == 200
    assert api.options("/api/docs").status_code == 405
