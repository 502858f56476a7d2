"""The outermost door: whatever a request says its content is, Django gets to answer it."""

import importlib
import io
import warnings
from typing import Any

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def wsgi() -> Any:
    """Return the module that gunicorn serves; loading it builds the whole application, without static files here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("letterboxd_site.wsgi")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset*=utf-8''%00",
        "text/html; charset*=nope''x",
        "text/plain; charset=hex",
        "x; charset=undefined",
    ],
)
@pytest.mark.parametrize("path", ["/", "/about", "/api/session/x", "/stats/x/manage"])
def test_a_charset_that_python_cannot_use_is_no_error_of_the_server(wsgi: Any, content_type: str, path: str) -> None:
    statuses: list[str] = []
    environ: dict[str, Any] = {
        **{"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "a=b", "SCRIPT_NAME": ""},
        **{"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1"},
        **{"CONTENT_TYPE": content_type, "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"},
    }
    body = b"".join(wsgi.application(environ, lambda status, headers: statuses.append(status)))
    assert statuses[0].startswith(("200", "404"))
    assert body


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("text/html", "text/html"),
        ("multipart/form-data; boundary=b; charset=utf-7", "multipart/form-data; boundary=b"),
        ('multipart/form-data; CHARSET=hex; Boundary="a b"', 'multipart/form-data; Boundary="a b"'),
    ],
)
def test_a_content_type_keeps_its_boundary_alone(wsgi: Any, given: str, kept: str) -> None:
    assert wsgi.with_boundary_alone(given) == kept
