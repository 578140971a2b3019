"""Expected sales: entries, orders, GMV and GSV with the chance taken out of entries, stays, clicks and orders.

What viewers do in rooms is drawn from probabilities that are known when it is drawn. So sales can be counted as what
was to be expected of them, summed at exposures, and worlds that share their viewers then differ by what the rules did
and hardly by chance. Three parts add up to an estimate without bias, whatever the rules are:

1. An exposure of a room counts P(enter) x E[V], where V(patience) is a simple forecast of what a stay sells. V is a
   step function of the standard normal number behind the patience, so that its mean is exact.
2. An entry takes off V of the patience that was drawn.
   A viewer meets a room once in a visit, with one answer; exposures after the first count as they came, with nothing
   for V.
3. A stretch in which a product can be ordered counts P(click) x P(order) x price. A viewer answers a product once in a
   session of a room; where the answer is known already, it counts instead of its probability.

The means of 1 and 2 are the same, so that V need not be right: it only has to vary as sales do. The mean of 3 is that
of the orders placed. Where stock could run out before the refresh is over, the orders that were filled count as they
came (`counts_as_it_came`). This is a Rao-Blackwell estimate with a control variate (Asmussen and Glynn, Stochastic
Simulation, 2007, chapter V).
"""

import math
from typing import NamedTuple

import numpy as np

from agents.viewer import (
    MOST_TASTES,
    affinity_of_room,
    bait_draw,
    chance_within,
    enter_chance,
    interest_in,
    known_draw,
    order_probability,
    pays,
    sends_back,
    stay_scale_ms,
    trait,
    trust_given,
    wariness,
)
from sim.core.arrays import Array, Column, Row, blank
from sim.core.catalogue import CLOSED, PITCH, RELEASE
from sim.core.compiler import compiled, rule
from sim.core.event_log import CLICKED, ENTERED, INSIDE, ORDERED, SHOWN, VIA_VIDEO
from sim.core.randomness import AFTER_ORDER, PURCHASE, STAY, draw, normal
from sim.traffic.order_fulfilment import OrderOutcome

ENTRIES, ORDERS, GMV, GSV = range(4)
UNIT = 1000.0  # expectations are counted in thousandths of an entry, an order, a cent, so that sums have no order
SAFE = 20  # pieces in stock beyond one for everybody inside: so many newcomers do not order in one refresh
REMEMBERED = 4  # rooms whose products a viewer is known to have been asked
BITS = 62
PITCHED = 0.8  # share of a show in which something can be ordered; any share leaves the mean as it is
PITCH_MS = 240_000.0  # length of a pitch, likewise
EDGES = np.array([-1.0, -0.3, 0.2, 0.6, 1.0, 1.3, 1.6, 1.9, 2.2, 2.5, 2.8, 3.2, 3.7])
"""Where the steps of V lie, in standard normal units of a patience: fine where stays are long and things are sold."""
MIDDLES = np.array([-1.5, -0.6, 0.0, 0.4, 0.8, 1.15, 1.45, 1.75, 2.05, 2.35, 2.65, 3.0, 3.4, 3.9])

ASKED_COLUMNS = {
    "room": Column(np.int32, (REMEMBERED,), -1),
    "session": Column(np.int32, (REMEMBERED,)),
    "products": Column(np.int64, (REMEMBERED,)),  # bits of the products that were clicked on
    "shown": Column(np.int64),  # bits of the rooms that were shown in visit `visit`
    "visit": Column(np.int32, (), -1),
    "place": Column(np.uint8),
    "ordered": Column(np.uint8),  # 1: something was ordered in this stay
}
"""One row a viewer: what they have been shown in this visit, and asked in the last rooms they were in.

Bits may stand for several rooms or products; what was not met is then taken for met, which costs precision and no bias.
"""


class Shop(NamedTuple):
    """What the estimate needs to know of rooms and products, as they were when the refresh began."""

    rooms: Array
    products: Array
    skill: Array
    appeal: Array
    closes_ms: Array  # when each room's session is to end
    risky: Array  # rooms of which the product on show may run out; see `counts_as_it_came`
    payment_rate: float
    return_rates: Array  # by category


def steps_of_patience() -> Array:
    """The probabilities of the steps of V."""
    below = np.array([0.0, *(0.5 * math.erfc(-edge / math.sqrt(2.0)) for edge in EDGES), 1.0])
    return np.diff(below)


WEIGHTS = steps_of_patience()


def asked_of(viewers: int) -> Array:
    """What is known of viewers whom nobody has asked anything."""
    return blank(ASKED_COLUMNS, viewers)


def counts_as_it_came(rooms: Array, products: Array) -> Array:
    """Of which rooms the product on show may run out within the refresh: their filled orders count as they came.

    Decided by what is known before anybody orders: there are fewer pieces than people inside and SAFE more.
    """
    shown = rooms["product"]
    stock = np.where(shown >= 0, products["stock"][shown], 0)
    return np.asarray((shown >= 0) & (stock < rooms["online"] + SAFE))


