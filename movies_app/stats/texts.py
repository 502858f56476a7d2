"""The beginning of a review. Called by `reviews`."""

import html

from movies_app import markup

EXCERPT_LENGTH = 280


def excerpt(review: str) -> str:
    """Return the beginning of a review as one line of at most 280 characters, cut between words where it can be."""
    line = " ".join(html.unescape(markup.plain(review)).split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return (line[:EXCERPT_LENGTH].rpartition(" ")[0] or line[: EXCERPT_LENGTH - 1]) + "…"
