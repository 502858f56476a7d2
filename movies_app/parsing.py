"""From the bytes of a table to typed rows, every dropped or changed cell noted in the receipt. Called by `importing`.

Columns are read as strings and cast on purpose: inference fails on genuine files. polars reads; a file whose bytes
polars does not account for in full (ragged rows, blank lines, stray quotes) is read again, slowly, by the csv module.
"""

import csv
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from movies_app import cells
from movies_app.archive import Kind
from movies_app.errors import UnreadableExport
from movies_app.receipt import Receipt
from movies_app.tables import Table

MAX_NAME_LENGTH = 500
MAX_REVIEW_LENGTH = 60_000
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
    "kind": pl.Enum(Kind),
    "file": pl.UInt32(),
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
_TEXT_SCHEMA: dict[str, pl.DataType] = {"row": pl.UInt32(), **dict.fromkeys(_FIELDS, pl.String())}
_UNTRIMMED = {"Name", "Review"}
_DATES = ("Date", "Watched Date")
_Reader = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class _Column:
    """How a column is read, how where that fails, and what is said of cells that neither reads."""

    read: _Reader
    read_as_written: _Reader
    complaint: str


_COLUMNS = {
    "Year": _Column(cells.year, cells.year_as_decimal, "not a year between 1870 and 2100"),
    "Letterboxd URI": _Column(cells.link, cells.link, "not a link to Letterboxd"),
    "Rating": _Column(cells.rating, cells.rating_as_written, "not a rating between 0.5 and 5"),
    "Rewatch": _Column(cells.flag, cells.flag, "neither Yes nor empty"),
}


def _is_unread(name: str) -> pl.Expr:
    """Tell cells that say something which was not understood."""
    return (pl.col(name).str.len_bytes() > 0) & pl.col(_FIELDS[name]).is_null()


# Rows that cannot be a film, and why they are skipped.
_name, _review, _tags = pl.col("Name"), pl.col("Review"), pl.col("Tags")
_UNUSABLE = {
    "no name": _name.is_null() | (_name.str.strip_chars().str.len_bytes() == 0),
    f"the name is longer than {MAX_NAME_LENGTH} characters": _name.str.len_chars() > MAX_NAME_LENGTH,
    "the name holds a line break; a quotation mark may be missing": _name.str.contains(r"[\r\n]"),
}
_TOO_LONG = {
    "Review": (_review.str.len_chars() > MAX_REVIEW_LENGTH, _review.str.slice(0, MAX_REVIEW_LENGTH)),
    "Tags": (_tags.str.len_chars() > MAX_TAGS_LENGTH, _tags.str.slice(0, MAX_TAGS_LENGTH).str.replace(r",[^,]*$", "")),
}
_ROUNDED = cells.is_between_halves(pl.col("Rating")) & pl.col("rating").is_not_null()
# What genuine files have none of.
_TROUBLE = [
    *(_is_unread(name) for name in (*_COLUMNS, *_DATES)),
    pl.col("rating").is_not_null() & ~pl.col("Rating").is_in(cells.GENUINE_RATINGS),
    *(*_UNUSABLE.values(), *(is_long for is_long, _ in _TOO_LONG.values())),
]

csv.field_size_limit(sys.maxsize)


def parse(tables: Sequence[Table], receipt: Receipt, *, today: date) -> pl.DataFrame:
    """Return the usable rows of all tables, in their order, with the columns of `SCHEMA`."""
    bodies = [_opened(table, receipt) for table in tables]
    text = _without_damage(_read(tables, bodies, receipt), bodies, receipt)
    rows = _typed(text)
    if rows.select(pl.any_horizontal(check.any() for check in _TROUBLE)).item():
        rows = _usable(_reread(rows, tables, receipt, today=today), receipt)
    return rows.select(*SCHEMA)


def _opened(table: Table, receipt: Receipt) -> bytes:
    """Open the table's place in the receipt and return its body in UTF-8, ended by a line end."""
    file = receipt.open_file(kind=table.kind, label=table.label)
    for warning in table.warnings:
        receipt.warn(warning, file=file)
    body = _decoded(table, receipt, file=file)
    return body if not body or body.endswith(b"\n") else body + table.newline


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


def _read(tables: Sequence[Table], bodies: Sequence[bytes], receipt: Receipt) -> pl.DataFrame:
    """Return every record of every table as strings, at least the columns of `_TEXT_SCHEMA`."""
    frames = [_read_fast(table, body) for table, body in zip(tables, bodies, strict=True)]
    text = _joined(frames, tables)
    irregular = _irregular(text, tables, bodies)
    for file in irregular:
        frames[file] = _read_slowly(tables[file], bodies[file], receipt, file=file)
    for read, frame in zip(receipt.files, frames, strict=True):
        read.rows += frame.height
    return _joined(frames, tables) if irregular else text


def _joined(frames: Sequence[pl.DataFrame], tables: Sequence[Table]) -> pl.DataFrame:
    """Put the tables below each other with their kind and file; a column that a table lacks is null there."""
    schema = {name: SCHEMA[name] for name in ("kind", "file")}
    labels = {"kind": [table.kind for table in tables], "file": range(len(tables))}
    heights = pl.Series([frame.height for frame in frames], dtype=pl.UInt32)
    rows = pl.concat([pl.DataFrame(schema=_TEXT_SCHEMA), *frames], how="diagonal", rechunk=True)
    return rows.hstack(pl.DataFrame(labels, schema=schema).select(pl.all().repeat_by(heights).explode()))


