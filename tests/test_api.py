"""The API's upload sessions: upload, session, status, expiry, receipt, deletion, and who may do what."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app import made_up
from movies_app.models import Film, Movie
from sessions_app.api import UploadSessionViewSet
from sessions_app.models import StoredReceipt, UploadSession
from tests.builders import (
    Answer,
    check_error,
    delete,
    get,
    make_csv,
    make_diary,
    make_member_files,
    make_member_zip,
    make_watched,
    movies_of,
    rows_add_up,
    stored_rows,
    upload,
    upload_member,
)

UNKNOWN = "5b0c3a52-2f0e-4f5a-9a39-0d6c4f6f0c11"
STATUS_FIELDS = {
    *("session_id", "status", "total_movies", "enriched_count", "error_message", "created_at", "expires_at"),
}


def age(answer: Answer, **moments: timedelta) -> UploadSession:
    """Move moments of an upload session into the past, given as `last_accessed=timedelta(…)` before now."""
    now = timezone.now()
    session = UploadSession.objects.filter(pk=answer["session_id"])
    session.update(**{name: now - before for name, before in moments.items()})
    return session.get()


def without_ids(movies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in movie.items() if name != "id"} for movie in movies]


# ── Upload ────────────────────────────────────────────────────────────────────────────────────
def test_an_upload_answers_its_session_its_links_its_token_and_its_receipt(api: Client) -> None:
    answer = upload_member(api)
    assert set(answer.body) == {
        *("session_id", "status", "total_movies", "stats_url", "status_url", "manage_token", "receipt"),
    }
    session_id = answer["session_id"]
    assert UUID(session_id).version == 4
    assert (answer["status"], answer["total_movies"]) == ("completed", 3)
    assert answer["stats_url"] == f"http://testserver/stats/{session_id}"
    assert answer["status_url"] == f"http://testserver/api/session/{session_id}/status"
    assert re.fullmatch(r"[\w-]{43,}", answer["manage_token"])
    assert rows_add_up(answer["receipt"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert stored_rows() == {"UploadSession": 1, "StoredReceipt": 1, "Movie": 3, "StoredDigest": 1, "Film": 3}


def test_the_movies_of_an_upload_are_merged_and_in_page_order(api: Client) -> None:
    movies = movies_of(api, upload_member(api))
    assert [(m["title"], m["rating"], m["watched_date"], m["date_source"]) for m in movies] == [
        ("Beta", 2.5, "2023-04-04", "diary"),
        ("Alpha", 4.5, "2023-03-03", "diary"),
        ("Gamma, or Not", None, "2021-01-04", "marked"),
    ]
    assert [len(m["viewings"]) for m in movies] == [1, 2, 0]
    assert movies[1]["review"] == 'Better, the "second" time.\r\nTruly.'
    assert [m["liked"] for m in movies] == [False, False, True]


def test_links_bear_the_public_address_where_there_is_one(api: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://stats.example"
    answer = upload_member(api)
    assert answer["stats_url"].startswith("https://stats.example/stats/")
    assert get(api, answer["status_url"].removeprefix("https://stats.example")).status == 200


def test_loose_files_in_any_order_give_what_their_zip_gives(api: Client) -> None:
    by_zip = movies_of(api, upload_member(api))
    loose = [(path.replace("/", "-"), content) for path, content in make_member_files().items()]
    assert without_ids(movies_of(api, upload(api, *reversed(loose)))) == without_ids(by_zip)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_zip_packed_again_by_a_mac_gives_what_the_genuine_one_gives(api: Client, seed: int) -> None:
    files = made_up.make_export(films=120, seed=seed)
    genuine, again = (
        upload(api, ("letterboxd.zip", made_up.make_zip(files, top_folder=folder))) for folder in (None, "letterboxd-x")
    )
    assert genuine["total_movies"] >= 120
    assert again["receipt"]["files"] == genuine["receipt"]["files"]
    assert without_ids(movies_of(api, again)) == without_ids(movies_of(api, genuine))
    assert rows_add_up(genuine["receipt"])


def test_djangos_own_client_can_upload_too(api: Client) -> None:
    files = [SimpleUploadedFile("watched.csv", make_watched("Alpha")), SimpleUploadedFile("diary.csv", make_diary())]
    response = api.post("/api/upload", {"files": files, "display_name": "Ann"})
    assert (response.status_code, response.json()["total_movies"]) == (201, 1)


def test_two_members_share_films_and_see_only_their_own_movies(api: Client) -> None:
    one, two = upload_member(api), upload_member(api, likes=make_csv(("Date", "Name", "Year", "Letterboxd URI"), []))
    assert Film.objects.count() == 3
    assert [movie["liked"] for movie in movies_of(api, one)] == [False, False, True]
    assert [movie["liked"] for movie in movies_of(api, two)] == [False, False, False]
    assert {m["id"] for m in movies_of(api, one)}.isdisjoint({m["id"] for m in movies_of(api, two)})


def test_only_a_hash_of_the_manage_token_is_kept(api: Client) -> None:
    token = upload_member(api)["manage_token"]
    with connection.cursor() as cursor:
        for table in ("sessions", "receipts", "movies"):
            cursor.execute(f"SELECT count(*) FROM {table} AS r WHERE r::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,)


def test_the_uploaded_files_name_is_kept_nowhere(api: Client) -> None:
    answer = upload(api, ("letterboxd-secret_name.csv", make_watched("Alpha")), ("secret_name", make_diary()))
    with connection.cursor() as cursor:
        for table in ("sessions", "receipts", "movies", "films"):
            cursor.execute(f"SELECT count(*) FROM {table} AS r WHERE r::text LIKE '%secret_name%'")
            assert cursor.fetchone() == (0,)
    assert "secret_name" not in str(answer.body)


@pytest.mark.parametrize(("given", "kept"), [("  Ann ", "Ann"), ("", ""), ("弟" * 80, "弟" * 80), ("<b>", "<b>")])
def test_a_display_name_is_kept_as_text(api: Client, given: str, kept: str) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha")), display_name=given)
    assert get(api, f"/api/session/{answer['session_id']}")["display_name"] == kept


@pytest.mark.parametrize("name", ["x" * 81, "a\0b"])
def test_a_display_name_that_cannot_be_kept_is_refused_and_nothing_stored(api: Client, name: str) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha")), display_name=name)
    check_error(answer, 400, "invalid")
    assert "display_name" in answer["detail"]
    assert set(stored_rows().values()) == {0}


@pytest.mark.django_db
def test_an_upload_needs_no_cookie_and_no_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = upload(strict, ("watched.csv", make_watched("Alpha")))
    assert answer.status == 201
    assert delete(strict, f"/api/session/{answer['session_id']}", token=answer["manage_token"]).status == 204


# ── Session ───────────────────────────────────────────────────────────────────────────────────
def test_a_session_shows_its_figures_and_history_and_no_movies(api: Client) -> None:
    answer = upload_member(api)
    session = get(api, f"/api/session/{answer['session_id']}")
    assert set(session.body) == STATUS_FIELDS | {
        *("display_name", "last_accessed", "history", "statistics", "metadata"),
    }
    assert session["statistics"] == {
        **{"rated": 2, "average_rating": 3.5, "viewings": 3, "rewatches": 1, "reviews": 1, "likes": 1},
        **{"first_viewing": "2022-02-02", "last_viewing": "2023-04-04"},
    }
    assert [state["status"] for state in session["history"]] == ["processing", "completed"]
    assert all(datetime.fromisoformat(state["at"]).tzinfo for state in session["history"])
    assert set(session["metadata"]["files"]) == {"watched", "ratings", "diary", "reviews", "likes"}
    assert "Alpha" not in str(session.body)


@pytest.mark.parametrize("status", ["uploading", "processing"])
def test_a_session_can_be_looked_at_while_its_import_is_under_way(api: Client, status: str) -> None:
    now = timezone.now()
    session, _ = UploadSession.objects.open(now=now, display_name="Ann", metadata={"files": {}, "ignored": {}})
    UploadSession.objects.filter(pk=session.pk).update(status=status)
    path = f"/api/session/{session.pk}"
    answer = get(api, path)
    assert (answer["status"], answer["statistics"], answer["display_name"]) == (status, None, "Ann")
    assert get(api, f"{path}/status")["status"] == status
    assert (get(api, f"{path}/movies")["count"], get(api, f"{path}/receipt").status) == (0, 404)


def test_a_session_lives_thirty_days(api: Client) -> None:
    status = get(api, f"/api/session/{upload_member(api)['session_id']}/status")
    created, expires = (datetime.fromisoformat(status[name]) for name in ("created_at", "expires_at"))
    assert expires - created == timedelta(days=30)


# ── Status ────────────────────────────────────────────────────────────────────────────────────
def test_a_poll_is_one_query_and_writes_nothing(api: Client) -> None:
    answer = upload_member(api)
    before = age(answer, last_accessed=timedelta(days=2))
    with CaptureQueriesContext(connection) as queries:
        status = get(api, f"/api/session/{answer['session_id']}/status")
    assert [query["sql"].split(" ", 1)[0] for query in queries] == ["SELECT"]
    assert set(status.body) == STATUS_FIELDS
    assert (status["status"], status["total_movies"], status["error_message"]) == ("completed", 3, None)
    after = UploadSession.objects.get(pk=before.pk)
    assert (after.last_accessed, after.expires_at) == (before.last_accessed, before.expires_at)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "W/{}, W/{}"])
def test_a_poll_with_the_known_etag_is_304_without_a_body(api: Client, form: str) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}/status"
    etag = get(api, path).headers["ETag"]
    with CaptureQueriesContext(connection) as queries:
        again = get(api, path, if_none_match=form.replace("{}", etag))
    assert (again.status, again.body, len(queries)) == (304, None, 1)
    assert again.headers["ETag"] == etag
    assert "Content-Type" not in again.headers


def test_the_answer_that_nothing_has_changed_has_no_body_before_any_server_cuts_it(api: Client) -> None:
    session_id = upload_member(api)["session_id"]
    etag = get(api, f"/api/session/{session_id}/status").headers["ETag"]
    request = RequestFactory().get("/", headers={"If-None-Match": etag})
    response = UploadSessionViewSet.as_view({"get": "status"})(request, session_id=session_id)
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("known", ['"other"', "nonsense", "", '"'])
def test_a_poll_with_another_etag_is_answered_in_full(api: Client, known: str) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}/status"
    assert get(api, path, if_none_match=known).status == 200


@pytest.mark.parametrize("change", [{"enriched_count": 1}, {"status": "enriching"}, {"error_message": "Oh."}])
def test_a_change_of_the_row_changes_the_etag(api: Client, change: dict[str, Any]) -> None:
    session_id = upload_member(api)["session_id"]
    etag = get(api, f"/api/session/{session_id}/status").headers["ETag"]
    UploadSession.objects.filter(pk=session_id).update(**change)
    changed = get(api, f"/api/session/{session_id}/status", if_none_match=etag)
    assert changed.status == 200
    assert changed.headers["ETag"] != etag


# ── Expiry ────────────────────────────────────────────────────────────────────────────────────
READS = ["", "/movies", "/receipt"]


@pytest.mark.parametrize("path", [*READS, "/status"])
def test_an_expired_session_is_gone_before_it_is_purged(api: Client, path: str) -> None:
    answer = upload_member(api)
    age(answer, expires_at=timedelta(seconds=1))
    token = answer["manage_token"]
    assert get(api, f"/api/session/{answer['session_id']}{path}", token=token).status == 404
    assert delete(api, f"/api/session/{answer['session_id']}", token=token).status == 404
    assert UploadSession.objects.filter(pk=answer["session_id"]).exists()


@pytest.mark.parametrize("path", READS)
def test_a_visit_moves_the_expiry_to_thirty_days_from_now(api: Client, path: str) -> None:
    answer = upload_member(api)
    age(answer, last_accessed=timedelta(minutes=61), expires_at=timedelta(days=-3))
    started = timezone.now()
    get(api, f"/api/session/{answer['session_id']}{path}")
    session = UploadSession.objects.get(pk=answer["session_id"])
    assert started <= session.last_accessed <= timezone.now()
    assert session.expires_at - session.last_accessed == timedelta(days=30)


@pytest.mark.parametrize("path", READS)
def test_a_visit_within_the_hour_writes_nothing(api: Client, path: str) -> None:
    answer = upload_member(api)
    before = age(answer, last_accessed=timedelta(minutes=59), expires_at=timedelta(days=-3))
    with CaptureQueriesContext(connection) as queries:
        get(api, f"/api/session/{answer['session_id']}{path}")
    assert {query["sql"].split(" ", 1)[0] for query in queries} == {"SELECT"}
    after = UploadSession.objects.get(pk=before.pk)
    assert (after.last_accessed, after.expires_at) == (before.last_accessed, before.expires_at)


# ── Receipt ───────────────────────────────────────────────────────────────────────────────────
def test_the_owner_sees_single_rows_and_a_visitor_only_counts(api: Client) -> None:
    answer = upload_member(api, diary=make_diary(row={"Rating": "9", "Name": ""}))
    path = f"/api/session/{answer['session_id']}/receipt"
    owner, visitor = get(api, path, token=answer["manage_token"]), get(api, path)
    assert owner.body == answer["receipt"]
    (diary,) = (file for file in owner["files"] if file["kind"] == "diary")
    assert diary["skipped"] == [{"row": 2, "reason": "no name"}]
    assert diary["changed"] == [{"row": 2, "column": "Rating", "reason": "not a rating between 0.5 and 5"}]
    assert [file["counts"] for file in visitor["files"]] == [file["counts"] for file in owner["files"]]
    assert all(file["skipped"] == file["changed"] == [] for file in visitor["files"])


def test_a_wrong_token_gets_no_receipt_at_all(api: Client) -> None:
    one, two = upload_member(api), upload_member(api)
    answer = get(api, f"/api/session/{one['session_id']}/receipt", token=two["manage_token"])
    check_error(answer, 403, "permission_denied")


def test_a_failed_import_has_no_receipt(api: Client) -> None:
    failed = upload(api, ("watched.csv", make_watched("Alpha") + b'2021-01-01,"Beta'))
    check_error(get(api, f"/api/session/{failed['session_id']}/receipt"), 404, "not_found")


# ── Deletion ──────────────────────────────────────────────────────────────────────────────────
def test_the_owner_deletes_everything_of_the_session_and_films_stay(api: Client) -> None:
    kept, gone = upload_member(api), upload_member(api)
    answer = delete(api, f"/api/session/{gone['session_id']}", token=gone["manage_token"])
    assert (answer.status, answer.body) == (204, None)
    assert not Movie.objects.filter(session_id=gone["session_id"]).exists()
    assert not StoredReceipt.objects.filter(session_id=gone["session_id"]).exists()
    assert stored_rows() == {"UploadSession": 1, "StoredReceipt": 1, "Movie": 3, "StoredDigest": 1, "Film": 3}
    assert len(movies_of(api, kept)) == 3
    for path in ("", "/status", "/movies", "/receipt"):
        assert get(api, f"/api/session/{gone['session_id']}{path}").status == 404
    assert delete(api, f"/api/session/{gone['session_id']}", token=gone["manage_token"]).status == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Token abc"])
def test_a_deletion_without_a_token_is_401(api: Client, header: str) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}"
    response = api.delete(path, headers={"Authorization": header})
    check_error(Answer(response.status_code, response.json(), response.headers), 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert stored_rows()["Movie"] == 3


def test_a_deletion_with_another_sessions_token_is_403(api: Client) -> None:
    one, two = upload_member(api), upload_member(api)
    for token in (two["manage_token"], one["manage_token"][:-1], one["manage_token"] + "x", "é"):
        check_error(delete(api, f"/api/session/{one['session_id']}", token=token), 403, "permission_denied")
    assert stored_rows()["UploadSession"] == 2


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["", "/status", "/movies", "/receipt"])
def test_unknown_expired_and_malformed_ids_answer_alike(api: Client, path: str) -> None:
    expired = upload_member(api)
    age(expired, expires_at=timedelta(seconds=1))
    live = upload_member(api)["session_id"]
    ids = [
        *(UNKNOWN, str(uuid4()), expired["session_id"], live.upper(), live.replace("-", ""), f"{{{live}}}"),
        *(
            f"urn:uuid:{live}",
            f"{live}%20",
            f"%20{live}",
            live[:-1],
            f"{live}0",
            "abc",
            "%00",
            "%FF",
            "..",
            "x" * 5_000,
        ),
        *("٣" * 32, "1" * 36, "null", f"{live}%0A"),
    ]
    answers = [get(api, f"/api/session/{session_id}{path}") for session_id in ids]
    assert {answer.status for answer in answers} == {404}
    assert all(answer.body == answers[0].body for answer in answers)
    check_error(answers[0], 404, "not_found")


@pytest.mark.parametrize("token", ["", "abc"])
def test_a_deletion_of_what_is_not_there_is_404_with_and_without_a_token(api: Client, token: str) -> None:
    for session_id in (UNKNOWN, "abc", "%00"):
        check_error(delete(api, f"/api/session/{session_id}", token=token), 404, "not_found")


def test_a_members_zip_may_be_sent_again_and_is_another_session(api: Client) -> None:
    content = make_member_zip()
    one, two = (upload(api, ("a.zip", content)) for _ in range(2))
    assert one["session_id"] != two["session_id"]
    assert one["manage_token"] != two["manage_token"]
