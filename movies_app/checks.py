"""The system check that goes to the network: whether TMDB accepts the token. `apps` registers it for deployments."""

import random
import time
from collections.abc import Sequence
from typing import Any

import httpx
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004

from movies_app import tmdb

TMDB = "tmdb"  # its tag
TMDB_SECONDS = 5.0
_WHICH_TOKEN = "It is the API Read Access Token of themoviedb.org (Settings, API), not the shorter API Key."  # noqa: S105


def check_tmdb(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Ask TMDB once whether it accepts the token; return what is in the way of film facts."""
    if not settings.TMDB_TOKEN:
        return [Info("TMDB_TOKEN is empty: pages do without film facts.", hint=_WHICH_TOKEN, id="movies_app.I001")]
    try:
        with _client() as client:
            client.check()
    except tmdb.WrongToken:
        return [Error("TMDB refuses TMDB_TOKEN.", hint=_WHICH_TOKEN, id="movies_app.E001")]
    except tmdb.TmdbError as error:
        return [_unreachable(str(error))]
    except httpx.InvalidURL as error:
        return [_unreachable(type(error).__name__)]
    return []


def _client() -> tmdb.Client:
    return tmdb.Client(
        settings.TMDB_TOKEN,
        base_url=settings.TMDB_BASE_URL,
        rate=settings.TMDB_REQUESTS_PER_SECOND,
        monotonic=time.monotonic,
        sleep=time.sleep,
        random=random.random,
        answer_seconds=TMDB_SECONDS,
    )


def _unreachable(reason: str) -> CheckMessage:
    return Warning(
        f"TMDB cannot be asked at TMDB_BASE_URL ({reason}): new films stay without facts until it can.",
        hint="If TMDB is well, see that this machine may reach it.",
        id="movies_app.W001",
    )
