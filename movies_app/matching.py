"""Which film of TMDB a (title, year) is: few searches, judged by rules from strict to lenient; for `enrichment`.

Pure: the search is handed in, and its errors pass through, because a search that failed has found out nothing.
Substrings never count: half the world's titles stand in another one.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from movies_app import titles
from movies_app.tmdb_facts import MediaType, SearchResult

State = Literal["matched", "ambiguous", "unmatched"]


class Search(Protocol):
    """TMDB's search: the first page of what it finds, in any order. `year` matches any release date of a film."""

    def __call__(self, query: str, *, media_type: MediaType, year: int | None) -> Sequence[SearchResult]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """What was found; `state` has the values of `Film.State`. An ambiguous match is the likeliest of several."""

    state: State
    tmdb_id: int | None = None
    media_type: MediaType | None = None
    method: str | None = None
    confidence: float = 0.0
    searches: int = 0


# How sure a sole candidate is, by the rule that accepts it; `benchmarks.matching` shows how often each is right.
CONFIDENCE = {
    "exact": 0.99,
    "exact_year_after": 0.97,
    "alike": 0.9,
    "series": 0.9,
    "without_year": 0.9,
    "two_years_off": 0.5,
    "undated": 0.9,
    "distant": 0.6,
    "subtitle": 0.5,
    "simplified": 0.5,
    "title_only": 0.5,
}
# How often TMDB's year is so many years after Letterboxd's, which counts from the first festival. Measured on real
# exports; obscure films and famous ones differ equally often.
YEAR_ODDS = {0: 0.945, 1: 0.048, -1: 0.0014, 2: 0.0006, -2: 0.0006}
FAR_OFF_ODDS = 0.0001
# The likeliest candidate stands alone when it is so many times as likely as the next.
CLEAR = 5
MIN_VOTES_FOR_HALF_A_TITLE = 50

_EXACT, _ALIKE, _HALF, _UNLIKE = range(4)
_NEAR = (0, 1, -1)
_STRONG_METHODS = {0: "exact", 1: "exact_year_after"}
_SEPARATOR = re.compile(r": | [-–] | \(")
_BESIDE_THE_POINT = re.compile(r"^(?:the|a|an) | (?:part|chapter|volume|vol) (?:one|1|i)$")


def match(title: str, year: int | None, *, search: Search) -> Match:
    """Return the film or series that (title, year) is. One search as a rule, four at most."""
    inquiry = _Inquiry(title, year, search)
    rules = _RULES if year is not None else _RULES_WITHOUT_YEAR
    found = next((found for rule in rules if (found := rule(inquiry))), Match("unmatched"))
    return replace(found, searches=inquiry.searches)


@dataclass(frozen=True, slots=True)
class _Key:
    """A title made comparable: whole, without what is beside the point, and the halves at its separators."""

    whole: str
    bare: str
    halves: frozenset[str]

    def likeness(self, other: "_Key") -> int:
        if self.whole == other.whole:
            return _EXACT
        if self.bare == other.bare:
            return _ALIKE
        return _HALF if self.whole in other.halves or other.whole in self.halves else _UNLIKE


@dataclass(frozen=True, slots=True)
class _Candidate:
    result: SearchResult
    likeness: int
    offset: int | None  # years after Letterboxd's

    @property
    def weight(self) -> float:
        """Return how likely somebody saw this one: as votes go, and as years differ. Unknown years weigh alike."""
        return YEAR_ODDS.get(self.offset or 0, FAR_OFF_ODDS) * (self.result.vote_count + 1)


class _Inquiry:
    """The searches for one film: each is made once, when a rule needs it, and counted."""

    def __init__(self, title: str, year: int | None, search: Search) -> None:
        self.title, self.year, self._search = title, year, search
        self._found: dict[tuple[str, MediaType, int | None], list[_Candidate]] = {}

    @property
    def searches(self) -> int:
        return len(self._found)

    def films(self) -> list[_Candidate]:
        return self._candidates(self.title, "movie", self.year)

    def films_of_any_year(self) -> list[_Candidate]:
        return self._candidates(self.title, "movie", None)

    def series(self) -> list[_Candidate]:
        return self._candidates(self.title, "tv", self.year)

    def films_by_first_half(self) -> list[_Candidate]:
        first_half = _SEPARATOR.split(self.title)[0].strip()
        is_shorter = first_half and first_half != self.title
        return self._candidates(first_half, "movie", self.year) if is_shorter else []

    def _candidates(self, query: str, media_type: MediaType, year: int | None) -> list[_Candidate]:
        asked = (query, media_type, year)
        if asked not in self._found:
            self._found[asked] = self._judged(self._search(query, media_type=media_type, year=year))
        return self._found[asked]

    def _judged(self, results: Sequence[SearchResult]) -> list[_Candidate]:
        own, *others = _keys([self.title, *(name for r in results for name in (r.title, r.original_title))])
        pairs = zip(others[::2], others[1::2], strict=True)
        return [
            _Candidate(
                result=result,
                likeness=min(own.likeness(title), own.likeness(original_title)),
                offset=result.year - self.year if result.year is not None and self.year is not None else None,
            )
            for result, (title, original_title) in zip(results, pairs, strict=True)
        ]


def _keys(names: Sequence[str]) -> list[_Key]:
    """Return the keys of titles, normalised at one go."""
    halves = [_halves(name) for name in names]
    normalised = iter(titles.normalise_all([*names, *(half for some in halves for half in some)]))
    wholes = [next(normalised) for _ in names]
    return [
        _Key(whole, _BESIDE_THE_POINT.sub("", whole), frozenset(next(normalised) for _ in some))
        for whole, some in zip(wholes, halves, strict=True)
    ]


