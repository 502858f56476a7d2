"""The page of a whole ranking, from its numbers: words, bars, stars and the addresses it leads to.

Pure; `sessions_app.ranking_pages` calls it. Every field is a text, ready to be shown.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from movies_app import browsing
from movies_app import chart_words as words
from movies_app.chart_parts import Choice, Numbers
from movies_app.chart_scope import MINIMA
from movies_app.chart_shapes import percent
from movies_app.roles import ONE_OF
from movies_app.scope import Links, Scope

PER_PAGE = 100
_ORDERS = {"films": "Most seen", "rating": "Best rated"}
_NAMED: dict[str, Callable[[str], str]] = {
    "country": browsing.country,
    "language": lambda code: words.capital(browsing.language(code)),
}
_MOST_STARS = 5
# What of a scope undoes a filter of the films page.
_UNDONE: dict[str, dict[str, Any]] = {
    "watched_year": {"year": None},
    **{name: {name: False} for name in ("without_tv", "without_shorts", "rewatches_only")},
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Something that does not count, and the address where it does again."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A line of a ranking: `width` is that of its bar, `lit` how much of a hundredth of five stars shines.

    Without a rated film `average` is empty.
    """

    rank: str
    name: str
    url: str
    films: str
    unit: str
    width: str
    average: str
    lit: str
    rated: str


@dataclass(frozen=True, slots=True)
class Switches:
    """What else can be ranked, in which order, from how many ratings on, of which films."""

    kinds: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    minima: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    all_url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in the ranking this is; no address at the ends."""

    number: str
    last: str
    previous_url: str
    next_url: str
    limit: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """A page of a ranking; without rows `empty` says why, and `ways` lead on from there."""

    headline: str
    note: str
    coverage: str
    column: str
    switches: Switches
    rows: tuple[RankedRow, ...]
    empty: str
    ways: tuple[Choice, ...]
    pages: Pages


def is_by_facts(kind: str) -> bool:
    """Tell whether TMDB tells it; tags are the member's own."""
    return kind != "tags"


def page_of(ranking: Numbers, *, counted: int, links: Links, number: int, waiting: str) -> RankingPage:
    """Make a page of what `stats.ranking` returns; `counted` films are looked at.

    `waiting` says why no facts are known, nothing where some are.
    """
    kind, by = ranking["kind"], ranking["by"]
    here = links.ranking(kind, by=by)
    rows = _rows(ranking, links, start=(number - 1) * PER_PAGE)
    empty, ways = ("", ()) if rows else _nothing(ranking, counted=counted, links=links, waiting=waiting)
    return RankingPage(
        headline=_headline(ranking, links.scope),
        note=_note(ranking),
        coverage=words.covered(ranking["films"], counted, _a(kind)) + "." if ranking["films"] else "",
        column=ONE_OF[kind].capitalize(),
        switches=_switches(kind, by, links),
        rows=rows,
        empty=empty,
        ways=ways,
        pages=_pages(ranking, here=here, number=number),
    )


# ── Words ─────────────────────────────────────────────────────────────────────────────────────
def _headline(ranking: Numbers, scope: Scope) -> str:
    kind: str = ranking["kind"]
    if ranking["by"] == "rating":
        return f"{kind.capitalize()} by average rating, of {_at_least(scope.min_rated)}"
    return _counted(ranking) if ranking["distinct"] else f"No {kind} yet"


def _note(ranking: Numbers) -> str:
    """Tell how many have enough rated films."""
    if ranking["by"] == "films" or not ranking["ranked"]:
        return ""
    return f"That is {words.number(ranking['ranked'])} of {_counted(ranking)}."


def _counted(ranking: Numbers) -> str:
    return words.counted(ranking["distinct"], ONE_OF[ranking["kind"]], ranking["kind"])


def _at_least(min_rated: int) -> str:
    return f"at least {words.counted(min_rated, 'rated film')}"


def _a(kind: str) -> str:
    return f"{words.article(ONE_OF[kind])} {ONE_OF[kind]}"


