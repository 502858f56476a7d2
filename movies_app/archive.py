"""What was brought, opened in memory: ZIPs become their known members, loose files stay as they are.

Called by `importing`. Nothing is unpacked to disk; limits hold while reading, not by what a ZIP says of itself.
"""

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from movies_app.errors import RefusedExport

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024

_CHUNK_BYTES = 256 * 1024
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ARCHIVE_SUFFIXES = {".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz"}
# What `zipfile` raises, besides its own error, for offsets, sizes and streams that make no sense.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, ValueError, IndexError, OverflowError),
)
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NEVER_A_TOP_FOLDER = {"deleted", "orphaned", "likes", "lists"}
_EXPORT_AGAIN = "Download your data again from Letterboxd (Settings, Data, Export your data) and upload that ZIP."


class Kind(StrEnum):
    """The five tables of an export that are read, in the order in which they are merged."""

    WATCHED = "watched"
    RATINGS = "ratings"
    DIARY = "diary"
    REVIEWS = "reviews"
    LIKES = "likes"

    @property
    def path(self) -> str:
        """Return where the table lies inside an export."""
        return "likes/films.csv" if self is Kind.LIKES else f"{self}.csv"


_KIND_BY_PATH = {kind.path: kind for kind in Kind}


@dataclass(frozen=True)
class BroughtFile:
    """A file as the member brought it: the bare name, for messages only, and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Member:
    """A file that may be a table; `kind` is known for a member of a ZIP, told by its header for a loose file."""

    name: str
    content: bytes = field(repr=False)
    kind: Kind | None = None


@dataclass(frozen=True)
class Opened:
    """The members worth reading and, by group, how many were passed over."""

    members: list[Member]
    ignored: Counter[str]


def is_zip(content: bytes) -> bool:
    """Tell a ZIP by its first bytes; names lie."""
    return content.startswith(_ZIP_SIGNATURES)


def open_files(files: Sequence[BroughtFile]) -> Opened:
    """Open what was brought; raise `RefusedExport` for what cannot be."""
    if not files:
        raise RefusedExport("No file was sent.", code="no_file", hint="Choose the ZIP that Letterboxd gave you.")
    opened = Opened(members=[], ignored=Counter())
    budget = _Budget()
    for brought in files:
        if not brought.content:
            raise RefusedExport(
                f"{brought.name} is empty.", code="empty_file", file_name=brought.name, hint=_EXPORT_AGAIN
            )
        if is_zip(brought.content):
            _open_zip(brought, opened, budget)
        else:
            opened.members.append(Member(brought.name, brought.content))
    return opened


class _Budget:
    """How much may still be unpacked for one upload, in bytes."""

    def __init__(self) -> None:
        self.left = MAX_UNPACKED_BYTES

    def take(self, size: int, *, file_name: str) -> None:
        self.left -= size
        if self.left < 0:
            raise RefusedExport(
                f"{file_name} unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MB.",
                code="unpacked_too_large",
                file_name=file_name,
                hint=_EXPORT_AGAIN,
            )


def _open_zip(brought: BroughtFile, opened: Opened, budget: _Budget) -> None:
    if brought.content.count(_ENTRY_SIGNATURE) > MAX_ENTRIES:
        raise RefusedExport(
            f"{brought.name} holds more than {MAX_ENTRIES:,} files.",
            code="too_many_entries",
            file_name=brought.name,
            hint=_EXPORT_AGAIN,
        )
    try:
        with zipfile.ZipFile(io.BytesIO(brought.content)) as archive:
            opened.members.extend(_known_members(archive, brought.name, opened.ignored, budget))
    except _DAMAGE as error:
        raise RefusedExport(
            f"{brought.name} is damaged and cannot be opened as a ZIP.",
            code="corrupt_archive",
            file_name=brought.name,
            hint=_EXPORT_AGAIN,
        ) from error


def _known_members(archive: zipfile.ZipFile, zip_name: str, ignored: Counter[str], budget: _Budget) -> Iterator[Member]:
    entries = [
        (path, entry) for entry in archive.infolist() if (path := _path_of(entry)) is not None and not entry.is_dir()
    ]
    _refuse_encrypted_and_nested(entries, zip_name)
    root = _root_of([path for path, _ in entries])
    found = False
    for path, entry in entries:
        kind = _kind_at(path, root)
        if kind is None:
            ignored[_group_of(path.relative_to(root) if path.is_relative_to(root) else path)] += 1
            continue
        found = True
        yield Member(kind.path, _read(archive, entry, budget, file_name=kind.path), kind)
    if not found:
        raise RefusedExport(
            f"{zip_name} holds none of the files of a Letterboxd export (watched.csv, ratings.csv, diary.csv, …).",
            code="not_letterboxd",
            file_name=zip_name,
            hint=_EXPORT_AGAIN,
        )


def _path_of(entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """Return the entry's path inside the ZIP, or None for what an operating system adds on its own."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if not path.parts or path.parts[0] == "__MACOSX" or path.name.startswith("._"):
        return None
    return None if path.name in {".DS_Store", "Thumbs.db", "desktop.ini"} else path


def _refuse_encrypted_and_nested(entries: list[tuple[PurePosixPath, zipfile.ZipInfo]], zip_name: str) -> None:
    for path, entry in entries:
        if entry.flag_bits & 0x1:
            raise RefusedExport(
                f"{zip_name} is encrypted.", code="encrypted", file_name=zip_name, hint="Upload it without a password."
            )
        if path.suffix.lower() in _ARCHIVE_SUFFIXES:
            raise RefusedExport(
                f"{zip_name} holds another archive, {path.name}.",
                code="nested_archive",
                file_name=zip_name,
                hint="Upload the inner ZIP itself.",
            )


def _root_of(paths: list[PurePosixPath]) -> PurePosixPath:
    """Return the folder that holds the export: the top, or the one folder that somebody zipped again."""
    tops = {path.parts[0] for path in paths}
    if len(tops) == 1 and all(len(path.parts) > 1 for path in paths):
        top = tops.pop()
        if top.lower() not in _NEVER_A_TOP_FOLDER:
            return PurePosixPath(top)
    return PurePosixPath()


def _kind_at(path: PurePosixPath, root: PurePosixPath) -> Kind | None:
    return _KIND_BY_PATH.get(str(path.relative_to(root)).lower()) if path.is_relative_to(root) else None


def _group_of(path: PurePosixPath) -> str:
    """Name the group that the receipt counts an unread file under; never its own name."""
    group = path.parts[0].lower() if len(path.parts) > 1 else path.stem.lower()
    return group if group in {*_NEVER_A_TOP_FOLDER, "comments", "profile", "watchlist"} else "other"


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget, *, file_name: str) -> bytes:
    """Unpack one member chunk by chunk, so that a lying size cannot fill the memory."""
    if entry.compress_type not in _COMPRESSIONS:
        raise zipfile.BadZipFile(f"compression method {entry.compress_type}")
    chunks = []
    with archive.open(entry) as unpacked:
        while chunk := unpacked.read(_CHUNK_BYTES):
            budget.take(len(chunk), file_name=file_name)
            chunks.append(chunk)
    content = b"".join(chunks)
    if is_zip(content):
        raise RefusedExport(
            f"{file_name} is itself a ZIP.",
            code="nested_archive",
            file_name=file_name,
            hint="Upload the inner ZIP itself.",
        )
    return content
