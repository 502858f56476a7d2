"""Film, the shared catalogue, and Movie, a film as one upload knows it.

Rows of both are written in sets by `storage` and `catalogue`; the constraints hold in the database.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, Count, F, Func, Max, Min, Q, Sum, Value
from django.db.models.functions import Cast, Now

from movies_app import titles

# TMDB's terms forbid to keep its data for longer than six months.
FACTS_LIFETIME = timedelta(days=175)
STARS = [half / 2 for half in range(1, 11)]


def _ids(people: str, *, jobs: Sequence[str] = ()) -> models.GeneratedField:
    """Keep TMDB's ids of people, of those who did certain jobs, as a JSON text beside their names.

    The numbers count people by id: reading thirty names for each of 20,000 films takes twice as long as all the rest.
    """
    where = " || ".join(f'@.job == "{job}"' for job in jobs)
    path = Value(f"$[*] ? ({where}).id" if jobs else "$[*].id")
    ids = Func(F(people), path, function="jsonb_path_query_array", template="%(function)s(%(expressions)s::jsonpath)")
    return models.GeneratedField(
        expression=Cast(ids, models.TextField()), output_field=models.TextField(null=True), db_persist=True
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

    director_ids = _ids("directors")
    actor_ids = _ids("cast")
    writer_ids = _ids("crew", jobs=("Writer", "Screenplay", "Story", "Novel"))
    cinematographer_ids = _ids("crew", jobs=("Director of Photography",))
    composer_ids = _ids("crew", jobs=("Original Music Composer",))
    editor_ids = _ids("crew", jobs=("Editor",))

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
    first_viewing: str | None
    last_viewing: str | None


class MovieQuerySet(models.QuerySet["Movie"]):
    """Sets of movies, always of one upload session."""

    def matching(self, **filters: Any) -> Self:
        """Keep the movies that fit every filter given, by the names of `FILTERS`; None is no filter."""
        given = _given(**filters)
        movies = self.filter(*(FILTERS[name](value) for name, value in given.items()))
        return movies.filter(is_fresh()) if given.keys() & FILTERS_BY_FACTS else movies

    def figures(self, *, watched_year: int | None = None) -> "Figures":
        """Count and average in one query; `watched_year` has only the viewings of that year count."""
        days = _days_of_viewings(watched_year)
        figures = self.aggregate(
            films=Count("pk"),
            rated=Count("rating"),
            stars=Sum("rating"),
            first_viewing=Min(_day("min", days)),
            last_viewing=Max(_day("max", days)),
        )
        stars, rated = figures.pop("stars"), figures["rated"]
        # A sum of halves is exact, and so is its hundredfold: a tie goes to the even one, as in all other averages.
        return Figures(average_rating=round(stars * 100 / rated) / 100 if rated else None, **figures)

    def known_people(self) -> Iterator[list[dict[str, Any]]]:
        """Yield, for each movie whose facts are known, in page order, all who directed it, played or worked on it."""
        rows = self.filter(is_fresh()).order_by("position").values_list("film__directors", "film__cast", "film__crew")
        return ([*(directors or ()), *(cast or ()), *(crew or ())] for directors, cast, crew in rows)

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


def _named(text: str) -> dict[str, Any]:
    """Return what people, or a collection, must contain in JSON: a TMDB id, or a name."""
    return {"id": int(text)} if text.isascii() and text.isdigit() else {"name": text}


def _has_in_title(text: str) -> Q:
    """Find a part of the title as it is written, or without regard to case, accents and punctuation."""
    return Q(title__icontains=text) | Q(film__title_key__contains=titles.normalise(text))


def _has_viewing_in(year: int) -> Func:
    return Func(
        F("viewings"),
        Value(_days_of_viewings(year)),
        function="jsonb_path_exists",
        template="%(function)s(%(expressions)s::jsonpath)",
        output_field=BooleanField(),
    )


def _days_of_viewings(year: int | None) -> str:
    """Return the path to the days of a movie's viewings, to those of one year or to all."""
    return "$[*].date" if year is None else f'$[*].date ? (@ starts with "{year:04d}-")'


def _day(which: Literal["min", "max"], days: str) -> Func:
    """Return the first or the last of a movie's days, an ISO date as text."""
    return Func(
        F("viewings"),
        Value(days),
        function=which,
        template="(SELECT %(function)s(day #>> '{}') FROM jsonb_path_query(%(expressions)s::jsonpath) AS day)",
        output_field=models.TextField(),
    )


def _worked_on(text: str) -> Q:
    """Find somebody in whatever part they had in a film."""
    person = [_named(text)]
    return Q(film__directors__contains=person) | Q(film__cast__contains=person) | Q(film__crew__contains=person)


# What each filter asks of a movie. People and collections are given by TMDB's id or by their name, `decade` by its
# first year.
FILTERS: dict[str, Callable[[Any], Q | Func]] = {
    "q": _has_in_title,
    "genre": lambda genre: Q(film__genres__contains=[genre]),
    "director": lambda text: Q(film__directors__contains=[_named(text)]),
    "actor": lambda text: Q(film__cast__contains=[_named(text)]),
    "person": _worked_on,
    "country": lambda code: Q(film__countries__contains=[code.upper()]),
    "language": lambda code: Q(film__languages__contains=[code.lower()]),
    "studio": lambda name: Q(film__studios__contains=[name]),
    "collection": lambda text: Q(film__collection__contains=_named(text)),
    "tag": lambda tag: Q(tags__contains=[tag]),
    "rating": lambda rating: Q(rating=rating),
    "min_rating": lambda rating: Q(rating__gte=rating),
    "is_rated": lambda is_rated: Q(rating__isnull=not is_rated),
    "year": lambda year: Q(year=year),
    "decade": lambda decade: Q(year__range=(decade, decade + 9)),
    "watched_year": _has_viewing_in,
    "rewatch": lambda rewatch: Q(rewatch=rewatch),
    "liked": lambda liked: Q(liked=liked),
}
# Those that only find movies of which TMDB's facts are known.
FILTERS_BY_FACTS = {"genre", "director", "actor", "person", "country", "language", "studio", "collection"}
