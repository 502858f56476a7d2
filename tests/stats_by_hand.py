"""The numbers of the stats page a second time, slowly and in plain Python: tests compare `movies_app.stats` with it.

It starts from the movies that the second reader finds in the CSV files, and shares no code with the service. A movie
may have `facts`, by the columns of `Film`; what of them counts is in `stats_scope_by_hand`, what is made of facts in
`stats_facts_by_hand`.
"""

import html
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

from tests import second_reader, stats_facts_by_hand
from tests.stats_scope_by_hand import Row, average, count_in, rating_then, shown

DAY, WEEK = timedelta(days=1), timedelta(days=7)
NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
BREAKING = {"br", "p", "div", "blockquote", "li", "ul", "ol", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}


def numbers_of(files: dict[str, bytes], **scope: Any) -> Row:
    """Return the numbers of an export, given as bytes by path, within a scope."""
    return numbers([dict(movie) for movie in second_reader.read_export(files)], **scope)


def numbers(
    movies: list[Row],
    *,
    year: int | None = None,
    without_tv: bool = False,
    without_shorts: bool = False,
    rewatches_only: bool = False,
    min_rated: int = 3,
    collections: dict[int, list[Row]] | None = None,
) -> Row:
    """Return every number; `collections` are the released parts of each, as id, title and release_date."""
    filters = {"without_tv": without_tv, "without_shorts": without_shorts, "rewatches_only": rewatches_only}
    films, viewings = count_in(movies, year=year, **filters)
    dated = [viewing for viewing in viewings if viewing["day"]]
    days = Counter(viewing["day"] for viewing in dated)
    of_all_years = {v["day"].year for v in count_in(movies, **filters)[1] if v["day"]}
    span = list(range(min(of_all_years), max(of_all_years) + 1)) if of_all_years else []
    return {
        "year": year,
        "years": sorted({int(v["date"][:4]) for m in movies for v in m["viewings"] if v["date"]}, reverse=True),
        "filters": filters | {"min_rated": min_rated},
        **overview(films, viewings, dated),
        **by_date(days, dated, year=year),
        "year_on_year": stats_facts_by_hand.year_on_year(movies, years=span, **filters),
        "streaks": streaks(days),
        "milestones": milestones(dated),
        "releases": releases(films, min_rated),
        "rewatches": rewatches(films, viewings),
        "tags": tags(films),
        "reviews": reviews(films),
        "best_rated": best_rated(films),
        **stats_facts_by_hand.facts(films, min_rated=min_rated, collections=collections or {}),
    }


def ranking(movies: list[Row], *, kind: str, by: str, min_rated: int = 3, **scope: Any) -> Row:
    """Return the whole ranking of a kind, such as `directors`, by `films` or `rating`."""
    films, _ = count_in(movies, **scope)
    return stats_facts_by_hand.ranking(films, kind=kind, by=by, min_rated=min_rated)


