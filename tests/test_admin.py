"""What staff see of upload sessions, and what they may do: lists, receipts, extending, purging."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app

from movies_app import stats
from movies_app.read_only_admin import id_range
from sessions_app import staff_site
from sessions_app.models import StoredReceipt, UploadSession
from tests.builders import make_csv, make_sessions, make_watched, stored_rows, upload, upload_member
from tests.staff import BROKEN, LIST, act, page_of, staff_with, superuser, text_of

CANNOT_IMPORT_AGAIN = "Importing again is not possible: an upload is read once and never kept."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def staff(db: None) -> Client:
    return superuser()


def listed(client: Client, **query: str) -> set[str]:
    """Return the short ids that the list shows."""
    response = client.get(LIST, query)
    assert response.status_code == 200, response
    return {session.short_id for session in response.context["cl"].result_list}


def change(session: UploadSession, **values: Any) -> None:
    assert UploadSession.objects.filter(pk=session.pk).update(**values) == 1


# ── The list ──────────────────────────────────────────────────────────────────────────────────
def test_the_list_tells_how_each_session_stands_and_shows_its_short_id_alone(staff: Client, api: Client) -> None:
    answer = upload_member(api)
    failed = upload(api, ("watched.csv", BROKEN))
    text = text_of(staff, LIST)
    for session_id in (answer["session_id"], failed["session_id"]):
        assert session_id[:8] in text
        assert session_id not in text
    for word in ("Completed", "Failed", "unbalanced_quotes", f"{timezone.now():%Y-%m-%d}"):
        assert word in text


def test_the_list_leads_to_the_members_page_while_there_is_one(staff: Client) -> None:
    (live,) = make_sessions(1)
    (over,) = make_sessions(1, expires_in=timedelta(seconds=-1))
    content = staff.get(LIST).content.decode()
    assert f'href="/stats/{live.pk}"' in content
    assert f"/stats/{over.pk}" not in content
    assert f'href="/stats/{live.pk}"' in staff.get(page_of(live)).content.decode()
    assert f"/stats/{over.pk}" not in staff.get(page_of(over)).content.decode()


def test_the_list_tells_how_long_an_import_took(staff: Client) -> None:
    (session,) = make_sessions(1)
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for seconds, told in ((0.42, "0.42 s"), (75, "75 s")):
        history = [
            {"status": "processing", "at": start.isoformat()},
            {"status": "completed", "at": (start + timedelta(seconds=seconds)).isoformat()},
            {"status": "completed", "at": (start + timedelta(days=3)).isoformat()},
        ]
        change(session, metadata={"history": history})
        assert told in text_of(staff, LIST)


@pytest.mark.parametrize("digits", [1, 2, 7, 8, 12, 32])
def test_a_session_is_found_by_the_first_digits_of_its_id(staff: Client, digits: int) -> None:
    wanted = make_sessions(5)[0]
    assert listed(staff, q=wanted.pk.hex[:digits]) == {
        session.short_id for session in UploadSession.objects.all() if session.pk.hex.startswith(wanted.pk.hex[:digits])
    }


def test_a_session_is_found_by_what_a_member_may_send(staff: Client) -> None:
    wanted = make_sessions(5)[0]
    link = f"Look: https://stats.example/stats/{wanted.pk}?year=2024 !"
    for text in (str(wanted.pk), str(wanted.pk).upper(), f"  {wanted.pk} ", str(wanted.pk)[:15], link):
        assert listed(staff, q=text) == {wanted.short_id}, text
    for text in ("nothing", "ffffffffx", f"{wanted.pk}00", "'; --", "\u0661", "-"):
        assert listed(staff, q=text) == set(), text


def test_the_search_for_digits_is_a_range_that_the_index_of_the_key_finds(staff: Client) -> None:
    make_sessions(500)
    with CaptureQueriesContext(connection) as queries:
        listed(staff, q="0a1b")
    (found,) = [query["sql"] for query in queries if "BETWEEN" in query["sql"] and "COUNT" not in query["sql"]]
    assert "LIKE" not in found
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sessions")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {found}")
        assert "sessions_pkey" in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("a", "a0000000-0000-0000-0000-000000000000", "afffffff-ffff-ffff-ffff-ffffffffffff"),
        ("0A1B-2", "0a1b2000-0000-0000-0000-000000000000", "0a1b2fff-ffff-ffff-ffff-ffffffffffff"),
    ],
)
def test_digits_are_the_range_of_all_ids_that_begin_so(text: str, first: str, last: str) -> None:
    assert id_range(text) == (UUID(first), UUID(last))


def test_the_filters_keep_what_they_say(staff: Client, api: Client) -> None:
    failed = upload(api, ("watched.csv", BROKEN))["session_id"][:8]
    (over,) = make_sessions(1, expires_in=timedelta(seconds=-1))
    (today,) = make_sessions(1, expires_in=timedelta(hours=20))
    (week,) = make_sessions(1, expires_in=timedelta(days=6))
    change(today, created_at=timezone.now())
    assert listed(staff, status__exact="failed") == listed(staff, code="unbalanced_quotes") == {failed}
    assert listed(staff, created="today") == listed(staff, created="7") == {failed, today.short_id}
    assert listed(staff, expiring="day") == {today.short_id}
    assert listed(staff, expiring="week") == {today.short_id, week.short_id}
    assert listed(staff, expiring="over") == {over.short_id}
    assert listed(staff, created="nonsense", expiring="nonsense") == {failed, *map(str, (over, today, week))}
    assert "unbalanced_quotes" in text_of(staff, LIST)


def test_a_list_is_leafed_through_and_counted_no_further_than_a_bound(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sessions(120)
    assert "120 upload sessions" in text_of(staff, LIST)
    assert len(staff.get(LIST, {"p": "3"}).context["cl"].result_list) == 20
    monkeypatch.setattr("movies_app.read_only_admin.MOST_LISTED", 60)
    with CaptureQueriesContext(connection) as queries:
        assert "60 or more upload sessions" in text_of(staff, LIST)
    assert [query["sql"] for query in queries if "COUNT(*)" in query["sql"] and "LIMIT 60" not in query["sql"]] == []


# ── A session ─────────────────────────────────────────────────────────────────────────────────
def test_a_sessions_page_tells_its_receipt_and_history(staff: Client, api: Client) -> None:
    rows = [("2021-01-01", "", "1999", "https://boxd.it/a"), ("2021-01-01", "Beta", "1", "https://boxd.it/b")]
    watched = make_csv(("Date", "Name", "Year", "Letterboxd URI"), rows, encoding="cp1252")
    files = [("watched.csv", watched + "2021-01-01,Caf\xe9,1999,\r\n".encode("cp1252")), ("watchlist.csv", watched)]
    answer = upload(api, *files, display_name="Somebody")
    text = text_of(staff, page_of(answer["session_id"]))
    told = ("Somebody", "2 movies, 0 viewings.", "watched.csv watched 3 2 1 1", "1 skipped:", "(row 2)", "1 changed:")
    for words in (*told, "(row 3)", "Windows-1252", "1 of watchlist", "processing", "completed", '"statistics": {'):
        assert words in text.replace("&quot;", '"'), words
    assert CANNOT_IMPORT_AGAIN in text
    assert answer["session_id"] not in text


def test_a_reason_names_its_first_rows_and_says_that_there_are_more(staff: Client, api: Client) -> None:
    rows = [("2021-01-01", "", "1999", "")] * 30 + [("2021-01-01", "Beta", "1999", "")]
    answer = upload(api, ("watched.csv", make_csv(("Date", "Name", "Year", "Letterboxd URI"), rows)))
    text = text_of(staff, page_of(answer["session_id"]))
    assert "30 skipped:" in text
    assert "(row 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 …)" in text


def test_a_failed_sessions_page_tells_what_was_wrong_and_has_no_receipt(staff: Client, api: Client) -> None:
    answer = upload(api, ("watched.csv", BROKEN))
    text = text_of(staff, page_of(answer["session_id"]))
    for words in ("unbalanced_quotes", "watched.csv", "There is none: the import did not come to its end."):
        assert words in text


def test_a_sessions_page_leads_to_its_movies_and_holds_none_of_them(staff: Client, api: Client) -> None:
    answer = upload(api, ("watched.csv", make_watched(*(f"Title {number}" for number in range(130)))))
    content = staff.get(page_of(answer["session_id"])).content.decode()
    assert "Title 1" not in content
    assert f'href="/admin/movies_app/movie/?session={answer["session_id"]}"' in content


def test_a_page_that_is_not_there_leads_away_from_itself(staff: Client) -> None:
    for key in ("nonsense", "00000000-0000-4000-8000-000000000000", "1"):
        assert staff.get(page_of(key)).status_code == 302


# ── Extending and purging ─────────────────────────────────────────────────────────────────────
def test_extending_gives_thirty_days_to_those_that_live(staff: Client) -> None:
    live, other = make_sessions(2)
    (over,) = make_sessions(1, expires_in=timedelta(seconds=-1))
    response = act(staff, "extend", live, over)
    after = {session.pk: session.expires_at for session in UploadSession.objects.all()}
    assert after[live.pk] == live.expires_at + timedelta(days=30)
    assert after[other.pk] == other.expires_at
    assert after[over.pk] == over.expires_at
    told = [str(message) for message in response.context["messages"]]
    assert told == ["Extended by 30 days: 1 upload session.", "Not extended, because expired: 1 upload session."]
    assert "Expiry extended by 30 days. ada," in text_of(staff, page_of(live))


def test_a_visit_takes_nothing_of_an_extension(staff: Client) -> None:
    (session,) = make_sessions(1)
    act(staff, "extend", session)
    session.refresh_from_db()
    session.touch(now=timezone.now())
    stored = UploadSession.objects.get()
    assert stored.expires_at == session.expires_at > timezone.now() + timedelta(days=59)
    assert timezone.now() - stored.last_accessed < timedelta(minutes=1)


def test_a_purge_asks_first_and_says_what_will_go(staff: Client) -> None:
    sessions = make_sessions(2, movies=3)
    response = act(staff, "purge_now", *sessions)
    text = response.content.decode()
    assert "2 upload sessions with 6 movies will be deleted" in text
    assert stored_rows()["Movie"] == 6
    assert all(session.short_id in text for session in sessions)


def test_a_purge_deletes_by_one_statement_whatever_there_is(staff: Client) -> None:
    numbers = []
    for movies in (1, 400):
        sessions = make_sessions(3, movies=movies)
        kept = make_sessions(1, movies=1)[0]
        with CaptureQueriesContext(connection) as queries:
            response = act(staff, "purge_now", *sessions, confirmed="yes")
        numbers.append(len(queries))
        deletions = [query["sql"] for query in queries if query["sql"].startswith("DELETE FROM sessions")]
        assert not [query["sql"] for query in queries if re.match(r'DELETE FROM "?(movies|receipts)', query["sql"])]
        assert len(deletions) == 1
        counted = f"{3 * movies:,} movies"
        assert [str(one) for one in response.context["messages"]] == [f"Purged: 3 upload sessions with {counted}."]
        assert set(UploadSession.objects.all()) == {kept}
        assert StoredReceipt.objects.count() == 1
        UploadSession.objects.purge_chosen([kept.pk])
    assert numbers[0] == numbers[1]


def test_a_purge_forgets_what_was_computed(staff: Client, api: Client) -> None:
    upload_member(api)
    session = UploadSession.objects.get()
    stats.cached(session.as_subject())
    assert kept_numbers() == 1
    act(staff, "purge_now", session, confirmed="yes")
    assert kept_numbers() == 0


def kept_numbers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%kept-%'")
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.parametrize("action", ["extend", "purge_now"])
def test_the_log_of_actions_holds_short_ids_alone(staff: Client, action: str) -> None:
    sessions = make_sessions(2, movies=1)
    act(staff, action, *sessions, confirmed="yes")
    entries = LogEntry.objects.all()
    assert {entry.object_repr for entry in entries} == {session.short_id for session in sessions}
    assert {(entry.object_id, entry.user.username) for entry in entries} == {(None, "ada")}
    text = text_of(staff, "/admin/")
    assert all(session.short_id in text and str(session.pk) not in text for session in sessions)


def test_nobody_acts_on_all_pages_at_once(staff: Client) -> None:
    sessions = make_sessions(60)
    assert "Select all 60" not in staff.get(LIST).content.decode()
    for action in ("extend", "purge_now"):
        response = act(staff, action, sessions[0], select_across="1", confirmed="yes")
        assert [str(one) for one in response.context["messages"]] == ["Choose the upload sessions on the page."]
    assert set(UploadSession.objects.values_list("expires_at")) == {(sessions[0].expires_at,)}
    assert UploadSession.objects.count() == 60


def test_a_whole_page_may_be_chosen(staff: Client) -> None:
    sessions = make_sessions(50)
    act(staff, "purge_now", *sessions, confirmed="yes")
    assert not UploadSession.objects.exists()


def test_what_is_gone_meanwhile_is_told(staff: Client) -> None:
    (session,) = make_sessions(1)
    UploadSession.objects.all().delete()
    for action in ("extend", "purge_now"):
        response = act(staff, action, session, confirmed="yes")
        assert "not there any more" in str(next(iter(response.context["messages"])))


# ── The first page ────────────────────────────────────────────────────────────────────────────
def test_the_first_page_counts_what_its_links_list(staff: Client, api: Client) -> None:
    upload_member(api)
    upload(api, ("watched.csv", BROKEN))
    make_sessions(3, expires_in=timedelta(hours=1))
    make_sessions(1, expires_in=timedelta(seconds=-1))
    app.configure_task("purge").defer(timestamp=0)
    figures = staff.get("/admin/").context["figures"]
    assert [(figure.label, figure.number) for figure in figures] == [
        *(("uploads today", 2), ("failed today", 1), ("expiring within a day", 3), ("jobs in the queue", 1)),
        ("films waiting for TMDB", 3),
    ]
    for figure in figures:
        address = urlsplit(figure.address)
        response = staff.get(address.path, dict(parse_qsl(address.query)))
        assert response.context["cl"].result_count == figure.number, figure


def test_the_first_page_tells_nothing_to_those_who_may_not_see_sessions() -> None:
    response = staff_with("view_film").get("/admin/")
    assert response.context["figures"] == []
    assert "uploads today" not in response.content.decode()


def test_a_day_begins_at_midnight_utc() -> None:
    now = datetime(2026, 3, 4, 0, 0, 1, tzinfo=UTC)
    before, after = make_sessions(2)
    change(before, created_at=now - timedelta(seconds=2))
    change(after, created_at=now - timedelta(seconds=1))
    assert list(staff_site.created_today(UploadSession.objects.all(), now=now)) == [after]


def test_no_template_of_the_admin_has_inline_script_or_style() -> None:
    for path in (Path(staff_site.__file__).parent.parent / "templates/admin").rglob("*.html"):
        assert not re.search(r"<style|style=|<script(?![^>]*src)|\son\w+=", path.read_text()), path
