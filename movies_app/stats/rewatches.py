"""What was seen again: how often, which films most, and how their ratings drift from one viewing to the next."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_MOST_SEEN, _MOST_MOVED = 10, 5
_change, _position, _rating, _times = pl.col("change"), pl.col("position"), pl.col("rating"), pl.col("times")


def ask(seen: Seen) -> Asked:
    """Ask for the films seen again and for the pairs of ratings."""
    films, pairs = seen.films.lazy(), _pairs(seen.viewings.lazy())
    most_seen = films.filter(_times > 1).sort("times", "position", descending=[True, False])
    return {
        "seen_again": films.select(films=(_times > 1).sum()),
        "most_seen": most_seen.select("position", viewings="times").head(_MOST_SEEN),
        "drift": pairs.select(
            pairs=pl.len(),
            up=(_change > 0).sum(),
            down=(_change < 0).sum(),
            same=(_change == 0).sum(),
            average_change=average("change"),
        ),
        "rises": _greatest(pairs.filter(_change > 0)),
        "falls": _greatest(pairs.filter(_change < 0)),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the rewatches."""
    return {
        "rewatches": {
            "flagged": answers.row("viewings")["rewatches"],
            "films_seen_again": answers.row("seen_again")["films"],
            "most_seen": answers.rows("most_seen"),
            "drift": {**answers.row("drift"), "rises": answers.rows("rises"), "falls": answers.rows("falls")},
        }
    }


def _pairs(viewings: pl.LazyFrame) -> pl.LazyFrame:
    """Return each two rated, dated viewings of a film that follow each other in time, as `from` and `to`."""
    # The viewings of a film stand together, newest first: the one before in time is in the next row.
    return (
        viewings.filter(pl.col("date").is_not_null() & _rating.is_not_null())
        .with_columns(pl.col("rating").shift(-1).alias("from"), is_pair=_position == _position.shift(-1))
        .filter("is_pair")
        .select("position", "date", "from", to="rating", change=_rating - pl.col("from"))
    )


def _greatest(pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Return the pairs with the greatest change; of equals the latest."""
    ordered = pairs.sort(_change.abs(), "date", descending=True, maintain_order=True)
    return ordered.select("position", "from", "to", "change").head(_MOST_MOVED)
