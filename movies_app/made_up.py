"""Genuine-looking exports of made-up members. Tests, benchmarks and `generate_export` call it.

The shares follow 63 real exports; nothing in here is copied from one. The same arguments always
give the same bytes. `made_up_films` knows what films there are and `made_up_member` what the member
did with them; here it becomes files and a ZIP.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp

from movies_app import made_up_words as words
from movies_app.made_up_films import UNIVERSE, Film
from movies_app.made_up_member import (
    MAX_FILMS,
    Habits,
    Links,
    Member,
    Seen,
    Viewing,
    count_removed_films,
    count_twin_pairs,
    draw_day,
    draw_films,
    in_diary_order,
    log_astray,
    make_entry_link,
    make_member,
    make_short_link,
    make_twins,
    see_all,
)

__all__ = ["MAX_FILMS", "Habits", "Links", "make_export", "make_zip"]

_Row = tuple[str, ...]

_FILMS: _Row = ("Date", "Name", "Year", "Letterboxd URI")
_RATINGS: _Row = (*_FILMS, "Rating")
_DIARY: _Row = (*_RATINGS, "Rewatch", "Tags", "Watched Date")
_OLD_DIARY: _Row = (*_RATINGS, "Tags", "Watched Date")
_REVIEWS: _Row = (*_RATINGS, "Rewatch", "Review", "Tags", "Watched Date")
_COMMENTS: _Row = ("Date", "Content", "Comment")
_LIKES: _Row = ("Date", "Content")
_LIST: _Row = ("Date", "Name", "Tags", "URL", "Description")
_LIST_FILMS: _Row = ("Position", "Name", "Year", "URL", "Description")
_PROFILE: _Row = (
    "Date Joined", "Username", "Given Name", "Family Name", "Email Address",
    "Location", "Website", "Bio", "Pronoun", "Favorite Films",
)  # fmt: skip

_LONGEST_WATCHLIST = 4000
_LIST_STRANGERS = 5  # films of each list that the member has not watched
_ORPHANS = 2
_UNDATED_REVIEWS = 0.046  # of the reviews: no diary row, no day of viewing
_REVIEW_LENGTH = 304  # characters, median
_LONGEST_REVIEW = 17_958
_REVIEW_BREAKS, _REVIEW_MARKUP = 0.64, 0.36
_ZIP_TIME = (2026, 1, 31, 12, 0, 0)
_APPLE_DOUBLE = bytes.fromhex("0005160700020000") + b"Mac OS X        " + bytes(96)


@dataclass(frozen=True)
class _Cast:
    """The films of one export by their part; from `removed` on the member has not watched them."""

    watched: list[Film]
    twins: list[Film]
    watchlist: list[Film]
    removed: list[Film]
    deleted: list[Film]
    orphans: list[Film]
    listed: list[Film]


def make_export(
    *,
    films: int,
    seed: int,
    links: Links = "short",
    today: date | None = None,
    habits: Habits | None = None,
    named: Sequence[tuple[str, str]] = (),
) -> dict[str, bytes]:
    """Return the files of a made-up member's export, path to bytes, in the order of a genuine ZIP.

    `films` counts the rows of watched.csv, 1 to `MAX_FILMS`. `links="slug"` gives three tables as
    of 2017, without Rewatch. `today` is the day of the export (2026-01-31, for slugs 2017-08-31).
    `named` are films, by name and year, that the member has seen; the others are made up.
    Raise ValueError when the numbers do not fit.
    """
    _check_size(films)
    member = make_member(seed=seed, links=links, today=today, habits=habits or Habits())
    cast = _draw_cast(member, films, named)
    seen = sorted(see_all(member, cast.watched, cast.twins), key=lambda one: one.marked)
    if links == "slug":
        return _make_old_files(member, seen)
    diary = [viewing for one in seen for viewing in one.viewings]
    diary += [replace(viewing, link="") for viewing in log_astray(member, cast.removed)]
    return {
        **_make_root_files(member, cast, seen, sorted(diary, key=in_diary_order)),
        **_make_deleted_files(member, cast),
        **_make_orphaned_files(member, cast),
        **_make_likes(member, seen),
        **_make_lists(member, cast, seen),
    }


def make_zip(files: dict[str, bytes], *, top_folder: str | None = None) -> bytes:
    """Pack the files as Letterboxd does: no folder on top, sizes only in the central directory.

    With `top_folder` pack them as macOS does after Safari unpacked the download: everything inside
    that folder, each file followed by its `__MACOSX/…/._` companion.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(_Stream(buffer), "w", zipfile.ZIP_DEFLATED) as archive:
        if top_folder is not None:
            archive.writestr(_make_entry(f"{top_folder}/"), b"")
        for path, content in files.items():
            if top_folder is None:
                archive.writestr(_make_entry(path), content)
                continue
            folder, _, name = f"{top_folder}/{path}".rpartition("/")
            archive.writestr(_make_entry(f"{folder}/{name}"), content)
            archive.writestr(_make_entry(f"__MACOSX/{folder}/._{name}"), _APPLE_DOUBLE)
    return buffer.getvalue()


