"""What counts, read from an address: strictly for the API, leniently for pages. Called by both."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.fields import SkipField

from movies_app.scope import FIRST_YEAR, LAST_YEAR, MIN_RATED, MOST_MIN_RATED, Scope


class ScopeQuerySerializer(serializers.Serializer[Any]):
    """What of an upload session counts for the numbers."""

    year = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text="Viewings of this year.",
    )
    without_tv = serializers.BooleanField(required=False, default=False, help_text="No series.")
    without_shorts = serializers.BooleanField(
        required=False, default=False, help_text="No films of 40 minutes or less."
    )
    rewatches_only = serializers.BooleanField(
        required=False, default=False, help_text="Viewings that are marked as a rewatch."
    )
    min_rated = serializers.IntegerField(
        required=False,
        default=MIN_RATED,
        min_value=1,
        max_value=MOST_MIN_RATED,
        help_text="How many rated films whatever is ranked by its average must have.",
    )


def scope_of(request: HttpRequest) -> Scope:
    """Return what the address of a page asks for; what is not understood is left out."""
    known = {}
    for name, field in ScopeQuerySerializer().fields.items():
        with suppress(serializers.ValidationError, SkipField):
            known[name] = field.run_validation(field.get_value(request.GET))
    return Scope(**known)
