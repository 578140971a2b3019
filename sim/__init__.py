"""wavepool: how a short-video platform hands out traffic.

The rooms, from the ground up. `clock` is the one time, `jit` the one place that compiles, `cache` the one that knows
where compiled code is kept, by its `source_key`; `reading` turns YAML into validated data. `chance` holds every keyed
draw and `scenario` every parameter, out of `people`, `selling`, `rules` and `boosts`. `catalog` is what is public
about videos, rooms and products; `ledger` names the facts and what is counted of them, `counting` counts, `audit`
checks; `tags` is what the platform believes of a viewer; `scoring` its formulas. `waves` reviews budgets, which
`slices` cuts, and `video_waves` hands them out; `room_waves` those of rooms by `levels`, `paid_waves` those that
somebody pays for, to an `audience`; `orders` are filled from stock. `recall` is the snapshot, which `video_rings`,
`room_rings` and `lifts` set up; `feed` decides who sees what next, from `candidates` by `value`, as long as the
`shop` has some left, and keeps in `served` what it showed. `beat` is the viewers' loop between two refreshes; there,
in `watching` and in `staying` what is true (`agents`) meets what the platform sees (`sim`), on the `stage`, and
`ahead` asks for memory in time; `crowd` holds the viewers whom the loop lets act. `beginning` founds a world by
`founding`, which takes `memory`; `world` tells the story, `mesa_face` is what Mesa sees of it; `recording` hands to
the records what `telling` says of it, some of it `later`; `results` keeps the `tables`; `measures`, `plots` and
`report` read what it left; `facts` holds runs against published figures; `many` runs many on `workers`, `effects`
says how sure a difference is, `experiment` compares, `sweeps` vary many parameters at once by `designs`, `claims`
puts the essay's claims to the test; `commands` is what a person types, `cli` the door.
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
