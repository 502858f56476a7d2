"""The client of TMDB's API, for `enrichment` and `checks`: searches and facts, at TMDB's pace, through its bad days.

Pure of Django and settings; the clocks, the sleep and chance are arguments. Errors, as one tree:

TmdbError
├── WrongToken       the operator's to mend: every further request would fail alike
├── NotFound         this id only
├── RefusedByTmdb    ours to mend: the request itself is wrong
└── Unavailable      nobody's: after three retries, so try later

No error and no `repr` carries the token, a URL or a title. httpx logs whole URLs: the settings keep its logger quiet.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self, TypeVar

import httpx
import orjson

from movies_app import tmdb_parsing
from movies_app.pacing import Interrupted, Pace
from movies_app.tmdb_facts import CollectionParts, Facts, MediaType, SearchResult

CONNECTIONS = 12
BURST = 4  # requests that may catch up at once after a late waking
CONNECT_SECONDS = 3
ANSWER_SECONDS = 10.0
RETRY_SECONDS = (0.5, 1.0, 2.0)  # each times one half to one and a half, so that threads come apart
MAX_PAUSE_SECONDS = 60.0
MAX_BODY_BYTES = 5_000_000  # unpacked; the largest known film takes 263,000

_TOKEN = re.compile(r"[!-~]+")
_WRONG_TOKEN, _NO_SUCH_ID, _TOO_MANY_REQUESTS, _TIME_OUT = 401, 404, 429, 408
_CODES_OF_NO_SUCH_ID = {6, 34}

Result = TypeVar("Result")
Parameters = Mapping[str, str | int]


class TmdbError(Exception):
    """TMDB did not give what was asked for."""

    def __str__(self) -> str:
        return super().__str__() or type(self).__doc__ or ""


class WrongToken(TmdbError):
    """TMDB does not accept the token."""


class NotFound(TmdbError):
    """TMDB has no film, series or collection with this id."""


class RefusedByTmdb(TmdbError):
    """TMDB refuses the request as wrong; `code` is its own number for the reason."""

    def __init__(self, status_code: int, code: int | None) -> None:
        super().__init__(f"TMDB refuses the request: status {status_code}, code {code}")
        self.status_code = status_code
        self.code = code


class Unavailable(TmdbError):
    """TMDB gave no proper answer; the text says what came instead."""


class Client:
    """TMDB, for up to `CONNECTIONS` threads at once; close it, or use it in a `with`.

    Methods raise what the tree above names, and `pacing.Interrupted` when `sleep` returns true (see `Pace`) and
    after `close`. A token that cannot be one is a `WrongToken` at once. To close it under threads that are asking,
    let `sleep` return true first; who waits for TMDB then, waits `answer_seconds` at most.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str,
        rate: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], bool | None],
        random: Callable[[], float],
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise WrongToken
        self._pace = Pace(rate=rate, burst=BURST, monotonic=monotonic, sleep=sleep)
        self._monotonic = monotonic
        self._random = random
        self._answer_seconds = answer_seconds
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    @property
    def requests(self) -> int:
        """Count the requests made so far, retries too."""
        return self._pace.taken

    def search(self, query: str, *, media_type: MediaType, year: int | None) -> list[SearchResult]:
        """Return the first twenty hits; `year` is that of any release of a film, of a series' first episode."""
        year_name = "year" if media_type == "movie" else "first_air_date_year"
        years = {} if year is None else {year_name: year}
        return self._get(
            f"search/{media_type}",
            {"query": query, "include_adult": "false", "language": "en-US", "page": 1, **years},
            read=lambda body: tmdb_parsing.read_search(body, media_type=media_type),
        )

    def facts(self, tmdb_id: int, *, media_type: MediaType) -> Facts:
        """Return what is kept of a film or series, from one request."""
        return self._get(
            f"{media_type}/{tmdb_id}",
            {"append_to_response": "credits,keywords,external_ids", "language": "en-US"},
            read=lambda body: tmdb_parsing.read_facts(body, media_type=media_type),
        )

    def collection(self, tmdb_id: int) -> CollectionParts:
        """Return a collection, such as a trilogy, with all its films."""
        return self._get(f"collection/{tmdb_id}", {"language": "en-US"}, read=tmdb_parsing.read_collection)

    def check(self) -> None:
        """Raise `WrongToken` unless TMDB accepts the token; ask once, whatever comes."""
        self._try("authentication", {}, read=lambda body: None)

    def _get(self, path: str, parameters: Parameters, *, read: Callable[[object], Result]) -> Result:
        for seconds in RETRY_SECONDS:
            try:
                return self._try(path, parameters, read=read)
            except Unavailable:
                self._pace.wait(seconds * (0.5 + self._random()))
        return self._try(path, parameters, read=read)

    def _try(self, path: str, parameters: Parameters, *, read: Callable[[object], Result]) -> Result:
        self._pace.take()
        if self._http.is_closed:
            raise Interrupted
        deadline = self._monotonic() + self._answer_seconds
        try:
            with self._http.stream("GET", path, params=parameters) as response:
                if response.status_code == _TOO_MANY_REQUESTS:
                    self._pace.slow_down(_retry_after(response.headers) or 1 + self._random())
                return read(_answer(response, self._within(deadline, response.iter_raw())))
        except httpx.TransportError as error:
            raise Unavailable(type(error).__name__) from error
        except tmdb_parsing.BrokenAnswer as error:
            raise Unavailable(str(error)) from error

    def _within(self, deadline: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the chunks on until the deadline: httpx only times the next one, and a drip never ends."""
        for chunk in chunks:
            yield chunk
            if self._monotonic() > deadline:
                raise Unavailable("too slow")


def _answer(response: httpx.Response, chunks: Iterator[bytes]) -> dict[str, object]:
    """Return the JSON object of an answer that is one; raise what another answer means."""
    status = response.status_code
    if status in {_TOO_MANY_REQUESTS, _TIME_OUT} or not (status == httpx.codes.OK or 400 <= status < 500):  # noqa: PLR2004
        raise Unavailable(f"status {status}")
    body = _json(response.headers, chunks)
    if status == httpx.codes.OK:
        return body
    code = body.get("status_code")
    if status == _WRONG_TOKEN:
        raise WrongToken
    if status == _NO_SUCH_ID and code in _CODES_OF_NO_SUCH_ID:
        raise NotFound
    raise RefusedByTmdb(status, code if isinstance(code, int) else None)


def _json(headers: httpx.Headers, chunks: Iterator[bytes]) -> dict[str, object]:
    """Read the body as a JSON object; a gateway's page is none, whatever its status."""
    if not headers.get("Content-Type", "").startswith("application/json"):
        raise Unavailable("not JSON")
    try:
        body = orjson.loads(_unpacked(headers.get("Content-Encoding", "identity"), chunks))
    except orjson.JSONDecodeError as error:
        raise Unavailable("broken JSON") from error
    if not isinstance(body, dict):
        raise Unavailable("not a JSON object")
    return body


def _unpacked(encoding: str, chunks: Iterator[bytes]) -> bytes:
    """Return the body, at most `MAX_BODY_BYTES` of it even while it is unpacked."""
    if encoding not in {"gzip", "identity"}:
        raise Unavailable("unknown encoding")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    body = bytearray()
    try:
        for chunk in chunks:
            body += gzip.decompress(chunk, MAX_BODY_BYTES + 1) if gzip else chunk
            if len(body) > MAX_BODY_BYTES:
                raise Unavailable("too large")
    except zlib.error as error:
        raise Unavailable("broken gzip") from error
    if gzip and not gzip.eof:
        raise Unavailable("broken gzip")
    return bytes(body)


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of a Retry-After that makes sense; a moment counts from the answer's own Date."""
    value = headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        seconds = float(value)
    else:
        try:
            seconds = (_moment(value) - _moment(headers.get("Date", ""))).total_seconds()
        except ValueError:
            return None
    return min(seconds, MAX_PAUSE_SECONDS) if seconds > 0 else None


def _moment(text: str) -> datetime:
    """Read an HTTP date, which is in GMT whether it says so or not."""
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
