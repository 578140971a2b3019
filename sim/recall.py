"""The snapshot that the platform publishes at a refresh: which items are open, and what each is worth.

Recall walks rings. Every item has a fixed random place on a circle; the open items of a tier and category stand on
their ring in that order; a page starts at the viewer's own random place and takes the next few. So when one item
comes or goes, only those who would have met it see a difference.
"""

from typing import NamedTuple

import numpy as np

from sim.catalog import CLOSED
from sim.columns import Array, Column, blank
from sim.jit import compiled, loop, rule
from sim.ledger import (
    M_ENTERED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
)
from sim.scoring import BUCKETS, smoothed
from sim.waves import predicted

LIFT_DWELL, LIFT_INTERACTION, LIFT_STAY, LIFT_ROOM_INTERACTION, LIFT_ENTRY, LIFT_ORDER = range(6)
LIFT_PRIOR = 200.0  # trials that a step of tag match must show before its lift is believed


ENTRY_COLUMNS = {
    "key": Column(np.uint32),  # place on the ring
    "item": Column(np.int32),
    "dwell": Column(np.float32),  # weight times predicted relative term
    "interaction": Column(np.float32),
    "second": Column(np.uint8),  # second topic
    "lean": Column(np.uint8),  # share of the main topic in 1/255
    "bit": Column(np.uint16),  # stands for the item in viewers' memories
}
"""One row a place on a ring of videos."""

RING_COLUMNS = {"first": Column(np.int32), "shift": Column(np.int32)}
"""One row a ring: where the marks on it begin, and how many bits of a key are below a mark."""

ROOM_ENTRY_COLUMNS = {"key": Column(np.uint32), "room": Column(np.int32)}
"""One row a place on a ring of rooms."""


class Marks(NamedTuple):
    """Marks on rings, so that nobody searches: about as many as a ring has entries, at equal distances."""

    rings: Array
    places: Array  # the first entry at or after each mark


class Recall(NamedTuple):
    """The snapshot. Rings lie end to end; ring r is `start[r]` to `start[r + 1]`."""

    start: Array  # (tiers * categories + 1,) rings of videos by tier and main topic
    entries: Array
    marks: Marks  # on the rings above, then on the ring of all open videos, then on that of the highest tier
    open: Array  # all open videos on one ring
    open_count: Array  # (1,)
    hot: Array  # open videos of the highest tier on one ring
    hot_count: Array  # (1,)
    room_start: Array  # (categories + 2,) rings of rooms by category, and of all rooms
    room_entries: Array
    room_marks: Marks
    room_terms: Array  # (rooms, 4) weight times predicted relative term: dwell, interaction, entry, conversion
    lift: Array  # (6, BUCKETS) how much likelier each behaviour is at each step of tag match
    newest: Array  # (creators,) latest video, -1 for none
    room_of: Array  # (creators,) the creator's room, -1 for none


