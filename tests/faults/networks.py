"""Network namespaces: a server in one, three stations in others, and cables that are pulled.

Runs inside namespaces of its own, with `unshare`; any user may, where the system lets users
have namespaces.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from scanner.__main__ import main as station_command

KEEP = ["--propagation", "unchanged"]  # where the root is no mount of its own
WAYS = (
    ["unshare", "-Urnm"],
    ["unshare", "-nm"],
    ["unshare", "-Urnm", *KEEP],
    ["unshare", "-nm", *KEEP],
)
PORT = 8000
SETTLED_WITHIN_S = 120.0
IMPOSSIBLE = (
    "This test needs network namespaces: neither `unshare -Urnm` nor `unshare -nm` works here,"
    " as a user or as root."
    " Allow users their own namespaces (kernel.unprivileged_userns_clone=1, and"
    " kernel.apparmor_restrict_unprivileged_userns=0 where there is AppArmor), or run as root."
)


def in_namespaces(order: dict[str, Any]) -> dict[str, Any]:
    """Run the evening that *order* describes in namespaces of its own; return what it says.

    Raises:
        AssertionError: the system has no namespaces for us; the text says what to allow.
    """
    written = Path(order["folder"]) / "order.json"
    written.write_text(json.dumps(order))
    command = [*a_way(), "--kill-child", sys.executable, "-m", "tests.faults.networks"]
    done = subprocess.run(
        [*command, str(written)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def a_way() -> list[str]:
    """Return the command that gives a program namespaces of its own.

    Raises:
        AssertionError: the system has none for us; the text says what to allow.
    """
    ways = [way for way in WAYS if subprocess.run([*way, "true"], check=False).returncode == 0]
    assert ways, IMPOSSIBLE
    return ways[0]


@dataclass
class Island:
    """A station in a namespace of its own, on a cable to the mainland."""

    number: int
    process: subprocess.Popen[str]
    lights: Path

    def order(self, **what: Any) -> None:
        """Tell the station what to do; it is not waited for."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def said(self) -> dict[str, Any]:
        """Return the next status that the station tells, after the lights it showed."""
        assert self.process.stdout is not None
        with self.lights.open("a") as lights:
            for line in self.process.stdout:
                told = json.loads(line)
                if told["is"] == "status":
                    return dict(told)
                lights.write(line)
        message = f"station {self.number} is gone"
        raise RuntimeError(message)

    def cable(self, state: str) -> None:
        """Pull the cable (``down``), or plug it in again (``up``)."""
        ip("link", "set", f"m{self.number}", state)


def ip(*words: str, inside: int = 0) -> None:
    """Give an order to the network, perhaps *inside* the namespace of another process."""
    enter = ["nsenter", "-t", str(inside), "-n"] if inside else []
    subprocess.run([*enter, "ip", *words], check=True)


@contextmanager
def mainland(order: dict[str, Any]) -> Iterator[None]:
    """Open the server to every island."""
    command = [sys.executable, "-m", "tests.faults.latecomer", order["clock"]]
    with (
        Path(order["log"]).open("ab") as log,
        subprocess.Popen(
            command, stdout=log, stderr=log, env=dict(os.environ) | order["environment"]
        ) as server,
    ):
        try:
            until = time.monotonic() + 60
            while not _answers():
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
            yield
        finally:
            server.terminate()


@contextmanager
def island(number: int, code: str, folder: Path, skew: int) -> Iterator[Island]:
    """Lend a station that stands in a namespace of its own and knows its server."""
    with subprocess.Popen(["unshare", "-n", "sleep", "infinity"]) as land:
        try:
            time.sleep(0.2)
            _lay_cable(number, land.pid)
            home = f"http://10.9.{number}.1:{PORT}"
            words = ["pair", "--server", home, "--code", code, "--data", str(folder)]
            assert station_command(words) == 0
            engine = [sys.executable, "-m", "tests.faults.engine"]
            order = json.dumps({"folder": str(folder), "skew": skew})
            with subprocess.Popen(
                ["nsenter", "-t", str(land.pid), "-n", *engine, order],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                yield Island(number, process, folder / "lights")
                process.kill()
        finally:
            land.kill()


def evening(order: dict[str, Any]) -> dict[str, Any]:
    """Cut every island off for hours of simulated time, then let them all come back at once."""
    ip("link", "set", "lo", "up")
    plans: list[list[list[list[Any]]]] = order["plans"]
    with ExitStack() as stack:
        stack.enter_context(mainland(order))
        islands = []
        for number, code in enumerate(order["codes"]):
            skew = order["skews"][number]
            place = island(number, code, Path(order["folder"]) / f"station-{number}", skew)
            islands.append(stack.enter_context(place))
        online = [_until_online(each) for each in islands]
        for each in islands:
            each.cable("down")
        cut: list[dict[str, Any]] = []
        for half in range(2):
            for each, plan in zip(islands, plans, strict=True):
                each.order(scans=plan[half], skew=order["skews"][each.number - half])
            cut = [each.said() for each in islands]
        Path(order["clock"]).write_text(str(order["hours_ms"]))
        began = time.monotonic()
        for each in islands:
            each.order(passed=order["hours_ms"])
            each.said()
            each.cable("up")
        merged = [_until_merged(each, began) for each in islands]
        return {
            "online": all(online),
            "offline": not any(each["online"] for each in cut),
            "waiting": sum(each["waiting"] for each in cut),
            "merged": all(merged),
            "seconds": round(time.monotonic() - began, 1),
        }


def _lay_cable(number: int, land: int) -> None:
    ip("link", "add", "name", f"m{number}", "type", "veth", "peer", "name", f"i{number}")
    ip("link", "set", f"i{number}", "netns", str(land))
    ip("addr", "add", f"10.9.{number}.1/24", "dev", f"m{number}")
    ip("link", "set", f"m{number}", "up")
    ip("addr", "add", f"10.9.{number}.2/24", "dev", f"i{number}", inside=land)
    ip("link", "set", f"i{number}", "up", inside=land)


def _answers() -> bool:
    with suppress(httpx.HTTPError):
        url = f"http://127.0.0.1:{PORT}/station/challenge"
        return httpx.get(url, timeout=1, trust_env=False).status_code == httpx.codes.OK
    return False


def _until_online(each: Island) -> bool:
    until = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < until:
        each.order()
        if each.said()["online"]:
            return True
        time.sleep(0.1)
    return False


def _until_merged(each: Island, began: float) -> bool:
    while time.monotonic() < began + SETTLED_WITHIN_S:
        each.order()
        if each.said()["waiting"] == 0:
            return True
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    print(json.dumps(evening(json.loads(Path(sys.argv[1]).read_text()))))  # noqa: T201 - that is what it is asked
