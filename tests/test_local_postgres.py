"""The embedded PostgreSQL: real servers in folders of their own, killed the way machines and people kill them."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import environ
import psycopg
import pytest

from letterboxd_site import local_postgres
from letterboxd_site import local_postgres_programs as programs
from letterboxd_site.local_postgres import LocalPostgres
from tests import throwaway

IS_ROOT = os.geteuid() == 0
SECRET = "a member wrote this"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with throwaway.folder() as folder:
        yield folder


@pytest.fixture
def server(data_dir: Path) -> Iterator[LocalPostgres]:
    server = LocalPostgres(data_dir)
    yield server
    assert server.remove()


def run_sql(server: LocalPostgres, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def processes_of(server: LocalPostgres) -> list[int]:
    return server._processes()


def kill_all(server: LocalPostgres) -> None:
    for pid in processes_of(server):
        with contextlib.suppress(ProcessLookupError):  # the others end by themselves when the postmaster does
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes_of(server))


def wait_until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def start_exec(data_dir: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "letterboxd_site.local_postgres", "exec", "--", *command],
        env=os.environ | {"DATA_DIR": str(data_dir)},
        cwd=local_postgres.PROJECT_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_django_environ_and_libpq_read_the_same_from_the_url(tmp_path: Path) -> None:
    url = local_postgres.database_url(tmp_path)
    by_django = environ.Env.db_url_config(url)
    by_libpq = psycopg.conninfo.conninfo_to_dict(url)
    assert by_django["OPTIONS"]["host"] == by_libpq["host"]
    assert str(by_libpq["host"]).startswith("/tmp/letterboxd-")
    assert (
        (by_django["NAME"], by_django["USER"]) == (by_libpq["dbname"], by_libpq["user"]) == ("letterboxd", "postgres")
    )


def test_the_url_depends_on_the_folder_and_not_on_how_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert local_postgres.database_url(Path("var")) == local_postgres.database_url(tmp_path / "x" / ".." / "var")
    assert local_postgres.database_url(Path("var")) != local_postgres.database_url(Path("other"))


def test_a_server_starts_answers_and_leaves_nothing_running(server: LocalPostgres) -> None:
    server.start()
    assert run_sql(server, "SELECT current_database(), current_setting('TimeZone')") == [("letterboxd", "UTC")]
    assert server.pid in processes_of(server)
    assert server.stop()
    assert server.pid is None
    assert processes_of(server) == []
    assert not server.socket_dir.exists()


def test_nobody_else_can_reach_the_server(server: LocalPostgres) -> None:
    server.start()
    socket_dir = server.socket_dir.stat()
    assert stat.S_IMODE(socket_dir.st_mode) == 0o700
    assert socket_dir.st_uid == server.cluster.stat().st_uid
    assert stat.S_IMODE((server.socket_dir / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700
    assert run_sql(server, "SHOW listen_addresses") == [("",)]


def test_what_is_committed_is_on_disk(server: LocalPostgres) -> None:
    server.start()
    assert run_sql(server, "SHOW fsync") + run_sql(server, "SHOW synchronous_commit") == [("on",), ("on",)]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(mode=0o777), lambda path: path.symlink_to("/tmp")])
def test_a_socket_folder_that_others_prepared_is_refused(server: LocalPostgres, make: Callable[[Path], object]) -> None:
    make(server.socket_dir)
    try:
        with pytest.raises(programs.LocalPostgresError, match="mode 0700"):
            server.start()
    finally:
        server.socket_dir.unlink() if server.socket_dir.is_symlink() else server.socket_dir.rmdir()


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder of somebody else")
def test_a_private_socket_folder_of_another_user_is_refused(server: LocalPostgres) -> None:
    server.socket_dir.mkdir(mode=0o700)
    os.chown(server.socket_dir, 12345, 12345)
    with pytest.raises(programs.LocalPostgresError, match="Find out who made it"):
        server.start()
    server.socket_dir.rmdir()


def test_titles_are_ordered_by_code_point_and_their_letters_have_capitals(server: LocalPostgres) -> None:
    server.start()
    assert run_sql(server, "SELECT upper('été 85'), 'ÉTÉ' ILIKE 'été', 'Z' < 'a', 'z' < 'É'") == [
        ("ÉTÉ 85", True, True, True)
    ]


def test_data_survive_a_stop(server: LocalPostgres) -> None:
    server.start()
    run_sql(server, "CREATE TABLE kept AS SELECT 1 AS number")
    server.stop()
    server.start()
    assert run_sql(server, "SELECT number FROM kept") == [(1,)]


def test_a_running_server_is_shared_and_the_last_one_out_ends_it(server: LocalPostgres) -> None:
    server.start()
    second = LocalPostgres(server.data_dir)
    second.start()
    assert second.pid == server.pid
    assert not server.stop()
    assert run_sql(server, "SELECT 1") == [(1,)]
    assert second.stop()
    assert server.pid is None


def test_a_server_that_a_killed_run_left_is_found_and_ended(server: LocalPostgres) -> None:
    run = start_exec(server.data_dir, "sleep", "60")
    wait_until(lambda: server.pid and (server.socket_dir / ".s.PGSQL.5432").exists())
    wait_until(lambda: len(children_of(run.pid)) == 2)
    left, command = server.pid, children_of(run.pid)[-1]
    run.kill()
    run.communicate()
    wait_until(lambda: not Path(f"/proc/{command}").exists())
    assert server.pid == left
    server.start()
    assert server.pid == left
    assert server.stop()
    assert processes_of(server) == []


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_committed_data_survive_a_kill_of_everything(server: LocalPostgres) -> None:
    server.start()
    run_sql(server, "CREATE TABLE kept AS SELECT 1 AS number")
    kill_all(server)
    assert server.pid is None
    assert (server.cluster / "postmaster.pid").exists()
    server.start()
    assert run_sql(server, "SELECT number FROM kept") == [(1,)]


def test_a_backend_that_outlives_its_postmaster_does_not_block_the_next_start(server: LocalPostgres) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:

        def keep_busy() -> None:
            with pytest.raises(psycopg.OperationalError):
                connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")

        query = threading.Thread(target=keep_busy)
        query.start()
        wait_until(lambda: run_sql(server, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO %'"))
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server.pid is None)
        assert processes_of(server)
        server.start()
        query.join(timeout=10)
    assert run_sql(server, "SELECT 1") == [(1,)]


def test_lock_files_whose_number_another_process_has_by_now_are_ignored(server: LocalPostgres) -> None:
    server.start()
    kill_all(server)
    owner = server.cluster.stat()
    options = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if IS_ROOT else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **options) as stranger:  # type: ignore[call-overload]
        for lock in (server.cluster / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().splitlines()
            lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert server.pid is None
        server.start()
        assert server.pid not in {None, stranger.pid}
        assert stranger.poll() is None
        stranger.kill()


def test_a_data_folder_deleted_under_a_running_server_is_made_again(server: LocalPostgres) -> None:
    server.start()
    before = server.pid
    shutil.rmtree(server.cluster)
    server.start()
    assert server.pid not in {None, before}
    assert run_sql(server, "SELECT 1") == [(1,)]


def test_an_initdb_that_was_killed_half_way_is_begun_again(server: LocalPostgres) -> None:
    run = start_exec(server.data_dir, "true")
    wait_until(lambda: list(server.cluster.parent.glob(f"{server.cluster.name}.partial-*/base")))
    run.kill()
    run.communicate()
    assert not server.cluster.exists()
    assert list(server.cluster.parent.glob(f"{server.cluster.name}.partial-*"))
    server.start()
    assert run_sql(server, "SELECT 1") == [(1,)]
    assert not list(server.cluster.parent.glob(f"{server.cluster.name}.partial-*"))


@pytest.mark.parametrize("folders", [3, 5], ids=["600 bytes", "1000 bytes"])
def test_a_long_path_works(data_dir: Path, folders: int) -> None:
    server = LocalPostgres(data_dir.joinpath(*["long " * 40] * folders))
    try:
        server.start()
        assert run_sql(server, "SELECT 1") == [(1,)]
    finally:
        assert server.remove()


@pytest.mark.skipif(not IS_ROOT, reason="a normal user reaches its own folders")
def test_what_a_closed_folder_hides_from_the_server_goes_to_a_private_one(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    server = LocalPostgres(data_dir / "var")
    try:
        server.start()
        run_sql(server, "CREATE TABLE kept AS SELECT 1 AS number")
        assert server.cluster.parent == programs.private_dir()
        assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700
        server.stop()
        data_dir.chmod(0o755)
        again = LocalPostgres(data_dir / "var")
        again.start()
        assert run_sql(again, "SELECT number FROM kept") == [(1,)]
        again.stop()
    finally:
        assert server.remove()


@pytest.mark.skipif(not IS_ROOT, reason="a normal user reaches its own programs")
def test_programs_in_a_closed_folder_are_copied_to_where_every_user_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = programs.Account.for_cluster(tmp_path / "none")
    installed = programs.binaries_for(tmp_path / "none", account=account)
    package = installed.parents[1]
    for part in (installed.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, tmp_path / "closed" / part.relative_to(package.parent))
    (tmp_path / "closed").chmod(0o700)
    closed = tmp_path / "closed" / installed.relative_to(package.parent)
    outside = Path(tempfile.mkdtemp())
    monkeypatch.setattr(programs, "_installed", lambda: iter([(99, closed)]))
    monkeypatch.setattr(programs, "private_dir", lambda: outside)
    try:
        copied = programs.binaries_for(tmp_path / "none", account=account)
        assert copied == programs.binaries_for(tmp_path / "none", account=account)
        subprocess.run([copied / "initdb", "--version"], check=True, **account.process_options())
    finally:
        shutil.rmtree(outside)


def test_the_log_never_quotes_what_members_brought(server: LocalPostgres) -> None:
    server.start()
    run_sql(server, "CREATE TABLE reviews (review text PRIMARY KEY CHECK (review <> 'x'), day date)")
    run_sql(server, f"INSERT INTO reviews VALUES ('{SECRET}')")
    for statement in (
        f"INSERT INTO reviews VALUES ('{SECRET}')",
        f"INSERT INTO reviews VALUES ('y', '{SECRET}'::date)",
        f"SELECT '{SECRET}' FROM nowhere",
        f"DO $$ BEGIN RAISE WARNING '{SECRET}'; END $$; SELECT pg_terminate_backend(pg_backend_pid()), '{SECRET}'",
    ):
        with pytest.raises(psycopg.Error):
            run_sql(server, statement)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"SELECT '{SECRET}'")
        os.kill(connection.info.backend_pid, signal.SIGKILL)  # the log would name the statement that ran
    wait_until(lambda: server.log_file.read_text().count("ready to accept connections") > 1)
    log = server.log_file.read_text()
    assert "terminated by signal 9" in log
    assert SECRET not in log


def test_a_failed_start_shows_the_log_and_what_to_do(server: LocalPostgres) -> None:
    server.start()
    server.stop()
    with (server.cluster / "postgresql.conf").open("a") as configuration:
        configuration.write("\nnonsense nonsense nonsense\n")
    with pytest.raises(programs.LocalPostgresError, match=r"(?s)syntax error.*postgres\.log.*DATABASE_URL"):
        server.start()
    assert processes_of(server) == []


def test_data_of_a_version_that_is_not_here_are_left_alone(server: LocalPostgres) -> None:
    server.start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(programs.LocalPostgresError, match="PostgreSQL 12 is needed for the data in"):
        server.start()


def test_without_any_postgresql_the_error_says_what_to_install(
    server: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_installed", lambda: iter([]))
    with pytest.raises(programs.LocalPostgresError, match=r"has none\.\nInstall the wheel"):
        server.start()


def test_exec_gives_the_command_the_database_and_returns_its_code(server: LocalPostgres) -> None:
    run = start_exec(server.data_dir, "sh", "-c", "echo $DATABASE_URL; exit 7")
    output, _ = run.communicate(timeout=60)
    assert (output.strip(), run.returncode) == (server.url, 7)
    assert processes_of(server) == []


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_exec_passes_signals_on_and_ends_the_server(server: LocalPostgres, signal_number: signal.Signals) -> None:
    program = (
        "import signal, sys; print('up', flush=True); signal.sigwait([signal.SIGINT, signal.SIGTERM]); sys.exit(3)"
    )
    mask = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM]);"
    run = start_exec(server.data_dir, sys.executable, "-c", mask + program)
    assert run.stdout
    assert run.stdout.readline() == "up\n"
    run.send_signal(signal_number)
    run.communicate(timeout=20)
    assert run.returncode == 3
    assert processes_of(server) == []
