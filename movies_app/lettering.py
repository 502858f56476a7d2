"""The lettering of pictures: what their fonts can write, how wide it is, and how it fits a place. Pure.

Two fonts come as packages: Inter for nearly everything, and Noto Sans CJK for Chinese, Japanese and Korean. What
neither has, such as emoji, is left out: resvg would draw a box for it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_inter
import noto_cjk_sans_jp_bold
from fontTools.ttLib import TTFont

INTER = Path(fontpkg_inter.__file__).parent / "files" / "Inter[opsz,wght].ttf"
CJK = Path(noto_cjk_sans_jp_bold.__file__).parent / "NotoSansCJKjp-Bold.otf"
BOLD, PLAIN = 800, 500
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
# Marks take no room: without a letter, or piled up, they leave their place.
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]"
_MARKS_ASTRAY = re.compile(rf"(?:^|(?<=\s)){_MARK}+|(?<={_MARK}{_MARK}){_MARK}+")
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in lines of one size, in pixels, that fit their place."""

    lines: tuple[str, ...]
    size: int

    @property
    def is_cut(self) -> bool:
        return self.lines[-1].endswith(_ELLIPSIS)


def drawable(text: str) -> str:
    """Return what the fonts can write of a text, on one line; nothing where they can write none of it."""
    known = "".join(letter if _has(letter) else " " for letter in unicodedata.normalize("NFC", text))
    return " ".join(_MARKS_ASTRAY.sub("", _EMPTY_BRACKETS.sub(" ", known)).split())


def fonts_of(text: str) -> list[Path]:
    """Return the fonts that a text takes: the large one only where it is needed."""
    return [INTER] if all(letter in _inter() or letter.isspace() for letter in text) else [INTER, CJK]


def width(text: str, *, size: float, weight: int = PLAIN) -> float:
    """Return how many pixels wide a text is in a size; without kerning, so a little more than it will be."""
    return sum(_advance(letter, weight) for letter in text) * size


def fitted(text: str, *, room: float, sizes: Sequence[int], most_lines: int = 1, weight: int = PLAIN) -> Fitted:
    """Set a drawable text in the largest of `sizes` in which it fits; in the smallest its end may be cut off."""
    for size in sizes:
        lines = _broken(text, room=room / size, weight=weight)
        if len(lines) <= most_lines:
            return Fitted(tuple(lines), size)
    last = _cut(" ".join(lines[most_lines - 1 :]), room=room / size, weight=weight)
    return Fitted((*lines[: most_lines - 1], last), size)


def _broken(text: str, *, room: float, weight: int) -> list[str]:
    """Break a text into lines between words, and words that are wider than a line between letters."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size=1, weight=weight) <= room:
            lines[-1] = longer
            continue
        *whole, rest = _pieces(word, room=room, weight=weight)
        lines += [*whole, rest]
    return [line for line in lines if line]


def _pieces(word: str, *, room: float, weight: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size=1, weight=weight) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _cut(text: str, *, room: float, weight: int) -> str:
    while width(text + _ELLIPSIS, size=1, weight=weight) > room:
        text = text[:-1].rstrip(" ,.:;-–(")
    return text + _ELLIPSIS


def _has(letter: str) -> bool:
    return letter in _inter() or (ord(letter) in _cjk() and _is_written(letter))


def _is_written(letter: str) -> bool:
    """Tell letters from controls, which fonts may have too."""
    return unicodedata.category(letter)[0] != "C"


@cache
def _advance(letter: str, weight: int) -> float:
    """Return the width of a letter as a part of its size; what is not in Inter is as wide as it is high."""
    glyph = _inter().get(letter)
    return 1.0 if glyph is None else float(_glyphs(weight)[glyph].width / _font()["head"].unitsPerEm)


@cache
def _inter() -> dict[str, str]:
    """Return the glyph of each letter that Inter can write."""
    glyphs = {chr(code): glyph for code, glyph in _font().getBestCmap().items()}
    return {letter: glyph for letter, glyph in glyphs.items() if _is_written(letter)}


@cache
def _cjk() -> frozenset[int]:
    with TTFont(CJK, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _glyphs(weight: int) -> Any:
    return _font().getGlyphSet(location={"wght": weight})


@cache
def _font() -> TTFont:
    return TTFont(INTER, lazy=True)
