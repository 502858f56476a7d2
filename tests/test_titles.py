"""Titles that are the same film's, and titles that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies_app.titles import normalise, normalise_all


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fast & Furious", "fast and furious"),
        ("8½", "8 1/2"),
        ("WALL·E", "WALL-E"),
        ("Amélie", "Amelie"),
        ("Amélie", "Ame\u0301lie"),
        ("Ødipus", "Odipus"),
        ("Schindler’s List", "Schindler's List"),
        ("Schindler's List", "Schindlers List"),
        ("Mission:  Impossible", "Mission: Impossible"),
        ("Stra\u00dfe", "STRASSE"),
    ],
)
def test_spelling_does_not_tell_films_apart(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("?!", "!!"), ("弟弟", "哥哥"), ("1917", "1971"), ("Солярис", "Сталкер"), ("$", "€")]
)
def test_other_films_stay_other_films(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_title_of_punctuation_alone_keeps_itself() -> None:
    assert normalise("?!") == "?!"


def test_a_key_is_short_enough_for_an_index() -> None:
    assert len(normalise("\ufdfa" * 500).encode()) < 2_704


@given(st.lists(st.text(max_size=20), max_size=5))
def test_many_titles_have_the_keys_that_each_has(texts: list[str]) -> None:
    assert normalise_all(texts) == [normalise(text) for text in texts]
