"""Every error of the JSON API in one shape, and the one place where errors meet HTTP codes.

    {"detail": "…", "code": "…", "file": "diary.csv" or null, "hint": "what to do"}

A failed import also names its `session_id`.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from movies_app.errors import RefusedExport
from movies_app.takeout import Gone
from movies_app.turns import Busy
from sessions_app.throttling import too_many_uploads
from sessions_app.uploads import GENERIC_HINT, GENERIC_MESSAGE, UploadFailed

_HINTS = {
    HTTPStatus.NOT_FOUND: "The link may be incomplete, or the page was deleted or has expired.",
    HTTPStatus.METHOD_NOT_ALLOWED: "See /api/docs for what this address offers.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send the files as multipart/form-data in the field `files`.",
    HTTPStatus.UNAUTHORIZED: "Send the manage token: `Authorization: Bearer <manage_token>`.",
    HTTPStatus.FORBIDDEN: "Use the manage token that the upload of this very session answered.",
}
BUSY_MESSAGE = "Too many ask for this at once just now."
BUSY_HINT = "Please try again in a few seconds."
BUSY_SECONDS = 5
_NOT_FOUND = "There is nothing at this address."


def body(detail: str, *, code: str, file: str | None = None, hint: str = "", **more: Any) -> dict[str, Any]:
    """Return the body of an error."""
    return {"detail": detail, "code": code, "file": file, "hint": hint, **more}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of an API view into its answer; None lets Django make a 500 of it."""
    if isinstance(error, RefusedExport):
        return _refusal(error, status=HTTPStatus.BAD_REQUEST)
    if isinstance(error, UploadFailed):
        return _failure(error)
    if isinstance(error, Busy):
        busy = body(BUSY_MESSAGE, code="busy", hint=BUSY_HINT)
        return Response(busy, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(BUSY_SECONDS)})
    if isinstance(error, TooManyFilesSent):
        return _refusal(too_many_files(), status=HTTPStatus.BAD_REQUEST)
    # A request may name a charset that its text is not in.
    if isinstance(error, SuspiciousOperation | RequestDataTooBig | UnicodeError):
        return Response(body("The request is malformed.", code="bad_request"), status=HTTPStatus.BAD_REQUEST)
    if isinstance(error, Gone):
        error = Http404()
    response = exception_handler(error, context)
    if response is not None:
        response.data = _body_of(error, HTTPStatus(response.status_code))
    return response


def too_many_files() -> RefusedExport:
    """Return what is said of more files than Django reads."""
    return RefusedExport(
        f"More than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files were sent.",
        code="too_many_files",
        hint="Upload the ZIP as it came from Letterboxd instead.",
    )


def _refusal(error: RefusedExport, *, status: HTTPStatus) -> Response:
    return Response(body(error.detail, code=error.code, file=error.file_name, hint=error.hint), status=status)


def _failure(failed: UploadFailed) -> Response:
    session_id = str(failed.session_id)
    if failed.error is None:
        return Response(
            body(GENERIC_MESSAGE, code="import_failed", hint=GENERIC_HINT, session_id=session_id),
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
        )
    error = failed.error
    return Response(
        body(error.detail, code=error.code, file=error.file_name, hint=error.hint, session_id=session_id),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _body_of(error: Exception, status: HTTPStatus) -> dict[str, Any]:
    """Give REST framework's own errors, and Django's two, the one shape."""
    if isinstance(error, Http404):
        return body(_NOT_FOUND, code="not_found", hint=_HINTS[status])
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        problems = [
            f"{field}: {' '.join(map(str, texts)) if isinstance(texts, list) else texts}"
            for field, texts in error.detail.items()
        ]
        return body(" ".join(problems), code="invalid", hint="Correct the parameters named.")
    if isinstance(error, PermissionDenied):
        return body("Not allowed.", code="permission_denied", hint=_HINTS[HTTPStatus.FORBIDDEN])
    if isinstance(error, exceptions.Throttled):
        refusal = too_many_uploads(error.wait or 0)  # type: ignore[attr-defined]
        return body(refusal.detail, code=refusal.code, hint=refusal.hint)
    assert isinstance(error, exceptions.APIException)  # noqa: S101
    detail = _NOT_FOUND if status is HTTPStatus.NOT_FOUND else str(error.detail)
    return body(detail, code=str(error.get_codes()), hint=_HINTS.get(status, ""))


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Answer what Django refuses before a view sees it."""
    return JsonResponse(body("The request is malformed.", code="bad_request"), status=HTTPStatus.BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Answer an address that no route matches."""
    return JsonResponse(
        body(_NOT_FOUND, code="not_found", hint=_HINTS[HTTPStatus.NOT_FOUND]), status=HTTPStatus.NOT_FOUND
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer what nobody expected, without its details."""
    return JsonResponse(
        body("Something went wrong on our side.", code="server_error", hint="Please try again in a few minutes."),
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
