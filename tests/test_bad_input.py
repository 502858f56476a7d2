"""What is no export is refused: 400 with detail, code, file and hint, and nothing is stored."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sessions_app.models import UploadSession
from tests.builders import (
    LIKES,
    NOTHING_STORED,
    REVIEWS,
    WATCHED,
    check_error,
    get,
    make_csv,
    make_diary,
    make_member_files,
    make_member_zip,
    make_multipart,
    make_watched,
    make_zip,
    post,
    stored_rows,
    upload,
    with_flag_bit,
)

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 50
WATCHLIST = make_csv(WATCHED, [("2021-01-01", "Alpha", "1999", "https://boxd.it/aaaa")])
PROFILE = make_csv(
    ("Date Joined", "Username", "Given Name", "Email Address"), [("2020-01-01", "ann", "Ann", "a@b.example")]
)
COMMENTS = make_csv(("Date", "Content", "Comment"), [("2020-01-01", "https://boxd.it/x", "Hello")])
LIST = b"Letterboxd list export v7\r\n" + make_csv(
    ("Date", "Name", "Tags", "URL", "Description"), [("2020-01-01", "Best", "", "https://boxd.it/l", "")]
)
OLD_LIST = b"\r\n" + LIST.partition(b"\r\n")[2]


def make_zip_with(name: str, content: bytes) -> bytes:
    return make_zip({**make_member_files(), name: content})


def make_corrupt_zip(*, at: int) -> bytes:
    """Return the member's ZIP, stored without compression, with one byte of a table changed."""
    content = bytearray(make_zip(make_member_files(), stored=True))
    content[at] ^= 0xFF
    return bytes(content)


def make_wrong_crc_zip() -> bytes:
    content = make_zip(make_member_files())
    crc = struct.pack("<I", zlib.crc32(make_member_files()["watched.csv"]))
    return content.replace(crc, b"\1\2\3\4")


def make_far_zip(offset: int) -> bytes:
    """Return a ZIP whose directory says, in the form of ZIP64, that a file begins at `offset`."""
    content = bytearray(make_zip({"watched.csv": make_watched("Alpha")}))
    entry, extra = content.rfind(b"PK\x01\x02"), struct.pack("<HHQ", 1, 8, offset)
    name_length = struct.unpack_from("<H", content, entry + 28)[0]
    struct.pack_into("<H", content, entry + 30, len(extra))
    struct.pack_into("<I", content, entry + 42, 0xFFFFFFFF)
    content[entry + 46 + name_length : entry + 46 + name_length] = extra
    end = content.rfind(b"PK\x05\x06")
    size = struct.unpack_from("<I", content, end + 12)[0]
    struct.pack_into("<I", content, end + 12, size + len(extra))
    return bytes(content)


