"""A certificate that ends is told of a month before, and never in silence."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from checkin.config import Config, ServerConfig
from checkin.doctor import State, findings_of
from checkin.paperwork import LetterConfig, WalletConfig
from invitations.services.wallet import Apple
from tests.invitations.authority import PASSWORD, Authority, a_member, an_authority, keep_seal


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    letter = LetterConfig(tmp_path / "seals", tmp_path / "roots", tmp_path / "offices")
    return Config(tmp_path, "", tmp_path / "keys", letter=letter)


def told(config: Config, name: str) -> list[tuple[State, str]]:
    """Return what the doctor says of the certificates called *name*."""
    return [
        (each.state, each.text)
        for each in findings_of(config)
        if each.name == name and ("ngày" in each.text or "chứng thư" in each.text)
    ]


@pytest.mark.parametrize(
    ("days", "state"),
    [
        pytest.param((-30, 300), State.OK, id="holds"),
        pytest.param((-300, 31), State.OK, id="31 days left"),
        pytest.param((-300, 29), State.WARN, id="29 days left"),
        pytest.param((-300, -1), State.WARN, id="ended"),
    ],
)
def test_a_seal_is_told_of_a_month_before_it_ends(
    config: Config, authority: Authority, days: tuple[int, int], state: State
) -> None:
    keep_seal(config.letter.seals / "1", a_member(authority, days=days))

    ((found, text),) = told(config, "seal")
    assert found is state
    assert ("hết hạn" in text) is (state is not State.OK)


def test_a_seal_that_cannot_be_opened_is_told_of(config: Config, authority: Authority) -> None:
    keep_seal(config.letter.seals / "1", a_member(authority), password="sai")

    assert [state for state, _ in told(config, "seal")] == [State.WARN]


def test_both_certificates_of_apples_wallet_are_looked_at(
    config: Config, authority: Authority, tmp_path: Path
) -> None:
    member = a_member(authority, days=(-300, 10))
    (tmp_path / "pass.p12").write_bytes(member.p12())
    (tmp_path / "wwdr.pem").write_bytes(authority.pem)
    apple = Apple(tmp_path / "pass.p12", tmp_path / "wwdr.pem", "pass.vn", "TEAM", PASSWORD)
    wallets = replace(config, wallet=WalletConfig(apple))

    assert [state for state, _ in told(wallets, "pkpass")] == [State.WARN, State.OK]


@pytest.mark.parametrize(
    ("days", "state"),
    [
        pytest.param((-30, 300), State.OK, id="holds"),
        pytest.param((-300, 10), State.WARN, id="soon"),
        pytest.param((-300, -1), State.FAIL, id="ended"),
    ],
)
def test_the_certificate_of_our_own_address_is_looked_at_over_the_line(
    config: Config, authority: Authority, tmp_path: Path, days: tuple[int, int], state: State
) -> None:
    with shown(authority, tmp_path, days) as port:
        server = ServerConfig(base_url=f"https://localhost:{port}")
        found = told(replace(config, server=server), "tls")

    assert [each for each, _ in found] == [state]


def test_an_address_where_nobody_answers_is_no_finding(config: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = ServerConfig(base_url=f"https://localhost:{port}")

    assert told(replace(config, server=server), "tls") == []


@contextmanager
def shown(authority: Authority, folder: Path, days: tuple[int, int]) -> Iterator[int]:
    """Show a certificate that holds *days* from today to one visitor; lend the port."""
    member = a_member(authority, "localhost", days=days)
    key = member.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(key + member.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server(("127.0.0.1", 0)) as door:
        visit = Thread(target=_greet, args=(door, context))
        visit.start()
        yield door.getsockname()[1]
        visit.join(10)


def _greet(door: socket.socket, context: ssl.SSLContext) -> None:
    line, _ = door.accept()
    with context.wrap_socket(line, server_side=True) as secured:
        secured.recv(1)
