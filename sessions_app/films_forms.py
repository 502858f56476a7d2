"""The filters of the films page, cleaned. Called by `films_pages`.

They bear the API's names. What is not understood is left out and told; it is never an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from movies_app import browsing, chart_words
from movies_app.models import STARS
from movies_app.scope import FIRST_YEAR, LAST_YEAR
from movies_app.serializers import MAX_PAGE, ORDERINGS

VIEWS = ("grid", "list")
UNRATED = "none"
_SHOWN_LENGTH = 40
_YES_OR_NO = (("", "Any"), ("true", "Yes"), ("false", "No"))
_LEFT_OUT = (("", "Any"), ("true", "Left out"))
_BESIDE_TMDB = (("", "Any"), ("higher", "Higher"), ("lower", "Lower"), ("same", "The same"))
_STARS: dict[str, Any] = {"min_value": STARS[0], "max_value": STARS[-1]}
_YEARS = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
# What a field wants, where it is neither a text nor “true” or “false”.
_WANTED = {
    **dict.fromkeys(("year", "watched_year"), _YEARS),
    "decade": "the first year of a decade",
    **dict.fromkeys(("watched_from", "watched_to"), "a day like 2024-02-29"),
    "weekday": "a day of the week, 1 to 7",
    **dict.fromkeys(("rating", "min_rating"), "a rating of half a star to five stars"),
    "against_tmdb": "“higher”, “lower” or “same”",
    "country": "the two letters of a country",
    "language": "the letters of a language",
    "ordering": "an order of films",
    "view": "a view",
    "page": "the number of a page",
}
_BY_FACTS = ("genre", "country", "language", "person", "against_tmdb", "without_tv", "without_shorts")
Choices = list[tuple[str, str]]


def _text(label: str = "", *, longest: int = 200, widget: forms.Widget | None = None) -> forms.CharField:
    return forms.CharField(label=label, required=False, strip=False, max_length=longest, widget=widget)


def _offered(label: str, list_: str, *, longest: int = 200) -> forms.CharField:
    """Ask for a text, of which some stand in a list."""
    return _text(label, longest=longest, widget=forms.TextInput(attrs={"list": list_, "autocomplete": "off"}))


def _kept(*, longest: int = 200) -> forms.CharField:
    """Keep what a link asks for."""
    return _text(longest=longest, widget=forms.HiddenInput())


def _year(label: str, widget: forms.Widget, *, step: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR, step_size=step, widget=widget
    )


def _day() -> forms.DateField:
    return forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)


class YesOrNoField(forms.TypedChoiceField):
    """True, false, or not asked; false may be meant even where it is not offered."""

    def __init__(self, label: str = "", choices: Sequence[tuple[str, str]] = _YES_OR_NO, **field: Any) -> None:
        super().__init__(label=label, required=False, choices=choices, coerce="true".__eq__, empty_value=None, **field)

    def valid_value(self, value: Any) -> bool:
        return value == "false" or super().valid_value(value)


class RatingField(forms.FloatField):
    """A rating, or the word for none."""

    def clean(self, value: Any) -> Any:
        return UNRATED if value == UNRATED else super().clean(value)


class FilmsForm(forms.Form):
    """What is looked for among the films of an upload session; `numbers` are those of its stats page."""

    q = _text("Title", widget=forms.SearchInput(attrs={"autocomplete": "off"}))
    genre = _text("Genre", longest=100, widget=forms.Select())
    country = _text("Country", longest=2, widget=forms.Select())
    language = _text("Language", longest=3, widget=forms.Select())
    person = _offered("Person", "people")
    tag = _offered("Tag", "tags", longest=1_000)
    decade = _year("Decade", forms.Select(), step=10)
    year = _year("Year of release", forms.NumberInput(attrs={"inputmode": "numeric"}))
    watched_year = _year("Seen in", forms.Select())
    rating = RatingField(label="Rated", required=False, widget=forms.Select(), step_size=0.5, **_STARS)
    min_rating = forms.FloatField(label="Rated at least", required=False, widget=forms.Select(), **_STARS)
    against_tmdb = forms.ChoiceField(label="Compared with TMDB", required=False, choices=_BESIDE_TMDB)
    liked, rewatch, reviewed = YesOrNoField("Liked"), YesOrNoField("Rewatched"), YesOrNoField("Reviewed")
    without_tv, without_shorts = YesOrNoField("Series", _LEFT_OUT), YesOrNoField("Shorts", _LEFT_OUT)
    rewatches_only = YesOrNoField(widget=forms.HiddenInput)
    seen_again, is_rated = YesOrNoField(widget=forms.HiddenInput), YesOrNoField(widget=forms.HiddenInput)
    watched_from, watched_to = _day(), _day()
    weekday = forms.IntegerField(required=False, min_value=1, max_value=7, widget=forms.HiddenInput)
    director, actor, writer, cinematographer, composer, editor = _kept(), _kept(), _kept(), _kept(), _kept(), _kept()
    studio, keyword, collection = _kept(longest=300), _kept(longest=300), _kept(longest=300)
    ordering = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDERINGS], widget=forms.HiddenInput)
    view = forms.ChoiceField(required=False, choices=[(name, name) for name in VIEWS], widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=MAX_PAGE)

    def __init__(self, data: QueryDict, *, numbers: Mapping[str, Any]) -> None:
        super().__init__(data, use_required_attribute=False, auto_id="filter_%s", label_suffix="")
        self.has_facts = bool(numbers["coverage"]["films_with_facts"])
        self.full_clean()
        for name, choices in _choices_of(numbers).items():
            asked = self.params.get(name, "")
            # What the films do not have may be asked for all the same, and stays so.
            others = [] if asked in {"", *(value for value, _ in choices)} else [(asked, asked)]
            self.fields[name].widget.choices = [("", "Any"), *choices, *others]

    @property
    def number(self) -> int:
        """The page that is asked for."""
        return self.cleaned_data.get("page") or 1

    @property
    def look(self) -> str:
        """How films are shown: without facts there are no posters, so as a list."""
        return self.cleaned_data.get("view") or ("grid" if self.has_facts else "list")

    @property
    def filters(self) -> dict[str, Any]:
        """What `MovieQuerySet.matching` takes."""
        names = set(self.cleaned_data) - {"ordering", "view", "page"}
        filters = {name: self.cleaned_data[name] for name in names if self.cleaned_data[name] not in {None, ""}}
        if filters.get("rating") == UNRATED:
            filters |= {"rating": None, "is_rated": False}
        return filters

    @property
    def params(self) -> dict[str, str]:
        """What stands in the address, as it was given, but for what is not understood and the page."""
        return {name: self.data[name] for name in self.fields if name != "page" and self._has(name)}

    @property
    def problems(self) -> list[str]:
        """Say what is left out because it is not understood."""
        return [
            f"“{self.data[name][:_SHOWN_LENGTH]}” is not {_wanted(name)}, so it is left out." for name in self.errors
        ]

    def in_panel(self) -> Iterable[forms.BoundField]:
        """Return the fields that are folded away; without facts those that need none, or are asked for."""
        names = set(self.fields) - {"q", "page"}
        if not self.has_facts:
            names -= {name for name in _BY_FACTS if not self._has(name)}
        return (field for field in self.visible_fields() if field.name in names)

    def _has(self, name: str) -> bool:
        return name not in self.errors and bool(self.data.get(name))


def _wanted(name: str) -> str:
    is_either = isinstance(FilmsForm.base_fields[name], YesOrNoField)
    return _WANTED.get(name) or ("“true” or “false”" if is_either else "a text that can be looked for")


def _choices_of(numbers: Mapping[str, Any]) -> dict[str, Choices]:
    """Return what the films of a session have, with how many, by field."""
    stars = {row["rating"]: row["films"] for row in numbers["ratings"]["histogram"]}
    unrated = numbers["overview"]["films"] - numbers["overview"]["rated"]
    return {
        "genre": [_choice(row["genre"], row["genre"], row["films"]) for row in numbers["genres"]["all"]],
        "country": [
            _choice(row["country"], browsing.country(row["country"]), row["films"])
            for row in numbers["countries"]["all"]
        ],
        "language": [
            _choice(row["language"], browsing.language(row["language"]), row["films"])
            for row in numbers["languages"]["all"]
        ],
        "decade": [
            _choice(row["decade"], f"{row['decade']}s", row["films"])
            for row in reversed(numbers["releases"]["decades"])
        ],
        "watched_year": [(str(year), str(year)) for year in numbers["years"]],
        "rating": [
            *(_choice(f"{half:g}", chart_words.stars(half), stars[half]) for half in reversed(STARS)),
            _choice(UNRATED, "Not rated", unrated),
        ],
        "min_rating": [(f"{half:g}", chart_words.stars(half)) for half in reversed(STARS)],
    }


def _choice(value: object, text: str, films: int) -> tuple[str, str]:
    return str(value), f"{text} ({chart_words.number(films)})"
