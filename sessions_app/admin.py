"""Upload sessions and the queue in the admin: looked at, extended and purged, never edited.

A session's id is its link, so lists and the log of actions show its first 8 digits.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from procrastinate.contrib.django.models import ProcrastinateJob

from movies_app import catalogue, keeping
from movies_app.admin import movies_of
from movies_app.read_only_admin import ReadOnlyAdmin, id_range
from sessions_app import jobs, staff_site
from sessions_app.models import StoredReceipt, UploadSession, short_id

EXTENSION = timedelta(days=30)
# Rows of a file that the receipt names for each reason.
ROWS_NAMED = 12
_ENDS = (UploadSession.Status.COMPLETED, UploadSession.Status.FAILED)
_EXACT_BELOW = 10


# ── Filters ───────────────────────────────────────────────────────────────────────────────────
class CreatedFilter(admin.SimpleListFilter):
    title = "created"
    parameter_name = "created"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today (UTC)"), ("7", "Past 7 days"), ("30", "Past 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days, now = self.value(), timezone.now()
        if days == "today":
            return staff_site.created_today(queryset, now=now)
        return queryset.filter(created_at__gte=now - timedelta(days=int(days))) if days in {"7", "30"} else queryset


class ExpiringFilter(admin.SimpleListFilter):
    title = "expiry"
    parameter_name = "expiring"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("day", "Within a day"), ("week", "Within a week"), ("over", "Over, not purged yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        within, now = self.value(), timezone.now()
        if within == "over":
            return queryset.filter(expires_at__lte=now)
        days = {"day": 1, "week": 7}.get(within or "")
        return staff_site.expiring_soon(queryset, now=now, within=timedelta(days=days)) if days else queryset


class CodeFilter(admin.SimpleListFilter):
    """Why imports failed, in the words that are there."""

    title = "failed with"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = _failed(UploadSession.objects.all()).values_list("error_code", flat=True).distinct()
        return [(code, code) for code in codes.order_by("error_code") if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _failed(queryset).filter(error_code=self.value()) if self.value() else queryset


class QueueFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(jobs.QUEUE, "For TMDB")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(queue_name=self.value()) if self.value() else queryset


class InQueueFilter(admin.SimpleListFilter):
    title = "queue"
    parameter_name = "in_queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Waiting or running")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return staff_site.in_queue(queryset) if self.value() else queryset


# ── Upload sessions ───────────────────────────────────────────────────────────────────────────
@admin.register(UploadSession)
class UploadSessionAdmin(ReadOnlyAdmin):
    """What came in, how it stands and how long it lives; who may, extends and purges."""

    list_display = (
        *("session", "status", "films", "created", "expiry_date", "last_visit", "error_code", "import_time"),
        "page_link",
    )
    list_filter = ("status", CreatedFilter, ExpiringFilter, CodeFilter)
    ordering = ("-created_at",)
    sortable_by = ("created", "expiry_date")
    search_fields = ("pk",)
    search_help_text = "An upload session's link, its id, or the first digits of it."
    actions = ("extend", "purge_now")

    def get_fieldsets(self, request: HttpRequest, obj: UploadSession | None = None) -> Any:
        error = ("error_code", "error_message", "error_file", "error_hint")
        return (
            (None, {"fields": ("status", "display_name", "films", "import_time")}),
            ("Film facts", {"fields": ("asked", "facts")}),
            ("Time, in UTC", {"fields": ("created", "last_visit", "expires")}),
            *([("Error", {"fields": error})] if obj and obj.error_code else []),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        ids = id_range(search_term)
        return (queryset.filter(pk__range=ids) if ids else queryset.none()), False

    # What a list or a page shows of a session.
    @admin.display(description="session")
    def session(self, upload_session: UploadSession) -> str:
        return upload_session.short_id

    @admin.display(description="films")
    def films(self, upload_session: UploadSession) -> str:
        return f"{upload_session.total_movies:,}"

    @admin.display(description="created", ordering="created_at")
    def created(self, upload_session: UploadSession) -> str:
        return _moment(upload_session.created_at)

    @admin.display(description="expires", ordering="expires_at")
    def expires(self, upload_session: UploadSession) -> str:
        return _moment(upload_session.expires_at)

    @admin.display(description="expires", ordering="expires_at")
    def expiry_date(self, upload_session: UploadSession) -> str:
        return f"{upload_session.expires_at:%Y-%m-%d}"

    @admin.display(description="last visit")
    def last_visit(self, upload_session: UploadSession) -> str:
        return _moment(upload_session.last_accessed)

    @admin.display(description="import took")
    def import_time(self, upload_session: UploadSession) -> str:
        return _import_time(upload_session.metadata.get("history", []))

    @admin.display(description="TMDB")
    def asked(self, upload_session: UploadSession) -> str:
        """Tell how the look at TMDB stands, or how it ended."""
        if upload_session.status == UploadSession.Status.ENRICHING:
            return "is being asked"
        ending = upload_session.metadata.get("enrichment")
        return UploadSession.Enrichment(ending).label if ending in UploadSession.Enrichment else "-"

    @admin.display(description="films")
    def facts(self, upload_session: UploadSession) -> str:
        coverage = catalogue.coverage_of(upload_session.pk)
        in_doubt = f" ({coverage.ambiguous:,} of them ambiguous)" if coverage.ambiguous else ""
        return f"{coverage.found:,} found{in_doubt}, {coverage.unmatched:,} unmatched, {coverage.waiting:,} waiting"

    @admin.display(description="page")
    def page_link(self, upload_session: UploadSession) -> SafeString | str:
        address = self.view_on_site(upload_session)
        if not address:
            return "expired"
        return format_html('<a href="{}" aria-label="Page of {}">open</a>', address, upload_session.short_id)

    def view_on_site(self, upload_session: UploadSession) -> str | None:
        """Return the address of the member's page while there is one."""
        return reverse("stats", args=[upload_session.pk]) if upload_session.expires_at > timezone.now() else None

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj: UploadSession = context["original"]
        receipt = StoredReceipt.objects.filter(pk=obj.pk).first()
        metadata = dict(obj.metadata)
        history = metadata.pop("history", [])
        context |= {
            "title": "Upload session",
            "movies_url": movies_of(obj.pk) if request.user.has_perm("movies_app.view_movie") else None,
            "actions_url": reverse("admin:sessions_app_uploadsession_changelist"),
            "chosen": str(obj.pk),
            "action_choices": [(name, action[2]) for name, action in self.get_actions(request).items() if action],
            "receipt": receipt and receipt.content,
            "receipt_summary": _summary(receipt.content) if receipt else "",
            "receipt_files": [_told(file) for file in receipt.content["files"]] if receipt else [],
            "history": [(state["status"], state["at"][:23].replace("T", " ")) for state in history],
            "metadata": json.dumps(metadata, indent=2, ensure_ascii=False),
            "done_by_staff": _log_of(obj),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    # What staff may do with sessions.
    def has_extend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sessions_app.change_uploadsession")

    def has_purge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sessions_app.delete_uploadsession")

    @admin.action(description="Extend expiry by 30 days", permissions=["extend"])
    def extend(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        now, chosen = timezone.now(), self._chosen(request, queryset)
        if not chosen:
            return
        live = list(UploadSession.objects.filter(pk__in=chosen).live(now).values_list("pk", flat=True))
        with transaction.atomic():
            extended = UploadSession.objects.filter(pk__in=live).extend(now=now, by=EXTENSION)
            _log(request, live, flag=CHANGE, message="Expiry extended by 30 days.")
        self.message_user(request, f"Extended by 30 days: {_counted(extended, 'upload session')}.", messages.SUCCESS)
        if over := len(chosen) - extended:
            message = f"Not extended, because expired: {_counted(over, 'upload session')}."
            self.message_user(request, message, messages.WARNING)

    @admin.action(description="Purge now", permissions=["purge"])
    def purge_now(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        chosen = self._chosen(request, queryset)
        if not chosen:
            return None
        if "confirmed" not in request.POST:
            return self._confirmation(request, chosen)
        with transaction.atomic():
            purged = UploadSession.objects.purge_chosen(chosen)
            _log(request, purged.session_ids, flag=DELETION, message="Purged.")
        keeping.forget(purged.session_ids)
        message = f"Purged: {_counted(purged.sessions, 'upload session')} with {_counted(purged.movies, 'movie')}."
        self.message_user(request, message, messages.SUCCESS)
        return None

    def _chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[UUID]:
        """Return the ids of the rows that were chosen one by one: nobody acts on all pages at once."""
        if request.POST.get("select_across", "0") != "0":
            self.message_user(request, "Choose the upload sessions on the page.", messages.ERROR)
            return []
        chosen = list(queryset.values_list("pk", flat=True))
        if not chosen:
            self.message_user(request, "What was chosen is not there any more.", messages.WARNING)
        return chosen

    def _confirmation(self, request: HttpRequest, chosen: list[UUID]) -> TemplateResponse:
        sessions = UploadSession.objects.filter(pk__in=chosen).order_by("-created_at", "pk")
        rows = [(one.short_id, one.status, f"{one.total_movies:,}", _moment(one.created_at)) for one in sessions]
        context = {
            **self.admin_site.each_context(request),
            "title": "Purge now?",
            "opts": self.opts,
            "rows": rows,
            "sessions": _counted(len(rows), "upload session"),
            "movies": _counted(sum(one.total_movies for one in sessions), "movie"),
            "chosen": chosen,
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/sessions_app/uploadsession/purge_confirmation.html", context)


@dataclass(frozen=True)
class Reason:
    """How many rows of a file were skipped or changed for one reason, and the first of them."""

    what: str
    text: str
    count: int
    rows: str


def _told(file: dict[str, Any]) -> dict[str, Any]:
    """Return what a receipt says of one file, with its reasons, the most frequent first."""
    counts = file["counts"]
    reasons = [
        Reason(what, text, count, _rows_of(file[what], reason=text, count=count))
        for what in ("skipped", "changed")
        for text, count in sorted(counts[f"{what}_by_reason"].items(), key=lambda entry: -entry[1])
    ]
    numbers = {"rows": file["rows"], "used": file["used"], **{what: counts[what] for what in ("skipped", "changed")}}
    return {
        **{name: f"{number:,}" for name, number in numbers.items()},
        **{name: file[name] for name in ("file", "kind")},
        "reasons": reasons,
    }


def _summary(receipt: dict[str, Any]) -> str:
    """Return what the whole import gave, in a sentence."""
    given = [_counted(receipt.get(f"{noun}s", 0), noun) for noun in ("movie", "viewing")]
    if in_doubt := receipt.get("ambiguous", 0):
        given.append(f"{_counted(in_doubt, 'row')} that fitted several films")
    return ", ".join(given) + "."


def _rows_of(entries: Iterable[dict[str, Any]], *, reason: str, count: int) -> str:
    """Return the first rows that a reason was given for, as a spreadsheet numbers them."""
    first = list(islice((str(entry["row"]) for entry in entries if entry["reason"] == reason), ROWS_NAMED))
    return ", ".join(first) + (" …" if count > len(first) else "")


def _failed(sessions: QuerySet[UploadSession]) -> QuerySet[UploadSession]:
    return sessions.filter(status=UploadSession.Status.FAILED)


def _import_time(history: list[dict[str, str]]) -> str:
    """Return how long it took from the first state to the first end, in seconds."""
    ends = [datetime.fromisoformat(state["at"]) for state in history if state["status"] in _ENDS]
    if not ends or history[0]["status"] in _ENDS:
        return "-"
    seconds = (ends[0] - datetime.fromisoformat(history[0]["at"])).total_seconds()
    if seconds <= 0:
        return "-"
    return f"{seconds:.2f} s" if seconds < _EXACT_BELOW else f"{seconds:,.0f} s"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# ── Who did what ──────────────────────────────────────────────────────────────────────────────
def _log(request: HttpRequest, session_ids: Iterable[UUID], *, flag: int, message: str) -> None:
    """Record an action with the short ids alone: an object's id would be the member's link."""
    model, user_id = ContentType.objects.get_for_model(UploadSession), request.user.pk
    assert user_id is not None  # noqa: S101
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user_id,
            content_type=model,
            object_repr=short_id(session_id),
            action_flag=flag,
            change_message=message,
        )
        for session_id in session_ids
    )


def _log_of(upload_session: UploadSession) -> list[dict[str, str]]:
    model = ContentType.objects.get_for_model(UploadSession)
    entries = LogEntry.objects.filter(content_type=model, object_repr=upload_session.short_id)
    return [
        {"at": _moment(entry.action_time), "who": entry.user.get_username(), "what": entry.get_change_message()}
        for entry in entries.select_related("user").order_by("-action_time", "-pk")
    ]


# ── The queue ─────────────────────────────────────────────────────────────────────────────────
admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    """The jobs, in place of procrastinate's own lists: those carry inline styles, and let who may look cancel.

    What a job was given, and what it locks, holds a whole session id: so only its first digits are shown, and no job
    has a page.
    """

    list_display = ("id", "task_name", "session", "status", "attempts", "tmdb_was_down", "scheduled_at")
    list_display_links = None
    list_filter = (InQueueFilter, QueueFilter, "status")
    ordering = ("-id",)
    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    @admin.display(description="session")
    def session(self, job: ProcrastinateJob) -> SafeString | str:
        session_id = job.args.get("session_id")
        if not session_id:
            return "-"
        digits = short_id(UUID(session_id))
        address = reverse("admin:sessions_app_uploadsession_changelist", query={"q": digits})
        return format_html('<a href="{}">{}</a>', address, digits)

    @admin.display(description="TMDB was down")
    def tmdb_was_down(self, job: ProcrastinateJob) -> str:
        tries = job.args.get("tries")
        return f"{tries} times" if tries else "-"
