"""Who made the films, by TMDB: most seen and best rated. Names collide, so people are told apart by their id."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked, with_any
from movies_app.stats.ranked import PEOPLE, TOP, Kind, counted, ordered, with_films
from movies_app.stats.seen import Seen


def ask(seen: Seen) -> Asked:
    """Ask for the people of each kind."""
    frames: Asked = {"with_people": seen.films.lazy().select(**{kind.name: with_any(kind.column) for kind in PEOPLE})}
    for found in counted(seen, PEOPLE):
        name = found.kind.name
        frames[f"{name}_distinct"] = found.counts.lazy().select(pl.len())
        for by in ("films", "rating"):
            top = ordered(found, by=by, min_rated=seen.scope.min_rated).head(TOP)
            frames[f"{name}_by_{by}"] = with_films(top, found)
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
    return [
        {"id": row["id"], "name": answers.names[row["film"]["position"], row["id"]], **row}
        for row in answers.rows(f"{kind.name}_by_{by}")
    ]
