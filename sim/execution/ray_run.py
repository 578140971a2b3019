"""One run whose viewers are held by Ray actors: it begins, and goes on from its last save when an actor is lost."""

import contextlib
import math
from pathlib import Path
from typing import Any

from sim.core.clock import HOUR
from sim.engine.memory_estimate import bytes_per_viewer
from sim.execution.ray_cluster import joined
from sim.execution.ray_population import LostError, RayPopulation
from sim.execution.run import Progress, can_go_on, resume, run_id, start
from sim.results.run_folder import PARTIAL, RunError
from sim.scenario.scenario import Scenario

SAVED_EVERY_MS = 6 * HOUR
MOST_LOSSES = 10


def start_on_ray(
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
    options: dict[str, Any] = {"threads": threads, "save_every_ms": save_every_ms, "progress": progress}
    workers = min(workers, scenario.platform.shards)
    with joined(on, workers * threads) as ray:
        have = int(ray.cluster_resources().get("CPU", 0))
        if workers * threads > have:
            raise RunError(f"--workers: {workers} with {threads} threads each need more than Ray's {have} processors")
        need, free = (
            scenario.viewers.count * bytes_per_viewer(scenario),
            ray.cluster_resources().get("memory", math.inf),
        )
        if need > free:
            raise RunError(
                f"these viewers need about {need / 2**30:,.1f} GiB of memory and Ray has {free / 2**30:,.1f} GiB; "
                f"lower viewers.count ({scenario.viewers.count:,}) or add machines"
            )
        for losses in range(MOST_LOSSES + 1):
            with contextlib.closing(RayPopulations(ray, workers)) as population:
                try:
                    if losses and can_go_on(going):
                        return resume(going, **options, population=population)
                    return start(scenario, name, out, audit=audit, **options, population=population)
                except LostError:
                    if losses == MOST_LOSSES:
                        raise
    raise AssertionError("the loop returns or raises")


class RayPopulations:
    """Makes the population that a world asks for, and lets its actors go in the end."""

    def __init__(self, ray: Any, workers: int) -> None:
        self.ray, self.workers = ray, workers
        self.made: list[RayPopulation] = []

    def __call__(self, scenario: Scenario, _creators: Any, threads: int) -> RayPopulation:
        self.made.append(RayPopulation(self.ray, self.workers, scenario, threads))
        return self.made[-1]

    def close(self) -> None:
        for population in self.made:
            population.stop()
