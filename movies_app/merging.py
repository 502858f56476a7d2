"""From typed rows to movies, by the rules of the import. Called by `importing`; pure.

Diary and review links name the log entry, not the film: rows meet by (Name, Year), and only watched, ratings and
likes share the film's own link. Years may be null and null equals null.

All tables are one frame, and a row is known by its number in it, `order`: `title` is the first row with the same
(Name, Year), `link` the first with the same link, `movie` a row of the movie, whose name it bears. So nearly every
meeting of two rows is a look-up by number, not a join; the few that are not are settled apart.
"""

import polars as pl

from movies_app import cells, titles
from movies_app.archive import Kind
from movies_app.receipt import Receipt

_TITLE = ["name", "year"]
_AMBIGUOUS = "several films have this name and year; the first was taken"
_NEWEST_FIRST = ["watched_date", "date", "order"]
_MOVIE_COLUMNS = [
    *("position", "title", "year", "letterboxd_uri", "rating", "watched_date", "date_source", "rewatch", "liked"),
    *("tags", "review", "viewings"),
]
# What is needed of a row to find its movie and to tell the receipt of it.
_ASKED = ["order", "file", "row", "name", "year", "date", "title", "movie"]
# What a row of diary or reviews says beside its link and Watched Date.
_BESIDES_ENTRY = [*_TITLE, "date", "rating", "rewatch", "tags", "review"]
_kind, _order, _movie = pl.col("kind"), pl.col("order"), pl.col("movie")
_IS_LINKED = pl.col("uri").is_not_null()
_IS_FILM = _kind.is_in([Kind.WATCHED, Kind.RATINGS])
_IS_ENTRY = _kind.is_in([Kind.DIARY, Kind.REVIEWS])
_IS_LIKE = _kind == Kind.LIKES
_VIEWING = pl.struct(
    pl.col("watched_date").cast(pl.String).alias("date"),
    pl.col("date").cast(pl.String).alias("logged_date"),
    "rating",
    pl.col("rewatch").fill_null(value=False),
    "tags",
    "uri",
    pl.col("text").alias("review"),
)


