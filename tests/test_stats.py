"""The numbers of the stats page against the same numbers by hand, which share no code with them."""

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import orjson
import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movies_app import importing, stats, storage
from movies_app.archive import BroughtFile
from movies_app.made_up import Habits, make_export, make_zip
from movies_app.models import Film
from movies_app.stats import numbers
from movies_app.stats.seen import FACTS, OWN
from tests import second_reader, stats_by_hand
from tests.builders import make_sessions
from tests.test_merging import COLUMNS as CSV_COLUMNS
from tests.test_second_reader import entry_rows, film_rows, make_csv, ratings_rows

TODAY = date(2026, 1, 31)
Facts = Callable[[str, int | None], dict[str, Any] | None]
REAL_EXPORTS = Path(__file__).parents[2] / "shared" / "exports"
BY_DATE = ("years", "by_year", "by_month", "by_week", "by_weekday", "calendar", "streaks", "milestones")


# ── From an export to its numbers ─────────────────────────────────────────────────────────────
def imported(files: dict[str, bytes]) -> importing.Imported:
    return importing.read_export(importing.open_export([BroughtFile("export.zip", make_zip(files))]), today=TODAY)


def movies_of(files: dict[str, bytes], *, facts: Facts | None = None) -> pl.DataFrame:
    """Return the movies of an export as the query of the numbers gives them, without a database."""
    movies = imported(files).movies.with_columns(film_id="position")
    own = storage.movie_rows(movies, session_id=uuid4()).select(*OWN).cast(pl.Schema(OWN))
    known = [
        (facts and facts(title, year)) or dict.fromkeys(FACTS) for title, year in own.select("title", "year").rows()
    ]
    return own.with_columns(
        pl.Series(name, [as_text(film[name]) if kind == pl.String else film[name] for film in known], dtype=kind)
        for name, kind in FACTS.items()
    )


def as_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def facts_of(title: str, year: int | None) -> dict[str, Any] | None:
    """Return what TMDB might know of a film, drawn from its name: of some all, of some little, of some nothing."""
    rng = Random(f"{title} {year}")
    people = [{"id": number, "name": f"Name {number // 2}"} for number in range(12)]  # two and two of one name
    if rng.random() < 0.2:
        return None
    return {
        "runtime": rng.choice([None, 7, 90, 90, 121, 3_000]),
        "genres": rng.sample(["Drama", "Comedy", "Western", "Ænima", "TV Movie"], rng.randint(0, 3)),
        "countries": rng.sample(["US", "FR", "JP", "SU"], rng.randint(0, 2)),
        "directors": rng.sample(people, rng.choice([0, 1, 1, 1, 2, 3])),
    }


def by_hand(files: dict[str, bytes], *, facts: Facts | None = None, year: int | None = None) -> dict[str, Any]:
    """Return the numbers of an export by hand, with the facts of each film."""
    movies: list[dict[str, Any]] = [dict(movie) for movie in second_reader.read_export(files)]
    known = [movie | {"facts": facts and facts(movie["title"], movie["year"])} for movie in movies]
    return stats_by_hand.numbers(known, year=year)


def store(files: dict[str, bytes], *, facts: Facts | None = None) -> UUID:
    """Store an export as a session of its own, with the facts of its films, and return its id."""
    session_id: UUID = make_sessions(1)[0].pk
    importing.store(imported(files), session_id=session_id)
    if facts is not None:
        for film in Film.objects.filter(movies__session_id=session_id):
            if known := facts(film.title, film.year):
                Film.objects.filter(pk=film.pk).update(**known, state="matched", fetched_at=timezone.now())
    return session_id


# ── Hostile tables ────────────────────────────────────────────────────────────────────────────
_TURNS = [
    "2019-12-30",
    "2020-12-31",
    "2021-01-01",
    "2021-01-03",
    "2021-01-04",
    "2024-02-29",
    "2024-12-29",
    "2024-12-30",
]
_DAYS = st.sampled_from(["", "2000-01-01", "2023-02-30", "2026-02-01", *_TURNS]) | st.dates(
    date(2023, 12, 20), date(2024, 1, 20)
).map(str)
_REVIEWS = st.sampled_from(
    [
        *(
            "",
            " ",
            "Good.",
            "One\r\ntwo  three",
            "<i>Fine</i>, a <3 &amp; <b>bo</b>ld<br>line",
            "<!-- x --> a<b",
            "弟弟 🍿",
        ),
        *("word " * 70, "x" * 300, f"{'y' * 279} z", f"{'y' * 140} {'z' * 139} end", "<p>a</p><p>b</p>" * 40),
    ]
)


