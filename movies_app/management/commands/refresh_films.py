"""`manage.py refresh_films`: ask TMDB again for films and collections that are due, as the worker does by the clock."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from movies_app import asking_by_hand, catalogue, enrichment
from movies_app.models import Film
from movies_app.outcomes import Due, DueFilm


class Command(BaseCommand):
    help = (
        "Ask TMDB again for the films that are due: what failed, was not found or grows old. It may be run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=sys.maxsize, help="films at most (default: all that are due)")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        """Forget what is too old to be kept, then ask until nothing is due."""
        if limit < 1:
            raise CommandError("--limit must be 1 or more.")
        asking_by_hand.require_token()
        now = timezone.now()
        catalogue.forget_old(now=now)
        asked: set[int] = set()

        def next_due(at: datetime, done: int) -> Sequence[Due]:
            due = enrichment.due_anywhere(now=at, limit=min(enrichment.SLICE_FILMS, limit - done))
            asked.update(film.id for film in due if isinstance(film, DueFilm))
            return due

        total = Film.objects.filter(next_try_at__lte=now)[:limit].count()
        progress = asking_by_hand.ask_all(next_due, total=total, clock=timezone.now, stream=self.stderr)
        failed = Film.objects.filter(pk__in=asked, last_error__isnull=False).count()
        self.stdout.write(f"Asked TMDB for {progress.done:,} films in {progress.seconds:.1f} s; {failed:,} failed.")
