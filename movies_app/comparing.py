"""Two uploads side by side: what both saw, how they rated it, whom and what they share. Called by `compare`; pure.

Whatever is told of both stands under `a` and `b`. Every order looks at both alike, so that another order of the two
swaps the sides and nothing else.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from movies_app import line_of_facts, pairing, taste
from movies_app.roles import ONE_OF
from movies_app.taste import SIDES

# What is asked of the database of each movie; of each film; and of what is known of a film. Unknown facts are null.
OWN: dict[str, Any] = {
    "position": pl.Int32,
    "year": pl.Int32,
    "rating": pl.Float64,
    "liked": pl.Boolean,
    "film_id": pl.Int64,
    "is_short": pl.Boolean,
}
FILMS: dict[str, Any] = {"film_id": pl.Int64, "title_key": pl.String, "is_sure": pl.Boolean}
FACTS = line_of_facts.schema_of(line_of_facts.CELLS)
TOP = 12
# What is told of what both saw: its name, the column of the films that has it.
KINDS = {"directors": "director_ids", "actors": "actor_ids", "genres": "genres", "countries": "countries"}
_PEOPLE = {"directors", "actors"}
# In halves: what both liked, what one did, what one did at least who marked it so, and what two do not agree on.
_HIGH, _FAVOURITE, _FAVOURITE_IF_LIKED, _APART = 8, 9, 8, 3
_FILM = ["position", "title", "year", "rating", "letterboxd_uri", "poster_url"]
_COUNTED = ["position", "year", "rating"]
_COUNTS = [f"{what}{side}" for what in ("", "rated_", "halves_") for side in SIDES]

# Somebody in a film of the catalogue, by the ids of both.
Appearance = tuple[int, int]
Names = Callable[[Collection[Appearance]], Mapping[Appearance, str]]
Told = dict[str, Any]
# By what films are shown, by their positions on a side: `title`, `letterboxd_uri`, `poster_url`.
Shown = Mapping[str, Callable[[Collection[int]], Mapping[int, Told]]]


@dataclass(frozen=True)
class _Both:
    """The films of each side, and those that both have as rows of both: `year_a` and `year_b`, and so on."""

    films: Mapping[str, pl.DataFrame]
    common: pl.DataFrame

    @property
    def grid(self) -> taste.Grid:
        """How many films have each pair of ratings."""
        rated = self.common.drop_nulls(["half_a", "half_b"])
        return {(one, other): films for one, other, films in rated.group_by("half_a", "half_b").len().iter_rows()}


def tell(a: pl.DataFrame, b: pl.DataFrame, *, films: pl.DataFrame, shown: Shown, names: Names) -> Told:
    """Return everything that is told of two uploads, ready for JSON; docs/statistics.md says what each number is.

    Both are movies in page order with the columns of `OWN`; `films` are those of both in the catalogue, each once, with
    `FILMS` and `FACTS`; `has_facts` where these are known.
    """
    sides = {"a": _with_films(a, films), "b": _with_films(b, films)}
    both = _side_by_side(sides)
    grid = both.grid
    listed = {"agreements": _agreements(both.common), "quarrels": _quarrels(both.common)}
    to_see = {side: _to_see(both, side) for side in SIDES}
    _show(listed, to_see, shown)
    return {
        "overlap": _overlap(both),
        "match": taste.match(grid),
        "ratings": _ratings(grid),
        **listed,
        "to_see": to_see,
        "films_with_facts": {side: int(movies["has_facts"].sum()) for side, movies in sides.items()},
        **_shared(films, sides, names),
    }


def _with_films(movies: pl.DataFrame, films: pl.DataFrame) -> pl.DataFrame:
    """Return the movies with what their films are paired by, and with ratings in halves too."""
    known = films.select("film_id", "title_key", "is_sure", "media_type", "tmdb_id", "has_facts")
    halves = (pl.col("rating") * 2).cast(pl.Int32)
    return movies.join(known, on="film_id", how="left", maintain_order="left").with_columns(half=halves)


def _side_by_side(films: Mapping[str, pl.DataFrame]) -> _Both:
    common = pairing.pairs(films["a"], films["b"])
    for side, of_side in films.items():
        named = of_side.select(pl.col(*_COUNTED, "half", "film_id", "title_key").name.suffix(f"_{side}"))
        common = common.join(named, on=f"position_{side}")
    return _Both(films, common.with_columns(**_TIE_BREAKERS))


def _of_both(name: str) -> list[pl.Expr]:
    return [pl.col(f"{name}_{side}") for side in SIDES]


# What puts films in order where nothing else does, whichever side is which; a year that is not known comes last.
_TIE_BREAKERS = {
    "title": pl.min_horizontal(_of_both("title_key")),
    "other_title": pl.max_horizontal(_of_both("title_key")),
    "year": pl.min_horizontal(_of_both("year")),
    "other_year": pl.max_horizontal(_of_both("year")),
    "film_id": pl.min_horizontal(_of_both("film_id")),
    "other_film_id": pl.max_horizontal(_of_both("film_id")),
    "place": pl.sum_horizontal(_of_both("position")),
}


# ── How much, and how well ────────────────────────────────────────────────────────────────────
def _overlap(both: _Both) -> Told:
    """Count the films of each and of both."""
    sizes, common = {side: len(films) for side, films in both.films.items()}, len(both.common)
    every = sum(sizes.values()) - common
    return {
        "films": sizes,
        "both": common,
        "all": every,
        "percent": {side: _percent(common, films) for side, films in sizes.items()},
        "percent_of_all": _percent(common, every),
    }


def _percent(part: int, whole: int) -> float | None:
    """Return a part in per cent with one decimal, a half to the even one."""
    return round(Fraction(1000 * part, whole)) / 10 if whole else None


def _ratings(grid: taste.Grid) -> Told:
    """Hold the ratings of films that both rated against each other."""
    halves = {side: taste.counted(grid, number) for number, side in enumerate(SIDES)}
    higher = Counter[str]()
    for (one, other), films in grid.items():
        higher["same" if one == other else "a" if one > other else "b"] += films
    sums = {side: sum(half * films for half, films in found.items()) for side, found in halves.items()}
    return {
        "films": sum(grid.values()),
        "average": {side: taste.average(total, sum(grid.values())) for side, total in sums.items()},
        "higher": {side: higher[side] for side in SIDES},
        "same": higher["same"],
        "kinder": None if sums["a"] == sums["b"] else max(SIDES, key=sums.__getitem__),
        "grid": [{"a": one / 2, "b": other / 2, "films": films} for (one, other), films in sorted(grid.items())],
    }


# ── Which films ───────────────────────────────────────────────────────────────────────────────
def _agreements(common: pl.DataFrame) -> Told:
    """Return the films that both rated high: the best by the lower of both ratings, then by their sum."""
    least, both = pl.min_horizontal(_of_both("half")), pl.sum_horizontal(_of_both("half"))
    high = common.drop_nulls(["half_a", "half_b"]).with_columns(least=least, both=both).filter(least >= _HIGH)
    return _listed(high, {"least": True, "both": True})


def _quarrels(common: pl.DataFrame) -> Told:
    """Return the films on which both differ most."""
    apart = (pl.col("half_a") - pl.col("half_b")).abs()
    films = common.drop_nulls(["half_a", "half_b"]).with_columns(apart=apart).filter(apart >= _APART)
    return _listed(films, {"apart": True})


def _listed(films: pl.DataFrame, order: Mapping[str, bool]) -> Told:
    """Count films that both have, and return the first of them by the columns that do or do not descend."""
    keys = {**order, **dict.fromkeys(_TIE_BREAKERS, False)}
    first = films.sort(*keys, descending=list(keys.values()), nulls_last=True).head(TOP)
    rows = [{side: _film(row, f"_{side}") for side in SIDES} for row in first.to_dicts()]
    return {"films": len(films), "top": rows}


def _to_see(both: _Both, side: str) -> Told:
    """Return the favourites of the other that one has not seen."""
    (other,) = set(SIDES) - {side}
    is_favourite = (pl.col("half") >= _FAVOURITE) | (pl.col("liked") & (pl.col("half") >= _FAVOURITE_IF_LIKED))
    favourites = both.films[other].filter(is_favourite)
    films = favourites.join(both.common, left_on="position", right_on=f"position_{other}", how="anti")
    order = {"half": True, "liked": True, "title_key": False, "year": False, "position": False}
    first = films.sort(*order, descending=list(order.values()), nulls_last=True).head(TOP)
    return {"films": len(films), "top": [_film(row) for row in first.to_dicts()]}


def _film(row: Told, suffix: str = "") -> Told:
    """Return a film that is listed, as yet without what it is shown by."""
    return dict.fromkeys(_FILM) | {name: row[f"{name}{suffix}"] for name in _COUNTED}


def _show(listed: Mapping[str, Told], to_see: Mapping[str, Told], shown: Shown) -> None:
    """Give all films that are listed what they are shown by."""
    films = {side: [row[side] for found in listed.values() for row in found["top"]] for side in SIDES}
    for side, other in zip(SIDES, reversed(SIDES), strict=True):
        films[other] += to_see[side]["top"]  # favourites of the other
    for side, found in films.items():
        known = shown[side]({film["position"] for film in found})
        for film in found:
            film.update(known[film["position"]])


# ── Whom and what ─────────────────────────────────────────────────────────────────────────────
def _shared(films: pl.DataFrame, sides: Mapping[str, pl.DataFrame], names: Names) -> Told:
    """Return, of each kind, those of which both saw films."""
    counted = films.select("film_id", *KINDS.values())
    for side, movies in sides.items():
        counted = counted.join(_counts(movies, side), on="film_id", how="left")
    counted = counted.with_columns(pl.col(_COUNTS).fill_null(0))
    every = pl.collect_all([_seen_by_both(kind, counted.lazy()) for kind in KINDS], engine="in-memory")
    shared = dict(zip(KINDS, every, strict=True))
    top = {kind: found.head(TOP).to_dicts() for kind, found in shared.items()}
    people = [row for kind in _PEOPLE for row in top[kind]]
    named = names({(row["film_id"], row["id"]) for row in people})
    for row in people:
        row["name"] = named[row["film_id"], row["id"]]
    return {kind: {"shared": len(shared[kind]), "top": [_row(kind, row) for row in top[kind]]} for kind in KINDS}


def _row(kind: str, row: Told) -> Told:
    told = {name: row[name] for name in (("id", "name") if kind in _PEOPLE else (ONE_OF[kind],))}
    return told | {side: _numbers(row, side) for side in SIDES}


def _counts(movies: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return how many movies of a side are of each film, how many of them are rated, and the sum of the ratings."""
    counts = {side: pl.len(), f"rated_{side}": pl.col("half").count(), f"halves_{side}": pl.col("half").sum()}
    return movies.group_by("film_id").agg(**counts)