@st.composite
def viewing_rows(draw: st.DrawFn) -> dict[str, str]:
    """A row of diary or reviews, on days around the turn of years."""
    tags = draw(st.sampled_from(["", "cinema", "Cinema, home", "cinema, with Ana, 🍿"]))
    link = draw(st.sampled_from(["", *(f"https://boxd.it/entry{number}" for number in range(12))]))
    cells = {"Watched Date": draw(_DAYS), "Review": draw(_REVIEWS), "Tags": tags, "Letterboxd URI": link}
    return draw(entry_rows()) | cells


@st.composite
def exports(draw: st.DrawFn) -> dict[str, bytes]:
    rows = {
        "watched.csv": st.lists(film_rows(), max_size=12),
        "ratings.csv": st.lists(ratings_rows(), max_size=12),
        "diary.csv": st.lists(viewing_rows(), max_size=20),
        "reviews.csv": st.lists(viewing_rows(), max_size=8),
        "likes/films.csv": st.lists(film_rows(), max_size=4),
    }
    return {path: make_csv(draw(some), CSV_COLUMNS[path]) for path, some in rows.items()}


def check_by_hand(files: dict[str, bytes], *years: int | None) -> None:
    movies = movies_of(files, facts=facts_of)
    for year in years:
        assert numbers.tell(movies, year=year) == by_hand(files, facts=facts_of, year=year), year


@given(exports(), st.sampled_from([None, 1950, 2000, 2019, 2020, 2021, 2023, 2024, 2025, 2026]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_numbers_are_those_by_hand_on_hostile_tables(files: dict[str, bytes], year: int | None) -> None:
    check_by_hand(files, None, year)


# ── Members ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "habits",
    [
        Habits(),
        Habits(logged=0),
        Habits(rated=0, blank=1),
        Habits(logged=1, reviewed=0.9, tagged=0.9, liked=0.5),
        Habits(placeholder=0.5, conflicting=0.5, bulk=1),
    ],
)
@pytest.mark.parametrize("films", [1, 5, 300])
def test_the_numbers_are_those_by_hand_on_made_up_members(films: int, habits: Habits) -> None:
    for seed in (1, 2):
        check_by_hand(make_export(films=films, seed=seed, habits=habits), None, 2000, 2023, 2026)


def test_the_numbers_are_those_by_hand_on_exports_of_2017() -> None:
    check_by_hand(make_export(films=300, seed=3, links="slug"), None, 2015, 2017)


@pytest.mark.skipif(not REAL_EXPORTS.exists(), reason="NOT COMPARED: the real exports are not on this machine")
@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(path.name for path in REAL_EXPORTS.glob("*.zip")) or ["none"])
def test_the_numbers_are_those_by_hand_on_real_exports(name: str) -> None:
    with zipfile.ZipFile(REAL_EXPORTS / name) as archive:
        files = {path: archive.read(path) for path in archive.namelist()}
    session_id = store(files)
    years = stats.compute(session_id=session_id)["years"]
    assert years
    for year in (None, *years, 1950):
        assert stats.compute(session_id=session_id, year=year) == by_hand(files, year=year)


# ── The database and what comes out of it ─────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.parametrize("year", [None, 2024])
def test_one_query_gives_every_number_and_reads_no_marking_day(year: int | None) -> None:
    files = make_export(films=200, seed=4, habits=Habits(reviewed=0.9, tagged=0.5))
    session_id, _ = store(files, facts=facts_of), store(make_export(films=10, seed=5))
    with CaptureQueriesContext(connection) as queries:
        told = stats.compute(session_id=session_id, year=year)
    assert len(queries) == 1
    assert "watched_date" not in queries[0]["sql"]
    assert "date_source" not in queries[0]["sql"]
    assert told == by_hand(files, facts=facts_of, year=year)
    assert 0 < told["coverage"]["films_with_facts"] < told["coverage"]["films"]


