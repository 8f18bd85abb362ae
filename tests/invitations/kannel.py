"""Kannel and its fake network, started as ordinary programs on this machine's loopback."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

FAKE_NETWORK = Path("/usr/lib/kannel/test/fakesmsc")
PROGRAMS = ("/usr/sbin/bearerbox", "/usr/sbin/smsbox")
PATIENCE_S = 20

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = none
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 0
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
port = {network}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = moi
password = x
concatenation = true
max-messages = 10

group = sms-service
keyword = default
max-messages = 0
text = ""
"""


def installed() -> bool:
    """Tell whether Debian's kannel and kannel-extras are on this machine."""
    return all(map(shutil.which, PROGRAMS)) and FAKE_NETWORK.exists()


class Kannel:
    """A gateway with a network behind it; `url` takes messages, `arrived` tells of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ports = dict(zip(("admin", "boxes", "network", "http"), _free_ports(4), strict=True))
        self._ports = ports
        self.url = f"http://127.0.0.1:{ports['http']}/cgi-bin/sendsms"
        self._file = folder / "kannel.conf"
        self._file.write_text(_CONFIGURATION.format(folder=folder, **ports))
        self._programs: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start the three programs, each when the one before listens."""
        self._start("bearerbox", PROGRAMS[0], str(self._file))
        self._wait("boxes")
        self._wait("network")
        host = ("-H", "127.0.0.1", "-r", str(self._ports["network"]))
        greeting = ("-i", "9999", "-m", "0", "84900000000 100 text hello")
        self._start("network", str(FAKE_NETWORK), *host, *greeting)
        self._start("smsbox", PROGRAMS[1], str(self._file))
        self._wait("http")
        return self

    def __exit__(self, *_: object) -> None:
        """End them, the last first."""
        for program in reversed(self._programs):
            program.terminate()
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait(5)

    def log(self, name: str) -> str:
        """Return what one of the programs said."""
        return (self._folder / f"{name}.out").read_text(errors="replace")

    def _start(self, name: str, *order: str) -> None:
        with (self._folder / f"{name}.out").open("wb") as out:
            program = subprocess.Popen(order, stdout=out, stderr=out, cwd=self._folder)
        self._programs.append(program)

    def _wait(self, port: str) -> None:
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if port == "network" or not probe.connect_ex(("127.0.0.1", self._ports[port])):
                    return
            time.sleep(0.05)
        raise TimeoutError(port)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
