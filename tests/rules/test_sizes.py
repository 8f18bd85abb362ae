"""No room is too large to be read at one sitting."""

from collections.abc import Iterable
from statistics import median

from tests.rules.reading import Module, functions, modules

LARGEST_MODULE = 300
MEDIAN_MODULE = 100
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 8


def large_modules(house: Iterable[Module]) -> list[str]:
    """Return the modules that should become two."""
    return [f"{room.name}: {room.lines}" for room in house if room.lines > LARGEST_MODULE]


def long_functions(house: Iterable[Module]) -> list[str]:
    """Return the functions that do more than one thing."""
    return [
        f"{room.name}: {name}: {length}"
        for room in house
        for name, length in functions(room)
        if length > LONGEST_FUNCTION
    ]


def median_function(house: Iterable[Module]) -> float:
    """Return the length that half of the functions do not pass."""
    return median(length for room in house for _, length in functions(room))


def test_no_module_passes_300_lines() -> None:
    assert large_modules(modules()) == []


def test_half_of_the_modules_do_their_work_in_100_lines() -> None:
    assert median(room.working_lines for room in modules()) <= MEDIAN_MODULE


def test_no_function_passes_40_lines() -> None:
    assert long_functions(modules()) == []


def test_half_of_the_functions_have_8_lines_or_fewer() -> None:
    assert median_function(modules()) <= MEDIAN_FUNCTION


def test_a_room_of_301_lines_is_seen() -> None:
    house = [
        Module("checkin/hall.py", "x = 1\n" * 301),
        Module("checkin/hut.py", "x = 1\n" * 300),
    ]

    assert large_modules(house) == ["checkin/hall.py: 301"]


def test_words_about_the_work_are_not_counted_as_work() -> None:
    silent = '"""One.\n\nTwo."""\n\n# three\n\n\n'
    text = silent + 'x = (\n    1\n)\n\n\ndef f():\n    """Four."""\n    return x\n'

    assert Module("checkin/way.py", text).working_lines == 5


def test_a_function_of_41_lines_is_seen() -> None:
    text = "def walk():\n    '''One.\n\n    Two.\n    '''\n" + "    x = 1\n" * 40

    assert long_functions([Module("checkin/way.py", text)]) == ["checkin/way.py: walk: 41"]
    assert median_function([Module("checkin/way.py", text)]) == 41
