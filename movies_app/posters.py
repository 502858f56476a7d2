"""Where posters are: TMDB tells a path, its image host has each in several widths. Pure."""

from dataclasses import dataclass

HOST = "https://image.tmdb.org"
BASE = f"{HOST}/t/p/w342"


@dataclass(frozen=True, slots=True)
class Poster:
    """A poster in four widths: 92, 185, 342 and 500 pixels; heights are half as much again."""

    tiny: str
    small: str
    medium: str
    large: str


def of_path(path: str | None) -> Poster | None:
    """Return the poster of which TMDB tells the path."""
    return of_url(BASE + path) if path else None


def of_url(url: str | None) -> Poster | None:
    """Return the poster that the API names, at its medium width."""
    if not url:
        return None
    tiny, small, large = (url.replace(BASE, f"{HOST}/t/p/{width}", 1) for width in ("w92", "w185", "w500"))
    return Poster(tiny, small, url, large)
