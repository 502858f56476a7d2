"""The stats page as a value: sentences that say the finding, geometry that fits, a text where nothing is."""

from datetime import date
from typing import Any

import pytest

from movies_app import chart_shapes, charts
from movies_app import chart_words as words
from movies_app.chart_parts import Link
from movies_app.chart_shapes import Point
from movies_app.scope import Links, Scope
from tests.chart_numbers import Numbers, decade, nothing, sample, without

LINKS = Links("/stats/a")


def page_of(numbers: Numbers, **given: Any) -> Any:
    return charts.page_of(numbers, **{"links": LINKS} | given)


def dates_of(numbers: Numbers) -> Any:
    dates = page_of(numbers).dates
    assert dates is not None
    return dates


def chart_of(values: list[int], *, labels: list[str] | None = None) -> Any:
    names = labels or [""] * len(values)
    return chart_shapes.chart([Point(n, f"{n} films", name) for n, name in zip(values, names, strict=True)], label="")


def months(first: int, counts: list[int]) -> list[Numbers]:
    return [{"month": f"{first + i // 12}-{i % 12 + 1:02d}", "viewings": count} for i, count in enumerate(counts)]


# ── Words ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2023-08-03", "2023-08-03", "3 Aug 2023"),
        ("2023-08-03", "2023-08-14", "3–14 Aug 2023"),
        ("2023-07-28", "2023-08-02", "28 Jul – 2 Aug 2023"),
        ("2022-12-28", "2023-01-04", "28 Dec 2022 – 4 Jan 2023"),
    ],
)
def test_a_span_of_days_says_nothing_twice(first: str, last: str, written: str) -> None:
    assert words.days(first, last) == written


@pytest.mark.parametrize(
    ("rating", "stars", "points", "in_words"),
    [(0.5, "½", "½", "half a star"), (1.0, "★", "1", "1 star"), (3.5, "★★★½", "3½", "3½ stars")],
)
def test_a_rating_is_written_in_halves(rating: float, stars: str, points: str, in_words: str) -> None:
    assert (words.stars(rating), words.points(rating), words.in_stars(rating)) == (stars, points, in_words)


@pytest.mark.parametrize(
    ("part", "whole", "written"), [(0, 0, "0%"), (0, 9, "0%"), (1, 900, "1%"), (899, 900, "99%"), (9, 9, "100%")]
)
def test_a_share_is_nothing_or_all_only_when_it_is(part: int, whole: int, written: str) -> None:
    assert words.share(part, whole) == written


def test_one_film_is_no_films() -> None:
    assert [words.counted(1, "film"), words.counted(1600, "film"), words.counted(2, "rewatch", "rewatches")] == [
        *("1 film", "1,600 films", "2 rewatches")
    ]


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (948, 1600, "948 of 1,600 films have a rating"),
        (1, 2, "1 of 2 films has a rating"),
        (1600, 1600, "All 1,600 films have a rating"),
        (1, 1, "The one film has a rating"),
    ],
)
def test_a_coverage_is_a_short_sentence(part: int, whole: int, written: str) -> None:
    assert words.covered(part, whole, "a rating") == written


# ── Geometry ──────────────────────────────────────────────────────────────────────────────────
def test_the_highest_bar_reaches_the_top_and_an_empty_place_has_no_bar() -> None:
    drawn = chart_of([0, 1, 50, 100, 3, 4, 5])
    assert drawn.view_box == "0 0 70 100"
    assert [shape.title for shape in drawn.top] == ["100 films"]
    assert drawn.top[0].path == "M31 100V1.961h8V100z"
    assert [shape.title for shape in drawn.bars] == ["1 films", "50 films", "3 films", "4 films", "5 films"]
    assert [number.text for number in drawn.numbers] == ["1", "50", "100", "3", "4", "5"]


def test_many_bars_have_lines_at_round_numbers_instead_of_a_number_each() -> None:
    drawn = chart_of(list(range(10, 140, 10)))
    assert drawn.numbers == ()
    assert [line.text for line in drawn.lines] == ["50", "100"]


