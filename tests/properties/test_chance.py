import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core.clock import DAY, HOUR
from sim.core.randomness import PAGE, draw, next_arrival, pick, rhythm_of, sample

uniform = st.floats(2**-33, 1 - 2**-33)
whole = st.integers(-(2**31), 2**31 - 1)


@given(seed=st.integers(0, 2**63 - 1), who=whole, what=whole, nth=st.integers(0, 2**31 - 1))
def test_every_key_has_four_numbers_inside_the_unit_interval(seed: int, who: int, what: int, nth: int) -> None:
    numbers = draw(seed, PAGE, who, what, nth)
    assert all(0.0 < u < 1.0 for u in numbers)
    assert numbers == draw(seed, PAGE, who, what, nth)


@given(weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3), u=uniform)
def test_what_is_picked_holds_the_number(weights: list[float], u: float) -> None:
    cumulative = np.cumsum(weights)
    index = pick(cumulative, u)
    target = u * cumulative[-1]
    assert target < cumulative[index]
    assert index == 0 or cumulative[index - 1] <= target


@given(
    last_ms=st.integers(-365 * DAY, 3650 * DAY),
    u=uniform,
    per_day=st.floats(0.05, 500),
    weights=st.lists(st.floats(0, 10), min_size=24, max_size=24).filter(lambda w: sum(w) > 1),
)
def test_an_arrival_uses_up_its_exponential_time(last_ms: int, u: float, per_day: float, weights: list[float]) -> None:
    # what passes on the rhythm's clock between the two is the exponential time, but for two milliseconds at the end
    rates = rhythm_of(weights)
    at = next_arrival(last_ms, u, per_day, rates)
    assert at > last_ms
    days, passed, hour = (at - last_ms) // DAY, 0.0, last_ms // HOUR
    passed = 24.0 * days
    start = last_ms + days * DAY
    for hour in range(start // HOUR, at // HOUR + 1):
        passed += max(min(at, (hour + 1) * HOUR) - max(start, hour * HOUR), 0) / HOUR * rates[hour % 24]
    wanted = -math.log(u) / per_day * 24.0
    assert abs(passed - wanted) <= 2.01 * max(rates) / HOUR + 1e-7 * (1 + wanted)


@given(kind=st.integers(0, 4), a=st.floats(0.01, 100), b=st.floats(0.1, 5), u=uniform, v=uniform)
def test_samples_are_finite_and_not_negative(kind: int, a: float, b: float, u: float, v: float) -> None:
    value = sample(kind, a, b, u, v)
    assert math.isfinite(value)
    assert value >= 0.0
