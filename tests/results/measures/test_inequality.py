"""Inequality, against numbers worked by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.results.measures.inequality import gini, hill, lorenz, ratio, top_share
from sim.results.measures.run_data import NothingToMeasureError


def test_inequality() -> None:
    assert gini([1, 1, 1, 1]) == pytest.approx(0.0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 3]) == pytest.approx(0.25)
    assert gini([0, 0]) == 0.0
    assert top_share(pd.Series([1, 2, 3, 4]), 0.25, "thing") == 0.4
    assert top_share(pd.Series([1, 2, 3, 4]), 0.01, "thing") == 0.4  # at least one
    assert hill([np.e**2, np.e, 1.0, 1.0], 0.5) == pytest.approx(1 / 1.5)
    assert hill([1.0, 1.0, 1.0], 0.3) == float("inf")


def test_inequality_by_hand() -> None:
    assert gini(np.array([1.0, 1.0, 1.0, 1.0])) == 0.0
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == 0.75  # (n - 1) / n
    assert gini(np.array([3.0, 1.0])) == pytest.approx(0.25)
    assert gini(np.zeros(3)) == 0.0
    assert lorenz(np.array([3.0, 1.0])).tolist() == [0.0, 0.25, 1.0]
    assert lorenz(np.zeros(2)).tolist() == [0.0, 0.5, 1.0]


def test_of_nobody_and_of_nothing_there_is_no_share() -> None:
    assert math.isnan(gini([]))
    for whole in (0, 0.0, math.nan):
        with pytest.raises(NothingToMeasureError, match="no entry"):
            ratio(0, whole, "entry")
    with pytest.raises(NothingToMeasureError, match="no exposure"):
        top_share(pd.Series([0, 0]), 0.5, "exposure")
