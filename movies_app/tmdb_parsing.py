"""TMDB's JSON to the values of `tmdb_facts`, tolerant of everything that may be missing. `tmdb` calls it.

Pure. What is absent, of the wrong type or out of range is None, nothing or left out; only an answer without its id
or title is no answer. Texts come without NUL, which PostgreSQL refuses, and no longer than anybody needs.
"""

import math
import re
from collections.abc import Iterator
from datetime import date

from movies_app.tmdb_facts import (
    Collection,
    CollectionParts,
    CrewMember,
    Facts,
    MediaType,
    Part,
    Person,
    SearchResult,
)

Json = dict[str, object]

MAX_CAST = 30
MAX_CREW = 30
MAX_DIRECTORS = 20
MAX_NAMES = 40  # genres, countries, languages, studios, keywords: each
MAX_PARTS = 300  # of a collection: far more than any has
MAX_LENGTH = 300  # characters of a title or a name
JOBS = frozenset(
    {
        *("Screenplay", "Writer", "Story", "Novel"),
        *("Director of Photography", "Original Music Composer", "Editor"),
    }
)

_MAX_SMALLINT, _MAX_INT, _MAX_BIGINT = 2**15 - 1, 2**31 - 1, 2**63 - 1
_MAX_SERIES_MINUTES = 3_000
_CONTROL = re.compile(r"[\x01-\x1f]+")
_IMDB_ID = re.compile(r"tt[0-9]{7,10}")
_POSTER_PATH = re.compile(r"/[A-Za-z0-9._-]{1,80}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class BrokenAnswer(ValueError):
    """The answer lacks what no answer lacks."""


# ── Answers ───────────────────────────────────────────────────────────────────────────────────
def read_search(body: object, *, media_type: MediaType) -> list[SearchResult]:
    """Return what was found, in TMDB's order; a row without id or title is left out."""
    rows = _object(body).get("results")
    if not isinstance(rows, list):
        raise BrokenAnswer("no results")
    found = (_search_result(row, media_type) for row in _objects(rows))
    return [result for result in found if result is not None]


def read_facts(body: object, *, media_type: MediaType) -> Facts:
    """Return what is kept of a film or series; its answer holds credits, keywords and external_ids."""
    item = _object(body)
    tmdb_id, title = _id(item), _title(item, media_type)
    if tmdb_id is None or title is None:
        raise BrokenAnswer("no id or no title")
    return Facts(
        media_type=media_type,
        tmdb_id=tmdb_id,
        imdb_id=_imdb_id(item),
        title=title,
        original_title=_original_title(item, media_type) or title,
        original_language=_matching(item.get("original_language"), _LANGUAGE),
        release_date=_release_date(item, media_type),
        runtime=_runtime(item, media_type),
        genres=_names(item.get("genres")),
        directors=_directors(item, media_type),
        cast=_cast(item),
        crew=_crew(item),
        countries=_countries(item),
        languages=_codes(item.get("spoken_languages"), "iso_639_1", _LANGUAGE),
        studios=_names(item.get("production_companies")),
        keywords=_keywords(item, media_type),
        collection=_collection(item.get("belongs_to_collection")),
        poster_path=_matching(item.get("poster_path"), _POSTER_PATH),
        vote_average=_vote_average(item),
        vote_count=_positive(item.get("vote_count"), _MAX_INT) or 0,
        popularity=_popularity(item),
        budget=_positive(item.get("budget"), _MAX_BIGINT),
        revenue=_positive(item.get("revenue"), _MAX_BIGINT),
    )


def read_collection(body: object) -> CollectionParts:
    """Return a collection with its films, each once; one without id or title is left out."""
    item = _object(body)
    collection = _collection(item)
    if collection is None:
        raise BrokenAnswer("no id or no name")
    parts = {part.id: part for row in _objects(item.get("parts")) if (part := _part(row)) is not None}
    in_order = sorted(parts.values(), key=lambda part: (part.release_date or date.max, part.id))
    return CollectionParts(id=collection.id, name=collection.name, parts=tuple(in_order[:MAX_PARTS]))


def _search_result(row: Json, media_type: MediaType) -> SearchResult | None:
    tmdb_id, title = _id(row), _title(row, media_type)
    if tmdb_id is None or title is None:
        return None
    return SearchResult(
        tmdb_id=tmdb_id,
        media_type=media_type,
        title=title,
        original_title=_original_title(row, media_type) or title,
        release_date=_release_date(row, media_type),
        vote_count=_positive(row.get("vote_count"), _MAX_INT) or 0,
        popularity=_popularity(row),
    )


# ── Parts of a film or series ─────────────────────────────────────────────────────────────────
def _id(item: Json) -> int | None:
    return _positive(item.get("id"), _MAX_INT)


def _title(item: Json, media_type: MediaType) -> str | None:
    return _text(item.get("title" if media_type == "movie" else "name")) or _original_title(item, media_type)


def _original_title(item: Json, media_type: MediaType) -> str | None:
    return _text(item.get("original_title" if media_type == "movie" else "original_name"))


def _release_date(item: Json, media_type: MediaType) -> date | None:
    value = item.get("release_date" if media_type == "movie" else "first_air_date")
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _runtime(item: Json, media_type: MediaType) -> int | None:
    """Return minutes; of a series those of all episodes, where somebody could log so many as one film."""
    if media_type == "movie":
        return _positive(item.get("runtime"), _MAX_SMALLINT)
    times = item.get("episode_run_time")
    minutes = _positive(times[0], _MAX_SMALLINT) if isinstance(times, list) and times else None
    episodes = _positive(item.get("number_of_episodes"), _MAX_SMALLINT)
    return _positive(minutes * episodes, _MAX_SERIES_MINUTES) if minutes and episodes else None


def _imdb_id(item: Json) -> str | None:
    return _matching(item.get("imdb_id") or _object(item.get("external_ids")).get("imdb_id"), _IMDB_ID)


def _keywords(item: Json, media_type: MediaType) -> tuple[str, ...]:
    return _names(_object(item.get("keywords")).get("keywords" if media_type == "movie" else "results"))


def _vote_average(item: Json) -> float | None:
    """Return the average out of 10; without votes TMDB says 0, which is nobody's opinion."""
    average = _number(item.get("vote_average"))
    return average if average is not None and 0 < average <= 10 else None  # noqa: PLR2004


def _popularity(item: Json) -> float:
    return max(_number(item.get("popularity")) or 0.0, 0.0)


def _countries(item: Json) -> tuple[str, ...]:
    """Return where it was produced, else the origin that TMDB names apart."""
    produced = _codes(item.get("production_countries"), "iso_3166_1", _COUNTRY)
    origins = item.get("origin_country")
    named = [_matching(origin, _COUNTRY) for origin in origins] if isinstance(origins, list) else []
    return produced or tuple(dict.fromkeys(country for country in named if country))[:MAX_NAMES]


def _collection(value: object) -> Collection | None:
    item = _object(value)
    id_, name = _id(item), _text(item.get("name"))
    return Collection(id=id_, name=name) if id_ is not None and name is not None else None


def _part(row: Json) -> Part | None:
    id_, title = _id(row), _title(row, "movie")
    if id_ is None or title is None:
        return None
    return Part(id=id_, title=title, release_date=_release_date(row, "movie"))


# ── People ────────────────────────────────────────────────────────────────────────────────────
def _people(rows: list[Json]) -> tuple[Person, ...]:
    """Return each person once, at their first place."""
    people: dict[int, Person] = {}
    for row in rows:
        if (person := _person(row)) is not None:
            people.setdefault(person.id, person)
    return tuple(people.values())


def _person(row: Json) -> Person | None:
    id_, name = _id(row), _text(row.get("name"))
    return Person(id=id_, name=name) if id_ is not None and name is not None else None


def _credits(item: Json, part: str) -> list[Json]:
    return _objects(_object(item.get("credits")).get(part))


def _directors(item: Json, media_type: MediaType) -> tuple[Person, ...]:
    """Return who directed a film, or who created a series: it has a director for each episode."""
    if media_type == "tv":
        return _people(_objects(item.get("created_by")))[:MAX_DIRECTORS]
    return _people([row for row in _credits(item, "crew") if row.get("job") == "Director"])[:MAX_DIRECTORS]


def _cast(item: Json) -> tuple[Person, ...]:
    """Return the first by `order`; who has none comes last."""

    def billing(row: Json) -> float:
        order = _number(row.get("order"))
        return math.inf if order is None else order

    return _people(sorted(_credits(item, "cast"), key=billing))[:MAX_CAST]


def _crew(item: Json) -> tuple[CrewMember, ...]:
    """Return the jobs that are kept, each person once for each."""
    members: dict[tuple[int, str], CrewMember] = {}
    for row in _credits(item, "crew"):
        person, job = _person(row), row.get("job")
        if person is not None and isinstance(job, str) and job in JOBS:
            members.setdefault((person.id, job), CrewMember(id=person.id, name=person.name, job=job))
    return tuple(members.values())[:MAX_CREW]


# ── Values ────────────────────────────────────────────────────────────────────────────────────
def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """Return a text of one line that can be stored and shown, None for a blank one."""
    return (_CONTROL.sub(" ", value.replace("\0", "")).strip()[:MAX_LENGTH] or None) if isinstance(value, str) else None


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _positive(value: object, largest: int) -> int | None:
    """Return a whole number from 1 to the largest; TMDB says 0 where it knows none."""
    number = _number(value)
    return int(number) if number is not None and number.is_integer() and 1 <= number <= largest else None


def _names(value: object) -> tuple[str, ...]:
    return _unique(_text(item.get("name")) for item in _objects(value))


def _codes(value: object, key: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    return _unique(_matching(item.get(key), pattern) for item in _objects(value))


def _unique(texts: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:MAX_NAMES]
