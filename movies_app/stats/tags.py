"""The member's own tags: how many films have one, and which are used most."""

from typing import Any

import polars as pl

from movies_app.averages import average
from movies_app.stats.answers import Answers, Asked
from movies_app.stats.seen import Seen

_TOP = 20
_tags = pl.col("tags")


def ask(seen: Seen) -> Asked:
    """Ask for the tagged films and for the films of each tag; a film has a tag once."""
    tagged = seen.films.lazy().filter(_tags.list.len() > 0).select("position", "rating", tag="tags").explode("tag")
    top = tagged.group_by("tag").agg(films=pl.len(), average_rating=average("rating"))
    return {
        "tagged": tagged.select(tagged_films=pl.col("position").n_unique(), distinct=pl.col("tag").n_unique()),
        "top_tags": top.sort("films", "tag", descending=[True, False]).head(_TOP),
    }


def tell(answers: Answers) -> dict[str, Any]:
    """Return the tags."""
    return {"tags": {**answers.row("tagged"), "top": answers.rows("top_tags")}}
