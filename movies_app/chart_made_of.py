"""What the films are made of, by TMDB: hours, genres, countries, languages, studios, keywords. Pure; `charts` calls it.

While films are looked up every section is there, however empty: what fills in then moves nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from movies_app import browsing
from movies_app import chart_words as words
from movies_app.chart_parts import (
    Link,
    Numbers,
    Section,
    Table,
    TableRow,
    best_title,
    leading,
    nothing_of,
    rated_of,
    rows_of,
)
from movies_app.scope import Links

_WORDS = 30
_SIZES = 4
_DAY = 24
# From so many hours on they are told in days too.
_MANY_HOURS = 48


@dataclass(frozen=True, slots=True)
class Kind:
    """What films are counted by: its key in the numbers, one of it, several, how its values are called and quoted, and
    what is said of it.

    So many are drawn as are `shown`, and so many of the best rated listed beside them.
    """

    key: str
    one: str
    many: str
    name: Callable[[str], str] = str
    note: str = ""
    quote: str = "{}"
    shown: int = 10
    best: int = 5

    @property
    def a(self) -> str:
        """One of it, with its article."""
        return f"a {self.one}"


GENRES = Kind("genres", "genre", "genres", note="A film may have several.", best=8)
COUNTRIES = Kind("countries", "country", "countries", browsing.country, note="A film may be from several.")
LANGUAGES = Kind(
    "languages", "language", "languages", lambda code: words.capital(browsing.language(code)), shown=6, best=4
)
STUDIOS = Kind("studios", "studio", "studios", shown=6, best=4)
KEYWORDS = Kind("keywords", "keyword", "keywords", quote="“{}”")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a cloud: `size` is a CSS class, `size-1` few films to `size-4` most."""

    text: str
    films: str
    unit: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """Keywords as words of several sizes, in alphabetical order."""

    section: Section
    words: tuple[Word, ...]


def time(numbers: Numbers, *, is_filling: bool) -> Section:
    """Tell how long all was."""
    runtimes = numbers["runtimes"]
    if not runtimes["films"]:
        return nothing_of("No hours counted yet", is_filling=is_filling)
    hours, unit = words.hours(runtimes["watched_minutes"])
    days = f"That is {words.number(hours / _DAY)} days and nights. " if unit == "hours" and hours >= _MANY_HOURS else ""
    return Section(
        headline=f"{words.number(hours)} {unit} of film",
        note=f"{days}A film lasts {words.length(runtimes['average'])} on average. Each viewing counts; a film without "
        "one counts once.",
        coverage=words.covered(runtimes["films"], numbers["overview"]["films"], "a running time"),
    )


def ranked(kind: Kind, numbers: Numbers, links: Links, *, is_filling: bool) -> Section:
    """Show what is seen most, and beside it what is rated best."""
    found = numbers[kind.key]
    entries = found.get("all") or found.get("most_seen")
    if not entries:
        return nothing_of(f"No {kind.one} known yet", is_filling=is_filling)
    named, best = _named(kind, entries, links), _named(kind, found["best_rated"], links, is_rated=True)
    distinct = found.get("distinct", len(entries))
    leader = f"{kind.quote.format(named[0][0])} leads, with {words.counted(entries[0]['films'], 'film')}"
    return Section(
        headline=leading(entries, leader, kind.many),
        note=kind.note,
        coverage=words.covered(found["films"], numbers["overview"]["films"], kind.a),
        rows=rows_of(named[: kind.shown]),
        best=rated_of(best[: kind.best]),
        best_title=best_title(links),
        table=_table(named, kind) if "all" in found else None,
        ways=(Link(words.every(distinct, kind.one, kind.many), links.ranking(kind.key)),) if distinct > 1 else (),
    )


def keywords(numbers: Numbers, links: Links, *, is_filling: bool) -> Cloud:
    """Show what films are about."""
    section = ranked(KEYWORDS, numbers, links, is_filling=is_filling)
    entries = numbers["keywords"]["most_seen"][:_WORDS]
    counts = [entry["films"] for entry in entries]
    least, most = min(counts, default=0), max(counts, default=0)
    step = (most - least) / (_SIZES - 1) or 1
    return Cloud(
        section=section,
        words=tuple(
            Word(
                text=name,
                films=words.number(entry["films"]),
                unit=words.named(entry["films"], "film"),
                size=f"size-{1 + round((entry['films'] - least) / step)}",
                url=url,
            )
            for name, entry, url in sorted(_named(KEYWORDS, entries, links), key=lambda one: one[0].casefold())
        ),
    )


def _named(kind: Kind, entries: Iterable[Numbers], links: Links, **filters: Any) -> list[tuple[str, Numbers, str]]:
    """Return each with its name and the address of its films, which fit filters too."""
    return [(kind.name(one[kind.one]), one, links.films(**{kind.one: one[kind.one]}, **filters)) for one in entries]


def _table(named: list[tuple[str, Numbers, str]], kind: Kind) -> Table | None:
    """List all, where the rows do not."""
    if len(named) <= kind.shown:
        return None
    return Table(
        (words.capital(kind.one), "Films", "Average rating"),
        tuple(
            TableRow(name, (words.number(entry["films"]), words.average(entry["average_rating"])), url)
            for name, entry, url in named
        ),
    )
