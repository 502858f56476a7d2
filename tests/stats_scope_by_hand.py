"""What of an export counts for the numbers by hand: its films and viewings within a scope, and how films are shown.

Plain Python that shares no code with the service; `stats_by_hand` and `stats_facts_by_hand` start from it.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

Row = dict[str, Any]


def count_in(
    movies: list[Row],
    *,
    year: int | None = None,
    without_tv: bool = False,
    without_shorts: bool = False,
    rewatches_only: bool = False,
) -> tuple[list[Row], list[Row]]:
    """Return the films and viewings that count; each viewing knows its film, each film its viewings."""
    films = []
    for position, movie in enumerate(movies, 1):
        film = {**movie, "position": position, "facts": movie.get("facts")}
        if (without_tv and is_series(film)) or (without_shorts and is_short(film)):
            continue
        film["viewings"] = [
            {
                **viewing,
                "film": film,
                "place": place,
                "day": date.fromisoformat(viewing["date"]) if viewing["date"] else None,
            }
            for place, viewing in enumerate(movie["viewings"])
        ]
        film["present_rating"] = film["rating"]
        reviewed = [viewing for viewing in film["viewings"] if viewing["review"]]
        film["reviewed_on"] = reviewed[0]["date"] if reviewed and reviewed[0]["review"] == film["review"] else None
        if year is not None:
            film["viewings"] = [v for v in film["viewings"] if v["day"] and v["day"].year == year]
        if rewatches_only:
            film["viewings"] = [viewing for viewing in film["viewings"] if viewing["rewatch"]]
        if year is not None or rewatches_only:
            if not film["viewings"]:
                continue
            tell_as_then(film)
        films.append(film)
    return films, [viewing for film in films for viewing in film["viewings"]]


def tell_as_then(film: Row) -> None:
    film["rating"] = rating_then(film, film["viewings"])
    film["tags"] = list(dict.fromkeys(tag for viewing in film["viewings"] for tag in viewing["tags"]))
    reviewed = [viewing for viewing in film["viewings"] if viewing["review"]]
    film["review"] = reviewed[0]["review"] if reviewed else None
    film["reviewed_on"] = reviewed[0]["date"] if reviewed else None


def rating_then(film: Row, viewings: list[Row]) -> float | None:
    rated = [viewing["rating"] for viewing in viewings if viewing["rating"] is not None]
    rating: float | None = rated[0] if rated else film["present_rating"]
    return rating


def fact(film: Row, name: str) -> Any:
    """Return a fact of a film, None where it is not known."""
    return (film["facts"] or {}).get(name)


def is_series(film: Row) -> bool:
    return bool(fact(film, "media_type") == "tv")


def is_short(film: Row) -> bool:
    runtime = fact(film, "runtime")
    return not is_series(film) and runtime is not None and runtime <= 40


# ── How it is told ────────────────────────────────────────────────────────────────────────────
def average(values: Iterable[float | Fraction | None]) -> float | None:
    known = [Fraction(value) for value in values if value is not None]
    return two_decimals(sum(known, Fraction()) / len(known)) if known else None


def two_decimals(value: Fraction) -> float:
    """Round, a half to the even one."""
    return float(round(value, 2))


def shown(film: Row) -> Row:
    poster = fact(film, "poster_path")
    return {
        **{key: film[key] for key in ("position", "title", "year", "rating", "letterboxd_uri")},
        "poster_url": f"https://image.tmdb.org/t/p/w342{poster}" if poster else None,
    }
