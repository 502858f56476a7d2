"""The numbers of the stats page a second time, slowly and in plain Python: tests compare `movies_app.stats` with it.

It starts from the movies that the second reader finds in the CSV files, and shares no code with the service. A movie
may have `facts`: its runtime, genres, countries and directors.
"""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests import second_reader

Row = dict[str, Any]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
BREAKING = {"br", "p", "div", "blockquote", "li", "ul", "ol", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}


def numbers_of(files: dict[str, bytes], *, year: int | None = None) -> Row:
    """Return the numbers of an export, given as bytes by path; of one year of it or of all."""
    return numbers([dict(movie) for movie in second_reader.read_export(files)], year=year)


def numbers(movies: list[Row], *, year: int | None = None) -> Row:
    films, viewings = count_in(movies, year)
    dated = [viewing for viewing in viewings if viewing["day"]]
    days = Counter(viewing["day"] for viewing in dated)
    years = sorted({v["date"][:4] for m in movies for v in m["viewings"] if v["date"]}, reverse=True)
    return {
        "year": year,
        "years": [int(text) for text in years],
        **overview(films, viewings, dated),
        **by_date(days, dated, year=year, newest=int(years[0]) if years else None),
        "streaks": streaks(days),
        "milestones": milestones(dated),
        "releases": releases(films),
        "rewatches": rewatches(films, viewings),
        "tags": tags(films),
        "reviews": reviews(films),
        "best_rated": best_rated(films),
        **facts(films),
    }


def count_in(movies: list[Row], year: int | None) -> tuple[list[Row], list[Row]]:
    """Return the films and viewings that count; each viewing knows its film, each film its viewings."""
    films = []
    for position, movie in enumerate(movies, 1):
        film = {**movie, "position": position}
        film["viewings"] = [
            {
                **viewing,
                "film": film,
                "place": n,
                "day": date.fromisoformat(viewing["date"]) if viewing["date"] else None,
            }
            for n, viewing in enumerate(movie["viewings"])
        ]
        reviewed = [viewing for viewing in film["viewings"] if viewing["review"]]
        film["reviewed_on"] = reviewed[0]["date"] if reviewed and reviewed[0]["review"] == film["review"] else None
        if year is not None:
            film["viewings"] = [v for v in film["viewings"] if v["day"] and v["day"].year == year]
            if not film["viewings"]:
                continue
            as_of_year(film)
        films.append(film)
    return films, [viewing for film in films for viewing in film["viewings"]]


def as_of_year(film: Row) -> None:
    film["rating"] = rating_then(film, film["viewings"])
    film["tags"] = list(dict.fromkeys(tag for viewing in film["viewings"] for tag in viewing["tags"]))
    reviewed = [viewing for viewing in film["viewings"] if viewing["review"]]
    film["review"] = reviewed[0]["review"] if reviewed else None
    film["reviewed_on"] = reviewed[0]["date"] if reviewed else None


def rating_then(film: Row, viewings: list[Row]) -> float | None:
    rated = [viewing["rating"] for viewing in viewings if viewing["rating"] is not None]
    rating: float | None = rated[0] if rated else film["rating"]
    return rating


def average(values: Iterable[float | Fraction | None]) -> float | None:
    known = [Fraction(value) for value in values if value is not None]
    return float(round(sum(known, Fraction()) / len(known), 2)) if known else None


def shown(film: Row) -> Row:
    return {key: film[key] for key in ("position", "title", "year", "rating", "letterboxd_uri")}


