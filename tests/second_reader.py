"""A slow, obvious second reader of a Letterboxd export: tests compare the importer with it."""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from datetime import date
from typing import Any

Row = dict[str, Any]  # of a file, or a movie with the rows that belong to it
YEARS = {str(year): year for year in range(1870, 2101)}
DAYS = {str(day): str(day) for day in map(date.fromordinal, range(682639, 767010))}  # of these years
LINK = r"https://(boxd\.it|(www\.)?letterboxd\.com)/\S+"
LETTERS = dict(zip("æøłðþÆØŁÐÞ", ["ae", "o", "l", "d", "th"] * 2, strict=True))
VIEWING = ("date", "logged_date", "rating", "rewatch", "tags", "uri", "review")


def read_rating(cell: str) -> float | None:
    if stars := re.fullmatch("(★*)(½?)", cell):
        cell = str(len(stars[1]) + len(stars[2]) / 2)
    number = re.fullmatch("[0-9]{1,9}([.,][0-9]*)?|[.,][0-9]+", cell)
    half = int(float(cell.replace(",", ".")) * 2 + 0.5) / 2 if number else 0
    return half if 0.5 <= half <= 5 else None


def read_rows(files: dict[str, bytes], path: str) -> list[Row]:
    """Return the rows with a name, each entry once; names and review texts stay as they are."""
    text, rows = files.get(path, b"").decode("utf-8-sig").replace("\0", ""), dict[object, Row]()
    for raw in csv.DictReader(io.StringIO(text, newline=""), restval=""):
        cell = defaultdict(str, {column: raw[column].strip() for column in raw if column})
        row: Row = {"path": path, "key": (raw["Name"], YEARS.get(cell["Year"]))}
        row["uri"] = re.fullmatch(LINK, cell["Letterboxd URI"]) and cell["Letterboxd URI"]
        row["style"] = row["uri"] and ("short" if row["uri"][8:15] == "boxd.it" else "slug")
        row["date"], row["logged_date"] = DAYS.get(cell["Watched Date"]), DAYS.get(cell["Date"])
        row["rating"], row["rewatch"] = read_rating(cell["Rating"]), cell["Rewatch"] == "Yes"
        row["tags"] = list(dict.fromkeys(t.strip() for t in cell["Tags"].split(",") if t.strip()))
        row["review"] = raw["Review"] if cell["Review"] else None
        is_entry = row["uri"] and path in ("diary.csv", "reviews.csv")
        if cell["Name"]:
            rows.setdefault((row["uri"], row["date"]) if is_entry else repr(row), row)
    return list(rows.values())


def newest_first(rows: list[Row]) -> list[Row]:  # a missing date is the oldest; of ties the later row
    return sorted(rows, key=lambda r: (r["date"] or "", r["logged_date"] or ""))[::-1]


def normalise(key: tuple[str, int | None]) -> tuple[str, int | None]:
    text = re.sub("[½⅓⅔¼¾⅕⅛]", lambda m: " " + unicodedata.normalize("NFKD", m[0]), key[0])
    text = "".join(LETTERS.get(letter, letter) for letter in text.replace("⁄", "/")).casefold()
    letters = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = re.sub("['’‘ʼ`´]", "", "".join(letters).lower().replace("&", " and "))
    return re.sub(r"\W+", " ", text).strip() or key[0], key[1]


def new_movie(key: tuple[str, int | None], films: list[Row], path: str = "") -> Row:  # of watched, ratings rows
    movie: Row = {"rows": [*films], "keys": [key, *(r["key"] for r in films)], "liked": False, "path": path}
    movie["title"], movie["year"] = next((r["key"] for r in films if r["uri"]), key)
    movie["normal_keys"] = [normalise(one) for one in movie["keys"]]
    movie["links"] = {r["uri"]: r["style"] for r in films if r["uri"]}
    marked = [r["logged_date"] for r in films if r["path"] == "watched.csv" and r["logged_date"]]
    return movie | {"marked": marked[0] if marked else None}


def find_films(rows: list[Row]) -> list[Row]:
    """Join rows of one link, or of one (Name, Year) and place among its links of a style."""
    links: dict[object, list[str | None]] = defaultdict(list)
    marks: list[set[object]] = []
    film_of: dict[object, set[int]] = {}
    for number, row in enumerate(rows):
        known = links[row["key"], row["style"]]
        known += [] if row["uri"] in known else [row["uri"]]
        marks.append({row["uri"] or row["key"], (row["key"], known.index(row["uri"]))})
        film = {number}.union(*(film_of.get(mark, ()) for mark in marks[number]))
        film_of |= {mark: film for member in film for mark in marks[member]}
    films = sorted({tuple(sorted(film)) for film in film_of.values()})
    return [new_movie(rows[film[0]]["key"], [rows[number] for number in film]) for film in films]


