"""The films page in words: what its filters ask for, what is known of a film, where its poster is, who is meant.

Pure; `sessions_app.films_pages` and its form call it. A link within the page is the filter it sets, by name and value.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from movies_app import chart_countries, titles
from movies_app import chart_words as words
from movies_app.roles import JOBS

_FILM_OF = {"movie": "https://www.themoviedb.org/movie/", "tv": "https://www.themoviedb.org/tv/"}
_MOST_STARS = 5
_PEOPLE_SHOWN = 12
# The first of a film's cast and keywords; the others are folded away.
_SHOWN = 12
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_SEEN = "seen "
_BESIDE_TMDB = {"higher": "higher than at TMDB", "lower": "lower than at TMDB", "same": "as at TMDB"}
# Countries that bear an article.
_WITH_ARTICLE = re.compile(
    r"^(United|US|British|DR|Soviet|Isle|Faroe|French Southern)\b|(Islands|Republic|Netherlands|Antilles|Philippines)$"
    r"|^(Bahamas|Gambia|Maldives|Seychelles|Comoros)$"
)
# TMDB's codes: ISO 639-1, but for `cn` and `xx`.
_LANGUAGES = dict(
    line.split(" ", 1)
    for line in re.split(
        r";\s*",
        "af Afrikaans; am Amharic; ar Arabic; az Azerbaijani; be Belarusian; bg Bulgarian; bm Bambara; bn Bengali; "
        "bo Tibetan; bs Bosnian; ca Catalan; cn Cantonese; cs Czech; cy Welsh; da Danish; de German; dz Dzongkha; "
        "el Greek; en English; eo Esperanto; es Spanish; et Estonian; eu Basque; fa Persian; fi Finnish; fr French; "
        "ga Irish; gd Gaelic; gl Galician; gu Gujarati; ha Hausa; he Hebrew; hi Hindi; hr Croatian; ht Haitian; "
        "hu Hungarian; hy Armenian; id Indonesian; is Icelandic; it Italian; iu Inuktitut; ja Japanese; ka Georgian; "
        "kk Kazakh; kl Greenlandic; km Khmer; kn Kannada; ko Korean; ku Kurdish; ky Kyrgyz; la Latin; ln Lingala; "
        "lo Lao; lt Lithuanian; lv Latvian; mi Māori; mk Macedonian; ml Malayalam; mn Mongolian; mr Marathi; ms Malay; "
        "mt Maltese; my Burmese; ne Nepali; nl Dutch; no Norwegian; pa Punjabi; pl Polish; ps Pashto; pt Portuguese; "
        "qu Quechua; ro Romanian; ru Russian; rw Kinyarwanda; sa Sanskrit; se Northern Sámi; sh Serbo-Croatian; "
        "si Sinhala; sk Slovak; sl Slovenian; so Somali; sq Albanian; sr Serbian; sv Swedish; sw Swahili; ta Tamil; "
        "te Telugu; th Thai; tl Tagalog; tr Turkish; uk Ukrainian; ur Urdu; uz Uzbek; vi Vietnamese; wo Wolof; "
        "xh Xhosa; xx no language; yi Yiddish; yo Yoruba; zh Mandarin; zu Zulu",
    )
)


@dataclass(frozen=True, slots=True)
class Told:
    """A filter in words: its name, what it is called, its value, its part of the headline; perhaps it has two names."""

    name: str
    label: str
    value: str
    phrase: str
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to the films of one filter; without its name they lead nowhere."""

    text: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a film under one heading; `more` is folded away."""

    label: str
    links: tuple[Link, ...]
    more: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the films of a session, and in how many of them."""

    id: int
    name: str
    films: str


# ── Filters ───────────────────────────────────────────────────────────────────────────────────
def told(filters: Mapping[str, Any], *, names: Mapping[str, str]) -> tuple[Told, ...]:
    """Put the filters that are given into words, in the order of the headline; `names` has people's, by filter.

    A flag that is not set says nothing, and two days are one span.
    """
    given = {name: value for name, value in filters.items() if value is not None and (value or name not in _FLAGS)}
    first, last = given.pop("watched_from", None), given.pop("watched_to", None)
    if first or last:
        given["watched_from"] = (first, last)
    return tuple(_told(name, names.get(name, given[name])) for name in _WORDS if name in given)


