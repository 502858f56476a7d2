"""The films that made-up members share: titles, years and links. `made_up_member` calls it.

A film is a pure function of its index, and the index is its rank in popularity: two members who
drew the same index saw the same film. Indexes below `UNIVERSE` are ordinary films, no two of which
share name and year; from `UNIVERSE` on stand twins, two and two, which do.
"""

import re
import unicodedata
from dataclasses import dataclass
from math import prod
from string import ascii_lowercase, ascii_uppercase, digits

from movies_app import made_up_words as words

UNIVERSE = 100_000
LOWEST_ENTRY = 2 * 62**4  # codes of films stop below it, those of log entries begin with it

_MASK = (1 << 64) - 1
_ALPHABET = digits + ascii_uppercase + ascii_lowercase
_STRIDE = 7919  # prime, and no factor of a template's capacity: neighbours get unlike titles
_REMAKES = 9  # of a hundred pairs of neighbours share their title
_PLAIN_SLOTS = 96  # of a hundred titles come from the templates, the others are odd
_YEARLESS = (500, 40)  # every 500th film has no year, the first is number 40
_OLD = 1950  # before it the years thin out towards 1874

# (how many of a hundred films, pattern, the words that fill it)
_TEMPLATES: tuple[tuple[int, str, tuple[tuple[str, ...], ...]], ...] = (
    (32, "{} {}", (words.ADJECTIVES, words.NOUNS)),
    (15, "The {} {}", (words.ADJECTIVES, words.NOUNS)),
    (5, "The {}", (words.NOUNS,)),
    (9, "{} of {}", (words.NOUNS, words.PLACES)),
    (9, "{} {}", (words.FIRST_NAMES, words.LAST_NAMES)),
    (11, "{}{}{}", (words.HEADS, words.MIDDLES, words.TAILS)),
    (6, "{}'s {}", (words.FIRST_NAMES, words.NOUNS)),
    (3, "{}, {} and the {}", (words.FIRST_NAMES, words.PLACES, words.NOUNS)),
    (2, "{}: The {} in {}", (words.LAST_NAMES, words.NOUNS, words.PLACES)),
    (2, "{} & the {} {}", (words.FIRST_NAMES, words.ADJECTIVES, words.NOUNS)),
    (2, "The {} {} of {} {}", (words.ADJECTIVES, words.NOUNS, words.FIRST_NAMES, words.LAST_NAMES)),
)
# The other titles: what breaks readers that trim, guess types or escape too little.
_ODD_PATTERNS = (
    "{number}", "{hour}:{minute:02}", "{number}/{number}", "{day}.{month}.{short}", "{number}.5",
    "-{number}", "#{noun}", "[{noun}]", "({number}) Nights in {noun}", "${number},000",
    "*{noun} not included", "{noun} ★ {number}", "{noun}\u00a0{number}", "The  {noun}  Returns",
    '"{noun}" and Other Lies', 'Call It "{noun}", Darling', "{noun}…", "Cafe\u0301 {noun}",
    "Señor {noun}", "{noun} (弟弟)", "東京 {number}", "=1+{number}", "{noun}; or, {number} Days",
    "{noun} – Part {number}", "<b>{noun}</b>", "{noun} \N{CLAPPER BOARD}",
)  # fmt: skip
_SPECIAL = (
    "1917", "300", "2:37", "50/50", "11.22.63", "True", "None", "nan", "False", "1e5", "007", "0",
    "3.50", "N/A", "2001-09-01", "1,000 Kings", '"Quoted"', 'The "Double" Life', "★", "★★★½",
    "Rain, Steam, Sand", "弟弟", "影の町", "De\u0301ja\u0300 Dit", "Sìsi (妹妹)", "Two  Spaces",
    "Non\u00a0Breaking", "NULL", "then....", "…", "Zoë & the Ångström",
    ("A Report on the Conduct of the Clockmaker of Calder, His Seven Cousins, the Stolen Bell, "
     "and Everything Else That Was Said in the Market on Sunday"),
)  # fmt: skip
# (share in per cent, first year, number of years)
_DECADES = (
    (4.5, 1874, 76), (2, 1950, 10), (3, 1960, 10), (4, 1970, 10), (7, 1980, 10), (12, 1990, 10),
    (22, 2000, 10), (33, 2010, 10), (14, 2020, 6.1),
)  # fmt: skip
# (length, every how manieth film, the first of them); four characters otherwise
_CODE_LENGTHS = ((1, UNIVERSE * UNIVERSE, 8), (2, 997, 5), (5, 200, 7), (3, 13, 1))


