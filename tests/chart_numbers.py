"""Numbers as `stats.compute` gives them, for tests of what is made of them: much, nothing, and what TMDB tells."""

import copy
from datetime import date, timedelta
from typing import Any

Numbers = dict[str, Any]
PEOPLE = ("directors", "actors", "writers", "cinematographers", "composers", "editors")


def film(position: int, title: str, **known: Any) -> Numbers:
    uri = f"https://boxd.it/{position:04d}"
    reference = {"position": position, "title": title, "year": 1995, "rating": 4.5, "letterboxd_uri": uri}
    return reference | {"poster_url": None} | known


HEAT, SOLARIS = film(1, "Heat"), film(2, "Solaris", year=1972, rating=5.0)
UNKNOWN = film(3, "A <Home> Movie", year=None, rating=None, letterboxd_uri=None)


def decade(start: int, films: int, average: float | None) -> Numbers:
    return {"decade": start, "films": films, "rated": films if average else 0, "average_rating": average}


def weeks_to(last: date, number: int) -> list[Numbers]:
    mondays = [last - timedelta(weeks=number - 1 - index) for index in range(number)]
    return [{"week": f"{d:%G-W%V}", "monday": d.isoformat(), "viewings": d.day % 4} for d in mondays]


def sample() -> Numbers:
    """Return numbers as `stats.compute` gives them: 1,600 films, three years of a diary."""
    months = [f"{year}-{number:02d}" for year in (2022, 2023, 2024) for number in range(1, 13)]
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return {
        "year": None,
        "filters": {"without_tv": False, "without_shorts": False, "rewatches_only": False, "min_rated": 3},
        "years": [2024, 2023, 2022],
        "coverage": {"films": 1600, "films_with_date": 948, "viewings": 1010, "dated_viewings": 1000}
        | {"films_with_facts": 0},
        "overview": {
            **{"films": 1600, "viewings": 1010, "rewatches": 101, "reviews": 24, "likes": 320, "rated": 1380},
            **{"average_rating": 3.456, "first_viewing": "2022-01-03", "last_viewing": "2024-12-30"},
        },
        "ratings": {
            **{"rated": 1380, "average": 3.456, "median": 3.5, "most_given": 4.0},
            "histogram": [
                {"rating": half / 2, "films": films}
                for half, films in enumerate((12, 25, 30, 70, 110, 220, 310, 350, 170, 83), 1)
            ],
        },
        "by_year": [
            {"year": 2022, "viewings": 300, "films": 290, "rewatches": 30, "average_rating": 3.4},
            {"year": 2023, "viewings": 420, "films": 400, "rewatches": 41, "average_rating": 3.5},
            {"year": 2024, "viewings": 280, "films": 270, "rewatches": 30, "average_rating": None},
        ],
        "by_month": [
            {"month": month, "viewings": 60 if month == "2024-07" else index % 7} for index, month in enumerate(months)
        ],
        "by_week": weeks_to(date(2024, 12, 30), 53),
        "by_weekday": [
            {"weekday": number, "name": name, "viewings": 100 + 50 * (name == "Saturday")}
            for number, name in enumerate(names, 1)
        ],
        "calendar": {
            **{"year": 2024, "busiest": 5},
            "days": [{"date": f"2024-{number:02d}-29", "viewings": number % 5 + 1} for number in range(2, 13)],
        },
        "streaks": {
            "days": {"length": 12, "first": "2023-08-03", "last": "2023-08-14"},
            "weeks": {"length": 31, "first": "2022-12-26", "last": "2023-07-30"},
            "busiest_day": {"date": "2022-12-25", "viewings": 7},
            "busiest_week": {"monday": "2022-12-19", "viewings": 14},
            "longest_pause": {"days": 63, "first": "2022-02-01", "last": "2022-04-04"},
        },
        "milestones": [
            {"number": 1, "date": "2022-01-03", "film": HEAT},
            {"number": 1000, "date": "2024-12-30", "film": SOLARIS},
        ],
        "releases": {
            "years": [
                {"year": year, "films": year % 17, "average_rating": 3.5 if year % 17 else None}
                for year in range(1919, 2025)
            ],
            "decades": [decade(1980, 60, 3.9), decade(1990, 412, 3.4), decade(2000, 412, None)],
            "best_decades": [decade(1980, 60, 3.9), decade(1990, 412, 3.4)],
            **{"oldest": SOLARIS, "newest": HEAT},
        },
        "rewatches": {
            **{"flagged": 101, "films_seen_again": 48, "most_seen": [{"film": HEAT, "viewings": 9}]},
            "drift": {
                **{"pairs": 40, "up": 21, "down": 9, "same": 10, "average_change": 0.18},
                "rises": [{"film": SOLARIS, "from": 3.0, "to": 5.0, "change": 2.0}],
                "falls": [{"film": HEAT, "from": 4.5, "to": 0.5, "change": -4.0}],
            },
        },
        "tags": {
            **{"tagged_films": 130, "distinct": 2},
            "top": [
                {"tag": "cinema", "films": 120, "average_rating": 3.7},
                {"tag": "🎬 <b>", "films": 30, "average_rating": None},
            ],
        },
        "reviews": {
            **{"reviews": 24, "words": 4520, "average_words": 188.3},
            "longest": [{"film": HEAT, "words": 1200, "excerpt": "It begins with <i>a train</i>."}],
            "latest": [{"film": UNKNOWN, "date": None, "excerpt": "Short."}],
        },
        "best_rated": [SOLARIS, HEAT, UNKNOWN],
        "runtimes": {"films": 0, "watched_minutes": 0, "average": None},
        **no_facts(),
        "year_on_year": [in_year(2024, 280), in_year(2023, 420), in_year(2022, 300)],
    }


