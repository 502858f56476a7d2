"""The films that the member rated best."""

from typing import Any

from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_TOP = 12
_BEST_FIRST = {"rating": True, "liked": True, "times": True, "last_date": True, "position": False}


def ask(seen: Seen) -> Asked:
    """Ask for the best films: highest rating, then liked, more viewings, latest viewing."""
    rated = seen.films.lazy().select(*_BEST_FIRST).drop_nulls("rating")
    best = rated.sort(*_BEST_FIRST, descending=list(_BEST_FIRST.values()), nulls_last=True)
    return {"best_rated": best.select("position").head(_TOP)}


def tell(answers: Answers) -> dict[str, Any]:
    """Return the best films."""
    return {"best_rated": [row["film"] for row in answers.rows("best_rated")]}
