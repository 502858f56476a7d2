"""UploadSession: one upload's life cycle, expiry and ownership; and its receipt.

Every status has one writer: the mutators below move it by `UPDATE … WHERE status IN (…)`, and a move that moves no
row raises `StatusConflict`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Least

from movies_app.keeping import Subject

TOUCH_INTERVAL = timedelta(hours=1)
STUCK_AFTER = timedelta(minutes=10)
# Sessions that one statement of a purge deletes: small enough that a visit never waits long for it.
PURGE_BATCH_SIZE = 100
# The made-up member's, the only link that may be guessed.
SAMPLE_ID = UUID("5a3b1e00-0000-4000-8000-000000000000")


class StatusConflict(Exception):
    """The upload session is not in a state from which it may move there, or it is gone."""


_PURGE = """
    DELETE FROM sessions
    WHERE id = ANY(ARRAY(
        SELECT id FROM sessions WHERE expires_at <= %(now)s ORDER BY expires_at, id LIMIT %(batch_size)s
    )) AND expires_at <= %(now)s
    RETURNING id, total_movies
"""
_PURGE_CHOSEN = "DELETE FROM sessions WHERE id = ANY(%s) RETURNING id, total_movies"


@dataclass(frozen=True)
class Purged:
    """What one batch of a purge removed."""

    session_ids: tuple[UUID, ...]
    movies: int

    @property
    def sessions(self) -> int:
        return len(self.session_ids)


class UploadSessionQuerySet(models.QuerySet["UploadSession"]):
    """Sets of upload sessions."""

    def live(self, now: datetime) -> Self:
        """Keep those that have not expired."""
        return self.filter(expires_at__gt=now)

    def of_link(self, link: str, *, now: datetime) -> Self:
        """Return the live one whose id the link ends in, as a set: unknown, expired and malformed alike give none."""
        try:
            key = UUID(link)
        except ValueError:
            return self.none()
        return self.live(now).filter(pk=key) if str(key) == link else self.none()

    def expired(self, now: datetime) -> Self:
        """Keep those whose time is over."""
        return self.filter(expires_at__lte=now)

    def stuck(self, now: datetime) -> Self:
        """Keep those whose import was cut off: nothing ends an import that takes this long but its end."""
        return self.filter(status__in=UNDER_WAY, created_at__lt=now - STUCK_AFTER)

    def purge(self, *, now: datetime, batch_size: int) -> Iterator["Purged"]:
        """Delete what has expired, a batch at a time, with all its rows; yield what each batch removed.

        Safe beside itself and beside visits: a session that was visited meanwhile has moved its expiry and stays.
        """
        while True:
            with connection.cursor() as cursor:
                cursor.execute(_PURGE, {"now": now, "batch_size": batch_size})
                gone = cursor.fetchall()
            if gone:
                yield Purged(tuple(key for key, _ in gone), movies=sum(total for _, total in gone))
            elif not self.expired(now).exists():
                return

    def purge_chosen(self, session_ids: Collection[UUID]) -> "Purged":
        """Delete these, expired or not, with all their rows by one statement; say which there were."""
        with connection.cursor() as cursor:
            cursor.execute(_PURGE_CHOSEN, [list(session_ids)])
            gone = cursor.fetchall()
        return Purged(tuple(key for key, _ in gone), movies=sum(total for _, total in gone))

    def extend(self, *, now: datetime, by: timedelta) -> int:
        """Let those that have not expired live so much longer; return how many there were."""
        return self.live(now).update(expires_at=F("expires_at") + by)

    def sample(self, now: datetime) -> "UploadSession | None":
        """Return the upload session of the made-up member, or None where it was not loaded."""
        return self.live(now).filter(pk=SAMPLE_ID).first()

    def open(
        self, *, now: datetime, display_name: str, metadata: Mapping[str, Any], pk: UUID | None = None
    ) -> tuple["UploadSession", str]:
        """Create an upload session in `processing`; return it and its manage token, of which only a hash is kept."""
        token = _token()
        history = [_state(UploadSession.Status.PROCESSING, now)]
        upload_session = self.create(
            pk=pk or uuid4(),
            created_at=now,
            last_accessed=now,
            expires_at=now + lifetime(),
            status=UploadSession.Status.PROCESSING,
            display_name=display_name,
            metadata={**metadata, "history": history},
            manage_token_hash=_hashed(token),
        )
        return upload_session, token


class UploadSession(models.Model):
    """One upload: who may manage it, how it stands, how long it lives."""

    class Status(models.TextChoices):
        UPLOADING = "uploading"
        PROCESSING = "processing"
        ENRICHING = "enriching"
        COMPLETED = "completed"
        FAILED = "failed"

    class Enrichment(models.TextChoices):
        """How the look at TMDB ended: what `metadata["enrichment"]` holds."""

        OFF = "off", "the service has no TMDB token"
        DONE = "done", "all films were looked for"
        WRONG_TOKEN = "wrong_token", "TMDB refuses the service's token"
        UNREACHABLE = "unreachable", "TMDB did not answer"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    last_accessed = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices)
    total_movies = models.IntegerField(default=0)
    enriched_count = models.IntegerField(default=0)
    error_message = models.TextField(null=True)
    error_code = models.TextField(null=True)
    error_file = models.TextField(null=True)
    error_hint = models.TextField(null=True)
    metadata = models.JSONField(default=dict)
    display_name = models.CharField(max_length=80, blank=True, default="")
    manage_token_hash = models.CharField(max_length=64)

    objects: ClassVar = UploadSessionQuerySet.as_manager()

    class Meta:
        db_table = "sessions"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["uploading", "processing", "enriching", "completed", "failed"]),
                name="sessions_status_known",
            ),
            models.CheckConstraint(
                condition=Q(enriched_count__gte=0, enriched_count__lte=F("total_movies")),
                name="sessions_enriched_within_total",
            ),
        ]
        # Staff list the newest first, and the newest that failed.
        indexes = [
            models.Index(fields=["created_at"], name="sessions_created"),
            models.Index(fields=["created_at"], condition=Q(status="failed"), name="sessions_failed"),
        ]

    def __str__(self) -> str:
        return self.short_id

    @property
    def short_id(self) -> str:
        """The first 8 hex digits: enough for a log, not enough for a visit."""
        return short_id(self.id)

    def complete(
        self,
        *,
        now: datetime,
        total_movies: int,
        metadata: Mapping[str, Any],
        enriched_count: int = 0,
        is_enriching: bool = False,
        leaving: Collection[Status] | None = None,
    ) -> None:
        """Move to `completed` with what the import gave, or to `enriching` when TMDB is to be asked for more.

        A newer export comes to a session that is `leaving` one of those two, in place of what the last one gave.
        """
        self._move(
            self.Status.ENRICHING if is_enriching else self.Status.COMPLETED,
            now=now,
            leaving=leaving,
            total_movies=total_movies,
            enriched_count=enriched_count,
            metadata={**self.metadata, **metadata},
        )

    def fail(self, *, now: datetime, message: str, code: str, file: str | None = None, hint: str = "") -> None:
        """Move to `failed` with words that a member understands."""
        self._move(
            self.Status.FAILED,
            now=now,
            metadata=self.metadata,
            error_message=message,
            error_code=code,
            error_file=file,
            error_hint=hint,
        )

    def count_enriched(self, movies: int) -> None:
        """Tell how many movies TMDB was asked for with an outcome; the count never goes back, nor above the total."""
        enriched_count = Least("total_movies", Greatest("enriched_count", Value(movies)))
        UploadSession.objects.filter(pk=self.pk).update(enriched_count=enriched_count)
        self.enriched_count = min(self.total_movies, max(self.enriched_count, movies))

    def end_enrichment(self, ending: Enrichment, *, now: datetime, enriched_count: int) -> None:
        """Move from `enriching` to `completed`, with what is known."""
        self._move(
            self.Status.COMPLETED,
            now=now,
            leaving=(self.Status.ENRICHING,),
            enriched_count=max(self.enriched_count, enriched_count),
            metadata={**self.metadata, "enrichment": ending},
        )

    def enrich_again(self, *, now: datetime) -> None:
        """Move from `completed` back to `enriching`: there is more to be asked for."""
        self._move(self.Status.ENRICHING, now=now, leaving=(self.Status.COMPLETED,), metadata=self.metadata)

    def rename(self, display_name: str) -> None:
        """Show another name, or none."""
        UploadSession.objects.filter(pk=self.pk).update(display_name=display_name)
        self.display_name = display_name

    @property
    def is_sample(self) -> bool:
        return self.pk == SAMPLE_ID

    @property
    def state(self) -> str:
        """A word that changes whenever what can be computed of the movies does; what is cached is kept under it.

        While facts come in, a second's worth at a time, it stays the same: then it `is_moving`.
        """
        count = "" if self.is_moving else self.enriched_count
        return f"{self.status}-{self.metadata['history'][-1]['at']}-{count}"

    def as_subject(self) -> Subject:
        """Return what is kept of it, or made of it, is kept under."""
        return Subject(self.pk, self.state, is_moving=self.is_moving)

    @property
    def is_moving(self) -> bool:
        """Whether facts of the films come in just now."""
        return self.status == self.Status.ENRICHING

    def touch(self, *, now: datetime) -> bool:
        """Move the expiry on after an access, at most once an hour; never back, where staff extended it.

        Return whether this was the access that did.
        """
        if now - self.last_accessed < TOUCH_INTERVAL:
            return False
        # Of visits at once one moves it.
        due = UploadSession.objects.filter(pk=self.pk, last_accessed__lte=now - TOUCH_INTERVAL)
        is_moved = bool(due.update(last_accessed=now, expires_at=Greatest("expires_at", Value(now + lifetime()))))
        self.last_accessed, self.expires_at = now, max(self.expires_at, now + lifetime())
        return is_moved

    def is_managed_by(self, token: str) -> bool:
        """Tell whether `token` is the manage token, in constant time."""
        return hmac.compare_digest(self.manage_token_hash, _hashed(token))

    def new_token(self) -> str:
        """Return a manage token that takes the place of the one before, of which only a hash is kept."""
        token = _token()
        self.manage_token_hash = _hashed(token)
        UploadSession.objects.filter(pk=self.pk).update(manage_token_hash=self.manage_token_hash)
        return token

    def _move(
        self,
        status: Status,
        *,
        now: datetime,
        metadata: Mapping[str, Any],
        leaving: Collection[Status] | None = None,
        **values: Any,
    ) -> None:
        """Move on from one of the states `leaving`, those of an import under way unless told otherwise."""
        history = [*metadata["history"], _state(status, now)]
        values |= {"status": status, "metadata": {**metadata, "history": history}}
        if not UploadSession.objects.filter(pk=self.pk, status__in=leaving or UNDER_WAY).update(**values):
            raise StatusConflict(f"{self.short_id} cannot become {status}")
        for name, value in values.items():
            setattr(self, name, value)


UNDER_WAY = (UploadSession.Status.UPLOADING, UploadSession.Status.PROCESSING)
IMPORTED = (UploadSession.Status.ENRICHING, UploadSession.Status.COMPLETED)


class StoredReceipt(models.Model):
    """The receipt of an upload session, apart from it so that a status poll never loads it."""

    session = models.OneToOneField(
        UploadSession, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="receipt"
    )
    content = models.JSONField()

    class Meta:
        db_table = "receipts"

    def __str__(self) -> str:
        return f"receipt of {short_id(self.session_id)}"

    def without_rows(self) -> dict[str, Any]:
        """Return the content as visitors may see it: every count, no single row."""
        files = [{**file, "skipped": [], "changed": []} for file in self.content["files"]]
        return {**self.content, "files": files}


def lifetime() -> timedelta:
    """Return how long a session lives after its last visit."""
    return timedelta(days=settings.SESSION_LIFETIME_DAYS)


def short_id(session_id: UUID) -> str:
    """Return the part of a session's id that may be shown and logged."""
    return session_id.hex[:8]


def _token() -> str:
    return secrets.token_urlsafe(32)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _state(status: UploadSession.Status, at: datetime) -> dict[str, str]:
    """Return an entry of the history of states."""
    return {"status": status, "at": at.isoformat(timespec="milliseconds")}
