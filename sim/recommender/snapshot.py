"""The snapshot that the platform publishes at a refresh: which items are open, and what each is worth.

Recall walks rings. Every item has a fixed random place on a circle; the open items of a tier and category stand on
their ring in that order; a page starts at the viewer's own random place and takes the next few. So when one item
comes or goes, only those who would have met it see a difference.
"""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, blank, row_bytes
from sim.core.compiler import rule, unsigned
from sim.core.event_log import BUCKETS
from sim.recommender.budget_slices import SLICE_COLUMNS
from sim.recommender.hash_rings import Marks, marks

ENTRY_COLUMNS = {
    "seat": Column(np.int32),  # the item's place on the ring of all
    "dwell": Column(np.float32),  # weight times predicted relative term
    "interaction": Column(np.float32),
    "topic": Column(np.uint8),
    "second": Column(np.uint8),  # second topic
    "main_topic_weight": Column(np.uint8),  # share of the main topic in 1/255
    "tier": Column(np.uint8),  # of its wave, the number of tiers in the stock; on the ring of all
}
"""One row a place on a ring of videos."""


OFFER_COLUMNS = {
    "price": Column(np.uint8),  # price band of what it sold recently, 0 for none known
    "wide": Column(np.uint8),  # categories that it sells
    "topics": Column(np.uint8, ("categories",)),  # these, in order
    "terms": Column(np.float64, (5,)),  # weight times predicted relative term, in the order of `scoring.TERMS`
    "shares": Column(np.float64, ("categories",)),  # of each of these
}
"""One row a room: what ranking asks of it, and no more, so that a few cache lines hold it."""

ALL, HOT, BY_TOPIC = 0, 1, 2  # rings: all open videos; those of the highest tier; the first of those by tier and topic
"""After the rings of the tiers come those of the stock, as if it were one tier more."""


class Expectations(NamedTuple):
    """What items usually give, and what each kind of evidence foretells; see `sim.recommender.expectations`."""

    videos: Array  # (videos,) response to an exposure; of a video out of waves as it was last
    rooms: Array  # (rooms, 3) entries per exposure, mean log of a stay, orders per stay
    weights: Array  # (4,) of the three kinds of evidence, and the variance of the log of a stay


class Recall(NamedTuple):
    """The snapshot. Rings lie end to end; ring r is `start[r]` to `start[r + 1]`. What a walk along a ring looks at
    stands in columns of its own, so that a few cache lines hold it.
    """

    start: Array  # (BY_TOPIC + (tiers + 1) * categories + 1,)
    entries: Array  # (places on all rings,)
    keys: Array  # of each entry, its place on the circle; one more than there are entries
    bits: Array  # of each entry, what stands for the item in viewers' memories
    marks: Marks
    items: Array  # by place on the ring of all
    authors: Array  # by place on the ring of all, the item's creator
    slices: Array  # by place on the ring of all, what is left of the item's wave
    seats: Array  # (videos,) the place on the ring of all where each was last; see `is_open`
    room_start: Array  # (categories + 2,) rings of rooms by category, and of all rooms
    room_entries: Array  # rooms
    room_keys: Array  # of each of these, its place on the circle
    room_marks: Marks
    offers: Array  # of each room
    room_terms: Array  # (rooms, 5) the column `terms` of the offers
    lift: Array  # (6, BUCKETS) how much likelier each behaviour is in each bucket of tag match
    live: Array  # (1,) factor on the share of places that is offered to rooms
    usual: Expectations
    newest: Array  # (creators,) latest video, -1 for none
    room_of: Array  # (creators,) the creator's room, -1 for none


@rule
def is_open(recall: Recall, item: int) -> bool:
    """Whether a video is on the ring of all: whether it is where it was last."""
    seat = recall.seats[unsigned(item)]
    return seat < recall.start[ALL + 1] and recall.items[unsigned(seat)] == item


@rule
def ring_of(tier: int, topic: int, categories: int) -> int:
    """The ring of a tier's videos of one main topic; the stock is the tier after the highest."""
    return BY_TOPIC + tier * categories + topic


def bytes_per_place() -> int:
    """Memory of a place on a ring of videos: its entry, key, bit and marks. A video has up to three."""
    return row_bytes(ENTRY_COLUMNS) + 4 + 2 + 2 * 4


def recall(videos: int, rooms: int, tiers: int, categories: int, creators: int) -> Recall:
    """An empty snapshot with capacity for so many open videos."""
    offers = blank(OFFER_COLUMNS, rooms, categories=categories)
    rings, places, room_places = BY_TOPIC + (tiers + 1) * categories, 3 * videos, rooms * (categories + 1)
    return Recall(
        start=np.zeros(rings + 1, np.int64),
        entries=blank(ENTRY_COLUMNS, places),
        keys=np.zeros(places + 1, np.uint32),
        bits=np.zeros(places, np.uint16),
        marks=marks(rings, places),
        items=np.zeros(videos, np.int32),
        authors=np.zeros(videos, np.int32),
        slices=blank(SLICE_COLUMNS, videos),
        seats=np.zeros(videos, np.int32),
        room_start=np.zeros(categories + 2, np.int64),
        room_entries=np.zeros(room_places, np.int32),
        room_keys=np.zeros(room_places + 1, np.uint32),
        room_marks=marks(categories + 1, room_places),
        offers=offers,
        room_terms=offers["terms"],
        lift=np.ones((6, BUCKETS)),
        live=np.ones(1),
        usual=Expectations(np.full(videos, 0.5, np.float32), np.zeros((rooms, 3)), np.array([0.0, 0.0, 0.0, 1.0])),
        newest=np.full(creators, -1, np.int32),
        room_of=np.full(creators, -1, np.int32),
    )
