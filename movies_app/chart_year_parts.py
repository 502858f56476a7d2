"""What the year in review is made of: the two years it compares, scenes, and what stands in a scene. Pure.

`chart_year` and the modules of its scenes fill these, the template shows them. Every field is a text, ready to be
shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from movies_app import chart_words as words
from movies_app import posters
from movies_app.chart_parts import Link, Numbers, Table
from movies_app.chart_shapes import Chart, percent
from movies_app.posters import Poster
from movies_app.scope import Links

# Of fewer films with something the years are not compared by it.
FEWEST_COMPARED = 10
# A diary that begins so early in a year has the whole of it, and one that goes on so late too.
_LAST_EARLY_DAY, _FIRST_LATE_DAY = "01-14", "12-25"
_MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A large numeral, what it counts, where its films are, and a remark; `trend` is up, down, same or nothing."""

    value: str
    label: str
    url: str = ""
    note: str = ""
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Two ratings on a line from nothing to five stars: the member's and the crowd's."""

    own_x: str
    crowd_x: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """A film, or a person with the film that stands for them: `label` stands above, `value` and `note` below."""

    title: str
    year: str
    url: str
    poster: Poster | None
    stars: str = ""
    spoken: str = ""
    label: str = ""
    value: str = ""
    note: str = ""
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A name and a number that lead to their films, with a lying bar so wide and a mark where the year before was."""

    name: str
    url: str
    value: str
    width: str = ""
    mark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A list of lying bars under a title; `more` is the address of the whole list."""

    title: str
    bars: tuple[Bar, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The beginning of a review, and its film."""

    excerpt: str
    film: Card


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene: its finding, what shows it, and on how many films it stands.

    `key` names its place and its look, `mark` says what the marks on its bars are.
    """

    key: str
    eyebrow: str
    headline: str
    texts: tuple[str, ...] = ()
    numeral: Figure | None = None
    lanes: tuple[Bar, ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    figures: tuple[Figure, ...] = ()
    cards: tuple[Card, ...] = ()
    lists: tuple[Bars, ...] = ()
    quote: Quote | None = None
    tags: tuple[Figure, ...] = ()
    mark: str = ""
    ways: tuple[Link, ...] = ()
    coverage: str = ""


@dataclass(frozen=True, slots=True)
class Years:
    """The numbers of the year that is told of and of the one before, None where the diary has nothing of that."""

    now: Numbers
    before: Numbers | None
    links: Links

    @property
    def year(self) -> int:
        """The year that is told of."""
        year: int = self.now["year"]
        return year

    @property
    def links_before(self) -> Links:
        """The addresses of the year before."""
        return replace(self.links, scope=replace(self.links.scope, year=self.year - 1))

    @property
    def begins(self) -> str:
        """The day on which the diary begins, where it does so late in the year before; else nothing."""
        return _late_begin(self.before) if self.before else ""

    @property
    def begins_now(self) -> str:
        """The day on which the diary begins, where it does so late in this year; else nothing."""
        return _late_begin(self.now)

    @property
    def ends(self) -> str:
        """The last day of the diary, where that is early in the year: it may still go on. Else nothing."""
        last: str = self.now["overview"]["last_viewing"]
        is_latest = self.year == max(self.now["years"])
        return last if is_latest and last[5:] < _FIRST_LATE_DAY else ""

    @property
    def are_whole(self) -> bool:
        """Whether the year and the one before can be held side by side as they are."""
        return bool(self.before) and not self.begins and not self.ends

    def both(self, *names: str) -> tuple[Any, Any] | None:
        """Return a number of both years, None where there is no year before."""
        if self.before is None:
            return None
        now, before = self.now, self.before
        for name in names:
            now, before = now[name], before[name]
        return now, before

    def films(self, **filters: Any) -> str:
        """Return the address of this year's films that fit."""
        return self.links.films(**filters)


def of_year(numbers: Numbers, year: int) -> Numbers:
    """Return the row of a year in the table that compares all of them."""
    nothing: Numbers = {"films": 0, "new_films": 0, "rewatches": 0}
    return next((row for row in numbers["year_on_year"] if row["year"] == year), nothing)


def _late_begin(numbers: Numbers) -> str:
    first: str = numbers["overview"]["first_viewing"] or ""
    is_first = numbers["year"] == min(numbers["years"])
    return first if is_first and first[5:] > _LAST_EARLY_DAY else ""


def card_of(film: Numbers, links: Links, *, is_rated: bool = True, **said: Any) -> Card:
    """Make the card of a film from its reference; without its stars where they would say a thing twice."""
    rating = film["rating"] if is_rated else None
    return Card(
        title=film["title"],
        year=str(film["year"] or ""),
        url=links.film(film["position"]),
        poster=posters.of_url(film["poster_url"]),
        stars=words.stars(rating),
        spoken=words.spoken(rating),
        **said,
    )


def bars_of(named: Sequence[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """Make lying bars from names, numbers and addresses, the largest as wide as its list."""
    top = max((number for _, number, _ in named), default=0)
    return tuple(
        Bar(name, url, words.number(number), percent(100 * number / top) if top else "0%")
        for name, number, url in named
    )


def against(now: int, before: int, *, than: str) -> tuple[str, str]:
    """Compare two counts: in words, such as "12 more than in 2023", and the trend."""
    if now == before:
        return f"as many as {than}", "same"
    more = now > before
    return f"{words.number(abs(now - before))} {'more' if more else 'fewer'} than {than}", "up" if more else "down"


def in_stars(difference: float) -> str:
    """Write how far two averages are apart: 0.12 stars."""
    return f"{abs(difference):.2f} stars"


def day_of(iso: str) -> str:
    """Write a day of the year that is told of: 12 June."""
    at = date.fromisoformat(iso)
    return f"{at.day} {words.MONTHS[at.month - 1]}"


def joined(names: Sequence[str]) -> str:
    """Write several names as one text: A, B and C."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def scale_of(own: float, crowd: float) -> Scale:
    """Place two ratings between no star and five."""
    own_x, crowd_x = (percent(100 * rating / _MOST_STARS) for rating in (own, crowd))
    return Scale(own_x, crowd_x, f"{words.points(own)} here, {crowd:.1f} at TMDB.")


def covered(part: int, years: Years, what: str) -> str:
    """Tell on how many films a scene stands, where it is not all."""
    films = years.now["overview"]["films"]
    return words.covered(part, films, what) if part < films else ""
