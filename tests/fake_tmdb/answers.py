"""How TMDB says it: the JSON of searches, films, series, collections and errors, with the oddities of the real one.

What an entry does not say (people, genres, countries …) is drawn from its id, so it is the same in every run, and
people recur; one that brings its facts is told by them. Keys come in any order, some of them unknown to anybody.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from movies_app import made_up_words as words
from movies_app.tmdb_facts import Collection, Facts
from tests.fake_tmdb.world import Entry

PER_PAGE = 20
MAX_PAGE = 500
MAX_APPENDED = 20
JSON_TYPE = "application/json;charset=utf-8"
HUGE_CAST, HUGE_CREW = 600, 300

# TMDB's own number: the status, and what it says.
ERRORS = {
    7: (401, "Invalid API key: You must be granted a valid key."),
    9: (503, "Service offline: This service is temporarily offline, try again later."),
    11: (500, "Internal error: Something went wrong, contact TMDb."),
    20: (422, "Invalid parameters: query must be provided."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    24: (504, "Your request to the backend server timed out. Try again."),
    25: (429, "Your request count (#) is over the allowed limit of (40)."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    43: (502, "Couldn't connect to the backend server."),
}
GENRES = {
    28: "Action", 12: "Adventure", 16: "Animation", 35: "Comedy", 80: "Crime", 99: "Documentary", 18: "Drama",
    10751: "Family", 14: "Fantasy", 36: "History", 27: "Horror", 10402: "Music", 9648: "Mystery", 10749: "Romance",
    878: "Science Fiction", 10770: "TV Movie", 53: "Thriller", 10752: "War", 37: "Western",
}  # fmt: skip
SERIES_GENRES = {10759: "Action & Adventure", 10765: "Sci-Fi & Fantasy", 18: "Drama", 35: "Comedy", 80: "Crime"}
LANGUAGES = {"en": "English", "fr": "French", "ja": "Japanese", "de": "German", "it": "Italian", "ko": "Korean"}
COUNTRIES = {
    "US": "United States of America", "GB": "United Kingdom", "FR": "France", "JP": "Japan", "DE": "Germany",
    "IT": "Italy", "KR": "South Korea", "CA": "Canada", "ES": "Spain", "IN": "India",
}  # fmt: skip
CREW = (
    ("Writing", "Screenplay"), ("Camera", "Director of Photography"), ("Sound", "Original Music Composer"),
    ("Editing", "Editor"), ("Production", "Producer"), ("Art", "Production Design"), ("Writing", "Novel"),
)  # fmt: skip
DEPARTMENTS = {job: department for department, job in (*CREW, ("Directing", "Director"), ("Writing", "Writer"))}
DIRECTORS, ACTORS, OTHERS = (0, 300), (1_000, 1_500), (5_000, 800)  # first id, how many there are


@dataclass(frozen=True)
class Answer:
    """A whole answer, not yet packed."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


def error(code: int, *, headers: dict[str, str] | None = None) -> Answer:
    """Return TMDB's error of that number."""
    status, message = ERRORS[code]
    body = {"success": False, "status_code": code, "status_message": message}
    return Answer(status, json.dumps(body).encode(), headers=headers or {})


def success() -> Answer:
    """Return the answer to a good token."""
    return Answer(200, b'{"success":true,"status_code":1,"status_message":"Success."}')


