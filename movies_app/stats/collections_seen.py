"""Series of films, such as a trilogy: which were seen whole, and of which little is missing, by TMDB."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked, Part
from movies_app.stats.seen import Seen

_TOP = 20
_MIN_PARTS, _MOST_MISSING = 2, 2


def ask(seen: Seen) -> Asked:
    """Ask for the collections and their films."""
    films = seen.films.lazy().filter(pl.col("media_type") == "movie")
    named = films.select("collection").drop_nulls().unnest("collection")
    return {
        "collections": named.group_by("id").agg(pl.col("name").first(), films=pl.len()),
        "seen_parts": films.select("tmdb_id").drop_nulls(),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the collections that are complete and almost complete."""
    found = answers.frames["collections"]
    names = {id_: name for id_, name in found.select("id", "name").iter_rows() if id_ in answers.parts}
    seen = set(answers.frames["seen_parts"]["tmdb_id"].to_list())
    told = sorted(_begun(names, seen, answers.parts), key=lambda one: (-one["parts"], one["name"], one["id"]))
    almost = [one for one in told if 0 < len(one["missing"]) <= _MOST_MISSING]
    return {
        "collections": {
            "films": found["films"].sum(),
            "distinct": len(found),
            "known": len(names),
            "complete": [
                {name: one[name] for name in ("id", "name", "films", "parts")} for one in told if not one["missing"]
            ][:_TOP],
            "almost": sorted(almost, key=lambda one: len(one["missing"]))[:_TOP],
        }
    }


def _begun(
    names: Mapping[int, str], seen: Collection[int], parts_of: Mapping[int, list[Part]]
) -> Iterator[dict[str, Any]]:
    """Yield the collections of which at least two parts were seen, with those that were not."""
    for id_, name in names.items():
        parts = parts_of[id_]
        missing = [_missing(part) for part in parts if part["id"] not in seen]
        films = len(parts) - len(missing)
        if films >= _MIN_PARTS:
            yield {"id": id_, "name": name, "films": films, "parts": len(parts), "missing": missing}


def _missing(part: Part) -> dict[str, Any]:
    return {"title": part["title"], "year": int(part["release_date"][:4])}
