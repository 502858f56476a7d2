"""Films in the admin: how each was matched, what TMDB tells of it, and what staff know better.

Staff set and lock an id or have films matched anew; the refreshing of the catalogue then asks TMDB.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from movies_app import catalogue, enrichment, titles
from movies_app.models import FACTS_LIFETIME, Film
from movies_app.read_only_admin import ReadOnlyAdmin, outer_link

Fact = tuple[str, str | SafeString]

# Parts of titles shorter than this are in too many titles to be worth reading the catalogue for.
SHORTEST_PART = 3
SET_BY_STAFF = ("tmdb_id", "media_type", "is_locked")
LOW_CONFIDENCE = 0.9
_YEAR_DIGITS = 4
_LARGEST_ID = 2**31 - 1
_KINDS = {"movie": "film", "tv": "series"}
_SOON = "TMDB is asked within ten minutes, while a worker runs."
_OFF = "TMDB is asked as soon as there is a TMDB_TOKEN."


class FilmForm(forms.ModelForm):  # type: ignore[type-arg]
    """The id that a film has at TMDB, as staff know it."""

    tmdb_id = forms.IntegerField(
        label="TMDB id",
        required=False,
        min_value=1,
        max_value=_LARGEST_ID,
        help_text="The number in the address of TMDB's page: 603 of themoviedb.org/movie/603-the-matrix.",
    )
    media_type = forms.TypedChoiceField(
        label="Kind",
        required=False,
        empty_value=None,
        choices=[("", "-"), *_KINDS.items()],
        help_text="A film stands under /movie/, a series under /tv/.",
    )
    is_locked = forms.BooleanField(
        label="Locked", required=False, help_text="A locked id stays. Without the lock the film is matched anew."
    )

    class Meta:
        model = Film
        fields = SET_BY_STAFF

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        tmdb_id, media_type, is_locked = (cleaned[name] for name in SET_BY_STAFF)
        if (tmdb_id is None) != (media_type is None):
            raise forms.ValidationError("Give the id and the kind together, or neither.", code="incomplete")
        if is_locked and tmdb_id is None:
            raise forms.ValidationError("There is no id to be locked.", code="nothing_to_lock")
        if tmdb_id is not None and not is_locked and {"tmdb_id", "media_type"} & set(self.changed_data):
            raise forms.ValidationError("Lock it too: without the lock this id is forgotten at once.", code="unlocked")
        return cleaned


# ── The list ───────────────────────────────────────────────────────────────────────────────────
class AttentionFilter(admin.SimpleListFilter):
    """What staff may want to look at, whatever the state of its match."""

    title = "what to look at"
    parameter_name = "only"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("unsure", f"Confidence below {LOW_CONFIDENCE}"),
            ("locked", "Locked by staff"),
            ("failed", "Last try failed"),
            ("waiting", "Waiting for TMDB"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "unsure":
                return queryset.filter(match_confidence__lt=LOW_CONFIDENCE)
            case "locked":
                return queryset.filter(is_locked=True)
            case "failed":
                return queryset.filter(last_error__isnull=False)
            case "waiting":
                return queryset.filter(catalogue.is_waiting(now=timezone.now()))
        return queryset


class FilmList(ChangeList):
    """A list of films that leaves the people and keywords of each in the database."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        films: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return films.defer("genres", "directors", "cast", "crew", "countries", "languages", "studios", "keywords")


