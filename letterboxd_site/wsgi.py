"""The WSGI application that gunicorn serves."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

# One thread per upload is as fast at these sizes, and leaves the other processors to other requests.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "letterboxd_site.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request, whatever charset its content claims to be in.

    Django looks that charset up before it begins to handle errors: one that Python does not know, or that turns text
    into bytes, would end in the server's own error page, and the server would log the whole address.
    """
    environ["CONTENT_TYPE"] = with_boundary_alone(environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)


def with_boundary_alone(content_type: str) -> str:
    """Return a content type without its parameters but the boundary of multipart; everything is read as UTF-8."""
    kind, *parameters = content_type.split(";")
    kept = [parameter for parameter in parameters if parameter.partition("=")[0].strip().lower() == "boundary"]
    return ";".join([kind, *kept])
