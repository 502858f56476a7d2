"""Whatever happens to the bytes of an export, the upload is read or refused and never an error of ours."""

import random
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app.models import UploadSession
from tests.builders import make_member_files, make_multipart, make_zip, post, rows_add_up, stored_rows, upload

SMALL_ZIP = make_zip(make_member_files())
STORED_ZIP = make_zip(make_member_files(), stored=True)
TABLES = make_member_files()
# Bytes that mean something to a reader of ZIPs, CSV, JSON or COPY.
TOKENS = [
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"\0", b"\xff", b"\xff" * 4, b"\xff\xfe", b"\xc3"),
    *(b'"', b'""', b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\\.", b"\\N", b"{", b"}"),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xf0\x9f\x8e\xac", b"9999-12-31", b"1e400", b"-1", b"nan"),
    *(b"x" * 600, b"Date,Name,Year,Letterboxd URI\r\n"),
]  # fmt: skip

fuzzed = settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a content with up to six places changed: flipped, cut, doubled, exchanged, or with a token put in."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(changed) - 1)))
        end = min(len(changed), start + draw(st.integers(1, 40)))
        kind = draw(st.sampled_from(["flip", "cut", "double", "token", "overwrite", "truncate"]))
        if kind == "flip" and changed:
            changed[start] ^= draw(st.integers(1, 255))
        elif kind == "cut":
            del changed[start:end]
        elif kind == "double":
            changed[start:start] = changed[start:end]
        elif kind == "token":
            changed[start:start] = draw(st.sampled_from(TOKENS))
        elif kind == "overwrite":
            token = draw(st.sampled_from(TOKENS))
            changed[start : start + len(token)] = token
        elif draw(st.booleans()):
            del changed[start:]
    return bytes(changed)


def check_outcome(answer: Any, before: dict[str, int]) -> None:
    """Check that an upload was read with a receipt that adds up, or refused leaving nothing behind."""
    assert answer.status in {201, 400, 422}, answer.body
    if answer.status == 201:
        assert rows_add_up(answer["receipt"])
        return
    assert set(answer.body) - {"session_id"} == {"detail", "code", "file", "hint"}
    opened = 1 if answer.status == 422 else 0
    assert stored_rows() == before | {"UploadSession": before["UploadSession"] + opened}


@pytest.mark.parametrize("content", [SMALL_ZIP, STORED_ZIP], ids=["deflated", "stored"])
def test_a_zip_with_changed_bytes_is_read_or_refused(api: Client, content: bytes) -> None:
    @fuzzed
    @given(changed=mutations(content))
    def check(changed: bytes) -> None:
        before = stored_rows()
        check_outcome(upload(api, ("a.zip", changed)), before)

    check()


@pytest.mark.parametrize("path", TABLES)
def test_a_table_with_changed_bytes_is_read_or_refused(api: Client, path: str) -> None:
    @fuzzed
    @given(changed=mutations(TABLES[path]))
    def check(changed: bytes) -> None:
        before = stored_rows()
        check_outcome(upload(api, ("a.zip", make_zip({**TABLES, path: changed}))), before)

    check()


def test_a_loose_table_with_changed_bytes_is_read_or_refused(api: Client) -> None:
    @fuzzed
    @given(data=st.data(), path=st.sampled_from(list(TABLES)))
    def check(data: st.DataObject, path: str) -> None:
        before = stored_rows()
        check_outcome(upload(api, (path.replace("/", "-"), data.draw(mutations(TABLES[path])))), before)

    check()


def test_random_bytes_are_refused(api: Client) -> None:
    @fuzzed
    @given(content=st.binary(max_size=2_000), mark=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"Date,Name,"]))
    def check(content: bytes, mark: bytes) -> None:
        check_outcome(upload(api, ("a", mark + content)), stored_rows())

    check()


def test_a_body_with_changed_bytes_is_read_or_refused(api: Client) -> None:
    body = make_multipart([("a.zip", SMALL_ZIP), ("diary.csv", TABLES["diary.csv"])], {"display_name": "Ann"})

    @fuzzed
    @given(changed=mutations(body[:300]))
    def check(changed: bytes) -> None:
        assert post(api, changed + body[300:]).status in {201, 400, 422}

    check()


def test_every_single_byte_of_a_zips_directory_may_be_wrong(api: Client) -> None:
    """The directory and the headers decide what is read: each of their bytes takes three other values."""
    chance = random.Random(1)
    content = make_zip({"watched.csv": TABLES["watched.csv"]})
    directory = range(content.index(b"PK\x01\x02"), len(content))
    for place in [*range(30), *directory]:
        for value in (0, 0xFF, chance.randrange(256)):
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            assert upload(api, ("a.zip", changed)).status in {201, 400}, (place, value)
    assert not UploadSession.objects.filter(status="failed").exists()
