"""What a cell says, as polars expressions and series: years, ratings, dates, links, tags. Called by `parsing`.

Each reader takes stripped text and returns null for what it cannot read; `parsing` counts those nulls.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

YEARS = (1870, 2100)
RATINGS = (0.5, 5.0)
# How Letterboxd writes them.
GENUINE_RATINGS = ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5"]

_LINK = r"^https://(?:boxd\.it|(?:www\.)?letterboxd\.com)/[A-Za-z0-9_./~%:-]{1,300}$"
_STARS = r"^★{0,5}½?$"
_DIARIES_BEGAN = date(2005, 1, 1)
_NUMBER_DATE = r"^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})$"
_YES = ["yes", "true", "1"]
_NO = ["no", "false", "0"]


def year(text: pl.Expr) -> pl.Expr:
    """Return the year, 1870 to 2100."""
    number = text.cast(pl.Int32, strict=False)
    return pl.when(number.is_between(*YEARS)).then(number)


def year_as_decimal(text: pl.Expr) -> pl.Expr:
    """Return the year of a spreadsheet's `1999.0`."""
    return year(text.str.extract(r"^(\d{4})(?:[.,]0+)?$"))


def rating(text: pl.Expr) -> pl.Expr:
    """Return stars, 0.5 to 5 in halves: rounded to the nearest half, quarters up."""
    halves = (text.cast(pl.Float64, strict=False) * 2 + 0.5).floor() / 2
    return pl.when(halves.is_finite() & halves.is_between(*RATINGS)).then(halves)


def rating_as_written(text: pl.Expr) -> pl.Expr:
    """Return the rating of `3,5` or `★★★½`."""
    stars = text.str.count_matches("★", literal=True) + text.str.contains("½", literal=True).cast(pl.Float64) / 2
    number = pl.when(text.str.contains(_STARS)).then(stars.cast(pl.String)).otherwise(text.str.replace(",", "."))
    return rating(number)


def is_between_halves(text: pl.Expr) -> pl.Expr:
    """Tell a rating that is no half and had to be rounded."""
    doubled = text.str.replace(",", ".").cast(pl.Float64, strict=False) * 2
    return (doubled != doubled.round()).fill_null(value=False)


def link(text: pl.Expr) -> pl.Expr:
    """Return the link when it leads to Letterboxd over https."""
    return pl.when(text.str.contains(_LINK)).then(text)


def flag(text: pl.Expr) -> pl.Expr:
    """Return whether the cell says yes; blank is no, anything unknown null."""
    word = text.str.to_lowercase()
    return pl.when(word.is_in(_YES)).then(True).when(word.is_in(_NO)).then(False)  # noqa: FBT003


def tags(text: pl.Expr) -> pl.Expr:
    """Return the tags of a cell as a list without repeats, in their order; a comma separates."""
    return text.fill_null("").str.extract_all(r"[^,\s](?:[^,]*[^,\s])?").list.unique(maintain_order=True)


def iso_date(text: pl.Expr) -> pl.Expr:
    """Return the day of an ISO date; its year within 1870 to 2100."""
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year().is_between(*YEARS)).then(day)


@dataclass(frozen=True)
class DatesRead:
    """A column of dates as days, under the one reading that fits the most values."""

    days: pl.Series
    reading: str
    is_certain: bool


_READINGS = {
    "month/day/year": ("c", "a", "b"),
    "day/month/year": ("c", "b", "a"),
    "year/month/day": ("a", "b", "c"),
}


def spreadsheet_dates(text: pl.Series, *, today: date, day_first: bool) -> DatesRead:
    """Read a column that is not ISO alone: one order of day and month for the whole column.

    The order that fits the most values wins; of equals the one with the most days on which people logged films;
    then `day_first` decides. A year of two digits lies in the hundred years that end next year.
    """
    parts = pl.DataFrame({"text": text}).select(
        *(pl.col("text").str.extract(_NUMBER_DATE, group).alias(name) for group, name in enumerate("abc", 1))
    )
    has_year_first = pl.col("a").str.len_bytes() == 4  # noqa: PLR2004
    year_first = _day("a", "b", "c", today=today)
    names = list(_READINGS)
    if day_first:
        names[0], names[1] = names[1], names[0]
    columns = [
        pl.when(has_year_first).then(year_first).otherwise(_day(*_READINGS[name], today=today)).alias(name)
        for name in names
    ]
    read = parts.select(columns)
    likely = (_DIARIES_BEGAN, today + timedelta(days=2))
    fits = [(read[name].count(), read[name].is_between(*likely).sum()) for name in names]
    best = max(range(len(names)), key=lambda index: (fits[index], -index))
    return DatesRead(read[names[best]], names[best], is_certain=fits[0] != fits[1])


def _day(year_part: str, month_part: str, day_part: str, *, today: date) -> pl.Expr:
    written = pl.col(year_part)
    number = written.cast(pl.Int32, strict=False)
    century = pl.when(number + 2000 <= today.year + 1).then(2000).otherwise(1900)
    full = pl.when(written.str.len_bytes() == 2).then(number + century).otherwise(number)  # noqa: PLR2004
    month = pl.col(month_part).cast(pl.Int32, strict=False)
    day = pl.col(day_part).cast(pl.Int32, strict=False)
    text = pl.format("{}-{}-{}", full, month, day)
    return pl.when(full.is_between(*YEARS)).then(text.str.to_date("%Y-%m-%d", strict=False))