def no_facts() -> Numbers:
    """Return what stands on facts where none are known."""
    ranked = {"films": 0, "distinct": 0, "most_seen": [], "best_rated": []}
    against: Numbers = dict.fromkeys(("films", "higher", "lower", "same"), 0) | {"above": [], "below": []}
    return {
        **{key: {"films": 0, "all": [], "best_rated": []} for key in ("genres", "countries", "languages")},
        **dict.fromkeys(("studios", "keywords", *PEOPLE), ranked),
        "against_tmdb": against | dict.fromkeys(("member_average", "tmdb_average", "average_difference")),
        "extremes": {key: [] for key in ("longest", "shortest", "most_known", "least_known")},
        "collections": {"films": 0, "distinct": 0, "known": 0, "complete": [], "almost": []},
    }


def in_year(year: int, viewings: int, **known: Any) -> Numbers:
    """Return a year of the comparison, by the export alone."""
    counts = {"viewings": viewings, "films": viewings - 10, "new_films": viewings - 20, "rewatches": 10}
    leaders = dict.fromkeys(("genre", "country", "director"))
    return {"year": year, **counts, "watched_minutes": 0, "average_rating": 3.5, **leaders, **known}


def nothing() -> Numbers:
    """Return the numbers of films without diary, ratings, tags, reviews or years: one watched film."""
    numbers = sample()
    for name, films in (("overview", 1), ("coverage", 1)):
        numbers[name] = dict.fromkeys(numbers[name], 0) | {"films": films}
    numbers["overview"] |= {"average_rating": None, "first_viewing": None, "last_viewing": None}
    histogram = [entry | {"films": 0} for entry in numbers["ratings"]["histogram"]]
    drift: Numbers = {
        **dict.fromkeys(("pairs", "up", "down", "same"), 0),
        "average_change": None,
        "rises": [],
        "falls": [],
    }
    weekdays = [entry | {"viewings": 0} for entry in numbers["by_weekday"]]
    return numbers | {
        **{"years": [], "by_year": [], "by_month": [], "by_week": [], "by_weekday": weekdays, "milestones": []},
        "ratings": {"rated": 0, "average": None, "median": None, "most_given": None, "histogram": histogram},
        "calendar": {"year": None, "busiest": 0, "days": []},
        "streaks": dict.fromkeys(numbers["streaks"]),
        "releases": {"years": [], "decades": [], "best_decades": [], "oldest": None, "newest": None},
        "rewatches": {"flagged": 0, "films_seen_again": 0, "most_seen": [], "drift": drift},
        "tags": {"tagged_films": 0, "distinct": 0, "top": []},
        "reviews": {"reviews": 0, "words": 0, "average_words": None, "longest": [], "latest": []},
        "best_rated": [],
        "year_on_year": [],
    }


