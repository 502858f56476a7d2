"""The numbers that stand on TMDB's facts, at their edges; and that facts too old to be shown count for nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from movies_app import stats
from movies_app.models import FACTS_LIFETIME, Film
from movies_app.stats import numbers
from tests.builders import DIARY, WATCHED, make_csv
from tests.test_stats import by_hand, movies_of, store

KNOWN: dict[str, dict[str, Any]] = {
    "Alpha": {
        **{"runtime": 100, "genres": ["Drama", "Comedy"], "countries": ["FR", "IT"]},
        "directors": [{"id": 1, "name": "Ana Lima"}, {"id": 2, "name": "Ana Lima"}],
    },
    "Beta": {"runtime": 61, "genres": ["Drama"], "countries": ["FR"], "directors": [{"id": 2, "name": "Ana L."}]},
    "Gamma": {"runtime": None, "genres": [], "countries": [], "directors": []},
}
FILES = {
    "watched.csv": make_csv(
        WATCHED,
        [("2024-01-01", name, "1999", f"https://boxd.it/{name}") for name in ("Alpha", "Beta", "Gamma", "Delta")],
    ),
    "diary.csv": make_csv(
        DIARY,
        [
            (f"{day}-02", "Alpha", "1999", f"https://boxd.it/{day}", "4", "", "", f"{day}-01")
            for day in ("2023-01", "2024-01", "2024-02")
        ],
    ),
}


def facts_of(title: str, _: int | None) -> dict[str, Any] | None:
    return KNOWN.get(title)


def tell(year: int | None = None) -> dict[str, Any]:
    told = numbers.tell(movies_of(FILES, facts=facts_of), year=year)
    assert told == by_hand(FILES, facts=facts_of, year=year)
    return told


def test_a_film_takes_its_time_at_each_viewing_and_once_where_none_is_known() -> None:
    assert tell()["runtimes"] == {"films": 2, "watched_minutes": 3 * 100 + 61, "average": 80.5}


def test_in_a_year_its_own_viewings_take_time() -> None:
    assert tell(2024)["runtimes"] == {"films": 1, "watched_minutes": 2 * 100, "average": 100.0}
    assert tell(1950)["runtimes"] == {"films": 0, "watched_minutes": 0, "average": None}


def test_a_film_counts_for_each_of_its_genres_and_countries() -> None:
    assert tell()["genres"] == {
        "films": 2,
        "all": [
            {"genre": "Drama", "films": 2, "average_rating": 4.0},
            {"genre": "Comedy", "films": 1, "average_rating": 4.0},
        ],
    }
    assert [(one["country"], one["films"]) for one in tell()["countries"]["all"]] == [("FR", 2), ("IT", 1)]


def test_two_directors_of_one_name_are_two_and_one_of_two_spellings_is_one() -> None:
    told = tell()["directors"]
    assert (told["films"], told["distinct"]) == (2, 2)
    assert [(one["id"], one["name"], one["films"]) for one in told["top"]] == [(2, "Ana Lima", 2), (1, "Ana Lima", 1)]


def test_facts_that_hold_nothing_are_known_and_cover_no_number() -> None:
    told = tell()
    assert told["coverage"]["films_with_facts"] == 3
    assert {told[name]["films"] for name in ("runtimes", "genres", "countries", "directors")} == {2}


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "films"), [(FACTS_LIFETIME - timedelta(minutes=1), 3), (FACTS_LIFETIME, 0)])
def test_facts_count_until_they_are_too_old_to_be_shown(age: timedelta, films: int) -> None:
    session_id = store(FILES, facts=facts_of)
    Film.objects.exclude(fetched_at=None).update(fetched_at=timezone.now() - age)
    told = stats.compute(session_id=session_id)
    assert told["coverage"]["films_with_facts"] == films
    assert told["overview"]["films"] == 4
    if not films:
        assert told == by_hand(FILES)


def test_a_largest_upload_of_the_longest_films_is_counted_whole() -> None:
    rows = [("2024-01-02", "Alpha", "1999", f"https://boxd.it/{n:x}", "", "", "", "2024-01-01") for n in range(80_000)]
    files = {"diary.csv": make_csv(DIARY, rows)}
    told = numbers.tell(movies_of(files, facts=lambda *_: KNOWN["Alpha"] | {"runtime": 32_767}), year=None)
    assert told["runtimes"]["watched_minutes"] == 80_000 * 32_767
