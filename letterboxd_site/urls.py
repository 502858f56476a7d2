"""Every address of the site, and what answers where there is none."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

handler400 = "sessions_app.error_pages.bad_request"
handler404 = "sessions_app.error_pages.not_found"
handler500 = "sessions_app.error_pages.server_error"


def admin_addresses() -> list[URLPattern | URLResolver]:
    """Return the admin's addresses, and the one without the slash that leads there."""
    start = RedirectView.as_view(pattern_name="admin:index")
    return [path(settings.ADMIN_PATH, admin.site.urls), path(settings.ADMIN_PATH.removesuffix("/"), start)]


urlpatterns = [path("", include("sessions_app.urls")), *admin_addresses()]
