"""Who sees what next: recall (召回), value (排序) and spacing (打散). Knows tags and counters, never a taste."""

from typing import NamedTuple

import numpy as np

from sim.catalog import CLOSED, blend
from sim.chance import PAGE, PAID_PLACE, draw
from sim.columns import Array, Column, Row, blank
from sim.jit import compiled, loop, rule
from sim.ledger import FOLLOW, FRESH, LIVE, PAID, RANDOM, RANKED
from sim.paid import NO_BOOSTS, NOTHING_BILLED, Boosts, bill, boost_is_left, in_audience, paid_is_left
from sim.recall import (
    LIFT_DWELL,
    LIFT_ENTRY,
    LIFT_INTERACTION,
    LIFT_ORDER,
    LIFT_ROOM_INTERACTION,
    LIFT_STAY,
    Recall,
    ring_place,
    seen_bit,
)
from sim.scoring import bucket
from sim.waves import is_spent, slice_of

FOLLOWS = 4
SEEN_WORDS = 8  # 512 bits a half
SEEN_HALF = 160  # videos that one half of the memory takes
NO_TOPIC = 255
REACH = 4  # places of a ring that are looked at for each item wanted
CIRCLE = 4294967296.0
BELIEF_STEPS = 1099511627776.0  # 2**40: how finely beliefs are told apart
AHEAD = 64  # viewers who are looked at for whether they are due, at once

SERVED_COLUMNS = {
    "seen": Column(np.uint64, (2, SEEN_WORDS)),  # two halves of a one-hash Bloom filter
    "page": Column(np.int32, ("page",)),  # items in hand
    "follows": Column(np.int32, (FOLLOWS,), -1),  # the creators followed last
    "pages": Column(np.uint16),  # pages asked for so far
    "mark": Column(np.uint8, ("page",)),  # bucket of tag match, and source in the upper half
    "place": Column(np.uint8),  # next item to be shown
    "length": Column(np.uint8),
    "topic": Column(np.uint8, (), NO_TOPIC),  # of the last video on the last page
    "seen_count": Column(np.uint8),  # items in the newer half
    "follow_place": Column(np.uint8),
    "price": Column(np.uint8),  # price band of what the viewer clicks and orders, 0 for none known
}
"""One row a viewer: the page in hand, what was seen of late, and whom the viewer follows."""

CANDIDATE_COLUMNS = {
    "value": Column(np.float64),
    "item": Column(np.int32),
    "topic": Column(np.uint8),
    "mark": Column(np.uint8),
}
"""One row an item that was recalled for a page; a value of TAKEN means that it is no longer on offer."""

GROUP_COLUMNS = {
    "value": Column(np.float64),  # of its best candidate, NOTHING when none is left
    "best": Column(np.int32),
    "start": Column(np.int32),
    "stop": Column(np.int32),
    "topic": Column(np.uint8),
}
"""One row a group of candidates of one topic, which lie together."""

TAKEN, NOTHING = -2.0, -1.0
FIRST_WAVE, OTHERS = 0, 1  # kinds of groups


class Desk(NamedTuple):
    """Working space of one thread."""

    candidates: Array
    groups: Array  # (2, room for groups): of items in their first wave, and of all others
    counts: Array  # (2,) groups of each kind
    top: Array  # the viewer's tags, the strongest first
    keys: Array  # one a tag, by which they are put in order
    belief: Array  # the viewer's ranking tag
    met: Array  # the viewer's memory of what was seen
    due: Array  # the next few viewers to act


def desk(categories: int, depth: int, tiers: int) -> Desk:
    """Room for as many candidates as one page can have."""
    alone = FOLLOWS + depth
    return Desk(
        blank(CANDIDATE_COLUMNS, categories * depth * tiers + alone),
        blank(GROUP_COLUMNS, (2, categories + alone)),
        np.zeros(2, np.int64),
        np.zeros(categories, np.int64),
        np.zeros(categories, np.int64),
        np.zeros(categories),
        np.zeros(SEEN_WORDS, np.uint64),
        np.zeros(AHEAD, np.int64),
    )


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


# --- memory of what was seen


@rule
def look_up(served: Row, met: Array) -> None:
    """Both halves of a viewer's memory as one."""
    for word in range(SEEN_WORDS):
        met[word] = served.seen[0, word] | served.seen[1, word]


