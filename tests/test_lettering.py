"""What the pictures' fonts can write, how wide it is, and how it fits; widths are compared with what resvg draws."""

import re
import unicodedata
import zlib

import pytest
import resvg_py
from hypothesis import given
from hypothesis import strategies as st

from movies_app.lettering import BOLD, CJK, INTER, PLAIN, drawable, fitted, fonts_of, width

WIDE, HIGH, SIZE = 520, 64, 40
NO_GLYPH = "\U000f0000"  # for private use: no font has it


def drawn(text: str, *, weight: int = BOLD) -> bytes:
    """Return what resvg draws of a text, as PNG."""
    letters = text.replace("&", "&amp;").replace("<", "&lt;")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}" font-family="Inter">'
        f'<text x="10" y="40" font-size="{SIZE}" font-weight="{weight}">{letters}</text></svg>'
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=[str(INTER), str(CJK)], skip_system_fonts=True))


def ink(png: bytes) -> int:
    """Return the last column in which a picture has any ink."""
    starts = [match.start() for match in re.finditer(b"IDAT", png)]
    packed = b"".join(png[at + 4 : at + 4 + int.from_bytes(png[at - 4 : at])] for at in starts)
    rows = unfiltered(zlib.decompress(packed), WIDE * 4, HIGH)
    return max(x for x in range(WIDE) if any(row[4 * x + 3] for row in rows))


def unfiltered(data: bytes, stride: int, high: int) -> list[bytes]:
    """Undo PNG's filters of pixels of four bytes."""
    rows, before = [], bytes(stride)
    for y in range(high):
        start = y * (stride + 1)
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, above = (row[i - 4] if i >= 4 else 0), before[i]
            corner = before[i - 4] if i >= 4 else 0
            nearest = min((left, above, corner), key=lambda one: abs(left + above - corner - one))
            row[i] = (row[i] + (0, left, above, (left + above) // 2, nearest)[kind]) & 255
        rows.append(before := bytes(row))
    return rows


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Amélie", "Amélie"),
        ("Ame\u0301lie", "Amélie"),  # spelt with a letter and an accent
        ("Ada 🎬", "Ada"),
        ("🎬🍿", ""),
        ("Dìdi (弟弟)", "Dìdi (弟弟)"),
        ("기생충 千と千尋 霸王别姬", "기생충 千と千尋 霸王别姬"),
        ("The Salesman (فروشنده)", "The Salesman"),
        ("a\x00b\tc\nd", "a b c d"),
        ("½ ★ “quoted” – it’s…", "½ ★ “quoted” – it’s…"),
        ("Кино Ελλάδα", "Кино Ελλάδα"),
        ("  \u00a0 ", ""),
        ("\u0301" * 80, ""),  # marks without a letter, and piled up
        ("a" + "\u0323" * 9 + "b", "ạ\u0323\u0323b"),
        ("x \u0301\u0301 y", "x y"),
    ],
)
def test_what_no_font_has_is_left_out(text: str, shown: str) -> None:
    assert drawable(text) == shown


@pytest.mark.parametrize("text", ["Amélie ½★", "千と千尋", "기생충", "霸王别姬", "Ελλάδα", "Кино", "’“”–…&<"])
def test_what_is_drawable_is_drawn_without_a_box(text: str) -> None:
    box = drawn(NO_GLYPH)
    assert drawn("🎬") == box
    assert drawable(text) == text
    assert [letter for letter in text.replace(" ", "") if drawn(letter) == box] == []


@given(st.text(max_size=60))
def test_what_is_left_is_one_line_without_controls(text: str) -> None:
    shown = drawable(text)
    assert shown == " ".join(shown.split())
    assert all(unicodedata.category(letter)[0] != "C" for letter in shown)
    assert drawable(shown) == shown


@pytest.mark.parametrize("weight", [PLAIN, BOLD])
@pytest.mark.parametrize(
    "text", ["Hello, World", "1,600", "WWWWWW", "iiiiiiiiiiii", "Three Billboards", "千と千尋の神隠し"]
)
def test_a_text_is_as_wide_as_told_or_a_little_less(text: str, weight: int) -> None:
    told, inked = width(text, size=SIZE, weight=weight), ink(drawn(text, weight=weight)) - 10
    assert 0.85 * told <= inked <= told + 2


def test_the_large_font_is_taken_only_where_it_is_needed() -> None:
    assert fonts_of("<svg>Amélie ½★\n</svg>") == [INTER]
    assert fonts_of("<svg>千と千尋</svg>") == [INTER, CJK]


def test_a_text_is_set_as_large_as_it_fits() -> None:
    sizes = (90, 60, 30)
    assert fitted("short", room=1_000, sizes=sizes).size == 90
    middling = fitted("a name of some length and more", room=1_000, sizes=sizes)
    assert (middling.size, middling.is_cut) == (60, False)


@given(
    st.text("abc WMil.,千’", min_size=1, max_size=120).map(drawable).filter(bool),
    st.integers(120, 1_200),
    st.integers(1, 3),
)
def test_whatever_is_set_fits_its_place(text: str, room: int, most_lines: int) -> None:
    told = fitted(text, room=room, sizes=(60, 40, 20), most_lines=most_lines)
    assert 1 <= len(told.lines) <= most_lines
    assert all(0 < width(line, size=told.size) <= room for line in told.lines)
    if not told.is_cut:
        assert "".join(told.lines).replace(" ", "") == text.replace(" ", "")


def test_only_what_does_not_fit_is_cut_at_its_end() -> None:
    told = fitted("one two three four five six", room=200, sizes=(40,), most_lines=2)
    assert told.is_cut
    assert told.lines[0] == "one two"
    assert told.lines[1].startswith("three")