def _check_size(films: int) -> None:
    if not 1 <= films <= MAX_FILMS:
        raise ValueError(f"cannot make an export of {films} films")


class _Stream(io.RawIOBase):
    """A file that cannot seek, as a download: zipfile then sets the data-descriptor flag."""

    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Pass the bytes on."""
        return self._target.write(data)


def _make_entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, date_time=_ZIP_TIME)
    is_folder = path.endswith("/")
    entry.compress_type = zipfile.ZIP_STORED if is_folder else zipfile.ZIP_DEFLATED
    entry.external_attr = (0o40755 << 16) | 0x10 if is_folder else 0o100644 << 16
    return entry


def _draw_cast(member: Member, films: int, named: Sequence[tuple[str, str]]) -> _Cast:
    """Draw all films at once, so that no film plays two parts; the best known are watched."""
    is_old, pairs = member.links == "slug", count_twin_pairs(member, films)
    watchlist = min(round(member.habits.watchlist * films), _LONGEST_WATCHLIST)
    sizes = (
        films - 2 * pairs,
        0 if is_old else watchlist,
        0 if is_old or not member.habits.logged else count_removed_films(member, films),
        0 if is_old else 2 + films // 50,
        0 if is_old else _ORPHANS,
        0 if is_old else _LIST_STRANGERS * len(words.LIST_TITLES),
    )
    drawn = iter(draw_films(member, sum(sizes)))
    parts = [[next(drawn) for _ in range(size)] for size in sizes]
    watched, wanted, removed, deleted, orphans, listed = parts
    if len(named) > len(watched):
        raise ValueError(f"{len(named)} named films do not fit into {films} films")
    for place, (name, year) in enumerate(named):
        watched[place] = replace(watched[place], name=name, year=year)
    return _Cast(watched, make_twins(pairs), wanted, removed, deleted, orphans, listed)


def _make_old_files(member: Member, seen: list[Seen]) -> dict[str, bytes]:
    """Return the three tables of 2017; removed films stand in the first two without a link."""
    ordinary = [place for place, one in enumerate(seen) if one.film.index < UNIVERSE]
    unlogged = [place for place in ordinary if not seen[place].viewings]
    removed = min(count_removed_films(member, len(seen)), len(unlogged))
    for place in member.rng.sample(unlogged, removed):
        seen[place] = replace(seen[place], film=replace(seen[place].film, code=""))
    diary = sorted((viewing for one in seen for viewing in one.viewings), key=in_diary_order)
    return {
        "watched.csv": _watched_table(member, seen),
        "ratings.csv": _ratings_table(member, seen),
        "diary.csv": _table(_OLD_DIARY, (row[:5] + row[6:] for row in map(_diary_row, diary))),
    }


def _make_root_files(member: Member, cast: _Cast, seen: list[Seen], diary: list[Viewing]) -> dict[str, bytes]:
    return {
        "profile.csv": _profile_table(member, seen),
        "watched.csv": _watched_table(member, seen),
        "ratings.csv": _ratings_table(member, seen),
        "diary.csv": _diary_table(diary),
        "reviews.csv": _reviews_table(member, _pick_reviewed(member, seen, diary)),
        "watchlist.csv": _films_table(member, [(film, member.joined) for film in cast.watchlist]),
        "comments.csv": _comments_table(member, 6),
    }


def _make_deleted_files(member: Member, cast: _Cast) -> dict[str, bytes]:
    """Return what the member removed: viewings of films that no root table names."""
    viewings = log_astray(member, cast.deleted)
    return {
        "deleted/comments.csv": _comments_table(member, 1),
        "deleted/diary.csv": _diary_table(viewings),
        "deleted/lists/watched-in-march.csv": _list_file(member, "Watched in March", cast.deleted),
        "deleted/reviews.csv": _reviews_table(member, viewings[:2]),
    }


def _make_orphaned_files(member: Member, cast: _Cast) -> dict[str, bytes]:
    """Return entries of films that left Letterboxd's database: they have no link."""
    viewings = [replace(viewing, link="") for viewing in log_astray(member, cast.orphans)]
    return {
        "orphaned/comments.csv": _comments_table(member, 0),
        "orphaned/diary.csv": _diary_table(viewings),
        "orphaned/reviews.csv": _reviews_table(member, viewings[:1]),
    }


