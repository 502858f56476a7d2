"""What a member wrote is kept as text, exactly; what cannot be a value is dropped, and the receipt says so."""

from typing import Any

import pytest
from django.test import Client

from movies_app.models import Film
from tests.builders import (
    WATCHED,
    Answer,
    make_csv,
    make_diary,
    make_reviews,
    make_watched,
    make_zip,
    movies_of,
    rows_add_up,
    upload,
)

CONTROLS = "".join(map(chr, range(1, 32))).replace("\r", "").replace("\n", "") + "\x7f\x80\x9f"
# Text that means something to CSV, COPY, JSON, SQL, HTML, format strings or terminals.
HOSTILE = [
    *('"', '""', 'a "b" c', "'", "''", "\\", "\\\\", "\\.", "\\N", "\\n", "\\u0000", "\\x00", "\\ud800", "NULL"),
    *("null", "None", "nan", "[]", "{}", '{"v":1}', "]}", "},{", "a,b;c\td", "=1+1", "@x", "-1", "+1", "#", "%"),
    *("%s %(a)s", "{0}", "$$", "$1", "--", "/*", "'; DROP TABLE movies; --", "<script>alert(1)</script>", "&amp;"),
    *("&", "a\u2028b\u2029c", "a\u0085b", "\ufeffa", "a\ufeff", "\u200b", "\u202eabc", "\ufffe\uffff", "\ufffd"),
    *(f"a{CONTROLS}b", "\x1b[31m", "\U0010ffff", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "Cafe\u0301", "ﷺ"),
    *("𝕏", "İi", "a\u0300" * 100, "x" * 500, "弟" * 500, "\U0001f3ac" * 500, "\u00a0a", "a  b", ".", "..", "…"),
    *("0", "1e5", "True"),
]  # fmt: skip
LINES = ["a\nb", "a\r\nb", "\r\n a\r\n\r\n\r\nb \n", "a\rb", "a\n\\.\nb", "\\.\r\n\\.", '"\n"', "a,\n,b", "\n\\N\n"]


def read(api: Client, *files: tuple[str, bytes]) -> Answer:
    answer = upload(api, *files)
    assert answer.status == 201, answer.body
    assert rows_add_up(answer["receipt"])
    return answer


def changed_of(answer: Answer) -> dict[str, int]:
    (file,) = answer["receipt"]["files"]
    counts: dict[str, int] = file["counts"]["changed_by_reason"]
    return counts


def skipped_of(answer: Answer) -> dict[str, int]:
    (file,) = answer["receipt"]["files"]
    counts: dict[str, int] = file["counts"]["skipped_by_reason"]
    return counts


# ── Text that is kept ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_kept_exactly_in_names_tags_and_reviews(api: Client, text: str) -> None:
    tag = text.replace(",", "").strip()
    row = {"Name": text, "Tags": f"{tag}, {tag}, other", "Review": text}
    movie = movies_of(api, read(api, ("diary.csv", make_diary(row=row)), ("reviews.csv", make_reviews(row=row))))[0]
    tags = [tag, "other"] if tag else ["other"]
    assert movie["title"] == text
    assert movie["review"] == (text if text.strip() else None)
    assert movie["viewings"][0]["review"] == (text if text.strip() else None)
    assert (movie["tags"], movie["viewings"][0]["tags"]) == (tags, tags)


def test_all_hostile_names_in_one_upload_are_all_kept_and_all_films(api: Client) -> None:
    answer = read(api, ("a.zip", make_zip({"watched.csv": make_watched(*HOSTILE)})))
    names = [text for text in HOSTILE if text.strip()]
    assert sorted(movie["title"] for movie in movies_of(api, answer)) == sorted(names)
    assert Film.objects.count() == len(names)


@pytest.mark.parametrize("text", LINES, ids=ascii)
def test_line_breaks_of_a_review_are_kept_exactly(api: Client, text: str) -> None:
    movie = movies_of(api, read(api, ("reviews.csv", make_reviews(row={"Review": text}))))[0]
    assert (movie["review"], movie["viewings"][0]["review"]) == (text, text)


def test_every_character_below_the_surrogates_is_kept_in_a_review(api: Client) -> None:
    text = "".join(map(chr, range(1, 0xD800)))
    movie = movies_of(api, read(api, ("reviews.csv", make_reviews(row={"Review": text}))))[0]
    assert movie["review"] == movie["viewings"][0]["review"] == text


