"""What becomes of a film or collection that TMDB was asked for: new values of its row, and when it is asked for again.

Pure. Called by `enrichment`; the intervals are those of TMDB's terms and of how films change.
"""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from movies_app.matching import Match
from movies_app.tmdb_facts import CollectionParts, Facts, MediaType

FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(days=1)
POSTPONED = timedelta(minutes=10)
FIRST_SEARCH_AGAIN, LATER_SEARCH_AGAIN = timedelta(days=7), timedelta(days=30)
# How old facts get, by the time since the release: the younger a film, the more there is still to be told.
JUST_RELEASED, RECENT = timedelta(days=120), timedelta(days=3 * 365)
REFRESH_JUST_RELEASED, REFRESH_RECENT, REFRESH_OLD = timedelta(days=14), timedelta(days=45), timedelta(days=120)
REFRESH_COLLECTION, RETRY_COLLECTION = timedelta(days=90), timedelta(hours=1)
# Films of one upload come due apart from one another, by up to a tenth of the time.
SPREAD_STEPS, SPREAD = 21, 0.1
# The columns that TMDB fills; the catalogue's title is Letterboxd's own.
FACTS = (*(column.name for column in fields(Facts) if column.name != "title"), "fetched_at")
BY_STAFF = Match("matched", method="staff", confidence=1.0)
NO_SUCH_ID = "TMDB has no film with this id (any more)."
NO_SUCH_COLLECTION = "TMDB has no collection with this id (any more)."


@dataclass(frozen=True, slots=True)
class DueFilm:
    """A film that TMDB is to be asked for; `media_type` and `tmdb_id` are those of its last match.

    With a namesake the catalogue has another film of its title and year: by those alone no match is sure.
    """

    id: int
    title: str
    year: int | None
    state: str
    is_locked: bool
    media_type: MediaType | None
    tmdb_id: int | None
    attempts: int
    has_namesake: bool = False

    @property
    def has_id(self) -> bool:
        """Whether its id is settled, by matching or by staff."""
        return self.tmdb_id is not None and (self.is_locked or self.state in {"matched", "ambiguous"})


@dataclass(frozen=True, slots=True)
class DueCollection:
    """A collection whose parts TMDB is to be asked for."""

    tmdb_id: int


Due = DueFilm | DueCollection


@dataclass(frozen=True, slots=True)
class Outcome:
    """New values of the row of a film or of a collection, by column, its key among them."""

    change: dict[str, Any] = field(repr=False)
    is_failure: bool = False
    is_film: bool = True


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
def found(film: DueFilm, match: Match | None, facts: Facts, *, now: datetime) -> Outcome:
    """Return that of a film whose facts are there; without a new match it keeps the one that it has."""
    if film.is_locked:
        match = BY_STAFF
    elif match and film.has_namesake:
        match = replace(match, state="ambiguous", confidence=match.confidence / 2)
    known = {**asdict(facts), "fetched_at": now}
    return Outcome(
        {
            "id": film.id,
            **{name: known[name] for name in FACTS},
            **(_matched(match) if match else {}),
            **{"attempts": 0, "next_try_at": now + _age_to_refresh(film, facts, now=now), "last_error": None},
        }
    )


def unmatched(film: DueFilm, *, now: datetime) -> Outcome:
    """Return that of a film unlike anything that TMDB has."""
    again = LATER_SEARCH_AGAIN if film.state == "unmatched" else FIRST_SEARCH_AGAIN
    return Outcome(
        {
            "id": film.id,
            **dict.fromkeys(FACTS),
            **_matched(Match("unmatched")),
            **{"attempts": film.attempts + 1, "next_try_at": now + again, "last_error": None},
        }
    )


def gone(film: DueFilm, *, now: datetime) -> Outcome:
    """Return that of a film whose id TMDB does not know: it is matched anew, but where staff set the id."""
    if film.is_locked:
        state, tmdb_id, again = "unmatched", film.tmdb_id, LATER_SEARCH_AGAIN
    else:
        state, tmdb_id, again = "pending", None, timedelta() if film.attempts == 0 else LAST_RETRY
    return Outcome(
        {
            "id": film.id,
            **dict.fromkeys(FACTS),
            **{"state": state, "tmdb_id": tmdb_id, "media_type": film.media_type if film.is_locked else None},
            **{"attempts": film.attempts + 1, "next_try_at": now + again, "last_error": NO_SUCH_ID},
        }
    )


def failed(film: DueFilm, error: Exception, *, now: datetime) -> Outcome:
    """Return that of a film for which TMDB gave no proper answer: what is known of it stays."""
    again = min(FIRST_RETRY * 2 ** min(film.attempts, 20), LAST_RETRY)
    change = {"id": film.id, "attempts": film.attempts + 1, "next_try_at": now + again, "last_error": str(error)}
    return Outcome(change, is_failure=True)


def _matched(match: Match) -> dict[str, Any]:
    return {"state": match.state, "match_method": match.method, "match_confidence": match.confidence}


def _age_to_refresh(film: DueFilm, facts: Facts, *, now: datetime) -> timedelta:
    """Return how old the facts get before they are asked for again."""
    is_whole = facts.release_date and facts.runtime and facts.genres and facts.directors
    age = now.date() - facts.release_date if facts.release_date and is_whole else JUST_RELEASED / 2
    days = REFRESH_RECENT if age < RECENT else REFRESH_OLD
    return _apart(REFRESH_JUST_RELEASED if age < JUST_RELEASED else days, film.id)


# ── Collections ───────────────────────────────────────────────────────────────────────────────
def parts_found(due: DueCollection, collection: CollectionParts, *, now: datetime) -> Outcome:
    """Return that of a collection whose parts are there."""
    parts = [
        {"id": part.id, "title": part.title, "release_date": part.release_date and part.release_date.isoformat()}
        for part in collection.parts
    ]
    known = {"name": collection.name, "parts": parts, "fetched_at": now}
    return _parts(due, known | {"next_try_at": now + _apart(REFRESH_COLLECTION, due.tmdb_id), "last_error": None})


def parts_gone(due: DueCollection, *, now: datetime) -> Outcome:
    """Return that of a collection that TMDB does not know: it has no parts."""
    unknown = dict.fromkeys(("name", "parts", "fetched_at"))
    return _parts(due, unknown | {"next_try_at": now + LATER_SEARCH_AGAIN, "last_error": NO_SUCH_COLLECTION})


def parts_failed(due: DueCollection, error: Exception, *, now: datetime) -> Outcome:
    """Return that of a collection for which TMDB gave no proper answer: what is known of it stays."""
    return _parts(due, {"next_try_at": now + RETRY_COLLECTION, "last_error": str(error)}, is_failure=True)


def _parts(due: DueCollection, values: dict[str, Any], *, is_failure: bool = False) -> Outcome:
    return Outcome({"tmdb_id": due.tmdb_id, **values}, is_failure=is_failure, is_film=False)


# ── Both ──────────────────────────────────────────────────────────────────────────────────────
def _apart(days: timedelta, key: int) -> timedelta:
    """Return these days, a little less or more by the key of a row."""
    return days * (1 - SPREAD + 2 * SPREAD * (key % SPREAD_STEPS) / (SPREAD_STEPS - 1))