# ── Films and viewings ────────────────────────────────────────────────────────────────────────
def overview(films: list[Row], viewings: list[Row], dated: list[Row]) -> Row:
    ratings = sorted(film["rating"] for film in films if film["rating"] is not None)
    given = Counter(ratings)
    middle = [ratings[(len(ratings) - 1) // 2], ratings[len(ratings) // 2]] if ratings else []
    ordered = in_order(dated)
    counts = {"films": len(films), "viewings": len(viewings)}
    return {
        "coverage": {
            **counts,
            "films_with_date": sum(any(v["day"] for v in film["viewings"]) for film in films),
            "films_with_facts": sum(film["facts"] is not None for film in films),
            "dated_viewings": len(dated),
        },
        "overview": {
            **counts,
            "rewatches": sum(viewing["rewatch"] for viewing in viewings),
            "reviews": sum(film["review"] is not None for film in films),
            "likes": sum(film["liked"] for film in films),
            "rated": len(ratings),
            "average_rating": average(ratings),
            "first_viewing": ordered[0]["date"] if ordered else None,
            "last_viewing": ordered[-1]["date"] if ordered else None,
            "first_film": shown(ordered[0]["film"]) if ordered else None,
            "last_film": shown(ordered[-1]["film"]) if ordered else None,
        },
        "ratings": {
            "rated": len(ratings),
            "average": average(ratings),
            "median": average(middle),
            "most_given": max(sorted(given, reverse=True), key=lambda rating: given[rating], default=None),
            "histogram": [{"rating": half / 2, "films": given[half / 2]} for half in range(1, 11)],
        },
    }


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────
def by_date(days: Counter[date], dated: list[Row], *, year: int | None) -> Row:
    shown_days = sorted(days)
    calendar_year = year or (shown_days[-1].year if days else None)
    if year is not None:
        span = [date(year, 1, 1) + DAY * n for n in range(366) if (date(year, 1, 1) + DAY * n).year == year]
    else:
        span = [shown_days[0] + DAY * n for n in range((shown_days[-1] - shown_days[0]).days + 1)] if days else []
    months = Counter(f"{day:%Y-%m}" for day in days.elements())
    weeks = Counter(monday_of(day) for day in days.elements())
    mondays = sorted({monday_of(day) for day in span})
    if year is None and mondays:
        mondays = [mondays[-1] - WEEK * n for n in range(52, -1, -1)]
    in_calendar = {day: days[day] for day in shown_days if day.year == calendar_year}
    weekdays = Counter(day.weekday() for day in days.elements())
    return {
        "by_year": [by_year(number, dated) for number in sorted({day.year for day in span})],
        "by_month": [{"month": month, "viewings": months[month]} for month in sorted({f"{day:%Y-%m}" for day in span})],
        "by_week": [{"week": f"{m:%G-W%V}", "monday": str(m), "viewings": weeks[m]} for m in mondays],
        "by_weekday": [{"weekday": n + 1, "name": name, "viewings": weekdays[n]} for n, name in enumerate(NAMES)],
        "calendar": {
            "year": calendar_year,
            "busiest": max(in_calendar.values(), default=0),
            "days": [{"date": str(day), "viewings": count} for day, count in in_calendar.items()],
        },
    }


def by_year(year: int, dated: list[Row]) -> Row:
    of_film: dict[int, list[Row]] = defaultdict(list)
    for viewing in dated:
        if viewing["day"].year == year:
            of_film[viewing["film"]["position"]].append(viewing)
    viewings = [viewing for some in of_film.values() for viewing in some]
    return {
        "year": year,
        "viewings": len(viewings),
        "films": len(of_film),
        "rewatches": sum(viewing["rewatch"] for viewing in viewings),
        "average_rating": average(rating_then(some[0]["film"], some) for some in of_film.values()),
    }


def monday_of(day: date) -> date:
    return day - DAY * day.weekday()


def streaks(days: Counter[date]) -> Row:
    weeks = Counter(monday_of(day) for day in days.elements())
    pauses: list[Row] = [
        {"days": (later - earlier).days - 1, "first": str(earlier + DAY), "last": str(later - DAY)}
        for earlier, later in pairwise(sorted(days))
        if later - earlier > DAY
    ]
    busiest_day = max(sorted(days), key=lambda day: days[day], default=None)
    busiest_week = max(sorted(weeks), key=lambda week: weeks[week], default=None)
    return {
        "days": longest_run(sorted(days), DAY),
        "weeks": longest_run(sorted(weeks), WEEK),
        "busiest_day": busiest_day and {"date": str(busiest_day), "viewings": days[busiest_day]},
        "busiest_week": busiest_week and {"monday": str(busiest_week), "viewings": weeks[busiest_week]},
        "longest_pause": max(pauses, key=lambda pause: pause["days"], default=None),
    }


def longest_run(starts: list[date], step: timedelta) -> Row | None:
    runs: list[list[date]] = []
    for start in starts:
        if runs and runs[-1][-1] + step == start:
            runs[-1].append(start)
        else:
            runs.append([start])
    best = max(runs, key=len, default=[])
    return {"length": len(best), "first": str(best[0]), "last": str(best[-1] + step - DAY)} if best else None


def in_order(dated: list[Row]) -> list[Row]:
    def moment(viewing: Row) -> tuple[Any, ...]:
        return viewing["date"], viewing["logged_date"] or "", viewing["film"]["position"], -viewing["place"]

    return sorted(dated, key=moment)


def milestones(dated: list[Row]) -> list[Row]:
    ordered = in_order(dated)
    marks = [1, 50, 100, 250, *range(500, len(ordered) + 1, 500)]
    return [
        {"number": mark, "date": ordered[mark - 1]["date"], "film": shown(ordered[mark - 1]["film"])}
        for mark in marks
        if mark <= len(ordered)
    ]


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
def releases(films: list[Row], min_rated: int) -> Row:
    by_year: dict[int, list[Row]] = defaultdict(list)
    by_decade: dict[int, list[Row]] = defaultdict(list)
    with_year = [film for film in films if film["year"] is not None]
    for film in with_year:
        by_year[film["year"]].append(film)
        by_decade[int(str(film["year"])[:3] + "0")].append(film)
    decades = {}
    for decade, some in sorted(by_decade.items()):
        ratings = [Fraction(film["rating"]) for film in some if film["rating"] is not None]
        row = {"decade": decade, "films": len(some), "rated": len(ratings), "average_rating": average(ratings)}
        exact = sum(ratings) / len(ratings) if ratings else 0
        decades[exact, len(ratings), decade] = row
    best = sorted((merit for merit in decades if merit[1] >= min_rated), reverse=True)
    return {
        "years": [
            {"year": year, "films": len(by_year[year]), "average_rating": average(f["rating"] for f in by_year[year])}
            for year in (range(min(by_year), max(by_year) + 1) if by_year else [])
        ],
        "decades": list(decades.values()),
        "best_decades": [decades[merit] for merit in best],
        "oldest": shown(min(with_year, key=lambda film: film["year"])) if with_year else None,
        "newest": shown(max(with_year, key=lambda film: film["year"])) if with_year else None,
    }


def rewatches(films: list[Row], viewings: list[Row]) -> Row:
    again = sorted((f for f in films if len(f["viewings"]) >= 2), key=lambda f: -len(f["viewings"]))
    pairs: list[Row] = []
    for film in films:
        rated = [viewing for viewing in film["viewings"] if viewing["day"] and viewing["rating"] is not None]
        for later, earlier in pairwise(rated):
            change = later["rating"] - earlier["rating"]
            pairs.append({"film": film, "from": earlier["rating"], "to": later["rating"], "change": change,
                          "day": later["day"]})  # fmt: skip
    pairs.sort(key=lambda pair: pair["day"], reverse=True)
    changes = [pair["change"] for pair in pairs]

    def top(some: list[Row]) -> list[Row]:
        some.sort(key=lambda pair: -abs(pair["change"]))
        return [{"film": shown(p["film"]), **{key: p[key] for key in ("from", "to", "change")}} for p in some[:5]]

    return {
        "flagged": sum(viewing["rewatch"] for viewing in viewings),
        "films_seen_again": len(again),
        "most_seen": [{"film": shown(film), "viewings": len(film["viewings"])} for film in again[:10]],
        "drift": {
            "pairs": len(pairs),
            "up": sum(change > 0 for change in changes),
            "down": sum(change < 0 for change in changes),
            "same": changes.count(0),
            "average_change": average(changes),
            "rises": top([pair for pair in pairs if pair["change"] > 0]),
            "falls": top([pair for pair in pairs if pair["change"] < 0]),
        },
    }


def tags(films: list[Row]) -> Row:
    tagged: dict[str, list[Row]] = defaultdict(list)
    for film in films:
        for tag in film["tags"]:
            tagged[tag].append(film)
    top = sorted(sorted(tagged), key=lambda tag: -len(tagged[tag]))[:20]
    return {
        "tagged_films": sum(bool(film["tags"]) for film in films),
        "distinct": len(tagged),
        "top": [
            {"tag": tag, "films": len(tagged[tag]), "average_rating": average(film["rating"] for film in tagged[tag])}
            for tag in top
        ],
    }


def best_rated(films: list[Row]) -> list[Row]:
    def merit(film: Row) -> tuple[Any, ...]:
        latest = max((viewing["date"] for viewing in film["viewings"] if viewing["date"]), default="")
        return film["rating"], film["liked"], len(film["viewings"]), latest

    return [shown(film) for film in sorted((f for f in films if f["rating"]), key=merit, reverse=True)[:12]]


# ── Reviews ───────────────────────────────────────────────────────────────────────────────────
def reviews(films: list[Row]) -> Row:
    written = [film | {"words": len(plain(film["review"]).split())} for film in films if film["review"] is not None]
    longest = sorted(written, key=lambda film: -film["words"])[:3]
    latest = sorted(written, key=lambda film: film["reviewed_on"] or "", reverse=True)[:3]
    return {
        "reviews": len(written),
        "words": sum(film["words"] for film in written),
        "average_words": average(film["words"] for film in written),
        "longest": [{"film": shown(f), "words": f["words"], "excerpt": excerpt(f["review"])} for f in longest],
        "latest": [{"film": shown(f), "date": f["reviewed_on"], "excerpt": excerpt(f["review"])} for f in latest],
    }


@cache
def plain(text: str) -> str:
    """Read letter by letter and leave out what begins as a tag and ends before another does."""
    found, at = "", 0
    while at < len(text):
        end = at + 4 if text.startswith("<!--", at) else at + 3 if text.startswith("-->", at) else 0
        if name := re.compile("</?([A-Za-z][A-Za-z0-9]*)").match(text, at):
            close, reopened = text.find(">", at), text.find("<", at + 1)
            end = close + 1 if reopened == -1 or close < reopened else 0
            found += " " if end and name[1].lower() in BREAKING else ""
        found += "" if end else text[at]
        at = end or at + 1
    return found


@cache
def excerpt(text: str) -> str:
    words = html.unescape(plain(text)).split()
    if len(" ".join(words)) <= 280:
        return " ".join(words)
    while len(" ".join(words)) > 279 and len(words) > 1:
        words.pop()
    return " ".join(words)[:279] + "…"
