"""All movies and viewings of an upload session as a file to take out. Called by the API.

Movies are read and sent a stretch of positions at a time, in no transaction, since a client may take its time. If they
go meanwhile, or a newer export takes their place, the file is cut off instead of ending as if it were whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from movies_app import takeout_files
from movies_app.models import FACTS_LIFETIME, MovieQuerySet
from movies_app.takeout_files import Row
from movies_app.turns import Turns

STRETCH = 500
FORMS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
KINDS = list(takeout_files.SCHEMAS)
# A Parquet file is built in memory, some 80 MB of it at most.
_TURNS = Turns()
# In the order of `takeout_files.COLUMNS`. Facts too old to be shown are not known. OFFSET 0 keeps the planner from
# reading the whole catalogue.
_MOVIES = """
    SELECT position, title, year, rating, watched_date, date_source, letterboxd_uri, liked, rewatch, tags::text, review,
        viewings::text, facts.*
    FROM movies LEFT JOIN LATERAL (
        SELECT tmdb_id, imdb_id, media_type, runtime, genres::text,
            jsonb_path_query_array(directors, '$[*].name')::text, countries::text
        FROM films
        WHERE films.id = movies.film_id AND films.fetched_at > statement_timestamp() - make_interval(days => %(days)s)
        OFFSET 0
    ) AS facts ON true
    WHERE session_id = %(session_id)s AND position BETWEEN %(first)s AND %(last)s AND id <= %(newest_id)s
    ORDER BY position
"""


class Gone(Exception):
    """The movies that were to be taken out are no longer there."""


@dataclass(frozen=True)
class Pinned:
    """The movies that an upload session has at one moment: they can be read whole, or not at all.

    A newer export brings movies of higher ids, so none of them is taken for one of these.
    """

    session_id: UUID | None
    total: int
    newest_id: int

    @classmethod
    def of(cls, movies: MovieQuerySet) -> "Pinned":
        """Pin the movies of a session as they are now."""
        found = movies.values("session_id").annotate(total=Max("position"), newest_id=Max("id")).order_by("session_id")
        return cls(**(found.first() or {"session_id": None, "total": 0, "newest_id": 0}))

    def stretches(self) -> Iterator[list[Row]]:
        """Yield the movies in page order; raise `Gone` as soon as one is missing."""
        for first in range(1, self.total + 1, STRETCH):
            last = min(first + STRETCH - 1, self.total)
            rows = self._stretch(first, last)
            if len(rows) != last - first + 1:
                raise Gone
            yield rows

    def _stretch(self, first: int, last: int) -> list[Row]:
        asked = {"session_id": self.session_id, "first": first, "last": last, "newest_id": self.newest_id}
        with connection.cursor() as cursor:
            cursor.execute(_MOVIES, {**asked, "days": FACTS_LIFETIME.days})
            rows: list[Row] = cursor.fetchall()
            return rows


@dataclass(frozen=True)
class TakeOut:
    """A file to take out: its name, what it is, and its bytes in parts."""

    file_name: str
    media_type: str
    parts: Iterator[bytes]


def take_out(
    movies: Pinned, *, total: int, form: str, of: str, statistics: Mapping[str, Any] | None, is_asked: bool = True
) -> TakeOut:
    """Return a file of the movies, or of their viewings; one of JSON has both, and the session's `statistics`.

    Of one that is not asked for only what it would be is told. Raise `Busy` where others wait for their Parquet.

    `total` and `statistics` are to be read after the movies were pinned: then a newer export that came between leads
    to `Gone`, here or while the parts are read, and never to figures of other movies.
    """
    if movies.total != total:
        raise Gone
    parts: Iterator[bytes]
    if not is_asked:
        parts = iter(())
    elif form == "json":
        parts = takeout_files.json_parts(movies.stretches(), statistics=statistics)
    elif form == "csv":
        parts = takeout_files.csv_parts(movies.stretches(), of=of)
    else:
        with _TURNS.one():
            parts = iter([takeout_files.parquet(movies.stretches(), of=of)])
    file_name = "letterboxd.json" if form == "json" else f"letterboxd-{of}.{form}"
    return TakeOut(file_name, FORMS[form], parts)
