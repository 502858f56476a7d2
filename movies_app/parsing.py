"""From the bytes of a table to typed rows, every dropped or changed cell noted in the receipt. Called by `importing`.

Columns are read as strings and cast on purpose: inference fails on genuine files. polars reads; a file whose bytes
polars does not account for in full (ragged rows, blank lines, stray quotes) is read again, slowly, by the csv module.
"""

import csv
import io
import sys
from collections.abc import Callable, Iterable
from datetime import date

import polars as pl

from movies_app import cells
from movies_app.archive import Kind
from movies_app.errors import UnreadableExport
from movies_app.receipt import Receipt
from movies_app.tables import COLUMNS, Table

MAX_NAME_LENGTH = 500
MAX_REVIEW_LENGTH = 100_000
MAX_TAGS_LENGTH = 10_000

_REPLACEMENT = "\ufffd"
_FIELDS = {
    "Name": "name",
    "Year": "year",
    "Letterboxd URI": "uri",
    "Date": "date",
    "Rating": "rating",
    "Rewatch": "rewatch",
    "Tags": "tags",
    "Review": "review",
    "Watched Date": "watched_date",
}
SCHEMA: dict[str, pl.DataType] = {
    "file": pl.UInt8(),
    "row": pl.UInt32(),
    "name": pl.String(),
    "year": pl.Int32(),
    "uri": pl.String(),
    "date": pl.Date(),
    "rating": pl.Float64(),
    "rewatch": pl.Boolean(),
    "tags": pl.String(),
    "review": pl.String(),
    "watched_date": pl.Date(),
}
_Reader = Callable[[pl.Expr], pl.Expr]
# Column: how it is read, how it is read where that fails, and what is said of cells that neither reads.
_READERS: dict[str, tuple[_Reader, _Reader, str]] = {
    "Year": (cells.year, cells.year_as_decimal, "not a year between 1870 and 2100"),
    "Letterboxd URI": (cells.link, cells.link, "not a link to Letterboxd"),
    "Rating": (cells.rating, cells.rating_as_written, "not a rating between 0.5 and 5"),
    "Rewatch": (cells.flag, cells.flag, "neither Yes nor empty"),
}
_DATES = ("Date", "Watched Date")

csv.field_size_limit(sys.maxsize)


def parse(tables: Iterable[Table], receipt: Receipt, *, kind: Kind, today: date) -> pl.DataFrame:
    """Return the rows of all tables of `kind`, in order, with the columns of `SCHEMA`; no table gives no rows."""
    frames = [_parse_table(table, receipt, today=today) for table in tables if table.kind is kind]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)


def _parse_table(table: Table, receipt: Receipt, *, today: date) -> pl.DataFrame:
    file = receipt.open_file(kind=table.kind, label=table.label)
    for warning in table.warnings:
        receipt.warn(warning, file=file)
    body = _decoded(table, receipt, file=file)
    text = _read(table, body, receipt, file=file)
    text = _mended(text, body, receipt, file=file)
    frame = _cast(text, table, receipt, file=file, today=today)
    return _usable(frame, receipt)


def _decoded(table: Table, receipt: Receipt, *, file: int) -> bytes:
    """Return the body in UTF-8: as it is, or from Windows-1252, or with a mark for each byte that is neither."""
    try:
        table.body.decode()
    except UnicodeDecodeError:
        text = table.body.decode("utf-8", "replace")
        damaged = text.count(_REPLACEMENT)
        is_utf8 = sum(not character.isascii() for character in text) > 2 * damaged
        if is_utf8:
            receipt.warn(f"{damaged} characters are damaged.", file=file)
            return text.encode()
        receipt.warn("The file was not in UTF-8; it was read as Windows-1252.", file=file)
        return table.body.decode("cp1252", "replace").encode()
    return table.body


