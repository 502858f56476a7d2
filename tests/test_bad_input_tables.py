"""Tables that are not as Letterboxd writes them are read or refused, never a 500; every repair is in the receipt."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.test import Client

from tests.builders import (
    DIARY,
    LIKES,
    MEMBER_FILES_ROWS,
    RATINGS,
    WATCHED,
    Answer,
    check_error,
    make_csv,
    make_diary,
    make_member_files,
    make_reviews,
    make_watched,
    make_zip,
    movies_of,
    rows_add_up,
    upload,
)

HEADER = make_csv(WATCHED, [])
NAMES = ("Señor Dìdi (弟弟)", "★ 東京, \U0001f3ac", "Café")
COLLIDING = (
    *("row", "file", "order", "movie", "key", "date", "rank", "position", "name", "year", "uri", "style", "viewing"),
    *(
        "index",
        "literal",
        "session_id",
        "title",
        "title_key",
        "film_id",
        "#0",
        "#4",
        "column_1",
        "",
        " ",
        "len",
        "count",
    ),
)


def read(api: Client, *files: tuple[str, bytes]) -> Answer:
    """Upload files that can be read, and check what holds of every receipt."""
    answer = upload(api, *files)
    assert answer.status == 201, answer.body
    assert rows_add_up(answer["receipt"])
    assert answer["receipt"]["movies"] == answer["total_movies"] == len(movies_of(api, answer))
    return answer


def titles_of(api: Client, answer: Answer) -> list[str]:
    return [movie["title"] for movie in movies_of(api, answer)]


def receipt_of(answer: Answer, file: str = "watched.csv") -> dict[str, Any]:
    (found,) = (one for one in answer["receipt"]["files"] if one["file"] == file)
    return dict(found)


def warned_of(answer: Answer, text: str) -> bool:
    return any(text in warning for warning in answer["receipt"]["warnings"])


# ── Encodings ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("mark", [True, False], ids=["BOM", "no BOM"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_utf_16_is_converted_and_the_receipt_says_so(api: Client, encoding: str, newline: str, *, mark: bool) -> None:
    content = make_watched(*NAMES, encoding=encoding, newline=newline)
    answer = read(api, ("watched.csv", ("\ufeff".encode(encoding) if mark else b"") + content))
    assert sorted(titles_of(api, answer)) == sorted(NAMES)
    assert warned_of(answer, "UTF-16")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_converted_whatever_the_first_column(api: Client, encoding: str) -> None:
    header = ("Name", "Year", "Letterboxd URI", "Date")
    answer = read(api, ("watched.csv", make_csv(header, [(NAMES[0], "1999", "", "2020-01-01")], encoding=encoding)))
    assert titles_of(api, answer) == [NAMES[0]]


@pytest.mark.parametrize("content", [make_watched(*NAMES).decode().encode("utf-16")[:-1], b"\xff\xfe\0", b"\xfe\xffD"])
def test_utf_16_cut_in_the_middle_of_a_character_is_read_or_refused(api: Client, content: bytes) -> None:
    assert upload(api, ("watched.csv", content)).status in {201, 400}


def test_a_byte_order_mark_of_utf_8_is_no_part_of_the_first_column(api: Client) -> None:
    answer = read(api, ("watched.csv", b"\xef\xbb\xbf" + make_watched(*NAMES)))
    assert movies_of(api, answer)[0]["watched_date"] == "2021-01-01"
    assert answer["receipt"]["warnings"] == []


def test_windows_1252_is_read_and_the_receipt_says_so(api: Client) -> None:
    answer = read(api, ("watched.csv", make_watched("Señor “X” – 5 €", encoding="cp1252")))
    assert titles_of(api, answer) == ["Señor “X” – 5 €"]
    assert warned_of(answer, "Windows-1252")


def test_a_few_damaged_bytes_do_not_make_utf_8_something_else(api: Client) -> None:
    answer = read(api, ("watched.csv", make_watched(*NAMES, "Broken").replace(b"Broken", b"Bro\xffken")))
    assert sorted(titles_of(api, answer)) == sorted([*NAMES, "Bro\ufffdken"])
    assert warned_of(answer, "damaged")
    assert receipt_of(answer)["counts"]["changed_by_reason"] == {"damaged characters": 1}


def test_nul_characters_are_removed_and_counted(api: Client) -> None:
    rows = b"2020-01-01,Al\0pha,19\x0099,\r\n2020-01-01,\0\0,1999,\r\n\x002020-01-01,Beta,1999,\0https://boxd.it/bb\r\n"
    answer = read(api, ("watched.csv", HEADER + rows))
    assert [(m["title"], m["year"], m["watched_date"]) for m in movies_of(api, answer)] == [
        ("Alpha", 1999, "2020-01-01"),
        ("Beta", 1999, "2020-01-01"),
    ]
    assert receipt_of(answer)["counts"]["changed_by_reason"] == {"NUL characters were removed": 5}
    assert receipt_of(answer)["counts"]["skipped_by_reason"] == {"no name": 1}


def test_a_nul_in_the_header_does_not_hide_a_column(api: Client) -> None:
    assert titles_of(api, read(api, ("watched.csv", make_watched("Alpha").replace(b"Name", b"Na\0me")))) == ["Alpha"]


# ── Line ends, separators, shapes ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("end", ["", "final", "blank lines"])
def test_any_line_end_is_read_with_and_without_one_at_the_end(api: Client, newline: str, end: str) -> None:
    content = make_watched("Alpha", 'Be"ta, x', newline=newline).rstrip()
    content += {"": "", "final": newline, "blank lines": newline * 4}[end].encode()
    answer = read(api, ("watched.csv", content))
    assert titles_of(api, answer) == ["Alpha", 'Be"ta, x']
    assert receipt_of(answer)["counts"]["skipped"] == 0


def test_line_ends_of_every_kind_in_one_file_are_read(api: Client) -> None:
    rows = b"2020-01-01,Alpha,1999,\n2020-01-01,Beta,1999,\r\n2020-01-01,Gamma,1999,\r2020-01-01,Delta,1999,"
    assert titles_of(api, read(api, ("watched.csv", HEADER + rows))) == ["Alpha", "Beta", "Delta", "Gamma"]


def test_a_line_feed_inside_a_review_does_not_end_a_record_of_a_file_with_carriage_returns(api: Client) -> None:
    answer = upload(api, ("reviews.csv", make_reviews(row={"Review": "one\ntwo"}, newline="\r")))
    if answer.status == 201:
        assert movies_of(api, answer)[0]["review"] == "one\ntwo"
    else:
        check_error(answer, 400, file="reviews.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator_of_a_spreadsheet_is_read(api: Client, separator: str) -> None:
    row = {"Name": "a;b,c\td", "Tags": "x, y", "Rating": "3,5"}
    movie = movies_of(api, read(api, ("diary.csv", make_diary(row=row, separator=separator))))[0]
    assert (movie["title"], movie["tags"], movie["rating"]) == ("a;b,c\td", ["x", "y"], 3.5)


def test_blank_lines_before_and_between_rows_count_for_nothing_but_the_row_numbers(api: Client) -> None:
    content = b"\r\n\r\n" + HEADER + b"\r\n2020-01-01,Alpha,1999,\r\n\r\n\r\n2020-01-01,,1999,\r\n\r\n"
    answer = read(api, ("watched.csv", content))
    assert titles_of(api, answer) == ["Alpha"]
    assert receipt_of(answer)["rows"] == 2
    assert receipt_of(answer)["skipped"] == [{"row": 8, "reason": "no name"}]


def test_short_rows_are_filled_up_and_long_ones_skipped_and_both_are_in_the_receipt(api: Client) -> None:
    rows = [
        *(b"2020-01-01,Alpha", b"2020-01-02,Beta,1999,https://boxd.it/bb,more,and more", b""),
        *(b"2020-01-03,Gamma,1999,https://boxd.it/cc", b"2020-01-04,Delta,1999,https://boxd.it/dd,,", b"2020-01-05"),
    ]
    answer = read(api, ("watched.csv", HEADER + b"\r\n".join(rows)))
    assert titles_of(api, answer) == ["Delta", "Gamma", "Alpha"]
    file = receipt_of(answer)
    assert (file["rows"], file["used"]) == (5, 3)
    assert file["skipped"] == [
        {"row": 3, "reason": "the row has more cells than the header"},
        {"row": 7, "reason": "no name"},
    ]
    assert [one["row"] for one in file["changed"]] == [2, 7]


def test_a_short_row_and_a_blank_line_do_not_hide_each_other(api: Client) -> None:
    """Each leaves a byte too few or too many in the sum of the cells: together they must not look well-formed."""
    rows = "2020-01-01,Alpha,1999,\n2020-01-01,Beta,1999\n\n2020-01-01,,1999,\n"
    answer = read(api, ("watched.csv", HEADER.replace(b"\r", b"") + rows.encode()))
    assert titles_of(api, answer) == ["Alpha", "Beta"]
    file = receipt_of(answer)
    assert file["rows"] == 3
    assert file["skipped"] == [{"row": 5, "reason": "no name"}]
    assert [one["row"] for one in file["changed"]] == [3]


def test_a_quotation_mark_inside_a_cell_is_text(api: Client) -> None:
    rows = b'2020-01-01,Al"pha"",1999,\r\n2020-01-01, "Beta",1999,\r\n2020-01-01,"""",1999,""\r\n'
    assert titles_of(api, read(api, ("watched.csv", HEADER + rows))) == [' "Beta"', '"', 'Al"pha""']


