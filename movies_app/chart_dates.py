"""The sections of the stats page that count viewings by their date: years, months, weeks, weekdays, streaks,
milestones. Pure; `charts` calls it for uploads that have dated viewings.
"""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

from movies_app import chart_words as words
from movies_app.chart_parts import Numbers, Section, Table, TableRow, Tile, film_line
from movies_app.chart_shapes import MOST_TOP, Point, chart
from movies_app.scope import Links

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


def coverage(numbers: Numbers) -> str:
    """Tell on how many films a chart by date stands."""
    covered = numbers["coverage"]
    if numbers["year"]:
        viewings = words.counted(covered["dated_viewings"], "viewing")
        return f"{viewings} of {words.counted(covered['films_with_date'], 'film')}"
    return words.covered(covered["films_with_date"], covered["films"], "a date")


def _films_of(links: Links, first: str, last: str) -> str:
    """Return the films of the viewings from one day to another."""
    return links.films(watched_from=first, watched_to=last)


def _week(links: Links, monday: str) -> str:
    return _films_of(links, monday, (date.fromisoformat(monday) + timedelta(days=6)).isoformat())


def _month(links: Links, month: str) -> str:
    length = monthrange(int(month[:4]), int(month[5:7]))[1]
    return _films_of(links, f"{month}-01", f"{month}-{length}")


def by_year(numbers: Numbers, links: Links) -> Section:
    """Show the viewings of each year."""
    years = numbers["by_year"]
    best = _busiest(years)
    shown = _shown(years, most=MOST_YEARS, pause=LONG_PAUSE_YEARS)
    is_told = best["rewatches"] and not numbers["filters"]["rewatches_only"]
    again = f", {words.counted(best['rewatches'], 'rewatch', 'rewatches')} among them" if is_told else ""
    note = f"{_viewings(best)}{again}." if len(_equals(years, best)) == 1 else f"{_viewings(best)} each."
    headline = _busiest_of("year", [str(year["year"]) for year in _equals(years, best)])
    return Section(
        headline=headline if len(years) > 1 else f"All in {best['year']}, so far",
        note=note + _earlier(years, before=str(shown[0]["year"]), shown=len(shown)),
        coverage=coverage(numbers),
        chart=chart(
            [
                Point(
                    y["viewings"], f"{y['year']}: {_viewings(y)}", str(y["year"]), links.films(watched_year=y["year"])
                )
                for y in shown
            ],
            label=f"Viewings by year, from {shown[0]['year']} to {shown[-1]['year']}.",
        ),
        table=Table(
            columns=("Year", "Viewings", "Films", "Rewatches", "Average rating"),
            rows=tuple(_years_row(y, links) for y in years if y["viewings"]),
        ),
    )


def _years_row(year: Numbers, links: Links) -> TableRow:
    counts = (words.number(year[count]) for count in ("viewings", "films", "rewatches"))
    url = links.films(watched_year=year["year"])
    return TableRow(str(year["year"]), (*counts, words.average(year["average_rating"])), url)


def by_month(numbers: Numbers, links: Links) -> Section:
    """Show the viewings of each month; the table has a line for each year."""
    months = numbers["by_month"]
    best = _busiest(months)
    shown = _shown(months, most=MOST_MONTHS, pause=LONG_PAUSE_MONTHS)
    first, last = words.month(shown[0]["month"]), words.month(shown[-1]["month"])
    is_named = len(shown) <= MONTHS_NAMED
    return Section(
        headline=_month_headline(months, best),
        note=_month_note(_begun(shown, numbers), best) + _earlier(months, before=first, shown=len(shown)),
        coverage=coverage(numbers),
        chart=chart(
            [
                Point(
                    m["viewings"],
                    f"{words.month(m['month'])}: {_viewings(m)}",
                    _month_label(m, is_named=is_named),
                    _month(links, m["month"]),
                )
                for m in shown
            ],
            label=f"Viewings by month, from {first} to {last}.",
        ),
        table=_months_table(months, links),
    )


def _begun(months: list[Numbers], numbers: Numbers) -> list[Numbers]:
    """Return the months of a diary that goes on: those of its newest year end with the latest viewing."""
    if numbers["year"] != next(iter(numbers["years"]), None):
        return months
    return [month for month in months if month["month"] <= numbers["overview"]["last_viewing"][:7]]


