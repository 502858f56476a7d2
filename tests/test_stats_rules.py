"""The rules of docs/statistics.md at their edges, a sentence each; every answer is also compared with that by hand."""

from typing import Any

import polars as pl
import pytest

from movies_app import markup
from movies_app.made_up import Habits, make_export
from tests import stats_by_hand
from tests.test_merging import COLUMNS as CSV_COLUMNS
from tests.test_merging import row
from tests.test_second_reader import make_csv
from tests.test_stats import BY_DATE, compute, store

pytestmark = pytest.mark.django_db

NOTHING = stats_by_hand.numbers([])


def tell(
    year: int | None = None, *, scope: dict[str, Any] | None = None, **tables: list[dict[str, str]]
) -> dict[str, Any]:
    """Return the numbers of an export of a few rows."""
    paths = {kind: "likes/films.csv" if kind == "likes" else f"{kind}.csv" for kind in tables}
    files = {paths[kind]: make_csv(rows, CSV_COLUMNS[paths[kind]]) for kind, rows in tables.items()}
    told = compute(store(files), year=year, **scope or {})
    assert told == stats_by_hand.numbers_of(files, year=year, **scope or {})
    return told


def film(name: str = "Leo", **cells: str) -> dict[str, str]:
    return row(name, uri=f"https://boxd.it/f{name}", **cells)


def seen(*days: str, name: str = "Leo", **cells: str) -> list[dict[str, str]]:
    """Return diary rows of one film, an entry for each day."""
    return [row(name, uri=f"https://boxd.it/{name}{n}", Watched_Date=day, **cells) for n, day in enumerate(days)]


# ── Little or nothing ─────────────────────────────────────────────────────────────────────────
def test_without_a_diary_all_numbers_by_date_are_empty() -> None:
    told = tell(watched=[film()], ratings=[film(Rating="4")], likes=[film()])
    assert {name: told[name] for name in BY_DATE} == {name: NOTHING[name] for name in BY_DATE}
    assert (told["overview"]["films"], told["overview"]["average_rating"], told["overview"]["likes"]) == (1, 4, 1)
    assert told["calendar"] == {"year": None, "busiest": 0, "days": []}
    assert set(told["streaks"].values()) == {None}


def test_without_ratings_averages_are_null_and_nothing_is_best() -> None:
    told = tell(watched=[film()], diary=seen("2024-01-01", "2024-01-02"))
    assert told["ratings"]["histogram"] == NOTHING["ratings"]["histogram"]
    assert {told["ratings"][name] for name in ("average", "median", "most_given")} == {None}
    assert told["best_rated"] == told["releases"]["best_decades"] == []
    assert (told["by_year"][0]["average_rating"], told["rewatches"]["drift"]["average_change"]) == (None, None)


def test_an_export_of_one_film_is_whole() -> None:
    told = tell(watched=[film()], diary=seen("2024-02-29", Rating="5"))
    assert [one["number"] for one in told["milestones"]] == [1]
    assert told["streaks"]["days"] == {"length": 1, "first": "2024-02-29", "last": "2024-02-29"}
    assert told["streaks"]["weeks"] == {"length": 1, "first": "2024-02-26", "last": "2024-03-03"}
    assert told["streaks"]["longest_pause"] is None
    assert told["best_rated"] == [told["releases"]["oldest"]] == [told["releases"]["newest"]]
    assert (len(told["by_month"]), len(told["by_week"])) == (1, 53)


def test_likes_alone_make_no_film() -> None:
    assert tell(likes=[film()]) == NOTHING


def test_tables_without_rows_give_empty_numbers() -> None:
    assert tell(watched=[], ratings=[], diary=[], reviews=[], likes=[]) == NOTHING


def test_five_liked_films_without_rating_are_counted() -> None:
    films = [film(name) for name in "ABCDE"]
    told = tell(watched=films, likes=films)
    assert (told["overview"]["films"], told["overview"]["likes"], told["overview"]["rated"]) == (5, 5, 0)


def test_a_viewing_without_a_date_counts_and_is_in_no_number_by_date() -> None:
    told = tell(watched=[film()], diary=seen("", "", Rewatch="Yes", Rating="4"))
    assert told["coverage"] == NOTHING["coverage"] | {"films": 1, "viewings": 2}
    assert (told["rewatches"]["flagged"], told["rewatches"]["most_seen"][0]["viewings"]) == (2, 2)
    assert told["rewatches"]["drift"]["pairs"] == 0
    assert {name: told[name] for name in BY_DATE} == {name: NOTHING[name] for name in BY_DATE}