def as_they_came(outcome: OrderOutcome, risky: Array) -> Array:
    """The filled orders of the rooms that `counts_as_it_came` names, in the units of `expected_sales`."""
    here = outcome.filled & risky[outcome.room]
    return np.array([0, here.sum(), outcome.price[here].sum(), outcome.gsv[here].sum()], np.int64) * int(UNIT)


# --- the forecast V of what a stay sells


@compiled
def catalogue_worth(shop: Shop, behaviour: Row, categories: int) -> Array:
    """Per room, category and kind of viewer (0: ordinary, 1: bargain hunter) the mean over the catalogue of appeal
    times price response, as a factor on orders, GMV (cents) and GSV (cents); shape (rooms, categories, 2, 3).
    """
    rooms, products = shop.rooms, shop.products
    each = len(products) // max(len(rooms), 1)
    worth = np.zeros((len(rooms), categories, 2, 3))
    powers = (behaviour.price_response, behaviour.bargain_response)
    for r in range(len(rooms)):
        if rooms[r].segment == CLOSED:
            continue
        for p in range(r * each, (r + 1) * each - 1):
            topic, price = products[p].topic, float(max(products[p].price_cents, 1))
            kept = shop.payment_rate * (1.0 - shop.return_rates[topic])
            for kind in range(2):
                wanted = shop.appeal[p] * price ** (-powers[kind]) / max(each - 1, 1)
                worth[r, topic, kind, 0] += wanted
                worth[r, topic, kind, 1] += wanted * price
                worth[r, topic, kind, 2] += wanted * price * kept
    return worth


@rule
def time_that_sells(stay_ms: float, hazard: float, sated: float) -> float:
    """The length of a stay, where time after the first order counts for `sated`; orders come at rate `hazard`."""
    fresh = stay_ms if hazard <= 1e-15 else (1.0 - math.exp(-hazard * stay_ms)) / hazard
    return sated * stay_ms + (1.0 - sated) * fresh


@rule
def forecast(z: float, scale_ms: float, left_ms: float, hazard: float, behaviour: Row) -> float:
    """The selling time (ms) of a stay whose patience lies `z` standard deviations above the median."""
    patience = min(scale_ms * math.exp(behaviour.stay_spread * z), behaviour.longest_ms)
    return time_that_sells(min(patience / behaviour.pitch_pace, left_ms), hazard, behaviour.sated)


@rule
def step_of(z: float) -> int:
    """The step of V in which a standard normal number lies."""
    step = 0
    while step < len(EDGES) and z >= EDGES[step]:
        step += 1
    return step


@rule
def rates_of(me: Row, worth: Array, trust: float, behaviour: Row, out: Array) -> None:
    """Orders, GMV and GSV for each ms of a stay in a room of this catalogue worth; `out` has shape (3,)."""
    kind = 1 if me.bargain == 1 else 0
    power = behaviour.bargain_response if kind == 1 else behaviour.price_response
    out[:] = 0.0
    for n in range(MOST_TASTES):
        interest = me.affinity[n] / 255.0
        for k in range(3):
            out[k] += interest * worth[me.taste[n], kind, k]
    if out[0] > 0.0:
        clicks = behaviour.click * PITCH_MS  # of a pitch that interests fully: only the first is answered anew
        once = (1.0 - math.exp(-clicks)) / max(clicks, 1e-12)
        factor = PITCHED * once * behaviour.click * behaviour.order * trait(me.buy) * trust * me.price_cents**power
        for k in range(3):
            out[k] *= factor


# --- what a viewer has been asked


@rule
def enter_memory(asked: Row, room: int, session: int) -> None:
    """Begin a stay: nothing has been ordered in it, and the room has a place in the memory."""
    asked.ordered = 0
    for n in range(REMEMBERED):
        if asked.room[n] == room and asked.session[n] == session:
            return
    place = int(asked.place)
    asked.room[place], asked.session[place], asked.products[place] = room, session, 0
    asked.place = (place + 1) % REMEMBERED


@rule
def memory_of(asked: Row, room: int, session: int) -> int:
    """The place in memory of a session of a room, -1 if it has none."""
    for n in range(REMEMBERED):
        if asked.room[n] == room and asked.session[n] == session:
            return n
    return -1


@rule
def is_met(asked: Row, room: int, visit: int) -> bool:
    """Whether a viewer may have been shown a room before in this visit; from now on they have."""
    if asked.visit != visit:
        asked.visit, asked.shown = visit, 0
    bit = 1 << (room % BITS)
    before = (asked.shown & bit) != 0
    asked.shown |= bit
    return before


# --- the three parts


