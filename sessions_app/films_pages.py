"""The films of an upload session, looked through by filters, and the page of each. Called by the addresses."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, TextField, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from movies_app import browsing, chart_words, enrichment, markup, posters
from movies_app.filters import Asked
from movies_app.models import Film, Movie, MovieQuerySet, is_fresh
from movies_app.roles import JOBS
from sessions_app.films_forms import UNRATED, FilmsForm
from sessions_app.incoming import imported, numbers_of
from sessions_app.models import UploadSession
from sessions_app.pages import urls_of

FILMS_PER_PAGE = 60
_PEOPLE = ("director", "actor", "person", *JOBS)
_COLUMNS = ("position", "title", "year", "told_rating", "told_date", "date_source", "rewatch", "liked")
# What films are sorted by, and the address's words for both directions, the usual one first.
_ORDERS = (
    ("Seen", {"position": "latest first", "-position": "earliest first"}),
    ("Title", {"title": "A to Z", "-title": "Z to A"}),
    ("Released", {"-year": "newest first", "year": "oldest first"}),
    ("Rating", {"-rating": "best first", "rating": "worst first"}),
)
# Where only some viewings count a film may have been seen later than it is told of.
_AS_THEN = {"position": "-told_date", "-position": "told_date"}
_AMBIGUOUS = "TMDB has several films of this title and year. The likeliest was taken; this may be about another one."
_UNMATCHED = "TMDB has no film of this title and year, so nothing more is known."
_OFF = "Film facts, which come from TMDB, are off on this server."
_UNDER_WAY = "TMDB is being asked about the films of this page right now."
_LATER = "TMDB is asked about it later, without anybody’s doing."


@require_safe
@cache_control(private=True, no_cache=True)
def films(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show the films that fit the filters of the address; one with blank filters leads to the one without."""
    if not all(request.GET.values()):
        return HttpResponseRedirect(_address(request.path, {n: text for n, text in request.GET.dict().items() if text}))
    upload_session = imported(session_id, now=timezone.now())
    numbers = numbers_of(upload_session)
    form = FilmsForm(request.GET, numbers=numbers)
    context = {
        "name": upload_session.display_name,
        "urls": urls_of(upload_session),
        "form": form,
        "offered": _offered(numbers),
        "standing": _standing(upload_session, numbers["coverage"]),
        **_found(upload_session, form, path=request.path),
    }
    return render(request, "films.html", context)


@require_safe
@cache_control(private=True, no_cache=True)
def film(request: HttpRequest, session_id: str, position: int) -> HttpResponse:
    """Show one film: what the member told of it, and what TMDB knows of it."""
    upload_session = imported(session_id, now=timezone.now())
    movie = _movie(upload_session, position)
    urls = urls_of(upload_session)
    context = {
        "name": upload_session.display_name,
        "urls": urls,
        "movie": movie,
        "stars": chart_words.stars(movie.rating),
        "viewings": [_viewing(viewing) for viewing in movie.viewings],
        "review": _review_apart(movie),
        "known": _known(movie) if movie.has_facts else None,
        "note": _note(movie, upload_session),
        "previous_url": f"{urls['films']}/{position - 1}" if position > 1 else None,
        "next_url": f"{urls['films']}/{position + 1}" if position < upload_session.total_movies else None,
    }
    return render(request, "film.html", context)


def _address(path: str, params: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(params)}" if params else path


