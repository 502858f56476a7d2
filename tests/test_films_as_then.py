"""The filters of films on members made of all that collides: the database against plain Python, alone and together.

Few values for many films, so that everything meets everything: viewings without a date, ratings changed and withdrawn,
facts that are missing, old, or at the very limit.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from movies_app.models import FACTS_LIFETIME, Film, Movie
from movies_app.scope import Scope
from sessions_app.models import UploadSession
from tests.builders import make_sessions
from tests.films_by_hand import FILTERS, average, fitting, wanted_days

pytestmark = pytest.mark.django_db

MOVIES = 120
YEARS = [2022, 2023, 2024]
DAYS = [None, "2022-12-31", "2023-01-01", "2023-12-31", "2024-01-01", "2024-02-29", "2024-03-03", "2024-03-04"]
JOBS = [
    "Writer",
    "Screenplay",
    "Story",
    "Novel",
    "Director of Photography",
    "Original Music Composer",
    "Editor",
    "Gaffer",
]
FACTS: dict[str, list[Any]] = {
    "media_type": ["movie", "movie", "tv"],
    "runtime": [None, 12, 40, 41, 90],
    "vote_average": [None, 6.0, 7.0, 7.001, 6.999, 9.0],
    "vote_count": [0, 49, 50, 5_000],
    "genres": [[], ["Drama"], ["Drama", "Comedy"]],
    "countries": [["FR"], ["FR", "DE"], []],
    "languages": [["fr"], ["de", "fr"], []],
    "studios": [["A"], ["B", "A"], []],
    "keywords": [["cat"], ["dog", "cat"], []],
    "collection": [None, {"id": 7, "name": "Sevens"}, {"id": 8, "name": "Eights"}],
}
STALE = FACTS_LIFETIME + timedelta(hours=1)
# What lets only some viewings count, and what asks for one of them.
SCOPES: list[dict[str, Any]] = [
    *({}, {"watched_year": 2023}, {"watched_year": 2024}, {"rewatches_only": "true"}),
    {"watched_year": 2024, "rewatches_only": "true"},
]
WANTED: list[dict[str, Any]] = [
    *({}, {"weekday": 7}, {"watched_from": "2024-01-01"}, {"watched_to": "2023-12-31"}),
    {"watched_from": "2023-01-01", "watched_to": "2024-02-29", "weekday": 1},
    {"watched_from": "2024-03-04", "watched_to": "2024-03-03"},
]


@pytest.fixture(scope="module", params=range(2))
def member(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[UploadSession]:
    """Give a session of films that collide, in a transaction of the whole module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_member(Random(request.param))
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def rows(member: UploadSession, django_db_blocker: Any) -> list[dict[str, Any]]:
    """Give its movies as the API tells them."""
    with django_db_blocker.unblock():
        return rows_of(member)


def make_member(rng: Random) -> UploadSession:
    (session,) = make_sessions(1)
    films = [make_film(n, rng) for n in range(MOVIES)]
    Film.objects.bulk_create(films)
    Movie.objects.bulk_create(make_movie(session, film, n, rng) for n, film in enumerate(films, 1))
    return session


def make_film(number: int, rng: Random) -> Film:
    people = [{"id": id_, "name": f"Name {id_}"} for id_ in range(4)]
    facts = {name: rng.choice(values) for name, values in FACTS.items()}
    facts |= {name: rng.sample(people, rng.randrange(3)) for name in ("directors", "cast")}
    facts["crew"] = [rng.choice(people) | {"job": rng.choice(JOBS)} for _ in range(rng.randrange(4))]
    age = rng.choice([None, timedelta(), timedelta(), timedelta(), STALE])
    film = Film(title_key=f"film {number}", title=f"Film {number}", year=rng.choice([None, 1999, 2000, 2009]))
    if age is not None:
        film.fetched_at = timezone.now() - age
        vars(film).update(facts)
    return film


def make_movie(session: UploadSession, film: Film, position: int, rng: Random) -> Movie:
    days = sorted(rng.choices(DAYS, k=rng.choice([0, 1, 1, 2, 3])), key=lambda day: day or "", reverse=True)
    return Movie(
        session=session, film=film, position=position, title=film.title, year=film.year, date_source="none",
        rating=rng.choice([None, None, 3.0, 3.5, 4.5]), rewatch=rng.random() < 0.3, liked=rng.random() < 0.3,
        tags=rng.sample(["a", "b", "c"], rng.randrange(3)), review=rng.choice([None, "Good."]),
        viewings=[make_viewing(day, rng) for day in days],
    )  # fmt: skip


def make_viewing(day: str | None, rng: Random) -> dict[str, Any]:
    return {
        **{"date": day, "logged_date": day, "rating": rng.choice([None, 3.0, 3.5, 5.0]), "rewatch": rng.random() < 0.5},
        **{"tags": rng.sample(["a", "b", "d"], rng.randrange(3)), "uri": None, "review": rng.choice([None, "Fine."])},
    }


