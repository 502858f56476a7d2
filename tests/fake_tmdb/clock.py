"""A clock that stands still until somebody sleeps, for clients and paces that take theirs as arguments."""


class Clock:
    """Time as a test wants it: a sleep takes none of ours, and is written down."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
