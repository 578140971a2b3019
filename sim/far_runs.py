"""One run whose viewers are held by Ray actors: it begins, and goes on from its last save when an actor is lost."""

from functools import partial
from pathlib import Path
from typing import Any

from sim.clock import HOUR
from sim.cluster import joined
from sim.crowd import Crowds
from sim.far_crowd import FarCrowd, LostError
from sim.results import PARTIAL
from sim.runs import SAVED, Progress, resume, run_id, start
from sim.scenario import Scenario

SAVED_EVERY_MS = 6 * HOUR
MOST_LOSSES = 10


def start_far(
    scenario: Scenario,
    name: str,
    out: Path,
    *,
    on: str,
    workers: int,
    threads: int = 1,
    save_every_ms: int = SAVED_EVERY_MS,
    audit: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Run a scenario whose viewers are held by `workers` actors of so many threads; returns the finished folder.

    When an actor is lost, all begin anew from the last save, or from the beginning.
    """
    going = (out / name / run_id(scenario)).with_name(run_id(scenario) + PARTIAL)
    with joined(on, workers * threads) as ray:
        crowd: Crowds = partial(far_crowd, ray, workers)
        options: dict[str, Any] = {"threads": threads, "save_every_ms": save_every_ms, "progress": progress}
        for losses in range(MOST_LOSSES + 1):
            try:
                if losses and (going / SAVED).is_file():
                    return resume(going, **options, crowd=crowd)
                return start(scenario, name, out, audit=audit, **options, crowd=crowd)
            except LostError:
                if losses == MOST_LOSSES:
                    raise
    raise AssertionError("the loop returns or raises")


def far_crowd(ray: Any, workers: int, scenario: Scenario, _creators: Any, threads: int) -> FarCrowd:
    """A crowd held by so many actors, as a world asks for one."""
    return FarCrowd(ray, workers, scenario, threads)
