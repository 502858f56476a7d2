"""Movies as the API shows them: the schema of one, the parameters of a page, and the page as JSON bytes.

A page is the hottest large answer, so its rows go from the database to JSON without a serializer: columns of JSON
pass through as text.
"""

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.validators import MaxValueValidator, MinValueValidator, StepValueValidator
from django.db.models import BooleanField, ExpressionWrapper, F, TextField
from django.db.models.functions import Cast
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from movies_app import posters, takeout_files
from movies_app.models import STARS, Film, Movie, MovieQuerySet, is_fresh
from movies_app.scope import FIRST_YEAR, LAST_YEAR

MAX_PER_PAGE = 500
MAX_PAGE = 1_000_000
ORDERINGS = ["position", "-position", "title", "-title", "year", "-year", "rating", "-rating"]

_PLAIN = [
    *("id", "position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri", "rewatch", "liked"),
    "review",
]
_JSON = ["tags", "viewings"]
_FILM_PLAIN = [
    *("media_type", "tmdb_id", "imdb_id", "original_title", "original_language", "release_date", "runtime"),
    *("vote_average", "vote_count", "popularity", "budget", "revenue", "poster_path"),
]
_FILM_JSON = ["genres", "directors", "cast", "crew", "countries", "languages", "studios", "keywords", "collection"]
_FACTS = {*_FILM_PLAIN, *_FILM_JSON}


@extend_schema_field({"type": "number", "minimum": STARS[0], "maximum": STARS[-1], "multipleOf": STARS[0]})
class StarsField(serializers.FloatField):
    """A rating, in halves."""

    default_validators = (
        MinValueValidator(STARS[0]),
        MaxValueValidator(STARS[-1]),
        StepValueValidator(STARS[0]),
    )


@extend_schema_field({"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR, "multipleOf": 10})
class DecadeField(serializers.IntegerField):
    """The first year of a decade."""

    default_validators = (MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR), StepValueValidator(10))


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CrewMemberSerializer(PersonSerializer):
    job = serializers.CharField()


class CollectionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ViewingSerializer(serializers.Serializer[Any]):
    date = serializers.DateField(allow_null=True, help_text="Day of the viewing.")
    logged_date = serializers.DateField(allow_null=True, help_text="Day it was written into the diary.")
    rating = serializers.FloatField(allow_null=True)
    rewatch = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
    uri = serializers.CharField(allow_null=True, help_text="Link of the diary entry.")
    review = serializers.CharField(allow_null=True)


class MovieSerializer(serializers.Serializer[Any]):
    """One film of an upload. What TMDB knows of it is null until known."""

    id = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Rank in the page order, from 1.")
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    rating = serializers.FloatField(allow_null=True, help_text="0.5 to 5 in halves.")
    watched_date = serializers.DateField(allow_null=True)
    date_source = serializers.ChoiceField(choices=Movie.DateSource.choices)
    letterboxd_uri = serializers.CharField(allow_null=True)
    rewatch = serializers.BooleanField()
    liked = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
    review = serializers.CharField(allow_null=True, help_text="The latest.")
    viewings = ViewingSerializer(many=True, help_text="Newest first.")
    tmdb_enriched = serializers.BooleanField(help_text="Whether what TMDB knows is there.")
    tmdb_state = serializers.ChoiceField(choices=Film.State.choices, help_text="How the look for it at TMDB stands.")
    media_type = serializers.ChoiceField(choices=["movie", "tv"], allow_null=True)
    tmdb_id = serializers.IntegerField(allow_null=True)
    imdb_id = serializers.CharField(allow_null=True)
    original_title = serializers.CharField(allow_null=True)
    original_language = serializers.CharField(allow_null=True, help_text="ISO 639-1 code.")
    release_date = serializers.DateField(allow_null=True)
    runtime = serializers.IntegerField(allow_null=True, help_text="Minutes.")
    vote_average = serializers.FloatField(allow_null=True, help_text="0 to 10, of TMDB's members.")
    vote_count = serializers.IntegerField(allow_null=True)
    popularity = serializers.FloatField(allow_null=True)
    budget = serializers.IntegerField(allow_null=True, help_text="US dollars.")
    revenue = serializers.IntegerField(allow_null=True, help_text="US dollars.")
    poster_url = serializers.CharField(allow_null=True)
    genres = serializers.ListField(child=serializers.CharField(), allow_null=True)
    directors = PersonSerializer(many=True, allow_null=True)
    cast = PersonSerializer(many=True, allow_null=True)
    crew = CrewMemberSerializer(many=True, allow_null=True)
    countries = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="ISO 3166-1 codes.")
    languages = serializers.ListField(child=serializers.CharField(), allow_null=True)
    studios = serializers.ListField(child=serializers.CharField(), allow_null=True)
    keywords = serializers.ListField(child=serializers.CharField(), allow_null=True)
    collection = CollectionSerializer(allow_null=True)


