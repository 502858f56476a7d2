"""The owner's page: who is the owner, rename, a newer export behind the same link, deletion."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from movies_app import importing
from movies_app.models import Film, Movie
from sessions_app.models import UploadSession
from tests.builders import NOTHING_STORED, RATINGS, make_csv, make_member_zip, make_watched, stored_rows
from tests.test_pages import send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(client: Client) -> str:
    """Upload by the form; return the path of the owner's page."""
    return f"{send(client, ('a.zip', make_member_zip()), display_name='Ada')['Location']}/manage"


def token_on(page: Any) -> str:
    found = re.search(r"\b[\w-]{43}\b", text_of(page)) or re.search(r'value="([\w-]{43})"', page.content.decode())
    return found[found.lastindex or 0] if found else ""


# ── Who is the owner ──────────────────────────────────────────────────────────────────────────
def new_key(client: Client, path: str) -> str:
    return token_on(client.post(path, {"action": "new_key"}))


def test_a_recovery_key_is_shown_once_and_opens_the_page_elsewhere(client: Client, path: str) -> None:
    assert token_on(client.get(path)) == ""
    token = new_key(client, path)
    assert UploadSession.objects.get().is_managed_by(token)
    assert token_on(client.get(path)) == ""
    other = Client()
    assert other.post(path, {"action": "rename", "display_name": "Eve"}).status_code == 403
    assert other.post(path, {"action": "new_key"}).status_code == 403
    assert other.post(path, {"action": "claim", "token": "wrong"}).status_code == 403
    assert other.post(path, {"action": "claim", "token": f" {token} "}).status_code == 303
    assert other.post(path, {"action": "rename", "display_name": "Ada L."}).status_code == 303
    assert UploadSession.objects.get().display_name == "Ada L."


def test_a_new_key_ends_the_one_before(client: Client, path: str) -> None:
    first, second = new_key(client, path), new_key(client, path)
    assert first != second
    assert Client().post(path, {"action": "claim", "token": first}).status_code == 403
    assert Client().post(path, {"action": "claim", "token": second}).status_code == 303


def test_the_key_is_in_no_address_no_cookie_and_not_in_the_database(client: Client, path: str) -> None:
    token = new_key(client, path)
    response = client.post(path, {"action": "claim", "token": token})
    assert token not in response["Location"]
    assert token not in str(UploadSession.objects.values().get())
    assert token not in str(client.cookies)


def test_the_cookie_of_one_session_opens_no_other(client: Client, path: str) -> None:
    owner = client.cookies["owner"].value
    other = Client()
    other_path = f"{send(other, ('a.zip', make_member_zip()))['Location']}/manage"
    other.cookies["owner"] = owner
    assert other.post(other_path, {"action": "delete", "confirm": "on"}).status_code == 403
    assert UploadSession.objects.count() == 2


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "\u00e9"])
def test_a_forged_cookie_is_no_owner(path: str, value: str) -> None:
    client = Client()
    client.cookies["owner"] = value
    assert client.post(path, {"action": "rename", "display_name": "Eve"}).status_code == 403