def make_compressed_otherwise(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("watched.csv", make_watched("Alpha"))
    return buffer.getvalue()


# ── Loose files ───────────────────────────────────────────────────────────────────────────────
LOOSE: list[tuple[str, bytes, str]] = [
    ("watched.csv", b"", "empty_file"),
    ("photo.png", PNG, "wrong_type"),
    ("watched.csv", PNG, "wrong_type"),
    ("export.pdf", PDF, "wrong_type"),
    ("export.zip", PDF, "wrong_type"),
    ("watched.csv", b"Title;Stars\r\nAlpha;5\r\n", "wrong_type"),
    ("watched.csv", b"\r\n\r\n\n", "wrong_type"),
    ("watched.csv", b"\xef\xbb\xbf", "wrong_type"),
    ("watched.csv", b"\xff\xfe", "wrong_type"),
    ("watched.csv", b"\0" * 5_000, "wrong_type"),
    ("watched.csv", b'"', "wrong_type"),
    ("watched.csv", b"," * 5_000, "wrong_type"),
    ("watched.csv", b"Name\r\nAlpha\r\n", "wrong_type"),
    ("watched.csv", b"Date,Name,Year\r\n2020-01-01,Alpha,1999\r\n", "missing_columns"),
    ("diary.csv", b"Date,Year,Letterboxd URI,Watched Date\r\n", "missing_columns"),
    ("ratings.csv", b"Letterboxd URI,Rating\r\nhttps://boxd.it/a,5\r\n", "missing_columns"),
    ("watchlist.csv", WATCHLIST, "not_letterboxd"),
    ("My-Watchlist (1).csv", WATCHLIST, "not_letterboxd"),
    ("best.csv", LIST, "not_letterboxd"),
    ("diary-of-2022.csv", LIST, "not_letterboxd"),
    ("movies-watched-in-2022.csv", OLD_LIST, "not_letterboxd"),
    ("profile.csv", PROFILE, "not_letterboxd"),
    ("comments.csv", COMMENTS, "not_letterboxd"),
    ("reviews.csv", make_csv(("Date", "Content"), [("2020-01-01", "https://boxd.it/x")]), "not_letterboxd"),
]


@pytest.mark.parametrize(("name", "content", "code"), LOOSE, ids=[f"{n}-{c}-{len(b)}" for n, b, c in LOOSE])
def test_a_loose_file_that_is_no_table_of_an_export_is_refused_and_named(
    api: Client, name: str, content: bytes, code: str
) -> None:
    answer = upload(api, (name, content))
    check_error(answer, 400, code, file=name)
    assert name in answer["detail"]
    assert answer["hint"]
    assert stored_rows() == NOTHING_STORED


def test_a_missing_column_is_named(api: Client) -> None:
    for header, missing in (
        (("Date", "Name", "Year"), "Letterboxd URI"),
        (("Date", "Year", "Letterboxd URI"), "Name"),
    ):
        answer = upload(api, ("watched.csv", make_csv(header, [])))
        assert missing in answer["detail"]


def test_one_table_without_its_columns_refuses_the_whole_upload(api: Client) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha")), ("diary.csv", b"Date,Name,Watched Date\r\n"))
    check_error(answer, 400, "missing_columns", file="diary.csv")
    answer = upload(api, ("a.zip", make_member_zip(diary=b"Date,Name,Watched Date\r\n")))
    check_error(answer, 400, "missing_columns", file="diary.csv")
    assert stored_rows() == NOTHING_STORED


def test_an_empty_file_beside_a_good_one_refuses_the_upload(api: Client) -> None:
    check_error(upload(api, ("watched.csv", make_watched("Alpha")), ("b.csv", b"")), 400, "empty_file", file="b.csv")
    assert stored_rows() == NOTHING_STORED


def test_several_useless_files_are_refused_together(api: Client) -> None:
    answer = upload(api, ("watchlist.csv", WATCHLIST), ("profile.csv", PROFILE), ("photo.png", PNG))
    check_error(answer, 400, "not_letterboxd", file="watchlist.csv")
    assert stored_rows() == NOTHING_STORED


@pytest.mark.parametrize(
    "body",
    [
        make_multipart([], {}),
        make_multipart([], {"display_name": "Ann"}),
        make_multipart([], {"files": "watched.csv"}),
        make_multipart([("watched.csv", make_watched("Alpha"))], {}).replace(b'name="files"', b'name="file"'),
        make_multipart([("", make_watched("Alpha"))], {}),
        make_multipart([("..", make_watched("Alpha"))], {}),
        make_multipart([("a/b/", make_watched("Alpha"))], {}),
    ],
    ids=["nothing", "only a name", "a field", "another field", "a file without a name", "a folder", "a path"],
)
def test_an_upload_without_a_file_is_refused(api: Client, body: bytes) -> None:
    answer = post(api, body)
    check_error(answer, 400, "no_file")
    assert answer["hint"]
    assert stored_rows() == NOTHING_STORED


# ── ZIPs ──────────────────────────────────────────────────────────────────────────────────────
MEMBER_ZIP = make_member_zip()
ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted": (lambda: with_flag_bit(MEMBER_ZIP, 0x1), "encrypted"),
    "strongly encrypted": (lambda: with_flag_bit(MEMBER_ZIP, 0x41), "encrypted"),
    "patched": (lambda: with_flag_bit(MEMBER_ZIP, 0x20), "corrupt_archive"),
    "a ZIP inside": (lambda: make_zip({"letterboxd.zip": MEMBER_ZIP}), "nested_archive"),
    "a ZIP inside, too": (lambda: make_zip_with("copy.ZIP", MEMBER_ZIP), "nested_archive"),
    "a ZIP inside under a table's name": (lambda: make_zip({"watched.csv": MEMBER_ZIP}), "nested_archive"),
    "a RAR inside": (lambda: make_zip_with("old/export.rar", b"Rar!"), "nested_archive"),
    "cut in the middle": (lambda: MEMBER_ZIP[: len(MEMBER_ZIP) // 2], "corrupt_archive"),
    "cut at the end": (lambda: MEMBER_ZIP[:-1], "corrupt_archive"),
    "only its first bytes": (lambda: MEMBER_ZIP[:4], "corrupt_archive"),
    "a changed byte": (lambda: make_corrupt_zip(at=80), "corrupt_archive"),
    "a wrong checksum": (make_wrong_crc_zip, "corrupt_archive"),
    "nothing inside": (lambda: make_zip({}), "not_letterboxd"),
    "no known file": (lambda: make_zip({"notes.txt": b"Hello", "cat.png": PNG}), "not_letterboxd"),
    "only folders": (lambda: make_zip({"likes/": b"", "watched.csv/": b""}), "not_letterboxd"),
    "only what macOS adds": (
        lambda: make_zip({"__MACOSX/watched.csv": WATCHLIST, ".DS_Store": b"x"}),
        "not_letterboxd",
    ),
    "only deleted": (lambda: make_zip({"deleted/diary.csv": make_diary()}), "not_letterboxd"),
    "only Deleted": (lambda: make_zip({"Deleted/watched.csv": WATCHLIST}), "not_letterboxd"),
    "only orphaned": (lambda: make_zip({"orphaned/reviews.csv": make_csv(REVIEWS, [])}), "not_letterboxd"),
    "only lists": (lambda: make_zip({"lists/watched.csv": LIST, "lists/diary.csv": LIST}), "not_letterboxd"),
    "only likes of lists": (lambda: make_zip({"likes/lists.csv": COMMENTS}), "not_letterboxd"),
    "only films.csv": (lambda: make_zip({"films.csv": make_csv(LIKES, [])}), "not_letterboxd"),
    "two folders deep": (lambda: make_zip({"a/b/watched.csv": WATCHLIST}), "not_letterboxd"),
    "only a watchlist": (lambda: make_zip({"watchlist.csv": WATCHLIST, "profile.csv": PROFILE}), "not_letterboxd"),
    "bzip2": (lambda: make_compressed_otherwise(zipfile.ZIP_BZIP2), "corrupt_archive"),
    "lzma": (lambda: make_compressed_otherwise(zipfile.ZIP_LZMA), "corrupt_archive"),
    "a file that begins at 2 to the 62": (lambda: make_far_zip(2**62), "corrupt_archive"),
    "a file that begins at 2 to the 63": (lambda: make_far_zip(2**63), "corrupt_archive"),
    "a file that begins at 2 to the 64": (lambda: make_far_zip(2**64 - 1), "corrupt_archive"),
}


@pytest.mark.parametrize(("make", "code"), ZIPS.values(), ids=ZIPS)
@pytest.mark.parametrize("name", ["letterboxd.zip", "watched.csv"])
def test_a_zip_that_cannot_be_read_is_refused_and_named(
    api: Client, name: str, make: Callable[[], bytes], code: str
) -> None:
    answer = upload(api, (name, make()))
    inner = make_zip({"watched.csv": MEMBER_ZIP})
    check_error(answer, 400, code, file="watched.csv" if make() == inner else name)
    assert answer["hint"]
    assert stored_rows() == NOTHING_STORED


def test_a_bad_zip_beside_good_files_refuses_the_upload(api: Client) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha")), ("a.zip", MEMBER_ZIP[:-1]))
    check_error(answer, 400, "corrupt_archive", file="a.zip")
    assert stored_rows() == NOTHING_STORED


@pytest.mark.parametrize("name", ["watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv"])
def test_a_table_of_a_zip_that_is_no_table_is_refused_and_named(api: Client, name: str) -> None:
    for content in (PNG, b"", b"a,b,c\r\n1,2,3\r\n"):
        answer = upload(api, ("a.zip", make_zip({**make_member_files(), name: content})))
        check_error(answer, 400, "missing_columns", file=name)
        assert answer["hint"]
    assert stored_rows() == NOTHING_STORED


# ── What can only be seen while it is read ────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("rows", "row"),
    [
        (b'2020-01-01,"Alpha,1999,\r\n', 2),
        (b'2020-01-01,"Al"pha,1999,\r\n', 2),
        (b'"\r\n', 2),
        (b'2020-01-01,Alpha,1999,\r\n2020-01-01,Beta,1999,"', 3),
        (b'2020-01-01,Alpha,1999,\r\n2020-01-01,"Beta" ,1999,\r\n2020-01-01,Gamma,1999,\r\n', 3),
        (b'2020-01-01,"Alpha",1999,\r\n2020-01-01,"Beta""",1999,"\r\n2020-01-01,Gamma,1999,\r\n', 3),
    ],
)
@pytest.mark.parametrize("is_zipped", [True, False])
def test_unbalanced_quotes_are_422_and_the_session_is_kept_as_failed_without_movies(
    api: Client, rows: bytes, row: int, *, is_zipped: bool
) -> None:
    content = make_csv(WATCHED, []) + rows
    answer = upload(api, ("a.zip", make_member_zip(watched=content)) if is_zipped else ("member.csv", content))
    check_error(answer, 422, "unbalanced_quotes", file="watched.csv")
    assert f"row {row} " in answer["detail"]
    assert answer["hint"]
    assert stored_rows() == {**NOTHING_STORED, "UploadSession": 1}
    session = UploadSession.objects.get(pk=answer["session_id"])
    assert (session.status, session.error_code, session.error_file) == ("failed", "unbalanced_quotes", "watched.csv")
    status: Any = get(api, f"/api/session/{answer['session_id']}/status")
    assert (status["status"], status["error_message"], status["total_movies"]) == ("failed", answer["detail"], 0)
    assert get(api, f"/api/session/{answer['session_id']}/movies")["results"] == []
