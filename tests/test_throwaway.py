"""Servers that a killed test process leaves: the next run ends them, and only them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from letterboxd_site.local_postgres import LocalPostgres
from tests import throwaway
from tests.programs import PROJECT_DIR, is_alive, wait_until

TEST_PROCESS = """
import sys
from letterboxd_site.local_postgres import LocalPostgres
from tests import throwaway

with throwaway.folder() as folder:
    server = LocalPostgres(folder / "data")
    server.start()
    print(folder, server.pid, flush=True)
    sys.stdin.read()
    server.remove()
"""


@contextmanager
def other_test_process() -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    """Give a process that holds a server in a folder until its standard input ends, the folder and the server's id."""
    command = [sys.executable, "-c", TEST_PROCESS]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        folder, postmaster = other.stdout.readline().split()
        yield other, Path(folder), int(postmaster)


def test_what_a_killed_test_process_left_is_ended_and_removed() -> None:
    with other_test_process() as (other, folder, postmaster):
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert is_alive(postmaster)
        socket_dir = LocalPostgres(folder / "data").socket_dir
        throwaway.reap()
    wait_until(lambda: not is_alive(postmaster), seconds=5)
    assert not folder.exists()
    assert not socket_dir.exists()


def test_what_a_living_test_process_has_is_left_alone() -> None:
    with other_test_process() as (_, folder, postmaster), throwaway.folder() as own:
        throwaway.reap()
        assert is_alive(postmaster)
        assert folder.exists()
        assert own.exists()
    assert not folder.exists()
    assert not own.exists()
