"""The use case of the door: an export comes in, an upload session with its movies comes out; renewal and deletion.

Called by the API and the pages. Nothing else opens, renews or deletes upload sessions at a member's wish.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction

from movies_app import catalogue, enrichment, importing, keeping
from movies_app.archive import BroughtFile
from movies_app.errors import ExportError, RefusedExport, UnreadableExport
from sessions_app import jobs
from sessions_app.models import IMPORTED, PURGE_BATCH_SIZE, Purged, StatusConflict, StoredReceipt, UploadSession

logger = logging.getLogger(__name__)

GENERIC_MESSAGE = "Something went wrong on our side. Nothing of your export was kept."
GENERIC_HINT = "Please upload it again in a few minutes."
# The share of the films that a newer export may lack without a question: members do unmark films.
MOST_LOST = 0.2


@dataclass(frozen=True)
class Received:
    """An upload that is stored. `manage_token` is shown once; only its hash was kept."""

    upload_session: UploadSession
    manage_token: str = field(repr=False)
    receipt: dict[str, Any] = field(repr=False)


class UploadFailed(Exception):
    """The import failed after the upload session was opened: it is marked failed, no movie and no film remains.

    `error` says what is wrong with the export; it is None where the fault is ours.
    """

    def __init__(self, session_id: UUID, error: ExportError | None) -> None:
        super().__init__(str(error) if error else GENERIC_MESSAGE)
        self.session_id = session_id
        self.error = error


class LosesFilms(RefusedExport):
    """A newer export lacks so many of the films that it may be another one's, or only a part."""

    def __init__(self, *, films: int, of: int) -> None:
        super().__init__(
            f"With this export {films:,} of your {of:,} films would go.",
            code="loses_films",
            hint="Nothing has changed. If it is the right one and whole, upload it again and tick the box below.",
        )


def receive(
    files: Sequence[BroughtFile],
    *,
    now: datetime,
    display_name: str = "",
    leave_out_texts: bool = False,
    session_id: UUID | None = None,
) -> Received:
    """Import what a member brought and return the completed upload session, whose link nobody can guess.

    Only the sample brings a `session_id` of its own.

    Raise `RefusedExport` before anything is written, `UploadFailed` after.
    """
    started = monotonic()
    export = importing.open_export(files)
    metadata = {"files": export.sizes(), "ignored": export.ignored, "leaves_out_texts": leave_out_texts}
    upload_session, token = UploadSession.objects.open(
        now=now, display_name=display_name, metadata=metadata, pk=session_id
    )
    try:
        imported = importing.read_export(export, today=now.date(), leave_out_texts=leave_out_texts)
        receipt = _store(imported, upload_session, now=now + timedelta(seconds=monotonic() - started))
    except UnreadableExport as error:
        _fail(upload_session, now=now, error=error)
        raise UploadFailed(upload_session.pk, error) from error
    except Exception as error:
        logger.exception("import of %s failed", upload_session.short_id)
        _fail(upload_session, now=now, error=None)
        raise UploadFailed(upload_session.pk, None) from error
    return Received(upload_session, token, receipt)


def renew(
    upload_session: UploadSession,
    files: Sequence[BroughtFile],
    *,
    now: datetime,
    leave_out_texts: bool = False,
    may_lose_films: bool = False,
) -> None:
    """Put a newer export in place of what an upload session holds, under the same link.

    Raise `ExportError` for one that cannot be read, `LosesFilms` for one that lacks many films and may not,
    `StatusConflict` when the session is gone: then everything stays as it was.
    """
    export = importing.open_export(files)
    imported = importing.read_export(export, today=now.date(), leave_out_texts=leave_out_texts)
    with transaction.atomic():
        # Two newer exports at once come one after the other.
        current = UploadSession.objects.select_for_update().filter(pk=upload_session.pk).first()
        if current is None:
            raise StatusConflict(f"{upload_session.short_id} is gone")
        changes = importing.replace(imported, session_id=current.pk)
        if changes.removed_films > MOST_LOST * current.total_movies and not may_lose_films:
            raise LosesFilms(films=changes.removed_films, of=current.total_movies)
        StoredReceipt.objects.update_or_create(session=current, defaults={"content": imported.receipt.as_json()})
        metadata = {
            "files": export.sizes(),
            "ignored": export.ignored,
            "leaves_out_texts": leave_out_texts,
            "since": {**asdict(changes), "at": current.metadata["history"][-1]["at"]},
        }
        _complete(current, imported, now=now, metadata=metadata, leaving=IMPORTED)
    keeping.forget([upload_session.pk])


