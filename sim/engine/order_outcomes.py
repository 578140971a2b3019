"""What an order, filled or refused, does to the viewer who placed it and to the platform's tags of them; and whether
they pay, and keep the goods.
"""

from agents.viewer import INSIDE, pays, room_code, sends_back
from sim.core.arrays import Array
from sim.core.compiler import loop
from sim.core.randomness import AFTER_ORDER, draw
from sim.recommender.interest_tags import learn_order


@loop
def feel_refusals(viewers: Array, low: int, orders: Array, filled: Array, products: Array, share: float) -> None:
    """A viewer whose order met no stock loses patience; one who missed a bait will be wary of the room."""
    for n in range(len(orders)):
        if not filled[n]:
            me = viewers[orders[n].viewer - low]
            if me.phase == INSIDE:
                me.patience_ms *= share
            if products[n].bait == 1:
                me.wary = room_code(products[n].room)


@loop
def learn_orders(
    viewers: Array, tags: Array, low: int, orders: Array, filled: Array, products: Array, hosts: Array, rules: Array
) -> None:
    """Orders that were filled: the strongest evidence for the tags, and trust in the host again."""
    for n in range(len(orders)):
        if filled[n]:
            who = orders[n].viewer - low
            me = viewers[who]
            learn_order(tags[who], products[n].topic, 1.0, orders[n].at_ms, rules[0])
            me.trusted = hosts[n]
            if me.wary == room_code(products[n].room):
                me.wary = 0


@loop
def pay_and_return(
    orders: Array,
    filled: Array,
    products: Array,
    sessions: Array,
    payment_rate: float,
    return_rates: Array,
    reaction_seed: int,
    paid: Array,
    returned: Array,
) -> None:
    """Decide which filled orders are paid, and which of these come back, by the rate of their category.

    One answer of a viewer to a product in a session of its room (`sessions`, one an order); known at once, though a
    real order may wait for minutes to be paid and for days to come back.
    """
    for n in range(len(orders)):
        u_pay, u_back, _, _ = draw(reaction_seed, AFTER_ORDER, orders[n].viewer, orders[n].item, sessions[n])
        paid[n] = filled[n] and pays(u_pay, payment_rate)
        returned[n] = paid[n] and sends_back(u_back, return_rates[products[n].topic])
