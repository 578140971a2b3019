"""Recall (召回): which items are looked at for a page, put together on a workspace by topic."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Row
from sim.core.catalogue import CLOSED
from sim.core.compiler import fetch, loop, rule, unsigned
from sim.core.event_log import FOLLOW, FRESH, RANKED
from sim.recommender.hash_rings import ring_place
from sim.recommender.inventory import Inventory, room_is_left
from sim.recommender.scoring import match_bucket, match_offer, match_video, price_fit, room_value, video_value
from sim.recommender.snapshot import HOT, Recall, is_open, ring_of
from sim.recommender.viewer_history import FOLLOWS, LOOKED_AT, SEEN_WORDS, seen_bit, was_seen, worth_a_look

REACH = 4  # places of a ring that are looked at for each item wanted
AT_ONCE = 64  # viewers who are looked at for whether they are due
PROFILE_STEPS = 1099511627776.0  # 2**40: how finely values of an interest profile are distinguished
FIRST_WAVE, OTHERS = 0, 1  # kinds of candidates
NOTHING = -1  # the rank of what is not on offer
MOST = 2**62  # above all ranks
LONGEST_PAGE = 16  # items
LAST = 2**20 - 1  # candidates of one kind that can be distinguished


class Workspace(NamedTuple):
    """Working space of one thread. What was recalled for a page stands in columns with a line for each kind."""

    ranks: Array  # (2, capacity) order of candidates by value, see `rank`; NOTHING for one that is no longer on offer
    topics: Array  # (2, capacity)
    seats: Array  # (2, capacity) the items' places on the ring of all
    match_sources: Array  # (2, capacity) bucket of tag match, and source in the upper half
    counts: Array  # (2,) candidates of each kind
    starts: Array  # (categories, tiers) where the walks on the rings of the viewer's strongest tags begin
    places: Array  # (capacity,) along a ring, of items not seen
    lots: Array  # (LONGEST_PAGE,) on the ring of all, of the page's random items
    authors: (
        Array  # (LONGEST_PAGE + 2,) of the items on the page so far; the last two are hosts of its rooms, -1 for none
    )
    top: Array  # (categories,) the viewer's tags, the strongest first
    keys: Array  # (categories,) one a tag, by which they are put in order
    interest_profile: Array  # (categories,) the viewer's ranking tag
    seen: Array  # (SEEN_WORDS,) the viewer's memory of what was seen
    due: Array  # (3, AT_ONCE) the next few viewers to act, those after them, and those after these


def workspace(categories: int, depth: int, tiers: int) -> Workspace:
    """An empty workspace, with capacity for as many candidates as one page can have."""
    capacity = categories * depth * tiers + LOOKED_AT + depth
    return Workspace(
        np.zeros((2, capacity), np.int64),
        np.zeros((2, capacity), np.int64),
        np.zeros((2, capacity), np.int64),
        np.zeros((2, capacity), np.int64),
        np.zeros(2, np.int64),
        np.zeros((categories, tiers), np.int64),
        np.zeros(capacity, np.int64),
        np.zeros(LONGEST_PAGE, np.int64),
        np.zeros(LONGEST_PAGE + 2, np.int64),
        np.zeros(categories, np.int64),
        np.zeros(categories, np.int64),
        np.zeros(categories),
        np.zeros(SEEN_WORDS, np.uint64),
        np.zeros((3, AT_ONCE), np.int64),
    )


@loop
def weigh(interest_profile: Array, first: int, keys: Array) -> None:
    """A whole number for each category that orders as the values do; those that agree to 2**-40 stand in turn, from
    category `first` on. The last byte is the category.
    """
    size = len(interest_profile)
    for c in range(size):
        order = c - first
        order = order if order >= 0 else order + size
        keys[c] = (int(interest_profile[c] * PROFILE_STEPS) << 16) | ((255 - order) << 8) | c


@loop
def strongest(keys: Array, top: Array, first: int, last: int) -> None:
    """Find the `first` to before the `last` strongest of the categories whose keys are given, after those found before.

    Each pass is free of branches: compilers make vectors of it.
    """
    below = keys[top[first - 1]] if first > 0 else MOST
    for n in range(first, last):
        best = NOTHING
        for c in range(len(keys)):
            best = max(best, keys[c] if keys[c] < below else NOTHING)
        top[n], below = best & 255, best


# --- videos


@rule
def rank(value: float, k: int) -> int:
    """A value of 0 or more as a whole number that orders as it does, as the bits of a positive number do; of those that
    agree to 2**-32 the first comes first. The last 20 bits tell which candidate it is.
    """
    return (int(np.float64(value).view(np.int64)) | LAST) - k


@rule
def add_candidate(workspace: Workspace, kind: int, seat: int, topic: int, value: float, match_source: int) -> None:
    """Put a candidate in the workspace."""
    line, k = unsigned(kind), workspace.counts[kind]
    place = unsigned(k)
    workspace.ranks[line, place], workspace.topics[line, place] = rank(value, k), topic
    workspace.seats[line, place], workspace.match_sources[line, place] = seat, match_source
    workspace.counts[line] = k + 1


@rule
def find_starts(recall: Recall, rules: Row, workspace: Workspace, first: int, last: int, at: int) -> None:
    """Find where the walks on the rings of the viewer's tags from the `first` strongest on begin: all before the first
    walk, so that what must come from memory is on its way at the same time.
    """
    for top in range(first, last):
        for tier in range(rules.tiers):
            ring = ring_of(tier, workspace.top[top], len(workspace.interest_profile))
            low, high = recall.start[unsigned(ring)], recall.start[unsigned(ring + 1)]
            if low < high:
                workspace.starts[top, tier] = place = ring_place(recall.marks, ring, recall.keys, low, high, at)
                fetch(recall.bits, place)
                fetch(recall.entries, place)


@rule
def find_unseen(recall: Recall, rules: Row, workspace: Workspace, ring: int, place: int, count: int) -> int:
    """Note, after the first `n`, the places of a ring from `place` on whose items the viewer has not seen; returns how
    many are noted then.

    No more than REACH times as many places are looked at.
    """
    low, high = recall.start[unsigned(ring)], recall.start[unsigned(ring + 1)]
    wanted = count + rules.depth
    for _ in range(min(REACH * rules.depth, high - low)):
        workspace.places[unsigned(count)] = place
        # without a branch, which would be guessed wrong every third time
        count += 1 - int(was_seen(workspace.seen, recall.bits[unsigned(place)]))
        if count == wanted:
            break
        place = place + 1 if place + 1 < high else low
    return count


@rule
def recall_found(recall: Recall, workspace: Workspace, kind: int, source: int, found: int) -> None:
    """Put in the workspace what stands in the first `found` places that were noted."""
    for n in range(found):
        entry = recall.entries[unsigned(workspace.places[n])]
        bucket = match_bucket(match_video(workspace.interest_profile, entry))
        value = video_value(entry.dwell, entry.interaction, recall.lift, bucket)
        add_candidate(workspace, kind, entry.seat, entry.topic, value, bucket | (source << 4))


@rule
def recall_topics(recall: Recall, rules: Row, workspace: Workspace, first: int, last: int, at: int) -> None:
    """Put in the workspace the next items of the viewer's tags from the `first` strongest on, some of every tier, and
    with the strongest of all the next of the highest tier, whatever their topic.
    """
    categories, found = len(workspace.interest_profile), 0
    find_starts(recall, rules, workspace, first, last, at)
    for top in range(first, last):
        found = find_unseen(
            recall, rules, workspace, ring_of(0, workspace.top[top], categories), workspace.starts[top, 0], found
        )
    recall_found(recall, workspace, FIRST_WAVE, FRESH, found)
    found = 0
    for top in range(first, last):
        for tier in range(1, rules.tiers):
            ring = ring_of(tier, workspace.top[top], categories)
            found = find_unseen(recall, rules, workspace, ring, workspace.starts[top, tier], found)
    if first == 0 and recall.start[HOT] < recall.start[HOT + 1]:
        hottest = ring_place(recall.marks, HOT, recall.keys, recall.start[HOT], recall.start[HOT + 1], at)
        found = find_unseen(recall, rules, workspace, HOT, hottest, found)
    recall_found(recall, workspace, OTHERS, RANKED, found)


@rule
def recall_followed(inventory: Inventory, served: Row, rules: Row, workspace: Workspace) -> None:
    """Put in the workspace the newest items of some followed creators."""
    for nth in range(LOOKED_AT):
        creator = worth_a_look(served, int(served.pages), nth)
        item = inventory.recall.newest[creator] if creator >= 0 else -1
        if item >= 0 and is_open(inventory.recall, item) and not was_seen(workspace.seen, seen_bit(item)):
            seat = inventory.recall.seats[item]
            video = inventory.recall.entries[seat]
            bucket = match_bucket(match_video(workspace.interest_profile, video))
            value = rules.follow_bonus * video_value(rules.dwell, rules.interaction, inventory.recall.lift, bucket)
            add_candidate(workspace, OTHERS, seat, video.topic, value, bucket | (FOLLOW << 4))


@rule
def recall_more(inventory: Inventory, served: Row, rules: Row, workspace: Workspace, tops: int, at: int) -> int:
    """Recall from the next strongest tags after the first `tops`, at the beginning from followed creators too; returns
    from how many tags something was recalled then.
    """
    last = min(tops + rules.tags, len(workspace.interest_profile))
    if tops > 0:
        strongest(workspace.keys, workspace.top, tops, last)
    recall_topics(inventory.recall, rules, workspace, tops, last, at)
    if tops == 0:
        recall_followed(inventory, served, rules, workspace)
    return last


@rule
def best_candidate(workspace: Workspace, kind: int, avoid: int) -> int:
    """The candidate of most value of one kind whose topic is not `avoid`, the first among equals; or -1.

    Free of branches: compilers make vectors of it.
    """
    best, line = NOTHING, unsigned(kind)
    for k in range(workspace.counts[line]):
        best = max(best, workspace.ranks[line, k] if workspace.topics[line, k] != avoid else NOTHING)
    return LAST - (best & LAST) if best != NOTHING else -1


# --- rooms


@rule
def better_room(
    inventory: Inventory,
    rules: Row,
    workspace: Workspace,
    room: int,
    shun: int,
    price: int,
    best: tuple[int, float, int],
    shard: int,
) -> tuple[int, float, int]:
    """The better of a room and the best so far, as (room, value, bucket of tag match)."""
    if room == shun or not room_is_left(inventory, room, shard):
        return best
    offer = inventory.recall.offers[room]
    bucket = match_bucket(match_offer(workspace.interest_profile, offer))
    value = room_value(offer.terms, inventory.recall.lift, bucket)
    value *= price_fit(price, int(offer.price), rules.price_match)
    return (room, value, bucket) if value > best[1] else best


@rule
def any_room(
    inventory: Inventory, rules: Row, workspace: Workspace, shun: int, at: int, shard: int
) -> tuple[int, float, int]:
    """The next room on the ring of all, whatever its value."""
    categories = len(workspace.interest_profile)
    low, high = inventory.recall.room_start[categories], inventory.recall.room_start[categories + 1]
    best = (-1, -1.0, 0)
    if low < high:
        place = ring_place(inventory.recall.room_marks, categories, inventory.recall.room_keys, low, high, at)
        room = inventory.recall.room_entries[place]
        best = better_room(inventory, rules, workspace, room, shun, 0, best, shard)
    return best


@rule
def best_room(
    inventory: Inventory, served: Row, rules: Row, workspace: Workspace, shun: int, at: int, shard: int
) -> tuple[int, float, int]:
    """The open room of most value among those of the viewer's strongest tags."""
    best, price = (-1, -1.0, 0), int(served.price)
    recall = inventory.recall
    for top in range(min(rules.tags, len(workspace.interest_profile))):
        ring = workspace.top[top]
        low, high = recall.room_start[ring], recall.room_start[ring + 1]
        if low == high:
            continue
        place = ring_place(recall.room_marks, ring, recall.room_keys, low, high, at)
        for _ in range(min(rules.depth, high - low)):
            best = better_room(inventory, rules, workspace, recall.room_entries[place], shun, price, best, shard)
            place = place + 1 if place + 1 < high else low
    return best


@rule
def followed_room(inventory: Inventory, served: Row, shun: int, first: int) -> int:
    """The first open room among those of the hosts whom a viewer follows, from nth `first` on; -1 if there is none.

    This alone knows how follows are kept.
    """
    found = -1
    for nth in range(FOLLOWS):
        creator = served.follows[(first + nth) % FOLLOWS]
        room = inventory.recall.room_of[creator] if creator >= 0 else -1
        if found < 0 and room >= 0 and room != shun and inventory.rooms[room].segment != CLOSED:
            found = room
    return found
