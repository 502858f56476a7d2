"""How well the tastes of two members match, by the films that both rated. Called by `comparing`; pure.

Ratings are whole numbers of half stars, 1 to 10, so that all but the root in the interval is exact.
"""

import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

# How many films have a pair of ratings, in halves: the one member's, the other's.
Grid = Mapping[tuple[int, int], int]

# What everything that is told of two members is told under.
SIDES = ("a", "b")
FEWEST = 10
# So many stars apart on average is no match at all.
_NO_MATCH = 2
# A rating tells no more than half a star: however alike all differences are, they are spread by a quarter of one.
_LEAST_SPREAD = 0.25
# The widths of an interval, in points of per cent, up to which a match is called so.
_WORDS = {"sure": 10, "fairly_sure": 20}
_NORMAL = 1.959963984540054
_NOTHING = {"difference": None, "percent": None, "from": None, "to": None, "confidence": None, "by_chance": None}


def match(grid: Grid) -> dict[str, Any]:
    """Return the match in per cent with its 95 % interval, and what chance would give; of few films nothing."""
    films = sum(grid.values())
    if films < FEWEST:
        return {"films": films, **_NOTHING}
    differences = _differences(grid)
    difference, margin, chance = _mean(differences), _margin(differences), _mean(_by_chance(grid))
    return {
        "films": films,
        "difference": _two_decimals(difference),
        "percent": _percent(difference),
        "from": _percent(difference + margin),
        "to": _percent(difference - margin),
        "confidence": _confidence(2 * _points(margin)),
        "by_chance": {"difference": _two_decimals(chance), "percent": _percent(chance)},
    }


def average(halves: int, rated: int) -> float | None:
    """Return the mean of ratings in stars, from their sum and number: two decimals, a half to the even one."""
    return _two_decimals(Fraction(halves, 2 * rated)) if rated else None


def student(freedom: int) -> float:
    """Return the 97.5th percentile of Student's t, to three digits from nine degrees of freedom on.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = _NORMAL
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _mean(differences: Counter[int]) -> Fraction:
    """Return the mean in stars of differences in halves."""
    return Fraction(sum(half * count for half, count in differences.items()), 2 * differences.total())


def _margin(differences: Counter[int]) -> Fraction:
    """Return by how many stars the mean difference may be off: Student's t of a 95 % interval."""
    films = differences.total()
    total, squares = (sum(half**power * count for half, count in differences.items()) for power in (1, 2))
    variance = Fraction(films * squares - total**2, 4 * films * (films - 1))
    spread = max(math.sqrt(variance), _LEAST_SPREAD)
    return Fraction(student(films - 1) * spread / math.sqrt(films))


def _differences(grid: Grid) -> Counter[int]:
    """Return how many films are rated how far apart."""
    differences = Counter[int]()
    for (one, other), films in grid.items():
        differences[abs(one - other)] += films
    return differences


def _by_chance(grid: Grid) -> Counter[int]:
    """Return how far apart every rating of the one is from every rating of the other, whatever the film."""
    ones, others = counted(grid, 0).items(), counted(grid, 1).items()
    return _differences({(one, other): some * more for one, some in ones for other, more in others})


def counted(grid: Grid, side: int) -> Counter[int]:
    """Return how many films have each rating by one of both."""
    halves = Counter[int]()
    for pair, count in grid.items():
        halves[pair[side]] += count
    return halves


def _points(stars: Fraction) -> Fraction:
    return 100 * stars / _NO_MATCH


def _percent(difference: Fraction) -> int:
    return round(min(max(100 - _points(difference), Fraction(0)), Fraction(100)))


def _confidence(width: Fraction) -> str:
    return next((word for word, most in _WORDS.items() if width <= most), "guess")


def _two_decimals(value: Fraction) -> float:
    return round(value * 100) / 100
