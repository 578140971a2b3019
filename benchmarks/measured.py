"""What a program of the benchmark came to."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Measured(NamedTuple):
    """Exposures, the time that they took, and what else is worth telling."""

    exposures: int
    seconds: float
    pages: int = 0
    live: int = 0
    entries: int = 0

    @property
    def rate(self) -> float:
        """Exposures a second."""
        return self.exposures / self.seconds


@contextmanager
def without_collection() -> Iterator[None]:
    """Without Python's search for circular garbage, which takes long where there are many objects."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
