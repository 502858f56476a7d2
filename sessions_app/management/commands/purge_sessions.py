"""`manage.py purge_sessions`: remove expired upload sessions with their movies. Meant to run daily; films stay."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum
from django.utils import timezone

from sessions_app import uploads
from sessions_app.models import PURGE_BATCH_SIZE, UploadSession


class Command(BaseCommand):
    help = "Remove expired upload sessions with their movies; safe beside a running service and beside itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be removed and remove nothing")
        parser.add_argument(
            "--batch-size", type=int, default=PURGE_BATCH_SIZE, help="sessions per statement (default: %(default)s)"
        )

    def handle(self, *args: Any, dry_run: bool, batch_size: int, **options: Any) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be 1 or more.")
        now = timezone.now()
        started = time.monotonic()
        if dry_run:
            expired = UploadSession.objects.expired(now)
            sessions, movies = expired.count(), expired.aggregate(total=Sum("total_movies", default=0))["total"]
            self.stdout.write(f"Would remove {sessions:,} upload sessions with {movies:,} movies.")
            return
        sessions = movies = 0
        for batch in uploads.purge(now=now, batch_size=batch_size):
            sessions, movies = sessions + batch.sessions, movies + batch.movies
            self.stderr.write(f"{sessions:,} upload sessions …", ending="\r" if self.stderr.isatty() else "\n")
        seconds = time.monotonic() - started
        self.stdout.write(f"Removed {sessions:,} upload sessions with {movies:,} movies in {seconds:.1f} s.")
