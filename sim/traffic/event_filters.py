"""Events that are looked at one by one: orders, shares, those of sampled viewers, boosted ones; and who comes back."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Row
from sim.core.compiler import compiled, loop, rule
from sim.core.event_log import (
    BOOSTED,
    ENTERED,
    INSIDE,
    LEFT,
    ORDER,
    ORDERED,
    REFUSED,
    SHARED,
    SHOWN,
    T_BUYING_STAYS,
    T_BUYING_STAYS_AGAIN,
    T_ENTRIES_AGAIN,
)


class Trust(NamedTuple):
    """By which the platform knows who comes back; one row a viewer or a room."""

    trusted: Array  # the host from whom each viewer ordered last
    hosts: Array  # of each room
    on_trust: Array  # whether each viewer's last entry was at a host from whom they had ordered


@rule
def count_return(event: Row, who: int, trust: Trust, totals: Array) -> None:
    """Count the entry of a viewer who ordered from the host before, and a stay with an order."""
    if event.kind == SHOWN and (event.did & ENTERED) != 0:
        trust.on_trust[who] = trust.trusted[who] == trust.hosts[~event.item]
        totals[T_ENTRIES_AGAIN] += trust.on_trust[who]
    elif event.kind == LEFT and (event.did & ORDERED) != 0:
        totals[T_BUYING_STAYS] += 1
        totals[T_BUYING_STAYS_AGAIN] += trust.on_trust[who]


@compiled
def look_through(
    log: Array, sizes: Array, is_sampled: Array, low: int, trust: Trust, totals: Array
) -> tuple[Array, Array, Array]:
    """Where the orders are, where rooms were shared, and where all events of sampled viewers are: rows of (shard,
    place).

    Counts who came back on the way, which must be before the interval's own orders earn trust. `low` is the number of
    the viewer in row 0.
    """
    orders, shares, sampled = np.empty((3, sizes.sum(), 2), np.int64)
    found = shared = taken = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            event = log[shard, n]
            who = event.viewer - low
            if event.kind == ORDER:
                orders[found, 0], orders[found, 1] = shard, n
                found += 1
            elif event.kind == INSIDE and (event.did & SHARED) != 0:
                shares[shared, 0], shares[shared, 1] = shard, n
                shared += 1
            if is_sampled[who]:
                sampled[taken, 0], sampled[taken, 1] = shard, n
                taken += 1
            count_return(event, who, trust, totals)
    return orders[:found].copy(), shares[:shared].copy(), sampled[:taken].copy()


@loop
def mark_orders(log: Array, orders: Array, filled: Array) -> None:
    """Note with the events of orders what came of them."""
    for n in range(len(orders)):
        log[orders[n, 0], orders[n, 1]].did |= ORDERED if filled[n] else REFUSED


@compiled
def boosted_events(log: Array, sizes: Array) -> Array:
    """Where the events are of boosted exposures: rows of (shard, place)."""
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            found += 1 if (log[shard, n].match_source >> 4) == BOOSTED else 0
    out = np.empty((found, 2), np.int64)
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            if (log[shard, n].match_source >> 4) == BOOSTED:
                out[found, 0], out[found, 1] = shard, n
                found += 1
    return out
