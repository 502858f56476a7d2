"""The year in review as a value: what it compares and what it refuses to, which scenes there are, where they lead."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from movies_app import chart_year
from movies_app.chart_year import YearReview
from movies_app.chart_year_parts import Scene
from movies_app.scope import Links, Scope

Numbers = dict[str, Any]

STATS = "/stats/a"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_SCENE = [
    *("count", "bounds", "rhythm", "verdicts", "best", "genres", "places", "people", "crowd", "odd", "again", "words"),
]


def film(position: int, title: str = "", **known: Any) -> Numbers:
    return {
        **{"position": position, "title": title or f"Film {position}", "year": 1980 + position, "rating": 4.0},
        **{"letterboxd_uri": None, "poster_url": f"https://image.tmdb.org/t/p/w342/{position}.jpg", **known},
    }


def person(id_: int, name: str, films: int, **known: Any) -> Numbers:
    return {"id": id_, "name": name, "films": films, "rated": films, "average_rating": 4.25, "film": film(9)} | known


def people(*seen: Numbers) -> Numbers:
    return {"films": 20, "distinct": 30, "most_seen": list(seen), "best_rated": []}


def by_films(name: str, **films: int) -> Numbers:
    rows = [{name: key, "films": count, "rated": 0, "average_rating": None} for key, count in films.items()]
    return {"films": 20, "all": rows, "best_rated": []}


def every(first: date, last: date, *, step: int) -> list[date]:
    return [first + timedelta(days) for days in range(0, (last - first).days + 1, step)]


def row_of(year: int, viewings: int, new: int) -> Numbers:
    return {"year": year, "viewings": viewings, "films": viewings, "new_films": new, "rewatches": 4}


def numbers_of(year: int, days: list[date], *, years: list[int], **changed: Any) -> Numbers:
    """Return numbers as `stats.cached` gives them of a year with a viewing on each of these days."""
    viewings, months = len(days), [f"{year}-{month:02d}" for month in range(1, 13)]
    histogram = [{"rating": half / 2, "films": 2 * (half == 8) + (half == 10)} for half in range(1, 11)]
    return {
        **{"year": year, "years": years, "filters": {"min_rated": 3}},
        "coverage": {"films": viewings, "films_with_date": viewings, "films_with_facts": viewings}
        | {"viewings": viewings, "dated_viewings": viewings},
        "overview": {
            **{"films": viewings, "viewings": viewings, "rewatches": 4, "reviews": 2, "likes": 1, "rated": 20},
            **{"average_rating": 3.5, "first_viewing": str(days[0]), "last_viewing": str(days[-1])},
            **{"first_film": film(1, "Alpha"), "last_film": film(2, "Omega")},
        },
        "ratings": {"rated": 20, "average": 3.5, "median": 3.5, "most_given": 4.0, "histogram": histogram},
        "by_month": [{"month": name, "viewings": sum(str(day)[:7] == name for day in days)} for name in months],
        "by_weekday": [
            {"weekday": n, "name": name, "viewings": sum(day.isoweekday() == n for day in days)}
            for n, name in enumerate(WEEKDAYS, 1)
        ],
        "calendar": {"year": year, "busiest": 1, "days": [{"date": str(day), "viewings": 1} for day in days]},
        "streaks": {
            "days": {"length": 3, "first": f"{year}-02-01", "last": f"{year}-02-03"},
            "weeks": {"length": 5, "first": f"{year}-01-01", "last": f"{year}-02-04"},
            "busiest_day": {"date": f"{year}-02-02", "viewings": 3},
            "busiest_week": {"monday": f"{year}-12-30", "viewings": 4},
            "longest_pause": {"days": 9, "first": f"{year}-03-01", "last": f"{year}-03-09"},
        },
        "releases": {"oldest": film(3), "newest": film(4)}
        | {"decades": [{"decade": 1980, "films": 12}, {"decade": 1990, "films": 8}]},
        "best_rated": [film(number) for number in range(1, 13)],
        "genres": by_films("genre", Drama=10, Comedy=6),
        "countries": by_films("country", FR=15, JP=5),
        "directors": people(person(1, "Ana Lima", 4), person(2, "Bo Ek", 2), person(3, "Cy Orr", 1)),
        "actors": people(person(4, "Di Vo", 3)),
        **{kind: people() for kind in ("writers", "cinematographers", "editors")},
        "composers": people(person(5, "Ed Wu", 2)),
        "against_tmdb": {
            **{"films": 20, "member_average": 3.5, "tmdb_average": 3.2, "average_difference": 0.3},
            **{"higher": 12, "lower": 8, "same": 0},
            "above": [{"film": film(5, rating=5.0), "tmdb": 2.9, "difference": 2.1}],
            "below": [{"film": film(6, rating=0.5), "tmdb": 4.1, "difference": -3.6}],
        },
        "extremes": {
            "longest": [{"film": film(7), "minutes": 201}, {"film": film(8), "minutes": 90}],
            "shortest": [{"film": film(8), "minutes": 90}, {"film": film(7), "minutes": 201}],
            "least_known": [{"film": film(9), "votes": 1}],
        },
        "runtimes": {"films": viewings, "watched_minutes": 90 * viewings, "average": 90.0},
        "rewatches": {"flagged": 4, "films_seen_again": 1, "most_seen": [{"film": film(1, "Alpha"), "viewings": 3}]},
        "tags": {"tagged_films": 1, "distinct": 1, "top": [{"tag": "with <Ana>", "films": 1, "average_rating": None}]},
        "reviews": {
            "reviews": 2,
            "words": 1234,
            "longest": [{"film": film(3), "words": 900, "excerpt": "It <b>is</b>."}],
        },
        "year_on_year": [row_of(y, viewings + 5 * (year - y), 10) for y in years],
        **changed,
    }


DAYS_2023 = every(date(2023, 1, 2), date(2023, 12, 30), step=4)
DAYS_2024 = every(date(2024, 1, 1), date(2024, 12, 31), step=3)
YEARS = [2025, 2024, 2023, 2022]


def of_2023(**changed: Any) -> Numbers:
    return numbers_of(2023, DAYS_2023, **{"years": YEARS, **changed})


def of_2024(**changed: Any) -> Numbers:
    return numbers_of(2024, DAYS_2024, **{"years": YEARS, **changed})


def review_of(now: Numbers, before: Numbers | None, **scope: Any) -> YearReview:
    return chart_year.review_of(now, before, links=Links(STATS, Scope(year=now["year"], **scope)))


def scene(key: str, now: Numbers, before: Numbers | None = None) -> Scene:
    return next(scene for scene in review_of(now, before).scenes if scene.key == key)


def addresses(found: Any) -> list[str]:
    """Return every address in a value, however deep."""
    if dataclasses.is_dataclass(found):
        fields = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
        own = [value for name, value in fields.items() if name in {"url", "more"} and value]
        return own + [address for value in fields.values() for address in addresses(value)]
    return [address for value in found for address in addresses(value)] if isinstance(found, tuple) else []


# ── The scenes ────────────────────────────────────────────────────────────────────────────────
def test_a_full_year_has_every_scene_in_its_order() -> None:
    assert [scene.key for scene in review_of(of_2024(), of_2023()).scenes] == EVERY_SCENE


def test_every_address_stays_within_the_session_the_year_and_the_filters() -> None:
    review = review_of(of_2024(), of_2023(), without_tv=True)
    found = addresses(review)
    assert len(found) > 60
    films = [address for address in found if address.startswith(f"{STATS}/films?")]
    assert len(films) > 30
    assert {("watched_year=2024" in address) or ("watched_year=2023" in address) for address in films} == {True}
    assert all("without_tv=true" in address for address in films)
    assert all(address.startswith(f"{STATS}/films/") or "without_tv=true" in address for address in found)
    assert review.whole_url == f"{STATS}/2024"
    assert review.earlier
    assert review.earlier.url == f"{STATS}/2023?without_tv=true"


@pytest.mark.parametrize(
    ("nothing", "gone"),
    [
        ({"ratings": {"rated": 0}, "best_rated": []}, {"verdicts", "best"}),
        ({"genres": {"films": 0, "all": []}}, {"genres"}),
        ({"directors": people(person(1, "Ana Lima", 1)), "actors": people()}, {"people"}),
        ({"against_tmdb": {"films": 0, "above": [], "below": []}}, {"crowd"}),
        ({"extremes": {"longest": [], "shortest": [], "least_known": []}}, {"odd"}),
        ({"rewatches": {"flagged": 0, "films_seen_again": 0, "most_seen": []}}, {"again"}),
        ({"reviews": {"reviews": 0, "words": 0, "longest": []}, "tags": {"top": [], "distinct": 0}}, {"words"}),
        ({"countries": {"films": 0, "all": []}, "releases": {"decades": [], "oldest": None}}, {"places"}),
    ],
)
def test_a_scene_that_has_nothing_to_tell_is_left_out(nothing: Numbers, gone: set[str]) -> None:
    review = review_of(of_2024(**nothing), of_2023(**nothing))
    assert [scene.key for scene in review.scenes] == [key for key in EVERY_SCENE if key not in gone]


@pytest.mark.parametrize(("viewings", "scenes"), [(9, 0), (10, len(EVERY_SCENE))])
def test_a_story_needs_ten_viewings(viewings: int, scenes: int) -> None:
    days = every(date(2024, 1, 1), date(2024, 1, viewings), step=1)
    review = review_of(numbers_of(2024, days, years=YEARS), of_2023())
    assert len(review.scenes) == scenes
    assert bool(review.finale) == bool(scenes)
    assert review.figures[0].value == str(viewings)


def test_nobody_is_spoken_to() -> None:
    said = repr(review_of(of_2024(), of_2023())).lower()
    assert " you" not in said


# ── Against the year before ───────────────────────────────────────────────────────────────────
def test_two_whole_years_are_held_side_by_side() -> None:
    count = scene("count", of_2024(), of_2023())
    assert count.headline == "31 more than in 2023"
    assert count.texts == ()
    assert [(bar.name, bar.value, bar.url) for bar in count.lanes] == [
        ("2024", "122", f"{STATS}/films?watched_year=2024"),
        ("2023", "91", f"{STATS}/films?watched_year=2023"),
    ]
    assert [(figure.note, figure.trend) for figure in count.figures] == [
        ("5 fewer than in 2023", "down"),
        ("as many as in 2023", "same"),
        ("as many as in 2023", "same"),
    ]


def test_a_year_that_still_runs_is_compared_with_the_same_days() -> None:
    days = every(date(2025, 1, 1), date(2025, 6, 12), step=3)
    count = scene("count", numbers_of(2025, days, years=YEARS), of_2024())
    assert count.headline == "As many as in 2024 up to 12 June"
    assert count.texts == ("The diary goes up to 12 June so far.",)
    assert count.lanes[1].value == "55"
    assert count.lanes[1].url == f"{STATS}/films?watched_year=2024&watched_from=2024-01-01&watched_to=2024-06-12"
    assert {figure.trend for figure in count.figures} == {""}
    assert count.figures[0].note.endswith(" in all of 2024")
    assert scene("bounds", numbers_of(2025, days, years=YEARS)).cards[1].label == "The latest"


def test_a_year_before_that_is_not_whole_is_compared_from_its_first_day_on() -> None:
    before = numbers_of(2023, every(date(2023, 7, 1), date(2023, 12, 30), step=4), years=[2024, 2023])
    now = of_2024(years=[2024, 2023], year_on_year=[row_of(2024, 122, 3), row_of(2023, 46, 46)])
    count = scene("count", now, before)
    assert count.headline == "15 more than in 2023, from 1 July on"
    assert count.texts == ("Of 2023 the diary knows the days from 1 July on.",)
    assert [(figure.note, figure.trend) for figure in count.figures[:1]] == [("46 in 2023", "")]


def test_years_that_share_no_days_are_not_compared() -> None:
    before = numbers_of(2023, every(date(2023, 7, 1), date(2023, 12, 30), step=3), years=[2024, 2023])
    now = numbers_of(2024, every(date(2024, 1, 1), date(2024, 3, 1), step=2), years=[2024, 2023])
    count = scene("count", now, before)
    assert (count.headline, count.lanes) == ("Too early to compare", ())


@pytest.mark.parametrize("year", [2024, 2025])
def test_no_address_names_a_29_february_that_never_was(year: int) -> None:
    days = every(date(year - 1, 1, 1), date(year - 1, 12, 30), step=5)
    last = date(year, 2, 29) if year == 2024 else date(year, 2, 28)
    now = numbers_of(year, every(date(year, 1, 1), last, step=1), years=[year, year - 1])
    before = scene("count", now, numbers_of(year - 1, days, years=[year, year - 1])).lanes[1]
    assert before.url.endswith("-02-28")


@pytest.mark.parametrize(
    ("years", "headline", "text"),
    [
        ([2025, 2024], "The diary’s first year", "There is no year before to compare it with."),
        ([2025, 2024, 2020], "After a year without a diary", "The diary has no viewing of 2023 to compare it with."),
    ],
)
def test_where_there_is_no_year_before_that_is_said(years: list[int], headline: str, text: str) -> None:
    count = scene("count", of_2024(years=years, year_on_year=[row_of(2024, 122, 122)]))
    assert (count.headline, count.texts, count.lanes) == (headline, (text,), ())
    assert {(figure.note, figure.trend) for figure in count.figures} == {("", "")}


@pytest.mark.parametrize(
    ("average", "headline"),
    [
        (3.75, "0.25 stars kinder than in 2023"),
        (3.0, "0.50 stars stricter than in 2023"),
        (3.53, "As generous as in 2023"),
    ],
)
def test_the_average_is_compared(average: float, headline: str) -> None:
    ratings = of_2024()["ratings"] | {"average": average}
    assert scene("verdicts", of_2024(ratings=ratings), of_2023()).headline == headline


def test_few_ratings_are_not_compared() -> None:
    few = of_2023()["ratings"] | {"rated": 9}
    verdicts = scene("verdicts", of_2024(), of_2023(ratings=few))
    assert verdicts.headline == "4 stars is the usual verdict"
    assert verdicts.numeral
    assert verdicts.numeral.note == ""


def test_genres_that_rose_and_fell_are_told() -> None:
    genres = scene("genres", of_2024(), of_2023(genres=by_films("genre", Drama=6, Comedy=9)))
    assert genres.headline == "More Drama and less Comedy"
    assert genres.texts == ("Drama rose from 30% of the films to 50% and Comedy fell from 45% of the films to 30%.",)
    assert genres.mark == "Where it was in 2023, as a share of the films"
    assert [(bar.width, bar.mark, bar.note) for bar in genres.lists[0].bars] == [
        ("100%", "60%", "50%"),
        ("60%", "90%", "30%"),
    ]


def test_genres_of_few_films_neither_rise_nor_fall() -> None:
    genres = scene("genres", of_2024(), of_2023(genres=by_films("genre", Drama=10, Comedy=6, Western=2)))
    assert (genres.headline, genres.texts) == ("Drama leads, with 10 films", ())


# ── Single scenes ─────────────────────────────────────────────────────────────────────────────
def test_the_rhythm_leads_to_its_days() -> None:
    figures = {figure.label: figure for figure in scene("rhythm", of_2024()).figures}
    week = figures["viewings in the busiest week"]
    assert (week.value, week.note) == ("4", "30 Dec 2024 – 5 Jan 2025")
    assert week.url.endswith("watched_from=2024-12-30&watched_to=2025-01-05")
    assert figures["days without a film"].url == ""


@pytest.mark.parametrize(
    ("seen", "headline", "label"),
    [
        ((("Ana", 4), ("Bo", 2)), "Ana, 4 times", "Most seen director"),
        ((("Ana", 2), ("Bo", 2)), "2 directors seen twice", "Among the most seen directors"),
    ],
)
def test_who_leads_is_named_unless_there_are_several(
    seen: tuple[tuple[str, int], ...], headline: str, label: str
) -> None:
    directors = people(*(person(id_, *one) for id_, one in enumerate(seen)))
    found = scene("people", of_2024(directors=directors))
    assert (found.headline, found.cards[0].label) == (headline, label)


def test_a_name_seen_once_is_not_of_the_year() -> None:
    shown = [bar.name for bars in scene("people", of_2024()).lists for bar in bars.bars]
    assert shown == ["Bo Ek", "Ed Wu"]


@pytest.mark.parametrize(
    ("difference", "films", "headline"),
    [
        (0.3, 20, "0.30 stars kinder than the crowd"),
        (-0.3, 20, "0.30 stars stricter than the crowd"),
        (0.05, 20, "Of one mind with the crowd"),
        (0.3, 4, "A mind of its own"),
    ],
)
def test_the_crowd_is_a_measure_only_of_some_films(difference: float, films: int, headline: str) -> None:
    found = of_2024()["against_tmdb"] | {"average_difference": difference, "films": films}
    assert scene("crowd", of_2024(against_tmdb=found)).headline == headline


def test_part_of_the_facts_is_told() -> None:
    now = of_2024()
    assert scene("genres", now).coverage == "20 of 122 films have a genre"
    assert scene("odd", now).coverage == ""


# ── Around the scenes ─────────────────────────────────────────────────────────────────────────
def test_the_wall_shows_each_poster_of_the_year_once_while_there_are_enough() -> None:
    wall = review_of(of_2024(), of_2023()).wall
    assert len(wall) == 18
    assert len({poster.small for poster in wall}) == 12
    none = [film(number, poster_url=None) for number in range(1, 13)]
    bare = of_2024(
        best_rated=none, **{name: {"longest": [], "shortest": [], "least_known": []} for name in ["extremes"]}
    )
    assert len({poster.small for poster in review_of(bare, None).wall}) <= 7


def test_the_finale_has_five_numbers_and_four_films() -> None:
    finale = review_of(of_2024(), of_2023()).finale
    assert finale
    assert [(figure.value, figure.label) for figure in finale.figures] == [
        *(("122", "films"), ("183", "hours"), ("10", "for the first time"), ("3.50", "stars on average")),
        ("3", "days in a row"),
    ]
    assert [card.title for card in finale.cards] == ["Film 1", "Film 2", "Film 3", "Film 4"]


def test_the_summary_tells_the_year_to_those_who_see_but_the_link() -> None:
    assert review_of(of_2024(), None).summary == (
        "122 films, 183 hours, 3.50 stars on average. Best rated: Film 1, Film 2 and Film 3."
    )


def test_years_beside_are_the_nearest_with_viewings() -> None:
    review = review_of(of_2024(years=[2027, 2024, 2020]), None)
    assert review.earlier
    assert review.later
    assert (review.earlier.year, review.later.year) == ("2020", "2027")