@rule
def has_met(met: Array, bit: int) -> bool:
    """Whether a viewer met an item of late: always for the last 160 videos, for up to 320 otherwise.

    A video never met is taken for met with the probability that its bit is set: up to one in four for each half.
    """
    return ((met[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1)) != 0


@rule
def remember(served: Row, item: int) -> None:
    """Note a video as seen; when the newer half is full, the older one is forgotten."""
    if served.seen_count >= SEEN_HALF:
        for word in range(SEEN_WORDS):
            served.seen[1, word] = served.seen[0, word]
            served.seen[0, word] = 0
        served.seen_count = 0
    bit = seen_bit(item)
    served.seen[0, bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
    served.seen_count += 1


@rule
def follow(served: Row, creator: int) -> None:
    """Follow a creator; the one followed longest ago is forgotten."""
    for n in range(FOLLOWS):
        if served.follows[n] == creator:
            return
    place = int(served.follow_place)
    served.follows[place] = creator
    served.follow_place = (place + 1) % FOLLOWS


@compiled
def count_followers(served: Array, creators: int) -> Array:
    """How many viewers remember that they follow each creator."""
    followers = np.zeros(creators, np.int64)
    for i in range(len(served)):
        for place in range(FOLLOWS):
            if served[i].follows[place] >= 0:
                followers[served[i].follows[place]] += 1
    return followers


# --- value


@rule
def match_video(belief: Array, video: Row) -> float:
    """How well a video's topics match a viewer's tags, from 0 to 1."""
    return blend(belief[video.topic], belief[video.second], video.lean)


@rule
def match_room(belief: Array, room: Row) -> float:
    """How well a room's catalogue matches a viewer's tags, from 0 to 1."""
    total = 0.0
    for c in range(len(belief)):
        total += room.topics[c] * belief[c]
    return total


@rule
def video_value(dwell: float, interaction: float, lift: Array, step: int) -> float:
    """Value of a video to the platform: weight times predicted term, lifted by tag match."""
    return dwell * lift[LIFT_DWELL, step] + interaction * lift[LIFT_INTERACTION, step]


@rule
def room_value(terms: Array, room: int, lift: Array, step: int) -> float:
    """Value of a room to the platform: the same sum over dwell, interaction, entry and conversion."""
    return (
        terms[room, 0] * lift[LIFT_STAY, step]
        + terms[room, 1] * lift[LIFT_ROOM_INTERACTION, step]
        + terms[room, 2] * lift[LIFT_ENTRY, step]
        + terms[room, 3] * lift[LIFT_ORDER, step]
    )


@rule
def price_fit(viewer: int, room: int, match: float) -> float:
    """What the distance of two price bands, each in eighths of a doubling, leaves of a room's value."""
    if match == 0.0 or viewer == 0 or room == 0:
        return 1.0
    return float(2.0 ** (-match * abs(float(viewer) - float(room)) / 8.0))


# --- recall


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


@loop
def by_strength(belief: Array, first: int, keys: Array, out: Array) -> None:
    """The categories by falling belief; those that agree to 2**-40, in turn from category `first` on.

    A category's place is how many come before it, which is counted without a branch: compilers make vectors of that.
    """
    size = len(belief)
    for c in range(size):
        turn = c - first
        keys[c] = (int(belief[c] * BELIEF_STEPS) << 8) | (255 - (turn if turn >= 0 else turn + size))
    for c in range(size):
        key, place = keys[c], 0
        for other in range(size):
            place += int(keys[other] > key)
        out[place] = c


@rule
def lead(desk: Desk, group: Row) -> None:
    """Find a group's best candidate."""
    best, best_value = -1, NOTHING
    for k in range(group.start, group.stop):
        value = desk.candidates[k].value
        best, best_value = (k, value) if value > best_value else (best, best_value)
    group.best, group.value = best, best_value


@rule
def add_group(desk: Desk, kind: int, start: int, stop: int, topic: int) -> None:
    """Put candidates `start` to `stop` together."""
    if start < stop:
        group = desk.groups[kind, desk.counts[kind]]
        group.start, group.stop, group.topic = start, stop, topic
        lead(desk, group)
        desk.counts[kind] += 1


@rule
def recall_ring(recall: Recall, rules: Row, desk: Desk, ring: int, topic: int, source: int, at: int, n: int) -> int:
    """Put the next few items of a ring that the viewer has not met on the desk; returns how many candidates there are.

    No more than REACH times as many places are looked at.
    """
    low, high = recall.start[ring], recall.start[ring + 1]
    if low == high:
        return n
    place, wanted = ring_place(recall.marks, ring, recall.entries, low, high, at), n + rules.depth
    for _ in range(min(REACH * rules.depth, high - low)):
        entry = recall.entries[place]
        if not has_met(desk.met, entry.bit):
            found = desk.candidates[n]
            step = bucket(blend(desk.belief[topic], desk.belief[entry.second], entry.lean))
            found.item, found.topic, found.mark = entry.item, topic, step | (source << 4)
            found.value = video_value(entry.dwell, entry.interaction, recall.lift, step)
            n += 1
            if n == wanted:
                break
        place = place + 1 if place + 1 < high else low
    return n


@rule
def recall_one(
    shop: Shop, desk: Desk, item: int, dwell: float, interaction: float, bonus: float, source: int, n: int
) -> int:
    """Put one item on the desk, as a group of its own; returns how many candidates there are."""
    video, found = shop.videos[item], desk.candidates[n]
    step = bucket(match_video(desk.belief, video))
    found.item, found.topic, found.mark = item, video.topic, step | (source << 4)
    found.value = bonus * video_value(dwell, interaction, shop.recall.lift, step)
    add_group(desk, OTHERS, n, n + 1, video.topic)
    return n + 1


@rule
def recall_topics(shop: Shop, rules: Row, desk: Desk, first: int, last: int, at: int, n: int) -> int:
    """Put on the desk the next items of the viewer's tags from the `first` strongest on, some of every tier."""
    categories, recall = len(desk.belief), shop.recall
    for top in range(first, last):
        topic, start = desk.top[top], n
        n = recall_ring(recall, rules, desk, topic, topic, FRESH, at, n)
        add_group(desk, FIRST_WAVE, start, n, topic)
        start = n
        for tier in range(1, rules.tiers):
            n = recall_ring(recall, rules, desk, tier * categories + topic, topic, RANKED, at, n)
        add_group(desk, OTHERS, start, n, topic)
    return n


@rule
def recall_hot(shop: Shop, rules: Row, desk: Desk, at: int, n: int) -> int:
    """Put on the desk the next items of the highest tier, whatever their topic."""
    recall = shop.recall
    hot, wanted = recall.hot_count[0], n + rules.depth
    place = ring_place(recall.marks, len(recall.start), recall.hot, 0, hot, at) if hot > 0 else 0
    for _ in range(min(REACH * rules.depth, hot)):
        one = recall.hot[place]
        if not has_met(desk.met, one.bit):
            n = recall_one(shop, desk, one.item, one.dwell, one.interaction, 1.0, RANKED, n)
            if n == wanted:
                break
        place = place + 1 if place + 1 < hot else 0
    return n


@rule
def recall_followed(shop: Shop, served: Row, rules: Row, desk: Desk, n: int) -> int:
    """Put on the desk the newest item of each followed creator."""
    for place in range(FOLLOWS):
        creator = served.follows[place]
        item = shop.recall.newest[creator] if creator >= 0 else -1
        if item >= 0 and not is_spent(shop.slices[item]) and not has_met(desk.met, seen_bit(item)):
            n = recall_one(shop, desk, item, rules.dwell, rules.interaction, rules.follow_bonus, FOLLOW, n)
    return n


@rule
def better_room(
    shop: Shop,
    rules: Row,
    desk: Desk,
    room: int,
    shun: int,
    bonus: float,
    price: int,
    best: tuple[int, float, int],
    shard: int,
) -> tuple[int, float, int]:
    """The better of a room and the best so far, as (room, value, bucket of tag match)."""
    if room == shun or not room_is_left(shop, room, rules.shards, shard):
        return best
    step = bucket(match_room(desk.belief, shop.rooms[room]))
    value = bonus * room_value(shop.recall.room_terms, room, shop.recall.lift, step)
    value *= price_fit(price, int(shop.rooms[room].price), rules.price_match)
    return (room, value, step) if value > best[1] else best


@rule
def any_room(shop: Shop, rules: Row, desk: Desk, shun: int, at: int, shard: int) -> tuple[int, float, int]:
    """The next room on the ring of all, whatever its value."""
    categories = len(desk.belief)
    low, high = shop.recall.room_start[categories], shop.recall.room_start[categories + 1]
    best = (-1, -1.0, 0)
    if low < high:
        room = shop.recall.room_entries[
            ring_place(shop.recall.room_marks, categories, shop.recall.room_entries, low, high, at)
        ].room
        best = better_room(shop, rules, desk, room, shun, 1.0, 0, best, shard)
    return best


@rule
def best_room(
    shop: Shop, served: Row, rules: Row, desk: Desk, tops: int, shun: int, at: int, shard: int
) -> tuple[int, float, int]:
    """The open room of most value among those of the viewer's strongest tags and of followed hosts."""
    best, price = (-1, -1.0, 0), int(served.price)
    recall = shop.recall
    for top in range(tops):
        ring = desk.top[top]
        low, high = recall.room_start[ring], recall.room_start[ring + 1]
        if low == high:
            continue
        place = ring_place(recall.room_marks, ring, recall.room_entries, low, high, at)
        for _ in range(min(rules.depth, high - low)):
            best = better_room(shop, rules, desk, recall.room_entries[place].room, shun, 1.0, price, best, shard)
            place = place + 1 if place + 1 < high else low
    for place in range(FOLLOWS):
        creator = served.follows[place]
        room = recall.room_of[creator] if creator >= 0 else -1
        if room >= 0:
            best = better_room(shop, rules, desk, room, shun, rules.follow_bonus, price, best, shard)
    return best


# --- the page


@rule
def is_on_page(served: Row, length: int, item: int) -> bool:
    """Whether the page has the item already."""
    found = False
    for place in range(length):
        found = found or served.page[place] == item
    return found


@rule
def take_best(shop: Shop, rules: Row, desk: Desk, kind: int, avoid: int, served: Row, length: int, shard: int) -> int:
    """Take the candidate of most value of one kind whose topic is not `avoid`; or -1. One that is used up in this
    shard, or on the page already, is passed over.
    """
    while True:
        best, best_value = -1, NOTHING
        for g in range(desk.counts[kind]):
            group = desk.groups[kind, g]
            better = (group.value > best_value) & (group.topic != avoid)
            best, best_value = (g, group.value) if better else (best, best_value)
        if best < 0:
            return -1
        k = desk.groups[kind, best].best
        desk.candidates[k].value = TAKEN
        lead(desk, desk.groups[kind, best])
        item = desk.candidates[k].item
        if video_is_left(shop, item, rules.shards, shard) and not is_on_page(served, length, item):
            return k


@loop
def take(shop: Shop, rules: Row, desk: Desk, kind: int, avoid: int, served: Row, length: int, shard: int) -> int:
    """The best candidate of one kind or, where there is none, of the other."""
    best = take_best(shop, rules, desk, kind, avoid, served, length, shard)
    return best if best >= 0 else take_best(shop, rules, desk, 1 - kind, avoid, served, length, shard)


@rule
def put(served: Row, length: int, item: int, mark: int) -> int:
    """Put an item on the page; returns the page's length."""
    served.page[length] = item
    served.mark[length] = mark
    return length + 1


@rule
def random_item(shop: Shop, rules: Row, desk: Desk, served: Row, length: int, avoid: int, at: int, shard: int) -> int:
    """The open video at a random place of the ring of all, or -1 where it does not fit."""
    count = shop.recall.open_count[0]
    if count == 0:
        return -1
    found = shop.recall.open[ring_place(shop.recall.marks, len(shop.recall.start) - 1, shop.recall.open, 0, count, at)]
    item = found.item
    if shop.videos[item].topic == avoid or not video_is_left(shop, item, rules.shards, shard):
        return -1
    return -1 if has_met(desk.met, found.bit) or is_on_page(served, length, item) else item


@rule
def may_be_paid_for(shop: Shop, served: Row, desk: Desk, length: int, item: int, shun: int) -> bool:
    """Whether a paid item can be shown: it is not on the page, the viewer has not seen the video, the room is open."""
    if is_on_page(served, length, item):
        return False
    if item >= 0:
        return not has_met(desk.met, seen_bit(item))
    return ~item != shun and shop.rooms[~item].segment != CLOSED


@loop
def place_paid(
    shop: Shop, served: Row, viewer: int, length: int, shun: int, rules: Row, desk: Desk, seed: int, shard: int
) -> int:
    """Give one of the page's places to a paid item whose audience the viewer is in; returns the page's length."""
    paid = shop.paid
    count = paid.size[0]
    if count == 0 or length == 0:
        return length
    u, v, _, _ = draw(seed, PAID_PLACE, viewer, (int(served.pages) - 1) & 0xFFFF, 0)
    chance = min(1.0, rules.page * rules.paid_share)
    if u >= chance:
        return length
    place, start = min(int(u / chance * rules.page), length), 0
    while start < count and paid.rows[paid.ring[start]].key < v * CIRCLE:
        start += 1
    for step in range(count):
        row = paid.ring[(start + step) % count]
        boost = paid.rows[row]
        item = int(boost.item)
        if (
            in_audience(paid, boost, viewer)
            and boost_is_left(paid, shop.billed, row, rules.shards, shard)
            and may_be_paid_for(shop, served, desk, length, item, shun)
        ):
            match = (
                match_video(desk.belief, shop.videos[item]) if item >= 0 else match_room(desk.belief, shop.rooms[~item])
            )
            put(served, place, item, bucket(match) | (PAID << 4))
            return max(length, place + 1)
    return length


@rule
def request_page(shop: Shop, served: Row, viewer: int, shun: int, rules: Row, desk: Desk, seed: int, shard: int) -> int:
    """Rank one page for a viewer whose belief is on the desk; returns its length.

    Of the page's places one may be offered to a room, some go to fresh items and to one drawn at random, in an order
    that starts at a place of the page's own; the rest go by value. No topic follows itself. Where nothing is left of
    the viewer's strongest tags, weaker ones are recalled too. Room `shun`, which the viewer has just been in, is not
    offered again.
    """
    u, at_random, live, at_room = draw(seed, PAGE, viewer, served.pages, 0)
    served.pages = (served.pages + 1) & 0xFFFF
    look_up(served, desk.met)
    categories, at = len(desk.belief), int(u * CIRCLE)
    turn = int(at_room * categories)  # which of equally strong tags comes first
    by_strength(desk.belief, turn, desk.keys, desk.top)
    tops = min(rules.tags, categories)
    desk.counts[FIRST_WAVE] = desk.counts[OTHERS] = 0
    n = recall_topics(shop, rules, desk, 0, tops, at, 0)
    n = recall_hot(shop, rules, desk, at, n)
    n = recall_followed(shop, served, rules, desk, n)
    chance = min(1.0, rules.page * rules.live_share)
    live_place = int(live / chance * rules.page) if live < chance else -1
    room, step = -1, 0
    if live_place >= 0:
        room, _, step = any_room(shop, rules, desk, shun, int(at_room * CIRCLE), shard)
        if room < 0 or at_random >= rules.live_random:
            room, _, step = best_room(shop, served, rules, desk, tops, shun, int(at_room * CIRCLE), shard)
    first = int(u * 1048576.0) % rules.page  # where the special places start
    length = 0
    avoid = int(served.topic) if rules.spacing == 1 else NO_TOPIC
    for place in range(rules.page):
        if place == live_place and room >= 0:
            length = put(served, length, ~room, step | (LIVE << 4))
            continue
        turnwise = place + first
        turnwise = turnwise - rules.page if turnwise >= rules.page else turnwise
        if turnwise < rules.random:
            there = int((at_random + turnwise / rules.page) % 1.0 * CIRCLE)
            item = random_item(shop, rules, desk, served, length, avoid, there, shard)
            if item >= 0:
                mark = bucket(match_video(desk.belief, shop.videos[item])) | (RANDOM << 4)
                length = put(served, length, item, mark)
                avoid = int(shop.videos[item].topic) if rules.spacing == 1 else NO_TOPIC
                continue
        kind = FIRST_WAVE if rules.random <= turnwise < rules.random + rules.fresh else OTHERS
        best = take(shop, rules, desk, kind, avoid, served, length, shard)
        while best < 0 and tops < categories:
            known, tops = tops, min(tops + rules.tags, categories)
            n = recall_topics(shop, rules, desk, known, tops, at, n)
            best = take(shop, rules, desk, kind, avoid, served, length, shard)
        if best >= 0:
            length = put(served, length, desk.candidates[best].item, desk.candidates[best].mark)
            avoid = int(desk.candidates[best].topic) if rules.spacing == 1 else NO_TOPIC
    served.topic = avoid
    if rules.paid_share > 0.0:
        length = place_paid(shop, served, viewer, length, shun, rules, desk, seed, shard)
    served.place, served.length = 0, length
    return length
