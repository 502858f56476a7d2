"""`manage.py warm_catalogue FILE…`: have film facts ready before the first member comes."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from movies_app import asking_by_hand, catalogue, enrichment, importing, storage
from movies_app.archive import BroughtFile, Kind, is_zip
from movies_app.errors import ExportError


class Command(BaseCommand):
    help = (
        "Put the films of exports (ZIP or CSV), or of any CSV with Name, Year and Letterboxd URI, into the catalogue "
        "and ask TMDB for those that it was not asked for yet. Nothing else of the files is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Read all files before TMDB is asked for any film."""
        asking_by_hand.require_token()
        film_ids = sorted({film_id for path in files for film_id in _add_films_of(path)})
        new = catalogue.due_among(film_ids, now=timezone.now(), limit=len(film_ids))
        progress = asking_by_hand.ask_all(
            lambda at, done: enrichment.due_among(film_ids, now=at, limit=enrichment.SLICE_FILMS),
            total=len(new),
            clock=timezone.now,
            stream=self.stderr,
        )
        known = catalogue.coverage_among(film_ids)
        self.stdout.write(
            f"{len(film_ids):,} films, {progress.done:,} asked for in {progress.seconds:.1f} s: {known.found:,} found "
            f"({known.ambiguous:,} of them ambiguous), {known.unmatched:,} unmatched, {known.waiting:,} waiting."
        )


def _add_films_of(path: Path) -> Iterable[int]:
    """Return the films of a file, after adding those that the catalogue lacks."""
    try:
        content = path.read_bytes()
        # By its name a single table may be a watchlist, of which an upload takes nothing.
        name = path.name if is_zip(content) else Kind.WATCHED.path
        export = importing.open_export([BroughtFile(name, content)])
        imported = importing.read_export(export, today=timezone.now().date(), leave_out_texts=True)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except ExportError as error:
        raise CommandError(f"{path}: {error.detail} {error.hint}".strip()) from error
    with transaction.atomic():
        return storage.add_films(imported.movies)
