"""What the platform keeps of a viewer beside tags: the page in hand, what was seen recently, and whom they follow."""

import numpy as np

from sim.core.arrays import Array, Column, Row
from sim.core.compiler import rule, unsigned

FOLLOWS = 12  # followed creators that a viewer's row names: the last ones
LOOKED_AT = 4  # of these, that one page looks at
FILTER_WORDS = 4  # 256 bits
SEEN_WORDS = 8  # 512 bits a half
SEEN_HALF = 160  # videos that one half of the memory takes
NO_TOPIC = 255

SERVED_COLUMNS = {
    "page": Column(np.int32, ("page",)),  # items in hand
    "follows": Column(np.int32, (FOLLOWS,), -1),  # the creators followed last
    "next_room": Column(np.int32, (), -1),  # the room that is shown next, -1 for none
    "pages": Column(np.uint16),  # pages asked for so far
    "match_source": Column(np.uint8, ("page",)),  # bucket of tag match, and source in the upper half
    "place": Column(np.uint8),  # next item to be shown
    "length": Column(np.uint8),
    "topic": Column(np.uint8, (), NO_TOPIC),  # of the last video on the last page
    "seen_count": Column(np.uint8),  # items in the newer half
    "followed": Column(np.uint8),  # creators followed so far; after 251 it goes on at 240
    "price": Column(np.uint8),  # price band of what the viewer clicks and orders, 0 for none known
    "next_source": Column(np.uint8),  # why: the viewer tapped a host's avatar, or a friend shared the room
    "next_session": Column(np.uint8),  # the session of the room for which this holds, modulo 256
    "following": Column(np.uint64, (FILTER_WORDS,)),  # two-hash Bloom filter of all creators ever followed
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


# --- whom a viewer follows


@rule
def filter_bits(creator: int) -> tuple[int, int]:
    """The two of the filter's bits that stand for a creator: two bytes of a multiplicative hash (Knuth)."""
    hashed = ((int(creator) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF
    return hashed >> 24, (hashed >> 16) & 255


@rule
def follows(served: Row, creator: int) -> bool:
    """Whether a viewer follows a creator: always if they do; another is taken for followed with a probability of about
    1 % of a viewer who follows 12, 4 % of one who follows 30, 14 % of one who follows 60.
    """
    first, second = filter_bits(creator)
    one = (served.following[unsigned(first >> 6)] >> np.uint64(first & 63)) & np.uint64(1)
    other = (served.following[unsigned(second >> 6)] >> np.uint64(second & 63)) & np.uint64(1)
    return (one & other) != 0


@rule
def follow(served: Row, creator: int) -> bool:
    """Follow a creator; returns whether that is new. The row names the last ones, of the others only the filter
    tells.
    """
    if follows(served, creator):
        return False
    for bit in filter_bits(creator):
        served.following[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
    served.follows[int(served.followed) % FOLLOWS] = creator
    served.followed = served.followed + 1 if served.followed < 251 else 240
    return True


@rule
def worth_a_look(served: Row, page: int, nth: int) -> int:
    """The `nth` followed creator at whom a page looks, from 0; -1 for none. The next page looks at others."""
    held = min(int(served.followed), FOLLOWS)
    if nth >= held:
        return -1
    return int(served.follows[(page * LOOKED_AT + nth) % held])


@rule
def seen_bit(item: int) -> int:
    """The bit of a half's 512 that stands for an item: the upper bits of a multiplicative hash (Knuth)."""
    return (((int(item) & 0xFFFFFFFF) * 2_654_435_761) & 0xFFFFFFFF) >> 23
