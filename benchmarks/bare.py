"""Nothing but SimPy: a process for each viewer that waits once for each exposure, the ceiling of the object style."""

import time
from collections.abc import Generator
from random import Random
from typing import Any

import simpy

from benchmarks.measured import Measured, without_collection

MEAN_WAIT = 14.0  # s, as between two exposures of a viewer


def viewer(environment: simpy.Environment, random: Random) -> Generator[Any, Any, None]:
    """Wait, again and again."""
    while True:
        yield environment.timeout(random.expovariate(1.0 / MEAN_WAIT))


def run(viewers: int, exposures: int) -> Measured:
    """So many viewers who wait so often together."""
    environment, random = simpy.Environment(), Random(1)
    for _ in range(viewers):
        environment.process(viewer(environment, random))
    for _ in range(viewers):
        environment.step()  # everybody's process begins
    with without_collection():
        began = time.perf_counter()
        for _ in range(exposures):
            environment.step()
        return Measured(exposures, time.perf_counter() - began)
