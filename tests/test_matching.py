"""Which film a (title, year) is: each rule in a small world, and all together in the known one where it is at hand."""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import matching as benchmark
from movies_app.matching import CONFIDENCE, Match, Search, match
from movies_app.models import Film
from movies_app.tmdb_facts import MediaType, SearchResult

CASES, WORLD = benchmark.SHARED / "facts/matches.csv", benchmark.SHARED / "facts/matches-world.csv"
Asked = list[tuple[str, MediaType, int | None]]


def film(
    tmdb_id: int,
    title: str,
    year: int | None,
    *,
    votes: int = 100,
    original_title: str = "",
    media_type: MediaType = "movie",
) -> SearchResult:
    released = date(year, 6, 1) if year else None
    return SearchResult(tmdb_id, media_type, title, original_title or title, released, votes, votes / 10)


def series(tmdb_id: int, title: str, year: int | None, *, votes: int = 100) -> SearchResult:
    return film(tmdb_id, title, year, votes=votes, media_type="tv")


def searching(
    *results: SearchResult, asked: Asked | None = None, hidden_by_year: Sequence[int] = (), only_for: str | None = None
) -> Search:
    """Return a search that finds everything of a kind, whatever the year, but for the ids that a year hides."""

    def search(query: str, *, media_type: MediaType, year: int | None) -> list[SearchResult]:
        if asked is not None:
            asked.append((query, media_type, year))
        found = [result for result in results if result.media_type == media_type and only_for in (None, query)]
        return [result for result in found if year is None or result.tmdb_id not in hidden_by_year]

    return search


def found(title: str, year: int | None, *results: SearchResult, hidden_by_year: Sequence[int] = ()) -> Match:
    return match(title, year, search=searching(*results, hidden_by_year=hidden_by_year))


# ── One search ──────────────────────────────────────────────────────────────────────────────
def test_a_film_of_the_title_and_the_year_takes_one_search_for_the_title_verbatim() -> None:
    asked: Asked = []
    result = match("WALL·E ", 2008, search=searching(film(1, "WALL-E", 2008), asked=asked))
    assert result == Match("matched", 1, "movie", "exact", CONFIDENCE["exact"], searches=1)
    assert asked == [("WALL·E ", "movie", 2008)]


@pytest.mark.parametrize(
    ("title", "known_as"),
    [
        ("Fast & Furious", "Fast and Furious"),
        ("8½", "8 1/2"),
        ("Schindler’s List", "Schindler's List"),
        ("sex, lies, and videotape", "Sex, Lies, and Videotape"),
        ("À Nos Amours", "A nos amours"),
        ("Солярис", "солярис"),
    ],
)
def test_spelling_does_not_matter(title: str, known_as: str) -> None:
    assert found(title, 1999, film(1, known_as, 1999)).method == "exact"


def test_the_original_title_counts_as_much() -> None:
    assert found("Apur Sansar", 1959, film(1, "The World of Apu", 1959, original_title="Apur Sansar")).method == "exact"


@pytest.mark.parametrize(
    ("title", "known_as"),
    [
        ("Bride of Frankenstein", "The Bride of Frankenstein"),
        ("An Affair", "Affair"),
        ("Wicked", "Wicked: Part One"),
        ("Kill Bill", "Kill Bill: Vol. 1"),
        ("Dog Star Man: Part I", "Dog Star Man"),
    ],
)
def test_a_leading_article_and_a_first_part_do_not_matter(title: str, known_as: str) -> None:
    assert found(title, 1999, film(1, known_as, 1999)).method == "alike"


@pytest.mark.parametrize(
    ("title", "known_as"),
    [("Hungry Soul", "Hungry Soul, Part II"), ("Kill Bill: Vol. 1", "Kill Bill: Vol. 2"), ("The", "A")],
)
def test_another_part_is_another_film(title: str, known_as: str) -> None:
    assert found(title, 1956, film(1, known_as, 1956)).state == "unmatched"


def test_the_very_title_goes_before_one_that_is_alike() -> None:
    assert found("It", 2017, film(1, "It: Part One", 2017, votes=9_000), film(2, "It", 2017, votes=1)).tmdb_id == 2


