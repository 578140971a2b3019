"""The rule by which a claim is supported or not, stated before anything is run.

An expectation names a number of each seed and a bound: the smallest effect of interest. It is *supported* if the 95 %
interval over seeds (Student's t) lies wholly beyond the bound on the claimed side, *not supported* if it lies wholly
short of it, and *undecided* otherwise. A claim is supported if all its deciding expectations are, and not supported as
soon as one of them is not. In a draw of the uncertain parameters, where seeds are few, a claim holds if the mean over
the draw's seeds is beyond the bound for every deciding expectation.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sim.results import paired_statistics

SUPPORTED, NOT_SUPPORTED, UNDECIDED = "supported", "not supported", "undecided"


class Bound(NamedTuple):
    """What a number is compared with: to be above it, or below it."""

    at: float
    above: bool

    def beyond(self, value: float) -> bool:
        """Whether a number is on the claimed side; one that is not known is not."""
        return value > self.at if self.above else value < self.at

    def __str__(self) -> str:
        return f"{'>' if self.above else '<'} {self.at:g}"


class Interval(NamedTuple):
    """A mean over seeds with its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float
    seeds: int


def interval(values: np.ndarray) -> Interval:
    """The interval of the seeds' numbers, those that are not known left out."""
    mean, low, high, n = paired_statistics.interval(values)
    low, high = (float(low), float(high)) if n > 1 else (-np.inf, np.inf)
    return Interval(float(mean), low, high, int(n))


def judged(found: Interval, bound: Bound) -> str:
    """The verdict on one expectation."""
    sides = {bound.beyond(found.low), bound.beyond(found.high)}
    return UNDECIDED if len(sides) == 2 else SUPPORTED if sides == {True} else NOT_SUPPORTED


def together(verdicts: Iterable[str]) -> str:
    """The verdict on a claim from those on its deciding expectations."""
    told = set(verdicts)
    if NOT_SUPPORTED in told:
        return NOT_SUPPORTED
    return SUPPORTED if told == {SUPPORTED} else UNDECIDED
