"""A made-up member: what they saw, on which days, with how many stars. `made_up` calls it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import count, islice
from math import log
from random import Random
from typing import Literal

from movies_app import made_up_words as words
from movies_app.made_up_films import LOWEST_ENTRY, UNIVERSE, Film, encode, is_remake, make_film

Links = Literal["short", "slug"]

MAX_FILMS = 50_000

_DAY = timedelta(days=1)
_LATEST_DAYS = {"short": date(2026, 1, 31), "slug": date(2017, 8, 31)}
_OPENING, _FIRST_EXPORT = date(2011, 10, 1), date(2012, 1, 1)  # nobody joined, or left, before
_PLACEHOLDERS, _PLACEHOLDER_SHARES = (date(2000, 1, 1), date(1919, 5, 19)), (19, 1)
_COUNTS = ("twin_pairs", "removed_films")
_SMALL = 50  # below so many films neither twins nor removed films turn up unasked
_STARS = (1, 2, 2, 5, 8, 16, 23, 25, 12, 6)  # per cent of half a star, one star, … five stars
_WEEKDAYS = (14, 13, 12, 12, 14, 18, 18)  # per cent, Monday first
_VIEWINGS = (952, 42, 5, 1)  # per mille of the films with one, two, three, four viewings
_LAGS = (0, 1, 2, 3, 8, 30)  # days from viewing to logging
_LAG_SHARES = (21, 61, 9, 4, 3, 2)  # per cent; with the backlog the next day comes to 51
_BACKLOG = 0.2  # of the viewings: from before the member joined, logged soon after
_BACKLOG_DAYS, _BACKLOG_PACE = 1460, 20  # days before joining; days of it written up in a day
_REWATCH_ONLY_ROW = 0.051  # makes 47 % of the flags stand on a film's only row
_LATER_DATE = 0.96  # of the conflicts: ratings.csv is newer; the rest are ties
_RATED_WHEN_MARKED, _RATED_LATER = (
    0.2,
    0.12,
)  # of the other ratings; the rest on the day of the diary's last
_RATED_ALIKE = 0.5  # of the ratings of earlier viewings: as in ratings.csv
_FIRST_LONG_ENTRY_YEAR = 2020  # entries logged before have links of five characters, then six
_STRIDE = 34_567_890_121  # shares no factor with the numbers of five or six digits to base 62


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Say what the member does, as shares from 0 to 1 and as counts; by default the median.

    `rated`, `logged`, `liked` and `watchlist` are rows per row of watched.csv (a watchlist ends at
    4,000), `reviewed` is rows per diary row. `tagged`, `blank` (no rating) and `placeholder` (on
    2000-01-01) are shares of the diary rows, `conflicting` is the share of the films rated in
    both tables whose ratings differ, `bulk` that of the films marked watched on one day.
    `tagged=None` means 0.4 with an even seed, 0 with an odd one: half the members use no tags.

    `twin_pairs` counts pairs of watched films that share name and year. `removed_films` counts the
    films without a link: in the diary and not in watched.csv; with slug links (2017) in watched.csv
    and not in the diary. None stands for what a member of that size has, 0 below 50 films.
    """

    rated: float = 0.86
    logged: float = 0.58
    reviewed: float = 0.19
    tagged: float | None = None
    liked: float = 0.08
    watchlist: float = 0.8
    blank: float = 0.31
    conflicting: float = 0.063
    placeholder: float = 0.008
    bulk: float = 0.25
    twin_pairs: int | None = None
    removed_films: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a share outside 0 to 1 and for a negative count."""
        for field in fields(self):
            value, limit = getattr(self, field.name), MAX_FILMS if field.name in _COUNTS else 1
            if value is not None and not 0 <= value <= limit:
                raise ValueError(f"{field.name} cannot be {value}")


@dataclass(frozen=True)
class Member:
    """One member; `rng` is all their chance, so the order of the calls belongs to the result."""

    rng: Random
    habits: Habits
    links: Links
    today: date
    joined: date
    given_name: str
    surname: str
    tagged: float
    entries: Iterator[int]

    @property
    def user_name(self) -> str:
        return f"{self.given_name}_{self.surname}".lower()


@dataclass(frozen=True, slots=True)
class Viewing:
    """One diary row; `stars` counts half stars, 0 is none; only a review may lack `watched`."""

    film: Film
    link: str
    logged: date
    watched: date | None
    stars: int
    is_rewatch: bool
    tags: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of watched.csv with its viewings in order; `rated` is the day of the rating."""

    film: Film
    marked: date
    stars: int
    rated: date | None
    viewings: tuple[Viewing, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """By film index: viewings, the rated, the bulk marked; and how often stars are left out."""

    times: dict[int, int]
    rated: frozenset[int]
    bulk: frozenset[int]
    blank: float


def make_member(*, seed: int, links: Links, today: date | None, habits: Habits) -> Member:
    """Invent the member of this seed, who joined three to ten years before `today`.

    Raise ValueError for a day before 2012.
    """
    rng = Random(seed)
    last = today or _LATEST_DAYS[links]
    if last < _FIRST_EXPORT:
        raise ValueError(f"there were no members on {last}")
    tagged = habits.tagged if habits.tagged is not None else 0.4 * (seed % 2 == 0)
    return Member(
        rng=rng,
        habits=habits,
        links=links,
        today=last,
        joined=max(last - rng.randrange(1095, 3650) * _DAY, _OPENING),
        given_name=rng.choice(words.FIRST_NAMES),
        surname=rng.choice([name for name in words.LAST_NAMES if name.isascii()]),
        tagged=tagged,
        entries=count(rng.randrange(62**5)),
    )


def count_twin_pairs(member: Member, films: int) -> int:
    """Return how many pairs of twins so many films hold; raise ValueError when they do not fit."""
    pairs = member.habits.twin_pairs
    pairs = int(films >= _SMALL) if pairs is None else pairs
    if 2 * pairs > films:
        raise ValueError(f"{pairs} pairs of twins do not fit into {films} films")
    return pairs


def count_removed_films(member: Member, films: int) -> int:
    """Return how many films without a link a member with this many films has."""
    usual = 0 if films < _SMALL else 1 + films // (400 if member.links == "slug" else 2000)
    return usual if member.habits.removed_films is None else member.habits.removed_films


def draw_films(member: Member, wanted: int) -> list[Film]:
    """Draw films that were out by `today`, known ones first; a remake comes with its original."""
    size = min(UNIVERSE, max(2000, 4 * wanted))
    keys = [-(rank + 10) * log(1 - member.rng.random()) for rank in range(size)]
    ranks = sorted(range(size), key=keys.__getitem__)
    return list(islice(_released(ranks, member.today.year), wanted))


def make_twins(pairs: int) -> list[Film]:
    """Return the first pairs of the universe's twins, one after the other."""
    return [make_film(UNIVERSE + place) for place in range(2 * pairs)]


def see_all(member: Member, films: list[Film], twins: list[Film]) -> list[Seen]:
    """Let the member see the films and the twins.

    A twin has one viewing at most, is marked on the day it was logged, and never on its twin's day:
    with watched.csv's `Date` a reader can tell whose viewing it is.
    """
    plan = _make_plan(member, films, twins)
    seen = [_see(member, film, plan) for film in films]
    for first, second in zip(twins[::2], twins[1::2], strict=True):
        seen.append(_see(member, first, plan))
        other = _see(member, second, plan)
        while other.marked == seen[-1].marked:
            other = _see(member, second, plan)
        seen.append(other)
    return seen


def log_astray(member: Member, films: list[Film]) -> list[Viewing]:
    """Return a viewing of each film for the tables beside the real ones, sorted by viewing day."""
    indexes = frozenset(film.index for film in films)
    plan = _Plan(dict.fromkeys(indexes, 1), indexes, frozenset(), member.habits.blank)
    viewings = [viewing for film in films for viewing in _see(member, film, plan).viewings]
    return sorted(viewings, key=in_diary_order)


def in_diary_order(viewing: Viewing) -> tuple[date, date]:
    """Return the key that diary.csv is sorted by."""
    return viewing.watched or viewing.logged, viewing.logged


def make_entry_link(member: Member, film: Film, logged: date, *, rewatch: int = 0) -> str:
    """Return the link of a log entry, never a film's; `rewatch` counts the earlier viewings."""
    if member.links == "slug":
        suffix = f"{rewatch}/" if rewatch else ""
        return f"https://letterboxd.com/{member.user_name}/film/{film.slug}/{suffix}"
    return make_short_link(member, logged)


def make_short_link(member: Member, logged: date) -> str:
    """Return a link that nothing else in the export has: five characters before 2020, then six."""
    ordinal = next(member.entries) * _STRIDE
    if logged.year < _FIRST_LONG_ENTRY_YEAR:
        return f"https://boxd.it/{encode(LOWEST_ENTRY + ordinal % (62**5 - LOWEST_ENTRY))}"
    return f"https://boxd.it/{encode(62**5 + ordinal % (62**6 - 62**5))}"


def draw_day(member: Member, first: date, last: date) -> date:
    """Draw a day from first to last, by the weekdays on which members watch films."""
    span = max((last - first).days, 0) + 1
    while True:
        day = first + member.rng.randrange(span) * _DAY
        if member.rng.random() * max(_WEEKDAYS) < _WEEKDAYS[day.weekday()]:
            return day


def _released(ranks: list[int], last_year: int) -> Iterator[Film]:
    for rank in ranks:
        if is_remake(rank):
            continue
        for index in (rank, rank + 1) if is_remake(rank + 1) else (rank,):
            film = make_film(index)
            if not film.year or int(film.year) <= last_year:
                yield film


def _make_plan(member: Member, films: list[Film], twins: list[Film]) -> _Plan:
    """Decide which films have viewings, ratings and bulk marks; the logged are rated oftener."""
    habits, total = member.habits, len(films) + len(twins)
    times = _draw_times(member, films, twins, round(habits.logged * total))
    logged = [film.index for film in [*twins, *films] if film.index in times]
    others = [film.index for film in [*twins, *films] if film.index not in times]
    ratings = round(habits.rated * total)
    rated_logged = min(round(len(logged) * (1 + habits.rated) / 2), ratings, len(logged))
    rated_logged = max(rated_logged, ratings - len(others))
    rated = member.rng.sample(logged, rated_logged)
    rated += member.rng.sample(others, ratings - rated_logged)
    old = [film.index for film in films if not film.year or int(film.year) <= member.joined.year]
    bulk = member.rng.sample(old, min(len(old), round(habits.bulk * total)))
    blank = max(0.0, 1 - (1 - habits.blank) * len(logged) / max(rated_logged, 1))
    return _Plan(times, frozenset(rated), frozenset(bulk), blank)


def _draw_times(member: Member, films: list[Film], twins: list[Film], rows: int) -> dict[int, int]:
    """Deal the diary rows: one to each twin, then one to four to films by chance."""
    times = {film.index: 1 for film in twins[:rows]}
    rows -= len(times)
    for film in member.rng.sample(films, len(films)):
        if rows <= 0:
            break
        drawn = member.rng.choices((1, 2, 3, 4), _VIEWINGS)[0]
        times[film.index] = min(drawn, rows)
        rows -= drawn
    return times


def _see(member: Member, film: Film, plan: _Plan) -> Seen:
    days = _draw_viewing_days(member, film, plan.times.get(film.index, 0))
    logged = sorted(_draw_logging_day(member, day) for day in days)
    stars = member.rng.choices(range(1, 11), _STARS)[0] if film.index in plan.rated else 0
    given, conflicts = _draw_diary_stars(member, stars, len(days), plan.blank)
    if film.index in plan.bulk:
        marked = member.joined
    else:
        marked = logged[0] if logged else draw_day(member, _first_day(member, film), member.today)
    viewings = tuple(
        Viewing(
            film=film,
            link=make_entry_link(member, film, logged[place], rewatch=place),
            logged=logged[place],
            watched=day,
            stars=given[place],
            is_rewatch=place > 0 or (len(days) == 1 and member.rng.random() < _REWATCH_ONLY_ROW),
            tags=_draw_tags(member),
        )
        for place, day in enumerate(days)
    )
    rated = _draw_rating_day(member, marked, viewings, conflicts=conflicts) if stars else None
    return Seen(film, marked, stars, rated, viewings)


def _first_day(member: Member, film: Film) -> date:
    """Return the first day on which the member could have seen the film and said so."""
    return max(member.joined, date(int(film.year or "1874"), 1, 1))


def _draw_viewing_days(member: Member, film: Film, times: int) -> list[date]:
    """Draw so many different days, in order; fewer when the film is out for fewer days."""
    days: set[date] = set()
    for _ in range(8 * times):
        if len(days) < times:
            days.add(_draw_viewing_day(member, film))
    return sorted(days)


def _draw_viewing_day(member: Member, film: Film) -> date:
    if member.rng.random() < member.habits.placeholder:
        return member.rng.choices(_PLACEHOLDERS, _PLACEHOLDER_SHARES)[0]
    if member.rng.random() < _BACKLOG and int(film.year or 0) < member.joined.year:
        first = max(date(int(film.year or 1), 1, 1), member.joined - _BACKLOG_DAYS * _DAY)
        return draw_day(member, first, member.joined - _DAY)
    return draw_day(member, _first_day(member, film), member.today)


def _draw_logging_day(member: Member, day: date) -> date:
    """Return the day in New Zealand when it was logged: mostly the next, at most `today` + 1."""
    if day < member.joined - _BACKLOG_DAYS * _DAY:  # a placeholder
        return draw_day(member, member.joined, member.today)
    if day < member.joined:
        return member.joined + (_BACKLOG_DAYS - (member.joined - day).days) // _BACKLOG_PACE * _DAY
    lag = member.rng.choices(_LAGS, _LAG_SHARES)[0]
    return min(day + lag * _DAY, member.today + _DAY)


def _draw_diary_stars(
    member: Member,
    stars: int,
    times: int,
    blank: float,
) -> tuple[list[int], bool]:
    """Return each viewing's half stars, and whether the last differ from those in ratings.csv."""
    rng = member.rng
    given = [0 if not stars or rng.random() < blank else stars for _ in range(times)]
    rows = [place for place, half_stars in enumerate(given) if half_stars]
    for place in rows[:-1]:
        given[place] = _shift(rng, stars) if rng.random() >= _RATED_ALIKE else stars
    conflicts = bool(rows) and rng.random() < member.habits.conflicting
    if conflicts:
        given[rows[-1]] = _shift(rng, stars)
    return given, conflicts


def _shift(rng: Random, stars: int) -> int:
    """Return half a star more or less."""
    return rng.choice([near for near in (stars - 1, stars + 1) if near in range(1, 11)])


def _draw_rating_day(
    member: Member,
    marked: date,
    viewings: tuple[Viewing, ...],
    *,
    conflicts: bool,
) -> date:
    """Return the day of the rating: in conflict not before the diary's last, else mostly on it."""
    given = [viewing.logged for viewing in viewings if viewing.stars]
    last = given[-1] if given else marked
    room = min((member.today - last).days, 300)
    chance = member.rng.random()
    later = last + member.rng.randrange(1, room + 1) * _DAY if room > 0 else last
    if conflicts:
        return later if chance < _LATER_DATE else last
    if chance < _RATED_WHEN_MARKED:
        return marked
    return later if chance < _RATED_WHEN_MARKED + _RATED_LATER else last


def _draw_tags(member: Member) -> str:
    if member.rng.random() >= member.tagged:
        return ""
    number = member.rng.choices((1, 2, 3, 4), (60, 28, 10, 2))[0]
    return ", ".join(member.rng.sample(words.TAGS, number))
