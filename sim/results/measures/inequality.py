"""How unequally something is held: shares, the Gini coefficient, and the tail."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def ratio(part: float, whole: float) -> float:
    """A share; 0 of nothing is 0."""
    return float(part / whole) if whole else 0.0


def top_count(holders: float, share: float) -> int:
    """How many holders are the top `share`, at least one."""
    return max(1, round(holders * share))


def top_share(held: "pd.Series[Any]", share: float) -> float:
    """How much of the total the top `share` of holders have (at least one holder)."""
    ordered = held.sort_values(ascending=False)
    return ratio(ordered.head(top_count(len(ordered), share)).sum(), ordered.sum())


def gini(held: ArrayLike) -> float:
    """The Gini coefficient: 0 if all hold the same, near 1 if one holds all.

    Mean absolute difference of two holders drawn at random, over twice the mean.
    """
    ordered = np.sort(np.asarray(held, float))
    n, total = len(ordered), float(ordered.sum())
    if not total:
        return 0.0
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def hill(held: ArrayLike, share: float) -> float:
    """Tail exponent of the top `share` of holders (Hill, 1975): one over the mean log excess over the next largest."""
    ordered = np.sort(np.asarray(held, float))[::-1]
    k = top_count(len(ordered), share)
    excess = np.log(ordered[:k] / ordered[k])
    return float(1.0 / excess.mean()) if excess.any() else float("inf")
