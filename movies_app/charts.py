"""The stats page as one value: `page_of` turns the numbers of `movies_app.stats` into texts and pictures.

Pure; the page's view calls it once, the template shows what it finds. Each part of the page has a module of its own.
Sentences speak of the films and never of "you": whoever has the link reads them.
"""

from dataclasses import dataclass

from movies_app import (
    chart_again,
    chart_calendar,
    chart_collections,
    chart_crowd,
    chart_dates,
    chart_facts,
    chart_films,
    chart_made_of,
    chart_people,
    chart_ratings,
    chart_scope,
    chart_years,
)
from movies_app import chart_words as words
from movies_app.chart_again import Reviews
from movies_app.chart_calendar import Calendar
from movies_app.chart_collections import Collections
from movies_app.chart_crowd import Crowd, Extremes
from movies_app.chart_made_of import Cloud
from movies_app.chart_parts import Choice, Link, Numbers, Section, Tile
from movies_app.chart_people import Credit, People
from movies_app.chart_ratings import Drift
from movies_app.chart_scope import Counting, Nowhere
from movies_app.chart_years import YearOnYear
from movies_app.scope import Links
from movies_app.world_map import WorldMap, shaded


@dataclass(frozen=True, slots=True)
class Dates:
    """All sections that stand on viewing dates; a single year is compared with no other."""

    by_year: Section | None
    by_month: Section
    by_week: Section
    by_weekday: Section
    calendar: Calendar
    streaks: Section
    milestones: Section
    year_on_year: YearOnYear | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All sections that stand on TMDB's facts."""

    time: Section
    genres: Section
    countries: Section
    map: WorldMap
    languages: Section
    studios: Section
    keywords: Cloud
    directors: People
    actors: People
    credits: tuple[Credit, ...]
    minima: tuple[Choice, ...]
    crowd: Crowd
    extremes: Extremes
    collections: Collections


@dataclass(frozen=True, slots=True)
class Page:
    """The whole stats page.

    `nowhere` stands in the place of all numbers when no film counts; `dates`, `best_rated`, `decades`, `facts` and
    `review` are None when nothing of the kind is known.
    """

    year: str
    films: str
    films_url: str
    summary: str
    counting: Counting
    review: Link | None
    nowhere: Nowhere | None
    tiles: tuple[Tile, ...]
    ratings: Section
    best_rated: Section | None
    has_posters: bool
    dates: Dates | None
    releases: Section
    decades: Section | None
    facts: Facts | None
    best_decades: Section
    rewatches: Section
    drift: Drift
    tags: Section
    reviews: Reviews


def page_of(numbers: Numbers, *, links: Links, is_filling: bool = False) -> Page:
    """Make the page from what `stats.compute` returns; while films are looked up it has room for their facts."""
    best_rated = chart_ratings.best_rated(numbers, links)
    return Page(
        year=str(numbers["year"] or ""),
        films=words.counted(numbers["overview"]["films"], "film"),
        films_url=links.films(),
        summary=_summary(numbers),
        counting=chart_scope.counting(numbers, links, is_filling=is_filling),
        review=chart_scope.review(numbers, links),
        nowhere=chart_scope.nowhere(numbers, links),
        tiles=_tiles(numbers, links, is_filling=is_filling),
        ratings=chart_ratings.ratings(numbers, links),
        best_rated=best_rated,
        has_posters=any(film.poster for film in best_rated.films) if best_rated else False,
        dates=_dates(numbers, links),
        releases=chart_films.releases(numbers, links),
        decades=chart_films.decades(numbers, links),
        facts=_facts(numbers, links, is_filling=is_filling),
        best_decades=chart_ratings.best_decades(numbers, links),
        rewatches=chart_again.rewatches(numbers, links),
        drift=chart_ratings.drift(numbers, links),
        tags=chart_again.tags(numbers, links),
        reviews=chart_again.reviews(numbers, links),
    )


