"""How unequally something is held: shares, the Gini coefficient, the Lorenz curve, and the tail."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sim.results.measures.run_data import NothingToMeasureError


def ratio(part: float, whole: float, of: str) -> float:
    """A part over a whole; of nothing there is no ratio, and `of` names what is missing.

    Raises
    ------
    NothingToMeasureError
        If the whole is 0 or not known.
    """
    if not whole or not math.isfinite(whole):
        raise NothingToMeasureError(f"no {of}")
    return float(part / whole)


def top_count(holders: float, share: float) -> int:
    """How many holders are the top `share`, at least one."""
    return max(1, round(holders * share))


def top_share(held: "pd.Series[Any]", share: float, of: str) -> float:
    """How much of the total the top `share` of holders have (at least one holder); `of` names what they hold."""
    ordered = held.sort_values(ascending=False)
    return ratio(ordered.head(top_count(len(ordered), share)).sum(), ordered.sum(), of)


def gini(held: ArrayLike) -> float:
    """The Gini coefficient: 0 if all hold the same, near 1 if one holds all (Gini, 1912); NaN without holders.

    Mean absolute difference of two holders drawn at random, over twice the mean.
    """
    ordered = np.sort(np.asarray(held, float))
    n, total = len(ordered), float(ordered.sum())
    if not n:
        return math.nan
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total)) if total > 0 else 0.0


def lorenz(held: ArrayLike) -> np.ndarray:
    """Share of the whole that the poorest hold, for none, one, two ... and all of them (Lorenz, 1905)."""
    so_far = np.concatenate([[0.0], np.sort(np.asarray(held, float)).cumsum()])
    return so_far / so_far[-1] if so_far[-1] > 0 else np.linspace(0, 1, len(so_far))


def hill(held: ArrayLike, share: float) -> float:
    """Tail exponent of the top `share` of holders (Hill, 1975): one over the mean log excess over the next largest."""
    ordered = np.sort(np.asarray(held, float))[::-1]
    k = top_count(len(ordered), share)
    excess = np.log(ordered[:k] / ordered[k])
    return float(1.0 / excess.mean()) if excess.any() else float("inf")
