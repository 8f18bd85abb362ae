"""One office for all journeys: events, guests, and letters that have arrived."""

from collections.abc import Iterator

import pytest

from checkin.demo.house import open_house
from checkin.demo.story import Plot, Story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Return a story told up to the point where every guest has a letter."""
    with open_house(tmp_path_factory.mktemp("house")) as house:
        told = Story(house, Plot(), lambda _what, _done, _every: None)
        try:
            told.open_office()
            told.send_letters()
            yield told
        finally:
            told.close()
