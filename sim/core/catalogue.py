"""What is public about videos, rooms and products. An item is a whole number: a video's row, or `~row` of a room."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from sim.core.arrays import Array, Column, grown
from sim.core.compiler import rule
from sim.core.state import BY_VIDEO, NOT_SAVED, StatePiece

CHAT, PITCH, HOLD, RELEASE, CLOSED = 0, 1, 2, 3, 4
SEGMENTS = ("chat", "pitch", "hold", "release", "closed")


VIDEO_COLUMNS = {
    "creator": Column(np.int32),
    "published_ms": Column(np.int64),
    "duration_ms": Column(np.int32),
    "topic": Column(np.uint8),  # main topic
    "second": Column(np.uint8),  # second topic
    "main_topic_weight": Column(np.uint8),  # share of the main topic in 1/255
    "ring": Column(np.uint32),  # place on the recall ring
}
"""One row a video."""


ROOM_COLUMNS = {
    "host": Column(np.int32, (), -1),  # creator who hosts
    "main": Column(np.uint8),  # main category (主营类目)
    "sector": Column(np.uint8),  # category class (赛道) of the main category
    "session": Column(np.int32),  # how many times it has opened
    "segment": Column(np.uint8, (), CLOSED),  # CHAT, PITCH, HOLD, RELEASE or CLOSED
    "price": Column(np.uint8),  # price band of what it sold recently, 0 for none known
    "product": Column(np.int32, (), -1),  # product on show, -1 for none
    "slice": Column(np.int32),  # what each shard may hand out until the next refresh
    "odd": Column(np.int32),  # exposures over, one each to so many shards
    "first": Column(np.int32),  # the shard at which they begin
    "online": Column(np.int64),  # people inside
    "ends_ms": Column(np.int64),  # when the segment on show ends, as the host announces
    "topics": Column(np.float64, ("categories",)),  # share of the catalogue in each category, adds up to 1
}
"""One row a room (直播间), as published at the last refresh."""


PRODUCT_COLUMNS = {
    "room": Column(np.int32),
    "topic": Column(np.uint8),
    "price_cents": Column(np.int64),
    "cost_cents": Column(np.int64),
    "stock": Column(np.int64),  # pieces left in this session
    "bait": Column(np.uint8),  # 1: a bait (憋单款), sold only on release
}
"""One row a product of one room."""


@rule
def blend(topic_value: float, second_value: float, main_topic_weight: int) -> float:
    """A video's value from those of its two topics."""
    share = main_topic_weight * (1.0 / 255.0)
    return share * topic_value + (1.0 - share) * second_value


@dataclass
class Catalogue(StatePiece):
    """Creators, videos, rooms and products, as everybody may see them."""

    creators: Annotated[Array, NOT_SAVED]
    videos: Annotated[Array, BY_VIDEO]  # rows of VIDEO_COLUMNS, with capacity for videos to come
    rooms: Array
    products: Array
    published: int  # videos so far

    def reserve(self, videos: int) -> None:
        """Reserve capacity for so many videos."""
        self.videos = grown(self.videos, VIDEO_COLUMNS, videos)
