"""How sure a difference is: paired differences over seeds, what pairing bought, and Holm's correction."""

import math
import statistics

import numpy as np

CONFIDENCE = 0.95


FEWEST = 4  # pairs for which a line is fitted


def student(n: int) -> float:
    """Half-width of a 95 % interval in standard errors, from `n` values (Student, 1908)."""
    from scipy import stats

    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1))


def effect(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Mean of paired differences with its Student interval; relative to the mean of the first arm.

    `low` and `high` bound the absolute effect, `relative_low` and `relative_high` the relative one.
    """
    gaps = after - before
    return _told(float(before.mean()), float(gaps.mean()), float(gaps.std(ddof=1) / len(gaps) ** 0.5), len(gaps), 1)


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
    from scipy import stats  # late: it takes longer to load than the first simulated minute

    half = student(n + 1 - fitted) * error
    scale = 1.0 / base if base else float("nan")
    p = float(2 * stats.t.sf(abs(mean) / error, n - fitted)) if error > 0 else float(mean == 0)
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
    mean = gaps.mean(axis=0)
    half = student(len(gaps)) * gaps.std(axis=0, ddof=1) / len(gaps) ** 0.5
    return mean, mean - half, mean + half


def ratios(before: np.ndarray, after: np.ndarray, fresh: np.ndarray | None) -> dict[str, float]:
    """What pairing bought: variance of the difference in unpaired worlds, and with independent reactions, over pairs'.

    `fresh` holds the second arm with independent reactions, for the first seeds; `before` then lends its first ones.
    """
    nothing = float("nan")
    paired = statistics.variance(after - before)
    unpaired = statistics.variance(before) + statistics.variance(after)
    independent = statistics.variance(fresh - before[: len(fresh)]) if fresh is not None and len(fresh) > 1 else nothing
    return {
        "variance_ratio_unpaired": unpaired / paired if paired else nothing,
        "variance_ratio_independent": independent / paired if paired else nothing,
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
