"""What may go wrong with an answer of TMDB's or on its way. `server` applies it."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from functools import cache
from math import exp, log
from random import Random

from tests.fake_tmdb import answers
from tests.fake_tmdb.answers import Answer

LARGE = 6_000_000  # bytes; more than any answer has
PAGE = b"<html><head><title>Bad gateway</title></head><body><h1>cloudfront</h1></body></html>"


class Fault(Enum):
    """One way to fail; the `seconds` of `FakeTmdb.misbehave` say how slow or how long."""

    JSON_500 = auto()
    JSON_502 = auto()
    JSON_503 = auto()
    JSON_504 = auto()
    HTML_500 = auto()
    HTML_502 = auto()
    HTML_503 = auto()
    HTML_504 = auto()
    HTML_200 = auto()
    HTML_404 = auto()
    REDIRECT = auto()
    TOO_MANY = auto()  # 429 without a Retry-After
    TOO_MANY_FOR = auto()  # with one in seconds
    TOO_MANY_UNTIL = auto()  # with one as a date
    WRONG_TOKEN = auto()
    FORBIDDEN = auto()
    MALFORMED_JSON = auto()
    NOT_AN_OBJECT = auto()
    EMPTY_OBJECT = auto()
    WRONG_CONTENT_TYPE = auto()
    UNKNOWN_ENCODING = auto()
    LARGE_BODY = auto()
    GZIP_BOMB = auto()
    NO_GZIP = auto()  # said to be gzip
    # on the way
    TRUNCATED_GZIP = auto()
    SLOW_FIRST_BYTE = auto()
    SLOW_DRIP = auto()
    RESET = auto()
    RESET_IN_BODY = auto()
    CLOSED = auto()  # politely, without an answer


STATUS_CODES = {500: 11, 502: 43, 503: 9, 504: 24}  # status: TMDB's number
JSON_STATUS = {Fault[f"JSON_{status}"]: status for status in STATUS_CODES}
HTML_STATUS = {Fault[f"HTML_{status}"]: status for status in (*STATUS_CODES, 200, 404)}
ERROR_CODES = {Fault.TOO_MANY: 25, Fault.TOO_MANY_FOR: 25, Fault.TOO_MANY_UNTIL: 25, Fault.WRONG_TOKEN: 7}


def spoil(answer: Answer, fault: Fault, *, seconds: float) -> Answer:
    """Return what comes instead; an answer that is only spoilt on its way comes as it is."""
    if fault in JSON_STATUS:
        return answers.error(STATUS_CODES[JSON_STATUS[fault]])
    if fault in HTML_STATUS:
        return Answer(HTML_STATUS[fault], PAGE, content_type="text/html")
    if fault in ERROR_CODES:
        return answers.error(ERROR_CODES[fault], headers=_retry_after(fault, seconds))
    packed = {"Content-Encoding": "gzip"}
    spoilt = {
        Fault.REDIRECT: Answer(302, b"", headers={"Location": "https://elsewhere.invalid/3/"}),
        Fault.FORBIDDEN: Answer(403, b'{"success":false,"status_code":45,"status_message":"Suspended."}'),
        Fault.MALFORMED_JSON: replace(answer, body=answer.body[: len(answer.body) // 2]),
        Fault.NOT_AN_OBJECT: replace(answer, body=b"[1,2,3]"),
        Fault.EMPTY_OBJECT: replace(answer, body=b"{}"),
        Fault.WRONG_CONTENT_TYPE: replace(answer, content_type="text/plain"),
        Fault.UNKNOWN_ENCODING: replace(answer, headers={"Content-Encoding": "br"}),
        Fault.NO_GZIP: replace(answer, headers=packed),
    }
    if fault is Fault.LARGE_BODY:
        return replace(answer, body=answer.body + b" " * LARGE, headers={"Content-Encoding": "identity"})
    if fault is Fault.GZIP_BOMB:
        return replace(answer, body=_bomb(), headers=packed)
    return spoilt.get(fault, answer)


@cache
def _bomb() -> bytes:
    """Return a small body that unpacks to a large one."""
    return gzip.compress(b" " * 10 * LARGE)


def _retry_after(fault: Fault, seconds: float) -> dict[str, str]:
    """Return the header, and for a moment the Date it is measured from: an hour slow, as clocks are."""
    if fault is Fault.TOO_MANY_FOR:
        return {"Retry-After": f"{seconds:.0f}"}
    if fault is Fault.TOO_MANY_UNTIL:
        now = datetime.now(UTC) - timedelta(hours=1)
        until = now + timedelta(seconds=seconds)
        return {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(until, usegmt=True)}
    return {}


class RealLatency:
    """Seconds until an answer, drawn as TMDB's are: 150 ms in the median, 1.2 s for the slowest of a hundred."""

    MEDIAN, SLOWEST = 0.15, 1.2
    _SPREAD = log(SLOWEST / MEDIAN) / 2.326  # 99 % of a normal distribution lie below 2.326 deviations

    def __init__(self, *, seed: int = 0) -> None:
        self._rng = Random(seed)

    def __call__(self) -> float:
        return self.MEDIAN * exp(self._rng.gauss(0, self._SPREAD))
