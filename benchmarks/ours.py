"""wavepool itself: whole runs with records on, once compiled."""

import tempfile
import time
from pathlib import Path

from benchmarks.measured import Measured
from benchmarks.midday import BASELINE
from sim.execution import run
from sim.results.run_folder import open_run
from sim.scenario.scenario import Scenario, load

BUSY = (
    "viewers.count=2000", "days=0.06", "warm_up=0.02", "viewers.in_room.enter=0.5", "viewers.in_room.click=300",
    "viewers.in_room.order=0.9", "rooms.opens={kind: constant, value: 0}",
)  # fmt: skip
"""A small and busy world, in which whatever is compiled gets its turn."""


def warm(folder: Path) -> None:
    """Have all compiled code at hand."""
    run.start(load(BASELINE, BUSY), "warm", folder, threads=2, pictures=False)


def whole_run(scenario: Scenario, threads: int) -> Measured:
    """From the scenario to the finished folder, without its pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        warm(Path(scratch))
        began = time.perf_counter()
        folder = run.start(scenario, "run", Path(scratch), threads=threads, pictures=False)
        seconds = time.perf_counter() - began
        run = open_run(folder)
        summary = run.summary()
        return Measured(int(run.manifest["exposures"]), seconds, 0, 0, int(summary["entries"]))
