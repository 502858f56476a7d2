"""The stats page as one value: `page_of` turns the numbers of `movies_app.stats` into texts and pictures.

Pure: numbers to geometry and sentences. The page's view calls it once; the template shows what it finds. Sentences
speak of the films and never of "you": whoever has the link reads them.
"""

from dataclasses import dataclass

from movies_app import chart_dates, chart_facts
from movies_app import chart_words as words
from movies_app.chart_dates import Calendar
from movies_app.chart_facts import Facts
from movies_app.chart_parts import (
    FilmLine,
    Numbers,
    Part,
    Quote,
    Section,
    Table,
    TableRow,
    Tile,
    YearLink,
    film_line,
    rows_of,
    years_of,
)
from movies_app.chart_shapes import MOST_TOP, Point, chart, percent

DECADE = 10

# Of fewer second looks no headline says where ratings go.
_FEWEST_PAIRS = 10
# Of fewer ratings a decade is not ranked.
_FEWEST_RATED = 10


@dataclass(frozen=True, slots=True)
class Reviews:
    """How much was written, and the longest and latest of it."""

    section: Section
    longest: tuple[Quote, ...]
    latest: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """How ratings move when a film is seen again."""

    section: Section
    label: str
    parts: tuple[Part, ...]
    rises: tuple[FilmLine, ...]
    falls: tuple[FilmLine, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """All sections that stand on viewing dates; a single year has no comparison by year."""

    by_year: Section | None
    by_month: Section
    by_week: Section
    by_weekday: Section
    calendar: Calendar
    streaks: Section
    milestones: Section


@dataclass(frozen=True, slots=True)
class Page:
    """The whole stats page; `dates`, `best_rated`, `decades`, `facts` are None when nothing of the kind is known."""

    year: str
    years: tuple[YearLink, ...]
    films: str
    summary: str
    tiles: tuple[Tile, ...]
    ratings: Section
    best_rated: Section | None
    dates: Dates | None
    releases: Section
    decades: Section | None
    facts: Facts | None
    best_decades: Section
    rewatches: Section
    drift: Drift
    tags: Section
    reviews: Reviews


def page_of(numbers: Numbers, *, is_filling: bool = False) -> Page:
    """Make the page from what `stats.compute` returns; while films are looked up it has room for their facts."""
    return Page(
        year=str(numbers["year"] or ""),
        years=years_of(numbers, chosen=numbers["year"]),
        films=words.counted(numbers["overview"]["films"], "film"),
        summary=_summary(numbers),
        tiles=_tiles(numbers, is_filling=is_filling),
        ratings=_ratings(numbers),
        best_rated=_best_rated(numbers),
        dates=_dates(numbers),
        releases=_releases(numbers),
        decades=_decades(numbers),
        facts=chart_facts.facts_of(numbers, is_filling=is_filling),
        best_decades=_best_decades(numbers),
        rewatches=_rewatches(numbers),
        drift=_drift(numbers),
        tags=_tags(numbers),
        reviews=_reviews(numbers),
    )


def _summary(numbers: Numbers) -> str:
    overview, dated = numbers["overview"], numbers["coverage"]["dated_viewings"]
    if not dated and numbers["year"]:
        return f"No viewing is dated {numbers['year']}."
    if not dated:
        return "None of the viewings has a date." if overview["viewings"] else "Watched, with no diary yet."
    span = words.days(overview["first_viewing"], overview["last_viewing"])
    return f"{words.counted(dated, 'dated viewing')}, {span}."


def _tiles(numbers: Numbers, *, is_filling: bool) -> tuple[Tile, ...]:
    """Show the films, and of the rest what there is."""
    overview, dated = numbers["overview"], numbers["coverage"]["dated_viewings"]
    films, viewings, rated = overview["films"], overview["viewings"], overview["rated"]
    tiles = (
        _tile(viewings, "viewing", note=f"{words.number(dated)} with a date" if dated < viewings else ""),
        _tile(overview["rewatches"], "rewatch", "rewatches"),
        Tile(words.average(overview["average_rating"]), "average rating") if rated else None,
        _tile(rated, "rated film", note=f"{words.share(rated, films)} of all"),
        _tile(overview["likes"], "like"),
        _tile(overview["reviews"], "review"),
    )
    known = chart_facts.tiles(numbers, is_filling=is_filling)
    return Tile(words.number(films), words.named(films, "film")), *known[:1], *filter(None, tiles), *known[1:]


def _tile(value: int, thing: str, things: str = "", *, note: str = "") -> Tile | None:
    return Tile(words.number(value), words.named(value, thing, things), note) if value else None


def _ratings(numbers: Numbers) -> Section:
    ratings = numbers["ratings"]
    if not ratings["rated"]:
        return Section(
            headline="No ratings yet",
            empty="Films rated on Letterboxd make a picture here, from half a star to five, and a list of the best.",
        )
    bars = [(words.in_stars(entry["rating"]), entry) for entry in ratings["histogram"]]
    return Section(
        headline=_verdict(ratings),
        note=f"{words.average(ratings['average'])} on average, {words.points(ratings['median'])} in the middle.",
        coverage=words.covered(ratings["rated"], numbers["overview"]["films"], "a rating"),
        chart=chart(
            [
                Point(entry["films"], f"{name}: {words.counted(entry['films'], 'film')}", words.points(entry["rating"]))
                for name, entry in bars
            ],
            label=f"Films by rating, {words.counted(ratings['rated'], 'rated film')}.",
        ),
        table=Table(
            columns=("Rating", "Films", "Share"),
            rows=tuple(
                TableRow(name, (words.number(entry["films"]), words.share(entry["films"], ratings["rated"])))
                for name, entry in bars
            ),
        ),
    )


def _verdict(ratings: Numbers) -> str:
    counts = [entry["films"] for entry in ratings["histogram"]]
    if counts.count(max(counts)) > MOST_TOP:
        return "No verdict is the usual one"
    usual = words.in_stars(ratings["most_given"])
    return f"{usual[0].upper()}{usual[1:]} is the usual verdict"


def _best_rated(numbers: Numbers) -> Section | None:
    films = numbers["best_rated"]
    if not films:
        return None
    best = films[0]["rating"]
    equals = next(bar["films"] for bar in numbers["ratings"]["histogram"] if bar["rating"] == best)
    return Section(
        headline=f"{films[0]['title']} stands alone" if equals == 1 else f"{equals} films have {words.stars(best)}",
        note="Of equals first those liked, then those seen most often and most recently." if equals > 1 else "",
        films=tuple(film_line(film) for film in films),
    )


def _dates(numbers: Numbers) -> Dates | None:
    if not numbers["coverage"]["dated_viewings"]:
        return None
    return Dates(
        by_year=None if numbers["year"] else chart_dates.by_year(numbers),
        by_month=chart_dates.by_month(numbers),
        by_week=chart_dates.by_week(numbers),
        by_weekday=chart_dates.by_weekday(numbers),
        calendar=chart_dates.calendar(numbers),
        streaks=chart_dates.streaks(numbers),
        milestones=chart_dates.milestones(numbers),
    )


def _releases(numbers: Numbers) -> Section:
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
                )
                for entry in years
            ],
            label=f"Films by release year, from {years[0]['year']} to {years[-1]['year']}.",
        ),
        table=Table(
            columns=("Released", "Films", "Average rating"),
            rows=tuple(
                TableRow(str(entry["year"]), (words.number(entry["films"]), words.average(entry["average_rating"])))
                for entry in years
                if entry["films"]
            ),
        ),
        films=_oldest_and_newest(numbers["releases"]),
    )


