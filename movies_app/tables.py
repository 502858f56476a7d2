"""Which of the five tables a file is: its encoding, separator, header and kind. Called by `importing`.

A table is recognised before anything is written, so a file that is no part of an export is refused early.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from movies_app.archive import Kind, Member
from movies_app.errors import RefusedExport

COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.WATCHED: ("Date", "Name", "Year", "Letterboxd URI"),
    Kind.RATINGS: ("Date", "Name", "Year", "Letterboxd URI", "Rating"),
    Kind.DIARY: ("Date", "Name", "Year", "Letterboxd URI", "Rating", "Rewatch", "Tags", "Watched Date"),
    Kind.REVIEWS: ("Date", "Name", "Year", "Letterboxd URI", "Rating", "Rewatch", "Review", "Tags", "Watched Date"),
    Kind.LIKES: ("Date", "Name", "Year", "Letterboxd URI"),
}
REQUIRED = ("Name", "Letterboxd URI")

# Far above anything genuine (the largest known export has 14,000 films), far below what would stall a server.
MAX_TABLES = 2_000
MAX_LINES = 500_000
MAX_BYTES = 50 * 1024 * 1024
MAX_COLUMNS = 100
# As JSON takes them, six bytes for a control character; of reviews less, a page of movies holds them twice.
MAX_REVIEW_BYTES = 20 * 1024 * 1024

_CANONICAL = {name.casefold(): name for name in COLUMNS[Kind.REVIEWS]}
_GROUP_BY_COLUMN = {"Description": "lists", "Content": "comments", "Username": "profile"}
_LIST_MARK = "Letterboxd list export"
_KIND_BY_COLUMN = {"Review": Kind.REVIEWS, "Watched Date": Kind.DIARY, "Rating": Kind.RATINGS}
_KIND_BY_NAME: dict[str, Kind | str] = {"watchlist": "watchlist", "likes": Kind.LIKES, "films": Kind.LIKES}
_UTF16 = re.compile(rb"(?P<marked>\xff\xfe|\xfe\xff)|(?P<little>[^\0]\0[^\0]\0)|(?P<big>\0[^\0]\0[^\0])")
_ENCODINGS = {"marked": "utf-16", "little": "utf-16-le", "big": "utf-16-be"}
_UTF8_MARK = b"\xef\xbb\xbf"
_SEPARATORS = ",;\t"
_CONTROLS = bytes({*range(32), 127} - {*b"\t\r\n"})
_LONGEST_HEADER_BYTES = 64 * 1024
_HINT = "Upload the ZIP that Letterboxd gave you, or its watched.csv, ratings.csv, diary.csv and reviews.csv."


@dataclass(frozen=True)
class Table:
    """A file known to be one of the five tables, not yet read.

    `label` names it in messages and the receipt (never by the uploaded name); `header` holds canonical column names
    where known; `body` is all after the header line, its first record is the file's record `first_row`
    as a spreadsheet counts (the header is 1).
    """

    kind: Kind
    label: str
    header: tuple[str, ...]
    separator: str
    body: bytes = field(repr=False)
    newline: bytes
    first_row: int
    warnings: tuple[str, ...]


def recognise(members: Iterable[Member], ignored: Counter[str]) -> list[Table]:
    """Return the tables among `members`, in merging order, and count in `ignored` what is not read.

    Raise `RefusedExport` for a table without its required columns, and when no table remains.
    """
    tables: list[Table] = []
    passed_over: dict[str, str] = {}
    for member in members:
        text, warnings = _as_utf8(member.content)
        content = text.lstrip(b"\r\n")
        line, _, body = content.partition(b"\n")
        written, separator = _read_header(line)
        header = _own_names(written)
        kind = member.kind or _kind_of({*written, *header}, member.name)
        if not isinstance(kind, Kind):
            ignored[kind] += 1
            passed_over[member.name] = kind
            continue
        _require_columns(header, member.name)
        newline = b"\r\n" if line.endswith(b"\r") else b"\n"
        first_row = 2 + text.count(b"\n", 0, len(text) - len(content))
        warnings = (*warnings, *_missing_columns(kind, header))
        tables.append(Table(kind, _label(kind, tables), header, separator, body, newline, first_row, warnings))
    if not tables:
        _refuse(passed_over)
    _refuse_too_much(tables)
    return sorted(tables, key=lambda table: list(Kind).index(table.kind))


def _as_utf8(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the file without byte order mark, in UTF-8 where it was UTF-16, with line feeds in its line ends."""
    warnings: tuple[str, ...] = ()
    if utf16 := _UTF16.match(content):
        content = content.decode(_ENCODINGS[str(utf16.lastgroup)], "replace").encode()
        warnings = ("The file was in UTF-16 and was converted.",)
    content = content.removeprefix(_UTF8_MARK)
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content, warnings


