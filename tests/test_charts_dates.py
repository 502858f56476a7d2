"""Sections as the page words them: equals, what hardly leads, what never was, what is ahead."""

from tests.chart_numbers import sample
from tests.test_charts import dates_of, page_of


def test_a_pause_and_a_week_that_never_were_have_no_tile() -> None:
    numbers = sample()
    numbers["streaks"] |= {"days": {"length": 1, "first": "2024-01-01", "last": "2024-01-01"}, "longest_pause": None}
    dates = dates_of(numbers)
    assert [tile.label for tile in dates.streaks.tiles] == [
        *("weeks in a row", "viewings on one day", "viewings in one week"),
    ]


def test_equals_share_the_lead_in_words_as_in_the_picture() -> None:
    numbers = sample()
    for entries, count in (("by_year", 2), ("by_month", 3), ("by_week", 2)):
        for entry in numbers[entries][-count:]:
            entry["viewings"] = 999
    dates = dates_of(numbers)
    assert dates.by_year
    assert dates.by_year.headline == "2023 and 2024 were the busiest years"
    assert dates.by_month.headline == "October 2024, November 2024 and December 2024 were the busiest months"
    assert dates.by_week.note == "The busiest were the weeks of 23 Dec 2024 and 30 Dec 2024, with 999 viewings each."


def test_a_weekday_that_is_hardly_ahead_does_not_lead() -> None:
    numbers = sample()
    for day, viewings in zip(numbers["by_weekday"], (100, 100, 100, 100, 150, 149, 148), strict=True):
        day["viewings"] = viewings
    assert dates_of(numbers).by_weekday.headline == "Any day is a day for films"


def test_in_the_latest_year_the_days_after_its_last_viewing_are_ahead_and_in_no_other() -> None:
    numbers = sample()
    numbers["overview"]["last_viewing"] = "2024-11-28"
    assert [month.picture.ahead.count("z") for month in dates_of(numbers).calendar.months[9:]] == [0, 2, 31]
    numbers["years"] = [2025, 2024]
    assert not any(month.picture.ahead for month in dates_of(numbers).calendar.months)


def test_a_film_seen_no_more_often_than_the_next_is_not_singled_out() -> None:
    numbers = sample()
    (first,) = numbers["rewatches"]["most_seen"]
    assert page_of(numbers).rewatches.headline == "Heat, 9 times"
    numbers["rewatches"]["most_seen"] = [first, first]
    assert page_of(numbers).rewatches.headline == "48 films seen again"


def test_ratings_that_do_not_move_are_not_said_to() -> None:
    numbers = sample()
    numbers["rewatches"]["drift"]["average_change"] = 0.0
    assert "the rating stays as it was on average" in page_of(numbers).drift.section.note


def test_in_a_year_that_goes_on_the_average_month_is_one_that_has_begun() -> None:
    numbers = sample() | {"year": 2024, "years": [2024, 2023]}
    numbers["by_month"] = [{"month": f"2024-{month:02d}", "viewings": 9 - month} for month in range(1, 13)]
    for month in numbers["by_month"][4:]:
        month["viewings"] = 0
    numbers["overview"]["last_viewing"] = "2024-04-02"
    assert dates_of(numbers).by_month.note == "8 viewings, against 6.5 in an average month."
    numbers["years"] = [2025, 2024]
    assert dates_of(numbers).by_month.note == "8 viewings, against 2.2 in an average month."
