"""`manage.py load_sample`: put the made-up member's page at /sample, once. `make run` calls it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from movies_app import made_up
from movies_app.archive import BroughtFile
from sessions_app import uploads
from sessions_app.models import SAMPLE_ID, UploadSession

FILMS = 1_200
SEED = 24
# A member to look at: none of the oddities that real exports have and tests need.
HABITS = made_up.Habits(logged=0.75, tagged=0.3, placeholder=0, twin_pairs=0, removed_films=0)


class Command(BaseCommand):
    help = "Load the page of a made-up member, which /sample leads to; does nothing when it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if UploadSession.objects.sample(now):
            self.stdout.write("The sample is there.")
            return
        for expired in UploadSession.objects.filter(pk=SAMPLE_ID):
            uploads.delete(expired)
        export = made_up.make_zip(made_up.make_export(films=FILMS, seed=SEED, today=now.date(), habits=HABITS))
        files = [BroughtFile("sample.zip", export)]
        received = uploads.receive(files, now=now, display_name="Robin Sample", session_id=SAMPLE_ID)
        self.stdout.write(f"Loaded the sample: {received.upload_session.total_movies:,} made-up films.")
