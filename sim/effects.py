"""How sure a difference is: paired differences over seeds, what pairing bought, and Holm's correction."""

import statistics

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


def effect(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Mean of paired differences with its Student interval; relative to the mean of the first arm.

    `low` and `high` bound the absolute effect, `relative_low` and `relative_high` the relative one.
    """
    gaps = after - before
    n, mean = len(gaps), float(gaps.mean())
    error = float(gaps.std(ddof=1) / n**0.5)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)) * error
    base = float(before.mean())
    scale = 1.0 / base if base else float("nan")
    p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error > 0 else float(mean == 0)
    return {
        "before": base,
        "after": float(after.mean()),
        "absolute": mean,
        "low": mean - half,
        "high": mean + half,
        "relative": mean * scale,
        "relative_low": (mean - half) * scale,
        "relative_high": (mean + half) * scale,
        "seeds": n,
        "p": p,
    }


def ratios(before: np.ndarray, after: np.ndarray, fresh: np.ndarray | None) -> dict[str, float]:
    """What pairing bought: variance of the difference with unpaired worlds, and with fresh luck, over exact pairs'."""
    paired = statistics.variance(after - before)
    unpaired = statistics.variance(before) + statistics.variance(after)
    luck = statistics.variance(fresh - before) if fresh is not None else float("nan")
    nothing = float("nan")
    return {
        "variance_ratio_unpaired": unpaired / paired if paired else nothing,
        "variance_ratio_fresh_luck": luck / paired if paired else nothing,
    }


def holm(p: np.ndarray, level: float) -> np.ndarray:
    """Which of many tests survive Holm's step-down correction (Holm, 1979)."""
    order = np.argsort(p, kind="stable")
    passes = p[order] <= level / (len(p) - np.arange(len(p)))
    survives = np.zeros(len(p), bool)
    survives[order] = np.logical_and.accumulate(passes)
    return survives