def rows_of(session: UploadSession) -> list[dict[str, Any]]:
    """Return the movies as the API tells them: of facts that are too old, nothing."""
    rows = []
    for movie in session.movies.select_related("film").order_by("position"):
        fetched_at = movie.film.fetched_at
        is_known = fetched_at is not None and fetched_at > timezone.now() - FACTS_LIFETIME
        names = (*FACTS, "directors", "cast", "crew")
        rows.append({**vars(movie), **{name: getattr(movie.film, name) if is_known else None for name in names}})
    return rows


def found(movies: Any) -> list[tuple[int, float | None]]:
    return [(row["position"], row["told_rating"]) for row in movies.values("position", "told_rating")]


def asked(params: dict[str, Any]) -> dict[str, Any]:
    """Return filters as the doors give them to the database."""
    kinds: dict[str, Any] = {
        **dict.fromkeys(("watched_from", "watched_to"), date.fromisoformat),
        **dict.fromkeys(("director", "actor", "writer", "cinematographer", "composer", "editor", "person"), str),
        "collection": str,
    }
    flags = {"true": True, "false": False}
    return {name: kinds.get(name, lambda as_is: flags.get(as_is, as_is))(value) for name, value in params.items()}


def check(session: UploadSession, rows: list[dict[str, Any]], params: dict[str, Any]) -> int:
    """Insist that the database finds what Python does, tells it so, and counts it so; return how many there are."""
    expected = fitting(rows, **params)
    movies = session.movies.matching(**asked(params))
    assert found(movies.order_by("position")) == [(one["position"], one["rating"]) for one in expected], params
    figures = session.movies.figures(**asked(params))
    days = wanted_days(expected)
    assert (figures.films, figures.average_rating) == (len(expected), average(expected)), params
    assert figures.rated == sum(one["rating"] is not None for one in expected)
    assert figures.viewings == sum(len(one["wanted"]) for one in expected)
    assert (figures.first_viewing, figures.last_viewing) == ((days[0], days[-1]) if days else (None, None)), params
    return len(expected)


def values_of(rows: list[dict[str, Any]], name: str) -> list[Any]:
    """Return all by which a filter finds something; viewings have ratings and tags that movies do not."""
    values = {value for scope in SCOPES for movie in fitting(rows, **scope) for value in FILTERS[name](movie)}
    return sorted(values, key=str)


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in {"q", "watched_year", "rewatches_only"}])
def test_each_filter_finds_the_same_films_whatever_viewings_count(member: UploadSession, rows: Any, name: str) -> None:
    values = [int(value) if name == "weekday" else value for value in values_of(rows, name)]
    counts = [check(member, rows, {**scope, name: value}) for scope in SCOPES for value in values]
    assert len(values) > 1
    assert any(counts)


@pytest.mark.parametrize(("scope", "wanted"), list(product(SCOPES, WANTED)))
def test_what_is_asked_of_a_viewing_holds_for_one_and_the_same(
    member: UploadSession, rows: Any, scope: dict[str, Any], wanted: dict[str, Any]
) -> None:
    rng = Random(str((scope, wanted)))
    check(member, rows, {**scope, **wanted})
    for name in ("tag", "rating", "reviewed", "seen_again", "against_tmdb", "writer", "without_shorts", "is_rated"):
        check(member, rows, {**scope, **wanted, name: rng.choice(values_of(rows, name))})


def test_many_filters_together_find_what_fits_them_all(member: UploadSession, rows: Any) -> None:
    rng, filled = Random(5), 0
    names = [name for name in FILTERS if name not in {"q", "rewatches_only", "watched_year"}]
    for _ in range(60):
        some = {name: rng.choice(values_of(rows, name)) for name in rng.sample(names, 2)}
        filled += bool(check(member, rows, {**rng.choice(SCOPES), **some}))
    assert filled > 10


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("ordering", ["rating", "-rating"])
def test_films_are_sorted_by_the_rating_that_is_shown(
    member: UploadSession, rows: Any, scope: dict[str, Any], ordering: str
) -> None:
    page = member.movies.page(total=MOVIES, page=1, per_page=MOVIES, ordering=ordering, **asked(scope))
    expected = fitting(rows, **scope)
    sign = -1 if ordering == "-rating" else 1
    expected.sort(key=lambda one: (one["rating"] is None, sign * (one["rating"] or 0)))
    assert found(page.movies) == [(one["position"], one["rating"]) for one in expected]


def test_a_scope_tells_of_films_without_leaving_any_out(member: UploadSession, rows: Any) -> None:
    told = dict(found(member.movies.as_of(Scope(year=2024))))
    then = {one["position"]: one["rating"] for one in fitting(rows, watched_year=2024)}
    assert then
    assert told == {row["position"]: then.get(row["position"], row["rating"]) for row in rows}


@pytest.mark.parametrize("flag", ["rewatches_only", "without_tv", "without_shorts"])
def test_a_flag_that_is_not_set_is_no_filter(member: UploadSession, flag: str) -> None:
    page = member.movies.page(total=MOVIES, page=1, per_page=10, ordering="position", **{flag: False})
    assert (page.count, len(page.movies)) == (MOVIES, 10)