def _month_headline(months: list[Numbers], best: Numbers) -> str:
    if len(months) == 1:
        return f"All in {words.month(best['month'])}, so far"
    if _is_common(months, best):
        return "No month stands out"
    return _busiest_of("month", [words.month(entry["month"]) for entry in _equals(months, best)])


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


def _months_table(months: list[Numbers], links: Links) -> Table:
    years: defaultdict[str, list[Numbers | None]] = defaultdict(lambda: [None] * 12)
    for entry in months:
        years[entry["month"][:4]][int(entry["month"][5:7]) - 1] = entry
    return Table(
        columns=("Year", *(name[:3] for name in words.MONTHS), "All"),
        rows=tuple(_months_row(year, entries, links) for year, entries in years.items() if any(map(_count, entries))),
    )


def _months_row(year: str, entries: list[Numbers | None], links: Links) -> TableRow:
    counts = [words.DASH if entry is None else words.number(entry["viewings"]) for entry in entries]
    return TableRow(
        year,
        (*counts, words.number(sum(map(_count, entries)))),
        links.films(watched_year=year),
        tuple(_month(links, entry["month"]) if entry and entry["viewings"] else "" for entry in entries),
    )


def _count(entry: Numbers | None) -> int:
    return entry["viewings"] if entry else 0


def by_week(numbers: Numbers, links: Links) -> Section:
    """Show the viewings of each week of the latest year, or of the chosen one."""
    weeks = numbers["by_week"]
    best = _busiest(weeks)
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
                Point(
                    week["viewings"],
                    f"Week of {words.day(week['monday'])}: {_viewings(week)}",
                    label,
                    _week(links, week["monday"]),
                )
                for week, label in zip(weeks, _week_labels(weeks), strict=True)
            ],
            label=f"Viewings by week, {frame}.",
        ),
        table=Table(columns=("Week of", "Viewings"), rows=tuple(_weeks_row(week, links) for week in weeks)),
    )


def _weeks_row(week: Numbers, links: Links) -> TableRow:
    url = _week(links, week["monday"]) if week["viewings"] else ""
    return TableRow(words.day(week["monday"]), (words.number(week["viewings"]),), url)


def _week_note(weeks: list[Numbers], best: Numbers) -> str:
    if _is_common(weeks, best):
        return f"No week has more than {_viewings(best)}."
    *others, last = [words.day(week["monday"]) for week in _equals(weeks, best)]
    if others:
        return f"The busiest were the weeks of {', '.join(others)} and {last}, with {_viewings(best)} each."
    return f"The busiest was the week of {last}, with {_viewings(best)}."


def _week_labels(weeks: list[Numbers]) -> list[str]:
    """Name each month at the first week that begins in it."""
    mondays = [date.fromisoformat(week["monday"]) for week in weeks]
    return [words.month_short(monday.month) if monday.day <= DAYS_OF_WEEK else "" for monday in mondays]


def by_weekday(numbers: Numbers, links: Links) -> Section:
    """Show the viewings of each day of the week."""
    weekdays = numbers["by_weekday"]
    best = _busiest(weekdays, is_last_better=False)
    total = sum(day["viewings"] for day in weekdays)
    headline, note = _weekday_words(weekdays, best, total)
    return Section(
        headline=headline,
        note=note,
        coverage=coverage(numbers),
        chart=chart(
            [
                Point(
                    day["viewings"],
                    f"{day['name']}: {_viewings(day)}",
                    day["name"][:3],
                    links.films(weekday=day["weekday"]),
                )
                for day in weekdays
            ],
            label="Viewings by day of the week.",
        ),
        table=Table(("Weekday", "Viewings", "Share"), tuple(_weekdays_row(day, total, links) for day in weekdays)),
    )


