import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.core import randomness
from sim.core.clock import DAY, HOUR
from sim.core.randomness import (
    CONSTANT,
    LOGNORMAL,
    PARETO,
    UNIFORM,
    WEIBULL,
    draw,
    next_arrival,
    normal,
    philox,
    pick,
    rhythm_of,
    sample,
    weibull,
    word,
)

SEED = 20210401
E_TO_MINUS_1 = math.exp(-1.0)  # an exponential time of exactly one mean

# Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, result
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(part, 16)) for part in text.split()]


def uniforms(n: int, why: int = randomness.WATCH) -> np.ndarray:
    """The four uniform numbers of each of `n` keys."""
    return np.array([draw(SEED, why, i, 0, 0) for i in range(n)])


def distance(values: np.ndarray, cdf: Callable[[float], float]) -> float:
    """Kolmogorov's distance between a sample and a distribution, times sqrt(n); beyond 1.95 with probability 0.001."""
    n, theory = len(values), np.array([cdf(x) for x in np.sort(values)])
    steps = np.arange(n + 1) / n
    return float(np.sqrt(n) * max(np.abs(theory - steps[:-1]).max(), np.abs(theory - steps[1:]).max()))


# --- Philox


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_philox_gives_the_published_answers(counter: str, key: str, result: str) -> None:
    assert [int(x) for x in philox(*words(counter), *words(key))] == [int(x) for x in words(result)]


def test_a_word_is_the_lowest_32_bits() -> None:
    assert int(word(5)) == 5
    assert int(word(-1)) == 0xFFFFFFFF
    assert int(word(~7)) == 0xFFFFFFF8  # room 7
    assert int(word(2**32 + 3)) == 3


def test_a_draw_is_philox_of_its_key() -> None:
    # counter: who, what, how-manieth, why; key: the seed's low and high half; centred in its step of 2**-32
    seed = 0x299F31D0A4093822
    got = draw(seed, 0x03707344, 0x243F6A88, 0x85A308D3, 0x13198A2E)
    assert got == tuple((int(x) + 0.5) / 2**32 for x in words(KNOWN[2][2]))


def test_uniform_numbers_stay_inside_the_open_interval() -> None:
    # the ends are reached by no word: -log(u) is finite and positive for every draw
    u = uniforms(20_000)
    assert 0.0 < u.min() < 1e-4
    assert 1.0 - 1e-4 < u.max() < 1.0


# --- keys


def test_every_part_of_the_key_matters() -> None:
    base = (SEED, randomness.WATCH, 3, 4, 5)
    keys = [base, (SEED + 1, *base[1:]), (SEED + 2**32, *base[1:])]
    keys += [tuple(value + (k == place) for k, value in enumerate(base)) for place in range(1, 5)]
    keys += [(SEED, randomness.WATCH, 4, 3, 5), (SEED, randomness.WATCH, 3, ~4, 5)]
    values = [u for key in keys for u in draw(*key)]
    assert len(set(values)) == 4 * len(keys)


@pytest.mark.parametrize("place", range(5))
def test_one_bit_of_the_key_turns_over_half_of_the_result(place: int) -> None:
    # 64 of 128 bits; over 32 flips the mean has a standard error of sqrt(128 / 4 / 32) = 1
    base = [SEED, randomness.WATCH, 3, 4, 5]
    turned = []
    for bit in range(32):
        key = list(base)
        key[place] ^= 1 << bit
        pairs = zip(draw(*base), draw(*key), strict=True)
        turned.append(sum((int(a * 2**32) ^ int(b * 2**32)).bit_count() for a, b in pairs))
    assert abs(np.mean(turned) - 64) < 5


def test_a_draw_for_one_purpose_moves_no_other() -> None:
    alone = [draw(SEED, randomness.WATCH, i, 7, 0) for i in range(100)]
    among_others = []
    for i in range(100):
        draw(SEED, randomness.ENTRY, i, ~7, 0)
        draw(SEED, randomness.WATCH, i, 8, 0)
        among_others.append(draw(SEED, randomness.WATCH, i, 7, 0))
    assert alone == among_others


def test_purposes_are_uncorrelated() -> None:
    # a correlation over n = 4,000 pairs has a standard error of 1 / sqrt(n)
    n = 4_000
    columns = np.hstack([uniforms(n, why) for why in (randomness.WATCH, randomness.ENTRY, randomness.STAY)])
    off = np.corrcoef(columns.T)[~np.eye(12, dtype=bool)]
    assert np.abs(off).max() < 4.5 / math.sqrt(n)


# --- distributions


@pytest.mark.parametrize("place", range(4))
def test_draws_are_uniform(place: int) -> None:
    # chi-square with 15 degrees of freedom: mean 15, variance 30
    n = 16_000
    counts = np.bincount((uniforms(n)[:, place] * 16).astype(int), minlength=16)
    assert ((counts - n / 16) ** 2 / (n / 16)).sum() < 15 + 5 * math.sqrt(30)


def test_normal_numbers_are_normal() -> None:
    n = 10_000
    u = uniforms(n)
    values = np.array([normal(a, b) for a, b in u[:, :2]])
    assert abs(values.mean()) < 5 / math.sqrt(n)
    assert abs(values.var() - 1) < 5 * math.sqrt(2 / n)
    assert distance(values, lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2)))) < 1.95


def test_normal_and_weibull_by_hand() -> None:
    # Box-Muller: sqrt(-2 ln e^-2) = 2, and cos of a full, a half and a quarter turn
    u = math.exp(-2.0)
    assert normal(u, 1.0) == pytest.approx(2.0)
    assert normal(u, 0.5) == pytest.approx(-2.0)
    assert normal(u, 0.25) == pytest.approx(0.0, abs=1e-12)
    # at u = 1/e every Weibull number is its scale; at u = e^-4 and shape 2 it is the scale times 4 ** (1/2)
    assert weibull(E_TO_MINUS_1, 7.0, 3.0) == pytest.approx(7.0)
    assert weibull(math.exp(-4.0), 7.0, 2.0) == pytest.approx(14.0)


