"""How sure a difference is: paired differences over seeds, what pairing bought, and Holm's correction."""

import math
import statistics

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


def student(n: int) -> float:
    """Half-width of a 95 % interval in standard errors, from `n` values (Student, 1908)."""
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1))


def effect(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Mean of paired differences with its Student interval; relative to the mean of the first arm.

    `low` and `high` bound the absolute effect, `relative_low` and `relative_high` the relative one.
    """
    gaps = after - before
    n, mean = len(gaps), float(gaps.mean())
    error = float(gaps.std(ddof=1) / n**0.5)
    half = student(n) * error
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


def band(gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of curves (seeds, times) and their 95 % band, point by point."""
    mean = gaps.mean(axis=0)
    half = student(len(gaps)) * gaps.std(axis=0, ddof=1) / len(gaps) ** 0.5
    return mean, mean - half, mean + half


def ratios(before: np.ndarray, after: np.ndarray, fresh: np.ndarray | None) -> dict[str, float]:
    """What pairing bought: variance of the difference with unpaired worlds, and with fresh luck, over exact pairs'.

    `fresh` holds the second arm with fresh luck, for the first seeds; `before` then lends its first ones.
    """
    nothing = float("nan")
    paired = statistics.variance(after - before)
    unpaired = statistics.variance(before) + statistics.variance(after)
    luck = statistics.variance(fresh - before[: len(fresh)]) if fresh is not None and len(fresh) > 1 else nothing
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


def seeds_needed(before: np.ndarray, after: np.ndarray, half_width: float) -> int:
    """How many seeds would bring the 95 % interval of the relative effect to this half-width, by its spread so far."""
    found = effect(before, after)
    now = (found["relative_high"] - found["relative_low"]) / 2
    if not math.isfinite(now) or now <= half_width:
        return len(before)
    spread = now / student(len(before)) * len(before) ** 0.5
    n = len(before) + 1
    while student(n) * spread / n**0.5 > half_width:
        n += max(1, n // 50)
    return n


def gini(held: np.ndarray) -> float:
    """Inequality of what is held: 0 if all hold the same, near 1 if one holds all (Gini, 1912)."""
    ordered, n = np.sort(held), len(held)
    total = ordered.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total)) if total > 0 else 0.0


def lorenz(held: np.ndarray) -> np.ndarray:
    """Share of the whole that the poorest hold, for none, one, two ... and all of them (Lorenz, 1905)."""
    so_far = np.concatenate([[0.0], np.sort(held).cumsum()])
    return so_far / so_far[-1] if so_far[-1] > 0 else np.linspace(0, 1, len(so_far))