def _read(table: Table, body: bytes, receipt: Receipt, *, file: int) -> pl.DataFrame:
    """Return every record as strings under `row` and the header's names, and count them."""
    if body and not body.endswith(b"\n"):
        body += table.newline
    schema = dict.fromkeys(table.header, pl.String())
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            schema=schema,
            separator=table.separator,
            row_index_name="row",
            row_index_offset=table.first_row,
            raise_if_empty=False,
        )
        is_complete = _accounts_for(frame, body, newline=table.newline)
    except pl.exceptions.PolarsError:
        is_complete = False
    if not is_complete:
        frame = _read_slowly(table, body, receipt, file=file)
    receipt.files[file].rows += frame.height
    return frame.with_columns(pl.lit(file, dtype=pl.UInt8).alias("file"), pl.col("row").cast(pl.UInt32))


def _accounts_for(frame: pl.DataFrame, body: bytes, *, newline: bytes) -> bool:
    """Tell whether cells, separators, line ends and quotes add up to the bytes that were read.

    They do for a well-formed table. A short row, a blank line or a quote in the wrong place leaves a difference.
    """
    strings = frame.select(pl.col(pl.String))
    in_cells = sum(strings.select(pl.all().str.len_bytes().sum()).row(0)) if frame.height else 0
    quotes = body.count(b'"')
    if b'""' in body:
        quotes -= sum(strings.select(pl.all().str.count_matches('"', literal=True).sum()).row(0))
    return in_cells + frame.height * (strings.width - 1 + len(newline)) + quotes == len(body)


def _read_slowly(table: Table, body: bytes, receipt: Receipt, *, file: int) -> pl.DataFrame:
    """Read an irregular table: short rows are filled up, rows with more cells than the header are skipped."""
    width = len(table.header)
    numbers: list[int] = []
    records: list[list[str]] = []
    long: list[int] = []
    short: list[int] = []
    reader = csv.reader(io.StringIO(body.decode(), newline=""), delimiter=table.separator, strict=True)
    number = table.first_row - 1
    try:
        for number, record in enumerate(reader, table.first_row):  # noqa: B007
            if not record:
                continue
            (short if len(record) < width else long if any(record[width:]) else []).append(number)
            numbers.append(number)
            records.append((record + [""] * width)[:width])
    except csv.Error as error:
        raise UnreadableExport(
            f"{table.label} cannot be read from row {number + 1} on: a quotation mark is missing or misplaced.",
            code="unbalanced_quotes",
            file_name=table.label,
            hint="Upload the ZIP as it came from Letterboxd, or mend that row.",
        ) from error
    columns = list(zip(*records, strict=True)) or [()] * width
    frame = pl.DataFrame(dict(zip(table.header, columns, strict=True)), schema=dict.fromkeys(table.header, pl.String()))
    frame = frame.with_columns(pl.Series("row", numbers, dtype=pl.UInt32))
    receipt.change(_rows(short, file), column="", reason="the row has fewer cells than the header")
    receipt.skip(_rows(long, file), reason="the row has more cells than the header")
    receipt.files[file].rows += len(long)
    return frame.filter(~pl.col("row").is_in(long)) if long else frame


def _rows(numbers: list[int], file: int) -> pl.DataFrame:
    return pl.DataFrame({"row": numbers}, schema={"row": pl.UInt32}).with_columns(file=pl.lit(file, dtype=pl.UInt8))


def _mended(text: pl.DataFrame, body: bytes, receipt: Receipt, *, file: int) -> pl.DataFrame:
    """Remove NUL characters and note them and damaged characters; genuine files have neither."""
    for mark, reason in (("\0", "NUL characters were removed"), (_REPLACEMENT, "damaged characters")):
        if mark.encode() in body:
            for column in text.select(pl.col(pl.String)).columns:
                found = text.filter(pl.col(column).str.contains(mark, literal=True))
                receipt.change(found, column=column, reason=reason)
    if b"\0" in body:
        text = text.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True))
    return text


