"""Facts of one refresh, integer counters, and the audit: what was handed out must be what was received."""

from typing import NamedTuple

import numpy as np

from sim.catalog import HOLD
from sim.columns import Array, Column, Row
from sim.jit import AHEAD, compiled, fetch, loop, rule
from sim.scoring import BUCKETS

# --- kinds of facts
VISIT, VIDEO, SHOWN, INSIDE, ORDER, LEFT, ENDED, EMPTY = range(8)
KINDS = ("visit", "video", "shown", "inside", "order", "left", "ended", "empty")

# --- what a viewer did, as bits
FINISHED, SKIPPED, LIKED, COMMENTED, SHARED, FOLLOWED, ENTERED, CLICKED, ORDERED, REFUSED = (1 << i for i in range(10))
REACTIONS = LIKED | COMMENTED | SHARED | FOLLOWED  # few exposures bring any: what counts them looks for them first
DEEDS = ("finished", "skipped", "liked", "commented", "shared", "followed", "entered", "clicked", "ordered", "refused")

# --- why an item was on the page
RANKED, FRESH, RANDOM, FOLLOW, LIVE, PAID = range(6)
SOURCES = ("ranked", "fresh", "random", "follow", "live", "paid")


LOG_COLUMNS = {
    "at_ms": Column(np.int64),
    "viewer": Column(np.int32),
    "item": Column(np.int32),  # video or ~room; product of an order
    "ms": Column(np.int32),  # watched, stayed, or length of a session
    "did": Column(np.uint16),  # bits of deeds
    "kind": Column(np.uint8),
    "mark": Column(np.uint8),  # bucket of tag match, and source in the upper half
}
"""Facts in the order of each shard's viewers; shape (shards, room for facts)."""


@rule
def note(log: Array, n: int, at_ms: int, viewer: int, item: int, ms: int, did: int, kind: int, mark: int) -> int:
    """Append one fact to a shard's log; returns how many there are now."""
    fact = log[n]
    fact.at_ms, fact.viewer, fact.item = at_ms, viewer, item
    fact.ms, fact.did, fact.kind, fact.mark = ms, did, kind, mark
    return n + 1


