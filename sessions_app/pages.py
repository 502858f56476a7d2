"""The pages that anybody sees: home with the upload form, stats, receipt, about. Each makes one call and renders."""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from movies_app import catalogue, chart_facts, chart_words, charts, enrichment, keeping
from movies_app.chart_facts import Progress, Standing
from movies_app.errors import ExportError, RefusedExport
from movies_app.keeping import Shelf
from movies_app.scope import Links, Scope
from sessions_app import enriching, ownership, uploads
from sessions_app.compare_forms import id_in
from sessions_app.forms import NAME_LENGTH, UploadForm
from sessions_app.incoming import brought_files, numbers_of, origin_of, visited
from sessions_app.models import StoredReceipt, UploadSession
from sessions_app.scopes import scope_of
from sessions_app.sharing import pictured, sharing_of, sharing_of_home
from sessions_app.throttling import seconds_until_upload, too_many_uploads

FILMS_PER_PAGE = 25
# Of films that are not in TMDB, and of those that may be another film.
TITLES_LISTED = 25
# A film is looked for, then its facts are fetched.
REQUESTS_PER_FILM = 2
_FILM_FIELDS = (
    *("position", "title", "year", "told_rating", "told_date", "date_source", "letterboxd_uri", "rewatch", "liked"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Show the upload form; take an export in and lead to its page."""
    if request.method != "POST":
        return _home(request, UploadForm(initial={"compare_with": id_in(request.GET.get("with", "")) or ""}))
    form = UploadForm(request.POST)
    if wait_seconds := seconds_until_upload(request):
        error = error_of(too_many_uploads(wait_seconds))
        response = _home(request, form, status=HTTPStatus.TOO_MANY_REQUESTS, error=error)
        response["Retry-After"] = str(round(wait_seconds))
        return response
    if not form.is_valid():
        error = _error(f"The name is longer than {NAME_LENGTH} characters.")
        return _home(request, form, status=HTTPStatus.BAD_REQUEST, error=error)
    return _upload(request, form)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Tell what is kept, how long, and whose data is shown."""
    context = {"lifetime_days": settings.SESSION_LIFETIME_DAYS, "max_mb": settings.MAX_UPLOAD_MB}
    return render(request, "about.html", context)


@require_safe
@cache_control(private=True, no_cache=True)
def stats_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show the numbers of an upload session; of one that failed its message and the form."""
    upload_session = visited(session_id, now=timezone.now())
    if upload_session.status == UploadSession.Status.FAILED:
        message, file, hint = upload_session.error_message, upload_session.error_file, upload_session.error_hint
        return _home(request, UploadForm(), error=_error(message or "", file=file, hint=hint))
    scope, number = scope_of(request), number_of(request, "page") or 1
    is_owner, links = ownership.is_owner(request, upload_session), links_of(upload_session, scope)
    shown = {
        "name": upload_session.display_name,
        "link": link_of(request, upload_session),
        "sharing": sharing_of(request, upload_session, path=links.page(), year=scope.year),
        "is_owner": is_owner,
        "is_sample": upload_session.is_sample,
        "is_tmdb_demo": settings.TMDB_IS_DEMO,
        "expires_on": upload_session.expires_at.date(),
    }
    context = partial(_numbers, upload_session, links, number)
    # Of the films beyond the first no page is kept: who leafs through them would drive out what others open.
    part = (scope, enrichment.is_on()) if number == 1 else None
    response = kept_page(request, "stats.html", upload_session, shown=shown, context=context, part=part)
    if is_owner:
        ownership.remember(response, upload_session)
    return response


@require_safe
@cache_control(private=True, no_cache=True)
def receipt_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show what the import read, merged and skipped; single rows only to the owner."""
    upload_session = visited(session_id, now=timezone.now())
    stored = get_object_or_404(StoredReceipt, pk=upload_session.pk)
    is_owner = ownership.is_owner(request, upload_session)
    context = {
        "name": upload_session.display_name,
        "receipt": stored.content if is_owner else stored.without_rows(),
        "is_owner": is_owner,
        "urls": urls_of(upload_session),
    }
    return render(request, "receipt.html", context)


@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """Lead to the made-up member's page, where one was loaded."""
    upload_session = UploadSession.objects.sample(timezone.now())
    if upload_session is None:
        raise Http404
    return HttpResponseRedirect(reverse("stats", args=[upload_session.pk]))


def kept_page(
    request: HttpRequest,
    template: str,
    upload_session: UploadSession,
    *,
    shown: Mapping[str, Any],
    context: Callable[[], Mapping[str, Any]],
    part: object | None,
) -> HttpResponse:
    """Return a page of a session, rendered once a day as long as the session and what is `shown` stay the same.

    `context` gives what takes work, by `part` and the state of the session. Without a part nothing is kept, nor while
    facts come in, for each visit sees how far they are.
    """

    def rendered() -> bytes:
        return render(request, template, {**shown, **context()}).content

    if part is None or upload_session.is_moving:
        return HttpResponse(rendered())
    whole = (template, part, dict(shown))
    packed = keeping.keep(Shelf.PAGES, whole, upload_session.as_subject(), lambda: zlib.compress(rendered(), level=1))
    return HttpResponse(zlib.decompress(packed))


def urls_of(upload_session: UploadSession) -> dict[str, str]:
    """Return the addresses of a session's pages, by the names that the templates know."""
    names = {
        **{"stats": "stats", "films": "films", "receipt": "receipt", "manage": "manage"},
        **{"api": "session-stats", "export": "session-export", "status": "session-status"},
    }
    return {name: reverse(route, args=[upload_session.pk]) for name, route in names.items()}


def links_of(upload_session: UploadSession, scope: Scope) -> Links:
    """Return the addresses that the numbers within a scope lead to."""
    return Links(reverse("stats", args=[upload_session.pk]), scope)


def link_of(request: HttpRequest, upload_session: UploadSession) -> str:
    """Return the link to share, with the host that members reach the service at."""
    return f"{origin_of(request)}{reverse('stats', args=[upload_session.pk])}"


def error_of(error: ExportError | None) -> dict[str, Any]:
    """Return what the pages say of an error; None is a fault of ours."""
    if error is None:
        return _error(uploads.GENERIC_MESSAGE, hint=uploads.GENERIC_HINT)
    return _error(error.detail, file=error.file_name, hint=error.hint)


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return a whole number of one to four digits from the address, None for anything else."""
    found = re.fullmatch("0*([1-9][0-9]{0,3})", request.GET.get(name, ""))
    return int(found[1]) if found else None


def _error(detail: str, *, file: str | None = None, hint: str | None = None) -> dict[str, Any]:
    return {"detail": detail, "file": file, "hint": hint or ""}


def _upload(request: HttpRequest, form: UploadForm) -> HttpResponse:
    """Import what came with a valid form, and lead its owner to the page; or show the form with what is wrong."""
    fields = dict(form.cleaned_data)
    other = id_in(fields.pop("compare_with"))
    try:
        received = uploads.receive(brought_files(request), now=timezone.now(), **fields)
    except RefusedExport as error:
        return _home(request, form, status=HTTPStatus.BAD_REQUEST, error=error_of(error))
    except uploads.UploadFailed as failed:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if failed.error else HTTPStatus.INTERNAL_SERVER_ERROR
        return _home(request, form, status=status, error=error_of(failed.error))
    own = received.upload_session.pk
    url = reverse("comparison", args=[own, other]) if other else reverse("stats", args=[own])
    response = HttpResponseRedirect(url, status=HTTPStatus.SEE_OTHER)
    ownership.remember(response, received.upload_session)
    return response


def _home(
    request: HttpRequest, form: UploadForm, *, status: HTTPStatus = HTTPStatus.OK, error: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "error": error,
        "sharing": sharing_of_home(request),
        "max_mb": settings.MAX_UPLOAD_MB,
        "lifetime_days": settings.SESSION_LIFETIME_DAYS,
    }
    return render(request, "home.html", context, status=status)


def _numbers(upload_session: UploadSession, links: Links, number: int) -> dict[str, Any]:
    """Return what the stats page shows of the films that count, and which page of them."""
    numbers, is_filling = numbers_of(upload_session, links.scope), upload_session.is_moving
    return {
        "page": charts.page_of(numbers, links=links, is_filling=is_filling),
        "pictured": pictured(upload_session, numbers, links.scope),
        "progress": _progress(upload_session) if is_filling else None,
        "standing": chart_facts.filling() if is_filling else _standing(upload_session),
        "urls": urls_of(upload_session),
        "films": _films(upload_session, number=number, scope=links.scope),
    }


def _progress(upload_session: UploadSession) -> Progress:
    """Tell how far the look at TMDB is, and how long it will take."""
    requests = enriching.films_before_the_end(upload_session) * REQUESTS_PER_FILM
    return chart_facts.progress(
        done=upload_session.enriched_count,
        total=upload_session.total_movies,
        seconds=requests / settings.TMDB_REQUESTS_PER_SECOND,
    )


def _standing(upload_session: UploadSession) -> Standing:
    """Tell of the films without facts, and of those that may be another film."""
    coverage = catalogue.coverage_of(upload_session.pk)
    titles: dict[str, list[str]] = {"unmatched": [], "ambiguous": []}
    if coverage.unmatched or coverage.ambiguous:
        titles = catalogue.doubtful_of(upload_session.pk, limit=TITLES_LISTED)
    why = upload_session.metadata.get("enrichment") if enrichment.is_on() else UploadSession.Enrichment.OFF
    return chart_facts.standing(**asdict(coverage), why=why or "", titles=titles)


def _films(upload_session: UploadSession, *, number: int, scope: Scope) -> dict[str, Any]:
    """Return one page of the films that count for the template, the latest seen first."""
    ordering = "-told_date" if scope.is_by_viewings else "position"
    page = upload_session.movies.page(
        total=upload_session.total_movies, page=number, per_page=FILMS_PER_PAGE, ordering=ordering, **scope.filters
    )
    query = f"?{urlencode({**scope.params, 'page': ''})}"
    pages = max(1, -(-page.count // FILMS_PER_PAGE))
    return {
        "movies": [
            {**movie, "rating": movie["told_rating"], "stars": chart_words.stars(movie["told_rating"])}
            for movie in page.movies.values(*_FILM_FIELDS)
        ],
        "count": page.count,
        "number": number,
        "pages": pages,
        "previous_url": f"{query}{min(number - 1, pages)}#films" if number > 1 else None,
        "next_url": f"{query}{number + 1}#films" if number < pages else None,
    }