class TakenOutMovieSerializer(MovieSerializer):
    """A movie as it is taken out: what the member brought, and of TMDB's facts those that help to go on elsewhere."""

    def get_fields(self) -> dict[str, Any]:
        """Return those of a movie that are in the file, with directors by name alone."""
        names = serializers.ListField(child=serializers.CharField(), allow_null=True)
        fields = super().get_fields() | {"directors": names}
        return {name: fields[name] for name in takeout_files.COLUMNS}


class MoviesPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MovieSerializer(many=True)


def _text(meaning: str = "", *, longest: int = 200) -> serializers.CharField:
    return serializers.CharField(required=False, trim_whitespace=False, max_length=longest, help_text=meaning)


def _person(part: str) -> serializers.CharField:
    return _text(f"Name, or TMDB id, of {part}.")


def _number(meaning: str, lowest: int, highest: int) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=lowest, max_value=highest, help_text=meaning)


def _year(meaning: str) -> serializers.IntegerField:
    return _number(meaning, FIRST_YEAR, LAST_YEAR)


def _either(meaning: str) -> serializers.BooleanField:
    return serializers.BooleanField(required=False, allow_null=True, default=None, help_text=meaning)


class MoviesQuerySerializer(serializers.Serializer[Any]):
    """The parameters of a page of movies; the filters are those of `filters`."""

    page = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=1)
    per_page = serializers.IntegerField(min_value=1, max_value=MAX_PER_PAGE, default=100)
    ordering = serializers.ChoiceField(choices=ORDERINGS, default="position")

    q = _text("Part of the title.")
    year = _year("Year of release.")
    decade = DecadeField(required=False, help_text="First year of the decade of release.")
    liked = _either("Liked, or not.")
    rewatch = _either("Some viewing is marked as a rewatch, or none is.")
    tag = _text("One of the member's tags.", longest=1_000)

    rating = StarsField(required=False, help_text="This rating.")
    min_rating = serializers.FloatField(
        required=False, min_value=STARS[0], max_value=STARS[-1], help_text="At least this rating."
    )
    is_rated = _either("Rated, or not.")
    reviewed = _either("With a review, or without.")
    seen_again = _either("With two viewings or more, or with fewer.")
    against_tmdb = serializers.ChoiceField(
        choices=["higher", "lower", "same"], required=False, help_text="Rated so beside TMDB's members, if 50 voted."
    )

    watched_year = _year("A viewing in this year; movies are told of as they were then.")
    watched_from = serializers.DateField(required=False, help_text="A viewing on this day or later.")
    watched_to = serializers.DateField(required=False, help_text="A viewing on this day or earlier.")
    weekday = _number("A viewing on this day of the week: 1 is Monday, 7 Sunday.", 1, 7)
    rewatches_only = _either("A viewing marked as a rewatch; movies are told of as they were then.")
    without_tv = _either("No series.")
    without_shorts = _either("No films of 40 minutes or less.")

    genre = _text(longest=100)
    country = _text("ISO 3166-1 code.", longest=2)
    language = _text("ISO 639-1 code.", longest=3)
    studio, keyword = _text(longest=300), _text(longest=300)
    collection = _text("Name, or TMDB id.", longest=300)
    director, actor, person = _person("a director"), _person("one of the cast"), _person("anybody of cast or crew")
    writer, cinematographer = _person("a writer"), _person("a director of photography")
    composer, editor = _person("a composer"), _person("an editor")


def results(movies: MovieQuerySet) -> list[dict[str, Any]]:
    """Return the rows of a page, ready for `orjson`, in one query."""
    columns: list[Any] = [
        *("told_rating" if name == "rating" else name for name in _PLAIN),
        ExpressionWrapper(is_fresh(), BooleanField()),
        "film__state",
        *(f"film__{name}" for name in _FILM_PLAIN),
        *(Cast(name, TextField()) for name in _JSON),
        *(Cast(F(f"film__{name}"), TextField()) for name in _FILM_JSON),
    ]
    names = [*_PLAIN, "tmdb_enriched", "tmdb_state", *_FILM_PLAIN, *_JSON, *_FILM_JSON]
    plain = len(names) - len(_JSON) - len(_FILM_JSON)
    return [_movie(names, row, plain=plain) for row in movies.values_list(*columns)]


def _movie(names: list[str], row: Iterable[Any], *, plain: int) -> dict[str, Any]:
    """Return one movie of `MovieSerializer`'s shape."""
    values = list(row)
    values[plain:] = [None if text is None else orjson.Fragment(text) for text in values[plain:]]
    movie = dict(zip(names, values, strict=True))
    if not movie["tmdb_enriched"]:
        movie |= dict.fromkeys(_FACTS) | {"tmdb_enriched": False}
    poster_path = movie.pop("poster_path")
    movie["poster_url"] = poster_path and posters.BASE + poster_path
    return movie
