"""Pages that come in pieces, as over a bad line: nothing on the first screen moves as the rest arrives."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tests.test_charts_in_browser import upload
from tests.test_pages_in_browser import SHIFTS

PIECE = 400
"""Bytes, few enough for a board of figures to be cut in two."""
PAUSE = 0.03
"""Seconds between pieces, long enough for a browser to paint what it has."""
SLOW = 40 * PIECE
"""Bytes that come in pieces; what is after them is far below the first screen."""


IS_SHOWN_EARLY = """
    performance.getEntriesByName("first-contentful-paint")[0].startTime
        < performance.getEntriesByType("navigation")[0].responseEnd
"""


class SlowLine(BaseHTTPRequestHandler):
    """Hands on what a site answers, HTML in pieces."""

    site: str

    def do_GET(self) -> None:
        with urlopen(self.site + self.path) as answer:
            content, kind = answer.read(), answer.headers["Content-Type"]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        slow = SLOW if kind.startswith("text/html") else 0
        for start in range(0, slow, PIECE):
            self.wfile.write(content[start : min(start + PIECE, slow)])
            time.sleep(PAUSE)
        self.wfile.write(content[slow:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the site's own log has it."""


@pytest.fixture
def slow_line(site: str) -> Iterator[str]:
    """Yield the address at which the site answers slowly."""
    handler = type("Handler", (SlowLine,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_comes_in_pieces(
    browser: Browser, client: Client, slow_line: str, width: int
) -> None:
    stats = upload(client, films=200)
    numbers = client.get(f"/api{stats.replace('/stats/', '/session/')}/stats").json()
    year = max(numbers["by_year"], key=lambda told: told["viewings"])["year"]
    for path in ("/", stats, f"{stats}/{year}", f"{stats}/films"):
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        page.goto(slow_line + path)
        assert page.evaluate(SHIFTS) == 0, path
        if path == stats:
            assert page.evaluate(IS_SHOWN_EARLY)
        context.close()
