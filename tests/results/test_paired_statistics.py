"""Effects against numbers worked by hand."""

import math

import numpy as np
import pytest

from sim.results.paired_statistics import (
    agreement,
    band,
    effect,
    holm,
    interval,
    ratios,
    seeds_needed,
    student,
)


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


def test_the_interval_of_a_mean_by_hand() -> None:
    found = interval([1.0, 2.0, 1.0, 0.0])  # as the differences above
    assert found.mean == 1.0
    assert found.high - 1.0 == pytest.approx(3.182446 * math.sqrt(1 / 6), rel=1e-6)
    table = interval([[1.0, 5.0, math.nan], [3.0, math.nan, math.nan]])
    assert table.n.tolist() == [2, 1, 0]
    assert table.mean[:2].tolist() == [2.0, 5.0]
    assert table.high[0] - 2.0 == pytest.approx(12.7062, rel=1e-5)
    assert np.isnan(table.low[1:]).all()
    assert math.isnan(table.mean[2])


def test_pairs_that_are_not_known_are_left_out() -> None:
    before, after = np.array([1.0, 2.0, math.nan, 4.0]), np.array([2.0, 4.0, 5.0, math.nan])
    assert effect(before, after) == effect(before[:2], after[:2])
    assert effect(before, after)["seeds"] == 2
    assert ratios(before, after, before) == ratios(before[:2], after[:2], before[:2])
    one, none = effect(before[:1], after[:1]), effect(before[2:], after[2:])
    assert (one["absolute"], one["seeds"]) == (1.0, 1)
    assert all(math.isnan(one[name]) for name in ("low", "high", "p"))
    assert (math.isnan(none["absolute"]), none["seeds"]) == (True, 0)
    many = np.array([math.nan, *range(10)], float)
    assert seeds_needed(many, many + many % 2 + 1, 0.01) == seeds_needed(many[1:], (many + many % 2 + 1)[1:], 0.01) + 1


def test_no_difference_at_all_is_no_effect() -> None:
    found = effect(np.ones(3), np.ones(3))
    assert (found["absolute"], found["low"], found["high"], found["p"]) == (0.0, 0.0, 0.0, 1.0)


def test_what_pairing_bought_by_hand() -> None:
    before, after = np.array([1.0, 3.0, 5.0]), np.array([2.0, 4.0, 7.0])
    # variances 4, 19/3 and of the differences (1, 1, 2) 1/3; with independent reactions differences 0, 1, 5: 7
    found = ratios(before, after, np.array([1.0, 4.0, 10.0]))
    assert found["variance_ratio_unpaired"] == pytest.approx((4 + 19 / 3) / (1 / 3))
    assert found["variance_ratio_independent"] == pytest.approx(7 / (1 / 3))
    assert math.isnan(ratios(before, after, None)["variance_ratio_independent"])


def test_holm_by_hand() -> None:
    # sorted 0.01 <= 0.05/4, 0.015 <= 0.05/3, 0.03 > 0.05/2: the first two only, whatever comes after
    assert holm(np.array([0.03, 0.01, 0.04, 0.015]), 0.05).tolist() == [False, True, False, True]
    assert holm(np.array([0.2, 0.01]), 0.05).tolist() == [False, True]
    assert not holm(np.array([0.03, 0.04]), 0.05).any()


def test_fewer_seeds_may_have_fresh_luck() -> None:
    before, after = np.array([1.0, 3.0, 5.0]), np.array([2.0, 4.0, 7.0])
    # differences with independent reactions 0 and 1: variance 1/2
    assert ratios(before, after, np.array([1.0, 4.0]))["variance_ratio_independent"] == pytest.approx(0.5 * 3)
    assert math.isnan(ratios(before, after, np.array([1.0]))["variance_ratio_independent"])


def test_a_band_by_hand() -> None:
    mean, low, high = band(np.array([[0.0, 1.0], [2.0, 1.0]]))
    # standard error of 0 and 2: 1; t(0.975, 1) = 12.706
    assert mean.tolist() == [1.0, 1.0]
    assert (high - mean).tolist() == pytest.approx([12.7062, 0.0], rel=1e-5)
    assert (mean - low).tolist() == pytest.approx([12.7062, 0.0], rel=1e-5)


def test_seeds_needed_bring_the_interval_down() -> None:
    before = np.full(4, 100.0)
    after = before + np.array([0.0, 2.0, 0.0, 2.0])
    spread = 2 / 3**0.5 / 100  # standard deviation of the relative differences
    n = seeds_needed(before, after, 0.005)
    assert student(n) * spread / n**0.5 <= 0.005
    assert student(n - 1) * spread / (n - 1) ** 0.5 > 0.005
    assert seeds_needed(before, after, 0.5) == 4
    assert seeds_needed(np.zeros(4), after, 0.01) == 4  # no share of nothing will ever be sure


def test_what_came_agrees_with_what_was_expected_within_three_errors() -> None:
    # gaps 1, -1, 3, 1 of 10 on average: mean 1, standard deviation 1.633, error 0.816
    came, expected = np.array([11.0, 9.0, 10.0, 10.0]), np.array([10.0, 10.0, 7.0, 9.0])
    found = agreement(came, expected)
    assert (found.gap, found.error, found.runs) == (pytest.approx(0.1), pytest.approx(0.0816497, rel=1e-4), 4)
    assert found.holds
    assert found.least_seen == pytest.approx(0.244949, rel=1e-4)
    assert not agreement(came + 2.0, expected).holds  # 3 and 0.816
    assert not agreement(came[:1], expected[:1]).holds  # one run shows nothing
