"""Two upload sessions compared: both read, told side by side, and nothing of it kept.

Called by the pages and the API.
"""

from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

import polars as pl

from movies_app import comparing, line_of_facts, lines
from movies_app.comparing import Appearance
from movies_app.models import FACTS_LIFETIME, Movie
from movies_app.turns import Turns

_TURNS = Turns()
# No cell has a tab or a line end in it; null is empty.
_CELLS = ", ".join(f"coalesce({name}::text, '')" for name in comparing.OWN)
_MOVIES = f"""
    SELECT string_agg(concat_ws(E'\\t', {_CELLS}), E'\\n')
    FROM (
        SELECT *, starts_with(letterboxd_uri, 'https://boxd.it/') AS is_short
        FROM movies WHERE session_id = %(session_id)s
    ) AS movies
"""  # noqa: S608
# The films of both, each once, and what is known of them. A key is only compared, so a tab may go. Facts too old to be
# shown are not known.
_FILMS = """
    SELECT
        string_agg(concat_ws(E'\\t', id, replace(title_key, E'\\t', ' '), (state = 'matched')::text), E'\\n'),
        string_agg(line_of_facts, E'\\n')
            FILTER (WHERE fetched_at > statement_timestamp() - make_interval(days => %(days)s))
    FROM films WHERE id = ANY(ARRAY(SELECT film_id FROM movies WHERE session_id = ANY(%(session_ids)s)))
"""
_NAMES = f"""
    SELECT people.film_id, people.id, {lines.NAME}
    FROM unnest(%(films)s::bigint[], %(ids)s::int[]) AS people (film_id, id) JOIN films ON films.id = people.film_id
"""  # noqa: S608


def compare(a: UUID, b: UUID) -> dict[str, Any]:
    """Return what two upload sessions have in common and what sets them apart, ready for JSON.

    One at a time in a process: however large two sessions are, the memory for them is taken once. Raise `Busy` where
    others wait already.
    """
    with _TURNS.one():
        exports = Movie.objects.exports(a, b)
        told = _told(a, b)
        # Where a newer export came meanwhile, some of it may be of that, and some of the one before.
        return told if Movie.objects.exports(a, b) == exports else _told(a, b)


def _told(a: UUID, b: UUID) -> dict[str, Any]:
    shown = {"a": partial(lines.shown, a), "b": partial(lines.shown, b)}
    return comparing.tell(_movies_of(a), _movies_of(b), films=_films_of(a, b), shown=shown, names=_names)


def _movies_of(session_id: UUID) -> pl.DataFrame:
    """Return the movies in page order."""
    (lines_of_movies,) = lines.fetch(_MOVIES, {"session_id": session_id})
    movies = lines.frame(lines_of_movies, schema=comparing.OWN)
    # PostgreSQL would sort on disk, and movies mostly are as they were written.
    return movies if movies["position"].is_sorted() else movies.sort("position")


def _films_of(*session_ids: UUID) -> pl.DataFrame:
    """Return the films of some sessions with their facts."""
    films, facts = lines.fetch(_FILMS, {"session_ids": [*session_ids], "days": FACTS_LIFETIME.days})
    known = lines.frame(facts, schema=comparing.FACTS).with_columns(line_of_facts.ARE_KNOWN)
    return lines.frame(films, schema=comparing.FILMS).join(known, on="film_id", how="left")


def _names(people: Collection[Appearance]) -> dict[Appearance, str]:
    """Return the names of people as they stand in films of the catalogue."""
    return lines.names(_NAMES, people)
