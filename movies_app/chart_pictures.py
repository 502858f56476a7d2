"""What stands on the pictures to share, set to fit them: `picture_of` turns numbers into lettering and bars. Pure.

`cards` draws it by the templates under `templates/pictures`, which hold where everything stands. Sentences speak of the
films and never of "you", and nothing on a picture leads back to its page: a picture may go further than the link.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise

from movies_app import chart_countries
from movies_app import chart_words as words
from movies_app.chart_parts import Numbers
from movies_app.lettering import BOLD, Fitted, drawable, fitted, width

_FEWEST_BARS, _FEWEST_PLACES = 3, 7
# When more bars than this are the highest, none stands out.
_MOST_TOP = 3
_MOST_YEARS = 12
# Of fewer ratings their bars say little.
_FEWEST_RATED = 5
# What is rated lower is nobody's best.
_LEAST_PRAISE = 3
# How much of its place a bar takes.
_BAR = 0.72
# In red, green and blue.
Colour = tuple[int, int, int]
# The colours of the light from above and of the night below.
_LIGHT: Colour = (0x40, 0x30, 0x19)
_NIGHT: Colour = (0x10, 0x0E, 0x0C)
_STARS = ("½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5")


@dataclass(frozen=True, slots=True)
class Format:
    """A picture's size in pixels, and the rooms on it."""

    name: str
    width: int
    height: int
    glow: int
    title_room: int
    title_sizes: tuple[int, ...]
    title_lines: int
    figures: tuple[int, ...]  # where they begin
    bars_width: int
    bars_height: int
    row_room: int
    row_size: int
    row_step: int
    most_rows: int


