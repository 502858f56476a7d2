"""docs/statistics.md: its example is imported, and every answer in it is the service's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from movies_app import stats
from tests.test_stats import store

DOC = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text(encoding="utf-8")
TABLES = {
    path: text.replace("\n", "\r\n").encode()
    for path, text in re.findall(r"^```csv (\S+)\n(.*?)^```", DOC, re.M | re.S)
}
KNOWN: dict[str, dict[str, Any]] = json.loads(re.findall(r"^```tmdb\n(.*?)^```", DOC, re.M | re.S)[0])
EXAMPLES = re.findall(r"^```json (\S+)(?: year=(\d{4}))?\n(.*?)^```", DOC, re.M | re.S)
FILM = {"position", "title", "year", "rating", "letterboxd_uri"}
SECTIONS = (
    *("coverage", "overview", "ratings", "streaks", "releases", "rewatches", "tags", "reviews"),
    *("runtimes", "genres", "countries", "directors"),
)
PREFIXED = {"coverage", "overview", "runtimes", "genres", "countries", "directors"}


def with_titles(answer: Any) -> Any:
    """Put the title in the place of each film."""
    if isinstance(answer, list):
        return [with_titles(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return answer["title"] if answer.keys() == FILM else {key: with_titles(one) for key, one in answer.items()}


def shortened(answer: Any, example: Any) -> Any:
    """Leave out of a list what the example leaves out."""
    if not isinstance(example, list) or "…" not in example:
        return answer
    before = example.index("…")
    after = len(example) - before - 1
    return [*answer[:before], "…", *answer[len(answer) - after :]]


@pytest.fixture
def numbers(db: None) -> dict[str, dict[str, Any]]:
    """Return the numbers of the documented export, of all years and of each, by the year as text."""
    session_id = store(TABLES, facts=lambda title, _: KNOWN.get(title))
    return {year: stats.compute(session_id=session_id, year=int(year) if year else None) for year in ("", "2024")}


def test_the_documented_tables_are_those_of_an_export() -> None:
    assert [*TABLES] == ["watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv"]


def test_each_documented_answer_is_the_services(numbers: dict[str, dict[str, Any]]) -> None:
    for name, year, text in EXAMPLES:
        example = json.loads(text)
        if name == "film":
            assert example in numbers[year]["best_rated"]
        else:
            assert shortened(with_titles(numbers[year][name]), example) == example, (name, year)


def test_each_number_has_an_example(numbers: dict[str, dict[str, Any]]) -> None:
    assert numbers[""].keys() - {name for name, year, _ in EXAMPLES if not year} == {"year"}


def test_each_number_is_explained(numbers: dict[str, dict[str, Any]]) -> None:
    explained = set(re.findall(r"`([a-z_.]+)`", re.sub(r"^```.*?^```", "", DOC, flags=re.M | re.S)))
    wanted = set(numbers[""]) - set(SECTIONS) - {"year"}
    for name in SECTIONS:
        prefix = f"{name}." if name in PREFIXED else ""
        wanted |= {f"{prefix}{key}" for key in numbers[""][name]} - {"drift"}
    wanted |= {f"drift.{key}" for key in numbers[""]["rewatches"]["drift"]}
    assert wanted - explained == set()
