"""The sections that stand on TMDB's facts beside the first: people, the crowd, odd ones out, collections, keywords."""

from typing import Any

import pytest

from movies_app.chart_collections import Series
from movies_app.chart_parts import Choice, Link, Rated
from movies_app.scope import Links, Scope
from tests.chart_numbers import SOLARIS, Numbers, each, known, no_facts, person
from tests.test_charts import page_of

FILMS = "/stats/a/films"


def facts_of(numbers: Numbers, **given: Any) -> Any:
    return page_of(numbers, **given).facts


# ── What films are made of ────────────────────────────────────────────────────────────────────
def test_each_name_leads_to_its_films_and_the_whole_ranking_is_a_step_away() -> None:
    facts = facts_of(known())
    assert [(row.name, row.url) for row in facts.languages.rows] == [
        *(("English", f"{FILMS}?language=en"), ("French", f"{FILMS}?language=fr")),
        ("No language", f"{FILMS}?language=xx"),
    ]
    assert facts.genres.best == (Rated("4.20", "Drama", "3", f"{FILMS}?genre=Drama&is_rated=true"),)
    assert facts.studios.ways == (Link("All 83 studios", "/stats/a/rankings/studios"),)


def test_keywords_are_words_the_larger_the_more_films_have_them() -> None:
    cloud = facts_of(known()).keywords
    assert cloud.section.headline == "“sea” leads, with 9 films"
    assert [(word.text, word.size, word.films) for word in cloud.words] == [
        *(("moon", "size-1", "2"), ("sea", "size-4", "9"), ("train", "size-2", "4"))
    ]


def test_keywords_of_equally_many_films_are_equally_small() -> None:
    numbers = known()
    numbers["keywords"]["most_seen"] = each("keyword", sea=3, moon=3)
    assert {word.size for word in facts_of(numbers).keywords.words} == {"size-1"}


# ── People ────────────────────────────────────────────────────────────────────────────────────
def test_a_portrait_is_the_poster_of_the_film_that_stands_for_somebody() -> None:
    numbers = known()
    film = SOLARIS | {"poster_url": "https://image.tmdb.org/t/p/w342/a.jpg"}
    numbers["actors"]["most_seen"] = [person(7, "Ana Lima", 3, film=film), person(8, "Bo Ek", 1)]
    first, second = facts_of(numbers).actors.portraits
    assert (first.name, first.url, first.films, first.film) == ("Ana Lima", f"{FILMS}?actor=7", "3 films", "Solaris")
    assert first.poster.small == "https://image.tmdb.org/t/p/w185/a.jpg"
    assert (second.poster, second.film, second.films) == (None, "Heat", "1 film")


def test_credits_name_the_others_with_their_ranking_and_coverage() -> None:
    credits_ = facts_of(known()).credits
    assert [credit.title for credit in credits_] == ["Written by", "Photographed by", "Music by", "Edited by"]
    assert credits_[3].coverage == "1,550 of 1,600 films have an editor"
    assert credits_[0].way == Link("All 812 writers", "/stats/a/rankings/writers")
    assert credits_[2].rows[0].url == f"{FILMS}?composer=1"


def test_how_many_ratings_a_rank_takes_is_chosen_in_the_address() -> None:
    links = Links("/stats/a", Scope(year=2023, min_rated=4))
    assert facts_of(known(), links=links).minima == (
        Choice("3", "/stats/a?year=2023#people"),
        Choice("4", "/stats/a?year=2023&min_rated=4#people", is_chosen=True),
        Choice("5", "/stats/a?year=2023&min_rated=5#people"),
        Choice("10", "/stats/a?year=2023&min_rated=10#people"),
    )


# ── Against the crowd ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("difference", "headline"),
    [
        *((0.08, "Of one mind with the crowd"), (-0.09, "Of one mind with the crowd")),
        *((0.1, "Kinder than the crowd"), (-0.1, "Sterner than the crowd")),
    ],
)
def test_the_verdict_on_the_crowd_needs_a_difference_that_is_seen(difference: float, headline: str) -> None:
    numbers = known()
    numbers["against_tmdb"]["average_difference"] = difference
    assert facts_of(numbers).crowd.section.headline == headline


