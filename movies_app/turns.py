"""Work that takes its turns in a process, so that few of it at once leave threads for everybody else. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore


class Busy(Exception):
    """So much of this work waits already that nobody else may: to be asked for again in some seconds."""


class Turns:
    """One at a time; one more may wait, so that of a process's four threads two are free for other visits."""

    def __init__(self, *, most: int = 2) -> None:
        self._places, self._turn = Semaphore(most), Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Have one's turn; raise `Busy` at once where too many wait."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            with self._turn:
                yield
        finally:
            self._places.release()
