"""Hold made-up exports to the measured profile of real ones."""

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date, timedelta
from statistics import mean, median

import pytest

from movies_app.made_up import Habits, make_export, make_zip
from movies_app.made_up_films import UNIVERSE, make_film

Row = dict[str, str]
Key = tuple[str, str]

FILM_LINK = re.compile(r"https://boxd\.it/[0-9A-Za-z]{1,5}")
ENTRY_LINK = re.compile(r"https://boxd\.it/[0-9A-Za-z]{5,6}")
OLD_ENTRY_LINK = re.compile(r"https://letterboxd\.com/[a-z_]+/film/[a-z0-9-]+/([1-9]/)?")

FILM_HEADER = b"Date,Name,Year,Letterboxd URI"
DIARY_HEADER = b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date"
REVIEW_HEADER = b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date"
HEADERS = {
    "profile.csv": b"Date Joined,Username,Given Name,Family Name,Email Address,Location,Website,Bio"
    b",Pronoun,Favorite Films",
    "watched.csv": FILM_HEADER,
    "ratings.csv": FILM_HEADER + b",Rating",
    "diary.csv": DIARY_HEADER,
    "reviews.csv": REVIEW_HEADER,
    "watchlist.csv": FILM_HEADER,
    "comments.csv": b"Date,Content,Comment",
    "deleted/comments.csv": b"Date,Content,Comment",
    "deleted/diary.csv": DIARY_HEADER,
    "deleted/reviews.csv": REVIEW_HEADER,
    "orphaned/comments.csv": b"Date,Content,Comment",
    "orphaned/diary.csv": DIARY_HEADER,
    "orphaned/reviews.csv": REVIEW_HEADER,
    "likes/films.csv": FILM_HEADER,
    "likes/lists.csv": b"Date,Content",
    "likes/reviews.csv": b"Date,Content",
}


def read(files: dict[str, bytes], path: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(files[path].decode(), newline="")))


def key(row: Row) -> Key:
    return row["Name"], row["Year"]


def share(rows: list[Row], column: str) -> float:
    return sum(bool(row[column]) for row in rows) / len(rows)


@pytest.fixture(scope="module")
def five_thousand() -> dict[str, bytes]:
    return make_export(films=5000, seed=4)


@pytest.fixture(scope="module")
def tables(five_thousand: dict[str, bytes]) -> dict[str, list[Row]]:
    return {path: read(five_thousand, path) for path in HEADERS}


def test_the_same_arguments_give_the_same_bytes() -> None:
    first, again = make_export(films=617, seed=7), make_export(films=617, seed=7)
    assert list(first.items()) == list(again.items())
    assert make_zip(first) == make_zip(again)
    assert first["watched.csv"] != make_export(films=617, seed=8)["watched.csv"]


def test_every_table_has_its_exact_header(five_thousand: dict[str, bytes]) -> None:
    for path, header in HEADERS.items():
        assert five_thousand[path].split(b"\r\n", 1)[0] == header


def test_the_files_come_in_the_order_of_a_genuine_export(five_thousand: dict[str, bytes]) -> None:
    paths = list(five_thousand)
    assert paths[:7] == list(HEADERS)[:7]
    folders = [path.split("/", maxsplit=1)[0] for path in paths[7:]]
    assert list(dict.fromkeys(folders)) == ["deleted", "orphaned", "likes", "lists"]


def test_line_ends_are_crlf_even_inside_reviews_and_there_is_no_bom(
    five_thousand: dict[str, bytes],
) -> None:
    for content in five_thousand.values():
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
        assert not content.startswith(b"\xef\xbb\xbf")


def test_a_list_holds_two_tables_below_a_version_line(five_thousand: dict[str, bytes]) -> None:
    lines = five_thousand["lists/diary-of-a-projectionist.csv"].split(b"\r\n")
    assert lines[0] == b"Letterboxd list export v7"
    assert lines[1] == b"Date,Name,Tags,URL,Description"
    assert lines[3:5] == [b"", b"Position,Name,Year,URL,Description"]
    assert five_thousand["lists/movies-watched-in-2022.csv"].startswith(b"\r\nDate,Name,Tags")


@pytest.mark.parametrize("films", [1, 5, 49, 50, 617])
@pytest.mark.parametrize("links", ["short", "slug"])
def test_any_size_has_exactly_the_films_asked_for(films: int, links: str) -> None:
    files = make_export(films=films, seed=3, links="slug" if links == "slug" else "short")
    assert len(read(files, "watched.csv")) == films
    assert len(read(files, "ratings.csv")) == round(0.86 * films)
    assert make_zip(files)


@pytest.mark.parametrize("films", [0, -1, 50_001])
def test_an_impossible_size_is_refused(films: int) -> None:
    with pytest.raises(ValueError, match="cannot make an export"):
        make_export(films=films, seed=1)


