"""The calendar of the stats page: each day of a year, as bright as it had viewings. Pure; `charts` calls it for uploads
that have dated viewings.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from movies_app import chart_words as words
from movies_app.chart_parts import Choice, Link, Numbers, Section, Table, TableRow, years_of
from movies_app.chart_shapes import Month, Point, month
from movies_app.scope import Links


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month of the calendar: its name, its viewings, what it says to those who hear the page, and its picture."""

    name: str
    viewings: str
    label: str
    picture: Month


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one year, and the years to choose from."""

    section: Section
    year: str
    months: tuple[CalendarMonth, ...]
    years: tuple[Choice, ...]


def calendar(numbers: Numbers, links: Links, *, coverage: str) -> Calendar:
    """Show each day of a year; of the latest the days after its last viewing are ahead, for nobody can tell whether the
    export was older than they are.
    """
    year, busiest = numbers["calendar"]["year"], numbers["calendar"]["busiest"]
    by_month: defaultdict[int, dict[int, Point]] = defaultdict(dict)
    for entry in numbers["calendar"]["days"]:
        by_month[int(entry["date"][5:7])][int(entry["date"][8:10])] = _day(entry, links)
    is_latest = year == max(numbers["years"])
    last = date.fromisoformat(numbers["overview"]["last_viewing"]) if is_latest else date(year, 12, 31)
    return Calendar(
        section=Section(
            headline=f"{year} had films on {words.counted(len(numbers['calendar']['days']), 'day')}",
            note=f"The busiest day had {words.number(busiest)} viewings." if busiest > 1 else "Never two on one day.",
            coverage=coverage,
            table=Table(
                columns=("Month", "Viewings", "Days", "Which days"),
                rows=tuple(_row(number, by_month[number]) for number in sorted(by_month)),
            ),
        ),
        year=str(year),
        months=tuple(_month(date(year, at, 1), by_month.get(at, {}), last=last) for at in range(1, 13)),
        years=years_of(numbers, links, chosen=year),
    )


def _day(entry: Numbers, links: Links) -> Point:
    title = f"{words.day(entry['date'])}: {words.counted(entry['viewings'], 'viewing')}"
    return Point(entry["viewings"], title, url=links.films(watched_from=entry["date"], watched_to=entry["date"]))


def _month(first: date, days: dict[int, Point], *, last: date) -> CalendarMonth:
    total = sum(day.value for day in days.values())
    spoken = f"{words.counted(total, 'viewing')} on {words.counted(len(days), 'day')}" if total else "no viewings"
    return CalendarMonth(
        name=words.month_short(first.month),
        viewings=words.number(total) if total else "",
        label=f"{words.MONTHS[first.month - 1]} {first.year}: {spoken}",
        picture=month(first, days=days, last=last),
    )


def _row(number: int, days: dict[int, Point]) -> TableRow:
    total = words.number(sum(day.value for day in days.values()))
    return TableRow(
        words.MONTHS[number - 1],
        (total, str(len(days))),
        links=tuple(
            Link(f"{at} (×{day.value})" if day.value > 1 else str(at), day.url) for at, day in sorted(days.items())
        ),
    )
