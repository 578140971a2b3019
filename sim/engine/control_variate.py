"""The control variate of sales: how far stays, clicks and orders came out above what was to be expected of them.

The length of a stay, a click and an order are draws whose means are known when they are made. So this number has mean
zero whatever the rules are: a control variate (Hammersley and Handscomb, 1964). Taken from GMV it leaves the mean as it
is; how much of it makes the spread of a difference smaller is fitted (`sim.results.paired_statistics.slope`).
"""

import math

import numpy as np

from agents.viewer import (
    affinity_of,
    affinity_of_room,
    chance_within,
    interest_in,
    order_probability,
    pace,
    stay_patience_ms,
    stay_scale_ms,
    trait,
    trust_given,
)
from sim.core.arrays import Array, Row
from sim.core.catalogue import PITCH, RELEASE
from sim.core.compiler import compiled, rule
from sim.core.event_log import CLICKED, ENTERED, INSIDE, ORDERED, SHOWN
from sim.core.randomness import PURCHASE, STAY, draw

PITCHED = 0.8  # share of a show in which something can be bought; near enough, as any share leaves the mean at zero
UNIT = 1000.0  # the control variate is counted in thousandths of a cent, so that sums do not depend on their order
BITS = 62
SATED = 1 << BITS  # beside the rooms met: something was ordered in this stay


@rule
def capped_mean(scale: float, spread: float, most: float) -> float:
    """Mean of a log-normal of median `scale`, where what exceeds `most` counts as `most`."""
    if most <= 0.0:
        return 0.0
    if spread < 1e-9:
        return min(scale, most)
    z, root = math.log(most / scale) / spread, math.sqrt(2.0)
    below = 0.5 * math.erfc((spread - z) / root)
    return scale * math.exp(0.5 * spread * spread) * below + most * 0.5 * math.erfc(z / root)


@rule
def chance_to_order(me: Row, products: Array, appeal: Array, product: int, trust: float, behaviour: Row) -> float:
    """The probability that a click on a product becomes an order."""
    price = products[product].price_cents
    return order_probability(price, me.price_cents, me.bargain, trait(me.buy), appeal[product], trust, behaviour)


@rule
def worth_of_patience(
    me: Row, first: int, last: int, products: Array, appeal: Array, trust: float, behaviour: Row
) -> float:
    """Cents that a viewer is expected to spend for each ms of patience in a room that pitches these products."""
    total = 0.0
    for product in range(first, last):
        interest = affinity_of(me, products[product].topic)
        if interest > 0.0:
            p = chance_to_order(me, products, appeal, product, trust, behaviour)
            total += (
                behaviour.click * interest * p * products[product].price_cents / pace(PITCH, interest, False, behaviour)
            )
    return PITCHED * total / max(last - first, 1)


@rule
def stay_control_variate(
    me: Row, i: int, r: int, left_ms: float, room: Row, skill: float, worth: float, reaction_seed: int, behaviour: Row
) -> float:
    """Cents that a stay is worth beyond what it was expected to be, by the patience that was drawn for it."""
    affinity = affinity_of_room(me, room.topics)
    u, v, _, _ = draw(reaction_seed, STAY, i, ~r, me.visit)
    most = min(left_ms, behaviour.longest_ms)
    scale = stay_scale_ms(affinity, skill, room.online, behaviour)
    came = min(stay_patience_ms(u, v, affinity, skill, room.online, behaviour), most)
    return worth * (max(came, 0.0) - capped_mean(scale, behaviour.stay_spread, most))


@rule
def stretch_control_variate(
    me: Row,
    i: int,
    room: Row,
    ms: int,
    clicked: bool,
    products: Array,
    appeal: Array,
    trust: float,
    reaction_seed: int,
    behaviour: Row,
) -> float:
    """Cents of orders beyond what was expected of a stretch in which a product could be bought."""
    product = room.product
    interest = interest_in(me, products[product].topic, room.segment, behaviour)
    if interest <= 0.0:
        return 0.0
    p, price = chance_to_order(me, products, appeal, product, trust, behaviour), products[product].price_cents
    u, _, _, _ = draw(reaction_seed, PURCHASE, i, product, room.session)
    came = 1.0 if clicked and u < p else 0.0
    return price * (came - p * chance_within(behaviour.click * interest, ms))


@compiled
def sales_control_variate(
    log: Array,
    sizes: Array,
    low: int,
    viewers: Array,
    rooms: Array,
    products: Array,
    skill: Array,
    appeal: Array,
    behaviour: Array,
    closes_ms: Array,
    on_trust: Array,
    entered_visit: Array,
    entered_rooms: Array,
    reaction_seed: int,
) -> int:
    """The control variate of an interval's events, in thousandths of a cent.

    Only the first stay of a visit in a room counts, as later ones repeat its draw: `entered_rooms` remembers the rooms
    of visit `entered_visit`, in so few bits that some first stays are taken for later ones, which leaves the mean at
    zero. `on_trust` says of each viewer's last entry whether it was at a host ordered from before.
    """
    b, total, each = behaviour[0], 0, len(products) // max(len(rooms), 1)
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            event = log[shard, n]
            if event.kind == SHOWN and (event.did & ENTERED) != 0:
                i, r, who = event.viewer, ~event.item, event.viewer - low
                me, bit = viewers[who], 1 << (r % BITS)
                if entered_visit[who] != me.visit:
                    entered_visit[who], entered_rooms[who] = me.visit, 0
                entered_rooms[who] &= SATED - 1
                if entered_rooms[who] & bit == 0:
                    entered_rooms[who] |= bit
                    trust, first = trust_given(me, r, on_trust[who] != 0, False, b), r * each
                    worth = worth_of_patience(me, first, first + each - 1, products, appeal, trust, b)
                    left = float(closes_ms[r] - event.at_ms)
                    found = stay_control_variate(me, i, r, left, rooms[r], skill[r], worth, reaction_seed, b)
                    total += math.floor(UNIT * found + 0.5)
            elif event.kind == INSIDE:
                i, r, who = event.viewer, ~event.item, event.viewer - low
                me, room, clicked = viewers[who], rooms[r], (event.did & CLICKED) != 0
                if room.segment == PITCH or room.segment == RELEASE:
                    trust = trust_given(me, r, on_trust[who] != 0, (entered_rooms[who] & SATED) != 0, b)
                    found = stretch_control_variate(
                        me, i, room, event.ms, clicked, products, appeal, trust, reaction_seed, b
                    )
                    total += math.floor(UNIT * found + 0.5)
                    entered_rooms[who] |= SATED if (event.did & ORDERED) != 0 else 0
    return total


def no_entries(viewers: int) -> tuple[Array, Array]:
    """What is remembered of viewers who have entered no room."""
    return np.full(viewers, -1, np.int32), np.zeros(viewers, np.int64)
