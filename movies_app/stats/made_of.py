"""Which genres, countries, languages, studios and keywords the films have, by TMDB; a film may have several of each."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked, with_any
from movies_app.stats.ranked import NAMED, TOP, counted, ordered
from movies_app.stats.seen import Seen

# Of these there are few in all the world; of the others the first are told.
_WHOLE = ("genres", "countries", "languages")


def ask(seen: Seen) -> Asked:
    """Ask for the films of each."""
    frames: Asked = {"with_named": seen.films.lazy().select(**{kind.name: with_any(kind.column) for kind in NAMED})}
    for found in counted(seen, NAMED):
        name, rows = found.kind.name, ordered(found, by="films", min_rated=0)
        frames[name] = rows if name in _WHOLE else rows.head(TOP)
        frames[f"best_{name}"] = ordered(found, by="rating", min_rated=seen.scope.min_rated).head(TOP)
        frames[f"{name}_distinct"] = found.counts.lazy().select(pl.len())
    return frames


def tell(answers: Answers) -> dict[str, Any]:
    """Return all of some kinds, the most seen of the others, and the best rated."""
    films = answers.row("with_named")
    return {kind.name: {"films": films[kind.name], **_told(answers, kind.name)} for kind in NAMED}


def _told(answers: Answers, name: str) -> dict[str, Any]:
    rows, best = answers.rows(name), answers.rows(f"best_{name}")
    if name in _WHOLE:
        return {"all": rows, "best_rated": best}
    return {"distinct": answers.frames[f"{name}_distinct"].item(), "most_seen": rows, "best_rated": best}
