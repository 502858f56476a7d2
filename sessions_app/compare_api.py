"""The comparison of two upload sessions as JSON."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from sessions_app.compare_forms import SAME
from sessions_app.incoming import compared
from sessions_app.serializers import ErrorSerializer


class ComparisonQuerySerializer(serializers.Serializer[Any]):
    """The two sessions that are compared."""

    a = serializers.CharField(help_text="The id of a session.")
    b = serializers.CharField(help_text="The id of another one.")

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        if attrs["a"] == attrs["b"]:
            raise serializers.ValidationError({"b": SAME})
        return attrs


class ComparisonView(APIView):
    """Compare the films of two members."""

    authentication_classes = ()

    @extend_schema(
        operation_id="compare",
        parameters=[ComparisonQuerySerializer],
        responses={200: OpenApiTypes.OBJECT, **dict.fromkeys((400, 404, 503), ErrorSerializer)},
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer what two sessions have in common and what sets them apart; docs/statistics.md tells what it means."""
        query = ComparisonQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        sessions, told = compared(**query.validated_data, now=timezone.now())
        members = {side: {"session_id": one.pk, "display_name": one.display_name} for side, one in sessions.items()}
        content = orjson.dumps({"members": members, **told})
        return HttpResponse(content, content_type="application/json", headers={"Cache-Control": "private, no-cache"})