# ── Many films ────────────────────────────────────────────────────────────────────────────────
def _found(upload_session: UploadSession, form: FilmsForm, *, path: str) -> dict[str, Any]:
    """Return a page of the films that fit, what they are in words, and the ways on from here."""
    movies, filters, params = upload_session.movies.all(), form.filters, form.params
    asked = Asked(filters)
    ordering = params.get("ordering", "position")
    by = _AS_THEN.get(ordering, ordering) if asked.scope.is_by_viewings else ordering
    page = movies.page(
        total=upload_session.total_movies, page=form.number, per_page=FILMS_PER_PAGE, ordering=by, **filters
    )
    told = browsing.told(filters, names=_names(movies, filters))
    pages = max(1, -(-page.count // FILMS_PER_PAGE))
    return {
        "headline": browsing.headline(page.count, told),
        "figures": _figures(movies, filters),
        "filters": [(one, _address(path, _without(params, one))) for one in told],
        "is_by_facts": asked.is_by_facts,
        "is_then": asked.scope.is_by_viewings,
        "likenesses": [] if page.count else _likenesses(movies, form, path=path),
        "movies": _rows(page.movies),
        "view": form.look,
        "views": [(name, _address(path, params | {"view": name})) for name in ("grid", "list")],
        "orders": list(_orders(ordering, params, path=path)),
        "number": form.number,
        "pages": pages,
        "previous_url": _address(path, params | {"page": str(min(form.number - 1, pages))})
        if form.number > 1
        else None,
        "next_url": _address(path, params | {"page": str(form.number + 1)}) if form.number < pages else None,
    }


def _offered(numbers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what fields of text offer, by field: the most seen."""
    return {
        "tags": [row["tag"] for row in numbers["tags"]["top"]],
        "people": [row["name"] for row in numbers["directors"]["most_seen"]],
    }


def _names(movies: MovieQuerySet, filters: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the people and the collection that filters give by TMDB's id."""
    by_id = {name: id_ for name in (*_PEOPLE, "collection") if _is_id(id_ := filters.get(name, ""))}
    return {name: _name(movies, name, id_) for name, id_ in by_id.items()}


def _name(movies: MovieQuerySet, name: str, id_: str) -> str:
    """Return the name of a person, or of a collection, as it stands in the first film that the filter finds."""
    found = movies.matching(**{name: id_})
    if name == "collection":
        return found.in_order("position").values_list("film__collection__name", flat=True).first() or f"{name} {id_}"
    return browsing.name_of(int(id_), found.known_people()) or f"person {id_}"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _figures(movies: MovieQuerySet, filters: Mapping[str, Any]) -> dict[str, str]:
    """Return the numbers of the films that fit, in words, by what they are."""
    figures = movies.figures(**filters)
    first, last = figures.first_viewing, figures.last_viewing
    told = {
        "viewings": figures.viewings and chart_words.number(figures.viewings),
        "average rating": figures.rated and chart_words.average(figures.average_rating),
        "first viewing": first and chart_words.day(first),
        "latest viewing": last and last != first and chart_words.day(last),
    }
    return {name: value for name, value in told.items() if value}


def _without(params: Mapping[str, str], told: browsing.Told) -> dict[str, str]:
    """Return the parameters without a filter."""
    gone = {told.name, told.twin, *(["rating"] if told.name == "is_rated" and params.get("rating") == UNRATED else [])}
    return {name: value for name, value in params.items() if name not in gone}


def _rows(movies: MovieQuerySet) -> list[dict[str, Any]]:
    """Return what the templates show of each film, posters only where they may be shown."""
    path = Case(When(is_fresh(), then=F("film__poster_path")), output_field=TextField())
    rows = movies.values(*_COLUMNS, path=path)
    return [
        {**row, "poster": posters.of_path(row["path"]), "stars": chart_words.stars(row["told_rating"])} for row in rows
    ]


def _orders(ordering: str, params: dict[str, str], *, path: str) -> Iterator[dict[str, str]]:
    """Yield each order with its address; that of the present one turns it round."""
    for label, directions in _ORDERS:
        usual, reverse_ = directions
        address = _address(path, params | {"ordering": reverse_ if ordering == usual else usual})
        yield {"label": label, "direction": directions.get(ordering, ""), "url": address}


def _likenesses(movies: MovieQuerySet, form: FilmsForm, *, path: str) -> list[tuple[browsing.Person, str]]:
    """Return people who may be meant by a name that nobody bears, each with the address of their films."""
    name = form.filters.get("person", "")
    if not name or _is_id(name) or movies.matching(person=name).exists():
        return []
    people = browsing.people_like(name, movies.known_people())
    return [(person, _address(path, form.params | {"person": str(person.id)})) for person in people]


def _standing(upload_session: UploadSession, coverage: Mapping[str, int]) -> str:
    """Tell of how many films facts are known, where it is not all; without any, why."""
    known, total = coverage["films_with_facts"], coverage["films"]
    if known == total:
        return ""
    if known:
        return (
            f"{chart_words.covered(known, total, 'film facts')}: genres, people and countries are looked for in those."
        )
    why = _UNDER_WAY if upload_session.status == UploadSession.Status.ENRICHING else _LATER
    return f"Films cannot be looked for by genre, person or country. {why if enrichment.is_on() else _OFF}"


# ── One film ──────────────────────────────────────────────────────────────────────────────────
def _movie(upload_session: UploadSession, position: int) -> Any:
    """Return a movie with its film, and whether TMDB's facts of it may be shown."""
    movies = upload_session.movies.select_related("film").annotate(
        has_facts=Case(When(is_fresh(), then=True), default=False)
    )
    movie = movies.filter(position=position).first()
    if movie is None:
        raise Http404
    return movie


def _known(movie: Movie) -> dict[str, Any]:
    """Return what TMDB knows of a film."""
    film = movie.film
    return {
        "facts": browsing.facts_of(vars(film), title=movie.title),
        "poster": posters.of_path(film.poster_path),
        "votes": browsing.votes(film.vote_average, film.vote_count),
        "url": browsing.tmdb_url(film.media_type, film.tmdb_id),
    }


def _note(movie: Any, upload_session: UploadSession) -> str:
    """Say what is amiss with the facts of a film."""
    if movie.has_facts:
        return _AMBIGUOUS if movie.film.state == Film.State.AMBIGUOUS else ""
    if movie.film.state == Film.State.UNMATCHED:
        return _UNMATCHED
    if not enrichment.is_on():
        return _OFF
    return _UNDER_WAY if upload_session.status == UploadSession.Status.ENRICHING else _LATER


def _viewing(viewing: Mapping[str, Any]) -> dict[str, Any]:
    """Return a viewing as its template shows it."""
    return {
        **viewing,
        "day": chart_words.day(viewing["date"]) if viewing["date"] else "",
        "stars": chart_words.stars(viewing["rating"]),
        "review": markup.paragraphs(viewing["review"] or ""),
    }


def _review_apart(movie: Movie) -> str:
    """Return the review that belongs to no viewing."""
    is_of_viewing = any(viewing["review"] == movie.review for viewing in movie.viewings)
    return "" if is_of_viewing else markup.paragraphs(movie.review or "")
