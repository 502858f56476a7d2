"""The pages as a member without JavaScript meets them: from the form to the stats page, errors, sample, privacy."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from movies_app.models import Movie
from sessions_app.models import SAMPLE_ID, StoredReceipt, UploadSession
from tests.builders import (
    DIARY,
    NOTHING_STORED,
    WATCHED,
    make_csv,
    make_member_zip,
    make_sessions,
    make_watched,
    stored_rows,
    upload_member,
)

pytestmark = pytest.mark.django_db


def send(client: Client, *files: tuple[str, bytes], to: str = "/", **fields: Any) -> Any:
    """Post a form with files, as a browser does."""
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(to, {"files": uploads, **fields})


def text_of(response: Any) -> str:
    """Return what a page says, without tags and with single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


# ── Upload ────────────────────────────────────────────────────────────────────────────────────
def test_the_form_leads_to_a_stats_page_that_its_browser_owns(client: Client) -> None:
    response = send(client, ("letterboxd-somebody.zip", make_member_zip()), display_name="Ada")
    upload_session = UploadSession.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/stats/{upload_session.pk}"
    cookie = response.cookies["owner"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == f"/stats/{upload_session.pk}"
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert "Ada" in text_of(page)
    assert "noindex" in page.content.decode()


def test_the_history_tells_how_long_the_import_took(client: Client) -> None:
    send(client, ("a.zip", make_member_zip()))
    first, last = (state["at"] for state in UploadSession.objects.get().metadata["history"])
    assert first < last


def test_the_form_takes_loose_files(client: Client) -> None:
    files = [("watched.csv", make_watched("Alpha", "Beta")), ("diary.csv", make_csv(DIARY, []))]
    assert send(client, *files).status_code == 303
    assert UploadSession.objects.get().total_movies == 2


def test_a_page_opens_in_any_browser_that_has_the_link_and_only_its_owner_manages_it(client: Client) -> None:
    path = send(client, ("a.zip", make_member_zip()))["Location"]
    visitor = Client()
    assert visitor.get(path).status_code == 200
    assert visitor.post(f"{path}/manage", {"action": "delete", "confirm": "on"}).status_code == 403
    assert UploadSession.objects.exists()


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([], 400, "file"),
        ([("picture.png", b"\x89PNG\r\n\x1a\n")], 400, "picture.png"),
        ([("watched.csv", b"Title\r\nAlpha\r\n")], 400, "watched.csv"),
        ([("watchlist.csv", make_csv(WATCHED, []))], 400, "watchlist.csv"),
        ([("watched.csv", make_watched("Alpha") + b'"2020,')], 422, "watched.csv"),
    ],
)
def test_a_refused_export_names_its_file_and_keeps_the_form(
    client: Client, files: list[tuple[str, bytes]], status: int, said: str
) -> None:
    response = send(client, *files, display_name="Ada Lovelace", leave_out_texts="on")
    assert response.status_code == status
    assert said in text_of(response)
    page = response.content.decode()
    assert 'value="Ada Lovelace"' in page
    assert re.search(r'name="leave_out_texts"[^>]*checked', page)
    assert stored_rows()["Movie"] == 0


def test_an_upload_over_the_limit_is_told_so(client: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 1
    response = send(client, ("a.zip", make_member_zip() + b"\0" * 1_100_000))
    assert response.status_code == 400
    assert "1 MB" in text_of(response)
    assert stored_rows() == NOTHING_STORED


def test_too_many_files_and_too_many_uploads_get_a_page(client: Client, settings: Any) -> None:
    response = send(client, *((f"{n}.csv", b"a") for n in range(41)))
    assert response.status_code == 400
    assert "40 files" in text_of(response)
    settings.UPLOADS_PER_HOUR = 1
    send(client, ("a.csv", b"a"))
    response = send(client, ("a.zip", make_member_zip()))
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3_600
    assert "Too many uploads" in text_of(response)


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    response = send(client, ("a.zip", make_member_zip()))
    assert response.status_code == 403
    assert "stale" in text_of(response)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode())
    assert token
    assert send(client, ("a.zip", make_member_zip()), csrfmiddlewaretoken=token[1]).status_code == 303


def test_reviews_and_tags_that_are_left_out_are_nowhere(client: Client) -> None:
    send(client, ("a.zip", make_member_zip()), leave_out_texts="on")
    movies = Movie.objects.all()
    assert movies
    assert all(movie.review is None and movie.tags == [] for movie in movies)
    assert all(viewing["review"] is None and viewing["tags"] == [] for movie in movies for viewing in movie.viewings)
    assert any("left out" in warning for warning in StoredReceipt.objects.get().content["warnings"])


def test_the_api_leaves_them_out_too(api: Client) -> None:
    files = SimpleUploadedFile("a.zip", make_member_zip())
    assert api.post("/api/upload", {"files": files, "leave_out_texts": "true"}).status_code == 201
    assert not Movie.objects.filter(review__isnull=False).exists()


# ── Who comes to be compared ──────────────────────────────────────────────────────────────────
def test_who_was_invited_to_a_comparison_is_led_there(client: Client) -> None:
    friend = upload_member(client)["session_id"]
    form = client.get(f"/compare?with={friend}").content.decode()
    invitation = re.search(r'href="(/\?with=[^"]+)">Upload your', form)
    assert invitation
    page = client.get(html.unescape(invitation[1])).content.decode()
    hidden = re.search(r'name="compare_with" value="([^"]+)"', page)
    assert hidden
    response = send(client, ("a.zip", make_member_zip()), compare_with=hidden[1])
    own = UploadSession.objects.exclude(pk=friend).get().pk
    assert (response.status_code, response["Location"]) == (303, f"/compare/{own}/{friend}")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("invitation", ["", "nonsense", "a" * 5_000])