def _read_header(line: bytes) -> tuple[tuple[str, ...], str]:
    """Return the column names as they are written, and the separator between them."""
    text = line[:_LONGEST_HEADER_BYTES].decode("utf-8", "replace").replace("\0", "")
    separator = max(_SEPARATORS, key=text.count)
    try:
        cells = next(csv.reader([text.strip()], delimiter=separator), [])
    except csv.Error:
        return (), separator
    return tuple(cell.strip() for cell in cells), separator


def _own_names(names: Sequence[str]) -> tuple[str, ...]:
    """Give each known column its genuine name, the one spelled exactly before one that differs in case.

    Of two the first; a number stands for any other column.
    """
    known = [_CANONICAL.get(name.casefold()) for name in names]
    chosen = {
        column: next((number for number, name in enumerate(names) if name == column), known.index(column))
        for column in known
        if column
    }
    return tuple(column if column and chosen[column] == number else f"#{number}" for number, column in enumerate(known))


def _kind_of(columns: set[str], file_name: str) -> Kind | str:
    """Tell a loose file's kind by its columns, or the group it is ignored under.

    The columns of watched, likes and watchlist are the same: there the name decides.
    """
    groups = [group for column, group in _GROUP_BY_COLUMN.items() if column in columns]
    if groups or any(column.startswith(_LIST_MARK) for column in columns):
        return groups[0] if groups else "lists"
    known = columns & set(_CANONICAL.values())
    if len(known) < 2 or not known & {*REQUIRED, "Watched Date"}:  # noqa: PLR2004
        return "other"
    kinds = [kind for column, kind in _KIND_BY_COLUMN.items() if column in known]
    by_name = [kind for word, kind in _KIND_BY_NAME.items() if word in file_name.casefold()]
    return [*kinds, *by_name, Kind.WATCHED][0]


def _require_columns(header: tuple[str, ...], file_name: str) -> None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise RefusedExport(
            f"{file_name} lacks the column {' and '.join(missing)}.",
            code="missing_columns",
            file_name=file_name,
            hint=_HINT,
        )


def _missing_columns(kind: Kind, header: tuple[str, ...]) -> tuple[str, ...]:
    """Return a warning for each column that is missing; exports of 2017 and before have no Rewatch."""
    return tuple(f"The column {name} is missing." for name in COLUMNS[kind] if name not in {*header, "Rewatch"})


def _label(kind: Kind, tables: list[Table]) -> str:
    number = sum(table.kind is kind for table in tables) + 1
    return kind.path if number == 1 else f"{kind.path} ({number})"


_PASSED_OVER = {
    "watchlist": "lists the films that somebody wants to see, not those that were seen.",
    "lists": "is a list, not a record of films that were seen.",
    "comments": "holds comments, not films.",
    "profile": "holds the profile, which is never read.",
    "other": "is neither a ZIP nor a table of a Letterboxd export.",
}


def _refuse_too_much(tables: list[Table]) -> None:
    lines = sum(table.body.count(b"\n") for table in tables)
    size = sum(len(table.body) for table in tables)
    in_json = {table.label: _length_in_json(table.body) for table in tables}
    reviews = sum(in_json[table.label] for table in tables if table.kind is Kind.REVIEWS)
    columns = max(len(table.header) for table in tables)
    is_large = sum(in_json.values()) > MAX_BYTES or reviews > MAX_REVIEW_BYTES
    if len(tables) > MAX_TABLES or lines > MAX_LINES or is_large or columns > MAX_COLUMNS:
        raise RefusedExport(
            f"The export is far larger than anybody's: {len(tables)} tables, {lines:,} lines, {size:,} bytes.",
            code="too_many_rows",
            file_name=tables[0].label if len(tables) == 1 else None,
            hint=_HINT,
        )


def _length_in_json(body: bytes) -> int:
    return len(body) + 5 * (len(body) - len(body.translate(None, _CONTROLS)))


def _refuse(passed_over: dict[str, str]) -> NoReturn:
    """Say why nothing that was brought can be read, naming the first file."""
    name, group = next(iter(passed_over.items()))
    others = f" Nor can the other {len(passed_over) - 1} files be used." if len(passed_over) > 1 else ""
    raise RefusedExport(
        f"{name} {_PASSED_OVER[group]}{others}",
        code="wrong_type" if set(passed_over.values()) == {"other"} else "not_letterboxd",
        file_name=name,
        hint=_HINT,
    )
