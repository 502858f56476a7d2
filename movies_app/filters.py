"""What each filter asks of a movie, as conditions in SQL. Called by `models`; every value goes in as a parameter.

People and collections are given by TMDB's id or by their name, `decade` by its first year.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any, Literal, Self

from django.db.models import BooleanField, Expression, F, FloatField, Func, IntegerField, JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from movies_app import titles
from movies_app.roles import JOBS
from movies_app.scope import MIN_VOTES, SHORT_MINUTES, Scope

Condition = Q | Expression


# ── Viewings ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Viewings:
    """Some of the viewings of a movie, newest first: those that fit conditions of the SQL/JSON path language."""

    conditions: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Return those that count within a scope."""
        viewings = cls()
        if scope.year is not None:
            viewings = viewings.that("@.date starts with $year", year=f"{scope.year:04d}-")
        return viewings.that("@.rewatch == true") if scope.rewatches_only else viewings

    def between(self, first: date | None, last: date | None) -> Self:
        """Keep those from one day to another, both among them."""
        viewings = self if first is None else self.that("@.date >= $first", first=first.isoformat())
        return viewings if last is None else viewings.that("@.date <= $last", last=last.isoformat())

    def that(self, condition: str, **variables: str) -> Self:
        """Keep those that fit a condition too."""
        return type(self)((*self.conditions, condition), {**self.variables, **variables})

    def have(self, what: str = "", **variables: str) -> Expression:
        """Hold where one of them has something, given as the rest of a path; where there is one at all."""
        return self._path("jsonb_path_exists", what, BooleanField(), **variables)

    def rating(self) -> Expression:
        """Return the rating of the newest that has one."""
        return Cast(self._path("jsonb_path_query_first", ".rating ? (@ != null)", JSONField()), FloatField())

    def are_several(self) -> Expression:
        """Hold where there are two or more."""
        return self._select("count(*) > 1", BooleanField())

    def how_many(self, *, weekday: int | None = None) -> Expression:
        """Count them."""
        return self._select("count(*)", IntegerField(), weekday=weekday)

    def are_on(self, weekday: int) -> Expression:
        """Hold where one of them was on a day of the week, 1 for Monday to 7."""
        return self._select("count(*) > 0", BooleanField(), weekday=weekday)

    def day(self, which: Literal["min", "max"], *, weekday: int | None = None) -> Expression:
        """Return the first or the last day of them, an ISO date as text."""
        return self._select(f"{which}(viewing ->> 'date')", TextField(), weekday=weekday)

    def _select(self, what: str, output: Any, *, weekday: int | None = None) -> Expression:
        """Ask for something of them all in SQL, or of those on a day of the week, which no path knows."""
        viewings = Func(self._path("jsonb_path_query", "", JSONField()), template="%(expressions)s AS viewing")
        return Func(
            *(viewings, *([] if weekday is None else [Value(weekday)])),
            template=f"(SELECT {what} FROM %(expressions)s)",  # noqa: S608
            arg_joiner=" WHERE extract(isodow FROM (viewing ->> 'date')::date) = ",
            output_field=output,
        )

    def _path(self, function: str, rest: str, output: Any, **variables: str) -> Expression:
        path = "$[*]" + "".join(f" ? ({condition})" for condition in self.conditions) + rest
        as_path = Func(Value(path), template="%(expressions)s::jsonpath")
        given = Value({**self.variables, **variables}, JSONField())
        return Func(F("viewings"), as_path, given, function=function, output_field=output)


# ── Movies ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Asked:
    """The filters that are asked for, by name; None is no filter, nor is a flag that is not set."""

    filters: Mapping[str, Any]

    @cached_property
    def given(self) -> dict[str, Any]:
        """Those that keep something out."""
        return {
            name: value for name, value in self.filters.items() if value is not None and (value or name not in FLAGS)
        }

    @property
    def is_by_facts(self) -> bool:
        """Whether only movies of which TMDB's facts are known can fit."""
        return bool(self.given.keys() & BY_FACTS)

    @cached_property
    def scope(self) -> Scope:
        """Which viewings count: movies are told of as they were then."""
        return Scope(year=self.given.get("watched_year"), rewatches_only="rewatches_only" in self.given)

    @cached_property
    def viewings(self) -> Viewings:
        """The viewings that are asked for, but for their day of the week: all that count, or those of some days."""
        return Viewings.of(self.scope).between(self.given.get("watched_from"), self.given.get("watched_to"))

    @property
    def weekday(self) -> int | None:
        return self.given.get("weekday")

    def conditions(self) -> Iterator[Condition]:
        """Yield what a movie must be like; its `told_rating` must be there."""
        told = FILTERS | (_told_by(Viewings.of(self.scope)) if self.scope.is_by_viewings else {})
        yield from (told[name](value) for name, value in self.given.items() if name in told)
        if self.weekday is not None:
            yield self.viewings.are_on(self.weekday)
        elif self.given.keys() & BY_VIEWING:
            yield self.viewings.have()

    def left_out(self) -> Iterator[Q]:
        """Yield what a movie whose facts are known must not be like."""
        yield from (LEFT_OUT[name] for name in LEFT_OUT if name in self.given)


