"""A PostgreSQL of the bench's own, with its honest fsync, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from checkin.demo.processes import DemoError
from checkin.demo.sinks import HOST, free_port
from checkin.storage.schema import state_of

PLACES = ("usr/lib/postgresql/*/bin", "usr/local/bin", "usr/bin")
PATIENCE_S = 30.0


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest; nothing if there are none."""
    for place in PLACES:
        for folder in sorted(Path("/").glob(place), reverse=True):
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return folder
    return None


@contextmanager
def postgresql(folder: Path, binaries: Path) -> Iterator[str]:
    """Lend the URL of an empty database of a server in *folder*.

    Raises:
        DemoError: it did not start.
    """
    folder.mkdir()
    servant = _servant()
    if servant is not None:
        os.chown(folder, servant, -1)
        _open_way(folder)
    data, port = folder / "data", free_port(0)
    make = (binaries / "initdb", "-D", data, "-U", "thumoi", "-A", "trust", "--no-locale")
    subprocess.run(  # noqa: S603 - Debian's own programs
        [*map(str, make), "-E", "UTF8", "--no-sync"],
        user=servant,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    settings = (f"listen_addresses={HOST}", f"port={port}", f"unix_socket_directories={folder}")
    options = [part for each in settings for part in ("-c", each)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - Debian's own programs
            [str(binaries / "postgres"), "-D", str(data), *options],
            user=servant,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        url = f"postgresql://thumoi@{HOST}:{port}/postgres"
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _wait(url: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if not state_of(url).trouble:
            return
        time.sleep(0.05)
    raise DemoError("postgres")


def _open_way(folder: Path) -> None:
    """Let another user reach *folder* through the bench's own folders, which only we read."""
    for each in folder.parents:
        if each.stat().st_uid == os.getuid() and not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)


def _servant() -> int | None:
    """Return the uid to work under: PostgreSQL refuses to serve as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names.get("nobody", 65_534))
