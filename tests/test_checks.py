"""What `manage.py check` says of TMDB, which it asks once and with `--deploy` alone."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.management import CommandError, call_command

from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import World
from tests.tmdb_jobs import use


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTmdb]:
    with FakeTmdb(World([])) as fake:
        use(fake, settings)
        yield fake


def tmdb_says() -> list[CheckMessage]:
    return run_checks(tags=["tmdb"], include_deployment_checks=True)


def check(*arguments: str) -> str:
    output = io.StringIO()
    call_command("check", *arguments, stdout=output, stderr=output)
    return output.getvalue()


def test_a_token_that_tmdb_accepts_is_worth_no_word_and_one_request(fake: FakeTmdb) -> None:
    assert tmdb_says() == []
    assert fake.counts.endpoints == {"authentication": 1}


@pytest.mark.parametrize("token", ["not-the-token", "with space", "with\nline", "é"])
def test_a_token_that_tmdb_refuses_is_an_error_with_a_hint(fake: FakeTmdb, settings: Any, token: str) -> None:
    settings.TMDB_TOKEN = token
    (message,) = tmdb_says()
    assert (message.id, message.is_serious()) == ("movies_app.E001", True)
    assert "API Read Access Token" in str(message.hint)
    with pytest.raises(CommandError) as caught:
        check("--deploy", "--tag", "tmdb")
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.HTML_503, "status 503"),
        (Fault.RESET, "ReadError"),
        (Fault.HTML_200, "not JSON"),
        (Fault.FORBIDDEN, "status 403"),
        (Fault.REDIRECT, "status 302"),
        (Fault.SLOW_FIRST_BYTE, "ReadTimeout"),
    ],
)
def test_a_tmdb_that_cannot_be_asked_is_a_warning_after_one_try(
    fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch, fault: Fault, reason: str
) -> None:
    monkeypatch.setattr("movies_app.checks.TMDB_SECONDS", 0.3)
    fake.misbehave(fault, times=None)
    (message,) = tmdb_says()
    assert (message.id, message.is_serious()) == ("movies_app.W001", False)
    assert reason in str(message.msg)
    assert fake.counts.requests == 1


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/3/", "nonsense", "http://[", ""])
def test_an_address_where_nobody_answers_is_a_warning(settings: Any, address: str) -> None:
    settings.TMDB_TOKEN, settings.TMDB_BASE_URL = "some-token", address
    (message,) = tmdb_says()
    assert message.id == "movies_app.W001"


def test_without_a_token_it_is_told_and_nothing_fails() -> None:
    assert "movies_app.I001" in check("--deploy", "--tag", "tmdb", "--fail-level", "WARNING")


@pytest.mark.parametrize("is_deploy", [False, True])
def test_a_check_of_the_environment_never_asks_tmdb(fake: FakeTmdb, *, is_deploy: bool) -> None:
    run_checks(include_deployment_checks=False)
    run_checks(tags=["security"], include_deployment_checks=is_deploy)
    assert fake.counts.requests == 0
