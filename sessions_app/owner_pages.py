"""The owner's page: rename, renew, delete, and the manage token. Each POST makes one call and leads back."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from movies_app.errors import ExportError
from sessions_app import ownership, uploads
from sessions_app.forms import DeleteForm, NameForm, RenewForm
from sessions_app.incoming import brought_files, visited
from sessions_app.models import StatusConflict, UploadSession
from sessions_app.pages import error_of, link_of, urls_of
from sessions_app.throttling import seconds_until_upload, too_many_uploads

Action = Callable[[HttpRequest, UploadSession], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def manage(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show the owner what can be done, anybody else the field for the manage token; do what was asked for."""
    upload_session = visited(session_id, now=timezone.now())
    if request.method != "POST":
        return _page(request, upload_session)
    action = request.POST.get("action", "")
    if action == "claim":
        return _claim(request, upload_session)
    if not ownership.is_owner(request, upload_session) or action not in ACTIONS:
        return _page(request, upload_session, status=HTTPStatus.FORBIDDEN)
    return ACTIONS[action](request, upload_session)


def _claim(request: HttpRequest, upload_session: UploadSession) -> HttpResponse:
    """Make the browser that has the manage token the owner's."""
    if not upload_session.is_managed_by(request.POST.get("token", "").strip()):
        return _page(request, upload_session, status=HTTPStatus.FORBIDDEN, token_error=True)
    response = _back(upload_session)
    ownership.remember(response, upload_session)
    return response


def _rename(request: HttpRequest, upload_session: UploadSession) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, upload_session, status=HTTPStatus.BAD_REQUEST)
    upload_session.rename(form.cleaned_data["display_name"])
    return _back(upload_session)


def _renew(request: HttpRequest, upload_session: UploadSession) -> HttpResponse:
    """Put a newer export behind the same link; whatever is wrong with it, the old one stays."""
    form = RenewForm(request.POST)
    form.full_clean()
    if wait_seconds := seconds_until_upload(request):
        error = error_of(too_many_uploads(wait_seconds))
        response = _page(request, upload_session, status=HTTPStatus.TOO_MANY_REQUESTS, upload_error=error)
        response["Retry-After"] = str(round(wait_seconds))
        return response
    try:
        uploads.renew(upload_session, brought_files(request), now=timezone.now(), **form.cleaned_data)
    except ExportError as error:
        asks = isinstance(error, uploads.LosesFilms)
        status = HTTPStatus.CONFLICT if asks else HTTPStatus.BAD_REQUEST
        chosen = {"leaves_out_texts": form.cleaned_data["leave_out_texts"], "asks_to_lose_films": asks}
        return _page(request, upload_session, status=status, upload_error=error_of(error), **chosen)
    except StatusConflict as gone:
        raise Http404 from gone
    return _back(upload_session)


def _new_key(request: HttpRequest, upload_session: UploadSession) -> HttpResponse:
    """Show a new manage token, this once; the one before is good for nothing any more."""
    return _page(request, upload_session, token=upload_session.new_token())


def _delete(request: HttpRequest, upload_session: UploadSession) -> HttpResponse:
    if not DeleteForm(request.POST).is_valid():
        return _page(request, upload_session, status=HTTPStatus.BAD_REQUEST)
    removed = uploads.delete(upload_session)
    response = render(request, "deleted.html", {"deleted": removed})
    ownership.forget(response, upload_session)
    return response


ACTIONS: dict[str, Action] = {"rename": _rename, "replace": _renew, "new_key": _new_key, "delete": _delete}


def _page(
    request: HttpRequest, upload_session: UploadSession, *, status: HTTPStatus = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    is_owner = ownership.is_owner(request, upload_session)
    context = {
        "name": upload_session.display_name,
        "is_owner": is_owner,
        "urls": urls_of(upload_session),
        "created_on": upload_session.created_at.date(),
        "expires_on": upload_session.expires_at.date(),
        "max_mb": settings.MAX_UPLOAD_MB,
        "link": link_of(request, upload_session),
        "since": upload_session.metadata.get("since") if is_owner else None,
        "leaves_out_texts": upload_session.metadata.get("leaves_out_texts", False),
        "token": "",
        "token_error": False,
        "upload_error": None,
        "asks_to_lose_films": False,
        **more,
    }
    response = render(request, "manage.html", context, status=status)
    if is_owner:
        ownership.remember(response, upload_session)
    return response


def _back(upload_session: UploadSession) -> HttpResponse:
    """Lead from a POST to the page, so that reloading it does nothing twice."""
    return HttpResponseRedirect(reverse("manage", args=[upload_session.pk]), status=HTTPStatus.SEE_OTHER)
