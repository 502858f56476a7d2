"""What is too much for one upload is refused before it is read."""

import pytest

from movies_app import importing, tables
from movies_app.archive import BroughtFile
from movies_app.errors import RefusedExport

HEADER = b"Date,Name,Year,Letterboxd URI\n"


def test_more_tables_than_anybody_has_are_refused() -> None:
    files = [BroughtFile("watched.csv", HEADER)] * (tables.MAX_TABLES + 1)
    with pytest.raises(RefusedExport) as refused:
        importing.open_export(files)
    assert refused.value.code == "too_many_rows"


def test_more_lines_than_anybody_has_are_refused() -> None:
    with pytest.raises(RefusedExport) as refused:
        importing.open_export([BroughtFile("watched.csv", HEADER + b"2024-01-01,Leo,2023,\n" * (tables.MAX_LINES + 1))])
    assert refused.value.code == "too_many_rows"
