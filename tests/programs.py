"""A program as a process of its own that can be watched, killed by its id and ended. Called by `processes`."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from letterboxd_site import local_postgres_programs

PROJECT_DIR = Path(__file__).resolve().parent.parent
READY_SECONDS = 30
STOP_SECONDS = 20


def wait_until(condition: Callable[[], bool], *, seconds: float = READY_SECONDS, what: str = "it") -> float:
    """Wait for the condition, return the seconds it took, fail when it does not come."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"waited {waited:.1f} s in vain for {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def free_port() -> int:
    """Return a TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """Return the ids of the processes that `pid` started and that live."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in text.split()]
    return []


def is_alive(pid: int) -> bool:
    """Tell whether the process lives; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def kill_at_once(*pids: int) -> None:
    """Send SIGKILL and wait until they are gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, pids)), seconds=10, what=f"the end of {pids}")


class Program:
    """A command in a process group of its own, whose output goes to a file."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], log_file: Path) -> None:
        self.log_file = log_file
        self._command = command
        self._environment = environment
        self._process = self._launch()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=PROJECT_DIR,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=local_postgres_programs.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def children(self) -> list[int]:
        return children_of(self.pid)

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def is_running(self) -> bool:
        return self._process.poll() is None

    def start_again(self) -> None:
        """Start the command once more after its end."""
        assert not self.is_running()
        self._process = self._launch()

    def stop(self) -> int:
        """End it as an operator does, with SIGTERM, and return its exit code; what is left of the group is killed."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL to the whole group, as a machine does that runs out of memory."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def wait_for_end(self, *, seconds: float = STOP_SECONDS) -> int:
        return self._process.wait(seconds)
