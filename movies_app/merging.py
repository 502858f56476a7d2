"""From typed rows of the five tables to movies, by the rules of the import. Called by `importing`; pure.

Diary and review links name the log entry, not the film: rows meet by (Name, Year), and only watched, ratings and
likes share the film's own link. Years may be null and null equals null. `movie` is a number within the upload.
"""

from dataclasses import dataclass

import polars as pl

from movies_app import cells, titles
from movies_app.receipt import Receipt

_TITLE = ["name", "year"]
_AMBIGUOUS = "several films have this name and year; the first was taken"
_NEWEST_FIRST = ["watched_date", "date", "order"]
_MOVIE_COLUMNS = [
    *("position", "title", "year", "letterboxd_uri", "rating", "watched_date", "date_source", "rewatch", "liked"),
    *("tags", "review", "viewings"),
]
# What a row of diary or reviews says beside its link and Watched Date.
_BESIDES_ENTRY = [*_TITLE, "date", "rating", "rewatch", "tags", "review"]
_IS_UNLINKED = pl.col("uri").is_null()


@dataclass(frozen=True)
class Tables:
    """The typed rows of an upload, each frame with the columns of `parsing.SCHEMA`."""

    watched: pl.DataFrame
    ratings: pl.DataFrame
    diary: pl.DataFrame
    reviews: pl.DataFrame
    likes: pl.DataFrame


@dataclass(frozen=True)
class _Films:
    """What the rows attach to.

    `movies`: movie, name, year, uri, marked_date, rating, rated_on. `names`: name, year, movie, marked_date, every
    name a movie goes by. `links`: uri, movie, style.
    """

    movies: pl.DataFrame
    names: pl.DataFrame
    links: pl.DataFrame

    @property
    def next_movie(self) -> int:
        """Return the first number that no movie has."""
        return 0 if self.movies.is_empty() else self.movies["movie"][-1] + 1


def merge(tables: Tables, receipt: Receipt) -> pl.DataFrame:
    """Return the movies in page order, one row each.

    Columns: position, title, year, letterboxd_uri, rating, watched_date, date_source, rewatch, liked, tags (list),
    review, viewings (list of structs, newest first).
    """
    diary = _without_duplicates(tables.diary, receipt)
    reviews = _without_duplicates(tables.reviews, receipt)
    films = _films(_film_rows(tables.watched, tables.ratings), receipt)
    diary, films = _attach(diary, films, receipt)
    reviews, films = _attach_reviews(reviews, diary, films, receipt)
    liked = _liked(tables.likes, films, receipt)
    viewings = _viewings(diary, reviews)
    movies = _assemble(films.movies, viewings=viewings, diary=diary, reviews=reviews, liked=liked)
    receipt.movies, receipt.viewings = movies.height, int(movies["viewings"].list.len().sum())
    return movies


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """Compute in memory: the streaming engine, polars' default, takes several times as long at these sizes."""
    return frame.collect(engine="in-memory")