# ── Years ───────────────────────────────────────────────────────────────────────────────────
def test_a_film_that_tmdb_dates_one_year_later_is_found_at_once() -> None:
    result = found("Variety", 1983, film(1, "Variety", 1984))
    assert (result.state, result.method, result.searches) == ("matched", "exact_year_after", 1)


def test_at_like_votes_the_year_decides() -> None:
    result = found("Gloria", 1980, film(1, "Gloria", 1981), film(2, "Gloria", 1980))
    assert (result.state, result.tmdb_id) == ("matched", 2)


def test_a_famous_film_one_year_later_goes_before_an_unknown_one_of_the_year() -> None:
    result = found("Gloria", 1980, film(1, "Gloria", 1981, votes=5_000), film(2, "Gloria", 1980, votes=2))
    assert (result.state, result.tmdb_id) == ("matched", 1)


def test_a_famous_film_of_the_year_before_leaves_the_film_of_the_year_alone() -> None:
    result = found("Jaws", 1976, film(1, "Jaws", 1975, votes=20_000), film(2, "Jaws", 1976, votes=1))
    assert (result.tmdb_id, result.confidence) == (2, CONFIDENCE["exact"])


@pytest.mark.parametrize("year", [1982, 1984])
def test_a_film_that_the_year_hides_is_found_without_it(year: int) -> None:
    result = found("Variety", 1983, film(1, "Variety", year), hidden_by_year=[1])
    assert (result.state, result.method, result.searches) == ("matched", "without_year", 3)


@pytest.mark.parametrize("year", [1981, 1985])
def test_a_film_two_years_off_is_flagged_for_it_may_be_a_remake(year: int) -> None:
    result = found("Variety", 1983, film(1, "Variety", year), hidden_by_year=[1])
    assert (result.state, result.method, result.tmdb_id) == ("ambiguous", "two_years_off", 1)
    assert result.confidence < benchmark.HIGH_CONFIDENCE


def test_of_two_films_two_years_off_none_is_taken() -> None:
    results = [film(1, "Variety", 1981), film(2, "Variety", 1985)]
    assert found("Variety", 1983, *results, hidden_by_year=[1, 2]).state == "unmatched"


def test_three_years_off_is_another_film_where_the_year_hides_it() -> None:
    assert found("Variety", 1983, film(1, "Variety", 1986), hidden_by_year=[1]).state == "unmatched"


def test_a_film_first_shown_long_after_its_making_counts_when_it_is_the_only_one() -> None:
    result = found("Out 1", 1971, film(1, "Out 1", 1990))
    assert (result.state, result.method) == ("matched", "distant")
    assert result.confidence < benchmark.HIGH_CONFIDENCE
    assert found("Out 1", 1971, film(1, "Out 1", 1990), film(2, "Out 1", 1950)).state == "unmatched"


# ── Namesakes ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("votes", "state"), [(500, "matched"), (400, "ambiguous")])
def test_of_namesakes_the_known_one_is_taken_and_flagged_under_five_times_the_votes(votes: int, state: str) -> None:
    result = found("Alone", 2020, film(1, "Alone", 2020, votes=99), film(2, "Alone", 2020, votes=votes))
    assert (result.tmdb_id, result.state) == (2, state)
    assert 0.5 < result.confidence < CONFIDENCE["exact"]


def test_namesakes_that_nobody_voted_for_are_a_coin_toss_and_said_to_be() -> None:
    result = found("Cinderella", 1922, film(2, "Cinderella", 1922, votes=0), film(1, "Cinderella", 1922, votes=0))
    assert (result.tmdb_id, result.state, result.confidence) == (1, "ambiguous", CONFIDENCE["exact"] / 2)


# ── Series ──────────────────────────────────────────────────────────────────────────────────
def test_a_series_is_found_where_no_film_is() -> None:
    result = found("Dekalog", 1989, series(1, "Dekalog", 1989), film(2, "Dekalog, Five", 1989))
    assert (result.state, result.media_type, result.tmdb_id, result.method) == ("matched", "tv", 1, "series")


