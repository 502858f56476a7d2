"""Two uploads compared: against the same by hand, which shares no code; the same from either side; rule by rule."""

from fractions import Fraction
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies_app import comparing, taste, titles
from movies_app.lines import SHOWN_BY
from tests import compare_by_hand

Row = dict[str, Any]

LINKS = ["https://boxd.it/1", "https://boxd.it/2", "https://letterboxd.com/film/one/", "https://letterboxd.com/film/2/"]
FACTS: Row = {"genres": [], "countries": [], "directors": [], "cast": [], "poster_path": None}


# ── From films and movies to what is told ─────────────────────────────────────────────────────
def movie(position: int, film: Row, **own: Any) -> Row:
    """Return a movie of a film of the catalogue."""
    known = {**film, "is_sure": bool(film["facts"]) and film["state"] == "matched"}
    known |= {} if film["facts"] else {"media_type": None, "tmdb_id": None}
    return {**known, "position": position, "rating": None, "liked": False, **own}


def film(film_id: int, title: str = "Alpha", **known: Any) -> Row:
    return {
        **{"film_id": film_id, "title": title, "year": 1999, "letterboxd_uri": None, "state": "pending"},
        **{"facts": None, "media_type": None, "tmdb_id": None, **known},
    }


def known(film_id: int, title: str = "Alpha", *, tmdb_id: int, **facts: Any) -> Row:
    more = {name: facts.pop(name) for name in ("state", "media_type", "letterboxd_uri", "year") if name in facts}
    matched = {"state": "matched", "media_type": "movie", "tmdb_id": tmdb_id, "facts": FACTS | facts}
    return film(film_id, title, **matched | more)


def movies_frame(movies: list[Row]) -> pl.DataFrame:
    own = [one | {"is_short": one["letterboxd_uri"] and "boxd.it" in one["letterboxd_uri"]} for one in movies]
    return pl.DataFrame([{name: one[name] for name in comparing.OWN} for one in own], schema=comparing.OWN)


def films_frame(movies: list[Row]) -> pl.DataFrame:
    rows = {one["film_id"]: film_row(one) for one in movies}
    schema = comparing.FILMS | comparing.FACTS | {"has_facts": pl.Boolean}
    return pl.DataFrame(list(rows.values()), schema=schema)


def film_row(one: Row) -> Row:
    facts = one["facts"]
    row = {name: one[name] for name in ("film_id", "is_sure", "media_type", "tmdb_id")}
    row |= {"title_key": titles.normalise(one["title"]), **dict.fromkeys(comparing.KINDS.values())}
    if facts:
        people = {"director_ids": facts["directors"], "actor_ids": facts["cast"]}
        row |= {name: "\x1f".join(facts[name]) or None for name in ("genres", "countries")} | {"has_facts": True}
        row |= {name: ",".join(str(one["id"]) for one in listed) or None for name, listed in people.items()}
    return row


def tell(a: list[Row], b: list[Row]) -> Row:
    by_id = {one["film_id"]: one["facts"] for one in [*a, *b] if one["facts"]}

    def names(people: Any) -> Any:
        listed = {(id_, one["id"]): one["name"] for id_, facts in by_id.items() for one in everybody(facts)}
        return {one: listed[one] for one in people}

    shown = {"a": partial(shown_of, a), "b": partial(shown_of, b)}
    return comparing.tell(movies_frame(a), movies_frame(b), films=films_frame([*a, *b]), shown=shown, names=names)


def shown_of(movies: list[Row], positions: Any) -> Any:
    rows = {one["position"]: compare_by_hand.reference(one) for one in movies}
    return {one: {name: rows[one][name] for name in SHOWN_BY} for one in positions}


def everybody(facts: Row) -> list[Row]:
    return [*facts["cast"], *facts["directors"]]


def paired(a: list[Row], b: list[Row]) -> set[tuple[int, int]]:
    """Return the positions of the films that both have; each is rated, so that the agreements list it."""
    told = tell([one | {"rating": 5.0} for one in a], [one | {"rating": 5.0} for one in b])
    assert told["overlap"]["both"] == len(told["agreements"]["top"])
    return {(row["a"]["position"], row["b"]["position"]) for row in told["agreements"]["top"]}


def rated(*ratings: tuple[float | None, float | None]) -> tuple[list[Row], list[Row]]:
    """Return two members who have the same films, rated so."""
    films = [film(number, f"Film {number:03}") for number in range(len(ratings))]
    sides = ([pair[side] for pair in ratings] for side in (0, 1))
    a, b = ([movie(n + 1, films[n], rating=rating) for n, rating in enumerate(side)] for side in sides)
    return a, b


