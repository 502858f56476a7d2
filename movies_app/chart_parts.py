"""What sections of the stats page are made of: tiles, tables, lines about films. Pure; `chart_dates` and `charts` fill
them, the template shows them. Every field is a text, ready to be shown.
"""

from dataclasses import dataclass
from typing import Any

from movies_app import chart_words as words
from movies_app.chart_shapes import Chart, percent

# A section, or a film, of what `movies_app.stats` computes.
Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tile:
    """A large numeral, what it counts, and a remark; with a `key` it changes while films are looked up."""

    value: str
    label: str
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: its name and its numbers."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture; the first column holds the names of the rows."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class FilmLine:
    """A film in a list; `value` stands out beside it, `note` stands below."""

    title: str
    year: str
    uri: str
    stars: str
    spoken: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a lying bar chart, which is a table too: a name, a bar that wide, its number, its rating or nothing."""

    name: str
    width: str
    value: str
    average: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar that shows how a whole divides; `kind` is a CSS class."""

    x: str
    width: str
    kind: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A review: its film, what is remarkable about it, and how it begins."""

    film: FilmLine
    note: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section; with `empty` it has nothing but a headline and that text, which tells what would fill it."""

    headline: str
    note: str = ""
    coverage: str = ""
    empty: str = ""
    chart: Chart | None = None
    table: Table | None = None
    tiles: tuple[Tile, ...] = ()
    films: tuple[FilmLine, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class YearLink:
    """An entry of a year picker."""

    year: str
    is_chosen: bool


def film_line(film: Numbers, *, value: str = "", note: str = "", is_rated: bool = True) -> FilmLine:
    """Make the line of a film from its reference; without its stars where they would say a thing twice."""
    rating = film["rating"] if is_rated else None
    return FilmLine(
        title=film["title"],
        year=str(film["year"] or ""),
        uri=film["letterboxd_uri"] or "",
        stars=words.stars(rating),
        spoken=words.spoken(rating),
        value=value,
        note=note,
    )


def rows_of(entries: list[tuple[str, int, float | None]]) -> tuple[Row, ...]:
    """Make the lines of a lying bar chart from names, numbers and average ratings."""
    top = max((value for _, value, _ in entries), default=0)
    return tuple(
        Row(
            name=name,
            width=percent(100 * value / top),
            value=words.number(value),
            average="" if average is None else words.average(average),
        )
        for name, value, average in entries
    )


def years_of(numbers: Numbers, *, chosen: int | None) -> tuple[YearLink, ...]:
    """Make a year picker of all years with dated viewings."""
    return tuple(YearLink(year=str(year), is_chosen=year == chosen) for year in numbers["years"])
