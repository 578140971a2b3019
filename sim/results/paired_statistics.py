"""How sure a difference is: paired differences over seeds, what pairing bought, Holm's correction, and
whether expectations agree with what came.
"""

import math
import statistics
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A mean with its 95 % interval (Student's t), and of how many values; arrays if the values are a table."""

    mean: Any
    low: Any
    high: Any
    n: Any


def student(n: Any) -> Any:
    """Half-width of a 95 % interval in standard errors, from `n` values (Student, 1908); NaN from fewer than two."""
    from scipy import stats  # late: it takes longer to load than the first simulated minute

    return stats.t.ppf(0.5 + CONFIDENCE / 2, np.asarray(n) - 1)


def interval(values: ArrayLike) -> Interval:
    """The mean of values along their first axis and its 95 % interval.

    A value that is NaN is not known: it is left out, and `n` says how many are left. The mean of none is NaN, and so
    are the bounds of fewer than two.
    """
    values = np.asarray(values, float)
    known = np.isfinite(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        half = student(n) * np.sqrt(squares / (n - 1)) / np.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def both_known(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """In which pairs both values are known: a measure that a run holds nothing of is NaN."""
    return np.isfinite(before) & np.isfinite(after)


def effect(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Mean of paired differences with its Student interval; relative to the mean of the first arm.

    `low` and `high` bound the absolute effect, `relative_low` and `relative_high` the relative one. Pairs of which one
    value is not known (NaN) are left out; `seeds` is how many are left, and fewer than two have no interval.
    """
    known = both_known(before, after)
    before, gaps, n = before[known], (after - before)[known], int(known.sum())
    error = float(gaps.std(ddof=1) / n**0.5) if n > 1 else math.nan
    return _told(*((float(before.mean()), float(gaps.mean())) if n else (math.nan, math.nan)), error, n)


class Agreement(NamedTuple):
    """Whether what came agrees with what was expected, over runs."""

    gap: float  # mean of what came less what was expected, over the mean of what came
    error: float  # standard error of that
    runs: int

    @property
    def holds(self) -> bool:
        """Whether the gap is within three standard errors; never where that could see nothing."""
        return bool(abs(self.gap) <= 3.0 * self.error)

    @property
    def least_seen(self) -> float:
        """The smallest bias that the check could have seen, as a share: three standard errors."""
        return 3.0 * self.error


def agreement(came: np.ndarray, expected: np.ndarray) -> Agreement:
    """Hold what came in some runs against what was expected there, one value a run."""
    gaps, scale, n = came - expected, float(came.mean()) or math.nan, len(came)
    error = float(gaps.std(ddof=1) / n**0.5) if n > 1 else math.nan
    return Agreement(float(gaps.mean()) / scale, error / scale, n)


def _told(base: float, mean: float, error: float, n: int) -> dict[str, float]:
    """A mean difference from `base` and its interval, from `n` pairs."""
    from scipy import stats

    half = float(student(n)) * error
    scale = 1.0 / base if base else math.nan
    p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error > 0 else float(mean == 0)
    p = math.nan if math.isnan(error) else p
    return {
        "before": base,
        "after": base + mean,
        "absolute": mean,
        "low": mean - half,
        "high": mean + half,
        "relative": mean * scale,
        "relative_low": (mean - half) * scale,
        "relative_high": (mean + half) * scale,
        "seeds": n,
        "p": p,
    }


def band(gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of curves (seeds, times) and their 95 % band, point by point."""
    found = interval(gaps)
    return found.mean, found.low, found.high


def ratios(before: np.ndarray, after: np.ndarray, fresh: np.ndarray | None) -> dict[str, float]:
    """What pairing bought: variance of the difference in unpaired worlds, and with independent reactions, over pairs'.

    `fresh` holds the second arm with independent reactions, for the first seeds; `before` then lends its first ones.
    Pairs that are not known are left out.
    """
    known = both_known(before, after)
    paired = statistics.variance((after - before)[known])
    unpaired = statistics.variance(before[known]) + statistics.variance(after[known])
    others = np.zeros(0) if fresh is None else (fresh - before[: len(fresh)])[both_known(fresh, before[: len(fresh)])]
    independent = statistics.variance(others) if len(others) > 1 else math.nan
    return {
        "variance_ratio_unpaired": unpaired / paired if paired else math.nan,
        "variance_ratio_independent": independent / paired if paired else math.nan,
    }


def holm(p: np.ndarray, level: float) -> np.ndarray:
    """Which of many tests survive Holm's step-down correction (Holm, 1979)."""
    order = np.argsort(p, kind="stable")
    passes = p[order] <= level / (len(p) - np.arange(len(p)))
    survives = np.zeros(len(p), bool)
    survives[order] = np.logical_and.accumulate(passes)
    return survives


def seeds_needed(before: np.ndarray, after: np.ndarray, half_width: float) -> int:
    """How many seeds would bring the 95 % interval of the relative effect to this half-width, by its spread so far."""
    found = effect(before, after)
    now = (found["relative_high"] - found["relative_low"]) / 2
    if not math.isfinite(now) or now <= half_width:
        return len(before)
    known = int(found["seeds"])
    spread = now / student(known) * known**0.5
    n = known + 1
    while student(n) * spread / n**0.5 > half_width:
        n += max(1, n // 50)
    return n + len(before) - known
