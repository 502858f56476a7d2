"""What the filters of films find, slowly and in plain Python: tests compare page, API and database with it.

A movie is a dict as the API tells it without filters; it shares no code with the service. Beside that, how tests look
at a page of movies of the API.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.test import Client

Row = dict[str, Any]
JOBS = {
    "writer": {"Writer", "Screenplay", "Story", "Novel"},
    "cinematographer": {"Director of Photography"},
    "composer": {"Original Music Composer"},
    "editor": {"Editor"},
}
HALVES = [half / 2 for half in range(1, 11)]


def page_of(client: Client, session_id: UUID | str, **query: Any) -> Row:
    """Return a page of movies of the API, which must be a success."""
    response = client.get(f"/api/session/{session_id}/movies", query)
    assert response.status_code == 200, response.content
    page: Row = response.json()
    return page


def fitting(movies: list[Row], **params: Any) -> list[Row]:
    """Return the movies that fit, in their order, as they are told of then."""
    told = [movie for one in movies for movie in as_then(one, params)]
    return [movie for movie in told if all(value in FOUND_BY[name](movie) for name, value in others(params).items())]


def others(params: Row) -> Row:
    """Return the filters but those that ask for a viewing."""
    asked = ("watched_year", "watched_from", "watched_to", "weekday", "rewatches_only")
    return {name: value for name, value in params.items() if name not in asked}


def as_then(movie: Row, params: Row) -> Iterator[Row]:
    """Yield a movie as the viewings that count tell of it, where it has the viewing that is asked for.

    `counting` are the viewings that count, `wanted` those of them that are asked for.
    """
    year, rewatches_only = params.get("watched_year"), params.get("rewatches_only")
    counting = [
        viewing
        for viewing in movie["viewings"]
        if (not year or (viewing["date"] or "").startswith(f"{year}-")) and (not rewatches_only or viewing["rewatch"])
    ]
    wanted = [viewing for viewing in counting if is_wanted(viewing, params)]
    told = {**movie, "counting": counting, "wanted": wanted}
    if year or rewatches_only:
        ratings = [viewing["rating"] for viewing in counting if viewing["rating"] is not None]
        told["rating"] = ratings[0] if ratings else movie["rating"]
        told["tags"] = [tag for viewing in counting for tag in viewing["tags"]]
        told["review"] = next((viewing["review"] for viewing in counting if viewing["review"]), None)
    if wanted or len(others(params)) == len(params):
        yield told


def is_wanted(viewing: Row, params: Row) -> bool:
    """Tell whether a viewing was on the days that are asked for."""
    first, last, weekday = (params.get(name) for name in ("watched_from", "watched_to", "weekday"))
    if not (first or last or weekday):
        return True
    if viewing["date"] is None:
        return False
    day = date.fromisoformat(viewing["date"])
    return (
        (not first or day >= date.fromisoformat(str(first)))
        and (not last or day <= date.fromisoformat(str(last)))
        and (not weekday or day.isoweekday() == int(weekday))
    )


# ── What a movie is found by ──────────────────────────────────────────────────────────────────
def _crew(role: str) -> Callable[[Row], Collection[Any]]:
    return lambda movie: ids_of([one for one in movie["crew"] or () if one["job"] in JOBS[role]])


def _either(holds: Callable[[Row], bool]) -> Callable[[Row], Collection[Any]]:
    return lambda movie: {str(bool(holds(movie))).lower()}


def ids_of(people: list[Row] | None) -> set[int]:
    return {person["id"] for person in people or ()}


def days_of(movie: Row) -> set[str]:
    return {viewing["date"] for viewing in movie["viewings"] if viewing["date"]}


def against_tmdb(movie: Row) -> Collection[str]:
    if movie["rating"] is None or movie["vote_average"] is None or movie["vote_count"] < 50:
        return ()
    more = Fraction(movie["rating"]) - Fraction(str(movie["vote_average"])) / 2
    return {"higher" if more > 0 else "lower" if more < 0 else "same"}


def is_short(movie: Row) -> bool:
    return movie["media_type"] != "tv" and movie["runtime"] is not None and movie["runtime"] <= 40


def pieces_of(title: str) -> set[str]:
    """Return all runs of three letters, with and without accents and apostrophes."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(sign))
    texts = (title.casefold(), plain, re.sub("['’]", "", plain))
    pieces = {text[start : start + 3] for text in texts for start in range(len(text) - 2)}
    return {piece for piece in pieces if piece.isascii() and piece.isalpha()}


FOUND_BY: dict[str, Callable[[Row], Collection[Any]]] = {
    "genre": lambda movie: movie["genres"] or (),
    "director": lambda movie: ids_of(movie["directors"]),
    "actor": lambda movie: ids_of(movie["cast"]),
    **{role: _crew(role) for role in JOBS},
    "person": lambda movie: ids_of(movie["directors"]) | ids_of(movie["cast"]) | ids_of(movie["crew"]),
    "country": lambda movie: movie["countries"] or (),
    "language": lambda movie: movie["languages"] or (),
    "studio": lambda movie: movie["studios"] or (),
    "keyword": lambda movie: movie["keywords"] or (),
    "collection": lambda movie: {movie["collection"]["id"]} if movie["collection"] else (),
    "against_tmdb": against_tmdb,
    "tag": lambda movie: movie["tags"],
    "rating": lambda movie: {movie["rating"]} - {None},
    "min_rating": lambda movie: [half for half in HALVES if half <= (movie["rating"] or 0)],
    "is_rated": _either(lambda movie: movie["rating"] is not None),
    "reviewed": _either(lambda movie: movie["review"]),
    "seen_again": _either(lambda movie: len(movie["counting"]) > 1),
    "year": lambda movie: {movie["year"]} - {None},
    "decade": lambda movie: {movie["year"] // 10 * 10} if movie["year"] else (),
    "rewatch": _either(lambda movie: movie["rewatch"]),
    "liked": _either(lambda movie: movie["liked"]),
    "q": lambda movie: pieces_of(movie["title"]),
    "without_tv": lambda movie: {"false"} if movie["media_type"] == "tv" else {"true", "false"},
    "without_shorts": lambda movie: {"false"} if is_short(movie) else {"true", "false"},
}
# What the viewings of a movie are asked for by, in an address.
OF_VIEWINGS: dict[str, Callable[[Row], Collection[Any]]] = {
    "watched_year": lambda movie: {viewing["date"][:4] for viewing in movie["viewings"] if viewing["date"]},
    "watched_from": days_of,
    "watched_to": days_of,
    "weekday": lambda movie: {date.fromisoformat(day).isoweekday() for day in days_of(movie)},
    "rewatches_only": lambda movie: {"true"},
}
FILTERS = FOUND_BY | OF_VIEWINGS


# ── Numbers of them ───────────────────────────────────────────────────────────────────────────
def average(movies: list[Row]) -> float | None:
    ratings = [Fraction(movie["rating"]) for movie in movies if movie["rating"] is not None]
    return float(round(sum(ratings, Fraction()) / len(ratings), 2)) if ratings else None


def wanted_days(movies: list[Row]) -> list[str]:
    """Return the days of the viewings that are asked for, in order."""
    return sorted(viewing["date"] for movie in movies for viewing in movie["wanted"] if viewing["date"])
