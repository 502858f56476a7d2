"""System checks of the environment: values that let the service start and would hurt later."""

import re
from collections.abc import Sequence
from typing import Any

import httpx
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004

TMDB = "tmdb"  # the tag of the one check that goes to the network
TMDB_SECONDS = 5
_TOKEN = re.compile(r"[!-~]+")
_WHICH_TOKEN = "It is the API Read Access Token of themoviedb.org (Settings, API), not the shorter API Key."  # noqa: S105


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


def check_tmdb(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Ask TMDB once whether it accepts the token; return what is in the way of film facts."""
    if not settings.TMDB_TOKEN:
        return [Info("TMDB_TOKEN is empty: pages do without film facts.", hint=_WHICH_TOKEN, id="letterboxd_site.I001")]
    is_refused = Error("TMDB refuses TMDB_TOKEN.", hint=_WHICH_TOKEN, id="letterboxd_site.E003")
    if not _TOKEN.fullmatch(settings.TMDB_TOKEN):
        return [is_refused]
    address = f"{settings.TMDB_BASE_URL.rstrip('/')}/authentication"
    headers = {"Authorization": f"Bearer {settings.TMDB_TOKEN}", "Accept": "application/json"}
    try:
        answer = httpx.get(address, headers=headers, timeout=TMDB_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [_unreachable(type(error).__name__)]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return [is_refused]
    is_tmdb = answer.is_success and answer.headers.get("Content-Type", "").startswith("application/json")
    return [] if is_tmdb else [_unreachable(f"status {answer.status_code}")]


def _unreachable(reason: str) -> CheckMessage:
    return Warning(
        f"TMDB cannot be asked at TMDB_BASE_URL ({reason}): new films stay without facts until it can.",
        hint="If TMDB is well, see that this machine may reach it.",
        id="letterboxd_site.W004",
    )
