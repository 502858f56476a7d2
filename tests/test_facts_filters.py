"""The filters by film facts on a catalogue of 50,000 films: each finds its films by its index."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from movies_app.models import Film, Movie
from sessions_app.models import UploadSession
from tests.builders import make_sessions

pytestmark = pytest.mark.django_db

FILMS, MOVIES = 50_000, 1_600
# Genres and countries are as unevenly spread as real ones: Drama on half of the films, Western on one in a hundred.
_ADD_FILMS = """
    INSERT INTO films (title_key, title, year, state, fetched_at, genres, directors, "cast", countries)
    SELECT 'film ' || n, 'Film ' || n, 1950 + n %% 70, 'matched', %(now)s,
           CASE WHEN n %% 100 = 0 THEN '["Western"]' WHEN n %% 2 = 0 THEN '["Drama"]' ELSE '["Comedy"]' END::jsonb,
           jsonb_build_array(jsonb_build_object('id', n %% 20000, 'name', 'Director ' || n %% 20000)),
           jsonb_build_array(jsonb_build_object('id', n %% 30000, 'name', 'Actor ' || n %% 30000)),
           CASE WHEN n %% 50 = 0 THEN '["DK"]' ELSE '["US"]' END::jsonb
    FROM generate_series(1, %(films)s) AS n
"""
_ADD_MOVIES = """
    INSERT INTO movies (session_id, position, title, year, date_source, rewatch, liked, tags, viewings, film_id)
    SELECT %(session_id)s, row_number() OVER (ORDER BY id), title, year, 'none', false, false, '[]', '[]', id
    FROM films WHERE id %% (%(films)s / %(movies)s) = 0 LIMIT %(movies)s
"""


@pytest.fixture(scope="module")
def session(django_db_setup: None, django_db_blocker: Any) -> Iterator[UploadSession]:
    """Give a session of 1,600 movies among 50,000 films, in a transaction of the whole module."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        (session,) = make_sessions(1)
        cursor.execute(_ADD_FILMS, {"films": FILMS, "now": timezone.now()})
        cursor.execute(_ADD_MOVIES, {"session_id": session.pk, "films": FILMS, "movies": MOVIES})
        cursor.execute("ANALYZE films")
        cursor.execute("ANALYZE movies")
        yield session
        transaction.set_rollback(True)


def plan_of(session: UploadSession, **filters: Any) -> str:
    page = session.movies.page(total=MOVIES, page=1, per_page=100, ordering="position", **filters)
    return str(page.movies.explain())


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"genre": "Western"}, "films_genres"),
        ({"director": "Director 77"}, "films_directors"),
        ({"director": "77"}, "films_directors"),
        ({"actor": "Actor 99"}, "films_cast"),
        ({"actor": "99"}, "films_cast"),
        ({"country": "dk"}, "films_countries"),
        ({"director": "77", "rewatches_only": True}, "films_directors"),
        ({"actor": "99", "without_tv": True, "without_shorts": True}, "films_cast"),
        ({"country": "dk", "without_tv": True}, "films_countries"),
    ],
)
def test_a_filter_finds_its_films_by_its_index(session: UploadSession, filters: dict[str, Any], index: str) -> None:
    plan = plan_of(session, **filters)
    assert f"Bitmap Index Scan on {index}" in plan, plan
    assert "Seq Scan on films" not in plan


@pytest.mark.parametrize(
    "filters",
    [
        *({"genre": "Drama"}, {"country": "US"}, {"watched_year": 2024}, {"weekday": 1}, {"without_tv": True}),
    ],
)
def test_a_filter_of_no_index_or_that_many_films_fit_starts_from_the_session(
    session: UploadSession, filters: dict[str, Any]
) -> None:
    plan = plan_of(session, **filters)
    assert "movies_position" in plan, plan


def test_the_filters_find_what_they_should(session: UploadSession) -> None:
    for filters, expected in (
        ({"genre": "Western"}, {"genres": ["Western"]}),
        ({"director": "77"}, {"directors__0__id": 77}),
        ({"country": "dk"}, {"countries": ["DK"]}),
    ):
        fitting = session.movies.matching(**filters).values_list("film_id", flat=True)
        by_hand = set(Film.objects.filter(**expected).values_list("pk", flat=True))
        mine = set(Movie.objects.filter(session=session).values_list("film_id", flat=True))
        assert set(fitting) == by_hand & mine
