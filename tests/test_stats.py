"""The numbers of the stats page against the same numbers by hand, which share no code with them."""

import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import date
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movies_app import importing, stats
from movies_app.archive import BroughtFile
from movies_app.keeping import Subject
from movies_app.made_up import Habits, make_export, make_zip
from movies_app.models import Collection, Film, Movie
from movies_app.scope import Scope
from tests import second_reader, stats_by_hand, stats_facts_by_hand
from tests.builders import make_sessions
from tests.film_facts import NO_FACTS, PARTS, Collections, facts_of, released_parts
from tests.test_merging import COLUMNS as CSV_COLUMNS
from tests.test_second_reader import entry_rows, film_rows, make_csv, ratings_rows

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 31)
Facts = Callable[[str, int | None], dict[str, Any] | None]
REAL_EXPORTS = Path(__file__).parents[2] / "shared" / "exports"
BY_DATE = ("years", "by_year", "by_month", "by_week", "by_weekday", "calendar", "streaks", "milestones", "year_on_year")


# ── From an export to its numbers ─────────────────────────────────────────────────────────────
def imported(files: dict[str, bytes]) -> importing.Imported:
    return importing.read_export(importing.open_export([BroughtFile("export.zip", make_zip(files))]), today=TODAY)


def store(files: dict[str, bytes], *, facts: Facts | None = None, collections: Collections | None = None) -> UUID:
    """Store an export as a session of its own, with the facts of its films, and return its id."""
    session_id: UUID = make_sessions(1)[0].pk
    importing.store(imported(files), session_id=session_id)
    if facts is not None:
        store_facts(Film.objects.filter(pk__in=Movie.objects.filter(session_id=session_id).values("film_id")), facts)
    store_collections(PARTS if collections is None else collections)
    return session_id


def store_facts(films: Iterable[Film], facts: Facts) -> None:
    known = []
    for film in films:
        of_film = facts(film.title, film.year)
        if of_film is not None:
            known.append(film)
            for name, value in {**NO_FACTS, **of_film, "state": "matched", "fetched_at": timezone.now()}.items():
                setattr(film, name, value)
    names = [*NO_FACTS, "state", "fetched_at"]
    Film.objects.bulk_create(known, update_conflicts=True, unique_fields=["id"], update_fields=names)


def store_collections(collections: Collections) -> None:
    now = timezone.now()
    rows = [
        Collection(tmdb_id=id_, name="…", parts=sorted(parts, key=release), fetched_at=now, next_try_at=now)
        for id_, parts in collections.items()
    ]
    Collection.objects.bulk_create(rows, ignore_conflicts=True)


def release(part: dict[str, Any]) -> tuple[str, int]:
    return part["release_date"] or "9999", part["id"]


def compute(session_id: UUID, **scope: Any) -> dict[str, Any]:
    return stats.compute(session_id=session_id, scope=Scope(**scope))


def by_hand(
    files: dict[str, bytes], *, facts: Facts | None = None, collections: Collections | None = None, **scope: Any
) -> dict[str, Any]:
    """Return the numbers of an export by hand, with the facts of each film."""
    released = released_parts(PARTS if collections is None else collections)
    return stats_by_hand.numbers(movies_of(files, facts), collections=released, **scope)


def movies_of(files: dict[str, bytes], facts: Facts | None) -> list[dict[str, Any]]:
    movies: list[dict[str, Any]] = [dict(movie) for movie in second_reader.read_export(files)]
    known = [facts(movie["title"], movie["year"]) if facts else None for movie in movies]
    return [
        movie | {"facts": None if film is None else NO_FACTS | film} for movie, film in zip(movies, known, strict=True)
    ]


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


def check_by_hand(session_id: UUID, files: dict[str, bytes], *scopes: Scope) -> None:
    """Compare the numbers of a session whose films have the made-up facts with those of its export."""
    movies, collections = movies_of(files, facts_of), released_parts(PARTS)
    for scope in scopes:
        told = stats.compute(session_id=session_id, scope=scope)
        assert told == stats_by_hand.numbers(movies, collections=collections, **asdict(scope)), scope


_YEARS: list[int | None] = [None, None, None, 1950, 2000, 2019, 2020, 2021, 2023, 2024, 2025, 2026]
_SCOPES = st.builds(
    Scope,
    year=st.sampled_from(_YEARS),
    without_tv=st.booleans(),
    without_shorts=st.booleans(),
    rewatches_only=st.booleans(),
    min_rated=st.sampled_from([1, 2, 3]),
)


