"""From the events of a refresh to counters, whole numbers all, so that no sum depends on an order."""

import math

from sim.core.arrays import Array
from sim.core.catalogue import HOLD
from sim.core.compiler import AHEAD, fetch, loop, rule
from sim.core.event_log import (
    BOOSTED,
    CLICKED,
    COMMENTED,
    D_FIT,
    D_REACTIONS,
    D_WATCHED,
    EMPTY,
    ENDED,
    ENTERED,
    FINISHED,
    FOLLOWED,
    INSIDE,
    LEFT,
    LIKED,
    M_ENTERED,
    M_EXPECTED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
    ORDERED,
    P_CLICKS,
    R_CLICKS,
    R_COMMENTS,
    R_ENTERED,
    R_FOLLOWS,
    R_HELD_MS,
    R_LEFT,
    R_LIKES,
    R_SHARES,
    R_SHOWN,
    R_SOURCES,
    R_STAY_MS,
    RANDOM,
    REACTIONS,
    RECOMMENDED,
    SHARED,
    SHOWN,
    SKIPPED,
    T_BOOSTED,
    T_CLICKS,
    T_COMMENTS,
    T_EMPTY,
    T_ENTRIES,
    T_FINISHED,
    T_FOLLOWS,
    T_LEAVINGS,
    T_LIKES,
    T_LIVE,
    T_RANDOM,
    T_ROOM_COMMENTS,
    T_ROOM_FOLLOWS,
    T_ROOM_LIKES,
    T_ROOM_SHARES,
    T_SESSION_MS,
    T_SESSIONS,
    T_SHARES,
    T_SKIPPED,
    T_SOURCES,
    T_STAY,
    T_VIDEO,
    T_VISITS,
    T_WATCH,
    U_ENTERED,
    U_LEFT,
    U_LOG_STAY,
    U_LOG_STAY_SQUARED,
    U_ORDERS,
    U_SHOWN,
    V_COMMENTS,
    V_FINISHED,
    V_FIT,
    V_FOLLOWS,
    V_LIKES,
    V_REACTED,
    V_SHARES,
    V_SHOWN,
    V_SKIPPED,
    V_WATCH_MS,
    V_WATCHED,
    VIDEO,
    VISIT,
    Counters,
    has,
    of_source,
)
from sim.recommender.expectations import UNIT, duration_class, fit_of


@rule
def watched_part(ms: int, duration_ms: int) -> int:
    """The share of a video that was watched, at most all of it, in thousandths."""
    return min(ms, duration_ms) * 1000 // duration_ms


@rule
def fit_in_thousandths(lift: Array, match_source: int) -> int:
    """What the match of tags adds to an exposure, in thousandths."""
    return int(fit_of(lift, match_source & 15) * 1000.0 + 0.5)


@rule
def add_video(row: Array, ms: int, duration_ms: int, fit: int, did: int) -> None:
    """Add one exposure to a video's counters."""
    row[V_SHOWN] += 1
    row[V_WATCH_MS] += ms
    row[V_WATCHED] += watched_part(ms, duration_ms)
    row[V_FIT] += fit
    row[V_FINISHED] += has(did, FINISHED)
    row[V_SKIPPED] += has(did, SKIPPED)
    if (did & REACTIONS) != 0:
        likes, comments, shares, follows = has(did, LIKED), has(did, COMMENTED), has(did, SHARED), has(did, FOLLOWED)
        row[V_REACTED] += likes + comments + shares + follows
        row[V_LIKES] += likes
        row[V_COMMENTS] += comments
        row[V_SHARES] += shares
        row[V_FOLLOWS] += follows


@rule
def count_video(
    count: Counters, ms: int, duration_ms: int, expected: float, fit: int, did: int, match_source: int
) -> None:
    """Add one video exposure to totals and to what is learnt of tag match."""
    totals, match, source = count.totals, match_source & 15, match_source >> 4
    count.matches[M_SHOWN, match] += 1
    count.matches[M_RATIO, match] += ms * 1000 // duration_ms
    count.matches[M_EXPECTED, match] += int(expected * 1000.0 + 0.5)
    length = duration_class(duration_ms)
    count.durations[D_FIT, length] += fit
    count.durations[D_WATCHED, length] += watched_part(ms, duration_ms)
    totals[T_VIDEO] += 1
    totals[T_WATCH] += ms
    totals[T_FINISHED] += has(did, FINISHED)
    totals[T_SKIPPED] += has(did, SKIPPED)
    if (did & REACTIONS) != 0:
        likes, comments = has(did, LIKED), has(did, COMMENTED)
        shares, follows = has(did, SHARED), has(did, FOLLOWED)
        count.matches[M_REACTIONS, match] += likes + comments + shares + follows
        count.durations[D_REACTIONS, length] += likes + comments + shares + follows
        totals[T_LIKES] += likes
        totals[T_COMMENTS] += comments
        totals[T_SHARES] += shares
        totals[T_FOLLOWS] += follows
    if source in (RANDOM, BOOSTED):
        totals[T_RANDOM if source == RANDOM else T_BOOSTED] += 1


@rule
def learns(source: int) -> bool:
    """Whether what came of a room tells how much tags matter: not where a viewer came for the host or a friend."""
    return source in (RECOMMENDED, BOOSTED)


