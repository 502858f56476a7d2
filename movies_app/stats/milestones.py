"""The 1st viewing, the 50th, the 100th and so on, in the order in which films were seen. Dated viewings only."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_FIRST, _STEP = [1, 50, 100, 250], 500
_number = pl.col("number")


def ask(seen: Seen) -> Asked:
    """Ask for the viewings with those numbers.

    Viewings of one day follow each other as they were logged, then as the films stand in the page order; of one film
    the older, which stands below the newer, comes first.
    """
    return {
        "milestones": seen.viewings.lazy()
        .filter(pl.col("date").is_not_null())
        .select("position", "date", "logged_date")
        .with_row_index("row")
        .sort("date", "logged_date", "position", "row", descending=[False, False, False, True])
        .with_row_index("number", offset=1)
        .filter(_number.is_in(_FIRST) | (_number % _STEP == 0))
        .select("number", "date", "position")
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the milestones."""
    return {"milestones": answers.rows("milestones")}
