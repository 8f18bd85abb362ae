"""Shows what the fault tests counted, whether or not they passed."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.counting import TOLD

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, for tests that sync a lot


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every count at the end."""
    if TOLD:
        terminalreporter.section("faults")
    for line in TOLD:
        terminalreporter.write_line(line)


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory, where a sync costs nothing; for tests of logic, not of disks."""
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="thumoi-faults-", dir=where))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
