"""What counts on the page: the bar of filters, the way to the year in review, the years compared with each other."""

from typing import Any

import pytest

from movies_app.chart_parts import Link
from movies_app.scope import Links, Scope
from tests.chart_numbers import Numbers, in_year, known, nothing, sample
from tests.test_charts import page_of


def within(numbers: Numbers, **scope: Any) -> Any:
    return page_of(numbers | {"year": scope.get("year")}, links=Links("/stats/a", Scope(**scope)))


# ── The filters ───────────────────────────────────────────────────────────────────────────────
def test_without_film_facts_only_what_the_export_tells_can_be_left_out() -> None:
    assert [toggle.text for toggle in page_of(sample()).counting.toggles] == ["Rewatches only"]
    assert len(page_of(known()).counting.toggles) == 3
    assert page_of(nothing()).counting.toggles == ()


def test_what_is_left_out_can_always_count_again() -> None:
    counting = within(nothing(), without_tv=True, year=2023, min_rated=5).counting
    (toggle,) = counting.toggles
    assert (toggle.url, toggle.is_chosen) == ("/stats/a?year=2023&min_rated=5", True)
    assert counting.left_out.startswith("Series are left out")
    assert counting.left_out.endswith("Best rated takes 5 rated films at least.")
    assert counting.all_url == "/stats/a?year=2023"


def test_among_rewatches_alone_two_are_not_the_second_viewing() -> None:
    told, again = (within(known(), **scope).rewatches for scope in ({}, {"rewatches_only": True}))
    assert again.headline != told.headline
    assert ["more than one rewatch" in one.note for one in (told, again)] == [False, True]
    assert "more than once" in again.ways[0].text


def test_a_year_keeps_what_is_left_out_and_all_years_are_a_step_away() -> None:
    years = within(known(), year=2023, rewatches_only=True).counting.years
    assert [(choice.text, choice.url, choice.is_chosen) for choice in years[:3]] == [
        ("All years", "/stats/a?rewatches_only=true", False),
        ("2024", "/stats/a?year=2024&rewatches_only=true", False),
        ("2023", "/stats/a?year=2023&rewatches_only=true", True),
    ]


@pytest.mark.parametrize(
    ("scope", "headline", "way"),
    [
        ({}, "The lights are on, the reel is missing", "/"),
        ({"year": 2019}, "No film in 2019", "/stats/a"),
        ({"year": 2019, "rewatches_only": True}, "Nothing is left", "/stats/a?year=2019"),
        ({"without_shorts": True}, "Nothing is left", "/stats/a"),
    ],
)
def test_where_no_film_counts_the_page_says_why_and_leads_on(scope: Numbers, headline: str, way: str) -> None:
    numbers = nothing()
    numbers["overview"]["films"] = 0
    nowhere = within(numbers, **scope).nowhere
    assert (nowhere.headline, nowhere.way.url) == (headline, way)


# ── The year in review ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("scope", "viewings", "review"),
    [
        ({}, (12, 400), Link("2024", "/stats/a/2024")),
        ({}, (9, 400), Link("2023", "/stats/a/2023")),
        ({"without_tv": True}, (9, 10), Link("2023", "/stats/a/2023?without_tv=true")),
        ({"year": 2023}, (12, 400), Link("2023", "/stats/a/2023")),
        *(({"year": 2024}, (9, 400), None), ({}, (9, 9), None)),
    ],
)
def test_a_year_of_ten_viewings_has_a_review(scope: Numbers, viewings: tuple[int, int], review: Link | None) -> None:
    years = [in_year(year, count) for year, count in zip((2024, 2023), viewings, strict=True)]
    assert within(sample() | {"year_on_year": years}, **scope).review == review


# ── Year on year ──────────────────────────────────────────────────────────────────────────────
def years_of(*years: Numbers, **given: Any) -> Any:
    return page_of(known() | {"year_on_year": list(years)}, **given).dates.year_on_year


def test_each_number_of_a_year_is_compared_with_the_year_before() -> None:
    newer = in_year(2024, 300, watched_minutes=6_000, average_rating=3.25, genre="Drama", country="FR")
    told = years_of(newer | {"director": {"id": 4, "name": "Ana Lima"}}, in_year(2023, 200, watched_minutes=6_020))
    assert told.columns == ("Viewings", "Films", "New", "Hours", "Average")
    first, last = told.years
    assert [(one.value, one.kind, one.change) for one in first.numbers] == [
        *(("300", "up", "▲ 100"), ("290", "up", "▲ 100"), ("280", "up", "▲ 100")),
        *(("100", "same", "="), ("3.25", "down", "▼ 0.25")),
    ]
    assert first.numbers[4].spoken == "0.25 less"
    assert [one.change for one in last.numbers] == [""] * 5
    assert first.leaders == (
        Link("Drama", "/stats/a/films?watched_year=2024&genre=Drama"),
        Link("France", "/stats/a/films?watched_year=2024&country=FR"),
        Link("Ana Lima", "/stats/a/films?watched_year=2024&director=4"),
    )
    assert told.section.headline == "2024 made the greatest leap, with 100 viewings more"


def test_a_year_without_viewings_leads_nowhere_and_has_no_numbers() -> None:
    empty = years_of(in_year(2024, 30), in_year(2023, 0), in_year(2022, 30)).years[1]
    assert (empty.url, empty.numbers, empty.width) == ("", (), "0%")


def test_a_diary_that_only_shrinks_has_no_leap() -> None:
    assert years_of(in_year(2024, 30), in_year(2023, 40)).section.headline.startswith("No year had more films")


def test_one_year_is_compared_with_nothing_and_a_chosen_one_neither() -> None:
    assert years_of(in_year(2024, 30)) is None
    assert within(known(), year=2024).dates.year_on_year is None


@pytest.mark.parametrize(
    ("last", "note", "change"),
    [("2024-11-20", " 2024 is told up to 20 Nov 2024.", ""), ("2024-12-30", "first year that has it.", "▼ 10")],
)
def test_a_last_year_that_is_told_in_part_says_so_and_is_measured_against_no_other(
    last: str, note: str, change: str
) -> None:
    numbers = sample() | {"year_on_year": [in_year(2024, 30), in_year(2023, 40), in_year(2022, 30)]}
    numbers["overview"]["last_viewing"] = last
    told = page_of(numbers).dates.year_on_year
    assert told.section.note.endswith(note)
    assert [year.numbers[0].change for year in told.years] == [change, "▲ 10", ""]


def test_without_film_facts_nothing_leads_a_year() -> None:
    assert not years_of(in_year(2024, 30), in_year(2023, 40)).is_led
    assert years_of(in_year(2024, 30, genre="Drama"), in_year(2023, 40)).is_led
