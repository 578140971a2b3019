"""Who sees what next: recall (召回), value (排序) and spacing (打散). Knows tags and counters, never a taste."""

from typing import NamedTuple

import numpy as np

from sim.catalog import CLOSED, Rooms, Videos
from sim.chance import PAGE, draw
from sim.columns import Array, Column
from sim.jit import compiled
from sim.ledger import FOLLOW, FRESH, LIVE, RANDOM, RANKED
from sim.recall import (
    LIFT_DWELL,
    LIFT_ENTRY,
    LIFT_INTERACTION,
    LIFT_ORDER,
    LIFT_ROOM_INTERACTION,
    LIFT_STAY,
    Recall,
    ring_place,
)
from sim.scoring import bucket
from sim.waves import slice_of

FOLLOWS = 4
SEEN_WORDS = 4  # 256 bits a half
SEEN_HALF = 48  # items that one half of the memory takes
NO_TOPIC = 255
MOST_CANDIDATES = 4096


class Served(NamedTuple):
    """One row a viewer: the page in hand, what was seen of late, and whom the viewer follows."""

    page: Array  # items
    mark: Array  # bucket of tag match, and source in the upper half
    place: Array  # next item to be shown
    length: Array
    pages: Array  # pages asked for so far
    topic: Array  # of the last video on the last page
    seen: Array  # two halves of a Bloom filter
    seen_count: Array  # items in the newer half
    follows: Array  # the creators followed last
    follow_place: Array


SERVED_COLUMNS = {
    "page": Column(np.int32, ("page",)),
    "mark": Column(np.uint8, ("page",)),
    "place": Column(np.uint8),
    "length": Column(np.uint8),
    "pages": Column(np.int32),
    "topic": Column(np.uint8, (), NO_TOPIC),
    "seen": Column(np.uint64, (2, SEEN_WORDS)),
    "seen_count": Column(np.uint8),
    "follows": Column(np.int32, (FOLLOWS,), -1),
    "follow_place": Column(np.uint8),
}


class Serving(NamedTuple):
    """The feed's rules as plain numbers."""

    page: int
    live_share: float
    tags: int
    depth: int
    fresh: int
    random: int
    spacing: bool
    follow_bonus: float
    use_tags: bool
    shards: int
    tiers: int


class Desk(NamedTuple):
    """Working space of one shard."""

    item: Array
    value: Array
    topic: Array
    mark: Array
    top: Array
    belief: Array


def desk(categories: int) -> Desk:
    n = MOST_CANDIDATES
    return Desk(
        np.zeros(n, np.int32),
        np.zeros(n),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(16, np.int64),
        np.zeros(categories),
    )


# --- memory of what was seen


