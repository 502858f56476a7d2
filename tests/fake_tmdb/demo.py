"""The world of `make demo`: some 140 real films with their people and places, read from `demo_films.csv`.

`demo_unseen.csv` has what the demo's member lacks of collections.

Names, days, minutes and people are real: a film's day is that of its first showing or of its release. Ids are the
demo's own, from 1 up; votes and popularity are made up.
"""

import csv
from collections import defaultdict
from datetime import date
from itertools import count
from pathlib import Path
from random import Random

from movies_app.tmdb_facts import Collection, CrewMember, Facts, Person
from tests.fake_tmdb.world import Entry, World

FILMS = Path(__file__).with_name("demo_films.csv")
UNSEEN = Path(__file__).with_name("demo_unseen.csv")
BETWEEN = "; "
# Columns of the crew, and TMDB's words for what they did.
JOBS = {
    "Writers": "Writer",
    "Camera": "Director of Photography",
    "Editing": "Editor",
    "Music": "Original Music Composer",
}

_Ids = defaultdict[str, int]


def world() -> World:
    """Return all films; `truth` has each by the Name and Year that members know it by."""
    rows = [*_rows(FILMS), *_rows(UNSEEN)]
    people, collections = _Ids(count(1).__next__), _Ids(count(1).__next__)
    entries = [
        _entry(_facts(row, tmdb_id=tmdb_id, people=people, collections=collections), year=int(row["Year"]))
        for tmdb_id, row in enumerate(rows, start=1)
    ]
    return World(entries, truth={(row["Name"], row["Year"]): entry for row, entry in zip(rows, entries, strict=True)})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _facts(row: dict[str, str], *, tmdb_id: int, people: _Ids, collections: _Ids) -> Facts:
    def names(column: str) -> tuple[str, ...]:
        return tuple(row[column].split(BETWEEN)) if row[column] else ()

    def persons(column: str) -> tuple[Person, ...]:
        return tuple(Person(people[name], name) for name in names(column))

    rng, collection = Random(tmdb_id), row["Collection"]
    return Facts(
        media_type="movie",
        tmdb_id=tmdb_id,
        imdb_id=None,
        title=row["Name"],
        original_title=row["Original"] or row["Name"],
        original_language=names("Languages")[0],
        release_date=date.fromisoformat(row["Released"]),
        runtime=int(row["Minutes"]),
        genres=names("Genres"),
        directors=persons("Directors"),
        cast=persons("Cast"),
        crew=tuple(CrewMember(one.id, one.name, job) for column, job in JOBS.items() for one in persons(column)),
        countries=names("Countries"),
        languages=names("Languages"),
        studios=names("Studios"),
        keywords=(),
        collection=Collection(collections[collection], collection) if collection else None,
        poster_path=None,
        vote_average=round(rng.uniform(6.5, 8.5), 1),
        vote_count=rng.randrange(200, 20_000),
        popularity=float(rng.randrange(5, 50)),
        budget=None,
        revenue=None,
    )


def _entry(facts: Facts, *, year: int) -> Entry:
    assert facts.release_date
    assert facts.original_language
    return Entry(
        tmdb_id=facts.tmdb_id,
        title=facts.title,
        original_title=facts.original_title,
        release_date=facts.release_date.isoformat(),
        other_years=(year,),
        original_language=facts.original_language,
        popularity=facts.popularity,
        vote_count=facts.vote_count,
        runtime=facts.runtime,
        quirks=frozenset({"no poster", "no imdb id"}),
        facts=facts,
    )
