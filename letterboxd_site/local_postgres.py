"""The embedded PostgreSQL of a machine without one: one server per data folder, reached by a Unix socket only.

settings.py takes its default DATABASE_URL from `database_url`, `local_run` and the tests use `LocalPostgres`, and the
Makefile calls `python -m letterboxd_site.local_postgres exec -- COMMAND…`, `stop` and `remove`. Standard library
only: `remove` cleans up without the virtual environment too.
"""

import argparse
import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

from letterboxd_site import local_postgres_programs as programs

PROJECT_DIR = Path(__file__).resolve().parent.parent
DATABASE = "letterboxd"
SUPERUSER = "postgres"
PORT = "5432"  # names the socket's file; no TCP port is opened
START_SECONDS = 60  # recovery after a crash takes a while
STOP_SECONDS = 6
LOG_BYTES = 1_000_000
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log says what the server does and never what members brought: messages, details and statements of errors
    # quote values. The client gets each of its errors anyway.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
PROCESSES = Path("/proc")  # Linux has it


def data_dir_from_environment() -> Path:
    """Return DATA_DIR as settings.py understands it: relative to the project, `var` by default."""
    return PROJECT_DIR / (os.environ.get("DATA_DIR") or "var")


def database_url(data_dir: Path) -> str:
    """Return where the server of `data_dir` answers, whether it runs or not, as libpq and django-environ read it."""
    return f"postgres://{SUPERUSER}@/{DATABASE}?host={quote(str(_socket_dir(data_dir)), safe='')}&port={PORT}"


def _digest(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]


def _socket_dir(data_dir: Path) -> Path:
    # Not in data_dir, a socket's path may have about 100 bytes; not in $TMPDIR, every process must find it.
    return Path("/tmp", f"letterboxd-{_digest(data_dir)}")  # noqa: S108


