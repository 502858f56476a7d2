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
from movies_app.stats.answers import Answers, LookUps, named_films, with_any
from movies_app.stats.ranked import MOST_RANKED, Counted, Kind, counted, ordered, stand_ins
from movies_app.stats.seen import Movies

_TOPICS = (
    *(overview, ratings, dates, streaks, milestones, releases, rewatches, tags, reviews, best),
    *(runtimes, made_of, people, against_tmdb, extremes, collections_seen, year_on_year),
)


def tell(movies: Movies, *, scope: Scope, look_ups: LookUps) -> dict[str, Any]:
    """Return the numbers, ready for JSON, of the movies of one upload."""
    basis = seen.see(movies, scope=scope)
    asked = {name: frame for topic in _TOPICS for name, frame in topic.ask(basis).items()}
    frames = dict(zip(asked, seen.collected(list(asked.values())), strict=True))
    answers = Answers(
        scope=scope,
        years=basis.years,
        frames=frames,
        films=named_films(basis.films, frames, look_ups),
        names=look_ups.names(_named(frames, "position", "id")),
        reviews=look_ups.reviews(_named(frames, "position", "review_of")),
        parts=look_ups.parts(frames["collections"]["id"].to_list()),
    )
    filters = {name: value for name, value in asdict(scope).items() if name != "year"}
    told = {name: part for topic in _TOPICS for name, part in topic.tell(answers).items()}
    return {"year": scope.year, "filters": filters, "years": basis.years, **told}


def rank(movies: Movies, kind: Kind, *, by: str, scope: Scope, look_ups: LookUps) -> dict[str, Any]:
    """Return the ranking of a kind by `films` or by `rating`, the first 2,000 rows of it."""
    basis = seen.see(movies, scope=scope)
    found = counted(basis, [kind])[0]
    ranked = ordered(found, by=by, min_rated=scope.min_rated)
    (ranking,) = seen.collected([ranked])
    rows = ranking.head(MOST_RANKED).to_dicts()
    if kind.is_of_people:
        names = _names_of(found, ranking.head(MOST_RANKED), look_ups)
        rows = [{"id": row["id"], "name": names[row["id"]], **row} for row in rows]
    counts = {
        "films": basis.films.select(with_any(kind.column)).item(),
        "distinct": len(found.counts),
        "ranked": len(ranking),
    }
    return {"kind": kind.name, "by": by, **counts, "rows": rows}


def _names_of(found: Counted, ranking: pl.DataFrame, look_ups: LookUps) -> dict[int, str]:
    """Return the names of people by their id, as they stand in the best rated of their films."""
    (films,) = seen.collected([stand_ins(found, ranking)])
    named = look_ups.names(_named({"films": films}, "position", "id"))
    return {id_: name for (_, id_), name in named.items()}


def _named(frames: Mapping[str, pl.DataFrame], *columns: str) -> set[Any]:
    """Return what frames name by some columns: people by `position` and `id`, reviews by `position` and `review_of`."""
    naming = (frame for frame in frames.values() if {*columns} <= {*frame.columns})
    return {row for frame in naming for row in frame.select(columns).iter_rows()}