def test_a_thousand_tags_are_kept_in_their_order(api: Client) -> None:
    tags = [f"tag {number}" for number in range(1_000)]
    movie = movies_of(api, read(api, ("diary.csv", make_diary(row={"Tags": ", ".join(tags)}))))[0]
    assert movie["tags"] == movie["viewings"][0]["tags"] == tags


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("a,,b, ,c,", ["a", "b", "c"]),
        (" , ,, ", []),
        ("a, A,a ,b", ["a", "A", "b"]),
        ("one two,  three\tfour ", ["one two", "three\tfour"]),
        ("#1, ½ price, 3/4, 🎬", ["#1", "½ price", "3/4", "🎬"]),
        ("a\r\nb, c", ["a\r\nb", "c"]),
    ],
)
def test_tags_are_what_stands_between_commas(api: Client, cell: str, tags: list[str]) -> None:
    movie = movies_of(api, read(api, ("diary.csv", make_diary(row={"Tags": cell}))))[0]
    assert (movie["tags"], movie["viewings"][0]["tags"]) == (tags, tags)


# ── Text that is too long or no name ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["", " ", "\u00a0\u2003", "\u2028", "\t"])
def test_a_row_without_a_name_is_skipped(api: Client, name: str) -> None:
    answer = read(api, ("watched.csv", make_watched("Alpha", name)))
    assert answer["total_movies"] == 1
    assert skipped_of(answer) == {"no name": 1}


@pytest.mark.parametrize("name", ["a\nb", "a\r\nb", "\na", "a\rb"])
def test_a_name_with_a_line_break_is_skipped_as_the_sign_of_a_missing_quote(api: Client, name: str) -> None:
    answer = read(api, ("watched.csv", make_watched("Alpha", name)))
    assert answer["total_movies"] == 1
    (reason,) = skipped_of(answer)
    assert "line break" in reason


@pytest.mark.parametrize("name", ["x" * 501, "x" * 10_000, "弟" * 10_000, "x" * 10_000_000])
def test_a_name_longer_than_any_is_skipped(api: Client, name: str) -> None:
    answer = read(api, ("watched.csv", make_watched("Alpha", name)))
    assert answer["total_movies"] == 1
    assert skipped_of(answer) == {"the name is longer than 500 characters": 1}


def test_names_that_grow_under_normalisation_are_kept_and_their_keys_fit_the_index(api: Client) -> None:
    names = ["\ufdfa" * 400, "\ufdfa" * 401, "½" * 500, "&" * 500, "㌖" * 500, "ﬃ" * 500, "\u1e9e" * 500, "𝔘" * 500]
    answer = read(api, ("watched.csv", make_watched(*names)))
    assert sorted(movie["title"] for movie in movies_of(api, answer)) == sorted(names)


def test_two_long_names_that_begin_alike_are_two_movies(api: Client) -> None:
    names = ["x" * 400 + "a", "x" * 400 + "b"]
    assert len(movies_of(api, read(api, ("watched.csv", make_watched(*names))))) == 2


@pytest.mark.parametrize("size", [100_001, 10_000_000])
def test_a_review_longer_than_any_is_cut_and_the_receipt_says_so(api: Client, size: int) -> None:
    answer = read(api, ("reviews.csv", make_reviews(row={"Review": "é" * size})))
    assert movies_of(api, answer)[0]["review"] == "é" * 60_000
    assert sum(changed_of(answer).values()) == 1


def test_tags_longer_than_any_are_cut_and_the_receipt_says_so(api: Client) -> None:
    answer = read(api, ("diary.csv", make_diary(row={"Tags": ", ".join(f"tag {n}" for n in range(1_000_000))})))
    tags = movies_of(api, answer)[0]["tags"]
    assert tags[:100] == [f"tag {n}" for n in range(100)]
    assert len(", ".join(tags)) <= 10_000
    assert sum(changed_of(answer).values()) == 1


def test_no_tag_is_kept_that_the_member_did_not_write(api: Client) -> None:
    """Where the tags of a row are cut, the cut must not leave half a tag."""
    written = [f"a tag with the number {n}" for n in range(1_000)]
    answer = read(api, ("diary.csv", make_diary(row={"Tags": ", ".join(written)})))
    assert set(movies_of(api, answer)[0]["tags"]) <= set(written)


