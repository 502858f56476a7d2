"""Small things that tests bring and rows that tests need: tables, ZIPs, multipart bodies, uploads, films.

Whole genuine-looking exports come from `movies_app.made_up`.
"""

import csv
import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from movies_app.models import Film, Movie, StoredDigest
from sessions_app.models import StoredReceipt, UploadSession

WATCHED = ("Date", "Name", "Year", "Letterboxd URI")
LIKES = WATCHED
RATINGS = (*WATCHED, "Rating")
DIARY = (*RATINGS, "Rewatch", "Tags", "Watched Date")
REVIEWS = (*RATINGS, "Rewatch", "Review", "Tags", "Watched Date")

# One small member: three films watched, one of them twice, one rated anew, one liked.
MEMBER_FILES_ROWS: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "watched.csv": (
        WATCHED,
        [
            ("2021-01-02", "Alpha", "1999", "https://boxd.it/aaaa"),
            ("2021-01-03", "Beta", "2001", "https://boxd.it/bbbb"),
            ("2021-01-04", "Gamma, or Not", "", "https://boxd.it/cccc"),
        ],
    ),
    "ratings.csv": (
        RATINGS,
        [
            ("2021-01-02", "Alpha", "1999", "https://boxd.it/aaaa", "4"),
            ("2024-05-05", "Beta", "2001", "https://boxd.it/bbbb", "2.5"),
        ],
    ),
    "diary.csv": (
        DIARY,
        [
            ("2022-02-03", "Alpha", "1999", "https://boxd.it/1aaaaa", "3.5", "", "cinema, with friends", "2022-02-02"),
            ("2023-03-04", "Alpha", "1999", "https://boxd.it/2aaaaa", "4.5", "Yes", "", "2023-03-03"),
            ("2023-04-05", "Beta", "2001", "https://boxd.it/1bbbbb", "", "", "cinema", "2023-04-04"),
        ],
    ),
    "reviews.csv": (
        REVIEWS,
        [
            (
                *("2023-03-04", "Alpha", "1999", "https://boxd.it/2aaaaa", "4.5", "Yes"),
                *('Better, the "second" time.\r\nTruly.', "", "2023-03-03"),
            )
        ],
    ),
    "likes/films.csv": (LIKES, [("2021-01-04", "Gamma, or Not", "", "https://boxd.it/cccc")]),
}


# ── Tables ────────────────────────────────────────────────────────────────────────────────────
def make_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
    newline: str = "\r\n",
) -> bytes:
    """Return a table as Letterboxd writes it, but for what is asked otherwise."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=newline).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def make_watched(*names: str, **form: str) -> bytes:
    """Return a watched.csv with a film of 1999 for each name, each with a link of its own."""
    rows = [("2021-01-01", name, "1999", f"https://boxd.it/w{number:x}") for number, name in enumerate(names)]
    return make_csv(WATCHED, rows, **form)


def make_diary(*, row: Mapping[str, str] | None = None, **form: str) -> bytes:
    """Return a diary.csv with one genuine row, in which `row` replaces cells by column."""
    return make_csv(DIARY, [_genuine_row(DIARY, row)], **form)


def make_reviews(*, row: Mapping[str, str] | None = None, **form: str) -> bytes:
    """Return a reviews.csv with one genuine row, in which `row` replaces cells by column."""
    return make_csv(REVIEWS, [_genuine_row(REVIEWS, row)], **form)


def _genuine_row(header: Sequence[str], row: Mapping[str, str] | None) -> list[str]:
    genuine = {
        **{"Date": "2022-02-03", "Name": "Alpha", "Year": "1999", "Letterboxd URI": "https://boxd.it/1aaaaa"},
        **{"Rating": "3.5", "Rewatch": "", "Tags": "cinema", "Review": "Fine.", "Watched Date": "2022-02-02"},
        **(row or {}),
    }
    return [genuine[column] for column in header]


def make_member_files(**form: str) -> dict[str, bytes]:
    """Return the five tables of one small member by their path in a ZIP: 3 movies, 3 viewings."""
    return {path: make_csv(header, rows, **form) for path, (header, rows) in MEMBER_FILES_ROWS.items()}


# ── ZIPs ──────────────────────────────────────────────────────────────────────────────────────
def make_zip(entries: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, stored: bool = False) -> bytes:
    """Return a ZIP of the entries under exactly these names, which may repeat."""
    buffer = io.BytesIO()
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.NameToInfo.pop(name, None)
            entry = zipfile.ZipInfo("x", date_time=(2026, 1, 31, 12, 0, 0))
            entry.filename, entry.compress_type = name, archive.compression
            archive.writestr(entry, content)
    return buffer.getvalue()


def make_member_zip(**replaced: bytes) -> bytes:
    """Return the small member's ZIP; `watched=b"…"` puts other bytes in the place of watched.csv."""
    files = make_member_files()
    return make_zip(files | {"likes/films.csv" if k == "likes" else f"{k}.csv": v for k, v in replaced.items()})


def with_flag_bit(content: bytes, bit: int) -> bytes:
    """Set a bit of the general purpose flags of every entry of a ZIP, in both of its headers."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            (flags,) = struct.unpack_from("<H", changed, start + offset)
            struct.pack_into("<H", changed, start + offset, flags | bit)
            start += 4
    return bytes(changed)


# ── Uploads ───────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Answer:
    """What the API answered; `body` is the parsed JSON, None without content."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.body[key]


