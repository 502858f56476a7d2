"""The sections of the stats page that stand on TMDB's facts: hours, genres, countries, directors; what is said of films
without facts, and how far the look at TMDB is. Pure; `charts` and the page's view call it.

While films are looked up every section is there, however empty: what fills in then moves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from movies_app import chart_countries
from movies_app import chart_words as words
from movies_app.chart_parts import Numbers, Row, Section, Table, TableRow, Tile, rows_of
from movies_app.world_map import WorldMap, shaded

_SHOWN = 10
_DAY = 24
# From so many hours on they are told in days too.
_MANY_HOURS = 48
_SOON = "This fills in while the films are looked up."
_WITHOUT = "Nothing is wrong with the upload: the page has every number that comes from the export."
# Why films wait: headline and text.
_REASONS = {
    "off": (
        "Film facts are off on this server",
        f"{_WITHOUT} With film facts, which come from TMDB, it also shows hours, genres, countries and directors.",
    ),
    "wrong_token": (
        "TMDB refuses this service’s key",
        f"Its operator can see that. {_WITHOUT} What is missing comes once the key is mended.",
    ),
    "unreachable": ("TMDB did not answer", f"The rest is fetched later, without anybody’s doing. {_WITHOUT}"),
}
_LATER = ("The rest is looked up later", f"TMDB is asked for it again, without anybody’s doing. {_WITHOUT}")


@dataclass(frozen=True, slots=True)
class Facts:
    """All sections that stand on facts."""

    time: Section
    genres: Section
    countries: Section
    map: WorldMap
    directors: Section


@dataclass(frozen=True, slots=True)
class Titles:
    """Films that something is said of: the sentence, the titles that are listed, and how many more there are."""

    text: str
    titles: tuple[str, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said of films without facts; where nothing is amiss it is but a `quiet` line."""

    headline: str = ""
    texts: tuple[str, ...] = ()
    lists: tuple[Titles, ...] = ()
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the look at TMDB is, for a bar from 0 to `total`; `seconds` is the estimate behind `rest`."""

    done: str
    total: str
    seconds: str
    text: str
    rest: str


def progress(*, done: int, total: int, seconds: float) -> Progress:
    """Tell how far the look at TMDB is; `progress.js` writes the same as it goes on."""
    text = f"{words.number(done)} of {words.counted(total, 'film')} looked up"
    return Progress(str(done), str(total), str(round(seconds)), text, words.left(seconds))


# ── Films without facts ───────────────────────────────────────────────────────────────────────
def standing(
    *, found: int, unmatched: int, ambiguous: int, waiting: int, why: str, titles: Mapping[str, Sequence[str]]
) -> Standing:
    """Tell of films without facts: why they wait, which TMDB does not have; and which are perhaps another film.

    `titles` are some of those that are unmatched and ambiguous, by these names.
    """
    total = found + unmatched + waiting
    covered = words.covered(found, total, "film facts")
    lists = (
        _titles(unmatched, ("is", "are"), "not in TMDB, so nothing more is known.", titles["unmatched"]),
        _titles(ambiguous, ("has", "have"), "namesakes in TMDB; the likeliest was taken.", titles["ambiguous"]),
    )
    if waiting:
        headline, text = _REASONS.get(why, _LATER)
        return Standing(headline, (text, *((f"{covered}.",) if found else ())), tuple(filter(None, lists)))
    if any(lists):
        return Standing(covered, (), tuple(filter(None, lists)))
    return Standing(quiet=f"{covered}.")


def filling() -> Standing:
    """Stand in for what is said when all films are looked up."""
    return Standing(quiet="What TMDB does not know is told here in the end.")


def _titles(count: int, verbs: tuple[str, str], what: str, titles: Sequence[str]) -> Titles | None:
    if not count:
        return None
    more = count - len(titles)
    text = f"{words.counted(count, 'film')} {words.named(count, *verbs)} {what}"
    return Titles(text, tuple(titles), words.number(more) if more else "")


# ── Numerals ──────────────────────────────────────────────────────────────────────────────────
def tiles(numbers: Numbers, *, is_filling: bool) -> tuple[Tile, ...]:
    """Show hours, countries and directors, as far as they are known."""
    runtimes, films = numbers["runtimes"], numbers["overview"]["films"]
    countries, directors = len(numbers["countries"]["all"]), numbers["directors"]["distinct"]
    hours, unit = _hours(runtimes["watched_minutes"])
    covered = f"from {words.number(runtimes['films'])} of {words.counted(films, 'film')}"
    known = (
        (
            hours,
            Tile(words.number(hours), f"{unit} watched", covered if runtimes["films"] < films else "", key="hours"),
        ),
        (countries, Tile(words.number(countries), words.named(countries, "country", "countries"), key="countries")),
        (directors, Tile(words.number(directors), words.named(directors, "director"), key="directors")),
    )
    empty = {tile.key: Tile(words.DASH, tile.label, tile.note, tile.key) for _, tile in known}
    return tuple(tile if value else empty[tile.key] for value, tile in known if value or is_filling)


def _hours(minutes: int) -> tuple[int, str]:
    """Return whole hours, of less than one the minutes, and what they are."""
    if 0 < minutes < words.HOUR:
        return minutes, words.named(minutes, "minute")
    hours = round(minutes / words.HOUR)
    return hours, words.named(hours, "hour")


# ── Sections ──────────────────────────────────────────────────────────────────────────────────
def facts_of(numbers: Numbers, *, is_filling: bool) -> Facts | None:
    """Make the sections; None where no facts are known and none are looked for."""
    if not numbers["coverage"]["films_with_facts"] and not is_filling:
        return None
    return Facts(
        time=_time(numbers, is_filling=is_filling),
        genres=_genres(numbers, is_filling=is_filling),
        countries=_countries(numbers, is_filling=is_filling),
        map=shaded({entry["country"]: entry["films"] for entry in numbers["countries"]["all"]}),
        directors=_directors(numbers, is_filling=is_filling),
    )


def _nothing(headline: str, *, is_filling: bool) -> Section:
    return Section(
        headline=headline, empty=_SOON if is_filling else "TMDB tells nothing of the kind about these films."
    )


def _time(numbers: Numbers, *, is_filling: bool) -> Section:
    runtimes = numbers["runtimes"]
    if not runtimes["films"]:
        return _nothing("No hours counted yet", is_filling=is_filling)
    hours, unit = _hours(runtimes["watched_minutes"])
    days = f"That is {words.number(hours / _DAY)} days and nights. " if unit == "hours" and hours >= _MANY_HOURS else ""
    return Section(
        headline=f"{words.number(hours)} {unit} of film",
        note=f"{days}A film lasts {words.length(runtimes['average'])} on average. Each viewing counts; a film without "
        "one counts once.",
        coverage=words.covered(runtimes["films"], numbers["overview"]["films"], "a running time"),
    )


def _genres(numbers: Numbers, *, is_filling: bool) -> Section:
    genres = numbers["genres"]
    if not genres["all"]:
        return _nothing("No genre known yet", is_filling=is_filling)
    named = [entry | {"name": entry["genre"]} for entry in genres["all"]]
    leader = f"{named[0]['name']} leads, with {words.counted(named[0]['films'], 'film')}"
    return Section(
        headline=_leading(named, leader, "genres"),
        note="A film may have several.",
        coverage=words.covered(genres["films"], numbers["overview"]["films"], "a genre"),
        rows=_rows(named),
        table=_table(named, "Genre"),
    )


def _countries(numbers: Numbers, *, is_filling: bool) -> Section:
    countries = numbers["countries"]
    if not countries["all"]:
        return _nothing("No country known yet", is_filling=is_filling)
    named = [entry | {"name": chart_countries.name(entry["country"])} for entry in countries["all"]]
    return Section(
        headline=_leading(named, f"{named[0]['name']}, {words.counted(named[0]['films'], 'film')}", "countries"),
        note="A film may be from several.",
        coverage=words.covered(countries["films"], numbers["overview"]["films"], "a country"),
        rows=_rows(named),
        table=_table(named, "Country"),
    )


def _directors(numbers: Numbers, *, is_filling: bool) -> Section:
    directors = numbers["directors"]
    if not directors["top"]:
        return _nothing("No director known yet", is_filling=is_filling)
    top = directors["top"]
    leader = f"{top[0]['name']}, {words.counted(top[0]['films'], 'film')}"
    return Section(
        headline=_leading(top, leader, "directors") if top[0]["films"] > 1 else "No director seen twice yet",
        note=f"The most seen of {words.counted(directors['distinct'], 'director')}.",
        coverage=words.covered(directors["films"], numbers["overview"]["films"], "a director"),
        rows=_rows(top),
    )


def _leading(entries: list[Numbers], leader: str, things: str) -> str:
    """Name the one that leads; of several that none does."""
    equals = [entry["films"] for entry in entries].count(entries[0]["films"])
    return leader if equals == 1 else f"{equals} {things} share the lead"


def _rows(entries: list[Numbers]) -> tuple[Row, ...]:
    return rows_of([(entry["name"], entry["films"], entry["average_rating"]) for entry in entries[:_SHOWN]])


def _table(entries: list[Numbers], name: str) -> Table | None:
    """List all, where the rows do not."""
    if len(entries) <= _SHOWN:
        return None
    rows = (
        (entry["name"], (words.number(entry["films"]), words.average(entry["average_rating"]))) for entry in entries
    )
    return Table((name, "Films", "Average rating"), tuple(TableRow(*row) for row in rows))
