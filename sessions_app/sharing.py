"""What a link to a page shows elsewhere: its title, its pictures and where they are. Called by the pages."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from movies_app import cards, keeping
from movies_app.chart_parts import Numbers
from movies_app.chart_pictures import description, heading
from movies_app.keeping import Shelf
from movies_app.scope import Scope
from sessions_app.incoming import numbers_of, origin_of
from sessions_app.models import SAMPLE_ID, UploadSession


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a page is shown around by: its title, the paths of it and of its pictures, if any, and a name for files.

    `origin` makes a path a link that leads here from elsewhere.
    """

    title: str
    origin: str
    path: str
    card: str = ""
    story: str = ""
    file: str = ""


def sharing_of(request: HttpRequest, upload_session: UploadSession, *, path: str, year: int | None) -> Sharing:
    """Return what shows a page at `path` around, of all years or of one.

    Who has shown a picture once may keep it by its address, so that changes with what is on it.
    """
    seen = f"{upload_session.state} {upload_session.display_name} {keeping.made_by()}"
    version = hashlib.sha256(seen.encode()).hexdigest()[:8]
    folder = reverse("stats", args=[upload_session.pk]) + (f"/{year}" if year else "")
    return Sharing(
        title=heading(year, upload_session.display_name),
        origin=origin_of(request),
        path=path,
        card=f"{folder}/card.png?v={version}",
        story=f"{folder}/story.png?v={version}",
        file=f"letterboxd-stats-{year}" if year else "letterboxd-stats",
    )


def sharing_of_home(request: HttpRequest) -> Sharing:
    """Return what shows the service itself around: the sample's picture, without asking the database for it."""
    card = f"{reverse('stats', args=[SAMPLE_ID])}/card.png"
    return Sharing("Your film life on one page", origin_of(request), reverse("home"), card)


def pictured(upload_session: UploadSession, numbers: Numbers, scope: Scope) -> str:
    """Say what stands on the pictures of a page that shows `numbers` of a scope: they show all that its year has."""
    whole = Scope(year=scope.year)
    return description(numbers if scope == whole else numbers_of(upload_session, whole))


def drawn_picture(request: HttpRequest, upload_session: UploadSession, *, year: int | None, shape: str) -> bytes:
    """Return a picture as PNG, drawn once for each state of the session; nothing where there is nothing to show."""
    name, site = upload_session.display_name, urlsplit(origin_of(request)).hostname or ""

    def draw() -> bytes:
        numbers = numbers_of(upload_session, Scope(year=year))
        return cards.png(numbers, name=name, site=site, shape=shape) if numbers["overview"]["films"] else b""

    return keeping.keep(Shelf.PICTURES, (shape, year, name, site), upload_session.as_subject(), draw)