def test_no_series_is_looked_for_where_a_film_is() -> None:
    result = found("Mildred Pierce", 1945, series(1, "Mildred Pierce", 1945), film(2, "Mildred Pierce", 1945))
    assert (result.media_type, result.searches) == ("movie", 1)


@pytest.mark.parametrize("year", [2009, 2010, 2012, 2013])
def test_a_film_that_the_year_hides_goes_before_a_famous_series_and_is_flagged(year: int) -> None:
    results = [series(1, "Mildred Pierce", 2011, votes=9_000), film(2, "Mildred Pierce", year, votes=1)]
    result = found("Mildred Pierce", 2011, *results, hidden_by_year=[2])
    assert (result.state, result.media_type) == ("ambiguous", "movie")
    assert result.confidence < 0.5


@pytest.mark.parametrize(("title", "year"), [("Heidi", 1990), ("The Heidi", 1993), ("Heidi: Part One", 1993)])
def test_a_series_needs_the_very_title_and_the_year(title: str, year: int) -> None:
    assert found("Heidi", 1993, series(1, title, year)).state == "unmatched"


def test_a_series_goes_before_half_a_title() -> None:
    results = [series(1, "Tut: The Boy King", 2015), film(2, "Tut", 2015, votes=9_000)]
    assert found("Tut: The Boy King", 2015, *results).media_type == "tv"


# ── Half a title ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("title", "known_as"),
    [
        ("Borat: Cultural Learnings of America", "Borat"),
        ("Borat", "Borat – Cultural Learnings of America"),
        ("Lupin the Third: The Castle of Cagliostro", "The Castle of Cagliostro"),
        ("Duelle (Une Quarantaine)", "Duelle"),
    ],
)
def test_half_a_title_counts_a_little_for_one_well_known_film_of_the_year(title: str, known_as: str) -> None:
    result = found(title, 2006, film(1, known_as, 2006))
    assert (result.state, result.method) == ("matched", "subtitle")
    assert result.confidence <= 0.5


@pytest.mark.parametrize(
    "results",
    [
        [film(1, "Borat", 2007)],
        [film(1, "Borat", 2006, votes=49)],
        [film(1, "Borat", 2006), film(2, "Borat", 2006)],
        [film(1, "Borat Cultural", 2006)],
        [film(1, "Borat: Subsequent Moviefilm", 2006)],
    ],
)
def test_half_a_title_is_not_enough_for_less(results: list[SearchResult]) -> None:
    assert found("Borat: Cultural Learnings", 2006, *results).state == "unmatched"


def test_the_last_search_is_for_the_first_half_of_the_title() -> None:
    asked: Asked = []
    search = searching(film(1, "Borat", 2006), asked=asked, only_for="Borat")
    result = match("Borat: Cultural Learnings", 2006, search=search)
    assert (result.tmdb_id, result.method, result.searches) == (1, "simplified", 4)
    assert asked == [
        ("Borat: Cultural Learnings", "movie", 2006),
        ("Borat: Cultural Learnings", "tv", 2006),
        ("Borat: Cultural Learnings", "movie", None),
        ("Borat", "movie", 2006),
    ]


def test_nothing_is_unmatched_after_three_searches() -> None:
    assert found("Nothing", 2006) == Match("unmatched", searches=3)


# ── Without a year ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("make", "media_type", "searches"), [(film, "movie", 1), (series, "tv", 2)])
def test_without_a_year_the_only_namesake_without_a_date_is_it(
    make: Callable[[int, str, int | None], SearchResult], media_type: str, searches: int
) -> None:
    result = found("Lady Blue Shanghai", None, make(1, "Lady Blue Shanghai", None))
    assert (result.state, result.media_type, result.method) == ("matched", media_type, "undated")
    assert result.searches == searches


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([film(1, "Alone", 2020)], "ambiguous"),
        ([film(1, "Alone", 2020, votes=900), film(2, "Alone", 2015, votes=9)], "ambiguous"),
        ([film(1, "Alone", 2020), film(2, "Alone", 2015)], "unmatched"),
        ([film(1, "Alone", None), film(2, "Alone", None)], "unmatched"),
        ([film(1, "The Alone", None)], "unmatched"),
        ([series(1, "Alone", 2020)], "unmatched"),
    ],
)
def test_without_a_year_a_film_with_a_date_is_a_guess_at_best(results: list[SearchResult], state: str) -> None:
    result = found("Alone", None, *results)
    assert (result.state, result.confidence < benchmark.HIGH_CONFIDENCE) == (state, True)


