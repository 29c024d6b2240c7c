"""A PostgreSQL server of the tests' own: made in a private folder, gone at the end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
# Another zone than UTC and an order of text that is not that of bytes, as servers have them.
UNLIKE_OURS = "-c timezone=America/Montreal"


@dataclass(frozen=True)
class Cluster:
    """A running server and the password of its superuser."""

    port: int
    password: str

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def ask(self, database: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that answer a query of the superuser; none for a command."""
        with closing(psycopg2.connect(self.url(database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("set time zone 'UTC'")
                cursor.execute(query, values or None)
                return list(cursor.fetchall()) if cursor.description else []


def programs() -> Path | None:
    """Where initdb is: the newest server installed, on the path or where Debian puts it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return found[-1].parent if found else None


@contextmanager
def running(binaries: Path) -> Iterator[Cluster]:
    """A server on a free port of loopback."""
    # The server refuses to run as root: there it runs as the user that its package made.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="hiring-elt-server-"))
    password = secrets.token_urlsafe(12)
    (folder / "password").write_text(password)
    if as_owner:
        owner = pwd.getpwnam("postgres")
        for path in (folder, folder / "password"):
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_owner, str(binaries / program), *arguments],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )

    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    data = str(folder / "cluster")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {FAST} {UNLIKE_OURS}"
    try:
        locale = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US", "--locale=C"]
        call("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", *locale)
        call("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield Cluster(port, password)
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
