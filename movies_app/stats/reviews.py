"""What the member wrote: how many films have a review, how long they are, the longest and the latest.

A film's review is its latest.
"""

from typing import Any

import polars as pl

from movies_app import markup
from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_SHOWN = 3


def ask(seen: Seen) -> Asked:
    """Ask for the words of all reviews, and for the longest and the latest of them."""
    reviews = seen.films.lazy().filter(pl.col("words").is_not_null())
    longest = reviews.sort("words", "position", descending=[True, False])
    latest = reviews.sort("reviewed_on", "position", descending=[True, False], nulls_last=True)
    return {
        "reviews": reviews.select(reviews=pl.len(), words=pl.col("words").sum(), average_words=average("words")),
        "longest_reviews": longest.head(_SHOWN).select("position", "review_of", "words"),
        "latest_reviews": latest.head(_SHOWN).select("position", "review_of", date="reviewed_on"),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the reviews."""
    shown = {name: [_told(answers, row) for row in answers.rows(f"{name}_reviews")] for name in ("longest", "latest")}
    return {"reviews": {**answers.row("reviews"), **shown}}


def _told(answers: Answers, row: dict[str, Any]) -> dict[str, Any]:
    review = answers.reviews[row["film"]["position"], row.pop("review_of")]
    return row | {"excerpt": markup.excerpt(review)}
