"""The numbers of one upload session, from one query. Called through `movies_app.stats`, and by `kept`."""

from typing import Any
from uuid import UUID

import polars as pl
from django.db.models import TextField
from django.db.models.functions import Cast

from movies_app.models import Movie
from movies_app.stats import numbers
from movies_app.stats.seen import COLUMNS

_JSON = {"tags", "viewings"}


def compute(*, session_id: UUID, year: int | None = None) -> dict[str, Any]:
    """Return the numbers of one upload session, ready for JSON; with `year` those of what was seen in it.

    docs/statistics.md says what each of them is.
    """
    return numbers.tell(_movies_of(session_id), year=year)


def compute_nothing(*, year: int | None) -> dict[str, Any]:
    """Return the numbers of a year in which nothing was seen, without a look at the movies."""
    return numbers.tell(pl.DataFrame(schema=COLUMNS), year=year)


def _movies_of(session_id: UUID) -> pl.DataFrame:
    """Return the movies in page order, with the columns that the numbers need."""
    columns = [Cast(name, TextField()) if name in _JSON else name for name in COLUMNS]
    rows = Movie.objects.filter(session_id=session_id).order_by("position").values_list(*columns)
    return pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=COLUMNS, orient="col")
