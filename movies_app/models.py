"""Film, the shared catalogue, and Movie, a film as one upload knows it.

Rows of both are written in sets by `storage` and `catalogue`; the constraints hold in the database.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Now

from movies_app import titles

# TMDB's terms forbid to keep its data for longer than six months.
FACTS_LIFETIME = timedelta(days=175)
STARS = [half / 2 for half in range(1, 11)]


class Film(models.Model):
    """A film as the world knows it, one row for all members; never deleted.

    Its identity is (`title_key`, `year`, `letterboxd_uri`), where null equals null. Everything from TMDB is null
    until enriched, and null again when it is older than TMDB's terms allow. `next_try_at` is when TMDB is to be asked
    again, whatever for: what could not be fetched, what was not found, what grows old; null asks for the first time.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        MATCHED = "matched"
        AMBIGUOUS = "ambiguous"
        UNMATCHED = "unmatched"

    title_key = models.TextField()
    title = models.TextField()
    year = models.SmallIntegerField(null=True)
    letterboxd_uri = models.TextField(null=True)

    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING, db_default=State.PENDING)
    match_method = models.TextField(null=True)
    match_confidence = models.FloatField(null=True)
    is_locked = models.BooleanField(default=False, db_default=False)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(null=True)

    media_type = models.TextField(null=True)
    tmdb_id = models.IntegerField(null=True)
    imdb_id = models.TextField(null=True)
    original_title = models.TextField(null=True)
    original_language = models.TextField(null=True)
    release_date = models.DateField(null=True)
    runtime = models.SmallIntegerField(null=True)
    genres = models.JSONField(null=True)
    directors = models.JSONField(null=True)
    cast = models.JSONField(null=True)
    crew = models.JSONField(null=True)
    countries = models.JSONField(null=True)
    languages = models.JSONField(null=True)
    studios = models.JSONField(null=True)
    keywords = models.JSONField(null=True)
    collection = models.JSONField(null=True)
    poster_path = models.TextField(null=True)
    vote_average = models.FloatField(null=True)
    vote_count = models.IntegerField(null=True)
    popularity = models.FloatField(null=True)
    budget = models.BigIntegerField(null=True)
    revenue = models.BigIntegerField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "films"
        constraints = [
            models.UniqueConstraint(
                fields=["title_key", "year", "letterboxd_uri"], nulls_distinct=False, name="films_identity"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "matched", "ambiguous", "unmatched"]), name="films_state_known"
            ),
        ]
        indexes = [
            # Partial, because an index entry for every null would cost 790 kB of log per upload.
            GinIndex(
                fields=[column],
                opclasses=["jsonb_path_ops"],
                condition=Q(**{f"{column}__isnull": False}),
                name=f"films_{column}",
            )
            for column in ("genres", "directors", "cast", "countries")
        ]
        # Partial too: a film that no one has asked for yet costs an upload nothing here.
        indexes += [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="films_next_try_at")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year or 'year unknown'})"


def is_fresh(film: str = "film__") -> Q:
    """Hold for films, or for what has one, whose facts are there and young enough to be shown."""
    return Q(**{f"{film}fetched_at__gt": Now() - FACTS_LIFETIME})


@dataclass(frozen=True)
class MoviesPage:
    """One page of movies; `count` is how many there are on all pages."""

    count: int
    number: int
    per_page: int
    movies: "MovieQuerySet"

    @property
    def has_next(self) -> bool:
        return self.number * self.per_page < self.count


