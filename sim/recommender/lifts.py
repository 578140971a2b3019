"""Lifts: how much likelier each behaviour is where tags match, as the platform's own counters tell."""

from sim.core.arrays import Array
from sim.core.compiler import compiled
from sim.core.event_log import (
    M_ENTERED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
)
from sim.recommender.scoring import BUCKETS, smoothed

LIFT_DWELL, LIFT_INTERACTION, LIFT_STAY, LIFT_ROOM_INTERACTION, LIFT_ENTRY, LIFT_ORDER = range(6)
LIFT_PRIOR = 200.0  # trials that a step of tag match must show before its lift is believed


@compiled
def learn_lifts(lift: Array, matches: Array) -> None:
    """How much likelier each behaviour is at each step of tag match than overall, from the platform's own counters."""
    events = (M_RATIO, M_REACTIONS, M_STAY_MS, M_LIVE_REACTIONS, M_ENTERED, M_ORDERS)
    trials = (M_SHOWN, M_SHOWN, M_ENTERED, M_ENTERED, M_LIVE_SHOWN, M_ENTERED)
    for b in range(6):
        shown = matches[trials[b]].sum()
        overall = matches[events[b]].sum() / max(shown, 1)
        for step in range(BUCKETS):
            rate = smoothed(matches[events[b], step], matches[trials[b], step], overall, LIFT_PRIOR)
            lift[b, step] = rate / overall if overall > 0.0 else 1.0
