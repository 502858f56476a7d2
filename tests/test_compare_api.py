"""Two members compared over the API: what is wrong with its parameters, what it does not find, no cookie."""

from uuid import uuid4

import pytest
from django.test import Client

from tests.builders import check_error, get, upload
from tests.test_compare_page import api_of, both, ratings

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
