"""What is kept of computed numbers: for which state, for how long, and that nothing of it outlives its session."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movies_app import stats
from movies_app.made_up import make_export
from movies_app.models import Movie
from movies_app.scope import ALL, Scope
from movies_app.stats import computing, kept
from tests.test_stats import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def session_id() -> UUID:
    return store(make_export(films=60, seed=1))


def queries_of_movies(queries: CaptureQueriesContext) -> int:
    return sum("FROM movies" in query["sql"].replace('"', "") for query in queries)


def rows_kept() -> list[str]:
    """Return the keys in the table of the database cache."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache WHERE cache_key LIKE '%stats-%'")
        return [key for (key,) in cursor.fetchall()]


def remove_movies(session_id: UUID) -> None:
    Movie.objects.filter(session_id=session_id).delete()


@pytest.mark.parametrize("year", [None, 2024])
def test_what_is_kept_is_what_was_computed(session_id: UUID, year: int | None) -> None:
    computed = stats.compute(session_id=session_id, scope=Scope(year=year))
    assert stats.cached(session_id=session_id, state="completed", scope=Scope(year=year)) == computed
    with CaptureQueriesContext(connection) as queries:
        assert stats.cached(session_id=session_id, state="completed", scope=Scope(year=year)) == computed
    assert (len(queries), queries_of_movies(queries)) == (1, 0)


def test_another_state_is_computed_anew(session_id: UUID) -> None:
    before = stats.cached(session_id=session_id, state="one")
    Movie.objects.filter(session_id=session_id, position=1).delete()
    assert stats.cached(session_id=session_id, state="one") == before
    assert stats.cached(session_id=session_id, state="two")["overview"]["films"] == before["overview"]["films"] - 1


def test_while_facts_come_in_numbers_last_for_some_seconds(session_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOVING_SECONDS", 2)
    before = stats.cached(session_id=session_id, state="moving", is_moving=True)
    Movie.objects.filter(session_id=session_id, position=1).delete()
    assert stats.cached(session_id=session_id, state="moving", is_moving=True) == before
    time.sleep(2.1)
    after = stats.cached(session_id=session_id, state="moving", is_moving=True)
    assert after["overview"]["films"] == before["overview"]["films"] - 1


def test_a_ranking_is_kept_beside_the_numbers(session_id: UUID) -> None:
    def rank(**asked: Any) -> dict[str, Any]:
        return stats.ranking(session_id=session_id, state="one", kind="tags", **asked)

    told = rank(), rank(by="rating"), rank(scope=Scope(year=2024))
    with CaptureQueriesContext(connection) as queries:
        assert (rank(), rank(by="rating"), rank(scope=Scope(year=2024))) == told
        assert rank(scope=Scope(min_rated=9)) == told[0]  # counts for averages alone
        assert rank(scope=Scope(year=1930))["distinct"] == 0
    assert (len(queries), queries_of_movies(queries)) == (5, 0)


def test_another_version_of_the_code_computes_anew(session_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    stats.cached(session_id=session_id, state="one")
    remove_movies(session_id)
    monkeypatch.setattr(kept, "VERSION", kept.VERSION + 1)
    assert stats.cached(session_id=session_id, state="one")["overview"]["films"] == 0


def test_each_session_has_its_own_numbers(session_id: UUID) -> None:
    other = store(make_export(films=10, seed=2))
    films = [stats.cached(session_id=one, state="one")["overview"]["films"] for one in (session_id, other, session_id)]
    assert films[0] == films[2] != films[1]


def test_only_the_latest_years_are_kept(session_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 4)
    years = stats.cached(session_id=session_id, state="one")["years"]
    assert len(years) > 4
    for year in years:
        stats.cached(session_id=session_id, state="one", scope=Scope(year=year))
    (entry,) = (cache.get(key.split(":", 2)[2]) for key in rows_kept())
    assert list(entry["parts"]) == [ALL, *(Scope(year=year) for year in years[-3:])]


def test_a_year_without_viewings_costs_no_look_at_the_movies_and_is_not_kept(session_id: UUID) -> None:
    stats.cached(session_id=session_id, state="one")
    with CaptureQueriesContext(connection) as queries:
        for year in range(1900, 1950):
            nothing = stats.cached(session_id=session_id, state="one", scope=Scope(year=year))
    assert queries_of_movies(queries) == 0
    assert nothing == stats.compute(session_id=session_id, scope=Scope(year=1949))
    (entry,) = (cache.get(key.split(":", 2)[2]) for key in rows_kept())
    assert list(entry["parts"]) == [ALL]


def test_forgetting_leaves_nothing_of_any_year(session_id: UUID) -> None:
    for year in (None, 2023, 2024):
        stats.cached(session_id=session_id, state="one", scope=Scope(year=year))
    stats.cached(session_id=session_id, state="two")
    assert len(rows_kept()) == 1
    stats.forget(session_id=session_id)
    assert rows_kept() == []
    stats.forget(session_id=session_id)


def test_several_sessions_are_forgotten_at_once_and_others_stay(session_id: UUID) -> None:
    gone = [store(make_export(films=5, seed=seed)) for seed in (3, 4)]
    for one in (session_id, *gone):
        stats.cached(session_id=one, state="one")
    with CaptureQueriesContext(connection) as queries:
        stats.forget_all(gone)
    assert (len(queries), len(rows_kept())) == (1, 1)
    stats.forget_all([])


def test_the_key_does_not_tell_the_link(session_id: UUID) -> None:
    stats.cached(session_id=session_id, state="one")
    (key,) = rows_kept()
    assert session_id.hex[:8] not in key


@pytest.mark.parametrize("moment", ["while the numbers are computed", "while they are kept"])
def test_nothing_is_kept_of_a_session_that_is_deleted_meanwhile(
    session_id: UUID, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_compute, real_set = computing.compute, cache.set

    def delete() -> None:
        remove_movies(session_id)
        stats.forget(session_id=session_id)

    def compute_late(**arguments: Any) -> dict[str, Any]:
        numbers = real_compute(**arguments)
        delete()
        return numbers

    def set_late(*arguments: Any) -> None:
        delete()
        real_set(*arguments)

    if moment == "while the numbers are computed":
        monkeypatch.setattr(computing, "compute", compute_late)
    else:
        monkeypatch.setattr(cache, "set", set_late)
    assert stats.cached(session_id=session_id, state="one")["overview"]["films"] > 0
    assert rows_kept() == []


def test_numbers_are_kept_for_a_day(session_id: UUID) -> None:
    stats.cached(session_id=session_id, state="one")
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('hour', expires - clock_timestamp() + interval '1 minute') FROM cache")
        assert cursor.fetchall() == [(timedelta(days=1),)]
