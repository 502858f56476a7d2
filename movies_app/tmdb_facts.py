"""What TMDB answers, as frozen values: what a search finds, and the facts of a film that are kept.

Pure. `tmdb` makes them of JSON, `matching` chooses among them, `enrichment` stores them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

MediaType = Literal["movie", "tv"]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One film or series that a search found; `release_date` is None where TMDB has none."""

    tmdb_id: int
    media_type: MediaType
    title: str
    original_title: str
    release_date: date | None
    vote_count: int
    popularity: float

    @property
    def year(self) -> int | None:
        return self.release_date.year if self.release_date else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by TMDB's id: names collide."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CrewMember(Person):
    """Somebody with what they did, a job in TMDB's words such as `Original Music Composer`."""

    job: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A series of films, such as a trilogy."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """A film of a collection; `release_date` is None where TMDB has none."""

    id: int
    title: str
    release_date: date | None


@dataclass(frozen=True, slots=True)
class CollectionParts(Collection):
    """A collection with all its films, in order of release, those without a date last."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of a film. None and empty are unknown; minutes, US dollars, votes out of 10, ISO codes.

    A series lasts as long as all its episodes, and its directors are those who created it.
    """

    media_type: MediaType
    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str
    original_language: str | None
    release_date: date | None
    runtime: int | None
    genres: tuple[str, ...]
    directors: tuple[Person, ...]
    cast: tuple[Person, ...]
    crew: tuple[CrewMember, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    studios: tuple[str, ...]
    keywords: tuple[str, ...]
    collection: Collection | None
    poster_path: str | None
    vote_average: float | None
    vote_count: int
    popularity: float
    budget: int | None
    revenue: int | None
