"""The manage token of an API request: taken from the header here, checked against the session by the action."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class ManageTokenAuthentication(BaseAuthentication):
    """Put the token of `Authorization: Bearer …` into `request.auth`; there are no users."""

    def authenticate(self, request: Request) -> tuple[None, str] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return (None, token.strip()) if scheme.lower() == "bearer" and token.strip() else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ManageTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describe the token in the schema."""

    target_class = ManageTokenAuthentication
    name = "manageToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The `manage_token` that an upload answered."}
