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

# --- why an item was on the page
RANKED, FRESH, RANDOM, FOLLOW, LIVE, BOOSTED = range(6)
SOURCES = ("ranked", "fresh", "random", "follow", "live", "boosted")


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
V_SHOWN, V_WATCH_MS, V_FINISHED, V_SKIPPED, V_LIKES, V_COMMENTS, V_SHARES, V_FOLLOWS, V_BOOSTED = range(9)
VIDEO_COUNTS = ("shown", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows", "boosted")

# --- counters of a room
(
    R_SHOWN, R_ENTERED, R_LEFT, R_STAY_MS, R_LIKES, R_COMMENTS, R_FOLLOWS, R_CLICKS, R_ORDERS, R_GMV, R_REFUSED,
    R_HELD_MS, R_BOOSTED, R_BAITS, R_BAIT_GMV, R_PAID, R_RETURNED, R_GSV,
) = range(18)  # fmt: skip
ROOM_COUNTS = (
    "shown", "entered", "left", "stay_ms", "likes", "comments", "follows", "clicks", "orders", "gmv_cents", "refused",
    "held_ms", "boosted", "baits", "bait_gmv_cents", "paid", "returned", "gsv_cents",
)  # fmt: skip

# --- counters of a product
P_CLICKS, P_ORDERS, P_GMV, P_PAID, P_RETURNED, P_GSV = range(6)
PRODUCT_COUNTS = ("clicks", "orders", "gmv_cents", "paid", "returned", "gsv_cents")

PAID_COUNTS = {
    "exposures": ("shown", "shown"), "entries": ("", "entered"), "ms": ("watch_ms", "stay_ms"),
    "finished": ("finished", ""), "skipped": ("skipped", ""), "likes": ("likes", "likes"),
    "comments": ("comments", "comments"), "shares": ("shares", ""), "follows": ("follows", "follows"),
    "clicks": ("", "clicks"), "orders": ("", "orders"), "gmv_cents": ("", "gmv_cents"),
    "gsv_cents": ("", "gsv_cents"),
}  # fmt: skip
"""What boosted exposures brought, and what counts it of a video and of a room."""

# --- what the platform learns of tag match: behaviours by bucket, videos first, rooms after
M_SHOWN, M_RATIO, M_REACTIONS, M_LIVE_SHOWN, M_ENTERED, M_STAY_MS, M_LIVE_REACTIONS, M_ORDERS = range(8)


class Counters(NamedTuple):
    """Everything that is counted, in whole numbers."""

    videos: Array  # (videos, 9) since publication
    rooms: Array  # (rooms, len(ROOM_COUNTS)) since the room's last review
    matches: Array  # (8, buckets), halved from time to time
    tiers: Array  # (tiers,) video exposures in this refresh
    totals: Array  # (len(TOTALS),) in this refresh


# --- totals of a refresh
TOTALS = (
    "video_exposures", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows",
    "live_exposures", "entries", "leavings", "stay_ms", "room_likes", "room_comments", "room_follows", "clicks",
    "orders", "gmv_cents", "refused", "visits", "sessions", "session_ms", "empty_pages", "random_exposures",
    "boosted_exposures", "entries_again", "buying_stays", "buying_stays_again", "control_variate",
    "paid", "returned", "gsv_cents",
)  # fmt: skip
(
    T_VIDEO, T_WATCH, T_FINISHED, T_SKIPPED, T_LIKES, T_COMMENTS, T_SHARES, T_FOLLOWS,
    T_LIVE, T_ENTRIES, T_LEAVINGS, T_STAY, T_ROOM_LIKES, T_ROOM_COMMENTS, T_ROOM_FOLLOWS, T_CLICKS,
    T_ORDERS, T_GMV, T_REFUSED, T_VISITS, T_SESSIONS, T_SESSION_MS, T_EMPTY, T_RANDOM, T_BOOSTED,
    T_ENTRIES_AGAIN, T_BUYING_STAYS, T_BUYING_STAYS_AGAIN, T_LUCK, T_PAID, T_RETURNED, T_GSV,
) = range(len(TOTALS))  # fmt: skip


def counters(videos: int, rooms: int, tiers: int) -> Counters:
    """Counters at zero."""
    return Counters(
        videos=np.zeros((videos, len(VIDEO_COUNTS)), np.int64),
        rooms=np.zeros((rooms, len(ROOM_COUNTS)), np.int64),
        matches=np.zeros((8, BUCKETS), np.int64),
        tiers=np.zeros(tiers, np.int64),
        totals=np.zeros(len(TOTALS), np.int64),
    )


@rule
def has(did: int, deed: int) -> int:
    """1 if a deed is among what was done, else 0."""
    return 1 if (did & deed) != 0 else 0
