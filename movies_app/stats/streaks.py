"""Days and weeks in a row, the busiest of them, and the longest pause. Dated viewings only.

Of equal ones the first counts: a record stands until it is beaten.
"""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_date, _viewings = pl.col("date"), pl.col("viewings")
_DAY = pl.duration(days=1)


def ask(seen: Seen) -> Asked:
    """Ask for each record."""
    days = seen.days.lazy()
    weeks = days.group_by(date=_date.dt.truncate("1w")).agg(_viewings.sum()).sort("date")
    return {
        "streak_of_days": _longest_run(days, length=1),
        "streak_of_weeks": _longest_run(weeks, length=7),
        "busiest_day": _busiest(days),
        "busiest_week": _busiest(weeks).rename({"date": "monday"}),
        "longest_pause": _longest_pause(days),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the records, None where there is no dated viewing."""
    return {
        "streaks": {
            "days": answers.first("streak_of_days"),
            "weeks": answers.first("streak_of_weeks"),
            "busiest_day": answers.first("busiest_day"),
            "busiest_week": answers.first("busiest_week"),
            "longest_pause": answers.first("longest_pause"),
        }
    }


def _longest_run(days: pl.LazyFrame, *, length: int) -> pl.LazyFrame:
    """Return the longest run of neighbours, each so many days long, with its first and its last day."""
    # The distance from a day to its place in the list is the same for all of a run.
    before = pl.duration(days=pl.int_range(pl.len()) * length)
    return (
        days.group_by(run=_date - before)
        .agg(length=pl.len(), first=_date.min(), last=_date.max() + pl.duration(days=length - 1))
        .sort("length", "first", descending=[True, False])
        .select("length", "first", "last")
        .head(1)
    )


def _busiest(days: pl.LazyFrame) -> pl.LazyFrame:
    return days.sort("viewings", "date", descending=[True, False]).head(1)


def _longest_pause(days: pl.LazyFrame) -> pl.LazyFrame:
    """Return the most days without a viewing between two with one."""
    return (
        days.select(first=_date.shift() + _DAY, last=_date - _DAY)
        .select(((pl.col("last") - pl.col("first")).dt.total_days() + 1).alias("days"), "first", "last")
        .filter(pl.col("days") > 0)
        .sort("days", "first", descending=[True, False])
        .head(1)
    )
