"""The films against the crowd: how ratings differ from those of TMDB's members, which films are the longest, the
shortest, the best and the least known. Pure; `charts` calls it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from movies_app import chart_words as words
from movies_app.chart_parts import (
    FilmLine,
    Numbers,
    Part,
    Section,
    Tile,
    film_line,
    nothing_of,
    parts_of,
)
from movies_app.chart_shapes import percent
from movies_app.scope import Links

# Averages that differ by less are the same to the eye.
_ALIKE = 0.1
_SHARES = {"lower": "rated lower", "same": "rated the same", "higher": "rated higher"}


@dataclass(frozen=True, slots=True)
class Apart:
    """A film on which the member and the crowd differ; its bar begins in the middle."""

    film: FilmLine
    x: str
    width: str
    ratings: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The member against TMDB's members: shares of a bar, and the films furthest below and above."""

    section: Section
    label: str
    parts: tuple[Part, ...]
    below: tuple[Apart, ...]
    above: tuple[Apart, ...]


@dataclass(frozen=True, slots=True)
class Extreme:
    """The films at one end: the first with its poster, the others below it."""

    title: str
    first: FilmLine
    others: tuple[FilmLine, ...]


@dataclass(frozen=True, slots=True)
class Extremes:
    """The films at all ends."""

    section: Section
    ends: tuple[Extreme, ...]


def crowd(numbers: Numbers, links: Links, *, is_filling: bool) -> Crowd:
    """Compare the ratings with those of TMDB's members."""
    found = numbers["against_tmdb"]
    films = found["films"]
    if not films:
        return Crowd(nothing_of("Nothing to compare yet", is_filling=is_filling), "", (), (), ())
    shares = [
        (kind, found[kind], label, links.films(against_tmdb=kind)) for kind, label in _SHARES.items() if found[kind]
    ]
    most = max((abs(entry["difference"]) for entry in (*found["below"], *found["above"])), default=0)
    return Crowd(
        section=Section(
            headline=_verdict(found),
            note=f"On average {words.signed(found['average_difference'])} stars against TMDB’s members, whose votes "
            "out of ten are halved.",
            coverage=words.covered(films, numbers["overview"]["films"], "a rating here and 50 votes there"),
            tiles=(
                Tile(words.average(found["member_average"]), "these ratings"),
                Tile(words.average(found["tmdb_average"]), "TMDB’s members"),
            ),
        ),
        label=", ".join(f"{words.number(count)} {label}" for _, count, label, _ in shares),
        parts=parts_of(shares),
        below=tuple(_apart(entry, links, most=most or 1) for entry in found["below"]),
        above=tuple(_apart(entry, links, most=most or 1) for entry in found["above"]),
    )


def _verdict(found: Numbers) -> str:
    difference = found["average_difference"]
    if abs(difference) < _ALIKE:
        return "Of one mind with the crowd"
    return "Kinder than the crowd" if difference > 0 else "Sterner than the crowd"


def _apart(entry: Numbers, links: Links, *, most: float) -> Apart:
    difference = entry["difference"]
    width = 100 * abs(difference) / most
    here, there = words.points(entry["film"]["rating"]), words.average(entry["tmdb"])
    return Apart(
        film=film_line(entry["film"], links, value=words.signed(difference), is_rated=False),
        x=percent(100 - width if difference < 0 else 0),
        width=percent(width),
        ratings=f"{here} against {there}",
    )


def extremes(numbers: Numbers, links: Links, *, is_filling: bool) -> Extremes:
    """Show the films at each end."""
    found = numbers["extremes"]
    ends = tuple(
        _extreme(title, [film_line(one["film"], links, value=value(one), is_rated=False) for one in found[key]])
        for key, (title, value) in _ENDS.items()
        if found[key]
    )
    if not ends:
        return Extremes(nothing_of("No ends known yet", is_filling=is_filling), ())
    covered = numbers["coverage"]
    coverage = words.covered(covered["films_with_facts"], covered["films"], "film facts")
    return Extremes(Section(headline=_range(found), coverage=coverage), ends)


def _extreme(title: str, films: list[FilmLine]) -> Extreme:
    first, *others = films
    return Extreme(title, first, tuple(others))


def _minutes(entry: Numbers) -> str:
    return words.length(entry["minutes"])


def _votes(entry: Numbers) -> str:
    return words.counted(entry["votes"], "vote")


_ENDS: dict[str, tuple[str, Callable[[Numbers], str]]] = {
    "longest": ("Longest", _minutes),
    "shortest": ("Shortest", _minutes),
    "most_known": ("Best known", _votes),
    "least_known": ("Least known", _votes),
}


def _range(found: Numbers) -> str:
    if not found["longest"]:
        return "From the famous to the hardly known"
    longest, shortest = _minutes(found["longest"][0]), _minutes(found["shortest"][0])
    return f"From {shortest} to {longest}" if longest != shortest else f"All last {longest}"
