"""docs/statistics.md: its example is imported, and every answer in it is the service's."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from movies_app import stats
from movies_app.keeping import Subject
from movies_app.scope import Scope
from tests.test_stats import compute, store

DOC = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text(encoding="utf-8")
TABLES = {
    path: text.replace("\n", "\r\n").encode()
    for path, text in re.findall(r"^```csv (\S+)\n(.*?)^```", DOC, re.M | re.S)
}


def block(name: str) -> Any:
    return json.loads(re.findall(rf"^```{name}\n(.*?)^```", DOC, re.M | re.S)[0])


KNOWN: dict[str, dict[str, Any]] = block("tmdb")
PARTS = {int(id_): parts for id_, parts in block("collections").items()}
# Each example as the number's name, what is asked, and the answer.
EXAMPLES = [
    (name, dict(pair.split("=") for pair in asked.split()), json.loads(text))
    for name, asked, text in re.findall(r"^```json (\S+)((?: \w+=\w+)*)\n(.*?)^```", DOC, re.M | re.S)
]
EXPLAINED = set(re.findall(r"`([a-z_.]+)(?:=\w+)?`", re.sub(r"^```.*?^```", "", DOC, flags=re.M | re.S)))
PARAMETERS = {field.name for field in fields(Scope)}
FILM = {"position", "title", "year", "rating", "letterboxd_uri", "poster_url"}
# One explanation and two examples stand for all six, which differ in nothing but their source.
PEOPLE = {"directors", "actors", "writers", "cinematographers", "composers", "editors"}
OF_PEOPLE = {"films", "distinct", "most_seen", "best_rated", "name", "film"}
# Explained by what they consist of: under its own name, or with that of the number before it.
IN_PARTS = {"ratings", "streaks", "releases", "rewatches", "tags", "reviews"}
WITH_PREFIX = {
    *("coverage", "overview", "year_on_year", "runtimes", "against_tmdb", "extremes", "collections"),
    *("genres", "countries", "languages", "studios", "keywords"),
}


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


def answer_to(session_id: UUID, name: str, asked: dict[str, str]) -> Any:
    """Return what the service answers to the parameters of an address, a number or a ranking."""
    params: dict[str, Any] = {key: value == "true" or int(value) for key, value in asked.items() if key != "by"}
    scope = Scope(**params)
    if name.startswith("rankings/"):
        kind = name.removeprefix("rankings/")
        return stats.ranking(Subject(session_id, "completed"), scope=scope, kind=kind, by=asked["by"])
    return stats.compute(session_id=session_id, scope=scope)[name]


@pytest.fixture
def session_id(db: None) -> UUID:
    """Store the documented export."""
    return store(TABLES, facts=lambda title, _: KNOWN.get(title), collections=PARTS)


def test_the_documented_tables_are_those_of_an_export() -> None:
    assert [*TABLES] == ["watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv"]


def test_each_documented_answer_is_the_services(session_id: UUID) -> None:
    for name, asked, example in EXAMPLES:
        if name == "film":
            assert example in answer_to(session_id, "best_rated", asked)
        else:
            assert shortened(with_titles(answer_to(session_id, name, asked)), example) == example, (name, asked)


def test_each_number_and_each_parameter_has_an_example(session_id: UUID) -> None:
    shown = {name for name, *_ in EXAMPLES}
    assert compute(session_id).keys() - shown - PEOPLE == {"year"}
    assert "directors" in shown
    assert len(shown & PEOPLE) >= 2
    assert {"rankings/directors", "rankings/tags"} <= shown
    assert {key for _, asked, _ in EXAMPLES for key in asked} == PARAMETERS | {"by"}


def test_each_number_and_each_parameter_is_explained(session_id: UUID) -> None:
    told = compute(session_id)
    wanted = (told.keys() - IN_PARTS - WITH_PREFIX) | OF_PEOPLE | {*stats.KINDS} | {*told["filters"]}
    for name in IN_PARTS | WITH_PREFIX:
        keys = told[name][0] if name == "year_on_year" else told[name]
        wanted |= {f"{name}.{key}" if name in WITH_PREFIX else key for key in keys}
    wanted |= {f"drift.{key}" for key in told["rewatches"]["drift"]}
    wanted |= {f"rankings.{key}" for key in answer_to(session_id, "rankings/tags", {"by": "films"})}
    wanted |= {*told["against_tmdb"]["above"][0], *told["collections"]["almost"][0], "minutes", "votes"}
    assert wanted - EXPLAINED - {"year_on_year.year", "drift", "id"} == set()