def test_the_smallest_bar_is_seen_beside_the_highest() -> None:
    drawn = chart_of([1, 100_000])
    assert drawn.bars[0].path.startswith("M26 100V99.2h8")


def test_of_many_highest_bars_none_stands_out() -> None:
    drawn = chart_of([1, 1, 1, 1])
    assert (len(drawn.bars), len(drawn.top)) == (4, 0)


def test_a_single_bar_is_no_picture() -> None:
    assert chart_of([5]) is None


def test_labels_are_thinned_out_until_they_fit_and_more_so_on_a_phone() -> None:
    drawn = chart_of([1] * 40, labels=[str(year) for year in range(1985, 2025)])
    assert len(drawn.ticks) == 14
    narrow = [tick.text for tick in drawn.ticks if tick.kind == "tick"]
    assert narrow == [str(year) for year in range(1985, 2025, 6)]


def test_twelve_years_do_not_run_into_each_other_on_a_phone_and_twelve_months_fit() -> None:
    years = chart_of([1] * 12, labels=[str(year) for year in range(2013, 2025)])
    assert [tick.kind for tick in years.ticks] == ["tick", "tick wide"] * 6
    assert {tick.kind for tick in chart_of([1] * 12, labels=["Jan"] * 12).ticks} == {"tick"}


def test_a_month_begins_on_its_weekday_and_shines_by_its_viewings() -> None:
    days = {1: Point(1, "first"), 29: Point(7, "last")}
    drawn = chart_shapes.month(date(2024, 2, 1), days=days, last=date(2024, 2, 29))
    assert (drawn.path.count("z"), drawn.ahead) == (29, "")
    assert [(level.name, level.days[0].path, level.days[0].title) for level in drawn.levels] == [
        ("1", "M30 0h9v9h-9z", "first"),
        ("4", "M30 40h9v9h-9z", "last"),
    ]


@pytest.mark.parametrize(
    ("last", "known", "ahead"), [(date(2024, 1, 31), 0, 29), (date(2024, 2, 3), 3, 26), (date(2024, 12, 31), 29, 0)]
)
def test_days_after_the_last_are_ahead(last: date, known: int, ahead: int) -> None:
    drawn = chart_shapes.month(date(2024, 2, 1), days={}, last=last)
    assert (drawn.path.count("z"), drawn.ahead.count("z")) == (known, ahead)


# ── The page ──────────────────────────────────────────────────────────────────────────────────
def test_each_headline_says_the_finding() -> None:
    page = page_of(sample())
    sections = [
        *(page.ratings, page.best_rated, page.dates.by_year, page.dates.by_month, page.dates.by_week),
        *(page.dates.by_weekday, page.dates.calendar.section, page.dates.streaks, page.dates.milestones),
        *(page.releases, page.decades, page.best_decades, page.rewatches, page.drift.section, page.tags),
        page.reviews.section,
    ]
    assert [section.headline for section in sections] == [
        *("4 stars is the usual verdict", "83 films have ★★★★★", "2023 was the busiest year"),
        *(
            "July 2024 was the busiest month",
            "Films in 41 of the 53 weeks up to 30 Dec 2024",
            "Saturday is the day for films",
        ),
        *("2024 had films on 11 days", "12 days in a row with a film", "Solaris was viewing number 1,000"),
        *("Half of the films are from 1971 or later", "The 2000s lead, with 412 films", "The 1980s are rated best"),
        *("Heat, 9 times", "Films grow at the second look", "“cinema” is the favourite tag", "4,520 words about films"),
    ]


def test_each_chart_by_date_tells_how_many_films_it_covers() -> None:
    dates = dates_of(sample())
    sections = (dates.by_year, dates.by_month, dates.by_week, dates.by_weekday, dates.calendar.section)
    assert {section.coverage for section in sections} == {"948 of 1,600 films have a date"}


def test_the_table_of_months_has_a_line_for_each_year() -> None:
    numbers = sample() | {"by_month": months(2023, [1] * 12 + [2, 0])}
    dates = dates_of(numbers)
    assert dates.by_month.table.rows[0].cells == ("1",) * 12 + ("12",)
    assert dates.by_month.table.rows[1].cells == ("2", "0", *["–"] * 10, "2")


