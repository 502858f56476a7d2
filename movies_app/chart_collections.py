"""Series of films, such as a trilogy, by TMDB: which were seen whole, and what is missing of others. Pure; `charts`
calls it.
"""

from dataclasses import dataclass

from movies_app import chart_words as words
from movies_app.chart_parts import Numbers, Section, nothing_of
from movies_app.scope import Links, Scope

# Of longer series no frame for each part is drawn.
_MOST_FRAMES = 12
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Series:
    """A collection: `frames` says of each part whether it was seen, nothing where there are many."""

    name: str
    url: str
    text: str
    frames: tuple[bool, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Collections under a title, the first of them and those that are folded away."""

    title: str
    series: tuple[Series, ...]
    more: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Collections:
    """The collections that are complete, and those of which little is missing."""

    section: Section
    shelves: tuple[Shelf, ...]


def collections(numbers: Numbers, links: Links, *, is_filling: bool) -> Collections:
    """Show which collections are complete or almost."""
    found = numbers["collections"]
    if not found["distinct"]:
        return Collections(nothing_of("No series of films yet", is_filling=is_filling), ())
    complete, almost = found["complete"], found["almost"]
    shelves = (_shelf("Completed", complete, links), _shelf("One or two short", almost, links))
    return Collections(
        section=Section(
            headline=_headline(complete, almost),
            note=f"{words.counted(found['films'], 'film')} of {words.counted(found['distinct'], 'collection')}. Films "
            "that are not out yet are not missing.",
            coverage=_coverage(found),
            empty="" if complete or almost else "Once two films of a series are seen it shows here what is missing.",
        ),
        shelves=tuple(shelf for shelf in shelves if shelf.series),
    )


def _headline(complete: list[Numbers], almost: list[Numbers]) -> str:
    if complete:
        return f"{words.counted(len(complete), 'collection')} completed"
    if almost:
        return f"{almost[0]['name']}, {words.counted(len(almost[0]['missing']), 'film')} short"
    return "No collection is nearly complete"


def _coverage(found: Numbers) -> str:
    known, distinct = found["known"], found["distinct"]
    if known == distinct:
        return ""
    return f"The parts of {words.number(known)} of {words.counted(distinct, 'collection')} are known"


def _shelf(title: str, entries: list[Numbers], links: Links) -> Shelf:
    series = tuple(_series(entry, links) for entry in entries)
    return Shelf(title, series[:_SHOWN], series[_SHOWN:])


def _series(entry: Numbers, links: Links) -> Series:
    films, parts = entry["films"], entry["parts"]
    titles = [
        f"{part['title']} ({part['year']})" if part["year"] else part["title"] for part in entry.get("missing", ())
    ]
    return Series(
        name=entry["name"].removesuffix(" Collection"),
        url=links.films(collection=entry["id"]),
        text=f"{films} of {parts}" if films < parts else words.every(parts, "film"),
        frames=tuple(place < films for place in range(parts)) if parts <= _MOST_FRAMES else (),
        missing=f"{_missing(links.scope)}: {' and '.join(titles)}" if titles else "",
    )


def _missing(scope: Scope) -> str:
    """Say what parts are that do not count: they may well have been seen in another year."""
    if scope.rewatches_only:
        return "Not seen again"
    return f"Not seen in {scope.year}" if scope.year else "Missing"
