"""Who made the films, by TMDB: most seen and best rated. Names collide, so people are told apart by their id."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked, with_any
from movies_app.stats.ranked import PEOPLE, TOP, Kind, counted, ordered, stand_ins
from movies_app.stats.seen import Seen, collected

_RANKINGS = ("films", "rating")


def ask(seen: Seen) -> Asked:
    """Ask for the people of each kind."""
    frames: Asked = {"with_people": seen.films.lazy().select(**{kind.name: with_any(kind.column) for kind in PEOPLE})}
    kinds = counted(seen, PEOPLE)
    rankings = [ordered(found, by=by, min_rated=seen.scope.min_rated).head(TOP) for found in kinds for by in _RANKINGS]
    ranked = iter(collected(rankings))
    for found, most_seen, best_rated in zip(kinds, ranked, ranked, strict=True):
        name = found.kind.name
        frames |= {
            f"{name}_distinct": found.counts.lazy().select(pl.len()),
            f"{name}_by_films": most_seen.lazy(),
            f"{name}_by_rating": best_rated.lazy(),
            f"{name}_films": stand_ins(found, most_seen, best_rated),
        }
    return frames


def tell(answers: Answers) -> dict[str, Any]:
    """Return the people of each kind."""
    films = answers.row("with_people")
    return {
        kind.name: {
            "films": films[kind.name],
            "distinct": answers.frames[f"{kind.name}_distinct"].item(),
            "most_seen": _rows(answers, kind, by="films"),
            "best_rated": _rows(answers, kind, by="rating"),
        }
        for kind in PEOPLE
    }


def _rows(answers: Answers, kind: Kind, *, by: str) -> list[dict[str, Any]]:
    films = dict(answers.frames[f"{kind.name}_films"].select("id", "position").iter_rows())
    return [
        {"id": id_, "name": answers.names[films[id_], id_], **row, "film": answers.films[films[id_]]}
        for row in answers.rows(f"{kind.name}_by_{by}")
        for id_ in (row["id"],)
    ]
