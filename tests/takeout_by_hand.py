"""A take-out read with other means than it was made: figures counted from the JSON, and files of an export from it."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.builders import DIARY, LIKES, RATINGS, REVIEWS, WATCHED, make_csv, make_zip

Row = dict[str, Any]
# A day after all others: then ratings.csv has the last word, as the JSON has it.
LATE = "2099-12-31"


def statistics_of(movies: list[Row]) -> Row:
    """Count what the API calls `statistics`."""
    viewings = [viewing for movie in movies for viewing in movie["viewings"]]
    days = sorted(viewing["date"] for viewing in viewings if viewing["date"])
    stars = [Fraction(movie["rating"]) for movie in movies if movie["rating"] is not None]
    return {
        "rated": len(stars),
        "average_rating": float(round(sum(stars, Fraction()) / len(stars), 2)) if stars else None,
        "viewings": len(viewings),
        "rewatches": sum(viewing["rewatch"] for viewing in viewings),
        "reviews": sum(movie["review"] is not None for movie in movies),
        "likes": sum(movie["liked"] for movie in movies),
        "first_viewing": days[0] if days else None,
        "last_viewing": days[-1] if days else None,
    }


def export_of(movies: list[Row]) -> bytes:
    """Return the ZIP of an export that tells what the movies of a take-out tell."""
    viewings = [(movie, viewing) for movie in movies for viewing in movie["viewings"]]
    reviews = [told(movie, viewing) for movie, viewing in viewings if viewing["review"] is not None]
    return make_zip(
        {
            "watched.csv": make_csv(WATCHED, (film(movie, day_marked(movie)) for movie in movies)),
            "ratings.csv": make_csv(
                RATINGS, ((*film(movie, LATE), str(movie["rating"])) for movie in movies if movie["rating"])
            ),
            "diary.csv": make_csv(DIARY, cells(DIARY, (told(movie, viewing) for movie, viewing in viewings))),
            "reviews.csv": make_csv(REVIEWS, cells(REVIEWS, [*reviews, *undated_reviews(movies)])),
            "likes/films.csv": make_csv(LIKES, (film(movie, "") for movie in movies if movie["liked"])),
        }
    )


def film(movie: Row, day: str) -> tuple[str, ...]:
    return (day, movie["title"], str(movie["year"] or ""), movie["letterboxd_uri"] or "")


def day_marked(movie: Row) -> str:
    """Return the day on which a movie was marked as watched, or the one on which its first viewing was logged.

    By it the import tells films of one name and year apart. Where such a film was logged again on another day, no
    files can tell of which it was, since Letterboxd's own do not.
    """
    if movie["viewings"]:
        return movie["viewings"][-1]["logged_date"] or ""
    return movie["watched_date"] or ""


def told(movie: Row, viewing: Row) -> dict[str, str]:
    return {
        "Date": viewing["logged_date"] or "",
        "Name": movie["title"],
        "Year": str(movie["year"] or ""),
        "Letterboxd URI": viewing["uri"] or "",
        "Rating": str(viewing["rating"] or ""),
        "Rewatch": "Yes" if viewing["rewatch"] else "",
        "Review": viewing["review"] or "",
        "Tags": ", ".join(viewing["tags"]),
        "Watched Date": viewing["date"] or "",
    }


def undated_reviews(movies: list[Row]) -> list[dict[str, str]]:
    """Return the reviews that belong to no viewing."""
    alone = {"logged_date": "", "rating": None, "rewatch": False, "uri": None, "date": None}
    return [
        told(movie, {**alone, "review": movie["review"], "tags": movie["tags"]})
        for movie in movies
        if movie["review"] is not None and movie["review"] not in {viewing["review"] for viewing in movie["viewings"]}
    ]


def cells(header: tuple[str, ...], rows: Iterable[dict[str, str]]) -> Iterable[list[str]]:
    return ([row[column] for column in header] for row in rows)
