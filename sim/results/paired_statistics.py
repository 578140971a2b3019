"""How sure a difference is: paired differences over seeds, what pairing bought, and Holm's correction."""

import math
import statistics
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


FEWEST = 4  # pairs for which a line is fitted


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
    return _told(*((float(before.mean()), float(gaps.mean())) if n else (math.nan, math.nan)), error, n, 1)


def slope(gaps: np.ndarray, control: np.ndarray) -> float:
    """Least-squares slope of differences on those of the control variate; 0 where pairs are too few."""
    if len(gaps) < FEWEST or not control.any() or np.ptp(control) == 0.0:
        return 0.0
    return float(np.cov(control, gaps)[0, 1] / control.var(ddof=1))


def controlled(before: np.ndarray, after: np.ndarray, control: np.ndarray) -> dict[str, float]:
    """The adjusted effect: the paired differences by a line fitted on `control`, where that is zero.

    `control` is the difference of something whose mean is known to be zero, one a pair: a control variate (Lavenberg
    and Welch, 1981). Its slope is fitted, so Student's interval has n - 2 degrees of freedom.
    """
    gaps, n = after - before, len(before)
    share = slope(gaps, control)
    if share == 0.0:
        return effect(before, after)
    left = gaps - share * control
    spread = ((left - left.mean()) ** 2).sum() / (n - 2)
    error = (spread * (1.0 / n + control.mean() ** 2 / ((control - control.mean()) ** 2).sum())) ** 0.5
    return _told(float(before.mean()), float(left.mean()), float(error), n, 2)


def _told(base: float, mean: float, error: float, n: int, fitted: int) -> dict[str, float]:
    """A mean difference from `base` and its interval, from `n` pairs and so many fitted numbers."""
    from scipy import stats

    half = float(student(n + 1 - fitted)) * error
    scale = 1.0 / base if base else math.nan
    p = float(2 * stats.t.sf(abs(mean) / error, n - fitted)) if error > 0 else float(mean == 0)
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
