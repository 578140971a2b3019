"""What the platform keeps of a viewer beside tags: the page in hand, what was seen recently, and whom they follow."""

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.compiler import compiled, rule, unsigned

FOLLOWS = 4
SEEN_WORDS = 8  # 512 bits a half
SEEN_HALF = 160  # videos that one half of the memory takes
NO_TOPIC = 255

SERVED_COLUMNS = {
    "page": Column(np.int32, ("page",)),  # items in hand
    "follows": Column(np.int32, (FOLLOWS,), -1),  # the creators followed last
    "pages": Column(np.uint16),  # pages asked for so far
    "match_source": Column(np.uint8, ("page",)),  # bucket of tag match, and source in the upper half
    "place": Column(np.uint8),  # next item to be shown
    "length": Column(np.uint8),
    "topic": Column(np.uint8, (), NO_TOPIC),  # of the last video on the last page
    "seen_count": Column(np.uint8),  # items in the newer half
    "follow_place": Column(np.uint8),
    "price": Column(np.uint8),  # price band of what the viewer clicks and orders, 0 for none known
    "seen": Column(np.uint64, (2, SEEN_WORDS)),  # two halves of a one-hash Bloom filter
}
"""One row a viewer: the page in hand, whom the viewer follows, and what was seen recently."""


@rule
def look_up(served: Row, seen: Array) -> None:
    """Both halves of a viewer's memory as one."""
    for word in range(SEEN_WORDS):
        seen[word] = served.seen[0, word] | served.seen[1, word]


@rule
def was_seen(seen: Array, bit: int) -> bool:
    """Whether a viewer has seen an item recently: always for the last 160 videos, for up to 320 otherwise.

    A video never seen is taken for seen with the probability that its bit is set: up to one in four for each half.
    """
    return ((seen[unsigned(bit >> 6)] >> np.uint64(bit & 63)) & np.uint64(1)) != 0


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


@rule
def is_followed(served: Row, creator: int) -> bool:
    """Whether a viewer follows a creator."""
    found = False
    for n in range(FOLLOWS):
        found = found or served.follows[n] == creator
    return found


@compiled
def count_followers(served: Array, creators: int) -> Array:
    """How many viewers remember that they follow each creator."""
    followers = np.zeros(creators, np.int64)
    for i in range(len(served)):
        for place in range(FOLLOWS):
            if served[i].follows[place] >= 0:
                followers[served[i].follows[place]] += 1
    return followers


@rule
def seen_bit(item: int) -> int:
    """The bit of a half's 512 that stands for an item: the upper bits of a multiplicative hash (Knuth)."""
    return (((int(item) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF) >> 23
