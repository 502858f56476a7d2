"""Nothing that belongs to a member reaches a log: real processes write them, whatever goes right or wrong."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest

from movies_app import made_up
from tests import processes
from tests.processes import Files, Service
from tests.programs import wait_until

TITLE = "Zanzibar Unheard-of"
REVIEW = "My darkest confession"
TAG = "with-wilhelmina"
PERSON = "Ottokar Geheimrat"
FILE_NAME = "ottokars-holiday.zip"
QUERY = "wherefore"
BROUGHT = (TITLE, TITLE.casefold(), REVIEW, TAG, PERSON, FILE_NAME, QUERY)

DIARY = (
    "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
    f"2024-01-02,{TITLE},1999,https://boxd.it/zanz1,4,,{TAG},2024-01-01\n"
)
REVIEWS = (
    "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
    f"2024-01-02,{TITLE},1999,https://boxd.it/zanz1,4,,{REVIEW},{TAG},2024-01-01\n"
)
WATCHED = f"Date,Name,Year,Letterboxd URI\n2024-01-01,{TITLE},1999,https://boxd.it/zanz\n"
UNBALANCED = f'Date,Name,Year,Letterboxd URI\n2024-01-01,"{TITLE},1999,https://boxd.it/zanz\n'
EXPORT: Files = [
    (
        FILE_NAME,
        made_up.make_zip(
            {"watched.csv": WATCHED.encode(), "diary.csv": DIARY.encode(), "reviews.csv": REVIEWS.encode()}
        ),
    )
]
A_WHOLE_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with processes.running_service() as service:
        yield service


@dataclass
class Logs:
    """What the service's processes wrote since the test began."""

    service: Service
    starts: dict[str, int]

    @classmethod
    def from_now(cls, service: Service) -> "Logs":
        logs = cls(service, {})
        logs.starts = {name: len(text) for name, text in logs._texts().items()}
        return logs

    def _texts(self) -> dict[str, str]:
        files = {path.name: path for path in self.service.folder.glob("*.log")}
        return {name: path.read_text(errors="replace") for name, path in files.items()}

    def read(self) -> str:
        time.sleep(0.3)  # gunicorn writes some lines after its answer
        return "\n".join(text[self.starts.get(name, 0) :] for name, text in self._texts().items())

    def assert_discreet(self, *secrets: str) -> None:
        text = self.read()
        forms = {form for secret in (*BROUGHT, *secrets) for form in (secret, quote(secret), secret.replace("-", ""))}
        assert sorted(form for form in forms if form in text) == [], text
        assert A_WHOLE_ID.findall(text) == [], text


@pytest.fixture
def logs(running: Service) -> Logs:
    running.database.wait_until_idle()
    running.database.empty()
    return Logs.from_now(running)


def upload(service: Service, files: Files = EXPORT) -> httpx.Response:
    return service.upload(files, display_name=PERSON)


@contextmanager
def sabotage(service: Service, statement: str, repair: str) -> Iterator[None]:
    """Change a table so that PostgreSQL refuses what the service does, as a failed deployment would."""
    service.database.execute(statement)
    try:
        yield
    finally:
        service.database.execute(repair)


# ── What goes well ───────────────────────────────────────────────────────────────────────────


