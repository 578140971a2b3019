import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiments.claims.verdicts import (
    NOT_SUPPORTED,
    SUPPORTED,
    UNDECIDED,
    Bound,
    Interval,
    interval,
    judged,
    together,
)


def test_an_interval_by_hand() -> None:
    # mean 2, standard error 1 / sqrt(3), Student's t of 2 degrees 4.30265
    found = interval(np.array([1.0, 2.0, 3.0]))
    half = 4.30265 / 3**0.5
    assert (found.mean, found.low, found.high, found.seeds) == pytest.approx((2, 2 - half, 2 + half, 3), rel=1e-5)


def test_what_is_not_known_is_left_out() -> None:
    assert interval(np.array([1.0, np.nan, 3.0])).seeds == 2
    alone = interval(np.array([np.nan, 3.0]))
    assert (alone.mean, alone.low, alone.high) == (3.0, -np.inf, np.inf)
    assert judged(alone, Bound(0.0, above=True)) == UNDECIDED
    assert judged(interval(np.array([np.nan, np.nan])), Bound(0.0, above=True)) == UNDECIDED


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (0.2, 0.4, SUPPORTED, NOT_SUPPORTED),
        (0.05, 0.4, UNDECIDED, UNDECIDED),
        (0.02, 0.08, NOT_SUPPORTED, SUPPORTED),
        (-0.4, -0.2, NOT_SUPPORTED, SUPPORTED),
    ],
)
def test_the_rule(low: float, high: float, above: str, below: str) -> None:
    found = Interval((low + high) / 2, low, high, 8)
    assert judged(found, Bound(0.1, above=True)) == above
    assert judged(found, Bound(0.1, above=False)) == below


@given(st.lists(st.sampled_from([SUPPORTED, NOT_SUPPORTED, UNDECIDED]), min_size=1))
def test_a_claim_needs_all_and_falls_with_one(verdicts: list[str]) -> None:
    said = together(verdicts)
    assert (said == NOT_SUPPORTED) == (NOT_SUPPORTED in verdicts)
    assert (said == SUPPORTED) == all(one == SUPPORTED for one in verdicts)


def test_a_number_that_is_not_known_is_on_neither_side() -> None:
    assert not Bound(0.0, above=True).beyond(float("nan"))
    assert not Bound(0.0, above=False).beyond(float("nan"))
