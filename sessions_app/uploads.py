"""The use case of the door: an export comes in, an upload session with its movies comes out; and deletion.

Called by the API and, later, by the form. Nothing else opens or deletes upload sessions at a member's wish.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from movies_app import importing
from movies_app.archive import BroughtFile
from movies_app.errors import ExportError, UnreadableExport
from sessions_app.models import StatusConflict, StoredReceipt, UploadSession

logger = logging.getLogger(__name__)

GENERIC_MESSAGE = "Something went wrong on our side. Nothing of your export was kept."
GENERIC_HINT = "Please upload it again in a few minutes."


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


def receive(files: Sequence[BroughtFile], *, now: datetime, display_name: str = "") -> Received:
    """Import what a member brought and return the completed upload session.

    Raise `RefusedExport` before anything is written, `UploadFailed` after.
    """
    export = importing.open_export(files)
    metadata = {"files": export.sizes(), "ignored": export.ignored}
    upload_session, token = UploadSession.objects.open(now=now, display_name=display_name, metadata=metadata)
    try:
        imported = importing.read_export(export, today=now.date())
        receipt = _store(imported, upload_session, now=now)
    except UnreadableExport as error:
        _fail(upload_session, now=now, error=error)
        raise UploadFailed(upload_session.pk, error) from error
    except Exception as error:
        logger.exception("import of %s failed", upload_session.short_id)
        _fail(upload_session, now=now, error=None)
        raise UploadFailed(upload_session.pk, None) from error
    return Received(upload_session, token, receipt)


def delete(upload_session: UploadSession) -> None:
    """Delete an upload session with everything that belongs to it."""
    upload_session.delete()


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
        upload_session.complete(
            now=now, total_movies=imported.movies.height, metadata={"statistics": importing.statistics(imported.movies)}
        )
    return receipt


def _fail(upload_session: UploadSession, *, now: datetime, error: ExportError | None) -> None:
    """Record the failure, unless the sweep or the purge was here before."""
    try:
        if error:
            upload_session.fail(now=now, message=error.detail, code=error.code, file=error.file_name, hint=error.hint)
        else:
            upload_session.fail(now=now, message=GENERIC_MESSAGE, code="import_failed", hint=GENERIC_HINT)
    except StatusConflict:
        logger.warning("failure of %s could not be recorded", upload_session.short_id)
