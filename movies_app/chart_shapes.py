"""Pictures as numbers: where bars, ticks and calendar days stand. Pure; nothing here knows what is counted.

Bars and calendar days are paths in units of a view box, which stretches to any width; lettering stands at percents, so
that it keeps its size. Everything is a string, ready for an SVG attribute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Few bars would be slabs; they stand in the middle of as many places as this.
FEWEST_PLACES = 7
# Above this many bars their numbers do not fit over them.
MOST_NUMBERED = 12
MOST_TICKS_NARROW = 7
MOST_TICKS_WIDE = 16
# A narrow picture has room for so many letters below bars with a label each: ten years, or twelve short months.
MOST_LETTERS_NARROW = 40
# When more bars than this are the highest, none stands out.
MOST_TOP = 3
HEADROOM = 1.02
# What is there is seen, however small it is beside the largest.
LEAST_HEIGHT = 0.8
PLACE_WIDTH = 10
DAY_STEP, DAY_SIZE = 10, 9
DAY_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """What a bar or a day is drawn from: its number, the text shown when it is pointed at, the label below a bar, if
    any, and the address of its films.
    """

    value: int
    title: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A bar or a day: a path, what is shown when it is pointed at, and where it leads."""

    path: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number written over a bar."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the bars; `kind` is "wide" when a narrow picture leaves it out."""

    x: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the picture with its number."""

    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of upright bars, `top` the highest; `label` says for those who hear the page what it shows.

    Keys go from bar to bar where there are few; of many the table has the same links.
    """

    label: str
    is_dense: bool
    view_box: str
    bars: tuple[Shape, ...]
    top: tuple[Shape, ...]
    numbers: tuple[Number, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """The days of a month that shine equally bright, `name` 1 to 4."""

    name: str
    days: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month as a wall calendar shows it, Monday first: `path` holds the squares of its days, `ahead` of those after
    the last that is known.
    """

    path: str
    ahead: str
    levels: tuple[Level, ...]


def chart(points: Sequence[Point], *, label: str) -> Chart | None:
    """Draw upright bars: with numbers over them when there are few, else with lines at round numbers.

    A single bar compares nothing and is no picture.
    """
    if len(points) == 1:
        return None
    highest = max((point.value for point in points), default=0)
    is_dense = len(points) > MOST_NUMBERED
    places = max(len(points), FEWEST_PLACES)
    first = (places - len(points)) / 2
    middles = [percent((first + index + 0.5) * 100 / places) for index in range(len(points))]
    drawn = [
        (point.value, Shape(_bar((first + index) * PLACE_WIDTH, _height(point.value, highest)), point.title, point.url))
        for index, point in enumerate(points)
        if point.value
    ]
    top = tuple(shape for value, shape in drawn if value == highest)
    top = top if len(top) <= MOST_TOP else ()
    labels = [(middle, point.label) for point, middle in zip(points, middles, strict=True) if point.label]
    return Chart(
        label=label,
        is_dense=is_dense,
        view_box=f"0 0 {places * PLACE_WIDTH} 100",
        bars=tuple(shape for _, shape in drawn if shape not in top),
        top=top,
        numbers=() if is_dense else _numbers(points, middles, highest),
        ticks=_ticks(labels, is_dense=is_dense),
        lines=_lines(highest) if is_dense else (),
    )


def _numbers(points: Sequence[Point], middles: list[str], highest: int) -> tuple[Number, ...]:
    return tuple(
        Number(x=middle, y=percent(100 - _height(point.value, highest)), text=f"{point.value:,}")
        for point, middle in zip(points, middles, strict=True)
        if point.value
    )


def _height(value: int, highest: int) -> float:
    return max(100 * value / (highest * HEADROOM), LEAST_HEIGHT) if value else 0


def _bar(left: float, height: float) -> str:
    gap = PLACE_WIDTH // 10
    return f"M{left + gap:g} 100V{100 - height:.4g}h{PLACE_WIDTH - 2 * gap}V100z"


def _ticks(labelled: Sequence[tuple[str, str]], *, is_dense: bool) -> tuple[Tick, ...]:
    """Thin out labels until they fit: some show on wide pictures alone, some nowhere."""
    is_crowded = is_dense or sum(len(text) for _, text in labelled) > MOST_LETTERS_NARROW
    narrow = max(-(-len(labelled) // MOST_TICKS_NARROW), 1) if is_crowded else 1
    wide = max(-(-len(labelled) // MOST_TICKS_WIDE), 1)
    narrow = -(-narrow // wide) * wide
    return tuple(
        Tick(x=x, text=text, kind="tick" if index % narrow == 0 else "tick wide")
        for index, (x, text) in enumerate(labelled)
        if index % wide == 0
    )


def _lines(top: int) -> tuple[Line, ...]:
    """Draw two to four lines at round numbers."""
    step = next(size * 10**power for power in range(12) for size in (1, 2, 5) if top <= 4 * size * 10**power)
    return tuple(
        Line(y=percent(100 - 100 * value / (top * HEADROOM)), text=f"{value:,}") for value in range(step, top + 1, step)
    )


def month(first: date, *, days: Mapping[int, Point], last: date) -> Month:
    """Draw a month from those of its days that have viewings, by day of the month; days after `last` are ahead."""
    length = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - first).days
    places = {number: divmod(first.weekday() + number - 1, 7) for number in range(1, length + 1)}
    squares = {number: _square(*place) for number, place in places.items()}
    by_level: dict[int, list[Shape]] = {}
    for number, day in sorted(days.items()):
        by_level.setdefault(min(day.value, DAY_LEVELS), []).append(Shape(squares[number], day.title, day.url))
    known = (last - first).days + 1
    return Month(
        path="".join(square for number, square in squares.items() if number <= known),
        ahead="".join(square for number, square in squares.items() if number > known),
        levels=tuple(Level(str(level), tuple(shapes)) for level, shapes in sorted(by_level.items())),
    )


def _square(row: int, column: int) -> str:
    return f"M{column * DAY_STEP} {row * DAY_STEP}h{DAY_SIZE}v{DAY_SIZE}h-{DAY_SIZE}z"


def percent(value: float) -> str:
    """Write a coordinate with at most two decimals: 12.5%."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"
