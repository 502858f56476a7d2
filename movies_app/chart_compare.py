"""The comparison of two members as one value: `page_of` turns its numbers into words, coordinates and addresses.

Pure; the page's view calls it once. `a` stands on the left, `b` on the right.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from movies_app import browsing
from movies_app import chart_words as words
from movies_app.chart_parts import FilmLine, Link, Numbers, Part, Table, TableRow, film_line, parts_of
from movies_app.chart_shapes import percent
from movies_app.roles import ONE_OF
from movies_app.scope import Links
from movies_app.taste import SIDES

_OTHER = {"a": "b", "b": "a"}
# Who has no name, at the beginning of a sentence and within it.
_NAMES = {"a": "One member", "b": "The other member"}
_SAID = {"a": "one member", "b": "the other member"}
_HALVES = [half / 2 for half in range(1, 11)]
_SHADES = 5
_CELL = 10
# How much of a picture in per cent a side has; between both there is a gap.
_HALF = 49.5
_CONFIDENCE = {"sure": "That is sure", "fairly_sure": "That is fairly sure", "guess": "That is a guess"}
_KINDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "directors": ("Directors", str),
    "actors": ("Actors", str),
    "genres": ("Genres", str),
    "countries": ("Countries", browsing.country),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One of both: their name, their films and where those are, and how they rate what both rated."""

    name: str
    url: str
    films: str
    share: str
    average: str


