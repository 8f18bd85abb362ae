"""What every test stands on: how hard Hypothesis tries, and a house without a telephone.

The suite talks to real servers, but only to those it started on this machine. An audit
hook sees every connection and every name looked up, whatever library asks for it.
"""

import ipaddress
import os
import socket
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

pytest_plugins = ["tests.fixtures_database"]

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}
LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"}


class OutsideCallError(RuntimeError):
    """A test, or the code under it, tried to leave this machine."""


def is_local(host: object) -> bool:
    """Return whether *host*, a name or an address of any kind, is this machine."""
    if host is None:
        return True
    name = host.decode("idna") if isinstance(host, bytes) else str(host)
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _stay_home(event: str, args: tuple[Any, ...]) -> None:
    """Refuse connections and name look-ups that would leave this machine."""
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in LOOK_UPS:
        host = args[0]
    else:
        return
    if not is_local(host):
        message = f"{event} to {host!r}: tests stay on this machine"
        raise OutsideCallError(message)


def pytest_configure(config: pytest.Config) -> None:
    """Close the line before the first test module is imported."""
    if not config.option.collectonly:
        sys.addaudithook(_stay_home)
