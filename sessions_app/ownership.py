"""How a browser that uploaded an export is known again: one signed cookie per upload session. Called by the pages.

The cookie goes to the pages of its own session alone and lives as long after the owner's last visit as the session
itself. Another, which goes to the comparisons alone, remembers the session that was last uploaded here, or visited as
its owner.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sessions_app.models import UploadSession, lifetime

_OWNER, _MINE = "owner", "mine"
_COMPARISONS = "/compare"


def remember(response: HttpResponse, upload_session: UploadSession) -> None:
    """Let the browser that gets `response` manage the session."""
    _set(response, _OWNER, upload_session, salt=_salt(upload_session), path=_path(upload_session))
    _set(response, _MINE, upload_session, salt=_MINE, path=_COMPARISONS)


def forget(response: HttpResponse, upload_session: UploadSession) -> None:
    """End what `remember` began; the browser's other pages are remembered for comparisons when they are visited."""
    response.delete_cookie(_OWNER, path=_path(upload_session))
    response.delete_cookie(_MINE, path=_COMPARISONS)


def is_owner(request: HttpRequest, upload_session: UploadSession) -> bool:
    """Tell whether the request comes from a browser that may manage the session.

    The signature tells the cookie's age too: a browser may keep it longer than it was told.
    """
    salt, max_age = _salt(upload_session), lifetime()
    return request.get_signed_cookie(_OWNER, default="", salt=salt, max_age=max_age) == str(upload_session.pk)


def own_link(request: HttpRequest) -> str:
    """Return the id of the session that this browser uploaded or managed last, or nothing; it may be gone by now."""
    return request.get_signed_cookie(_MINE, default="", salt=_MINE, max_age=lifetime()) or ""


def _set(response: HttpResponse, name: str, upload_session: UploadSession, *, salt: str, path: str) -> None:
    response.set_signed_cookie(
        name,
        str(upload_session.pk),
        salt=salt,
        max_age=lifetime(),
        path=path,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _salt(upload_session: UploadSession) -> str:
    return f"{_OWNER}-{upload_session.pk}"


def _path(upload_session: UploadSession) -> str:
    return f"/stats/{upload_session.pk}"
