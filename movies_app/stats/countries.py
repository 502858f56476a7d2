"""From which countries the films are, by TMDB; a film may be from several."""

from typing import Any

from movies_app.stats.answers import Answers, Asked, films_of_each, with_any
from movies_app.stats.seen import Seen


def ask(seen: Seen) -> Asked:
    """Ask for the films of each country."""
    films = seen.films.lazy()
    return {
        "with_country": films.select(films=with_any("countries")),
        "countries": films_of_each(films, "countries", name="country"),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the countries."""
    return {"countries": {**answers.row("with_country"), "all": answers.rows("countries")}}