def test_shares_outside_their_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="rated cannot be"):
        Habits(rated=1.1)
    with pytest.raises(ValueError, match="twin_pairs cannot be"):
        Habits(twin_pairs=-1)
    with pytest.raises(ValueError, match="do not fit"):
        make_export(films=5, seed=1, habits=Habits(twin_pairs=3))
    with pytest.raises(ValueError, match="no members"):
        make_export(films=5, seed=1, today=date(2011, 1, 1))


@pytest.mark.parametrize(
    ("habits", "path"),
    [
        (Habits(logged=0), "diary.csv"),
        (Habits(rated=0), "ratings.csv"),
        (Habits(reviewed=0), "reviews.csv"),
        (Habits(watchlist=0), "watchlist.csv"),
        (Habits(liked=0), "likes/films.csv"),
    ],
)
def test_a_table_without_rows_is_a_header_alone(habits: Habits, path: str) -> None:
    assert make_export(films=200, seed=2, habits=habits)[path] == HEADERS[path] + b"\r\n"


def test_a_member_may_use_no_tags_and_half_the_members_do_not() -> None:
    diary = read(make_export(films=200, seed=2, habits=Habits(tagged=0)), "diary.csv")
    assert not any(row["Tags"] for row in diary)
    shares = [share(read(make_export(films=800, seed=s), "diary.csv"), "Tags") for s in range(10)]
    assert shares.count(0) == 5
    assert mean(shares) == pytest.approx(0.2, abs=0.03)


def test_two_members_share_films_with_their_links() -> None:
    lone = Habits(twin_pairs=0)  # name and year tell everybody else's link
    exports = (make_export(films=617, seed=seed, habits=lone) for seed in (1, 2))
    first, second = (read(files, "watched.csv") for files in exports)
    links = {key(row): row["Letterboxd URI"] for row in first}
    shared = [row for row in second if key(row) in links]
    assert 100 < len(shared) < 500
    assert all(links[key(row)] == row["Letterboxd URI"] for row in shared)


def test_only_twins_share_name_and_year_in_the_universe_and_all_links_differ() -> None:
    films = [make_film(index) for index in range(UNIVERSE + 200)]
    times = Counter((film.name, film.year) for film in films)
    assert [n for n in times.values() if n > 1] == [2] * 100
    assert len({film.code for film in films}) == len({film.slug for film in films}) == len(films)
    names = Counter(film.name for film in films[:UNIVERSE])
    assert sum(n for n in names.values() if n > 1) / UNIVERSE == pytest.approx(0.09, abs=0.005)


def test_every_trap_of_real_titles_is_in_the_universe() -> None:
    names = [make_film(index).name for index in range(1000)]
    assert {"1917", "300", "2:37", "50/50", "11.22.63", "True"} <= set(names)
    for trap in ("\u00a0", "  ", "★", "弟", "e\u0301", '"', ",", "…", "#", "[", "$"):
        assert any(trap in name for name in names), trap
    assert median(map(len, names)) == pytest.approx(14, abs=1.5)


def test_shares_of_the_tables_follow_the_profile(tables: dict[str, list[Row]]) -> None:
    watched, diary, reviews = tables["watched.csv"], tables["diary.csv"], tables["reviews.csv"]
    assert len(tables["ratings.csv"]) / len(watched) == pytest.approx(0.86)
    assert len(diary) / len(watched) == pytest.approx(0.58, abs=0.01)
    assert len(reviews) / len(diary) == pytest.approx(0.19, abs=0.01)
    assert 1 - share(diary, "Rating") == pytest.approx(0.31, abs=0.03)
    assert share(diary, "Tags") == pytest.approx(0.4, abs=0.04)


def test_viewings_and_rewatch_flags_follow_the_profile(tables: dict[str, list[Row]]) -> None:
    diary = tables["diary.csv"]
    times = Counter(map(key, diary))
    by_number = Counter(times.values())
    assert by_number[1] / len(times) == pytest.approx(0.952, abs=0.015)
    assert by_number[2] / len(times) == pytest.approx(0.042, abs=0.012)
    assert by_number[3] / len(times) == pytest.approx(0.005, abs=0.004)
    flagged = [row for row in diary if row["Rewatch"] == "Yes"]
    assert {row["Rewatch"] for row in diary} == {"Yes", ""}
    assert len(flagged) / len(diary) == pytest.approx(0.1, abs=0.02)
    alone = [row for row in flagged if times[key(row)] == 1]
    assert len(alone) / len(flagged) == pytest.approx(0.47, abs=0.08)