def _told_by(viewings: Viewings) -> dict[str, Callable[[Any], Condition]]:
    """Return the filters that ask only for what some viewings tell."""
    return {
        "tag": lambda tag: viewings.have(".tags[*] ? (@ == $tag)", tag=tag),
        "reviewed": lambda is_: _is(viewings.have(".review ? (@ != null)"), is_),
        "seen_again": lambda is_: _is(viewings.are_several(), is_),
    }


def _is(condition: Expression, is_: bool) -> Q:  # noqa: FBT001
    return Q(condition) if is_ else ~Q(condition)


def _named(text: str) -> dict[str, Any]:
    """Return what people, or a collection, must contain in JSON: a TMDB id, or a name."""
    return {"id": int(text)} if text.isascii() and text.isdigit() else {"name": text}


def _has_in_title(text: str) -> Q:
    """Find a part of the title as it is written, or without regard to case, accents and punctuation."""
    return Q(title__icontains=text) | Q(film__title_key__contains=titles.normalise(text))


def _worked_on(text: str) -> Q:
    """Find somebody in whatever part they had in a film."""
    person = [_named(text)]
    return Q(film__directors__contains=person) | Q(film__cast__contains=person) | Q(film__crew__contains=person)


def _worked_as(role: str) -> Callable[[str], Q]:
    """Find somebody in the crew by what they did."""

    def find(text: str) -> Q:
        person = _named(text)
        jobs = (Q(film__crew__contains=[person | {"job": job}]) for job in JOBS[role])
        # Who is in few crews at all is looked for once, not once for each job: these texts are long.
        return Q(film__crew__contains=[person]) & reduce(or_, jobs)

    return find


def _against_tmdb(how: str) -> Q:
    """Compare the rating with what TMDB's members think, on their scale."""
    lookup = {"higher": "__lt", "lower": "__gt", "same": ""}[how]
    return Q(film__vote_count__gte=MIN_VOTES, **{f"film__vote_average{lookup}": F("told_rating") * 2})


FILTERS: dict[str, Callable[[Any], Condition]] = {
    "q": _has_in_title,
    "genre": lambda genre: Q(film__genres__contains=[genre]),
    "director": lambda text: Q(film__directors__contains=[_named(text)]),
    "actor": lambda text: Q(film__cast__contains=[_named(text)]),
    **{role: _worked_as(role) for role in JOBS},
    "person": _worked_on,
    "country": lambda code: Q(film__countries__contains=[code.upper()]),
    "language": lambda code: Q(film__languages__contains=[code.lower()]),
    "studio": lambda name: Q(film__studios__contains=[name]),
    "keyword": lambda name: Q(film__keywords__contains=[name]),
    "collection": lambda text: Q(film__collection__contains=_named(text)),
    "against_tmdb": _against_tmdb,
    "tag": lambda tag: Q(tags__contains=[tag]),
    "rating": lambda rating: Q(told_rating=rating),
    "min_rating": lambda rating: Q(told_rating__gte=rating),
    "is_rated": lambda is_rated: Q(told_rating__isnull=not is_rated),
    "reviewed": lambda is_reviewed: Q(review__isnull=not is_reviewed),
    "seen_again": lambda is_: _is(Viewings().are_several(), is_),
    "year": lambda year: Q(year=year),
    "decade": lambda decade: Q(year__range=(decade, decade + 9)),
    "rewatch": lambda rewatch: Q(rewatch=rewatch),
    "liked": lambda liked: Q(liked=liked),
}
# What one and the same viewing must be like.
BY_VIEWING = {"watched_year", "watched_from", "watched_to", "weekday", "rewatches_only"}
# Those that only find movies of which TMDB's facts are known.
BY_FACTS = {
    *("genre", "director", "actor", *JOBS, "person", "country", "language", "studio", "keyword", "collection"),
    "against_tmdb",
}
# Those that leave out movies of which that is known.
LEFT_OUT = {
    "without_tv": Q(film__media_type="tv"),
    "without_shorts": Q(film__runtime__lte=SHORT_MINUTES) & ~Q(film__media_type="tv"),
}
# Those that are asked for or not: there is no opposite.
FLAGS = {"rewatches_only", *LEFT_OUT}