def headline(films: int, filters: Sequence[Told]) -> str:
    """Say which films these are: 42 drama films directed by Agnès Varda, seen on Mondays in 2024."""
    genre = "".join(f"{one.phrase} " for one in filters if one.name == "genre")
    others = ", ".join(_phrases([one.phrase for one in filters if one.name != "genre"]))
    count = ("No" if filters else "No films yet") if not films else words.number(films)
    if not filters:
        return count if not films else f"All {count} films" if films > 1 else "One film"
    return f"{count} {genre}{words.named(films or 1, 'film')} {others}".strip()


def _phrases(phrases: Sequence[str]) -> Iterator[str]:
    """Yield the parts of a headline, as one those that say when films were seen."""
    for is_seen, group in groupby(phrases, key=lambda phrase: phrase.startswith(_SEEN)):
        some = list(group)
        yield from [_SEEN + " ".join(one.removeprefix(_SEEN) for one in some)] if is_seen else some


def country(code: str) -> str:
    """Name a country."""
    return chart_countries.name(code.upper())


def language(code: str) -> str:
    """Name a language; one that is not known by its code."""
    return _LANGUAGES.get(code.lower(), code)


def _told(name: str, value: Any) -> Told:
    label, shown, phrase = _WORDS[name]
    said = phrase(value) if callable(phrase) else phrase.format(shown(value))
    return Told(name, label, shown(value), said, twin="watched_to" if name == "watched_from" else "")


def _from(code: str) -> str:
    name = country(code)
    return f"from the {name}" if _WITH_ARTICLE.search(name) else f"from {name}"


def _genre(name: str) -> str:
    """Write a genre as it stands in a sentence: TV movie."""
    return name.lower().replace("tv ", "TV ")


def _at_least(rating: float) -> str:
    return words.in_stars(rating) + ("" if rating == _MOST_STARS else " or more")


def _either(yes: str, no: str) -> Callable[[bool], str]:
    return lambda is_: yes if is_ else no


def _weekday(number: int) -> str:
    return f"on {_WEEKDAYS[number - 1]}"


def _days(span: tuple[date | None, date | None]) -> str:
    """Write a span of days, as short as it may be: in March 2024, from 3 to 9 March 2024, since 3 March 2024."""
    first, last = span
    if first is None or last is None:
        return f"since {_long(first)}" if first else f"until {_long(last)}" if last else ""
    if first == last:
        return f"on {_long(first)}"
    if (first.year, first.month) != (last.year, last.month):
        return f"from {_long(first, with_year=first.year != last.year)} to {_long(last)}"
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        return f"in {words.month(first.isoformat())}"
    return f"from {first.day} to {_long(last)}"


def _long(day: date, *, with_year: bool = True) -> str:
    return f"{day.day} {words.MONTHS[day.month - 1]}" + (f" {day.year}" if with_year else "")


# Each filter's label, its value and its part of the headline, in the order that this has.
_WORDS: dict[str, tuple[str, Callable[[Any], str], str | Callable[[Any], str]]] = {
    "genre": ("Genre", str, _genre),
    "director": ("Director", str, "directed by {}"),
    "actor": ("Cast", str, "with {} in the cast"),
    "writer": ("Writer", str, "written by {}"),
    "cinematographer": ("Camera", str, "photographed by {}"),
    "editor": ("Editing", str, "edited by {}"),
    "composer": ("Music", str, "with music by {}"),
    "person": ("Person", str, "that {} worked on"),
    "country": ("Country", country, _from),
    "language": ("Language", language, "in {}"),
    "studio": ("Studio", str, "made by {}"),
    "collection": ("Collection", str, "of {}"),
    "keyword": ("Keyword", str, "with the keyword “{}”"),
    "year": ("Released", str, "of {}"),
    "decade": ("Released", "{}s".format, "of the {}"),
    "seen_again": ("Seen", _either("more than once", "once at most"), _SEEN + "{}"),
    "weekday": ("Seen", _weekday, _SEEN + "{}"),
    "watched_from": ("Seen", _days, _SEEN + "{}"),
    "watched_year": ("Seen", "in {}".format, _SEEN + "{}"),
    "rewatches_only": ("Seen", lambda _: "as a rewatch", _SEEN + "{}"),
    "rewatch": ("Rewatched", _either("yes", "no"), _either("with a rewatch", "without a rewatch")),
    "rating": ("Rated", words.in_stars, "rated {}"),
    "min_rating": ("Rated", _at_least, "rated {}"),
    "is_rated": ("Rated", _either("yes", "not yet"), _either("with a rating", "without a rating")),
    "against_tmdb": ("Rated", _BESIDE_TMDB.__getitem__, "rated {}"),
    "reviewed": ("Reviewed", _either("yes", "no"), _either("with a review", "without a review")),
    "liked": ("Liked", _either("yes", "no"), _either("that are liked", "that are not liked")),
    "tag": ("Tag", str, "tagged “{}”"),
    "q": ("Title", str, "with “{}” in the title"),
    "without_tv": ("Left out", lambda _: "series", "without series"),
    "without_shorts": ("Left out", lambda _: "shorts", "without shorts"),
}
_FLAGS = {"rewatches_only", "without_tv", "without_shorts"}


