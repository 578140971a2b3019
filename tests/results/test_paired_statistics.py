"""Effects against numbers worked by hand."""

import math

import numpy as np
import pytest

from sim.results.paired_statistics import (
    band,
    controlled,
    effect,
    holm,
    interval,
    ratios,
    seeds_needed,
    slope,
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


def test_luck_that_goes_with_the_difference_is_taken_out() -> None:
    # differences 3, 1, 6, 2 lie on 2 + luck but for 0, 0, 1, -1; luck 1, -1, 3, 1
    before, after = np.full(4, 10.0), 10.0 + np.array([3.0, 1.0, 6.0, 2.0])
    luck = np.array([1.0, -1.0, 3.0, 1.0])
    # mean luck 1, squares about it 0, 4, 4, 0: slope (2 * 2 + 2 * 3) / 8 = 5/4, so at no luck 3 - 5/4 = 7/4
    found = controlled(before, after, luck)
    assert slope(after - before, luck) == pytest.approx(1.25)
    assert found["absolute"] == pytest.approx(1.75)
    # what is left: 0, 1/2, 1/2, -1 about the line, squares 1.5, over 2; error from 1/4 + 1/8
    error = (0.75 * 0.375) ** 0.5
    assert (found["high"] - found["low"]) / 2 == pytest.approx(4.302653 * error)
    assert found["seeds"] == 4


def test_without_luck_or_with_few_pairs_nothing_is_taken_out() -> None:
    before, after = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 4.0])
    assert controlled(before, after, np.array([1.0, 2.0, 1.0])) == effect(before, after)
    more, most = np.append(before, 1.0), np.append(after, 2.0)
    assert controlled(more, most, np.zeros(4)) == effect(more, most)


def test_an_interval_with_luck_taken_out_holds_as_often_as_it_says() -> None:
    sets, chance = 1000, np.random.default_rng(1)
    hits = 0
    for luck, noise in chance.normal(size=(sets, 2, 10)):
        found = controlled(np.full(10, 50.0), 53.0 + 2.0 * luck + noise, luck)
        hits += found["low"] <= 3.0 <= found["high"]
    assert abs(hits / sets - 0.95) < 3.5 * (0.95 * 0.05 / sets) ** 0.5