# ── Values that are dropped ───────────────────────────────────────────────────────────────────
def value_of(api: Client, column: str, cell: str, field: str) -> tuple[Any, dict[str, int]]:
    answer = read(api, ("diary.csv", make_diary(row={column: cell})))
    return movies_of(api, answer)[0][field], changed_of(answer)


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        *(("1870", 1870), ("2100", 2100), ("1999.0", 1999), (" 1999 ", 1999), ("", None)),
        *(
            (cell, None)
            for cell in ("1869", "2101", "0", "-1999", "99999", "9" * 400, "1999.5", "1e3", "MCMXCIX", "１９９９")
        ),
    ],
)
def test_a_year_that_cannot_be_is_dropped(api: Client, cell: str, year: int | None) -> None:
    found, changed = value_of(api, "Year", cell, "year")
    assert found == year
    assert bool(changed) == (year is None and bool(cell))


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        *(("0.5", 0.5), ("5", 5), ("3,5", 3.5), ("★★★½", 3.5), ("½", 0.5), (" 4.0 ", 4), ("", None)),
        *(
            (cell, None)
            for cell in ("0", "-1", "5.5", "10", "nan", "inf", "-inf", "1e400", "9" * 400, "four", "★" * 6, "0x4")
        ),
    ],
)
def test_a_rating_that_cannot_be_is_dropped(api: Client, cell: str, rating: float | None) -> None:
    found, changed = value_of(api, "Rating", cell, "rating")
    assert found == rating
    assert bool(changed) == (rating is None and bool(cell))


@pytest.mark.parametrize(("cell", "rating"), [("0.25", 0.5), ("3.7", 3.5), ("3.75", 4), ("4.99", 5), ("3,3", 3.5)])
def test_a_rating_between_halves_is_rounded_and_the_receipt_says_so(api: Client, cell: str, rating: float) -> None:
    assert value_of(api, "Rating", cell, "rating") == (rating, {"rounded to the nearest half star": 1})


@pytest.mark.parametrize("column", ["Date", "Watched Date"])
@pytest.mark.parametrize(
    "cell",
    [
        *(
            "0000-00-00",
            "0000-01-01",
            "0001-01-01",
            "1869-12-31",
            "2101-01-01",
            "9999-12-31",
            "99999-01-01",
            "-2020-01-01",
        ),
        *("2021-02-29", "2020-13-01", "2020-00-10", "2020-01-32", "12/31/9999", "0/0/0", "1/2/3/4", "99/99/9999"),
        *("20200101", "2020-01-01T00:00:00Z", "yesterday", "１/２/２０２０", "9" * 400, "43831", "Jan 5, 2020"),
    ],
)
def test_a_day_that_cannot_be_is_dropped(api: Client, column: str, cell: str) -> None:
    answer = read(api, ("diary.csv", make_diary(row={column: cell})))
    (viewing,) = movies_of(api, answer)[0]["viewings"]
    assert viewing["date" if column == "Watched Date" else "logged_date"] is None
    assert changed_of(answer) == {"not a date": 1}


@pytest.mark.parametrize(
    "link",
    [
        *("javascript:alert(1)", "JAVASCRIPT:alert(1)//boxd.it", "data:text/html,x", "http://boxd.it/a", "//boxd.it/a"),
        *("https://evil.example/boxd.it/", "https://boxd.it.evil.example/a", "https://boxd.it@evil.example/a"),
        *(
            "https://letterboxd.com.evil.example/",
            "https://evil.letterboxd.com/a",
            "https://boxd.it",
            "https://boxd.it/",
        ),
        *(
            'https://boxd.it/"><script>',
            "https://boxd.it/a b",
            "https://boxd.it/<b>",
            "https://boxd.it/a?x=1",
            "boxd.it/a",
        ),
        *(
            "https://boxd.it/a\\b",
            "https://boxd.it/\u202e",
            f"https://boxd.it/{'a' * 301}",
            "ftp://boxd.it/a",
            "x" * 9_999,
        ),
        *("https://boxd.it/a\nb", "https://boxd.it/a#b", "https://boxd.it\\a", "https://user:pw@boxd.it/a"),
    ],
)
def test_a_link_that_leads_elsewhere_is_dropped(api: Client, link: str) -> None:
    answer = read(api, ("watched.csv", make_csv(WATCHED, [("2020-01-01", "Alpha", "1999", link)])))
    assert movies_of(api, answer)[0]["letterboxd_uri"] is None
    assert changed_of(answer) == {"not a link to Letterboxd": 1}
    answer = read(api, ("diary.csv", make_diary(row={"Letterboxd URI": link})))
    assert movies_of(api, answer)[0]["viewings"][0]["uri"] is None


def test_the_receipt_lists_two_hundred_rows_of_a_reason_and_counts_all(api: Client) -> None:
    rows = [("2020-01-01", f"Film {number}", "0", "") for number in range(450)]
    answer = read(api, ("watched.csv", make_csv(WATCHED, rows)))
    (file,) = answer["receipt"]["files"]
    assert changed_of(answer) == {"not a year between 1870 and 2100": 450}
    assert [one["row"] for one in file["changed"]] == list(range(2, 202))
