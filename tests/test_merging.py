"""The rules of merging, one sentence each, on exports of a few rows."""

from typing import Any

import pytest

from tests.test_second_reader import import_files, make_csv

FILM = ["Date", "Name", "Year", "Letterboxd URI"]
COLUMNS = {
    "watched.csv": FILM,
    "ratings.csv": [*FILM, "Rating"],
    "diary.csv": [*FILM, "Rating", "Rewatch", "Tags", "Watched Date"],
    "reviews.csv": [*FILM, "Rating", "Rewatch", "Review", "Tags", "Watched Date"],
    "likes/films.csv": FILM,
}


def row(name: str = "Leo", year: str = "2023", uri: str = "", date: str = "2024-01-01", **cells: str) -> dict[str, str]:
    """Return a row; `Watched_Date` stands for the column with a space."""
    more = {column.replace("_", " "): cell for column, cell in cells.items()}
    return {"Name": name, "Year": year, "Letterboxd URI": uri, "Date": date, **more}


def merge(**tables: list[dict[str, str]]) -> list[dict[str, Any]]:
    paths = {"likes": "likes/films.csv"} | {kind: f"{kind}.csv" for kind in ("watched", "ratings", "diary", "reviews")}
    return import_files({paths[kind]: make_csv(rows, COLUMNS[paths[kind]]) for kind, rows in tables.items()})


FILM_LINK, ENTRY, OTHER_ENTRY = "https://boxd.it/2aH8", "https://boxd.it/XMlWp", "https://boxd.it/XMlWq"


def test_diary_and_watched_meet_though_their_links_differ() -> None:
    (movie,) = merge(watched=[row(uri=FILM_LINK)], diary=[row(uri=ENTRY, Rating="4", Watched_Date="2023-12-31")])
    assert (movie["letterboxd_uri"], movie["rating"], movie["watched_date"]) == (FILM_LINK, 4.0, "2023-12-31")
    assert movie["viewings"][0]["uri"] == ENTRY


def test_a_blank_diary_rating_keeps_the_known_one() -> None:
    (movie,) = merge(ratings=[row(uri=FILM_LINK, Rating="3")], diary=[row(uri=ENTRY, Watched_Date="2024-05-01")])
    assert movie["rating"] == 3.0


@pytest.mark.parametrize(
    ("rated_on", "rating"), [("2024-01-03", 2.0), ("2024-01-02", 4.0), ("2024-01-01", 4.0), ("", 4.0)]
)
def test_the_newer_rating_wins_and_the_diary_wins_a_tie(rated_on: str, rating: float) -> None:
    (movie,) = merge(
        ratings=[row(uri=FILM_LINK, date=rated_on, Rating="2")],
        diary=[row(uri=ENTRY, date="2024-01-02", Rating="4", Watched_Date="2024-01-01")],
    )
    assert movie["rating"] == rating


def test_a_rewatch_is_a_viewing_and_the_latest_comes_first() -> None:
    (movie,) = merge(
        diary=[
            row(uri=ENTRY, Rating="3", Watched_Date="2023-01-01"),
            row(uri=OTHER_ENTRY, Rating="5", Rewatch="Yes", Watched_Date="2024-01-01"),
        ]
    )
    assert [viewing["date"] for viewing in movie["viewings"]] == ["2024-01-01", "2023-01-01"]
    assert (movie["rewatch"], movie["rating"]) == (True, 5.0)


def test_the_same_entry_twice_is_one_viewing() -> None:
    entry = row(uri=ENTRY, Rating="3", Watched_Date="2023-01-01")
    (movie,) = merge(diary=[entry, entry | {"Rating": "4"}])
    assert [viewing["rating"] for viewing in movie["viewings"]] == [3.0]


def test_rows_without_a_link_are_duplicates_only_when_all_is_equal() -> None:
    entry = row(Watched_Date="2023-01-01", Rating="3")
    (movie,) = merge(diary=[entry, entry, entry | {"Rating": "4"}])
    assert [viewing["rating"] for viewing in movie["viewings"]] == [4.0, 3.0]


def test_a_diary_row_without_a_date_is_still_a_viewing() -> None:
    (movie,) = merge(watched=[row(uri=FILM_LINK)], diary=[row(uri=ENTRY, Watched_Date="2023-02-30")])
    assert [viewing["date"] for viewing in movie["viewings"]] == [None]
    assert (movie["watched_date"], movie["date_source"]) == ("2024-01-01", "marked")


def test_the_day_of_a_rating_marks_nothing() -> None:
    (movie,) = merge(ratings=[row(uri=FILM_LINK, Rating="3")])
    assert (movie["watched_date"], movie["date_source"]) == (None, "none")


