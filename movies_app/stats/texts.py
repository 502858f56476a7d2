"""A review as plain text: without its markup, its words, its beginning. Called by `seen` and `reviews`.

Members write HTML, often broken, so only what looks like a tag is taken for one: `I <3 it` stays as it is.
"""

import html

import polars as pl

EXCERPT_LENGTH = 280
# These part words; the others, as in `<b>bo</b>ld`, do not.
_BREAKING_TAG = r"(?i)</?(?:br|p|div|blockquote|li|ul|ol|hr|h[1-6])\b[^<>]*>"
_TAG = r"</?[A-Za-z][^<>]*>|<!--|-->"


def plain(text: pl.Expr) -> pl.Expr:
    """Return a text without HTML tags."""
    return text.str.replace_all(_BREAKING_TAG, " ").str.replace_all(_TAG, "")


def words(text: pl.Expr) -> pl.Expr:
    """Return how many words a text has: pieces between blanks, without HTML tags."""
    return plain(text).str.count_matches(r"\S+")


def excerpt(text: str) -> str:
    """Return the beginning of a plain text: one line of at most 280 characters, cut between words where it can be."""
    line = " ".join(html.unescape(text).split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return (line[:EXCERPT_LENGTH].rpartition(" ")[0] or line[: EXCERPT_LENGTH - 1]) + "…"
