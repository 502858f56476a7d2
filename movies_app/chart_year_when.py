"""The scenes of the year in review that stand on viewing dates: the count, the first and the last film, the rhythm.

Pure; `chart_year` calls it. Two years are held side by side only as far as the diary has both: where one of them is
not whole, the same days of both are counted, and that is told.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date

from movies_app import chart_dates
from movies_app import chart_words as words
from movies_app.chart_parts import Numbers
from movies_app.chart_year_parts import Bar, Card, Figure, Scene, Years, against, bars_of, card_of, day_of, of_year

_FIRST_DAY, _LAST_DAY, _LEAP_DAY = "01-01", "12-31", "02-29"
# A weekday with less than this part of the viewings is nobody's favourite.
_FAVOURITE = 0.16


@dataclass(frozen=True, slots=True)
class _Span:
    """The days of a year that both years have, as month and day, and what they are called."""

    first: str
    last: str
    name: str

    def viewings(self, numbers: Numbers) -> int:
        """Count the viewings on these days."""
        days = numbers["calendar"]["days"]
        return sum(day["viewings"] for day in days if self.first <= day["date"][5:] <= self.last)

    def filters(self, year: int) -> dict[str, str]:
        """Return what finds the films seen on these days of a year; nothing where it is the whole year."""
        if (self.first, self.last) == (_FIRST_DAY, _LAST_DAY):
            return {}
        # Where a year has no 29 February, the days begin after it and end before.
        first, last = ("03-01", "02-28") if not isleap(year) else (_LEAP_DAY, _LEAP_DAY)
        return {
            "watched_from": f"{year}-{first if self.first == _LEAP_DAY else self.first}",
            "watched_to": f"{year}-{last if self.last == _LEAP_DAY else self.last}",
        }


# ── The count ─────────────────────────────────────────────────────────────────────────────────
def count(years: Years) -> Scene:
    """Count the year, against the one before."""
    overview, told = years.now["overview"], of_year(years.now, years.year)
    viewings = overview["viewings"]
    headline, lanes = _compared(years)
    again, films, new = told["rewatches"], told["films"], told["new_films"]
    figures = (
        _figure(years, films, "films", words.named(films, "film"), years.films()),
        _figure(years, new, "new_films", "seen for the first time", ""),
        _figure(years, again, "rewatches", words.named(again, "rewatch", "rewatches"), _again(years)),
    )
    return Scene(
        key="count",
        eyebrow="The count",
        headline=headline,
        texts=(*partial(years), *_without(years)),
        numeral=Figure(words.number(viewings), words.named(viewings, "viewing"), years.films()),
        lanes=lanes,
        figures=figures,
    )


def _again(years: Years) -> str:
    return years.films(rewatches_only=True)


def _figure(years: Years, value: int, name: str, label: str, url: str) -> Figure:
    """Show a number with that of the year before; up or down only where both years are whole."""
    note, trend = "", ""
    if years.before:
        before, last = of_year(years.now, years.year - 1)[name], years.year - 1
        note = f"{words.number(before)} in all of {last}" if years.ends else f"{words.number(before)} in {last}"
        if years.are_whole:
            note, trend = against(value, before, than=f"in {last}")
    return Figure(words.number(value), label, url if value else "", note, trend)


def _compared(years: Years) -> tuple[str, tuple[Bar, ...]]:
    """Hold the viewings of both years side by side: a headline, and a bar for each."""
    if years.before is None:
        is_first = years.year == min(years.now["years"])
        return ("The diary’s first year" if is_first else "After a year without a diary"), ()
    span, last = _span(years), years.year - 1
    if span.first > span.last:
        return "Too early to compare", ()
    now, before = span.viewings(years.now), span.viewings(years.before)
    said, _ = against(now, before, than=f"in {last}")
    rows = [
        (str(years.year), now, years.links.films(**span.filters(years.year))),
        (str(last), before, years.links_before.films(**span.filters(last))),
    ]
    return f"{words.capital(said)}{span.name}", bars_of(rows)


def _span(years: Years) -> _Span:
    """Return the days that the diary has of both years."""
    begins, ends = years.begins, years.ends
    name = ""
    if begins and ends:
        name = f", from {day_of(begins)} to {day_of(ends)}"
    elif begins or ends:
        name = f", from {day_of(begins)} on" if begins else f" up to {day_of(ends)}"
    return _Span(begins[5:] or _FIRST_DAY, ends[5:] or _LAST_DAY, name)


def partial(years: Years) -> tuple[str, ...]:
    """Say what days of the year the diary does not have, if so."""
    begins, ends = years.begins_now, years.ends
    begun = f"The diary begins on {day_of(begins)}, so the year is not whole." if begins else ""
    so_far = f"The diary goes up to {day_of(ends)} so far." if ends else ""
    return tuple(filter(None, (begun, so_far)))


def _without(years: Years) -> tuple[str, ...]:
    """Say what the year before is not."""
    last = years.year - 1
    if years.begins:
        return (f"Of {last} the diary knows the days from {day_of(years.begins)} on.",)
    if years.before:
        return ()
    if years.year == min(years.now["years"]):
        return ("There is no year before to compare it with.",)
    return (f"The diary has no viewing of {last} to compare it with.",)


# ── The first and the last ────────────────────────────────────────────────────────────────────
def bounds(years: Years) -> Scene:
    """Show the first film of the year and the last."""
    overview = years.now["overview"]
    first, last = overview["first_film"], overview["last_film"]
    cards = (
        _bound(years, first, "The first", overview["first_viewing"]),
        _bound(years, last, "The latest" if years.ends else "The last", overview["last_viewing"]),
    )
    ended = "has come to" if years.ends else "ended with"
    headline = f"It began with {first['title']} and {ended} {last['title']}"
    if first["position"] == last["position"]:
        headline = f"It began and ended with {first['title']}"
    days = (date.fromisoformat(overview["last_viewing"]) - date.fromisoformat(overview["first_viewing"])).days
    text = f"{words.counted(days, 'day')} {words.named(days, 'lies', 'lie')} between them." if days else ""
    return Scene(
        key="bounds", eyebrow="Beginning and end", headline=headline, texts=(text,) if text else (), cards=cards
    )


def _bound(years: Years, film: Numbers, label: str, iso: str) -> Card:
    return card_of(film, years.links, label=label, value=day_of(iso))


# ── The rhythm ────────────────────────────────────────────────────────────────────────────────
def rhythm(years: Years) -> Scene:
    """Show the months, the busiest days, the longest run and pause, the favourite weekday."""
    months = chart_dates.by_month(years.now, years.links)
    found = years.now["streaks"]
    figures = (
        _peak(years, found["busiest_week"], "monday", "in the busiest week"),
        _peak(years, found["busiest_day"], "date", "on the busiest day"),
        _run(years, found["days"], "days in a row"),
        _run(years, found["weeks"], "weeks in a row"),
        _pause(found["longest_pause"]),
        _weekday(years),
    )
    return Scene(
        key="rhythm",
        eyebrow="The rhythm",
        headline=months.headline,
        texts=() if partial(years) else (months.note,),
        chart=months.chart,
        table=months.table,
        figures=tuple(filter(None, figures)),
    )


def _peak(years: Years, peak: Numbers | None, moment: str, label: str) -> Figure | None:
    if peak is None or peak["viewings"] == 1:
        return None
    first = date.fromisoformat(peak[moment])
    last = date.fromordinal(first.toordinal() + 6) if moment == "monday" else first
    url = years.films(watched_from=first.isoformat(), watched_to=last.isoformat())
    return Figure(
        words.number(peak["viewings"]), f"viewings {label}", url, words.days(first.isoformat(), last.isoformat())
    )


def _run(years: Years, run: Numbers | None, label: str) -> Figure | None:
    if run is None or run["length"] == 1:
        return None
    url = years.films(watched_from=run["first"], watched_to=run["last"])
    return Figure(words.number(run["length"]), label, url, words.days(run["first"], run["last"]))


def _pause(pause: Numbers | None) -> Figure | None:
    if pause is None:
        return None
    label = f"{words.named(pause['days'], 'day')} without a film"
    return Figure(words.number(pause["days"]), label, note=words.days(pause["first"], pause["last"]))


def _weekday(years: Years) -> Figure | None:
    """Name the weekday with the most viewings, if it is ahead of the others."""
    first, second, *_ = sorted(years.now["by_weekday"], key=lambda day: -day["viewings"])
    total = years.now["overview"]["viewings"]
    if first["viewings"] < _FAVOURITE * total or first["viewings"] == second["viewings"]:
        return None
    part = f"{words.share(first['viewings'], total)} of all viewings"
    return Figure(first["name"], "is the favourite day", years.films(weekday=first["weekday"]), part)
