"""The HTML that members write into reviews, often broken: only what looks like a tag is taken for one.

Pure; `I <3 it` stays as it is. The patterns are understood by Python and by polars alike.
"""

import html
import re

import polars as pl

EXCERPT_LENGTH = 280
# Kept digests have words counted by these: who changes what a word is raises `digest.VERSION`.
# These part words and lines; the others, as in `<b>bo</b>ld`, do not.
BREAKING_TAG = r"(?i:</?(?:br|p|div|blockquote|li|ul|ol|hr|h[1-6])\b[^<>]*>)"
TAG = r"</?[A-Za-z][^<>]*>|<!--|-->"


def paragraphs(review: str) -> str:
    """Return a review as plain text with its line breaks."""
    lines = re.sub(TAG, "", re.sub(rf"(?:\r?\n)?{BREAKING_TAG}(?:\r?\n)?", "\n", review))
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", html.unescape(lines).replace("\r\n", "\n")).strip()


def plain(review: str) -> str:
    """Return a review without HTML tags."""
    return re.sub(TAG, "", re.sub(BREAKING_TAG, " ", review))


def excerpt(review: str) -> str:
    """Return the beginning of a review as one line of at most 280 characters, cut between words where it can be."""
    line = " ".join(html.unescape(plain(review)).split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return (line[:EXCERPT_LENGTH].rpartition(" ")[0] or line[: EXCERPT_LENGTH - 1]) + "…"


def words(reviews: pl.Expr) -> pl.Expr:
    """Return how many words reviews have: pieces between blanks, without HTML tags; null for none."""
    return reviews.str.replace_all(BREAKING_TAG, " ").str.replace_all(TAG, "").str.count_matches(r"\S+")
