"""How a room's day differs from the one before (场次波动): hours by day; the host's form, and the goods, by session."""

import math
from typing import NamedTuple

from sim.core.randomness import ROOM_DAY, ROOM_SESSION, draw, normal
from sim.scenario.rooms import Variation

LEAST = 1e-3  # weight from which the past is left out


class Hours(NamedTuple):
    """How a day's hours differ from the room's usual ones."""

    later_h: float  # opens later by so many hours
    longer: float  # factor on the hours open


class Form(NamedTuple):
    """How a session differs from the room's usual ones, in log units."""

    host: float  # added to the host's skill
    goods: float  # the appeal of all that is sold, as a factor's logarithm


def with_memory(seed: int, purpose: int, room: int, number: int, memory: float) -> tuple[float, float]:
    """Two standard normal numbers of a room's day or session, each correlated with the one before by `memory`.

    An autoregressive sequence AR(1), written as the sum of its innovations: known from the key alone, without a state.
    """
    lags = 1 if memory <= LEAST else math.ceil(math.log(LEAST) / math.log(memory))
    first = second = squares = 0.0
    for lag in range(lags):
        u, v, w, x = draw(seed, purpose, room, number - lag, 0)
        weight = memory**lag
        first += weight * normal(u, v)
        second += weight * normal(w, x)
        squares += weight * weight
    return first / math.sqrt(squares), second / math.sqrt(squares)


def hours_of(seed: int, room: int, day: int, rules: Variation) -> Hours:
    """A day's hours."""
    later, longer = with_memory(seed, ROOM_DAY, room, day, rules.memory)
    return Hours(rules.opening_hours * later, math.exp(rules.length * longer))


def form_of(seed: int, room: int, session: int, rules: Variation) -> Form:
    """A session's form, which lies around the host's skill, and its goods, of the usual appeal in the mean."""
    host, goods = with_memory(seed, ROOM_SESSION, room, session, rules.memory)
    return Form(rules.form * host, rules.goods * goods - 0.5 * rules.goods**2)