def delete(upload_session: UploadSession) -> dict[str, int]:
    """Delete an upload session with everything that belongs to it; return how many films and viewings that were."""
    removed = {
        "films": upload_session.total_movies,
        "viewings": upload_session.metadata.get("statistics", {}).get("viewings", 0),
    }
    session_id = upload_session.pk
    # Not by the instance, whose id would be gone with it.
    UploadSession.objects.filter(pk=session_id).delete()
    keeping.forget([session_id])
    return removed


def purge(*, now: datetime, batch_size: int = PURGE_BATCH_SIZE) -> Iterator[Purged]:
    """Delete what has expired with all that was computed of it, a batch at a time; yield what each removed."""
    for batch in UploadSession.objects.purge(now=now, batch_size=batch_size):
        keeping.forget(batch.session_ids)
        yield batch
    keeping.remove_expired(now=now)


def sweep(*, now: datetime) -> int:
    """Fail the upload sessions whose import was cut off, by a crash say; return how many."""
    count = 0
    for upload_session in UploadSession.objects.stuck(now).order_by("created_at", "pk"):
        _fail(upload_session, now=now, error=None)
        count += 1
    return count


def _store(imported: importing.Imported, upload_session: UploadSession, *, now: datetime) -> dict[str, Any]:
    """Write movies, films, receipt and status in one transaction and return the receipt."""
    receipt = imported.receipt.as_json()
    with transaction.atomic():
        importing.store(imported, session_id=upload_session.pk)
        StoredReceipt.objects.create(session=upload_session, content=receipt)
        _complete(upload_session, imported, now=now, metadata={})
    return receipt


def _complete(
    upload_session: UploadSession,
    imported: importing.Imported,
    *,
    now: datetime,
    metadata: Mapping[str, Any],
    leaving: Collection[UploadSession.Status] | None = None,
) -> None:
    """Record what the import gave, and have TMDB asked for what is not known of its films and their collections."""
    coverage = catalogue.coverage_of(upload_session.pk)
    is_enriching = enrichment.is_on() and (
        coverage.waiting > 0 or bool(catalogue.collections_due_of(upload_session.pk, now=now))
    )
    ending = UploadSession.Enrichment.OFF if coverage.waiting else UploadSession.Enrichment.DONE
    upload_session.complete(
        now=now,
        total_movies=imported.movies.height,
        metadata={
            **metadata,
            "statistics": importing.statistics(imported.movies),
            "enrichment": None if is_enriching else ending,
        },
        enriched_count=coverage.settled,
        is_enriching=is_enriching,
        leaving=leaving,
    )
    if is_enriching:
        jobs.queue_enrichment(upload_session.pk)


def _fail(upload_session: UploadSession, *, now: datetime, error: ExportError | None) -> None:
    """Record the failure, unless the sweep or the purge was here before."""
    try:
        if error:
            upload_session.fail(now=now, message=error.detail, code=error.code, file=error.file_name, hint=error.hint)
        else:
            upload_session.fail(now=now, message=GENERIC_MESSAGE, code="import_failed", hint=GENERIC_HINT)
    except StatusConflict:
        logger.warning("failure of %s could not be recorded", upload_session.short_id)