CARD = Format(
    name="card",
    width=1200,
    height=630,
    glow=420,
    title_room=1056,
    title_sizes=(92, 80, 68, 56, 46),
    title_lines=1,
    figures=(0, 272, 544, 816),
    bars_width=560,
    bars_height=120,
    row_room=424,
    row_size=25,
    row_step=37,
    most_rows=4,
)
STORY = Format(
    name="story",
    width=1080,
    height=1920,
    glow=900,
    title_room=872,
    title_sizes=(112, 96, 84, 72, 60, 50),
    title_lines=2,
    figures=(0, 0, 304, 608),
    bars_width=872,
    bars_height=180,
    row_room=872,
    row_size=38,
    row_step=54,
    most_rows=4,
)
FORMATS = {one.name: one for one in (CARD, STORY)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A large numeral and what it counts, so many pixels from the left."""

    x: int
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Upright bars as two paths, the highest apart from the others, and labels below them."""

    title: str
    path: str
    top: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: a name, and at the right what is told of it."""

    y: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Rows:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A stripe of one colour across the picture."""

    y: int
    height: int
    colour: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that stands on a picture."""

    format: Format
    eyebrow: str
    title: Fitted
    figures: tuple[Figure, ...]
    bars: Bars | None
    rows: Rows | None
    bulbs: str
    glow: tuple[Band, ...]
    site: str


def picture_of(numbers: Numbers, *, name: str, site: str, shape: Format) -> Picture:
    """Set a picture of the numbers that `stats.cached` returns, of all years or of one, by the member's name if any.

    `site` is the host that the service is reached at.
    """
    return Picture(
        format=shape,
        eyebrow=_eyebrow(numbers["year"], drawable(name)),
        title=_title(numbers["year"], drawable(name), shape),
        figures=_figures(numbers, shape),
        bars=_bars(numbers, shape),
        rows=_rows(numbers, shape),
        bulbs=_bulbs(shape),
        glow=_glow(shape),
        site=drawable(site),
    )


def description(numbers: Numbers) -> str:
    """Say in a line what a picture shows: 120 films, 201 hours, 3.62 average rating."""
    return ", ".join(f"{value} {label}" for value, label in islice(_told(numbers), len(CARD.figures)))


def heading(year: int | None, name: str) -> str:
    """Name what is shown: Ada’s 2024 in films, Ada’s films, 2024 in films, A life in films."""
    whose = f"{name}’s " if name else ""
    if year:
        return f"{whose}{year} in films"
    return f"{whose}films" if name else "A life in films"


def _eyebrow(year: int | None, name: str) -> str:
    """Say what kind of picture it is, in other words than the title."""
    if year:
        return "Year in review"
    return "A life in films" if name else "All years"


# ── Title and figures ─────────────────────────────────────────────────────────────────────────
def _title(year: int | None, name: str, shape: Format) -> Fitted:
    """Set the heading in one line if it can be, else in more; a name that fits nowhere is cut, and nothing else is."""
    for most_lines in range(1, shape.title_lines + 1):
        title = fitted(
            heading(year, name), room=shape.title_room, sizes=shape.title_sizes, most_lines=most_lines, weight=BOLD
        )
        if not title.is_cut:
            return title
    return _title(year, f"{name.rstrip('…')[:-2].rstrip()}…", shape)


def _figures(numbers: Numbers, shape: Format) -> tuple[Figure, ...]:
    told = islice(_told(numbers), len(shape.figures))
    return tuple(Figure(x, value, label) for x, (value, label) in zip(shape.figures, told, strict=False))


def _told(numbers: Numbers) -> Iterator[tuple[str, str]]:
    """Yield figures with what they count, the most telling first; what is nothing is left out."""
    overview, runtimes = numbers["overview"], numbers["runtimes"]
    films, viewings = overview["films"], overview["viewings"]
    yield words.number(films), words.named(films, "film")
    hours, unit = words.hours(runtimes["watched_minutes"])
    if runtimes["films"] > films / 2:  # of few films hours would be taken for those of all
        of_some = f" in {words.counted(runtimes['films'], 'film')}" if runtimes["films"] < films else ""
        yield words.number(hours), unit + of_some
    if overview["rated"]:
        yield words.average(overview["average_rating"]), "average rating"
    if viewings > films:
        yield words.number(viewings), words.named(viewings, "viewing")
    if overview["rewatches"]:
        yield words.number(overview["rewatches"]), words.named(overview["rewatches"], "rewatch", "rewatches")
    if overview["likes"]:
        yield words.number(overview["likes"]), words.named(overview["likes"], "like")


# ── Bars ──────────────────────────────────────────────────────────────────────────────────────
def _bars(numbers: Numbers, shape: Format) -> Bars | None:
    """Draw what there is: of a year its months, else the ratings, the years of the diary, the decades of the films."""
    for title, points in _charts(numbers):
        if sum(1 for _, value in points if value) >= _FEWEST_BARS:
            return _drawn(title, points, shape)
    return None


def _charts(numbers: Numbers) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    months = [(words.month_short(int(each["month"][5:]))[:1], each["viewings"]) for each in numbers["by_month"]]
    ratings = [(_STARS[place], each["films"]) for place, each in enumerate(numbers["ratings"]["histogram"])]
    years = [(f"’{each['year'] % 100:02d}", each["viewings"]) for each in numbers["by_year"][-_MOST_YEARS:]]
    decades = [(f"{each['decade']}s", each["films"]) for each in numbers["releases"]["decades"]]
    if len(decades) > _FEWEST_PLACES:  # their labels are wide: every other has one
        decades = [(label * (place % 2), films) for place, (label, films) in enumerate(decades, len(decades) % 2)]
    if numbers["year"]:
        yield "Month by month", months
    if numbers["overview"]["rated"] >= _FEWEST_RATED:
        yield "How the ratings fall", ratings
    if not numbers["year"]:
        yield "Viewings by year", years
    yield "Films by decade", decades


def _drawn(title: str, points: Sequence[tuple[str, int]], shape: Format) -> Bars:
    values = [value for _, value in points]
    step = shape.bars_width / (max(len(points), _FEWEST_PLACES) - 1 + _BAR)
    stands_out = values.count(max(values)) <= _MOST_TOP
    paths = {True: "", False: ""}
    for place, value in enumerate(values):
        if not value:
            continue
        is_top = stands_out and value == max(values)
        paths[is_top] += _bar(place * step, step * _BAR, shape.bars_height, value / max(values))
    ticks = (Tick(f"{place * step + step * _BAR / 2:.1f}", label) for place, (label, _) in enumerate(points) if label)
    return Bars(title, paths[False], paths[True], tuple(ticks))


def _bar(x: float, width: float, height: int, part: float) -> str:
    """Return the path of a bar that stands on the line, rounded at its top; little is a thin line."""
    tall = max(part * height, 3.0)
    round_ = min(width / 6, tall / 2, 8)
    return (
        f"M{x:.1f} {height}V{height - tall + round_:.1f}q0 -{round_:.1f} {round_:.1f} -{round_:.1f}"
        f"h{width - 2 * round_:.1f}q{round_:.1f} 0 {round_:.1f} {round_:.1f}V{height}z"
    )


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────
def _rows(numbers: Numbers, shape: Format) -> Rows | None:
    """List the best rated films, else what was seen most, else the first film and the latest."""
    for title, pairs in _lists(numbers):
        found = [(name, value) for name, value in ((drawable(name), value) for name, value in pairs) if name]
        if found:
            rows = (_row(place, *pair, shape) for place, pair in enumerate(found[: shape.most_rows]))
            return Rows(title, tuple(rows))
    return None


def _lists(numbers: Numbers) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    overview = numbers["overview"]
    best = (film for film in numbers["best_rated"] if film["rating"] >= _LEAST_PRAISE)
    yield "Best rated", [(film["title"], words.stars(film["rating"])) for film in best]
    yield "Most seen", list(_most_seen(numbers))
    ends = [(overview["last_film"], "latest"), (overview["first_film"], "first")]
    yield "The diary", [(film["title"], value) for film, value in ends[: overview["films"]] if film]


def _most_seen(numbers: Numbers) -> Iterator[tuple[str, str]]:
    found = (
        *((row["name"], row) for row in numbers["directors"]["most_seen"][:1]),
        *((row["genre"], row) for row in numbers["genres"]["all"][:1]),
        *((chart_countries.name(row["country"]), row) for row in numbers["countries"]["all"][:1]),
    )
    return ((name, words.counted(row["films"], "film")) for name, row in found)


def _row(place: int, name: str, value: str, shape: Format) -> Row:
    room = shape.row_room - width(f"{value} ", size=shape.row_size)
    return Row(place * shape.row_step, fitted(name, room=room, sizes=[shape.row_size]).lines[0], value)


# ── The frame ─────────────────────────────────────────────────────────────────────────────────
@cache
def _glow(shape: Format) -> tuple[Band, ...]:
    """Return the light from above as bands, one for each colour: a gradient looks the same and takes far longer."""
    bands = _LIGHT[0] - _NIGHT[0]
    edges = [round(shape.glow * part / bands) for part in range(bands + 1)]
    return tuple(
        Band(top, bottom - top, _between(_LIGHT, _NIGHT, part / bands))
        for part, (top, bottom) in enumerate(pairwise(edges))
    )


def _between(one: Colour, other: Colour, part: float) -> str:
    mixed = (round(start + (end - start) * part) for start, end in zip(one, other, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


@cache
def _bulbs(shape: Format) -> str:
    """Return where the bulbs of the marquee shine, all around, as a path of dots."""
    inset, step = 28, 32
    across, down = (round((side - 2 * inset) / step) for side in (shape.width, shape.height))
    columns = [inset + round(place * (shape.width - 2 * inset) / across) for place in range(across + 1)]
    lines = [inset + round(place * (shape.height - 2 * inset) / down) for place in range(1, down)]
    ends = (shape.width - inset, shape.height - inset)
    places = (
        *((x, y) for x in columns for y in (inset, ends[1])),
        *((x, y) for y in lines for x in (inset, ends[0])),
    )
    return "".join(f"M{x} {y}h0" for x, y in places)