def test_bars_begin_in_the_middle_and_the_greatest_difference_fills_its_side() -> None:
    crowd = facts_of(known()).crowd
    ((below,), (above,)) = crowd.below, crowd.above
    assert (below.film.value, below.x, below.width, below.ratings) == ("−3.40", "0%", "100%", "½ against 3.90")
    assert (above.film.value, above.x, above.width) == ("+1.10", "0%", "32.35%")
    assert above.film.url == f"{FILMS}/2"


def test_differences_of_a_hundredth_of_a_star_at_most_have_no_bar() -> None:
    numbers = known()
    numbers["against_tmdb"] |= {"above": [], "below": [{"film": SOLARIS, "tmdb": 3.5, "difference": -0.0}]}
    (below,) = facts_of(numbers).crowd.below
    assert below.width == "0%"


def test_shares_lead_to_their_films_and_one_that_is_nothing_is_left_out() -> None:
    numbers = known()
    numbers["against_tmdb"]["same"] = 0
    parts = facts_of(numbers).crowd.parts
    assert [(part.value, part.url) for part in parts] == [
        *(("480", f"{FILMS}?against_tmdb=lower"), ("700", f"{FILMS}?against_tmdb=higher"))
    ]


def test_each_end_has_its_first_film_apart() -> None:
    extremes = facts_of(known()).extremes
    assert extremes.section.headline == "From 7 min to 2 h 50 min"
    assert [(end.title, end.first.value, len(end.others)) for end in extremes.ends] == [
        *(("Longest", "2 h 50 min", 1), ("Shortest", "7 min", 0)),
        *(("Best known", "7,654 votes", 0), ("Least known", "0 votes", 0)),
    ]


# ── Collections ───────────────────────────────────────────────────────────────────────────────
def test_a_collection_has_a_frame_for_each_part_and_names_what_is_missing() -> None:
    collections = facts_of(known()).collections
    assert collections.section.headline == "1 collection completed"
    assert collections.section.coverage == "The parts of 3 of 4 collections are known"
    whole, short = (shelf.series[0] for shelf in collections.shelves)
    assert whole == Series("Before", f"{FILMS}?collection=5", "All 3 films", (True, True, True))
    assert (short.frames, short.text, short.missing) == ((True, True, False), "2 of 3", "Missing: Aparajito (1956)")


@pytest.mark.parametrize("parts", [13, 25])
def test_a_long_series_has_no_frames(parts: int) -> None:
    numbers = known()
    numbers["collections"]["complete"] = [{"id": 9, "name": "Bond", "films": parts, "parts": parts}]
    assert facts_of(numbers).collections.shelves[0].series[0].frames == ()


def test_what_does_not_fit_on_a_shelf_is_folded_away() -> None:
    numbers = known()
    numbers["collections"]["complete"] = [
        {"id": number, "name": f"Series {number}", "films": 2, "parts": 2} for number in range(7)
    ]
    shelf = facts_of(numbers).collections.shelves[0]
    assert (len(shelf.series), len(shelf.more)) == (5, 2)


@pytest.mark.parametrize(
    ("scope", "missing"),
    [({}, "Missing: "), ({"year": 2023}, "Not seen in 2023: "), ({"rewatches_only": True}, "Not seen again: ")],
)
def test_what_does_not_count_is_not_missing(scope: dict[str, Any], missing: str) -> None:
    collections = page_of(known(), links=Links("/stats/a", Scope(**scope))).facts.collections
    assert collections.shelves[1].series[0].missing.startswith(missing)


def test_begun_collections_of_which_much_is_missing_say_what_would_be_shown() -> None:
    numbers = known()
    numbers["collections"] |= {"complete": [], "almost": []}
    assert "Once two films of a series are seen" in facts_of(numbers).collections.section.empty


# ── Nothing ───────────────────────────────────────────────────────────────────────────────────
def test_where_facts_tell_nothing_of_a_kind_the_section_says_so() -> None:
    numbers = known() | no_facts()
    facts = facts_of(numbers)
    sections = (facts.studios, facts.keywords.section, facts.actors.section, facts.crowd.section)
    others = (facts.extremes.section, facts.collections.section)
    assert {section.empty for section in (*sections, *others)} == {"TMDB tells nothing of the kind about these films."}
    assert not any(credit.rows for credit in facts.credits)