def _nothing(ranking: Numbers, *, counted: int, links: Links, waiting: str) -> tuple[str, tuple[Choice, ...]]:
    """Say why a page is empty, and where there is more."""
    kind, by = ranking["kind"], ranking["by"]
    if ranking["rows"]:
        last = _at(links.ranking(kind, by=by), _last(ranking["rows"]))
        return "The ranking ends before this page.", (Choice("To its last page", last),)
    if ranking["films"]:
        return f"No {ONE_OF[kind]} has {_at_least(links.scope.min_rated)}.", tuple(_easier(kind, links))
    if waiting and counted and is_by_facts(kind):
        return waiting, ()
    if links.scope.filters:
        ways = (Choice("Count all films", _unfiltered(kind, by, links)),)
        return f"None of the films that count has {_a(kind)}.", ways
    return f"No film has {_a(kind)}.", ()


def _easier(kind: str, links: Links) -> Iterator[Choice]:
    """Offer the next lower number of rated films, at last a single one, and the ranking that takes none."""
    for minimum in [minimum for minimum in (1, *MINIMA) if minimum < links.scope.min_rated][-1:]:
        yield Choice(words.capital(_at_least(minimum)), links.ranking(kind, by="rating", min_rated=minimum))
    yield Choice(_ORDERS["films"], links.ranking(kind))


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────
def _rows(ranking: Numbers, links: Links, *, start: int) -> tuple[RankedRow, ...]:
    """Make the rows of a page; those of equal value share a rank, across pages too."""
    rows: list[Numbers] = ranking["rows"]
    value = "films" if ranking["by"] == "films" else "average_rating"
    ranks: dict[Any, int] = {}
    for place, row in enumerate(rows, start=1):
        ranks.setdefault(row[value], place)
    most = max((row["films"] for row in rows), default=1)
    one = ONE_OF[ranking["kind"]]
    return tuple(
        _row(row, one=one, rank=ranks[row[value]], most=most, links=links) for row in rows[start : start + PER_PAGE]
    )


def _row(row: Numbers, *, one: str, rank: int, most: int, links: Links) -> RankedRow:
    average = row["average_rating"]
    return RankedRow(
        rank=words.number(rank),
        name=row["name"] if "id" in row else _NAMED.get(one, str)(row[one]),
        url=links.films(**{one: row["id"] if "id" in row else row[one]}),
        films=words.number(row["films"]),
        unit=words.named(row["films"], "film"),
        width=percent(100 * row["films"] / most),
        average="" if average is None else words.average(average),
        lit=f"{100 * (average or 0) / _MOST_STARS:g}",
        rated=words.number(row["rated"]),
    )


# ── Ways on ───────────────────────────────────────────────────────────────────────────────────
def _switches(kind: str, by: str, links: Links) -> Switches:
    scope = links.scope
    minima = sorted({*MINIMA, scope.min_rated}) if by == "rating" else ()
    return Switches(
        kinds=tuple(Choice(other.capitalize(), links.ranking(other, by=by), other == kind) for other in ONE_OF),
        orders=tuple(Choice(text, links.ranking(kind, by=order), order == by) for order, text in _ORDERS.items()),
        minima=tuple(
            Choice(str(minimum), links.ranking(kind, by=by, min_rated=minimum), minimum == scope.min_rated)
            for minimum in minima
        ),
        filters=_filters(kind, by, links),
        all_url=_unfiltered(kind, by, links),
    )


def _filters(kind: str, by: str, links: Links) -> tuple[Filter, ...]:
    """Tell what narrows the films as the films page does, each with the address without it."""
    return tuple(
        Filter(one.label, one.value, links.ranking(kind, by=by, **_UNDONE[one.name]))
        for one in browsing.told(links.scope.filters, names={})
    )


def _unfiltered(kind: str, by: str, links: Links) -> str:
    return Links(links.stats, Scope(min_rated=links.scope.min_rated)).ranking(kind, by=by)


def _pages(ranking: Numbers, *, here: str, number: int) -> Pages:
    rows, ranked = ranking["rows"], ranking["ranked"]
    last = _last(rows)
    return Pages(
        number=words.number(number),
        last=words.number(last),
        previous_url=_at(here, number - 1) if 1 < number <= last else "",
        next_url=_at(here, number + 1) if number < last else "",
        limit=f"The first {words.number(len(rows))} of {words.number(ranked)} are listed."
        if len(rows) < ranked
        else "",
    )


def _last(rows: Sequence[Numbers]) -> int:
    return max(1, -(-len(rows) // PER_PAGE))


def _at(address: str, number: int) -> str:
    """Return the address of another page of a ranking."""
    return address if number == 1 else f"{address}{'&' if '?' in address else '?'}page={number}"