@given(exports(), _SCOPES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_numbers_are_those_by_hand_on_hostile_tables(files: dict[str, bytes], scope: Scope) -> None:
    check_by_hand(store(files, facts=facts_of), files, Scope(min_rated=1), scope)


# ── Members ───────────────────────────────────────────────────────────────────────────────────
# The flags in every combination, of all years and of one.
FLAGS = [
    Scope(year=year, without_tv=tv, without_shorts=shorts, rewatches_only=rewatches)
    for year in (None, 2023)
    for tv, shorts, rewatches in product((False, True), repeat=3)
]


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
    files = make_export(films=films, seed=1, habits=habits)
    scopes = [Scope(), Scope(year=2000), Scope(year=2023, min_rated=1), Scope(rewatches_only=True), FLAGS[-1]]
    check_by_hand(store(files, facts=facts_of), files, *scopes)


def test_the_numbers_are_those_by_hand_in_every_scope() -> None:
    files = make_export(films=400, seed=2, habits=Habits(logged=1, tagged=0.5, reviewed=0.5))
    check_by_hand(store(files, facts=facts_of), files, *FLAGS, *(replace(FLAGS[0], min_rated=n) for n in (1, 10, 50)))


def test_the_numbers_are_those_by_hand_on_exports_of_2017() -> None:
    files = make_export(films=300, seed=3, links="slug")
    check_by_hand(store(files, facts=facts_of), files, Scope(), Scope(year=2015), Scope(year=2017))


@pytest.mark.skipif(not REAL_EXPORTS.exists(), reason="NOT COMPARED: the real exports are not on this machine")
@pytest.mark.parametrize("name", sorted(path.name for path in REAL_EXPORTS.glob("*.zip")) or ["none"])
def test_the_numbers_are_those_by_hand_on_real_exports(name: str) -> None:
    with zipfile.ZipFile(REAL_EXPORTS / name) as archive:
        files = {path: archive.read(path) for path in archive.namelist()}
    session_id = store(files, facts=facts_of)
    years = compute(session_id)["years"]
    assert years
    flags = [Scope(), Scope(rewatches_only=True), Scope(without_tv=True, without_shorts=True)]
    check_by_hand(session_id, files, *flags, *(Scope(year=year) for year in (*years, 1950)))


# ── Rankings ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("scope", [Scope(), Scope(year=2024, min_rated=1), Scope(rewatches_only=True, without_tv=True)])
def test_every_ranking_is_that_by_hand(scope: Scope) -> None:
    files = make_export(films=300, seed=6, habits=Habits(logged=1, tagged=0.9))
    session_id, movies = store(files, facts=facts_of), movies_of(files, facts_of)
    assert {*stats.KINDS} == {*stats_facts_by_hand.PEOPLE, *stats_facts_by_hand.NAMES}
    for kind, by in product(stats.KINDS, ("films", "rating")):
        told = stats.ranking(Subject(session_id, "completed"), scope=scope, kind=kind, by=by)
        assert told == stats_by_hand.ranking(movies, kind=kind, by=by, **asdict(scope)), (kind, by)
        assert told["rows"] or by == "rating"


def test_a_ranking_of_a_year_without_viewings_is_empty() -> None:
    session_id, year = store(make_export(films=20, seed=6), facts=facts_of), Scope(year=1950)
    for kind, by in product(stats.KINDS, ("films", "rating")):
        told = stats.ranking(Subject(session_id, "completed"), scope=year, kind=kind, by=by)
        assert told == stats_by_hand.ranking([], kind=kind, by=by), (kind, by)


def test_a_ranking_ends_after_two_thousand() -> None:
    def facts(title: str, year: int | None) -> dict[str, Any]:
        rng = Random(f"{title} {year}")
        return {"cast": [{"id": number, "name": f"Name {number}"} for number in rng.sample(range(1, 100_000), 30)]}

    session_id = store(make_export(films=80, seed=1), facts=facts)
    told = stats.ranking(Subject(session_id, "completed"), scope=Scope(), kind="actors", by="films")
    assert told["ranked"] == told["distinct"] > len(told["rows"]) == 2_000


# ── The database and what comes out of it ─────────────────────────────────────────────────────
@pytest.mark.parametrize("scope", [Scope(), Scope(year=2024)])
def test_five_queries_give_every_number_and_read_no_marking_day(scope: Scope) -> None:
    files = make_export(films=200, seed=4, habits=Habits(reviewed=0.9, tagged=0.5))
    session_id, _ = store(files, facts=facts_of), store(make_export(films=10, seed=5))
    with CaptureQueriesContext(connection) as queries:
        told = stats.compute(session_id=session_id, scope=scope)
    assert len(queries) == 5  # the movies, then the films, people, reviews and parts of collections that are told of
    for query in queries:
        assert "watched_date" not in query["sql"]
        assert "date_source" not in query["sql"]
    assert told == by_hand(files, facts=facts_of, **asdict(scope))
    assert 0 < told["coverage"]["films_with_facts"] < told["coverage"]["films"]


def test_a_session_without_movies_and_one_that_is_gone_have_empty_numbers() -> None:
    nothing = stats_by_hand.numbers([])
    assert compute(make_sessions(1)[0].pk) == nothing
    assert compute(uuid4()) == nothing


@pytest.mark.parametrize("year", [None, 2024])
def test_the_numbers_are_ready_for_json(year: int | None) -> None:
    told = compute(store(make_export(films=300, seed=6), facts=facts_of), year=year)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_the_keys_are_the_same_for_everybody_and_every_scope() -> None:
    def keys(told: Any) -> Any:
        return {key: keys(value) for key, value in told.items()} if isinstance(told, dict) else None

    rich = store(make_export(films=400, seed=8, habits=Habits(reviewed=0.5, tagged=0.5)), facts=facts_of)
    poor: UUID = make_sessions(1)[0].pk
    shape = keys(compute(rich))
    for part in ("days", "weeks", "busiest_day", "busiest_week", "longest_pause"):
        shape["streaks"][part] = None  # null without viewings
    shape["overview"]["first_film"] = shape["overview"]["last_film"] = None
    shape["releases"]["oldest"] = shape["releases"]["newest"] = None
    for session_id, year, rewatches_only in (
        (rich, 1950, True),
        (rich, 1950, False),
        (poor, None, True),
        (poor, 2024, False),
    ):
        assert keys(compute(session_id, year=year, rewatches_only=rewatches_only)) == shape


@pytest.mark.parametrize("filters", [{}, {"rewatches_only": True}, {"without_tv": True, "without_shorts": True}])
def test_a_line_by_year_says_the_same_as_the_numbers_of_that_year(filters: dict[str, bool]) -> None:
    session_id = store(make_export(films=300, seed=9), facts=facts_of)
    told = compute(session_id, **filters)
    lines = told["year_on_year"][::-1]
    assert [line["year"] for line in lines] == [line["year"] for line in told["by_year"]]
    for by_year, line in zip(told["by_year"], lines, strict=True):
        of_year = compute(session_id, year=line["year"], **filters)
        assert of_year["by_year"] == [by_year]
        assert of_year["year_on_year"] == told["year_on_year"]
        same = ("viewings", "films", "rewatches", "average_rating")
        assert {key: by_year[key] for key in same} == {key: line[key] for key in same}
        assert {key: of_year["overview"][key] for key in same} == {key: line[key] for key in same}
        assert line["watched_minutes"] == of_year["runtimes"]["watched_minutes"]
        assert line["genre"] == next((row["genre"] for row in of_year["genres"]["all"]), None)
        assert line["country"] == next((row["country"] for row in of_year["countries"]["all"]), None)
        directors = [{"id": row["id"], "name": row["name"]} for row in of_year["directors"]["most_seen"]]
        assert line["director"] == next(iter(directors), None)
    assert sum(line["new_films"] for line in lines) == first_seen(session_id, **filters)


def first_seen(session_id: UUID, *, rewatches_only: bool = False, **left_out: bool) -> int:
    """Count the films whose oldest dated viewing is no rewatch, of those that are not left out."""
    movies = Movie.objects.filter(session_id=session_id).matching(**left_out)
    viewings = ([v for v in movie.viewings if v["date"] and (v["rewatch"] or not rewatches_only)] for movie in movies)
    return sum(bool(of_film) and not of_film[-1]["rewatch"] for of_film in viewings)


def test_the_parts_add_up_to_the_dated_viewings() -> None:
    session_id = store(make_export(films=500, seed=10))
    for year in (None, 2023, 2024, 2025):
        told = compute(session_id, year=year)
        parts = {name: sum(part["viewings"] for part in told[name]) for name in ("by_year", "by_month", "by_weekday")}
        if year is not None:
            parts["by_week"] = sum(week["viewings"] for week in told["by_week"])
            parts["days"] = sum(day["viewings"] for day in told["calendar"]["days"])
        assert set(parts.values()) == {told["coverage"]["dated_viewings"]}


def test_the_overview_agrees_with_the_figures_kept_at_the_import() -> None:
    files = make_export(films=500, seed=11)
    kept = importing.statistics(imported(files).movies)
    told = compute(store(files))["overview"]
    assert {name: told[name] for name in kept} == kept


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
    told = compute(store(files), year=year)
    moved = compute(store(with_other_marking_days(files)), year=year)
    assert told["coverage"] == moved["coverage"]
    for name in BY_DATE:
        assert without_positions(told[name]) == without_positions(moved[name])


def test_films_that_were_only_marked_are_in_no_number_by_date() -> None:
    files = {
        path: content
        for path, content in make_export(films=400, seed=13).items()
        if path in {"watched.csv", "ratings.csv", "likes/films.csv"}
    }
    told, nothing = compute(store(files)), stats_by_hand.numbers([])
    assert (told["coverage"]["films"], told["coverage"]["films_with_date"]) == (400, 0)
    assert {name: told[name] for name in BY_DATE} == {name: nothing[name] for name in BY_DATE}
