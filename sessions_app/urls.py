"""The addresses of the pages, the API and the probes."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from movies_app import posters
from movies_app.chart_pictures import FORMATS
from sessions_app import compare_pages, films_pages, owner_pages, pages, picture_pages, ranking_pages, year_pages
from sessions_app.api import UploadSessionViewSet
from sessions_app.compare_api import ComparisonView
from sessions_app.views import healthz, readyz

# The page that shows the schema brings styles of its own; nothing else on the site may.
show_docs = csp_update({"style-src": ["'unsafe-inline'"], "img-src": ["data:"]})(
    require_safe(SpectacularSwaggerSplitView.as_view(url_name="schema"))
)
# Posters are the one thing that a page fetches from elsewhere, and only these pages do.
with_posters: Callable[[Any], Any] = csp_update({"img-src": [posters.HOST]})

urlpatterns = [
    path("api/upload", UploadSessionViewSet.as_view({"post": "create"}), name="upload"),
    path(
        "api/session/<str:session_id>",
        UploadSessionViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="session",
    ),
    path("api/session/<str:session_id>/status", UploadSessionViewSet.as_view({"get": "status"}), name="session-status"),
    path("api/session/<str:session_id>/movies", UploadSessionViewSet.as_view({"get": "movies"}), name="session-movies"),
    path("api/session/<str:session_id>/stats", UploadSessionViewSet.as_view({"get": "stats"}), name="session-stats"),
    path(
        "api/session/<str:session_id>/rankings/<str:kind>",
        UploadSessionViewSet.as_view({"get": "ranking"}),
        name="session-ranking",
    ),
    path("api/session/<str:session_id>/export", UploadSessionViewSet.as_view({"get": "export"}), name="session-export"),
    path(
        "api/session/<str:session_id>/receipt",
        UploadSessionViewSet.as_view({"get": "receipt"}),
        name="session-receipt",
    ),
    path("api/compare", ComparisonView.as_view(), name="api-compare"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", show_docs, name="docs"),
    path("", pages.home, name="home"),
    path("about", pages.about, name="about"),
    path("sample", pages.sample, name="sample"),
    path("stats/<str:session_id>", with_posters(pages.stats_page), name="stats"),
    path("stats/<str:session_id>/films", with_posters(films_pages.films), name="films"),
    path("stats/<str:session_id>/films/<int:position>", with_posters(films_pages.film), name="film"),
    path("stats/<str:session_id>/rankings/<str:kind>", ranking_pages.ranking, name="ranking"),
    path("stats/<str:session_id>/<int:year>", with_posters(year_pages.year), name="year"),
    *(
        path(f"stats/<str:session_id>/{folder}{shape}.png", picture_pages.picture, {"shape": shape})
        for folder in ("", "<int:year>/")
        for shape in FORMATS
    ),
    path("stats/<str:session_id>/receipt", pages.receipt_page, name="receipt"),
    path("stats/<str:session_id>/manage", owner_pages.manage, name="manage"),
    path("compare", compare_pages.choose, name="compare"),
    path(
        "compare/<str:session_id>/<str:other_id>",
        with_posters(compare_pages.comparison),
        name="comparison",
    ),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
