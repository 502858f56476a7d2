"""The API's errors and headers: one shape for all, JSON always, CORS for whom it is, no cookies, nothing leaked."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from movies_app.models import Film, Movie
from sessions_app.models import UploadSession
from tests.builders import (
    Answer,
    answer_of,
    check_error,
    get,
    make_csv,
    make_member_zip,
    make_multipart,
    make_watched,
    post,
    upload,
    upload_member,
)

FRONTEND = "https://front.example"
UNKNOWN = "/api/session/5b0c3a52-2f0e-4f5a-9a39-0d6c4f6f0c11"
NOT_BASE64 = make_multipart([("a.csv", b"!")], {}).replace(b"\n\r\n!", b"\nContent-Transfer-Encoding: base64\r\n\r\n!")
API_DOCUMENT = Path(__file__).parent.parent / "docs" / "api.md"


def upload_from(api: Client, address: str, **headers: str) -> Answer:
    return answer_of(
        api.generic("POST", "/api/upload", b"", "multipart/form-data", REMOTE_ADDR=address, headers=headers)
    )


# ── What Django and REST framework refuse ─────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/upload/", "/api/session", "/api/session/a/b", "/api/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_an_unknown_address_is_404_in_json(api: Client, path: str, method: str) -> None:
    response = api.generic(method, path)
    assert response.status_code == 404
    if method != "HEAD":
        check_error(answer_of(response), 404, "not_found")


@pytest.mark.parametrize("path", ["/x.php", "/%00", "/apix", "/stats", "/stats/", "/favicon.ico"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_unknown_address_outside_the_api_is_a_page(api: Client, path: str, method: str) -> None:
    response = api.generic(method, path)
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/upload", {"POST", "OPTIONS"}),
        ("PUT", "/api/upload", {"POST", "OPTIONS"}),
        ("DELETE", "/api/upload", {"POST", "OPTIONS"}),
        ("POST", UNKNOWN, {"GET", "DELETE", "HEAD", "OPTIONS"}),
        ("PATCH", UNKNOWN, {"GET", "DELETE", "HEAD", "OPTIONS"}),
        ("POST", f"{UNKNOWN}/status", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", f"{UNKNOWN}/movies", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", f"{UNKNOWN}/receipt", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", f"{UNKNOWN}/receipt", {"GET", "HEAD", "OPTIONS"}),
        ("NONSENSE", f"{UNKNOWN}/receipt", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(api: Client, method: str, path: str, allowed: set[str]) -> None:
    answer = answer_of(api.generic(method, path))
    check_error(answer, 405, "method_not_allowed")
    assert set(re.split(", ?", answer.headers["Allow"])) == allowed


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/csv", "gaga"])
def test_an_upload_of_another_type_is_415(api: Client, kind: str) -> None:
    check_error(post(api, b"{}", content_type=kind), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"abc", "multipart/form-data"),
        (b"abc", "multipart/form-data; boundary="),
        (b"abc", "multipart/form-data; boundary=\xe9"),
        (b"abc", "multipart/form-data; boundary=limit; charset=base64"),
        (b"abc", "multipart/form-data; boundary=limit; charset=nonsense"),
        (b"--limit\r\n" * 1_000, "multipart/form-data; boundary=limit"),
        (b"--limit\r\nContent-Disposition: form-data", "multipart/form-data; boundary=limit"),
        (b"--limit\r\n" + b"X: y\r\n" * 50_000 + b"\r\n\r\n--limit--", "multipart/form-data; boundary=limit"),
        (make_multipart([("a.csv", b"abc")], {}).replace(b"files", b"other"), "multipart/form-data; boundary=limit"),
        (
            make_multipart([("a.csv", b"!")], {}).replace(
                b"\r\n\r\n!", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!"
            ),
            "multipart/form-data; boundary=limit",
        ),
        (b"", "multipart/form-data; boundary=limit"),
        (b"", ""),
    ],
)
def test_a_malformed_body_is_400(api: Client, body: bytes, kind: str) -> None:
    check_error(post(api, body, content_type=kind), 400)
    assert not UploadSession.objects.exists()


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "cp1252", "idna", "punycode", "undefined"]
)
def test_no_charset_brings_in_half_a_surrogate_or_an_error_of_ours(api: Client, charset: str) -> None:
    body = make_multipart([("watched.csv", make_watched("Alpha"))], {"display_name": "\\ud800"})
    answer = post(api, body, content_type=f"multipart/form-data; boundary=limit; charset={charset}")
    assert answer.status in {201, 400}, answer
    if answer.status == 201:
        assert get(api, f"/api/session/{answer['session_id']}").status == 200


@pytest.mark.parametrize(
    "name",
    [
        "filename*=foo''w.csv",
        "filename*=unicode_escape''%5Cud800.csv",
        "filename*=utf-8''%ED%A0%80.csv",
        'filename="\\"',
        f'filename="{"x" * 10_000}.csv"',
    ],
    ids=["unknown encoding", "surrogate", "surrogate in utf-8", "backslash", "10,000 characters"],
)
@pytest.mark.parametrize("content", [make_watched("Alpha"), b"nonsense", b""])
def test_a_malformed_file_name_is_never_an_error_of_ours(api: Client, name: str, content: bytes) -> None:
    body = make_multipart([("NAME", content)], {}).replace(b'filename="NAME"', name.encode())
    assert post(api, body).status in {201, 400}


def test_forty_files_are_read_and_more_are_refused(api: Client) -> None:
    files = [(f"watched{n}.csv", make_watched("Alpha")) for n in range(41)]
    assert upload(api, *files[:40])["total_movies"] == 1
    check_error(upload(api, *files), 400, "too_many_files")
    assert UploadSession.objects.count() == 1


def test_too_many_fields_and_too_long_ones_are_refused(api: Client) -> None:
    files = [("watched.csv", make_watched("Alpha"))]
    too_many = range(django_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)
    for fields in ({f"field{n}": "x" for n in too_many}, {"display_name": "x" * 70_000}, {"x" * 70_000: "x"}):
        check_error(post(api, make_multipart(files, fields)), 400)
    assert not UploadSession.objects.exists()


def test_a_host_that_is_not_ours_is_400_in_json(api: Client) -> None:
    for host in ("evil.example", "testserver:nonsense", "a b"):
        check_error(answer_of(api.get(UNKNOWN, headers={"Host": host})), 400, "bad_request")
        check_error(upload(api, ("watched.csv", make_watched("Alpha")), headers={"Host": host}), 400, "bad_request")


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "nonsense", "application/xml;q=0.1"])
def test_who_accepts_no_json_still_gets_an_error_in_json(api: Client, accept: str) -> None:
    for path in (UNKNOWN, "/api/nothing"):
        answer = answer_of(api.get(path, headers={"Accept": accept}))
        check_error(answer, answer.status)
        assert answer.status in {404, 406}


def test_a_browser_may_look_at_an_api_address(api: Client) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}"
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert get(api, path, accept=accept).status == 200


def test_a_head_request_has_the_headers_and_no_body(api: Client) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}/status"
    response = api.head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == get(api, path).headers["ETag"]


def test_every_code_of_an_error_is_documented() -> None:
    sources = [path for app in ("movies_app", "sessions_app") for path in Path(app).glob("*.py")]
    source = "".join(path.read_text() for path in sources if "admin" not in path.name)
    codes = set(re.findall(r'\bcode="(\w+)"', source)) | {"parse_error", "not_acceptable", "throttled"}
    codes -= {"loses_films"}  # the owner's page asks then; the API brings no newer export
    documented = set(re.findall(r"`(\w+)`", API_DOCUMENT.read_text()))
    assert codes - documented == set()


# ── What goes wrong on our side ───────────────────────────────────────────────────────────────
@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Return what the configured handler writes, through its own filters and formatter."""
    (handler,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    lines = io.StringIO()
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


@pytest.fixture
def broken_movies(db: None) -> None:
    """Let the database refuse one movie, as a bug of ours would: its error quotes the whole row."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE movies ADD CONSTRAINT broken CHECK (title <> 'Private Title')")


def test_an_import_that_fails_on_our_side_is_500_and_leaves_only_the_failed_session(
    api: Client, broken_movies: None
) -> None:
    answer = upload(api, ("a.zip", make_member_zip(watched=make_watched("Alpha", "Private Title"))))
    check_error(answer, 500, "import_failed")
    assert "Private" not in str(answer.body)
    assert (Movie.objects.count(), Film.objects.count()) == (0, 0)
    status = get(api, f"/api/session/{answer['session_id']}/status")
    assert (status["status"], status["total_movies"], status["error_message"]) == ("failed", 0, answer["detail"])
    session = get(api, f"/api/session/{answer['session_id']}")
    assert [state["status"] for state in session["history"]] == ["processing", "failed"]
    assert session["statistics"] is None


def test_a_log_line_never_quotes_what_a_member_brought(
    api: Client, broken_movies: None, log_lines: io.StringIO
) -> None:
    answer = upload(api, ("a.zip", make_member_zip(watched=make_watched("Private Title"))))
    assert answer["session_id"][:8] in log_lines.getvalue()
    assert "Traceback" in log_lines.getvalue()
    assert "Private Title" not in log_lines.getvalue()


def test_a_log_line_never_holds_a_whole_session_id(api: Client, log_lines: io.StringIO) -> None:
    answer = upload_member(api)
    path = f"/api/session/{answer['session_id']}"
    for url in (path, f"{path}/status", f"{path}/nothing", f"{path}/movies?page=x", f"{path}?q={answer['session_id']}"):
        get(api, url, token="wrong")
    get(api, f"{path}/receipt", token=answer["manage_token"])
    api.post(path)
    api.get(path, headers={"Host": "evil.example"})
    assert answer["session_id"][:8] in log_lines.getvalue()
    assert answer["session_id"] not in log_lines.getvalue()
    assert answer["manage_token"] not in log_lines.getvalue()


def test_a_fault_that_nobody_expected_is_500_in_json_without_its_details(api: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sessions RENAME TO gone")
    answer = get(api, UNKNOWN)
    check_error(answer, 500, "server_error")
    assert "sessions" not in str(answer.body)


# ── How many uploads ──────────────────────────────────────────────────────────────────────────
def test_too_many_uploads_are_429_and_say_when_to_come_back(api: Client, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 2
    assert [upload(api, ("watched.csv", make_watched("A"))).status for _ in range(3)] == [201, 201, 429]
    refused = upload(api, ("watched.csv", make_watched("A")))
    check_error(refused, 429, "throttled")
    assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
    assert refused["hint"]
    assert get(api, UNKNOWN).status == 404


def test_uploads_are_counted_by_address_and_a_forged_header_changes_nothing(api: Client, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    assert upload_from(api, "192.0.2.1").status == 400
    assert upload_from(api, "192.0.2.1", x_forwarded_for="192.0.2.9").status == 429
    assert upload_from(api, "192.0.2.2").status == 400


def test_behind_a_proxy_of_ours_the_address_is_the_one_it_saw(api: Client, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    settings.REST_FRAMEWORK = {**django_settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for forged in ("", "198.51.100.7, "):
        statuses = [upload_from(api, "10.0.0.1", **{"X-Forwarded-For": f"{forged}192.0.2.{n}"}).status for n in (1, 2)]
        assert statuses == ([429, 429] if forged else [400, 400])


def test_the_uploads_of_many_other_addresses_do_not_make_one_forgotten(api: Client, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    first = [f"192.0.2.{n}" for n in range(20)]
    for address in (*first, *(f"203.0.{n // 250}.{n % 250}" for n in range(600))):
        assert upload_from(api, address).status == 400
    assert [upload_from(api, address).status for address in first] == [429] * 20


def test_no_address_stands_in_the_cache(api: Client, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 5
    upload_from(api, "192.0.2.123")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE c::text LIKE '%192.0.2%') FROM cache AS c")
        assert cursor.fetchone() == (1, 0)


# ── CORS ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def frontend(settings: Any) -> str:
    settings.CORS_ALLOWED_ORIGINS = [FRONTEND]
    return FRONTEND


def cors_of(response: Any) -> dict[str, str]:
    names = {name.title(): value for name, value in response.headers.items()}
    return {name: value for name, value in names.items() if name.startswith("Access-Control")}


@pytest.mark.parametrize("path", ["", "/status", "/movies", "/receipt", "/nothing"])
def test_a_listed_origin_may_read_answers_and_errors(api: Client, frontend: str, path: str) -> None:
    for session in (f"/api/session/{upload_member(api)['session_id']}", UNKNOWN):
        response = api.get(session + path, headers={"Origin": frontend})
        cors = cors_of(response)
        assert cors["Access-Control-Allow-Origin"] == frontend
        assert {"ETag", "Retry-After"} <= set(re.split(", *", cors["Access-Control-Expose-Headers"]))
        assert "Access-Control-Allow-Credentials" not in cors
        assert "origin" in response["Vary"].lower()


def test_a_listed_origin_may_upload(api: Client, frontend: str) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha")), headers={"Origin": frontend})
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == frontend


@pytest.mark.parametrize("origin", ["https://evil.example", "http://front.example", f"{FRONTEND}.evil.example", "null"])
def test_no_other_origin_may_read_anything(api: Client, frontend: str, origin: str) -> None:
    assert cors_of(api.get(UNKNOWN, headers={"Origin": origin})) == {}
    preflight = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}
    assert "Access-Control-Allow-Origin" not in cors_of(api.options(UNKNOWN, headers=preflight))


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/upload"), ("GET", f"{UNKNOWN}/status"), ("DELETE", UNKNOWN)]
)
def test_a_preflight_of_a_listed_origin_is_granted(api: Client, frontend: str, method: str, path: str) -> None:
    headers = {
        "Origin": frontend,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, if-none-match",
    }
    response = api.options(path, headers=headers)
    cors = cors_of(response)
    assert response.status_code == 200
    assert cors["Access-Control-Allow-Origin"] == frontend
    assert method in re.split(", *", cors["Access-Control-Allow-Methods"])
    assert {"authorization", "if-none-match"} <= set(re.split(", *", cors["Access-Control-Allow-Headers"]))


def test_only_the_api_is_shared_with_other_origins(api: Client, frontend: str) -> None:
    for path in ("/healthz", "/readyz", "/nothing"):
        assert cors_of(api.get(path, headers={"Origin": frontend})) == {}


# ── Headers ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["/api/upload", UNKNOWN, f"{UNKNOWN}/status", "/nothing", "/healthz", "/api/schema"])
def test_every_answer_bears_the_headers_of_safety_and_no_cookie(api: Client, path: str) -> None:
    response = api.get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    policy = set(re.split("; *", response["Content-Security-Policy"]))
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= policy
    assert not any("unsafe" in directive or "*" in directive or "http" in directive for directive in policy)
    assert (dict(response.cookies), "Server" in response.headers) == ({}, False)


def test_no_answer_about_a_session_sets_a_cookie_or_may_be_kept_by_a_shared_cache(api: Client) -> None:
    answer = upload_member(api)
    path = f"/api/session/{answer['session_id']}"
    responses = [api.get(f"{path}{rest}") for rest in ("", "/status", "/movies", "/receipt")]
    responses.append(api.get(f"{path}/receipt", headers={"Authorization": f"Bearer {answer['manage_token']}"}))
    responses.append(api.delete(path, headers={"Authorization": f"Bearer {answer['manage_token']}"}))
    assert all(not response.cookies for response in responses)
    assert all("private" in response["Cache-Control"] for response in responses[:-1])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_probes_answer_ok(api: Client, path: str) -> None:
    response = api.get(path)
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_a_receipt_without_rows_is_not_served_to_the_owner_from_a_cache(api: Client) -> None:
    """The same address answers owner and visitor differently, so a cache must tell them apart or ask again."""
    answer = upload_member(api, watched=make_csv(("Date", "Name", "Year", "Letterboxd URI"), [("x", "", "", "")]))
    response = api.get(f"/api/session/{answer['session_id']}/receipt")
    assert "no-cache" in response["Cache-Control"]
