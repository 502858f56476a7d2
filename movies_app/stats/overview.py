"""How many films and viewings there are, how many have a date, and of how many films TMDB's facts are known."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen, in_order


def ask(seen: Seen) -> Asked:
    """Ask for the counts of films and of viewings."""
    return {
        "films": seen.films.lazy().select(
            films=pl.len(),
            films_with_date=(pl.col("dated") > 0).sum(),
            films_with_facts=pl.col("has_facts").count(),
            reviews=pl.col("words").count(),
            likes=pl.col("liked").sum(),
            rated=pl.col("rating").count(),
            average_rating=average("rating"),
        ),
        "viewings": seen.viewings.lazy().select(
            viewings=pl.len(),
            dated_viewings=pl.col("date").count(),
            rewatches=pl.col("rewatch").sum(),
            first_viewing=pl.col("date").min().cast(pl.String),
            last_viewing=pl.col("date").max().cast(pl.String),
        ),
        "first_seen": in_order(seen).select("position").head(1),
        "last_seen": in_order(seen).select("position").tail(1),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return coverage and overview."""
    ends = {"first_film": answers.first_film("first_seen"), "last_film": answers.first_film("last_seen")}
    known = answers.row("films") | answers.row("viewings") | ends
    return {
        "coverage": _part(known, "films", "films_with_date", "films_with_facts", "viewings", "dated_viewings"),
        "overview": _part(
            *(known, "films", "viewings", "rewatches", "reviews", "likes", "rated", "average_rating"),
            *("first_viewing", "last_viewing", "first_film", "last_film"),
        ),
    }


def _part(known: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: known[name] for name in names}
