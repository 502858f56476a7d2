"""Numbers, days and ratings as people read them, in English: what the stats page writes beside its pictures.

Pure; the sections of the page (`chart_dates`, `charts`) call it. An unknown value is written as a dash.
"""

import math
from datetime import date

DASH = "–"
HALF = 0.5
HOUR = 60
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def number(value: float) -> str:
    """Write a whole number: 1,600."""
    return f"{value:,.0f}"


def counted(value: int, thing: str, things: str = "") -> str:
    """Write a number with its thing: 1 film, 1,600 films."""
    return f"{number(value)} {named(value, thing, things)}"


def every(value: int, thing: str, things: str = "") -> str:
    """Name all there are: all 1,600 films, or the one film."""
    return f"All {counted(value, thing, things)}" if value != 1 else f"The one {thing}"


def named(value: int, thing: str, things: str = "") -> str:
    """Name what a number counts: film for 1, films for 0 and 1,600."""
    return thing if value == 1 else things or thing + "s"


def covered(part: int, whole: int, what: str) -> str:
    """Tell on how many films a picture stands: 948 of 1,600 films have a date."""
    if part == whole:
        return f"All {number(whole)} films have {what}" if whole > 1 else f"The one film has {what}"
    return f"{number(part)} of {counted(whole, 'film')} {named(part, 'has', 'have')} {what}"


def share(part: int, whole: int) -> str:
    """Write a part of a whole in percent; what is there is never 0%, and what is not all is never 100%."""
    if not whole or part in {0, whole}:
        return "100%" if whole and part else "0%"
    return f"{min(max(round(100 * part / whole), 1), 99)}%"


def day(iso: str) -> str:
    """Write a day: 3 Aug 2023."""
    at = date.fromisoformat(iso)
    return f"{at.day} {month_short(at.month)} {at.year}"


def days(first: str, last: str) -> str:
    """Write a span of days: 3–14 Aug 2023, 28 Jul – 2 Aug 2023, 28 Dec 2022 – 4 Jan 2023."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start == end:
        return day(last)
    if start.year != end.year:
        return f"{day(first)} – {day(last)}"
    if start.month != end.month:
        return f"{start.day} {month_short(start.month)} – {day(last)}"
    return f"{start.day}–{day(last)}"


def month(iso: str) -> str:
    """Write a month like 2024-01: January 2024."""
    return f"{MONTHS[int(iso[5:7]) - 1]} {int(iso[:4])}"


def month_short(number_of_month: int) -> str:
    """Write the month 1 to 12: Jan."""
    return MONTHS[number_of_month - 1][:3]


def average(value: float | None) -> str:
    """Write an average rating: 3.62."""
    return DASH if value is None else f"{value:.2f}"


def signed(change: float) -> str:
    """Write by how much something moved: +0.18, −0.50."""
    return f"{change:+.2f}".replace("-", "−")


def stars(rating: float | None) -> str:
    """Write a rating as stars: ★★★½; nothing for none."""
    if rating is None:
        return ""
    return "★" * int(rating) + ("½" if rating % 1 else "")


def points(rating: float | None) -> str:
    """Write a rating as a number: 3½."""
    if rating is None:
        return DASH
    whole = str(int(rating)) if rating >= 1 else ""
    return whole + ("½" if rating % 1 else "")


def in_stars(rating: float) -> str:
    """Write a rating in words: half a star, 1 star, 3½ stars."""
    if rating == HALF:
        return "half a star"
    return f"{points(rating)} star" + ("" if rating == 1 else "s")


def spoken(rating: float | None) -> str:
    """Say a rating for those who hear the page: 3.5 of 5 stars."""
    return "" if rating is None else f"{rating:g} of 5 stars"


def length(minutes: float) -> str:
    """Write how long a film is: 1 h 48 min, 52 min."""
    hours, rest = divmod(round(minutes), HOUR)
    return " ".join(f"{part} {unit}" for part, unit in ((hours, "h"), (rest, "min")) if part)


def hours(minutes: int) -> tuple[int, str]:
    """Return whole hours, of less than one the minutes, and what they are."""
    if 0 < minutes < HOUR:
        return minutes, named(minutes, "minute")
    whole = round(minutes / HOUR)
    return whole, named(whole, "hour")


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def article(thing: str) -> str:
    """Name the article of a thing: a director, an editor."""
    return "an" if thing[0] in "aeiou" else "a"


def left(seconds: float) -> str:
    """Write how long to wait, roughly: about 40 seconds left; `progress.js` says it the same way."""
    if seconds < 10:  # noqa: PLR2004
        return "a few seconds left"
    if seconds <= 50:  # noqa: PLR2004
        return f"about {math.ceil(seconds / 10) * 10} seconds left"
    minutes = max(round(seconds / 60), 1)
    return f"about {counted(minutes, 'minute')} left"