def live_a_whole_life(client: httpx.Client) -> tuple[str, str]:
    """Upload, read everything in every way, delete; return the session's id and its token."""
    answer = client.post(
        f"/api/upload?{QUERY}=1", files=[("files", part) for part in EXPORT], data={"display_name": PERSON}
    )
    assert answer.status_code == 201
    session_id, token = answer.json()["session_id"], answer.json()["manage_token"]
    path, headers = f"/api/session/{session_id}", {"Authorization": f"Bearer {token}"}
    etag = client.get(f"{path}/status").headers["ETag"]
    assert client.get(f"{path}/status?{QUERY}", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(path).status_code == 200
    assert client.get(f"{path}/movies", params={"q": TITLE, "tag": TAG}).json()["count"] == 1
    assert client.get(f"{path}/movies", params={"q": QUERY, "page": 0}).status_code == 400
    for form in ("csv", "json", "parquet"):
        assert client.get(f"{path}/export", params={"as": form, "of": "viewings"}).status_code == 200
    assert client.get(f"{path}/export", params={"as": QUERY}).status_code == 400
    assert client.get(f"{path}/receipt", headers=headers).status_code == 200
    assert client.delete(path).status_code == 401
    assert client.delete(path, headers={"Authorization": f"Bearer {token}x"}).status_code == 403
    assert client.delete(path, headers=headers).status_code == 204
    assert client.get(f"{path}/status").status_code == 404
    return session_id, token


def test_a_session_from_upload_to_deletion_leaves_its_first_eight_digits_in_the_log(
    running: Service, logs: Logs
) -> None:
    session_id, token = live_a_whole_life(running.client)
    logs.assert_discreet(session_id, token)
    assert session_id[:8] in logs.read()


def test_a_debugging_log_is_as_discreet(running: Service, logs: Logs) -> None:
    with running.second_web(LOG_LEVEL="DEBUG", log_name="debug-web.log") as client:
        secrets = live_a_whole_life(client)
    logs.assert_discreet(*secrets)


def test_a_comparison_leaves_no_whole_id_of_either_in_the_log(running: Service, logs: Logs) -> None:
    client, (one, other) = running.client, (upload(running).json()["session_id"] for _ in range(2))
    assert client.get(f"/compare/{one}/{other}?{QUERY}").status_code == 200
    assert client.get(f"/api/compare?a={one}&b={other}&{QUERY}").status_code == 200
    assert client.get(f"/api/compare?a={one}&b={one}").status_code == 400
    assert client.get(f"/compare?with={one}&{QUERY}").status_code == 200
    page = client.get("/compare")
    mark = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert mark
    form = {"csrfmiddlewaretoken": mark[1], "one": one, "other": f"{PERSON} {other}"}
    assert client.post("/compare", data=form).status_code in {303, 400}
    assert client.post("/compare", data=form | {"other": other}).status_code == 303
    for path in (
        f"/compare/{one}/{uuid4()}",
        f"/compare/{uuid4()}/{other}",
        f"/compare/{one}",
        f"/compare/{one}/{one}",
    ):
        assert client.get(path).status_code == 404
    logs.assert_discreet(one, other)
    assert one[:8] in logs.read()


# ── What is refused ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([(FILE_NAME, b"no ZIP")], 400),
        ([(FILE_NAME, b"PK\x03\x04 broken")], 400),
        ([(f"{TITLE}.csv", b"Date,Name,Year\n2024-01-01,x,1999\n")], 400),
        ([(f"{number} {FILE_NAME}", b"x") for number in range(41)], 400),
        ([(f"{TITLE}.csv", UNBALANCED.encode())], 422),
    ],
)
def test_a_refused_upload_leaves_neither_its_name_nor_its_content_in_the_log(
    running: Service, logs: Logs, files: list[tuple[str, bytes]], status: int
) -> None:
    answer = upload(running, files)
    assert answer.status_code == status
    logs.assert_discreet(answer.json().get("session_id", FILE_NAME))


def test_a_body_that_is_not_what_it_says_leaves_nothing_in_the_log(running: Service, logs: Logs) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", f"text/{QUERY}", "application/json"):
        content = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{FILE_NAME}"\r\n\r\n{REVIEW}'
        answer = running.client.post("/api/upload", content=content.encode(), headers={"Content-Type": kind})
        assert answer.status_code in {400, 415}
    logs.assert_discreet()