def test_ratings_decades_and_weekdays_follow_the_profile(tables: dict[str, list[Row]]) -> None:
    stars = Counter(row["Rating"] for row in tables["ratings.csv"])
    usual: dict[str, float] = {
        "0.5": 1,
        "1": 2,
        "1.5": 2,
        "2": 5,
        "2.5": 8,
        "3": 16,
        "3.5": 23,
        "4": 25,
        "4.5": 12,
    }
    for rating, per_cent in {**usual, "5": 6}.items():
        assert 100 * stars[rating] / stars.total() == pytest.approx(per_cent, abs=2), rating
    years = [int(row["Year"]) for row in tables["watched.csv"] if row["Year"]]
    decades = Counter("old" if year < 1950 else f"{year // 10}0" for year in years)
    usual_decades = {"old": 4.5, "1950": 2, "1960": 3, "1970": 4, "1980": 7, "1990": 12}
    for decade, per_cent in {**usual_decades, "2000": 22, "2010": 33, "2020": 14}.items():
        assert 100 * decades[decade] / len(years) == pytest.approx(per_cent, abs=2), decade
    days = Counter(date.fromisoformat(row["Watched Date"]).weekday() for row in tables["diary.csv"])
    for day, usual_share in enumerate((14, 13, 12, 12, 14, 18, 18)):
        assert 100 * days[day] / days.total() == pytest.approx(usual_share, abs=2.5), day


def test_dates_follow_the_profile(tables: dict[str, list[Row]]) -> None:
    watched, diary = tables["watched.csv"], tables["diary.csv"]
    viewed = [row["Watched Date"] for row in diary]
    assert viewed == sorted(viewed)
    logged = (date.fromisoformat(row["Date"]) for row in diary)
    lags = [day - date.fromisoformat(seen) for day, seen in zip(logged, viewed, strict=True)]
    assert lags.count(timedelta(days=1)) / len(diary) == pytest.approx(0.51, abs=0.04)
    assert viewed.count("2000-01-01") / len(diary) == pytest.approx(0.008, abs=0.005)
    bulk = Counter(row["Date"] for row in watched).most_common(1)[0][1]
    assert bulk / len(watched) == pytest.approx(0.25, abs=0.02)
    marked = {key(row): row["Date"] for row in watched}
    same_day = [row for row in diary if marked.get(key(row)) == row["Watched Date"]]
    assert len(same_day) / len(diary) == pytest.approx(0.136, abs=0.03)
    assert max(row["Date"] for row in diary) <= "2026-02-01"


def test_a_rating_that_differs_from_the_diary_is_later_or_of_the_same_day(
    tables: dict[str, list[Row]],
) -> None:
    twins = {pair for pair, n in Counter(map(key, tables["watched.csv"])).items() if n > 1}
    last = {key(row): row for row in tables["diary.csv"] if row["Rating"]}
    both = [row for row in tables["ratings.csv"] if key(row) in last.keys() - twins]
    differing = [row for row in both if row["Rating"] != last[key(row)]["Rating"]]
    assert len(differing) / len(both) == pytest.approx(0.063, abs=0.02)
    assert all(row["Date"] >= last[key(row)]["Date"] for row in differing)
    later = [row for row in differing if row["Date"] > last[key(row)]["Date"]]
    assert len(later) / len(differing) == pytest.approx(0.95, abs=0.05)
    assert len(later) < len(differing)
    assert any(row["Date"] < last[key(row)]["Date"] for row in both)


def test_film_links_and_entry_links_never_meet(tables: dict[str, list[Row]]) -> None:
    watched = [row["Letterboxd URI"] for row in tables["watched.csv"]]
    assert all(FILM_LINK.fullmatch(link) for link in watched)
    assert len(set(watched)) == len(watched)
    for path in ("ratings.csv", "likes/films.csv"):
        assert {row["Letterboxd URI"] for row in tables[path]} <= set(watched)
    assert not {row["Letterboxd URI"] for row in tables["watchlist.csv"]} & set(watched)
    entries = [row["Letterboxd URI"] for row in tables["diary.csv"] if row["Letterboxd URI"]]
    assert all(ENTRY_LINK.fullmatch(link) for link in entries)
    assert len(set(entries)) == len(entries)
    assert not set(entries) & set(watched)


def test_diary_rows_meet_watched_by_name_and_year_but_for_removed_films(
    tables: dict[str, list[Row]],
) -> None:
    known = set(map(key, tables["watched.csv"]))
    strangers = [row for row in tables["diary.csv"] if key(row) not in known]
    assert 0 < len(strangers) < 0.005 * len(tables["diary.csv"])
    assert strangers == [row for row in tables["diary.csv"] if not row["Letterboxd URI"]]


