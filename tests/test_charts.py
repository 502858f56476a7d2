"""The stats page as a value: sentences that say the finding, geometry that fits, a text where nothing is."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from movies_app import chart_shapes, charts
from movies_app import chart_words as words
from movies_app.chart_shapes import Point

Numbers = dict[str, Any]


def film(position: int, title: str, **known: Any) -> Numbers:
    uri = f"https://boxd.it/{position:04d}"
    return {"position": position, "title": title, "year": 1995, "rating": 4.5, "letterboxd_uri": uri} | known


HEAT, SOLARIS = film(1, "Heat"), film(2, "Solaris", year=1972, rating=5.0)
UNKNOWN = film(3, "A <Home> Movie", year=None, rating=None, letterboxd_uri=None)


def decade(start: int, films: int, average: float | None) -> Numbers:
    return {"decade": start, "films": films, "rated": films if average else 0, "average_rating": average}


def weeks_to(last: date, number: int) -> list[Numbers]:
    mondays = [last - timedelta(weeks=number - 1 - index) for index in range(number)]
    return [{"week": f"{d:%G-W%V}", "monday": d.isoformat(), "viewings": d.day % 4} for d in mondays]


def sample() -> Numbers:
    """Return numbers as `stats.compute` gives them: 1,600 films, three years of a diary."""
    months = [f"{year}-{number:02d}" for year in (2022, 2023, 2024) for number in range(1, 13)]
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return {
        "year": None,
        "years": [2024, 2023, 2022],
        "coverage": {"films": 1600, "films_with_date": 948, "viewings": 1010, "dated_viewings": 1000}
        | {"films_with_facts": 0},
        "overview": {
            **{"films": 1600, "viewings": 1010, "rewatches": 101, "reviews": 24, "likes": 320, "rated": 1380},
            **{"average_rating": 3.456, "first_viewing": "2022-01-03", "last_viewing": "2024-12-30"},
        },
        "ratings": {
            **{"rated": 1380, "average": 3.456, "median": 3.5, "most_given": 4.0},
            "histogram": [
                {"rating": half / 2, "films": films}
                for half, films in enumerate((12, 25, 30, 70, 110, 220, 310, 350, 170, 83), 1)
            ],
        },
        "by_year": [
            {"year": 2022, "viewings": 300, "films": 290, "rewatches": 30, "average_rating": 3.4},
            {"year": 2023, "viewings": 420, "films": 400, "rewatches": 41, "average_rating": 3.5},
            {"year": 2024, "viewings": 280, "films": 270, "rewatches": 30, "average_rating": None},
        ],
        "by_month": [
            {"month": month, "viewings": 60 if month == "2024-07" else index % 7} for index, month in enumerate(months)
        ],
        "by_week": weeks_to(date(2024, 12, 30), 53),
        "by_weekday": [
            {"weekday": number, "name": name, "viewings": 100 + 50 * (name == "Saturday")}
            for number, name in enumerate(names, 1)
        ],
        "calendar": {
            **{"year": 2024, "busiest": 5},
            "days": [{"date": f"2024-{number:02d}-29", "viewings": number % 5 + 1} for number in range(2, 13)],
        },
        "streaks": {
            "days": {"length": 12, "first": "2023-08-03", "last": "2023-08-14"},
            "weeks": {"length": 31, "first": "2022-12-26", "last": "2023-07-30"},
            "busiest_day": {"date": "2022-12-25", "viewings": 7},
            "busiest_week": {"monday": "2022-12-19", "viewings": 14},
            "longest_pause": {"days": 63, "first": "2022-02-01", "last": "2022-04-04"},
        },
        "milestones": [
            {"number": 1, "date": "2022-01-03", "film": HEAT},
            {"number": 1000, "date": "2024-12-30", "film": SOLARIS},
        ],
        "releases": {
            "years": [
                {"year": year, "films": year % 17, "average_rating": 3.5 if year % 17 else None}
                for year in range(1919, 2025)
            ],
            "decades": [decade(1980, 60, 3.9), decade(1990, 412, 3.4), decade(2000, 412, None)],
            "best_decades": [decade(1980, 60, 3.9), decade(1990, 412, 3.4)],
            **{"oldest": SOLARIS, "newest": HEAT},
        },
        "rewatches": {
            **{"flagged": 101, "films_seen_again": 48, "most_seen": [{"film": HEAT, "viewings": 9}]},
            "drift": {
                **{"pairs": 40, "up": 21, "down": 9, "same": 10, "average_change": 0.18},
                "rises": [{"film": SOLARIS, "from": 3.0, "to": 5.0, "change": 2.0}],
                "falls": [{"film": HEAT, "from": 4.5, "to": 0.5, "change": -4.0}],
            },
        },
        "tags": {
            **{"tagged_films": 130, "distinct": 2},
            "top": [
                {"tag": "cinema", "films": 120, "average_rating": 3.7},
                {"tag": "🎬 <b>", "films": 30, "average_rating": None},
            ],
        },
        "reviews": {
            **{"reviews": 24, "words": 4520, "average_words": 188.3},
            "longest": [{"film": HEAT, "words": 1200, "excerpt": "It begins with <i>a train</i>."}],
            "latest": [{"film": UNKNOWN, "date": None, "excerpt": "Short."}],
        },
        "best_rated": [SOLARIS, HEAT, UNKNOWN],
        "runtimes": {"films": 0, "watched_minutes": 0, "average": None},
        **{key: {"films": 0, "all": []} for key in ("genres", "countries")},
        "directors": {"films": 0, "distinct": 0, "top": []},
    }


def nothing() -> Numbers:
    """Return the numbers of films without diary, ratings, tags, reviews or years: one watched film."""
    numbers = sample()
    for name, films in (("overview", 1), ("coverage", 1)):
        numbers[name] = dict.fromkeys(numbers[name], 0) | {"films": films}
    numbers["overview"] |= {"average_rating": None, "first_viewing": None, "last_viewing": None}
    histogram = [entry | {"films": 0} for entry in numbers["ratings"]["histogram"]]
    drift: Numbers = {
        **dict.fromkeys(("pairs", "up", "down", "same"), 0),
        "average_change": None,
        "rises": [],
        "falls": [],
    }
    weekdays = [entry | {"viewings": 0} for entry in numbers["by_weekday"]]
    return numbers | {
        **{"years": [], "by_year": [], "by_month": [], "by_week": [], "by_weekday": weekdays, "milestones": []},
        "ratings": {"rated": 0, "average": None, "median": None, "most_given": None, "histogram": histogram},
        "calendar": {"year": None, "busiest": 0, "days": []},
        "streaks": dict.fromkeys(numbers["streaks"]),
        "releases": {"years": [], "decades": [], "best_decades": [], "oldest": None, "newest": None},
        "rewatches": {"flagged": 0, "films_seen_again": 0, "most_seen": [], "drift": drift},
        "tags": {"tagged_films": 0, "distinct": 0, "top": []},
        "reviews": {"reviews": 0, "words": 0, "average_words": None, "longest": [], "latest": []},
        "best_rated": [],
    }


def without(numbers: Numbers, *sections: str) -> Numbers:
    return numbers | {name: copy.deepcopy(nothing()[name]) for name in sections}


def dates_of(numbers: Numbers) -> Any:
    dates = charts.page_of(numbers).dates
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
    viewings, titles = {1: 1, 29: 7}, {1: "first", 29: "last"}
    drawn = chart_shapes.month(date(2024, 2, 1), viewings=viewings, titles=titles, last=date(2024, 2, 29))
    assert (drawn.path.count("z"), drawn.ahead) == (29, "")
    assert [(level.name, level.days[0].path, level.days[0].title) for level in drawn.levels] == [
        ("1", "M30 0h9v9h-9z", "first"),
        ("4", "M30 40h9v9h-9z", "last"),
    ]


@pytest.mark.parametrize(
    ("last", "known", "ahead"), [(date(2024, 1, 31), 0, 29), (date(2024, 2, 3), 3, 26), (date(2024, 12, 31), 29, 0)]
)
def test_days_after_the_last_are_ahead(last: date, known: int, ahead: int) -> None:
    drawn = chart_shapes.month(date(2024, 2, 1), viewings={}, titles={}, last=last)
    assert (drawn.path.count("z"), drawn.ahead.count("z")) == (known, ahead)


# ── The page ──────────────────────────────────────────────────────────────────────────────────
def test_each_headline_says_the_finding() -> None:
    page: Any = charts.page_of(sample())
    sections = [
        *(page.ratings, page.best_rated, page.dates.by_year, page.dates.by_month, page.dates.by_week),
        *(page.dates.by_weekday, page.dates.calendar.section, page.dates.streaks, page.dates.milestones),
        *(page.releases, page.decades, page.best_decades, page.rewatches, page.drift.section, page.tags),
        page.reviews.section,
    ]
    assert [section.headline for section in sections] == [
        *("4 stars is the usual verdict", "83 films have ★★★★★", "2023 was the fullest year"),
        *(
            "July 2024 was the fullest month",
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
    assert (february.name, february.cells) == ("February", ("3", "1", "29 (×3)"))


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
    page: Any = charts.page_of(sample() | {"year": 2024})
    assert page.dates.by_year is None
    assert [link.year for link in page.years if link.is_chosen] == ["2024"]
    assert page.dates.by_week.coverage == "1,000 viewings of 948 films"


def test_what_is_missing_tells_what_would_fill_it() -> None:
    page = charts.page_of(nothing())
    sections = (page.ratings, page.releases, page.best_decades, page.rewatches, page.tags)
    assert (page.dates, page.best_rated, page.decades) == (None, None, None)
    assert all(section.empty for section in (*sections, page.drift.section, page.reviews.section))
    assert page.summary == "Watched, with no diary yet."


@pytest.mark.parametrize("missing", ["ratings", "tags", "reviews", "rewatches", "releases", "best_rated"])
def test_each_section_may_be_missing_alone(missing: str) -> None:
    assert charts.page_of(without(sample(), missing)).dates is not None


def test_a_number_that_is_nothing_has_no_tile() -> None:
    assert [tile.label for tile in charts.page_of(nothing()).tiles] == ["film"]
    numbers = sample()
    numbers["overview"] |= {"likes": 0, "reviews": 1}
    assert [(tile.value, tile.label, tile.note) for tile in charts.page_of(numbers).tiles] == [
        *(("1,600", "films", ""), ("1,010", "viewings", "1,000 with a date"), ("101", "rewatches", "")),
        *(("3.46", "average rating", ""), ("1,380", "rated films", "86% of all"), ("1", "review", "")),
    ]


def test_a_decade_of_few_ratings_is_not_ranked() -> None:
    numbers = sample()
    numbers["releases"]["best_decades"] = [decade(1920, 9, 4.9), decade(1980, 10, 3.9)]
    best = charts.page_of(numbers).best_decades
    assert best.headline == "The 1980s are rated best"
    assert ([tile.label for tile in best.tiles], "at least 10 rated" in best.note) == (["1980s"], True)
    numbers["releases"]["best_decades"] = [decade(1920, 9, 4.9)]
    assert charts.page_of(numbers).best_decades.empty


def test_a_year_without_viewings_says_so() -> None:
    assert charts.page_of(nothing() | {"year": 2019}).summary == "No viewing is dated 2019."


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
    assert charts.page_of(numbers).rewatches.note == note