def _make_likes(member: Member, seen: list[Seen]) -> dict[str, bytes]:
    liked = member.rng.sample(seen, round(member.habits.liked * len(seen)))
    return {
        "likes/films.csv": _films_table(member, [(one.film, one.marked) for one in liked]),
        "likes/lists.csv": _table(_LIKES, (row[:2] for row in _comment_rows(member, 12))),
        "likes/reviews.csv": _table(_LIKES, (row[:2] for row in _comment_rows(member, 25))),
    }


def _make_lists(member: Member, cast: _Cast, seen: list[Seen]) -> dict[str, bytes]:
    """Return the member's lists: films watched or not, under names that sound like real tables."""
    strangers = iter(cast.listed)
    files = {}
    for place, title in enumerate(words.LIST_TITLES):
        films = [next(strangers) for _ in range(_LIST_STRANGERS)]
        films += member.rng.sample(cast.watchlist, min(3, len(cast.watchlist)))
        films += [one.film for one in member.rng.sample(seen, min(4, len(seen)))]
        member.rng.shuffle(films)
        name = title.lower().replace(",", "").replace(" ", "-")
        files[f"lists/{name}.csv"] = _list_file(member, title, films, is_old=place == 0)
    return files


def _table(header: _Row, rows: Iterable[_Row]) -> bytes:
    """Write a table as Letterboxd does: UTF-8, CRLF, quotes only where RFC 4180 asks for them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue().encode()


def _film_link(member: Member, film: Film) -> str:
    if not film.code:
        return ""
    if member.links == "slug":
        return f"https://letterboxd.com/film/{film.slug}/"
    return f"https://boxd.it/{film.code}"


def _film_row(member: Member, day: date, film: Film) -> _Row:
    return day.isoformat(), film.name, film.year, _film_link(member, film)


def _stars_text(stars: int) -> str:
    """Write half stars as Letterboxd does: `4`, `3.5`, empty for none."""
    return f"{stars / 2:g}" if stars else ""


def _films_table(member: Member, films: list[tuple[Film, date]]) -> bytes:
    """Write films under days from the given one to today, sorted by day."""
    days = [draw_day(member, min(first, member.today), member.today) for _, first in films]
    rows = [_film_row(member, day, film) for day, (film, _) in zip(days, films, strict=True)]
    return _table(_FILMS, sorted(rows, key=lambda row: row[0]))


def _watched_table(member: Member, seen: list[Seen]) -> bytes:
    return _table(_FILMS, (_film_row(member, one.marked, one.film) for one in seen))


def _ratings_table(member: Member, seen: list[Seen]) -> bytes:
    rated = [(one.rated, one) for one in seen if one.rated]
    rated.sort(key=lambda pair: pair[0])
    rows = ((*_film_row(member, day, one.film), _stars_text(one.stars)) for day, one in rated)
    return _table(_RATINGS, rows)


def _diary_row(viewing: Viewing) -> _Row:
    return (
        viewing.logged.isoformat(),
        viewing.film.name,
        viewing.film.year,
        viewing.link,
        _stars_text(viewing.stars),
        "Yes" if viewing.is_rewatch else "",
        viewing.tags,
        viewing.watched.isoformat() if viewing.watched else "",
    )


def _diary_table(viewings: list[Viewing]) -> bytes:
    return _table(_DIARY, map(_diary_row, viewings))


def _reviews_table(member: Member, viewings: list[Viewing]) -> bytes:
    rows = (
        (*row[:6], _write_review(member), *row[6:])
        for row in map(_diary_row, sorted(viewings, key=lambda viewing: viewing.logged))
    )
    return _table(_REVIEWS, rows)


def _pick_reviewed(member: Member, seen: list[Seen], diary: list[Viewing]) -> list[Viewing]:
    """Pick the reviewed diary entries, and a few reviews of films on no particular day."""
    number = round(member.habits.reviewed * len(diary))
    undated = round(_UNDATED_REVIEWS * number)
    picked = member.rng.sample(diary, number - undated)
    ordinary = [one for one in seen if one.film.index < UNIVERSE]  # nothing would tell twins apart
    for one in member.rng.sample(ordinary, min(undated, len(ordinary))):
        logged = draw_day(member, min(one.marked, member.today), member.today)
        link = make_entry_link(member, one.film, logged)
        picked.append(
            Viewing(
                film=one.film,
                link=link,
                logged=logged,
                watched=None,
                stars=one.stars,
                is_rewatch=False,
                tags="",
            ),
        )
    return picked


def _write_review(member: Member) -> str:
    """Write some 304 characters, at most 17,958: often in lines, sometimes with broken markup."""
    rng = member.rng
    length = min(int(_REVIEW_LENGTH * exp(rng.gauss(0, 1.3))) + 1, _LONGEST_REVIEW - 200)
    has_breaks = rng.random() < _REVIEW_BREAKS
    text = ""
    while len(text) < length:
        text += rng.choice(words.SENTENCES) + (rng.choice(words.BREAKS) if has_breaks else " ")
    text = text[:length].strip()
    if has_breaks and "\n" not in text:
        text = f"{text}\r\n\r\n{rng.choice(words.SENTENCES)}"
    return rng.choice(words.MARKUP).replace("{}", text) if rng.random() < _REVIEW_MARKUP else text


def _comment_rows(member: Member, number: int) -> list[_Row]:
    days = sorted(draw_day(member, member.joined, member.today) for _ in range(number))
    texts = (member.rng.choice(words.SENTENCES) for _ in days)
    links = (make_short_link(member, day) for day in days)
    return list(zip(map(date.isoformat, days), links, texts, strict=True))


def _comments_table(member: Member, number: int) -> bytes:
    return _table(_COMMENTS, _comment_rows(member, number))


def _list_file(member: Member, title: str, films: list[Film], *, is_old: bool = False) -> bytes:
    """Write two tables in one file, below a line with the version that old lists leave blank."""
    day = draw_day(member, member.joined, member.today)
    link = make_short_link(member, day)
    links = (_film_link(member, film) for film in films)
    rows = (
        (str(place), film.name, film.year, link, "")
        for place, (film, link) in enumerate(zip(films, links, strict=True), start=1)
    )
    version = b"" if is_old else b"Letterboxd list export v7"
    head = _table(_LIST, [(day.isoformat(), title, "", link, "Films I, too, forgot.")])
    return version + b"\r\n" + head + b"\r\n" + _table(_LIST_FILMS, rows)


def _profile_table(member: Member, seen: list[Seen]) -> bytes:
    favourites = member.rng.sample(seen, min(4, len(seen)))
    row = (
        member.joined.isoformat(),
        member.user_name,
        member.given_name,
        member.surname,
        f"{member.user_name}@example.org",
        "Port Nowhere",
        "https://example.org",
        "I watch films, and then some.",
        "They / their",
        ", ".join(_film_link(member, one.film) for one in favourites),
    )
    return _table(_PROFILE, [row])
