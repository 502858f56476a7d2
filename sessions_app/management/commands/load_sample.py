"""`manage.py load_sample`: put the made-up member's page at /sample. `make run` and every release call it."""

import csv
from argparse import ArgumentParser
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from movies_app import made_up
from movies_app.archive import BroughtFile
from sessions_app import uploads
from sessions_app.models import SAMPLE_ID, UploadSession, lifetime

FILMS = 1_200
SEED = 24
# A member to look at: none of the oddities that real exports have and tests need.
HABITS = made_up.Habits(logged=0.75, tagged=0.3, placeholder=0, twin_pairs=0, removed_films=0)
# Who has seen a given list, which is short, logged every film of it in a few years.
LIST_SEED = 104
LIST_HABITS = replace(HABITS, logged=1, reviewed=0.3, bulk=0)

# It stays until a newer one takes its place.
LIFETIME = timedelta(days=36_500)


class Command(BaseCommand):
    help = "Load the page of a made-up member, which /sample leads to; again when the one there is a month old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the films from a list, for `make demo`."""
        parser.add_argument(
            "--films",
            type=Path,
            metavar="FILE.csv",
            help="what the member has seen, by Name and Year, instead of made-up films",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        there = UploadSession.objects.filter(pk=SAMPLE_ID)
        if there.live(now).filter(created_at__gt=now - lifetime()).exists():
            self.stdout.write("The sample is there.")
            return
        export = _make_export(options["films"], today=now.date())
        for old in there:
            uploads.delete(old)
        files = [BroughtFile("sample.zip", made_up.make_zip(export))]
        received = uploads.receive(files, now=now, display_name="Robin Sample", session_id=SAMPLE_ID)
        there.extend(now=now, by=LIFETIME)
        self.stdout.write(f"Loaded the sample: {received.upload_session.total_movies:,} films.")


def _make_export(films: Path | None, *, today: date) -> dict[str, bytes]:
    if films is None:
        return made_up.make_export(films=FILMS, seed=SEED, today=today, habits=HABITS)
    try:
        with films.open(encoding="utf-8", newline="") as file:
            named = [(row["Name"], row["Year"]) for row in csv.DictReader(file)]
        return made_up.make_export(films=len(named), seed=LIST_SEED, today=today, habits=LIST_HABITS, named=named)
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(f"{films} is no list of films with Name and Year: {error!r}") from error