# ── Columns ───────────────────────────────────────────────────────────────────────────────────
def test_a_repeated_column_counts_once(api: Client) -> None:
    header = (*WATCHED, "Name", "Year", "Date", "Letterboxd URI")
    row = ("2020-01-01", "Alpha", "1999", "https://boxd.it/aaaa", "Beta", "2000", "2021-01-01", "https://boxd.it/bbbb")
    movie = movies_of(api, read(api, ("watched.csv", make_csv(header, [row]))))[0]
    assert (movie["title"], movie["year"], movie["watched_date"]) == ("Alpha", 1999, "2020-01-01")
    assert movie["letterboxd_uri"] == "https://boxd.it/aaaa"


@pytest.mark.parametrize("name", COLLIDING)
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_unknown_column_changes_nothing_whatever_its_name(api: Client, name: str, place: str) -> None:
    if place == "before" and name in {"date", "name", "year"}:
        return  # the columns of Letterboxd in small letters: see below

    def with_column(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
        if place == "before":
            return make_csv((name, *header), [("7", *row) for row in rows])
        return make_csv((*header, name), [(*row, "7") for row in rows])

    files = {path: with_column(header, rows) for path, (header, rows) in MEMBER_FILES_ROWS.items()}
    plain, extended = (read(api, ("a.zip", make_zip(one))) for one in (make_member_files(), files))
    assert {**extended["receipt"], "warnings": []} == {**plain["receipt"], "warnings": []}
    expected, found = ([{**m, "id": 0} for m in movies_of(api, answer)] for answer in (plain, extended))
    assert found == expected


@pytest.mark.parametrize("name", ["NAME", "year", "Letterboxd uri", "RATING"])
def test_a_column_under_its_exact_name_wins_over_one_that_differs_in_case(api: Client, name: str) -> None:
    content = make_csv((name, *RATINGS), [("7", "2020-01-01", "Alpha", "1999", "https://boxd.it/aaaa", "4")])
    movie = movies_of(api, read(api, ("ratings.csv", content)))[0]
    assert (movie["title"], movie["year"], movie["rating"]) == ("Alpha", 1999, 4.0)
    assert movie["letterboxd_uri"] == "https://boxd.it/aaaa"


def test_columns_in_another_order_and_case_are_read(api: Client) -> None:
    header = ("letterboxd uri", " RATING ", "year", "name", "DATE")
    row = ("https://boxd.it/aaaa", "4", "1999", "Alpha", "2020-01-01")
    movie = movies_of(api, read(api, ("mine.csv", make_csv(header, [row]))))[0]
    assert (movie["title"], movie["year"], movie["rating"]) == ("Alpha", 1999, 4.0)


def test_columns_that_are_missing_are_warned_of(api: Client) -> None:
    answer = read(
        api, ("diary.csv", make_csv(("Name", "Letterboxd URI", "Watched Date"), [("Alpha", "", "2020-01-01")]))
    )
    for column in ("Date", "Year", "Rating", "Tags"):
        assert warned_of(answer, f"column {column} is missing")
    assert not warned_of(answer, "Rewatch")


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n\r\n"])
def test_tables_with_a_header_alone_give_a_session_without_movies(api: Client, end: bytes) -> None:
    files = {path: make_csv(header, []).rstrip() + end for path, (header, _) in MEMBER_FILES_ROWS.items()}
    for brought in ([("a.zip", make_zip(files))], [(path.replace("/", "-"), text) for path, text in files.items()]):
        answer = read(api, *brought)
        assert (answer["status"], answer["total_movies"]) == ("completed", 0)
        assert {file["rows"] for file in answer["receipt"]["files"]} == {0}


@pytest.mark.parametrize("path", ["likes/films.csv", "diary.csv", "reviews.csv", "ratings.csv", "watched.csv"])
def test_any_one_table_alone_can_be_read(api: Client, path: str) -> None:
    answer = read(api, ("a.zip", make_zip({path: make_member_files()[path]})))
    expected = {"likes/films.csv": 0, "diary.csv": 2, "reviews.csv": 1, "ratings.csv": 2, "watched.csv": 3}
    assert answer["total_movies"] == expected[path]
    if path == "likes/films.csv":
        assert receipt_of(answer, path)["counts"]["skipped_by_reason"] == {"no such film among the movies": 1}


# ── Several files, odd names ──────────────────────────────────────────────────────────────────
def test_thirty_loose_files_of_one_kind_are_joined(api: Client) -> None:
    names = [f"Film {number:02}" for number in range(30)]
    tables = [make_csv(WATCHED, [("2021-01-01", name, "1999", f"https://boxd.it/{name[-2:]}")]) for name in names]
    answer = read(api, *((f"part {number}.csv", table) for number, table in enumerate(tables)))
    assert titles_of(api, answer) == names
    labels = [file["file"] for file in answer["receipt"]["files"]]
    assert labels == ["watched.csv", *(f"watched.csv ({number})" for number in range(2, 31))]


@pytest.mark.parametrize("is_zipped", [True, False])
def test_two_diaries_are_joined_and_what_is_in_both_counts_once(api: Client, *, is_zipped: bool) -> None:
    one = make_diary()
    two = make_diary().rstrip() + b"\r\n2023-02-03,Beta,2001,https://boxd.it/1bbbbb,4,,,2023-02-02\r\n"
    entries = [("diary.csv", one), ("diary.csv", two)]
    answer = read(api, ("a.zip", make_zip(entries))) if is_zipped else read(api, *entries)
    assert titles_of(api, answer) == ["Beta", "Alpha"]
    assert answer["receipt"]["viewings"] == 2
    assert receipt_of(answer, "diary.csv (2)")["counts"]["skipped_by_reason"] == {"duplicate": 1}


def test_a_zip_may_hold_the_same_table_hundreds_of_times(api: Client) -> None:
    tables = [make_csv(WATCHED, [("2021-01-01", f"Film {n:03}", "1999", f"https://boxd.it/{n:x}")]) for n in range(300)]
    answer = read(api, ("a.zip", make_zip([("watched.csv", table) for table in tables])))
    assert titles_of(api, answer) == [f"Film {n:03}" for n in range(300)]


@pytest.mark.parametrize("name", ["watched.csv", "export", "x.png", "a.tar.gz", "…", "CON", "%00", "<img>", "x" * 250])
def test_what_a_file_is_called_says_nothing_of_what_it_is(api: Client, name: str) -> None:
    assert read(api, (name, make_zip(make_member_files())))["total_movies"] == 3
    assert read(api, (name, make_watched("Alpha")))["total_movies"] == 1


@pytest.mark.parametrize(
    "name", ["../../etc/watched.csv", "C:\\\\Users\\\\ann\\\\watched.csv", "/watched.csv", "a/../b.csv"]
)
def test_a_path_in_a_files_name_leads_nowhere(api: Client, name: str) -> None:
    answer = upload(api, (name, b"nonsense"))
    check_error(answer, 400, "wrong_type", file=name.replace("\\\\", "/").rpartition("/")[2])
    assert read(api, (name, make_watched("Alpha")))["total_movies"] == 1


@pytest.mark.parametrize(
    "folder",
    ["", "letterboxd-ann-2026/", "Mein Export/", "./", "export\\", "..\\", "../", "/", "watched.csv/", "film/"],
)
def test_a_zip_packed_again_inside_one_folder_is_read(api: Client, folder: str) -> None:
    files = {f"{folder}{path}": content for path, content in make_member_files().items()}
    if "\\" in folder:
        files = {path.replace("/", "\\"): content for path, content in files.items()}
    extra = {
        f"__MACOSX/{folder}._watched.csv": b"\0\5\x16\7",
        f"{folder}.DS_Store": b"\0",
        f"{folder}._diary.csv": b"\0",
    }
    answer = read(api, ("a.zip", make_zip(files | extra)))
    assert answer["total_movies"] == 3
    assert answer["receipt"]["ignored"] == {}


def test_only_the_five_tables_at_the_root_are_read_and_the_others_counted(api: Client) -> None:
    ghost = make_csv(DIARY, [("2020-01-01", "Ghost", "1999", "https://boxd.it/1", "5", "", "", "2020-01-01")])
    names = [
        *("deleted/diary.csv", "orphaned/diary.csv", "lists/watched.csv", "deleted/lists/watched.csv", "sub/diary.csv"),
        *("deleted/watched.csv", "likes/reviews.csv", "likes/diary.csv", "diary.csv.bak", "diary", "watchlist.csv"),
        *("profile.csv", "comments.csv", "films.csv", "my diary.csv"),
    ]
    answer = read(api, ("a.zip", make_zip({**make_member_files(), **dict.fromkeys(names, ghost)})))
    assert "Ghost" not in titles_of(api, answer)
    assert answer["receipt"]["ignored"] == {
        **{
            "deleted": 3,
            "orphaned": 1,
            "lists": 1,
            "likes": 2,
            "watchlist": 1,
            "profile": 1,
            "comments": 1,
            "other": 5,
        },
    }


def test_names_in_capitals_are_the_same_tables(api: Client) -> None:
    files = {path.upper(): content for path, content in make_member_files().items()}
    assert read(api, ("A.ZIP", make_zip(files)))["total_movies"] == 3


def test_useless_loose_files_beside_a_good_one_are_counted_and_not_read(api: Client) -> None:
    profile = make_csv(("Date Joined", "Username", "Email Address"), [("2020-01-01", "ann", "secret@example.com")])
    answer = read(
        api,
        ("watched.csv", make_watched("Alpha")),
        ("watchlist.csv", make_watched("Never Seen")),
        ("profile.csv", profile),
        ("photo.jpg", b"\xff\xd8\xff\xe0"),
        ("likes.csv", make_csv(LIKES, [])),
    )
    assert titles_of(api, answer) == ["Alpha"]
    assert answer["receipt"]["ignored"] == {"watchlist": 1, "profile": 1, "other": 1}
