"""Movies into PostgreSQL: linked to the catalogue in sets, then one COPY, and their digest. Called by `importing`.

Everything runs inside the caller's transaction, so a failure leaves neither movie nor film.
"""

import io
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from movies_app import digest, titles
from movies_app.digest import Digest

_IDENTITY = ["title_key", "year", "letterboxd_uri"]
_FILM_SCHEMA = {"film_id": pl.Int64, "title_key": pl.String, "year": pl.Int32, "letterboxd_uri": pl.String}
_NEW_FILM_COLUMNS = ["id", "title_key", "title", "year", "letterboxd_uri"]
_MOVIE_COLUMNS = [
    *("session_id", "position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri"),
    *("rewatch", "liked", "tags", "review", "viewings", "film_id"),
]
# One text instead of an array: psycopg writes it, and PostgreSQL plans it, in a fraction of the time. OFFSET 0 keeps
# the planner from reading the whole catalogue instead of its index: with 100,000 films that takes seven times as long.
_FIND_FILMS = """
    SELECT film.*
    FROM unnest(string_to_array(%s, E'\n')) AS wanted (title_key), LATERAL (
        SELECT id, title_key, year, letterboxd_uri FROM films WHERE films.title_key = wanted.title_key OFFSET 0
    ) AS film
"""
_RATINGS_AND_VIEWINGS = """
    SELECT film_id, max(rating), sum(jsonb_array_length(viewings))::bigint
    FROM movies WHERE session_id = %s GROUP BY film_id
"""
_KEEP_DIGEST = """
    INSERT INTO digests (session_id, version, export, film_ids, films, viewings)
    SELECT session_id, %s, id, %s, %s, %s FROM movies WHERE session_id = %s AND position = 1
"""
# Held to the end of the transaction by an upload that adds films. So no two add the same one, and a plain COPY can
# add them: it takes a quarter of the time of INSERT … ON CONFLICT, and nothing can deadlock.
_LOCK_CATALOGUE = "SELECT pg_advisory_xact_lock(hashtext('films'))"
_NEXT_IDS = "SELECT nextval('films_id_seq') FROM generate_series(1, %s)"


def store(movies: pl.DataFrame, *, session_id: UUID) -> None:
    """Write `movies`, as `merging.merge` returns them, as the movies of one upload session."""
    if movies.is_empty():
        return
    with connection.cursor() as cursor:
        linked = _with_films(_with_keys(movies), cursor)
        _copy(cursor, "movies", movie_rows(linked, session_id=session_id))
        _keep(cursor, digest.make(linked), session_id=session_id)


def add_films(movies: pl.DataFrame) -> list[int]:
    """Add the films that the catalogue lacks, and no movies; return the ids of the films of `movies`, each once."""
    if movies.is_empty():
        return []
    with connection.cursor() as cursor:
        return _with_films(_with_keys(movies), cursor)["film_id"].unique(maintain_order=True).to_list()


def remove(*, session_id: UUID) -> None:
    """Delete the movies of one upload session, and their digest."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM movies WHERE session_id = %s", [session_id])
        cursor.execute("DELETE FROM digests WHERE session_id = %s", [session_id])


def ratings_and_viewings(*, session_id: UUID) -> pl.DataFrame:
    """Return film_id, rating, viewings (how many) of the movies of one upload session, a row per film."""
    schema = {"film_id": pl.Int64, "rating": pl.Float64, "viewings": pl.Int64}
    with connection.cursor() as cursor:
        cursor.execute(_RATINGS_AND_VIEWINGS, [session_id])
        return pl.DataFrame(cursor.fetchall(), schema=schema, orient="row")


def movie_rows(movies: pl.DataFrame, *, session_id: UUID) -> pl.DataFrame:
    """Return `movies`, which have a `film_id`, as the rows of the table."""
    return movies.with_columns(_as_json("tags"), _as_json("viewings"), session_id=pl.lit(str(session_id))).select(
        _MOVIE_COLUMNS
    )


def _copy(cursor: CursorWrapper, table: str, rows: pl.DataFrame) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(as_csv(rows))


def as_csv(rows: pl.DataFrame) -> memoryview:
    """Return rows as PostgreSQL's CSV reads them: null is nothing, an empty text is quoted."""
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False)
    return buffer.getbuffer()


