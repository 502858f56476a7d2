"""A session that goes is gone at once in every process, also in those that have shown all of it a moment before."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests import processes
from tests.processes import Service

NOT_FOUND, OK = httpx.codes.NOT_FOUND, httpx.codes.OK


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with processes.running_service() as service:
        yield service


@pytest.fixture(scope="module")
def elsewhere(service: Service) -> Iterator[httpx.Client]:
    """Give the client of other processes on the same database."""
    with service.second_web() as client:
        yield client


def addresses(gone: str, other: str) -> list[str]:
    """Return where one session is seen: pages, pictures, comparisons from both sides, take-outs."""
    of_session = ("", "/2024", "/films", "/films/1", "/receipt", "/card.png", "/story.png", "/2024/card.png")
    files = ("as=json", *(f"as={kind}&of={table}" for kind in ("csv", "parquet") for table in ("movies", "viewings")))
    pairs = ((gone, other), (other, gone))
    return [
        *(f"/stats/{gone}{path}" for path in of_session),
        *(f"/api/session/{gone}{path}" for path in ("", "/status", "/stats", "/movies")),
        *(f"/api/session/{gone}/export?{query}" for query in files),
        *(f"/compare/{a}/{b}" for a, b in pairs),
        *(f"/api/compare?a={a}&b={b}" for a, b in pairs),
    ]


def delete(service: Service, session: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {session['manage_token']}"}
    answer = service.client.delete(f"/api/session/{session['session_id']}", headers=headers)
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text


def expire(service: Service, session: dict[str, str]) -> None:
    statement = "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = %s"
    service.database.execute(statement, [session["session_id"]])


@pytest.mark.parametrize("end", [delete, expire])
def test_it_is_404_in_every_process(
    service: Service, elsewhere: httpx.Client, end: Callable[[Service, dict[str, str]], None]
) -> None:
    gone, other = (service.uploaded(processes.make_upload(films=40, seed=seed)) for seed in (1, 2))
    seen = addresses(gone["session_id"], other["session_id"])
    clients = (service.client, elsewhere)
    before = {(place, path): client.get(path).status_code for place, client in enumerate(clients) for path in seen}
    assert {key: status for key, status in before.items() if status != OK} == {}
    end(service, gone)
    after = {(place, path): client.get(path).status_code for place, client in enumerate(clients) for path in seen}
    assert {key: status for key, status in after.items() if status != NOT_FOUND} == {}
    assert all(client.get(f"/stats/{other['session_id']}/card.png").status_code == OK for client in clients)