def without(numbers: Numbers, *sections: str) -> Numbers:
    return numbers | {name: copy.deepcopy(nothing()[name]) for name in sections}


# ── What TMDB tells ───────────────────────────────────────────────────────────────────────────
def each(name: str, *, average: float | None = 3.5, **films: int) -> list[Numbers]:
    """Return rows of a kind, as many films for each as given."""
    rated = {"average_rating": average, "rated": 0 if average is None else 3}
    return [{name: value, "films": count, **rated} for value, count in films.items()]


def person(id_: int, name: str, films: int, **known: Any) -> Numbers:
    return {"id": id_, "name": name, "films": films, "rated": 0, "average_rating": None, "film": HEAT} | known


def known() -> Numbers:
    """Return the numbers of 1,600 films, most of which TMDB knows."""
    numbers = sample()
    numbers["coverage"]["films_with_facts"] = 1559
    genres = each("genre", **{f"Genre {number}": 40 - number for number in range(24)})
    return numbers | {
        "runtimes": {"films": 1540, "watched_minutes": 171_240, "average": 107.6},
        "genres": {"films": 684, "all": genres, "best_rated": each("genre", Drama=9, average=4.2)},
        "countries": {"films": 924, "all": each("country", US=612, FR=312), "best_rated": []},
        "languages": {"films": 900, "all": each("language", en=612, fr=312, xx=4), "best_rated": []},
        "studios": {"films": 900, "distinct": 83, "most_seen": each("studio", Gaumont=9), "best_rated": []},
        "keywords": {"films": 9, "distinct": 3, "most_seen": each("keyword", sea=9, train=4, moon=2), "best_rated": []},
        **{kind: people() for kind in PEOPLE},
        "against_tmdb": {
            **{"films": 1200, "higher": 700, "lower": 480, "same": 20},
            **{"member_average": 3.46, "tmdb_average": 3.38, "average_difference": 0.08},
            "above": [{"film": SOLARIS, "tmdb": 3.9, "difference": 1.1}],
            "below": [{"film": HEAT | {"rating": 0.5}, "tmdb": 3.9, "difference": -3.4}],
        },
        "extremes": {
            **{"longest": [{"film": HEAT, "minutes": 170}, {"film": SOLARIS, "minutes": 166}]},
            **{"shortest": [{"film": SOLARIS, "minutes": 7}], "least_known": [{"film": UNKNOWN, "votes": 0}]},
            "most_known": [{"film": HEAT, "votes": 7_654}],
        },
        "collections": {
            **{"films": 12, "distinct": 4, "known": 3},
            "complete": [{"id": 5, "name": "Before Collection", "films": 3, "parts": 3}],
            "almost": [
                {"id": 6, "name": "Apu", "films": 2, "parts": 3, "missing": [{"title": "Aparajito", "year": 1956}]}
            ],
        },
    }


def people() -> Numbers:
    most = [person(1, "Ana Lima", 12, rated=9, average_rating=3.9), person(2, "Bo Ek", 9)]
    return {"films": 1550, "distinct": 812, "most_seen": most, "best_rated": most[:1]}
