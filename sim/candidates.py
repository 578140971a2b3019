"""Recall (召回): which items are looked at for a page, put together on a desk by topic."""

from typing import NamedTuple

import numpy as np

from sim.catalog import blend
from sim.columns import Array, Column, Row, blank
from sim.jit import loop, rule
from sim.ledger import FOLLOW, FRESH, RANKED
from sim.recall import Recall, ring_place, seen_bit
from sim.scoring import bucket
from sim.served import FOLLOWS, SEEN_WORDS, has_met
from sim.shop import Shop, room_is_left
from sim.value import match_room, match_video, price_fit, room_value, video_value
from sim.waves import is_spent

REACH = 4  # places of a ring that are looked at for each item wanted
AHEAD = 64  # viewers who are looked at for whether they are due, at once
BELIEF_STEPS = 1099511627776.0  # 2**40: how finely beliefs are told apart

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


# --- videos


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


# --- rooms


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
