"""Which genres the films have, by TMDB; a film may have several."""

from typing import Any

from movies_app.stats.answers import Answers, Asked, films_of_each, with_any
from movies_app.stats.seen import Seen


def ask(seen: Seen) -> Asked:
    """Ask for the films of each genre."""
    films = seen.films.lazy()
    return {
        "with_genre": films.select(films=with_any("genres")),
        "genres": films_of_each(films, "genres", name="genre"),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the genres."""
    return {"genres": {**answers.row("with_genre"), "all": answers.rows("genres")}}
