"""Movies in the admin: looked up, never changed. Titles and counts are shown, never a review.

Films have a module of their own, `film_admin`.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from movies_app import film_admin
from movies_app.models import Movie
from movies_app.read_only_admin import ReadOnlyAdmin, id_range, outer_link

# Django looks for lists in this module alone.
FilmAdmin = film_admin.FilmAdmin
# Digits of a session's id without which a word is taken for one of a title.
ID_DIGITS = 8


class SessionFilter(admin.SimpleListFilter):
    """The movies of one upload session. Its page leads here; there is nothing to choose."""

    title = "upload session"
    parameter_name = "session"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name)
        return [(value, value[:ID_DIGITS])] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() is None else of_sessions(queryset, str(self.value()))


def of_sessions(movies: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the movies of the upload sessions whose id begins as `text` says."""
    ids = id_range(text)
    if ids is None:
        return movies.none()
    # A range of one is told as such: then the index gives the movies in their order.
    first, last = ids
    return (
        movies.filter(session_id=first) if first == last else movies.filter(session_id__gte=first, session_id__lte=last)
    )


class MovieList(ChangeList):
    """A list of movies that leaves what a member wrote in the database."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        movies: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return movies.defer("review", "tags", "viewings")


@admin.register(Movie)
class MovieAdmin(ReadOnlyAdmin):
    """The movies of an upload session, a page at a time."""

    list_display = ("title", "year", "rating", "marks", "watched", "date_source", "of_session")
    list_filter = (SessionFilter,)
    search_fields = ("title",)
    search_help_text = (
        "The movies of one upload session: the first digits of its id, eight or more, and part of a title after them. "
        "In the list of one session, part of a title is enough."
    )
    fieldsets = (
        (None, {"fields": ("title", "year", "position", "of_session", "catalogue_film", "letterboxd")}),
        ("As the member has it", {"fields": ("rating", "marks", "watched", "date_source")}),
        ("Counts", {"fields": ("tag_count", "review_length", "viewing_lines")}),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MovieList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("position",) if _is_of_one_session(request) else ("-id",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return ("title", "year", "rating", "watched") if _is_of_one_session(request) else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.split(maxsplit=1)
        if not words:
            return queryset, False
        if _is_of_one_session(request):
            return queryset.matching(q=search_term.strip()), False  # type: ignore[attr-defined]
        # A title alone would read the movies of all members.
        if len(words[0].replace("-", "")) < ID_DIGITS:
            return queryset.none(), False
        movies = of_sessions(queryset, words[0])
        return (movies.matching(q=words[1].strip()) if words[1:] else movies), False  # type: ignore[attr-defined]

    @admin.display(description="marks")
    def marks(self, movie: Movie) -> str:
        marks = {"liked": movie.liked, "rewatch": movie.rewatch}
        return ", ".join(name for name, is_set in marks.items() if is_set) or "-"

    @admin.display(description="watched", ordering="watched_date")
    def watched(self, movie: Movie) -> str:
        return movie.watched_date.isoformat() if movie.watched_date else "-"

    @admin.display(description="upload session")
    def of_session(self, movie: Movie) -> SafeString:
        address = reverse("admin:sessions_app_uploadsession_change", args=[movie.session_id])
        return format_html('<a href="{}">{}</a>', address, movie.session_id.hex[:ID_DIGITS])

    @admin.display(description="film in the catalogue")
    def catalogue_film(self, movie: Movie) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:movies_app_film_change", args=[movie.film_id]), movie)

    @admin.display(description="Letterboxd")
    def letterboxd(self, movie: Movie) -> SafeString | str:
        return outer_link(movie.letterboxd_uri)

    @admin.display(description="tags")
    def tag_count(self, movie: Movie) -> str:
        return str(len(movie.tags))

    @admin.display(description="review")
    def review_length(self, movie: Movie) -> str:
        return f"{len(movie.review):,} characters" if movie.review else "none"

    @admin.display(description="viewings")
    def viewing_lines(self, movie: Movie) -> SafeString | str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in _lines_of(movie))) or "none"


def movies_of(session_id: Any) -> str:
    """Return the address of the list of an upload session's movies."""
    return f"{reverse('admin:movies_app_movie_changelist')}?{urlencode({'session': session_id})}"


def _is_of_one_session(request: HttpRequest) -> bool:
    return bool(request.GET.get("session"))


def _lines_of(movie: Movie) -> Iterator[str]:
    """Yield what is known of each viewing but for the member's words."""
    for viewing in movie.viewings:
        facts = {
            "logged": viewing["logged_date"],
            "rated": viewing["rating"],
            "rewatch": viewing["rewatch"] and "yes",
            "tags": len(viewing["tags"] or ()),
            "review": viewing["review"] and f"{len(viewing['review']):,} characters",
        }
        told = ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact)
        yield f"{viewing['date'] or 'undated'}: {told}".rstrip(": ")
