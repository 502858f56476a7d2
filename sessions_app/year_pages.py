"""The year in review of an upload session. Called by the addresses."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Case, F, TextField, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from movies_app import chart_year, posters
from movies_app.chart_parts import Numbers
from movies_app.chart_year import FEWEST_VIEWINGS, YearReview
from movies_app.chart_year_parts import Card
from movies_app.models import is_fresh
from movies_app.scope import FIRST_YEAR, LAST_YEAR, Links, Scope
from sessions_app.incoming import imported, numbers_of
from sessions_app.models import UploadSession
from sessions_app.pages import kept_page, links_of, urls_of
from sessions_app.scopes import scope_of
from sessions_app.sharing import pictured, sharing_of

_COLUMNS = ("position", "title", "year", "told_rating")


@require_safe
@cache_control(private=True, no_cache=True)
def year(request: HttpRequest, session_id: str, year: int) -> HttpResponse:
    """Tell a year of an upload session in scenes, against the year before."""
    upload_session = imported(session_id, now=timezone.now())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    scope = replace(scope_of(request), year=year)
    links = links_of(upload_session, scope)
    shown = {
        "name": upload_session.display_name,
        "sharing": sharing_of(request, upload_session, path=links.review(year), year=year),
        "is_sample": upload_session.is_sample,
        "is_tmdb_demo": settings.TMDB_IS_DEMO,
    }
    context = partial(_year, upload_session, links, year=year)
    return kept_page(request, "year.html", upload_session, shown=shown, context=context, part=scope)


def _year(upload_session: UploadSession, links: Links, *, year: int) -> dict[str, Any]:
    """Return what the page shows of the year."""
    numbers = numbers_of(upload_session, links.scope)
    review = _review(upload_session, numbers, links, year=year)
    return {
        "review": review,
        "films": [] if review.scenes else _films(upload_session, links.scope, links),
        "pictured": pictured(upload_session, numbers, links.scope),
        "urls": urls_of(upload_session),
        "is_filling": upload_session.is_moving,
    }


def _review(upload_session: UploadSession, numbers: Numbers, links: Links, *, year: int) -> YearReview:
    """Make the review of a year from its numbers and from those of the year before, if that has any."""
    has_before = year - 1 in numbers["years"]
    before = numbers_of(upload_session, replace(links.scope, year=year - 1)) if has_before else None
    return chart_year.review_of(numbers, before, links=links)


def _films(upload_session: UploadSession, scope: Scope, links: Links) -> tuple[Card, ...]:
    """Return the films of a year of few viewings, with posters where they may be shown."""
    path = Case(When(is_fresh(), then=F("film__poster_path")), output_field=TextField())
    movies = upload_session.movies.matching(**scope.filters).order_by("position")
    rows = movies.values(*_COLUMNS, path=path)[:FEWEST_VIEWINGS]
    films = (
        {**row, "rating": row["told_rating"], "poster_url": row["path"] and posters.BASE + row["path"]} for row in rows
    )
    return chart_year.cards_of(films, links=links)
