"""The rooms of the snapshot: what each offers, and the rings on which they lie."""

import numpy as np

from sim.core.arrays import Array, Row
from sim.core.catalogue import CLOSED
from sim.core.compiler import compiled, rule
from sim.recommender.hash_rings import key_of, mark_ring
from sim.recommender.snapshot import Recall


@rule
def list_room(offer: Row, room: Row) -> None:
    """Write down what a room sells, and at what recent price."""
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


def ring_of_rooms(rooms: int) -> tuple[Array, Array]:
    """Rooms in the order of their places on a ring, and the place of each."""
    key = key_of(np.arange(rooms))
    return np.argsort(key, kind="stable"), key
