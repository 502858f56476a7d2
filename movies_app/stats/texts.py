"""A review as plain text: without its markup, its words, its beginning. Called by `seen` and `reviews`."""

import html

import polars as pl

from movies_app import markup

EXCERPT_LENGTH = 280


def plain(text: pl.Expr) -> pl.Expr:
    """Return a text without HTML tags."""
    return text.str.replace_all(markup.BREAKING_TAG, " ").str.replace_all(markup.TAG, "")


def words(text: pl.Expr) -> pl.Expr:
    """Return how many words a text has: pieces between blanks, without HTML tags."""
    return plain(text).str.count_matches(r"\S+")


def excerpt(text: str) -> str:
    """Return the beginning of a plain text: one line of at most 280 characters, cut between words where it can be."""
    line = " ".join(html.unescape(text).split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return (line[:EXCERPT_LENGTH].rpartition(" ")[0] or line[: EXCERPT_LENGTH - 1]) + "…"
