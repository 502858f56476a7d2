"""The same export, however it travelled: zipped again, loose in any order, saved again by a spreadsheet."""

import csv
import io
import random
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from movies_app import importing
from movies_app.archive import BroughtFile
from movies_app.made_up import make_export, make_zip

TODAY = date(2026, 1, 31)
READ = ("watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv")


@pytest.fixture(scope="module")
def export() -> dict[str, bytes]:
    return make_export(films=700, seed=4, today=TODAY)


@pytest.fixture(scope="module")
def movies(export: dict[str, bytes]) -> pl.DataFrame:
    return read(BroughtFile("letterboxd-member.zip", make_zip(export))).movies


def read(*files: BroughtFile) -> importing.Imported:
    return importing.read_export(importing.open_export(files), today=TODAY)


def loose(export: dict[str, bytes], paths: tuple[str, ...] = READ) -> list[BroughtFile]:
    return [BroughtFile(path.rsplit("/", 1)[-1], export[path]) for path in paths]


def saved_again(
    content: bytes, *, separator: str = ",", cell: Callable[[str, str], str] = lambda column, text: text
) -> bytes:
    """Return a table as another program writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    writer.writerow(header)
    writer.writerows([cell(column, value) for column, value in zip(header, row, strict=True)] for row in rows)
    return text.getvalue().encode()


def written_as(pattern: str) -> Callable[[str, str], str]:
    def rewrite(column: str, text: str) -> str:
        is_date = column in {"Date", "Watched Date"} and text
        return date.fromisoformat(text).strftime(pattern) if is_date else text

    return rewrite


def test_zipped_again_with_a_top_folder_it_is_the_same(export: dict[str, bytes], movies: pl.DataFrame) -> None:
    zipped_again = make_zip(export, top_folder="letterboxd-member-2026-01-31")
    assert read(BroughtFile("Archive.zip", zipped_again)).movies.equals(movies)


@pytest.mark.parametrize("seed", range(5))
def test_loose_files_in_any_order_are_the_same(export: dict[str, bytes], movies: pl.DataFrame, seed: int) -> None:
    files = [*loose(export), *loose(export, ("watchlist.csv", "profile.csv", "comments.csv"))]
    random.Random(seed).shuffle(files)
    imported = read(*files)
    assert imported.movies.equals(movies)
    assert dict(imported.receipt.ignored) == {"watchlist": 1, "profile": 1, "comments": 1}


@pytest.mark.parametrize(
    "pattern",
    ["%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%-d.%-m.%y"],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_dates_written_by_a_spreadsheet_are_the_same_days(
    export: dict[str, bytes], movies: pl.DataFrame, pattern: str, separator: str
) -> None:
    files = [
        BroughtFile(file.name, saved_again(file.content, separator=separator, cell=written_as(pattern)))
        for file in loose(export)
    ]
    assert read(*files).movies.equals(movies)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_the_same(export: dict[str, bytes], movies: pl.DataFrame, encoding: str) -> None:
    files = [BroughtFile(file.name, file.content.decode().encode(encoding)) for file in loose(export)]
    assert read(*files).movies.equals(movies)


def test_comma_decimals_and_stars_are_the_same_ratings(export: dict[str, bytes], movies: pl.DataFrame) -> None:
    def rewrite(column: str, text: str) -> str:
        if column != "Rating" or not text:
            return text
        stars = float(text)
        return text.replace(".", ",") if stars < 3 else "★" * int(stars) + "½" * (stars % 1 > 0)

    files = [BroughtFile(file.name, saved_again(file.content, separator=";", cell=rewrite)) for file in loose(export)]
    assert read(*files).movies.equals(movies)


def test_everything_quoted_is_the_same(export: dict[str, bytes], movies: pl.DataFrame) -> None:
    def quoted(content: bytes) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(csv.reader(io.StringIO(content.decode(), newline="")))
        return text.getvalue().encode()

    assert read(*(BroughtFile(file.name, quoted(file.content)) for file in loose(export))).movies.equals(movies)


def test_every_table_brought_twice_is_the_same(export: dict[str, bytes], movies: pl.DataFrame) -> None:
    imported = read(BroughtFile("a.zip", make_zip(export)), *loose(export))
    assert imported.movies.equals(movies)
    assert all(file.rows == file.skipped_counts.total() for file in imported.receipt.files if "(2)" in file.label)


@pytest.mark.parametrize("path", ["watched.csv", "ratings.csv", "diary.csv"])
def test_one_table_alone_is_read(export: dict[str, bytes], path: str) -> None:
    imported = read(*loose(export, (path,)))
    rows = list(csv.DictReader(io.StringIO(export[path].decode(), newline="")))
    (file,) = imported.receipt.files
    assert file.rows == len(rows)
    assert imported.receipt.viewings == (len(rows) - file.skipped_counts.total() if path == "diary.csv" else 0)
    assert set(imported.movies["title"]) == {row["Name"] for row in rows}


def test_reviews_alone_are_viewings_where_they_have_a_day(export: dict[str, bytes]) -> None:
    imported = read(*loose(export, ("reviews.csv",)))
    rows = list(csv.DictReader(io.StringIO(export["reviews.csv"].decode(), newline="")))
    assert imported.receipt.viewings == sum(bool(row["Watched Date"]) for row in rows) > 0
    assert imported.movies["review"].null_count() == 0
