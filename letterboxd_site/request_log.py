"""One log line per request, and a filter that keeps paths out of every other line.

A session's id is its link, so a line carries the route's pattern and the id's first 8 hex digits, never the path.
"""

import logging
import re
import time
import traceback
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

_SHORT_ID = re.compile(r"[0-9a-f]{8}")

logger = logging.getLogger("letterboxd_site.requests")

_GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestLogMiddleware:
    """Log method, route, session, status and milliseconds of every request."""

    def __init__(self, get_response: _GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        milliseconds = (time.perf_counter() - started) * 1000
        logger.info("%s %s %d %.1f ms", request.method, route_of(request), response.status_code, milliseconds)
        return response


class RouteOnly(logging.Filter):
    """Put the route's pattern in the place of the path in the lines that Django writes about a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            paths = {request.path, request.path.encode("unicode_escape").decode("ascii")}
            record.args = tuple(route_of(request) if argument in paths else argument for argument in record.args)
        return True


class DiscreetFormatter(logging.Formatter):
    """Write tracebacks without the exception's text, which may quote a member's data, as PostgreSQL's errors do."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record, with a traceback of our own even where another formatter has left its."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        kind, _, traceback_ = ei
        lines = ["Traceback (most recent call last):\n", *traceback.format_tb(traceback_)]
        return "".join([*lines, kind.__qualname__ if kind else ""])


def route_of(request: HttpRequest) -> str:
    """Return the route's pattern with the first 8 characters of a session's id, or a dash where no route matches."""
    match = request.resolver_match
    if match is None:
        return "-"
    session = _SHORT_ID.match(str(match.kwargs.get("session_id", "")))
    return f"/{match.route} {session[0] if session else ''}".rstrip()
