"""The schema of what the API says about upload sessions, and the parameters of an upload."""

from typing import Any

from rest_framework import serializers

from movies_app import takeout
from movies_app.serializers import MAX_PAGE, MAX_PER_PAGE, TakenOutMovieSerializer
from sessions_app.models import UploadSession
from sessions_app.scopes import ScopeQuerySerializer


class ErrorSerializer(serializers.Serializer[Any]):
    """The shape of every error."""

    detail = serializers.CharField(help_text="What is wrong, for people.")
    code = serializers.CharField(help_text="What is wrong, for programs.")
    file = serializers.CharField(allow_null=True, help_text="The file it is about.")
    hint = serializers.CharField(help_text="What to do.")


class FailedImportSerializer(ErrorSerializer):
    """An error after the upload session was opened."""

    session_id = serializers.UUIDField(required=False)


class UploadParametersSerializer(serializers.Serializer[Any]):
    """What an upload may bring beside its files."""

    display_name = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    leave_out_texts = serializers.BooleanField(
        required=False, default=False, help_text="Drop reviews and tags before anything is stored."
    )


class UploadSerializer(UploadParametersSerializer):
    """What an upload brings, for the schema: the files themselves are judged by `movies_app.archive`."""

    files = serializers.ListField(
        child=serializers.FileField(),
        min_length=1,
        help_text="The ZIP of the export, or its CSV files: one part named `files` for each.",
    )


class RankingQuerySerializer(ScopeQuerySerializer):
    """The parameters of a page of a ranking."""

    by = serializers.ChoiceField(
        choices=["films", "rating"],
        default="films",
        help_text="By the number of films, or by their average rating: those with at least `min_rated` rated films.",
    )
    page = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=1)
    per_page = serializers.IntegerField(min_value=1, max_value=MAX_PER_PAGE, default=100)


class RankedSerializer(serializers.Serializer[Any]):
    """Of people `id` and `name`, of all else what it is under the name of its kind, such as `genre`."""

    id = serializers.IntegerField(required=False, help_text="At TMDB.")
    name = serializers.CharField(required=False)
    genre = serializers.CharField(required=False)
    country = serializers.CharField(required=False, help_text="ISO 3166-1 code.")
    language = serializers.CharField(required=False, help_text="ISO 639-1 code.")
    studio = serializers.CharField(required=False)
    keyword = serializers.CharField(required=False)
    tag = serializers.CharField(required=False)
    films = serializers.IntegerField()
    rated = serializers.IntegerField(help_text="How many of the films have a rating.")
    average_rating = serializers.FloatField(allow_null=True)


class RankingSerializer(serializers.Serializer[Any]):
    """A page of a ranking; its first 2,000 rows are listed."""

    kind = serializers.CharField()
    by = serializers.ChoiceField(choices=["films", "rating"])
    films = serializers.IntegerField(help_text="Films that have any of the kind.")
    distinct = serializers.IntegerField(help_text="How many of the kind there are.")
    ranked = serializers.IntegerField(help_text="How many of them have enough rated films, if it takes some.")
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RankedSerializer(many=True)


class SkippedRowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="As a spreadsheet counts; the header is 1.")
    reason = serializers.CharField()


class ChangedCellSerializer(SkippedRowSerializer):
    column = serializers.CharField()


class ReceiptCountsSerializer(serializers.Serializer[Any]):
    skipped = serializers.IntegerField()
    changed = serializers.IntegerField()
    skipped_by_reason = serializers.DictField(child=serializers.IntegerField())
    changed_by_reason = serializers.DictField(child=serializers.IntegerField())


class FileReceiptSerializer(serializers.Serializer[Any]):
    """One file: rows = used + skipped. At most 200 rows are listed per reason; `counts` are complete."""

    kind = serializers.CharField()
    file = serializers.CharField()
    rows = serializers.IntegerField()
    used = serializers.IntegerField()
    skipped = SkippedRowSerializer(many=True, help_text="Empty without the manage token.")
    changed = ChangedCellSerializer(many=True, help_text="Empty without the manage token.")
    counts = ReceiptCountsSerializer()


class ReceiptSerializer(serializers.Serializer[Any]):
    """What the import read, merged and skipped, and why."""

    files = FileReceiptSerializer(many=True)
    ignored = serializers.DictField(child=serializers.IntegerField(), help_text="Files not read, by group.")
    movies = serializers.IntegerField()
    viewings = serializers.IntegerField()
    ambiguous = serializers.IntegerField(help_text="Rows that fit several films of the same name and year.")
    warnings = serializers.ListField(child=serializers.CharField())


class UploadAnswerSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=UploadSession.Status.choices)
    total_movies = serializers.IntegerField()
    stats_url = serializers.URLField(help_text="The page to share.")
    status_url = serializers.URLField()
    manage_token = serializers.CharField(help_text="Shown this once. Whoever has it may delete the session.")
    receipt = ReceiptSerializer()


class StatusSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=UploadSession.Status.choices)
    total_movies = serializers.IntegerField()
    enriched_count = serializers.IntegerField()
    error_message = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class StatisticsSerializer(serializers.Serializer[Any]):
    rated = serializers.IntegerField(help_text="Movies with a rating.")
    average_rating = serializers.FloatField(allow_null=True)
    viewings = serializers.IntegerField()
    rewatches = serializers.IntegerField(help_text="Viewings that the member flagged as a rewatch.")
    reviews = serializers.IntegerField(help_text="Movies with a review.")
    likes = serializers.IntegerField()
    first_viewing = serializers.DateField(allow_null=True)
    last_viewing = serializers.DateField(allow_null=True)


class StateSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=UploadSession.Status.choices)
    at = serializers.DateTimeField()


class MetadataSerializer(serializers.Serializer[Any]):
    files = serializers.DictField(child=serializers.IntegerField(), help_text="Bytes by kind of table.")
    ignored = serializers.DictField(child=serializers.IntegerField(), help_text="Files not read, by group.")
    leaves_out_texts = serializers.BooleanField(
        required=False, help_text="Whether reviews and tags were dropped before anything was stored."
    )
    enrichment = serializers.ChoiceField(
        choices=UploadSession.Enrichment.choices,
        allow_null=True,
        help_text="How the look at TMDB ended; null until then.",
    )


class SessionSerializer(StatusSerializer):
    display_name = serializers.CharField()
    last_accessed = serializers.DateTimeField()
    metadata = MetadataSerializer()
    statistics = StatisticsSerializer(allow_null=True, help_text="Null unless the import was completed.")
    history = StateSerializer(many=True)


class TakeOutQuerySerializer(serializers.Serializer[Any]):
    """What is taken out, and as what."""

    of = serializers.ChoiceField(
        choices=takeout.KINDS, default="movies", help_text="What a CSV or Parquet file is of; JSON has both."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `as`, which no attribute of a class may be called."""
        form = serializers.ChoiceField(choices=list(takeout.FORMS), default="json", help_text="What file it is.")
        return {"as": form, **super().get_fields()}


class TakeOutSerializer(serializers.Serializer[Any]):
    """Everything of a session in one document."""

    statistics = StatisticsSerializer(allow_null=True, help_text="As the session tells them.")
    movies = TakenOutMovieSerializer(many=True, help_text="In page order, with all their viewings.")
