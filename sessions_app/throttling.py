"""How many tries one address has: places in the shared cache, each taken for a while.

Taking a place is one atomic `add`, so that tries at once cannot share one. REST framework's own throttles read and
write the whole history and forget what happens in between.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from movies_app.errors import RefusedExport

HOUR = 3_600


@dataclass(frozen=True)
class Place:
    """A place that was taken, or with an empty `key` none: the next is free in `wait_seconds`."""

    key: str
    wait_seconds: float = 0.0


def take_place(purpose: str, request: HttpRequest | Request, *, places: int, seconds: int) -> Place:
    """Take one of the places that the request's address has for a purpose."""
    # Only headers are read, and both kinds of request have them.
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    secret = salted_hmac(f"{purpose}-throttle", address or "").hexdigest()
    keys = [f"{purpose}-{secret}-{number}" for number in range(places)]
    taken: dict[str, float] = cache.get_many(keys)
    now = time.time()
    key = next((key for key in keys if key not in taken and cache.add(key, now, seconds)), "")
    return Place(key) if key else Place("", max(1.0, min(taken.values(), default=now) + seconds - now))


def give_back(place: Place) -> None:
    """Free a place that was taken for nothing wrong."""
    cache.delete(place.key)


def seconds_until_upload(request: HttpRequest | Request) -> float:
    """Take a place for an upload and return 0, or how long the address has to wait for one."""
    if not settings.UPLOADS_PER_HOUR:
        return 0.0
    return take_place("upload", request, places=settings.UPLOADS_PER_HOUR, seconds=HOUR).wait_seconds


def too_many_uploads(wait_seconds: float) -> RefusedExport:
    """Return what an address is told that has to wait."""
    minutes = max(1, round(wait_seconds / 60))
    hint = f"Try again in {minutes} minute{'' if minutes == 1 else 's'}."
    return RefusedExport("Too many uploads came from your address.", code="throttled", hint=hint)


class UploadThrottle(BaseThrottle):
    """Let each address upload `UPLOADS_PER_HOUR` times in an hour; 0 for no limit."""

    wait_seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        self.wait_seconds = seconds_until_upload(request)
        return not self.wait_seconds

    def wait(self) -> float:
        return self.wait_seconds