def _cast(text: pl.DataFrame, table: Table, receipt: Receipt, *, file: int, today: date) -> pl.DataFrame:
    """Return the typed columns of `SCHEMA`; a column the file lacks is null throughout."""
    present = [column for column in COLUMNS[table.kind] if column in text.columns]
    stripped = [column for column in present if column not in {"Name", "Review"}]
    text = text.with_columns(pl.col(stripped).str.strip_chars())
    frame = text.with_columns(
        *(_READERS[column][0](pl.col(column)).alias(_FIELDS[column]) for column in present if column in _READERS),
        *(cells.iso_date(pl.col(column)).alias(_FIELDS[column]) for column in present if column in _DATES),
        *(pl.col(column).alias(_FIELDS[column]) for column in present if column in {"Name", "Tags", "Review"}),
    )
    unread = _count_unread(frame, [column for column in present if column in _READERS or column in _DATES])
    for column, count in unread.items():
        if count and column in _DATES:
            frame = _read_dates(frame, column, table, receipt, file=file, today=today)
        elif count:
            frame = frame.with_columns(_READERS[column][1](pl.col(column)).alias(_FIELDS[column]))
            receipt.change(frame.filter(_is_unread(column)), column=column, reason=_READERS[column][2])
    if "Rating" in present:
        rounded = frame.filter(cells.is_between_halves(pl.col("Rating")) & pl.col("rating").is_not_null())
        receipt.change(rounded, column="Rating", reason="rounded to the nearest half star")
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in frame.columns]
    return frame.with_columns(missing).select(*SCHEMA).cast(dict(SCHEMA))


def _is_unread(column: str) -> pl.Expr:
    """Tell cells that say something which was not understood."""
    return (pl.col(column).str.len_bytes() > 0) & pl.col(_FIELDS[column]).is_null()


def _count_unread(frame: pl.DataFrame, columns: list[str]) -> dict[str, int]:
    if frame.is_empty():
        return {}
    return frame.select(_is_unread(column).sum().alias(column) for column in columns).row(0, named=True)


def _read_dates(
    frame: pl.DataFrame, column: str, table: Table, receipt: Receipt, *, file: int, today: date
) -> pl.DataFrame:
    """Read a column with dates that are not ISO, by one order of day and month for the whole column."""
    day_first = table.separator == ";" or bool(frame[column].str.contains(r"^\d{1,2}[-.]").any())
    read = cells.spreadsheet_dates(frame[column], today=today, day_first=day_first)
    frame = frame.with_columns(pl.coalesce(_FIELDS[column], read.days))
    receipt.change(frame.filter(_is_unread(column)), column=column, reason="not a date")
    if read.days.count():
        doubt = "" if read.is_certain else "; every one of them could also be read the other way round"
        receipt.warn(f"The dates of the column {column} were read as {read.reading}{doubt}.", file=file)
    return frame


def _usable(frame: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Drop rows whose name cannot be one, and cut what is longer than anything genuine."""
    name, review, tags = pl.col("name"), pl.col("review"), pl.col("tags")
    for is_bad, reason in (
        (name.is_null() | (name.str.strip_chars().str.len_bytes() == 0), "no name"),
        (name.str.len_chars() > MAX_NAME_LENGTH, f"the name is longer than {MAX_NAME_LENGTH} characters"),
        (name.str.contains(r"[\r\n]"), "the name holds a line break; a quotation mark may be missing"),
    ):
        bad = frame.filter(is_bad)
        if not bad.is_empty():
            receipt.skip(bad, reason=reason)
            frame = frame.filter(~is_bad)
    for column, is_long, kept, reason in (
        ("Review", review.str.len_chars() > MAX_REVIEW_LENGTH, review.str.slice(0, MAX_REVIEW_LENGTH), "cut"),
        ("Tags", tags.str.len_chars() > MAX_TAGS_LENGTH, tags.str.slice(0, MAX_TAGS_LENGTH), "cut"),
    ):
        long = frame.filter(is_long)
        if not long.is_empty():
            receipt.change(long, column=column, reason=f"longer than anything genuine, {reason}")
            frame = frame.with_columns(pl.when(is_long).then(kept).otherwise(pl.col(_FIELDS[column])))
    return frame
