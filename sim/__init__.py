"""wavepool: how a short-video platform hands out traffic.

- `cli`: the commands that a person types
- `experiments`: comparisons, sweeps, calibration, claims
- `execution`: one run, many runs, workers here and in a cluster
- `world`: a world and what happens in a refresh; `reporting`: figures, pages, explanations
- `engine`: the viewers' loop and the phases of a refresh
- `traffic`: waves, levels of rooms, boosted waves, counters, orders
- `recommender`: what the platform believes and ranks; `results`: tables and measures of runs
- `scenario`: parameters, policy, YAML
- `core`: clock, randomness, compiler, arrays, event log

Each imports only what stands below it. What is true of viewers, creators and live rooms is in `agents`.
"""

from typing import Any

_HOMES = {
    "compare": "sim.experiments.compare",
    "Result": "sim.experiments.compare",
    "World": "sim.world",
    "Scenario": "sim.scenario.scenario",
}


def __getattr__(name: str) -> Any:
    """Names that people import from here; looked up when asked for, so that `import sim` alone loads nothing else."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