@rule
def add_shown(row: Array, did: int, source: int) -> None:
    """Add one exposure to a room's counters, entered or not."""
    row[R_SHOWN] += 1
    row[R_ENTERED] += has(did, ENTERED)
    row[R_SOURCES + of_source(0, source)] += 1
    row[R_SOURCES + of_source(1, source)] += has(did, ENTERED)


@rule
def count_shown(count: Counters, did: int, match_source: int) -> None:
    """Add one exposure of a room to totals and to what is learnt of tag match."""
    entered, match, source = has(did, ENTERED), match_source & 15, int(match_source >> 4)
    if learns(source):
        count.matches[M_LIVE_SHOWN, match] += 1
        count.matches[M_ENTERED, match] += entered
    count.totals[T_LIVE] += 1
    count.totals[T_ENTRIES] += entered
    count.totals[T_BOOSTED] += 1 if source == BOOSTED else 0
    count.totals[T_SOURCES + of_source(0, source)] += 1
    count.totals[T_SOURCES + of_source(1, source)] += entered


@rule
def add_inside(row: Array, ms: int, did: int) -> None:
    """Add a stretch of one viewer's stay to a room's counters."""
    row[R_STAY_MS] += ms
    row[R_LIKES] += has(did, LIKED)
    row[R_COMMENTS] += has(did, COMMENTED)
    row[R_SHARES] += has(did, SHARED)
    row[R_FOLLOWS] += has(did, FOLLOWED)
    row[R_CLICKS] += has(did, CLICKED)


@rule
def count_inside(count: Counters, ms: int, did: int, match_source: int) -> None:
    """Add a stretch of one viewer's stay to totals and to what is learnt of tag match."""
    totals, match = count.totals, match_source & 15
    likes, comments, shares, follows = has(did, LIKED), has(did, COMMENTED), has(did, SHARED), has(did, FOLLOWED)
    if learns(int(match_source >> 4)):
        count.matches[M_STAY_MS, match] += ms
        count.matches[M_LIVE_REACTIONS, match] += likes + comments + shares + follows
        count.matches[M_ORDERS, match] += has(did, ORDERED)
    totals[T_STAY] += ms
    totals[T_ROOM_LIKES] += likes
    totals[T_ROOM_COMMENTS] += comments
    totals[T_ROOM_SHARES] += shares
    totals[T_ROOM_FOLLOWS] += follows
    totals[T_CLICKS] += has(did, CLICKED)


@rule
def add_stay(row: Array, stay_ms: int) -> None:
    """Add a stay that has ended to what is usual in its room."""
    log = math.log(max(stay_ms, 1))
    row[U_LEFT] += 1
    row[U_LOG_STAY] += int(log * UNIT + 0.5)
    row[U_LOG_STAY_SQUARED] += int(log * log * UNIT + 0.5)


@loop
def count_events(
    log: Array,
    sizes: Array,
    count: Counters,
    videos: Array,
    expected: Array,
    lift: Array,
    waves: Array,
    hosts: Array,
    room_delivered: Array,
    online: Array,
) -> None:
    """Reduce the shards' events to counters; `hosts` are those of the rooms.

    Boosted events are left out of the items' counters and waves: `campaign_accounts.count_boosted` puts them in their
    books.
    """
    totals = count.totals
    for shard in range(len(sizes)):
        for n in range(sizes[shard]):
            ahead = log[shard, min(n + AHEAD, sizes[shard] - 1)].item
            fetch(count.videos, ahead)
            fetch(waves, ahead)
            fetch(videos, ahead)
            event = log[shard, n]
            kind, item, did, source = event.kind, event.item, event.did, int(event.match_source >> 4)
            natural = source != BOOSTED
            if kind == VIDEO:
                lasts, fit = videos[item].duration_ms, fit_in_thousandths(lift, event.match_source)
                count_video(count, event.ms, lasts, expected[item], fit, did, event.match_source)
                if (did & FOLLOWED) != 0:
                    count.followers[videos[item].creator] += 1
                if natural:
                    add_video(count.videos[item], event.ms, lasts, fit, did)
                    count.tiers[waves[item].tier] += 1  # -1, the stock, is the last
                    waves[item].delivered += 1
            elif kind == SHOWN:
                count_shown(count, did, event.match_source)
                online[~item] += has(did, ENTERED)
                count.usual[~item, U_SHOWN] += 1
                count.usual[~item, U_ENTERED] += has(did, ENTERED)
                if natural:
                    add_shown(count.rooms[~item], did, source)
                    room_delivered[~item] += 1 if source == RECOMMENDED else 0
            elif kind == INSIDE:
                count_inside(count, event.ms, did, event.match_source)
                count.usual[~item, U_ORDERS] += has(did, ORDERED)
                count.followers[hosts[~item]] += has(did, FOLLOWED)
                if natural:
                    add_inside(count.rooms[~item], event.ms, did)
            elif kind == LEFT:
                count.rooms[~item, R_LEFT] += 1 if natural else 0
                totals[T_LEAVINGS] += 1
                add_stay(count.usual[~item], event.ms)
                online[~item] -= 1
            elif kind == VISIT:
                totals[T_VISITS] += 1
                totals[T_SESSIONS] += 1 - has(did, SKIPPED)
            elif kind == ENDED:
                totals[T_SESSION_MS] += event.ms
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
