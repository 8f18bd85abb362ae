"""The suite never leaves the machine: the rule in conftest, and proof that it bites."""

import socket

import pytest


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("192.0.2.1", id="an address kept for documentation"),
        pytest.param("mail.example.vn", id="a name"),
        pytest.param("2001:db8::1", id="a long address"),
    ],
)
def test_a_call_outside_is_refused_before_it_leaves(host: str) -> None:
    with pytest.raises(RuntimeError, match="tests stay on this machine"):
        socket.create_connection((host, 25), timeout=0.2)


def test_a_datagram_outside_is_refused_too() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
        pytest.raises(RuntimeError, match="tests stay on this machine"),
    ):
        line.sendto(b"hello", ("192.0.2.1", 53))


def test_a_call_inside_goes_through() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as line,
    ):
        answer = line.getpeername()[0]

    assert answer == "127.0.0.1"
