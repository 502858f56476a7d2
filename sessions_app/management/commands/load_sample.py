"""`manage.py load_sample`: put the made-up member's page at /sample. `make run` and every release call it."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from movies_app import made_up
from movies_app.archive import BroughtFile
from sessions_app import uploads
from sessions_app.models import SAMPLE_ID, UploadSession, lifetime

FILMS = 1_200
SEED = 24
# A member to look at: none of the oddities that real exports have and tests need.
HABITS = made_up.Habits(logged=0.75, tagged=0.3, placeholder=0, twin_pairs=0, removed_films=0)


# It stays until a newer one takes its place.
LIFETIME = timedelta(days=36_500)


class Command(BaseCommand):
    help = "Load the page of a made-up member, which /sample leads to; again when the one there is a month old."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        there = UploadSession.objects.filter(pk=SAMPLE_ID)
        if there.live(now).filter(created_at__gt=now - lifetime()).exists():
            self.stdout.write("The sample is there.")
            return
        for old in there:
            uploads.delete(old)
        export = made_up.make_zip(made_up.make_export(films=FILMS, seed=SEED, today=now.date(), habits=HABITS))
        files = [BroughtFile("sample.zip", export)]
        received = uploads.receive(files, now=now, display_name="Robin Sample", session_id=SAMPLE_ID)
        there.extend(now=now, by=LIFETIME)
        self.stdout.write(f"Loaded the sample: {received.upload_session.total_movies:,} made-up films.")