# ── Against the same by hand ──────────────────────────────────────────────────────────────────
PEOPLE = [{"id": number, "name": f"Name {number // 2}"} for number in range(1, 9)]
RATINGS = st.sampled_from([None, *(half / 2 for half in range(1, 11)), 4.0, 4.5, 5.0])


@st.composite
def catalogues(draw: st.DrawFn) -> list[Row]:
    """Draw films that collide in title, year, link and TMDB's id, as a catalogue may have them."""
    identities = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["Alpha", "Bêta", "Gamma: Two", "Delta"]),
                st.sampled_from([None, 1999, 2001]),
                st.sampled_from([None, *LINKS]),
            ),
            unique_by=lambda one: (titles.normalise(one[0]), *one[1:]),
            max_size=14,
        )
    )
    films = []
    for number, (title, year, uri) in enumerate(identities, 1):
        facts = FACTS | {
            "genres": draw(st.lists(st.sampled_from(["Drama", "Comedy", "Ænima"]), unique=True)),
            "countries": draw(st.lists(st.sampled_from(["FR", "US"]), unique=True)),
            "directors": draw(st.lists(st.sampled_from(PEOPLE[:4]), unique_by=lambda one: one["id"], max_size=2)),
            "cast": draw(st.lists(st.sampled_from(PEOPLE), unique_by=lambda one: one["id"])),
            "poster_path": draw(st.sampled_from([None, f"/{number}.jpg"])),
        }
        films.append(
            film(
                *(number, title),
                year=year,
                letterboxd_uri=uri,
                state=draw(st.sampled_from(["matched", "ambiguous"])),
                media_type=draw(st.sampled_from(["movie", "tv"])),
                tmdb_id=draw(st.sampled_from([None, 1, 2, 3])),
                facts=draw(st.sampled_from([None, facts, facts])),
            )
        )
    return films


