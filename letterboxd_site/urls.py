"""Every address of the site, and what answers where there is none."""

from django.urls import include, path

handler400 = "sessions_app.api_errors.bad_request"
handler404 = "sessions_app.api_errors.not_found"
handler500 = "sessions_app.api_errors.server_error"

urlpatterns = [path("", include("sessions_app.urls"))]