@pytest.mark.parametrize(
    "path",
    [
        "/api/session/{id}",
        "/api/session/{id}/status?{query}",
        "/api/session/{id}/movies",
        "/api/session/{id}/export?as=csv",
        "/api/session/{id}x/status",
        "/api/session/x{id}/status",
        "/api/session/{id}/nothing",
        "/api/session/{id}/status/",
        "/api/sessions/{id}",
        "/stats/{id}?{query}",
        "//api/session/{id}",
        "/{id}",
        "/%0a{id}",
        "/api/session/{id}%E2%80%9D/status",
        "/stats/{id}%C2%A0",
        "/stats/{id}%5C",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_an_address_with_nothing_behind_it_leaves_no_whole_id_in_the_log(
    running: Service, logs: Logs, path: str, method: str
) -> None:
    session_id = str(uuid4())
    answer = running.client.request(method, running.url + path.format(id=session_id, query=QUERY))
    assert answer.status_code in {403, 404, 405}
    logs.assert_discreet(session_id, session_id[9:])


def test_an_address_cannot_start_a_line_of_its_own_in_the_log(running: Service, logs: Logs) -> None:
    for path in ("/api/session/%0AERROR%20/status", "/%0AERROR", "/api/session/%0D%0AERR"):
        assert running.client.get(path).status_code == 404
    assert [line for line in logs.read().splitlines() if line.startswith("ERR")] == []


def test_a_host_that_is_not_served_leaves_no_path_in_the_log(running: Service, logs: Logs) -> None:
    session_id = str(uuid4())
    answer = running.client.get(f"/api/session/{session_id}?{QUERY}", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    logs.assert_discreet(session_id)


SESSION_ID = "0d3f2c1a-7a56-4c1d-9b7e-123456789abc"
TOKEN = "Tm9ib2R5IHJlYWRzIHRoaXMgdG9rZW4gaW4gYSBsb2c"
RAW_REQUESTS = {
    "a space in the address": f"GET /api/session/{SESSION_ID}/movies?q=two words HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an unknown version": f"GET /api/session/{SESSION_ID}/status HTTP/7.1\r\nHost: localhost\r\n\r\n",
    "a broken header": f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer\0{TOKEN}\r\n\r\n",
    "a header without a colon": f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization Bearer {TOKEN}\r\n\r\n",
    "a folded header": f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer\r\n {TOKEN}\r\n\r\n",
    "an address too long": f"GET /api/session/{SESSION_ID}?{'x' * 9_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a wrong chunk": f"POST /api/upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n",
    "a method in lower case": f"get /api/session/{SESSION_ID}/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no method": f"/api/session/{SESSION_ID}/status\r\n\r\n",
    "two lengths": f"POST /api/session/{SESSION_ID} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
    f"Content-Length: 2\r\n\r\n{TOKEN}",
}


@pytest.mark.parametrize("what", RAW_REQUESTS)
def test_a_request_that_is_no_http_leaves_nothing_of_it_in_the_log(running: Service, logs: Logs, what: str) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(RAW_REQUESTS[what].encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    logs.assert_discreet(SESSION_ID, TOKEN)


def test_a_member_who_goes_away_in_the_middle_leaves_nothing_in_the_log(running: Service, logs: Logs) -> None:
    body = running.upload(processes.make_upload(films=3_000), display_name=PERSON).json()
    page = f"GET /api/session/{body['session_id']}/movies?per_page=500&{QUERY} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    begun = "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    begun += f'Content-Length: 9999\r\n\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="{FILE_NAME}"'
    for request in [page, begun + f"\r\n\r\n{WATCHED}"] * 3:
        connection = socket.create_connection(("127.0.0.1", running.port), timeout=10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends by a reset
        connection.sendall(request.encode())
        time.sleep(0.05)
        connection.close()
    assert running.is_ready()
    logs.assert_discreet(body["session_id"], body["manage_token"])


# ── What fails ───────────────────────────────────────────────────────────────────────────────


SABOTAGE = {
    "the movies are refused": (
        f"ALTER TABLE movies ADD CONSTRAINT sabotage CHECK (title <> '{TITLE}')",
        "ALTER TABLE movies DROP CONSTRAINT sabotage",
    ),
    "the films are refused": (
        f"ALTER TABLE films ADD CONSTRAINT sabotage CHECK (title <> '{TITLE}') NOT VALID",
        "ALTER TABLE films DROP CONSTRAINT sabotage",
    ),
    "the receipt has no table": ("ALTER TABLE receipts RENAME TO gone", "ALTER TABLE gone RENAME TO receipts"),
    "the completion is refused": (
        "ALTER TABLE sessions ADD CONSTRAINT sabotage CHECK (status <> 'completed') NOT VALID",
        "ALTER TABLE sessions DROP CONSTRAINT sabotage",
    ),
    "completion and failure are refused": (
        "ALTER TABLE sessions ADD CONSTRAINT sabotage CHECK (status = 'processing') NOT VALID",
        "ALTER TABLE sessions DROP CONSTRAINT sabotage",
    ),
    "the session is refused": (
        "ALTER TABLE sessions ADD CONSTRAINT sabotage CHECK (display_name = '') NOT VALID",
        "ALTER TABLE sessions DROP CONSTRAINT sabotage",
    ),
    "a column is missing": (
        "ALTER TABLE movies RENAME COLUMN review TO gone",
        "ALTER TABLE movies RENAME COLUMN gone TO review",
    ),
}


@pytest.mark.parametrize("what", SABOTAGE)
def test_an_upload_that_fails_on_our_side_leaves_a_traceback_without_a_members_words(
    running: Service, logs: Logs, what: str
) -> None:
    with sabotage(running, *SABOTAGE[what]):
        answer = upload(running)
    assert answer.status_code == 500
    for word in (*BROUGHT, "Traceback", "psycopg"):
        assert word not in answer.text
    (session_id,) = running.database.rows("SELECT id::text FROM sessions") or [(str(UUID(int=0)),)]
    logs.assert_discreet(*session_id)
    assert "Traceback" in logs.read()


READS = ("", "/status", "/movies", f"/movies?q={quote(TITLE)}&{QUERY}", "/receipt")
BROKEN_COLUMNS = ["sessions.status", "sessions.id", "movies.position", "films.runtime", "receipts.content"]


@pytest.mark.parametrize("column", BROKEN_COLUMNS)
def test_a_page_that_fails_on_our_side_leaves_no_whole_id_in_the_log(running: Service, logs: Logs, column: str) -> None:
    body = upload(running).json()
    path, headers = f"/api/session/{body['session_id']}", {"Authorization": f"Bearer {body['manage_token']}"}
    table, _, name = column.partition(".")
    rename = "ALTER TABLE {} RENAME COLUMN {} TO {}"
    with sabotage(running, rename.format(table, name, "gone"), rename.format(table, "gone", name)):
        answers = [running.client.get(path + tail, headers=headers) for tail in READS]
        if table == "sessions":
            answers.append(running.client.delete(path, headers=headers))
    assert 500 in {answer.status_code for answer in answers}
    for answer in answers:
        if answer.status_code == 500:
            assert set(answer.json()) == {"detail", "code", "file", "hint"}
    logs.assert_discreet(body["session_id"], body["manage_token"])


def defer(service: Service, task: str) -> None:
    service.run_to_end(f"python manage.py procrastinate defer --ignore-already-enqueued {task} '{{\"timestamp\": 0}}'")


def test_the_worker_sweeps_and_purges_without_a_whole_id_in_its_log(running: Service, logs: Logs) -> None:
    session_id = upload(running).json()["session_id"]
    running.database.execute("UPDATE sessions SET status = 'processing', created_at = created_at - interval '1 hour'")
    with running.worker():
        defer(running, "sweep")
        wait_until(lambda: running.status(session_id).json()["status"] == "failed", what="the sweep")
        running.database.execute("UPDATE sessions SET expires_at = now()")
        defer(running, "purge")
        wait_until(lambda: running.database.value("SELECT count(*) FROM sessions") == 0, what="the purge")
    logs.assert_discreet(session_id)


@pytest.mark.parametrize(("task", "event"), [("sweep", "UPDATE"), ("purge", "DELETE")])
def test_a_job_that_fails_leaves_a_traceback_without_a_whole_id(
    running: Service, logs: Logs, task: str, event: str
) -> None:
    session_id = upload(running).json()["session_id"]
    running.database.execute(
        "UPDATE sessions SET status = 'processing', created_at = now() - interval '1 hour', expires_at = now()"
    )
    function = (
        "CREATE OR REPLACE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'no % of % %', TG_OP, OLD.id, OLD.display_name; END $$"
    )
    trigger = f"CREATE TRIGGER sabotage BEFORE {event} ON sessions FOR EACH ROW EXECUTE FUNCTION sabotage()"
    database = running.database
    retried = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND attempts > 0"
    last_try = "UPDATE procrastinate_jobs SET attempts = 3, scheduled_at = NULL WHERE status = 'todo'"
    with sabotage(running, f"{function}; {trigger}", "DROP FUNCTION sabotage CASCADE"), running.worker() as worker:
        defer(running, task)
        wait_until(lambda: database.value(retried) > 0, seconds=90, what="the job to fail")
        database.execute(last_try)
        start = logs.starts.get("worker.log", 0)
        wait_until(lambda: "Traceback" in worker.log[start:], seconds=90, what="the job to fail for good")
    logs.assert_discreet(session_id)


def test_the_log_tells_operators_what_failed(running: Service, logs: Logs) -> None:
    """Discretion must not make the log useless: the kind of error and the place are there."""
    with sabotage(running, *SABOTAGE["the movies are refused"]):
        session_id = upload(running).json()["session_id"]
    text = logs.read()
    assert session_id[:8] in text
    assert "CheckViolation" in text or "IntegrityError" in text
    assert "storage.py" in text