def test_a_year_without_viewings_has_zeros() -> None:
    told = tell(1950, watched=[film()], diary=seen("2024-01-01", Rating="4"))
    line = {"year": 1950, "viewings": 0, "films": 0, "rewatches": 0, "average_rating": None}
    assert (told["year"], told["years"], told["by_year"]) == (1950, [2024], [line])
    assert [(len(told[name]), sum(part["viewings"] for part in told[name])) for name in ("by_month", "by_week")] == [
        (12, 0),
        (53, 0),
    ]
    assert told["calendar"] == {"year": 1950, "busiest": 0, "days": []}
    rest = set(NOTHING) - {"year", "years", "by_year", "by_month", "by_week", "calendar", "year_on_year"}
    assert {name: told[name] for name in rest} == {name: NOTHING[name] for name in rest}


@pytest.mark.parametrize(("year", "first", "last"), [(1, "0001-W01", "0002-W01"), (9999, "9998-W53", "9999-W52")])
def test_no_year_of_the_calendar_is_too_far(year: int, first: str, last: str) -> None:
    told = compute(store(make_export(films=1, seed=1)), year=year)
    assert [told["by_month"][place]["month"] for place in (0, 11)] == [f"{year:04d}-01", f"{year:04d}-12"]
    assert [told["by_week"][place]["week"] for place in (0, -1)] == [first, last]


# ── Days ──────────────────────────────────────────────────────────────────────────────────────
def test_a_day_in_the_future_counts() -> None:
    told = tell(watched=[film()], diary=seen("2026-01-31", "2026-02-01", Date="2026-02-01"))
    assert (told["overview"]["last_viewing"], told["streaks"]["days"]["length"]) == ("2026-02-01", 2)
    assert told["by_week"][-1] == {"week": "2026-W05", "monday": "2026-01-26", "viewings": 2}


def test_a_placeholder_day_is_a_day() -> None:
    diary = [entry for name in "ABC" for entry in seen("2000-01-01", name=name)] + seen("2024-01-01")
    told = tell(diary=diary)
    assert told["streaks"]["busiest_day"] == {"date": "2000-01-01", "viewings": 3}
    assert [len(told[name]) for name in ("by_year", "by_month", "by_week")] == [25, 24 * 12 + 1, 53]
    assert told["calendar"]["year"] == 2024


@pytest.mark.parametrize(
    ("days", "length"), [(["2024-02-28", "2024-02-29", "2024-03-01"], 3), (["2023-02-28", "2023-03-01"], 2)]
)
def test_a_streak_goes_through_the_end_of_february(days: list[str], length: int) -> None:
    told = tell(diary=seen(*days))
    assert told["streaks"]["days"] == {"length": length, "first": days[0], "last": days[-1]}
    assert told["streaks"]["longest_pause"] is None


@pytest.mark.parametrize(
    ("day", "week", "monday"),
    [
        ("2024-12-30", "2025-W01", "2024-12-30"),
        ("2021-01-03", "2020-W53", "2020-12-28"),
        ("2027-01-01", "2026-W53", "2026-12-28"),
        ("2018-12-31", "2019-W01", "2018-12-31"),
    ],
)
def test_a_week_at_the_turn_of_the_year_has_its_iso_number(day: str, week: str, monday: str) -> None:
    told = tell(diary=seen(day))
    assert told["by_week"][-1] == {"week": week, "monday": monday, "viewings": 1}
    assert told["streaks"]["busiest_week"] == {"monday": monday, "viewings": 1}


def test_the_weeks_of_a_year_count_only_its_own_days() -> None:
    told = tell(2021, diary=seen("2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01"))
    assert [(week["week"], week["viewings"]) for week in told["by_week"] if week["viewings"]] == [
        ("2020-W53", 1),
        ("2021-W52", 1),
    ]


@pytest.mark.parametrize(("year", "weeks"), [(2023, 53), (2024, 53), (2012, 54), (2018, 53)])
def test_every_day_of_a_year_has_its_week(year: int, weeks: int) -> None:
    assert len(tell(year, diary=seen("2024-01-01"))["by_week"]) == weeks


def test_of_equal_streaks_the_first_stands() -> None:
    told = tell(diary=seen("2024-01-01", "2024-01-02", "2024-02-01", "2024-02-02"))
    assert told["streaks"]["days"] == {"length": 2, "first": "2024-01-01", "last": "2024-01-02"}
    assert told["streaks"]["longest_pause"] == {"days": 29, "first": "2024-01-03", "last": "2024-01-31"}


