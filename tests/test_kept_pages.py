"""Pages that are rendered once: nobody sees what is another's, and every change shows at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app.made_up import make_export, make_zip
from sessions_app.models import UploadSession
from tests.builders import DIARY, make_csv, make_member_zip, upload
from tests.test_keeping import keys_kept
from tests.test_pages import send, text_of

pytestmark = pytest.mark.django_db

OWNERS_ALONE = ("Only you see this", "/manage")


@pytest.fixture
def owner(client: Client) -> Client:
    send(client, ("export.zip", make_member_zip()), display_name="Ada")
    return client


def path_of(suffix: str = "") -> str:
    return f"/stats/{UploadSession.objects.get().pk}{suffix}"


@pytest.mark.parametrize("suffix", ["", "?year=2023", "/2023"])
def test_a_page_is_rendered_once_and_then_costs_two_queries(owner: Client, suffix: str) -> None:
    visitor = Client()
    first = visitor.get(path_of(suffix))
    with CaptureQueriesContext(connection) as queries:
        second = Client().get(path_of(suffix))
    assert second.content == first.content
    assert second.headers == first.headers
    path_queries = 1  # of `path_of`
    assert len(queries) - path_queries == 2


@pytest.mark.parametrize("is_owner_first", [True, False])
def test_the_owner_and_a_visitor_each_see_their_own_page(owner: Client, *, is_owner_first: bool) -> None:
    visitor = Client()
    for each in (owner, visitor) if is_owner_first else (visitor, owner):
        for _ in range(2):
            page = each.get(path_of()).content.decode()
            assert [sign in page for sign in OWNERS_ALONE] == [each is owner] * 2


def test_another_name_shows_at_once(owner: Client) -> None:
    assert "Ada’s films" in text_of(owner.get(path_of()))
    owner.post(path_of("/manage"), {"action": "rename", "display_name": "Grace"})
    assert "Grace’s films" in text_of(owner.get(path_of()))
    assert "Grace’s 2023" in text_of(owner.get(path_of("/2023")))


def test_a_newer_export_shows_at_once(owner: Client) -> None:
    before = owner.get(path_of()).content
    newer = make_csv(DIARY, [("2024-05-05", "Delta", "1999", "https://boxd.it/d", "5", "", "", "2024-05-04")])
    send(owner, ("diary.csv", newer), to=path_of("/manage"), action="replace", may_lose_films="on")
    after = owner.get(path_of())
    assert after.content != before
    assert "Delta" in text_of(after)


def test_another_address_of_the_service_shows_its_own_link(owner: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for host in ("one.example", "two.example"):
        page = Client().get(path_of(), headers={"Host": host}).content.decode()
        assert set(re.findall(r"http://([a-z.]+)/stats/", page)) == {host}


def test_the_day_of_expiry_moves_with_a_visit(owner: Client) -> None:
    assert f"{timezone.now() + timedelta(days=30):%B %Y}" in text_of(owner.get(path_of()))
    later = timezone.now() + timedelta(days=100)
    UploadSession.objects.update(expires_at=later)
    assert f"{later:%B %Y}" in text_of(owner.get(path_of()))


def test_a_year_a_filter_and_a_page_of_films_are_each_their_own() -> None:
    client = Client()
    session_id = upload(client, ("export.zip", make_zip(make_export(films=120, seed=1))))["session_id"]
    suffixes = ["", "?page=2", "?year=2024", "?rewatches_only=true", "?year=2024&page=2"]
    pages = [client.get(f"/stats/{session_id}{suffix}").content for suffix in suffixes * 2]
    assert pages[:5] == pages[5:]
    assert len(set(pages)) == 5


def test_film_facts_switched_off_are_told_at_once(owner: Client, settings: Any) -> None:
    settings.TMDB_TOKEN = "a token"
    session = UploadSession.objects.get()
    UploadSession.objects.update(metadata=session.metadata | {"enrichment": "done"})
    before = owner.get(path_of()).content
    settings.TMDB_TOKEN = ""
    assert owner.get(path_of()).content != before


def test_who_leafs_through_the_films_drives_out_no_page(owner: Client) -> None:
    owner.get(path_of())
    before = keys_kept()
    for page in range(2, 9):
        owner.get(path_of(f"?page={page}"))
    assert keys_kept() == before


def test_while_facts_come_in_no_page_is_kept(owner: Client) -> None:
    UploadSession.objects.update(status="enriching", enriched_count=1)
    assert "1 of 3 films looked up" in text_of(owner.get(path_of()))
    UploadSession.objects.update(enriched_count=2)
    assert "2 of 3 films looked up" in text_of(owner.get(path_of()))
