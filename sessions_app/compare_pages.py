"""Two members compared: the form for their links, and the page of a pair. Called by the addresses."""

from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from movies_app import chart_compare
from movies_app.scope import Links
from movies_app.turns import Busy
from sessions_app import error_pages, ownership
from sessions_app.compare_forms import LinksForm, id_in
from sessions_app.incoming import compared, origin_of
from sessions_app.models import IMPORTED, UploadSession
from sessions_app.pages import link_of
from sessions_app.sharing import Sharing

_GONE = "There is no page behind this link. It may be incomplete, or the page was deleted or has expired."
_FAILED = "There are no films behind this link: the import of that export failed."
_UNDER_WAY = "The films behind this link are still being read. Please try again in a moment."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Ask for two links and lead to their comparison; a link that came along may be compared with one's own."""
    now = timezone.now()
    if request.method == "POST":
        return _compared(request, LinksForm(request.POST, label_suffix=""), now=now)
    own, brought = _live(ownership.own_link(request), now=now), request.GET.get("with", "")
    other = _live(id_in(brought), now=now)
    if own and other and own != other:
        return _lead(str(own.pk), str(other.pk))
    first = link_of(request, own) if own else ""
    second = link_of(request, other) if other else brought
    return _brought(request, first, "" if own == other and own else second, now=now)


@require_safe
@cache_control(private=True, no_cache=True)
def comparison(request: HttpRequest, session_id: str, other_id: str) -> HttpResponse:
    """Show what two upload sessions have in common and what sets them apart."""
    now = timezone.now()
    if session_id == other_id:
        raise Http404
    try:
        sessions, told = compared(session_id, other_id, now=now)
    except Busy:
        return error_pages.busy(request)
    links = {side: Links(reverse("stats", args=[one.pk])) for side, one in sessions.items()}
    names = {side: one.display_name for side, one in sessions.items()}
    page = chart_compare.page_of(told, names=names, links=links)
    path = reverse("comparison", args=[session_id, other_id])
    context = {
        "page": page,
        "sharing": Sharing(f"{page.title}, compared", origin_of(request), path),
        "api": f"{reverse('api-compare')}?a={session_id}&b={other_id}",
        "swapped": reverse("comparison", args=[other_id, session_id]),
        "is_filling": any(one.is_moving for one in sessions.values()),
        "is_tmdb_demo": settings.TMDB_IS_DEMO,
    }
    return render(request, "compare.html", context)


def _compared(request: HttpRequest, form: LinksForm, *, now: datetime) -> HttpResponse:
    """Lead to the comparison of two links, or say beside each what is wrong with it."""
    if not form.is_valid():
        return _form(request, form, status=HTTPStatus.BAD_REQUEST)
    ids: dict[str, str] = form.cleaned_data
    problems = {name: _problem(id_, now=now) for name, id_ in ids.items()}
    if any(problems.values()):
        for name, problem in problems.items():
            if problem:
                form.add_error(name, problem)
        return _form(request, form, status=HTTPStatus.NOT_FOUND)
    return _lead(*ids.values())


def _brought(request: HttpRequest, first: str, second: str, *, now: datetime) -> HttpResponse:
    """Show the form with what is known of it already; a link that came along and leads nowhere is told of."""
    links = {"one": first, "other": second}
    form = LinksForm(links, label_suffix="") if second else LinksForm(initial=links, label_suffix="")
    if not second:
        return _form(request, form)
    form.full_clean()
    if not first:
        del form.errors["one"]
    id_ = form.cleaned_data.get("other")
    if id_ and (problem := _problem(id_, now=now)):
        form.add_error("other", problem)
        return _form(request, form, status=HTTPStatus.NOT_FOUND)
    return _form(request, form, status=HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _form(request: HttpRequest, form: LinksForm, *, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return render(request, "compare_links.html", {"form": form}, status=status)


def _lead(session_id: str, other_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("comparison", args=[session_id, other_id]), status=HTTPStatus.SEE_OTHER)


def _live(id_: str | None, *, now: datetime) -> UploadSession | None:
    """Return the session of that id, if it has films."""
    found: UploadSession | None = UploadSession.objects.of_link(id_ or "", now=now).filter(status__in=IMPORTED).first()
    return found


def _problem(id_: str, *, now: datetime) -> str:
    """Say why a session cannot be compared, or nothing."""
    upload_session: UploadSession | None = UploadSession.objects.of_link(id_, now=now).first()
    if upload_session is None:
        return _GONE
    if upload_session.status in IMPORTED:
        return ""
    return _FAILED if upload_session.status == UploadSession.Status.FAILED else _UNDER_WAY
