"""People of the staff and what they do in the admin, for the tests of it."""

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission, User
from django.test import Client

from sessions_app.models import UploadSession

LIST = "/admin/sessions_app/uploadsession/"
BROKEN = b'Date,Name,Year,Letterboxd URI\n2024-01-01,"Broken,2000,https://boxd.it/abcd\n'


def superuser() -> Client:
    """Return a client of somebody who may do everything."""
    return _logged_in(User.objects.create_superuser("ada"))


def staff_with(*permissions: str) -> Client:
    """Return a client of somebody on the staff who has only these permissions."""
    user = User.objects.create_user("grace", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert user.user_permissions.count() == len(permissions)
    return _logged_in(user)


def _logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(session: UploadSession | UUID | str) -> str:
    return f"{LIST}{getattr(session, 'pk', session)}/change/"


def text_of(client: Client, address: str, data: dict[str, Any] | None = None) -> str:
    """Return a page without its markup."""
    response = client.get(address, data)
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def act(client: Client, action: str, *sessions: UploadSession, **more: str) -> Any:
    """Choose rows of the list and run an action; return the page it leads to."""
    chosen = [str(session.pk) for session in sessions]
    return client.post(LIST, {"action": action, "_selected_action": chosen, "index": "0", **more}, follow=True)
