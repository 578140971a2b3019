"""The snapshot that the platform publishes at a refresh: which items are open, and what each is worth.

Recall walks rings. Every item has a fixed random place on a circle; the open items of a tier and category stand on
their ring in that order; a page starts at the viewer's own random place and takes the next few. So when one item
comes or goes, only those who would have met it see a difference.
"""

from typing import NamedTuple

import numpy as np

from sim.catalog import CLOSED
from sim.columns import Array, Column, Row, blank, row_bytes
from sim.jit import compiled, fetch_ahead, loop, rule
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
from sim.waves import SLICE_COLUMNS, predicted

LIFT_DWELL, LIFT_INTERACTION, LIFT_STAY, LIFT_ROOM_INTERACTION, LIFT_ENTRY, LIFT_ORDER = range(6)
LIFT_PRIOR = 200.0  # trials that a step of tag match must show before its lift is believed


ENTRY_COLUMNS = {
    "seat": Column(np.int32),  # the item's place on the ring of all
    "dwell": Column(np.float32),  # weight times predicted relative term
    "interaction": Column(np.float32),
    "topic": Column(np.uint8),
    "second": Column(np.uint8),  # second topic
    "lean": Column(np.uint8),  # share of the main topic in 1/255
    "tier": Column(np.uint8),  # of its wave; on the ring of all
}
"""One row a place on a ring of videos."""

RING_COLUMNS = {"first": Column(np.int32), "shift": Column(np.int32)}
"""One row a ring: where the marks on it begin, and how many bits of a key are below a mark."""

OFFER_COLUMNS = {
    "price": Column(np.uint8),  # price band of what it sold of late, 0 for none known
    "wide": Column(np.uint8),  # categories that it sells
    "topics": Column(np.uint8, ("categories",)),  # these, in order
    "terms": Column(np.float64, (4,)),  # weight times predicted relative term: dwell, interaction, entry, conversion
    "shares": Column(np.float64, ("categories",)),  # of each of these
}
"""One row a room: what ranking asks of it, and no more, so that a few cache lines hold it."""

ALL, HOT, BY_TOPIC = 0, 1, 2  # rings: all open videos; those of the highest tier; the first of those by tier and topic


class Marks(NamedTuple):
    """Marks on rings, so that nobody searches: about as many as a ring has entries, at equal distances."""

    rings: Array
    places: Array  # the first entry at or after each mark


class Recall(NamedTuple):
    """The snapshot. Rings lie end to end; ring r is `start[r]` to `start[r + 1]`. What a walk along a ring looks at
    stands in columns of its own, so that a few cache lines hold it.
    """

    start: Array  # (BY_TOPIC + tiers * categories + 1,)
    entries: Array
    keys: Array  # of each entry, its place on the circle; one more than there are entries
    bits: Array  # of each entry, what stands for the item in viewers' memories
    marks: Marks
    items: Array  # by place on the ring of all
    slices: Array  # by place on the ring of all, what is left of the item's wave
    seats: Array  # (videos,) the place on the ring of all where each was last; see `is_open`
    room_start: Array  # (categories + 2,) rings of rooms by category, and of all rooms
    room_entries: Array  # rooms
    room_keys: Array
    room_marks: Marks
    offers: Array  # of each room
    room_terms: Array  # (rooms, 4) the column of that name in the offers
    lift: Array  # (6, BUCKETS) how much likelier each behaviour is at each step of tag match
    newest: Array  # (creators,) latest video, -1 for none
    room_of: Array  # (creators,) the creator's room, -1 for none


@rule
def is_open(recall: Recall, item: int) -> bool:
    """Whether a video is on the ring of all: whether it is where it was last."""
    seat = recall.seats[item]
    return seat < recall.start[ALL + 1] and recall.items[seat] == item


@rule
def ring_of(tier: int, topic: int, categories: int) -> int:
    """The ring of a tier's videos of one main topic."""
    return BY_TOPIC + tier * categories + topic


