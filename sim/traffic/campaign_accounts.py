"""Accounts of campaigns (DOU+): what an order's money buys, what is due until the next refresh, and what came back."""

import numpy as np

from sim.core.arrays import Array
from sim.core.compiler import compiled, rule
from sim.core.event_log import BOOSTED, ENTERED, INSIDE, LEFT, R_BOOSTED, R_LEFT, SHOWN, V_BOOSTED, VIDEO, Counters, has
from sim.scenario.campaigns import Campaign
from sim.scenario.policy import BoostRules
from sim.traffic.event_counters import add_inside, add_shown, add_video, fit_in_thousandths


def price(order: Campaign, rules: BoostRules) -> float:
    """What a yuan buys: exposures of a video, or entries to a room."""
    return rules.entries_per_yuan if order.is_of_a_room else rules.exposures_per_yuan


def bought(order: Campaign, rules: BoostRules) -> int:
    """What an order's money buys, in whole exposures or entries."""
    return int(order.budget_yuan * price(order, rules) + 1e-9)


def due(rows: Array, now_ms: int, refresh_ms: int, pacing: bool) -> Array:
    """What may be handed out until the next refresh: with pacing no more than the time gone by has earned."""
    if not pacing:
        return np.asarray(rows["budget"] - rows["delivered"])
    gone = (now_ms + refresh_ms - rows["opened_ms"]) / (rows["closes_ms"] - rows["opened_ms"])
    earned = (rows["budget"] * np.minimum(gone, 1.0)).astype(np.int64)
    return np.asarray(np.maximum(earned - rows["delivered"], 0))


@rule
def latest(rows: Array, item: int) -> int:
    """The boost in whose book an item's boosted events stand: the last that has begun."""
    for n in range(len(rows)):
        k = len(rows) - 1 - n
        if rows[k].item == item:
            return k
    return -1


@compiled
def count_boosted(
    events: Array, rows: Array, videos: Array, lift: Array, count: Counters, aside: Array, counts: bool
) -> None:
    """Put boosted events in the books of their boosts, and, if they count, of their items; else of rooms in `aside`."""
    for n in range(len(events)):
        kind, item, ms, did = events[n].kind, events[n].item, events[n].ms, events[n].did
        if kind == VIDEO:
            boost, lasts = rows[latest(rows, item)], videos[item].duration_ms
            fit = fit_in_thousandths(lift, events[n].match_source)
            boost.delivered += 1
            boost.counts[V_BOOSTED] += 1
            count.videos[item, V_BOOSTED] += 1
            add_video(boost.counts, ms, lasts, fit, did)
            if counts:
                add_video(count.videos[item], ms, lasts, fit, did)
            else:
                add_video(boost.aside, ms, lasts, fit, did)
        elif kind in (SHOWN, INSIDE, LEFT):
            boost = rows[latest(rows, item)]
            book = count.rooms[~item] if counts else aside[~item]
            if kind == SHOWN:
                boost.delivered += has(did, ENTERED)
                boost.counts[R_BOOSTED] += 1
                book[R_BOOSTED] += 1
                add_shown(boost.counts, did, BOOSTED)
                add_shown(book, did, BOOSTED)
            elif kind == INSIDE:
                add_inside(boost.counts, ms, did)
                add_inside(book, ms, did)
            else:
                boost.counts[R_LEFT] += 1
                book[R_LEFT] += 1