def make_multipart(files: Iterable[tuple[str, bytes]], fields: Mapping[str, str], boundary: str = "limit") -> bytes:
    """Return a request body that carries names exactly as given."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode() + b"\r\n"
        for name, value in fields.items()
    ]
    for name, content in files:
        disposition = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n'
        kind = "Content-Type: application/octet-stream\r\n\r\n"
        parts.append(f"--{boundary}\r\n{disposition}{kind}".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def upload(
    client: Client, *files: tuple[str, bytes], headers: Mapping[str, str] | None = None, **fields: str
) -> Answer:
    """POST files, given as (name, bytes), to the API."""
    return post(client, make_multipart(files, fields), headers=headers)


def post(
    client: Client,
    body: bytes,
    *,
    content_type: str = "multipart/form-data; boundary=limit",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST a body to the upload, byte by byte as given."""
    return answer_of(client.generic("POST", "/api/upload", body, content_type, headers=dict(headers or {})))


def upload_member(client: Client, **replaced: bytes) -> Answer:
    """Upload the small member's ZIP and return its answer, which must be a success."""
    answer = upload(client, ("letterboxd-somebody.zip", make_member_zip(**replaced)))
    assert answer.status == 201, answer.body
    return answer


def get(client: Client, path: str, *, token: str = "", **headers: str) -> Answer:
    """GET a path with headers given as `if_none_match="…"`, and with a manage token."""
    return answer_of(client.get(path, headers=_headers(token, headers)))


def delete(client: Client, path: str, *, token: str = "") -> Answer:
    return answer_of(client.delete(path, headers=_headers(token, {})))


def movies_of(client: Client, answer: Answer, **query: Any) -> list[dict[str, Any]]:
    """Return the movies of an upload's first page of 500."""
    page = client.get(f"/api/session/{answer['session_id']}/movies", {"per_page": 500} | query)
    assert page.status_code == 200, page.content
    results: list[dict[str, Any]] = page.json()["results"]
    return results


def answer_of(response: Any) -> Answer:
    return Answer(response.status_code, response.json() if response.content else None, response.headers)


def _headers(token: str, headers: Mapping[str, str]) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return bearer | {name.replace("_", "-"): value for name, value in headers.items()}


def check_error(answer: Answer, status: int, code: str = "", *, file: str | None = None) -> None:
    """Check that an answer is an error of the one shape, with this status, code and file."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.body) - {"session_id"} == {"detail", "code", "file", "hint"}
    assert answer["detail"]
    assert answer["code"] == code or (not code and answer["code"])
    assert answer["file"] == file
    assert isinstance(answer["hint"], str)
    assert "Traceback" not in str(answer.body)


def rows_add_up(receipt: Mapping[str, Any]) -> bool:
    """Tell whether rows = used + skipped in every file, and the lists are as long as their counts say."""
    return all(
        file["rows"] == file["used"] + file["counts"]["skipped"]
        and min(file["rows"], file["used"]) >= 0
        and file["counts"][name] == sum(file["counts"][f"{name}_by_reason"].values())
        and len(file[name]) == sum(min(200, count) for count in file["counts"][f"{name}_by_reason"].values())
        for file in receipt["files"]
        for name in ("skipped", "changed")
    )


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────
def make_film_known(title: str, **facts: Any) -> None:
    """Fill in what TMDB knows of a film of the catalogue, as enrichment does."""
    known = {"state": Film.State.MATCHED, "fetched_at": timezone.now()}
    assert Film.objects.filter(title=title).update(**known | facts) == 1


def make_sessions(count: int, *, movies: int = 0, expires_in: timedelta = timedelta(days=30)) -> list[UploadSession]:
    """Write completed upload sessions, each with a receipt and so many movies of one film."""
    now = timezone.now()
    sessions = UploadSession.objects.bulk_create(
        UploadSession(
            created_at=now - timedelta(days=60),
            last_accessed=now - timedelta(days=60),
            expires_at=now + expires_in,
            status=UploadSession.Status.COMPLETED,
            total_movies=movies,
            metadata={"history": [{"status": "completed", "at": now.isoformat()}]},
            manage_token_hash="0" * 64,
        )
        for _ in range(count)
    )
    StoredReceipt.objects.bulk_create(StoredReceipt(session=session, content={"files": []}) for session in sessions)
    if movies:
        film = Film.objects.get_or_create(title_key="alpha", title="Alpha", year=1999)[0]
        Movie.objects.bulk_create(
            make_movie(session, film, position=n + 1) for session in sessions for n in range(movies)
        )
    return sessions


def make_movie(session: UploadSession, film: Film, *, position: int) -> Movie:
    return Movie(
        session=session, film=film, position=position, title=film.title, year=film.year, date_source="none",
        rewatch=False, liked=False, tags=[], viewings=[],
    )  # fmt: skip


def stored_rows() -> dict[str, int]:
    """Return how many rows there are of everything an upload may write."""
    models = (UploadSession, StoredReceipt, Movie, StoredDigest, Film)
    return {model.__name__: model._default_manager.count() for model in models}


NOTHING_STORED = {"UploadSession": 0, "StoredReceipt": 0, "Movie": 0, "StoredDigest": 0, "Film": 0}
