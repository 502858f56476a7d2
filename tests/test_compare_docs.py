"""docs/statistics.md: the comparison of its example with another member, and its taste match, are the service's."""

import json
import re
from typing import Any
from uuid import UUID

import pytest

from movies_app import comparing, taste
from movies_app.compare import compare
from tests.test_statistics_docs import DOC, EXPLAINED, KNOWN, PARTS, TABLES, with_titles
from tests.test_stats import store

OTHER = {
    path: text.replace("\n", "\r\n").encode()
    for path, text in re.findall(r"^```other (\S+)\n(.*?)^```", DOC, re.M | re.S)
}


def block(name: str) -> Any:
    return json.loads(re.findall(rf"^```{name}\n(.*?)^```", DOC, re.M | re.S)[0])


@pytest.fixture
def both(db: None) -> tuple[UUID, UUID]:
    """Store the documented export, and the other one."""
    return (
        store(TABLES, facts=lambda title, _: KNOWN.get(title), collections=PARTS),
        store(OTHER, facts=lambda title, _: KNOWN.get(title), collections=PARTS),
    )


def test_the_documented_match_is_the_services() -> None:
    documented = block("match")
    grid: dict[tuple[int, int], int] = {}
    for one, other in documented["ratings"]:
        pair = round(one * 2), round(other * 2)
        grid[pair] = grid.get(pair, 0) + 1
    assert taste.match(grid) == documented["match"]


def test_the_documented_comparison_is_the_services(both: tuple[UUID, UUID]) -> None:
    assert with_titles(compare(*both)) == block("comparison")


def test_each_number_of_a_comparison_is_explained(both: tuple[UUID, UUID]) -> None:
    told = compare(*both)
    in_parts = ("overlap", "match", "ratings")
    wanted = told.keys() - {"overlap", "ratings"} | {f"{name}.{key}" for name in in_parts for key in told[name]}
    assert wanted - EXPLAINED == set()
    assert set(comparing.KINDS) <= told.keys()
