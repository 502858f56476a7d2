"""Who directed the films, by TMDB. Names collide, so people are told apart by their id."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked, with_any
from movies_app.stats.seen import Seen

_TOP = 10


def ask(seen: Seen) -> Asked:
    """Ask for the directors of the most films."""
    films = seen.films.lazy()
    each = films.select("rating", "directors").explode("directors").drop_nulls("directors").unnest("directors")
    # Films are in page order, so the first name of a person is the one in the first of their films there.
    by_person = each.group_by("id").agg(pl.col("name").first(), films=pl.len(), average_rating=average("rating"))
    top = by_person.sort("films", "name", "id", descending=[True, False, False])
    return {
        "with_director": films.select(films=with_any("directors")),
        "distinct_directors": each.select(distinct=pl.col("id").n_unique()),
        "top_directors": top.head(_TOP),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the directors."""
    counted = answers.row("with_director") | answers.row("distinct_directors")
    return {"directors": {**counted, "top": answers.rows("top_directors")}}