@rule
def seen_bit(item: int) -> int:
    """The bit of a half's 512 that stands for an item: the upper bits of a multiplicative hash (Knuth)."""
    return (((int(item) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF) >> 23


def seen_bits(items: Array) -> Array:
    """The same for many items."""
    return ((items.astype(np.uint64) * np.uint64(2_654_435_761)) & np.uint64(0xFFFFFFFF)) >> np.uint64(23)


@rule
def ring_place(marks: Marks, ring: int, entries: Array, low: int, high: int, at: int) -> int:
    """The first of a ring's entries, `low` to `high`, at or after place `at`; past the last comes the first."""
    row = marks.rings[ring]
    place = int(marks.places[row.first + (at >> row.shift)])
    while place < high and entries[place].key < at:
        place += 1
    return place if place < high else low


@loop
def mark_ring(marks: Marks, ring: int, used: int, entries: Array, low: int, high: int) -> int:
    """Set the marks of a ring whose entries lie in the order of their keys; returns how many marks are used in all."""
    bits = 0
    while (1 << bits) < high - low:
        bits += 1
    row = marks.rings[ring]
    row.first, row.shift = used, 32 - bits
    place = low
    for mark in range(1 << bits):
        while place < high and int(entries[place].key) < mark << (32 - bits):
            place += 1
        marks.places[used + mark] = place
    return used + (1 << bits)


def marks(rings: int, entries: int) -> Marks:
    """Room for the marks of so many rings with so many entries in all."""
    return Marks(blank(RING_COLUMNS, rings), np.zeros(rings + 2 * entries, np.int32))


def recall(videos: int, rooms: int, tiers: int, categories: int, creators: int) -> Recall:
    """An empty snapshot with room for so many open videos."""
    return Recall(
        start=np.zeros(tiers * categories + 1, np.int64),
        entries=blank(ENTRY_COLUMNS, videos),
        marks=marks(tiers * categories + 2, 3 * videos),
        open=blank(ENTRY_COLUMNS, videos),
        open_count=np.zeros(1, np.int64),
        hot=blank(ENTRY_COLUMNS, videos),
        hot_count=np.zeros(1, np.int64),
        room_start=np.zeros(categories + 2, np.int64),
        room_entries=blank(ROOM_ENTRY_COLUMNS, rooms * (categories + 1)),
        room_marks=marks(categories + 1, rooms * (categories + 1)),
        room_terms=np.zeros((rooms, 4)),
        lift=np.ones((6, BUCKETS)),
        newest=np.full(creators, -1, np.int32),
        room_of=np.full(creators, -1, np.int32),
    )


@loop
def mark_rings(out: Recall) -> None:
    """Set the marks of all rings of videos."""
    used, rings = 0, len(out.start) - 1
    for ring in range(rings):
        used = mark_ring(out.marks, ring, used, out.entries, out.start[ring], out.start[ring + 1])
    used = mark_ring(out.marks, rings, used, out.open, 0, out.open_count[0])
    mark_ring(out.marks, rings + 1, used, out.hot, 0, out.hot_count[0])


@compiled
def publish_videos(
    out: Recall,
    items: Array,
    waves: Array,
    videos: Array,
    counts: Array,
    mean_dwell: float,
    mean_interaction: float,
    weighing: Array,
    categories: int,
) -> None:
    """Set up the rings from the open items, which come in ring order, with each item's predicted terms times weight."""
    weights = weighing[0]
    out.start[:] = 0
    for item in items:
        out.start[waves[item].tier * categories + videos[item].topic + 1] += 1
    for ring in range(1, len(out.start)):
        out.start[ring] += out.start[ring - 1]
    filled, hot, top = out.start.copy(), 0, (len(out.start) - 1) // categories - 1
    for n in range(len(items)):
        item = items[n]
        ring = waves[item].tier * categories + videos[item].topic
        place = filled[ring]
        filled[ring] += 1
        dwell, interaction = predicted(counts[item], videos[item].duration_ms, mean_dwell, mean_interaction, weights)
        entry = out.entries[place]
        entry.item, entry.key = item, videos[item].ring
        entry.second, entry.lean, entry.bit = videos[item].second, videos[item].lean, seen_bit(item)
        entry.dwell, entry.interaction = weights.dwell * dwell, weights.interaction * interaction
        out.open[n].item, out.open[n].key, out.open[n].bit = item, videos[item].ring, entry.bit
        if waves[item].tier == top:
            heat = out.hot[hot]
            heat.item, heat.key, heat.second, heat.lean, heat.bit = item, entry.key, entry.second, entry.lean, entry.bit
            heat.dwell, heat.interaction = entry.dwell, entry.interaction
            hot += 1
    out.open_count[0], out.hot_count[0] = len(items), hot
    mark_rings(out)


def ring_of_rooms(rooms: int) -> tuple[Array, Array]:
    """Rooms in the order of their places on a ring, and the place of each."""
    key = np.array([r * 2_654_435_761 % 2**32 for r in range(rooms)], np.uint32)
    return np.argsort(key, kind="stable"), key


@loop
def publish_rooms(out: Recall, order: Array, key: Array, rooms: Array) -> None:
    """Set up the rings of the open rooms, by category and, last, all together; `order` lists rooms in ring order."""
    categories, n = len(out.room_start) - 2, 0
    for ring in range(categories + 1):
        out.room_start[ring] = n
        for r in order:
            if rooms[r].segment != CLOSED and (ring == categories or rooms[r].topics[ring] > 0.0):
                out.room_entries[n].room, out.room_entries[n].key = r, key[r]
                n += 1
    out.room_start[categories + 1] = n
    used = 0
    for ring in range(categories + 1):
        low, high = out.room_start[ring], out.room_start[ring + 1]
        used = mark_ring(out.room_marks, ring, used, out.room_entries, low, high)


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