def merge(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Return the movies in page order, one row each.

    `rows` are those of all tables, as `parsing.parse` returns them. Columns: position, title, year, letterboxd_uri,
    rating, watched_date, date_source, rewatch, liked, tags (list), review, viewings (list of structs, newest first).
    """
    rows = _with_films(_numbered(_without_repeated_entries(rows, receipt)))
    rows = _attached(rows, Kind.DIARY, receipt)
    rows = _attached(_by_link(rows), Kind.REVIEWS, receipt)
    rows = _with_likes(_of_unlinked_entries(rows), receipt)
    movies = _assembled(rows, receipt)
    receipt.movies, receipt.viewings = movies.height, int(movies["viewings"].list.len().sum())
    return movies


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """Compute in memory: the streaming engine, polars' default, takes several times as long at these sizes."""
    return frame.collect(engine="in-memory")


def _without_repeated_entries(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Keep the first row of each log entry; without a link, of rows that are equal in all columns."""
    if_unlinked = [pl.when(~_IS_LINKED).then(name).alias(name) for name in _BESIDES_ENTRY]
    is_first = pl.struct("kind", "uri", "watched_date", *if_unlinked).is_first_distinct()
    is_repeated = rows.select(_IS_ENTRY & ~is_first).to_series()
    if not is_repeated.any():
        return rows
    receipt.skip(rows.filter(is_repeated), reason="duplicate")
    return rows.filter(~is_repeated)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with their `order`, `title`, `link` and `style`.

    `is_name` marks those that name a movie, `is_later` the film links that are not the first of their title and style.
    """
    is_film_link = _IS_FILM & (pl.col("link") == _order)
    return _collected(
        rows.lazy()
        .with_row_index("order")
        .with_columns(
            title=_order.first().over(_TITLE),
            link=pl.when(_IS_LINKED).then(_order.first().over("uri", _IS_ENTRY)),
            style=_style(),
            is_name=_IS_FILM,
            viewing=pl.lit(None, dtype=pl.UInt32),
        )
        .with_columns(is_later=is_film_link & ~pl.struct("title", "style", is_film_link).is_first_distinct())
    )


def _with_films(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with their `movie`, the day it was `marked`, and whether the title `has_twin`: several movies.

    The rows of watched and ratings are one movie per film link, without one per (Name, Year). Links of both styles
    that share (Name, Year) are one film: the first with the first, the second with the second. Any other row has the
    movie of its very (Name, Year), of several the first, or none.
    """
    by_link = rows["title"]
    if rows["is_later"].any():
        later = rows.filter("is_later").with_columns(place=pl.int_range(pl.len()).over("title", "style"))
        by_link = by_link.scatter(later["order"], later.select(_order.first().over("title", "place")).to_series())
    return _collected(
        rows.lazy()
        .with_columns(movie=pl.when(_IS_FILM).then(pl.coalesce(pl.lit(by_link).gather("link"), "title")))
        .with_columns(
            first=_movie.gather("title"),
            marked=pl.when(_kind == Kind.WATCHED).then("date").first(ignore_nulls=True).over("movie"),
        )
        .with_columns(
            movie=pl.when(_IS_FILM).then("movie").otherwise("first"),
            has_twin=(_movie != pl.col("first")).any().over("title"),
        )
        .drop("first")
    )


def _style() -> pl.Expr:
    """Tell the two generations of film links apart: `short` boxd.it, `slug` letterboxd.com, null without one."""
    short = pl.col("uri").str.contains("://boxd.it/", literal=True)
    return pl.when(short).then(pl.lit("short")).when(~short).then(pl.lit("slug"))


def _attached(rows: pl.DataFrame, kind: Kind, receipt: Receipt) -> pl.DataFrame:
    """Settle the rows of `kind` whose title is several films' or no film's; make a movie of what no film is called."""
    is_open = (_kind == kind) & pl.col("viewing").is_null() & (_movie.is_null() | pl.col("has_twin"))
    asked = rows.filter(is_open)
    if asked.is_empty():
        return rows
    found = _located(asked, rows.lazy().filter("is_name"), receipt)
    new = found.filter(_movie.is_null())
    movie = rows["movie"].scatter(found["order"], found["movie"]).scatter(new["order"], new["title"])
    return rows.with_columns(movie, rows["is_name"].scatter(new["order"], values=True))


def _located(asked: pl.DataFrame, names: pl.LazyFrame, receipt: Receipt) -> pl.DataFrame:
    """Return `asked` with the `movie` that one of `names` gives each row.

    By exact (Name, Year), else by the normalised title and year, else null.
    """
    of_title = names.filter(pl.col("title").is_in(asked["title"].implode()))
    found = _found(asked.select(_ASKED), of_title, receipt, on=["title"])
    missing = found.filter(_movie.is_null())
    if missing.is_empty():
        return found
    key = titles.normalised(pl.col("name")).alias("key")
    of_years = names.filter(pl.col("year").is_in(missing["year"].implode(), nulls_equal=True)).with_columns(key)
    by_key = _found(missing.with_columns(key), of_years, receipt, on=["key", "year"]).drop("key")
    return pl.concat([found.filter(_movie.is_not_null()), by_key])


def _found(asked: pl.DataFrame, names: pl.LazyFrame, receipt: Receipt, *, on: list[str]) -> pl.DataFrame:
    """Return `asked` with the `movie` of the first of `names` that is equal in the columns `on`, or null.

    Of twins it is the one marked as watched on the day the row was logged, else the first, which the receipt says.
    """
    known = names.group_by(on, maintain_order=True).agg(_movie.first(), is_twin=_movie.n_unique() > 1)
    by_day = names.filter(pl.col("marked").is_not_null()).unique([*on, "marked"], keep="first", maintain_order=True)
    by_day = by_day.select(*on, date="marked", by_day="movie")
    found = _collected(
        asked.lazy()
        .drop("movie")
        .join(known, on=on, how="left", nulls_equal=True, maintain_order="left")
        .join(by_day, on=[*on, "date"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            movie=pl.when("is_twin").then(pl.coalesce("by_day", "movie")).otherwise("movie"),
            is_in_doubt=pl.col("is_twin") & pl.col("by_day").is_null(),
        )
    )
    if found["is_in_doubt"].any():
        in_doubt = found.filter("is_in_doubt")
        receipt.ambiguous += in_doubt.height
        receipt.change(in_doubt, column="Name", reason=_AMBIGUOUS)
    return found.select(asked.columns)


def _by_link(rows: pl.DataFrame) -> pl.DataFrame:
    """Give each review the `viewing`, a diary row, that shares its entry link; give it and each like its movie."""
    is_shared = (_kind == Kind.REVIEWS) & (_kind.gather("link") == Kind.DIARY)
    of_like = pl.when(_IS_FILM.gather("link")).then(_movie.gather("link"))
    return rows.with_columns(
        viewing=pl.when(is_shared).then("link"),
        movie=pl.when(is_shared).then(_movie.gather("link")).when(_IS_LIKE).then(of_like).otherwise("movie"),
    )


def _of_unlinked_entries(rows: pl.DataFrame) -> pl.DataFrame:
    """Give each review without a link the viewing of its movie and Watched Date, among diary rows without one."""
    reviews = rows.filter(~_IS_LINKED & (_kind == Kind.REVIEWS))
    if reviews.is_empty():
        return rows
    entries = rows.filter(~_IS_LINKED & (_kind == Kind.DIARY))
    entries = entries.unique(["movie", "watched_date"], keep="first", maintain_order=True)
    entries = entries.select("movie", "watched_date", entry="order")
    found = reviews.join(entries, on=["movie", "watched_date"], how="left", nulls_equal=True, maintain_order="left")
    return rows.with_columns(rows["viewing"].scatter(found["order"], found["entry"]))


def _with_likes(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Give each like that has no movie by its link the one of its title without a link of that style; drop the rest."""
    if not rows["movie"].null_count():
        return rows
    for (style,), asked in rows.filter(_movie.is_null()).group_by("style", maintain_order=True):
        linked = rows.filter(_IS_FILM & (pl.col("style") == pl.lit(style, dtype=pl.String)))["movie"]
        names = rows.lazy().filter(pl.col("is_name") & ~_movie.is_in(linked.implode()))
        found = _located(asked, names, receipt)
        rows = rows.with_columns(rows["movie"].scatter(found["order"], found["movie"]))
    # Likes come last: nothing is known by the number of one that is dropped.
    receipt.skip(rows.filter(_movie.is_null()), reason="no such film among the movies")
    return rows.filter(_movie.is_not_null())


def _assembled(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Return one row per movie in page order: dated viewings newest first, then marking days, then title."""
    outdone = _note_repeats(rows, receipt)
    is_viewed, is_marked = pl.col("viewed_date").is_not_null(), pl.col("marked_date").is_not_null()
    source = pl.when(is_viewed).then(pl.lit("diary")).when(is_marked).then(pl.lit("marked")).otherwise(pl.lit("none"))
    rows = rows.with_columns(cells.tags(pl.col("tags")), text=pl.when(_kind == Kind.REVIEWS).then(_text_of("review")))
    return _collected(
        _by_movie(rows, outdone=outdone)
        .join(_tags(rows), on="movie", how="left", maintain_order="left")
        .with_columns(rating=_rating(), watched_date=pl.coalesce("viewed_date", "marked_date"), date_source=source)
        .sort("date_source", "watched_date", "title", "order", descending=[False, True, False, False])
        .with_row_index("position", offset=1)
        .select(_MOVIE_COLUMNS)
    )


def _note_repeats(rows: pl.DataFrame, receipt: Receipt) -> pl.Series:
    """Note rows that tell of a movie again; return the ratings that another of the film outdoes, by `order`.

    Of several ratings the newest counts, of equals the first.
    """
    is_repeated = rows.select(~_IS_ENTRY & ~pl.struct("kind", "movie").is_first_distinct()).to_series()
    if not is_repeated.any():
        return rows["order"].clear()
    repeated = rows.filter(is_repeated)
    receipt.skip(repeated.filter(_kind != Kind.RATINGS), reason="duplicate")
    newest_first = rows.filter(_kind == Kind.RATINGS).sort(
        pl.col("rating").is_null(), "date", descending=[False, True], nulls_last=True, maintain_order=True
    )
    outdone = newest_first.filter(~_movie.is_first_distinct())
    receipt.skip(outdone, reason="duplicate, or older than another rating of the film")
    return outdone["order"]


def _by_movie(rows: pl.DataFrame, *, outdone: pl.Series) -> pl.LazyFrame:
    """Return movie, order (of its first row), title, year, and what its rows tell together."""
    log = Kind.DIARY if (rows["kind"] == Kind.DIARY).any() else Kind.REVIEWS
    is_viewing = (_kind == Kind.DIARY) | ((_kind == log) & pl.col("watched_date").is_not_null())
    is_stated = (_kind == Kind.RATINGS) & ~_order.is_in(outdone.implode())
    told = _told(is_viewing=is_viewing, is_stated=is_stated)
    newest_first = [pl.when(_IS_ENTRY).then(name).alias(f"by_{name}") for name in _NEWEST_FIRST]
    return (
        _with_texts(rows)
        .lazy()
        .sort(newest_first, descending=True, nulls_last=True, maintain_order=True)
        .select("movie", "order", viewing=pl.when(is_viewing).then(_VIEWING), **told)
        .group_by("movie")
        .agg(_order.min(), pl.col(*told).first(ignore_nulls=True), viewings=pl.col("viewing").drop_nulls())
        .with_columns(
            pl.col("rewatch", "liked").fill_null(value=False),
            title=pl.lit(rows["name"]).gather("movie"),
            year=pl.lit(rows["year"]).gather("movie"),
        )
    )


def _told(*, is_viewing: pl.Expr, is_stated: pl.Expr) -> dict[str, pl.Expr]:
    """Return the columns of which a movie takes the first value: each is null in the rows that do not tell of it."""
    is_rated = pl.col("rating").is_not_null()
    return {
        "letterboxd_uri": pl.when(_IS_FILM).then("uri"),
        "marked_date": pl.col("marked"),
        "stated": pl.when(is_stated).then("rating"),
        "stated_on": pl.when(is_stated & is_rated).then("date"),
        "viewed_date": pl.when(is_viewing).then("watched_date"),
        "last_rated": pl.when(is_viewing & is_rated).then(pl.struct("rating", "date")),
        "rewatch": pl.when(is_viewing & pl.col("rewatch")).then("rewatch"),
        "liked": pl.when(_IS_LIKE).then(_IS_LIKE),
        "review": pl.when(_kind == Kind.REVIEWS).then("text"),
    }


def _with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Give each diary row the newest `text` about it."""
    texts = rows.filter(pl.col("viewing").is_not_null() & pl.col("text").is_not_null())
    texts = texts.sort(_NEWEST_FIRST, descending=True, nulls_last=True).unique("viewing", keep="first")
    return rows.with_columns(rows["text"].scatter(texts["viewing"], texts["text"]))


def _rating() -> pl.Expr:
    """Return the member's present opinion: the last rated viewing's, unless ratings.csv is of a later day."""
    logged = pl.col("last_rated").struct
    is_newer = pl.col("stated").is_not_null() & (pl.col("stated_on") > logged.field("date"))
    return pl.when(is_newer | pl.col("last_rated").is_null()).then("stated").otherwise(logged.field("rating"))


def _tags(rows: pl.DataFrame) -> pl.LazyFrame:
    """Return movie, tags: those of its diary rows, then of its reviews, without repeats."""
    tagged = rows.lazy().filter(_IS_ENTRY & (pl.col("tags").list.len() > 0)).select("movie", "tags").explode("tags")
    return tagged.group_by("movie").agg(pl.col("tags").unique(maintain_order=True))


def _text_of(column: str) -> pl.Expr:
    """Return a text as it is, or null where it is blank."""
    return pl.when(pl.col(column).str.strip_chars().str.len_bytes() > 0).then(column)
