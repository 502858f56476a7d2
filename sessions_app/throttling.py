"""How many uploads one address may try in an hour."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

HOUR = 3_600


class UploadThrottle(BaseThrottle):
    """Give each address `UPLOADS_PER_HOUR` places in the shared cache, each taken for an hour; 0 for no limit.

    Taking a place is one atomic `add`, so that uploads at once cannot share one. REST framework's own throttles read
    and write the whole history and forget what happens in between.
    """

    def __init__(self) -> None:
        self.wait_seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        address = salted_hmac("upload-throttle", self.get_ident(request) or "").hexdigest()
        places = [f"upload-{address}-{number}" for number in range(settings.UPLOADS_PER_HOUR)]
        if not places:
            return True
        taken: dict[str, float] = cache.get_many(places)
        now = time.time()
        if any(place not in taken and cache.add(place, now, HOUR) for place in places):
            return True
        self.wait_seconds = max(1.0, min(taken.values(), default=now) + HOUR - now)
        return False

    def wait(self) -> float:
        return self.wait_seconds