class MovieQuerySet(models.QuerySet["Movie"]):
    """Sets of movies, always of one upload session."""

    def matching(
        self,
        *,
        q: str | None = None,
        genre: str | None = None,
        director: str | None = None,
        actor: str | None = None,
        country: str | None = None,
        tag: str | None = None,
        min_rating: float | None = None,
        year: int | None = None,
        watched_year: int | None = None,
        rewatch: bool | None = None,
        liked: bool | None = None,
    ) -> Self:
        """Keep the movies that fit every filter given."""
        movies = self.filter(
            **_given(tags__contains=tag and [tag], rating__gte=min_rating, year=year, rewatch=rewatch, liked=liked)
        )
        if facts := _given(
            film__genres__contains=genre and [genre],
            film__directors__contains=director and [_person(director)],
            film__cast__contains=actor and [_person(actor)],
            film__countries__contains=country and [country.upper()],
        ):
            movies = movies.filter(is_fresh(), **facts)
        if q is not None:
            movies = movies.filter(_has_in_title(q))
        return movies if watched_year is None else movies.filter(_has_viewing_in(watched_year))

    def page(self, *, total: int, page: int, per_page: int, ordering: str, **filters: Any) -> MoviesPage:
        """Return a page of the movies that fit `filters`; `total` is the number of all movies of the session.

        Unfiltered in page order it is a range of positions, else it counts and skips inside the session.
        """
        first, last = (page - 1) * per_page + 1, page * per_page
        if any(value is not None for value in filters.values()):
            fitting = self.matching(**filters)
            return MoviesPage(fitting.count(), page, per_page, fitting.in_order(ordering)[first - 1 : last])
        if ordering == "position":
            movies = self.filter(position__range=(first, last)).order_by("position")
        elif ordering == "-position":
            movies = self.filter(position__range=(total + 1 - last, total + 1 - first)).order_by("-position")
        else:
            movies = self.in_order(ordering)[first - 1 : last]
        return MoviesPage(total, page, per_page, movies)

    def in_order(self, ordering: str) -> Self:
        """Sort by a column, `-` reverses; unknown values come last, the page order breaks ties."""
        name = ordering.removeprefix("-")
        # The catalogue's key sorts capitals with small letters, whatever the database's collation.
        column = F("film__title_key" if name == "title" else name)
        if ordering.startswith("-"):
            return self.order_by(column.desc(nulls_last=True), "position")
        return self.order_by(column.asc(nulls_last=True), "position")


class Movie(models.Model):
    """A film in one upload, with every viewing of it.

    `position` is the rank in the page order, from 1, so that any page is a range of an index. `viewings` holds
    objects with date, logged_date, rating, rewatch, tags, uri and review, newest first.
    """

    class DateSource(models.TextChoices):
        DIARY = "diary"
        MARKED = "marked"
        NONE = "none"

    # The database cascades (see the migration): one statement deletes a session with all its rows.
    session = models.ForeignKey(
        "sessions_app.UploadSession",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="movies",
    )
    position = models.IntegerField()
    title = models.TextField()
    year = models.SmallIntegerField(null=True)
    rating = models.FloatField(null=True)
    watched_date = models.DateField(null=True)
    date_source = models.TextField(choices=DateSource.choices)
    letterboxd_uri = models.TextField(null=True)
    rewatch = models.BooleanField()
    liked = models.BooleanField()
    tags = models.JSONField()
    review = models.TextField(null=True)
    viewings = models.JSONField()
    # No constraint: it locks and rewrites rows of the catalogue at every upload, and films are never deleted. No index:
    # it takes a quarter of the time of an upload's COPY, and nothing asks who has a film.
    film = models.ForeignKey(
        Film, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="movies"
    )

    objects: ClassVar = MovieQuerySet.as_manager()

    class Meta:
        db_table = "movies"
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="movies_position"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__in=STARS), name="movies_rating_in_halves"
            ),
            models.CheckConstraint(
                condition=Q(date_source__in=["diary", "marked"], watched_date__isnull=False)
                | Q(date_source="none", watched_date__isnull=True),
                name="movies_date_has_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year or 'year unknown'})"


def _given(**filters: Any) -> dict[str, Any]:
    """Return those that are not None."""
    return {name: value for name, value in filters.items() if value is not None}


def _person(text: str) -> dict[str, Any]:
    """Return what a JSON column of people must contain: a TMDB id, or a name."""
    return {"id": int(text)} if text.isascii() and text.isdigit() else {"name": text}


def _has_in_title(text: str) -> Q:
    """Find a part of the title as it is written, or without regard to case, accents and punctuation."""
    return Q(title__icontains=text) | Q(film__title_key__contains=titles.normalise(text))


def _has_viewing_in(year: int) -> Func:
    path = Value(f'$[*].date ? (@ starts with "{year:04d}-")')
    return Func(
        F("viewings"),
        path,
        function="jsonb_path_exists",
        template="%(function)s(%(expressions)s::jsonpath)",
        output_field=BooleanField(),
    )
