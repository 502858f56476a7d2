"""Movies and viewings as the bytes of files that others read: CSV, JSON, Parquet. Called by `takeout`. Pure.

What comes in are stretches of movies: lists of rows in page order, whose cells are those of `COLUMNS`; columns of JSON
as text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import IO, Any

import orjson
import polars as pl

Row = tuple[Any, ...]
Stretches = Iterable[list[Row]]

_OWN = ["position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri", "liked", "rewatch"]
_FACTS = ["tmdb_id", "imdb_id", "media_type", "runtime"]
_LISTS = ["genres", "directors", "countries"]
COLUMNS = [*_OWN, "tags", "review", "viewings", *_FACTS, *_LISTS]
_JSON = {"tags", "viewings", *_LISTS}

_TEXTS = pl.List(pl.String())
_MOVIES: dict[str, pl.DataType] = {
    "position": pl.Int32(),
    "title": pl.String(),
    "year": pl.Int32(),
    "rating": pl.Float64(),
    "watched_date": pl.Date(),
    "date_source": pl.String(),
    "letterboxd_uri": pl.String(),
    "liked": pl.Boolean(),
    "rewatch": pl.Boolean(),
    "tags": _TEXTS,
    "review": pl.String(),
    "tmdb_id": pl.Int32(),
    "imdb_id": pl.String(),
    "media_type": pl.String(),
    "runtime": pl.Int32(),
    "genres": _TEXTS,
    "directors": _TEXTS,
    "countries": _TEXTS,
}
_VIEWINGS: dict[str, pl.DataType] = {
    "position": pl.Int32(),
    "letterboxd_uri": pl.String(),
    "tmdb_id": pl.Int32(),
    "imdb_id": pl.String(),
    "title": pl.String(),
    "year": pl.Int32(),
    "directors": _TEXTS,
    "rating": pl.Float64(),
    "date": pl.Date(),
    "rewatch": pl.Boolean(),
    "tags": _TEXTS,
    "review": pl.String(),
    "logged_date": pl.Date(),
    "uri": pl.String(),
}
_IN_VIEWING = ["date", "logged_date", "rating", "rewatch", "tags", "uri", "review"]
# Days are texts in JSON.
_VIEWING = pl.Struct({name: pl.String() if "date" in name else _VIEWINGS[name] for name in _IN_VIEWING})
SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {"movies": _MOVIES, "viewings": _VIEWINGS}
# As Letterboxd's import names them: https://letterboxd.com/about/importing-data/. It passes over the others. `Position`
# comes first, so that a reader who takes the mark before it for a part of the name misses none that matters.
_NAMES_AT_LETTERBOXD = {
    "position": "Position",
    "letterboxd_uri": "LetterboxdURI",
    "tmdb_id": "tmdbID",
    "imdb_id": "imdbID",
    "title": "Title",
    "year": "Year",
    "directors": "Directors",
    "rating": "Rating",
    "date": "WatchedDate",
    "rewatch": "Rewatch",
    "tags": "Tags",
    "review": "Review",
    "logged_date": "LoggedDate",
    "uri": "EntryURI",
}
CSV_HEADERS: Mapping[str, list[str]] = {
    "movies": list(_MOVIES),
    "viewings": [_NAMES_AT_LETTERBOXD[name] for name in _VIEWINGS],
}

# Of a Parquet file, 10,000 movies: more than nearly anybody's, so that there is mostly one part.
_STRETCHES_IN_A_PART = 20
# Polars keeps a row group in memory until it is whole.
_ROWS_IN_A_GROUP = 10_000

# What may stand before a cell's first character, unseen or dropped: blanks, control and format characters, quotes.
_UNSEEN = (
    r"(?:(?![\t\r\n])"
    r'[\s"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff])*'
)
# With what a formula begins: = + - @, as they are typed, full in width, small, and as a minus.
_FORMULA = rf"{_UNSEEN}[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
# Where commas do not separate, as in half of Europe, a cell of ours is cut at semicolons, tabs and line ends, whatever
# quotes are around it. `;-)` alone is no formula anywhere.
_WOULD_RUN = re.compile(rf"^(?=[\t\r\n]|{_FORMULA})|(?<=[;\t\r\n])(?={_FORMULA})(?!-\))")
_BYTE_ORDER_MARK = "\ufeff"


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before whatever would begin one.

    The rule is OWASP's, with full-width forms and separators: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return _WOULD_RUN.sub("'", text)


def csv_parts(stretches: Stretches, *, of: str) -> Iterator[bytes]:
    """Yield a CSV of the movies, or of their viewings, after RFC 4180.

    It begins with a byte order mark, without which Excel takes UTF-8 for the code page of its country.
    """
    yield _csv([CSV_HEADERS[of]], before=_BYTE_ORDER_MARK)
    for rows in _ROWS[of](stretches):
        yield _csv([_cell(value) for value in row] for row in rows)


def json_parts(stretches: Stretches, *, statistics: Mapping[str, Any] | None) -> Iterator[bytes]:
    """Yield one JSON document: the statistics, and the movies with their viewings."""
    yield b'{"statistics":' + orjson.dumps(statistics) + b',"movies":['
    comma = b""
    for stretch in stretches:
        yield comma + orjson.dumps([_passed_through(row) for row in stretch])[1:-1]
        comma = b","
    yield b"]}"


def parquet(stretches: Stretches, *, of: str) -> bytes:
    """Return a Parquet file of the movies, or of their viewings, every column of its own type.

    Polars writes a file at once. So that a large one does not take its size in memory, it is put together of parts,
    which are small: never more than one of them is unpacked.
    """
    frames = (_FRAMES[of](_frame(stretch)) for stretch in stretches)
    parts: list[IO[bytes]] = [_part([pl.DataFrame(schema=SCHEMAS[of]), *islice(frames, _STRETCHES_IN_A_PART)])]
    while some := list(islice(frames, _STRETCHES_IN_A_PART)):
        parts.append(_part(some))
    if len(parts) == 1:
        return parts[0].read()
    file = io.BytesIO()
    pl.scan_parquet(parts).sink_parquet(file, row_group_size=_ROWS_IN_A_GROUP)
    return file.getvalue()


def _part(frames: list[pl.DataFrame]) -> IO[bytes]:
    file = io.BytesIO()
    pl.concat(frames).write_parquet(file)
    file.seek(0)
    return file


def _frame(stretch: list[Row]) -> pl.DataFrame:
    """Return the columns of `_MOVIES`, and `viewings` as text."""
    kinds = {"viewings": pl.String(), **_MOVIES}
    read_as = {name: pl.String() if name in _JSON else kinds[name] for name in COLUMNS}
    columns = dict(zip(COLUMNS, zip(*stretch, strict=True), strict=True))
    decoded = [pl.col(name).str.json_decode(_TEXTS) for name in ("tags", *_LISTS)]
    return pl.DataFrame(columns, schema=read_as).with_columns(decoded)


def _movies_frame(movies: pl.DataFrame) -> pl.DataFrame:
    return movies.select(*_MOVIES)


def _viewings_frame(movies: pl.DataFrame) -> pl.DataFrame:
    viewings = pl.col("viewings").str.json_decode(pl.List(_VIEWING))
    rows = movies.with_columns(viewings).explode("viewings").filter(pl.col("viewings").is_not_null())
    days = [pl.col(name).str.to_date("%Y-%m-%d") for name in ("date", "logged_date")]
    return rows.drop(set(_MOVIES) & set(_IN_VIEWING)).unnest("viewings").with_columns(days).select(*_VIEWINGS)


_FRAMES = {"movies": _movies_frame, "viewings": _viewings_frame}


def _movies(stretches: Stretches) -> Iterator[list[Row]]:
    """Yield stretches of movies with the columns of `_MOVIES`."""
    for movies in _read(stretches):
        yield [tuple(movie[name] for name in _MOVIES) for movie in movies]


def _viewings(stretches: Stretches) -> Iterator[list[Row]]:
    """Yield stretches of viewings with the columns of `_VIEWINGS`: what a viewing does not tell, its movie does."""
    for movies in _read(stretches):
        told = (movie | viewing for movie in movies for viewing in movie["viewings"])
        yield [tuple(viewing[name] for name in _VIEWINGS) for viewing in told]


_ROWS = {"movies": _movies, "viewings": _viewings}


def _read(stretches: Stretches) -> Iterator[list[dict[str, Any]]]:
    for stretch in stretches:
        yield [
            {
                name: orjson.loads(cell) if name in _JSON and cell is not None else cell
                for name, cell in zip(COLUMNS, row, strict=True)
            }
            for row in stretch
        ]


def _passed_through(row: Row) -> dict[str, Any]:
    """Return a movie ready for `orjson`."""
    return {
        name: orjson.Fragment(cell) if name in _JSON and cell is not None else cell
        for name, cell in zip(COLUMNS, row, strict=True)
    }


def _csv(rows: Iterable[list[str]], *, before: str = "") -> bytes:
    text = io.StringIO(before, newline="")
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """Return a cell of a CSV: stars as Letterboxd writes them, days in ISO, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int | date):
        return str(value)
    return safe(value if isinstance(value, str) else ", ".join(value))
