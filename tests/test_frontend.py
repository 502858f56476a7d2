"""A frontend on another origin, in a real browser: its script knows only what docs/api.md promises."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from movies_app import made_up
from tests import processes
from tests.processes import Service

FILMS = 1_234
EXPORT = made_up.make_zip(made_up.make_export(films=FILMS, seed=11))
UNBALANCED = b'Date,Name,Year,Letterboxd URI\n2024-01-01,"Broken,2000,https://boxd.it/abcd\n'
TOO_LARGE = b"PK\x03\x04" + bytes(3 * 1024 * 1024)

FRONTEND = b"""<!doctype html>
<html lang="en">
<title>A frontend</title>
<input id="files" type="file" multiple aria-label="Your export">
<script>
const api = new URLSearchParams(location.search).get("api");

async function call(url, options = {}) {
  const answer = await fetch(url.startsWith("http") ? url : api + url, options);
  const text = await answer.text();
  return {
    status: answer.status,
    etag: answer.headers.get("ETag"),
    retryAfter: answer.headers.get("Retry-After"),
    body: text ? JSON.parse(text) : null,
  };
}

async function tryToCall(url, options) {
  try {
    return await call(url, options);
  } catch (error) {
    return error.name;
  }
}

function chosenFiles() {
  const form = new FormData();
  for (const file of document.querySelector("#files").files) form.append("files", file);
  return form;
}

const upload = () => call("/api/upload", {method: "POST", body: chosenFiles()});
const poll = (url, etag) => call(url, etag ? {headers: {"If-None-Match": etag}} : {});
const withToken = (token) => ({headers: {Authorization: `Bearer ${token}`}});
const remove = (id, token) => call(`/api/session/${id}`, {method: "DELETE", ...withToken(token)});

async function everyMovie(id) {
  const movies = [];
  let url = `/api/session/${id}/movies?per_page=500`;
  while (url) {
    const page = (await call(url)).body;
    movies.push(...page.results);
    url = page.next;
  }
  return movies;
}
</script>
</html>
"""


class FrontendHandler(BaseHTTPRequestHandler):
    """Answer every address with the one page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(FRONTEND)))
        self.end_headers()
        self.wfile.write(FRONTEND)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving_the_frontend() -> Iterator[str]:
    """Serve the page on a port of its own and give its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), FrontendHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    """Give the origin that the service lists, and one that it does not."""
    with serving_the_frontend() as listed, serving_the_frontend() as unlisted:
        yield listed, unlisted


@pytest.fixture(scope="module")
def service(origins: tuple[str, str]) -> Iterator[Service]:
    with processes.running_service(CORS_ALLOWED_ORIGINS=origins[0]) as service:
        yield service


@pytest.fixture
def frontend(page: Page, origins: tuple[str, str], service: Service) -> Page:
    page.goto(f"{origins[0]}/?api={service.url}")
    return page


@pytest.fixture
def stranger(page: Page, origins: tuple[str, str], service: Service) -> Page:
    page.goto(f"{origins[1]}/?api={service.url}")
    return page


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    payloads = [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    page.set_input_files("#files", payloads)  # type: ignore[arg-type]


def upload(page: Page) -> dict[str, Any]:
    """Upload a genuine-looking export from the page and return the answer's body."""
    choose(page, ("letterboxd-“me”-2026-01-31.zip", EXPORT))
    answer: dict[str, Any] = page.evaluate("upload()")
    assert answer["status"] == 201
    body: dict[str, Any] = answer["body"]
    return body


# ── The journey ──────────────────────────────────────────────────────────────────────────────