def _weekday_words(weekdays: list[Numbers], best: Numbers, total: int) -> tuple[str, str]:
    """Return headline and note: whether a weekday leads, and whether it stands out."""
    part = words.share(best["viewings"], total)
    headline, note = "Any day is a day for films", f"{best['name']} leads narrowly, with {part} of all viewings."
    second = sorted((day["viewings"] for day in weekdays), reverse=True)[1]
    if best["viewings"] >= LEADING_SHARE * total and best["viewings"] >= CLEARLY * second:
        headline, note = f"{best['name']}s lead the week", f"{part} of all viewings."
    if best["viewings"] >= NOTABLE_SHARE * total:
        headline = f"{best['name']} is the day for films"
    if total < DAYS_OF_WEEK:
        headline, note = "Too early for a favourite day", f"{words.counted(total, 'viewing')} so far."
    return headline, note


def _weekdays_row(day: Numbers, total: int, links: Links) -> TableRow:
    url = links.films(weekday=day["weekday"]) if day["viewings"] else ""
    return TableRow(day["name"], (words.number(day["viewings"]), words.share(day["viewings"], total)), url)


def streaks(numbers: Numbers, links: Links) -> Section:
    """Tell the longest runs, the busiest day and week, and the longest pause."""
    found = numbers["streaks"]
    run = found["days"]
    tiles = (
        _run_tile(run, "day", links),
        _run_tile(found["weeks"], "week", links),
        _day_tile(found["busiest_day"], links),
        _week_tile(found["busiest_week"], links),
        _pause_tile(found["longest_pause"]),
    )
    is_run = run is not None and run["length"] > 1
    return Section(
        headline=f"{run['length']} days in a row with a film" if is_run else "No two days in a row yet",
        coverage=coverage(numbers),
        tiles=tuple(tile for tile in tiles if tile is not None),
    )


def _run_tile(run: Numbers | None, unit: str, links: Links) -> Tile | None:
    if run is None or run["length"] == 1:
        return None
    return Tile(
        value=words.number(run["length"]),
        label=f"{unit}s in a row",
        note=words.days(run["first"], run["last"]),
        url=_films_of(links, run["first"], run["last"]),
    )


def _day_tile(peak: Numbers | None, links: Links) -> Tile | None:
    if peak is None or peak["viewings"] == 1:
        return None
    url = _films_of(links, peak["date"], peak["date"])
    return Tile(words.number(peak["viewings"]), "viewings on one day", words.day(peak["date"]), url=url)


def _week_tile(peak: Numbers | None, links: Links) -> Tile | None:
    if peak is None or peak["viewings"] == 1:
        return None
    note, url = f"week of {words.day(peak['monday'])}", _week(links, peak["monday"])
    return Tile(words.number(peak["viewings"]), "viewings in one week", note, url=url)


def _pause_tile(pause: Numbers | None) -> Tile | None:
    if pause is None:
        return None
    label = f"{words.named(pause['days'], 'day')} without a film"
    return Tile(value=words.number(pause["days"]), label=label, note=words.days(pause["first"], pause["last"]))


def milestones(numbers: Numbers, links: Links) -> Section:
    """Name the film at each round number of viewings."""
    reached = numbers["milestones"]
    last = reached[-1]
    title = last["film"]["title"]
    headline = f"{title} was viewing number {words.number(last['number'])}"
    return Section(
        headline=headline if last["number"] > 1 else f"It began with {title}",
        coverage=coverage(numbers),
        films=tuple(
            # Today's rating beside a day of long ago would be taken for that day's.
            film_line(
                entry["film"],
                links,
                value=words.number(entry["number"]),
                note=words.day(entry["date"]),
                is_rated=False,
            )
            for entry in reached
        ),
    )


def _busiest(entries: list[Numbers], *, is_last_better: bool = True) -> Numbers:
    """Return the entry with the most viewings; of equals the last, or the first."""
    ordered = reversed(entries) if is_last_better else entries
    return max(ordered, key=lambda entry: entry["viewings"])


def _equals(entries: list[Numbers], best: Numbers) -> list[Numbers]:
    """Return the entries that have as many viewings as the best, itself among them."""
    return [entry for entry in entries if entry["viewings"] == best["viewings"]]


def _busiest_of(unit: str, names: list[str]) -> str:
    *others, last = names
    if len(names) > MOST_TOP:
        return f"No {unit} stands out"
    return f"{', '.join(others)} and {last} were the busiest {unit}s" if others else f"{last} was the busiest {unit}"


def _is_common(entries: list[Numbers], best: Numbers) -> bool:
    """Tell whether so many entries are the busiest that none stands out, in words as in the picture."""
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
