"""The fake TMDB as a server on the loopback: `with FakeTmdb(World([…])) as fake:` and a client of `fake.url`.

One thread for each kept connection. What it does to an answer on its way is here, the rest in `answers` and `faults`.
"""

import contextlib
import gzip
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from movies_app.tmdb_facts import MediaType
from tests.fake_tmdb import answers, faults
from tests.fake_tmdb.answers import Answer
from tests.fake_tmdb.control import control
from tests.fake_tmdb.counts import Counting, Counts
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.world import Entry, World

TOKEN = "a-read-access-token-of-the-fake"
PREFIX = "/3/"
DRIP_BYTES = 16
GZIP_LEVEL = 5


@dataclass
class BadDay:
    """A fault that strikes so many requests whose path holds `where`; None is all of them."""

    fault: Fault
    times: int | None
    where: str
    seconds: float


class FakeTmdb:
    """A TMDB that can be told to have a bad day; use it in a `with`, or start and stop it.

    `latency` returns the seconds until an answer. Above `rate_limit` requests a second it answers 429, with
    `retry_after` seconds where given. It can be started again, on the same port, with its counts.
    """

    def __init__(
        self,
        world: World,
        *,
        token: str = TOKEN,
        port: int = 0,
        latency: Callable[[], float] | None = None,
        rate_limit: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.world = world
        self.token = token
        self.port = port
        self.latency = latency
        self.stopping = threading.Event()
        self.counting = Counting()
        self._limit = Limit(rate_limit, retry_after)
        self._bad_days: list[BadDay] = []
        self._lock = threading.Lock()
        self._server: Server | None = None
        self.details = lru_cache(maxsize=2_000)(answers.details)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base of all requests, with a slash at its end."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def counts(self) -> Counts:
        """What came in so far, as a copy."""
        return self.counting.snapshot()

    def start(self) -> None:
        self.stopping.clear()
        self._server = Server(self)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake TMDB").start()

    def stop(self) -> None:
        """Cut off everybody; whoever connects is refused from now on."""
        if self._server is not None:
            self.stopping.set()
            self._server.end()
            self._server = None

    def misbehave(self, fault: Fault, *, times: int | None = 1, where: str = "", seconds: float = 1) -> None:
        """Have a bad day from the next request on: the first one told comes first."""
        with self._lock:
            self._bad_days.append(BadDay(fault, times, where, seconds))

    def reset(self) -> None:
        """Have a good day, and count from zero."""
        with self._lock:
            self._bad_days.clear()
        self.counting.reset()

    def bad_day(self, path: str) -> BadDay | None:
        """Return what befalls a request to this path, and count it."""
        with self._lock:
            for day in self._bad_days:
                if day.where in path and day.times != 0:
                    day.times = day.times and day.times - 1
                    return day
        return None

    def refusal(self) -> Answer | None:
        """Return the 429 where the limit is passed."""
        return self._limit.refusal()


class Limit:
    """A token bucket that refuses instead of waiting; it holds the requests of one second."""

    def __init__(self, rate: int | None, retry_after: int | None) -> None:
        self._rate = rate
        self._headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._tokens = float(rate or 0)
        self._filled_at = time.monotonic()
        self._lock = threading.Lock()

    def refusal(self) -> Answer | None:
        if self._rate is None:
            return None
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._rate, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            if self._tokens < 1:
                return answers.error(25, headers=self._headers)
            self._tokens -= 1
            return None


class Server(ThreadingHTTPServer):
    """A thread for each connection, and an end that waits for all of them."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, fake: FakeTmdb) -> None:
        self.fake = fake
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", fake.port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        self.fake.counting.connect()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        self.fake.counting.disconnect()
        lingers = struct.unpack("ii", request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))[0]
        if lingers:  # a reset: no polite end before it
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the client hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # hung up already
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection, request after request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Keep quiet."""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        fake, url = self.server.fake, urlsplit(self.path)
        if (answer := control(fake, url)) is not None:
            return self._send(answer)
        path, query = url.path.removeprefix(PREFIX), {name: values[0] for name, values in parse_qs(url.query).items()}
        fake.counting.arrive(self.path, endpoint=path.rstrip("/0123456789"), at=time.monotonic())
        if fake.latency is not None:
            fake.stopping.wait(fake.latency())
        bad_day = fake.bad_day(path)
        answer = fake.refusal() or self._route(path, query, bad_day)
        if bad_day is not None:
            answer = faults.spoil(answer, bad_day.fault, seconds=bad_day.seconds)
        fake.counting.answer(answer.status)
        return self._send(answer, bad_day)

    # ── What is asked ─────────────────────────────────────────────────────────────────────────
    def _route(self, path: str, query: dict[str, str], bad_day: BadDay | None) -> Answer:
        if self.headers["Authorization"] != f"Bearer {self.server.fake.token}":
            return answers.error(7)
        match path.split("/"):
            case ["authentication"]:
                return answers.success()
            case ["search", "movie" | "tv" as media_type]:
                return self._search("movie" if media_type == "movie" else "tv", query)
            case ["movie" | "tv" as media_type, number] if number.isdecimal():
                entry = self.server.fake.world.find("movie" if media_type == "movie" else "tv", int(number))
                return self._details(entry, query, bad_day)
            case ["collection", number] if number.isdecimal():
                return self._collection(int(number), bad_day)
        return answers.error(34)

    def _search(self, media_type: MediaType, query: dict[str, str]) -> Answer:
        page = query.get("page", "1")
        if not query.get("query"):
            return answers.error(20)
        if not (page.isdecimal() and 1 <= int(page) <= answers.MAX_PAGE):
            return answers.error(22)
        year = query.get("year" if media_type == "movie" else "first_air_date_year", "")
        found = self.server.fake.world.search(
            query["query"], media_type=media_type, year=int(year) if year.isdecimal() else None
        )
        return answers.search(found, page=int(page))

    def _details(self, entry: Entry | None, query: dict[str, str], bad_day: BadDay | None) -> Answer:
        appended = tuple(filter(None, query.get("append_to_response", "").split(",")))
        if entry is None:
            return answers.error(34)
        if len(appended) > answers.MAX_APPENDED:
            return answers.error(27)
        if bad_day is None:
            self.server.fake.counting.fetch(entry.media_type, entry.tmdb_id)
        return self.server.fake.details(entry, appended=appended)

    def _collection(self, collection_id: int, bad_day: BadDay | None) -> Answer:
        parts = self.server.fake.world.parts_of(collection_id)
        if not parts:
            return answers.error(34)
        if bad_day is None:
            self.server.fake.counting.fetch_parts(collection_id)
        return answers.collection(parts)

    # ── How it gets there ─────────────────────────────────────────────────────────────────────
    def _send(self, answer: Answer, bad_day: BadDay | None = None) -> None:
        headers, body = dict(answer.headers), answer.body
        if "Content-Encoding" not in headers and "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"], body = "gzip", gzip.compress(body, GZIP_LEVEL)
        if bad_day is not None and bad_day.fault is Fault.TRUNCATED_GZIP:
            body = body[: len(body) // 2]
        if bad_day is not None and bad_day.fault is Fault.SLOW_FIRST_BYTE:
            self.server.fake.stopping.wait(bad_day.seconds)
        if bad_day is not None and bad_day.fault in {Fault.RESET, Fault.CLOSED}:
            return self._hang_up(resetting=bad_day.fault is Fault.RESET)
        self.send_response_only(answer.status)
        if "Date" not in headers:
            self.send_header("Date", self.date_time_string())
        for name, value in {**headers, "Content-Type": answer.content_type, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self._send_body(body, bad_day)
        return None

    def _send_body(self, body: bytes, bad_day: BadDay | None) -> None:
        if bad_day is not None and bad_day.fault is Fault.SLOW_DRIP:
            for start in range(0, len(body), DRIP_BYTES):
                self.wfile.write(body[start : start + DRIP_BYTES])
                self.wfile.flush()
                self.server.fake.stopping.wait(bad_day.seconds)
        elif bad_day is not None and bad_day.fault is Fault.RESET_IN_BODY:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self._hang_up(resetting=True)
        else:
            self.wfile.write(body)

    def _hang_up(self, *, resetting: bool) -> None:
        self.close_connection = True
        if resetting:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