@compiled
def _bits(item: int) -> tuple[int, int]:
    """Two of a half's 256 bits for an item."""
    mixed = ((int(item) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF
    return (mixed >> 8) & 255, (mixed >> 20) & 255


@compiled
def has_seen(served: Served, viewer: int, item: int) -> bool:
    """Whether a viewer met the item of late: always true for the last 48 videos, often for 48 more, seldom by mistake."""
    a, b = _bits(item)
    for half in range(2):
        first = (served.seen[viewer, half, a >> 6] >> np.uint64(a & 63)) & np.uint64(1)
        other = (served.seen[viewer, half, b >> 6] >> np.uint64(b & 63)) & np.uint64(1)
        if first == 1 and other == 1:
            return True
    return False


@compiled
def remember(served: Served, viewer: int, item: int) -> None:
    """Note an item as seen; when the newer half is full, the older one is forgotten."""
    if served.seen_count[viewer] >= SEEN_HALF:
        for word in range(SEEN_WORDS):
            served.seen[viewer, 1, word] = served.seen[viewer, 0, word]
            served.seen[viewer, 0, word] = 0
        served.seen_count[viewer] = 0
    a, b = _bits(item)
    served.seen[viewer, 0, a >> 6] |= np.uint64(1) << np.uint64(a & 63)
    served.seen[viewer, 0, b >> 6] |= np.uint64(1) << np.uint64(b & 63)
    served.seen_count[viewer] += 1


@compiled
def follow(served: Served, viewer: int, creator: int) -> None:
    """Follow a creator; the one followed longest ago is forgotten."""
    for n in range(FOLLOWS):
        if served.follows[viewer, n] == creator:
            return
    place = int(served.follow_place[viewer])
    served.follows[viewer, place] = creator
    served.follow_place[viewer] = (place + 1) % FOLLOWS


@compiled
def follows(served: Served, viewer: int, creator: int) -> bool:
    for n in range(FOLLOWS):
        if served.follows[viewer, n] == creator:
            return True
    return False


# --- recall


@compiled
def strongest(belief: Array, wanted: int, first: int, out: Array) -> int:
    """The categories of the `wanted` largest beliefs, in order; equal ones in turn from category `first` on."""
    size = len(belief)
    wanted = min(wanted, size)
    for n in range(wanted):
        best, best_value = -1, -1.0
        for step in range(size):
            c = (first + step) % size
            taken = False
            for m in range(n):
                taken = taken or out[m] == c
            if not taken and belief[c] > best_value:
                best, best_value = c, belief[c]
        out[n] = best
    return wanted


@compiled
def match_video(belief: Array, videos: Videos, item: int) -> float:
    """How well a video's topics match a viewer's tags, from 0 to 1."""
    share = videos.lean[item] / 255.0
    return share * belief[videos.topic[item]] + (1.0 - share) * belief[videos.second[item]]


@compiled
def match_room(belief: Array, rooms: Rooms, room: int) -> float:
    """How well a room's catalogue matches a viewer's tags, from 0 to 1."""
    total = 0.0
    for c in range(len(belief)):
        total += rooms.topics[room, c] * belief[c]
    return total


@compiled
def video_value(dwell: float, interaction: float, lift: Array, step: int) -> float:
    """Value of a video to the platform: weight times predicted term, lifted by tag match."""
    return dwell * lift[LIFT_DWELL, step] + interaction * lift[LIFT_INTERACTION, step]


@compiled
def room_value(terms: Array, lift: Array, step: int) -> float:
    """Value of a room to the platform: the same sum over dwell, interaction, entry and conversion."""
    return (
        terms[0] * lift[LIFT_STAY, step]
        + terms[1] * lift[LIFT_ROOM_INTERACTION, step]
        + terms[2] * lift[LIFT_ENTRY, step]
        + terms[3] * lift[LIFT_ORDER, step]
    )


@compiled
def is_left(left: Array, used: Array, item: int, shards: int, shard: int, turn: int) -> bool:
    """Whether a shard's slice of an item's budget has an exposure left."""
    return left[item] > 0 and used[shard, item] < slice_of(left[item], shards, shard, turn + item)


@compiled
def recall_videos(
    recall: Recall,
    videos: Videos,
    left: Array,
    used: Array,
    rules: Serving,
    desk: Desk,
    tops: int,
    at: int,
    shard: int,
    turn: int,
) -> int:
    """Put the next open items of the viewer's strongest tags on the desk, some of every tier; returns how many."""
    n, categories = 0, len(desk.belief)
    for top in range(tops):
        c = desk.top[top]
        for tier in range(rules.tiers):
            low, high = recall.start[tier * categories + c], recall.start[tier * categories + c + 1]
            if low == high:
                continue
            place = ring_place(recall.key, low, high, at)
            for _ in range(min(rules.depth, high - low)):
                item = recall.item[place]
                if is_left(left, used, item, rules.shards, shard, turn):
                    step = bucket(match_video(desk.belief, videos, item))
                    desk.item[n], desk.topic[n] = item, c
                    desk.value[n] = video_value(recall.dwell[place], recall.interaction[place], recall.lift, step)
                    desk.mark[n] = step | ((FRESH if tier == 0 else RANKED) << 4)
                    n += 1
                place = place + 1 if place + 1 < high else low
    return n


@compiled
def recall_followed(
    recall: Recall,
    videos: Videos,
    served: Served,
    viewer: int,
    left: Array,
    used: Array,
    rules: Serving,
    desk: Desk,
    n: int,
    shard: int,
    turn: int,
) -> int:
    """Add the newest open video of each followed creator, valued above its kind."""
    for place in range(FOLLOWS):
        creator = served.follows[viewer, place]
        if creator < 0 or recall.newest[creator] < 0:
            continue
        item = recall.newest[creator]
        if is_left(left, used, item, rules.shards, shard, turn):
            step = bucket(match_video(desk.belief, videos, item))
            desk.item[n], desk.topic[n] = item, videos.topic[item]
            desk.value[n] = rules.follow_bonus * video_value(1.0, 1.0, recall.lift, step)
            desk.mark[n] = step | (FOLLOW << 4)
            n += 1
    return n


@compiled
def best_room(
    recall: Recall,
    rooms: Rooms,
    served: Served,
    viewer: int,
    left: Array,
    used: Array,
    rules: Serving,
    desk: Desk,
    tops: int,
    at: int,
    shard: int,
    turn: int,
) -> tuple[int, int]:
    """The open room of most value among those of the viewer's strongest tags, the next in turn, and followed hosts.

    Returns the room, or -1, and the bucket of its tag match.
    """
    best, best_value, best_step = -1, -1.0, 0
    categories = len(desk.belief)
    for top in range(tops + 1 + FOLLOWS):
        if top <= tops:
            ring = desk.top[top] if top < tops else categories
            low, high = recall.room_start[ring], recall.room_start[ring + 1]
            if low == high:
                continue
            place, some = ring_place(recall.room_key, low, high, at), min(rules.depth if top < tops else 1, high - low)
        else:
            creator = served.follows[viewer, top - tops - 1]
            low, high, place, some = 0, 0, 0, 1 if creator >= 0 and recall.room_of[creator] >= 0 else 0
        for _ in range(some):
            if top <= tops:
                room, bonus = recall.room_item[place], 1.0
                place = place + 1 if place + 1 < high else low
            else:
                room, bonus = recall.room_of[served.follows[viewer, top - tops - 1]], rules.follow_bonus
            if rooms.segment[room] != CLOSED and is_left(left, used, room, rules.shards, shard, turn):
                step = bucket(match_room(desk.belief, rooms, room))
                value = bonus * room_value(recall.room_terms[room], recall.lift, step)
                if value > best_value:
                    best, best_value, best_step = room, value, step
    return best, best_step


# --- the page


@compiled
def is_on_page(served: Served, viewer: int, length: int, item: int) -> bool:
    for place in range(length):
        if served.page[viewer, place] == item:
            return True
    return False


@compiled
def best_of(desk: Desk, n: int, fresh: bool, avoid: int, served: Served, viewer: int, length: int) -> int:
    """The candidate of most value, fresh or not, whose topic is not `avoid` and which the viewer has not met; or -1."""
    while True:
        best, best_value = -1, -1.0
        for k in range(n):
            if desk.value[k] > best_value and ((desk.mark[k] >> 4) == FRESH) == fresh and desk.topic[k] != avoid:
                best, best_value = k, desk.value[k]
        if best < 0:
            return -1
        desk.value[best] = -2.0
        item = desk.item[best]
        if not has_seen(served, viewer, item) and not is_on_page(served, viewer, length, item):
            return best


@compiled
def put(served: Served, viewer: int, length: int, item: int, mark: int) -> int:
    served.page[viewer, length] = item
    served.mark[viewer, length] = mark
    return length + 1


@compiled
def request_page(
    recall: Recall,
    videos: Videos,
    rooms: Rooms,
    served: Served,
    viewer: int,
    left: Array,
    used: Array,
    room_left: Array,
    room_used: Array,
    rules: Serving,
    desk: Desk,
    seed: int,
    shard: int,
    turn: int,
) -> int:
    """Rank one page for a viewer whose belief is on the desk; returns its length.

    Of the page's places one may be offered to a room, some go to fresh items and to one drawn at random, in an order that
    starts at a place of the page's own; the rest go by value. No topic follows itself.
    """
    u, at_random, live, at_room = draw(seed, PAGE, viewer, served.pages[viewer], 0)
    served.pages[viewer] += 1
    at = np.uint32(u * 4294967296.0)
    tops = strongest(desk.belief, rules.tags, int(at_room * len(desk.belief)), desk.top)
    n = recall_videos(recall, videos, left, used, rules, desk, tops, at, shard, turn)
    n = recall_followed(recall, videos, served, viewer, left, used, rules, desk, n, shard, turn)
    chance = min(1.0, rules.page * rules.live_share)
    live_place = int(live / chance * rules.page) if live < chance else -1
    room, step = -1, 0
    if live_place >= 0:
        room, step = best_room(
            recall,
            rooms,
            served,
            viewer,
            room_left,
            room_used,
            rules,
            desk,
            tops,
            np.uint32(at_room * 4294967296.0),
            shard,
            turn,
        )
    first = int(live * 1048576.0) % rules.page  # where the special places start
    length = 0
    avoid = int(served.topic[viewer]) if rules.spacing else NO_TOPIC
    for place in range(rules.page):
        if place == live_place and room >= 0:
            length = put(served, viewer, length, ~room, step | (LIVE << 4))
            continue
        turnwise = (place + first) % rules.page
        if turnwise < rules.random and recall.open_count[0] > 0:
            spot = ring_place(recall.open_key, 0, recall.open_count[0], np.uint32(at_random * 4294967296.0))
            item = recall.open_item[spot]
            if (
                videos.topic[item] != avoid
                and is_left(left, used, item, rules.shards, shard, turn)
                and not has_seen(served, viewer, item)
                and not is_on_page(served, viewer, length, item)
            ):
                mark = bucket(match_video(desk.belief, videos, item)) | (RANDOM << 4)
                length = put(served, viewer, length, item, mark)
                avoid = int(videos.topic[item]) if rules.spacing else NO_TOPIC
                continue
        fresh = rules.random <= turnwise < rules.random + rules.fresh
        best = best_of(desk, n, fresh, avoid, served, viewer, length)
        if best < 0:
            best = best_of(desk, n, not fresh, avoid, served, viewer, length)
        if best >= 0:
            length = put(served, viewer, length, desk.item[best], desk.mark[best])
            avoid = int(desk.topic[best]) if rules.spacing else NO_TOPIC
    served.topic[viewer] = avoid
    served.place[viewer], served.length[viewer] = 0, length
    return length
