"""Power cuts, replayed: what a disk may hold when the power goes at any system call.

A writer runs under strace. Its writes and syncs are then played back up to a cut point; of
what was not synced by then, the disk kept nothing, everything, some of it, or a piece of the
last write torn at 512 bytes. Names of files are safe once their folder was synced.
"""

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename"
KEPT = ("none", "all", "some", "torn")
LINE = re.compile(r"^(\d+)\s+(.*)$")
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)")
RESUMED = re.compile(r"^<\.\.\. \w+ resumed>(.*)$")
HELD = re.compile(r"<((?:\\x[0-9a-f]{2})+)>")
QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Op:
    """One thing the writer asked of the disk: *kind* is write, sync, cut, make, drop or ack."""

    kind: str
    name: str
    data: bytes = b""
    at: int = 0


@dataclass
class Disk:
    """What is surely on the disk, and what may be."""

    files: dict[str, bytearray] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    pending: list[Op] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)

    def take(self, op: Op) -> None:
        """Play one operation."""
        if op.kind == "ack":
            self.acked.append(op.name)
        elif op.kind != "sync":
            self.pending.append(op)
        elif op.name:
            self._keep(
                [each for each in self.pending if each.name == op.name and _content(each)]
            )
        else:
            self._keep([each for each in self.pending if not _content(each)])

    def _keep(self, ops: list[Op]) -> None:
        for op in ops:
            play(op, self.files, self.names)
            self.pending.remove(op)

    def after(self, kept: str, rng: random.Random) -> dict[str, bytes]:
        """Return the files that are found after the power went now."""
        files = {name: bytearray(data) for name, data in self.files.items()}
        names = set(self.names)
        for op in self._survivors(kept, rng):
            play(op, files, names)
        return {name: bytes(files.get(name, b"")) for name in names}

    def _survivors(self, kept: str, rng: random.Random) -> list[Op]:
        if kept in {"none", "all"}:
            return self.pending if kept == "all" else []
        if kept == "some":
            return [op for op in self.pending if rng.random() < 1 / 2]
        whole, last = self.pending[:-1], self.pending[-1:]
        torn = [Op(op.kind, op.name, _torn(op.data, rng), op.at) for op in last]
        return [*whole, *torn]


def play(op: Op, files: dict[str, bytearray], names: set[str]) -> None:
    """Let *op* reach the platter."""
    if op.kind == "make":
        names.add(op.name)
    elif op.kind == "drop":
        names.discard(op.name)
        files.pop(op.name, None)
    elif op.kind == "cut":
        del files.setdefault(op.name, bytearray())[op.at :]
    else:
        content = files.setdefault(op.name, bytearray())
        content.extend(bytes(max(0, op.at - len(content))))
        content[op.at : op.at + len(op.data)] = op.data


def traced(
    kind: str, folder: Path, watched: Path, many: int, synchronous: str = "FULL"
) -> list[Op]:
    """Run a writer in *folder*; return what it asked of *watched* from its beginning on."""
    log = folder / "strace"
    writer = [sys.executable, "-m", "tests.faults.writer", kind, str(folder), str(many)]
    options = ["-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run(["strace", *options, *writer, synchronous], check=True, timeout=600)
    ops = list(_ops(log, watched))
    begin = next(place for place, op in enumerate(ops) if op.name == "begin")
    log.unlink()
    return ops[begin + 1 :]


def laid_out(files: dict[str, bytes], folder: Path) -> Path:
    """Write *files* as they were found after the cut, in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def cut_points(ops: list[Op], many: int, rng: random.Random) -> list[int]:
    """Return at most *many* places to cut, each after one operation."""
    return sorted(rng.sample(range(1, len(ops) + 1), min(many, len(ops))))


def _ops(log: Path, folder: Path) -> Iterator[Op]:
    begun: dict[str, str] = {}
    for line in log.read_text().splitlines():
        found = LINE.match(line)
        if found is None:
            continue
        who, call = found.groups()
        if call.endswith("<unfinished ...>"):
            begun[who] = call.removesuffix("<unfinished ...>")
            continue
        resumed = RESUMED.match(call)
        if resumed:
            call = begun.pop(who, "") + resumed[1]
        done = CALL.match(call)
        if done and int(done[3]) >= 0:
            yield from _op(done[1], done[2], folder)


def _op(call: str, arguments: str, folder: Path) -> Iterator[Op]:
    """Return what one system call asked of a file in *folder*, its wal's memory left out."""
    if call in {"openat", "unlink", "rename"}:
        yield from _named(call, arguments, folder)
        return
    held = HELD.search(arguments)
    path = Path(_text(held[1])) if held else Path()
    if call in {"fsync", "fdatasync"} and path == folder:
        yield Op("sync", "")
    if path.name == "acks":
        yield from _acks(arguments)
    if path.parent != folder or path.name == "acks" or path.name.endswith("-shm"):
        return
    if call in {"fsync", "fdatasync"}:
        yield Op("sync", path.name)
    elif call == "ftruncate":
        yield Op("cut", path.name, at=int(arguments.rpartition(", ")[2]))
    elif call == "pwrite64":
        data = QUOTED.search(arguments)
        at = int(arguments.rpartition(", ")[2])
        yield Op("write", path.name, _bytes(data[1]) if data else b"", at)


def _named(call: str, arguments: str, folder: Path) -> Iterator[Op]:
    quoted = [Path(_text(each)) for each in QUOTED.findall(arguments)]
    if not quoted or quoted[0].parent != folder or quoted[0].name in {"acks", "strace"}:
        return
    if quoted[0].name.endswith("-shm"):
        return
    if call == "openat" and "O_CREAT" in arguments:
        yield Op("make", quoted[0].name)
    elif call == "unlink":
        yield Op("drop", quoted[0].name)
    elif call == "rename":
        message = "a writer renamed a file, which the replay does not know"
        raise NotImplementedError(message)


def _acks(arguments: str) -> Iterator[Op]:
    data = QUOTED.search(arguments)
    for line in _text(data[1]).splitlines() if data else ():
        yield Op("ack", line.removeprefix("ack "))


def _content(op: Op) -> bool:
    return op.kind in {"write", "cut"}


def _torn(data: bytes, rng: random.Random) -> bytes:
    """Return the first sectors of a write."""
    return data[: SECTOR * rng.randint(0, len(data) // SECTOR)]


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


def _text(hexadecimal: str) -> str:
    return _bytes(hexadecimal).decode()
