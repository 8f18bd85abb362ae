"""Exim, started as an ordinary program of an ordinary user on this machine's loopback."""

import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tests.invitations.authority import Authority, a_key, an_authority, begin_member

PROGRAM = "/usr/sbin/exim4"
ORDINARY = "nobody"  # root may not deliver mail
PATIENCE_S = 20
REFUSED, DEFERRED = "khach2", "khach3"

_CONFIGURATION = """
exim_user = {user}
exim_group = {group}
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
log_selector = +pipelining
pid_file_path = {folder}/exim.pid
primary_hostname = relay.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
deliver_drop_privilege
smtp_accept_queue_per_connection = 0
keep_environment =
dsn_advertise_hosts = *
tls_advertise_hosts = *
tls_certificate = {folder}/server.pem
acl_smtp_rcpt = recipients

begin acl
recipients:
  deny local_parts = {refused}
       message = 550 5.1.1 No such guest
  defer local_parts = {deferred}
       message = 451 4.7.1 Greylisted, come again
  accept

begin routers
everybody:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  directory = {folder}/box
  maildir_format
  envelope_to_add
  return_path_add
"""


def installed() -> bool:
    """Tell whether Debian's exim4-daemon-light is on this machine."""
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True)
class Arrived:
    """One mail as Exim delivered it: whom for, where reports go, and all its bytes."""

    to: str
    bounces_to: str
    content: bytes


class Exim:
    """A relay that delivers into one folder; it refuses one guest and defers another."""

    def __init__(self) -> None:
        self._user = pwd.getpwnam(ORDINARY) if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
        self._folder = Path(tempfile.mkdtemp(prefix="thumoi-exim-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.authority = self._folder / "authority.pem"
        self._write()
        self._program: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        order = [PROGRAM, "-C", str(self._folder / "exim.conf"), "-bdf", "-q1s"]
        root = os.geteuid() == 0
        with (self._folder / "stderrlog").open("wb") as said:
            self._program = subprocess.Popen(
                order,
                user=self._user.pw_uid if root else None,
                group=self._user.pw_gid if root else None,
                extra_groups=[] if root else None,
                stderr=said,
                start_new_session=True,
            )
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends and self._program.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self._end()
        raise RuntimeError(self.log())

    def __exit__(self, *_: object) -> None:
        """End it, and take its folder away."""
        self._end()
        shutil.rmtree(self._folder)

    def arrived(self, count: int) -> list[Arrived]:
        """Return the mails that were delivered, once there are *count*, by recipient."""
        new = self._folder / "box" / "new"
        ends = time.monotonic() + PATIENCE_S
        while len(list(new.glob("*"))) < count and time.monotonic() < ends:
            time.sleep(0.02)
        return sorted((_read(each) for each in new.glob("*")), key=lambda each: each.to)

    def log(self) -> str:
        """Return what Exim wrote down."""
        return "".join(path.read_text() for path in sorted(self._folder.glob("*log")))

    def _end(self) -> None:
        """Kill it with its queue runners: asked politely, it waits for them."""
        if self._program is not None:
            os.killpg(self._program.pid, signal.SIGKILL)
            self._program.wait(10)

    def _write(self) -> None:
        authority = an_authority()
        self.authority.write_bytes(authority.pem)
        (self._folder / "server.pem").write_bytes(_server(authority))
        (self._folder / "exim.conf").write_text(
            _CONFIGURATION.format(
                user=self._user.pw_name,
                group=self._user.pw_gid,
                folder=self._folder,
                port=self.port,
                refused=REFUSED,
                deferred=DEFERRED,
            )
        )
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)


def _server(authority: Authority) -> bytes:
    """Return a certificate for this machine's loopback, with its key."""
    key = a_key()
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = begin_member(authority, "relay.example", key).add_extension(names, critical=False)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signed = built.sign(authority.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM) + secret


def _read(path: Path) -> Arrived:
    content = path.read_bytes()
    head = dict(
        line.split(": ", 1)
        for line in content.decode().split("\n\n", 1)[0].split("\n")
        if ": " in line
    )
    return Arrived(head["Envelope-to"], head["Return-path"].strip("<>"), content)
