"""The commands for film facts, against a fake TMDB: what they do, say, survive, and what they refuse."""

import contextlib
import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from letterboxd_site.settings import BASE_DIR
from movies_app import asking_by_hand, enrichment, made_up, stats
from movies_app.models import FACTS_LIFETIME, Film, Movie
from sessions_app.models import UploadSession
from tests.builders import DIARY, WATCHED, get, make_csv, make_member_zip, make_watched, upload
from tests.fake_tmdb.faults import Fault
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.programs import wait_until
from tests.tmdb_jobs import use, work_off

ALPHA = Entry(tmdb_id=11, title="Alpha", release_date="1999-03-01")
BETA = Entry(tmdb_id=12, title="Beta", release_date="1999-04-01")
MANY = [Entry(tmdb_id=100 + number, title=f"Film {number}", release_date="1999-04-01") for number in range(60)]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTmdb]:
    monkeypatch.setattr("movies_app.tmdb.RETRY_SECONDS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(asking_by_hand, "TURN_SECONDS", 0.05)
    with FakeTmdb(World([ALPHA, BETA, *MANY])) as fake:
        use(fake, settings)
        yield fake


def run(*arguments: object) -> str:
    output = io.StringIO()
    call_command(*map(str, arguments), stdout=output, stderr=io.StringIO())
    return output.getvalue()


def make_due(*titles: str) -> None:
    """Add films that were not found when they were asked for."""
    now = timezone.now()
    Film.objects.bulk_create(
        Film(title_key=title.casefold(), title=title, year=1999, state="unmatched", attempts=1, next_try_at=now)
        for title in titles
    )


def names_of(entries: list[Entry]) -> list[str]:
    return [entry.title for entry in entries]


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    path = tmp_path / "watched.csv"
    path.write_bytes(make_watched("Alpha", "Beta", "Nothing Like It"))
    return path


@contextlib.contextmanager
def somebody_asking() -> Iterator[None]:
    """Hold the lock of those who ask TMDB, from another connection."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('tmdb'))")
        yield
    finally:
        other.close()


# ── refresh_films ─────────────────────────────────────────────────────────────────────────────
def test_all_that_is_due_is_asked_for_slice_after_slice(fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrichment, "SLICE_FILMS", 25)
    make_due(*names_of(MANY), "Nothing Like It")
    Film.objects.create(title_key="beta", title="Beta", year=1999, next_try_at=timezone.now() + timedelta(days=1))
    assert run("refresh_films").startswith("Asked TMDB for 61 films in ")
    assert Film.objects.filter(state="matched").count() == 60
    assert Film.objects.get(title="Beta").fetched_at is None
    assert run("refresh_films").startswith("Asked TMDB for 0 films in ")


def test_a_limit_is_kept_and_the_next_run_goes_on_from_there(fake: FakeTmdb) -> None:
    make_due(*names_of(MANY))
    assert run("refresh_films", "--limit", 20).startswith("Asked TMDB for 20 films in ")
    assert Film.objects.filter(state="matched").count() == 20
    assert run("refresh_films").startswith("Asked TMDB for 40 films in ")
    assert len(fake.counts.fetched) == 60


def test_facts_too_old_to_be_kept_go_even_when_they_cannot_be_fetched(fake: FakeTmdb) -> None:
    now = timezone.now()
    old = {"fetched_at": now - FACTS_LIFETIME, "next_try_at": now, "genres": ["Drama"], "tmdb_id": 11}
    Film.objects.create(title_key="alpha", title="Alpha", year=1999, state="matched", media_type="movie", **old)
    fake.misbehave(Fault.HTML_503, times=None)
    assert run("refresh_films").endswith("1 failed.\n")
    assert Film.objects.get().genres is None


def test_a_command_waits_for_its_turn_while_the_service_asks(fake: FakeTmdb) -> None:
    make_due("Alpha")
    told = io.StringIO()

    def refresh() -> None:
        call_command("refresh_films", stdout=io.StringIO(), stderr=told)
        connection.close()

    with somebody_asking():
        waiting = threading.Thread(target=refresh)
        waiting.start()
        wait_until(lambda: asking_by_hand.IS_BUSY in told.getvalue(), what="the command to say that it waits")
        assert fake.counts.requests == 0
    waiting.join(timeout=20)
    assert Film.objects.get().tmdb_id == ALPHA.tmdb_id


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_of_nothing_is_refused(fake: FakeTmdb, limit: str) -> None:
    with pytest.raises(CommandError, match="1 or more"):
        run("refresh_films", "--limit", limit)


# ── warm_catalogue ────────────────────────────────────────────────────────────────────────────
def test_films_of_a_file_are_known_before_anybody_uploads_them(api: Client, fake: FakeTmdb, watched: Path) -> None:
    told = run("warm_catalogue", watched)
    assert told.startswith("3 films, 3 asked for in ")
    assert told.endswith(" 2 found (0 of them ambiguous), 1 unmatched, 0 waiting.\n")
    assert (Film.objects.count(), Movie.objects.count(), UploadSession.objects.count()) == (3, 0, 0)
    fake.reset()
    answer = upload(api, ("watched.csv", watched.read_bytes()))
    assert (answer["status"], Film.objects.count(), fake.counts.requests) == ("completed", 3, 0)


def test_what_is_known_is_skipped(fake: FakeTmdb, watched: Path, tmp_path: Path) -> None:
    run("warm_catalogue", watched)
    fake.reset()
    assert run("warm_catalogue", watched).startswith("3 films, 0 asked for in ")
    assert fake.counts.requests == 0
    more = tmp_path / "more.zip"
    more.write_bytes(make_member_zip())
    assert run("warm_catalogue", watched, more).startswith("6 films, 3 asked for in ")


@pytest.mark.parametrize(
    ("name", "header", "rows"),
    [
        ("list.csv", ("Name", "Year", "Letterboxd URI"), [("Alpha", "1999", "https://boxd.it/a")]),
        ("list.csv", ("Letterboxd URI", "Year", "Name"), [("", "1999", "Alpha")]),
        ("watchlist.csv", WATCHED, [("2020-01-01", "Alpha", "1999", "https://boxd.it/a")]),
        ("films.csv", WATCHED, [("2020-01-01", "Alpha", "1999", "https://boxd.it/a")]),
        ("diary.csv", DIARY, [("2020-01-01", "Alpha", "1999", "https://boxd.it/x", "4", "", "", "2020-01-01")]),
    ],
)
def test_any_table_with_names_years_and_links_will_do(
    fake: FakeTmdb, tmp_path: Path, name: str, header: tuple[str, ...], rows: list[tuple[str, ...]]
) -> None:
    (tmp_path / name).write_bytes(make_csv(header, rows))
    run("warm_catalogue", tmp_path / name)
    assert (Film.objects.get().title, Film.objects.get().tmdb_id) == ("Alpha", ALPHA.tmdb_id)


def test_a_whole_export_of_a_member_is_warmed_as_it_would_be_uploaded(
    api: Client, settings: Any, tmp_path: Path
) -> None:
    export = tmp_path / "letterboxd-somebody.zip"
    export.write_bytes(made_up.make_zip(made_up.make_export(films=120, seed=3)))
    with FakeTmdb(World.made_up(films=2_000)) as fake:
        use(fake, settings)
        told = run("warm_catalogue", export)
        answer = upload(api, (export.name, export.read_bytes()))
    assert told.startswith(f"{answer['total_movies']} films, ")
    assert (answer["status"], Film.objects.count()) == ("completed", answer["total_movies"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"Name,Year\r\nAlpha,1999\r\n", "lacks the column Letterboxd URI"),
        (b"PK\x03\x04 nothing", "is damaged"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_asked(
    fake: FakeTmdb, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / "somebody.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=complaint) as caught:
        run("warm_catalogue", path)
    assert str(caught.value).startswith(f"{path}: ")
    assert fake.counts.requests == 0


# ── Both ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(params=["refresh_films", "warm_catalogue"])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[object]:
    """Give either command with sixty films to ask for."""
    path = tmp_path / "watched.csv"
    path.write_bytes(make_watched(*names_of(MANY)))
    if request.param == "warm_catalogue":
        return [request.param, path]
    make_due(*names_of(MANY))
    return [request.param]


def test_without_a_token_it_is_said_and_nothing_is_done(settings: Any, command: list[object]) -> None:
    before = list(Film.objects.values())
    with pytest.raises(CommandError, match="There is no TMDB_TOKEN"):
        run(*command)
    assert list(Film.objects.values()) == before


def test_a_wrong_token_is_said_without_telling_it(fake: FakeTmdb, settings: Any, command: list[object]) -> None:
    settings.TMDB_TOKEN = "not-the-token"
    with pytest.raises(CommandError, match="TMDB refuses TMDB_TOKEN") as caught:
        run(*command)
    assert "not-the-token" not in str(caught.value)
    assert not Film.objects.filter(tmdb_id__isnull=False).exists()


def test_tmdb_that_goes_down_ends_it_and_the_next_run_goes_on(fake: FakeTmdb, command: list[object]) -> None:
    asked = itertools.count(1)

    def go_down_in_the_middle() -> float:
        if next(asked) == 50:
            fake.misbehave(Fault.RESET, times=None)
        return 0

    fake.latency = go_down_in_the_middle
    with pytest.raises(CommandError, match="TMDB does not answer"):
        run(*command)
    done = Film.objects.filter(state="matched").count()
    assert 0 < done < 60
    fake.latency = None
    fake.reset()
    Film.objects.filter(last_error__isnull=False).update(next_try_at=timezone.now())
    run(*command)
    assert Film.objects.filter(state="matched").count() == 60
    assert len(fake.counts.fetched) == 60 - done


def test_ctrl_c_keeps_what_was_found_and_lets_the_next_go_on(fake: FakeTmdb, command: list[object]) -> None:
    fake.latency = lambda: 0.3
    name = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {"DATABASE_URL": urlunsplit(name), "TMDB_TOKEN": fake.token, "TMDB_BASE_URL": fake.url}
    started = subprocess.Popen(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: Film.objects.filter(state="matched").exists(), seconds=60, what="the first films")
    told_at = time.monotonic()
    started.send_signal(signal.SIGINT)
    output, errors = started.communicate(timeout=20)
    assert time.monotonic() - told_at < 5
    assert (started.returncode, output) == (asking_by_hand.STOPPED, "")
    assert "Traceback" not in errors
    assert "Stopped after " in errors
    done = Film.objects.filter(state="matched").count()
    assert done < 60
    fake.latency = None
    fake.reset()
    run(*command)
    assert Film.objects.filter(state="matched").count() == 60
    assert len(fake.counts.fetched) == 60 - done


@pytest.mark.parametrize(
    ("done", "total", "seconds", "told"),
    [
        (0, 60, 0.0, "[..............................] 0 of 60 films, 0.0 a second"),
        (30, 60, 2.0, "[###############...............] 30 of 60 films, 15.0 a second, 2 s left"),
        (60, 60, 4.0, "[##############################] 60 of 60 films, 15.0 a second, 0 s left"),
        (10, 8_000, 1.0, "[..............................] 10 of 8,000 films, 10.0 a second, 13 min 19 s left"),
        (10, 80_000, 1.0, "[..............................] 10 of 80,000 films, 10.0 a second, 2 h 13 min left"),
        (12, 10, 1.0, "[##############################] 12 of 12 films, 12.0 a second, 0 s left"),
        (0, 0, 1.0, "[##############################] 0 of 0 films, 0.0 a second"),
    ],
)
def test_the_line_tells_counts_rate_and_what_is_left(done: int, total: int, seconds: float, told: str) -> None:
    assert asking_by_hand.line(done, total, seconds=seconds) == told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_grows(fake: FakeTmdb) -> None:
    make_due("Alpha", "Beta")
    screen = Terminal()
    call_command("refresh_films", stdout=io.StringIO(), stderr=screen, no_color=True)
    *lines, end = screen.getvalue().split("\r")
    assert end == "\n"
    assert lines[-1].startswith("[##############################] 2 of 2 films, ")


def test_a_file_gets_a_line_now_and_then(fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrichment, "SLICE_FILMS", 10)
    make_due(*names_of(MANY))
    file = io.StringIO()
    call_command("refresh_films", stdout=io.StringIO(), stderr=file)
    assert len(file.getvalue().splitlines()) == 1


# ── purge_tmdb ────────────────────────────────────────────────────────────────────────────────
def test_everything_from_tmdb_goes_and_sessions_stay(api: Client, fake: FakeTmdb, settings: Any) -> None:
    answer = upload(api, ("watched.csv", make_watched("Alpha", "Beta")))
    work_off()
    session = UploadSession.objects.get()
    genre = Film.objects.values_list("genres__0", flat=True)[0]
    stats.cached(session.as_subject())
    assert kept_numbers() == 1
    settings.TMDB_TOKEN = ""
    assert run("purge_tmdb", "--yes") == "Removed what TMDB told of 2 films. Upload sessions and films stayed.\n"
    assert kept_numbers() == 0
    movies = get(api, f"/api/session/{answer['session_id']}/movies")["results"]
    assert [(movie["title"], movie["tmdb_id"], movie["genres"]) for movie in movies] == [
        ("Alpha", None, None),
        ("Beta", None, None),
    ]
    assert genre not in str(list(Film.objects.values()))
    assert run("purge_tmdb", "--yes").startswith("Removed what TMDB told of 0 films.")


def kept_numbers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(("typed", "is_purged"), [("yes\n", True), ("no\n", False), ("\n", False), ("", False)])
def test_a_purge_asks_before_it_removes(
    fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch, typed: str, *, is_purged: bool
) -> None:
    Film.objects.create(title_key="alpha", title="Alpha", state="matched", tmdb_id=11, media_type="movie")
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with contextlib.nullcontext() if is_purged else pytest.raises(CommandError, match="Nothing was removed"):
        run("purge_tmdb")
    assert Film.objects.filter(tmdb_id=None).exists() is is_purged


def test_nothing_is_purged_while_facts_come_in(fake: FakeTmdb) -> None:
    Film.objects.create(title_key="alpha", title="Alpha", state="matched", tmdb_id=11, media_type="movie")
    cache.set("stays", 1)
    with somebody_asking(), pytest.raises(CommandError, match="Stop the worker"):
        run("purge_tmdb", "--yes")
    assert Film.objects.get().tmdb_id == 11
    assert cache.get("stays") == 1
