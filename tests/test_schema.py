"""The OpenAPI schema is valid, complete and true: schemathesis holds the answers against it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from sessions_app import urls
from tests.builders import REVIEWS, make_csv, make_member_zip, upload

OPERATIONS = {
    *("POST /api/upload", "GET /api/session/{session_id}", "DELETE /api/session/{session_id}"),
    *("GET /api/session/{session_id}/status", "GET /api/session/{session_id}/movies"),
    "GET /api/session/{session_id}/receipt",
    "GET /api/session/{session_id}/stats",
    "GET /api/session/{session_id}/export",
    "GET /api/session/{session_id}/rankings/{kind}",
    "GET /api/compare",
}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(api: Client) -> dict[str, Any]:
    response = api.get("/api/schema", headers={"Accept": "application/json"})
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def test_the_schema_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")


def test_every_operation_is_documented_and_nothing_else(document: dict[str, Any]) -> None:
    found = {
        f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods.keys() & METHODS
    }
    assert found == OPERATIONS


def test_every_address_of_the_api_is_documented(document: dict[str, Any]) -> None:
    routes = {f"/{one.pattern}" for one in urls.urlpatterns}
    addresses = {route.replace("<str:", "{").replace(">", "}") for route in routes if route.startswith("/api/")}
    assert addresses - document["paths"].keys() == {"/api/schema", "/api/docs"}


def test_every_error_that_an_operation_may_answer_has_the_one_shape(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method in methods.keys() & METHODS:
            for status, answer in methods[method]["responses"].items():
                if status >= "400":
                    schema = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    assert schema in {"Error", "FailedImport"}, (path, method, status)
    assert set(document["components"]["schemas"]["Error"]["required"]) == {"detail", "code", "file", "hint"}


def test_an_upload_takes_one_file_or_more_as_bytes(document: dict[str, Any]) -> None:
    content = document["paths"]["/api/upload"]["post"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    files = schema["properties"]["files"]
    assert schema["required"] == ["files"]
    assert files["items"] == {"type": "string", "format": "binary"}
    assert files["minItems"] == 1


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("post /api/upload", {"201", "400", "415", "422", "429", "500"}),
        ("get /api/session/{session_id}", {"200", "404"}),
        ("delete /api/session/{session_id}", {"204", "401", "403", "404"}),
        ("get /api/session/{session_id}/status", {"200", "304", "404"}),
        ("get /api/session/{session_id}/movies", {"200", "400", "404"}),
        ("get /api/session/{session_id}/receipt", {"200", "403", "404"}),
        ("get /api/session/{session_id}/stats", {"200", "400", "404"}),
        ("get /api/session/{session_id}/export", {"200", "400", "404", "503"}),
        ("get /api/session/{session_id}/rankings/{kind}", {"200", "400", "404"}),
        ("get /api/compare", {"200", "400", "404", "503"}),
    ],
)
def test_an_operation_documents_what_it_may_answer(
    document: dict[str, Any], operation: str, statuses: set[str]
) -> None:
    method, _, path = operation.partition(" ")
    assert set(document["paths"][path][method]["responses"]) == statuses


def test_a_deletion_needs_the_token_and_a_receipt_takes_it_and_nothing_else_asks_for_it(
    document: dict[str, Any],
) -> None:
    asked = {
        f"{method.upper()} {path}": methods[method]["security"]
        for path, methods in document["paths"].items()
        for method in methods.keys() & METHODS
        if any(methods[method].get("security", []))
    }
    assert asked.keys() == {"DELETE /api/session/{session_id}", "GET /api/session/{session_id}/receipt"}
    assert {} not in asked["DELETE /api/session/{session_id}"]
    assert {} in asked["GET /api/session/{session_id}/receipt"]


# ── schemathesis ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def member(api: Client) -> dict[str, Any]:
    """Return a live session with movies and a receipt with rows."""
    answer = upload(api, ("a.zip", make_member_zip(reviews=make_csv(REVIEWS, [["x"] * len(REVIEWS)]))))
    assert answer.status == 201
    body: dict[str, Any] = answer.body
    return body


@pytest.fixture
def schema(member: dict[str, Any]) -> Iterator[BaseSchema]:
    """Return the schema over WSGI. Requests keep the test's connection, as those of Django's test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi("/api/schema", get_wsgi_application())
    schema.config.generation.update(allow_x00=False)  # refused, and JSON Schema has no word for that
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize("is_known", [True, False], ids=["a live session", "any session"])
def test_schemathesis_finds_no_answer_that_the_schema_does_not_tell(
    member: dict[str, Any], schema: BaseSchema, operation: str, *, is_known: bool
) -> None:
    method, _, path = operation.partition(" ")
    if is_known and "{session_id}" not in path:
        return
    cases = schema[path][method].as_strategy()
    # What is in a file decides whether it is read, and two sessions have to differ: no schema can tell that.
    excluded: list[Any] = [positive_data_acceptance] if path in {"/api/upload", "/api/compare"} else []

    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def check(case: schemathesis.Case[Any]) -> None:
        if is_known:
            case.path_parameters = {**case.path_parameters, "session_id": member["session_id"]}
        case.call_and_validate(excluded_checks=excluded)

    check()
