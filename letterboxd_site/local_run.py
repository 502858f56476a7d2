"""The supervisor behind `make run`: database, migrations, web and worker, started in order and ended together.

`python -m letterboxd_site.local_run` reads DATABASE_URL, PORT and DATA_DIR. With `--demo`, for `make demo`, it starts a
fake TMDB too, and keeps its data apart: what that tells must never get into real data. Each process it starts has a
session of its own: a Ctrl-C at the terminal reaches the supervisor alone, and that ends them one after the other.
"""

import argparse
import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import environ

from letterboxd_site import local_postgres
from letterboxd_site import local_postgres_programs as programs

PROJECT_DIR = local_postgres.PROJECT_DIR
ADDRESS = "127.0.0.1"
STEPS = (
    ("Migrating the database", ("migrate", "--noinput")),
    ("Making the cache table", ("createcachetable",)),
    ("Loading the sample", ("load_sample",)),
    ("Collecting static files", ("collectstatic", "--noinput")),
)
READY_SECONDS = 60
DEMO_FILMS = "tests/fake_tmdb/demo_films.csv"
DEMO_TOKEN = "demo"  # noqa: S105  # the fake wants one, and it opens nothing else
# With what PostgreSQL may take this stays below the 20 seconds that `make run` promises.
CHILD_SECONDS = 10
PORT_SECONDS = 3  # gunicorn's workers need a second or two to notice that their master was killed
TICK_SECONDS = 0.1


class StartError(RuntimeError):
    """`make run` cannot go on; the message tells the person at the terminal why and what to do."""


class _StopRequested(Exception):  # nothing went wrong
    """A signal asked for the end; raised where the supervisor waits and nowhere else."""


