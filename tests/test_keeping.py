"""What is kept of an upload session: for which state, for how long, and that nothing of it outlives its session."""

import pickle
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app import keeping
from movies_app.keeping import Shelf, Subject
from movies_app.models import Movie
from tests.builders import make_movie, make_sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def session_id() -> UUID:
    return UUID(str(make_sessions(1, movies=2)[0].pk))


def keys_kept() -> list[str]:
    """Return the keys in the table of the database cache."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache WHERE cache_key LIKE '%kept-%'")
        return [key for (key,) in cursor.fetchall()]


class Maker:
    """Makes something else at each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> bytes:
        self.calls += 1
        return b"made %d" % self.calls


def test_what_is_kept_is_made_once_and_costs_one_query(session_id: UUID) -> None:
    make, subject = Maker(), Subject(session_id, "completed")
    assert keeping.keep(Shelf.PAGES, "a", subject, make) == b"made 1"
    with CaptureQueriesContext(connection) as queries:
        assert keeping.keep(Shelf.PAGES, "a", subject, make) == b"made 1"
    assert (make.calls, len(queries)) == (1, 1)


def test_another_state_part_shelf_or_session_is_another(session_id: UUID) -> None:
    make, other = Maker(), UUID(str(make_sessions(1, movies=1)[0].pk))
    asked = [
        (Shelf.PAGES, "a", Subject(session_id, "one")),
        (Shelf.PICTURES, "a", Subject(session_id, "one")),
        (Shelf.PAGES, "a", Subject(other, "one")),
        (Shelf.PAGES, "a", Subject(session_id, "two")),
        (Shelf.PAGES, "b", Subject(session_id, "two")),
    ]
    assert len({keeping.keep(*each, make) for each in asked}) == len(asked)
    assert keeping.keep(Shelf.PICTURES, "a", Subject(session_id, "one"), make) == b"made 2"


def test_while_facts_come_in_it_lasts_for_some_seconds(session_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOVING_SECONDS", 4)
    make, subject = Maker(), Subject(session_id, "enriching", is_moving=True)
    assert {keeping.keep(Shelf.PAGES, "a", subject, make) for _ in range(3)} == {b"made 1"}
    time.sleep(4.1)
    assert keeping.keep(Shelf.PAGES, "a", subject, make) == b"made 2"


def test_what_other_code_made_counts_for_nothing(session_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    make, subject = Maker(), Subject(session_id, "one")
    keeping.keep(Shelf.PAGES, "a", subject, make)
    monkeypatch.setattr(keeping, "made_by", lambda: "a later release")
    assert keeping.keep(Shelf.PAGES, "a", subject, make) == b"made 2"


def test_the_word_for_the_code_changes_with_code_templates_and_styles(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    words = [word_for_the_code()]
    for name in ("movies_app/stats/code.py", "templates/page.html", "static/css/look.css", "templates/page.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.read_text() + "more" if path.exists() else "some")
        words.append(word_for_the_code())
    assert len(set(words)) == len(words)
    (tmp_path / "templates/notes.txt").write_text("no part of the service")
    assert word_for_the_code() == words[-1]
    assert keeping.made_by() != words[-1]


def word_for_the_code() -> str:
    """Return what a process that starts now says."""
    return keeping.made_by.__wrapped__()


def test_a_session_has_few_places(session_id: UUID) -> None:
    for number in range(60):
        for shelf in Shelf:
            keeping.keep(shelf, number, Subject(session_id, "one"), Maker())
    assert len(keys_kept()) == sum(keeping.PLACES.values())


def test_forgetting_leaves_nothing_of_some_sessions_and_all_of_others() -> None:
    sessions = [UUID(str(session.pk)) for session in make_sessions(3, movies=1)]
    for session_id in sessions:
        for shelf in Shelf:
            keeping.keep(shelf, "a", Subject(session_id, "one", is_moving=True), Maker())
    each = len(keys_kept()) // 3
    assert each == len(Shelf) + 1  # and the moment
    with CaptureQueriesContext(connection) as queries:
        keeping.forget(sessions[:2])
    assert (len(queries), len(keys_kept())) == (1, each)
    keeping.forget([*sessions, uuid4()])
    assert keys_kept() == []
    keeping.forget([])


def test_the_key_does_not_tell_the_link(session_id: UUID) -> None:
    keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), Maker())
    (key,) = keys_kept()
    assert session_id.hex[:8] not in key


@pytest.mark.parametrize("moment", ["while it is made", "while it is put away"])
def test_nothing_is_kept_of_a_session_that_is_deleted_meanwhile(
    session_id: UUID, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_set = cache.set

    def delete() -> bytes:
        Movie.objects.filter(session_id=session_id).delete()
        keeping.forget([session_id])
        return b"made"

    def set_late(*arguments: object) -> None:
        delete()
        real_set(*arguments)  # type: ignore[arg-type]

    if moment == "while it is put away":
        monkeypatch.setattr(cache, "set", set_late)
    make = delete if moment == "while it is made" else Maker()
    assert keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), make).startswith(b"made")
    assert keys_kept() == []


def test_nothing_is_kept_of_an_export_that_a_newer_one_replaced_meanwhile(session_id: UUID) -> None:
    def replace() -> bytes:
        movie = Movie.objects.get(session_id=session_id, position=1)
        movie.delete()
        Movie.objects.bulk_create([make_movie(movie.session, movie.film, position=1)])
        keeping.forget([session_id])
        return b"of both exports"

    assert keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), replace) == b"of both exports"
    assert keys_kept() == []


def test_what_was_begun_with_an_export_that_a_newer_one_replaced_is_made_again(session_id: UUID) -> None:
    made = iter((b"of both exports", b"of the newer"))

    def replace() -> bytes:
        movie = Movie.objects.get(session_id=session_id, position=1)
        told = next(made)
        if told == b"of both exports":
            movie.delete()
            Movie.objects.bulk_create([make_movie(movie.session, movie.film, position=1)])
        return told

    assert keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), replace) == b"of the newer"
    assert keys_kept() == []


def test_what_is_kept_does_not_say_of_what_it_was_made(session_id: UUID) -> None:
    keeping.keep(Shelf.PAGES, f"/stats/{session_id}", Subject(session_id, "one"), Maker())
    (key,) = keys_kept()
    assert str(session_id).encode() not in pickle.dumps(cache.get(key.split(":", 2)[2]))


def test_it_is_kept_for_a_day(session_id: UUID) -> None:
    keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), Maker())
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('hour', expires - clock_timestamp() + interval '1 minute') FROM cache")
        assert cursor.fetchall() == [(timedelta(days=1),)]


def test_what_was_kept_for_its_time_is_deleted(session_id: UUID) -> None:
    keeping.keep(Shelf.PAGES, "a", Subject(session_id, "one"), Maker())
    now = timezone.now()
    keeping.remove_expired(now=now + timedelta(hours=23))
    assert len(keys_kept()) == 1
    keeping.remove_expired(now=now + timedelta(hours=25))
    assert keys_kept() == []
