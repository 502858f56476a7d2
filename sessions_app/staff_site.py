"""The admin's site: who may come in, and what its first page tells.

Named in `letterboxd_site.admin_app`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from movies_app import catalogue, enrichment
from sessions_app.models import UploadSession
from sessions_app.throttling import give_back, take_place

LOGIN_TRIES = 10
LOGIN_SECONDS = 15 * 60
EXPIRING = timedelta(days=1)
# Sessions that are looked through for the last one that asked TMDB.
NEWEST = 20
_WAITING = ("todo", "doing")
_TROUBLES: dict[str, str] = {
    UploadSession.Enrichment.WRONG_TOKEN: "TMDB refuses the TMDB_TOKEN of the service: new films stay without facts.",
    UploadSession.Enrichment.UNREACHABLE: "TMDB did not answer for the last upload that asked it; it is tried again.",
}
_RANKS = {"sessions_app": 0, "movies_app": 1}


@dataclass(frozen=True)
class Figure:
    """A number of the first page, and the list of what it counts; no address where there is none to be seen."""

    label: str
    number: int
    address: str

    def __str__(self) -> str:
        return f"{self.number:,}"


class StaffLoginForm(AdminAuthenticationForm):
    """Ask for name and password, and let an address that was wrong too often wait."""

    def clean(self) -> dict[str, Any]:
        assert self.request is not None  # noqa: S101
        place = take_place("login", self.request, places=LOGIN_TRIES, seconds=LOGIN_SECONDS)
        if not place.key:
            raise ValidationError("Too many wrong tries. Please wait a quarter of an hour.", code="throttled")
        cleaned: dict[str, Any] = super().clean()
        give_back(place)
        return cleaned


class StaffSite(admin.AdminSite):
    site_header = "Letterboxd stats: staff"
    site_title = "Letterboxd stats"
    index_title = "What there is"
    login_form = StaffLoginForm
    enable_nav_sidebar = False  # its few lists are on the first page, and wide tables need the room

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the apps, ours first."""
        return sorted(
            super().get_app_list(request, app_label), key=lambda app: _RANKS.get(app["app_label"], len(_RANKS))
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        figures = figures_for(request, now=timezone.now())
        context = {"figures": figures, "trouble": trouble_with_tmdb() if figures else ""}
        return super().index(request, {**(extra_context or {}), **context})


def figures_for(request: HttpRequest, *, now: datetime) -> list[Figure]:
    """Return how the service does today, for those who may view upload sessions."""
    if not request.user.has_perm("sessions_app.view_uploadsession"):
        return []
    sessions = UploadSession.objects.all()
    is_failed = Q(status=UploadSession.Status.FAILED)
    today = created_today(sessions, now=now).aggregate(uploads=Count("pk"), failed=Count("pk", filter=is_failed))
    may_view_jobs = request.user.has_perm("procrastinate.view_procrastinatejob")
    may_view_films = request.user.has_perm("movies_app.view_film")
    jobs = f"{reverse('admin:procrastinate_procrastinatejob_changelist')}?in_queue=yes" if may_view_jobs else ""
    waiting = f"{reverse('admin:movies_app_film_changelist')}?only=waiting" if may_view_films else ""
    return [
        Figure("uploads today", today["uploads"], _sessions_with(created="today")),
        Figure("failed today", today["failed"], _sessions_with(created="today", status__exact="failed")),
        Figure("expiring within a day", expiring_soon(sessions, now=now).count(), _sessions_with(expiring="day")),
        Figure("jobs in the queue", in_queue(ProcrastinateJob.objects.all()).count(), jobs),
        Figure("films waiting for TMDB", catalogue.count_waiting(now=now), waiting),
    ]


def trouble_with_tmdb() -> str:
    """Return what staff should know: what the last upload that asked TMDB met with; nothing when all is well."""
    if not enrichment.is_on():
        return "Film facts are off: the service has no TMDB_TOKEN."
    newest = UploadSession.objects.exclude(status=UploadSession.Status.ENRICHING).order_by("-created_at", "-pk")
    for metadata in newest.values_list("metadata", flat=True)[:NEWEST]:
        # One whose films were all known says nothing of the token.
        if any(state["status"] == UploadSession.Status.ENRICHING for state in metadata.get("history", ())):
            return _TROUBLES.get(metadata.get("enrichment", ""), "")
    return ""


def created_today(sessions: QuerySet[UploadSession], *, now: datetime) -> QuerySet[UploadSession]:
    """Keep those opened since midnight UTC."""
    return sessions.filter(created_at__gte=now.replace(hour=0, minute=0, second=0, microsecond=0))


def expiring_soon(
    sessions: QuerySet[UploadSession], *, now: datetime, within: timedelta = EXPIRING
) -> QuerySet[UploadSession]:
    """Keep those that live, and no longer than that unless somebody visits them."""
    return sessions.filter(expires_at__gt=now, expires_at__lte=now + within)


def in_queue(jobs: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the jobs that wait or run."""
    return jobs.filter(status__in=_WAITING)


def _sessions_with(**filters: str) -> str:
    return f"{reverse('admin:sessions_app_uploadsession_changelist')}?{urlencode(filters)}"