@st.composite
def members(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    films = draw(catalogues())
    return draw(uploads(films)), draw(uploads(films))


@st.composite
def uploads(draw: st.DrawFn, films: list[Row]) -> list[Row]:
    """Draw movies of these films in any order; of one without a link there may be two."""
    chosen = draw(st.lists(st.sampled_from(films), max_size=16)) if films else []
    seen: dict[int, int] = {}
    movies: list[Row] = []
    for one in chosen:
        seen[one["film_id"]] = seen.get(one["film_id"], 0) + 1
        if seen[one["film_id"]] <= 2:
            spelt = draw(st.sampled_from([one["title"], one["title"].upper(), f"{one['title']}!"]))
            own = {"title": spelt, "rating": draw(RATINGS), "liked": draw(st.booleans())}
            movies.append(movie(len(movies) + 1, one, **own))
    return movies


def check_against_hand(told: Row, expected: Row) -> None:
    match, by_hand = told.pop("match"), expected.pop("match")
    assert told == expected
    assert match["films"] == by_hand["films"]
    assert match["percent"] == by_hand["percent"]
    if by_hand["percent"] is None:
        assert {match[name] for name in match.keys() - {"films"}} == {None}
        return
    assert (match["difference"], match["by_chance"]) == (by_hand["difference"], by_hand["by_chance"])
    # The percentile of Student's t is computed in two ways, each of them nearly.
    low, high = by_hand["interval"]
    assert match["from"] == pytest.approx(low, abs=0.51)
    assert match["to"] == pytest.approx(high, abs=0.51)
    limits = {"sure": (0, 10), "fairly_sure": (10, 20), "guess": (20, 1_000)}[match["confidence"]]
    assert limits[0] - 0.01 <= by_hand["width"] <= limits[1] + 0.01


@given(members())
def test_a_comparison_is_the_one_by_hand(both: tuple[list[Row], list[Row]]) -> None:
    check_against_hand(tell(*both), compare_by_hand.compare(*both))


@given(st.lists(st.tuples(RATINGS, RATINGS), max_size=60))
def test_a_taste_match_is_the_one_by_hand(ratings: list[tuple[float | None, float | None]]) -> None:
    both = rated(*ratings)
    check_against_hand(tell(*both), compare_by_hand.compare(*both))


def swapped(told: Any) -> Any:
    """Put each side in the place of the other, wherever sides are told."""
    if isinstance(told, list):
        return [swapped(one) for one in told]
    if not isinstance(told, dict):
        return told
    other = {"a": "b", "b": "a"}
    return {other.get(key, key): swapped(value) for key, value in told.items()}


@given(members())
def test_another_order_swaps_the_sides_and_nothing_else(both: tuple[list[Row], list[Row]]) -> None:
    a, b = both
    told, turned = tell(a, b), swapped(tell(b, a))
    for one in (told, turned):
        one["ratings"]["grid"].sort(key=lambda cell: (cell["a"], cell["b"]))
    kinder = turned["ratings"].pop("kinder")
    assert {"a": "b", "b": "a", None: None}[kinder] == told["ratings"].pop("kinder")
    assert turned == told


# ── Which films are the same ──────────────────────────────────────────────────────────────────
def test_a_link_of_either_generation_meets_one_of_the_other() -> None:
    short, slug = film(1, letterboxd_uri=LINKS[0]), film(2, letterboxd_uri=LINKS[2])
    assert paired([movie(7, short)], [movie(9, slug)]) == {(7, 9)}
    assert paired([movie(9, slug)], [movie(7, short)]) == {(9, 7)}


@pytest.mark.parametrize("links", [LINKS[:2], LINKS[2:]])
def test_twins_stay_two_films(links: list[str]) -> None:
    one, other = (film(number, letterboxd_uri=link) for number, link in enumerate(links))
    assert paired([movie(1, one)], [movie(1, other)]) == set()
    assert paired([movie(1, one), movie(2, other)], [movie(1, other), movie(2, one)]) == {(1, 2), (2, 1)}


def test_of_several_of_one_title_the_first_meets_the_first() -> None:
    shorts = [movie(n + 1, film(n, letterboxd_uri=LINKS[n])) for n in (0, 1)]
    slugs = [movie(n, film(n, letterboxd_uri=LINKS[n])) for n in (2, 3)]
    assert paired(shorts, slugs) == {(1, 2), (2, 3)}
    assert paired(shorts, slugs[:1]) == {(1, 2)}


def test_a_film_without_a_link_meets_one_with_a_link_that_no_other_link_met() -> None:
    unlinked, short = movie(1, film(1)), movie(2, film(2, letterboxd_uri=LINKS[0]))
    slug = movie(5, film(3, letterboxd_uri=LINKS[2]))
    assert paired([unlinked, short], [slug]) == {(2, 5)}
    assert paired([unlinked], [slug]) == {(1, 5)}


def test_a_film_of_tmdb_is_one_film_whatever_it_is_called() -> None:
    a, b = movie(1, known(1, "Le Samouraï", tmdb_id=5)), movie(1, known(2, "The Samurai", tmdb_id=5))
    assert paired([a], [b]) == {(1, 1)}


@pytest.mark.parametrize("other", [{"state": "ambiguous"}, {"media_type": "tv"}])
def test_a_film_that_may_be_another_one_is_not_the_same_by_tmdb(other: Row) -> None:
    a, b = movie(1, known(1, "Le Samouraï", tmdb_id=5)), movie(1, known(2, "The Samurai", tmdb_id=5, **other))
    assert paired([a], [b]) == set()


def test_each_film_meets_one_film_at_most() -> None:
    twice = [movie(1, known(1, tmdb_id=5)), movie(2, known(2, "Alpha!", tmdb_id=5))]
    assert paired(twice, [movie(1, known(1, tmdb_id=5))]) == {(1, 1)}
    assert paired(twice, [movie(1, known(2, "Alpha!", tmdb_id=5))]) == {(2, 1)}


def test_another_year_is_another_film_and_none_is_the_same_as_none() -> None:
    assert paired([movie(1, film(1, year=1999))], [movie(1, film(2, year=2000))]) == set()
    assert paired([movie(1, film(1, year=None))], [movie(1, film(2, title="ALPHA", year=None))]) == {(1, 1)}


# ── How well tastes match ─────────────────────────────────────────────────────────────────────
def test_half_a_star_apart_on_average_is_three_quarters() -> None:
    match = tell(*rated(*[(4.0, 3.5)] * 40))["match"]
    assert (match["difference"], match["percent"]) == (0.5, 75)


@pytest.mark.parametrize(("films", "percent"), [(9, None), (10, 100)])
def test_of_fewer_than_ten_films_there_is_no_match(films: int, percent: int | None) -> None:
    match = tell(*rated(*[(4.0, 4.0)] * films, (None, 2.0), (3.0, None)))["match"]
    assert (match["films"], match["percent"]) == (films, percent)


def test_two_stars_apart_and_more_is_no_match_at_all() -> None:
    assert tell(*rated(*[(5.0, 3.0)] * 10))["match"]["percent"] == 0
    assert tell(*rated(*[(5.0, 0.5)] * 10))["match"]["percent"] == 0


def test_a_half_is_rounded_to_the_even_one() -> None:
    """Of 200 films twenty half a star apart give 97.5, sixty 92.5."""
    percents = [
        tell(*rated(*[(4.0, 3.5)] * apart, *[(4.0, 4.0)] * (200 - apart)))["match"]["percent"] for apart in (20, 60)
    ]
    assert percents == [98, 92]


def test_ten_ratings_that_are_all_the_same_are_not_sure() -> None:
    match = tell(*rated(*[(4.0, 4.0)] * 10))["match"]
    assert (match["from"], match["to"], match["confidence"]) == (91, 100, "fairly_sure")
    assert tell(*rated(*[(4.0, 4.0)] * 100))["match"]["confidence"] == "sure"


def test_chance_is_what_the_same_ratings_would_give_on_any_film() -> None:
    """One rates everything 4; the other half of all 2 and half 4, whatever the film: 1 star apart on average."""
    match = tell(*rated(*[(4.0, 2.0), (4.0, 4.0)] * 10))["match"]
    assert match["by_chance"] == {"difference": 1.0, "percent": 50}
    alike = tell(*rated(*[(2.0, 2.0), (4.0, 4.0)] * 10))["match"]
    assert (alike["percent"], alike["by_chance"]["percent"]) == (100, 50)


@pytest.mark.parametrize(
    ("freedom", "percentile"), [(9, 2.262157), (10, 2.228139), (19, 2.093024), (29, 2.045230), (99, 1.984217)]
)
def test_the_percentiles_of_student_are_those_of_the_tables(freedom: int, percentile: float) -> None:
    assert taste.student(freedom) == pytest.approx(percentile, abs=0.0005)
    assert compare_by_hand.student(freedom) == pytest.approx(percentile, abs=0.000001)


def test_averages_are_of_what_both_rated_alone() -> None:
    told = tell(*rated((5.0, 4.0), (4.0, 4.5), (0.5, None), (None, 0.5)))["ratings"]
    assert told["average"] == {"a": 4.5, "b": 4.25}
    assert (told["films"], told["higher"], told["same"], told["kinder"]) == (2, {"a": 1, "b": 1}, 0, "a")
    assert taste.average(25, 4) == 3.12 == float(Fraction(312, 100))


# ── What is listed ────────────────────────────────────────────────────────────────────────────
def test_nothing_and_nothing_have_nothing_in_common() -> None:
    told = tell([], [])
    assert told["overlap"] == {
        **{"films": {"a": 0, "b": 0}, "both": 0, "all": 0},
        **{"percent": {"a": None, "b": None}, "percent_of_all": None},
    }
    assert told["ratings"]["average"] == {"a": None, "b": None}
    assert told["genres"] == {"shared": 0, "top": []}


def test_the_best_agreement_is_that_with_the_better_worse_rating() -> None:
    told = tell(*rated((5.0, 4.0), (4.5, 4.5), (4.5, 5.0), (5.0, 3.5)))["agreements"]
    assert [row["a"]["title"] for row in told["top"]] == ["Film 002", "Film 001", "Film 000"]
    assert told["films"] == 3


def test_a_quarrel_begins_at_a_star_and_a_half() -> None:
    told = tell(*rated((5.0, 4.0), (4.0, 2.5), (1.0, 4.5), (3.0, 3.0)))["quarrels"]
    assert [(row["a"]["rating"], row["b"]["rating"]) for row in told["top"]] == [(1.0, 4.5), (4.0, 2.5)]


def test_what_one_should_see_is_what_the_other_loves_and_one_has_not_seen() -> None:
    films = [film(number, f"Film {number}") for number in range(6)]
    told = [(4.5, False), (4.0, True), (4.0, False), (3.5, True), (None, True), (5.0, False)]
    b = [movie(n + 1, films[n], rating=rating, liked=liked) for n, (rating, liked) in enumerate(told)]
    found = tell([movie(1, films[5])], b)["to_see"]
    assert [one["title"] for one in found["a"]["top"]] == ["Film 0", "Film 1"]
    assert found["b"] == {"films": 0, "top": []}


def test_people_are_ordered_by_whoever_saw_fewer_films_of_them() -> None:
    ana, bo = ({"id": id_, "name": name} for id_, name in ((2, "Ana"), (1, "Bo")))
    films = [known(n, f"Film {n}", tmdb_id=n, directors=[ana if n < 5 else bo]) for n in range(1, 8)]
    a = [movie(n, films[n - 1], rating=4.0) for n in (1, 2, 3, 4, 5, 6)]
    b = [movie(n, films[n - 1]) for n in (1, 5, 6, 7)]
    found = tell(a, b)["directors"]
    assert [(row["name"], row["a"]["films"], row["b"]["films"]) for row in found["top"]] == [
        ("Bo", 2, 3),
        ("Ana", 4, 1),
    ]
    assert found["top"][0]["a"] == {"films": 2, "rated": 2, "average_rating": 4.0}
    assert found["top"][0]["b"] == {"films": 3, "rated": 0, "average_rating": None}
