"""What all tests share: property tests that draw the same examples every time, and one Ray for all that need it."""

import importlib.util
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# a shell's background job ignores Ctrl-C and hands that down; tests send it to commands of their own
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("wavepool", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("wavepool")

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: uv sync --extra cluster"
)


@pytest.fixture(scope="session")
def in_ray() -> Iterator[Any]:
    """A Ray on this machine with room for four workers; whatever asks for Ray meanwhile gets it."""
    from sim.execution.ray_cluster import joined

    with joined("ray", 4) as ray:
        yield ray