@pytest.mark.django_db
def test_a_session_without_movies_and_one_that_is_gone_have_empty_numbers() -> None:
    nothing = stats_by_hand.numbers([])
    assert stats.compute(session_id=make_sessions(1)[0].pk) == nothing
    assert stats.compute(session_id=uuid4()) == nothing


@pytest.mark.parametrize("year", [None, 2024])
def test_the_numbers_are_ready_for_json(year: int | None) -> None:
    told = numbers.tell(movies_of(make_export(films=300, seed=6), facts=facts_of), year=year)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_the_keys_are_the_same_for_everybody_and_every_year() -> None:
    def keys(told: Any) -> Any:
        return {key: keys(value) for key, value in told.items()} if isinstance(told, dict) else None

    rich = movies_of(make_export(films=400, seed=8, habits=Habits(reviewed=0.5, tagged=0.5)), facts=facts_of)
    poor = rich.clear()
    shape = keys(numbers.tell(rich, year=None))
    for part in ("days", "weeks", "busiest_day", "busiest_week", "longest_pause"):
        shape["streaks"][part] = None  # null without viewings
    shape["releases"]["oldest"] = shape["releases"]["newest"] = None
    for movies, year in ((rich, 1950), (poor, None), (poor, 2024)):
        assert keys(numbers.tell(movies, year=year)) == shape


def test_a_line_by_year_says_the_same_as_the_overview_of_that_year() -> None:
    movies = movies_of(make_export(films=300, seed=9))
    for line in numbers.tell(movies, year=None)["by_year"]:
        of_year = numbers.tell(movies, year=line["year"])
        assert of_year["by_year"] == [line]
        assert {key: of_year["overview"][key] for key in line if key != "year"} == {
            key: value for key, value in line.items() if key != "year"
        }


def test_the_parts_add_up_to_the_dated_viewings() -> None:
    movies = movies_of(make_export(films=500, seed=10))
    for year in (None, 2023, 2024, 2025):
        told = numbers.tell(movies, year=year)
        parts = {name: sum(part["viewings"] for part in told[name]) for name in ("by_year", "by_month", "by_weekday")}
        if year is not None:
            parts["by_week"] = sum(week["viewings"] for week in told["by_week"])
            parts["days"] = sum(day["viewings"] for day in told["calendar"]["days"])
        assert set(parts.values()) == {told["coverage"]["dated_viewings"]}


def test_the_overview_agrees_with_the_figures_kept_at_the_import() -> None:
    files = make_export(films=500, seed=11)
    kept = importing.statistics(imported(files).movies)
    assert {name: numbers.tell(movies_of(files), year=None)["overview"][name] for name in kept} == kept


# ── Marking days ──────────────────────────────────────────────────────────────────────────────
def with_other_marking_days(files: dict[str, bytes]) -> dict[str, bytes]:
    """Let every film have been marked as watched on one and the same day, as bulk imports do."""
    header, *rows = files["watched.csv"].decode().split("\r\n")
    moved = [f"2024-07-07{row[10:]}" if row else "" for row in rows]
    return files | {"watched.csv": "\r\n".join([header, *moved]).encode()}


def without_positions(told: Any) -> Any:
    if isinstance(told, list):
        return [without_positions(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {key: without_positions(value) for key, value in told.items() if key != "position"}


@pytest.mark.parametrize("year", [None, 2024])
def test_no_number_by_date_moves_with_the_marking_days(year: int | None) -> None:
    files = make_export(films=400, seed=12, habits=Habits(twin_pairs=0))
    told = numbers.tell(movies_of(files), year=year)
    moved = numbers.tell(movies_of(with_other_marking_days(files)), year=year)
    assert told["coverage"] == moved["coverage"]
    for name in BY_DATE:
        assert without_positions(told[name]) == without_positions(moved[name])


def test_films_that_were_only_marked_are_in_no_number_by_date() -> None:
    files = {
        path: content
        for path, content in make_export(films=400, seed=13).items()
        if path in {"watched.csv", "ratings.csv", "likes/films.csv"}
    }
    told, nothing = numbers.tell(movies_of(files), year=None), stats_by_hand.numbers([])
    assert (told["coverage"]["films"], told["coverage"]["films_with_date"]) == (400, 0)
    assert {name: told[name] for name in BY_DATE} == {name: nothing[name] for name in BY_DATE}
