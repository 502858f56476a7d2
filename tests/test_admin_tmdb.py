"""What staff see of the dealings with TMDB: the queue, the first page's words and figures, a session's film facts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sessions_app import jobs
from sessions_app.models import UploadSession
from tests.builders import make_sessions, make_watched, upload
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.staff import page_of, staff_with, superuser, text_of
from tests.tmdb_jobs import use, work_off

JOBS = "/admin/procrastinate/procrastinatejob/"
REFUSED = "TMDB refuses the TMDB_TOKEN of the service"
NO_ANSWER = "TMDB did not answer for the last upload"
ALPHA = Entry(tmdb_id=11, title="Alpha", release_date="1999-03-01")
TWINS = [Entry(tmdb_id=number, title="Twin", release_date="1999-03-01") for number in (21, 22)]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTmdb]:
    with FakeTmdb(World([ALPHA, *TWINS])) as fake:
        use(fake, settings)
        yield fake


@pytest.fixture
def staff(db: None) -> Client:
    return superuser()


def send(api: Client, *names: str) -> str:
    return str(upload(api, ("watched.csv", make_watched(*names)))["session_id"])


def first_page(client: Client) -> str:
    return text_of(client, "/admin/")


# ── The queue ─────────────────────────────────────────────────────────────────────────────────
def test_a_job_tells_whose_it_is_and_never_the_whole_link(staff: Client, api: Client, fake: FakeTmdb) -> None:
    session_id = send(api, "Alpha")
    jobs.queue_enrichment(make_sessions(1)[0].pk, tries=3, in_seconds=60)
    for query in ({}, {"in_queue": "yes"}, {"queue": jobs.QUEUE}):
        response = staff.get(JOBS, query)
        assert response.context["cl"].result_count == 2
        content = response.content.decode()
        assert session_id[:8] in content
        assert "3 times" in content
        assert not any(str(session.pk) in content for session in UploadSession.objects.all())
    job_id = ProcrastinateJob.objects.values_list("pk", flat=True).order_by("pk")[0]
    for page in ("change", "history", "delete"):
        response = staff.get(f"{JOBS}{job_id}/{page}/")
        assert response.status_code == 403
        assert session_id not in response.content.decode()
    assert session_id not in staff.get("/admin/").content.decode()


@pytest.mark.parametrize("lookup", ["args__session_id__startswith", "queueing_lock__startswith", "lock"])
def test_a_whole_link_cannot_be_found_out_letter_by_letter(
    staff: Client, api: Client, fake: FakeTmdb, lookup: str
) -> None:
    send(api, "Alpha")
    assert staff.get(JOBS, {lookup: "a"}).status_code == 400


# ── The first page ────────────────────────────────────────────────────────────────────────────
def test_the_first_page_tells_that_there_is_no_token(staff: Client) -> None:
    assert "Film facts are off: the service has no TMDB_TOKEN." in first_page(staff)


def test_the_first_page_tells_that_the_token_is_refused_until_it_is_not(
    staff: Client, api: Client, fake: FakeTmdb, settings: Any
) -> None:
    assert REFUSED not in first_page(staff)
    settings.TMDB_TOKEN = "wrong"
    send(api, "Alpha")
    work_off()
    make_sessions(3)  # they asked nobody
    assert REFUSED in first_page(staff)
    settings.TMDB_TOKEN = fake.token
    send(api, "Alpha", "Twin")
    assert REFUSED in first_page(staff)
    work_off()
    assert REFUSED not in first_page(staff)


def test_the_first_page_tells_that_tmdb_does_not_answer(
    staff: Client, api: Client, fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    fake.misbehave(Fault.HTML_502, times=None)
    send(api, *(f"Film {number}" for number in range(30)))
    work_off()
    assert NO_ANSWER in first_page(staff)


def test_the_first_page_tells_it_to_those_alone_who_may_see_sessions() -> None:
    assert "TMDB" not in first_page(staff_with("view_film"))


def test_the_films_that_wait_lead_to_no_list_for_those_who_may_not_see_films() -> None:
    content = staff_with("view_uploadsession").get("/admin/").content.decode()
    assert "films waiting for TMDB" in content
    assert "only=waiting" not in content


# ── A session ─────────────────────────────────────────────────────────────────────────────────
def test_a_sessions_page_tells_how_far_the_film_facts_are(staff: Client, api: Client, fake: FakeTmdb) -> None:
    page = page_of(send(api, "Alpha", "Twin", "Nothing Like It"))
    assert "TMDB: is being asked Films: 0 found, 0 unmatched, 3 waiting" in text_of(staff, page)
    work_off()
    told = "TMDB: all films were looked for Films: 2 found (1 of them ambiguous), 1 unmatched, 0 waiting"
    assert told in text_of(staff, page)


def test_a_session_without_any_look_at_tmdb_tells_so(staff: Client, api: Client) -> None:
    assert "TMDB: the service has no TMDB token Films: 0 found" in text_of(staff, page_of(send(api, "Alpha")))
    (old,) = make_sessions(1, expires_in=timedelta(days=1))
    assert old.created_at < timezone.now()
    assert "TMDB: -" in text_of(staff, page_of(old))
