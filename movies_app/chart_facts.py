"""What the stats page says of films without TMDB's facts, how far the look at TMDB is, and the first numerals that
stand on facts. Pure; `charts` and the page's view call it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from movies_app import chart_words as words
from movies_app.chart_parts import Numbers, Tile
from movies_app.scope import Links

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
def tiles(numbers: Numbers, links: Links, *, is_filling: bool) -> tuple[Tile, ...]:
    """Show hours, countries and directors, as far as they are known."""
    runtimes, films = numbers["runtimes"], numbers["overview"]["films"]
    countries, directors = len(numbers["countries"]["all"]), numbers["directors"]["distinct"]
    hours, unit = words.hours(runtimes["watched_minutes"])
    covered = f"from {words.number(runtimes['films'])} of {words.counted(films, 'film')}"
    note = covered if runtimes["films"] < films else ""
    ranking = links.ranking
    known = (
        (hours, Tile(words.number(hours), f"{unit} watched", note, "hours", "#time")),
        (
            countries,
            Tile(
                words.number(countries),
                words.named(countries, "country", "countries"),
                key="countries",
                url=ranking("countries"),
            ),
        ),
        (
            directors,
            Tile(
                words.number(directors), words.named(directors, "director"), key="directors", url=ranking("directors")
            ),
        ),
    )
    return tuple(
        tile if value else replace(tile, value=words.DASH, url="") for value, tile in known if value or is_filling
    )
