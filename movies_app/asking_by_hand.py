"""What the commands that ask TMDB share: slice after slice, politely, telling on stderr how it goes.

Called by `refresh_films` and `warm_catalogue`. What was found is stored as it comes, so whoever is stopped, or finds
TMDB down, runs the command again and goes on there.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.core.management.base import CommandError, OutputWrapper

from movies_app import enrichment
from movies_app.outcomes import Due
from movies_app.tmdb import WrongToken

# Members come first: between two slices the service, which looks for work every five seconds, takes its turn.
TURN_SECONDS = 7.0
LINE_SECONDS = 10.0  # between two lines in a file, where a line cannot be written over
BAR_WIDTH = 30
STOPPED = 130  # what shells call an end by Ctrl-C

IS_OFF = "There is no TMDB_TOKEN: set the API Read Access Token of themoviedb.org (Settings, API)."
IS_REFUSED = "TMDB refuses TMDB_TOKEN: set the API Read Access Token of themoviedb.org, not the shorter API Key."
IS_DOWN = "TMDB does not answer. What was found is stored: run this again later and it goes on from here."
IS_BUSY = "TMDB is being asked by the service; waiting for a turn"

Next = Callable[[datetime, int], Sequence[Due]]


class Progress:
    """How many films were asked for, on one line of a terminal, or on a line now and then of a file."""

    def __init__(self, stream: OutputWrapper, *, total: int) -> None:
        self.done = 0
        self._stream = stream
        self._total = total
        self._started = time.monotonic()
        self._told_at = self._started - LINE_SECONDS
        self._width = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def add(self, films: int) -> None:
        self.done += films
        self._tell(line(self.done, self._total, seconds=self.seconds))

    def wait(self, reason: str) -> None:
        """Say why nothing happens just now."""
        self._tell(f"{line(self.done, self._total, seconds=self.seconds)}. {reason} …")

    def end(self) -> None:
        """Leave the line of a terminal as it is and go to the next."""
        if self._width:
            self._stream.write("", style_func=str)

    def _tell(self, text: str) -> None:
        if self._stream.isatty():
            self._stream.write(text.ljust(self._width), style_func=str, ending="\r")
            self._width = len(text)
        elif time.monotonic() - self._told_at >= LINE_SECONDS:
            self._stream.write(text, style_func=str)
            self._told_at = time.monotonic()


def line(done: int, total: int, *, seconds: float) -> str:
    """Return a bar with the counts, the rate and how long the rest will take; more may come than was counted."""
    total = max(done, total)
    bar = ("#" * (BAR_WIDTH * done // total if total else BAR_WIDTH)).ljust(BAR_WIDTH, ".")
    rate = done / seconds if seconds else 0.0
    left = f", {_duration((total - done) / rate)} left" if rate else ""
    return f"[{bar}] {done:,} of {total:,} films, {rate:.1f} a second{left}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def require_token() -> None:
    """Raise `CommandError` where there is no token to ask with."""
    if not enrichment.is_on():
        raise CommandError(IS_OFF)


def ask_all(next_due: Next, *, total: int, clock: Callable[[], datetime], stream: OutputWrapper) -> Progress:
    """Ask TMDB for what `next_due` gives, at a moment and after so many films, until that is nothing.

    Raise `CommandError`, in words for operators, where that cannot be done.
    """
    progress = Progress(stream, total=total)
    try:
        while due := next_due(clock(), progress.done):
            _ask(due, progress, now=clock())
            if next_due(clock(), progress.done):
                time.sleep(TURN_SECONDS)
    except WrongToken as error:
        raise CommandError(IS_REFUSED) from error
    except enrichment.TmdbIsDown as error:
        raise CommandError(IS_DOWN) from error
    except KeyboardInterrupt as error:
        stopped = f"Stopped after {progress.done:,} films, which are stored. Run it again and it goes on from here."
        raise CommandError(stopped, returncode=STOPPED) from error
    finally:
        progress.end()
    return progress


def _ask(due: Sequence[Due], progress: Progress, *, now: datetime) -> None:
    """Ask for one slice, unless the service asks just now."""
    try:
        for count in enrichment.enrich(due, now=now, seconds=enrichment.SLICE_SECONDS, should_stop=lambda: False):
            progress.add(count)
    except enrichment.Busy:
        progress.wait(IS_BUSY)
