"""Every page has a keeper: who may, who may not, from where, and under which name."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from flask import Blueprint, Flask, g
from sqlalchemy import text

from checkin.app import create_app
from checkin.domain.accounts import Right, Role
from checkin.domain.errors import UnguardedRouteError
from checkin.web import access, security
from invitations.storage.database import metadata
from tests.checkin.people import NOBODY, SAME_ORIGIN, STAFF, House, furnish

SAFE = {"GET", "HEAD", "OPTIONS"}
WHO = (NOBODY, *STAFF)
# What each part of the house asks of its readers, said a second time on purpose: a page that
# changes hands has to change here as well.
DECLARED = {
    "static": Right.OPEN,
    "login": Right.SIGNED_IN,
    "login.show": Right.OPEN,
    "login.sign_in": Right.OPEN,
    "accounts": Right.ACCOUNTS,
    "events": Right.ORGANISE,
    "doorplans": Right.ORGANISE,
    "survey": Right.ORGANISE,
    "guests": Right.ORGANISE,
    "invitations": Right.ORGANISE,
    "sending": Right.ORGANISE,
    "tracking": Right.ORGANISE,
    "calls": Right.ORGANISE,
    "papers": Right.ORGANISE,
    "changes": Right.ORGANISE,
    "notices": Right.ORGANISE,
    "register_groups": Right.ORGANISE,
    "register_organisations": Right.ORGANISE,
    "register": Right.ORGANISE,
    "wallets": Right.OPEN,
    "guest": Right.OPEN,
    "callbacks": Right.MACHINE,
    "line": Right.MACHINE,
    "board": Right.WATCH,
    "handling": Right.WATCH,
    "stations": Right.SUPERVISE,
}
# Said a second time as well: which roles have a right.
HOLDERS = {
    Right.OPEN: {NOBODY, "anh", "binh", "dung", "giang"},
    Right.MACHINE: {NOBODY, "anh", "binh", "dung", "giang"},
    Right.SIGNED_IN: {"anh", "binh", "dung", "giang"},
    Right.WATCH: {"anh", "binh", "giang"},
    Right.DOOR: {"anh", "dung", "giang"},
    Right.SUPERVISE: {"anh", "giang"},
    Right.ORGANISE: {"anh"},
    Right.ACCOUNTS: {"anh"},
}
FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "null origin": {"Origin": "null"},
    "another origin": {"Origin": "http://evil.example"},
    "our name, another port": {"Origin": "http://localhost:81"},
    "no header": {},
}
OF_AN_OFFICE = {Right.ORGANISE, Right.ACCOUNTS, Right.WATCH, Right.SUPERVISE}
SEEN = "the page was asked"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all questions; nothing here may change what is in it."""
    found = furnish(tmp_path_factory.mktemp("house"))
    yield found
    found.database.close()


@pytest.fixture
def doors(house: House) -> Callable[..., House]:
    """The same house with rooms that only say that they were asked."""

    def rebuilt(spoil: Callable[[Flask], object] = lambda _app: None) -> House:
        app = create_app(house.config, house.database)
        app.testing = True
        for endpoint in app.view_functions:
            app.view_functions[endpoint] = lambda **_: SEEN
        spoil(app)
        return House(**{**vars(house), "app": app})

    return rebuilt