# ── Always ──────────────────────────────────────────────────────────────────────────────────
def test_states_are_those_of_the_catalogue() -> None:
    assert {"matched", "ambiguous", "unmatched"} == set(Film.State.values) - {"pending"}


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
def test_an_error_of_the_search_passes_through(fails_at: int) -> None:
    asked: Asked = []

    def search(query: str, *, media_type: MediaType, year: int | None) -> list[SearchResult]:
        asked.append((query, media_type, year))
        if len(asked) == fails_at:
            raise TimeoutError
        return []

    with pytest.raises(TimeoutError):
        match("Borat: Cultural Learnings", 2006, search=search)


_WORDS = st.sampled_from(["Alien", "the", "Part One", "Part Two", ":", "-", "(", "½", "&", "é", "弟", "!", "2"])
_TITLES = st.lists(_WORDS, min_size=1, max_size=5).map(" ".join)
_RESULTS = st.lists(
    st.builds(
        film,
        st.integers(1, 10_000),
        _TITLES,
        st.one_of(st.none(), st.integers(1995, 2003)),
        votes=st.integers(0, 1_000),
        media_type=st.sampled_from(["movie", "tv"]),
    ),
    max_size=8,
    unique_by=lambda result: result.tmdb_id,
)
_YEARS = st.one_of(st.none(), st.integers(1997, 2001))


@given(title=_TITLES, year=_YEARS, results=_RESULTS, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(
    title: str, year: int | None, results: list[SearchResult], shuffle: Random
) -> None:
    shuffled = shuffle.sample(results, len(results))
    assert found(title, year, *results) == found(title, year, *shuffled)


@given(title=_TITLES, year=_YEARS, results=_RESULTS)
def test_whatever_is_found_was_among_the_results(title: str, year: int | None, results: list[SearchResult]) -> None:
    result = found(title, year, *results)
    assert 0 <= result.confidence <= 1
    assert 1 <= result.searches <= 4
    if result.state == "unmatched":
        assert result == Match("unmatched", searches=result.searches)
    else:
        assert (result.media_type, result.tmdb_id) in {(r.media_type, r.tmdb_id) for r in results}
        assert result.method in CONFIDENCE


@given(
    title=st.text("abc", min_size=1, max_size=8),
    before=st.text("abc ", max_size=5),
    after=st.text("abc ", max_size=5),
    year=_YEARS,
)
def test_a_title_within_a_title_is_never_a_match(title: str, before: str, after: str, year: int | None) -> None:
    longer = f"x{before}{title}{after}"
    assert found(title, year, film(1, longer, year, votes=9_000)).state == "unmatched"
    assert found(longer, year, film(1, title, year, votes=9_000)).state == "unmatched"


@pytest.mark.skipif(not (CASES.is_file() and WORLD.is_file()), reason="known matches are no part of the project")
def test_known_films_are_found_and_none_is_surely_wrong() -> None:
    cases = list(benchmark.read_cases(CASES).values())[::5]
    world = benchmark.World(benchmark.read_world(WORLD))
    for case in cases:
        if case.year is not None:
            world.years[case.id].add(case.year)
    outcomes = [benchmark.Outcome(case, match(case.title, case.year, search=world.search)) for case in cases]
    assert sum(outcome.is_right for outcome in outcomes) >= benchmark.TARGET_RIGHT * len(outcomes)
    assert not [outcome for outcome in outcomes if outcome.is_surely_wrong or outcome.is_series_on_film]
    assert sum(outcome.match.searches for outcome in outcomes) <= 1.1 * len(outcomes)