def _oldest_and_newest(releases: Numbers) -> tuple[FilmLine, ...]:
    oldest, newest = releases["oldest"], releases["newest"]
    return (film_line(oldest, value="Oldest"), film_line(newest, value="Newest")) if oldest != newest else ()


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


def _decades(numbers: Numbers) -> Section | None:
    decades = numbers["releases"]["decades"]
    if not decades:
        return None
    best = max(reversed(decades), key=lambda entry: entry["films"])
    return Section(
        headline=f"The {best['decade']}s lead, with {words.counted(best['films'], 'film')}"
        if len(decades) > 1
        else f"Everything is from the {best['decade']}s",
        rows=rows_of([(f"{entry['decade']}s", entry["films"], entry["average_rating"]) for entry in decades]),
    )


def _best_decades(numbers: Numbers) -> Section:
    decades = [entry for entry in numbers["releases"]["best_decades"] if entry["rated"] >= _FEWEST_RATED]
    if not decades:
        return Section(
            headline="No best decade yet", empty=f"A decade is ranked here once {_FEWEST_RATED} of its films are rated."
        )
    return Section(
        headline=f"The {decades[0]['decade']}s are rated best",
        note=f"Average rating of decades with at least {_FEWEST_RATED} rated films.",
        tiles=tuple(
            Tile(words.average(entry["average_rating"]), f"{entry['decade']}s", words.counted(entry["rated"], "rating"))
            for entry in decades[:5]
        ),
    )


