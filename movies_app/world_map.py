"""The world with countries shaded by their films: `shaded` turns numbers by country code into shapes. Pure;
`chart_facts` calls it.

The outlines in world_map.json are today's, made by docs/make_world_map.py. TMDB also knows countries of the past. One
whose land is wholly in one country of today is shaded there, and its number is told apart. One that fell apart into
several (the Soviet Union, Yugoslavia, Czechoslovakia) is shaded nowhere: TMDB does not say in which of them a film was
made, and to give all Soviet films to Russia would take the Georgian ones from Georgia. `elsewhere` names those.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from movies_app import chart_countries
from movies_app import chart_words as words
from movies_app.scope import Links

STEPS = 5
_FILE = Path(__file__).with_name("world_map.json")
# Countries of the past, and the one of today that has all their land; Northern Ireland, which TMDB counts apart.
_TODAY = {"BU": "MM", "TP": "TL", "XG": "DE", "XI": "GB", "ZR": "CD"}
# Half the width of the dot that stands for a country too small to be seen.
_RADIUS = 4
# So many countries are named to those who hear the page; the table has all.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Outline:
    """A country as a path in units of the view box; a dot when it is too small to be seen."""

    code: str
    path: str
    is_dot: bool


@dataclass(frozen=True, slots=True)
class Country:
    """A country with films; `kind` is a CSS class, `step-1` few films to `step-5` most, dots are `dot` as well."""

    path: str
    kind: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Band:
    """What a shade stands for, for the legend."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class WorldMap:
    """The map: `land` is one path of all countries without films, `elsewhere` names what is not on it, or is empty.

    Of `countries` dots come last, and those of most films: what comes later lies on top.
    """

    label: str
    view_box: str
    land: str
    countries: tuple[Country, ...]
    bands: tuple[Band, ...]
    elsewhere: str


@cache
def outlines() -> tuple[Outline, ...]:
    """Return all countries of today."""
    drawing = _drawing()
    return (
        *(Outline(code, path, is_dot=False) for code, path in drawing["outlines"].items()),
        *(Outline(code, _dot(*middle), is_dot=True) for code, middle in drawing["dots"].items()),
    )


@cache
def _drawing() -> dict[str, Any]:
    drawing: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return drawing


def _dot(x: int, y: int) -> str:
    return f"M{x - _RADIUS} {y}" + "".join(
        f"a{_RADIUS} {_RADIUS} 0 1 0 {step} 0" for step in (2 * _RADIUS, -2 * _RADIUS)
    )


def shaded(counts: Mapping[str, int], links: Links) -> WorldMap:
    """Shade the map by films per country code of TMDB; of no films it shows the bare land.

    A film of Germany and East Germany counts for both; that shade leads to the films of the one that has more.
    """
    codes = sorted((code for code, films in counts.items() if films > 0), key=lambda code: (-counts[code], code))
    places = {code: _TODAY.get(code, code) for code in codes}
    drawn = {outline.code for outline in outlines()}
    parts = {place: [code for code in codes if places[code] == place] for place in places.values() if place in drawn}
    films = {place: sum(counts[code] for code in parts[place]) for place in parts}
    most = max(films.values(), default=0)
    shown = sorted(
        (outline for outline in outlines() if outline.code in parts), key=lambda it: (it.is_dot, films[it.code])
    )
    return WorldMap(
        label=_label(codes, counts),
        view_box=_drawing()["view_box"],
        land="".join(outline.path for outline in outlines() if outline.code not in parts and not outline.is_dot),
        countries=tuple(
            Country(
                path=outline.path,
                kind=_kind(films[outline.code], most) + (" dot" if outline.is_dot else ""),
                title=_title(parts[outline.code], counts),
                url=links.films(country=parts[outline.code][0]),
            )
            for outline in shown
        ),
        bands=_bands(most),
        elsewhere=_listed([code for code in codes if places[code] not in drawn], counts),
    )


# ── Shades ────────────────────────────────────────────────────────────────────────────────────
def _starts(most: int) -> list[int]:
    """Return the fewest films of each shade, at most as many as there are `STEPS`.

    One country usually has most of the films, so equal steps would leave all others dark: each shade begins at the same
    multiple of the one before, as a round number (1, 4, 20, 60, 200 for 900 films).
    """
    if most <= STEPS:
        return list(range(1, most + 1))
    return sorted({int(float(f"{most ** (step / STEPS):.1g}")) for step in range(STEPS)})


def _kind(films: int, most: int) -> str:
    """Name the shade; the most films have the strongest, and of few shades each is the clearer apart."""
    starts = _starts(most)
    apart = (STEPS - 1) // max(len(starts) - 1, 1)
    return f"step-{STEPS - apart * sum(start > films for start in starts)}"


def _bands(most: int) -> tuple[Band, ...]:
    ends = pairwise([*_starts(most), most + 1])
    return tuple(Band(_kind(start, most), _span(start, after - 1)) for start, after in ends)


def _span(first: int, last: int) -> str:
    return words.number(first) if first == last else f"{words.number(first)}–{words.number(last)}"


# ── Words ─────────────────────────────────────────────────────────────────────────────────────
def _title(codes: list[str], counts: Mapping[str, int]) -> str:
    """Say what is behind a shade: Germany: 30 films, East Germany: 1 film."""
    return ", ".join(f"{chart_countries.name(code)}: {words.counted(counts[code], 'film')}" for code in codes)


def _listed(codes: list[str], counts: Mapping[str, int]) -> str:
    return ", ".join(f"{chart_countries.name(code)} {words.number(counts[code])}" for code in codes)


def _label(codes: list[str], counts: Mapping[str, int]) -> str:
    """Say what the picture shows: World map of films by country: France 30, Japan 12, Italy 9 and 1 more."""
    if not codes:
        return "World map"
    more = len(codes) - _NAMED
    rest = f" and {words.number(more)} more" if more > 0 else ""
    return f"World map of films by country: {_listed(codes[:_NAMED], counts)}{rest}"
