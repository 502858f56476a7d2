"""Measure the comparison of two members: CPU of the process and of its database connection.

`python -m benchmarks.compare` stores made-up members who share films in a database of its own, which it drops at the
end, and judges the median against the target. Exits 1 on a miss.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from uuid import UUID

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.stats import INSIDE, add_facts, measure, measure_apart
from benchmarks.upload import say, verdict
from movies_app import importing, made_up
from movies_app.archive import BroughtFile

TARGET_MS = 300
# Of the films of each; the two exports of which a member's is joined have some films in common.
OWN, SHARED = 0.86, 0.3


def joined(own: dict[str, bytes], common: dict[str, bytes]) -> dict[str, bytes]:
    """Return an export with the rows of both."""
    return {path: content + common.get(path, b"\n").partition(b"\n")[2] for path, content in own.items()}


def store(files: dict[str, bytes], *, seed: int) -> UUID:
    """Store an export with facts of its films and return the id of the session."""
    from sessions_app.models import UploadSession  # noqa: PLC0415 - models need the settings

    now = datetime.now(UTC)
    brought = [BroughtFile("export.zip", made_up.make_zip(files))]
    imported = importing.read_export(importing.open_export(brought), today=now.date())
    upload_session, _ = UploadSession.objects.open(now=now, display_name="", metadata={})
    importing.store(imported, session_id=upload_session.pk)
    add_facts(upload_session.pk, seed=seed, now=now)
    return upload_session.pk


def judge(films: int, *, rounds: int, backend: int) -> bool:
    """Print the cost of one size; return whether the target is met."""
    from movies_app import compare  # noqa: PLC0415

    common = made_up.make_export(films=round(films * SHARED), seed=3)
    own = (made_up.make_export(films=round(films * OWN), seed=seed) for seed in (1, 2))
    a, b = (store(joined(files, common), seed=seed) for seed, files in enumerate(own))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    told = compare.compare(a, b)["overlap"]
    cost = measure(lambda: compare.compare(a, b), rounds=rounds, backend=backend)
    together = cost.process + cost.database
    is_met = together < TARGET_MS
    say(f"{told['films']['a']:,} against {told['films']['b']:,} films, {told['both']:,} in common")
    say(f"  CPU ms: process {cost.process:.0f} (best {cost.best:.0f}), database {cost.database:.0f}")
    say(f"  together {together:.0f}, target under {TARGET_MS}:  {verdict(is_met=is_met)}")
    return is_met


def run(*, films: int, rounds: int) -> bool:
    """Measure and judge on the empty database of DATABASE_URL."""
    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('server_version')")
        backend, version = cursor.fetchone()
    say(f"PostgreSQL {version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    is_met = judge(films, rounds=rounds, backend=backend)
    connection.close()
    return is_met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--films", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    if INSIDE in os.environ:
        return 0 if run(films=options.films, rounds=options.rounds) else 1
    return measure_apart("benchmarks.compare")


if __name__ == "__main__":
    sys.exit(main())
