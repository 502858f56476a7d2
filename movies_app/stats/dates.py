"""When films were seen: by year, month, week and weekday, and day by day. Dated viewings only."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEK = timedelta(weeks=1)
_LATEST_WEEKS = 53
_date = pl.col("date")


def ask(seen: Seen) -> Asked:
    """Ask for the viewings of each year, month, week, weekday and day."""
    days = seen.days.lazy()
    return {
        "by_year": _by_year(seen),
        "by_month": _counted(days, _date.dt.strftime("%Y-%m")),
        "by_week": _counted(days, _date.dt.truncate("1w")),
        "by_weekday": _counted(days, _date.dt.weekday()),
        "days": days,
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return by_year to calendar, without gaps in time."""
    days: dict[date, int] = dict(answers.frames["days"].iter_rows())
    span = _span(answers.year, days)
    return {
        "by_year": _years(answers.rows("by_year"), span),
        "by_month": _months(dict(answers.frames["by_month"].iter_rows()), span),
        "by_week": _weeks(dict(answers.frames["by_week"].iter_rows()), span, year=answers.year),
        "by_weekday": _weekdays(dict(answers.frames["by_weekday"].iter_rows())),
        "calendar": _calendar(days, year=answers.year or (max(days).year if days else None)),
    }


def _counted(days: pl.LazyFrame, key: pl.Expr) -> pl.LazyFrame:
    return days.group_by(key=key).agg(pl.col("viewings").sum())


def _by_year(seen: Seen) -> pl.LazyFrame:
    """Count by year; the average is that of the films seen in it, each as it was rated then."""
    then = pl.coalesce("then", "present").alias("rating")
    return (
        seen.viewings.lazy()
        .filter(_date.is_not_null())
        .group_by("position", year=_date.dt.year())
        .agg(viewings=pl.len(), rewatches=pl.col("rewatch").sum(), then=pl.col("rating").first(ignore_nulls=True))
        .join(seen.films.lazy().select("position", "present"), on="position")
        .with_columns(then)
        .group_by("year")
        .agg(
            pl.col("viewings").sum(),
            films=pl.len(),
            rewatches=pl.col("rewatches").sum(),
            average_rating=average("rating"),
        )
    )


def _span(year: int | None, days: dict[date, int]) -> tuple[date, date] | None:
    """Return the first and the last day to show: of the year, else of the viewings; None where there are none."""
    if year is not None:
        return date(year, 1, 1), date(year, 12, 31)
    return (min(days), max(days)) if days else None


def _years(rows: list[dict[str, Any]], span: tuple[date, date] | None) -> list[dict[str, Any]]:
    known = {row["year"]: row for row in rows}
    empty = {"viewings": 0, "films": 0, "rewatches": 0, "average_rating": None}
    years = range(span[0].year, span[1].year + 1) if span else []
    return [known.get(year, {"year": year, **empty}) for year in years]


def _months(viewings: dict[str, int], span: tuple[date, date] | None) -> list[dict[str, Any]]:
    if span is None:
        return []
    first, last = ((day.year * 12 + day.month - 1) for day in span)
    months = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)]
    return [{"month": month, "viewings": viewings.get(month, 0)} for month in months]


def _weeks(viewings: dict[date, int], span: tuple[date, date] | None, *, year: int | None) -> list[dict[str, Any]]:
    """Return every ISO week that has a day in the year; without a year those up to the last viewing."""
    if span is None:
        return []
    first, last = (day - timedelta(days=day.weekday()) for day in span)
    count = _LATEST_WEEKS if year is None else (last - first) // _WEEK + 1
    mondays = [last - weeks * _WEEK for weeks in reversed(range(count))]
    return [{"week": _label(day), "monday": day.isoformat(), "viewings": viewings.get(day, 0)} for day in mondays]


def _label(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _weekdays(viewings: dict[int, int]) -> list[dict[str, Any]]:
    return [
        {"weekday": number, "name": name, "viewings": viewings.get(number, 0)}
        for number, name in enumerate(WEEKDAYS, 1)
    ]


def _calendar(days: dict[date, int], *, year: int | None) -> dict[str, Any]:
    shown = {day: viewings for day, viewings in days.items() if day.year == year}
    return {
        "year": year,
        "busiest": max(shown.values(), default=0),
        "days": [{"date": day.isoformat(), "viewings": viewings} for day, viewings in shown.items()],
    }
