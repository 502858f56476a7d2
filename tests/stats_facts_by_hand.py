"""The numbers that stand on TMDB's facts, a second time and slowly. Called by `stats_by_hand`.

Films are those of `stats_scope_by_hand.count_in`. A kind is what films are counted by: a genre, a director, a tag.
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from tests.stats_scope_by_hand import Row, average, count_in, fact, is_series, shown, two_decimals

PEOPLE = ("directors", "actors", "writers", "cinematographers", "composers", "editors")
JOBS = {
    "writers": {"Writer", "Screenplay", "Story", "Novel"},
    "cinematographers": {"Director of Photography"},
    "composers": {"Original Music Composer"},
    "editors": {"Editor"},
}
# How a row of the kind names what it is of.
NAMES = {
    **{"genres": "genre", "countries": "country", "languages": "language"},
    **{"studios": "studio", "keywords": "keyword", "tags": "tag"},
}
Groups = dict[Any, list[Row]]


def facts(films: list[Row], *, min_rated: int, collections: dict[int, list[Row]]) -> Row:
    return {
        "runtimes": runtimes(films),
        **{kind: all_of(films, kind, min_rated) for kind in ("genres", "countries", "languages")},
        **{kind: top_of(films, kind, min_rated) for kind in ("studios", "keywords", *PEOPLE)},
        "against_tmdb": against_tmdb(films),
        "extremes": extremes(films),
        "collections": collections_of(films, collections),
    }


def runtimes(films: list[Row]) -> Row:
    timed = [film for film in films if fact(film, "runtime") is not None]
    return {
        "films": len(timed),
        "watched_minutes": sum(fact(film, "runtime") * (len(film["viewings"]) or 1) for film in timed),
        "average": average(fact(film, "runtime") for film in timed),
    }


# ── Films by kind ─────────────────────────────────────────────────────────────────────────────
def people_of(film: Row, kind: str) -> dict[int, str]:
    """Return the names of who did something in a film, by TMDB's id."""
    column = {"directors": "directors", "actors": "cast"}.get(kind, "crew")
    people = fact(film, column) or []
    return {person["id"]: person["name"] for person in people if kind not in JOBS or person["job"] in JOBS[kind]}


def groups_of(films: list[Row], kind: str) -> Groups:
    groups: Groups = defaultdict(list)
    for film in films:
        values = film["tags"] if kind == "tags" else people_of(film, kind) if kind in PEOPLE else fact(film, kind) or []
        for value in dict.fromkeys(values):
            groups[value].append(film)
    return groups


def with_any(groups: Groups) -> int:
    return len({film["position"] for films in groups.values() for film in films})


def ratings(films: list[Row]) -> list[float]:
    return [film["rating"] for film in films if film["rating"] is not None]


def exact_average(films: list[Row]) -> Fraction:
    """Return the mean of the ratings, whose sum of halves is exact; 0, below every rating, where there is none."""
    return Fraction(sum(ratings(films))) / (len(ratings(films)) or 1)


def most_seen(groups: Groups) -> list[Any]:
    return sorted(groups, key=lambda key: (-len(groups[key]), -exact_average(groups[key]), key))


def best_rated(groups: Groups, min_rated: int) -> list[Any]:
    def merit(key: Any) -> tuple[Any, ...]:
        films = groups[key]
        return -exact_average(films), -len(ratings(films)), -len(films), key

    return sorted((key for key in groups if len(ratings(groups[key])) >= min_rated), key=merit)


def row_of(key: Any, films: list[Row], kind: str) -> Row:
    counted = {"films": len(films), "rated": len(ratings(films)), "average_rating": average(f["rating"] for f in films)}
    if kind not in PEOPLE:
        return {NAMES[kind]: key, **counted}
    film = min(films, key=lambda film: (-(film["rating"] or 0), film["position"]))
    return {"id": key, "name": people_of(film, kind)[key], **counted, "film": shown(film)}


def all_of(films: list[Row], kind: str, min_rated: int) -> Row:
    groups = groups_of(films, kind)
    return {
        "films": with_any(groups),
        "all": [row_of(key, groups[key], kind) for key in most_seen(groups)],
        "best_rated": [row_of(key, groups[key], kind) for key in best_rated(groups, min_rated)[:20]],
    }


def top_of(films: list[Row], kind: str, min_rated: int) -> Row:
    groups = groups_of(films, kind)
    return {
        "films": with_any(groups),
        "distinct": len(groups),
        "most_seen": [row_of(key, groups[key], kind) for key in most_seen(groups)[:20]],
        "best_rated": [row_of(key, groups[key], kind) for key in best_rated(groups, min_rated)[:20]],
    }


def ranking(films: list[Row], *, kind: str, by: str, min_rated: int) -> Row:
    groups = groups_of(films, kind)
    ranked = most_seen(groups) if by == "films" else best_rated(groups, min_rated)
    rows = [row_of(key, groups[key], kind) for key in ranked[:2_000]]
    return {
        **{"kind": kind, "by": by, "films": with_any(groups), "distinct": len(groups), "ranked": len(ranked)},
        "rows": [{name: cell for name, cell in row.items() if name != "film"} for row in rows],
    }


