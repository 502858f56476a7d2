"""Which films they are, by the export alone: release years and decades. Pure; `charts` calls it."""

from movies_app import chart_words as words
from movies_app.chart_parts import FilmLine, Numbers, Section, Table, TableRow, film_line, rows_of
from movies_app.chart_shapes import Point, chart
from movies_app.scope import Links

DECADE = 10


def releases(numbers: Numbers, links: Links) -> Section:
    """Show the films of each release year."""
    years = numbers["releases"]["years"]
    if not years:
        return Section(headline="No release years", empty="None of these films has a release year in the export.")
    known = sum(entry["films"] for entry in years)
    return Section(
        headline=_release_headline(years, known),
        coverage=words.covered(known, numbers["overview"]["films"], "a release year"),
        chart=chart(
            [
                Point(
                    entry["films"],
                    f"{entry['year']}: {words.counted(entry['films'], 'film')}",
                    _year_label(entry["year"], years),
                    links.films(year=entry["year"]),
                )
                for entry in years
            ],
            label=f"Films by release year, from {years[0]['year']} to {years[-1]['year']}.",
        ),
        table=Table(
            ("Released", "Films", "Average rating"), tuple(_row(entry, links) for entry in years if entry["films"])
        ),
        films=_oldest_and_newest(numbers["releases"], links),
    )


def _row(entry: Numbers, links: Links) -> TableRow:
    numbers = (words.number(entry["films"]), words.average(entry["average_rating"]))
    return TableRow(str(entry["year"]), numbers, links.films(year=entry["year"]))


def _oldest_and_newest(found: Numbers, links: Links) -> tuple[FilmLine, ...]:
    oldest, newest = found["oldest"], found["newest"]
    if oldest == newest:
        return ()
    return film_line(oldest, links, value="Oldest"), film_line(newest, links, value="Newest")


def _year_label(year: int, years: list[Numbers]) -> str:
    """Name each of few years, of many the first in each decade."""
    return str(year) if len(years) <= DECADE or year % DECADE == 0 else ""


def _release_headline(years: list[Numbers], known: int) -> str:
    """Say since when at least half of the films are, counted back from the latest."""
    if len(years) == 1:
        return f"Everything is from {years[0]['year']}"
    seen = 0
    for entry in reversed(years):
        seen += entry["films"]
        if 2 * seen >= known:
            break
    return f"Half of the films are from {entry['year']} or later"


def decades(numbers: Numbers, links: Links) -> Section | None:
    """Show the films of each decade."""
    found = numbers["releases"]["decades"]
    if not found:
        return None
    best = max(reversed(found), key=lambda entry: entry["films"])
    return Section(
        headline=f"The {best['decade']}s lead, with {words.counted(best['films'], 'film')}"
        if len(found) > 1
        else f"Everything is from the {best['decade']}s",
        rows=rows_of((f"{entry['decade']}s", entry, links.films(decade=entry["decade"])) for entry in found),
    )
