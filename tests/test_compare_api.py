"""Two members compared over the API: what is wrong with its parameters, what it does not find, no cookie."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from movies_app import compare, lines
from sessions_app import uploads
from sessions_app.models import SAMPLE_ID, UploadSession
from tests.builders import RATINGS, check_error, get, make_csv, upload
from tests.test_compare_page import address_of, api_of, both, owner, ratings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["", "?a={one}", "?b={one}", "?a=&b={one}", "?a={one}&b={one}", "?a=%00&b={one}"])
def test_the_api_says_what_is_wrong_with_its_parameters(client: Client, query: str) -> None:
    one = upload(client, ratings(3, own="Ada"))["session_id"]
    check_error(get(client, f"/api/compare{query.format(one=one)}"), 400, "invalid")


@pytest.mark.parametrize("other", ["x", "{unknown}", "{upper}", "http://testserver/stats/{one}"])
def test_the_api_finds_nothing_behind_what_is_no_id(client: Client, other: str) -> None:
    one = upload(client, ratings(3, own="Ada"))["session_id"]
    known = other.format(one=one, unknown=uuid4(), upper=one.upper())
    check_error(get(client, f"/api/compare?a={one}&b={known}"), 404, "not_found")
    check_error(get(client, f"/api/compare?a={known}&b={one}"), 404, "not_found")


def test_the_api_takes_and_sets_no_cookie(client: Client) -> None:
    pair = both(client)
    answer = client.get(api_of(*pair))
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert client.post("/api/compare").status_code == 405


@pytest.mark.parametrize("gone", [0, 1])
@pytest.mark.parametrize("address", [api_of, address_of])
def test_who_goes_while_they_are_compared_is_not_told_of(
    client: Client, monkeypatch: pytest.MonkeyPatch, gone: int, address: Callable[[Any, Any], str]
) -> None:
    pair, real = both(client), compare.compare

    def compare_late(*session_ids: UUID) -> dict[str, Any]:
        uploads.delete(UploadSession.objects.get(pk=pair[gone]["session_id"]))
        return real(*session_ids)

    monkeypatch.setattr(compare, "compare", compare_late)
    assert client.get(address(*pair)).status_code == 404


@pytest.mark.parametrize("link", ["http://testserver/sample", "/sample/", "https://elsewhere.example/sample?page=2"])
def test_the_sample_can_be_pasted_too(client: Client, link: str) -> None:
    call_command("load_sample", verbosity=0)
    one = upload(client, ratings(3, own="Ada"))
    answer = client.post("/compare", {"one": link, "other": one["session_id"]})
    assert answer.headers["Location"] == f"/compare/{SAMPLE_ID}/{one['session_id']}"


def test_an_export_that_is_replaced_meanwhile_is_compared_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, own = owner(ratings(3, own="Ada"))
    other = upload(client, ratings(3, own="Bo"))
    real, newer = lines.shown, iter([make_csv(RATINGS, [("2021-01-01", "Film 2", "1999", "https://boxd.it/2", "5")])])

    def shown(*asked: Any) -> Any:
        for content in newer:
            files = SimpleUploadedFile("ratings.csv", content)
            form = {"action": "replace", "files": files, "may_lose_films": "on"}
            assert browser.post(f"/stats/{own}/manage", form).status_code == 303
        return real(*asked)

    monkeypatch.setattr(lines, "shown", shown)
    told = client.get(f"/api/compare?a={own}&b={other['session_id']}").json()
    assert told["overlap"]["films"] == {"a": 1, "b": 4}
    assert [row["a"]["title"] for row in told["agreements"]["top"]] == ["Film 2"]
