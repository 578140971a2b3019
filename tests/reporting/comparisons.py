"""Findings of comparisons that were never run, for tests of pictures and pages."""

import numpy as np
import pandas as pd

from sim.experiments.compare import Result, effects_of
from sim.reporting.comparison.outcomes import AS_SOLD, CURVES, EXPECTED, GROUPINGS, STANDARD

TIMES = np.arange(1, 25) * 3600


def findings(
    *arms: str, seeds: int = 4, gain: float = 0.1, sold: bool = True, title: str = "What did it do?"
) -> Result:
    """Arms whose every measure is `gain` more than in the arm before, with some noise; or in which nothing was sold."""
    chosen = list(arms or ("without", "with"))
    noise = np.random.default_rng(1)
    values = pd.DataFrame(
        {"arm": arm, "seed": seed, "folder": "nowhere"}
        | {name: (100.0 + seed) * (1 + gain * k) + noise.normal() for name in STANDARD}
        for arm, k in [*((arm, k) for k, arm in enumerate(chosen)), (None, 1)]
        for seed in range(1, seeds + 1)
    )
    for expected, came in EXPECTED.items():  # what came varies about what was expected
        values[came] = values[expected] * (1.0 + 0.01 * (-1.0) ** values["seed"])
    values["sales.refused_orders"] = 0.0
    values[["paid.natural(6)", "paid.natural"]] = np.nan  # nothing was boosted
    if not sold:
        sold_none = ["gmv_yuan", "gsv_yuan", "orders", "buyers", "gpm_yuan", "orders_per_entry"]
        sold_none += ["expected_gmv_yuan", "expected_gsv_yuan", "expected_orders"]
        values[[f"sales.{name}" for name in sold_none]] = 0.0
    return Result(
        title=title,
        arms={arm: {"platform.weights.review.conversion": str(k)} for k, arm in enumerate(chosen)},
        seeds=list(range(1, seeds + 1)),
        effects=effects_of(values, chosen),
        values=values,
        curves=_curves(chosen, seeds, noise),
        groups=_groups(chosen, seeds, noise),
        rooms=_rooms(chosen, seeds, noise),
        about={
            "command": f"wavepool compare {title}.yaml --seeds {seeds}",
            "until": {"measure": "sales.gmv_yuan", "half_width": 0.02, "most_seeds": 9},
            "wavepool": "0.0",
            "python": "3",
            "packages": {"mesa": "3"},
            "viewers": 1000,
            "rooms": 8,
            "days": 1.0,
            "warm_up": 0.5,
            "scenario_sha256": dict.fromkeys(chosen, "a" * 64),
            "records_sha256": "b" * 64,
        },
    )


def _curves(arms: list[str], seeds: int, noise: np.random.Generator) -> pd.DataFrame:
    made = pd.DataFrame(
        {"arm": arm, "seed": seed, "curve": curve, "at_s": at, "value": at / 3600 + noise.normal()}
        for arm in arms
        for seed in range(1, seeds + 1)
        for curve in CURVES
        for at in TIMES
    )
    return pd.concat([made, made[made["curve"] == "gmv"].assign(curve=AS_SOLD)])  # without luck


def _groups(arms: list[str], seeds: int, noise: np.random.Generator) -> pd.DataFrame:
    names = {grouping: told.groups or ("level 2", "level 10") for grouping, told in GROUPINGS.items()}
    return pd.DataFrame(
        {"arm": arm, "seed": seed, "grouping": grouping, "group": group, "members": 3}
        | {what: 100 + noise.normal() for what in ("exposures", "entries", "orders", "gmv_yuan", "gsv_yuan")}
        for arm in arms
        for seed in range(1, seeds + 1)
        for grouping, groups in names.items()
        for group in groups
    )


def _rooms(arms: list[str], seeds: int, noise: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {"arm": arm, "seed": seed, "room": room, "exposures": room * 10, "gmv_yuan": 50 + noise.normal()}
        for arm in arms
        for seed in range(1, seeds + 1)
        for room in range(8)
    )
