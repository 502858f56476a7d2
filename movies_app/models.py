"""Film and Collection, the shared catalogue; Movie, a film as one upload knows it, and StoredDigest, of its movies.

Rows are written in sets by `storage` and `catalogue`; the constraints hold in the database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, F, Func, Max, Min, Q, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Now

from movies_app.filters import Asked, Viewings
from movies_app.line_of_facts import CELLS, MORE_CELLS, sql_of
from movies_app.scope import Scope

# TMDB's terms forbid to keep its data for longer than six months.
FACTS_LIFETIME = timedelta(days=175)
STARS = [half / 2 for half in range(1, 11)]


def _line(cells: Mapping[str, str]) -> models.GeneratedField:
    return models.GeneratedField(
        expression=Func(template=sql_of(cells), output_field=models.TextField()),
        output_field=models.TextField(null=True),
        db_persist=True,
    )


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

    line_of_facts = _line(CELLS)
    line_of_more = _line(MORE_CELLS)

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


@dataclass(frozen=True)
class Figures:
    """What is told of a set of movies: days as ISO dates, the average with two decimals; None where there is none."""

    films: int
    rated: int
    average_rating: float | None
    viewings: int
    first_viewing: str | None
    last_viewing: str | None


class MovieQuerySet(models.QuerySet["Movie"]):
    """Sets of movies, always of one upload session."""

    def as_of(self, scope: Scope) -> Self:
        """Add `told_rating` and `told_date`: by the newest viewing that counts, where only some do; else as is."""
        rating, day = F("rating"), F("watched_date")
        if not scope.is_by_viewings:
            return self.annotate(told_rating=rating, told_date=day)
        viewings = Viewings.of(scope)
        then = Cast(viewings.day("max"), models.DateField())
        return self.annotate(told_rating=Coalesce(viewings.rating(), rating), told_date=then)

    def matching(self, **filters: Any) -> Self:
        """Keep the movies that fit every filter given, by the names of `movies_app.filters`; None is no filter.

        They are told of as of the viewings that `watched_year` and `rewatches_only` let count.
        """
        asked = Asked(filters)
        movies = self.as_of(asked.scope).filter(*asked.conditions())
        for film in asked.left_out():
            movies = movies.exclude(is_fresh(), film)
        return movies.filter(is_fresh()) if asked.is_by_facts else movies

    def figures(self, **filters: Any) -> "Figures":
        """Count and average the movies that fit, in one query; days are those of the viewings asked for."""
        asked = Asked(filters)
        figures = self.matching(**filters).aggregate(
            films=Count("pk"),
            rated=Count("told_rating"),
            stars=Sum("told_rating"),
            logged=Coalesce(Sum(asked.viewings.how_many(weekday=asked.weekday)), 0),
            first_viewing=Min(asked.viewings.day("min", weekday=asked.weekday)),
            last_viewing=Max(asked.viewings.day("max", weekday=asked.weekday)),
        )
        stars, rated = figures.pop("stars"), figures["rated"]
        # A sum of halves is exact, and so is its hundredfold: a tie goes to the even one, as in all other averages.
        average = round(stars * 100 / rated) / 100 if rated else None
        return Figures(average_rating=average, viewings=figures.pop("logged"), **figures)

    def exports(self, *session_ids: UUID) -> set[int]:
        """Return a number for each session that has movies; every export that is brought has another."""
        return set(self.filter(session_id__in=session_ids, position=1).values_list("pk", flat=True))

    def known_people(self) -> Iterator[list[dict[str, Any]]]:
        """Yield, for each movie whose facts are known, in page order, all who directed it, played or worked on it."""
        rows = self.filter(is_fresh()).order_by("position").values_list("film__directors", "film__cast", "film__crew")
        people = rows.iterator(chunk_size=500)
        return ([*(directors or ()), *(cast or ()), *(crew or ())] for directors, cast, crew in people)

    def page(self, *, total: int, page: int, per_page: int, ordering: str, **filters: Any) -> MoviesPage:
        """Return a page of the movies that fit `filters`; `total` is the number of all movies of the session.

        Unfiltered in page order it is a range of positions, else it counts and skips inside the session.
        """
        first, last = (page - 1) * per_page + 1, page * per_page
        movies = self.matching(**filters)
        if Asked(filters).given:
            return MoviesPage(movies.count(), page, per_page, movies.in_order(ordering)[first - 1 : last])
        if ordering == "position":
            movies = movies.filter(position__range=(first, last)).order_by("position")
        elif ordering == "-position":
            movies = movies.filter(position__range=(total + 1 - last, total + 1 - first)).order_by("-position")
        else:
            movies = movies.in_order(ordering)[first - 1 : last]
        return MoviesPage(total, page, per_page, movies)

    def in_order(self, ordering: str) -> Self:
        """Sort by a column, `-` reverses; unknown values come last, the page order breaks ties."""
        name = ordering.removeprefix("-")
        # The catalogue's key sorts capitals with small letters, whatever the database's collation.
        column = F({"title": "film__title_key", "rating": "told_rating"}.get(name, name))
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


class StoredDigest(models.Model):
    """The digest of an upload session's movies, as `digest.packed` gives it; their rows say the same, and more.

    It counts as long as its `version` is `digest.VERSION` and its `export`, as `Movie.objects.exports` has it, that of
    the movies. A session that was imported before there were digests has none.
    """

    session = models.OneToOneField(
        "sessions_app.UploadSession",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="digest",
    )
    version = models.SmallIntegerField()
    export = models.BigIntegerField()
    film_ids = ArrayField(models.BigIntegerField())
    films = models.BinaryField()
    viewings = models.BinaryField()

    class Meta:
        db_table = "digests"

    def __str__(self) -> str:
        return f"digest of version {self.version}"


class CollectionQuerySet(models.QuerySet["Collection"]):
    """Sets of collections."""

    def released(self, ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
        """Return the parts that are out by today's date, of those collections whose parts are known, by TMDB's id.

        A part has `id`, `title` and `release_date`, an ISO date; the parts are in order of release.
        """
        until_today = Func(
            F("parts"),
            Value("$[*] ? (@.release_date <= $today)"),
            template="jsonb_path_query_array(%(expressions)s::jsonpath, jsonb_build_object('today', CURRENT_DATE))",
            output_field=models.JSONField(),
        )
        # One parameter, however many ids.
        asked = RawSQL("SELECT unnest(%s::int[])", [list(ids)])
        known = self.filter(pk__in=asked, fetched_at__gt=Now() - FACTS_LIFETIME)
        return dict(known.annotate(released=until_today).values_list("pk", "released"))


class Collection(models.Model):
    """A series of films, such as a trilogy, one row for all members, as soon as TMDB was asked for its parts.

    `parts` holds all of its films as objects with id, title and release_date, in order of release, those without a
    date last; null until known, and again when older than TMDB's terms allow. `next_try_at` is when TMDB is to be
    asked again, as it is of a film.
    """

    tmdb_id = models.IntegerField(primary_key=True)
    name = models.TextField(null=True)
    parts = models.JSONField(null=True)
    fetched_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField()
    last_error = models.TextField(null=True)

    objects: ClassVar = CollectionQuerySet.as_manager()

    class Meta:
        db_table = "collections"
        indexes = [models.Index(fields=["next_try_at"], name="collections_next_try_at")]

    def __str__(self) -> str:
        return self.name or f"collection {self.tmdb_id}"