def test_the_table_of_the_calendar_names_every_day() -> None:
    dates = dates_of(sample())
    february = dates.calendar.section.table.rows[0]
    assert (february.name, february.cells) == ("February", ("3", "1"))
    assert february.links == (Link("29 (×3)", "/stats/a/films?watched_from=2024-02-29&watched_to=2024-02-29"),)


def test_one_wrong_date_does_not_squeeze_the_years_of_a_diary() -> None:
    numbers = sample() | {"by_month": months(2000, [3, *[0] * 240, *[9] * 30])}
    dates = dates_of(numbers)
    assert len(dates.by_month.chart.bars) == 30
    assert dates.by_month.note.endswith("3 viewings before February 2020 are in the table alone.")
    assert dates.by_month.table.rows[0].name == "2000"


def test_years_before_a_pause_stay_when_they_are_more_than_a_few() -> None:
    numbers = sample() | {"by_month": months(2010, [9] * 12 + [0] * 48 + [9] * 12)}
    dates = dates_of(numbers)
    assert len(dates.by_month.chart.bars) == 24


def test_a_page_of_one_year_compares_no_years() -> None:
    page = page_of(sample() | {"year": 2024})
    assert page.dates.by_year is None
    assert [choice.text for choice in page.counting.years if choice.is_chosen] == ["2024"]
    assert page.dates.by_week.coverage == "1,000 viewings of 948 films"


def test_what_is_missing_tells_what_would_fill_it() -> None:
    page = page_of(nothing())
    sections = (page.ratings, page.releases, page.best_decades, page.rewatches, page.tags)
    assert (page.dates, page.best_rated, page.decades) == (None, None, None)
    assert all(section.empty for section in (*sections, page.drift.section, page.reviews.section))
    assert page.summary == "Watched, with no diary yet."


@pytest.mark.parametrize("missing", ["ratings", "tags", "reviews", "rewatches", "releases", "best_rated"])
def test_each_section_may_be_missing_alone(missing: str) -> None:
    assert page_of(without(sample(), missing)).dates is not None


def test_a_number_that_is_nothing_has_no_tile() -> None:
    assert [tile.label for tile in page_of(nothing()).tiles] == ["film"]
    numbers = sample()
    numbers["overview"] |= {"likes": 0, "reviews": 1}
    assert [(tile.value, tile.label, tile.note) for tile in page_of(numbers).tiles] == [
        *(("1,600", "films", ""), ("1,010", "viewings", "1,000 with a date"), ("101", "rewatches", "")),
        *(("3.46", "average rating", ""), ("1,380", "rated films", "86% of all"), ("1", "review", "")),
    ]


def test_a_decade_of_few_ratings_is_not_ranked() -> None:
    numbers = sample()
    numbers["releases"]["best_decades"] = [decade(1920, 9, 4.9), decade(1980, 10, 3.9)]
    best = page_of(numbers).best_decades
    assert best.headline == "The 1980s are rated best"
    assert ([tile.label for tile in best.tiles], "at least 10 rated" in best.note) == (["1980s"], True)
    numbers["releases"]["best_decades"] = [decade(1920, 9, 4.9)]
    assert page_of(numbers).best_decades.empty


def test_a_year_without_viewings_says_so() -> None:
    numbers = nothing()
    numbers["overview"]["films"] = 0
    page = page_of(numbers | {"year": 2019}, links=Links("/stats/a", Scope(year=2019)))
    assert (page.summary, page.nowhere.headline) == ("No viewing is dated 2019.", "No film in 2019")


@pytest.mark.parametrize(
    ("flagged", "again", "note"),
    [
        (2, 1, "2 viewings marked as a rewatch; 1 film with more than one viewing."),
        (0, 4, "4 films with more than one viewing."),
        (1, 0, "1 viewing marked as a rewatch."),
    ],
)
def test_rewatches_tell_what_there_is(flagged: int, again: int, note: str) -> None:
    numbers = sample()
    numbers["rewatches"] |= {"flagged": flagged, "films_seen_again": again}
    assert page_of(numbers).rewatches.note == note
