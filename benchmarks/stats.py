"""Measure the numbers of the stats page: CPU of the process and of its database connection, cold and from the cache,
and what a page from the cache costs.

`python -m benchmarks.stats` stores made-up members in a database of its own, which it drops at the end, and judges the
medians against the targets. Exits 1 on a miss.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import django
from django.core.management import call_command
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import setup_test_environment

from benchmarks.upload import OURS_ENV, ROOT, database_server, say, scratch_database, verdict
from movies_app import importing, made_up
from movies_app.archive import BroughtFile
from movies_app.scope import Scope

TARGETS_MS = {1_600: 40, 20_000: 500}
POLLS = 3  # what a page from the cache may cost; a first visit also pays the render
WITHOUT_FACTS, IN_SERIES = 0.05, 0.15
GENRES = ["Drama", "Comedy", "Thriller", "Action", "Romance", "Horror", "Crime", "Adventure", "Animation", "Family"]
COUNTRIES = ["US", "GB", "FR", "DE", "JP", "IT", "KR", "ES", "CA", "IN"]
LANGUAGES = ["en", "fr", "ja", "ko", "es"]
JOBS = ["Screenplay", "Writer", "Director of Photography", "Original Music Composer", "Editor"]
INSIDE = "DJANGO_SETTINGS_MODULE"  # set in the process that measures


@dataclass(frozen=True)
class Cost:
    """CPU in ms of one call: of the process, at the median and at best; of the database's backend, on average."""

    process: float
    best: float
    database: float

    def line(self, name: str) -> str:
        return f"  {name:<20} {self.process:>15.1f} {self.best:>9.1f} {self.database:>9.1f}"


def measure(call: Callable[[], Any], *, rounds: int, backend: int) -> Cost:
    """Call again and again; two calls before warm up."""
    call()
    call()
    before, costs = backend_ms(backend), []
    for _ in range(rounds):
        started = time.process_time()
        call()
        costs.append((time.process_time() - started) * 1000)
    return Cost(statistics.median(costs), min(costs), (backend_ms(backend) - before) / rounds)


def backend_ms(pid: int) -> float:
    """Return the CPU that a process has used; 0 where it runs on another machine."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def store(*, films: int, seed: int) -> UUID:
    """Store a made-up member and return the id of the session."""
    from sessions_app.models import UploadSession  # noqa: PLC0415 - models need the settings

    now = datetime.now(UTC)
    zipped = made_up.make_zip(made_up.make_export(films=films, seed=seed))
    imported = importing.read_export(importing.open_export([BroughtFile("export.zip", zipped)]), today=now.date())
    upload_session, _ = UploadSession.objects.open(now=now, display_name="", metadata={})
    importing.store(imported, session_id=upload_session.pk)
    UploadSession.objects.update(status=UploadSession.Status.COMPLETED, total_movies=imported.movies.height)
    add_facts(upload_session.pk, seed=seed, now=now)
    return upload_session.pk


def add_facts(session_id: UUID, *, seed: int, now: datetime) -> None:
    """Give each film of a session facts as many and as long as TMDB's are, but for one in twenty."""
    from movies_app import catalogue  # noqa: PLC0415
    from movies_app.models import Movie  # noqa: PLC0415

    rng = Random(seed)
    film_ids = list(Movie.objects.filter(session_id=session_id).values_list("film_id", flat=True).distinct())
    for start in range(0, len(film_ids), 1_000):
        known = (film_id for film_id in film_ids[start : start + 1_000] if rng.random() > WITHOUT_FACTS)
        catalogue.store(made_up_facts(film_id, rng, now=now) for film_id in known)