# ── Films ─────────────────────────────────────────────────────────────────────────────────────
@admin.register(Film)
class FilmAdmin(ReadOnlyAdmin):
    """The catalogue that all members share; who may change films, sets and locks their ids."""

    form = FilmForm
    list_display = ("title", "year", "state", "confidence", "match_method", "lock", "tmdb", "fetched", "next_try")
    list_filter = ("state", AttentionFilter)
    ordering = ("title_key", "year")
    sortable_by = ("title",)
    search_fields = ("title_key",)
    search_help_text = "Part of a title, of three letters or more; fewer are its beginning. A year may follow."
    actions = ("match_again",)
    readonly_fields = (
        *("title", "year", "title_key", "letterboxd", "tmdb", "state", "match_method", "confidence", "attempts"),
        *("fetched_at", "next_try_at", "last_error"),
    )
    fieldsets = (
        (None, {"fields": ("title", "year", "title_key", "letterboxd")}),
        ("Which film it is at TMDB", {"fields": (*SET_BY_STAFF, "tmdb")}),
        (
            "How that was found out",
            {
                "fields": (
                    *("state", "match_method", "confidence", "attempts"),
                    *("fetched_at", "next_try_at", "last_error"),
                )
            },
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FilmList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(film_has(search_term)), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("movies_app.change_film")

    # What a list or a page shows of a film.
    @admin.display(description="Letterboxd")
    def letterboxd(self, film: Film) -> SafeString | str:
        return outer_link(film.letterboxd_uri)

    @admin.display(description="TMDB")
    def tmdb(self, film: Film) -> SafeString | str:
        place = _place_at_tmdb(film)
        return outer_link(place and f"https://www.themoviedb.org/{place}", place)

    @admin.display(description="confidence")
    def confidence(self, film: Film) -> str:
        return "-" if film.match_confidence is None else f"{film.match_confidence:.2f}"

    @admin.display(description="lock")
    def lock(self, film: Film) -> str:
        return "locked" if film.is_locked else "-"

    @admin.display(description="fetched")
    def fetched(self, film: Film) -> str:
        return f"{film.fetched_at:%Y-%m-%d}" if film.fetched_at else "-"

    @admin.display(description="next try")
    def next_try(self, film: Film) -> str:
        return f"{film.next_try_at:%Y-%m-%d}" if film.next_try_at else "-"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        film: Film = context["original"]
        is_fresh = bool(film.fetched_at and film.fetched_at > timezone.now() - FACTS_LIFETIME)
        context |= {"facts": told(film) if is_fresh else [], "is_too_old": bool(film.fetched_at and not is_fresh)}
        return super().render_change_form(request, context, *args, **kwargs)

    # What staff may do with films.
    def save_model(self, request: HttpRequest, obj: Film, form: Any, change: Any) -> None:
        """Store what staff decided, in place of the whole row."""
        if form.has_changed():
            chosen = {name: form.cleaned_data[name] for name in SET_BY_STAFF}
            catalogue.set_id(obj.pk, **chosen, now=timezone.now())
            self.message_user(request, _soon(), messages.SUCCESS)

    def log_change(self, request: HttpRequest, obj: Film, message: Any) -> LogEntry:
        """Tell the log the id, and not only that there is another."""
        lock = "locked" if obj.is_locked else "not locked"
        return super().log_change(request, obj, f"TMDB id: {_place_at_tmdb(obj) or 'none'}, {lock}.")

    @admin.action(description="Match again", permissions=["change"])
    def match_again(self, request: HttpRequest, queryset: QuerySet[Film]) -> None:
        if request.POST.get("select_across", "0") != "0":
            self.message_user(request, "Choose the films on the page.", messages.ERROR)
            return
        films = list(queryset)
        unlocked = [film for film in films if not film.is_locked]
        count = catalogue.match_again([film.pk for film in unlocked], now=timezone.now())
        _log(request, unlocked, message="To be matched again.")
        self.message_user(request, f"To be matched again: {_counted(count)}. {_soon()}", messages.SUCCESS)
        if locked := len(films) - count:
            self.message_user(request, f"Left alone, because locked: {_counted(locked)}.", messages.WARNING)


def _log(request: HttpRequest, films: Iterable[Film], *, message: str) -> None:
    assert request.user.pk is not None  # noqa: S101
    LogEntry.objects.log_actions(request.user.pk, films, action_flag=CHANGE, change_message=message)


def _place_at_tmdb(film: Film) -> str:
    return f"{film.media_type}/{film.tmdb_id}" if film.media_type and film.tmdb_id else ""


def _soon() -> str:
    return _SOON if enrichment.is_on() else _OFF


def _counted(films: int) -> str:
    return f"{films:,} film{'' if films == 1 else 's'}"


# ── What TMDB tells ───────────────────────────────────────────────────────────────────────────
def told(film: Film) -> list[Fact]:
    """Return what TMDB tells of a film, in words; what it does not know is left out."""
    facts: list[Fact] = [
        ("Original title", _with_note(film.original_title, film.original_language)),
        ("Released", str(film.release_date or "")),
        ("Runtime", f"{film.runtime} minutes" if film.runtime else ""),
        ("Directed by" if film.media_type != "tv" else "Created by", _names(film.directors)),
        ("Cast", _names(film.cast)),
        ("Crew", "; ".join(_with_note(person["name"], person["job"]) for person in film.crew or ())),
        *((name.capitalize(), ", ".join(getattr(film, name) or ())) for name in ("genres", "countries", "languages")),
        ("Studios", ", ".join(film.studios or ())),
        ("Keywords", ", ".join(film.keywords or ())),
        ("Collection", film.collection["name"] if film.collection else ""),
        ("Votes", f"{film.vote_average:.1f} of 10 from {film.vote_count:,}" if film.vote_average else ""),
        ("Popularity", f"{film.popularity:,.1f}" if film.popularity else ""),
        ("Budget", f"${film.budget:,}" if film.budget else ""),
        ("Revenue", f"${film.revenue:,}" if film.revenue else ""),
        ("Poster", film.poster_path or ""),
        ("IMDb", outer_link(film.imdb_id and f"https://www.imdb.com/title/{film.imdb_id}/") if film.imdb_id else ""),
    ]
    return [(label, text) for label, text in facts if text]


def _with_note(text: str | None, note: str | None) -> str:
    return f"{text} ({note})" if text and note else text or ""


def _names(people: Sequence[dict[str, Any]] | None) -> str:
    return ", ".join(person["name"] for person in people or ())


# ── Search ────────────────────────────────────────────────────────────────────────────────────
def film_has(text: str) -> Q:
    """Find films by their key: case, accents and punctuation do not count; a last word of four digits may be a year.

    The beginning of a key is found by the index where the database sorts by code points, a part never is.
    """
    text = text.strip()
    if not text:
        return Q()
    fits = _key_has(text)
    words, _, year = text.rpartition(" ")
    if words and year.isascii() and year.isdigit() and len(year) == _YEAR_DIGITS:
        fits |= _key_has(words) & Q(year=int(year))
    return fits


def _key_has(text: str) -> Q:
    key = titles.normalise(text)
    return Q(title_key__startswith=key) if len(key) < SHORTEST_PART else Q(title_key__contains=key)
