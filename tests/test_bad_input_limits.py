"""What is too much is refused before it costs much: bytes, files, entries, unpacked bytes, columns, rows."""

import json
import os
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.builders import (
    DIARY,
    LIKES,
    NOTHING_STORED,
    RATINGS,
    REVIEWS,
    WATCHED,
    check_error,
    make_csv,
    make_member_files,
    make_member_zip,
    make_multipart,
    make_watched,
    make_zip,
    post,
    stored_rows,
    upload,
)

MB = 1024 * 1024
HEADER = make_csv(WATCHED, [])
# What one small upload may cost, in a process of its own: far above any genuine one (13,500 rows take a second).
MAX_SECONDS = 20
MAX_GROWTH_MB = 1_500
PROCESS_LIMIT_MB = 6_000

# Reads an export as the upload does, up to the bytes for the database, and says what came of it and what it cost.
READ_EXPORT = r"""
import json, re, sys, time
from pathlib import Path
import django
django.setup()
from datetime import date
from uuid import UUID
import polars as pl
from movies_app import importing, storage
from movies_app.archive import BroughtFile
from movies_app.errors import ExportError
content = sys.stdin.buffer.read()
def peak():  # of this process alone: getrusage would also count the one that started it
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before, started = peak(), time.monotonic()
try:
    export = importing.open_export([BroughtFile("export.zip", content)])
    movies = importing.read_export(export, today=date(2026, 1, 1)).movies
    rows = storage.movie_rows(movies.with_columns(film_id=pl.lit(1, dtype=pl.Int64)), session_id=UUID(int=1))
    outcome = f"{movies.height} movies, {len(storage.as_csv(rows))} bytes"
except ExportError as error:
    outcome = error.code
print(json.dumps({"outcome": outcome, "megabytes": peak() - before, "seconds": time.monotonic() - started}))
"""


