"""The numbers that are kept: that they are those computed, and what costs no look at the movies.

How long and for which state anything is kept is in `test_keeping`.
"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movies_app import importing, stats
from movies_app.keeping import Subject
from movies_app.made_up import Habits, make_export
from movies_app.scope import Scope
from tests.test_keeping import keys_kept
from tests.test_stats import imported, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return Subject(store(make_export(films=60, seed=1)), "one")


def bring_one_film(subject: Subject) -> None:
    one_film = imported(make_export(films=1, seed=2, habits=Habits(twin_pairs=0)))
    importing.replace(one_film, session_id=subject.session_id)


def queries_of_movies(queries: CaptureQueriesContext) -> int:
    return sum("FROM movies" in query["sql"].replace('"', "") for query in queries)


@pytest.mark.parametrize(("year", "queries_made"), [(None, 1), (2024, 2)])
def test_what_is_kept_is_what_was_computed(subject: Subject, year: int | None, queries_made: int) -> None:
    computed = stats.compute(session_id=subject.session_id, scope=Scope(year=year))
    assert stats.cached(subject, scope=Scope(year=year)) == computed
    with CaptureQueriesContext(connection) as queries:
        assert stats.cached(subject, scope=Scope(year=year)) == computed
    assert (len(queries), queries_of_movies(queries)) == (queries_made, 0)


def test_another_state_is_computed_anew(subject: Subject) -> None:
    before = stats.cached(subject)
    bring_one_film(subject)
    assert stats.cached(subject) == before
    assert stats.cached(Subject(subject.session_id, "two"))["overview"]["films"] == 1


def test_while_facts_come_in_numbers_stay_for_a_moment(subject: Subject) -> None:
    moving = Subject(subject.session_id, "enriching", is_moving=True)
    before = stats.cached(moving)
    bring_one_film(subject)
    assert stats.cached(moving) == before


def test_a_ranking_is_kept_beside_the_numbers(subject: Subject) -> None:
    def rank(**asked: Any) -> dict[str, Any]:
        return stats.ranking(subject, kind="tags", **asked)

    told = rank(), rank(by="rating"), rank(scope=Scope(year=2024))
    with CaptureQueriesContext(connection) as queries:
        assert (rank(), rank(by="rating"), rank(scope=Scope(year=2024))) == told
        assert rank(scope=Scope(min_rated=9)) == told[0]  # counts for averages alone
        assert rank(scope=Scope(year=1930))["distinct"] == 0
    assert queries_of_movies(queries) == 0


def test_each_session_has_its_own_numbers(subject: Subject) -> None:
    other = Subject(store(make_export(films=10, seed=2)), "one")
    films = [stats.cached(one)["overview"]["films"] for one in (subject, other, subject)]
    assert films[0] == films[2] != films[1]


def test_a_year_without_viewings_costs_no_look_at_the_movies_and_is_not_kept(subject: Subject) -> None:
    stats.cached(subject)
    with CaptureQueriesContext(connection) as queries:
        for year in range(1900, 1950):
            nothing = stats.cached(subject, scope=Scope(year=year))
    assert queries_of_movies(queries) == 0
    assert nothing == stats.compute(session_id=subject.session_id, scope=Scope(year=1949))
    assert len(keys_kept()) == 1
