"""Effects against numbers worked by hand."""

import math

import numpy as np
import pytest

from sim.effects import effect, holm, ratios


def test_an_effect_by_hand() -> None:
    before, after = np.array([10.0, 12.0, 11.0, 11.0]), np.array([11.0, 14.0, 12.0, 11.0])
    found = effect(before, after)
    # differences 1, 2, 1, 0: mean 1, variance 2/3, standard error sqrt(2/3/4) = 0.408; t(0.975, 3) = 3.182
    assert found["absolute"] == 1.0
    assert found["before"] == 11.0
    assert found["relative"] == pytest.approx(1 / 11)
    assert found["high"] - 1.0 == pytest.approx(3.182446 * math.sqrt(1 / 6), rel=1e-6)
    assert found["low"] == pytest.approx(2.0 - found["high"])
    assert found["seeds"] == 4
    assert found["p"] == pytest.approx(0.0918, abs=1e-3)  # t = 2.449 with 3 degrees of freedom


def test_no_difference_at_all_is_no_effect() -> None:
    found = effect(np.ones(3), np.ones(3))
    assert (found["absolute"], found["low"], found["high"], found["p"]) == (0.0, 0.0, 0.0, 1.0)


def test_what_pairing_bought_by_hand() -> None:
    before, after = np.array([1.0, 3.0, 5.0]), np.array([2.0, 4.0, 7.0])
    # variances 4, 19/3 and of the differences (1, 1, 2) 1/3; with fresh luck differences 0, 1, 5: 7
    found = ratios(before, after, np.array([1.0, 4.0, 10.0]))
    assert found["variance_ratio_unpaired"] == pytest.approx((4 + 19 / 3) / (1 / 3))
    assert found["variance_ratio_fresh_luck"] == pytest.approx(7 / (1 / 3))
    assert math.isnan(ratios(before, after, None)["variance_ratio_fresh_luck"])


def test_holm_by_hand() -> None:
    # sorted 0.01 <= 0.05/4, 0.015 <= 0.05/3, 0.03 > 0.05/2: the first two only, whatever comes after
    assert holm(np.array([0.03, 0.01, 0.04, 0.015]), 0.05).tolist() == [False, True, False, True]
    assert holm(np.array([0.2, 0.01]), 0.05).tolist() == [False, True]
    assert not holm(np.array([0.03, 0.04]), 0.05).any()
