"""The films that were seen again, and the member's own words about films: tags and reviews. Pure; `charts` calls it."""

from collections.abc import Iterator
from dataclasses import dataclass

from movies_app import chart_words as words
from movies_app.chart_parts import FilmLine, Link, Numbers, Section, film_line, rows_of
from movies_app.scope import Links


@dataclass(frozen=True, slots=True)
class Quote:
    """A review: its film, what is remarkable about it, and how it begins."""

    film: FilmLine
    note: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Reviews:
    """How much was written, and the longest and latest of it."""

    section: Section
    longest: tuple[Quote, ...]
    latest: tuple[Quote, ...]


def rewatches(numbers: Numbers, links: Links) -> Section:
    """Show the films that were seen most often."""
    found = numbers["rewatches"]
    if not found["flagged"] and not found["films_seen_again"]:
        return Section(
            headline="Nothing seen twice yet",
            empty="A film logged a second time, or marked as a rewatch in the diary, shows up here.",
        )
    films = found["most_seen"]
    times = "times again" if links.scope.rewatches_only else "times"
    headline = "Seen before, and again"
    if films:
        headline = f"{films[0]['film']['title']}, {films[0]['viewings']} {times}"
    if films[1:] and films[0]["viewings"] == films[1]["viewings"]:
        headline = f"{words.counted(found['films_seen_again'], 'film')} {_seen_again(links)}"
    return Section(
        headline=headline,
        note=_rewatches_note(found, links),
        films=tuple(film_line(entry["film"], links, value=f"{entry['viewings']}×") for entry in films),
        ways=tuple(_rewatches_ways(found, links)),
    )


def _seen_again(links: Links) -> str:
    """Say what two viewings of a film are: of rewatches alone one is not the first."""
    return "seen again more than once" if links.scope.rewatches_only else "seen again"


def _rewatches_note(found: Numbers, links: Links) -> str:
    flagged, again = found["flagged"], found["films_seen_again"]
    marked = f"{words.counted(flagged, 'viewing')} marked as a rewatch" if flagged else ""
    what = "rewatch" if links.scope.rewatches_only else "viewing"
    repeated = f"{words.counted(again, 'film')} with more than one {what}" if again else ""
    return "; ".join(filter(None, (marked, repeated))) + "."


def _rewatches_ways(found: Numbers, links: Links) -> Iterator[Link]:
    if found["films_seen_again"]:
        text = f"{words.every(found['films_seen_again'], 'film')} {_seen_again(links)}"
        yield Link(text, links.films(seen_again=True))
    if found["flagged"]:
        yield Link("Marked as a rewatch", links.films(rewatches_only=True))


def tags(numbers: Numbers, links: Links) -> Section:
    """Show the tags of most films."""
    found = numbers["tags"]
    if not found["top"]:
        return Section(
            headline="No tags",
            empty="Tags of the diary on Letterboxd are counted here, unless they were left out of the upload.",
        )
    most = [entry["tag"] for entry in found["top"] if entry["films"] == found["top"][0]["films"]]
    return Section(
        headline=f"“{most[0]}” is the favourite tag" if len(most) == 1 else f"{len(most)} tags share the lead",
        note=f"{words.counted(found['distinct'], 'tag')} on {words.counted(found['tagged_films'], 'film')}.",
        rows=rows_of((entry["tag"], entry, links.films(tag=entry["tag"])) for entry in found["top"]),
        ways=(Link(words.every(found["distinct"], "tag"), links.ranking("tags")),),
    )


def reviews(numbers: Numbers, links: Links) -> Reviews:
    """Quote the longest and the latest reviews."""
    found = numbers["reviews"]
    if not found["reviews"]:
        empty = "Reviews on Letterboxd are counted and quoted here, unless they were left out of the upload."
        return Reviews(Section(headline="No reviews", empty=empty), (), ())
    return Reviews(
        section=Section(
            headline=f"{words.counted(found['words'], 'word')} about films",
            note=f"{words.counted(found['reviews'], 'review')}, {found['average_words']:.0f} words on average.",
            ways=(Link(words.every(found["reviews"], "review"), links.films(reviewed=True)),),
        ),
        longest=tuple(
            Quote(film_line(entry["film"], links), words.counted(entry["words"], "word"), entry["excerpt"])
            for entry in found["longest"]
        ),
        latest=tuple(
            Quote(film_line(entry["film"], links), words.day(entry["date"]) if entry["date"] else "", entry["excerpt"])
            for entry in found["latest"]
        ),
    )