def test_reviews_repeat_their_diary_row_and_are_raw(tables: dict[str, list[Row]]) -> None:
    entries = {row["Letterboxd URI"]: row for row in tables["diary.csv"]}
    reviews = [row for row in tables["reviews.csv"] if row["Letterboxd URI"]]
    joined = [row for row in reviews if row["Letterboxd URI"] in entries]
    assert len(joined) / len(reviews) == pytest.approx(0.954, abs=0.01)
    for row in joined:
        entry = entries[row["Letterboxd URI"]]
        assert all(row[column] == entry[column] for column in entry)
    assert not any(row["Watched Date"] for row in reviews if row not in joined)
    texts = [row["Review"] for row in reviews]
    assert sum("\r\n" in text for text in texts) / len(texts) == pytest.approx(0.64, abs=0.08)
    assert any("<b>" in text and "</b>" not in text for text in texts)
    assert median(map(len, texts)) == pytest.approx(304, abs=60)
    assert max(map(len, texts)) <= 17_958


def test_decoys_name_films_that_watched_does_not(five_thousand: dict[str, bytes]) -> None:
    known = set(map(key, read(five_thousand, "watched.csv")))
    for path in ("deleted/diary.csv", "deleted/reviews.csv", "orphaned/diary.csv", "watchlist.csv"):
        rows = read(five_thousand, path)
        assert rows
        assert not known & set(map(key, rows)), path
    assert not any(row["Letterboxd URI"] for row in read(five_thousand, "orphaned/diary.csv"))
    for path in ("lists/movies-watched-in-2022.csv", "lists/diary-of-a-projectionist.csv"):
        lines = list(csv.reader(io.StringIO(five_thousand[path].decode(), newline="")))[5:]
        assert any((line[1], line[2]) not in known for line in lines), path


def test_some_films_have_no_year_and_some_share_their_title(tables: dict[str, list[Row]]) -> None:
    watched = tables["watched.csv"]
    assert any(not row["Year"] for row in watched)
    names = Counter(row["Name"] for row in watched)
    shared = sum(n for n in names.values() if n > 1)
    assert shared / len(watched) == pytest.approx(0.09, abs=0.015)


def test_twins_can_be_told_apart_by_link_and_by_marking_day() -> None:
    files = make_export(films=300, seed=5, habits=Habits(twin_pairs=10))
    watched, diary = read(files, "watched.csv"), read(files, "diary.csv")
    twins = {pair for pair, n in Counter(map(key, watched)).items() if n == 2}
    assert len(watched) == 300
    assert len(twins) == 10
    for pair in twins:
        first, second = (row for row in watched if key(row) == pair)
        assert first["Letterboxd URI"] != second["Letterboxd URI"]
        assert first["Date"] != second["Date"]
        viewings = sorted(row["Date"] for row in diary if key(row) == pair)
        assert viewings == sorted((first["Date"], second["Date"]))


def test_no_twins_and_no_removed_films_unless_wanted() -> None:
    files = make_export(films=900, seed=5, habits=Habits(twin_pairs=0, removed_films=0))
    watched = list(map(key, read(files, "watched.csv")))
    assert len(set(watched)) == len(watched)
    assert set(map(key, read(files, "diary.csv"))) <= set(watched)


def test_slug_links_give_the_export_of_2017() -> None:
    files = make_export(films=2600, seed=2, links="slug")
    assert list(files) == ["watched.csv", "ratings.csv", "diary.csv"]
    header = b"Date,Name,Year,Letterboxd URI,Rating,Tags,Watched Date\r\n"
    assert files["diary.csv"].startswith(header)
    watched, diary = read(files, "watched.csv"), read(files, "diary.csv")
    links = [row["Letterboxd URI"] for row in watched]
    assert 0 < links.count("") < 15
    assert len(set(links)) == len(links) - links.count("") + 1
    assert {link.rsplit("/", 2)[0] for link in links if link} == {"https://letterboxd.com/film"}
    assert all(OLD_ENTRY_LINK.fullmatch(row["Letterboxd URI"]) for row in diary)
    again = [row for row in diary if row["Letterboxd URI"].endswith("/1/")]
    assert again
    assert all(Counter(map(key, diary))[key(row)] > 1 for row in again)
    assert max(row["Year"] for row in watched) <= "2017"


def test_the_zip_is_streamed_as_letterboxd_streams_it() -> None:
    files = make_export(films=5, seed=1)
    with zipfile.ZipFile(io.BytesIO(make_zip(files))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        assert all(entry.flag_bits & 0x08 for entry in archive.infolist())
        assert all(archive.read(path) == content for path, content in files.items())


def test_a_rezipped_export_has_a_top_folder_and_the_companions_of_macos() -> None:
    files = make_export(films=5, seed=1)
    with zipfile.ZipFile(io.BytesIO(make_zip(files, top_folder="letterboxd-x"))) as archive:
        names = archive.namelist()
        assert archive.read("letterboxd-x/lists/100-bells.csv") == files["lists/100-bells.csv"]
    assert "__MACOSX/letterboxd-x/._diary.csv" in names
    assert all(name.startswith(("letterboxd-x/", "__MACOSX/letterboxd-x/")) for name in names)
