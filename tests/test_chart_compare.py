"""The comparison as a value: what it says of a match, how it calls whom, where its bars and squares stand."""

from typing import Any

import pytest

from movies_app import chart_compare
from movies_app.chart_compare import Page
from movies_app.scope import Links
from tests.test_compare import PEOPLE, known, movie, rated, tell

LINKS = {"a": Links("/stats/1"), "b": Links("/stats/2")}


def page_of(told: dict[str, Any], *, a: str = "Ada", b: str = "Bo") -> Page:
    return chart_compare.page_of(told, names={"a": a, "b": b}, links=LINKS)


@pytest.mark.parametrize(
    ("ratings", "headline"),
    [
        ([(5.0, 5.0), (1.0, 1.0)] * 20, "A taste in common"),
        ([(4.0, 3.0), (3.0, 4.0)] * 20, "Tastes that part"),
        ([(4.0, 4.0)] * 40, "Hard to tell from chance"),
        ([(4.0, 4.0)] * 9, "Too little in common to tell"),
    ],
)
def test_the_verdict_is_against_chance(ratings: list[tuple[float | None, float | None]], headline: str) -> None:
    page = page_of(tell(*rated(*ratings)))
    assert page.match.headline == headline
    assert bool(page.match.value) == (len(ratings) >= 10)


def test_who_has_no_name_is_called_one_member_and_the_other() -> None:
    told = tell(*rated((5.0, 1.0), (4.0, 1.0)))
    page = page_of(told, a="", b="")
    assert (page.title, [member.name for member in page.members]) == ("Two members", ["One member", "The other member"])
    assert page.higher is not None
    assert page.higher.headline == "One member rates higher"
    assert [part.label for part in page.overlap.parts] == ["only one member", "both", "only the other member"]
    assert page_of(told, a="Ada", b="").title == "Ada and the other member"


def test_squares_stand_right_for_the_one_and_up_for_the_other() -> None:
    page = page_of(tell(*rated((5.0, 0.5), (5.0, 0.5), (0.5, 0.5), (0.5, 5.0))))
    assert page.picture is not None
    shades = {(cell.x, cell.y): cell.shade for cell in page.picture.cells}
    assert len(shades) == 100
    lit = {place: shade for place, shade in shades.items() if shade != "shade-0"}
    assert lit == {("90", "90"): "shade-5", ("0", "90"): "shade-3", ("0", "0"): "shade-3"}
    first = page.picture.table.rows[0]
    assert (first.name, first.cells) == ("5", ("½", "2"))


def test_bars_of_both_grow_from_the_middle() -> None:
    films = [known(n, f"Film {n}", tmdb_id=n, directors=[PEOPLE[0]]) for n in (1, 2)]
    page = page_of(tell([movie(1, films[0]), movie(2, films[1])], [movie(1, films[0])]))
    (directors,) = page.shared
    (row,) = directors.rows
    assert (row.name, row.a.x, row.a.width, row.b.x, row.b.width) == ("Name 0", "0%", "49.5%", "50.5%", "24.75%")
    assert (row.a.url, row.b.url) == ("/stats/1/films?director=1", "/stats/2/films?director=1")
    assert page.coverage == ""


def test_without_facts_one_sentence_says_so() -> None:
    page = page_of(tell(*rated((5.0, 5.0))))
    assert (page.shared, page.has_posters) == ((), False)
    assert "stand on film facts" in page.without_facts
