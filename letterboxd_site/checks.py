"""System checks of the environment: values that let the service start and would hurt later."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004


def check_environment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the environment, each with an id and a hint."""
    return [message for is_wrong, message in (*_errors(), *_warnings()) if is_wrong]


def _errors() -> list[tuple[bool, CheckMessage]]:
    return [
        (
            settings.SESSION_LIFETIME_DAYS < 1,
            Error("SESSION_LIFETIME_DAYS is below 1: every page would expire at once.", id="letterboxd_site.E001"),
        ),
        (
            settings.MAX_UPLOAD_MB < 1,
            Error("MAX_UPLOAD_MB is below 1: no export could be uploaded.", id="letterboxd_site.E002"),
        ),
    ]


def _warnings() -> list[tuple[bool, CheckMessage]]:
    return [
        (
            settings.HTTPS and not settings.PUBLIC_URL,
            Warning(
                "PUBLIC_URL is empty: links in answers follow the Host header.",
                hint="Set it to the address members use, as https://stats.example.org.",
                id="letterboxd_site.W001",
            ),
        ),
        (
            "*" in settings.ALLOWED_HOSTS,
            Warning("ALLOWED_HOSTS holds *: any Host header is believed.", id="letterboxd_site.W002"),
        ),
        (
            settings.UPLOADS_PER_HOUR == 0,
            Warning("UPLOADS_PER_HOUR is 0: uploads are not limited.", id="letterboxd_site.W003"),
        ),
    ]