@pytest.mark.parametrize("page", ["", "/manage"])
def test_the_browser_of_the_owner_is_known_until_30_days_after_its_last_visit(
    client: Client, path: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days_later = 20 * 86_400
    # The session itself lives: what ends is the cookie.
    UploadSession.objects.update(expires_at=timezone.now() + timedelta(days=900))
    start = time.time()
    for visit in (1, 2, 3):
        monkeypatch.setattr(time, "time", lambda visit=visit: start + visit * days_later)
        response = client.get(path.removesuffix("/manage") + page)
        assert "Only you see this" in text_of(response) or "Rename it" in text_of(response)
    monkeypatch.setattr(time, "time", lambda: start + 5 * days_later)
    assert client.post(path, {"action": "rename", "display_name": "Ada L."}).status_code == 403


def test_a_newer_export_too_many_is_told_when_to_come_back(client: Client, path: str, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    newer = make_member_zip()
    answers = [client.post(path, {"action": "replace", "files": SimpleUploadedFile("a.zip", newer)}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 429]
    assert 0 < int(answers[1]["Retry-After"]) <= 3_600
    assert "Try again in 60 minutes" in text_of(answers[1])


@pytest.mark.parametrize("action", ["", "nonsense", "__class__"])
def test_an_unknown_action_does_nothing(client: Client, path: str, action: str) -> None:
    assert client.post(path, {"action": action}).status_code == 403


# ── Rename ────────────────────────────────────────────────────────────────────────────────────
def test_a_name_may_be_taken_away_and_may_not_be_too_long(client: Client, path: str) -> None:
    assert client.post(path, {"action": "rename", "display_name": "x" * 81}).status_code == 400
    assert UploadSession.objects.get().display_name == "Ada"
    assert client.post(path, {"action": "rename", "display_name": ""}).status_code == 303
    assert UploadSession.objects.get().display_name == ""


# ── A newer export that lacks films ───────────────────────────────────────────────────────────
def replace(client: Client, path: str, *names: str, **fields: str) -> Any:
    newer = SimpleUploadedFile("watched.csv", make_watched(*names))
    return client.post(path, {"action": "replace", "files": newer, **fields})


@pytest.mark.parametrize("names", [[], ["Alpha"], ["Other", "Films", "Of", "Somebody", "Else"]])
def test_a_newer_export_that_lacks_many_films_is_asked_about_first(client: Client, names: list[str]) -> None:
    films = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
    path = f"{send(client, ('watched.csv', make_watched(*films)))['Location']}/manage"
    before = stored_rows()
    asked = replace(client, path, *names)
    assert asked.status_code == 409
    gone = 5 - len(set(names) & set(films))
    assert f"With this export {gone} of your 5 films would go." in text_of(asked)
    assert 'name="may_lose_films"' in asked.content.decode()
    assert stored_rows() == before
    assert replace(client, path, *names, may_lose_films="on").status_code == 303
    assert Movie.objects.count() == len(names)


def test_a_film_that_was_unmarked_goes_without_a_question(client: Client) -> None:
    films = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
    path = f"{send(client, ('watched.csv', make_watched(*films)))['Location']}/manage"
    assert 'name="may_lose_films"' not in client.get(path).content.decode()
    assert replace(client, path, *films[:4]).status_code == 303
    assert Movie.objects.count() == 4


# ── A newer export ────────────────────────────────────────────────────────────────────────────
def test_a_newer_export_takes_the_place_of_the_old_and_says_what_changed(client: Client) -> None:
    ratings = make_csv(RATINGS, [("2020-01-01", "Alpha", "1999", "https://boxd.it/w0", "3")])
    path = send(client, ("watched.csv", make_watched("Alpha", "Beta")), ("ratings.csv", ratings))["Location"]
    films = Film.objects.count()
    response = send(
        client,
        ("watched.csv", make_watched("Alpha", "Gamma", "Delta")),
        ("ratings.csv", ratings.replace(b",3\r\n", b",4\r\n")),
        to=f"{path}/manage",
        action="replace",
        may_lose_films="on",
    )
    assert response.status_code == 303
    session_id = path.removeprefix("/stats/")
    results = client.get(f"/api/session/{session_id}/movies").json()["results"]
    assert {movie["title"] for movie in results} == {"Alpha", "Gamma", "Delta"}
    upload_session = UploadSession.objects.get()
    since = upload_session.metadata["since"]
    assert (since["new_films"], since["removed_films"], since["changed_ratings"]) == (2, 1, 1)
    assert upload_session.total_movies == Movie.objects.count() == 3
    assert Film.objects.count() == films + 2
    assert client.get(f"{path}/manage").status_code == 200
    assert "Gamma" in text_of(client.get(path))
    assert "Beta" not in text_of(client.get(path))


@pytest.mark.parametrize("content", [b"nonsense", make_watched("Alpha") + b'"2020,'])
def test_an_export_that_cannot_be_read_changes_nothing(client: Client, path: str, content: bytes) -> None:
    before, state = stored_rows(), UploadSession.objects.values().get()
    response = send(client, ("watched.csv", content), to=path, action="replace")
    assert response.status_code == 400
    assert "watched.csv" in text_of(response)
    assert stored_rows() == before
    assert UploadSession.objects.values().get() == state


def test_an_export_for_a_session_that_is_gone_meanwhile_is_404(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = importing.read_export

    def read_while_it_is_deleted(*args: Any, **kwargs: Any) -> importing.Imported:
        UploadSession.objects.all().delete()
        return read(*args, **kwargs)

    monkeypatch.setattr(importing, "read_export", read_while_it_is_deleted)
    assert send(client, ("a.zip", make_member_zip()), to=path, action="replace").status_code == 404
    assert stored_rows()["Movie"] == 0


# ── Deletion ──────────────────────────────────────────────────────────────────────────────────
def test_deleting_needs_the_ticked_box_and_leaves_nothing(client: Client, path: str) -> None:
    assert client.post(path, {"action": "delete"}).status_code == 400
    assert UploadSession.objects.exists()
    films = Film.objects.count()
    response = client.post(path, {"action": "delete", "confirm": "on"})
    assert response.status_code == 200
    assert "gone" in text_of(response)
    assert response.cookies["owner"].value == ""
    assert stored_rows() == NOTHING_STORED | {"Film": films}
    assert client.get(path).status_code == 404


# ── Reviews and tags that were left out ───────────────────────────────────────────────────────
def test_who_left_reviews_and_tags_out_leaves_them_out_of_a_newer_export_too(client: Client) -> None:
    send(client, ("a.zip", make_member_zip()), leave_out_texts="on")
    path = f"/stats/{UploadSession.objects.get().pk}/manage"
    page = client.get(path).content.decode()
    assert re.search(r'name="leave_out_texts" checked', page)
    send(client, ("a.zip", make_member_zip()), to=path, action="replace", leave_out_texts="on")
    assert re.search(r'name="leave_out_texts" checked', client.get(path).content.decode())
    assert not Movie.objects.exclude(tags=[]).exists()
    send(client, ("a.zip", make_member_zip()), to=path, action="replace")
    assert not re.search(r'name="leave_out_texts" checked', client.get(path).content.decode())
    assert Movie.objects.exclude(tags=[]).exists()


def test_a_newer_export_that_is_refused_keeps_the_choice(client: Client) -> None:
    send(client, ("a.zip", make_member_zip()))
    path = f"/stats/{UploadSession.objects.get().pk}/manage"
    page = send(client, ("a.png", b"no export"), to=path, action="replace", leave_out_texts="on")
    assert page.status_code == 400
    assert re.search(r'name="leave_out_texts" checked', page.content.decode())
    assert UploadSession.objects.get().metadata["leaves_out_texts"] is False