# --- counters of a video
V_SHOWN, V_WATCH_MS, V_FINISHED, V_SKIPPED, V_LIKES, V_COMMENTS, V_SHARES, V_FOLLOWS, V_PAID = range(9)
VIDEO_COUNTS = ("shown", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows", "paid")

# --- counters of a room
(
    R_SHOWN, R_ENTERED, R_LEFT, R_STAY_MS, R_LIKES, R_COMMENTS, R_FOLLOWS, R_CLICKS, R_ORDERS, R_GMV, R_REFUSED,
    R_HELD_MS, R_PAID,
) = range(13)  # fmt: skip
ROOM_COUNTS = (
    "shown", "entered", "left", "stay_ms", "likes", "comments", "follows", "clicks", "orders", "gmv_cents", "refused",
    "held_ms", "paid",
)  # fmt: skip

# --- counters of a product
P_CLICKS, P_ORDERS, P_GMV = range(3)
PRODUCT_COUNTS = ("clicks", "orders", "gmv_cents")

PAID_COUNTS = {
    "exposures": ("shown", "shown"), "entries": ("", "entered"), "ms": ("watch_ms", "stay_ms"),
    "finished": ("finished", ""), "skipped": ("skipped", ""), "likes": ("likes", "likes"),
    "comments": ("comments", "comments"), "shares": ("shares", ""), "follows": ("follows", "follows"),
    "clicks": ("", "clicks"), "orders": ("", "orders"), "gmv_cents": ("", "gmv_cents"),
}  # fmt: skip
"""What paid exposures brought, and what counts it of a video and of a room."""

# --- what the platform learns of tag match: behaviours by bucket, videos first, rooms after
M_SHOWN, M_RATIO, M_REACTIONS, M_LIVE_SHOWN, M_ENTERED, M_STAY_MS, M_LIVE_REACTIONS, M_ORDERS = range(8)


class Counters(NamedTuple):
    """Everything that is counted, in whole numbers."""

    videos: Array  # (videos, 9) since publication
    rooms: Array  # (rooms, 13) since the room's last review
    matches: Array  # (8, buckets), halved from time to time
    tiers: Array  # (tiers,) video exposures in this refresh
    totals: Array  # (len(TOTALS),) in this refresh


# --- totals of a refresh
TOTALS = (
    "video_exposures", "watch_ms", "finished", "skipped", "likes", "comments", "shares", "follows",
    "live_exposures", "entries", "leavings", "stay_ms", "room_likes", "room_comments", "room_follows", "clicks",
    "orders", "gmv_cents", "refused", "visits", "sessions", "session_ms", "empty_pages", "random_exposures",
    "paid_exposures", "entries_again", "buying_stays", "buying_stays_again", "luck",
)  # fmt: skip
(
    T_VIDEO, T_WATCH, T_FINISHED, T_SKIPPED, T_LIKES, T_COMMENTS, T_SHARES, T_FOLLOWS,
    T_LIVE, T_ENTRIES, T_LEAVINGS, T_STAY, T_ROOM_LIKES, T_ROOM_COMMENTS, T_ROOM_FOLLOWS, T_CLICKS,
    T_ORDERS, T_GMV, T_REFUSED, T_VISITS, T_SESSIONS, T_SESSION_MS, T_EMPTY, T_RANDOM, T_PAID,
    T_ENTRIES_AGAIN, T_BUYING_STAYS, T_BUYING_STAYS_AGAIN, T_LUCK,
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


@rule
def add_video(row: Array, ms: int, did: int) -> None:
    """Add one exposure to a video's counters."""
    row[V_SHOWN] += 1
    row[V_WATCH_MS] += ms
    row[V_FINISHED] += has(did, FINISHED)
    row[V_SKIPPED] += has(did, SKIPPED)
    if (did & REACTIONS) != 0:
        row[V_LIKES] += has(did, LIKED)
        row[V_COMMENTS] += has(did, COMMENTED)
        row[V_SHARES] += has(did, SHARED)
        row[V_FOLLOWS] += has(did, FOLLOWED)


@rule
def count_video(count: Counters, ms: int, duration_ms: int, did: int, mark: int) -> None:
    """Add one video exposure to totals and to what is learnt of tag match."""
    totals, match, source = count.totals, mark & 15, mark >> 4
    count.matches[M_SHOWN, match] += 1
    count.matches[M_RATIO, match] += ms * 1000 // duration_ms
    totals[T_VIDEO] += 1
    totals[T_WATCH] += ms
    totals[T_FINISHED] += has(did, FINISHED)
    totals[T_SKIPPED] += has(did, SKIPPED)
    if (did & REACTIONS) != 0:
        likes, comments = has(did, LIKED), has(did, COMMENTED)
        shares, follows = has(did, SHARED), has(did, FOLLOWED)
        count.matches[M_REACTIONS, match] += likes + comments + shares + follows
        totals[T_LIKES] += likes
        totals[T_COMMENTS] += comments
        totals[T_SHARES] += shares
        totals[T_FOLLOWS] += follows
    if source in (RANDOM, PAID):
        totals[T_RANDOM if source == RANDOM else T_PAID] += 1


@rule
def add_shown(row: Array, did: int) -> None:
    """Add one exposure to a room's counters, entered or not."""
    row[R_SHOWN] += 1
    row[R_ENTERED] += has(did, ENTERED)


@rule
def count_shown(count: Counters, did: int, mark: int) -> None:
    """Add one exposure of a room to totals and to what is learnt of tag match."""
    entered, match = has(did, ENTERED), mark & 15
    count.matches[M_LIVE_SHOWN, match] += 1
    count.matches[M_ENTERED, match] += entered
    count.totals[T_LIVE] += 1
    count.totals[T_ENTRIES] += entered
    count.totals[T_PAID] += 1 if (mark >> 4) == PAID else 0


@rule
def add_inside(row: Array, ms: int, did: int) -> None:
    """Add a stretch of one viewer's stay to a room's counters."""
    row[R_STAY_MS] += ms
    row[R_LIKES] += has(did, LIKED)
    row[R_COMMENTS] += has(did, COMMENTED)
    row[R_FOLLOWS] += has(did, FOLLOWED)
    row[R_CLICKS] += has(did, CLICKED)


@rule
def count_inside(count: Counters, ms: int, did: int, mark: int) -> None:
    """Add a stretch of one viewer's stay to totals and to what is learnt of tag match."""
    totals, match = count.totals, mark & 15
    likes, comments, follows = has(did, LIKED), has(did, COMMENTED), has(did, FOLLOWED)
    count.matches[M_STAY_MS, match] += ms
    count.matches[M_LIVE_REACTIONS, match] += likes + comments + follows
    count.matches[M_ORDERS, match] += has(did, ORDERED)
    totals[T_STAY] += ms
    totals[T_ROOM_LIKES] += likes
    totals[T_ROOM_COMMENTS] += comments
    totals[T_ROOM_FOLLOWS] += follows
    totals[T_CLICKS] += has(did, CLICKED)


@loop
def count_facts(
    log: Array,
    sizes: Array,
    count: Counters,
    videos: Array,
    waves: Array,
    room_given: Array,
    online: Array,
) -> None:
    """Reduce the shards' facts to counters.

    Paid facts are left out of the items' counters and waves: `paid.count_paid` puts them in their books.
    """
    totals = count.totals
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            ahead = log[shard, min(n + AHEAD, sizes[shard] - 1)].item
            fetch(count.videos, ahead)
            fetch(waves, ahead)
            fetch(videos, ahead)
            fact = log[shard, n]
            kind, item, did, natural = fact.kind, fact.item, fact.did, (fact.mark >> 4) != PAID
            if kind == VIDEO:
                count_video(count, fact.ms, videos[item].duration_ms, did, fact.mark)
                if natural:
                    add_video(count.videos[item], fact.ms, did)
                    count.tiers[waves[item].tier] += 1
                    waves[item].given += 1
            elif kind == SHOWN:
                count_shown(count, did, fact.mark)
                online[~item] += has(did, ENTERED)
                if natural:
                    add_shown(count.rooms[~item], did)
                    room_given[~item] += 1
            elif kind == INSIDE:
                count_inside(count, fact.ms, did, fact.mark)
                if natural:
                    add_inside(count.rooms[~item], fact.ms, did)
            elif kind == LEFT:
                count.rooms[~item, R_LEFT] += 1 if natural else 0
                totals[T_LEAVINGS] += 1
                online[~item] -= 1
            elif kind == VISIT:
                totals[T_VISITS] += 1
                totals[T_SESSIONS] += 1 - has(did, SKIPPED)
            elif kind == ENDED:
                totals[T_SESSION_MS] += fact.ms
            elif kind == EMPTY:
                totals[T_EMPTY] += 1


@loop
def count_clicks(rooms: Array, counts: Array, aside: Array, sign: int, products: Array) -> None:
    """Put the clicks in each room since its last review down to what is on show, those included that do not count.

    Taken off with a `sign` of -1 before a refresh is counted, and added afterwards, those of the refresh are left.
    """
    for r in range(len(rooms)):
        if rooms[r].product >= 0:
            products[rooms[r].product, P_CLICKS] += sign * (counts[r, R_CLICKS] + aside[r, R_CLICKS])


@loop
def count_holding(rooms: Array, counts: Array, refresh_ms: int) -> None:
    """Count the time in which baits were held back."""
    for r in range(len(rooms)):
        if rooms[r].segment == HOLD:
            counts[r, R_HELD_MS] += refresh_ms


class Trust(NamedTuple):
    """By which the platform knows who comes back; one row a viewer or a room."""

    trusted: Array  # the host from whom each viewer ordered last
    hosts: Array  # of each room
    on_trust: Array  # whether each viewer's last entry was at a host from whom he had ordered


@rule
def count_return(fact: Row, who: int, trust: Trust, totals: Array) -> None:
    """Count the entry of a viewer who ordered from the host before, and a stay with an order."""
    if fact.kind == SHOWN and (fact.did & ENTERED) != 0:
        trust.on_trust[who] = trust.trusted[who] == trust.hosts[~fact.item]
        totals[T_ENTRIES_AGAIN] += trust.on_trust[who]
    elif fact.kind == LEFT and (fact.did & ORDERED) != 0:
        totals[T_BUYING_STAYS] += 1
        totals[T_BUYING_STAYS_AGAIN] += trust.on_trust[who]


@compiled
def look_through(
    log: Array, sizes: Array, is_sampled: Array, low: int, trust: Trust, totals: Array
) -> tuple[Array, Array]:
    """Where the orders are, and where all facts of sampled viewers are: rows of (shard, place).

    Counts who came back on the way, which must be before the interval's own orders earn trust. `low` is the number of
    the viewer in row 0.
    """
    orders, sampled = np.empty((2, sizes.sum(), 2), np.int64)
    found = taken = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            fact = log[shard, n]
            who = fact.viewer - low
            if fact.kind == ORDER:
                orders[found, 0], orders[found, 1] = shard, n
                found += 1
            if is_sampled[who]:
                sampled[taken, 0], sampled[taken, 1] = shard, n
                taken += 1
            count_return(fact, who, trust, totals)
    return orders[:found].copy(), sampled[:taken].copy()


@loop
def mark_orders(log: Array, orders: Array, filled: Array) -> None:
    """Note with the facts of orders what came of them."""
    for n in range(len(orders)):
        log[orders[n, 0], orders[n, 1]].did |= ORDERED if filled[n] else REFUSED


class AuditError(AssertionError):
    """The books do not agree: a defect of wavepool, never a user's mistake."""


def agree(what: str, left: int, right: int) -> None:
    """Raise unless two independently kept figures are equal."""
    if left != right:
        raise AuditError(f"{what}: {left} against {right}")


@compiled
def paid_facts(log: Array, sizes: Array) -> Array:
    """Where the facts are that somebody paid for: rows of (shard, place)."""
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            found += 1 if (log[shard, n].mark >> 4) == PAID else 0
    out = np.empty((found, 2), np.int64)
    found = 0
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            if (log[shard, n].mark >> 4) == PAID:
                out[found, 0], out[found, 1] = shard, n
                found += 1
    return out
