"""How a browser that uploaded an export is known again: one signed cookie per upload session. Called by the pages.

The cookie goes to the pages of its own session alone and ends with it. The manage token, which works from anywhere,
waits in a second one until the owner has seen it once.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sessions_app.models import UploadSession, lifetime

_OWNER, _TOKEN = "owner", "token"
_TOKEN_SECONDS = 24 * 3_600


def remember(response: HttpResponse, upload_session: UploadSession, *, token: str = "") -> None:
    """Let the browser that gets `response` manage the session; keep `token` for it until it was shown."""
    _set(response, _OWNER, upload_session, value=str(upload_session.pk), seconds=int(lifetime().total_seconds()))
    if token:
        _set(response, _TOKEN, upload_session, value=token, seconds=_TOKEN_SECONDS)


def forget(response: HttpResponse, upload_session: UploadSession) -> None:
    """End what `remember` began."""
    for name in (_OWNER, _TOKEN):
        response.delete_cookie(name, path=_path(upload_session))


def is_owner(request: HttpRequest, upload_session: UploadSession) -> bool:
    """Tell whether the request comes from a browser that may manage the session."""
    return _read(request, _OWNER, upload_session) == str(upload_session.pk)


def end_token(response: HttpResponse, upload_session: UploadSession) -> None:
    """End the cookie of the token, which `response` shows."""
    response.delete_cookie(_TOKEN, path=_path(upload_session))


def waiting_token(request: HttpRequest, upload_session: UploadSession) -> str:
    """Return the manage token that the owner has not seen yet, or nothing."""
    return _read(request, _TOKEN, upload_session)


def _set(response: HttpResponse, name: str, upload_session: UploadSession, *, value: str, seconds: int) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=_salt(name, upload_session),
        max_age=seconds,
        path=_path(upload_session),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest, name: str, upload_session: UploadSession) -> str:
    return str(request.get_signed_cookie(name, default="", salt=_salt(name, upload_session)) or "")


def _salt(name: str, upload_session: UploadSession) -> str:
    return f"{name}-{upload_session.pk}"


def _path(upload_session: UploadSession) -> str:
    return f"/stats/{upload_session.pk}"