class _Child:
    """A process that is started again whenever it ends."""

    def __init__(self, name: str, *, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._restart_at = 0.0
        self.process = _start(command, environment=environment)

    def keep_alive(self) -> None:
        """Say that the process ended, and a second later start it again."""
        if self.process.poll() is None:
            return
        if not self._restart_at:
            _end_group(self.process)  # what a killed gunicorn leaves holds the port
            _say(f"{self.name} ended with code {self.process.returncode}; starting it again.")
            self._restart_at = time.monotonic() + 1
        elif time.monotonic() >= self._restart_at:
            self._restart_at = 0.0
            self.process = _start(self._command, environment=self._environment)


class Supervisor:
    """One `make run` or `make demo`: everything it starts ends with it."""

    def __init__(self, *, data_dir: Path, port: int, is_demo: bool = False) -> None:
        self.url = f"http://{ADDRESS}:{port}/"
        self._data_dir = data_dir / "demo" if is_demo else data_dir
        self._port = port
        self._is_demo = is_demo
        self._tmdb_port = _free_port() if is_demo else 0
        self._database: local_postgres.LocalPostgres | None = None
        self._children: list[_Child] = []
        self._step: subprocess.Popen[bytes] | None = None
        self._stop_requested = False
        self._make_pid = _parent_make()
        self._make_minds_sigint = _minds_sigint(self._make_pid)

    def request_stop(self, _signal_number: int, _frame: FrameType | None) -> None:
        """Handle a signal. It raises nothing: a process that is just being started would be lost."""
        self._stop_requested = True

    def run(self) -> None:
        """Start everything, keep it alive, and end it when a signal or an error says so."""
        with self._only_run_of_data_dir():
            self._check_port()
            try:
                environment = self._environment()
                for title, arguments in STEPS:
                    films = ("--films", DEMO_FILMS) if self._is_demo and "load_sample" in arguments else ()
                    self._run_step(title, arguments + films, environment=environment)
                self._start_children(environment)
                self._wait_until_ready()
                demo = f"    The demonstration: {self.url}sample\n" if self._is_demo else ""
                _say(f"\n    Letterboxd stats runs at {self.url}\n{demo}    Ctrl-C ends it.\n")
                self._keep_alive()
            except _StopRequested:
                _say("Ending.")
            finally:
                self._end_all()

    @contextlib.contextmanager
    def _only_run_of_data_dir(self) -> Iterator[None]:
        """Refuse to be the second run; the system frees the lock even of a run that is killed."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        with (self._data_dir / "run.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise StartError(
                    f"It runs already on {self._data_dir}: {lock.read().strip() or 'starting'}.\n"
                    "End that run with Ctrl-C, or give this one a DATA_DIR and a PORT of its own."
                ) from None
            lock.truncate(0)
            lock.write(f"{self.url}, process {os.getpid()}")
            lock.flush()
            yield

    def _check_port(self) -> None:
        deadline = time.monotonic() + PORT_SECONDS
        while True:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
                try:
                    probe.bind((ADDRESS, self._port))
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise StartError(
                            f"Port {self._port} cannot be used: {error.strerror}.\n"
                            f"Set another one: make {'demo' if self._is_demo else 'run'} PORT={self._port + 1}"
                        ) from error
                else:
                    return
            time.sleep(TICK_SECONDS)

    def _environment(self) -> dict[str, str]:
        """Return the environment of everything that is started; start the embedded database when there is no other."""
        environment = os.environ | {
            "DATA_DIR": str(self._data_dir),
            "PORT": str(self._port),
            "WEB_HOST": ADDRESS,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
        }
        if self._is_demo:
            environment |= self._demo_environment()
        if not environment.get("DATABASE_URL"):
            _say(f"Starting PostgreSQL in {self._data_dir}")
            self._database = local_postgres.LocalPostgres(self._data_dir)
            self._database.start()
            environment |= {"DATABASE_URL": self._database.url, "WORKER_DATABASE_URL": self._database.url}
        return environment

    def _demo_environment(self) -> dict[str, str]:
        """Return what the demo sets: its own TMDB, and the embedded database and its cache whatever `.env` says."""
        return {
            "DATABASE_URL": "",
            "CACHE_URL": "dbcache://cache",
            "TMDB_TOKEN": DEMO_TOKEN,
            "TMDB_BASE_URL": f"http://{ADDRESS}:{self._tmdb_port}/3/",
            "TMDB_IS_DEMO": "true",
        }

    def _run_step(self, title: str, arguments: tuple[str, ...], *, environment: dict[str, str]) -> None:
        """Run a command of manage.py to its end; its output is worth reading when it fails."""
        self._pause()
        _say(title)
        output_file = self._data_dir / "run.log"
        with output_file.open("wb") as output:
            command = [sys.executable, "manage.py", *arguments]
            self._step = _start(command, environment=_direct(environment), output=output.fileno())
        while self._step.poll() is None:
            self._pause()
        if self._step.returncode:
            lines = output_file.read_text(errors="replace").splitlines()[-20:]
            raise StartError("\n".join([*lines, f"\n`manage.py {arguments[0]}` failed, see above."]))

    def _start_children(self, environment: dict[str, str]) -> None:
        commands = {name: ["/bin/sh", "-c", _procfile()[name]] for name in ("web", "worker")}
        if self._is_demo:
            options = ["--demo", f"--port={self._tmdb_port}", f"--token={DEMO_TOKEN}"]
            commands = {"TMDB": [sys.executable, "-m", "tests.fake_tmdb", *options], **commands}
        for name, command in commands.items():
            self._children.append(_Child(name, command=command, environment=environment))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            self._pause()
            for child in self._children:
                if child.process.poll() is not None:
                    raise StartError(f"The {child.name} process ended with code {child.process.returncode}, see above.")
            if time.monotonic() > deadline:
                raise StartError(f"{self.url} did not answer within {READY_SECONDS} seconds, see above.")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(ADDRESS, self._port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _keep_alive(self) -> None:
        while True:
            self._pause()
            if self._database and not self._database.pid:
                _say("PostgreSQL ended; starting it again.")
                self._database.start()
            for child in self._children:
                child.keep_alive()

    def _pause(self) -> None:
        if self._stop_requested or self._make_gave_up():
            raise _StopRequested
        time.sleep(TICK_SECONDS)

    def _make_gave_up(self) -> bool:
        """Tell whether the `make` above is gone or interrupted.

        It does not pass on a SIGINT that is for it alone (`kill -INT`, no terminal): it drops its handler and waits.
        """
        if not self._make_pid:
            return False
        return os.getppid() != self._make_pid or _minds_sigint(self._make_pid) != self._make_minds_sigint

    def _end_all(self) -> None:
        """End web, worker and a running step together, then the database that they use."""
        processes = [child.process for child in self._children] + ([self._step] if self._step else [])
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + CHILD_SECONDS
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            _end_group(process)
        if self._database and not self._database.stop():
            _say("PostgreSQL stays: another process uses it.")


def _start(command: list[str], *, environment: dict[str, str], output: int | None = None) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that dies with this one, should this one be killed."""
    return subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=programs.die_with_parent(signal.SIGKILL),  # noqa: PLW1509  # this process has one thread
    )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the process and of those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _direct(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with the database's own address: migrations bypass PgBouncer."""
    direct_url = environment.get("WORKER_DATABASE_URL")
    return environment | {"DATABASE_URL": direct_url} if direct_url else environment


def _procfile() -> dict[str, str]:
    """Return the commands of the Procfile: what web and worker are stands there and nowhere else."""
    lines = (PROJECT_DIR / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, colon, command in (line.partition(":") for line in lines) if colon}


def _parent_make() -> int | None:
    """Return the process id of the `make` that started this process, if one did."""
    parent = os.getppid()
    with contextlib.suppress(OSError):
        if Path(f"/proc/{parent}/comm").read_text().strip() in {"make", "gmake"}:
            return parent
    return None


def _minds_sigint(pid: int | None) -> bool:
    """Tell whether the process has a handler for SIGINT."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) & 1 << (signal.SIGINT - 1))
    return False


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def _port_from_environment() -> int:
    text = os.environ.get("PORT") or "8000"
    if text.isdecimal() and 0 < int(text) < 2**16:
        return int(text)
    raise StartError(f"PORT should be a number from 1 to 65535, and is {text!r}.")


def main(arguments: Sequence[str]) -> int:
    """Run until a signal; return 0 for an end that was asked for and 1 for one that was not."""
    parser = argparse.ArgumentParser(prog="python -m letterboxd_site.local_run", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="with a fake TMDB of real films")
    is_demo = parser.parse_args(arguments).demo
    if (PROJECT_DIR / ".env").exists():
        environ.Env.read_env(PROJECT_DIR / ".env")
    try:
        data_dir, port = local_postgres.data_dir_from_environment(), _port_from_environment()
        supervisor = Supervisor(data_dir=data_dir, port=port, is_demo=is_demo)
        signal.signal(signal.SIGINT, supervisor.request_stop)
        signal.signal(signal.SIGTERM, supervisor.request_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGHUP, supervisor.request_stop)
        supervisor.run()
    except (StartError, programs.LocalPostgresError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
