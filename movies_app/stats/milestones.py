"""The 1st viewing, the 50th, the 100th and so on, in the order in which films were seen. Dated viewings only."""

from typing import Any

import polars as pl

from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen, in_order

_FIRST, _STEP = [1, 50, 100, 250], 500
_number = pl.col("number")


def ask(seen: Seen) -> Asked:
    """Ask for the viewings with those numbers."""
    return {
        "milestones": in_order(seen)
        .with_row_index("number", offset=1)
        .filter(_number.is_in(_FIRST) | (_number % _STEP == 0))
        .select("number", "date", "position")
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the milestones."""
    return {"milestones": answers.rows("milestones")}
