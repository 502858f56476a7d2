"""The numbers of one upload session, from one query. Called through `movies_app.stats`, and by `kept`.

What is shown of what they name, a few hundred films, people and collections, is looked up once they are known.
"""

from collections.abc import Collection as Several
from typing import Any
from uuid import UUID

import polars as pl

from movies_app import line_of_facts, lines
from movies_app.models import FACTS_LIFETIME, Collection
from movies_app.scope import ALL, Scope
from movies_app.stats import numbers
from movies_app.stats.answers import Appearance, Part
from movies_app.stats.ranked import KINDS
from movies_app.stats.seen import COLUMNS, OWN

_TEXTS = ["review"]
# Three texts: of the movies, and two of their films with the same order of lines. Films are found by their ids, in the
# order of the index, which takes a third of what a join takes. Facts too old to be shown are not known.
_LINES = f"""
    SELECT (
        SELECT string_agg(concat_ws(E'\\t', film_id, {lines.cells(OWN, texts=_TEXTS)}), E'\\n')
        FROM movies WHERE session_id = %(session_id)s
    ) AS movies, facts.*
    FROM (
        SELECT string_agg(line_of_facts, E'\\n'), string_agg(line_of_more, E'\\n')
        FROM films WHERE id = ANY(ARRAY(SELECT film_id FROM movies WHERE session_id = %(session_id)s))
        AND fetched_at > statement_timestamp() - make_interval(days => %(days)s)
    ) AS facts
"""  # noqa: S608
_FILM_ID = {"film_id": pl.Int64}
_NAMES = f"""
    SELECT people.position, people.id, {lines.NAME}
    FROM unnest(%(films)s::int[], %(ids)s::int[]) AS people (position, id)
    JOIN movies ON movies.session_id = %(session_id)s AND movies.position = people.position
    JOIN films ON films.id = movies.film_id
"""  # noqa: S608


def compute(*, session_id: UUID, scope: Scope = ALL) -> dict[str, Any]:
    """Return the numbers of one upload session, ready for JSON, of all that counts within `scope`.

    docs/statistics.md says what each of them is.
    """
    return numbers.tell(movies_of(session_id), scope=scope, catalogue=_Catalogue(session_id))


def compute_nothing(*, scope: Scope) -> dict[str, Any]:
    """Return the numbers of a year in which nothing was seen, without a look at the movies."""
    return numbers.tell(pl.DataFrame(schema=COLUMNS), scope=scope, catalogue=_Catalogue(None))


def compute_ranking(*, session_id: UUID, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return a ranking whole, but for what comes after 2,000 rows; `by` is `films` or `rating`."""
    movies, catalogue = movies_of(session_id), _Catalogue(session_id)
    return numbers.rank(movies, KINDS[kind], by=by, scope=scope, catalogue=catalogue)


def rank_nothing(*, kind: str, by: str, scope: Scope) -> dict[str, Any]:
    """Return the ranking of a year in which nothing was seen, without a look at the movies."""
    return numbers.rank(pl.DataFrame(schema=COLUMNS), KINDS[kind], by=by, scope=scope, catalogue=_Catalogue(None))


class _Catalogue:
    """What the catalogue tells of the people and collections of an upload session's films."""

    def __init__(self, session_id: UUID | None) -> None:
        self._session_id = session_id

    def films(self, positions: Several[int]) -> dict[int, dict[str, Any]]:
        """Return by what films are shown."""
        return lines.shown(self._session_id, positions)

    def names(self, people: Several[Appearance]) -> dict[Appearance, str]:
        """Return the names of people as they stand in films of the session."""
        return lines.names(_NAMES, people, {"session_id": self._session_id})

    def parts(self, collections: Several[int]) -> dict[int, list[Part]]:
        """Return the released parts of those collections that are known."""
        return Collection.objects.released(collections) if collections else {}


def movies_of(session_id: UUID) -> pl.DataFrame:
    """Return the movies in page order, with the columns that the numbers need."""
    movies, facts, more = lines.fetch(_LINES, {"session_id": session_id, "days": FACTS_LIFETIME.days})
    rows = lines.in_page_order(lines.frame(movies, schema=_FILM_ID | OWN, texts=_TEXTS))
    both = ((facts, line_of_facts.CELLS), (more, line_of_facts.MORE_CELLS))
    known = [lines.frame(text, schema=line_of_facts.schema_of(cells)) for text, cells in both]
    films = pl.concat(known, how="horizontal")
    return rows.join(films, on="film_id", how="left", maintain_order="left").drop("film_id")
