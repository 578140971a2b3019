"""What is open at a refresh, and what one shard may still hand out of it."""

from typing import NamedTuple

from sim.core.arrays import Array, Row
from sim.core.catalogue import CLOSED
from sim.core.compiler import compiled, loop, rule, unsigned
from sim.core.event_log import BOOSTED, FOLLOW
from sim.recommender.boosted_slots import NO_BOOSTS, NOTHING_BILLED, Boosts, bill, boosted_is_left
from sim.recommender.budget_slices import slice_of
from sim.recommender.snapshot import ALL, Recall, is_open


class Inventory(NamedTuple):
    """What is open at a refresh, and what one shard may still take of it."""

    videos: Array
    rooms: Array
    left: Array  # (shards, places on the ring of all) exposures of videos that may still be handed out
    room_left: Array  # (shards, rooms) the same of rooms, none where one is closed
    recall: Recall
    boosts: Boosts = NO_BOOSTS
    billed: Array = NOTHING_BILLED  # (shards, boosts) what was taken of boosted waves


@rule
def video_is_left(inventory: Inventory, item: int, shard: int) -> bool:
    """Whether a video is open and a shard's slice of its wave has an exposure left."""
    seat = unsigned(inventory.recall.seats[unsigned(item)])
    return is_open(inventory.recall, item) and inventory.left[unsigned(shard), seat] > 0


@rule
def room_is_left(inventory: Inventory, room: int, shard: int) -> bool:
    """Whether a room is open and a shard's slice of its wave has an exposure left."""
    return inventory.room_left[unsigned(shard), unsigned(room)] > 0


@rule
def is_live(inventory: Inventory, room: int) -> bool:
    """Whether a room was open at the last refresh."""
    return inventory.rooms[unsigned(room)].segment != CLOSED


@rule
def part_of_room(room: Row, shard: int, shards: int) -> int:
    """A shard's part of what is left of a room's budget; nothing where the room is closed."""
    return slice_of(room, shard, shards) if room.segment != CLOSED else 0


@loop
def share_out(inventory: Inventory, shard: int) -> None:
    """Put on the shelves what a shard may hand out until the next refresh."""
    recall, shards = inventory.recall, len(inventory.left)
    for place in range(recall.start[ALL + 1]):
        inventory.left[shard, place] = slice_of(recall.slices[place], shard, shards)
    for room in range(len(inventory.rooms)):
        inventory.room_left[shard, room] = part_of_room(inventory.rooms[room], shard, shards)


@compiled
def handed_out(inventory: Inventory, first: int, last: int) -> tuple[int, int]:
    """Exposures of videos and of rooms that the shards from `first` to before `last` have taken of their slices."""
    videos, rooms, shards = 0, 0, len(inventory.left)
    for shard in range(first, last):
        for place in range(inventory.recall.start[ALL + 1]):
            videos += slice_of(inventory.recall.slices[place], shard, shards) - inventory.left[shard, place]
        for room in range(len(inventory.rooms)):
            rooms += part_of_room(inventory.rooms[room], shard, shards) - inventory.room_left[shard, room]
    return videos, rooms


@rule
def is_on_offer(inventory: Inventory, item: int, match_source: int, left: int, rules: Row, shard: int) -> bool:
    """Whether an item of a page can still be shown; room `left`, which the viewer has just been in, cannot.

    The room of a followed host comes on top of its wave: it need only be open, and the entrance in use.
    """
    if item < 0 and ~item == left:
        return False
    if (match_source >> 4) == BOOSTED:
        return boosted_is_left(inventory.boosts, inventory.billed, inventory.rooms, item, rules.shards, shard)
    if item < 0 and (match_source >> 4) == FOLLOW:
        return rules.follow_share > 0.0 and is_live(inventory, ~item)
    return video_is_left(inventory, item, shard) if item >= 0 else room_is_left(inventory, ~item, shard)


@rule
def hand_out(inventory: Inventory, item: int, match_source: int, entered: bool, shard: int) -> None:
    """Take an exposure from the budget that it is from; a boosted room is billed by entries, and the room of a
    followed host has none.
    """
    if (match_source >> 4) == BOOSTED:
        bill(inventory.boosts, inventory.billed, item, entered, shard)
    elif item >= 0:
        seat = unsigned(inventory.recall.seats[unsigned(item)])
        inventory.left[unsigned(shard), seat] -= 1
    elif (match_source >> 4) != FOLLOW:
        inventory.room_left[shard, ~item] -= 1
