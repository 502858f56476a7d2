"""What TMDB might know of films, drawn from their names, with all that collides: for the tests of the numbers."""

from datetime import date
from random import Random
from typing import Any

from tests import second_reader

Collections = dict[int, list[dict[str, Any]]]

# What TMDB tells of a film of which it knows nothing but that it exists.
NO_FACTS: dict[str, Any] = {
    **{"media_type": "movie", "tmdb_id": None, "runtime": None, "collection": None, "poster_path": None},
    **{"vote_average": None, "vote_count": 0},
    **{name: [] for name in ("genres", "countries", "languages", "studios", "keywords", "directors", "cast", "crew")},
}
JOBS = [
    *("Writer", "Screenplay", "Story", "Novel", "Director of Photography", "Original Music Composer", "Editor"),
    "Director",  # of a crew TMDB tells more jobs than are counted
]
# Of each collection its name and its parts, films by TMDB's id with their days of release. Parts from 500 on are films
# that nobody has; of the last one no parts are known.
COLLECTIONS: dict[int, tuple[str, dict[int, str | None]]] = {
    1: ("Pair", {1: "1990-01-01", 2: "1999-12-31", 500: "2999-01-01"}),
    2: ("Trilogy", {3: "2001-01-01", 4: "2000-01-01", 501: None, 5: "2010-06-30"}),
    3: ("Trilogy", {6: "2010-01-01", 7: "1980-01-01", 502: "1970-05-05"}),
    4: ("Ænima", {8: "2010-01-01", 503: "2999-01-01", 504: None}),
    5: ("Two to come", {9: "2010-01-01", 10: "2010-01-01", 505: "2011-11-11", 506: "1954-03-02"}),
    6: ("Three missing", {1: "1990-01-01", 2: "1999-12-31", 507: "2001-01-01", 508: "2002-01-01", 509: "2003-01-01"}),
    7: ("Nobody's", {510: "2001-01-01", 511: "2002-01-01"}),
    8: ("Unknown", {}),
}
PARTS: Collections = {
    id_: [{"id": part, "title": f"Part {part}", "release_date": day} for part, day in parts.items()]
    for id_, (_, parts) in COLLECTIONS.items()
    if parts
}


def released_parts(collections: Collections) -> Collections:
    today = str(date.today())  # noqa: DTZ011
    return {
        id_: [part for part in parts if part["release_date"] and part["release_date"] <= today]
        for id_, parts in collections.items()
    }


def facts_of(title: str, year: int | None) -> dict[str, Any] | None:
    """Return what TMDB might know of a film, drawn from its name: of some all, of some little, of some nothing."""
    rng = Random(f"{second_reader.normalise((title, year))}")
    if rng.random() < 0.2:
        return None
    # Two and two have one name, and some are spelt differently in another film.
    names = {number: f"Name {number // 2}{rng.choice(['', '', ' Jr.'])}" for number in range(90)}

    def people(*numbers: int) -> list[dict[str, Any]]:
        return [{"id": number, "name": names[number]} for number in numbers]

    def some(most: int, *values: str) -> list[str]:
        return rng.sample(values, rng.randint(0, most))

    crew = rng.sample([(number, job) for number in range(30) for job in JOBS], rng.choice([0, 1, 5, 30]))
    media_type = rng.choice(["movie"] * 6 + ["tv"])
    id_ = rng.randint(1, len(COLLECTIONS))
    return {
        "media_type": media_type,
        "tmdb_id": rng.choice([rng.randint(1, 10), rng.randint(11, 99)]),
        "runtime": rng.choice([None, 7, 40, 41, 90, 90, 121, 3_000]),
        "genres": some(3, "Drama", "Comedy", "Western", "Ænima", "TV Movie"),
        "countries": some(2, "US", "FR", "JP", "SU"),
        "languages": some(2, "en", "fr", "ja", "cn"),
        "studios": some(3, *(f"{name}{number}" for name in ("A", "a", "Æ", '"', "\\", '", "') for number in range(5))),
        "keywords": some(20, *(f"keyword {number}" for number in range(40))),
        "directors": people(*rng.sample(range(12), rng.choice([0, 1, 1, 1, 2, 3]))),
        "cast": people(*rng.sample(range(90), rng.choice([0, 1, 9, 30]))),
        "crew": [person | {"job": job} for number, job in crew for person in people(number)],
        "collection": rng.choice([None, {"id": id_, "name": COLLECTIONS[id_][0]}]) if media_type == "movie" else None,
        "vote_average": rng.choice([None, 5.0, 6.999, 7.0, 7.001, 7.11, 7.13, 8.0, 8.03, 9.0]),
        "vote_count": rng.choice([0, 0, 1, 49, 50, 50, 51, 30_000]),
        "poster_path": rng.choice([None, "/poster.jpg", "/other_poster.jpg"]),
    }