def cost_of(content: bytes) -> dict[str, Any]:
    """Read an export in a process of its own, which may have `PROCESS_LIMIT_MB`, and return what it cost."""
    limit = PROCESS_LIMIT_MB * MB
    done = subprocess.run(
        [sys.executable, "-c", READ_EXPORT],
        input=content,
        capture_output=True,
        timeout=3 * MAX_SECONDS,
        env={**os.environ, "POLARS_MAX_THREADS": "2", "DJANGO_SETTINGS_MODULE": "letterboxd_site.settings"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    cost: dict[str, Any] = json.loads(done.stdout)
    return cost


# ── Bytes ─────────────────────────────────────────────────────────────────────────────────────
def test_an_upload_over_the_limit_is_refused(api: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 1
    padding = "x" * 1_000
    files = [(f"watched{n}.csv", make_watched(*(f"{padding}{i}" for i in range(400)))) for n in range(3)]
    assert upload(api, *files[:2]).status == 201
    check_error(upload(api, *files), 400, "too_large")
    check_error(upload(api, ("a.zip", make_zip(make_member_files()) + b"\0" * MB)), 400, "too_large")
    assert stored_rows()["UploadSession"] == 1


def test_an_upload_of_exactly_the_limit_is_read(api: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 1
    content = make_watched("Alpha") + b"2021-01-01,"
    content += b"x" * (MB - len(content))
    assert upload(api, ("watched.csv", content))["total_movies"] == 1
    check_error(upload(api, ("watched.csv", content + b"x")), 400, "too_large")


def test_fifty_one_megabytes_are_refused_and_nothing_is_stored(api: Client) -> None:
    answer = upload(api, ("watched.csv", HEADER + b"2020-01-01,Alpha,1999,\r\n" * (51 * MB // 24)))
    check_error(answer, 400, "too_large")
    assert "50 MB" in answer["detail"]
    assert answer["hint"]
    assert stored_rows() == NOTHING_STORED


@pytest.mark.parametrize("times", [2, 5])
def test_a_file_far_over_the_limit_is_refused_whatever_came_before_it(api: Client, settings: Any, times: int) -> None:
    settings.MAX_UPLOAD_MB = 1
    files = [("watched.csv", make_watched("Alpha")), ("more.csv", b"\n" * times * MB), ("b.csv", make_watched("B"))]
    check_error(upload(api, *files), 400, "too_large")
    assert stored_rows() == NOTHING_STORED


def test_a_body_shorter_than_it_says_is_refused_or_read_and_never_an_error_of_ours(api: Client) -> None:
    body = make_multipart([("a.zip", make_member_zip())], {})
    for end in (1, 10, len(body) // 2, len(body) - 5):
        assert post(api, body[:end]).status == 400
    assert stored_rows() == NOTHING_STORED


# ── ZIPs that unpack to more than they look ───────────────────────────────────────────────────
def test_a_zip_that_unpacks_to_more_than_two_hundred_megabytes_is_refused(api: Client) -> None:
    bomb = make_member_zip(watched=b"\0" * (201 * MB))
    assert len(bomb) < MB
    check_error(upload(api, ("bomb.zip", bomb)), 400, "unpacked_too_large", file="watched.csv")
    assert stored_rows() == NOTHING_STORED


def test_a_zip_that_lies_about_its_size_is_refused_all_the_same(api: Client) -> None:
    content = bytearray(make_member_zip(watched=HEADER + b"\n" * (201 * MB)))
    entry = content.find(b"PK\x01\x02")
    assert struct.unpack_from("<I", content, entry + 24)[0] > 200 * MB
    struct.pack_into("<I", content, entry + 24, 100)
    answer = upload(api, ("bomb.zip", bytes(content)))
    check_error(answer, 400, file=answer["file"])
    assert stored_rows() == NOTHING_STORED


def test_several_zips_share_one_limit(api: Client) -> None:
    half = make_zip({"watched.csv": HEADER + b"," * (101 * MB)})
    check_error(upload(api, ("a.zip", half), ("b.zip", half)), 400, "unpacked_too_large", file="watched.csv")
    assert stored_rows() == NOTHING_STORED


def test_what_is_not_read_is_not_unpacked(api: Client) -> None:
    files = {**make_member_files(), "deleted/diary.csv": b"\0" * (120 * MB), "lists/a.csv": b"\0" * (120 * MB)}
    assert upload(api, ("a.zip", make_zip(files)))["total_movies"] == 3


@pytest.mark.parametrize(("entries", "status"), [(1_990, 201), (2_001, 400), (100_000, 400)])
def test_a_zip_of_very_many_entries_is_refused(api: Client, entries: int, status: int) -> None:
    names = (f"lists/{number}.csv" for number in range(entries - 5))
    answer = upload(api, ("a.zip", make_zip([*make_member_files().items(), *((name, b"") for name in names)])))
    assert answer.status == status
    if status == 400:
        check_error(answer, 400, "too_many_entries", file="a.zip")
        assert stored_rows() == NOTHING_STORED


def test_entries_that_share_their_bytes_count_each_time_they_are_unpacked(api: Client) -> None:
    """A bomb without compression ratio: many directory entries point at the same packed bytes."""
    table = HEADER + b"\n" * (9 * MB)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, crc = packer.compress(table) + packer.flush(), zlib.crc32(table)
    sizes = struct.pack("<IIIHH", crc, len(packed), len(table), len("watched.csv"), 0)
    body = (
        b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 0x5A21) + sizes + b"watched.csv" + packed
    )
    entry = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, zipfile.ZIP_DEFLATED, 0, 0x5A21) + sizes
    entry += struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"watched.csv"
    directory = entry * 30
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 30, 30, len(directory), len(body), 0)
    answer = upload(api, ("a.zip", body + directory + end))
    # Some releases of Python's zipfile already refuse entries that overlap.
    assert answer["file"] in {"a.zip", "watched.csv"}
    check_error(answer, 400, file=answer["file"])
    assert stored_rows() == NOTHING_STORED


# ── Small uploads that are dear to read ───────────────────────────────────────────────────────
def make_wide_header(columns: int) -> bytes:
    return b"Name,Letterboxd URI" + b"," * (columns - 2) + b"\r\n"


def make_review(number: int, text: str = "\x01" * 49_000) -> tuple[str, ...]:
    return ("2020-01-01", "a", "1999", f"https://boxd.it/{number:x}", "", "", text, "", "2020-01-01")


def make_film(number: int) -> tuple[str, ...]:
    return ("2020-01-01", f"Film {number}", "1999", f"https://boxd.it/{number:x}")


def make_twin(number: int) -> tuple[str, ...]:
    return ("2020-01-01", "a", "1999", f"https://boxd.it/{number:x}")


def make_viewing(number: int) -> tuple[str, ...]:
    return ("2020-01-01", "a", "1999", f"https://boxd.it/1{number:x}", "5", "", "t", "2020-01-02")


DIARY_HEADER = make_csv(DIARY, [])
DEAR: dict[str, Callable[[], dict[str, bytes]]] = {
    "20,000 columns over short rows": lambda: {"watched.csv": make_wide_header(20_000) + b"a\r\n" * 4_000},
    "20,000 columns": lambda: {"watched.csv": make_wide_header(20_000) + (b"a" + b"," * 19_999 + b"\r\n") * 4_000},
    "line ends": lambda: {"watched.csv": HEADER + b"\n" * (50 * MB)},
    "empty rows": lambda: {"watched.csv": HEADER + b",,,\r\n" * (8 * MB)},
    "short rows": lambda: {"watched.csv": HEADER + b"a\n" * (10 * MB)},
    "one cell": lambda: {"watched.csv": HEADER + b'2020-01-01,"' + b"a" * (49 * MB) + b'",1999,\r\n'},
    "one cell of quotes": lambda: {"watched.csv": HEADER + b'2020-01-01,"' + b'"' * (49 * MB) + b'",1999,\r\n'},
    "one cell of NULs": lambda: {"watched.csv": HEADER + b"2020-01-01," + b"\0" * (40 * MB) + b"a,1999,\r\n"},
    "tags": lambda: {"diary.csv": DIARY_HEADER + b'2020-01-01,a,1999,,,,"' + b"a," * (24 * MB) + b'",\r\n'},
    "films": lambda: {"watched.csv": make_csv(WATCHED, map(make_film, range(400_000)))},
    "viewings of one film": lambda: {"diary.csv": make_csv(DIARY, map(make_viewing, range(400_000)))},
    "reviews of one film": lambda: {"reviews.csv": make_csv(REVIEWS, map(make_review, range(400)))},
    "films, and viewings of one": lambda: {
        "watched.csv": make_csv(WATCHED, map(make_film, range(20_000))),
        "diary.csv": make_csv(DIARY, map(make_viewing, range(20_000))),
    },
    "twins, and viewings of them": lambda: {
        "watched.csv": make_csv(WATCHED, map(make_twin, range(20_000))),
        "ratings.csv": make_csv(RATINGS, ((*make_twin(n), "4") for n in range(20_000))),
        "diary.csv": make_csv(DIARY, map(make_viewing, range(20_000))),
        "likes/films.csv": make_csv(LIKES, map(make_twin, range(20_000))),
    },
}


@pytest.mark.parametrize("make", DEAR.values(), ids=DEAR)
def test_a_small_upload_costs_little_whatever_it_unpacks_to(make: Callable[[], dict[str, bytes]]) -> None:
    cost = cost_of(make_zip(make()))
    assert cost["megabytes"] <= MAX_GROWTH_MB, cost
    assert cost["seconds"] <= MAX_SECONDS, cost


@pytest.mark.parametrize(("text", "status"), [("\x01", 400), ('"', 201), ("\\", 201), ("🎬", 201), ("a\n", 400)])
def test_a_page_of_movies_stays_of_a_size_that_a_server_can_send(api: Client, text: str, status: int) -> None:
    """A review stands twice in a movie, and JSON takes two bytes for some characters, six for control characters."""
    review = text * (60_000 // len(text.replace('"', '""').encode()))
    rows = (("2020-01-01", f"Film {n}", *make_review(n, review)[2:]) for n in range(300))
    answer = upload(api, ("a.zip", make_zip({"reviews.csv": make_csv(REVIEWS, rows)})))
    if status == 400:
        check_error(answer, 400, "too_many_rows", file="reviews.csv")
    else:
        assert answer.status == 201
        page = api.get(f"/api/session/{answer['session_id']}/movies", {"per_page": 500})
        assert 2 * 300 * 15_000 < len(page.content) <= 100 * MB


def test_a_small_archive_of_control_characters_is_refused_whatever_column_they_are_in(api: Client) -> None:
    tag = "a" + "\x01" * 9_990 + "b"
    rows = (("2020-01-01", f"Film {n}", "2000", f"https://boxd.it/{n}", "", "", tag, "2020-01-01") for n in range(900))
    answer = upload(api, ("a.zip", make_zip({"diary.csv": make_csv(DIARY, rows)})))
    check_error(answer, 400, "too_many_rows", file="diary.csv")


def test_more_reviews_than_anybody_wrote_are_refused(api: Client) -> None:
    answers = [
        upload(api, ("reviews.csv", make_csv(REVIEWS, [make_review(n, "a" * 50_000) for n in range(count)])))
        for count in (390, 430)
    ]
    assert answers[0].status == 201
    check_error(answers[1], 400, "too_many_rows", file="reviews.csv")
