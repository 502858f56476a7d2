"""The comparison of two members by hand: slowly, in plain Python, sharing no code with the service.

A member is a list of movies in page order: dicts with position, title, year, rating, letterboxd_uri, liked, film_id,
is_sure, media_type, tmdb_id, facts (None, or genres, countries, directors and cast).
"""

import math
import re
import unicodedata
from collections import defaultdict
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
SIDES = ("a", "b")
TOP = 12


# ── Which films are the same ──────────────────────────────────────────────────────────────────
def generation(uri: str | None) -> str:
    if uri is None:
        return "none"
    return "short" if uri.startswith("https://boxd.it/") else "slug"


def key_of(title: str) -> str:
    """Normalise a title of the words that tests use: case, accents and punctuation do not count."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", title) if not unicodedata.combining(letter))
    return re.sub(r"\W+", " ", plain.lower()).strip() or title


def same_film(one: Row, other: Row) -> Any:
    return one["film_id"] == other["film_id"] and ("film", one["film_id"])


def same_at_tmdb(one: Row, other: Row) -> Any:
    is_known = one["is_sure"] and other["is_sure"] and None not in (one["media_type"], one["tmdb_id"])
    ids = [(film["media_type"], film["tmdb_id"]) for film in (one, other)]
    return is_known and ids[0] == ids[1] and ("tmdb", *ids[0])


def same_title(*meeting: tuple[str, str]) -> Any:
    def met(one: Row, other: Row) -> Any:
        keys = [(key_of(film["title"]), film["year"]) for film in (one, other)]
        kinds = generation(one["letterboxd_uri"]), generation(other["letterboxd_uri"])
        return keys[0] == keys[1] and kinds in meeting and ("title", *keys[0])

    return met


RULES = (
    same_film,
    same_at_tmdb,
    same_title(("short", "slug")),
    same_title(("slug", "short")),
    same_title(("short", "none"), ("slug", "none")),
    same_title(("none", "short"), ("none", "slug")),
    same_title(("none", "none")),
)


def pairs(a: list[Row], b: list[Row]) -> list[tuple[Row, Row]]:
    """Let the first that fits of the one meet the first that fits of the other, rule by rule."""
    found, taken = [], {"a": set[int](), "b": set[int]()}
    for rule in RULES:
        for one in a:
            if one["position"] in taken["a"]:
                continue
            other = next((film for film in b if film["position"] not in taken["b"] and rule(one, film)), None)
            if other is not None:
                found.append((one, other))
                taken["a"].add(one["position"])
                taken["b"].add(other["position"])
    return found


# ── The numbers ───────────────────────────────────────────────────────────────────────────────
def half_even(value: Fraction, decimals: int) -> float:
    scaled = value * 10**decimals
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1)
    return float(Fraction(below + up, 10**decimals))


def mean(values: list[float]) -> float | None:
    return half_even(sum(map(Fraction, values), Fraction(0)) / len(values), 2) if values else None


def percent(difference: Fraction) -> int:
    return int(half_even(max(Fraction(0), 100 * (1 - difference / 2)), 0))


def student(freedom: int) -> float:
    """Find the 97.5th percentile of Student's t by halving, its distribution by Simpson's rule."""
    log_factor = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2

    def density(x: float) -> float:
        return math.exp(log_factor - (freedom + 1) / 2 * math.log1p(x * x / freedom))

    def below(x: float) -> float:
        steps = 400
        width = x / steps
        inner = sum((4 if step % 2 else 2) * density(step * width) for step in range(1, steps))
        return 0.5 + width / 3 * (density(0) + inner + density(x))

    low, high = 0.0, 20.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < 0.975 else (low, middle)
    return low


def match(rated: list[tuple[float, float]]) -> Row:
    """Return the match; `interval` are the ends of the interval before they are rounded."""
    films = len(rated)
    if films < 10:
        return {"films": films, "percent": None}
    apart = [abs(one - other) for one, other in rated]
    exact = sum(map(Fraction, apart), Fraction(0)) / films
    spread = max(math.sqrt(sum((value - float(exact)) ** 2 for value in apart) / (films - 1)), 0.25)
    margin = 50 * student(films - 1) * spread / math.sqrt(films)
    middle = float(100 * (1 - exact / 2))
    everybody = [abs(one - other) for one, _ in rated for _, other in rated]
    chance = sum(map(Fraction, everybody), Fraction(0)) / len(everybody)
    return {
        "films": films,
        "difference": half_even(exact, 2),
        "percent": percent(exact),
        "interval": (max(middle - margin, 0.0), min(middle + margin, 100.0)),
        "width": 2 * margin,
        "by_chance": {"difference": half_even(chance, 2), "percent": percent(chance)},
    }


def reference(film: Row) -> Row:
    facts = film["facts"] or {}
    path = facts.get("poster_path")
    return {
        **{name: film[name] for name in ("position", "title", "year", "rating", "letterboxd_uri")},
        "poster_url": f"https://image.tmdb.org/t/p/w342{path}" if path else None,
    }


def order_of(pair: tuple[Row, Row]) -> tuple[Any, ...]:
    """Order films of both by what is the same from either side."""
    titles = sorted(key_of(film["title"]) for film in pair)
    years = sorted(film["year"] for film in pair if film["year"] is not None)
    ids = sorted(film["film_id"] for film in pair)
    padded = [*years, 10_000, 10_000]
    if len(years) == 1:
        padded = [years[0], years[0]]
    return (*titles, *padded[:2], *ids, pair[0]["position"] + pair[1]["position"])


def listed(films: list[tuple[Row, Row]], first: Any) -> Row:
    ordered = sorted(films, key=lambda pair: (first(pair), order_of(pair)))
    return {
        "films": len(films),
        "top": [{"a": reference(one), "b": reference(other)} for one, other in ordered[:TOP]],
    }


def to_see(films: list[Row], seen: set[int]) -> Row:
    new = [
        film
        for film in films
        if film["position"] not in seen
        and film["rating"] is not None
        and (film["rating"] >= 4.5 or (film["liked"] and film["rating"] >= 4))
    ]
    ordered = sorted(
        new,
        key=lambda film: (
            *(-film["rating"], not film["liked"], key_of(film["title"])),
            *(film["year"] is None, film["year"] or 0, film["position"]),
        ),
    )
    return {"films": len(new), "top": [reference(film) for film in ordered[:TOP]]}


def values_of(film: Row, kind: str) -> dict[Any, str]:
    facts = film["facts"] or {}
    if kind in {"directors", "actors"}:
        return {one["id"]: one["name"] for one in facts.get({"actors": "cast"}.get(kind, kind), [])}
    return {name: name for name in facts.get(kind, [])}


def shared(a: list[Row], b: list[Row], kind: str) -> Row:
    key = {"genres": "genre", "countries": "country"}.get(kind, "id")
    seen: dict[str, dict[Any, list[Row]]] = {}
    for side, films in zip(SIDES, (a, b), strict=True):
        seen[side] = defaultdict(list)
        for film in films:
            for value in values_of(film, kind):
                seen[side][value].append(film)
    both = seen["a"].keys() & seen["b"].keys()

    def size(value: Any) -> tuple[Any, ...]:
        counts = [len(seen[side][value]) for side in SIDES]
        return (-min(counts), -sum(counts), value)

    rows = []
    for value in sorted(both, key=size)[:TOP]:
        row: Row = {key: value}
        if key == "id":
            eldest = min((film for side in SIDES for film in seen[side][value]), key=lambda film: film["film_id"])
            row["name"] = values_of(eldest, kind)[value]
        for side in SIDES:
            ratings = [film["rating"] for film in seen[side][value] if film["rating"] is not None]
            row[side] = {"films": len(seen[side][value]), "rated": len(ratings), "average_rating": mean(ratings)}
        rows.append(row)
    return {"shared": len(both), "top": rows}


def compare(a: list[Row], b: list[Row]) -> Row:
    common = pairs(a, b)
    rated = [pair for pair in common if None not in (pair[0]["rating"], pair[1]["rating"])]
    ratings = [(one["rating"], other["rating"]) for one, other in rated]
    every = len(a) + len(b) - len(common)
    sums = [sum(values) for values in zip(*ratings, strict=True)] or [0, 0]

    def of(whole: int) -> float | None:
        return half_even(Fraction(100 * len(common), whole), 1) if whole else None

    high = [pair for pair in rated if min(pair[0]["rating"], pair[1]["rating"]) >= 4]
    apart = [pair for pair in rated if abs(pair[0]["rating"] - pair[1]["rating"]) >= 1.5]
    return {
        "overlap": {
            **{"films": {"a": len(a), "b": len(b)}, "both": len(common), "all": every},
            **{"percent": {"a": of(len(a)), "b": of(len(b))}, "percent_of_all": of(every)},
        },
        "match": match(ratings),
        "ratings": {
            "films": len(rated),
            "average": {side: mean([pair[number] for pair in ratings]) for number, side in enumerate(SIDES)},
            "higher": {
                "a": sum(one > other for one, other in ratings),
                "b": sum(one < other for one, other in ratings),
            },
            "same": sum(one == other for one, other in ratings),
            "kinder": None if sums[0] == sums[1] else "a" if sums[0] > sums[1] else "b",
            "grid": [
                {"a": one, "b": other, "films": ratings.count((one, other))} for one, other in sorted(set(ratings))
            ],
        },
        "agreements": listed(
            high, lambda pair: (-min(film["rating"] for film in pair), -sum(film["rating"] for film in pair))
        ),
        "quarrels": listed(apart, lambda pair: -abs(pair[0]["rating"] - pair[1]["rating"])),
        "to_see": {
            "a": to_see(b, {other["position"] for _, other in common}),
            "b": to_see(a, {one["position"] for one, _ in common}),
        },
        "films_with_facts": {"a": sum(bool(film["facts"]) for film in a), "b": sum(bool(film["facts"]) for film in b)},
        **{kind: shared(a, b, kind) for kind in ("directors", "actors", "genres", "countries")},
    }
