"""What is public about videos, rooms and products. An item is a whole number: a video's row, or `~row` of a room."""

from typing import NamedTuple

import numpy as np

from sim.columns import Array, Column
from sim.jit import compiled

CHAT, PITCH, HOLD, RELEASE, CLOSED = 0, 1, 2, 3, 4
SEGMENTS = ("chat", "pitch", "hold", "release", "closed")


class Videos(NamedTuple):
    """One row a video."""

    creator: Array
    published_ms: Array
    duration_ms: Array
    topic: Array  # main topic
    second: Array  # second topic
    lean: Array  # share of the main topic in 1/255
    ring: Array  # place on the recall ring


VIDEO_COLUMNS = {
    "creator": Column(np.int32, (), -1),
    "published_ms": Column(np.int64),
    "duration_ms": Column(np.int32),
    "topic": Column(np.uint8),
    "second": Column(np.uint8),
    "lean": Column(np.uint8),
    "ring": Column(np.uint32),
}


class Rooms(NamedTuple):
    """One row a room (直播间), as published at the last refresh."""

    host: Array  # creator who hosts
    session: Array  # how many times it has opened
    segment: Array  # CHAT, PITCH, HOLD, RELEASE or CLOSED
    product: Array  # product on show, -1 for none
    online: Array  # people inside
    topics: Array  # share of the catalogue in each category, adds up to 1


ROOM_COLUMNS = {
    "host": Column(np.int32, (), -1),
    "session": Column(np.int32),
    "segment": Column(np.uint8, (), CLOSED),
    "product": Column(np.int32, (), -1),
    "online": Column(np.int64),
    "topics": Column(np.float32, ("categories",)),
}


class Products(NamedTuple):
    """One row a product of one room."""

    room: Array
    topic: Array
    price_cents: Array
    cost_cents: Array
    stock: Array  # pieces left in this session
    bait: Array  # 1: a bait (憋单款), sold only on release


PRODUCT_COLUMNS = {
    "room": Column(np.int32),
    "topic": Column(np.uint8),
    "price_cents": Column(np.int64),
    "cost_cents": Column(np.int64),
    "stock": Column(np.int64),
    "bait": Column(np.uint8),
}


@compiled
def blend(topic_value: float, second_value: float, lean: int) -> float:
    """A video's value from those of its two topics."""
    share = lean / 255.0
    return share * topic_value + (1.0 - share) * second_value
