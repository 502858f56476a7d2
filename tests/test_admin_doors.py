"""Who may come into the admin and what may be done there; what it costs members, and what it leaves in logs."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letterboxd_site.settings import BASE_DIR
from movies_app.models import Film, Movie
from sessions_app.models import UploadSession
from sessions_app.staff_site import LOGIN_TRIES
from tests.builders import get, make_sessions, upload_member
from tests.staff import LIST, act, page_of, staff_with, superuser

MOVIES = "/admin/movies_app/movie/"
FILMS = "/admin/movies_app/film/"
JOBS = "/admin/procrastinate/procrastinatejob/"
VIEW = ("view_uploadsession", "view_movie", "view_film", "view_procrastinatejob")
PASSWORD = "a good one for Ada"
A_WHOLE_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def addresses() -> list[str]:
    """Return every list and page of ours, with something on each."""
    (session,) = make_sessions(1, movies=2)
    movie, film = Movie.objects.filter(session=session)[0], Film.objects.get()
    pages = [page_of(session), f"{MOVIES}{movie.pk}/change/", f"{FILMS}{film.pk}/change/"]
    return ["/admin/", LIST, MOVIES, f"{MOVIES}?session={session.pk}", FILMS, JOBS, *pages]


# ── Who may come in ───────────────────────────────────────────────────────────────────────────
def test_nobody_else_comes_in() -> None:
    member = Client()
    member.force_login(User.objects.create_user("member"))
    for client in (Client(), member):
        for address in addresses():
            response = client.get(address)
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/?next=/admin/")


def test_staff_without_a_permission_see_no_list() -> None:
    client = staff_with()
    for address in addresses()[1:]:
        assert client.get(address).status_code == 403


def test_who_may_only_view_sees_all_and_can_do_nothing() -> None:
    client = staff_with(*VIEW)
    for address in addresses():
        content = client.get(address).content.decode()
        assert "Purge now" not in content
        assert "Extend expiry" not in content
        assert "Match again" not in content
        assert not re.search(r'name="(_save|tmdb_id|is_locked)"', content)
    session = UploadSession.objects.get()
    for action in ("extend", "purge_now", "delete_selected"):
        act(client, action, session, confirmed="yes")
    assert UploadSession.objects.get().expires_at == session.expires_at


@pytest.mark.parametrize(
    ("permission", "allowed", "forbidden"),
    [("change_uploadsession", "extend", "purge_now"), ("delete_uploadsession", "purge_now", "extend")],
)
def test_extending_and_purging_are_permissions_of_their_own(permission: str, allowed: str, forbidden: str) -> None:
    client = staff_with("view_uploadsession", permission)
    (session,) = make_sessions(1)
    assert allowed in client.get(page_of(session)).content.decode()
    act(client, forbidden, session, confirmed="yes")
    assert UploadSession.objects.get().expires_at == session.expires_at
    act(client, allowed, session, confirmed="yes")
    assert not UploadSession.objects.filter(expires_at=session.expires_at).exists()


def test_nothing_is_added_edited_or_deleted_by_anybody() -> None:
    client, pages = superuser(), addresses()[-3:]
    assert client.post(pages[-1].replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    for address in pages[:-1]:
        for path in (address, address.replace("/change/", "/delete/")):
            assert client.post(path, {"title": "x", "status": "failed", "post": "yes"}).status_code == 403
        content = client.get(address).content.decode()
        assert not re.search(r'<(textarea|select|input type="(text|number)")', content)
    for address in (LIST, MOVIES, FILMS, JOBS):
        assert client.get(f"{address}add/").status_code == 403
        assert "delete_selected" not in client.get(address).content.decode()
    act(client, "delete_selected", UploadSession.objects.get(), post="yes")
    assert (UploadSession.objects.count(), Movie.objects.count(), Film.objects.count()) == (1, 2, 1)


def test_a_group_may_be_given_every_permission_in_one_form() -> None:
    client = superuser()
    known = [str(number) for number in _permission_ids()]
    response = client.post("/admin/auth/group/add/", {"name": "all", "permissions": known})
    assert response.status_code == 302
    assert Group.objects.get().permissions.count() == len(known) > 40


def _permission_ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM auth_permission")
        return [number for (number,) in cursor.fetchall()]


def test_wrong_passwords_are_tried_ten_times_and_no_more() -> None:
    cache.clear()
    User.objects.create_superuser("ada", password=PASSWORD)
    for _ in range(LOGIN_TRIES):
        assert "correct username" in log_in("wrong").content.decode()
    assert "Too many wrong tries" in log_in(PASSWORD).content.decode()
    assert log_in(PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302


def log_in(password: str, **environment: Any) -> Any:
    return Client(**environment).post("/admin/login/", {"username": "ada", "password": password})


# ── Cookies, headers, addresses ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("is_secure", [True, False])
def test_the_cookie_of_the_staff_goes_to_the_admin_alone(settings: Any, *, is_secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = is_secure
    User.objects.create_superuser("ada", password=PASSWORD)
    cookie = log_in(PASSWORD).cookies["staff"]
    assert bool(cookie["secure"]) is is_secure
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/admin/")


def test_every_answer_of_the_admin_keeps_the_policy_of_the_site() -> None:
    client, elsewhere = superuser(), Client().get("/healthz")
    for address in addresses():
        response = client.get(address)
        assert response["Content-Security-Policy"] == elsewhere["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]


def test_the_address_without_a_slash_leads_to_the_admin() -> None:
    assert Client().get("/admin")["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("value", "path"), [("", "/admin/"), ("back-office", "/back-office/"), ("/a/b/", "/a/b/"), ("/", "/admin/")]
)
def test_the_address_of_the_admin_comes_from_the_environment(value: str, path: str) -> None:
    script = "from django.conf import settings; from django.urls import reverse; import django; django.setup()\n"
    script += "print(reverse('admin:index'), settings.SESSION_COOKIE_PATH)"
    environment = {**os.environ, "ADMIN_PATH": value, "DJANGO_SETTINGS_MODULE": "letterboxd_site.settings"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [path, path]


# ── What members pay ──────────────────────────────────────────────────────────────────────────
def test_a_poll_is_one_look_up_without_a_cookie_even_for_staff(api: Client) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}"
    client = superuser()
    assert site_settings.SESSION_COOKIE_NAME in client.cookies
    with CaptureQueriesContext(connection) as queries:
        answers = [get(client, f"{path}/status")]
    assert len(queries) == 1
    answers += [get(client, path + tail) for tail in ("", "/movies", "/receipt")]
    for answer in answers:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("Vary", "").casefold()


def test_no_page_and_no_answer_asks_who_is_logged_in(api: Client) -> None:
    path = f"/stats/{upload_member(api)['session_id']}"
    client = superuser()
    for address in ("/", "/about", path, "/healthz", "/nothing"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert not [query["sql"] for query in queries if re.search(r"django_session|auth_user", query["sql"])], address


# ── A fixed number of queries ─────────────────────────────────────────────────────────────────
# Of each of `addresses()`; two fewer for a superuser, whose permissions are not looked up.
MOST_QUERIES = (11, 7, 6, 6, 6, 6, 8, 5, 5)


def number_of_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", [superuser, lambda: staff_with(*VIEW, "delete_uploadsession")])
def test_every_list_and_page_takes_a_fixed_number_of_queries(settings: Any, who: Callable[[], Client]) -> None:
    settings.TMDB_TOKEN = "some token"
    client, few = who(), addresses()
    for address in few:
        client.get(address)  # content types are asked for once in a process
    before = [number_of_queries(client, address) for address in few]
    (session,) = make_sessions(1, movies=700)
    make_sessions(80, movies=1)
    for number in range(80):
        Film.objects.create(title_key=f"film {number}", title=f"Film {number}")
    for _ in range(3):
        act(client, "extend", session)
    many = [*few[:3], f"{MOVIES}?session={session.pk}", *few[4:6], page_of(session), *few[7:]]
    assert [number_of_queries(client, address) for address in many] == before
    assert all(number <= most for number, most in zip(before, MOST_QUERIES, strict=True)), before


# ── Logs ──────────────────────────────────────────────────────────────────────────────────────
def test_a_request_of_the_admin_is_logged_by_its_pattern(caplog: pytest.LogCaptureFixture) -> None:
    client, pages = superuser(), addresses()
    session = UploadSession.objects.get()
    with caplog.at_level(logging.INFO):
        for address in (*pages, f"{LIST}?q={session.pk}", f"{LIST}{session.pk}/nothing/", f"/admin/{session.pk}"):
            client.get(address)
            Client().get(address)
            client.post(address)
        act(client, "extend", session)
        act(client, "purge_now", session, confirmed="yes")
    lines = [record.getMessage() for record in caplog.records]
    assert [line for line in lines if A_WHOLE_ID.search(line)] == []
    assert any("GET /admin/sessions_app/uploadsession/<path:object_id>/change/ 200" in line for line in lines)
    assert any("POST /admin/sessions_app/uploadsession/ 302" in line for line in lines)