def test_milestones_go_on_by_five_hundred() -> None:
    habits = Habits(logged=1, twin_pairs=0, removed_films=0)
    told = compute(store(make_export(films=1_500, seed=1, habits=habits)))
    assert [one["number"] for one in told["milestones"]] == [1, 50, 100, 250, 500, 1_000, 1_500]
    assert told["milestones"][0]["date"] == told["overview"]["first_viewing"]


# ── Of a year ─────────────────────────────────────────────────────────────────────────────────
def test_of_a_year_a_film_is_as_it_was_then() -> None:
    first = seen("2023-05-01", Rating="2", Tags="cinema", Date="2023-05-01")
    later = [
        entry | {"Letterboxd URI": "https://boxd.it/late"} for entry in seen("2024-05-01", Rating="5", Tags="home")
    ]
    reviews = [first[0] | {"Review": "Dull."}, later[0] | {"Review": "Great!"}]
    told = tell(2023, watched=[film()], diary=first + later, reviews=reviews)
    assert (told["best_rated"][0]["rating"], told["ratings"]["average"]) == (2, 2)
    assert told["tags"]["top"] == [{"tag": "cinema", "films": 1, "average_rating": 2}]
    assert [(one["date"], one["excerpt"]) for one in told["reviews"]["latest"]] == [("2023-05-01", "Dull.")]


def test_a_film_not_rated_in_that_year_has_its_present_rating() -> None:
    told = tell(2023, watched=[film()], ratings=[film(Rating="3.5")], diary=seen("2023-05-01"))
    assert (told["overview"]["average_rating"], told["by_year"][0]["average_rating"]) == (3.5, 3.5)


# ── Rewatches only ────────────────────────────────────────────────────────────────────────────
def test_of_rewatches_one_without_a_date_counts_and_is_in_no_number_by_date() -> None:
    told = tell(scope={"rewatches_only": True}, watched=[film()], diary=seen("", Rewatch="Yes", Rating="4"))
    assert told["coverage"] == NOTHING["coverage"] | {"films": 1, "viewings": 1}
    assert (told["overview"]["average_rating"], told["best_rated"][0]["rating"]) == (4, 4)
    assert {name: told[name] for name in BY_DATE} == {name: NOTHING[name] for name in BY_DATE}


def test_of_rewatches_in_a_year_both_must_be_so_of_one_viewing() -> None:
    again = row(uri="https://boxd.it/r1", Watched_Date="2023-05-01", Rewatch="Yes")
    diary = [*seen("2024-05-01", Rating="2"), again]
    for year, films in ((2024, 0), (2023, 1)):
        told = tell(year, scope={"rewatches_only": True}, watched=[film()], diary=diary)
        assert (told["overview"]["films"], told["overview"]["viewings"]) == (films, films)
        assert told["years"] == [2024, 2023]


def test_of_rewatches_a_film_is_as_it_was_at_the_newest_of_them() -> None:
    cells = [
        {"Watched_Date": "2021-01-01", "Rewatch": "Yes", "Rating": "5", "Tags": "old, home", "Review": "Still good."},
        {"Watched_Date": "2022-01-01", "Rewatch": "Yes", "Rating": "3", "Tags": "home"},
        {"Watched_Date": "2023-01-01", "Rewatch": "Yes", "Tags": "cinema"},
        {"Watched_Date": "2024-01-01", "Rewatch": "", "Rating": "1", "Tags": "last", "Review": "Enough."},
    ]
    rows = [row(uri=f"https://boxd.it/r{number}", **some) for number, some in enumerate(cells)]
    told = tell(scope={"rewatches_only": True}, watched=[film()], diary=rows, reviews=[rows[0], rows[3]])
    assert (told["overview"]["viewings"], told["overview"]["average_rating"]) == (3, 3)
    assert [one["tag"] for one in told["tags"]["top"]] == ["cinema", "home", "old"]
    assert [(one["date"], one["excerpt"]) for one in told["reviews"]["latest"]] == [("2021-01-01", "Still good.")]
    assert [(one["year"], one["average_rating"]) for one in told["by_year"]] == [(2021, 5), (2022, 3), (2023, 1)]


