"""Events of viewers, and the counters of what they did, in whole numbers."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column
from sim.core.compiler import rule, unsigned

BUCKETS = 8
"""Buckets of tag match in which the platform learns how much tags matter."""

# --- kinds of events
VISIT, VIDEO, SHOWN, INSIDE, ORDER, LEFT, ENDED, EMPTY = range(8)
KINDS = ("visit", "video", "shown", "inside", "order", "left", "ended", "empty")

# --- what a viewer did, as bits
FINISHED, SKIPPED, LIKED, COMMENTED, SHARED, FOLLOWED, ENTERED, CLICKED, ORDERED, REFUSED = (1 << i for i in range(10))
REACTIONS = LIKED | COMMENTED | SHARED | FOLLOWED  # few exposures bring any: what counts them looks for them first
DEEDS = ("finished", "skipped", "liked", "commented", "shared", "followed", "entered", "clicked", "ordered", "refused")

# --- why an item was shown; from RECOMMENDED on these are the entrances to a room, of which follow and boosted are also
# sources of videos
RANKED, FRESH, RANDOM, RECOMMENDED, FOLLOW, VIA_VIDEO, VIA_SHARE, BOOSTED = range(8)
SOURCES = ("ranked", "fresh", "random", "recommended", "follow", "video", "share", "boosted")
ROOM_SOURCES = SOURCES[RECOMMENDED:]
BY_SOURCE = ("shown", "entered", "orders", "gmv_cents")
"""What is counted of a room for each of its sources."""
OF_SOURCES = tuple(f"{what}_{source}" for what in BY_SOURCE for source in ROOM_SOURCES)


LOG_COLUMNS = {
    "at_ms": Column(np.int64),
    "viewer": Column(np.int32),
    "item": Column(np.int32),  # video or ~room; product of an order
    "ms": Column(np.int32),  # watched, stayed, or length of a session
    "did": Column(np.uint16),  # bits of deeds
    "kind": Column(np.uint8),
    "match_source": Column(np.uint8),  # bucket of tag match, and source in the upper half
}
"""Events in the order of each shard's viewers; shape (shards, capacity)."""


@rule
def note(
    log: Array, next_event: int, at_ms: int, viewer: int, item: int, ms: int, did: int, kind: int, match_source: int
) -> int:
    """Append one event to a shard's log; returns how many there are now."""
    event = log[unsigned(next_event)]
    event.at_ms, event.viewer, event.item = at_ms, viewer, item
    event.ms, event.did, event.kind, event.match_source = ms, did, kind, match_source
    return next_event + 1


# --- counters of a video
(
    V_SHOWN, V_WATCH_MS, V_FINISHED, V_SKIPPED, V_LIKES, V_COMMENTS, V_SHARES, V_FOLLOWS, V_BOOSTED, V_WATCHED,
    V_REACTED, V_FIT,
) = range(12)  # fmt: skip
VIDEO_COUNTS = (
    "shown", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows", "boosted", "watched",
    "reacted", "fit",
)  # fmt: skip

# --- counters of a room
(
    R_SHOWN, R_ENTERED, R_LEFT, R_STAY_MS, R_LIKES, R_COMMENTS, R_FOLLOWS, R_CLICKS, R_ORDERS, R_GMV, R_REFUSED,
    R_HELD_MS, R_SHARES, R_BOOSTED, R_BAITS, R_BAIT_GMV, R_PAID, R_RETURNED, R_GSV, R_SOURCES,
) = range(20)  # fmt: skip
ROOM_COUNTS = (
    "shown", "entered", "left", "stay_ms", "likes", "comments", "follows", "clicks", "orders", "gmv_cents", "refused",
    "held_ms", "shares", "boosted", "baits", "bait_gmv_cents", "paid", "returned", "gsv_cents", *OF_SOURCES,
)  # fmt: skip

# --- counters of a product
P_CLICKS, P_ORDERS, P_GMV, P_PAID, P_RETURNED, P_GSV = range(6)
PRODUCT_COUNTS = ("clicks", "orders", "gmv_cents", "paid", "returned", "gsv_cents")

PAID_COUNTS = {
    "exposures": ("shown", "shown"), "entries": ("", "entered"), "ms": ("watch_ms", "stay_ms"),
    "finished": ("finished", ""), "skipped": ("skipped", ""), "likes": ("likes", "likes"),
    "comments": ("comments", "comments"), "shares": ("shares", "shares"), "follows": ("follows", "follows"),
    "clicks": ("", "clicks"), "orders": ("", "orders"), "gmv_cents": ("", "gmv_cents"),
    "gsv_cents": ("", "gsv_cents"),
}  # fmt: skip
"""What boosted exposures brought, and what counts it of a video and of a room."""

