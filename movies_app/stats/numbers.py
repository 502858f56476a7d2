"""From the movies of an upload to every number of its stats page, topic by topic. Called by `computing`; pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from movies_app.scope import Scope
from movies_app.stats import (
    against_tmdb,
    best,
    collections_seen,
    dates,
    extremes,
    made_of,
    milestones,
    overview,
    people,
    ratings,
    releases,
    reviews,
    rewatches,
    runtimes,
    seen,
    streaks,
    tags,
    year_on_year,
)
from movies_app.stats.answers import Answers, Appearance, Catalogue, named_films, with_any
from movies_app.stats.ranked import MOST_RANKED, Kind, counted, ordered, with_films

_TOPICS = (
    *(overview, ratings, dates, streaks, milestones, releases, rewatches, tags, reviews, best),
    *(runtimes, made_of, people, against_tmdb, extremes, collections_seen, year_on_year),
)


def tell(movies: pl.DataFrame, *, scope: Scope, catalogue: Catalogue) -> dict[str, Any]:
    """Return the numbers, ready for JSON; `movies` are those of one upload as `seen.see` takes them."""
    basis = seen.see(movies, scope=scope)
    asked = {name: frame for topic in _TOPICS for name, frame in topic.ask(basis).items()}
    frames = dict(zip(asked, seen.collected(list(asked.values())), strict=True))
    answers = Answers(
        scope=scope,
        years=basis.years,
        frames=frames,
        films=named_films(basis.films, frames),
        names=catalogue.names(_people(frames)),
        parts=catalogue.parts(frames["collections"]["id"].to_list()),
    )
    filters = {name: value for name, value in asdict(scope).items() if name != "year"}
    told = {name: part for topic in _TOPICS for name, part in topic.tell(answers).items()}
    return {"year": scope.year, "filters": filters, "years": basis.years, **told}


def rank(movies: pl.DataFrame, kind: Kind, *, by: str, scope: Scope, catalogue: Catalogue) -> dict[str, Any]:
    """Return the ranking of a kind by `films` or by `rating`, the first 2,000 rows of it."""
    basis = seen.see(movies, scope=scope)
    found = counted(basis, [kind])[0]
    ranked = ordered(found, by=by, min_rated=scope.min_rated)
    ranking, first = seen.collected([ranked, with_films(ranked.head(MOST_RANKED), found)])
    rows = first.drop("position").to_dicts()
    if kind.is_of_people:
        names = catalogue.names(_people({kind.name: first}))
        named = zip(rows, first["position"], strict=True)
        rows = [{"id": row["id"], "name": names[position, row["id"]], **row} for row, position in named]
    counts = {
        "films": basis.films.select(with_any(kind.column)).item(),
        "distinct": len(found.counts),
        "ranked": len(ranking),
    }
    return {"kind": kind.name, "by": by, **counts, "rows": rows}


def _people(frames: Mapping[str, pl.DataFrame]) -> set[Appearance]:
    """Return the people whom frames name by `position` and `id`."""
    named = (frame for frame in frames.values() if {"position", "id"} <= set(frame.columns))
    return {row for frame in named for row in frame.select("position", "id").iter_rows()}