@dataclass(frozen=True, slots=True)
class Film:
    """One made-up film; `year` is empty where Letterboxd knows none.

    `code` is what follows `https://boxd.it/`: one to five characters.
    """

    index: int
    name: str
    year: str
    code: str

    @property
    def slug(self) -> str:
        """Return what stands in `https://letterboxd.com/film/<slug>/`, alone in the universe."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-") or "film"
        if _is_odd(_title_index(self.index)):
            return f"{stem}-{self.index}"
        if self.index >= UNIVERSE and self.index % 2:
            return f"{stem}-1"
        return f"{stem}-{self.year or self.index}" if is_remake(self.index) else stem


def make_film(index: int) -> Film:
    """Return the film of this rank; from `UNIVERSE` on 2k and 2k + 1 are twins."""
    return Film(index=index, name=_name(_title_index(index)), year=_year(index), code=_code(index))


def is_remake(index: int) -> bool:
    """Tell whether the film has the title of the film before it, which is of another year."""
    return index % 2 == 1 and index < UNIVERSE and index // 2 * 37 % 100 < _REMAKES


def encode(number: int) -> str:
    """Write a number in base 62, as the short links do; upper and lower case differ."""
    text = ""
    while True:
        number, digit = divmod(number, 62)
        text = _ALPHABET[digit] + text
        if not number:
            return text


def _title_index(index: int) -> int:
    is_second_twin = index >= UNIVERSE and index % 2 == 1
    return index - 1 if is_second_twin or is_remake(index) else index


def _mix(index: int, salt: int) -> float:
    """Return a fraction in [0, 1) that depends on nothing but its arguments (splitmix64)."""
    value = (index * 0x9E3779B97F4A7C15 + salt * 0xBF58476D1CE4E5B9) & _MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return ((value ^ (value >> 31)) >> 11) / (1 << 53)


def _special(index: int) -> str | None:
    """Return the title set by hand: every sixth of the best known films, for small exports too."""
    place, rest = divmod(index - 2, 6)
    return _SPECIAL[place] if rest == 0 and 0 <= place < len(_SPECIAL) else None


def _is_odd(index: int) -> bool:
    return _special(index) is not None or index * 61 % 100 >= _PLAIN_SLOTS


def _name(index: int) -> str:
    """Return the title; any hundred films from a hundredth on use all the templates' slots once."""
    special = _special(index)
    if special is not None:
        return special
    block, slot = index // 100, index * 61 % 100
    for width, pattern, lists in _TEMPLATES:
        if slot < width:
            return _fill(pattern, lists, block * width + slot)
        slot -= width
    return _odd_name(block * (100 - _PLAIN_SLOTS) + slot)


def _fill(pattern: str, lists: tuple[tuple[str, ...], ...], number: int) -> str:
    """Fill the pattern with the number's words; beyond the last combination subtitles follow."""
    capacity = prod(map(len, lists))
    round_, rest = divmod(number, capacity)
    rest = (rest * _STRIDE + len(pattern) * 131) % capacity
    chosen = []
    for choices in lists:
        rest, position = divmod(rest, len(choices))
        chosen.append(choices[position])
    title = pattern.format(*chosen)
    return f"{title}: The {words.NOUNS[round_ * 17 % len(words.NOUNS)]}" if round_ else title


def _odd_name(number: int) -> str:
    turn, kind = divmod(number, len(_ODD_PATTERNS))
    return _ODD_PATTERNS[kind].format(
        noun=words.NOUNS[turn * 17 % len(words.NOUNS)],
        number=turn + 12,
        hour=turn // 60 + 3,
        minute=turn % 60,
        day=turn % 28 + 1,
        month=turn // 28 % 12 + 1,
        short=31 + turn % 60,
    )


def _year(index: int) -> str:
    if index >= UNIVERSE:
        return str(1897 + int(_mix(index // 2, 1) * 110))
    if index % _YEARLESS[0] == _YEARLESS[1]:
        return ""
    year = _ordinary_year(index)
    if is_remake(index) and year == _ordinary_year(index - 1):
        year += 9 if year < _OLD else -9
    return str(year)


def _ordinary_year(index: int) -> int:
    share = _mix(index, 1) * sum(decade[0] for decade in _DECADES)
    for width, first, years in _DECADES:
        if share < width:
            place = (share / width) ** (0.4 if first < _OLD else 1.0)
            return first + int(place * years)
        share -= width
    return 2025


def _code(index: int) -> str:
    """Return the film's own code: a stride through the numbers of that length."""
    length, ordinal = 4, index
    for special, step, first in _CODE_LENGTHS:
        if index % step == first:
            length, ordinal = special, index // step
            break
    lowest = 62 ** (length - 1) if length > 1 else 0
    highest = min(62**length, LOWEST_ENTRY)
    return encode(lowest + (ordinal + 1) * 1_000_003 % (highest - lowest))
