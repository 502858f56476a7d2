"""From the movies of an upload to every number of its stats page, topic by topic. Called by `computing`; pure."""

from typing import Any

import polars as pl

from movies_app.stats import (
    best,
    countries,
    dates,
    directors,
    genres,
    milestones,
    overview,
    ratings,
    releases,
    reviews,
    rewatches,
    runtimes,
    seen,
    streaks,
    tags,
)
from movies_app.stats.answers import Answers, named_films

_TOPICS = (
    *(overview, ratings, dates, streaks, milestones, releases, rewatches, tags, reviews, best),
    *(runtimes, genres, countries, directors),
)


def tell(movies: pl.DataFrame, *, year: int | None) -> dict[str, Any]:
    """Return the numbers, ready for JSON; `movies` are those of one upload as `seen.see` takes them."""
    basis = seen.see(movies, year=year)
    asked = {name: frame for topic in _TOPICS for name, frame in topic.ask(basis).items()}
    frames = dict(zip(asked, seen.collected(list(asked.values())), strict=True))
    answers = Answers(year=year, years=basis.years, frames=frames, films=named_films(basis.films, frames))
    told = {name: part for topic in _TOPICS for name, part in topic.tell(answers).items()}
    return {"year": year, "years": basis.years, **told}