def _seen_by_both(kind: str, films: pl.LazyFrame) -> pl.LazyFrame:
    """Return those of which both saw films: by the smaller number of them, then by their sum, then by name or id."""
    column, key = KINDS[kind], "id" if kind in _PEOPLE else ONE_OF[kind]
    # The film that the catalogue has had for longest tells somebody's name.
    sums = (pl.col(_COUNTS).sum(), pl.col("film_id").min())
    # Many films have the very same genres: what is equal as text is read once.
    alike = films.select("film_id", *_COUNTS, column).drop_nulls(column).group_by(column).agg(*sums)
    lists = (line_of_facts.ids if kind in _PEOPLE else line_of_facts.names)(column)
    each = alike.select("film_id", *_COUNTS, lists.alias(key)).explode(key).drop_nulls(key)
    shared = each.group_by(key).agg(*sums).filter(pl.all_horizontal(pl.col(SIDES) > 0))
    order = [pl.min_horizontal(SIDES), pl.sum_horizontal(SIDES), pl.col(key)]
    return shared.sort(order, descending=[True, True, False])


def _numbers(row: Told, side: str) -> Told:
    rated = row[f"rated_{side}"]
    return {"films": row[side], "rated": rated, "average_rating": taste.average(row[f"halves_{side}"], rated)}
