"""How many uploads one address may try in an hour."""

from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class UploadThrottle(SimpleRateThrottle):
    """Count uploads per address in the shared cache; `UPLOADS_PER_HOUR=0` switches it off."""

    scope = "upload"

    def get_rate(self) -> str | None:
        return f"{settings.UPLOADS_PER_HOUR}/hour" if settings.UPLOADS_PER_HOUR else None

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return a key that the address cannot be read from."""
        return f"upload-throttle-{salted_hmac('upload-throttle', self.get_ident(request) or '').hexdigest()}"
