"""What the API and the pages share: the session that a request visits, its numbers, the files it brings, where it came.

A missing session is Django's `Http404`, which both doors answer in their own shape.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from rest_framework.request import Request

from movies_app import compare, stats
from movies_app.archive import BroughtFile
from movies_app.errors import RefusedExport
from movies_app.scope import ALL, Scope
from movies_app.taste import SIDES
from sessions_app import enriching
from sessions_app.models import IMPORTED, UploadSession


def visited(session_id: str, *, now: datetime) -> UploadSession:
    """Return the live session of that link; at most once an hour move its expiry on and have its facts refreshed."""
    upload_session: UploadSession | None = UploadSession.objects.of_link(session_id, now=now).first()
    if upload_session is None:
        raise Http404
    if upload_session.touch(now=now):
        enriching.look_after(upload_session, now=now)
    return upload_session


def imported(session_id: str, *, now: datetime) -> UploadSession:
    """Return the live session of that link, if it has films."""
    upload_session = visited(session_id, now=now)
    if upload_session.status not in IMPORTED:
        raise Http404
    return upload_session


def numbers_of(upload_session: UploadSession, scope: Scope = ALL) -> dict[str, Any]:
    """Return the numbers of a session within a scope, from the cache where they are kept."""
    return stats.cached(upload_session.as_subject(), scope=scope)


def ranking_of(upload_session: UploadSession, kind: str, *, by: str, scope: Scope) -> dict[str, Any]:
    """Return a ranking of a session within a scope, from the cache where it is kept."""
    return stats.ranking(upload_session.as_subject(), kind=kind, by=by, scope=scope)


def compared(a: str, b: str, *, now: datetime) -> tuple[dict[str, UploadSession], dict[str, Any]]:
    """Return the live sessions of two links, by side, and what they have in common and what sets them apart."""
    sessions = {side: imported(link, now=now) for side, link in zip(SIDES, (a, b), strict=True)}
    told = compare.compare(*(one.pk for one in sessions.values()))
    # Either may have gone while the other comparisons had their turn.
    if UploadSession.objects.live(now).filter(pk__in=[one.pk for one in sessions.values()]).count() < len(SIDES):
        raise Http404
    return sessions, told


def brought_files(request: HttpRequest | Request) -> list[BroughtFile]:
    """Return the files of the field `files`; raise `RefusedExport` when the upload was over the limit."""
    if request.META.get("upload.too_large"):
        raise RefusedExport(
            f"The upload is larger than {settings.MAX_UPLOAD_MB} MB.",
            code="too_large",
            hint="Upload the ZIP as it came from Letterboxd; a genuine one is far smaller.",
        )
    return [BroughtFile(file.name or "", file.read()) for file in request.FILES.getlist("files")]


def origin_of(request: HttpRequest | Request) -> str:
    """Return the address members reach the service at, without a slash at its end."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
