"""The configuration: read once, and a slip is said in plain words."""

from pathlib import Path

import pytest

from checkin.config import ServerConfig, read_config
from checkin.settings import ConfigError
from invitations.couriers.seals import Dkim, Seals, Smime


def test_without_a_file_the_house_stands_on_this_machine(tmp_path: Path) -> None:
    config = read_config(environ={"THUMOI_DATA": str(tmp_path)})

    assert config.server == ServerConfig()
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.database == f"sqlite:///{tmp_path}/thumoi.db"
    assert (config.channels, config.secure) == ((), False)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path, '[server]\nport = 9000\nhost = "::1"')

    config = read_config(path, {"THUMOI_SERVER_PORT": "9001"})

    assert (config.server.host, config.server.port) == ("::1", 9001)
    assert config.base_url == "http://[::1]:9001"


def test_a_secret_may_be_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mật khẩu thư\n")

    config = read_config(
        environ={
            "THUMOI_MAIL_PASSWORD_FILE": str(secret),
            "THUMOI_DATABASE": "postgresql://thumoi:ho-so@localhost/thumoi",
            "THUMOI_SMS_PASSWORD": "tin-nhan",
        }
    )

    assert config.mail.password == "mật khẩu thư"
    assert [word for word in ("mật khẩu", "ho-so", "tin-nhan") if word in repr(config)] == []


def test_mail_is_sealed_only_where_it_is_wanted(tmp_path: Path) -> None:
    mail = '[mail]\nsender = "moi@thu.b.vn"\n'
    dkim = 'dkim_domain = "b.vn"\ndkim_selector = "s"\ndkim_key = "/k"\n'
    office = f'smime_office = 3\n[letter]\nseals = "{tmp_path}"'

    plain = read_config(_write(tmp_path, mail), {})
    sealed = read_config(_write(tmp_path, mail + dkim + office), {})

    place = tmp_path / "3"
    assert plain.mail.seals == Seals()
    assert sealed.mail.seals == Seals(
        Smime(place / "seal.p12", password_file=place / "password"),
        Dkim("b.vn", "s", Path("/k")),
    )


@pytest.mark.parametrize(
    ("written", "setting"),
    [
        pytest.param('[server]\nport = "tám"', "[server] port", id="a word for a number"),
        pytest.param("[server]\nport = 70000", "[server] port", id="too large"),
        pytest.param("[server]\nport = true", "[server] port", id="yes for a number"),
        pytest.param("[server]\nprot = 1", "[server] prot", id="a slip of the pen"),
        pytest.param("[sever]\nport = 1", "[sever] port", id="a slip in a section"),
        pytest.param("server = 1", "server", id="a number for a section"),
        pytest.param('[server]\nbase_url = "thumoi.vn"', "[server] base_url", id="no scheme"),
        pytest.param(
            '[mail]\nhost = "mx.example.vn"\nsender = "a@b.vn"\nsecurity = "none"',
            "[mail] security",
            id="letters in the clear",
        ),
        pytest.param('[mail]\nhost = "localhost"', "[mail] sender", id="nobody sends"),
        pytest.param(
            '[mail]\ndkim_domain = "b.vn"', "[mail] dkim_selector", id="half a DKIM key"
        ),
        pytest.param(
            '[mail]\nsender = "a@ab.vn"\ndkim_domain = "b.vn"\ndkim_selector = "s"\n'
            'dkim_key = "k"',
            "[mail] dkim_domain",
            id="another's domain",
        ),
        pytest.param(
            '[mail]\nsender = "a@b.vn"\ndkim_domain = "b.vn"\ndkim_selector = "mời; l=0"\n'
            'dkim_key = "k"',
            "[mail] dkim_selector",
            id="a selector that is none",
        ),
        pytest.param(
            '[mail]\nsmime_p12 = "k"\nsmime_office = 1', "[mail] smime_office", id="two seals"
        ),
        pytest.param(
            '[sms]\nurl = "http://gw.example.vn"', "[sms] url", id="texts in the clear"
        ),
        pytest.param(
            '[mail]\npassword_file = "/none"', "[mail] password_file", id="no such file"
        ),
        pytest.param("[server\nport", "", id="no TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(
    tmp_path: Path, written: str, setting: str
) -> None:
    path = _write(tmp_path, written)

    with pytest.raises(ConfigError) as refusal:
        read_config(path, {})

    assert (refusal.value.where, refusal.value.setting) == (str(path), setting)
    assert refusal.value.allowed in str(refusal.value)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_config(_write(tmp_path, ""), {"THUMOI_SERVER_PROT": "secret?"})

    assert refusal.value.setting == "THUMOI_SERVER_PROT"
    assert "secret?" not in str(refusal.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        read_config(tmp_path / "none.toml", {})


def _write(folder: Path, text: str) -> Path:
    path = folder / "thumoi.toml"
    path.write_text(text, encoding="utf-8")
    return path
