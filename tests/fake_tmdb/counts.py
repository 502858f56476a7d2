"""What a fake TMDB was asked, counted: by endpoint, by answer, by film, and how much of it at once."""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field

from movies_app.tmdb_facts import MediaType


@dataclass
class Counts:
    """Counts of one server; `endpoints` are named search/movie, search/tv, movie, tv, collection, authentication.

    `fetched` counts the films and `collections` the collections that arrived whole, without any bad day; `targets` are
    the last paths with their queries.
    """

    requests: int = 0
    endpoints: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    fetched: Counter[tuple[MediaType, int]] = field(default_factory=Counter)
    collections: Counter[int] = field(default_factory=Counter)
    targets: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))
    peak_in_a_second: int = 0
    connections: int = 0
    peak_connections: int = 0


class Counting:
    """Counts that many threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counts()
        self._arrivals: deque[float] = deque()

    def snapshot(self) -> Counts:
        """Return a copy that no longer changes."""
        with self._lock:
            now = self._counts
            return Counts(
                requests=now.requests,
                endpoints=now.endpoints.copy(),
                statuses=now.statuses.copy(),
                fetched=now.fetched.copy(),
                collections=now.collections.copy(),
                targets=now.targets.copy(),
                peak_in_a_second=now.peak_in_a_second,
                connections=now.connections,
                peak_connections=now.peak_connections,
            )

    def reset(self) -> None:
        """Begin again; the open connections stay open."""
        with self._lock:
            connections = self._counts.connections
            self._counts = Counts(connections=connections, peak_connections=connections)
            self._arrivals.clear()

    def arrive(self, target: str, *, endpoint: str, at: float) -> None:
        with self._lock:
            self._arrivals.append(at)
            while self._arrivals[0] <= at - 1:
                self._arrivals.popleft()
            self._counts.requests += 1
            self._counts.endpoints[endpoint] += 1
            self._counts.targets.append(target)
            self._counts.peak_in_a_second = max(self._counts.peak_in_a_second, len(self._arrivals))

    def answer(self, status: int) -> None:
        with self._lock:
            self._counts.statuses[status] += 1

    def fetch(self, media_type: MediaType, tmdb_id: int) -> None:
        with self._lock:
            self._counts.fetched[media_type, tmdb_id] += 1

    def fetch_parts(self, collection_id: int) -> None:
        with self._lock:
            self._counts.collections[collection_id] += 1

    def connect(self) -> None:
        with self._lock:
            self._counts.connections += 1
            self._counts.peak_connections = max(self._counts.peak_connections, self._counts.connections)

    def disconnect(self) -> None:
        with self._lock:
            self._counts.connections -= 1
