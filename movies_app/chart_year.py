"""The year in review as one value: `review_of` turns the numbers of a year, and of the year before, into scenes.

Pure; the page's view calls it once. Sentences speak of the films and never of "you": whoever has the link reads them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any

from movies_app import chart_words as words
from movies_app import chart_year_films, chart_year_when, chart_year_which, posters
from movies_app.chart_parts import Numbers
from movies_app.chart_year_parts import Card, Figure, Scene, Years, card_of, joined, of_year
from movies_app.posters import Poster
from movies_app.scope import Links

# Of fewer viewings there is no story.
FEWEST_VIEWINGS = 10
_WALL, _FEWEST_POSTERS = 18, 6
_TOP = 4
_SCENES = (
    *(chart_year_when.count, chart_year_when.bounds, chart_year_when.rhythm),
    *(chart_year_which.verdicts, chart_year_which.best, chart_year_which.genres, chart_year_which.places),
    *(chart_year_films.people, chart_year_films.crowd, chart_year_films.odd),
    *(chart_year_films.again, chart_year_films.in_words),
)
# Of these nothing is told by the facts of a few films.
_BY_FACTS = {chart_year_which.genres, chart_year_films.people, chart_year_films.crowd, chart_year_films.odd}
_FEWEST_WITH_FACTS = 0.25


@dataclass(frozen=True, slots=True)
class Finale:
    """The last card: five numbers and four films."""

    figures: tuple[Figure, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class YearLink:
    """A year with viewings beside this one, and its review."""

    year: str
    url: str


@dataclass(frozen=True, slots=True)
class YearReview:
    """The whole page. Without scenes it is short; without `figures` the year has no viewing at all."""

    year: str
    summary: str
    wall: tuple[Poster, ...]
    figures: tuple[Figure, ...]
    texts: tuple[str, ...]
    scenes: tuple[Scene, ...]
    finale: Finale | None
    earlier: YearLink | None
    later: YearLink | None
    stats_url: str
    films_url: str
    whole_url: str
    has_facts: bool


def review_of(numbers: Numbers, before: Numbers | None, *, links: Links) -> YearReview:
    """Make the review from what `stats.cached` returns of the year and of the one before, None without viewings."""
    year, viewings = numbers["year"], numbers["overview"]["viewings"]
    years = Years(numbers, before, links)
    is_story = viewings >= FEWEST_VIEWINGS
    told = [scene for scene in _SCENES if scene not in _BY_FACTS or _knows_enough(numbers)]
    scenes = tuple(filter(None, (scene(years) for scene in told))) if is_story else ()
    filtered = links.scope.params.keys() - {"year", "min_rated"}
    return YearReview(
        year=str(year),
        summary=_summary(numbers),
        wall=_wall(tuple(_posters(numbers))),
        figures=_figures(years) if viewings else (),
        texts=chart_year_when.partial(years) if viewings and not is_story else (),
        scenes=scenes,
        finale=_finale(years) if is_story else None,
        earlier=_beside(numbers, links, max((y for y in numbers["years"] if y < year), default=None)),
        later=_beside(numbers, links, min((y for y in numbers["years"] if y > year), default=None)),
        stats_url=links.page(year=year if viewings else None),
        films_url=links.films(),
        whole_url=Links(links.stats).review(year) if filtered else "",
        has_facts=bool(numbers["coverage"]["films_with_facts"]),
    )


def _knows_enough(numbers: Numbers) -> bool:
    coverage = numbers["coverage"]
    return bool(coverage["films_with_facts"] >= _FEWEST_WITH_FACTS * coverage["films"])


def cards_of(films: Iterable[Numbers], *, links: Links) -> tuple[Card, ...]:
    """Make the cards of a year that is too short for a story; `films` are references as in the numbers."""
    return tuple(card_of(film, links) for film in films)


def _summary(numbers: Numbers) -> str:
    """Tell the year in a sentence or two, for those who see but the link."""
    overview = numbers["overview"]
    if not overview["viewings"]:
        return f"No viewing is dated {numbers['year']}."
    hours, unit = words.hours(numbers["runtimes"]["watched_minutes"])
    told = [words.counted(overview["films"], "film")]
    told += [f"{words.number(hours)} {unit}"] if numbers["runtimes"]["films"] > overview["films"] / 2 else []
    told += [f"{words.average(overview['average_rating'])} stars on average"] if overview["rated"] else []
    best = [film["title"] for film in numbers["best_rated"][:3]]
    return f"{', '.join(told)}." + (f" Best rated: {joined(best)}." if best else "")


def _figures(years: Years) -> tuple[Figure, ...]:
    """Show the films, and the hours where they are known."""
    films, runtimes = years.now["overview"]["films"], years.now["runtimes"]
    hours, unit = words.hours(runtimes["watched_minutes"])
    note = f"of the {words.number(runtimes['films'])} whose length is known" if runtimes["films"] < films else ""
    shown = Figure(words.number(films), words.named(films, "film"), years.films())
    return (shown, Figure(words.number(hours), unit, years.films(), note)) if hours else (shown,)


def _beside(numbers: Numbers, links: Links, year: int | None) -> YearLink | None:
    return None if year is None else YearLink(str(year), links.review(year))


def _wall(found: tuple[Poster, ...]) -> tuple[Poster, ...]:
    """Fill a wall with posters, if there are some; few of them hang there more than once."""
    return tuple(islice(cycle(found), _WALL)) if len(found) >= _FEWEST_POSTERS else ()


def _posters(numbers: Numbers) -> Iterator[Poster]:
    """Yield the posters of the year's films, each once, the best rated first."""
    shown = set()
    for film in _films(numbers):
        poster = posters.of_url(film["poster_url"])
        if poster and film["position"] not in shown:
            shown.add(film["position"])
            yield poster


def _films(found: Any) -> Iterator[Numbers]:
    """Yield every film in the numbers, however deep, the best rated first."""
    if isinstance(found, dict) and "poster_url" in found:
        yield found
    elif isinstance(found, dict):
        for value in (found.get("best_rated"), *found.values()):
            yield from _films(value)
    elif isinstance(found, list):
        for value in found:
            yield from _films(value)


def _finale(years: Years) -> Finale:
    """Sum the year up in five numbers and four films."""
    now, average, streak = years.now, years.now["overview"]["average_rating"], years.now["streaks"]["days"]
    new, days = of_year(now, years.year)["new_films"], streak["length"] if streak else 0
    further = (
        Figure(words.number(new), "for the first time") if new else None,
        Figure(words.average(average), "stars on average", years.films(is_rated=True)) if average else None,
        Figure(words.number(days), f"{words.named(days, 'day')} in a row") if days > 1 else None,
    )
    return Finale(
        figures=(*(replace(figure, note="") for figure in _figures(years)), *filter(None, further)),
        cards=tuple(card_of(film, years.links) for film in now["best_rated"][:_TOP]),
    )
