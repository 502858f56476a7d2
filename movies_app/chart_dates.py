"""The sections of the stats page that count viewings by their date: years, months, weeks, weekdays, calendar, streaks,
milestones. Pure; `charts` calls it for uploads that have dated viewings.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from movies_app import chart_words as words
from movies_app.chart_parts import Numbers, Section, Table, TableRow, Tile, YearLink, film_line, years_of
from movies_app.chart_shapes import MOST_TOP, Month, Point, chart, month

# What a picture holds at most; tables hold all.
MOST_YEARS = 40
MOST_MONTHS = 12 * 20
# One wrong date must not squeeze years of a diary into the margin: few viewings before a long pause stay out of the
# picture too.
LONG_PAUSE_MONTHS = 24
LONG_PAUSE_YEARS = 2
FEW = 0.05
# Up to here a chart by month names each month below its bar.
MONTHS_NAMED = 13
DAYS_OF_WEEK = 7
# A seventh of all viewings is any weekday's share; from here on one leads, and from here on it stands out.
LEADING_SHARE = 0.16
NOTABLE_SHARE = 0.2
CLEARLY = 1.05  # times as many as the next


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
    years: tuple[YearLink, ...]


def coverage(numbers: Numbers) -> str:
    """Tell on how many films a chart by date stands."""
    covered = numbers["coverage"]
    if numbers["year"]:
        viewings = words.counted(covered["dated_viewings"], "viewing")
        return f"{viewings} of {words.counted(covered['films_with_date'], 'film')}"
    return words.covered(covered["films_with_date"], covered["films"], "a date")


def by_year(numbers: Numbers) -> Section:
    """Show the viewings of each year."""
    years = numbers["by_year"]
    best = _fullest(years)
    shown = _shown(years, most=MOST_YEARS, pause=LONG_PAUSE_YEARS)
    counts = ("viewings", "films", "rewatches")
    again = f", {words.counted(best['rewatches'], 'rewatch', 'rewatches')} among them" if best["rewatches"] else ""
    note = f"{_viewings(best)}{again}." if len(_equals(years, best)) == 1 else f"{_viewings(best)} each."
    headline = _fullest_of("year", [str(year["year"]) for year in _equals(years, best)])
    return Section(
        headline=headline if len(years) > 1 else f"All in {best['year']}, so far",
        note=note + _earlier(years, before=str(shown[0]["year"]), shown=len(shown)),
        coverage=coverage(numbers),
        chart=chart(
            [Point(y["viewings"], f"{y['year']}: {_viewings(y)}", str(y["year"])) for y in shown],
            label=f"Viewings by year, from {shown[0]['year']} to {shown[-1]['year']}.",
        ),
        table=Table(
            columns=("Year", "Viewings", "Films", "Rewatches", "Average rating"),
            rows=tuple(
                TableRow(
                    str(y["year"]),
                    (*(words.number(y[count]) for count in counts), words.average(y["average_rating"])),
                )
                for y in years
                if y["viewings"]
            ),
        ),
    )


def by_month(numbers: Numbers) -> Section:
    """Show the viewings of each month; the table has a line for each year."""
    months = numbers["by_month"]
    best = _fullest(months)
    shown = _shown(months, most=MOST_MONTHS, pause=LONG_PAUSE_MONTHS)
    first, last = words.month(shown[0]["month"]), words.month(shown[-1]["month"])
    is_named = len(shown) <= MONTHS_NAMED
    return Section(
        headline=_month_headline(months, best),
        note=_month_note(shown, best) + _earlier(months, before=first, shown=len(shown)),
        coverage=coverage(numbers),
        chart=chart(
            [
                Point(m["viewings"], f"{words.month(m['month'])}: {_viewings(m)}", _month_label(m, is_named=is_named))
                for m in shown
            ],
            label=f"Viewings by month, from {first} to {last}.",
        ),
        table=_months_table(months),
    )


def _month_headline(months: list[Numbers], best: Numbers) -> str:
    if len(months) == 1:
        return f"All in {words.month(best['month'])}, so far"
    if _is_common(months, best):
        return "No month stands out"
    return _fullest_of("month", [words.month(entry["month"]) for entry in _equals(months, best)])


def _month_note(months: list[Numbers], best: Numbers) -> str:
    if _is_common(months, best):
        return f"No month has more than {_viewings(best)}."
    mean = sum(m["viewings"] for m in months) / len(months)
    return f"{_viewings(best)}, against {mean:.1f} in an average month." if len(months) > 1 else f"{_viewings(best)}."


def _month_label(entry: Numbers, *, is_named: bool) -> str:
    """Name a month below its bar, or its year where many months are shown."""
    iso: str = entry["month"]
    if is_named:
        return words.month_short(int(iso[5:7]))
    return iso[:4] if iso.endswith("-01") else ""


def _months_table(months: list[Numbers]) -> Table:
    cells: defaultdict[str, list[int | None]] = defaultdict(lambda: [None] * 12)
    for entry in months:
        cells[entry["month"][:4]][int(entry["month"][5:7]) - 1] = entry["viewings"]
    return Table(
        columns=("Year", *(name[:3] for name in words.MONTHS), "All"),
        rows=tuple(
            TableRow(
                year,
                (
                    *(words.DASH if count is None else words.number(count) for count in counts),
                    words.number(sum(filter(None, counts))),
                ),
            )
            for year, counts in cells.items()
            if any(counts)
        ),
    )


def by_week(numbers: Numbers) -> Section:
    """Show the viewings of each week of the latest year, or of the chosen one."""
    weeks = numbers["by_week"]
    best = _fullest(weeks)
    busy = sum(bool(week["viewings"]) for week in weeks)
    last = words.day(numbers["overview"]["last_viewing"])
    frame = f"the weeks of {numbers['year']}" if numbers["year"] else f"the {len(weeks)} weeks up to {last}"
    busy_weeks = words.counted(busy, "week")
    return Section(
        headline=f"Films in {busy_weeks} of {numbers['year']}" if numbers["year"] else f"Films in {busy} of {frame}",
        note=_week_note(weeks, best),
        coverage=coverage(numbers),
        chart=chart(
            [
                Point(week["viewings"], f"Week of {words.day(week['monday'])}: {_viewings(week)}", label)
                for week, label in zip(weeks, _week_labels(weeks), strict=True)
            ],
            label=f"Viewings by week, {frame}.",
        ),
        table=Table(
            columns=("Week of", "Viewings"),
            rows=tuple(TableRow(words.day(week["monday"]), (words.number(week["viewings"]),)) for week in weeks),
        ),
    )


def _week_note(weeks: list[Numbers], best: Numbers) -> str:
    if _is_common(weeks, best):
        return f"No week has more than {_viewings(best)}."
    *others, last = [words.day(week["monday"]) for week in _equals(weeks, best)]
    if others:
        return f"The fullest were the weeks of {', '.join(others)} and {last}, with {_viewings(best)} each."
    return f"The fullest was the week of {last}, with {_viewings(best)}."


def _week_labels(weeks: list[Numbers]) -> list[str]:
    """Name each month at the first week that begins in it."""
    mondays = [date.fromisoformat(week["monday"]) for week in weeks]
    return [words.month_short(monday.month) if monday.day <= DAYS_OF_WEEK else "" for monday in mondays]


def by_weekday(numbers: Numbers) -> Section:
    """Show the viewings of each day of the week."""
    weekdays = numbers["by_weekday"]
    best = _fullest(weekdays, is_last_better=False)
    total = sum(day["viewings"] for day in weekdays)
    part = words.share(best["viewings"], total)
    headline, note = "Any day is a day for films", f"{best['name']} leads narrowly, with {part} of all viewings."
    second = sorted((day["viewings"] for day in weekdays), reverse=True)[1]
    if best["viewings"] >= LEADING_SHARE * total and best["viewings"] >= CLEARLY * second:
        headline, note = f"{best['name']}s lead the week", f"{part} of all viewings."
    if best["viewings"] >= NOTABLE_SHARE * total:
        headline = f"{best['name']} is the day for films"
    if total < DAYS_OF_WEEK:
        headline, note = "Too early for a favourite day", f"{words.counted(total, 'viewing')} so far."
    return Section(
        headline=headline,
        note=note,
        coverage=coverage(numbers),
        chart=chart(
            [Point(day["viewings"], f"{day['name']}: {_viewings(day)}", day["name"][:3]) for day in weekdays],
            label="Viewings by day of the week.",
        ),
        table=Table(
            columns=("Weekday", "Viewings", "Share"),
            rows=tuple(
                TableRow(day["name"], (words.number(day["viewings"]), words.share(day["viewings"], total)))
                for day in weekdays
            ),
        ),
    )


def calendar(numbers: Numbers) -> Calendar:
    """Show each day of a year, as bright as it had viewings; of the latest year the days after its last viewing are
    ahead, for nobody can tell whether the export was older than they are.
    """
    year, busiest = numbers["calendar"]["year"], numbers["calendar"]["busiest"]
    by_day: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for entry in numbers["calendar"]["days"]:
        by_day[int(entry["date"][5:7])][int(entry["date"][8:10])] = entry["viewings"]
    is_latest = year == max(numbers["years"])
    last = date.fromisoformat(numbers["overview"]["last_viewing"]) if is_latest else date(year, 12, 31)
    return Calendar(
        section=Section(
            headline=f"{year} had films on {words.counted(len(numbers['calendar']['days']), 'day')}",
            note=f"The fullest day had {words.number(busiest)} viewings." if busiest > 1 else "Never two on one day.",
            coverage=coverage(numbers),
            table=Table(
                columns=("Month", "Viewings", "Days", "Which days"),
                rows=tuple(_calendar_row(number, by_day[number]) for number in sorted(by_day)),
            ),
        ),
        year=str(year),
        months=tuple(_calendar_month(date(year, at, 1), by_day.get(at, {}), last=last) for at in range(1, 13)),
        years=years_of(numbers, chosen=year),
    )


def _calendar_month(first: date, viewings: dict[int, int], *, last: date) -> CalendarMonth:
    short = words.month_short(first.month)
    total = sum(viewings.values())
    name = words.MONTHS[first.month - 1]
    titles = {at: f"{at} {short} {first.year}: {words.counted(count, 'viewing')}" for at, count in viewings.items()}
    spoken = f"{words.counted(total, 'viewing')} on {words.counted(len(viewings), 'day')}" if total else "no viewings"
    return CalendarMonth(
        name=short,
        viewings=words.number(total) if total else "",
        label=f"{name} {first.year}: {spoken}",
        picture=month(first, viewings=viewings, titles=titles, last=last),
    )


def _calendar_row(number: int, viewings: dict[int, int]) -> TableRow:
    listed = (f"{at} (×{count})" if count > 1 else str(at) for at, count in sorted(viewings.items()))
    total = words.number(sum(viewings.values()))
    return TableRow(words.MONTHS[number - 1], (total, str(len(viewings)), ", ".join(listed)))


def streaks(numbers: Numbers) -> Section:
    """Tell the longest runs, the fullest day and week, and the longest pause."""
    found = numbers["streaks"]
    run = found["days"]
    tiles = (
        _run_tile(run, "day"),
        _run_tile(found["weeks"], "week"),
        _peak_tile(found["busiest_day"], "on one day", "date", before=""),
        _peak_tile(found["busiest_week"], "in one week", "monday", before="week of "),
        _pause_tile(found["longest_pause"]),
    )
    is_run = run is not None and run["length"] > 1
    return Section(
        headline=f"{run['length']} days in a row with a film" if is_run else "No two days in a row yet",
        coverage=coverage(numbers),
        tiles=tuple(tile for tile in tiles if tile is not None),
    )


def _run_tile(run: Numbers | None, unit: str) -> Tile | None:
    if run is None or run["length"] == 1:
        return None
    return Tile(
        value=words.number(run["length"]), label=f"{unit}s in a row", note=words.days(run["first"], run["last"])
    )


def _peak_tile(peak: Numbers | None, where: str, moment: str, *, before: str) -> Tile | None:
    if peak is None or peak["viewings"] == 1:
        return None
    return Tile(value=words.number(peak["viewings"]), label=f"viewings {where}", note=before + words.day(peak[moment]))


def _pause_tile(pause: Numbers | None) -> Tile | None:
    if pause is None:
        return None
    label = f"{words.named(pause['days'], 'day')} without a film"
    return Tile(value=words.number(pause["days"]), label=label, note=words.days(pause["first"], pause["last"]))


def milestones(numbers: Numbers) -> Section:
    """Name the film at each round number of viewings."""
    reached = numbers["milestones"]
    last = reached[-1]
    title = last["film"]["title"]
    headline = f"{title} was viewing number {words.number(last['number'])}"
    return Section(
        headline=headline if last["number"] > 1 else f"It began with {title}",
        coverage=coverage(numbers),
        films=tuple(
            film_line(entry["film"], value=words.number(entry["number"]), note=words.day(entry["date"]))
            for entry in reached
        ),
    )


def _fullest(entries: list[Numbers], *, is_last_better: bool = True) -> Numbers:
    """Return the entry with the most viewings; of equals the last, or the first."""
    ordered = reversed(entries) if is_last_better else entries
    return max(ordered, key=lambda entry: entry["viewings"])


def _equals(entries: list[Numbers], best: Numbers) -> list[Numbers]:
    """Return the entries that have as many viewings as the best, itself among them."""
    return [entry for entry in entries if entry["viewings"] == best["viewings"]]


def _fullest_of(unit: str, names: list[str]) -> str:
    *others, last = names
    if len(names) > MOST_TOP:
        return f"No {unit} stands out"
    return f"{', '.join(others)} and {last} were the fullest {unit}s" if others else f"{last} was the fullest {unit}"


def _is_common(entries: list[Numbers], best: Numbers) -> bool:
    """Tell whether so many entries are the fullest that none stands out, in words as in the picture."""
    return len(_equals(entries, best)) > MOST_TOP


def _viewings(entry: Numbers) -> str:
    return words.counted(entry["viewings"], "viewing")


def _shown(entries: list[Numbers], *, most: int, pause: int) -> list[Numbers]:
    """Keep what a picture shows: the last `most` entries, without few viewings before a long pause."""
    start = max(len(entries) - most, 0)
    total = sum(entry["viewings"] for entry in entries)
    seen = sum(entry["viewings"] for entry in entries[:start])
    empty = 0
    for index in range(start, len(entries)):
        if entries[index]["viewings"]:
            start = index if empty >= pause else start
            empty = 0
        else:
            empty += 1
        seen += entries[index]["viewings"]
        if seen > FEW * total:
            break
    return entries[start:]


def _earlier(entries: list[Numbers], *, before: str, shown: int) -> str:
    """Tell of viewings that the picture leaves out."""
    count = sum(entry["viewings"] for entry in entries[:-shown])
    are = words.named(count, "is", "are")
    return f" {words.counted(count, 'viewing')} before {before} {are} in the table alone." if count else ""
