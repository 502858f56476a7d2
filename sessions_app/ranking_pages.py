"""The page of a whole ranking: all directors, genres or tags of an upload session. Called by the addresses."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from movies_app import chart_rankings, enrichment, stats
from movies_app.scope import Links
from sessions_app.incoming import imported, numbers_of, ranking_of
from sessions_app.models import UploadSession
from sessions_app.pages import number_of
from sessions_app.scopes import scope_of

_OFF = "Rankings like this stand on film facts, which come from TMDB and are off on this server."
_UNDER_WAY = "TMDB is being asked about the films right now; this fills in meanwhile."
_LATER = "No facts of these films are known yet. TMDB is asked for them later, without anybody’s doing."


@require_safe
@cache_control(private=True, no_cache=True)
def ranking(request: HttpRequest, session_id: str, kind: str) -> HttpResponse:
    """Show a page of the ranking of a kind, by films or by rating, within what counts."""
    upload_session = imported(session_id, now=timezone.now())
    if kind not in stats.KINDS:
        raise Http404
    scope, by = scope_of(request), "rating" if request.GET.get("by") == "rating" else "films"
    coverage = numbers_of(upload_session, scope)["coverage"]
    has_facts = bool(coverage["films_with_facts"])
    links = Links(reverse("stats", args=[upload_session.pk]), scope)
    page = chart_rankings.page_of(
        ranking_of(upload_session, kind, by=by, scope=scope),
        counted=coverage["films"],
        links=links,
        number=number_of(request, "page") or 1,
        waiting="" if has_facts else _waiting(upload_session),
    )
    context = {
        "name": upload_session.display_name,
        "stats": links.page(),
        "films": links.films(),
        "page": page,
        "is_by_facts": has_facts and chart_rankings.is_by_facts(kind),
    }
    return render(request, "ranking.html", context)


def _waiting(upload_session: UploadSession) -> str:
    """Say why no facts are known."""
    if not enrichment.is_on():
        return _OFF
    return _UNDER_WAY if upload_session.is_moving else _LATER