def named(movies: list[Row], row: Row) -> tuple[list[Row], list[Row]]:  # exactly, normalised
    exact, normal_key = [m for m in movies if row["key"] in m["keys"]], normalise(row["key"])
    return exact, [m for m in movies if normal_key in m["normal_keys"] and m["path"] != row["path"]]


def finish(movie: Row, log: str) -> Row:  # log is the file whose rows are viewings
    newest = newest_first(movie["rows"])
    viewings = [r for r in newest if r["path"] == log and (r["date"] or log == "diary.csv")]
    dates = [r["date"] for r in viewings if r["date"]] + [None]
    reviews = [r["review"] for r in newest if r["path"] == "reviews.csv" and r["review"]] + [None]
    rated = [r for r in movie["rows"] if r["path"] == "ratings.csv" and r["rating"]]
    stated = max(rated, key=lambda r: r["logged_date"] or "", default={"logged_date": None})
    last = next((r for r in viewings if r["rating"]), stated)
    is_later = (stated["logged_date"] or "") > (last["logged_date"] or "9999")
    return {
        **{key: movie[key] for key in ("title", "year", "liked")},
        "rating": (stated if is_later else last).get("rating"),
        "watched_date": dates[0] or movie["marked"],
        "date_source": "diary" if dates[0] else "marked" if movie["marked"] else "none",
        "letterboxd_uri": next(iter(movie["links"]), None),
        "rewatch": any(r["rewatch"] for r in viewings),
        "tags": list(dict.fromkeys(tag for r in movie["rows"] for tag in r["tags"])),
        "review": reviews[0],
        "viewings": [{key: r[key] for key in VIEWING} for r in viewings],
    }


def read_export(files: dict[str, bytes]) -> list[dict[str, object]]:
    """Return the movies of an export, given as bytes by path, in page order."""
    diary, reviews = read_rows(files, "diary.csv"), read_rows(files, "reviews.csv")
    movies = find_films(read_rows(files, "watched.csv") + read_rows(files, "ratings.csv"))
    entries = {row["uri"]: row for row in diary[::-1] if row["uri"]}
    for row in diary + reviews:
        exact, normal = named(movies, row)
        entry = entries.get(row["uri"], row) if row["path"] == "reviews.csv" else row
        found = entry.get("movies") or exact or normal or [new_movie(row["key"], [], row["path"])]
        movie = next((m for m in found if m["marked"] == (row["logged_date"] or "")), found[0])
        movies += [] if any(movie is m for m in movies) else [movie]
        movie["rows"].append(row)
        row["movies"] = [movie]
    for row in newest_first([r for r in reviews if r["review"]])[::-1]:
        unlinked = [d for d in row["movies"][0]["rows"] if d in diary and not d["uri"] and d["date"] == row["date"]]
        if viewing := entries.get(row["uri"]) or next(iter([] if row["uri"] else unlinked), None):
            viewing["review"] = row["review"]  # the newest comes last and stays
    for row in read_rows(files, "likes/films.csv"):
        linked = [m for m in movies if row["uri"] in m["links"]]
        exact, normal = named(movies, row)
        free = [m for m in exact + normal if row["style"] not in m["links"].values()]
        for movie in (linked + free)[:1]:
            movie["liked"] = True
    log = "diary.csv" if diary else "reviews.csv"
    done = sorted((finish(movie, log) for movie in movies), key=lambda m: m["title"])
    done.sort(key=lambda m: (m["date_source"] == "diary", m["watched_date"] or ""), reverse=True)
    return done


def figures(movies: list[dict[str, Any]]) -> dict[str, object]:
    viewings = [v for m in movies for v in m["viewings"]]
    return {
        "films": len(movies),
        "rated": sum(m["rating"] is not None for m in movies),
        "rating_sum": sum(m["rating"] or 0 for m in movies),
        "viewings": len(viewings),
        "films_with_viewing": sum(len(m["viewings"]) > 0 for m in movies),
        "films_seen_twice_or_more": sum(len(m["viewings"]) > 1 for m in movies),
        "flagged_rewatches": sum(v["rewatch"] for v in viewings),
        "reviewed": sum(m["review"] is not None for m in movies),
        "liked": sum(m["liked"] for m in movies),
        "without_film_link": sum(m["letterboxd_uri"] is None for m in movies),
        "last_viewing": max((v["date"] for v in viewings if v["date"]), default=None),
    }
