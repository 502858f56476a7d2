"""`manage.py generate_export OUT.zip`: write the export of a made-up member."""

import csv
import io
from argparse import ArgumentParser
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from movies_app import made_up

_COUNTED = ("watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "watchlist.csv")
_COUNTS = ("twin_pairs", "removed_films")


class Command(BaseCommand):
    help = "Write a genuine-looking Letterboxd export of a made-up member."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the size, and each habit of the member as an option of its own."""
        parser.add_argument("out", type=Path, metavar="OUT.zip")
        parser.add_argument("--films", type=int, default=617, help="rows of watched.csv")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same bytes")
        parser.add_argument("--slug-links", action="store_true", help="as exported in 2017")
        parser.add_argument("--today", type=date.fromisoformat, help="day of the export")
        parser.add_argument("--folder", help="re-zipped on a Mac, inside this folder")
        habits = parser.add_argument_group("habits", made_up.Habits.__doc__)
        for field in fields(made_up.Habits):
            habits.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=int if field.name in _COUNTS else float,
                help=f"{'automatic' if field.default is None else field.default} unless given",
            )

    def handle(self, **options: Any) -> None:
        """Write the ZIP and say what is in it."""
        given = {field.name: options[field.name] for field in fields(made_up.Habits)}
        try:
            files = made_up.make_export(
                films=options["films"],
                seed=options["seed"],
                links="slug" if options["slug_links"] else "short",
                today=options["today"],
                habits=made_up.Habits(
                    **{name: value for name, value in given.items() if value is not None},
                ),
            )
            content = made_up.make_zip(files, top_folder=options["folder"])
            options["out"].write_bytes(content)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['out']}: {len(files)} files, {len(content):,} bytes")
        for name in _COUNTED:
            if name in files:
                self.stdout.write(f"{_count_rows(files[name]):>7,} rows in {name}")


def _count_rows(table: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(table.decode(), newline=""))) - 1
