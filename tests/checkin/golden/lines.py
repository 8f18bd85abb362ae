"""Without a line: what the policy of the event lets a station decide alone."""

from tests.checkin.golden.form import (
    CLOSES,
    EARLY,
    GONE,
    LATE,
    NOW,
    OPENS,
    OUT,
    case,
    earlier,
    full,
    guest,
    rules,
    scan,
)

CUT = {"offline": True}
REFUSE, HOME = rules(offline="refuse"), rules(offline="home-gate")
A = {"id": 1, "name": "Cửa A", "categories": []}
B = {"id": 2, "name": "Cửa B", "categories": []}
C = {"id": 3, "name": "Cửa C", "categories": ["press"]}
# The pass id is odd, and leaves 1 by 3: the home of its holder is the second gate of either.
TWO_GATES = {"gate": {"all": [A, B]}}
AT_B = {"gate": {"id": 2, "name": "Cửa B", "all": [A, B]}}
THREE_GATES = {"gate": {"all": [B, {**C, "categories": []}, A]}}
FOR_PRESS = {"gate": {"all": [A | {"categories": ["guest"]}, B | {"categories": ["staff"]}, C]}}
OFF = {"flags": ["offline"]}
ASK = rules(
    questions=[{"key": "k", "text": "Có mang máy quay?", "kind": "yes_no", "choices": []}]
)

CASES = [
    case("no line, and the policy admits", "admitted", CUT, OFF),
    case("no line, and the policy refuses", "no_line", CUT, REFUSE),
    case("a line, and the policy refuses without one", "admitted", REFUSE),
    case("a line, and the policy knows home gates", "admitted", HOME, TWO_GATES),
    case(
        "no line, away from the home gate", "no_line", CUT, HOME, TWO_GATES, right_gate="Cửa B"
    ),
    case("no line, at the home gate", "admitted", CUT, HOME, AT_B, OFF),
    case(
        "no line, one gate is everybody's home", "admitted", CUT, HOME, OFF, gate={"all": [A]}
    ),
    case(
        "no line, home among three gates in the order of their ids",
        "no_line",
        CUT,
        HOME,
        THREE_GATES,
        gate={"id": 9, "name": "Cửa Z"},
        right_gate="Cửa B",
    ),
    case(
        "no line, home only among the gates of the category",
        "no_line",
        CUT,
        HOME,
        guest(category="press"),
        FOR_PRESS,
        right_gate="Cửa C",
    ),
    case(
        "no line, a category of no gate has a home among all",
        "no_line",
        CUT,
        HOME,
        guest(category="chair"),
        gate={"all": [A | {"categories": ["guest"]}, B | {"categories": ["staff"]}]},
        right_gate="Cửa B",
    ),
    case("no line, home gates wanted, but no gate is known", "no_line", CUT, HOME),
    case(
        "no line, not on an old list, home gates",
        "no_line",
        CUT,
        HOME,
        GONE,
        AT_B,
        roster_as_of=NOW - 60,
    ),
    case(
        "no line, not on an old list, refusing", "no_line", CUT, REFUSE, GONE, roster_as_of=None
    ),
    case(
        "no line, not on an old list, admitting",
        "admitted",
        CUT,
        GONE,
        roster_as_of=NOW - 60,
        flags=["not_on_list", "offline"],
    ),
    case("no line, leaving under a refusing policy", "admitted", CUT, REFUSE, OUT, OFF),
    case(
        "no line, leaving away from the home gate", "admitted", CUT, HOME, TWO_GATES, OUT, OFF
    ),
    case(
        "already in wins over no line",
        "already_in",
        CUT,
        REFUSE,
        earlier(scan("x", -60)),
        before="x",
        party_inside=1,
    ),
    case("full wins over no line", "full", CUT, REFUSE, full()),
    case(
        "wrong gate wins over no line",
        "wrong_gate",
        CUT,
        HOME,
        guest(category="press"),
        gate={"categories": ["guest"], "all": [A | {"categories": ["guest"]}, C]},
        right_gate="Cửa C",
    ),
    case("too early wins over no line", "too_early", CUT, REFUSE, EARLY, until=OPENS),
    case("too late wins over no line", "too_late", CUT, REFUSE, LATE, until=CLOSES),
    case("blocked wins over no line", "blocked", CUT, REFUSE, guest(state="blocked")),
    case("replaced wins over no line", "replaced", CUT, HOME, reading={"generation": 0}),
    case("unknown wins over no line", "unknown", CUT, REFUSE, GONE),
    case("forged wins over no line", "forged", CUT, REFUSE, GONE, reading="forged"),
    case(
        "no line, a party at its home gate",
        "admitted",
        CUT,
        HOME,
        AT_B,
        guest(party=2),
        let_in=2,
        flags=["offline", "party"],
    ),
    case(
        "no line, back with re-entry away from the home gate",
        "no_line",
        CUT,
        HOME,
        TWO_GATES,
        rules(reentry=True),
        earlier(scan("x", -60), scan("y", -30, "exit")),
        right_gate="Cửa B",
    ),
    case("the door has a question", "admitted", ASK, flags=["questions"]),
    case("no question to those who leave", "admitted", ASK, OUT),
    case("no question to those who are refused", "too_late", ASK, LATE, until=CLOSES),
]