# ── Against TMDB ──────────────────────────────────────────────────────────────────────────────
def against_tmdb(films: list[Row]) -> Row:
    pairs: list[Row] = []
    for film in films:
        votes, vote = fact(film, "vote_count"), fact(film, "vote_average")
        if film["rating"] is not None and votes is not None and votes >= 50 and vote is not None:
            tmdb = Fraction(round(vote * 1000), 2000)
            pairs.append({"film": film, "tmdb": tmdb, "difference": Fraction(film["rating"]) - tmdb})
    above = sorted((pair for pair in pairs if pair["difference"] > 0), key=lambda pair: -pair["difference"])
    below = sorted((pair for pair in pairs if pair["difference"] < 0), key=lambda pair: pair["difference"])

    def top(some: list[Row]) -> list[Row]:
        exact = ("tmdb", "difference")
        return [{"film": shown(p["film"]), **{name: two_decimals(p[name]) for name in exact}} for p in some[:10]]

    return {
        "films": len(pairs),
        "member_average": average(pair["film"]["rating"] for pair in pairs),
        "tmdb_average": average(pair["tmdb"] for pair in pairs),
        "average_difference": average(pair["difference"] for pair in pairs),
        "higher": len(above),
        "lower": len(below),
        "same": len(pairs) - len(above) - len(below),
        "above": top(above),
        "below": top(below),
    }


# ── Extremes ──────────────────────────────────────────────────────────────────────────────────
def extremes(films: list[Row]) -> Row:
    timed = [film for film in films if fact(film, "runtime") is not None and not is_series(film)]
    voted = [film for film in films if fact(film, "vote_count") is not None]

    def five(some: list[Row], column: str, name: str, sign: int) -> list[Row]:
        ordered = sorted(some, key=lambda film: sign * fact(film, column))
        return [{"film": shown(film), name: fact(film, column)} for film in ordered[:5]]

    return {
        "longest": five(timed, "runtime", "minutes", -1),
        "shortest": five(timed, "runtime", "minutes", 1),
        "most_known": five(voted, "vote_count", "votes", -1),
        "least_known": five(voted, "vote_count", "votes", 1),
    }


# ── Collections ───────────────────────────────────────────────────────────────────────────────
def collections_of(films: list[Row], parts_of: dict[int, list[Row]]) -> Row:
    names: dict[int, str] = {}
    for film in films:
        if collection := fact(film, "collection"):
            names.setdefault(collection["id"], collection["name"])
    seen = {fact(film, "tmdb_id") for film in films if fact(film, "media_type") == "movie"}
    complete: list[Row] = []
    almost: list[Row] = []
    for id_, name in names.items():
        parts = parts_of.get(id_, [])
        missing = [part for part in parts if part["id"] not in seen]
        row: Row = {"id": id_, "name": name, "films": len(parts) - len(missing), "parts": len(parts)}
        if len(parts) >= 2 and not missing:
            complete.append(row)
        elif row["films"] >= 2 and len(missing) <= 2:
            missing.sort(key=lambda part: (part["release_date"], part["id"]))
            row["missing"] = [{"title": part["title"], "year": int(part["release_date"][:4])} for part in missing]
            almost.append(row)
    complete.sort(key=lambda row: (-row["parts"], row["name"], row["id"]))
    almost.sort(key=lambda row: (len(row["missing"]), -row["parts"], row["name"], row["id"]))
    return {
        "films": sum(bool(fact(film, "collection")) for film in films),
        "distinct": len(names),
        "known": sum(id_ in parts_of for id_ in names),
        "complete": complete[:20],
        "almost": almost[:20],
    }


# ── Year on year ──────────────────────────────────────────────────────────────────────────────
def year_on_year(movies: list[Row], *, years: list[int], **filters: bool) -> list[Row]:
    """Return a line for each year; those are all from the first to the last, oldest first."""
    lines = []
    earlier: set[int] = set()
    for year in years:
        films, viewings = count_in(movies, year=year, **filters)
        positions = {film["position"] for film in films}
        director = first_of(films, "directors")
        lines.append(
            {
                "year": year,
                "viewings": len(viewings),
                "films": len(films),
                "new_films": sum(f["position"] not in earlier and not f["viewings"][-1]["rewatch"] for f in films),
                "rewatches": sum(viewing["rewatch"] for viewing in viewings),
                "watched_minutes": sum(fact(viewing["film"], "runtime") or 0 for viewing in viewings),
                "average_rating": average(film["rating"] for film in films),
                "genre": (first_of(films, "genres") or {}).get("genre"),
                "country": (first_of(films, "countries") or {}).get("country"),
                "director": director and {"id": director["id"], "name": director["name"]},
            }
        )
        earlier |= positions
    return lines[::-1]


def first_of(films: list[Row], kind: str) -> Row | None:
    groups = groups_of(films, kind)
    return next((row_of(key, groups[key], kind) for key in most_seen(groups)), None)
