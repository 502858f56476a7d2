"""The importer against a second reader that shares no code with it, on exports that hypothesis makes up."""

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movies_app import importing
from movies_app.archive import BroughtFile
from movies_app.made_up import make_export, make_zip
from tests import second_reader

TODAY = date(2026, 1, 31)
REAL_EXPORTS = Path(__file__).parents[2] / "shared" / "exports"

_NAMES = ["Leo", "LEO", "Léo", "8½", "8 1/2", "Fast & Furious", "Fast and Furious", "1917", "弟弟", "?!", "(500) Days"]
_DAYS = ["2023-05-01", "2023-05-02", "2024-02-29", "2000-01-01", "", "2023-02-30"]


def make_csv(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def import_files(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Return what the importer makes of `files`, in the second reader's shape."""
    imported = importing.read_export(importing.open_export([BroughtFile("export.zip", make_zip(files))]), today=TODAY)
    movies = imported.movies.drop("position").with_columns(
        pl.col("watched_date").cast(pl.String),
        pl.col("tags").fill_null([]),
    )
    return [movie | {"viewings": movie["viewings"] or []} for movie in movies.to_dicts()]


@st.composite
def film_rows(draw: st.DrawFn) -> dict[str, str]:
    """A film as watched, ratings and likes know it; its link is a function of name, year, style and twin."""
    name, year = draw(st.sampled_from(_NAMES)), draw(st.sampled_from(["2023", "1999", ""]))
    twin = draw(st.sampled_from(["a", "a", "a", "b"]))
    number = f"{_NAMES.index(name):02d}{year}"
    link = draw(
        st.sampled_from([f"https://boxd.it/{number}{twin}", f"https://letterboxd.com/film/{number}{twin}/", ""])
    )
    return {"Name": name, "Year": year, "Letterboxd URI": link, "Date": draw(st.sampled_from(_DAYS))}


@st.composite
def ratings_rows(draw: st.DrawFn) -> dict[str, str]:
    return draw(film_rows()) | {"Rating": draw(st.sampled_from(["", "0.5", "3", "3.5", "5", "7", "4,5", "★★½"]))}


@st.composite
def entry_rows(draw: st.DrawFn) -> dict[str, str]:
    """A row of diary or reviews; its link is the entry's."""
    return draw(ratings_rows()) | {
        "Letterboxd URI": draw(st.sampled_from(["", *(f"https://boxd.it/entry{number}" for number in range(6))])),
        "Watched Date": draw(st.sampled_from(_DAYS)),
        "Rewatch": draw(st.sampled_from(["", "Yes"])),
        "Tags": draw(st.sampled_from(["", "cinema", "cinema, with Ana", "🍿"])),
        "Review": draw(st.sampled_from(["", "Good.", 'Two\r\nlines, "quoted"', " "])),
    }


_FILM_COLUMNS = ["Date", "Name", "Year", "Letterboxd URI"]
_DIARY_COLUMNS = [*_FILM_COLUMNS, "Rating", "Rewatch", "Tags", "Watched Date"]
_REVIEW_COLUMNS = [*_FILM_COLUMNS, "Rating", "Rewatch", "Review", "Tags", "Watched Date"]


@st.composite
def exports(draw: st.DrawFn) -> dict[str, bytes]:
    def table(rows: st.SearchStrategy[dict[str, str]], columns: list[str]) -> bytes:
        return make_csv(draw(st.lists(rows, max_size=8)), columns)

    return {
        "watched.csv": table(film_rows(), _FILM_COLUMNS),
        "ratings.csv": table(ratings_rows(), [*_FILM_COLUMNS, "Rating"]),
        "diary.csv": table(entry_rows(), _DIARY_COLUMNS),
        "reviews.csv": table(entry_rows(), _REVIEW_COLUMNS),
        "likes/films.csv": table(film_rows(), _FILM_COLUMNS),
    }


@given(exports())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_importer_agrees_with_the_second_reader_on_hostile_exports(files: dict[str, bytes]) -> None:
    mine, second = import_files(files), second_reader.read_export(files)
    assert mine == second, {path: content.decode() for path, content in files.items()}


@given(films=st.integers(1, 400), seed=st.integers(0, 10_000), links=st.sampled_from(["short", "slug"]))
@settings(max_examples=25, deadline=None)
def test_the_importer_agrees_with_the_second_reader_on_made_up_members(films: int, seed: int, links: Any) -> None:
    files = make_export(films=films, seed=seed, links=links)
    assert import_files(files) == second_reader.read_export(files)


@pytest.mark.skipif(not REAL_EXPORTS.exists(), reason="the real exports are not on this machine")
def test_importer_and_second_reader_agree_on_real_exports() -> None:
    expected = json.loads((REAL_EXPORTS / "expected.json").read_text())
    for name, figures in expected.items():
        with zipfile.ZipFile(REAL_EXPORTS / name) as archive:
            files = {path: archive.read(path) for path in archive.namelist()}
        movies = import_files(files)
        assert movies == second_reader.read_export(files)
        assert second_reader.figures(movies) == figures
