"""Orders against stock: whoever comes first is served first (先到先得); and what of them stays."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array
from sim.core.compiler import loop, rule
from sim.core.event_log import (
    P_GMV,
    P_GSV,
    P_ORDERS,
    P_PAID,
    P_RETURNED,
    R_BAIT_GMV,
    R_BAITS,
    R_GMV,
    R_GSV,
    R_ORDERS,
    R_PAID,
    R_REFUSED,
    R_RETURNED,
    R_SOURCES,
    T_SOURCES,
    of_source,
)

ORDERS, GMV = 2, 3  # places of BY_SOURCE


class OrderOutcome(NamedTuple):
    """The orders of a refresh and what became of each; one place an order."""

    orders: Array
    room: Array
    filled: Array  # whether there was stock
    price: Array  # cents; 0 where it was refused
    bait: Array  # whether the product is a bait (憋单款)
    paid: Array  # whether it was filled and paid
    returned: Array  # whether it was paid and came back

    @property
    def gsv(self) -> Array:
        """Cents that stay: the price of what was paid and not returned (成交减退货), 0 elsewhere."""
        return np.asarray(self.price * (self.paid & ~self.returned))

    def of(self, mine: Array) -> "OrderOutcome":
        """Some of the orders."""
        return OrderOutcome(*(array[mine] for array in self))


def no_orders(orders: Array) -> OrderOutcome:
    """Orders before they are filled."""
    room, price = np.zeros((2, len(orders)), np.int64)
    filled, bait, paid, returned = np.zeros((4, len(orders)), bool)
    return OrderOutcome(orders, room, filled, price, bait, paid, returned)


def in_order_of_time(orders: Array) -> Array:
    """The places of orders in the order of time; at the same moment in that of viewers."""
    return np.lexsort((orders["item"], orders["viewer"], orders["at_ms"]))


@loop
def fill(orders: Array, places: Array, products: Array, filled: Array, room: Array, price: Array, bait: Array) -> None:
    """Fill orders as long as there is stock; notes the room of each, its price (0 for one that is refused), and whether
    it is for a bait.
    """
    for n in places:
        product = products[orders[n].item]
        room[n], filled[n] = product.room, product.stock > 0
        price[n] = product.price_cents if filled[n] else 0
        bait[n] = product.bait == 1
        if filled[n]:
            product.stock -= 1


def settle(orders: Array, products: Array) -> OrderOutcome:
    """Fill orders in the order of time as long as there is stock (先到先得); none is paid yet."""
    outcome = no_orders(orders)
    if len(orders):
        fill(orders, in_order_of_time(orders), products, outcome.filled, outcome.room, outcome.price, outcome.bait)
    return outcome


@loop
def book(outcome: OrderOutcome, products: Array, counts: Array, margin_cents: Array, bait_loss_cents: Array) -> None:
    """Put filled orders in the books of products, and what stays of them, less the cost of goods, in those of rooms.

    Goods that were not paid or that came back cost the room nothing.
    """
    for n in range(len(outcome.orders)):
        if outcome.filled[n]:
            item = outcome.orders[n].item
            product = products[item]
            counts[item, P_ORDERS] += 1
            counts[item, P_GMV] += product.price_cents
            counts[item, P_PAID] += outcome.paid[n]
            counts[item, P_RETURNED] += outcome.returned[n]
            if outcome.paid[n] and not outcome.returned[n]:
                counts[item, P_GSV] += product.price_cents
                if product.bait == 1:
                    bait_loss_cents[product.room] += product.cost_cents - product.price_cents
                else:
                    margin_cents[product.room] += product.price_cents - product.cost_cents


@loop
def add_orders(book: Array, row: Array, outcome: OrderOutcome) -> None:
    """Add orders to counters of rooms, one row each, and there by the entrance by which their viewers came."""
    for n in range(len(row)):
        book[row[n], R_ORDERS if outcome.filled[n] else R_REFUSED] += 1
        book[row[n], R_GMV] += outcome.price[n]
        if outcome.bait[n] and outcome.filled[n]:
            book[row[n], R_BAITS] += 1
            book[row[n], R_BAIT_GMV] += outcome.price[n]
        book[row[n], R_PAID] += outcome.paid[n]
        book[row[n], R_RETURNED] += outcome.returned[n]
        if outcome.paid[n] and not outcome.returned[n]:
            book[row[n], R_GSV] += outcome.price[n]
        source, filled = outcome.orders[n].match_source >> 4, int(outcome.filled[n])
        add_by_source(book[row[n]], R_SOURCES, int(source), filled, outcome.price[n])


@rule
def add_by_source(book: Array, first: int, source: int, filled: int, price: int) -> None:
    """Add an order to the counts by source, which begin at place `first`."""
    book[first + of_source(ORDERS, source)] += filled
    book[first + of_source(GMV, source)] += price


@loop
def count_sources(outcome: OrderOutcome, totals: Array) -> None:
    """Add orders to the totals by source."""
    for n in range(len(outcome.orders)):
        source, filled = outcome.orders[n].match_source >> 4, int(outcome.filled[n])
        add_by_source(totals, T_SOURCES, int(source), filled, outcome.price[n])
