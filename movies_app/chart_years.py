"""What changed from year to year, one row for each. Pure; `charts` calls it for uploads that have dated viewings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from movies_app import browsing
from movies_app import chart_words as words
from movies_app.chart_parts import Link, Numbers, Section
from movies_app.chart_shapes import percent
from movies_app.scope import Links

_SHOWN = 6
# A diary that ends before that day may know its last year in part.
_LATE = "12-25"
_COUNTS = {"viewings": "Viewings", "films": "Films", "new_films": "New"}


@dataclass(frozen=True, slots=True)
class Change:
    """A number of a year: what it counts, and the change to the year before with its arrow and in plain words."""

    label: str
    value: str
    kind: str = ""
    change: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Year:
    """A year: its numbers, a bar for its viewings, and who and what led it."""

    year: str
    url: str
    width: str
    numbers: tuple[Change, ...]
    leaders: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class YearOnYear:
    """The years, newest first; the older are folded away. Without film facts none `is_led`."""

    section: Section
    columns: tuple[str, ...]
    is_led: bool
    years: tuple[Year, ...]
    more: tuple[Year, ...]


def year_on_year(numbers: Numbers, links: Links, *, coverage: str, has_facts: bool) -> YearOnYear | None:
    """Compare each year with the one before; None where there is one alone."""
    entries = numbers["year_on_year"]
    if len(entries) <= 1:
        return None
    most = max(entry["viewings"] for entry in entries) or 1
    # What is told in part is less than the whole year before, and means nothing.
    befores = [None if _until(numbers) else entries[1], *entries[2:], None]
    years = tuple(
        Year(
            year=str(entry["year"]),
            url=links.page(year=entry["year"]) if entry["viewings"] else "",
            width=percent(100 * entry["viewings"] / most),
            numbers=tuple(_changes(entry, before, has_facts=has_facts)) if entry["viewings"] else (),
            leaders=tuple(_leaders(entry, links)),
        )
        for entry, before in zip(entries, befores, strict=True)
    )
    return YearOnYear(
        section=Section(headline=_headline(entries), note=_note(numbers), coverage=coverage),
        columns=tuple(one.label for one in next(year for year in years if year.numbers).numbers),
        is_led=any(year.leaders for year in years),
        years=years[:_SHOWN],
        more=years[_SHOWN:],
    )


def _headline(entries: list[Numbers]) -> str:
    """Name the year that had most more than the one before; of equals the later."""
    change, year = max((now["viewings"] - before["viewings"], now["year"]) for now, before in pairwise(entries))
    if change <= 0:
        return "No year had more films than the one before"
    return f"{year} made the greatest leap, with {words.counted(change, 'viewing')} more"


def _note(numbers: Numbers) -> str:
    """Say what is new, and that the newest year is told in part."""
    until = _until(numbers)
    partly = f" {until[:4]} is told up to {words.day(until)}." if until else ""
    return f"A film is new in the first year that has it.{partly}"


def _until(numbers: Numbers) -> str:
    """Return the day of the last viewing where it ends its year early."""
    last: str = numbers["overview"]["last_viewing"]
    return last if last[5:] < _LATE else ""


def _changes(entry: Numbers, before: Numbers | None, *, has_facts: bool) -> Iterator[Change]:
    older = before or dict.fromkeys(entry)
    for key, label in _COUNTS.items():
        yield _change(label, entry[key], older[key], words.number)
    if has_facts:
        yield _change("Hours", _hours(entry), _hours(older), words.number)
    yield _change("Average", entry["average_rating"], older["average_rating"], words.average)


def _change(label: str, now: float | None, before: float | None, write: Callable[[float], str]) -> Change:
    if now is None:
        return Change(label, words.DASH)
    if before is None:
        return Change(label, write(now))
    change = now - before
    if write(now) == write(before):
        return Change(label, write(now), "same", "=", "as before")
    kind, arrow, spoken = ("up", "▲", "more") if change > 0 else ("down", "▼", "less")
    return Change(label, write(now), kind, f"{arrow} {write(abs(change))}", f"{write(abs(change))} {spoken}")


def _hours(entry: Numbers) -> int | None:
    minutes: int | None = entry["watched_minutes"]
    return None if minutes is None else round(minutes / words.HOUR)


def _leaders(entry: Numbers, links: Links) -> Iterator[Link]:
    year, genre, country, director = (entry[key] for key in ("year", "genre", "country", "director"))
    if genre:
        yield Link(genre, links.films(watched_year=year, genre=genre))
    if country:
        yield Link(browsing.country(country), links.films(watched_year=year, country=country))
    if director:
        yield Link(director["name"], links.films(watched_year=year, director=director["id"]))