def _halves(title: str) -> list[str]:
    """Return what stands before and after each separator: `A: B - C` has `A`, `B - C`, `A: B` and `C`."""
    cuts = _SEPARATOR.finditer(title)
    halves = (half for cut in cuts for half in (title[: cut.start()], title[cut.end() :]))
    return [half for half in halves if half.strip()]


def _of(
    candidates: Iterable[_Candidate], *, likeness: int, offsets: Collection[int | None] | None = None
) -> list[_Candidate]:
    """Return the candidates of one likeness whose years are off by one of `offsets`, or by anything."""
    return [c for c in candidates if c.likeness == likeness and (offsets is None or c.offset in offsets)]


def _likeliest(candidates: Sequence[_Candidate], method: str | None = None) -> Match | None:
    """Return the candidate of most weight, sure by its share of the weight; ambiguous unless it is clearly ahead.

    At equal years that is five times the votes of the next. A year off counts for much, votes for more: a film that
    thousands saw and that TMDB dates one year later is likelier than its namesake of the right year with two votes.
    """
    if not candidates:
        return None
    best, *others = sorted(candidates, key=lambda c: (-c.weight, -c.result.popularity, c.result.tmdb_id))
    method = method or _STRONG_METHODS[best.offset or 0]
    is_clear = not others or best.weight >= CLEAR * others[0].weight
    return Match(
        state="matched" if is_clear else "ambiguous",
        tmdb_id=best.result.tmdb_id,
        media_type=best.result.media_type,
        method=method,
        confidence=round(CONFIDENCE[method] * best.weight / sum(c.weight for c in candidates), 3),
    )


def _sole(candidates: Sequence[_Candidate], method: str) -> Match | None:
    return _likeliest(candidates, method) if len(candidates) == 1 else None


def _strong(inquiry: _Inquiry) -> Match | None:
    """A film of this title, of the year or of the one after: all that nearly every film needs.

    A film of the year before has to wait: many are shown abroad a year later, and `year` finds them there.
    """
    films = inquiry.films()
    exact, alike = (_of(films, likeness=likeness, offsets=_STRONG_METHODS) for likeness in (_EXACT, _ALIKE))
    return _likeliest(exact) or _likeliest(alike, "alike")


def _exact(inquiry: _Inquiry) -> Match | None:
    """A series of exactly this title, but rather a film that the year hid, as where TMDB lacks its premiere.

    Letterboxd has few series, and a series on a film is the worst mistake: all its numbers are wrong.
    """
    series = _of(inquiry.series(), likeness=_EXACT, offsets=_NEAR)
    both = {c.result.tmdb_id: c for c in (*inquiry.films(), *inquiry.films_of_any_year())}
    found = _likeliest(_of(both.values(), likeness=_EXACT, offsets=_NEAR), "without_year")
    found = found or _two_years_off(both.values())
    if found and series:
        return replace(found, state="ambiguous", confidence=found.confidence / 2)
    return found or _likeliest(series, "series")


def _two_years_off(films: Iterable[_Candidate]) -> Match | None:
    """The only film of this title within two years: as often a remake of one that TMDB calls otherwise as the film."""
    found = _sole(_of(films, likeness=_EXACT, offsets=(2, -2)), "two_years_off")
    return found and replace(found, state="ambiguous")


def _distant(inquiry: _Inquiry) -> Match | None:
    """The only film of exactly this title that has any release in the year: made long before it was first shown."""
    return _sole(_of(inquiry.films(), likeness=_EXACT), "distant")


def _subtitle(inquiry: _Inquiry) -> Match | None:
    """A film of the year that has half of this title, or of whose title this is half: only if well known, and alone."""
    return _half(inquiry.films(), "subtitle")


def _simplified(inquiry: _Inquiry) -> Match | None:
    """The same with a search for the first half alone, because TMDB wants to find every word it is asked for."""
    films = inquiry.films_by_first_half()
    return _likeliest(_of(films, likeness=_EXACT, offsets=_NEAR), "simplified") or _half(films, "simplified")


def _half(films: Iterable[_Candidate], method: str) -> Match | None:
    known = [f for f in films if f.result.vote_count >= MIN_VOTES_FOR_HALF_A_TITLE]
    return _sole(_of(known, likeness=_HALF, offsets=(0,)), method)


def _undated(inquiry: _Inquiry) -> Match | None:
    """Letterboxd knows no year where TMDB knows no date: the only film so called that has none, else series."""
    return _sole_undated(inquiry.films_of_any_year()) or _sole_undated(inquiry.series())


def _sole_undated(candidates: Iterable[_Candidate]) -> Match | None:
    exact = _of(candidates, likeness=_EXACT)
    return _sole([c for c in exact if c.result.release_date is None], "undated")


def _title_only(inquiry: _Inquiry) -> Match | None:
    """Without a year to go by, a dated film is a guess at best: none unless it is clearly ahead of all namesakes."""
    found = _likeliest(_of(inquiry.films_of_any_year(), likeness=_EXACT), "title_only")
    return replace(found, state="ambiguous") if found and found.state == "matched" else None


_Rule = Callable[[_Inquiry], Match | None]
_RULES: tuple[_Rule, ...] = (_strong, _exact, _distant, _subtitle, _simplified)
_RULES_WITHOUT_YEAR: tuple[_Rule, ...] = (_undated, _title_only)