def test_a_frontend_uploads_follows_reads_and_deletes(frontend: Page) -> None:
    uploaded = upload(frontend)
    session_id, token = uploaded["session_id"], uploaded["manage_token"]
    assert uploaded["total_movies"] >= FILMS
    assert uploaded["receipt"]["movies"] == uploaded["total_movies"]

    first = frontend.evaluate("url => poll(url)", uploaded["status_url"])
    assert (first["status"], first["body"]["status"]) == (200, "completed")
    assert first["body"]["total_movies"] == uploaded["total_movies"]
    second = frontend.evaluate("([url, etag]) => poll(url, etag)", [uploaded["status_url"], first["etag"]])
    assert (second["status"], second["body"], second["etag"]) == (304, None, first["etag"])

    movies = frontend.evaluate("id => everyMovie(id)", session_id)
    assert [movie["position"] for movie in movies] == list(range(1, uploaded["total_movies"] + 1))
    assert len({movie["id"] for movie in movies}) == len(movies)

    assert frontend.evaluate("([id, token]) => remove(id, token)", [session_id, token])["status"] == 204
    for path in ("", "/status", "/movies", "/receipt"):
        gone = frontend.evaluate("url => call(url)", f"/api/session/{session_id}{path}")
        assert (gone["status"], gone["body"]["code"]) == (404, "not_found")
    again = frontend.evaluate("([id, token]) => remove(id, token)", [session_id, token])
    assert again["status"] == 404
    assert frontend.context.cookies() == []


def test_a_plain_poll_of_a_frontend_sees_the_deletion_whatever_its_cache_holds(frontend: Page) -> None:
    uploaded = upload(frontend)
    url = uploaded["status_url"]
    assert [frontend.evaluate("url => poll(url)", url)["status"] for _ in range(3)] == [200] * 3
    frontend.evaluate("([id, token]) => remove(id, token)", [uploaded["session_id"], uploaded["manage_token"]])
    assert frontend.evaluate("url => poll(url)", url)["status"] == 404


def test_a_frontend_shows_single_rows_of_the_receipt_to_the_owner_alone(frontend: Page) -> None:
    choose(frontend, ("watched.csv", b"Date,Name,Year,Letterboxd URI\n2024-01-01,Alien,1979,\n2024-01-01,,1979,\n"))
    body = frontend.evaluate("upload()")["body"]
    url = f"/api/session/{body['session_id']}/receipt"
    visitor = frontend.evaluate("url => call(url)", url)["body"]
    owner = frontend.evaluate("([url, token]) => call(url, withToken(token))", [url, body["manage_token"]])["body"]
    assert [len(receipt["files"][0]["skipped"]) for receipt in (visitor, owner)] == [0, 1]
    assert visitor["files"][0]["counts"] == owner["files"][0]["counts"]


def test_a_frontend_uploads_loose_files_together(frontend: Page) -> None:
    files = made_up.make_export(films=50, seed=12)
    choose(frontend, *((name, files[name]) for name in ("diary.csv", "watched.csv", "ratings.csv", "reviews.csv")))
    answer = frontend.evaluate("upload()")
    assert answer["status"] == 201
    assert {file["kind"] for file in answer["body"]["receipt"]["files"]} == {"watched", "ratings", "diary", "reviews"}


# ── Errors reach the frontend's script ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ([], 400, "no_file"),
        ([("photo.jpg", b"\xff\xd8\xff\xe0")], 400, "wrong_type"),
        ([("empty.csv", b"")], 400, "empty_file"),
        ([("watched.csv", b"Date,Year,Letterboxd URI\n2024-01-01,1979,\n")], 400, "missing_columns"),
        ([("export.zip", b"PK\x03\x04 not a ZIP")], 400, "corrupt_archive"),
        ([(f"{number}.csv", b"x") for number in range(41)], 400, "too_many_files"),
        ([("watched.csv", UNBALANCED)], 422, "unbalanced_quotes"),
    ],
)
def test_a_frontend_can_read_why_an_upload_failed(
    frontend: Page, files: list[tuple[str, bytes]], status: int, code: str
) -> None:
    choose(frontend, *files)
    answer = frontend.evaluate("upload()")
    assert (answer["status"], answer["body"]["code"]) == (status, code)
    assert answer["body"]["detail"]
    assert {"detail", "code", "file", "hint"} <= set(answer["body"])


def test_a_frontend_can_read_that_its_token_is_missing_or_wrong(frontend: Page) -> None:
    path = f"/api/session/{upload(frontend)['session_id']}"
    missing = frontend.evaluate("url => call(url, {method: 'DELETE'})", path)
    wrong = frontend.evaluate("url => call(url, {method: 'DELETE', ...withToken('wrong')})", path)
    assert (missing["status"], missing["body"]["code"]) == (401, "not_authenticated")
    assert (wrong["status"], wrong["body"]["code"]) == (403, "permission_denied")
    assert frontend.evaluate("url => call(url)", path)["status"] == 200