def test_twins_take_the_viewing_logged_on_the_day_they_were_marked() -> None:
    twins = [row(uri="https://boxd.it/a", date="2024-01-01"), row(uri="https://boxd.it/b", date="2024-02-01")]
    movies = merge(watched=twins, diary=[row(uri=ENTRY, date="2024-02-01", Watched_Date="2024-01-31")])
    assert {movie["letterboxd_uri"]: len(movie["viewings"]) for movie in movies} == {
        "https://boxd.it/a": 0,
        "https://boxd.it/b": 1,
    }


def test_slug_and_short_link_of_one_film_meet_by_name_and_year() -> None:
    (movie,) = merge(
        watched=[row(uri="https://letterboxd.com/film/leo-2023/")], ratings=[row(uri=FILM_LINK, Rating="3")]
    )
    assert (movie["letterboxd_uri"], movie["rating"]) == ("https://letterboxd.com/film/leo-2023/", 3.0)


def test_an_empty_year_equals_an_empty_year_and_no_other() -> None:
    movies = merge(watched=[row(year="", uri=FILM_LINK)], diary=[row(year="", uri=ENTRY), row(uri=OTHER_ENTRY)])
    assert {movie["year"]: len(movie["viewings"]) for movie in movies} == {None: 1, 2023: 1}


def test_another_spelling_is_tried_only_after_the_exact_name() -> None:
    movies = merge(
        watched=[row("LEO", uri=FILM_LINK), row("Leo", uri="https://boxd.it/b")], diary=[row("Leo", uri=ENTRY)]
    )
    assert {movie["title"]: len(movie["viewings"]) for movie in movies} == {"LEO": 0, "Leo": 1}
    (movie,) = merge(watched=[row("Léo", uri=FILM_LINK)], diary=[row("Leo", uri=ENTRY)])
    assert len(movie["viewings"]) == 1


def test_a_review_joins_its_viewing_by_the_entry_link() -> None:
    (movie,) = merge(
        diary=[row(uri=ENTRY, Watched_Date="2023-01-01"), row(uri=OTHER_ENTRY, Watched_Date="2024-01-01")],
        reviews=[row(uri=ENTRY, Review="Good.", Watched_Date="2023-01-01")],
    )
    assert [viewing["review"] for viewing in movie["viewings"]] == [None, "Good."]
    assert movie["review"] == "Good."


def test_a_review_beside_a_diary_adds_no_viewing_and_no_rating() -> None:
    movies = merge(diary=[row("Other", uri=ENTRY)], reviews=[row(uri=OTHER_ENTRY, Rating="5", Review="Good.")])
    leo = next(movie for movie in movies if movie["title"] == "Leo")
    assert (leo["viewings"], leo["rating"], leo["review"]) == ([], None, "Good.")


def test_without_a_diary_a_dated_review_is_a_viewing() -> None:
    dated, undated = merge(
        reviews=[
            row(uri=ENTRY, Rating="5", Review="Good.", Watched_Date="2024-01-01"),
            row("Other", uri=OTHER_ENTRY, Rating="5", Review="Good."),
        ]
    )
    assert (len(dated["viewings"]), dated["rating"], dated["date_source"]) == (1, 5.0, "diary")
    assert (len(undated["viewings"]), undated["rating"], undated["date_source"]) == (0, None, "none")


def test_a_like_flags_and_never_creates() -> None:
    movies = merge(watched=[row(uri=FILM_LINK)], likes=[row(uri=FILM_LINK), row("Unseen", uri="https://boxd.it/zz")])
    assert [(movie["title"], movie["liked"]) for movie in movies] == [("Leo", True)]


def test_a_like_of_a_twin_does_not_flag_the_other() -> None:
    (movie,) = merge(watched=[row(uri=FILM_LINK)], likes=[row(uri="https://boxd.it/zz")])
    assert not movie["liked"]


def test_the_page_order_is_viewings_then_marked_days_then_titles() -> None:
    movies = merge(
        watched=[
            row("D", uri="https://boxd.it/d", date="2025-01-01"),
            row("C", uri="https://boxd.it/c", date="2025-01-01"),
        ],
        ratings=[row("E", uri="https://boxd.it/e", Rating="3")],
        diary=[row("A", uri=ENTRY, Watched_Date="2001-01-01"), row("B", uri=OTHER_ENTRY, Watched_Date="2002-01-01")],
    )
    assert [movie["title"] for movie in movies] == ["B", "A", "C", "D", "E"]
