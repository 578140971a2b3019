"""On which of the uncertain parameters a number leans: rank correlations over the draws."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from sim.core.arrays import Array
from sim.results.paired_statistics import CONFIDENCE, holm
from sim.scenario.ranges import Ranges, drawn

FEWEST = 8  # draws


class Leaning(NamedTuple):
    """A parameter with which a number rises or falls over the draws (Spearman), beyond what chance explains."""

    path: str
    rank_correlation: float


def leanings(ranges: Ranges, values: Array) -> list[Leaning]:
    """The parameters that survive Holm's correction for so many, the strongest first."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST or np.ptp(values[known]) == 0:
        return []
    draws = [drawn(ranges, int(number)) for number in known]
    tests = {path: stats.spearmanr([one[path] for one in draws], values[known]) for path in ranges}
    survives = holm(np.array([test.pvalue for test in tests.values()]), 1.0 - CONFIDENCE)
    found = [
        Leaning(path, float(test.statistic)) for (path, test), sure in zip(tests.items(), survives, strict=True) if sure
    ]
    return sorted(found, key=lambda one: -abs(one.rank_correlation))