# ── Films and viewings ────────────────────────────────────────────────────────────────────────
def overview(films: list[Row], viewings: list[Row], dated: list[Row]) -> Row:
    ratings = sorted(film["rating"] for film in films if film["rating"] is not None)
    given = Counter(ratings)
    middle = [ratings[(len(ratings) - 1) // 2], ratings[len(ratings) // 2]] if ratings else []
    dates = sorted(viewing["date"] for viewing in dated)
    counts = {"films": len(films), "viewings": len(viewings)}
    return {
        "coverage": {
            **counts,
            "films_with_date": sum(any(v["day"] for v in film["viewings"]) for film in films),
            "films_with_facts": sum(film.get("facts") is not None for film in films),
            "dated_viewings": len(dated),
        },
        "overview": {
            **counts,
            "rewatches": sum(viewing["rewatch"] for viewing in viewings),
            "reviews": sum(film["review"] is not None for film in films),
            "likes": sum(film["liked"] for film in films),
            "rated": len(ratings),
            "average_rating": average(ratings),
            "first_viewing": dates[0] if dates else None,
            "last_viewing": dates[-1] if dates else None,
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
def by_date(days: Counter[date], dated: list[Row], *, year: int | None, newest: int | None) -> Row:
    shown_days = sorted(days)
    if year is not None:
        span = [date(year, 1, 1) + DAY * n for n in range(366) if (date(year, 1, 1) + DAY * n).year == year]
    else:
        span = [shown_days[0] + DAY * n for n in range((shown_days[-1] - shown_days[0]).days + 1)] if days else []
    months = Counter(f"{day:%Y-%m}" for day in days.elements())
    weeks = Counter(monday_of(day) for day in days.elements())
    mondays = sorted({monday_of(day) for day in span})
    if year is None and mondays:
        mondays = [mondays[-1] - WEEK * n for n in range(52, -1, -1)]
    in_calendar = {day: days[day] for day in shown_days if day.year == (year or newest)}
    weekdays = Counter(day.weekday() for day in days.elements())
    return {
        "by_year": [by_year(number, dated) for number in sorted({day.year for day in span})],
        "by_month": [{"month": month, "viewings": months[month]} for month in sorted({f"{day:%Y-%m}" for day in span})],
        "by_week": [{"week": f"{m:%G-W%V}", "monday": str(m), "viewings": weeks[m]} for m in mondays],
        "by_weekday": [{"weekday": n + 1, "name": name, "viewings": weekdays[n]} for n, name in enumerate(NAMES)],
        "calendar": {
            "year": year or newest,
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


def milestones(dated: list[Row]) -> list[Row]:
    def moment(viewing: Row) -> tuple[Any, ...]:
        return viewing["date"], viewing["logged_date"] or "", viewing["film"]["position"], -viewing["place"]

    ordered = sorted(dated, key=moment)
    marks = [1, 50, 100, 250, *range(500, len(ordered) + 1, 500)]
    return [
        {"number": mark, "date": ordered[mark - 1]["date"], "film": shown(ordered[mark - 1]["film"])}
        for mark in marks
        if mark <= len(ordered)
    ]


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
def releases(films: list[Row]) -> Row:
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
    best = sorted((merit for merit in decades if merit[1] >= 3), reverse=True)
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


# ── Facts ─────────────────────────────────────────────────────────────────────────────────────
def facts(films: list[Row]) -> Row:
    known = [film | film["facts"] for film in films if film.get("facts")]
    timed = [film for film in known if film["runtime"] is not None]
    return {
        "runtimes": {
            "films": len(timed),
            "watched_minutes": sum(film["runtime"] * (len(film["viewings"]) or 1) for film in timed),
            "average": average(film["runtime"] for film in timed),
        },
        "genres": of_each(known, "genres", "genre"),
        "countries": of_each(known, "countries", "country"),
        "directors": directors(known),
    }


def of_each(known: list[Row], column: str, name: str) -> Row:
    films: dict[str, list[Row]] = defaultdict(list)
    for film in known:
        for value in film[column]:
            films[value].append(film)
    return {
        "films": sum(bool(film[column]) for film in known),
        "all": [
            {name: value, "films": len(films[value]), "average_rating": average(f["rating"] for f in films[value])}
            for value in sorted(sorted(films), key=lambda value: -len(films[value]))
        ],
    }


def directors(known: list[Row]) -> Row:
    names: dict[int, str] = {}
    films: dict[int, list[Row]] = defaultdict(list)
    for film in known:
        for person in film["directors"]:
            names.setdefault(person["id"], person["name"])
            films[person["id"]].append(film)
    top = sorted(names, key=lambda id_: (-len(films[id_]), names[id_], id_))[:10]
    return {
        "films": sum(bool(film["directors"]) for film in known),
        "distinct": len(names),
        "top": [
            {
                "id": n,
                "name": names[n],
                "films": len(films[n]),
                "average_rating": average(f["rating"] for f in films[n]),
            }
            for n in top
        ],
    }


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


def excerpt(text: str) -> str:
    words = html.unescape(plain(text)).split()
    if len(" ".join(words)) <= 280:
        return " ".join(words)
    while len(" ".join(words)) > 279 and len(words) > 1:
        words.pop()
    return " ".join(words)[:279] + "…"
