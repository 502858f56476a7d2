"""What answers where no page does: a friendly page, or the API's JSON under /api/. Named in `letterboxd_site.urls`."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions_app import api_errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before a view sees it."""
    if _is_api(request):
        return api_errors.bad_request(request, exception)
    if isinstance(exception, TooManyFilesSent):
        refusal = api_errors.too_many_files()
        text, hint = refusal.detail, refusal.hint
    else:
        text, hint = "The request could not be read.", "Please go back and try once more."
    return page(request, HTTPStatus.BAD_REQUEST, title="That did not work", text=text, hint=hint)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from our own page, or from one that was open too long."""
    return page(
        request,
        HTTPStatus.FORBIDDEN,
        title="This form has gone stale",
        text="Your browser did not send the mark that we put into the form.",
        hint="Reload the page and try once more. Cookies of this site have to be allowed.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that nothing is at, or not any more."""
    if _is_api(request):
        return api_errors.not_found(request, exception)
    return page(
        request,
        HTTPStatus.NOT_FOUND,
        title="There is nothing here",
        text="The link may be incomplete, or the page was deleted or has expired.",
        hint=f"Pages live until {settings.SESSION_LIFETIME_DAYS} days after their last visit."
        " Uploading the export again makes a new one.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected, without its details."""
    if _is_api(request):
        return api_errors.server_error(request)
    return page(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        title="Something went wrong on our side",
        text="It is not your fault, and nothing of yours was lost.",
        hint="Please try again in a few minutes.",
    )


def busy(request: HttpRequest) -> HttpResponse:
    """Answer what too many ask for at once."""
    response = page(
        *(request, HTTPStatus.SERVICE_UNAVAILABLE),
        title="A full house",
        text=api_errors.BUSY_MESSAGE,
        hint=api_errors.BUSY_HINT,
    )
    response["Retry-After"] = str(api_errors.BUSY_SECONDS)
    return response


def page(request: HttpRequest, status: HTTPStatus, *, title: str, text: str, hint: str) -> HttpResponse:
    """Render the one page of all errors."""
    context = {"status": status.value, "title": title, "text": text, "hint": hint}
    return render(request, "error.html", context, status=status)


def _is_api(request: HttpRequest) -> bool:
    """Tell what programs ask: the API, and the probes of operators."""
    return request.path in {"/api", "/healthz", "/readyz"} or request.path.startswith("/api/")
