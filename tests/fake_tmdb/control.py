"""Doors that TMDB does not have, for a fake that runs as a program: its counts, and its bad days.

GET /control/counts · POST /control/reset · POST /control/misbehave?fault=HTML_502&times=3&where=movie/&seconds=1
"""

import json
from typing import Protocol
from urllib.parse import SplitResult, parse_qs

from tests.fake_tmdb.answers import Answer
from tests.fake_tmdb.counts import Counts
from tests.fake_tmdb.faults import Fault

PREFIX = "/control/"


class Controlled(Protocol):
    """What of the fake is controlled."""

    @property
    def counts(self) -> Counts: ...

    def misbehave(self, fault: Fault, *, times: int | None, where: str, seconds: float) -> None: ...

    def reset(self) -> None: ...


def control(fake: Controlled, url: SplitResult) -> Answer | None:
    """Do what is asked, or return None where TMDB itself is asked; `times=0` is for ever."""
    if not url.path.startswith(PREFIX):
        return None
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    match url.path.removeprefix(PREFIX):
        case "counts":
            return Answer(200, json.dumps(_plain(fake.counts)).encode())
        case "reset":
            fake.reset()
        case "misbehave" if query.get("fault") in Fault.__members__:
            times = int(query.get("times", "1")) or None
            seconds, where = float(query.get("seconds", "1")), query.get("where", "")
            fake.misbehave(Fault[query["fault"]], times=times, where=where, seconds=seconds)
        case _:
            return Answer(404, b"{}")
    return Answer(200, b"{}")


def _plain(counts: Counts) -> dict[str, object]:
    """Return the counts as JSON has them: a film is `movie/603`."""
    fetched = {f"{media_type}/{tmdb_id}": times for (media_type, tmdb_id), times in counts.fetched.items()}
    return {**vars(counts), "fetched": fetched, "targets": list(counts.targets)}
