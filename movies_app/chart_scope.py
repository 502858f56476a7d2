"""What counts on the page, and what else could: years, what may be left out, how many ratings a rank takes, the year in
review. Pure; `charts` calls it.
"""

from dataclasses import dataclass

from movies_app import chart_words as words
from movies_app.chart_parts import Choice, Link, Numbers, years_of
from movies_app.scope import MIN_RATED, Links

MINIMA = (3, 5, 10)
# From so many viewings on a year has a review of its own.
FEWEST_REVIEWED = 10
_WITHOUT = {"without_tv": "Without series", "without_shorts": "Without shorts"}
_LEFT_OUT = {"without_tv": "series", "without_shorts": "films of 40 minutes or less"}


@dataclass(frozen=True, slots=True)
class Counting:
    """The years to choose from, what may be left out, and a line that says what is."""

    years: tuple[Choice, ...]
    toggles: tuple[Choice, ...]
    left_out: str
    all_url: str


@dataclass(frozen=True, slots=True)
class Nowhere:
    """What is said in the place of numbers when no film counts, and the way on."""

    headline: str
    text: str
    way: Link


def counting(numbers: Numbers, links: Links, *, is_filling: bool) -> Counting:
    """Tell what counts, and what else could."""
    scope = links.scope
    has_facts = is_filling or bool(numbers["coverage"]["films_with_facts"])
    names = _WITHOUT if has_facts else {name: text for name, text in _WITHOUT.items() if getattr(scope, name)}
    if numbers["overview"]["rewatches"] or scope.rewatches_only:
        names = names | {"rewatches_only": "Rewatches only"}
    return Counting(
        years=_years(numbers, links),
        toggles=tuple(_toggle(name, text, links) for name, text in names.items()),
        left_out=_left_out(links),
        all_url=_all(links),
    )


def minima(links: Links) -> tuple[Choice, ...]:
    """Offer other numbers of ratings that a place among the best rated takes."""
    chosen = links.scope.min_rated
    return tuple(
        Choice(str(minimum), f"{links.page(min_rated=minimum)}#people", minimum == chosen)
        for minimum in sorted({*MINIMA, chosen})
    )


def review(numbers: Numbers, links: Links) -> Link | None:
    """Lead to the review of the chosen year, or of the newest that has one."""
    years: list[int] = [entry["year"] for entry in numbers["year_on_year"] if entry["viewings"] >= FEWEST_REVIEWED]
    wanted = [year for year in years if numbers["year"] in {None, year}]
    return Link(str(wanted[0]), links.review(wanted[0])) if wanted else None


def nowhere(numbers: Numbers, links: Links) -> Nowhere | None:
    """Say why nothing is shown, where no film counts."""
    scope = links.scope
    if numbers["overview"]["films"]:
        return None
    if scope.without_tv or scope.without_shorts or scope.rewatches_only:
        text = "With what is left out here no film remains."
        return Nowhere("Nothing is left", text, Link("Count everything", _all(links)))
    if scope.year:
        text = "The diary of this export has no entry of that year."
        return Nowhere(f"No film in {scope.year}", text, Link("Show all years", links.page(year=None)))
    text = (
        "The export was read, but it names no film as watched. An export made after the first film was logged has more."
    )
    return Nowhere("The lights are on, the reel is missing", text, Link("Upload another export", "/"))


def _years(numbers: Numbers, links: Links) -> tuple[Choice, ...]:
    chosen = numbers["year"]
    years = years_of(numbers, links, chosen=chosen)
    if not chosen and len(years) <= 1:
        return ()
    return (Choice("All years", links.page(year=None), not chosen), *years)


def _toggle(name: str, text: str, links: Links) -> Choice:
    is_on = getattr(links.scope, name)
    return Choice(text, links.page(**{name: not is_on}), is_on)


def _left_out(links: Links) -> str:
    scope = links.scope
    out = " and ".join(text for name, text in _LEFT_OUT.items() if getattr(scope, name))
    texts = (
        f"{words.capital(out)} are left out, as far as TMDB knows them." if out else "",
        "Only viewings that are marked as a rewatch count." if scope.rewatches_only else "",
        f"Best rated takes {words.counted(scope.min_rated, 'rated film')} at least."
        if scope.min_rated != MIN_RATED
        else "",
    )
    return " ".join(filter(None, texts))


def _all(links: Links) -> str:
    return links.page(without_tv=False, without_shorts=False, rewatches_only=False, min_rated=MIN_RATED)