def _read_fast(table: Table, body: bytes) -> pl.DataFrame:
    """Read a well-formed table; what polars refuses comes back empty."""
    schema = dict.fromkeys(table.header, pl.String())
    try:
        text = pl.read_csv(
            body,
            has_header=False,
            schema=schema,
            separator=table.separator,
            row_index_name="row",
            row_index_offset=table.first_row,
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError:
        text = pl.DataFrame(schema={"row": pl.UInt32(), **schema})
    return text


def _irregular(text: pl.DataFrame, tables: Sequence[Table], bodies: Sequence[bytes]) -> list[int]:
    """Return the tables whose cells, separators, line ends and quotes do not add up to the bytes that were read.

    They do for a well-formed table. A short row, a blank line or a quote in the wrong place leaves a difference.
    A quoted cell adds two quotes, and one for each quote inside.
    """
    cell = pl.col(pl.String)
    in_cells = pl.sum_horizontal(cell.str.len_bytes().sum().cast(pl.Int64))
    inner = pl.sum_horizontal(cell.str.count_matches('"', literal=True).sum().cast(pl.Int64))
    has_inner = any(b'""' in body for body in bodies)
    sums = text.group_by("file").agg(in_cells - (inner if has_inner else 0), height=pl.len())
    found = {file: (size, height) for file, size, height in sums.iter_rows()}
    irregular = []
    for file, (table, body) in enumerate(zip(tables, bodies, strict=True)):
        size, height = found.get(file, (0, 0))
        around = height * (len(table.header) - 1 + len(table.newline)) + body.count(b'"')
        if size + around != len(body):
            irregular.append(file)
    return irregular


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
        for number, record in enumerate(reader, table.first_row):
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
    frame.insert_column(0, pl.Series("row", numbers, dtype=pl.UInt32))
    receipt.change(_rows(short, file), column="", reason="the row has fewer cells than the header")
    receipt.skip(_rows(long, file), reason="the row has more cells than the header")
    receipt.files[file].rows += len(long)
    return frame.filter(~pl.col("row").is_in(long)) if long else frame


def _rows(numbers: list[int], file: int) -> pl.DataFrame:
    return pl.DataFrame({"row": numbers}, schema={"row": pl.UInt32}).with_columns(file=pl.lit(file, dtype=pl.UInt32))


def _without_damage(text: pl.DataFrame, bodies: Sequence[bytes], receipt: Receipt) -> pl.DataFrame:
    """Remove NUL characters and note them and damaged characters; genuine files have neither."""
    for mark, reason in (("\0", "NUL characters were removed"), (_REPLACEMENT, "damaged characters")):
        if any(mark.encode() in body for body in bodies):
            for column in _FIELDS:
                found = text.filter(pl.col(column).str.contains(mark, literal=True))
                receipt.change(found, column=column, reason=reason)
            text = text.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True))
    return text


def _typed(text: pl.DataFrame) -> pl.DataFrame:
    """Return `text` with a typed column beside each written one, null where a cell is blank or not understood."""
    trimmed = [column for column in _FIELDS if column not in _UNTRIMMED]
    return (
        text.lazy()
        .with_columns(pl.col(trimmed).str.strip_chars())
        .with_columns(
            *(column.read(pl.col(name)).alias(_FIELDS[name]) for name, column in _COLUMNS.items()),
            *(cells.iso_date(pl.col(name)).alias(_FIELDS[name]) for name in _DATES),
            *(pl.col(name).alias(_FIELDS[name]) for name in ("Name", "Tags", "Review")),
        )
        .collect(engine="in-memory")
    )


def _reread(rows: pl.DataFrame, tables: Sequence[Table], receipt: Receipt, *, today: date) -> pl.DataFrame:
    """Read the cells that were not understood as spreadsheets and people write them; note those that stay so."""
    for name in (*_COLUMNS, *_DATES):
        if not rows.select(_is_unread(name).any()).item():
            continue
        if name in _DATES:
            rows = _read_dates(rows, name, tables, receipt, today=today)
            complaint = "not a date"
        else:
            rows = rows.with_columns(_COLUMNS[name].read_as_written(pl.col(name)).alias(_FIELDS[name]))
            complaint = _COLUMNS[name].complaint
        receipt.change(rows.filter(_is_unread(name)), column=name, reason=complaint)
    return rows


def _read_dates(
    rows: pl.DataFrame, name: str, tables: Sequence[Table], receipt: Receipt, *, today: date
) -> pl.DataFrame:
    """Read dates that are not ISO, by one order of day and month for the whole column of a file."""
    days = []
    for (file,), part in rows.partition_by("file", as_dict=True, maintain_order=True).items():
        day_first = tables[file].separator == ";" or bool(part[name].str.contains(r"^\d{1,2}[-.]").any())
        read = cells.spreadsheet_dates(part[name], today=today, day_first=day_first)
        days.append(read.days)
        if part.select(_is_unread(name).any()).item() and read.days.count():
            doubt = "" if read.is_certain else "; every one of them could also be read the other way round"
            receipt.warn(f"The dates of the column {name} were read as {read.reading}{doubt}.", file=file)
    return rows.with_columns(pl.coalesce(_FIELDS[name], pl.concat(days)).alias(_FIELDS[name]))


def _usable(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Drop rows that cannot be a film, cut what is longer than anything genuine, and note what was rounded."""
    receipt.change(rows.filter(_ROUNDED), column="Rating", reason="rounded to the nearest half star")
    for name, (is_long, cut) in _TOO_LONG.items():
        receipt.change(rows.filter(is_long), column=name, reason="longer than anything genuine, cut")
        rows = rows.with_columns(pl.when(is_long).then(cut).otherwise(name).alias(_FIELDS[name]))
    for reason, is_bad in _UNUSABLE.items():
        receipt.skip(rows.filter(is_bad), reason=reason)
        rows = rows.filter(~is_bad.fill_null(value=False))
    return rows