class LocalPostgres:
    """The server of one data folder. Several processes can use it at once: the last one that stops it ends it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.url = database_url(data_dir)
        self.log_file = self.data_dir / "postgres.log"
        self.socket_dir = _socket_dir(data_dir)
        self.cluster, self._account = self._settle()
        self._process: subprocess.Popen[Any] | None = None
        self._in_use: int | None = None
        self._log_start = 0

    def _settle(self) -> tuple[Path, programs.Account]:
        """Return where the data are and whose: where they were, else in data_dir, else in the private folder."""
        inside, outside = self.data_dir / "postgres", programs.private_dir() / _digest(self.data_dir)
        cluster = next((place for place in (inside, outside) if place.exists()), inside)
        account = programs.Account.for_cluster(cluster)
        if not cluster.exists():
            return (inside if account.can_use(self.data_dir) else outside), account
        if account.uid != cluster.stat().st_uid:
            raise programs.LocalPostgresError(
                f"{cluster} belongs to user number {cluster.stat().st_uid}, and the server would run as "
                f"{account.name}.\nRun this as that user, or set DATA_DIR to another folder."
            )
        return cluster, account

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None while it does not run."""
        pid = self._pid_file_line(0)
        return int(pid) if pid.isdecimal() and self._is_ours(int(pid)) else None

    def start(self) -> None:
        """Make the data folder and the database when there are none, start the server when none answers."""
        with self._one_at_a_time(), contextlib.ExitStack() as on_failure:
            self._mark_in_use()
            on_failure.callback(self._leave)
            try:
                binaries = programs.binaries_for(self.cluster, account=self._account)
                self._make_socket_dir()
                self._make_cluster(binaries)
                self._run_server(binaries)
                self._make_database(binaries)
            except (OSError, subprocess.SubprocessError) as error:
                raise self._failure(str(error)) from error
            on_failure.pop_all()

    def stop(self) -> bool:
        """End the server, unless another process uses it, and tell whether it is ended."""
        with self._one_at_a_time():
            self._mark_in_use()
            return self._leave()

    def remove(self) -> bool:
        """End the server and delete its data, unless another process uses it."""
        if not self.stop():
            return False
        for leftover in (self.cluster, *self._partial_clusters()):
            shutil.rmtree(leftover, ignore_errors=True)
        return True

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let one process start or stop this server while others wait."""
        with (self.data_dir / "postgres.turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _mark_in_use(self) -> None:
        """Hold a shared lock until `_leave`: the system gives it back even for a process that is killed."""
        if self._in_use is None:
            self._in_use = os.open(self.data_dir / "postgres.in-use", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)

    def _leave(self) -> bool:
        """Give the shared lock back, and end the server when nobody else holds it."""
        assert self._in_use is not None  # noqa: S101
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._end_server()
        except BlockingIOError:
            return False
        finally:
            os.close(self._in_use)
            self._in_use = None
        return True

    def _make_socket_dir(self) -> None:
        """Make the socket's folder, and refuse one that another user put there to read along."""
        with contextlib.suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
        if not self._owns_socket_dir():
            raise programs.LocalPostgresError(
                f"{self.socket_dir} should be a folder of {self._account.name} with mode 0700, and is not.\n"
                "Find out who made it, then remove it."
            )
        if self.socket_dir.stat().st_uid != self._account.uid:
            os.chown(self.socket_dir, self._account.uid, self._account.gid, follow_symlinks=False)

    def _owns_socket_dir(self) -> bool:
        found = self.socket_dir.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
        return is_private and found.st_uid in {os.geteuid(), self._account.uid}

    def _partial_clusters(self) -> list[Path]:
        return list(self.cluster.parent.glob(f"{self.cluster.name}.partial-*"))

    def _make_cluster(self, binaries: Path) -> None:
        """Run initdb in a folder beside the cluster's and rename that: what exists under its name is complete."""
        if self.cluster.exists():
            return
        if self.cluster.parent == programs.private_dir():
            programs.make_private_dir()
        for leftover in self._partial_clusters():
            shutil.rmtree(leftover, ignore_errors=True)
        # A new name each time: an initdb that outlives its parent for a moment must not write into this one.
        partial = Path(tempfile.mkdtemp(prefix=f"{self.cluster.name}.partial-", dir=self.cluster.parent))
        if os.geteuid() == 0:
            os.chown(partial, self._account.uid, self._account.gid)
        choices = [f"--username={SUPERUSER}", "--auth=trust", *programs.locale_choices(binaries)]
        self._run([binaries / "initdb", f"--pgdata={partial}", *choices])
        partial.rename(self.cluster)

    def _make_database(self, binaries: Path) -> None:
        server = [f"--host={self.socket_dir}", f"--port={PORT}", f"--username={SUPERUSER}"]
        self._run([binaries / "createdb", *server, "--maintenance-db=postgres", DATABASE], unless="already exists")

    def _run(self, command: Sequence[object], *, unless: str | None = None) -> None:
        """Run a program of PostgreSQL to its end; an error whose text has `unless` is none."""
        options = self._account.process_options() | {"preexec_fn": programs.die_with_parent(signal.SIGKILL)}
        words = [str(word) for word in command]
        run = subprocess.run(words, check=False, capture_output=True, timeout=START_SECONDS, text=True, **options)
        if run.returncode and not (unless and unless in run.stderr):
            raise self._failure(f"{Path(words[0]).name} failed: {run.stderr.strip()}")

    def _run_server(self, binaries: Path) -> None:
        """Start the postmaster and wait for it; wait for one too that an earlier run left starting or stopping."""
        deadline = time.monotonic() + START_SECONDS
        is_launched = False
        while not (self.pid and self._pid_file_line(7) == "ready"):
            if time.monotonic() > deadline:
                raise self._failure(f"PostgreSQL did not start within {START_SECONDS} seconds.")
            if not is_launched and not self.pid and self._end_orphans():
                self._process = self._launch(binaries)
                is_launched = True
            if is_launched and self._process and self._process.poll() is not None:
                raise self._failure("PostgreSQL did not start.")
            time.sleep(0.05)

    def _launch(self, binaries: Path) -> subprocess.Popen[Any]:
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_dir), "cluster_name": self.socket_dir.name}
        options = [f"--{name}={value}" for name, value in settings.items()]
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES:
            self.log_file.rename(self.log_file.with_suffix(".log.old"))
        self.log_file.touch(mode=0o600)
        with self.log_file.open("ab") as log:
            self._log_start = log.tell()
            command = [str(binaries / "postgres"), "-D", str(self.cluster), *options]
            return subprocess.Popen(command, stdout=log, stderr=log, **self._account.process_options())

    def _end_server(self) -> None:
        """End the postmaster: fast, which rolls open transactions back, then at once, which means recovery later."""
        for signal_number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 2), (signal.SIGKILL, 1)):
            if pid := self.pid:
                _send(signal_number, pids=[pid])
                _wait_until(functools.partial(self._is_gone, pid), seconds=seconds)
        self._end_orphans()
        if self._process:
            self._process.wait()
            self._process = None
        with contextlib.suppress(OSError):
            if self._owns_socket_dir():
                shutil.rmtree(self.socket_dir)  # with what a killed server left in it

    def _end_orphans(self) -> bool:
        """End what is left without a postmaster: backends of a killed one, or the server of a deleted folder.

        Nothing can connect to them, and they hold the shared memory. Lock files that remain afterwards say nothing:
        their number may be a zombie's or any other process's. Return False when a postmaster is there after all.
        """
        for signal_number in (None, signal.SIGQUIT, signal.SIGKILL):
            if signal_number:
                _send(signal_number, pids=self._processes())
            if _wait_until(lambda: not self._processes() or self.pid is not None, seconds=3):
                break
        if self.pid is None and PROCESSES.exists():
            for lock in (self.cluster / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock"):
                lock.unlink(missing_ok=True)
        return self.pid is None

    def _processes(self) -> list[int]:
        """Return the ids of all processes of this server, orphans too; always none where there is no /proc."""
        pids = [int(entry.name) for entry in PROCESSES.glob("[0-9]*")]
        return [pid for pid in pids if self._is_ours(pid)]

    def _is_ours(self, pid: int) -> bool:
        """Tell whether a living process is this server's, by the cluster_name in its command line or its title."""
        if self._process and self._process.pid == pid:
            return self._process.poll() is None  # a child that ended stays a zombie until it is asked
        if not PROCESSES.exists():
            return _send(0, pids=[pid])
        try:
            command = (PROCESSES / str(pid) / "cmdline").read_bytes()
            owner = (PROCESSES / str(pid)).stat().st_uid
        except OSError:
            return False
        name = self.socket_dir.name.encode()
        is_named = b"--cluster_name=%s\0" % name in command or command.startswith(b"postgres: %s: " % name)
        return is_named and owner == self._account.uid

    def _is_gone(self, pid: int) -> bool:
        return not self._is_ours(pid)

    def _pid_file_line(self, number: int) -> str:
        """Return a line of postmaster.pid (0: process id, 7: status), empty when there is none."""
        with contextlib.suppress(OSError, IndexError):
            return (self.cluster / "postmaster.pid").read_text().splitlines()[number].strip()
        return ""

    def _log_tail(self) -> str:
        """Return the last lines that this start wrote into the server's log."""
        with contextlib.suppress(OSError), self.log_file.open(errors="replace") as log:
            log.seek(self._log_start)
            return "".join(log.readlines()[-15:])
        return ""

    def _failure(self, what: str) -> programs.LocalPostgresError:
        return programs.LocalPostgresError(
            f"{what}\n{self._log_tail()}"
            f"The server's whole log: {self.log_file}\nIts data: {self.cluster}\n"
            "Mend what it says and run this again, or set DATABASE_URL to another PostgreSQL server."
        )


def _send(signal_number: int, *, pids: Sequence[int]) -> bool:
    """Send the signal to those that still live, and tell whether all did."""
    try:
        for pid in pids:
            os.kill(pid, signal_number)
    except ProcessLookupError:
        return False
    return True


def _wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def run_command(command: Sequence[str], *, data_dir: Path) -> int:
    """Run the command while the server of `data_dir` is behind DATABASE_URL, and return its exit code."""
    server = LocalPostgres(data_dir)
    received: list[int] = []
    processes: list[subprocess.Popen[bytes]] = []

    def pass_on(signal_number: int, _frame: FrameType | None) -> None:
        received.append(signal_number)
        # The terminal sends its Ctrl-C to the command too; a second one would make pytest drop its clean-up.
        if signal_number != signal.SIGINT or not _has_terminal():
            for process in processes:
                process.send_signal(signal_number)

    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, pass_on)
    try:
        server.start()
        if received:
            return 128 + received[0]
        environment = os.environ | {"DATABASE_URL": server.url}
        # The command stays in this session, so that it can read from the terminal (a debugger in a test).
        preexec = programs.die_with_parent(signal.SIGTERM)
        processes.append(subprocess.Popen(command, env=environment, preexec_fn=preexec))  # noqa: PLW1509
        code = processes[0].wait()
        return code if code >= 0 else 128 - code
    finally:
        server.stop()


def _has_terminal() -> bool:
    """Tell whether this process is in the foreground of a terminal."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def main(arguments: Sequence[str]) -> int:
    """Run the command line: exec, stop or remove for the server of DATA_DIR."""
    parser = argparse.ArgumentParser(prog="python -m letterboxd_site.local_postgres", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    commands.add_parser("stop", help="end a server that a killed run left")
    commands.add_parser("remove", help="end the server and delete its data")
    run = commands.add_parser("exec", help="run COMMAND with the server behind DATABASE_URL")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    options = parser.parse_args(arguments)
    data_dir = data_dir_from_environment()
    try:
        if options.action == "exec":
            command = [word for index, word in enumerate(options.command) if index or word != "--"]
            return run_command(command, data_dir=data_dir) if command else parser.error("no COMMAND")
        server = LocalPostgres(data_dir)
        if not (server.stop() if options.action == "stop" else server.remove()):
            raise programs.LocalPostgresError(f"The server of {data_dir} is in use, say by `make run`: end that first.")
    except (programs.LocalPostgresError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
