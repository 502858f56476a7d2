"""Who made the films, by TMDB: directors and actors with their films' posters, the others as the credits name them.
Pure; `charts` calls it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from movies_app import chart_words as words
from movies_app import posters
from movies_app.chart_parts import (
    Link,
    Numbers,
    Rated,
    Row,
    Section,
    leading,
    nothing_of,
    rated_of,
    rows_of,
)
from movies_app.posters import Poster
from movies_app.roles import ONE_OF
from movies_app.scope import Links

# How many are shown with a poster, how many are listed as best rated.
_PORTRAITS, _BEST = 10, 10
_CREDITED, _CREDITED_BEST = 5, 3
_CREDITS = {
    "writers": "Written by",
    "cinematographers": "Photographed by",
    "composers": "Music by",
    "editors": "Edited by",
}


@dataclass(frozen=True, slots=True)
class Portrait:
    """Somebody, and the film that stands for them."""

    name: str
    url: str
    poster: Poster | None
    film: str
    films: str
    average: str


@dataclass(frozen=True, slots=True)
class People:
    """Those of a kind: the most seen with a poster each, and the best rated."""

    section: Section
    portraits: tuple[Portrait, ...]
    best: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """What the credits say of a kind: the most seen and the best rated."""

    key: str
    title: str
    rows: tuple[Row, ...]
    best: tuple[Rated, ...]
    coverage: str
    way: Link | None


def people(kind: str, numbers: Numbers, links: Links, *, is_filling: bool) -> People:
    """Show the people of a kind with their posters."""
    found, one = numbers[kind], ONE_OF[kind]
    most = found["most_seen"]
    if not most:
        return People(nothing_of(f"No {one} known yet", is_filling=is_filling), (), ())
    leader = f"{most[0]['name']}, {words.counted(most[0]['films'], 'film')}"
    return People(
        section=Section(
            headline=leading(most, leader, kind) if most[0]["films"] > 1 else f"No {one} seen twice yet",
            coverage=words.covered(found["films"], numbers["overview"]["films"], f"{words.article(one)} {one}"),
            ways=(Link(words.every(found["distinct"], one), links.ranking(kind)),),
        ),
        portraits=tuple(_portrait(entry, one, links) for entry in most[:_PORTRAITS]),
        best=rated_of(_named(found["best_rated"][:_BEST], one, links, is_rated=True)),
    )


def credits_of(numbers: Numbers, links: Links) -> tuple[Credit, ...]:
    """Name the others as credits do."""
    return tuple(_credit(kind, title, numbers, links) for kind, title in _CREDITS.items())


def _credit(kind: str, title: str, numbers: Numbers, links: Links) -> Credit:
    found, one = numbers[kind], ONE_OF[kind]
    return Credit(
        key=kind,
        title=title,
        rows=rows_of(_named(found["most_seen"][:_CREDITED], one, links)),
        best=rated_of(_named(found["best_rated"][:_CREDITED_BEST], one, links, is_rated=True)),
        coverage=words.covered(found["films"], numbers["overview"]["films"], f"{words.article(one)} {one}"),
        way=Link(words.every(found["distinct"], one), links.ranking(kind)) if found["distinct"] else None,
    )


def _portrait(entry: Numbers, one: str, links: Links) -> Portrait:
    film = entry["film"]
    return Portrait(
        name=entry["name"],
        url=links.films(**{one: entry["id"]}),
        poster=posters.of_url(film["poster_url"]),
        film=film["title"],
        films=words.counted(entry["films"], "film"),
        average="" if entry["average_rating"] is None else words.average(entry["average_rating"]),
    )


def _named(entries: Iterable[Numbers], one: str, links: Links, **filters: Any) -> list[tuple[str, Numbers, str]]:
    """Return each with their name and the address of their films, which fit filters too."""
    return [(entry["name"], entry, links.films(**{one: entry["id"]}, **filters)) for entry in entries]