# ── People ────────────────────────────────────────────────────────────────────────────────────
def name_of(person_id: int, films: Iterable[Iterable[Mapping[str, Any]]]) -> str | None:
    """Return the first name of a person in films, each given as the people who made it."""
    return next((one["name"] for people in films for one in people if one["id"] == person_id), None)


def people_like(text: str, films: Iterable[Iterable[Mapping[str, Any]]]) -> tuple[Person, ...]:
    """Return those of the most films whose name has `text` in it, whatever its case and accents."""
    names: dict[int, str] = {}
    counts: Counter[int] = Counter()
    for people in films:
        in_film = {one["id"]: one["name"] for one in people}
        names = in_film | names
        counts.update(in_film.keys())
    wanted = titles.normalise(text)
    keys = titles.normalise_all(list(names.values()))
    like = [id_ for id_, key in zip(names, keys, strict=True) if wanted in key]
    like.sort(key=lambda id_: (-counts[id_], names[id_], id_))
    return tuple(Person(id_, names[id_], words.counted(counts[id_], "film")) for id_ in like[:_PEOPLE_SHOWN])


# ── A film ────────────────────────────────────────────────────────────────────────────────────
def tmdb_url(media_type: str | None, tmdb_id: int | None) -> str:
    """Return the address of a film at TMDB, nothing where it has none there."""
    return f"{_FILM_OF[media_type]}{tmdb_id}" if media_type in _FILM_OF and tmdb_id else ""


def votes(average: float | None, count: int | None) -> str:
    """Write what TMDB's members think: 7.8 of 10, from 1,204 votes."""
    return f"{average:.1f} of 10, from {words.counted(count or 0, 'vote')}" if average else ""


def facts_of(film: Mapping[str, Any], *, title: str) -> tuple[Fact, ...]:
    """Tell what TMDB knows of a film, given as its columns; `title` is the one it stands under."""
    return tuple(fact for fact in _facts_of(film, title) if fact.links)


_CREW = {"Written by": "writer", "Camera": "cinematographer", "Editing": "editor", "Music": "composer"}


def _facts_of(film: Mapping[str, Any], title: str) -> Iterator[Fact]:
    cast = _people(film["cast"], "actor")
    yield Fact("Created by" if film["media_type"] == "tv" else "Directed by", _people(film["directors"], "director"))
    yield Fact("Cast", cast[:_SHOWN], cast[_SHOWN:])
    for label, role in _CREW.items():
        yield Fact(label, _people([one for one in film["crew"] or () if one["job"] in JOBS[role]], role))
    yield Fact("Genres", tuple(Link(name, "genre", name) for name in film["genres"] or ()))
    yield Fact("Countries", tuple(Link(country(code), "country", code) for code in film["countries"] or ()))
    yield Fact("Languages", tuple(Link(language(code), "language", code) for code in film["languages"] or ()))
    yield Fact("Studios", tuple(Link(name, "studio", name) for name in film["studios"] or ()))
    if film["collection"]:
        yield Fact("Collection", (Link(film["collection"]["name"], "collection", str(film["collection"]["id"])),))
    keywords = tuple(Link(name, "keyword", name) for name in film["keywords"] or ())
    yield Fact("Keywords", keywords[:_SHOWN], keywords[_SHOWN:])
    if film["runtime"]:
        yield Fact("Running time", (Link(words.length(film["runtime"])),))
    if film["release_date"]:
        yield Fact("First shown", (Link(_day(film["release_date"])),))
    if film["original_title"] and film["original_title"] != title:
        yield Fact("Original title", (Link(film["original_title"]),))


def _people(people: Iterable[Mapping[str, Any]] | None, name: str) -> tuple[Link, ...]:
    """Return each of them once; who has several jobs stands there several times."""
    return tuple(Link(text, name, str(id_)) for id_, text in {one["id"]: one["name"] for one in people or ()}.items())


def _day(day: date) -> str:
    return words.day(day.isoformat())
