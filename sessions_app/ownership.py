"""How a browser that uploaded an export is known again: one signed cookie per upload session. Called by the pages.

The cookie goes to the pages of its own session alone and lives as long after the owner's last visit as the session
itself. The manage token, which works from anywhere, waits in a second one until the owner has seen it once.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sessions_app.models import UploadSession, lifetime

_OWNER, _TOKEN = "owner", "token"


def remember(response: HttpResponse, upload_session: UploadSession, *, token: str = "") -> None:
    """Let the browser that gets `response` manage the session; keep `token` for it until it was shown."""
    _set(response, _OWNER, upload_session, value=str(upload_session.pk))
    if token:
        _set(response, _TOKEN, upload_session, value=token)


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


def _set(response: HttpResponse, name: str, upload_session: UploadSession, *, value: str) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=_salt(name, upload_session),
        max_age=_max_age(name),
        path=_path(upload_session),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest, name: str, upload_session: UploadSession) -> str:
    salt = _salt(name, upload_session)
    return str(request.get_signed_cookie(name, default="", salt=salt, max_age=_max_age(name)) or "")


def _max_age(name: str) -> timedelta:
    """Return how long a cookie is good for, by its signature too: a browser may keep it longer."""
    return timedelta(days=1) if name == _TOKEN else lifetime()


def _salt(name: str, upload_session: UploadSession) -> str:
    return f"{name}-{upload_session.pk}"


def _path(upload_session: UploadSession) -> str:
    return f"/stats/{upload_session.pk}"
