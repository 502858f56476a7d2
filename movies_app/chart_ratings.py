"""The verdicts of the stats page: how films were rated, the best of them, the best decades, second looks. Pure;
`charts` calls it.
"""

from dataclasses import dataclass

from movies_app import chart_words as words
from movies_app.chart_parts import (
    FilmLine,
    Link,
    Numbers,
    Part,
    Section,
    Table,
    TableRow,
    Tile,
    film_line,
    parts_of,
)
from movies_app.chart_shapes import MOST_TOP, Point, chart
from movies_app.scope import Links

# Of fewer second looks no headline says where ratings go.
_FEWEST_PAIRS = 10
# Of fewer ratings a decade is not ranked.
_FEWEST_RATED = 10
_DECADES = 5


@dataclass(frozen=True, slots=True)
class Drift:
    """How ratings move when a film is seen again."""

    section: Section
    label: str
    parts: tuple[Part, ...]
    rises: tuple[FilmLine, ...]
    falls: tuple[FilmLine, ...]


def ratings(numbers: Numbers, links: Links) -> Section:
    """Show the films of each rating."""
    found = numbers["ratings"]
    if not found["rated"]:
        return Section(
            headline="No ratings yet",
            empty="Films rated on Letterboxd make a picture here, from half a star to five, and a list of the best.",
        )
    bars = [(words.in_stars(entry["rating"]), entry) for entry in found["histogram"]]
    return Section(
        headline=_verdict(found),
        note=f"{words.average(found['average'])} on average, {words.points(found['median'])} in the middle.",
        coverage=words.covered(found["rated"], numbers["overview"]["films"], "a rating"),
        chart=chart(
            [
                Point(
                    entry["films"],
                    f"{name}: {words.counted(entry['films'], 'film')}",
                    words.points(entry["rating"]),
                    links.films(rating=f"{entry['rating']:g}"),
                )
                for name, entry in bars
            ],
            label=f"Films by rating, {words.counted(found['rated'], 'rated film')}.",
        ),
        table=Table(
            ("Rating", "Films", "Share"), tuple(_row(name, entry, found["rated"], links) for name, entry in bars)
        ),
        ways=(Link(words.every(found["rated"], "rated film"), links.films(is_rated=True)),),
    )


def _row(name: str, entry: Numbers, rated: int, links: Links) -> TableRow:
    url = links.films(rating=f"{entry['rating']:g}") if entry["films"] else ""
    return TableRow(name, (words.number(entry["films"]), words.share(entry["films"], rated)), url)


def _verdict(found: Numbers) -> str:
    counts = [entry["films"] for entry in found["histogram"]]
    if counts.count(max(counts)) > MOST_TOP:
        return "No verdict is the usual one"
    usual = words.in_stars(found["most_given"])
    return f"{usual[0].upper()}{usual[1:]} is the usual verdict"


def best_rated(numbers: Numbers, links: Links) -> Section | None:
    """Show the films that are rated best; None where none is rated."""
    films = numbers["best_rated"]
    if not films:
        return None
    best = films[0]["rating"]
    equals = next(bar["films"] for bar in numbers["ratings"]["histogram"] if bar["rating"] == best)
    return Section(
        headline=f"{films[0]['title']} stands alone" if equals == 1 else f"{equals} films have {words.stars(best)}",
        note="Of equals first those liked, then those seen most often and most recently." if equals > 1 else "",
        films=tuple(film_line(film, links) for film in films),
        ways=(Link(f"All {equals} with {words.stars(best)}", links.films(rating=f"{best:g}")),)
        if equals > len(films)
        else (),
    )


def best_decades(numbers: Numbers, links: Links) -> Section:
    """Rank the decades by their average rating."""
    fewest = max(_FEWEST_RATED, numbers["filters"]["min_rated"])
    decades = [entry for entry in numbers["releases"]["best_decades"] if entry["rated"] >= fewest]
    if not decades:
        return Section(
            headline="No best decade yet", empty=f"A decade is ranked here once {fewest} of its films are rated."
        )
    return Section(
        headline=f"The {decades[0]['decade']}s are rated best",
        note=f"Average rating of decades with at least {fewest} rated films.",
        tiles=tuple(
            Tile(
                words.average(entry["average_rating"]),
                f"{entry['decade']}s",
                words.counted(entry["rated"], "rating"),
                url=links.films(decade=entry["decade"], is_rated=True),
            )
            for entry in decades[:_DECADES]
        ),
    )


def drift(numbers: Numbers, links: Links) -> Drift:
    """Show where ratings go when a film is seen and rated again."""
    found = numbers["rewatches"]["drift"]
    pairs = found["pairs"]
    if not pairs:
        empty = "When a film is seen again and rated again, this shows whether it grew or faded."
        return Drift(Section(headline="No second opinions yet", empty=empty), "", (), (), ())
    shares = [("up", "rose"), ("same", "stayed"), ("down", "fell")]
    return Drift(
        section=Section(
            headline=_drift_headline(found),
            note=f"{words.counted(pairs, 'second opinion')}; {_on_average(found['average_change'])} on average.",
        ),
        label=", ".join(f"{found[kind]} {label}" for kind, label in shares),
        parts=parts_of((kind, found[kind], label, "") for kind, label in shares),
        rises=tuple(_moved(entry, links) for entry in found["rises"]),
        falls=tuple(_moved(entry, links) for entry in found["falls"]),
    )


def _on_average(change: float) -> str:
    return f"the rating moves by {words.signed(change)} stars" if change else "the rating stays as it was"


def _drift_headline(found: Numbers) -> str:
    """Say where ratings go; of few pairs, or without a clear lead, nothing that the next pair may turn round."""
    if found["pairs"] < _FEWEST_PAIRS:
        return "Too few second looks to tell"
    if 2 * found["same"] >= found["pairs"]:
        return "First impressions hold"
    if abs(found["up"] - found["down"]) < found["pairs"] / 5:
        return "Second looks cut both ways"
    return "Films grow at the second look" if found["up"] > found["down"] else "Films fade at the second look"


def _moved(entry: Numbers, links: Links) -> FilmLine:
    value = f"{words.points(entry['from'])} → {words.points(entry['to'])}"
    return film_line(entry["film"], links, value=value, is_rated=False)
