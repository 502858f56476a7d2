"""The numbers that stand on TMDB's facts, at their edges; and that facts too old to be shown count for nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from movies_app.models import FACTS_LIFETIME, Collection, Film
from tests.builders import DIARY, RATINGS, WATCHED, make_csv
from tests.film_facts import Collections
from tests.test_stats import by_hand, compute, store

pytestmark = pytest.mark.django_db

Told = dict[str, Any]


def export(names: str, rated: dict[str, str], seen: dict[str, list[str]]) -> dict[str, bytes]:
    """Return an export of films that were marked on one day, so that their order is that of their names."""
    links = {name: (name, "1999", f"https://boxd.it/{name}") for name in names.split()}
    entries = [(name, day, number) for name, days in seen.items() for number, day in enumerate(days)]
    return {
        "watched.csv": make_csv(WATCHED, [("2024-01-01", *link) for link in links.values()]),
        "ratings.csv": make_csv(RATINGS, [("2024-01-01", *links[name], rating) for name, rating in rated.items()]),
        "diary.csv": make_csv(
            DIARY,
            [(day, name, "1999", f"https://boxd.it/{name}{number}", "", "", "", day) for name, day, number in entries],
        ),
    }


def tell(
    names: str,
    facts: dict[str, Told],
    *,
    rated: dict[str, str] | None = None,
    seen: dict[str, list[str]] | None = None,
    collections: Collections | None = None,
    **scope: Any,
) -> Told:
    """Return the numbers of a few films; those by hand must be the same."""
    files = export(names, rated or {}, seen or {})

    def facts_of(title: str, _: int | None) -> Told | None:
        return facts.get(title)

    told = compute(store(files, facts=facts_of, collections=collections or {}), **scope)
    assert told == by_hand(files, facts=facts_of, collections=collections or {}, **scope)
    return told


def titles(rows: list[Told]) -> list[str]:
    return [row["film"]["title"] for row in rows]


def person(id_: int, name: str = "Ana Lima", **job: str) -> Told:
    return {"id": id_, "name": name} | job


# ── What is known ─────────────────────────────────────────────────────────────────────────────
def test_a_film_takes_its_time_at_each_viewing_and_once_where_none_is_known() -> None:
    facts, seen = {"A": {"runtime": 100}, "B": {"runtime": 61}, "C": {}}, {"A": ["2023-01-01", "2024-01-01", ""]}
    assert tell("A B C D", facts, seen=seen)["runtimes"] == {"films": 2, "watched_minutes": 361, "average": 80.5}
    assert tell("A B", facts, seen=seen, year=2024)["runtimes"] == {
        **{"films": 1, "watched_minutes": 100, "average": 100.0}
    }


def test_facts_that_hold_nothing_are_known_and_cover_no_number() -> None:
    told = tell("A B", {"A": {}})
    assert told["coverage"]["films_with_facts"] == 1
    kinds = ("runtimes", "genres", "countries", "languages", "studios", "keywords", "directors", "actors", "writers")
    assert {told[name]["films"] for name in (*kinds, "against_tmdb", "collections")} == {0}
    assert titles(told["extremes"]["least_known"]) == ["A"]


@pytest.mark.parametrize(("age", "films"), [(FACTS_LIFETIME - timedelta(minutes=1), 3), (FACTS_LIFETIME, 0)])
def test_facts_count_until_they_are_too_old_to_be_shown(age: timedelta, films: int) -> None:
    files = export("A B C D", {"A": "3"}, {"A": ["2024-01-01"]})
    facts = {"runtime": 30, "media_type": "tv", "poster_path": "/poster.jpg"}
    session_id = store(files, facts=lambda title, _: facts if title < "D" else None)
    Film.objects.exclude(fetched_at=None).update(fetched_at=timezone.now() - age)
    told = compute(session_id)
    assert told["coverage"]["films_with_facts"] == films
    assert compute(session_id, without_tv=True)["overview"]["films"] == 4 - films
    if not films:
        assert told == by_hand(files)


def test_a_film_is_told_with_its_poster() -> None:
    told = tell("A B", {"A": {"poster_path": "/poster.jpg"}, "B": {}}, rated={"A": "5", "B": "4"})
    assert [film["poster_url"] for film in told["best_rated"]] == ["https://image.tmdb.org/t/p/w342/poster.jpg", None]


def test_a_largest_upload_of_the_longest_films_is_counted_whole() -> None:
    rows = [("2024-01-02", "A", "1999", f"https://boxd.it/{n:x}", "", "", "", "2024-01-01") for n in range(80_000)]
    session_id = store({"diary.csv": make_csv(DIARY, rows)}, facts=lambda *_: {"runtime": 32_767})
    told = compute(session_id)
    assert told["runtimes"]["watched_minutes"] == told["year_on_year"][0]["watched_minutes"] == 80_000 * 32_767


# ── Without TV, without shorts ────────────────────────────────────────────────────────────────
KINDS_OF_FILM: dict[str, Told] = {
    "Short": {"runtime": 40},
    "Feature": {"runtime": 41},
    "Series": {"runtime": 30, "media_type": "tv"},
    "Timeless": {"runtime": None},
}


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ({}, {"Short", "Feature", "Series", "Timeless", "Unknown"}),
        ({"without_shorts": True}, {"Feature", "Series", "Timeless", "Unknown"}),
        ({"without_tv": True}, {"Short", "Feature", "Timeless", "Unknown"}),
        ({"without_tv": True, "without_shorts": True}, {"Feature", "Timeless", "Unknown"}),
    ],
)
def test_shorts_are_films_of_forty_minutes_and_what_is_not_known_stays(scope: Told, left: set[str]) -> None:
    names = [*KINDS_OF_FILM, "Unknown"]
    told = tell(" ".join(names), KINDS_OF_FILM, rated=dict.fromkeys(names, "4"), **scope)
    assert {film["title"] for film in told["best_rated"]} == left
    assert told["filters"] == {"without_tv": False, "without_shorts": False, "rewatches_only": False} | scope | {
        "min_rated": 3
    }


def test_the_years_are_all_even_if_nothing_of_them_counts() -> None:
    seen = {"Series": ["2021-01-01"], "Short": ["2022-01-01"]}
    told = tell("Series Short", KINDS_OF_FILM, seen=seen, without_shorts=True)
    assert (told["years"], [line["year"] for line in told["by_year"]]) == ([2022, 2021], [2021])


# ── Genres, countries, people ─────────────────────────────────────────────────────────────────
def test_a_film_counts_for_each_of_its_genres_and_equals_go_by_average_then_name() -> None:
    facts = {"A": {"genres": ["Drama", "Comedy", "War", "Ænima"]}, "B": {"genres": ["Drama", "War"]}}
    facts |= {"C": {"genres": ["Horror", "Action"]}}
    told = tell("A B C", facts, rated={"A": "3", "B": "4"})["genres"]
    assert (told["films"], told["best_rated"]) == (3, [])
    assert [tuple(row.values()) for row in told["all"]] == [
        *(("Drama", 2, 2, 3.5), ("War", 2, 2, 3.5), ("Comedy", 1, 1, 3.0), ("Ænima", 1, 1, 3.0)),
        *(("Action", 1, 0, None), ("Horror", 1, 0, None)),
    ]


def test_best_rated_needs_so_many_rated_films_and_of_equals_the_one_with_more() -> None:
    languages = {"A": ["en", "fr", "ja"], "B": ["en", "fr", "ja"], "C": ["fr", "ja"], "D": ["ja"], "E": ["de"]}
    facts = {name: {"languages": codes} for name, codes in languages.items()}
    rated = {"A": "4", "B": "4", "C": "4", "E": "5"}
    for least, codes in ((1, ["de", "ja", "fr", "en"]), (2, ["ja", "fr", "en"]), (3, ["ja", "fr"]), (4, [])):
        told = tell("A B C D E", facts, rated=rated, min_rated=least)["languages"]
        assert [row["language"] for row in told["best_rated"]] == codes
        assert [row["language"] for row in told["all"]] == ["ja", "fr", "en", "de"]


def test_two_people_of_one_name_are_two_and_one_of_two_spellings_is_one() -> None:
    facts = {
        "A": {"directors": [person(1), person(2)]},
        "B": {"directors": [person(2, "Ana L.")]},
        "C": {"directors": [person(2, "A. Lima")]},
    }
    told = tell("A B C", facts, rated={"A": "3", "B": "4", "C": "4"})["directors"]
    assert (told["films"], told["distinct"]) == (3, 2)
    assert [(one["id"], one["name"], one["films"], one["film"]["title"]) for one in told["most_seen"]] == [
        (2, "Ana L.", 3, "B"),  # as it stands in their best film
        (1, "Ana Lima", 1, "A"),
    ]


def test_who_has_two_jobs_on_a_film_counts_once_for_each_role() -> None:
    crew = [person(1, job=job) for job in ("Novel", "Screenplay", "Editor")] + [person(2, job="Director")]
    told = tell("A", {"A": {"crew": crew, "cast": [person(1)], "directors": [person(1)]}}, rated={"A": "4"})
    for role in ("writers", "editors", "actors", "directors"):
        assert [(one["id"], one["films"], one["rated"]) for one in told[role]["most_seen"]] == [(1, 1, 1)]
    assert (
        told["composers"]
        == told["cinematographers"]
        == {
            **{"films": 0, "distinct": 0, "most_seen": [], "best_rated": []},
        }
    )


def test_an_unrated_film_stands_for_a_person_only_where_no_other_does() -> None:
    facts = {name: {"cast": [person(1)]} for name in "AB"} | {name: {"cast": [person(2)]} for name in "CD"}
    told = tell("A B C D", facts, rated={"B": "0.5"})["actors"]["most_seen"]
    assert [(one["id"], one["film"]["title"]) for one in told] == [(1, "B"), (2, "C")]


def test_lists_by_facts_end_where_the_docs_say() -> None:
    names = [f"A{number:02d}" for number in range(25)]
    facts = {
        name: {
            **{"runtime": 60 + n, "vote_count": 50 + n, "vote_average": 2.0 if n % 2 else 9.0, "genres": [name]},
            **{"studios": [name], "keywords": [name], "cast": [person(n)], "tmdb_id": n},
            "collection": {"id": n // 2, "name": "Pair"},
        }
        for n, name in enumerate(names, 1)
    }
    parts: Collections = {
        n // 2: [{"id": id_, "title": "Part", "release_date": "1999-01-01"} for id_ in (n, n + 1)]
        for n in range(2, 25, 2)
    }
    told = tell(" ".join(names), facts, rated=dict.fromkeys(names, "3"), collections=parts, min_rated=1)
    assert [len(told["genres"][name]) for name in ("all", "best_rated")] == [25, 20]
    for kind in ("studios", "keywords", "actors"):
        assert [len(told[kind][name]) for name in ("most_seen", "best_rated")] == [20, 20]
    assert [len(told["against_tmdb"][name]) for name in ("above", "below")] == [10, 10]
    assert {len(rows) for rows in told["extremes"].values()} == {5}
    assert (len(told["collections"]["complete"]), told["collections"]["distinct"]) == (12, 13)


# ── Against TMDB ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("rating", "vote", "tmdb", "difference", "side"),
    [
        ("4", 7.11, 3.56, 0.44, "higher"),  # 3.555 and 0.445: each to the even one
        ("4", 7.13, 3.56, 0.44, "higher"),  # 3.565 and 0.435
        ("4.5", 8.03, 4.02, 0.48, "higher"),  # 4.015 and 0.485, though in binary 8.03 is a little less
        ("3.5", 7.0, 3.5, 0.0, "same"),
        ("3.5", 7.001, 3.5, 0.0, "lower"),
        ("3.5", 6.999, 3.5, 0.0, "higher"),
        ("0.5", 10.0, 5.0, -4.5, "lower"),
    ],
)
def test_a_rating_is_compared_exactly_and_told_with_two_decimals(
    rating: str, vote: float, tmdb: float, difference: float, side: str
) -> None:
    told = tell("A", {"A": {"vote_average": vote, "vote_count": 50}}, rated={"A": rating})["against_tmdb"]
    assert (told["films"], told["tmdb_average"], told["average_difference"]) == (1, tmdb, difference)
    assert {name: told[name] for name in ("higher", "lower", "same")} == {"higher": 0, "lower": 0, "same": 0, side: 1}
    rows = {"higher": told["above"], "lower": told["below"], "same": told["above"] + told["below"]}[side]
    assert [(row["tmdb"], row["difference"]) for row in rows] == ([(tmdb, difference)] if side != "same" else [])
    assert "-0.0" not in {str(told["average_difference"]), *(str(row["difference"]) for row in rows)}


@pytest.mark.parametrize(
    ("facts", "films"),
    [
        ({"vote_average": 7.0, "vote_count": 50}, 1),
        ({"vote_average": 7.0, "vote_count": 49}, 0),
        ({"vote_average": None, "vote_count": 50}, 0),
        ({"vote_average": 7.0, "vote_count": 50, "media_type": "tv"}, 1),
    ],
)
def test_of_tmdb_fifty_votes_are_asked_for(facts: Told, films: int) -> None:
    told = tell("A B", {"A": facts, "B": facts}, rated={"A": "3"})["against_tmdb"]
    assert (told["films"], told["lower"]) == (films, films)
    if not films:
        averages = {told[name] for name in ("member_average", "tmdb_average", "average_difference")}
        assert averages == {None}


def test_equal_differences_go_by_position_and_unequal_ones_are_not_rounded_before() -> None:
    votes = {"A": 6.0, "B": 6.0, "C": 5.999, "D": 9.0, "E": 9.001}
    facts = {name: {"vote_average": vote, "vote_count": 99} for name, vote in votes.items()}
    told = tell("A B C D E", facts, rated=dict.fromkeys("ABCDE", "4"))["against_tmdb"]
    assert (titles(told["above"]), titles(told["below"])) == (["C", "A", "B"], ["E", "D"])
    assert [row["difference"] for row in told["above"]] == [1.0, 1.0, 1.0]


# ── Extremes ──────────────────────────────────────────────────────────────────────────────────
def test_a_series_is_not_among_the_longest_and_may_be_the_most_known() -> None:
    facts: dict[str, Told] = {
        "A": {"runtime": 3_000, "media_type": "tv", "vote_count": 9},
        "B": {"runtime": 90},
        "C": {"runtime": 90},
    }
    told = tell("A B C D", facts)["extremes"]
    assert titles(told["longest"]) == titles(told["shortest"]) == ["B", "C"]
    assert [(row["film"]["title"], row["votes"]) for row in told["most_known"]] == [("A", 9), ("B", 0), ("C", 0)]
    assert titles(told["least_known"]) == ["B", "C", "A"]


# ── Collections ───────────────────────────────────────────────────────────────────────────────
def collected(parts: Collections, facts: dict[str, Told]) -> Told:
    told: Told = tell(" ".join(facts), facts, collections=parts)["collections"]
    return told


def part_of(id_: int, tmdb_id: int, **facts: Any) -> Told:
    return {"collection": {"id": id_, "name": f"Saga {id_}"}, "tmdb_id": tmdb_id} | facts


def parts(*days: str | None) -> list[Told]:
    """Return the parts of a collection, the films of 1, 2 and so on, by their days of release."""
    return [{"id": n, "title": f"Part {n}", "release_date": day} for n, day in enumerate(days, 1)]


def test_a_collection_is_complete_when_every_released_part_was_seen() -> None:
    told = collected(
        {7: parts("1999-01-01", "2001-01-01", "2999-01-01", None)}, {"A": part_of(7, 1), "B": part_of(7, 2)}
    )
    assert told == {
        **{"films": 2, "distinct": 1, "known": 1, "almost": []},
        "complete": [{"id": 7, "name": "Saga 7", "films": 2, "parts": 2}],
    }


@pytest.mark.parametrize(
    ("days", "missing"),
    [
        (["1999-01-01", "2001-01-01", "2003-01-01", "2002-06-30"], [("Part 4", 2002), ("Part 3", 2003)]),
        (["1999-01-01", "2001-01-01", "1998-01-01"], [("Part 3", 1998)]),
        (["1999-01-01", "2001-01-01", "2003-01-01", "2002-06-30", "2000-01-01"], None),  # three are missing
    ],
)
def test_a_collection_is_almost_complete_when_one_or_two_parts_are_missing(
    days: list[str], missing: list[tuple[str, int]] | None
) -> None:
    told = collected({7: parts(*days)}, {"A": part_of(7, 1), "B": part_of(7, 2)})
    assert told["complete"] == []
    assert [[(part["title"], part["year"]) for part in row["missing"]] for row in told["almost"]] == (
        [missing] if missing else []
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"A": part_of(7, 1)},  # one seen, one missing
        {"A": part_of(7, 1), "B": part_of(7, 1)},  # two entries of one film
        {"A": part_of(7, 1), "B": {"tmdb_id": 2, "media_type": "tv"}},  # a series with the id of a film
    ],
)
def test_one_part_alone_completes_nothing(facts: dict[str, Told]) -> None:
    told = collected({7: parts("1999-01-01", "2001-01-01")}, facts)
    assert (told["distinct"], told["known"], told["complete"], told["almost"]) == (1, 1, [], [])


def test_a_collection_of_one_part_and_one_of_unknown_parts_are_counted_and_not_listed() -> None:
    told = collected({7: parts("1999-01-01", "2999-01-01")}, {"A": part_of(7, 1), "B": part_of(8, 2)})
    assert told == {"films": 2, "distinct": 2, "known": 1, "complete": [], "almost": []}


@pytest.mark.parametrize(("age", "known"), [(FACTS_LIFETIME - timedelta(minutes=1), 1), (FACTS_LIFETIME, 0)])
def test_the_parts_of_a_collection_count_until_they_are_too_old_to_be_shown(age: timedelta, known: int) -> None:
    facts, released = {"A": part_of(7, 1), "B": part_of(7, 2)}, {7: parts("1999-01-01", "2001-01-01")}
    session_id = store(export("A B", {}, {}), facts=lambda title, _: facts[title], collections=released)
    Collection.objects.update(fetched_at=timezone.now() - age)
    told = compute(session_id)["collections"]
    assert (told["distinct"], told["known"], len(told["complete"])) == (1, known, known)


def test_a_film_completes_a_collection_though_its_own_facts_do_not_name_it() -> None:
    told = collected({7: parts("1999-01-01", "2001-01-01")}, {"A": part_of(7, 1), "B": {"tmdb_id": 2}})
    assert (told["films"], [row["films"] for row in told["complete"]]) == (1, [2])


# ── Year on year ──────────────────────────────────────────────────────────────────────────────
def test_a_year_is_told_by_what_was_seen_most_in_it_and_of_equals_by_the_better() -> None:
    facts = {
        "A": {"runtime": 100, "genres": ["War"], "countries": ["FR", "US"], "directors": [person(2)]},
        "B": {"runtime": 50, "genres": ["Drama"], "countries": ["FR"], "directors": [person(1)]},
    }
    seen = {"A": ["2023-01-01", "2023-02-01"], "B": ["2023-03-01", "2021-01-01"]}
    told = tell("A B", facts, rated={"A": "4"}, seen=seen)["year_on_year"]
    assert told == [
        {
            **{"year": 2023, "viewings": 3, "films": 2, "new_films": 1, "rewatches": 0, "watched_minutes": 250},
            **{"average_rating": 4.0, "genre": "War", "country": "FR", "director": {"id": 2, "name": "Ana Lima"}},
        },
        {
            **{"year": 2022, "viewings": 0, "films": 0, "new_films": 0, "rewatches": 0, "watched_minutes": 0},
            **{"average_rating": None, "genre": None, "country": None, "director": None},
        },
        {
            **{"year": 2021, "viewings": 1, "films": 1, "new_films": 1, "rewatches": 0, "watched_minutes": 50},
            **{"average_rating": None, "genre": "Drama", "country": "FR", "director": {"id": 1, "name": "Ana Lima"}},
        },
    ]