def made_up_facts(film_id: int, rng: Random, *, now: datetime) -> dict[str, Any]:
    """Return the columns of a film: few have worked on many films, most on one or two."""

    def some(what: str, most: float) -> list[str]:
        return list(dict.fromkeys(f"{what} {int(rng.paretovariate(1) * 9)}" for _ in range(round(rng.random() * most))))

    def people(count: int) -> list[dict[str, Any]]:
        ids = {int(rng.paretovariate(0.9) * 60) % 400_000 for _ in range(count)}
        return [{"id": id_ + 1, "name": f"Somebody the {id_}th"} for id_ in ids]

    cast = people(min(30, round(rng.gammavariate(3, 7))))
    series = {"id": film_id // 3 + 1, "name": f"Collection {film_id // 3}"} if rng.random() < IN_SERIES else None
    return {
        **{"id": film_id, "state": "matched", "fetched_at": now.isoformat(), "media_type": "movie", "tmdb_id": film_id},
        **{"runtime": rng.randint(60, 200), "vote_average": round(rng.uniform(4, 9), 3)},
        **{"vote_count": int(rng.paretovariate(0.5) * 10) % 40_000, "poster_path": f"/{film_id:027d}.jpg"},
        **{"genres": rng.sample(GENRES, rng.randint(1, 3)), "countries": rng.sample(COUNTRIES, rng.choice([1, 1, 2]))},
        **{"languages": rng.sample(LANGUAGES, rng.choice([1, 1, 2])), "studios": some("Studio", 6)},
        **{"keywords": some("some keyword", 20), "directors": people(1), "cast": cast, "collection": series},
        "crew": [one | {"job": job} for job in JOBS for one in people(1)],
    }


def judge(films: int, *, rounds: int, backend: int) -> bool:
    """Print the costs of one size; return whether its target is met."""
    from movies_app import stats  # noqa: PLC0415
    from movies_app.keeping import Subject  # noqa: PLC0415
    from movies_app.models import StoredDigest  # noqa: PLC0415
    from movies_app.stats import computing, seen  # noqa: PLC0415

    session_id, is_met = store(films=films, seed=films), True
    latest = stats.cached(Subject(session_id, "kept"))["years"][0]
    calls: dict[str, Callable[[], Any]] = {
        "cold": lambda: stats.compute(session_id=session_id),
        "reading alone": lambda: seen.see(computing.movies_of(session_id), scope=Scope()),
        "cold, one year": lambda: stats.compute(session_id=session_id, scope=Scope(year=latest)),
        "from the cache": lambda: stats.cached(Subject(session_id, "kept")),
    }
    say(f"\n{f'{films:,} films':<22} CPU ms: process      best  database")
    for name, call in calls.items():
        cost = measure(call, rounds=rounds, backend=backend)
        line = cost.line(name)
        if name == "cold" and films in TARGETS_MS:
            together, limit = cost.process + cost.database, TARGETS_MS[films]
            is_met = together < limit
            line += f"   together {together:.0f}, target under {limit}:  {verdict(is_met=is_met)}"
        say(line)
    is_met = judge_page(session_id, rounds=rounds, backend=backend) and is_met
    StoredDigest.objects.filter(session_id=session_id).delete()
    say(measure(calls["cold"], rounds=rounds, backend=backend).line("cold, of the rows"))
    return is_met


def judge_page(session_id: UUID, *, rounds: int, backend: int) -> bool:
    """Print what a page and its pictures cost, kept and made anew; return whether that is little enough."""
    from movies_app import charts, keeping  # noqa: PLC0415
    from movies_app.scope import Links  # noqa: PLC0415

    client, page, poll = Client(), f"/stats/{session_id}", f"/api/session/{session_id}/status"
    answer = client.get(page)
    contexts: Any = answer.context
    told, context = client.get(f"/api/session/{session_id}/stats").json(), contexts[0].flatten()

    def render() -> None:
        shown = charts.page_of(told, links=Links(page))
        get_template("stats.html").render(context | {"page": shown}, answer.wsgi_request)

    def made(path: str) -> None:
        keeping.forget([session_id])
        client.get(path)

    calls = {
        "status poll": lambda: client.get(poll),
        "page, kept": lambda: client.get(page),
        "card, kept": lambda: client.get(f"{page}/card.png"),
        "its render": render,
        "page, made": lambda: made(page),
        "card, made": lambda: made(f"{page}/card.png"),
        "story, made": lambda: made(f"{page}/story.png"),
    }
    costs = {}
    for name, call in calls.items():
        costs[name] = measure(call, rounds=rounds, backend=backend)
        say(costs[name].line(name))
    polls = costs["page, kept"].process / costs["status poll"].process
    parts = [costs[f"card, {how}"].process / costs[f"page, {how}"].process for how in ("kept", "made")]
    verdicts = [polls < POLLS, max(parts) <= 1]
    say(f"  the kept page costs {polls:.1f} polls, target {POLLS}:  {verdict(is_met=verdicts[0])}")
    say(f"  the card costs {parts[0]:.2f} of the page, {parts[1]:.2f} when made:  {verdict(is_met=verdicts[1])}")
    return all(verdicts)


def run(*, sizes: list[int], rounds: int) -> bool:
    """Measure and judge on the empty database of DATABASE_URL; return whether every target is met."""
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('server_version')")
        backend, version = cursor.fetchone()
    setup_test_environment()  # so that answers tell what they were rendered from
    say(f"PostgreSQL {version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    verdicts = [judge(films, rounds=rounds, backend=backend) for films in sizes]
    connection.close()
    return all(verdicts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--films", type=int, nargs="+", default=sorted(TARGETS_MS), metavar="N")
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    if INSIDE in os.environ:
        return 0 if run(sizes=sorted(options.films), rounds=options.rounds) else 1
    return measure_apart("benchmarks.stats")


def measure_apart(module: str) -> int:
    """Run a benchmark again, in a process and on a database of its own; return its exit code."""
    with database_server() as server_url, scratch_database(server_url) as database_url:
        # One thread, as in production; polars reads that when it is imported, so another process measures.
        settings = {INSIDE: "letterboxd_site.settings", "LOG_LEVEL": "WARNING", "POLARS_MAX_THREADS": "1"}
        environment = os.environ | OURS_ENV | settings | {"DATABASE_URL": database_url}
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