def test_a_frontend_can_read_errors_outside_the_views(frontend: Page) -> None:
    unknown = frontend.evaluate("call('/api/nothing-here')")
    assert (unknown["status"], unknown["body"]["code"]) == (404, "not_found")
    wrong_type = frontend.evaluate("call('/api/upload', {method: 'POST', body: '{}'})")
    assert (wrong_type["status"], wrong_type["body"]["code"]) == (415, "unsupported_media_type")
    wrong_method = frontend.evaluate("call('/api/upload')")
    assert (wrong_method["status"], wrong_method["body"]["code"]) == (405, "method_not_allowed")


def test_a_frontend_can_read_that_an_upload_is_too_large_and_when_to_come_back(
    page: Page, origins: tuple[str, str], service: Service
) -> None:
    with service.second_web(MAX_UPLOAD_MB="1", UPLOADS_PER_HOUR="2") as client:
        page.goto(f"{origins[0]}/?api={str(client.base_url).rstrip('/')}")
        choose(page, ("export.zip", TOO_LARGE))
        answers = [page.evaluate("upload()") for _ in range(3)]
    assert [answer["status"] for answer in answers] == [400, 400, 429]
    assert [answer["body"]["code"] for answer in answers] == ["too_large", "too_large", "throttled"]
    assert 0 < int(answers[2]["retryAfter"]) <= 3_600


# ── An origin that is not listed ─────────────────────────────────────────────────────────────


def test_an_origin_that_is_not_listed_can_read_no_answer(stranger: Page, service: Service) -> None:
    session_id = service.uploaded(processes.make_upload(films=20))["session_id"]
    for path in ("", "/status", "/movies", "/receipt"):
        assert stranger.evaluate("url => tryToCall(url)", f"/api/session/{session_id}{path}") == "TypeError"
    assert stranger.evaluate("tryToCall('/api/schema')") == "TypeError"
    choose(stranger, ("export.zip", EXPORT))
    assert stranger.evaluate("tryToCall('/api/upload', {method: 'POST', body: chosenFiles()})") == "TypeError"


def test_an_origin_that_is_not_listed_cannot_delete_even_with_the_token(stranger: Page, service: Service) -> None:
    body = service.uploaded(processes.make_upload(films=20))
    path, token = f"/api/session/{body['session_id']}", body["manage_token"]
    options = "{method: 'DELETE', ...withToken(token)}"
    assert stranger.evaluate(f"([url, token]) => tryToCall(url, {options})", [path, token]) == "TypeError"
    assert service.client.get(path).status_code == 200


# ── The page of the schema ───────────────────────────────────────────────────────────────────


class Watcher:
    """Everything a page did that it should not: errors, foreign requests, violations of its policy."""

    def __init__(self, page: Page, *, origin: str) -> None:
        self.complaints: list[str] = []
        self._origin = origin
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._note_request)
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.expose_function("noteViolation", partial(self._note, "violation"))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
        )

    def _note(self, kind: str, text: str) -> None:
        self.complaints.append(f"{kind}: {text}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(message.type, message.text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self._note("foreign request", request.url)


def test_the_page_of_the_schema_shows_every_operation_without_a_complaint(page: Page, service: Service) -> None:
    watcher = Watcher(page, origin=service.url)
    page.goto(f"{service.url}/api/docs", wait_until="networkidle")
    operations = page.locator(".opblock-summary-path")
    expect(operations.first).to_be_visible()
    paths = {text.replace("\u200b", "") for text in operations.all_inner_texts()}
    assert {"/api/upload", "/api/session/{session_id}", "/api/session/{session_id}/movies"} <= paths
    assert watcher.complaints == []


def test_the_page_of_the_schema_can_try_an_operation_out(page: Page, service: Service) -> None:
    session_id = service.uploaded(processes.make_upload(films=20))["session_id"]
    watcher = Watcher(page, origin=service.url)
    page.goto(f"{service.url}/api/docs", wait_until="networkidle")
    operation = page.locator("#operations-session-session_status")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("session_id").fill(session_id)
    operation.get_by_role("button", name="Execute").click()
    live = operation.locator(".live-responses-table .response-col_status")
    expect(live.last).to_contain_text("200")
    assert watcher.complaints == []
