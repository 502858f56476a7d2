"""Folders for servers that a test starts: each belongs to its process, and the next run takes away what one left.

Used by `processes` and the tests of the embedded PostgreSQL; `conftest` calls `reap`.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from letterboxd_site.local_postgres import LocalPostgres
from letterboxd_site.local_postgres_programs import LocalPostgresError

PREFIX = "letterboxd-test-"
OWNER = "owner.lock"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL's own user may pass through, unlike pytest's, and remove it afterwards."""
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    made.chmod(0o755)
    owner = _claim(made)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(owner)


def reap() -> None:
    """End the servers in folders whose process is gone, and remove the folders; called before the first test."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, LocalPostgresError):  # what somebody else has stays
            if left.lstat().st_uid == os.geteuid():
                _remove_unless_locked(left)


def _remove_unless_locked(left: Path) -> None:
    with (left / OWNER).open("r+") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        servers = [LocalPostgres(used.parent) for used in left.rglob("postgres.in-use")]
        if all(server.remove() for server in servers):
            shutil.rmtree(left)


def _claim(made: Path) -> int:
    """Lock the folder and return the descriptor: the system gives the lock back even for a process that is killed."""
    unlocked = made / "new.lock"
    owner = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    unlocked.rename(made / OWNER)  # only now `reap` sees it, so it never meets a folder that is not locked yet
    return owner
