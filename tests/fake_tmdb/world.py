"""What a fake TMDB knows: films and series, from a list, a CSV file or the films of made-up members.

A made-up world differs from Letterboxd as TMDB does: years off by one, series among the films, titles of other
countries, homonyms, and what is not there at all. `truth` tells what a member's (Name, Year) is.
"""

import csv
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, Self

from movies_app import made_up_films, made_up_words
from movies_app.tmdb_facts import Collection, Facts, MediaType

Quirk = Literal["no poster", "no genres", "no imdb id", "several directors", "huge credits"]

TWINS = 100  # pairs: more than a member of 50,000 films has
_SERIES_IDS = 1_000_000  # ids of series overlap with those of films only where a test wants it
_HOMONYM_IDS = 2_000_000
_COLLECTION_IDS = 90_000
_NEIGHBOURS = 20  # films alike in fame, of which those in a collection are in one: three, with luck
_IN_A_COLLECTION = 0.15
_LANGUAGES = ("en", "en", "en", "en", "en", "fr", "ja", "de", "it", "ko", "es", "cn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A film or series of TMDB's; what is not said is ordinary.

    `release_date` may be "", `runtime` 0 or None: unknown. `other_years` are those of releases elsewhere. A film may
    bring its own `facts`: then nothing about it is drawn. Films of one collection are its parts, seen or not.
    """

    tmdb_id: int
    title: str
    media_type: MediaType = "movie"
    original_title: str = ""
    alternative_titles: tuple[str, ...] = ()
    release_date: str = "2001-05-17"
    other_years: tuple[int, ...] = ()
    original_language: str = "en"
    popularity: float = 7.5
    vote_count: int = 1_000
    runtime: int | None = 101
    quirks: frozenset[Quirk] = frozenset()
    collection: Collection | None = None
    facts: Facts | None = None

    @property
    def part_of(self) -> Collection | None:
        return self.facts.collection if self.facts else self.collection

    def has_year(self, year: int) -> bool:
        """Tell whether a search with `year` finds it: any release of a film, the first episode of a series."""
        return year in self.other_years or self.release_date.startswith(f"{year:04}-")


class World:
    """All films and series; `truth` maps a member's (Name, Year) to what it is, or to None."""

    def __init__(
        self, entries: Iterable[Entry], *, truth: Mapping[tuple[str, str], Entry | None] | None = None
    ) -> None:
        self.entries = tuple(entries)
        self.truth = dict(truth or {})
        self._by_id = {(entry.media_type, entry.tmdb_id): entry for entry in self.entries}
        assert len(self._by_id) == len(self.entries), "two of a kind have one id"
        self._by_collection: dict[int, list[Entry]] = defaultdict(list)
        self._by_word: dict[str, set[Entry]] = defaultdict(set)
        for entry in self.entries:
            if entry.part_of is not None:
                self._by_collection[entry.part_of.id].append(entry)
            for title in titles_of(entry):
                for word in words_of(title):
                    self._by_word[word].add(entry)

    @classmethod
    def made_up(cls, *, films: int = 2_000, seed: int = 0) -> Self:
        """Know the `films` best known of the made-up films and their twins.

        2,000 hold every film that a made-up member of up to 200 can name; of more, some 10 for each. `seed` moves
        what differs from Letterboxd.
        """
        truth: dict[tuple[str, str], Entry | None] = {}
        entries: list[Entry] = []
        twins = range(made_up_films.UNIVERSE, made_up_films.UNIVERSE + 2 * TWINS)
        for index in (*range(min(films, made_up_films.UNIVERSE)), *twins):
            film = made_up_films.make_film(index)
            made = _made_up(film, Random(f"{seed} {index}"))
            truth.setdefault((film.name, film.year), made[0] if made else None)
            entries += made
        return cls(entries, truth=truth)

    @classmethod
    def of_csv(cls, path: Path) -> Self:
        """Read media_type, tmdb_id, title, release_date, popularity, runtime, original_language.

        The file knows no votes: they are made of the popularity, in its order.
        """
        with path.open(encoding="utf-8", newline="") as file:
            return cls(_entry_of(row) for row in csv.DictReader(file))

    def find(self, media_type: MediaType, tmdb_id: int) -> Entry | None:
        return self._by_id.get((media_type, tmdb_id))

    def parts_of(self, collection_id: int) -> list[Entry]:
        """Return the films of a collection, none where there is no such collection."""
        return self._by_collection.get(collection_id, [])

    def search(self, query: str, *, media_type: MediaType, year: int | None) -> list[Entry]:
        """Return what has all words of the query in one of its titles, the popular first, exact or not."""
        words = words_of(query)
        hits = set.intersection(*(self._by_word.get(word, set()) for word in words))
        found = [
            entry
            for entry in hits
            if entry.media_type == media_type
            and (year is None or entry.has_year(year))
            and any(words <= words_of(title) for title in titles_of(entry))
        ]
        return sorted(found, key=lambda entry: (-entry.popularity, entry.tmdb_id))


def titles_of(entry: Entry) -> tuple[str, ...]:
    return tuple(filter(None, (entry.title, entry.original_title, *entry.alternative_titles)))


@cache
def words_of(text: str) -> frozenset[str]:
    """Return the words without case and accents; of a text without any, the text."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return frozenset(words or [text])


def _entry_of(row: dict[str, str]) -> Entry:
    popularity = float(row["popularity"] or 0)
    return Entry(
        tmdb_id=int(row["tmdb_id"]),
        title=row["title"],
        media_type="tv" if row["media_type"] == "tv" else "movie",
        release_date=row["release_date"],
        original_language=row["original_language"] or "en",
        popularity=popularity,
        vote_count=int(40 * popularity**1.5),
        runtime=int(float(row["runtime"])) if row["runtime"] else None,
    )


# ── A world of made-up films ──────────────────────────────────────────────────────────────────
def _made_up(film: made_up_films.Film, rng: Random) -> list[Entry]:
    """Return the film as TMDB has it, first, and its homonym where it has one; nothing where TMDB lacks it."""
    if rng.random() < 0.01:
        return []
    if rng.random() < 0.02:
        return [_series(film, rng)]
    entry = _film(film, rng)
    if rng.random() < 0.002:
        homonym = Entry(
            tmdb_id=_HOMONYM_IDS + film.index,
            title=film.name,
            release_date=entry.release_date,
            popularity=entry.popularity / 100,
            vote_count=min(entry.vote_count // 100, 25),
        )
        return [entry, homonym]
    return [entry]


def _film(film: made_up_films.Film, rng: Random) -> Entry:
    first_year = int(film.year) + rng.choices((0, 1, -1), (0.9506, 0.048, 0.0014))[0] if film.year else None
    title, original_title, alternative_title = _titles(film.name, rng)
    return Entry(
        tmdb_id=film.index + 1,
        title=title,
        original_title=original_title,
        alternative_titles=(alternative_title,),
        release_date=_day(first_year, rng),
        other_years=(int(film.year),) if film.year else (),
        original_language=rng.choice(_LANGUAGES),
        popularity=_popularity(film.index),
        vote_count=_votes(film.index),
        runtime=rng.choice((0, None)) if rng.random() < 0.055 else round(min(max(rng.gauss(104, 24), 4), 320)),
        quirks=_quirks(rng),
        collection=_collection(film.index // _NEIGHBOURS) if rng.random() < _IN_A_COLLECTION else None,
    )


def _series(film: made_up_films.Film, rng: Random) -> Entry:
    return Entry(
        tmdb_id=_SERIES_IDS + film.index,
        title=film.name,
        media_type="tv",
        release_date=_day(int(film.year) if film.year else None, rng),
        popularity=_popularity(film.index),
        vote_count=_votes(film.index),
        runtime=rng.choice((25, 45, 60)),
        quirks=_quirks(rng),
    )


def _collection(number: int) -> Collection:
    return Collection(
        _COLLECTION_IDS + number, f"The {made_up_words.NOUNS[number % len(made_up_words.NOUNS)]} Collection"
    )


def _day(year: int | None, rng: Random) -> str:
    return f"{year:04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" if year else ""


def _popularity(index: int) -> float:
    return round(300 / math.sqrt(1 + index), 3)


def _votes(index: int) -> int:
    return 40_000_000 // (1_000 + 40 * index)


def _titles(name: str, rng: Random) -> tuple[str, str, str]:
    """Return title, original and alternative title; of a hundred films one is known here by the last alone."""
    foreign = _foreign_title(rng)
    kinds = ((name, name, foreign), (name, foreign, foreign), (foreign, name, foreign), (foreign, foreign, name))
    return rng.choices(kinds, (91, 6, 2, 1))[0]


def _foreign_title(rng: Random) -> str:
    """Return a title that no made-up film has."""
    return f"{rng.choice(made_up_words.HEADS)}ø {rng.choice(made_up_words.LAST_NAMES)} {rng.randrange(10**6)}"


def _quirks(rng: Random) -> frozenset[Quirk]:
    shares: dict[Quirk, float] = {
        "no poster": 0.02,
        "no genres": 0.02,
        "no imdb id": 0.03,
        "several directors": 0.08,
        "huge credits": 0.002,
    }
    return frozenset(quirk for quirk, share in shares.items() if rng.random() < share)