def _rewatches(numbers: Numbers) -> Section:
    found = numbers["rewatches"]
    if not found["flagged"] and not found["films_seen_again"]:
        return Section(
            headline="Nothing seen twice yet",
            empty="A film logged a second time, or marked as a rewatch in the diary, shows up here.",
        )
    films = found["most_seen"]
    headline = "Seen before, and again"
    if films:
        headline = f"{films[0]['film']['title']}, {films[0]['viewings']} times"
    if films[1:] and films[0]["viewings"] == films[1]["viewings"]:
        headline = f"{words.counted(found['films_seen_again'], 'film')} seen again"
    return Section(
        headline=headline,
        note=_rewatches_note(found),
        films=tuple(film_line(entry["film"], value=f"{entry['viewings']}×") for entry in films),
    )


def _rewatches_note(found: Numbers) -> str:
    flagged, again = found["flagged"], found["films_seen_again"]
    marked = f"{words.counted(flagged, 'viewing')} marked as a rewatch" if flagged else ""
    repeated = f"{words.counted(again, 'film')} with more than one viewing" if again else ""
    return "; ".join(filter(None, (marked, repeated))) + "."


def _on_average(change: float) -> str:
    moved = f"{change:+.2f}".replace("-", "−")
    return f"the rating moves by {moved} stars" if change else "the rating stays as it was"


def _drift(numbers: Numbers) -> Drift:
    drift = numbers["rewatches"]["drift"]
    pairs = drift["pairs"]
    if not pairs:
        empty = "When a film is seen again and rated again, this shows whether it grew or faded."
        return Drift(Section(headline="No second opinions yet", empty=empty), "", (), (), ())
    shares = [("up", drift["up"], "rose"), ("same", drift["same"], "stayed"), ("down", drift["down"], "fell")]
    parts, start = [], 0.0
    for kind, count, label in shares:
        width = 100 * count / pairs
        parts.append(Part(percent(start), percent(width), f"part {kind}", words.number(count), label))
        start += width
    return Drift(
        section=Section(
            headline=_drift_headline(drift),
            note=f"{words.counted(pairs, 'second opinion')}; {_on_average(drift['average_change'])} on average.",
        ),
        label=", ".join(f"{count} {label}" for _, count, label in shares),
        parts=tuple(parts),
        rises=tuple(_moved(entry) for entry in drift["rises"]),
        falls=tuple(_moved(entry) for entry in drift["falls"]),
    )


def _drift_headline(drift: Numbers) -> str:
    """Say where ratings go; of few pairs, or without a clear lead, nothing that the next pair may turn round."""
    if drift["pairs"] < _FEWEST_PAIRS:
        return "Too few second looks to tell"
    if 2 * drift["same"] >= drift["pairs"]:
        return "First impressions hold"
    if abs(drift["up"] - drift["down"]) < drift["pairs"] / 5:
        return "Second looks cut both ways"
    return "Films grow at the second look" if drift["up"] > drift["down"] else "Films fade at the second look"


def _moved(entry: Numbers) -> FilmLine:
    return film_line(
        entry["film"], value=f"{words.points(entry['from'])} → {words.points(entry['to'])}", is_rated=False
    )


def _tags(numbers: Numbers) -> Section:
    tags = numbers["tags"]
    if not tags["top"]:
        return Section(
            headline="No tags",
            empty="Tags of the diary on Letterboxd are counted here, unless they were left out of the upload.",
        )
    most = [entry["tag"] for entry in tags["top"] if entry["films"] == tags["top"][0]["films"]]
    return Section(
        headline=f"“{most[0]}” is the favourite tag" if len(most) == 1 else f"{len(most)} tags share the lead",
        note=f"{words.counted(tags['distinct'], 'tag')} on {words.counted(tags['tagged_films'], 'film')}.",
        rows=rows_of([(entry["tag"], entry["films"], entry["average_rating"]) for entry in tags["top"]]),
    )


def _reviews(numbers: Numbers) -> Reviews:
    found = numbers["reviews"]
    if not found["reviews"]:
        empty = "Reviews on Letterboxd are counted and quoted here, unless they were left out of the upload."
        return Reviews(Section(headline="No reviews", empty=empty), (), ())
    return Reviews(
        section=Section(
            headline=f"{words.counted(found['words'], 'word')} about films",
            note=f"{words.counted(found['reviews'], 'review')}, {found['average_words']:.0f} words on average.",
        ),
        longest=tuple(
            Quote(film_line(entry["film"]), words.counted(entry["words"], "word"), entry["excerpt"])
            for entry in found["longest"]
        ),
        latest=tuple(
            Quote(film_line(entry["film"]), words.day(entry["date"]) if entry["date"] else "", entry["excerpt"])
            for entry in found["latest"]
        ),
    )
