"""How long TMDB's facts take: real web, worker and PostgreSQL, and a fake TMDB as slow as the real one.

    python -m benchmarks.enrichment             all of it, about eight minutes
    python -m benchmarks.enrichment --films 400 --large 1500

The floor is what TMDB's request budget allows: two requests a film, one a collection. Exits 1 when a target is missed.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from movies_app import made_up
from tests import processes
from tests.fake_tmdb.server import TOKEN
from tests.processes import Service
from tests.programs import PROJECT_DIR, free_port, wait_until

RATE = 35
REQUESTS_PER_FILM = 2
MOST_OVER_FLOOR = 1.2
MOST_SECONDS_FOR_SMALL = 120
KNOWN_SHARE = 0.85
# Of a made-up member's films a tenth of the best known are enough of a world (see `World.made_up`).
WORLD_PER_FILM = 10


@dataclass(frozen=True)
class Run:
    """One upload, from its answer to `completed`, in seconds, with the requests that it cost."""

    films: int
    seconds: float
    requests: int
    status_at_once: str

    @property
    def floor(self) -> float:
        return self.requests / RATE


class Fake:
    """The fake TMDB as a process of its own, asked what it was asked."""

    def __init__(self, *, films: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/3/"
        command = [sys.executable, "-m", "tests.fake_tmdb", "--port", str(self.port), "--token", TOKEN]
        self.process = subprocess.Popen([*command, "--films", str(films), "--latency"], cwd=PROJECT_DIR)
        wait_until(self.answers, seconds=120, what="the fake TMDB")

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.counts())
        return False

    def counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = json.load(urlopen(f"http://127.0.0.1:{self.port}/control/counts"))
        return counts

    def reset(self) -> None:
        urlopen(Request(f"http://127.0.0.1:{self.port}/control/reset", method="POST")).close()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def exports(films: int, *, seed: int) -> list[tuple[str, bytes]]:
    """Return an upload of so many films."""
    return [("export.zip", made_up.make_zip(made_up.make_export(films=films, seed=seed)))]


def follow(service: Service, answer: dict[str, Any], fake: Fake, *, started: float) -> Run:
    """Wait until a session is completed."""
    wait_until(
        lambda: service.status(answer["session_id"]).json()["status"] == "completed",
        seconds=1_800,
        what="the session to be completed",
    )
    seconds = time.monotonic() - started
    return Run(answer["total_movies"], seconds, fake.counts()["requests"], answer["status"])


def upload(service: Service, fake: Fake, films: int, *, seed: int) -> Run:
    fake.reset()
    started = time.monotonic()
    return follow(service, service.uploaded(exports(films, seed=seed)), fake, started=started)


def known(service: Service, share: float) -> None:
    """Let the catalogue forget what it knows of so many of its films, as if nobody had brought them."""
    service.database.execute(
        "UPDATE films SET state = 'pending', tmdb_id = NULL, fetched_at = NULL, next_try_at = NULL"
        " WHERE id %% 100 >= %s",
        [round(share * 100)],
    )


def show(name: str, run: Run, *, is_good: bool) -> bool:
    ratio = f"{run.seconds / run.floor:.2f} times the floor of {run.floor:.1f} s" if run.requests else "no request"
    verdict = "PASS" if is_good else "MISS"
    sys.stdout.write(
        f"{name:28} {run.films:6,} films {run.requests:6,} requests {run.seconds:7.1f} s  {ratio:34}"
        f" {run.status_at_once} at once  {verdict}\n"
    )
    sys.stdout.flush()
    return is_good


def is_near_floor(run: Run) -> bool:
    return run.seconds <= MOST_OVER_FLOOR * run.floor


def measure(service: Service, fake: Fake, *, films: int, large: int, small: int) -> Iterator[bool]:
    new = upload(service, fake, films, seed=1)
    yield show("nobody has them", new, is_good=is_near_floor(new))
    peak = fake.counts()
    again = upload(service, fake, films, seed=1)
    yield show("a second member", again, is_good=not again.requests and again.status_at_once == "completed")
    known(service, KNOWN_SHARE)
    some = upload(service, fake, films, seed=1)
    yield show(f"{KNOWN_SHARE:.0%} known", some, is_good=some.seconds <= (1 - KNOWN_SHARE) * 1.5 * new.seconds + 2)
    fake.reset()
    service.uploaded(exports(large, seed=2))
    time.sleep(3)
    started = time.monotonic()
    beside = follow(service, service.uploaded(exports(small, seed=3)), fake, started=started)
    yield show(f"beside one of {large:,}", beside, is_good=beside.seconds <= MOST_SECONDS_FOR_SMALL)
    sys.stdout.write(
        f"at most {peak['peak_in_a_second']} requests in a second, {peak['peak_connections']} connections\n"
    )
    yield peak["peak_connections"] <= 12


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=1_600)
    parser.add_argument("--large", type=int, default=7_000)
    parser.add_argument("--small", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        fake = Fake(films=WORLD_PER_FILM * options.films)
        stack.callback(fake.end)
        settings = {"TMDB_TOKEN": TOKEN, "TMDB_BASE_URL": fake.url, "TMDB_REQUESTS_PER_SECOND": str(RATE)}
        service = stack.enter_context(processes.running_service(UPLOADS_PER_HOUR="0", **settings))
        service.database.empty()
        for number in range(options.workers):
            stack.enter_context(service.worker(log_name=f"worker-{number}.log"))
        results = list(measure(service, fake, films=options.films, large=options.large, small=options.small))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
