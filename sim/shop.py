"""What is open at a refresh, and what one shard may still hand out of it."""

from typing import NamedTuple

from sim.catalog import CLOSED
from sim.columns import Array
from sim.jit import rule
from sim.ledger import PAID
from sim.paid import NO_BOOSTS, NOTHING_BILLED, Boosts, bill, paid_is_left
from sim.recall import Recall
from sim.waves import slice_of


class Shop(NamedTuple):
    """What is open at a refresh, and what one shard may still take of it."""

    videos: Array
    slices: Array
    rooms: Array
    used: Array  # (shards, videos) exposures taken
    room_used: Array  # (shards, rooms)
    recall: Recall
    paid: Boosts = NO_BOOSTS
    billed: Array = NOTHING_BILLED  # (shards, boosts) what was taken of paid waves


@rule
def video_is_left(shop: Shop, item: int, shards: int, shard: int) -> bool:
    """Whether a shard's slice of a video's wave has an exposure left."""
    return shop.used[shard, item] < slice_of(shop.slices[item], shard, shards)


@rule
def room_is_left(shop: Shop, room: int, shards: int, shard: int) -> bool:
    """Whether a room is open and a shard's slice of its wave has an exposure left."""
    row = shop.rooms[room]
    return row.segment != CLOSED and shop.room_used[shard, room] < slice_of(row, shard, shards)


@rule
def is_on_offer(shop: Shop, item: int, mark: int, left: int, shards: int, shard: int) -> bool:
    """Whether an item of a page can still be shown; room `left`, which the viewer has just been in, cannot."""
    if item < 0 and ~item == left:
        return False
    if (mark >> 4) == PAID:
        return paid_is_left(shop.paid, shop.billed, shop.rooms, item, shards, shard)
    return video_is_left(shop, item, shards, shard) if item >= 0 else room_is_left(shop, ~item, shards, shard)


@rule
def hand_out(shop: Shop, item: int, mark: int, entered: bool, shard: int) -> None:
    """Take an exposure from the budget that it is from; a paid room is billed by entries."""
    if (mark >> 4) == PAID:
        bill(shop.paid, shop.billed, item, entered, shard)
    elif item >= 0:
        shop.used[shard, item] += 1
    else:
        shop.room_used[shard, ~item] += 1
