"""A PostgreSQL of the suite's own: made in a temporary folder, on loopback, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin")
PATIENCE_S = 30


class Server:
    """A running PostgreSQL; each call of `database` makes an empty database in it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, name: str) -> str:
        """Return the URL of the database *name*."""
        return f"postgresql://thumoi@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the URL of an empty database, and drop it afterwards."""
        name = f"t{uuid4().hex}"
        self._order(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield self.url(name)
        finally:
            self._order(f"DROP DATABASE {name} WITH (FORCE)")

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        with socket.socket() as line:
            line.settimeout(1)
            return line.connect_ex(("127.0.0.1", self.port)) == 0 and self._takes_orders()

    def _takes_orders(self) -> bool:
        try:
            self._order("SELECT 1")
        except OperationalError:
            return False
        return True

    def _order(self, statement: str) -> None:
        url = self.url("postgres").replace("postgresql:", "postgresql+psycopg:")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def running() -> Iterator[Server]:
    """Start a PostgreSQL with its honest fsync, lend it, stop it and sweep up."""
    home = Path(mkdtemp(prefix="thumoi-pg-"))
    try:
        _make_home(home)
        with _started(home) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _started(home: Path) -> Iterator[Server]:
    port = _free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": home,
        "max_connections": 200,
        "shared_buffers": "32MB",
    }
    settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    command = [_binary("postgres"), "-D", str(home / "data"), *settings]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, user=_servant(), stdout=log, stderr=log, cwd=home)
    try:
        server = Server(port)
        _wait(process, server, home / "log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _make_home(home: Path) -> None:
    servant = _servant()
    if servant is not None:
        os.chown(home, servant, -1)
    command = [_binary("initdb"), "-D", str(home / "data"), "-U", "thumoi", "-A", "trust"]
    subprocess.run(
        [*command, "--no-locale", "-E", "UTF8", "--no-sync"],
        user=servant,
        cwd=home,
        check=True,
        capture_output=True,
    )


def _wait(process: subprocess.Popen[bytes], server: Server, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"PostgreSQL did not start:\n{log.read_text('utf-8', 'replace')}"
            raise RuntimeError(message)
        time.sleep(0.05)


def _servant() -> int | None:
    """Return the uid to work under: PostgreSQL refuses to serve as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names.get("nobody", 65534))


def _binary(name: str) -> str:
    for place in PLACES:
        for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            if (folder / "initdb").exists() and (folder / name).exists():
                return str(folder / name)
    message = f"{name} of PostgreSQL is missing; on Debian: apt-get install postgresql"
    raise RuntimeError(message)


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
