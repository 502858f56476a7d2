"""The scenes of the year in review about all of its films: how they were rated, their genres, countries and decades.

Pure; `chart_year` calls it. A scene that has nothing to tell is None.
"""

from movies_app import chart_countries, chart_ratings
from movies_app import chart_words as words
from movies_app.chart_shapes import percent
from movies_app.chart_year_parts import (
    FEWEST_COMPARED,
    Bar,
    Bars,
    Figure,
    Scene,
    Years,
    bars_of,
    card_of,
    covered,
    in_stars,
    joined,
)

_BEST = 7
_ROWS = 6
# Averages nearer to each other than this are the same to a reader.
_SAME_STARS = 0.05
# A genre has risen or fallen from so many points on, and with so many films in one of the years.
_FEWEST_POINTS, _FEWEST_FILMS = 3, 3


# ── Verdicts ──────────────────────────────────────────────────────────────────────────────────
def verdicts(years: Years) -> Scene | None:
    """Show the average against the year before, and how ratings spread."""
    if not years.now["ratings"]["rated"]:
        return None
    spread, change = chart_ratings.ratings(years.now, years.links), _change(years)
    average = words.average(years.now["ratings"]["average"])
    return Scene(
        key="verdicts",
        eyebrow="Verdicts",
        headline=change or spread.headline,
        texts=(f"{spread.headline}.",) if change else (),
        numeral=Figure(average, "stars on average", years.films(is_rated=True), _average_before(years)),
        chart=spread.chart,
        table=spread.table,
        coverage=covered(years.now["ratings"]["rated"], years, "a rating"),
    )


def _rated_in_both(years: Years) -> tuple[float, float] | None:
    both = years.both("ratings")
    if both is None or min(year["rated"] for year in both) < FEWEST_COMPARED:
        return None
    now, before = both
    return now["average"], before["average"]


def _average_before(years: Years) -> str:
    averages = _rated_in_both(years)
    return f"{words.average(averages[1])} in {years.year - 1}" if averages else ""


def _change(years: Years) -> str:
    averages = _rated_in_both(years)
    if averages is None:
        return ""
    now, before = averages
    last = years.year - 1
    if abs(now - before) < _SAME_STARS:
        return f"As generous as in {last}"
    return f"{in_stars(now - before)} {'kinder' if now > before else 'stricter'} than in {last}"


def best(years: Years) -> Scene | None:
    """Show the films that were rated best."""
    found = chart_ratings.best_rated(years.now, years.links)
    if found is None:
        return None
    return Scene(
        key="best",
        eyebrow="Best rated",
        headline=found.headline,
        texts=(found.note,) if found.note else (),
        cards=tuple(card_of(film, years.links) for film in years.now["best_rated"][:_BEST]),
        ways=found.ways,
    )


# ── Genres, countries, decades ────────────────────────────────────────────────────────────────
def genres(years: Years) -> Scene | None:
    """Show the genres, and which of them rose and fell."""
    now = years.now["genres"]
    if not now["all"]:
        return None
    headline, texts = _moved(years)
    leader = now["all"][0]
    return Scene(
        key="genres",
        eyebrow="Genres",
        headline=headline or f"{leader['genre']} leads, with {words.counted(leader['films'], 'film')}",
        texts=texts,
        lists=(Bars("", _shares(years, "genres", "genre", _ROWS + 2), years.links.ranking("genres")),),
        mark=_mark(years, "genres", "genre"),
        coverage=covered(now["films"], years, "a genre"),
    )


def _moved(years: Years) -> tuple[str, tuple[str, ...]]:
    """Say which genre rose most, and which fell most, in points of the films; nothing where none did."""
    counts = _counts(years, "genres", "genre")
    if counts is None:
        return "", ()
    (now, all_now), (before, all_before) = counts
    points = {
        name: round(100 * now.get(name, 0) / all_now) - round(100 * before.get(name, 0) / all_before)
        for name in sorted(now.keys() | before.keys())
        if max(now.get(name, 0), before.get(name, 0)) >= _FEWEST_FILMS
    }
    risen, fallen = (pick(points, key=lambda name: points[name], default="") for pick in (max, min))
    told = {
        verb: name
        for verb, name in (("rose", risen), ("fell", fallen))
        if name and abs(points[name]) >= _FEWEST_POINTS and (points[name] > 0) == (verb == "rose")
    }
    shares = [
        f"{name} {verb} from {words.share(before.get(name, 0), all_before)} of the films to "
        f"{words.share(now.get(name, 0), all_now)}"
        for verb, name in told.items()
    ]
    headline = joined([f"{'more' if verb == 'rose' else 'less'} {name}" for verb, name in told.items()]) if told else ""
    return words.capital(headline), (joined(shares) + ".",) if shares else ()


def _counts(
    years: Years, topic: str, name: str
) -> tuple[tuple[dict[str, int], int], tuple[dict[str, int], int]] | None:
    """Return the films of each genre or country, and the films with any, in both years; None where few have any."""
    both = years.both(topic)
    if both is None or min(part["films"] for part in both) < FEWEST_COMPARED:
        return None
    now, before = (({row[name]: row["films"] for row in part["all"]}, part["films"]) for part in both)
    return now, before


def _shares(years: Years, topic: str, name: str, most: int) -> tuple[Bar, ...]:
    """Show the films of each as a share of all, marked where the year before was."""
    part, counts = years.now[topic], _counts(years, topic, name)
    before, all_before = counts[1] if counts else ({}, 0)
    rows = part["all"][:most]
    shares = [100 * row["films"] / part["films"] for row in rows]
    marks = [100 * before.get(row[name], 0) / all_before if all_before else 0 for row in rows]
    widest = max(shares + marks)
    return tuple(
        Bar(
            name=chart_countries.name(row[name]) if name == "country" else row[name],
            url=years.films(**{name: row[name]}),
            value=words.number(row["films"]),
            width=percent(100 * share / widest),
            mark=percent(100 * mark / widest) if all_before else "",
            note=words.share(row["films"], part["films"]),
        )
        for row, share, mark in zip(rows, shares, marks, strict=True)
    )


def _mark(years: Years, topic: str, name: str) -> str:
    return f"Where it was in {years.year - 1}, as a share of the films" if _counts(years, topic, name) else ""


def places(years: Years) -> Scene | None:
    """Show the countries and the decades that the films come from."""
    countries, decades = years.now["countries"]["all"], years.now["releases"]["decades"]
    if not countries and not decades:
        return None
    lists = []
    if countries:
        lists.append(Bars("Countries", _shares(years, "countries", "country", _ROWS), years.links.ranking("countries")))
    if decades:
        rows = [(f"{row['decade']}s", row["films"], years.films(decade=row["decade"])) for row in reversed(decades)]
        lists.append(Bars("Decades", bars_of(rows)))
    named = [words.counted(len(countries), "country", "countries")] if countries else []
    named += [words.counted(len(decades), "decade")] if decades else []
    return Scene(
        key="places",
        eyebrow="Places and times",
        headline=f"Films from {joined(named)}",
        lists=tuple(lists),
        mark=_mark(years, "countries", "country"),
        coverage=covered(years.now["countries"]["films"], years, "a country") if countries else "",
    )