# --- what the platform learns of tag match: behaviours by bucket, videos first, rooms after
M_SHOWN, M_RATIO, M_REACTIONS, M_LIVE_SHOWN, M_ENTERED, M_STAY_MS, M_LIVE_REACTIONS, M_ORDERS, M_EXPECTED = range(9)

# --- what videos of a class of length, and each room, usually give; and what evidence foretells
CLASSES = 8
D_FIT, D_WATCHED, D_REACTIONS = range(3)
U_SHOWN, U_ENTERED, U_LEFT, U_LOG_STAY, U_LOG_STAY_SQUARED, U_ORDERS = range(6)
LESSONS, L_TRIALS = 14, 0  # sums of a regression on three kinds of evidence


class Counters(NamedTuple):
    """Everything that is counted, in whole numbers."""

    videos: Array  # (videos, len(VIDEO_COUNTS)) since publication
    rooms: Array  # (rooms, len(ROOM_COUNTS)) since the room's last review
    matches: Array  # (9, buckets), halved from time to time
    durations: Array  # (3, CLASSES) the same of videos by length
    usual: Array  # (rooms, 6) the same of each room
    lessons: Array  # (LESSONS,) the same, see `sim.recommender.expectations.take_lesson`
    tiers: Array  # (tiers + 1,) video exposures in this refresh; the last are those of the stock
    totals: Array  # (len(TOTALS),) in this refresh
    followers: Array  # (creators,) who follow each


EXPECTED = ("expected_entries", "expected_orders", "expected_gmv", "expected_gsv")
"""What `sim.engine.expected_sales` finds, in this order."""

# --- totals of a refresh
TOTALS = (
    "video_exposures", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows",
    "live_exposures", "entries", "leavings", "stay_ms", "room_likes", "room_comments", "room_follows", "clicks",
    "orders", "gmv_cents", "refused", "visits", "sessions", "session_ms", "empty_pages", "random_exposures",
    "boosted_exposures", "entries_again", "buying_stays", "buying_stays_again",
    "paid", "returned", "gsv_cents", *EXPECTED, "room_shares", *OF_SOURCES,
)  # fmt: skip
(
    T_VIDEO, T_WATCH, T_FINISHED, T_SKIPPED, T_LIKES, T_COMMENTS, T_SHARES, T_FOLLOWS,
    T_LIVE, T_ENTRIES, T_LEAVINGS, T_STAY, T_ROOM_LIKES, T_ROOM_COMMENTS, T_ROOM_FOLLOWS, T_CLICKS,
    T_ORDERS, T_GMV, T_REFUSED, T_VISITS, T_SESSIONS, T_SESSION_MS, T_EMPTY, T_RANDOM, T_BOOSTED,
    T_ENTRIES_AGAIN, T_BUYING_STAYS, T_BUYING_STAYS_AGAIN, T_PAID, T_RETURNED, T_GSV,
    T_EXPECTED, _, _, _,
    T_ROOM_SHARES, T_SOURCES,
) = range(len(TOTALS) - len(OF_SOURCES) + 1)  # fmt: skip


@rule
def of_source(what: int, source: int) -> int:
    """The place of a count by source among those from R_SOURCES or T_SOURCES on; `what` is a place of BY_SOURCE."""
    return what * (BOOSTED - RECOMMENDED + 1) + source - RECOMMENDED


def counters(videos: int, rooms: int, tiers: int, creators: int) -> Counters:
    """Counters at zero."""
    return Counters(
        videos=np.zeros((videos, len(VIDEO_COUNTS)), np.int64),
        rooms=np.zeros((rooms, len(ROOM_COUNTS)), np.int64),
        matches=np.zeros((9, BUCKETS), np.int64),
        durations=np.zeros((3, CLASSES), np.int64),
        usual=np.zeros((rooms, 6), np.int64),
        lessons=np.zeros(LESSONS, np.int64),
        tiers=np.zeros(tiers + 1, np.int64),
        totals=np.zeros(len(TOTALS), np.int64),
        followers=np.zeros(creators, np.int64),
    )


@rule
def has(did: int, deed: int) -> int:
    """1 if a deed is among what was done, else 0."""
    return 1 if (did & deed) != 0 else 0
