"""Run a fake TMDB until it is told to stop: `python -m tests.fake_tmdb --port 8765 --latency`."""

import argparse
import signal
import sys
from pathlib import Path

from tests.fake_tmdb import demo
from tests.fake_tmdb.faults import RealLatency
from tests.fake_tmdb.server import TOKEN, FakeTmdb
from tests.fake_tmdb.world import World


def _world(options: argparse.Namespace) -> World:
    if options.demo:
        return demo.world()
    return World.of_csv(options.csv) if options.csv else World.made_up(films=options.films, seed=options.seed)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_tmdb", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument(
        "--demo", action="store_true", help="the real films of `make demo`, instead of the made-up ones"
    )
    parser.add_argument("--csv", type=Path, help="the world, instead of the made-up films")
    parser.add_argument("--films", type=int, default=12_000, help="how many made-up films there are")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", action="store_true", help="answer as slowly as TMDB")
    parser.add_argument("--rate-limit", type=int, help="requests a second; above it comes a 429")
    parser.add_argument("--retry-after", type=int, help="seconds, said with a 429")
    options = parser.parse_args()
    world = _world(options)
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # every thread inherits it, so only sigwait hears them
    with FakeTmdb(
        world,
        token=options.token,
        port=options.port,
        latency=RealLatency(seed=options.seed) if options.latency else None,
        rate_limit=options.rate_limit,
        retry_after=options.retry_after,
    ) as fake:
        sys.stdout.write(f"{fake.url} knows {len(world.entries)} films and series\n")
        sys.stdout.flush()
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
