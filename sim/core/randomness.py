"""Chance is a pure function of seed, purpose, who, what and the number of the encounter: nobody's draws depend on
anyone else's.

Every draw is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) of
that key. No generator is shared and nothing is drawn in turn, so worlds with the same seed share every potential
reaction.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.core.clock import HOUR
from sim.core.compiler import loop, rule, typed

# --- purposes: what a draw is about. A number is never used twice, and never changes its meaning.
TASTE, TRAITS, READINESS, STOCK_TRAITS, FOLLOWS, FRIEND, STARS = 1, 2, 3, 4, 5, 9, 6
SESSION, SESSION_LENGTH, PAGE, BOOSTED_PLACE, FOLLOW_PLACE = 10, 11, 12, 13, 17
WATCH, ENTRY, STAY, IN_ROOM, PURCHASE, AFTER_ORDER, TAP = 20, 21, 22, 23, 24, 25, 28
CREATOR, CREATOR_TOPICS, POSTING, POST, POST_TOPICS, RING, FORM, FAME, PAST = 30, 31, 32, 33, 34, 35, 36, 37, 38
HOST, HOST_TOPICS, PRODUCT, SCRIPT, LEARN, ROOM_DAY, ROOM_SESSION, ADOPT, TEASER = 40, 41, 42, 43, 44, 45, 46, 47, 48
SAMPLED, LOT, TRICKLE = 51, 52, 53
(RANGE,) = (60,)

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_UNIT = 2.0**-32


@rule
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Philox4x32-10: four 32-bit words from a counter of four and a key of two, all held in uint64."""
    c0, c1, c2, c3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    k0, k1 = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        first, second = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (second >> _HALF) ^ c1 ^ k0, second & _LOW, (first >> _HALF) ^ c3 ^ k1, first & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@rule
def word(value: int) -> Any:
    """A whole number's lowest 32 bits, as the uint64 that Philox computes in."""
    return np.uint64(int(value) & 0xFFFFFFFF)


@typed("UniTuple(float64, 4)(int64, int64, int64, int64, int64)")
def draw(seed: int, why: int, who: int, what: int, nth: int) -> tuple[float, float, float, float]:
    """Four independent uniform numbers, each in the open interval (0, 1), for one key."""
    a, b, c, d = philox(word(who), word(what), word(nth), word(why), word(seed), word(int(seed) >> 32))
    return (
        (float(a) + 0.5) * _UNIT,
        (float(b) + 0.5) * _UNIT,
        (float(c) + 0.5) * _UNIT,
        (float(d) + 0.5) * _UNIT,
    )


@typed("float64(float64, float64)")
def normal(u: float, v: float) -> float:
    """A standard normal number from two uniform ones (Box and Muller, 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@typed("float64(float64, float64, float64)")
def weibull(u: float, scale: float, shape: float) -> float:
    """A Weibull number from a uniform one; shape 1 is the exponential distribution with mean `scale`."""
    return float(scale * (-math.log(u)) ** (1.0 / shape))


# the codes under which `scenario` hands a distribution to `sample`
CONSTANT, UNIFORM, LOGNORMAL, WEIBULL, PARETO = 0, 1, 2, 3, 4


@typed("float64(int64, float64, float64, float64, float64)")
def sample(kind: int, a: float, b: float, u: float, v: float) -> float:
    """One value of a named distribution with parameters `a`, `b`, from two uniform numbers."""
    if kind == UNIFORM:
        return a + (b - a) * u
    if kind == LOGNORMAL:
        return a * math.exp(b * normal(u, v))
    if kind == WEIBULL:
        return weibull(u, a, b)
    if kind == PARETO:
        return float(a * u ** (-1.0 / b))
    return a


@loop
def pick(cumulative: np.ndarray, u: float) -> int:
    """The index whose share of the rising `cumulative` weights holds `u`."""
    target = u * cumulative[len(cumulative) - 1]
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > target:
            high = middle
        else:
            low = middle + 1
    return low


NEVER = 2**60  # ms; when something is due that is never due


@typed("int64(int64, float64, float64, float64[::1])")
def next_arrival(last_ms: int, u: float, per_day: float, rhythm: np.ndarray) -> int:
    """The next arrival of a Poisson process with a daily rhythm.

    An exponential time passes on a clock that runs with the rhythm. `rhythm` holds 24 hourly rates with mean 1.
    """
    if per_day <= 0.0:
        return NEVER
    wait = -math.log(u) / per_day * 24.0  # in hours of mean rate
    hour = last_ms // HOUR
    at = last_ms / HOUR
    while True:
        rate = rhythm[hour % 24]
        left = (hour + 1 - at) * rate
        if wait < left:
            return max(int((at + wait / rate) * HOUR), last_ms + 1)
        wait -= left
        hour += 1
        at = float(hour)


def rhythm_of(weights: Sequence[float]) -> np.ndarray:
    """Hourly weights as rates with mean 1."""
    rates = np.asarray(weights, float)
    return rates / rates.mean()
