"""The pictures to share of an upload session, as addresses. Called by the addresses, and by whoever shows a link."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from movies_app.scope import FIRST_YEAR, LAST_YEAR
from sessions_app.incoming import imported
from sessions_app.sharing import drawn_picture


@require_safe
@cache_control(private=True, no_cache=True)
def picture(request: HttpRequest, session_id: str, *, shape: str, year: int | None = None) -> HttpResponse:
    """Answer a picture of all years, or of one: `card` for links, `story` for phones."""
    upload_session = imported(session_id, now=timezone.now())
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    png = drawn_picture(request, upload_session, year=year, shape=shape)
    if not png:
        raise Http404
    response = HttpResponse(png, content_type="image/png")
    response["ETag"] = etag = f'"{hashlib.sha256(png).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response
