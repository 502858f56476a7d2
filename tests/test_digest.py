"""The digest of an upload's movies: it says what their rows say, and goes where they go."""

from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from movies_app import digest, importing, made_up, stats
from movies_app.archive import BroughtFile
from movies_app.made_up import Habits, make_export
from movies_app.models import Movie, StoredDigest
from movies_app.scope import Scope
from movies_app.stats import computing
from sessions_app.models import UploadSession
from tests.builders import make_sessions
from tests.film_facts import facts_of
from tests.test_merging import COLUMNS as CSV_COLUMNS
from tests.test_merging import row
from tests.test_second_reader import make_csv
from tests.test_stats import TODAY, exports, imported, store

pytestmark = pytest.mark.django_db

MEMBER = make_export(films=300, seed=21, habits=Habits(logged=1, reviewed=0.6, tagged=0.5))
SCOPES = [Scope(), Scope(year=2024), Scope(rewatches_only=True, min_rated=1)]


def kept(session_id: UUID) -> digest.Digest:
    stored = StoredDigest.objects.get(session_id=session_id)
    assert stored.version == digest.VERSION
    assert {stored.export} == Movie.objects.exports(session_id)
    made = digest.Digest(digest.unpacked(bytes(stored.films)), digest.unpacked(bytes(stored.viewings)))
    assert stored.film_ids == made.films["film_id"].to_list()
    return made


def of_rows(session_id: UUID) -> digest.Digest:
    """Return the digest that is made of the rows where none is kept."""
    StoredDigest.objects.filter(session_id=session_id).delete()
    return computing.movies_of(session_id).digest


def check_says_what_the_rows_say(files: dict[str, bytes]) -> None:
    session_id = store(files)
    if not Movie.objects.filter(session_id=session_id).exists():
        assert not StoredDigest.objects.filter(session_id=session_id).exists()
        return
    by_import, by_rows = kept(session_id), of_rows(session_id)
    for one, other in ((by_import.films, by_rows.films), (by_import.viewings, by_rows.viewings)):
        assert one.schema == other.schema
        assert one.equals(other)


# ── What it says ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("habits", [Habits(), Habits(logged=0), Habits(logged=1, reviewed=0.9, tagged=0.9)])
def test_the_import_digests_what_the_rows_say(habits: Habits) -> None:
    check_says_what_the_rows_say(make_export(films=200, seed=20, habits=habits))


@given(exports())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_import_digests_what_the_rows_of_hostile_tables_say(files: dict[str, bytes]) -> None:
    check_says_what_the_rows_say(files)


def viewing(number: int, **cells: Any) -> dict[str, Any]:
    day = f"2024-02-0{number + 1}"
    return {"date": day, "logged_date": day, "rating": None, "rewatch": False, "tags": [], "review": None} | cells


def make(review: str | None, *viewings: dict[str, Any]) -> digest.Digest:
    """Return the digest of one movie."""
    movie = {"film_id": 7, "position": 1, "year": 1999, "rating": 4.5, "liked": True, "tags": ["a", "b"]}
    return digest.make(pl.DataFrame([movie | {"review": review, "viewings": viewings}], schema=digest.MADE_OF))


def test_a_digest_of_this_version_says_this() -> None:
    """Where this has to change `VERSION` has to be raised, or sessions of before the change are told of wrongly."""
    review = "<p><b>Th</b>ree&nbsp;words</p>don't <3 td<td>: —\u3000x\u00a0y"
    made = make(review, viewing(0), viewing(1, date=None, rating=3.0, rewatch=True, tags=["c"], review="One<br>two"))
    assert digest.VERSION == 1
    tags, dates = pl.List(pl.String), {"date": pl.Date, "logged_date": pl.Date}
    whose = {"film_id": pl.Int64, "position": pl.Int32, "year": pl.Int32, "rating": pl.Float64, "liked": pl.Boolean}
    assert made.films.schema == {**whose, "tags": tags, "words": pl.UInt32, "reviewed_on": pl.Date}
    which = {"position": pl.Int32, "number": pl.Int32, **dates, "rating": pl.Float64, "rewatch": pl.Boolean}
    assert made.viewings.schema == {**which, "tags": tags, "words": pl.UInt32}
    assert made.films.rows() == [(7, 1, 1999, 4.5, True, ["a", "b"], 7, None)]
    assert made.viewings.rows() == [
        (1, 0, date(2024, 2, 1), date(2024, 2, 1), None, False, [], None),
        (1, 1, None, date(2024, 2, 2), 3.0, True, ["c"], 2),
    ]


