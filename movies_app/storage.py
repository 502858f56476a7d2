"""Movies into PostgreSQL: linked to the catalogue in sets, then one COPY. Called by `importing`.

Everything runs inside the caller's transaction, so a failure leaves neither movie nor film.
"""

import io
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from movies_app import titles

_IDENTITY = ["title_key", "year", "letterboxd_uri"]
_FILM_SCHEMA = {"film_id": pl.Int64, "title_key": pl.String, "year": pl.Int32, "letterboxd_uri": pl.String}
_MOVIE_COLUMNS = [
    *("session_id", "position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri"),
    *("rewatch", "liked", "tags", "review", "viewings", "film_id"),
]
_FIND_FILMS = "SELECT id, title_key, year, letterboxd_uri FROM films WHERE title_key = ANY(%s)"
# In the order of the identity, so that two uploads of the same new films wait for each other and never deadlock.
_ADD_FILMS = """
    INSERT INTO films (title_key, title, year, letterboxd_uri)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::smallint[], %s::text[])
    ON CONFLICT DO NOTHING RETURNING id, title_key, year, letterboxd_uri
"""


def store(movies: pl.DataFrame, *, session_id: UUID) -> None:
    """Write `movies`, as `merging.merge` returns them, as the movies of one upload session."""
    if movies.is_empty():
        return
    movies = movies.with_columns(title_key=titles.normalised(pl.col("title")))
    with connection.cursor() as cursor:
        movies = _with_films(movies, cursor)
        rows = movies.with_columns(_as_json("tags"), _as_json("viewings"), session_id=pl.lit(str(session_id))).select(
            _MOVIE_COLUMNS
        )
        with cursor.copy(f"COPY movies ({', '.join(_MOVIE_COLUMNS)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(as_csv(rows))


def as_csv(rows: pl.DataFrame) -> bytes:
    """Return rows as PostgreSQL's CSV reads them: null is nothing, an empty text is quoted."""
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False)
    return buffer.getvalue()


def _as_json(column: str) -> pl.Expr:
    """Return a column of lists as JSON text; null as an empty list."""
    text = pl.struct(v=column).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")
    return pl.when(pl.col(column).is_null()).then(pl.lit("[]")).otherwise(text).alias(column)


def _with_films(movies: pl.DataFrame, cursor: CursorWrapper) -> pl.DataFrame:
    """Return `movies` with `film_id`, adding the films that the catalogue lacks.

    A movie with a link is the film of its very title, year and link: a link alone decides nothing, or a forged one
    would give its film to every member. A movie without one takes the only linked film of its title and year.
    """
    cursor.execute(_FIND_FILMS, [movies["title_key"].unique().to_list()])
    films = pl.DataFrame(cursor.fetchall(), schema=_FILM_SCHEMA, orient="row")
    is_linked = pl.col("letterboxd_uri").is_not_null()
    linked, unlinked = movies.filter(is_linked), movies.filter(~is_linked)
    linked, films = _join(linked, films, cursor)
    only = films.filter(is_linked).filter(pl.len().over("title_key", "year") == 1).drop("letterboxd_uri")
    unlinked = unlinked.join(only, on=["title_key", "year"], how="left", nulls_equal=True)
    found = unlinked.filter(pl.col("film_id").is_not_null())
    others, _ = _join(unlinked.filter(pl.col("film_id").is_null()).drop("film_id"), films, cursor)
    return pl.concat([linked, found, others]).sort("position")


def _join(movies: pl.DataFrame, films: pl.DataFrame, cursor: CursorWrapper) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `movies` with the `film_id` of their identity, and `films` with those that were added for it."""
    new = movies.join(films, on=_IDENTITY, how="anti", nulls_equal=True)
    if not new.is_empty():
        films = pl.concat([films, _add_films(new, cursor)])
    return movies.join(films, on=_IDENTITY, how="left", nulls_equal=True), films


def _add_films(new: pl.DataFrame, cursor: CursorWrapper) -> pl.DataFrame:
    """Add the films of `new` and return their ids, also of those that another upload added meanwhile."""
    new = new.unique(_IDENTITY, keep="first").sort(_IDENTITY)
    cursor.execute(_ADD_FILMS, [new[column].to_list() for column in ("title_key", "title", "year", "letterboxd_uri")])
    added = pl.DataFrame(cursor.fetchall(), schema=_FILM_SCHEMA, orient="row")
    missing = new.join(added, on=_IDENTITY, how="anti", nulls_equal=True)
    if missing.is_empty():
        return added
    cursor.execute(_FIND_FILMS, [missing["title_key"].unique().to_list()])
    found = pl.DataFrame(cursor.fetchall(), schema=_FILM_SCHEMA, orient="row")
    return pl.concat([added, found.join(missing, on=_IDENTITY, how="semi", nulls_equal=True)])