def _keep(cursor: CursorWrapper, made: Digest, *, session_id: UUID) -> None:
    # As a text: psycopg takes longer to write an array than PostgreSQL to read it.
    film_ids = made.films["film_id"].cast(pl.String).str.join(",").item()
    frames = digest.packed(made.films), digest.packed(made.viewings)
    cursor.execute(_KEEP_DIGEST, [digest.VERSION, f"{{{film_ids}}}", *frames, session_id])


def _as_json(column: str) -> pl.Expr:
    """Return a column of lists as JSON text; null as an empty list."""
    text = pl.struct(v=column).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")
    return pl.when(pl.col(column).is_null()).then(pl.lit("[]")).otherwise(text).alias(column)


def _with_keys(movies: pl.DataFrame) -> pl.DataFrame:
    return movies.with_columns(title_key=titles.normalised(pl.col("title")))


def _with_films(movies: pl.DataFrame, cursor: CursorWrapper) -> pl.DataFrame:
    """Return `movies` with `film_id`, adding the films that the catalogue lacks."""
    films = _find_films(movies, cursor)
    linked = _linked(movies, films)
    if not linked["film_id"].null_count():
        return linked
    cursor.execute(_LOCK_CATALOGUE)
    # Another upload may have added some before it let go of the lock.
    unknown = linked.filter(pl.col("film_id").is_null())
    films = pl.concat([films, _find_films(unknown, cursor)]).unique("film_id")
    # First those with a link: a movie without one may then be one of them.
    for has_link in (True, False):
        missing = _linked(movies, films).filter(
            pl.col("film_id").is_null() & (pl.col("letterboxd_uri").is_not_null() == has_link)
        )
        films = pl.concat([films, _add_films(missing.unique(_IDENTITY, keep="first"), cursor)])
    return _linked(movies, films)


def _find_films(movies: pl.DataFrame, cursor: CursorWrapper) -> pl.DataFrame:
    """Return the films of the catalogue that bear a title of `movies`."""
    # A title holds no line break: `parsing` skips the row of one that does.
    cursor.execute(_FIND_FILMS, ["\n".join(movies["title_key"].unique())])
    return pl.DataFrame(cursor.fetchall(), schema=_FILM_SCHEMA, orient="row")


def _linked(movies: pl.DataFrame, films: pl.DataFrame) -> pl.DataFrame:
    """Return `movies` with `film_id`, null where `films` has none.

    A movie with a link is the film of its very title, year and link: a link alone decides nothing, or a forged one
    would give its film to every member. A movie without one takes the only linked film of its title and year.
    """
    with_link = films.filter(pl.col("letterboxd_uri").is_not_null())
    only = with_link.filter(pl.len().over("title_key", "year") == 1).select("title_key", "year", only_id="film_id")
    movies = movies.join(films, on=_IDENTITY, how="left", nulls_equal=True, maintain_order="left")
    if not movies["letterboxd_uri"].null_count():
        return movies
    movies = movies.join(only, on=["title_key", "year"], how="left", nulls_equal=True, maintain_order="left")
    is_only = pl.col("letterboxd_uri").is_null() & pl.col("only_id").is_not_null()
    return movies.with_columns(pl.when(is_only).then("only_id").otherwise("film_id").alias("film_id")).drop("only_id")


def _add_films(new: pl.DataFrame, cursor: CursorWrapper) -> pl.DataFrame:
    """Add `new` to the catalogue and return them as `_find_films` would."""
    cursor.execute(_NEXT_IDS, [new.height])
    new = new.with_columns(pl.Series("id", [number for (number,) in cursor.fetchall()], dtype=pl.Int64))
    if not new.is_empty():
        _copy(cursor, "films", new.select(_NEW_FILM_COLUMNS))
    return new.select(pl.col("id").alias("film_id"), *_IDENTITY)
