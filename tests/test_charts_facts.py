"""The sections that stand on TMDB's facts, and the words for films without them: with all, with some, with nothing."""

from typing import Any

import pytest

from movies_app import chart_countries, chart_facts
from movies_app import chart_words as words
from tests.chart_numbers import Numbers, known, nothing, person, sample
from tests.test_charts import page_of

NO_TITLES: dict[str, list[str]] = {"unmatched": [], "ambiguous": []}


def facts_of(numbers: Numbers, *, is_filling: bool = False) -> Any:
    return page_of(numbers, is_filling=is_filling).facts


# ── Sections ──────────────────────────────────────────────────────────────────────────────────
def test_each_headline_says_the_finding_and_each_section_its_coverage() -> None:
    facts = facts_of(known())
    assert [
        (section.headline, section.coverage)
        for section in (facts.time, facts.genres, facts.countries, facts.directors.section)
    ] == [
        ("2,854 hours of film", "1,540 of 1,600 films have a running time"),
        ("Genre 0 leads, with 40 films", "684 of 1,600 films have a genre"),
        ("United States leads, with 612 films", "924 of 1,600 films have a country"),
        ("Ana Lima, 12 films", "1,550 of 1,600 films have a director"),
    ]
    assert facts.time.note.startswith("That is 119 days and nights. A film lasts 1 h 48 min on average.")


def test_the_first_are_drawn_and_all_stand_in_the_table() -> None:
    genres = facts_of(known()).genres
    assert (len(genres.rows), len(genres.table.rows)) == (10, 24)
    assert facts_of(known()).countries.table is None


@pytest.mark.parametrize(
    ("top", "headline"),
    [
        ([person(1, "Ana Lima", 3), person(2, "Ana Lima", 3)], "2 directors share the lead"),
        ([person(1, "Ana Lima", 1), person(2, "Bo Ek", 1)], "No director seen twice yet"),
        ([person(1, "Ana Lima", 1)], "No director seen twice yet"),
    ],
)
def test_of_several_that_lead_none_is_named(top: list[Numbers], headline: str) -> None:
    numbers = known() | {"directors": {"films": 9, "distinct": len(top), "most_seen": top, "best_rated": []}}
    assert facts_of(numbers).directors.section.headline == headline


@pytest.mark.parametrize(
    ("minutes", "tile", "headline"),
    [
        (171_240, ("2,854", "hours watched"), "2,854 hours of film"),
        (75, ("1", "hour watched"), "1 hour of film"),
        (12, ("12", "minutes watched"), "12 minutes of film"),
    ],
)
def test_little_time_is_told_in_minutes(minutes: int, tile: tuple[str, str], headline: str) -> None:
    numbers = known() | {"runtimes": {"films": 1, "watched_minutes": minutes, "average": 12.0}}
    page = page_of(numbers)
    assert (page.tiles[1].value, page.tiles[1].label) == tile
    assert facts_of(numbers).time.headline == headline


# ── With little or nothing ────────────────────────────────────────────────────────────────────
def test_without_facts_there_are_no_sections_and_no_numerals_of_theirs() -> None:
    assert facts_of(sample()) is None
    assert not any(tile.key for tile in page_of(sample()).tiles)


def test_while_films_are_looked_up_there_is_room_for_everything() -> None:
    page = page_of(nothing(), is_filling=True)
    assert page.facts is not None
    assert all(section.empty for section in (page.facts.time, page.facts.genres, page.facts.directors.section))
    assert [(tile.key, tile.value) for tile in page.tiles if tile.key] == [
        *(("hours", "–"), ("countries", "–"), ("directors", "–"))
    ]


def test_facts_that_tell_nothing_say_so() -> None:
    numbers = sample()
    numbers["coverage"]["films_with_facts"] = 3
    facts = facts_of(numbers)
    assert "TMDB tells nothing of the kind" in facts.genres.empty == facts.time.empty


# ── Films without facts ───────────────────────────────────────────────────────────────────────
def standing(why: str = "", **counts: int) -> Any:
    known: dict[str, Any] = dict.fromkeys(("found", "unmatched", "ambiguous", "waiting"), 0) | counts
    return chart_facts.standing(**known, why=why, titles=NO_TITLES)


@pytest.mark.parametrize(
    ("counts", "quiet"),
    [
        ({"found": 1600}, "All 1,600 films have film facts."),
        ({"found": 1}, "The one film has film facts."),
    ],
)
def test_where_nothing_is_amiss_a_line_says_so(counts: dict[str, int], quiet: str) -> None:
    assert standing("", **counts) == chart_facts.Standing(quiet=quiet)


@pytest.mark.parametrize("why", ["off", "wrong_token", "unreachable", "done", ""])
def test_films_that_wait_are_told_with_the_reason_and_without_alarm(why: str) -> None:
    some, none = standing(why, found=900, waiting=700), standing(why, waiting=700)
    assert some.headline == none.headline
    assert "Nothing is wrong with the upload" in none.texts[0]
    assert (some.texts[1:], none.texts[1:]) == (("900 of 1,600 films have film facts.",), ())


def test_a_look_that_ended_well_has_no_reason_to_tell() -> None:
    assert standing("unreachable", found=900).quiet


def test_a_list_is_folded_to_its_first_titles() -> None:
    titles = {"unmatched": ["A (1999)", "B"], "ambiguous": ["C (2001)"]}
    told = chart_facts.standing(found=10, unmatched=1_202, ambiguous=1, waiting=0, why="", titles=titles)
    assert told.headline == "10 of 1,212 films have film facts"
    assert [(one.text, one.titles, one.more) for one in told.lists] == [
        ("1,202 films are not in TMDB, so nothing more is known.", ("A (1999)", "B"), "1,200"),
        ("1 film has namesakes in TMDB; the likeliest was taken.", ("C (2001)",), ""),
    ]


# ── Words ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((0, "a few seconds left"), (9.9, "a few seconds left"), (10, "about 10 seconds left")),
        *((41, "about 50 seconds left"), (50.1, "about 1 minute left"), (89, "about 1 minute left")),
        *((91, "about 2 minutes left"), (5_400, "about 90 minutes left")),
    ],
)
def test_what_is_left_is_told_roughly(seconds: float, said: str) -> None:
    assert words.left(seconds) == said


def test_progress_is_ready_for_a_bar() -> None:
    assert chart_facts.progress(done=1_204, total=1_600, seconds=22.6) == chart_facts.Progress(
        done="1204", total="1600", seconds="23", text="1,204 of 1,600 films looked up", rest="about 30 seconds left"
    )


@pytest.mark.parametrize(("minutes", "written"), [(107.6, "1 h 48 min"), (60, "1 h"), (7, "7 min"), (3_000, "50 h")])
def test_a_length_is_written_in_hours_and_minutes(minutes: float, written: str) -> None:
    assert words.length(minutes) == written


@pytest.mark.parametrize(("code", "name"), [("FR", "France"), ("SU", "Soviet Union"), ("ZZ", "ZZ")])
def test_a_country_is_named_or_its_code_stands(code: str, name: str) -> None:
    assert chart_countries.name(code) == name