@rule
def seen_bit(item: int) -> int:
    """The bit of a half's 512 that stands for an item: the upper bits of a multiplicative hash (Knuth)."""
    return (((int(item) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF) >> 23


@rule
def ring_place(marks: Marks, ring: int, keys: Array, low: int, high: int, at: int) -> int:
    """The first of a ring's entries, `low` to `high`, at or after place `at`; past the last comes the first."""
    row = marks.rings[ring]
    place = int(marks.places[row.first + (at >> row.shift)])
    for _ in range(2):  # seldom more than two; without a branch, which a processor would guess wrong
        place += int((place < high) & (keys[place] < at))
    while place < high and keys[place] < at:
        place += 1
    return place if place < high else low


@loop
def mark_ring(marks: Marks, ring: int, used: int, keys: Array, low: int, high: int) -> int:
    """Set the marks of a ring whose entries lie in the order of their keys; returns how many marks are used in all."""
    bits = 0
    while (1 << bits) < high - low:
        bits += 1
    row = marks.rings[ring]
    row.first, row.shift = used, 32 - bits
    place = low
    for mark in range(1 << bits):
        while place < high and int(keys[place]) < mark << (32 - bits):
            place += 1
        marks.places[used + mark] = place
    return used + (1 << bits)


def marks(rings: int, entries: int) -> Marks:
    """Room for the marks of so many rings with so many entries in all."""
    return Marks(blank(RING_COLUMNS, rings), np.zeros(rings + 2 * entries, np.int32))


def bytes_per_place() -> int:
    """Memory of a place on a ring of videos: its entry, key, bit and marks. A video has up to three."""
    return row_bytes(ENTRY_COLUMNS) + 4 + 2 + 2 * 4


def recall(videos: int, rooms: int, tiers: int, categories: int, creators: int) -> Recall:
    """An empty snapshot with room for so many open videos."""
    offers = blank(OFFER_COLUMNS, rooms, categories=categories)
    rings, places, room_places = BY_TOPIC + tiers * categories, 3 * videos, rooms * (categories + 1)
    return Recall(
        start=np.zeros(rings + 1, np.int64),
        entries=blank(ENTRY_COLUMNS, places),
        keys=np.zeros(places + 1, np.uint32),
        bits=np.zeros(places, np.uint16),
        marks=marks(rings, places),
        items=np.zeros(videos, np.int32),
        slices=blank(SLICE_COLUMNS, videos),
        seats=np.zeros(videos, np.int32),
        room_start=np.zeros(categories + 2, np.int64),
        room_entries=np.zeros(room_places, np.int32),
        room_keys=np.zeros(room_places + 1, np.uint32),
        room_marks=marks(categories + 1, room_places),
        offers=offers,
        room_terms=offers["terms"],
        lift=np.ones((6, BUCKETS)),
        newest=np.full(creators, -1, np.int32),
        room_of=np.full(creators, -1, np.int32),
    )


@rule
def set_down(out: Recall, place: int, entry: Row, key: int, bit: int) -> None:
    """Put an entry in a place of a ring."""
    there = out.entries[place]
    there.seat, there.topic, there.second, there.lean = entry.seat, entry.topic, entry.second, entry.lean
    there.dwell, there.interaction = entry.dwell, entry.interaction
    out.keys[place], out.bits[place] = key, bit


@loop
def lay_rings(out: Recall, count: int, filled: Array) -> None:
    """Set up all other rings from the first `count` entries, those of the ring of all videos in the order of their
    places. `filled` is room for a number a ring.
    """
    categories = len(out.room_start) - 2
    rings, start = len(out.start) - 1, out.start
    top = (rings - BY_TOPIC) // categories - 1
    start[:] = 0
    for place in range(count):
        entry = out.entries[place]
        start[ring_of(entry.tier, entry.topic, categories) + 1] += 1
        start[HOT + 1] += int(entry.tier == top)
    start[ALL + 1] = count
    for ring in range(rings):
        start[ring + 1] += start[ring]
        filled[ring] = start[ring]
    for place in range(count):
        entry, key, bit = out.entries[place], int(out.keys[place]), int(out.bits[place])
        ring = ring_of(entry.tier, entry.topic, categories)
        set_down(out, filled[ring], entry, key, bit)
        filled[ring] += 1
        if entry.tier == top:
            set_down(out, filled[HOT], entry, key, bit)
            filled[HOT] += 1
    used = 0
    for ring in range(rings):
        used = mark_ring(out.marks, ring, used, out.keys, start[ring], start[ring + 1])


@rule
def list_video(out: Recall, place: int, item: int, video: Row, tier: int, dwell: float, interaction: float) -> None:
    """Put a video in a place of the ring of all."""
    entry = out.entries[place]
    entry.seat, entry.dwell, entry.interaction = place, dwell, interaction
    entry.topic, entry.second, entry.lean, entry.tier = video.topic, video.second, video.lean, tier
    out.keys[place], out.bits[place] = video.ring, seen_bit(item)
    out.items[place], out.seats[item] = item, place


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
) -> None:
    """Set up the rings from the open items, which come in ring order, with each item's predicted terms times weight."""
    weights = weighing[0]
    for n in range(len(items)):
        fetch_ahead(videos, items, n)
        fetch_ahead(counts, items, n)
        fetch_ahead(waves, items, n)
        item = items[n]
        video = videos[item]
        dwell, interaction = predicted(counts[item], video.duration_ms, mean_dwell, mean_interaction, weights)
        list_video(out, n, item, video, waves[item].tier, weights.dwell * dwell, weights.interaction * interaction)
    lay_rings(out, len(items), np.empty(len(out.start), np.int64))


@compiled
def publish_as_told(out: Recall, items: Array, waves: Array, videos: Array, dwell: Array, interaction: Array) -> None:
    """The same from terms that were computed elsewhere."""
    for n in range(len(items)):
        list_video(out, n, items[n], videos[items[n]], waves[items[n]].tier, dwell[n], interaction[n])
    lay_rings(out, len(items), np.empty(len(out.start), np.int64))


@rule
def lay_in_order(items: Array, ring: Array) -> None:
    """Put a few items in ring order; those at the same place stay as they were."""
    for n in range(1, len(items)):
        item, place = items[n], n
        while place > 0 and ring[items[place - 1]] > ring[item]:
            items[place] = items[place - 1]
            place -= 1
        items[place] = item


@compiled
def with_new(items: Array, first: int, last: int, ring: Array) -> Array:
    """Items in ring order and, among them, the new ones from `first` to before `last`."""
    new, out, n = np.arange(first, last), np.empty(len(items) + last - first, np.int64), 0
    lay_in_order(new, ring)
    for k in range(len(items)):
        fetch_ahead(ring, items, k)
        while n < len(new) and ring[new[n]] <= ring[items[k]]:
            out[k + n] = new[n]
            n += 1
        out[k + n] = items[k]
    for left in range(n, len(new)):
        out[len(items) + left] = new[left]
    return out


def ring_of_rooms(rooms: int) -> tuple[Array, Array]:
    """Rooms in the order of their places on a ring, and the place of each."""
    key = np.array([r * 2_654_435_761 % 2**32 for r in range(rooms)], np.uint32)
    return np.argsort(key, kind="stable"), key


@rule
def list_room(offer: Row, room: Row) -> None:
    """Write down what a room sells, and at what price of late."""
    offer.price, wide = room.price, 0
    for c in range(len(room.topics)):
        if room.topics[c] > 0.0:
            offer.topics[wide], offer.shares[wide] = c, room.topics[c]
            wide += 1
    offer.wide = wide


@compiled
def publish_rooms(out: Recall, order: Array, key: Array, rooms: Array) -> None:
    """Set up the rings of the open rooms, by category and, last, all together; `order` lists rooms in ring order."""
    categories, start = len(out.room_start) - 2, out.room_start
    start[:] = 0
    for r in order:
        if rooms[r].segment != CLOSED:
            offer = out.offers[r]
            list_room(offer, rooms[r])
            start[categories + 1] += 1
            for n in range(offer.wide):
                start[offer.topics[n] + 1] += 1
    for ring in range(categories + 1):
        start[ring + 1] += start[ring]
    filled, used = start.copy(), 0
    for r in order:
        if rooms[r].segment != CLOSED:
            offer = out.offers[r]
            for n in range(offer.wide + 1):
                ring = int(offer.topics[n]) if n < offer.wide else categories
                out.room_entries[filled[ring]], out.room_keys[filled[ring]] = r, key[r]
                filled[ring] += 1
    for ring in range(categories + 1):
        low, high = start[ring], start[ring + 1]
        used = mark_ring(out.room_marks, ring, used, out.room_keys, low, high)


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