def _summary(numbers: Numbers) -> str:
    overview, dated = numbers["overview"], numbers["coverage"]["dated_viewings"]
    if not overview["films"]:
        return f"No viewing is dated {numbers['year']}." if numbers["year"] else "No film counts here."
    if not dated:
        return "None of the viewings has a date." if overview["viewings"] else "Watched, with no diary yet."
    span = words.days(overview["first_viewing"], overview["last_viewing"])
    return f"{words.counted(dated, 'dated viewing')}, {span}."


def _tiles(numbers: Numbers, links: Links, *, is_filling: bool) -> tuple[Tile, ...]:
    """Show the films, and of the rest what there is."""
    overview, dated = numbers["overview"], numbers["coverage"]["dated_viewings"]
    films, viewings, rated = overview["films"], overview["viewings"], overview["rated"]
    with_date = f"{words.number(dated)} with a date" if dated < viewings else ""
    again = words.named(overview["rewatches"], "rewatch", "rewatches")
    tiles = (
        _tile(viewings, words.named(viewings, "viewing"), "#when", with_date),
        _tile(overview["rewatches"], again, links.films(rewatches_only=True)),
        Tile(words.average(overview["average_rating"]), "average rating", url="#ratings") if rated else None,
        _tile(
            *(rated, words.named(rated, "rated film"), links.films(is_rated=True)),
            f"{words.share(rated, films)} of all",
        ),
        _tile(overview["likes"], words.named(overview["likes"], "like"), links.films(liked=True)),
        _tile(overview["reviews"], words.named(overview["reviews"], "review"), links.films(reviewed=True)),
    )
    known = chart_facts.tiles(numbers, links, is_filling=is_filling)
    all_films = Tile(words.number(films), words.named(films, "film"), url=links.films())
    return all_films, *known[:1], *filter(None, tiles), *known[1:]


def _tile(value: int, label: str, url: str, note: str = "") -> Tile | None:
    return Tile(words.number(value), label, note, url=url) if value else None


def _dates(numbers: Numbers, links: Links) -> Dates | None:
    if not numbers["coverage"]["dated_viewings"]:
        return None
    covered = chart_dates.coverage(numbers)
    has_facts = bool(numbers["coverage"]["films_with_facts"])
    return Dates(
        by_year=None if numbers["year"] else chart_dates.by_year(numbers, links),
        by_month=chart_dates.by_month(numbers, links),
        by_week=chart_dates.by_week(numbers, links),
        by_weekday=chart_dates.by_weekday(numbers, links),
        calendar=chart_calendar.calendar(numbers, links, coverage=covered),
        streaks=chart_dates.streaks(numbers, links),
        milestones=chart_dates.milestones(numbers, links),
        year_on_year=None
        if numbers["year"]
        else chart_years.year_on_year(numbers, links, coverage=covered, has_facts=has_facts),
    )


def _facts(numbers: Numbers, links: Links, *, is_filling: bool) -> Facts | None:
    """Make the sections; None where no facts are known and none are looked for."""
    if not numbers["coverage"]["films_with_facts"] and not is_filling:
        return None
    genres, countries, languages, studios = (
        chart_made_of.ranked(kind, numbers, links, is_filling=is_filling)
        for kind in (chart_made_of.GENRES, chart_made_of.COUNTRIES, chart_made_of.LANGUAGES, chart_made_of.STUDIOS)
    )
    return Facts(
        time=chart_made_of.time(numbers, is_filling=is_filling),
        genres=genres,
        countries=countries,
        map=shaded({entry["country"]: entry["films"] for entry in numbers["countries"]["all"]}, links),
        languages=languages,
        studios=studios,
        keywords=chart_made_of.keywords(numbers, links, is_filling=is_filling),
        directors=chart_people.people("directors", numbers, links, is_filling=is_filling),
        actors=chart_people.people("actors", numbers, links, is_filling=is_filling),
        credits=chart_people.credits_of(numbers, links),
        minima=chart_scope.minima(links),
        crowd=chart_crowd.crowd(numbers, links, is_filling=is_filling),
        extremes=chart_crowd.extremes(numbers, links, is_filling=is_filling),
        collections=chart_collections.collections(numbers, links, is_filling=is_filling),
    )
