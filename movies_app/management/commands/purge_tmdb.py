"""`manage.py purge_tmdb`: remove everything that came from TMDB, as its terms ask when one stops using it."""

from argparse import ArgumentParser
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError

from movies_app import enrichment
from movies_app.asking_by_hand import STOPPED

_IS_BUSY = "TMDB is being asked just now, and its facts would come back. Stop the worker, then run this again."
_IS_ON = "TMDB_TOKEN is still set: for films that somebody looks at TMDB will be asked again."
_QUESTION = "This removes all that TMDB told, and the ids that staff set, for good. Type yes to do it: "


class Command(BaseCommand):
    help = "Remove everything that came from TMDB, from the catalogue and the cache. Upload sessions and films stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        if enrichment.is_on():
            self.stderr.write(_IS_ON)
        try:
            if not (yes or self._is_sure()):
                raise CommandError("Nothing was removed.")
            films = enrichment.forget_all()
        except enrichment.Busy as error:
            raise CommandError(_IS_BUSY) from error
        except (EOFError, KeyboardInterrupt) as error:
            raise CommandError("Stopped. Nothing was removed.", returncode=STOPPED) from error
        cache.clear()  # numbers that were computed of it
        self.stdout.write(f"Removed what TMDB told of {films:,} films. Upload sessions and films stayed.")

    def _is_sure(self) -> bool:
        self.stderr.write(_QUESTION, ending="")
        return input() == "yes"