def search(found: Sequence[Entry], *, page: int) -> Answer:
    """Return a page of what was found."""
    rows = [_shuffled(_row(entry), entry) for entry in found[(page - 1) * PER_PAGE : page * PER_PAGE]]
    pages = -(-len(found) // PER_PAGE)
    return _json({"page": page, "results": rows, "total_pages": pages, "total_results": len(found)})


def details(entry: Entry, *, appended: Sequence[str]) -> Answer:
    """Return a film or series with what was asked to be appended."""
    rng = Random(f"{entry.media_type} {entry.tmdb_id}")
    body = {**_details(entry, rng), **(_film(entry, rng) if entry.media_type == "movie" else _series(entry, rng))}
    parts = {
        "credits": _credits(entry, rng),
        "keywords": {"keywords" if entry.media_type == "movie" else "results": _keywords(rng)},
        "external_ids": {"imdb_id": _imdb_id(entry), "wikidata_id": None, "facebook_id": ""},
    }
    if entry.facts is not None:
        body |= _told(entry.facts)
        parts |= {"credits": _told_credits(entry.facts), "keywords": {"keywords": _named(entry.facts.keywords)}}
    return _json(_shuffled({**body, **{name: parts[name] for name in appended if name in parts}}, entry))


def collection(parts: Sequence[Entry]) -> Answer:
    """Return a collection with its films, in any order."""
    part_of = parts[0].part_of
    assert part_of is not None
    rows = [_shuffled({**_row(entry), "media_type": "movie"}, entry) for entry in parts]
    Random(part_of.id).shuffle(rows)
    return _json({**_poster_less(part_of), "overview": "", "parts": rows})


def _json(body: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _shuffled(item: dict[str, Any], entry: Entry) -> dict[str, Any]:
    names = list(item)
    Random(entry.tmdb_id).shuffle(names)
    return {name: item[name] for name in names}


# ── What searches and details share ───────────────────────────────────────────────────────────
def _names(entry: Entry) -> dict[str, Any]:
    original = entry.original_title or entry.title
    if entry.media_type == "movie":
        return {"title": entry.title, "original_title": original, "release_date": entry.release_date}
    return {"name": entry.title, "original_name": original, "first_air_date": entry.release_date}


def _common(entry: Entry) -> dict[str, Any]:
    is_round = entry.tmdb_id % 20 == 0
    return {
        **_names(entry),
        "id": entry.tmdb_id,
        "adult": False,
        "backdrop_path": None,
        "original_language": entry.original_language,
        "overview": words.SENTENCES[entry.tmdb_id % len(words.SENTENCES)],
        "popularity": int(entry.popularity) if is_round else entry.popularity,
        "poster_path": None if "no poster" in entry.quirks else f"/poster{entry.tmdb_id}.jpg",
        "vote_average": _vote_average(entry),
        "vote_count": entry.vote_count,
        "x_new_this_year": {"nobody": ["knows", 1]},
    }


def _vote_average(entry: Entry) -> float:
    if entry.facts is not None:
        return entry.facts.vote_average or 0
    return round(4 + entry.tmdb_id * 37 % 51 / 10, 3) if entry.vote_count else 0


def _genre_ids(entry: Entry) -> list[int]:
    if entry.facts is not None:
        return [id_ for id_, name in GENRES.items() if name in entry.facts.genres]
    ids = list(GENRES if entry.media_type == "movie" else SERIES_GENRES)
    rng = Random(entry.tmdb_id)
    return [] if "no genres" in entry.quirks else rng.sample(ids, rng.randint(1, 3))


def _row(entry: Entry) -> dict[str, Any]:
    return {**_common(entry), "genre_ids": _genre_ids(entry), "video": False}


# ── Details ───────────────────────────────────────────────────────────────────────────────────
def _details(entry: Entry, rng: Random) -> dict[str, Any]:
    countries = rng.sample(list(COUNTRIES), rng.choices((1, 2, 3), (75, 20, 5))[0])
    genres = GENRES | SERIES_GENRES
    return {
        **_common(entry),
        "genres": [{"id": id_, "name": genres[id_]} for id_ in _genre_ids(entry)],
        "origin_country": countries[:1],
        "production_countries": [{"iso_3166_1": code, "name": COUNTRIES[code]} for code in countries],
        "production_companies": [
            {"id": number, "logo_path": None, "name": f"{words.PLACES[number]} Pictures", "origin_country": "US"}
            for number in rng.sample(range(len(words.PLACES)), rng.randint(0, 3))
        ],
        "spoken_languages": [
            {"iso_639_1": code, "english_name": LANGUAGES[code], "name": ""}
            for code in rng.sample(list(LANGUAGES), rng.randint(1, 2))
        ],
        "status": "Released",
        "tagline": "",
        "homepage": None,
    }


def _film(entry: Entry, rng: Random) -> dict[str, Any]:
    budget = rng.choice((0, 0, rng.randrange(100_000, 200_000_000)))
    return {
        "belongs_to_collection": _poster_less(entry.part_of) if entry.part_of else None,
        "budget": budget,
        "revenue": rng.choice((0, budget * 2)),
        "imdb_id": _imdb_id(entry),
        "runtime": entry.runtime,
        "video": False,
    }


def _poster_less(collection: Collection) -> dict[str, Any]:
    return {"id": collection.id, "name": collection.name, "poster_path": None, "backdrop_path": None}


def _series(entry: Entry, rng: Random) -> dict[str, Any]:
    return {
        "created_by": [_person(id_) for id_ in _drawn(DIRECTORS, 1, rng)],
        "episode_run_time": [entry.runtime] if entry.runtime else [],
        "number_of_episodes": rng.choice((6, 8, 10)),
        "number_of_seasons": 1,
        "type": "Miniseries",
    }


def _imdb_id(entry: Entry) -> str | None:
    return None if "no imdb id" in entry.quirks else f"tt{entry.tmdb_id:07}"


def _keywords(rng: Random) -> list[dict[str, Any]]:
    numbers = rng.sample(range(len(words.NOUNS)), rng.randint(0, 8))
    return [{"id": number, "name": words.NOUNS[number].lower()} for number in numbers]


# ── People ────────────────────────────────────────────────────────────────────────────────────
def _credits(entry: Entry, rng: Random) -> dict[str, Any]:
    is_huge = "huge credits" in entry.quirks
    actors = _drawn(ACTORS, HUGE_CAST if is_huge else rng.randint(4, 40), rng)
    cast = [_member(id_, character=rng.choice(words.FIRST_NAMES), order=place) for place, id_ in enumerate(actors)]
    rng.shuffle(cast)
    directors = _drawn(DIRECTORS, 3 if "several directors" in entry.quirks else 1, rng)
    crew = [_member(id_, department="Directing", job="Director") for id_ in directors]
    crew += [_member(id_, department="Writing", job="Writer") for id_ in directors[:1]]  # in the crew twice
    for id_ in _drawn(OTHERS, HUGE_CREW if is_huge else rng.randint(3, 25), rng):
        department, job = rng.choice(CREW)
        crew.append(_member(id_, department=department, job=job))
    rng.shuffle(crew)
    return {"cast": cast, "crew": crew if entry.media_type == "movie" else crew[len(directors) :]}


def _drawn(pool: tuple[int, int], wanted: int, rng: Random) -> list[int]:
    """Draw people, the first of the pool far more often than the last."""
    first, size = pool
    drawn: set[int] = set()
    while len(drawn) < wanted:
        drawn.add(first + 1 + int(size * rng.random() ** 2))
    return sorted(drawn, key=lambda _: rng.random())


def _person(id_: int, name: str = "") -> dict[str, Any]:
    first, last = words.FIRST_NAMES, words.LAST_NAMES
    name = name or f"{first[id_ % len(first)]} {last[id_ * 7 // len(first) % len(last)]}"
    return {"id": id_, "name": name, "original_name": name, "gender": id_ % 3, "profile_path": None}


def _member(id_: int, name: str = "", **role: str | int) -> dict[str, Any]:
    return {
        **_person(id_, name),
        "adult": False,
        "known_for_department": "Acting",
        "popularity": 1.5,
        "credit_id": f"{id_:024x}",
        **role,
    }


# ── What an entry says of itself ──────────────────────────────────────────────────────────────
def _told(facts: Facts) -> dict[str, Any]:
    """Return what would be drawn otherwise; TMDB says 0 for an unknown sum."""
    ids = {name: id_ for id_, name in GENRES.items()}
    return {
        "overview": "",
        "genres": [{"id": ids[name], "name": name} for name in facts.genres],
        "origin_country": list(facts.countries[:1]),
        "production_countries": [{"iso_3166_1": code, "name": COUNTRIES.get(code, code)} for code in facts.countries],
        "production_companies": _named(facts.studios),
        "spoken_languages": [
            {"iso_639_1": code, "english_name": LANGUAGES.get(code, code), "name": ""} for code in facts.languages
        ],
        "budget": facts.budget or 0,
        "revenue": facts.revenue or 0,
    }


def _told_credits(facts: Facts) -> dict[str, Any]:
    crew = [*((person, "Director") for person in facts.directors), *((member, member.job) for member in facts.crew)]
    return {
        "cast": [_member(person.id, person.name, order=place) for place, person in enumerate(facts.cast)],
        "crew": [_member(person.id, person.name, department=DEPARTMENTS[job], job=job) for person, job in crew],
    }


def _named(names: Sequence[str]) -> list[dict[str, Any]]:
    return [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
