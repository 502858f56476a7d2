"""Take-outs over the API: they hold what the movies hold, as CSV, JSON and Parquet, and end with their session."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app import made_up, takeout, takeout_files
from movies_app.archive import BroughtFile
from movies_app.models import FACTS_LIFETIME, Film, Movie
from sessions_app import uploads
from sessions_app.models import UploadSession
from tests.builders import (
    Answer,
    check_error,
    delete,
    get,
    make_film_known,
    make_member_files,
    make_member_zip,
    make_sessions,
    make_watched,
    make_zip,
    movies_of,
    upload,
    upload_member,
)
from tests.takeout_by_hand import export_of, statistics_of

FILES = [
    ("as=json", "application/json", "letterboxd.json"),
    ("as=csv&of=movies", "text/csv; charset=utf-8", "letterboxd-movies.csv"),
    ("as=csv&of=viewings", "text/csv; charset=utf-8", "letterboxd-viewings.csv"),
    ("as=parquet&of=movies", "application/vnd.apache.parquet", "letterboxd-movies.parquet"),
    ("as=parquet&of=viewings", "application/vnd.apache.parquet", "letterboxd-viewings.parquet"),
]
every_file = pytest.mark.parametrize("query", [query for query, _, _ in FILES])
KNOWN = {
    **{"tmdb_id": 11, "imdb_id": "tt0000011", "media_type": "movie", "runtime": 101, "genres": ["Drama", "War"]},
    **{"directors": [{"id": 7, "name": "Ann Ant"}, {"id": 8, "name": "=Bob"}], "countries": ["SE"]},
    **{"original_title": "Alfa", "cast": [{"id": 9, "name": "Nobody"}], "vote_average": 7.5},
}
FACTS = ["tmdb_id", "imdb_id", "media_type", "runtime", "genres", "directors", "countries"]


def taken(api: Client, answer: Answer, query: str) -> bytes:
    response = api.get(f"/api/session/{answer['session_id']}/export?{query}")
    assert response.status_code == 200
    return response.getvalue()


def document_of(api: Client, answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(taken(api, answer, "as=json"))
    return document


def csv_of(api: Client, answer: Answer, of: str) -> list[dict[str, str]]:
    text = taken(api, answer, f"as=csv&of={of}").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def parquet_of(api: Client, answer: Answer, of: str) -> list[dict[str, Any]]:
    rows = pl.read_parquet(taken(api, answer, f"as=parquet&of={of}")).to_dicts()
    return [{name: str(value) if isinstance(value, date) else value for name, value in row.items()} for row in rows]


def all_movies(api: Client, answer: Answer) -> list[dict[str, Any]]:
    """Return the movies as the API tells them page by page."""
    pages = range(1, answer["total_movies"] // 500 + 2)
    return [movie for page in pages for movie in movies_of(api, answer, page=page)]


def as_taken(movie: dict[str, Any]) -> dict[str, Any]:
    """Return what is taken out of a movie of the API."""
    names = {
        *("position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri", "liked", "rewatch"),
        *("tags", "review", "viewings", *FACTS),
    }
    directors = movie["directors"] and [person["name"] for person in movie["directors"]]
    return {name: movie[name] for name in names} | {"directors": directors}


def viewings_of(movies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    of_movie = ("position", "title", "year", "letterboxd_uri", "tmdb_id", "imdb_id", "directors")
    return [{name: movie[name] for name in of_movie} | viewing for movie in movies for viewing in movie["viewings"]]


def written(value: Any) -> str:
    """Return how a CSV tells a value, but for apostrophes."""
    if isinstance(value, list):
        return ", ".join(value).replace("'", "")
    plain = {None: "", True: "true", False: "false"}
    known = isinstance(value, bool) or value is None
    return plain[value] if known else str(value).removesuffix(".0").replace("'", "")


def same(told: list[dict[str, str]], rows: list[dict[str, Any]], names: dict[str, str]) -> bool:
    return [{name: cell.replace("'", "") for name, cell in row.items()} for row in told] == [
        {column: written(row[name]) for column, name in names.items()} for row in rows
    ]


def make_made_up(api: Client, films: int = 700) -> Answer:
    export = made_up.make_export(films=films, seed=8, today=date(2026, 1, 31))
    answer = upload(api, ("a.zip", made_up.make_zip(export)))
    assert answer.status == 201
    Film.objects.filter(pk__in=list(Film.objects.values_list("pk", flat=True)[: films // 2])).update(
        fetched_at=timezone.now(), state="matched", **KNOWN
    )
    return answer


@pytest.fixture(params=["a small member", "a made-up member", "a member without viewings", "a member of 2013"])
def member(request: pytest.FixtureRequest, api: Client) -> Answer:
    if request.param == "a made-up member":
        return make_made_up(api)
    files = make_member_files()
    if request.param == "a member without viewings":
        files = {path: files[path] for path in ("watched.csv", "ratings.csv")}
    if request.param == "a member of 2013":
        files = {"watched.csv": make_watched("=Alpha", "日本", " +Beta")}
    return upload(api, ("a.zip", make_zip(files)))


# ── What is in them ───────────────────────────────────────────────────────────────────────────
def test_a_json_file_holds_the_figures_and_every_movie_with_its_viewings(api: Client, member: Answer) -> None:
    document = document_of(api, member)
    assert document.keys() == {"statistics", "movies"}
    assert document["statistics"] == get(api, f"/api/session/{member['session_id']}")["statistics"]
    assert document["movies"] == [as_taken(movie) for movie in all_movies(api, member)]
    assert len(document["movies"]) == member["total_movies"]


def test_a_csv_file_tells_the_same(api: Client, member: Answer) -> None:
    movies = [as_taken(movie) for movie in all_movies(api, member)]
    told, viewings = csv_of(api, member, "movies"), csv_of(api, member, "viewings")
    assert same(told, movies, {name: name for name in told[0]})
    assert told[0].keys() == movies[0].keys() - {"viewings"}
    names = {
        **{"Position": "position", "LetterboxdURI": "letterboxd_uri", "tmdbID": "tmdb_id", "imdbID": "imdb_id"},
        **{"Title": "title", "Year": "year", "Directors": "directors", "Rating": "rating", "WatchedDate": "date"},
        **{"Rewatch": "rewatch", "Tags": "tags", "Review": "review", "LoggedDate": "logged_date", "EntryURI": "uri"},
    }
    assert same(viewings, viewings_of(movies), names)


def test_a_parquet_file_tells_the_same(api: Client, member: Answer) -> None:
    movies = [as_taken(movie) for movie in all_movies(api, member)]
    assert parquet_of(api, member, "viewings") == viewings_of(movies)
    for movie in movies:
        del movie["viewings"]
    assert parquet_of(api, member, "movies") == movies


def test_the_figures_can_be_counted_from_the_json_alone(api: Client, member: Answer) -> None:
    document = document_of(api, member)
    assert statistics_of(document["movies"]) == document["statistics"]


def test_a_re_import_of_the_json_gives_the_same_numbers(api: Client, member: Answer) -> None:
    """Of films of one name and year none of these members logged the second one twice: see `day_marked`."""
    again = upload(api, ("again.zip", export_of(document_of(api, member)["movies"])))
    assert again.status == 201
    numbers, numbers_again = (get(api, f"/api/session/{answer['session_id']}/stats").body for answer in (member, again))
    assert numbers_again == numbers
    assert in_order(document_of(api, again)) == in_order(document_of(api, member))


def in_order(document: dict[str, Any]) -> dict[str, Any]:
    """Put the tags of a movie in order: of viewings logged on one day either may be the first to bring its own."""
    return document | {"movies": [movie | {"tags": sorted(movie["tags"])} for movie in document["movies"]]}


# ── What TMDB knows ───────────────────────────────────────────────────────────────────────────
def test_of_tmdb_comes_what_helps_to_go_on_and_nothing_that_is_too_old(api: Client) -> None:
    member = upload_member(api)
    make_film_known("Alpha", **KNOWN)
    make_film_known("Beta", **KNOWN | {"fetched_at": timezone.now() - FACTS_LIFETIME - timedelta(minutes=1)})
    by_title = {movie["title"]: {name: movie[name] for name in FACTS} for movie in document_of(api, member)["movies"]}
    assert by_title["Alpha"] == {name: KNOWN[name] for name in FACTS} | {"directors": ["Ann Ant", "=Bob"]}
    assert by_title["Beta"] == by_title["Gamma, or Not"] == dict.fromkeys(FACTS)
    assert [row["directors"] for row in parquet_of(api, member, "movies")] == [None, ["Ann Ant", "=Bob"], None]
    assert {row["tmdbID"] for row in csv_of(api, member, "viewings") if row["Title"] == "Beta"} == {""}


# ── What is not in them ───────────────────────────────────────────────────────────────────────
@every_file
def test_neither_id_nor_name_nor_receipt_is_in_a_file(api: Client, query: str) -> None:
    name = "Ottokar Geheimrat"
    member = upload(api, ("holiday.zip", make_member_zip()), display_name=name)
    content = taken(api, member, query)
    for secret in (
        member["session_id"],
        member["session_id"][:8],
        name,
        member["manage_token"],
        "holiday",
        "ratings.csv",
    ):
        assert secret.encode() not in content


@every_file
def test_texts_left_out_at_upload_cannot_come_out(api: Client, query: str) -> None:
    kept, left_out = (
        taken(api, upload(api, ("a.zip", make_member_zip()), leave_out_texts=leave_out), query)
        for leave_out in ("false", "true")
    )
    assert b"Alpha" in left_out
    for text in (b"cinema", b"second", b"Truly"):
        assert text not in left_out
    assert "parquet" in query or "movies" in query or b"cinema" in kept


@pytest.mark.parametrize("of", ["movies", "viewings"])
def test_texts_left_out_at_upload_leave_empty_columns(api: Client, of: str) -> None:
    member = upload(api, ("a.zip", make_member_zip()), leave_out_texts="true")
    assert {(row["review"], len(row["tags"])) for row in parquet_of(api, member, of)} == {(None, 0)}


# ── The answer ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("query", "media_type", "file_name"), FILES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_an_attachment_that_nobody_keeps(
    api: Client, query: str, media_type: str, file_name: str, method: str
) -> None:
    member = upload_member(api)
    response = api.generic(method, f"/api/session/{member['session_id']}/export?{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'attachment; filename="{file_name}"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert bool(response.getvalue()) == (method == "GET")


def test_head_makes_no_file(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def parquet(stretches: Any, *, of: str) -> bytes:
        made.append(of)
        return b""

    monkeypatch.setattr(takeout_files, "parquet", parquet)
    path = f"/api/session/{upload_member(api)['session_id']}/export?as=parquet"
    assert (api.head(path).status_code, made) == (200, [])
    assert (api.get(path).status_code, made) == (200, ["movies"])


def test_without_words_it_is_json_and_of_is_movies(api: Client) -> None:
    member = upload_member(api)
    assert taken(api, member, "") == taken(api, member, "as=json") == taken(api, member, "as=json&of=viewings")
    assert taken(api, member, "as=csv") == taken(api, member, "as=csv&of=movies")


@pytest.mark.parametrize("accept", ["text/csv", "application/vnd.apache.parquet", "text/html", "*/*", "nonsense"])
def test_a_file_comes_whatever_the_request_accepts_and_its_errors_are_json(api: Client, accept: str) -> None:
    path = f"/api/session/{upload_member(api)['session_id']}/export"
    assert api.get(f"{path}?as=csv", headers={"Accept": accept}).status_code == 200
    check_error(get(api, f"{path}?as=xml", accept=accept), 400, "invalid")


@pytest.mark.parametrize("query", ["as=xml", "as=CSV", "as=csv&of=films", "of=%00", "as=csv&as=xml"])
def test_an_unknown_word_is_refused(api: Client, query: str) -> None:
    check_error(get(api, f"/api/session/{upload_member(api)['session_id']}/export?{query}"), 400, "invalid")


def test_a_listed_origin_may_read_it(api: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example"]
    path = f"/api/session/{upload_member(api)['session_id']}/export"
    response = api.get(path, headers={"Origin": "https://front.example"})
    assert response["Access-Control-Allow-Origin"] == "https://front.example"


@pytest.mark.usefixtures("static_files")
def test_the_page_leads_to_every_file(api: Client) -> None:
    member = upload_member(api)
    page = api.get(f"/stats/{member['session_id']}").content.decode()
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)" download>', page)}
    assert links == {f"/api/session/{member['session_id']}/export?{query}" for query, _, _ in FILES}


# ── Sessions that come and go ─────────────────────────────────────────────────────────────────
@every_file
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_of_a_session_that_is_gone_is_404_at_once(api: Client, query: str, method: str) -> None:
    deleted, expired = upload_member(api), upload_member(api)
    for member in (deleted, expired):
        taken(api, member, query)
    delete(api, f"/api/session/{deleted['session_id']}", token=deleted["manage_token"])
    UploadSession.objects.filter(pk=expired["session_id"]).update(expires_at=timezone.now())
    for session_id in (deleted["session_id"], expired["session_id"], expired["session_id"].upper(), "x"):
        response = api.generic(method, f"/api/session/{session_id}/export?{query}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", ["processing", "failed"])
def test_a_session_without_movies_gives_empty_files(api: Client, status: str) -> None:
    (session,) = make_sessions(1)
    UploadSession.objects.filter(pk=session.pk).update(status=status)
    answer = Answer(200, {"session_id": str(session.pk)}, {})
    assert movies_of(api, answer) == []
    assert document_of(api, answer) == {"statistics": None, "movies": []}
    for of in ("movies", "viewings"):
        assert csv_of(api, answer, of) == []
        assert taken(api, answer, f"as=csv&of={of}").count(b"\r\n") == 1
        assert pl.read_parquet(taken(api, answer, f"as=parquet&of={of}")).shape[0] == 0


def begun(api: Client, answer: Answer, query: str) -> Iterator[bytes]:
    """Return the parts of a file, of which those with the first movie are read already."""
    response = api.get(f"/api/session/{answer['session_id']}/export?{query}")
    parts: Iterator[bytes] = iter(response.streaming_content)  # type: ignore[attr-defined]
    for part in parts:
        if b"Beta" in part:
            return parts
    raise AssertionError("the first movie never came")


@pytest.mark.parametrize("query", ["as=json", "as=csv", "as=csv&of=viewings"])
@pytest.mark.parametrize("end", ["deleted", "renewed", "renewed with more"])
def test_a_file_whose_movies_go_meanwhile_is_cut_off(
    api: Client, query: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeout, "STRETCH", 1)
    member = upload_member(api)
    parts = begun(api, member, query)
    if end == "deleted":
        delete(api, f"/api/session/{member['session_id']}", token=member["manage_token"])
    else:
        more = {"watched": make_watched(*"BCDEFG")} if end == "renewed with more" else {}
        newer = BroughtFile("newer.zip", make_member_zip(**more))
        session = UploadSession.objects.get(pk=member["session_id"])
        uploads.renew(session, [newer], now=timezone.now(), may_lose_films=True)
    with pytest.raises(takeout.Gone):
        list(parts)


@every_file
def test_a_newer_export_between_the_two_readings_of_a_session_is_404(
    api: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = upload_member(api)
    older = takeout.Pinned.of(Movie.objects.filter(session=member["session_id"]))
    newer = BroughtFile("newer.zip", make_member_zip(watched=make_watched(*"BCDEFG")))
    uploads.renew(UploadSession.objects.get(pk=member["session_id"]), [newer], now=timezone.now(), may_lose_films=True)
    monkeypatch.setattr(takeout.Pinned, "of", lambda movies: older)
    check_error(get(api, f"/api/session/{member['session_id']}/export?{query}"), 404, "not_found")


@pytest.mark.parametrize(("query", "status"), [("as=parquet", 404), ("as=json", 200)])
def test_figures_never_meet_the_movies_of_another_export(
    api: Client, query: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer export has as many movies, so that only their ids tell."""
    member = upload_member(api)
    session = UploadSession.objects.get(pk=member["session_id"])
    older = takeout.Pinned.of(Movie.objects.filter(session=session))
    uploads.renew(session, [BroughtFile("newer.zip", make_member_zip())], now=timezone.now())
    monkeypatch.setattr(takeout.Pinned, "of", lambda movies: older)
    response = api.get(f"/api/session/{member['session_id']}/export?{query}")
    assert response.status_code == status
    if status == 200:
        with pytest.raises(takeout.Gone):
            response.getvalue()


# ── What it costs ─────────────────────────────────────────────────────────────────────────────
@every_file
def test_a_file_takes_a_query_for_each_five_hundred_movies(api: Client, query: str) -> None:
    counts = []
    for films in (3, 499, 1_499):
        member = upload(api, ("watched.csv", make_watched(*(f"Film {n}" for n in range(films)))))
        with CaptureQueriesContext(connection) as queries:
            taken(api, member, query)
        counts.append(len(queries))
    assert [count - counts[0] for count in counts] == [0, 0, 2]
    assert counts[0] == 3
    assert not any("OFFSET" in one["sql"].replace("OFFSET 0", "") for one in queries)
