"""How fast requests may go: one token bucket for all threads, and no second too full.

`tmdb` takes a token before each request. Pure: the clock and the sleep are arguments.
"""

import threading
from collections import deque
from collections.abc import Callable

_RECOVERY_SECONDS = 60  # from nothing to the full rate, so thirty from half of it
_SLOWEST = 1 / 16  # of the full rate: what halving never goes below
_SHORTEST_SLEEP = 0.001  # a remainder below it may be too small for a clock to see
_SECOND = 1.001  # with a margin that rounding cannot eat


class Interrupted(Exception):
    """The wait was broken off: whoever gave the sleep was told to stop."""


class Pace:
    """Let requests go evenly, and never more than `rate` of them in any second.

    A token bucket sets the beat: `burst` tokens at most are saved up, so that a thread that wakes late can catch up.
    Since a bucket lets `rate + burst` go in its busiest second, the last departures are looked at as well.
    `sleep` is `time.sleep` or an event's `wait`: when it returns true, the wait ends with `Interrupted`. What it
    raises passes through.
    """

    def __init__(
        self,
        *,
        rate: int,
        burst: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], bool | None],
    ) -> None:
        if rate < 1 or burst < 1:
            raise ValueError(f"a pace of {rate} in a second with bursts of {burst} lets nothing go")
        self._departures: deque[float] = deque(maxlen=rate)
        self._full_flow = float(rate)
        self._flow = self._full_flow
        self._burst = burst
        self._tokens = 1.0  # no burst at the start: another process may have asked until now
        self._taken = 0
        self._monotonic = monotonic
        self._sleep = sleep
        self._filled_at = monotonic()  # in the future while all pause
        self._bucket = threading.Lock()
        self._turn = threading.Lock()

    @property
    def taken(self) -> int:
        """Count the requests that were let go."""
        return self._taken

    def take(self) -> None:
        """Wait until a request may go."""
        with self._turn:  # one thread waits for the next token, the others wait for their turn
            while (seconds := self._seconds_until_taken()) > 0:
                self.wait(max(seconds, _SHORTEST_SLEEP))

    def wait(self, seconds: float) -> None:
        """Sleep, for whatever reason; raise `Interrupted` when told to stop."""
        if self._sleep(seconds):
            raise Interrupted

    def slow_down(self, pause_seconds: float) -> None:
        """Let nobody go for so long, then at half the rate, which recovers within half a minute.

        Requests under way hear of the same limit one after the other: during a pause it only gets longer.
        """
        with self._bucket:
            now = self._monotonic()
            if now >= self._filled_at:
                self._fill(now)
                self._flow = max(self._flow / 2, self._full_flow * _SLOWEST)
            self._tokens = 0.0
            self._filled_at = max(self._filled_at, now + pause_seconds)

    def _seconds_until_taken(self) -> float:
        """Take a token and return 0, or return in how many seconds there will be one."""
        with self._bucket:
            now = self._monotonic()
            if now < self._filled_at:
                return self._filled_at - now
            self._fill(now)
            if self._tokens < 1:
                return (1 - self._tokens) / self._flow
            if len(self._departures) == self._departures.maxlen and now < self._departures[0] + _SECOND:
                return self._departures[0] + _SECOND - now
            self._tokens -= 1
            self._departures.append(now)
            self._taken += 1
            return 0.0

    def _fill(self, now: float) -> None:
        elapsed, self._filled_at = now - self._filled_at, now
        self._tokens = min(self._burst, self._tokens + elapsed * self._flow)
        self._flow = min(self._full_flow, self._flow + elapsed * self._full_flow / _RECOVERY_SECONDS)