def routes(house: House) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and address of every page."""
    for rule in house.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, house.address(rule)


def right_of(endpoint: str) -> Right | None:
    """Return what the table above declares for *endpoint*."""
    return DECLARED.get(endpoint) or DECLARED.get(endpoint.rpartition(".")[0])


def trespasses(house: House) -> list[str]:
    """Return where somebody gets in without a right, or stays out with one."""
    wrong = []
    for who, (endpoint, method, address) in product(WHO, routes(house)):
        right = right_of(endpoint)
        machine = right is Right.MACHINE
        answer = house.browser(who).open(
            address, method=method, headers={} if machine else SAME_ORIGIN
        )
        came_in = answer.text == SEEN
        if right is None or came_in != (who in HOLDERS[right]):
            wrong.append(f"{who} {method} {endpoint}")
    return wrong


def forgeries(house: House) -> list[str]:
    """Return what another site's page can have done in Ánh's name."""
    return [
        f"{name}: {method} {endpoint}"
        for endpoint, method, address in routes(house)
        if method not in SAFE
        for name, headers in FOREIGN.items()
        if not (right_of(endpoint) is Right.MACHINE and not headers)
        if house.browser("anh").open(address, method=method, headers=headers).text == SEEN
    ]


def strange_names(house: House) -> list[str]:
    """Return the pages that are served under a name that is not ours."""
    return [
        f"{method} {endpoint}"
        for endpoint, method, address in routes(house)
        if house.browser("anh")
        .open(address, method=method, headers={"Host": "evil.example", **SAME_ORIGIN})
        .status_code
        != 400
    ]


def test_everybody_gets_where_they_may_and_nowhere_else(doors: Callable[..., House]) -> None:
    assert trespasses(doors()) == []


def test_no_other_site_acts_in_our_name(doors: Callable[..., House]) -> None:
    assert forgeries(doors()) == []


def test_our_own_pages_may_act(doors: Callable[..., House]) -> None:
    client = doors().browser("anh")

    answers = [
        client.post("/sign-out", headers=headers).text
        for headers in (SAME_ORIGIN, {"Origin": "http://localhost"})
    ]

    assert answers == [SEEN, SEEN]


def test_no_page_is_served_under_a_strange_name(doors: Callable[..., House]) -> None:
    assert strange_names(doors()) == []


def test_a_page_without_a_declared_right_does_not_start() -> None:
    app = Flask("forgetful")
    app.register_blueprint(_attic())
    access.grant(app, "static", Right.OPEN)

    with pytest.raises(UnguardedRouteError, match=r"attic\.show"):
        access.guard(app)


def test_a_machine_has_no_name_even_with_a_cookie(house: House) -> None:
    app = create_app(house.config, house.database)
    seen: list[object] = []

    def pair() -> str:
        seen.append(g.actor)
        return SEEN

    app.view_functions["line.pair"] = pair
    client = House(**{**vars(house), "app": app}).browser("anh")

    client.post("/station/pair", json={})

    assert seen == [None]


def test_nobody_of_another_office_sees_or_changes_ours(house: House) -> None:
    before = _contents(house)
    chi = house.browser("chi")

    codes = {
        f"{method} {endpoint}": chi.open(
            address, method=method, headers=SAME_ORIGIN
        ).status_code
        for endpoint, method, address in routes(house)
        if right_of(endpoint) in OF_AN_OFFICE and _names_a_thing(house, endpoint)
    }

    assert {route: code for route, code in codes.items() if code != 404} == {}
    assert _contents(house) == before


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda app: access.grant(app, "events", Right.SIGNED_IN), id="a grant too wide"
        ),
        pytest.param(
            lambda app: access.grant(app, "board", Right.ORGANISE), id="a grant too narrow"
        ),
        pytest.param(lambda app: _dismiss(app, "_admit"), id="nobody at the door"),
        pytest.param(
            lambda app: app.add_url_rule("/attic", "attic", lambda: SEEN),
            id="a page unheard of",
        ),
    ],
)
def test_a_hole_in_the_rights_is_seen(
    doors: Callable[..., House], spoil: Callable[[Flask], object]
) -> None:
    assert trespasses(doors(spoil)) != []


def test_a_house_that_asks_for_no_origin_is_seen(doors: Callable[..., House]) -> None:
    found = forgeries(doors(lambda app: _dismiss(app, "_refuse_strangers")))

    assert len({each.partition(":")[0] for each in found}) == len(FOREIGN)


def test_a_house_that_takes_sec_fetch_same_site_is_seen(
    doors: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "OURS", frozenset({"same-origin", "same-site", "none"}))

    found = forgeries(doors())

    assert {each.partition(":")[0] for each in found} == {"same-site"}


def test_a_house_that_trusts_every_name_is_seen(doors: Callable[..., House]) -> None:
    assert strange_names(doors(lambda app: app.config.update(TRUSTED_HOSTS=None))) != []


def _names_a_thing(house: House, endpoint: str) -> bool:
    return any(rule.arguments for rule in house.app.url_map.iter_rules(endpoint))


def _attic() -> Blueprint:
    blueprint = Blueprint("attic", __name__)
    blueprint.add_url_rule("/attic", "show", lambda: SEEN)
    return blueprint


def _dismiss(app: Flask, keeper: str) -> None:
    keepers = app.before_request_funcs[None]
    app.before_request_funcs[None] = [each for each in keepers if each.__name__ != keeper]


def _contents(house: House) -> dict[str, list[tuple[object, ...]]]:
    with house.database.read() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 - our own table names
            for table in sorted(metadata.tables)
            if table != "sessions"
        }


def test_every_role_is_asked_about() -> None:
    assert set(STAFF.values()) == set(Role)
    assert set(HOLDERS) == set(Right)


def test_the_headers_are_on_every_page(house: House) -> None:
    answer = house.browser("anh").get("/account")

    assert {name: answer.headers.get(name) for name in security.HEADERS} == security.HEADERS
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers
