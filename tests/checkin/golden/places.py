"""The gate at which a guest stands, and the room behind it."""

from tests.checkin.golden.form import (
    OUT,
    case,
    earlier,
    full,
    guest,
    rules,
    scan,
)

PRESS = {"gate": {"categories": ["press"], "others": [["guest", "Cửa B"]]}}
PLAN = {
    "gate": {
        "categories": ["press"],
        "all": [
            {"id": 1, "name": "Cửa A", "categories": ["press"]},
            {"id": 2, "name": "Cửa B", "categories": []},
            {"id": 3, "name": "Cửa C", "categories": ["staff", "guest"]},
        ],
    }
}
ONLY_PRESS = {
    "gate": {
        "categories": ["press"],
        "all": [
            {"id": 1, "name": "Cửa A", "categories": ["press"]},
            {"id": 2, "name": "Cửa B", "categories": ["guest"]},
        ],
    }
}
GUEST, STAFF = guest(category="guest"), guest(category="staff")
IN = scan("x", -60)
LEFT = scan("y", -30, "exit")
USED = {"before": "x", "party_inside": 1}
REENTRY, MANY = rules(reentry=True), rules(many_entries=True)

CASES = [
    case("the wrong gate names the right one", "wrong_gate", GUEST, PRESS, right_gate="Cửa B"),
    case("a gate for the guest's own category", "admitted", guest(category="press"), PRESS),
    case("the wrong gate, and no other known", "wrong_gate", STAFF, PRESS),
    case(
        "the wrong gate, and the plan knows the right one",
        "wrong_gate",
        STAFF,
        PLAN,
        right_gate="Cửa C",
    ),
    case(
        "a gate for the category is named before one for everybody",
        "wrong_gate",
        GUEST,
        PLAN,
        right_gate="Cửa C",
    ),
    case(
        "a category of no gate goes to the gate for everybody",
        "wrong_gate",
        guest(category="chair"),
        PLAN,
        right_gate="Cửa B",
    ),
    case(
        "a guest without a category goes to the gate for everybody",
        "wrong_gate",
        PLAN,
        right_gate="Cửa B",
    ),
    case(
        "a category that no gate serves is served by every gate",
        "admitted",
        guest(category="chair"),
        ONLY_PRESS,
    ),
    case("a guest without a category, where each gate serves one", "admitted", ONLY_PRESS),
    case("a gate for everybody", "admitted", STAFF),
    case(
        "a gate of two categories", "admitted", GUEST, gate={"categories": ["guest", "staff"]}
    ),
    case("leaving by any gate", "admitted", GUEST, PRESS, OUT),
    case(
        "the wrong gate, without a line",
        "wrong_gate",
        GUEST,
        PRESS,
        offline=True,
        right_gate="Cửa B",
    ),
    case("wrong gate wins over full", "wrong_gate", GUEST, PRESS, full(), right_gate="Cửa B"),
    case(
        "wrong gate wins over already in",
        "wrong_gate",
        GUEST,
        PRESS,
        earlier(IN),
        right_gate="Cửa B",
    ),
    case("the last place", "admitted", full(inside=99)),
    case("no place left", "full", full()),
    case("more inside than there are places", "full", full(inside=140)),
    case("no places at all", "full", full(0, 0)),
    case("no place, but the policy only counts", "admitted", rules(capacity=100), inside=100),
    case(
        "a policy of refusing, but no capacity",
        "admitted",
        rules(refuse_when_full=True),
        inside=9_999,
    ),
    case("leaving a full room", "admitted", full(), OUT, earlier(IN), party_inside=1),
    case("full, as far as a station without a line knows", "full", full(), offline=True),
    case(
        "already in wins over full: they take no new place",
        "already_in",
        full(),
        earlier(IN),
        USED,
    ),
    case("back into a full room with re-entry", "full", full(), REENTRY, earlier(IN, LEFT)),
    case(
        "back to the last place with re-entry",
        "admitted",
        full(inside=99),
        REENTRY,
        earlier(IN, LEFT),
    ),
    case(
        "inside and in again where many entries are allowed: no new place",
        "admitted",
        full(),
        MANY,
        earlier(IN),
        party_inside=1,
    ),
    case(
        "inside an overfull room and in again where many entries are allowed",
        "admitted",
        full(inside=140),
        MANY,
        earlier(IN),
        party_inside=1,
    ),
    case(
        "outside, and many entries are allowed, but the room is full",
        "full",
        full(),
        MANY,
        earlier(IN, LEFT),
    ),
]
