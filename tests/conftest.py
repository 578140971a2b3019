"""What all tests share: a worker for each half of them, and property tests that draw the same examples every time."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# a shell's background job ignores Ctrl-C and hands that down; tests send it to commands of their own
signal.signal(signal.SIGINT, signal.default_int_handler)

# without bytecode, as in many containers, each command that a test starts would take seconds longer to begin
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode"))

settings.register_profile("wavepool", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("wavepool")

FIRST = ("test_golden.py", "test_architecture.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files for two workers: one compiles what most tests need while the other reads sources; then the files
    with slow tests, so that no long one is left for the end.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.name not in FIRST, item.path not in slow))
