"""The JSON API: one viewset for upload sessions. Each action finds the session, makes one call and answers.

Answers are bytes that `orjson` makes; the serializers describe them in the schema.
"""

import hashlib
from typing import Any

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import ViewSet

from movies_app import stats, takeout
from movies_app.models import Movie
from movies_app.scope import Scope
from movies_app.serializers import MoviesPageSerializer, MoviesQuerySerializer, results
from sessions_app import uploads
from sessions_app.authentication import ManageTokenAuthentication
from sessions_app.incoming import brought_files, numbers_of, origin_of, ranking_of, visited
from sessions_app.models import StoredReceipt, UploadSession
from sessions_app.scopes import ScopeQuerySerializer
from sessions_app.serializers import (
    ErrorSerializer,
    FailedImportSerializer,
    RankingQuerySerializer,
    RankingSerializer,
    ReceiptSerializer,
    SessionSerializer,
    StatusSerializer,
    TakeOutQuerySerializer,
    TakeOutSerializer,
    UploadAnswerSerializer,
    UploadParametersSerializer,
    UploadSerializer,
)
from sessions_app.throttling import UploadThrottle

_STATUS_FIELDS = ("status", "total_movies", "enriched_count", "error_message", "created_at", "expires_at")
_ERROR = ErrorSerializer
_KIND = OpenApiParameter("kind", location=OpenApiParameter.PATH, enum=list(stats.KINDS), description="What is ranked.")
_UPLOAD_ANSWERS = {
    201: UploadAnswerSerializer,
    **dict.fromkeys((400, 415, 429), _ERROR),
    **dict.fromkeys((422, 500), FailedImportSerializer),
}
_TAKE_OUT_ANSWERS: dict[Any, Any] = {
    (200, takeout.FORMS["json"]): TakeOutSerializer,
    (200, takeout.FORMS["csv"]): OpenApiTypes.STR,
    (200, takeout.FORMS["parquet"]): OpenApiTypes.BINARY,
    **dict.fromkeys((400, 404, 503), _ERROR),
}