@dataclass(frozen=True, slots=True)
class Match:
    """How well tastes match: `value` is the large number, "" where both rated too few films.

    On a line of a hundred, `low` and `width` are the interval, `at` the match, `chance_at` what chance would give.
    """

    value: str
    headline: str
    between: str
    chance: str = ""
    low: str = ""
    width: str = ""
    at: str = ""
    chance_at: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """A whole in three parts: what is of the one alone, of both, of the other alone; with a headline and a remark."""

    headline: str
    note: str
    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the picture of ratings; `shade` is a CSS class, brighter for more films."""

    x: str
    y: str
    shade: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The ratings of both against each other: the one's go right, the other's go up."""

    label: str
    across: str
    up: str
    cells: tuple[Cell, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one of both thinks of a film, and the page of it there."""

    name: str
    url: str
    stars: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A film that both have, with both verdicts."""

    film: FilmLine
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Films:
    """Films under a headline, with a remark: those that both have, or those of one; `way` leads on from here."""

    headline: str
    note: str
    pairs: tuple[Pair, ...] = ()
    films: tuple[FilmLine, ...] = ()
    way: Link | None = None


@dataclass(frozen=True, slots=True)
class SharedSide:
    """What one of both saw of it: films, their average, their address; the bars of both begin near the middle."""

    x: str
    width: str
    films: str
    unit: str
    average: str
    url: str


@dataclass(frozen=True, slots=True)
class SharedRow:
    """Somebody or something of which both saw films."""

    name: str
    a: SharedSide
    b: SharedSide


@dataclass(frozen=True, slots=True)
class Shared:
    """Those of a kind of which both saw most."""

    key: str
    title: str
    note: str
    rows: tuple[SharedRow, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page; without shared people, genres and countries `without_facts` says why there are none."""

    title: str
    summary: str
    members: tuple[Member, ...]
    match: Match
    overlap: Division
    higher: Division | None
    picture: Picture | None
    agreements: Films
    quarrels: Films
    to_see: tuple[Films, ...]
    shared: tuple[Shared, ...]
    coverage: str
    without_facts: str
    has_posters: bool


@dataclass(frozen=True, slots=True)
class _Both:
    """The names of both, at the beginning of a sentence and within it, and their addresses."""

    names: Mapping[str, str]
    said: Mapping[str, str]
    links: Mapping[str, Links]


def page_of(numbers: Numbers, *, names: Mapping[str, str], links: Mapping[str, Links]) -> Page:
    """Make the page from what `compare.compare` returns; names may be empty."""
    both = _Both({s: names[s] or _NAMES[s] for s in SIDES}, {s: names[s] or _SAID[s] for s in SIDES}, links)
    shared = tuple(_shared(kind, numbers, both) for kind in _KINDS if numbers[kind]["top"])
    match, overlap = _match(numbers["match"]), _overlap(numbers["overlap"], both)
    is_rated = numbers["ratings"]["films"]
    return Page(
        title=f"{both.names['a']} and {both.said['b']}" if any(names.values()) else "Two members",
        summary=f"{overlap.headline}. {f'Taste match: {match.value}. ' if match.value else ''}{match.headline}.",
        members=tuple(_member(side, numbers, both) for side in SIDES),
        match=match,
        overlap=overlap,
        higher=_higher(numbers["ratings"], both) if is_rated else None,
        picture=_picture(numbers["ratings"], both) if is_rated else None,
        agreements=_agreements(numbers["agreements"], both),
        quarrels=_quarrels(numbers["quarrels"], both),
        to_see=tuple(_to_see(side, numbers["to_see"][side], both) for side in SIDES),
        shared=shared,
        coverage=_coverage(numbers, both) if shared else "",
        without_facts="" if shared else _without_facts(numbers),
        has_posters=any(numbers["films_with_facts"].values()),
    )


# ── How much, and how well ────────────────────────────────────────────────────────────────────
def _member(side: str, numbers: Numbers, both: _Both) -> Member:
    overlap = numbers["overlap"]
    share = words.share(overlap["both"], overlap["films"][side])
    return Member(
        name=both.names[side],
        url=both.links[side].page(),
        films=words.counted(overlap["films"][side], "film"),
        share=f"{share} in common",
        average=words.average(numbers["ratings"]["average"][side]),
    )


def _match(match: Numbers) -> Match:
    """Tell how well tastes match, how sure that is, and what chance alone would give."""
    films = match["films"]
    if match["percent"] is None:
        between = (
            f"Both rated {words.counted(films, 'film') if films else 'no film'}. Of fewer than ten the overlap is "
        )
        return Match("", "Too little in common to tell", f"{between}too small to mean anything.")
    value, low, high = match["percent"], match["from"], match["to"]
    chance = match["by_chance"]["percent"]
    tells = not low <= chance <= high  # else how sure the number is would be taken for a finding
    sure = f"{_CONFIDENCE[match['confidence']]}: it stands" if tells else "It stands"
    return Match(
        value=f"{value}%",
        headline=_verdict(low, high, chance),
        between=f"Somewhere between {low} and {high}%. {sure} on {words.counted(films, 'film')} that both rated, "
        f"{match['difference']:.2f} stars apart on average.",
        chance=f"The same habits of rating without any taste in common would give {chance}%"
        f"{'.' if tells else ', which is no different.'}",
        low=percent(low),
        width=percent(max(high - low, 1)),
        at=percent(value),
        chance_at=percent(chance),
    )


def _verdict(low: int, high: int, chance: int) -> str:
    """Say whether tastes match better than by chance; where the interval has chance in it, that nobody can tell."""
    if low <= chance <= high:
        return "Hard to tell from chance"
    return "A taste in common" if low > chance else "Tastes that part"


def _overlap(overlap: Numbers, both: _Both) -> Division:
    """Divide all films into those that only one has seen, and those that both have."""
    common = overlap["both"]
    only = {side: overlap["films"][side] - common for side in SIDES}
    return Division(
        headline=f"{words.counted(common, 'film')} in common" if common else "No film in common",
        note=f"{words.share(common, overlap['all'])} of the {words.counted(overlap['all'], 'film')} of either.",
        **_divided((only["a"], common, only["b"]), (f"only {both.said['a']}", "both", f"only {both.said['b']}")),
    )


def _higher(ratings: Numbers, both: _Both) -> Division:
    """Divide the films that both rated into those that one rated higher, both alike, and the other higher."""
    kinder, average = ratings["kinder"], ratings["average"]
    counts = (ratings["higher"]["a"], ratings["same"], ratings["higher"]["b"])
    return Division(
        headline=f"{both.names[kinder]} rates higher" if kinder else "Both rate equally high",
        note=f"{words.average(average['a'])} against {words.average(average['b'])} stars on average, over the "
        f"{words.counted(ratings['films'], 'film')} that both rated.",
        **_divided(counts, (f"{both.said['a']} higher", "the same", f"{both.said['b']} higher")),
    )


def _divided(counts: tuple[int, int, int], labels: tuple[str, str, str]) -> dict[str, Any]:
    shares = list(zip(("one", "both", "other"), counts, labels, ("", "", ""), strict=True))
    return {
        "label": ", ".join(f"{words.number(count)} {label}" for _, count, label, _ in shares),
        "parts": parts_of(shares) if any(counts) else (),
    }


def _picture(ratings: Numbers, both: _Both) -> Picture:
    """Draw a square for each pair of ratings."""
    grid = {(entry["a"], entry["b"]): entry["films"] for entry in ratings["grid"]}
    most = max(grid.values())
    in_order = sorted(grid.items(), key=lambda entry: (-entry[1], entry[0]))
    rows = (TableRow(words.points(one), (words.points(other), words.number(films))) for (one, other), films in in_order)
    return Picture(
        label=f"Ratings of {words.counted(ratings['films'], 'film')} against each other; the table has the numbers.",
        across=both.names["a"],
        up=both.names["b"],
        cells=tuple(_cell(one, other, grid.get((one, other), 0), most, both) for one in _HALVES for other in _HALVES),
        table=Table((both.names["a"], both.names["b"], "Films"), tuple(rows)),
    )


def _cell(one: float, other: float, films: int, most: int, both: _Both) -> Cell:
    told = f"{both.names['a']} {words.points(one)}, {both.said['b']} {words.points(other)}"
    return Cell(
        x=f"{(2 * one - 1) * _CELL:g}",
        y=f"{(10 - 2 * other) * _CELL:g}",
        shade=f"shade-{-(-_SHADES * films // most)}",
        title=f"{told}: {words.counted(films, 'film')}" if films else "",
    )


# ── Which films ───────────────────────────────────────────────────────────────────────────────
def _agreements(found: Numbers, both: _Both) -> Films:
    """Show the films that both rated high."""
    if not found["films"]:
        return Films("Nothing that both rated high", "Films stand here once both give them four stars or more.")
    headline = f"{words.counted(found['films'], 'film')} that both rated high"
    return Films(headline, "Four stars or more from both, the best first.", _pairs(found["top"], both))


def _quarrels(found: Numbers, both: _Both) -> Films:
    """Show the films on which both differ most."""
    if not found["films"]:
        return Films("Nothing to quarrel about", "On no film are both a star and a half apart.")
    headline = f"{words.counted(found['films'], 'film')} to quarrel about"
    return Films(headline, "A star and a half apart or more, the furthest first.", _pairs(found["top"], both))


def _pairs(rows: Iterable[Numbers], both: _Both) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            film_line(row["a"], both.links["a"], is_rated=False), tuple(_told(side, row[side], both) for side in SIDES)
        )
        for row in rows
    )


def _told(side: str, film: Numbers, both: _Both) -> Verdict:
    rating = film["rating"]
    return Verdict(both.names[side], both.links[side].film(film["position"]), words.stars(rating), words.spoken(rating))


def _to_see(side: str, found: Numbers, both: _Both) -> Films:
    """Show one of both the favourites of the other."""
    other = _OTHER[side]
    if not found["films"]:
        return Films(f"Nothing new for {both.said[side]}", f"No favourite of {both.said[other]} is unseen.")
    return Films(
        f"What {both.said[side]} should see",
        f"{words.counted(found['films'], 'favourite')} of {both.said[other]}, not seen yet.",
        films=tuple(film_line(film, both.links[other]) for film in found["top"]),
        way=Link(f"All that {both.said[other]} rated 4½ or more", both.links[other].films(min_rating=4.5)),
    )


# ── Whom and what ─────────────────────────────────────────────────────────────────────────────
def _shared(kind: str, numbers: Numbers, both: _Both) -> Shared:
    title, named = _KINDS[kind]
    found, one = numbers[kind], ONE_OF[kind]
    most = max(row[side]["films"] for row in found["top"] for side in SIDES)
    rows = []
    for row in found["top"]:
        key = row["id"] if "id" in row else row[one]
        sides = {side: _side(side, row[side], both.links[side].films(**{one: key}), most=most) for side in SIDES}
        rows.append(SharedRow(row["name"] if "id" in row else named(key), **sides))
    return Shared(kind, title, f"{words.number(found['shared'])} in common", tuple(rows))


def _side(side: str, found: Numbers, url: str, *, most: int) -> SharedSide:
    width = _HALF * found["films"] / most
    return SharedSide(
        x=percent(_HALF - width if side == "a" else 100 - _HALF),
        width=percent(width),
        films=words.number(found["films"]),
        unit=words.named(found["films"], "film"),
        average="" if found["average_rating"] is None else words.average(found["average_rating"]),
        url=url,
    )


def _coverage(numbers: Numbers, both: _Both) -> str:
    """Tell on how many films of each this stands, where it is not all."""
    known, films = numbers["films_with_facts"], numbers["overlap"]["films"]
    told = (
        f"{both.names[side]}: {words.covered(known[side], films[side], 'film facts')}."
        for side in SIDES
        if known[side] < films[side]
    )
    return " ".join(told)


def _without_facts(numbers: Numbers) -> str:
    if all(numbers["films_with_facts"].values()):
        return "No director, actor, genre or country is in common."
    return "Directors, actors, genres and countries in common stand on film facts, and those are not known of both."