def test_of_rewatches_the_calendar_shows_the_last_year_that_has_one() -> None:
    diary = [row(uri="https://boxd.it/r1", Watched_Date="2021-01-01", Rewatch="Yes"), *seen("2024-05-01")]
    told = tell(scope={"rewatches_only": True}, diary=diary)
    assert (told["calendar"]["year"], told["years"]) == (2021, [2024, 2021])


# ── Year on year ──────────────────────────────────────────────────────────────────────────────
def test_a_film_is_new_in_the_year_in_which_it_is_first_dated() -> None:
    diary = [*seen("", "2021-01-01", "2021-02-01", "2023-01-01", name="A"), *seen("2023-05-05", name="B")]
    told = tell(diary=diary)["year_on_year"]
    assert [(one["year"], one["viewings"], one["films"], one["new_films"]) for one in told] == [
        *((2023, 2, 2, 1), (2022, 0, 0, 0), (2021, 2, 1, 1)),
    ]


def test_year_on_year_stays_whole_whatever_year_is_asked() -> None:
    diary = seen("2021-01-01", "2022-02-02", Rating="3")
    assert (
        tell(2022, diary=diary)["year_on_year"]
        == tell(diary=diary)["year_on_year"]
        == tell(1950, diary=diary)["year_on_year"]
    )


@pytest.mark.parametrize("is_before_in_diary", [True, False])
def test_a_film_whose_first_viewing_is_marked_as_a_rewatch_is_never_new(*, is_before_in_diary: bool) -> None:
    again = row("A", uri="https://boxd.it/r1", Watched_Date="2022-01-01", Rewatch="Yes")
    diary = [*(seen("2021-01-01", name="A") if is_before_in_diary else []), again]
    for scope in ({}, {"rewatches_only": True}):
        told = tell(scope=scope, diary=diary)["year_on_year"]
        assert (told[0]["year"], told[0]["new_films"], told[0]["rewatches"]) == (2022, 0, 1)


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("ratings", "average"),
    [
        (["3"] * 7 + ["4"], 3.12),  # 3.125: the even of 3.12 and 3.13
        (["3"] * 5 + ["4"] * 3, 3.38),  # 3.375
        (["1"] * 197 + ["2"] * 3, 1.02),  # 1.015, which has no exact number in binary
        (["1", "1", "2"], 1.33),
    ],
)
def test_averages_have_two_exact_decimals(ratings: list[str], average: float) -> None:
    films = [film(f"A{number}", Rating=rating) for number, rating in enumerate(ratings)]
    assert tell(ratings=films)["overview"]["average_rating"] == average


def test_of_equally_given_ratings_the_highest_is_named() -> None:
    films = [film(name, Rating=rating) for name, rating in zip("ABCDE", ["2", "4", "4", "2", "3"], strict=True)]
    told = tell(ratings=films)["ratings"]
    assert (told["most_given"], told["median"]) == (4, 3)


def test_a_decade_needs_three_rated_films_to_be_best() -> None:
    nineties = [film(name, year="1999", Rating="5") for name in "AB"]
    eighties = [film(name, year="1981", Rating="3") for name in "CDE"]
    told = tell(ratings=[*nineties, *eighties, film("F", year="", Rating="5")])["releases"]
    assert [decade["decade"] for decade in told["decades"]] == [1980, 1990]
    assert [decade["decade"] for decade in told["best_decades"]] == [1980]
    assert (len(told["years"]), sum(year["films"] for year in told["years"])) == (19, 5)


def test_how_many_rated_films_make_a_best_decade_can_be_asked() -> None:
    ratings = [
        film("A", year="1999", Rating="5"),
        film("B", year="1981", Rating="3"),
        film("C", year="1981", Rating="3"),
    ]
    for least, decades in ((1, [1990, 1980]), (2, [1980]), (3, [])):
        told = tell(scope={"min_rated": least}, ratings=ratings)
        assert [decade["decade"] for decade in told["releases"]["best_decades"]] == decades
        assert told["filters"]["min_rated"] == least


def test_drift_skips_viewings_without_rating_or_date() -> None:
    rated = [row(uri=f"https://boxd.it/r{n}", Watched_Date=day, Rating=rating) for n, (day, rating) in enumerate(
        [("2024-01-01", "3"), ("2024-01-02", ""), ("2024-01-03", "4.5"), ("", "1"), ("2024-01-04", "4.5")]
    )]  # fmt: skip
    drift = tell(diary=rated)["rewatches"]["drift"]
    assert {key: drift[key] for key in ("pairs", "up", "down", "same", "average_change")} == {
        **{"pairs": 2, "up": 1, "down": 0, "same": 1},
        "average_change": 0.75,
    }
    assert [(rise["from"], rise["to"], rise["change"]) for rise in drift["rises"]] == [(3, 4.5, 1.5)]