@rule
def at_exposure(
    me: Row,
    asked: Row,
    i: int,
    r: int,
    entered: bool,
    source: int,
    at_ms: int,
    worth: Array,
    shop: Shop,
    reaction_seed: int,
    behaviour: Row,
    rates: Array,
    total: Array,
) -> None:
    """Add P(enter) x E[V], and where the viewer went in take off V of the patience that was drawn."""
    room, skill = shop.rooms[r], shop.skill[r]
    if entered:
        enter_memory(asked, r, room.session)
    if is_met(asked, r, me.visit):
        total[ENTRIES] += int(UNIT) if entered else 0
        return
    affinity = affinity_of_room(me, room.topics)
    chance = 1.0  # whoever tapped an avatar goes in
    if source != VIA_VIDEO:
        ready = trait(me.live) * bait_draw(room.segment, me.bargain, behaviour) * wariness(me, r, behaviour)
        chance = enter_chance(ready * known_draw(source, behaviour), affinity, skill, room.online, behaviour)
    total[ENTRIES] += math.floor(UNIT * chance + 0.5)
    rates_of(me, worth, trust_given(me, r, me.trusted == room.host, False, behaviour), behaviour, rates)
    if rates[0] <= 0.0:
        return
    scale, left = stay_scale_ms(affinity, skill, room.online, behaviour), max(float(shop.closes_ms[r] - at_ms), 0.0)
    mean = 0.0
    for step in range(len(MIDDLES)):
        mean += WEIGHTS[step] * forecast(MIDDLES[step], scale, left, rates[0], behaviour)
    came = chance * mean
    if entered:
        u, v, _, _ = draw(reaction_seed, STAY, i, ~r, me.visit)
        came -= forecast(MIDDLES[step_of(normal(u, v))], scale, left, rates[0], behaviour)
    for k in range(3):
        total[ORDERS + k] += math.floor(UNIT * came * rates[k] + 0.5)


@rule
def in_stretch(
    me: Row,
    asked: Row,
    i: int,
    r: int,
    ms: int,
    did: int,
    shop: Shop,
    reaction_seed: int,
    behaviour: Row,
    total: Array,
) -> None:
    """Add what a stretch of a stay was expected to sell."""
    room, product = shop.rooms[r], shop.rooms[r].product
    if product < 0 or shop.risky[r] or not (room.segment == PITCH or room.segment == RELEASE):
        asked.ordered |= 1 if (did & ORDERED) != 0 else 0
        return
    interest = interest_in(me, shop.products[product].topic, room.segment, behaviour)
    if interest > 0.0:
        price = shop.products[product].price_cents
        believed = trust_given(me, r, me.trusted == room.host, asked.ordered == 1, behaviour)
        wanted = order_probability(
            price, me.price_cents, me.bargain, trait(me.buy), shop.appeal[product], believed, behaviour
        )
        kept = shop.payment_rate * (1.0 - shop.return_rates[shop.products[product].topic])
        place, bit = memory_of(asked, r, room.session), 1 << (product % BITS)
        if place < 0 or (asked.products[place] & bit) != 0:  # the answer is known, or may be
            u, _, _, _ = draw(reaction_seed, PURCHASE, i, product, room.session)
            wanted = 1.0 if u < wanted else 0.0
            u_pay, u_back, _, _ = draw(reaction_seed, AFTER_ORDER, i, product, room.session)
            returned = sends_back(u_back, shop.return_rates[shop.products[product].topic])
            kept = 1.0 if pays(u_pay, shop.payment_rate) and not returned else 0.0
        expected = chance_within(behaviour.click * interest, ms) * wanted
        total[ORDERS] += math.floor(UNIT * expected + 0.5)
        total[GMV] += math.floor(UNIT * expected * price + 0.5)
        total[GSV] += math.floor(UNIT * expected * price * kept + 0.5)
        if (did & CLICKED) != 0 and place >= 0:
            asked.products[place] |= bit
    asked.ordered |= 1 if (did & ORDERED) != 0 else 0


@compiled
def expected_sales(
    log: Array, sizes: Array, low: int, viewers: Array, asked: Array, shop: Shop, behaviour: Array, reaction_seed: int
) -> Array:
    """What the events of a refresh were expected to bring: entries, orders, cents of GMV and of GSV, each in
    thousandths; shape (4,). Orders of rooms whose stock may run out are left to be counted as they came.
    """
    b, total, rates = behaviour[0], np.zeros(4, np.int64), np.zeros(3)
    worth = catalogue_worth(shop, b, shop.rooms[0].topics.shape[0] if len(shop.rooms) else 0)
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            event = log[shard, n]
            kind, r = event.kind, ~event.item
            if kind in (SHOWN, INSIDE):
                i, who, did = event.viewer, event.viewer - low, event.did
                me, memory = viewers[who], asked[who]
                if kind == SHOWN:
                    entered, source = (did & ENTERED) != 0, event.match_source >> 4
                    at_exposure(
                        me, memory, i, r, entered, source, event.at_ms, worth[r], shop, reaction_seed, b, rates, total
                    )
                else:
                    in_stretch(me, memory, i, r, event.ms, did, shop, reaction_seed, b, total)
    return total
