"""What single cells say."""

from datetime import date

import polars as pl
import pytest

from movies_app import cells

TODAY = date(2026, 1, 31)


def read(reader: object, text: str | None) -> object:
    assert callable(reader)
    return pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(reader(pl.col("text"))).item()


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("4", 4.0), ("3.5", 3.5), (".5", 0.5), ("5.0", 5.0),
        ("3.25", 3.5), ("3.74", 3.5), ("3.75", 4.0), ("0.25", 0.5),
        ("0", None), ("0.2", None), ("5.5", None), ("10", None), ("-3", None),
        ("nan", None), ("inf", None), ("1e300", None), ("good", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_rating_is_half_to_five_stars_in_halves_with_quarters_rounded_up(
    text: str | None, stars: float | None
) -> None:
    assert read(cells.rating, text) == stars


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("3,5", 3.5),
        ("★★★★½", 4.5),
        ("½", 0.5),
        ("★★★★★", 5.0),
        ("★★★★★★", None),
        ("3.5", 3.5),
        ("★3", None),
        ("", None),
    ],
)
def test_a_rating_is_also_read_as_spreadsheets_and_people_write_it(text: str, stars: float | None) -> None:
    assert read(cells.rating_as_written, text) == stars


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1999", 1999),
        ("1870", 1870),
        ("2100", 2100),
        ("1869", None),
        ("2101", None),
        ("99999999999", None),
        ("x", None),
    ],
)
def test_a_year_lies_between_1870_and_2100(text: str, year: int | None) -> None:
    assert read(cells.year, text) == year


@pytest.mark.parametrize(("text", "year"), [("1999.0", 1999), ("1999,00", 1999), ("1999.5", None), ("199", None)])
def test_a_year_that_a_spreadsheet_made_a_number_is_read(text: str, year: int | None) -> None:
    assert read(cells.year_as_decimal, text) == year


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("https://boxd.it/2aH8", True),
        ("https://letterboxd.com/film/alien/", True),
        ("https://letterboxd.com/member/film/alien/1/", True),
        ("https://www.letterboxd.com/film/alien/", True),
        ("http://boxd.it/2aH8", False),
        ("https://boxd.it.example.org/2aH8", False),
        ("https://boxd.it@example.org/", False),
        ("javascript:alert(1)//https://boxd.it/2aH8", False),
        ('https://boxd.it/2aH8"><script>', False),
        ("https://boxd.it/", False),
    ],
)
def test_a_link_leads_to_letterboxd_over_https_or_nowhere(text: str, *, is_kept: bool) -> None:
    assert read(cells.link, text) == (text if is_kept else None)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", []), (None, []), ("cinema", ["cinema"]), ("cinema, with Ana", ["cinema", "with Ana"]),
        ("a,b ,  c", ["a", "b", "c"]), ("b, a, b", ["b", "a"]), (" , ,", []), ("🍿, a/b", ["🍿", "a/b"]),
    ],
)  # fmt: skip
def test_tags_are_separated_by_commas_and_kept_once_in_their_order(text: str | None, tags: list[str]) -> None:
    assert read(cells.tags, text).to_list() == tags  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None), ("2024-13-01", None), ("0001-01-01", None), ("9999-12-31", None), ("22-06-30", None),
    ],
)  # fmt: skip
def test_an_iso_date_is_a_day_that_exists(text: str, day: date | None) -> None:
    assert read(cells.iso_date, text) == day


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["6/30/2022", "05/01/2023"], [date(2022, 6, 30), date(2023, 5, 1)]),
        (["30/6/2022", "05/01/2023"], [date(2022, 6, 30), date(2023, 1, 5)]),
        (["5/3/21", "12/31/21"], [date(2021, 5, 3), date(2021, 12, 31)]),
        (["31.12.1999", "1.2.68"], [date(1999, 12, 31), date(1968, 2, 1)]),
        (["02-06-2024", "13-06-2024"], [date(2024, 6, 2), date(2024, 6, 13)]),
        (["2022/06/30", "2022-6-1"], [date(2022, 6, 30), date(2022, 6, 1)]),
        (["22-06-30", "21-12-31"], [date(2022, 6, 30), date(2021, 12, 31)]),
        (["13/13/2022", "31/12/2021"], [None, date(2021, 12, 31)]),
        (["05/12/2025", "01/02/2026"], [date(2025, 5, 12), date(2026, 1, 2)]),
        (["03/01/2026"], [date(2026, 1, 3)]),
        (["yesterday", None], [None, None]),
    ],
)
def test_one_order_of_day_and_month_is_chosen_for_a_whole_column(
    texts: list[str | None], days: list[date | None]
) -> None:
    read_ = cells.spreadsheet_dates(pl.Series(texts, dtype=pl.String), today=TODAY, day_first=False)
    assert read_.days.to_list() == days


@pytest.mark.parametrize(("day_first", "day"), [(True, date(2023, 1, 5)), (False, date(2023, 5, 1))])
def test_a_column_that_fits_both_orders_is_a_guess_and_says_so(day_first: bool, day: date) -> None:  # noqa: FBT001
    read_ = cells.spreadsheet_dates(pl.Series(["05/01/2023"]), today=TODAY, day_first=day_first)
    assert read_.days.to_list() == [day]
    assert not read_.is_certain