def test_what_is_no_invitation_leads_to_the_page(client: Client, invitation: str) -> None:
    assert "compare_with" not in client.get("/", {"with": invitation}).content.decode()
    response = send(client, ("a.zip", make_member_zip()), compare_with=invitation)
    assert response["Location"] == f"/stats/{UploadSession.objects.get().pk}"


# ── What others see ───────────────────────────────────────────────────────────────────────────
PAGES: list[Callable[[str], str]] = [
    lambda path: path,
    lambda path: f"{path}/receipt",
    lambda path: f"{path}/manage",
    lambda path: f"/api{path.replace('stats', 'session')}/stats",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_address_of_a_session_is_404_once_it_is_deleted_or_expired(client: Client, address: Any) -> None:
    paths = [f"/stats/{upload_member(client)['session_id']}" for _ in range(2)]
    assert [client.get(address(path)).status_code for path in paths] == [200, 200]
    UploadSession.objects.filter(pk=paths[0][7:]).delete()
    UploadSession.objects.update(expires_at="2020-01-01T00:00:00Z")
    for path in (*paths, f"/stats/{uuid4()}", "/stats/nonsense", paths[0].upper()):
        response = client.get(address(path))
        assert response.status_code == 404
        if not address(path).startswith("/api"):
            assert "nothing here" in text_of(response)


def test_a_failed_session_shows_its_message_and_the_form(client: Client) -> None:
    session_id = send(client, ("watched.csv", make_watched("Alpha") + b'"2020,')) and UploadSession.objects.get().pk
    page = client.get(f"/stats/{session_id}")
    assert page.status_code == 200
    assert "quotation mark" in text_of(page)
    assert 'type="file"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "?year=2021", "?year=1950", "?year=9999", "?year=1", "?year=x", "?page=2", "?page=9999", "?page=0", "?a=b"],
)
def test_a_stats_page_opens_whatever_its_address_asks(client: Client, query: str) -> None:
    session_id = upload_member(client)["session_id"]
    assert client.get(f"/stats/{session_id}{query}").status_code == 200


def test_a_visit_of_a_page_moves_the_expiry_on(client: Client) -> None:
    session_id = upload_member(client)["session_id"]
    UploadSession.objects.update(last_accessed="2026-01-01T00:00:00Z")
    before = UploadSession.objects.get().expires_at
    client.get(f"/stats/{session_id}")
    assert UploadSession.objects.get().expires_at > before


def test_rows_of_the_receipt_are_for_the_owner_alone(client: Client) -> None:
    watched = make_watched("Alpha") + b"2020-01-01,,1999,https://boxd.it/zz\r\n"
    path = send(client, ("watched.csv", watched))["Location"]
    assert "no name" in text_of(client.get(f"{path}/receipt"))
    assert "row 3" in text_of(client.get(f"{path}/receipt")).lower()
    assert "row 3" not in text_of(Client().get(f"{path}/receipt")).lower()


def test_pages_carry_no_script_or_style_inline_and_a_strict_policy(client: Client) -> None:
    path = send(client, ("a.zip", make_member_zip()))["Location"]
    for url in ("/", "/about", path, f"{path}/receipt", f"{path}/manage", "/nothing"):
        response = client.get(url)
        page = response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] == "same-origin"
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\bsrc=)", page)
        assert not re.search(
            r'(src|href)="https?://(?!boxd\.it|letterboxd\.com|www\.themoviedb\.org")',
            page.replace("http://testserver", ""),
        )


def test_hostile_text_is_text_on_every_page(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    files = [("watched.csv", make_watched(evil)), ("diary.csv", make_csv(DIARY, [("2020-01-01", evil, "1999")]))]
    path = send(client, *files, display_name=evil)["Location"]
    for url in (path, f"{path}/receipt", f"{path}/manage"):
        assert evil not in client.get(url).content.decode()


# ── Sample ────────────────────────────────────────────────────────────────────────────────────
def test_the_sample_is_loaded_once_and_led_to(client: Client) -> None:
    assert client.get("/sample").status_code == 404
    call_command("load_sample", verbosity=0)
    call_command("load_sample", verbosity=0)
    assert UploadSession.objects.count() == 1
    page = client.get("/sample", follow=True)
    assert page.redirect_chain == [(f"/stats/{SAMPLE_ID}", 302)]
    assert page.status_code == 200
    assert client.get(f"/stats/{SAMPLE_ID}/receipt").status_code == 200


def test_an_expired_sample_is_loaded_again(client: Client) -> None:
    call_command("load_sample", verbosity=0)
    UploadSession.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert client.get("/sample").status_code == 404
    call_command("load_sample", verbosity=0)
    assert client.get("/sample", follow=True).status_code == 200


def test_the_sample_never_expires_and_is_never_older_than_a_month_after_a_release(client: Client) -> None:
    call_command("load_sample", verbosity=0)
    assert UploadSession.objects.get().expires_at > timezone.now() + timedelta(days=3_650)
    month_ago = timezone.now() - timedelta(days=31)
    UploadSession.objects.update(created_at=month_ago, last_accessed=month_ago)
    assert client.get("/sample", follow=True).status_code == 200
    assert UploadSession.objects.get().expires_at > timezone.now() + timedelta(days=3_650)
    call_command("load_sample", verbosity=0)
    assert UploadSession.objects.get().created_at > month_ago
    assert client.get("/sample", follow=True).status_code == 200


def test_a_stats_page_costs_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    session_id = upload_member(client)["session_id"]
    make_sessions(3, movies=5)
    client.get(f"/stats/{session_id}")
    with django_assert_max_num_queries(4):
        client.get(f"/stats/{session_id}")