def test_a_review_is_of_the_day_of_the_last_viewing_with_a_review_if_it_is_its() -> None:
    older, newer = viewing(1, review="Good."), viewing(0, review="Good indeed.")
    made = {text: make(text, viewing(2), newer, older).films.row(0)[-2:] for text in ("Good.", "Good indeed.", None)}
    assert made == {"Good.": (1, None), "Good indeed.": (2, date(2024, 2, 1)), None: (None, None)}
    assert make("Good.").films.row(0)[-2:] == (1, None)


@pytest.mark.parametrize("leave_out_texts", [False, True])
def test_no_title_and_no_review_is_in_it_and_no_tag_that_was_left_out(leave_out_texts: bool) -> None:  # noqa: FBT001
    entry = row("Zebra", uri="https://boxd.it/e1", Watched_Date="2024-01-01", Tags="giraffe", Review="An okapi.")
    tables = {name: make_csv([entry], CSV_COLUMNS[name]) for name in ("diary.csv", "reviews.csv")}
    session_id = make_sessions(1)[0].pk
    export = importing.open_export([BroughtFile("export.zip", made_up.make_zip(tables))])
    brought = importing.read_export(export, today=TODAY, leave_out_texts=leave_out_texts)
    importing.store(brought, session_id=session_id)
    made = kept(session_id)
    told = f"{made.films.to_dicts()} {made.viewings.to_dicts()}"
    assert "Zebra" not in told
    assert "okapi" not in told
    assert ("giraffe" in told) is not leave_out_texts
    assert made.films["words"].to_list() == [None if leave_out_texts else 2]
    assert "giraffe" not in repr(computing.movies_of(session_id))


# ── What counts ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("scope", SCOPES)
def test_without_one_and_with_one_of_another_version_the_numbers_are_the_same(scope: Scope) -> None:
    session_id = store(MEMBER, facts=facts_of)
    told = stats.compute(session_id=session_id, scope=scope)
    # What another version says is not believed.
    nothing = digest.packed(digest.NOTHING.films), digest.packed(digest.NOTHING.viewings)
    StoredDigest.objects.update(version=digest.VERSION + 1, film_ids=[], films=nothing[0], viewings=nothing[1])
    assert stats.compute(session_id=session_id, scope=scope) == told
    StoredDigest.objects.all().delete()
    assert stats.compute(session_id=session_id, scope=scope) == told


def test_the_numbers_come_from_it_and_not_from_the_rows() -> None:
    session_id = store(MEMBER)
    told = stats.compute(session_id=session_id)["ratings"]
    Movie.objects.filter(session_id=session_id).update(rating=None)
    assert stats.compute(session_id=session_id)["ratings"] == told


def test_one_of_another_export_does_not_count() -> None:
    """A process of an older version, which knows of no digests, may have put a newer export in its place."""
    session_id, newer = store(MEMBER), store(make_export(films=20, seed=24))
    Movie.objects.filter(session_id=session_id).delete()
    Movie.objects.filter(session_id=newer).update(session_id=session_id)
    assert stats.compute(session_id=session_id)["overview"]["films"] == Movie.objects.count()


# ── Where it goes ─────────────────────────────────────────────────────────────────────────────
def test_a_newer_export_has_a_digest_of_its_own() -> None:
    session_id, other = store(MEMBER), store(make_export(films=5, seed=23))
    newer = make_export(films=20, seed=22)
    importing.replace(imported(newer), session_id=session_id)
    assert stats.compute(session_id=session_id) == stats.compute(session_id=store(newer))
    importing.replace(imported({"watched.csv": b"Date,Name,Year,Letterboxd URI\r\n"}), session_id=session_id)
    assert not StoredDigest.objects.filter(session_id=session_id).exists()
    assert StoredDigest.objects.filter(session_id=other).exists()
    assert stats.compute(session_id=session_id)["overview"]["films"] == 0


def test_it_goes_with_its_session() -> None:
    session_id, other = store(MEMBER), store(make_export(films=5, seed=23))
    UploadSession.objects.filter(pk=session_id).delete()
    assert [stored.session_id for stored in StoredDigest.objects.all()] == [other]