THEORY: list[tuple[int, float, float, Callable[[float], float]]] = [
    (UNIFORM, 2.0, 5.0, lambda x: (x - 2.0) / 3.0),
    (LOGNORMAL, 5.0, 0.75, lambda x: 0.5 * (1 + math.erf(math.log(x / 5.0) / 0.75 / math.sqrt(2)))),
    (WEIBULL, 17.0, 1.0, lambda x: 1 - math.exp(-x / 17.0)),
    (WEIBULL, 0.88, 1.25, lambda x: 1 - math.exp(-((x / 0.88) ** 1.25))),
    (PARETO, 3.0, 2.5, lambda x: 1 - (3.0 / x) ** 2.5),
]


@pytest.mark.parametrize(("kind", "a", "b", "cdf"), THEORY)
def test_samples_follow_their_distribution(kind: int, a: float, b: float, cdf: Callable[[float], float]) -> None:
    values = np.array([sample(kind, a, b, u, v) for u, v in uniforms(10_000)[:, :2]])
    assert distance(values, cdf) < 1.95


def test_the_distance_notices_a_wrong_distribution() -> None:
    # a scale 5 % off moves the distribution by about 0.05 / e = 0.018, or 1.8 at n = 10,000, on top of the noise
    values = np.array([weibull(u, 17.0 * 1.05, 1.0) for u in uniforms(10_000)[:, 0]])
    assert distance(values, lambda x: 1 - math.exp(-x / 17.0)) > 1.95


def test_a_constant_is_itself() -> None:
    assert sample(CONSTANT, 4.5, 9.0, 0.123, 0.456) == 4.5


# --- picking


@pytest.mark.parametrize(
    ("u", "index"),
    # of the weights 1, 2, 3: shares end at 1/6, 3/6 and 1
    [(1e-9, 0), (0.16, 0), (0.17, 1), (0.49, 1), (0.5, 2), (0.51, 2), (1 - 1e-9, 2)],
)
def test_pick_finds_whose_share_holds_a_number(u: float, index: int) -> None:
    assert pick(np.array([1.0, 3.0, 6.0]), u) == index


def test_pick_never_takes_what_has_no_weight() -> None:
    cumulative = np.array([0.0, 2.0, 2.0, 4.0, 4.0])
    assert {pick(cumulative, u) for u in (2**-33, 0.25, 0.4999, 0.5, 0.75, 1 - 2**-33)} == {1, 3}


def test_picks_come_in_proportion() -> None:
    # binomial: a standard error of sqrt(p (1 - p) / n)
    n, shares = 12_000, np.array([0.1, 0.2, 0.7])
    got = np.bincount([pick(np.cumsum(shares), u) for u in uniforms(n)[:, 0]], minlength=3) / n
    assert (np.abs(got - shares) < 4.5 * np.sqrt(shares * (1 - shares) / n)).all()


# --- arrivals

FLAT = np.ones(24)


def test_rhythm_has_mean_one() -> None:
    assert rhythm_of([1, 3] * 12).tolist() == [0.5, 1.5] * 12


def test_an_arrival_without_rhythm_is_an_exponential_time_away() -> None:
    # 24 a day is one an hour, and u = 1/e waits exactly the mean
    assert next_arrival(0, E_TO_MINUS_1, 24.0, FLAT) == pytest.approx(HOUR, abs=1)
    # a quarter as often waits four times as long, and it does not matter that midnight lies between
    assert next_arrival(22 * HOUR, E_TO_MINUS_1, 6.0, FLAT) == pytest.approx(26 * HOUR, abs=1)


def test_an_arrival_waits_on_a_clock_that_runs_with_the_rhythm() -> None:
    rates = np.zeros(24)
    rates[0], rates[1], rates[5] = 0.5, 2.0, 21.5
    # from 00:30: half an hour at 0.5 uses 0.25 of the 1.0; the other 0.75 at 2.0 takes 22.5 minutes of hour 1
    assert next_arrival(HOUR // 2, E_TO_MINUS_1, 24.0, rates) == pytest.approx(HOUR + 22.5 * 60_000, abs=1)
    # from 01:45: 15 minutes at 2.0 use 0.5; hours 2 to 4 are empty; 0.5 at 21.5 is 0.5 / 21.5 h of hour 5
    assert next_arrival(HOUR + 45 * 60_000, E_TO_MINUS_1, 24.0, rates) == pytest.approx((5 + 0.5 / 21.5) * HOUR, abs=1)


def test_hours_before_day_0_are_the_evening_before() -> None:
    rates = np.zeros(24)
    rates[23] = 24.0
    # from -2 h (22:00): nothing until 23:00, and then 1.0 of mean rate takes 1/24 h
    assert next_arrival(-2 * HOUR, E_TO_MINUS_1, 24.0, rates) == pytest.approx((-1 + 1 / 24) * HOUR, abs=1)


def test_arrivals_fill_a_day_as_a_poisson_process_does() -> None:
    # 40 a day over 100 days: 4,000 expected, a standard deviation of sqrt(4,000)
    rates, at, n = rhythm_of([1, 3] * 12), 0, 0
    for k in range(10_000):
        at = next_arrival(at, draw(SEED, randomness.POSTING, 0, k, 0)[0], 40.0, rates)
        if at >= 100 * DAY:
            break
        n += 1
    assert abs(n - 4_000) < 4.5 * math.sqrt(4_000)