def test_lists_end_where_the_docs_say() -> None:
    diary = []
    for number in range(25):
        name = f"A{number}"
        first, last = seen("2024-01-01", "2024-01-02", name=name, Rating="3", Tags=f"tag {number}", Review="Well.")
        diary += [first, last | {"Rating": "4" if number % 2 else "2"}]
    told = tell(diary=diary, reviews=diary)
    assert (len(told["tags"]["top"]), told["tags"]["distinct"], len(told["best_rated"])) == (20, 25, 12)
    assert [len(told["rewatches"]["drift"][name]) for name in ("rises", "falls")] == [5, 5]
    assert (len(told["rewatches"]["most_seen"]), told["rewatches"]["films_seen_again"]) == (10, 25)
    assert [len(told["reviews"][name]) for name in ("longest", "latest")] == [3, 3]


def test_no_average_is_a_negative_zero() -> None:
    entries = seen(*(f"2024-01-{day:02d}" for day in range(1, 29)), Rating="4", name="A") * 8
    entries = [
        entry | {"Letterboxd URI": f"https://boxd.it/n{n}", "Name": f"A{n % 8}"} for n, entry in enumerate(entries)
    ]
    entries[-1]["Rating"] = "3.5"
    assert str(tell(diary=entries)["rewatches"]["drift"]["average_change"]) == "0.0"


# ── Reviews ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("review", "words", "text"),
    [
        ("I <3 it", 3, "I <3 it"),
        ("one<br>two<br/>three", 3, "one two three"),
        ("<P>one</P><BR CLEAR=all>two", 2, "one two"),
        ("<b>bo</b>ld", 1, "bold"),
        ('<a href="https://example.org/?a=1&b=2">link</a>.', 1, "link."),
        ("<blockquote>Quoth</blockquote>the raven", 3, "Quoth the raven"),
        ("a <b and no end", 5, "a <b and no end"),
        ("<!-- hidden? -->", 1, "hidden?"),
        ("Tom &amp; Jerry&#39;s", 3, "Tom & Jerry's"),
        ("&lt;script&gt;", 1, "<script>"),
        ("two\r\n\r\nlines", 2, "two lines"),
    ],
)
def test_a_review_is_read_as_plain_text(review: str, words: int, text: str) -> None:
    told = tell(reviews=[row(uri="https://boxd.it/e1", Watched_Date="2024-01-01", Review=review)])["reviews"]
    assert (told["words"], told["longest"][0]["excerpt"]) == (words, text)


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("x" * 280, "x" * 280),
        ("x" * 281, "x" * 279 + "…"),
        ("x" * 279 + " y", "x" * 279 + "…"),
        ("x" * 200 + " " + "y" * 100, "x" * 200 + "…"),
        ("word " * 56, ("word " * 56).strip()),
        ("word " * 57, "word " * 55 + "word…"),
    ],
)
def test_an_excerpt_ends_between_words(text: str, excerpt: str) -> None:
    assert markup.excerpt(text) == excerpt
    assert len(excerpt) <= markup.EXCERPT_LENGTH


def test_the_review_of_no_viewing_has_no_date_and_comes_last() -> None:
    dated = row("A", uri="https://boxd.it/e1", Watched_Date="2020-01-01")
    undated = row("B", uri="https://boxd.it/e2", Review="No day.")
    told = tell(diary=[dated], reviews=[dated | {"Review": "A day."}, undated])["reviews"]
    assert [(one["film"]["title"], one["date"]) for one in told["latest"]] == [("A", "2020-01-01"), ("B", None)]


def test_a_review_that_belongs_to_no_entry_has_no_date_though_an_older_one_has() -> None:
    entry = row(uri="https://boxd.it/e1", Watched_Date="2020-01-01")
    apart = row(uri="https://boxd.it/e2", Watched_Date="2021-01-01", Review="Newer.")
    told = tell(diary=[entry], reviews=[entry | {"Review": "Older."}, apart])
    assert [(one["date"], one["excerpt"]) for one in told["reviews"]["latest"]] == [(None, "Newer.")]


def test_plain_text_leaves_null_alone() -> None:
    assert pl.select(markup.words(pl.lit(None, dtype=pl.String))).item() is None