def _without_duplicates(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Keep the first row of each log entry; without a link, of rows that are equal in all columns.

    `order` numbers the rows, `tags` becomes a list.
    """
    if_unlinked = [pl.when(pl.col("uri").is_null()).then(name).alias(name) for name in _BESIDES_ENTRY]
    is_repeated = ~pl.struct("uri", "watched_date", *if_unlinked).is_first_distinct()
    numbered = rows.lazy().with_row_index("order")
    rows, repeats = pl.collect_all(
        [numbered.filter(~is_repeated).with_columns(cells.tags(pl.col("tags"))), numbered.filter(is_repeated)],
        engine="in-memory",
    )
    receipt.skip(repeats, reason="duplicate")
    return rows


def _film_rows(watched: pl.DataFrame, ratings: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of watched and ratings with their `movie`: one per film link, the rest by (Name, Year)."""
    columns = ["file", "row", *_TITLE, "uri", "date", "rating"]
    tables = [watched.lazy().select(*columns, is_rating=False), ratings.lazy().select(*columns, is_rating=True)]
    rows = pl.concat(tables).with_row_index("order").with_columns(_of_link("name"), _of_link("year"), _style())
    ranked = rows.join(_ranks(rows), on="uri", how="left", maintain_order="left")
    return _collected(
        ranked.with_columns(pl.col("rank").fill_null(1)).with_columns(
            movie=pl.col("order").first().over("link_name", "link_year", "rank"),
            marked_date=pl.when(~pl.col("is_rating")).then("date"),
        )
    )


def _films(rows: pl.DataFrame, receipt: Receipt) -> _Films:
    """Return the films of watched and ratings, given as `_film_rows` returns them."""
    movies = (
        rows.lazy()
        .group_by("movie", maintain_order=True)
        .agg(
            name=pl.col("link_name").first(),
            year=pl.col("link_year").first(),
            uri=pl.col("uri").first(ignore_nulls=True),
            marked_date=pl.col("marked_date").first(ignore_nulls=True),
        )
    )
    _note_repeats(rows.filter(~pl.col("is_rating")), receipt)
    rated = _best_ratings(rows.filter("is_rating"), receipt)
    names = rows.lazy().unique([*_TITLE, "movie"], keep="first", maintain_order=True).select(*_TITLE, "movie")
    marked = movies.select("movie", "marked_date")
    links = rows.lazy().filter(~_IS_UNLINKED).unique(["uri", "movie"], keep="first", maintain_order=True)
    return _Films(
        *pl.collect_all(
            [
                movies.join(rated.lazy(), on="movie", how="left", maintain_order="left"),
                names.join(marked, on="movie", how="left", maintain_order="left"),
                links.select("uri", "movie", "style"),
            ],
            engine="in-memory",
        )
    )


def _of_link(column: str) -> pl.Expr:
    """Return a column as the first row with the same link has it; without a link a row stands for itself."""
    first = pl.col(column).first().over("uri")
    return pl.when(_IS_UNLINKED).then(column).otherwise(first).alias(f"link_{column}")


def _ranks(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return uri, rank: the number, from 1, of a link among those of its style that share its (Name, Year).

    So the first link of one style meets the first of the other, the second the second. A link that shares with none
    is left out.
    """
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("link_name", "link_year", "style")
    return (
        rows.filter(~_IS_UNLINKED & pl.col("uri").is_first_distinct())
        .filter(pl.struct("link_name", "link_year").is_duplicated())
        .select("uri", rank=rank)
    )


def _style() -> pl.Expr:
    """Tell the two generations of film links apart: `short` boxd.it, `slug` letterboxd.com, null without one."""
    short = pl.col("uri").str.contains("://boxd.it/", literal=True)
    return pl.when(short).then(pl.lit("short")).when(~short).then(pl.lit("slug")).alias("style")


def _note_repeats(watched: pl.DataFrame, receipt: Receipt) -> None:
    if watched["movie"].n_unique() < watched.height:
        receipt.skip(watched.filter(~pl.col("movie").is_first_distinct()), reason="duplicate")


def _best_ratings(rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Return movie, rating, rated_on: of several ratings of a film the newest, of equals the first."""
    if rows["movie"].n_unique() < rows.height:
        newest_first = rows.sort(
            pl.col("rating").is_null(), "date", descending=[False, True], nulls_last=True, maintain_order=True
        )
        best = newest_first.unique("movie", keep="first", maintain_order=True)
        others = rows.join(best, on="order", how="anti")
        receipt.skip(others, reason="duplicate, or older than another rating of the film")
        rows = best
    return rows.select("movie", "rating", rated_on=pl.when(pl.col("rating").is_not_null()).then("date"))


def _attach(rows: pl.DataFrame, films: _Films, receipt: Receipt) -> tuple[pl.DataFrame, _Films]:
    """Return `rows` with their `movie`, and the films with a new one for each (Name, Year) that had none."""
    rows = _locate(rows, films.names, receipt)
    return _create(rows, films) if rows["movie"].null_count() else (rows, films)


def _locate(rows: pl.DataFrame, names: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    """Return `rows` with `movie`: by exact (Name, Year), else by the normalised title and year, else null."""
    rows = _find(rows, names, receipt, on=_TITLE)
    missing = rows.filter(pl.col("movie").is_null())
    if missing.is_empty():
        return rows
    key = titles.normalised(pl.col("name")).alias("key")
    found = _find(missing.drop("movie").with_columns(key), names.with_columns(key), receipt, on=["key", "year"])
    return pl.concat([rows.filter(pl.col("movie").is_not_null()), found.select(rows.columns)]).sort("order")


def _create(rows: pl.DataFrame, films: _Films) -> tuple[pl.DataFrame, _Films]:
    """Make a movie of each (Name, Year) that no film has."""
    new = (
        rows.filter(pl.col("movie").is_null())
        .select(_TITLE)
        .unique(maintain_order=True)
        .with_row_index("movie", offset=films.next_movie)
    )
    if new.is_empty():
        return rows, films
    rows = rows.join(new, on=_TITLE, how="left", nulls_equal=True, maintain_order="left", suffix="_new")
    rows = rows.with_columns(pl.coalesce("movie", "movie_new")).drop("movie_new")
    movies = pl.concat([films.movies, new.select("movie", *_TITLE)], how="diagonal")
    names = pl.concat([films.names, new.select(*_TITLE, "movie")], how="diagonal")
    return rows, _Films(movies=movies, names=names, links=films.links)


def _find(rows: pl.DataFrame, names: pl.DataFrame, receipt: Receipt, *, on: list[str]) -> pl.DataFrame:
    """Return `rows` with `movie`, null where `names` has none.

    Of twins it is the one marked as watched on the day the row was logged, else the first, which the receipt says.
    """
    known = (
        names.lazy()
        .group_by(on, maintain_order=True)
        .agg(pl.col("movie").first(), has_twin=pl.col("movie").n_unique() > 1)
    )
    rows = _collected(rows.lazy().join(known, on=on, how="left", nulls_equal=True, maintain_order="left"))
    if not rows["has_twin"].any():
        return rows.drop("has_twin")
    marked = (
        names.lazy()
        .filter(pl.col("marked_date").is_not_null())
        .unique([*on, "marked_date"], keep="first", maintain_order=True)
        .select(*on, by_day="movie", date="marked_date")
    )
    rows = _collected(rows.lazy().join(marked, on=[*on, "date"], how="left", nulls_equal=True, maintain_order="left"))
    in_doubt = rows.filter(pl.col("has_twin") & pl.col("by_day").is_null())
    receipt.ambiguous += in_doubt.height
    receipt.change(in_doubt, column="Name", reason=_AMBIGUOUS)
    is_told = pl.col("has_twin") & pl.col("by_day").is_not_null()
    return rows.with_columns(pl.when(is_told).then("by_day").otherwise("movie").alias("movie")).drop(
        "has_twin", "by_day"
    )


def _attach_reviews(
    reviews: pl.DataFrame, diary: pl.DataFrame, films: _Films, receipt: Receipt
) -> tuple[pl.DataFrame, _Films]:
    """Return the reviews with `movie` and `viewing` (the diary row's order), null for a review of no viewing.

    They meet by entry link; without one, by movie and Watched Date among diary rows without one.
    """
    entries = diary.lazy().filter(~_IS_UNLINKED).unique("uri", keep="first", maintain_order=True)
    entries = entries.select("uri", "movie", viewing="order")
    reviews = _collected(reviews.lazy().join(entries, on="uri", how="left", maintain_order="left"))
    if not reviews["movie"].null_count():
        return reviews, films
    rest = reviews.filter(pl.col("movie").is_null()).drop("movie", "viewing")
    rest, films = _attach(rest, films, receipt)
    unlinked = diary.filter(_IS_UNLINKED).unique(["movie", "watched_date"], keep="first", maintain_order=True)
    rest = rest.join(
        unlinked.select("movie", "watched_date", "uri", viewing="order"),
        on=["movie", "watched_date", "uri"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return pl.concat([reviews.filter(pl.col("movie").is_not_null()), rest.select(reviews.columns)]).sort("order"), films


def _viewings(diary: pl.DataFrame, reviews: pl.DataFrame) -> pl.LazyFrame:
    """Return every viewing with its movie, newest first; the order of the file decides between equals.

    They are the diary's rows, each with the newest text about it. Without a diary they are the reviews with a
    Watched Date.
    """
    texts = reviews.lazy().with_columns(_text_of("review")).sort(_NEWEST_FIRST, descending=True, nulls_last=True)
    if diary.is_empty():
        return texts.filter(pl.col("watched_date").is_not_null())
    of_viewing = (
        texts.filter(pl.col("viewing").is_not_null() & pl.col("review").is_not_null())
        .unique("viewing", keep="first", maintain_order=True)
        .select("review", order="viewing")
    )
    rows = diary.lazy().drop("review").join(of_viewing, on="order", how="left", maintain_order="left")
    return rows.sort(_NEWEST_FIRST, descending=True, nulls_last=True)


def _liked(likes: pl.DataFrame, films: _Films, receipt: Receipt) -> pl.Series:
    """Return the movies that are liked: by film link, else by title among movies without a link of that style."""
    links = films.links.lazy().select("uri", "movie")
    styled = likes.lazy().with_row_index("order").with_columns(_style())
    likes = _collected(styled.join(links, on="uri", how="left", maintain_order="left"))
    if likes["movie"].null_count():
        found = [likes.filter(pl.col("movie").is_not_null())]
        rest = likes.filter(pl.col("movie").is_null()).drop("movie")
        for (style,), rows in rest.group_by("style", maintain_order=True):
            same_style = films.links.filter(pl.col("style") == pl.lit(style, dtype=pl.String))
            others = films.names.join(same_style, on="movie", how="anti")
            found.append(_locate(rows, others, receipt).select(likes.columns))
        likes = pl.concat(found).sort("order")
        receipt.skip(likes.filter(pl.col("movie").is_null()), reason="no such film among the movies")
        likes = likes.filter(pl.col("movie").is_not_null())
    _note_repeats(likes, receipt)
    return likes["movie"]


def _assemble(
    movies: pl.DataFrame, *, viewings: pl.LazyFrame, diary: pl.DataFrame, reviews: pl.DataFrame, liked: pl.Series
) -> pl.DataFrame:
    """Return one row per movie in page order: dated viewings newest first, then marking days, then title."""
    is_viewed, is_marked = pl.col("viewed_date").is_not_null(), pl.col("marked_date").is_not_null()
    source = pl.when(is_viewed).then(pl.lit("diary")).when(is_marked).then(pl.lit("marked")).otherwise(pl.lit("none"))
    return _collected(
        movies.lazy()
        .join(_by_movie(viewings), on="movie", how="left", maintain_order="left")
        .join(_tags(diary, reviews), on="movie", how="left", maintain_order="left")
        .join(_latest_reviews(reviews), on="movie", how="left", maintain_order="left")
        .with_columns(
            _rating(),
            watched_date=pl.coalesce("viewed_date", "marked_date"),
            date_source=source,
            rewatch=pl.col("rewatch").fill_null(value=False),
            liked=pl.col("movie").is_in(liked.implode()),
        )
        .sort("date_source", "watched_date", "name", "movie", descending=[False, True, False, False])
        .with_row_index("position", offset=1)
        .rename({"name": "title", "uri": "letterboxd_uri"})
        .select(_MOVIE_COLUMNS)
    )


def _by_movie(viewings: pl.LazyFrame) -> pl.LazyFrame:
    """Return movie, viewed_date, the last rated viewing's rating and logging day, rewatch, viewings."""
    is_rated = pl.col("rating").is_not_null()
    viewing = pl.struct(
        pl.col("watched_date").cast(pl.String).alias("date"),
        pl.col("date").cast(pl.String).alias("logged_date"),
        "rating",
        pl.col("rewatch").fill_null(value=False),
        "tags",
        "uri",
        "review",
    )
    return viewings.group_by("movie").agg(
        viewed_date=pl.col("watched_date").first(),
        viewing_rating=pl.col("rating").first(ignore_nulls=True),
        rating_logged=pl.col("date").filter(is_rated).first(),
        rewatch=pl.col("rewatch").any(),
        viewings=viewing,
    )


def _rating() -> pl.Expr:
    """Return the member's present opinion: the last rated viewing's, unless ratings.csv is of a later day."""
    is_newer = pl.col("rating").is_not_null() & (pl.col("rated_on") > pl.col("rating_logged"))
    is_only = pl.col("viewing_rating").is_null()
    return pl.when(is_newer | is_only).then("rating").otherwise("viewing_rating").alias("rating")


def _tags(diary: pl.DataFrame, reviews: pl.DataFrame) -> pl.LazyFrame:
    """Return movie, tags: those of its diary rows, then of its reviews, without repeats."""
    rows = pl.concat([diary.lazy().select("movie", "tags"), reviews.lazy().select("movie", "tags")])
    rows = rows.filter(pl.col("tags").list.len() > 0).explode("tags")
    return rows.group_by("movie").agg(pl.col("tags").unique(maintain_order=True))


def _latest_reviews(reviews: pl.DataFrame) -> pl.LazyFrame:
    rows = reviews.lazy().with_columns(_text_of("review")).filter(pl.col("review").is_not_null())
    rows = rows.sort(_NEWEST_FIRST, descending=True, nulls_last=True)
    return rows.unique("movie", keep="first", maintain_order=True).select("movie", "review")


def _text_of(column: str) -> pl.Expr:
    """Return a text as it is, or null where it is blank."""
    return pl.when(pl.col(column).str.strip_chars().str.len_bytes() > 0).then(column).alias(column)
