"""A take-out on its way when its session goes: a real server cuts it off, and nothing of it reaches the log."""

import socket
from contextlib import closing

import pytest

from tests import processes
from tests.processes import Service

# Far more than the system keeps between server and client.
LARGE = processes.make_upload(films=20_000, seed=9)
HEAD_END = b"\r\n\r\n"
# The end of a whole body that comes in chunks.
LAST_CHUNK = b"\r\n0\r\n\r\n"


def begin(service: Service, session_id: str, query: str) -> socket.socket:
    """Ask for a file and read no more of it than its first bytes."""
    client = socket.create_connection(("127.0.0.1", service.port), timeout=60)
    path = f"/api/session/{session_id}/export?{query}"
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nConnection: close\r\n\r\n".encode())
    head = b""
    while HEAD_END not in head:
        head += client.recv(64)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Transfer-Encoding: chunked" in head
    return client


def rest_of(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("query", ["as=json", "as=csv"])
def test_a_file_of_a_session_deleted_meanwhile_has_no_end(service: Service, query: str) -> None:
    member = service.uploaded(LARGE)
    with closing(begin(service, member["session_id"], query)) as client:
        whole = rest_of(client)
    assert whole.endswith(LAST_CHUNK)
    with closing(begin(service, member["session_id"], query)) as client:
        headers = {"Authorization": f"Bearer {member['manage_token']}"}
        assert service.client.delete(f"/api/session/{member['session_id']}", headers=headers).status_code == 204
        cut = rest_of(client)
    assert len(cut) < len(whole)
    assert not cut.endswith(LAST_CHUNK)
    assert "Error handling a request: Gone" in service.web.log
    assert member["session_id"] not in service.web.log
    assert service.client.get(f"/api/session/{member['session_id']}/export?{query}").status_code == 404
