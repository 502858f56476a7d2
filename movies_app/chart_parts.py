"""What sections of the stats page are made of: tiles, tables, lines about films. Pure; the modules of the sections fill
them, the template shows them. Every field is a text, ready to be shown; where one is an address, nothing leads nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from movies_app import chart_words as words
from movies_app import posters
from movies_app.chart_shapes import Chart, percent
from movies_app.posters import Poster
from movies_app.scope import Links

# A section, or a film, of what `movies_app.stats` computes.
Numbers = dict[str, Any]
_SOON = "This fills in while the films are looked up."


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Words that lead to another look at the same, or to the one that is shown already."""

    text: str
    url: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A large numeral, what it counts, and a remark; with a `key` it changes while films are looked up."""

    value: str
    label: str
    note: str = ""
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: its name and its numbers, with their addresses; and a last cell of several links."""

    name: str
    cells: tuple[str, ...]
    url: str = ""
    urls: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def linked(self) -> list[tuple[str, str]]:
        """Each number with its address."""
        return list(zip_longest(self.cells, self.urls, fillvalue=""))


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
    url: str
    poster: Poster | None
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
    url: str


@dataclass(frozen=True, slots=True)
class Rated:
    """A line of what is rated best: its average first, and how many ratings that stands on."""

    average: str
    name: str
    rated: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar that shows how a whole divides; `kind` is a CSS class."""

    x: str
    width: str
    kind: str
    value: str
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section; with `empty` it has nothing but a headline and that text, which tells what would fill it.

    `best` is what is rated best beside the `rows` of what is seen most; `ways` lead on from here.
    """

    headline: str
    note: str = ""
    coverage: str = ""
    empty: str = ""
    chart: Chart | None = None
    table: Table | None = None
    tiles: tuple[Tile, ...] = ()
    films: tuple[FilmLine, ...] = ()
    rows: tuple[Row, ...] = ()
    best: tuple[Rated, ...] = ()
    best_title: str = ""
    ways: tuple[Link, ...] = ()


def film_line(film: Numbers, links: Links, *, value: str = "", note: str = "", is_rated: bool = True) -> FilmLine:
    """Make the line of a film from its reference; without its stars where they would say a thing twice."""
    rating = film["rating"] if is_rated else None
    return FilmLine(
        title=film["title"],
        year=str(film["year"] or ""),
        url=links.film(film["position"]),
        poster=posters.of_url(film["poster_url"]),
        stars=words.stars(rating),
        spoken=words.spoken(rating),
        value=value,
        note=note,
    )


def rows_of(entries: Iterable[tuple[str, Numbers, str]]) -> tuple[Row, ...]:
    """Make the lines of a lying bar chart from names, their `films` and `average_rating`, and addresses."""
    listed = list(entries)
    top = max((entry["films"] for _, entry, _ in listed), default=0)
    return tuple(
        Row(
            name=name,
            width=percent(100 * entry["films"] / top),
            value=words.number(entry["films"]),
            average="" if entry["average_rating"] is None else words.average(entry["average_rating"]),
            url=url,
        )
        for name, entry, url in listed
    )


def rated_of(entries: Iterable[tuple[str, Numbers, str]]) -> tuple[Rated, ...]:
    """Make the lines of what is rated best from names, their `rated` and `average_rating`, and addresses."""
    return tuple(
        Rated(words.average(entry["average_rating"]), name, words.number(entry["rated"]), url)
        for name, entry, url in entries
    )


def best_title(links: Links) -> str:
    """Say what a place among the best rated takes."""
    return f"Best rated, with at least {links.scope.min_rated} ratings" if links.scope.min_rated > 1 else "Best rated"


def parts_of(shares: Iterable[tuple[str, int, str, str]]) -> tuple[Part, ...]:
    """Divide a bar into parts from their kinds, numbers, labels and addresses."""
    listed = list(shares)
    whole = sum(count for _, count, _, _ in listed)
    parts, start = [], 0.0
    for kind, count, label, url in listed:
        width = 100 * count / whole
        parts.append(Part(percent(start), percent(width), f"part {kind}", words.number(count), label, url))
        start += width
    return tuple(parts)


def nothing_of(headline: str, *, is_filling: bool) -> Section:
    """Make the section of something that no fact tells."""
    return Section(
        headline=headline, empty=_SOON if is_filling else "TMDB tells nothing of the kind about these films."
    )


def leading(entries: list[Numbers], leader: str, things: str) -> str:
    """Name the one that leads; of several that none does."""
    equals = [entry["films"] for entry in entries].count(entries[0]["films"])
    return leader if equals == 1 else f"{equals} {things} share the lead"


def years_of(numbers: Numbers, links: Links, *, chosen: int | None) -> tuple[Choice, ...]:
    """Make a year picker of all years with dated viewings."""
    return tuple(Choice(str(year), links.page(year=year), year == chosen) for year in numbers["years"])