class UploadSessionViewSet(ViewSet):
    """Upload an export, follow its session, read its movies, delete it."""

    authentication_classes = (ManageTokenAuthentication,)

    def get_throttles(self) -> list[BaseThrottle]:
        return [UploadThrottle()] if self.action == "create" else []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:  # noqa: FBT001, FBT002
        """Let a take-out be what `as` says, whatever the request accepts; its errors are JSON like all others."""
        return super().perform_content_negotiation(request, force=force or self.action == "export")

    @extend_schema(
        operation_id="upload", request={"multipart/form-data": UploadSerializer}, responses=_UPLOAD_ANSWERS, auth=[]
    )
    def create(self, request: Request) -> HttpResponse:
        """Import an export and answer its new session, with the token that manages it."""
        parameters = UploadParametersSerializer(data=request.data)
        parameters.is_valid(raise_exception=True)
        received = uploads.receive(brought_files(request), now=timezone.now(), **parameters.validated_data)
        return _answer(_upload_answer(request, received), status=201, cache="no-store")

    @extend_schema(operation_id="session", responses={200: SessionSerializer, 404: _ERROR}, auth=[])
    def retrieve(self, request: Request, session_id: str) -> HttpResponse:
        """Answer the session with its figures and history, without movies."""
        upload_session = visited(session_id, now=timezone.now())
        metadata = dict(upload_session.metadata)
        return _answer(
            {
                "session_id": upload_session.pk,
                **{name: getattr(upload_session, name) for name in (*_STATUS_FIELDS, "display_name", "last_accessed")},
                "history": metadata.pop("history"),
                "statistics": metadata.pop("statistics", None),
                "metadata": metadata,
            }
        )

    @extend_schema(operation_id="session_status", responses={200: StatusSerializer, 304: None, 404: _ERROR}, auth=[])
    def status(self, request: Request, session_id: str) -> HttpResponse:
        """Answer how the session stands, in one look-up; 304 while nothing has changed since the ETag sent."""
        row = _live(session_id).values(*_STATUS_FIELDS).first()
        if row is None:
            raise NotFound
        response = _answer({"session_id": session_id, **row})
        response["ETag"] = etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        if etag in {known.removeprefix("W/") for known in parse_etags(request.headers.get("If-None-Match", ""))}:
            response.status_code, response.content = 304, b""
            del response["Content-Type"]
        return response

    @extend_schema(
        operation_id="session_movies",
        parameters=[MoviesQuerySerializer],
        responses={200: MoviesPageSerializer, 400: _ERROR, 404: _ERROR},
        auth=[],
    )
    def movies(self, request: Request, session_id: str) -> HttpResponse:
        """Answer one page of the session's movies; a page past the end is empty."""
        query = MoviesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        upload_session = visited(session_id, now=timezone.now())
        page = upload_session.movies.page(total=upload_session.total_movies, **query.validated_data)
        return _answer(
            {
                "count": page.count,
                "page": page.number,
                "per_page": page.per_page,
                "next": _page_url(request, page.number + 1) if page.has_next else None,
                "previous": _page_url(request, page.number - 1) if page.number > 1 else None,
                "results": results(page.movies),
            }
        )

    @extend_schema(
        operation_id="session_stats",
        parameters=[ScopeQuerySerializer],
        responses={200: OpenApiTypes.OBJECT, 400: _ERROR, 404: _ERROR},
        auth=[],
    )
    def stats(self, request: Request, session_id: str) -> HttpResponse:
        """Answer every number of the stats page, of all that counts; docs/statistics.md tells what they mean."""
        query = ScopeQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        upload_session = visited(session_id, now=timezone.now())
        return _answer(numbers_of(upload_session, Scope(**query.validated_data)))

    @extend_schema(
        operation_id="session_ranking",
        parameters=[_KIND, RankingQuerySerializer],
        responses={200: RankingSerializer, 400: _ERROR, 404: _ERROR},
        auth=[],
    )
    def ranking(self, request: Request, session_id: str, kind: str) -> HttpResponse:
        """Answer one page of a ranking: everything beyond the first of the numbers; a page past the end is empty."""
        query = RankingQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        if kind not in stats.KINDS:
            raise NotFound
        asked = dict(query.validated_data)
        by, number, per_page = (asked.pop(name) for name in ("by", "page", "per_page"))
        upload_session = visited(session_id, now=timezone.now())
        ranking = ranking_of(upload_session, kind, by=by, scope=Scope(**asked))
        rows = ranking.pop("rows")
        return _answer(
            {
                **ranking,
                "page": number,
                "per_page": per_page,
                "next": _page_url(request, number + 1) if number * per_page < len(rows) else None,
                "previous": _page_url(request, number - 1) if number > 1 else None,
                "results": rows[(number - 1) * per_page : number * per_page],
            }
        )

    @extend_schema(
        operation_id="session_export", parameters=[TakeOutQuerySerializer], responses=_TAKE_OUT_ANSWERS, auth=[]
    )
    def export(self, request: Request, session_id: str) -> StreamingHttpResponse:
        """Answer all of the session's movies or viewings as a file to keep."""
        query = TakeOutQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        movies = takeout.Pinned.of(Movie.objects.filter(session__in=_live(session_id)))
        upload_session = visited(session_id, now=timezone.now())
        file = takeout.take_out(
            movies,
            total=upload_session.total_movies,
            form=query.validated_data["as"],
            of=query.validated_data["of"],
            statistics=upload_session.metadata.get("statistics"),
            is_asked=request.method == "GET",
        )
        return _sent(file)

    @extend_schema(
        operation_id="session_receipt",
        responses={200: ReceiptSerializer, 403: _ERROR, 404: _ERROR},
        auth=[{"manageToken": []}, {}],  # type: ignore[list-item]
    )
    def receipt(self, request: Request, session_id: str) -> HttpResponse:
        """Answer what the import did; single rows only to the owner."""
        upload_session = visited(session_id, now=timezone.now())
        is_owner = request.auth is not None and _is_owner(request, upload_session)
        stored = StoredReceipt.objects.filter(pk=upload_session.pk).first()
        if stored is None:
            raise NotFound
        return _answer(stored.content if is_owner else stored.without_rows())

    @extend_schema(operation_id="delete_session", responses={204: None, 401: _ERROR, 403: _ERROR, 404: _ERROR})
    def destroy(self, request: Request, session_id: str) -> HttpResponse:
        """Delete the session and everything that belongs to it."""
        upload_session = _live(session_id).first()
        if upload_session is None:
            raise NotFound
        if _is_owner(request, upload_session):
            uploads.delete(upload_session)
        return HttpResponse(status=204)


def _live(session_id: str) -> Any:
    return UploadSession.objects.of_link(session_id, now=timezone.now())


def _is_owner(request: Request, upload_session: UploadSession) -> bool:
    """Return True for the manage token; raise for none and for a wrong one."""
    if request.auth is None:
        raise NotAuthenticated("The manage token is missing.")
    if not upload_session.is_managed_by(str(request.auth)):
        raise PermissionDenied("This manage token belongs to another session.")
    return True


def _upload_answer(request: Request, received: uploads.Received) -> dict[str, Any]:
    upload_session = received.upload_session
    path = reverse("session-status", args=[upload_session.pk])
    return {
        "session_id": upload_session.pk,
        "status": upload_session.status,
        "total_movies": upload_session.total_movies,
        "stats_url": f"{origin_of(request)}/stats/{upload_session.pk}",
        "status_url": f"{origin_of(request)}{path}",
        "manage_token": received.manage_token,
        "receipt": received.receipt,
    }


def _page_url(request: Request, number: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(number)
    return f"{origin_of(request)}{request.path}?{query.urlencode()}"


def _answer(data: Any, *, status: int = 200, cache: str = "private, no-cache") -> HttpResponse:
    content = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    return HttpResponse(content, status=status, content_type="application/json", headers={"Cache-Control": cache})


def _sent(file: takeout.TakeOut) -> StreamingHttpResponse:
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{file.file_name}"',
    }
    return StreamingHttpResponse(file.parts, content_type=file.media_type, headers=headers)
