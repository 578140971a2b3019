"""What goes out to viewers who are elsewhere at each refresh, and what comes back: plain arrays, and few of them.

Out goes what cannot be known there: new videos, what is left of open waves and what they are worth, rooms, lifts, paid
waves. Whatever follows from that (places on rings, marks, slices) is set up there. Back come whole numbers and the
facts that the world looks at one by one.
"""

from typing import NamedTuple

import numpy as np

from sim.core import event_log
from sim.core.arrays import Array
from sim.core.event_log import V_SHOWN, V_WATCH_MS, Counters
from sim.engine.population import LocalPopulation, Published
from sim.recommender.budget_slices import cut
from sim.recommender.room_index import publish_rooms, ring_of_rooms
from sim.recommender.snapshot import ALL
from sim.recommender.video_index import publish_computed_terms

OF_ROOMS = ("session", "segment", "product", "slice", "odd", "first", "online", "price", "ends_ms")
"""What changes of rooms."""


BLOCK = 4096
"""Videos that are looked through at a time for new ones."""


class Dispatch(NamedTuple):
    """What goes out."""

    size: int  # videos that there is room for
    first: int  # number of the first new video
    videos: Array
    quality: Array
    items: Array  # in a wave with something left, in ring order
    left: Array  # of the wave of each
    tiers: Array  # of the wave of each
    dwell: Array
    interaction: Array
    expected: tuple[Array, Array]  # response to each new video and to each item
    rooms: tuple[Array, ...]
    opened: Array  # rooms that have opened since they were last sent
    of_opened: tuple[Array, ...]  # what their new sessions are like: skill, topics, appeal and topic of each product
    room_terms: Array
    lift: Array
    live: Array
    usual: tuple[Array, Array]  # of rooms, and the weights of evidence
    boosts: tuple[Array, Array, Array]  # rows, ring and size
    audiences: Array | None  # where they have changed


class ShardAnswer(NamedTuple):
    """What comes back."""

    orders: Array
    shares: Array
    sampled: Array
    taken: tuple[int, int]
    billed: Array
    items: Array  # videos that were shown
    watch_ms: Array
    videos: Array  # their other counts
    rooms: Array
    matches: Array
    durations: Array
    usual: Array
    lessons: Array
    tiers: Array
    totals: Array
    online: Array  # people in each room more than before
    followed: Array  # creators who have got followers
    new_followers: Array  # and how many


class Sender:
    """Makes dispatches, and remembers what has been sent."""

    def __init__(self) -> None:
        self.sent = 0
        self.sessions: Array | None = None
        self.states: Array | None = None

    def dispatch(self, w: Published, shards: int) -> Dispatch:
        """What the world has published, as far as it is not known out there."""
        first, out, boosts = self.sent, w.recall, w.boosts
        lasts = w.videos["duration_ms"]
        while self.sent < len(lasts) and (new := _leading(lasts[self.sent : self.sent + BLOCK] > 0)):
            self.sent += new
        count = out.start[ALL + 1]
        items, entries, cut = out.items[:count].copy(), out.entries[:count], out.slices[:count]
        changed = self.states is None or not np.array_equal(self.states, boosts.rows["state"])
        self.states = boosts.rows["state"].copy()
        before, self.sessions = self.sessions, w.rooms["session"].copy()
        opened = np.flatnonzero(self.sessions if before is None else self.sessions != before)
        return Dispatch(
            size=len(w.videos),
            first=first,
            videos=w.videos[first : self.sent],
            quality=w.quality[first : self.sent],
            items=items,
            left=cut["slice"] * shards + cut["odd"],
            tiers=w.waves["tier"][items],
            dwell=entries["dwell"].copy(),
            interaction=entries["interaction"].copy(),
            expected=(out.usual.videos[first : self.sent], out.usual.videos[items]),
            rooms=tuple(w.rooms[name].copy() for name in OF_ROOMS),
            opened=opened,
            of_opened=tuple(array[opened].copy() for array in of_sessions(w)),
            room_terms=out.room_terms,
            lift=out.lift,
            live=out.live,
            usual=(out.usual.rooms, out.usual.weights),
            boosts=(boosts.rows, boosts.ring, boosts.size),
            audiences=boosts.audiences if changed and len(boosts.audiences) else None,
        )


def of_sessions(w: Published) -> tuple[Array, ...]:
    """What a session may change of rooms and their products, a row a room; parts of the arrays themselves."""
    each = len(w.products) // max(len(w.rooms), 1)
    of_products = w.room_truth.appeal, w.products["topic"]
    return w.room_truth.skill, w.rooms["topics"], *(array.reshape(-1, max(each, 1)) for array in of_products)


def _leading(true: Array) -> int:
    """How many are true before the first that is not."""
    return len(true) if true.all() else int(true.argmin())


def put_up(sent: Dispatch, w: Published, turn: int, shards: int) -> None:
    """Put what was sent in arrays of one's own."""
    out, last = w.recall, sent.first + len(sent.videos)
    w.videos[sent.first : last], w.quality[sent.first : last] = sent.videos, sent.quality
    out.newest[sent.videos["creator"]] = np.arange(sent.first, last)
    cut(out.slices, sent.items.astype(np.int64), sent.left.astype(np.int64), shards, turn)
    w.waves["tier"][sent.items] = sent.tiers
    out.room_terms[:], out.lift[:], out.live[:] = sent.room_terms, sent.lift, sent.live
    out.usual.videos[sent.first : last], out.usual.videos[sent.items] = sent.expected
    out.usual.rooms[:], out.usual.weights[:] = sent.usual
    publish_computed_terms(out, sent.items, w.waves, w.videos, sent.dwell, sent.interaction)
    for name, column in zip(OF_ROOMS, sent.rooms, strict=True):
        w.rooms[name] = column
    for mine, theirs in zip(of_sessions(w), sent.of_opened, strict=True):
        mine[sent.opened] = theirs
    publish_rooms(out, *ring_of_rooms(len(w.rooms)), w.rooms)
    for mine, theirs in zip((w.boosts.rows, w.boosts.ring, w.boosts.size), sent.boosts, strict=True):
        mine[:] = theirs
    if sent.audiences is not None:
        w.boosts.audiences[:] = sent.audiences


# --- back


class Own(NamedTuple):
    """Books at zero, in which an interval is counted before it is sent."""

    counters: Counters
    levels: Array
    rooms: Array


def answer(population: LocalPopulation, books: Own, on_show: Array) -> ShardAnswer:
    """What came of an interval in which some videos were on show; the books are at zero again afterwards."""
    own, delivered = books.counters, population.published.waves["delivered"]
    room_delivered, online = books.levels["delivered"], books.rooms["online"]
    room_delivered[:] = online[:] = 0
    orders, taken, billed = population.orders(), population.delivered(), population.delivered_boosted()
    shares, sampled = population.shares(), population.sampled()
    population.count(own, delivered, room_delivered, online)
    items = on_show[own.videos[on_show, V_SHOWN] > 0]
    counts = own.videos[items]
    watch_ms, counts[:, V_WATCH_MS] = counts[:, V_WATCH_MS].copy(), 0
    followed = np.flatnonzero(own.followers)
    told = ShardAnswer(
        *(orders, shares, sampled, taken, billed, items, narrow(watch_ms), narrow(counts)),
        own.rooms.copy(),
        *(own.matches.copy(), own.durations.copy(), own.usual.copy(), own.lessons.copy()),
        *(own.tiers.copy(), own.totals.copy(), online.copy()),
        *(followed, own.followers[followed]),
    )
    own.videos[items], delivered[items] = 0, 0
    for array in own[1:]:
        array[:] = 0
    return told


def narrow(counts: Array) -> Array:
    """The same whole numbers from 0 up, in as few bytes as will do."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


def add(told: ShardAnswer, counters: Counters, delivered: Array, room_delivered: Array, online: Array) -> None:
    """Add what came back to the world's books."""
    counters.videos[told.items] += told.videos
    counters.videos[told.items, V_WATCH_MS] += told.watch_ms
    delivered[told.items] += told.videos[:, V_SHOWN].astype(delivered.dtype)
    counters.rooms[:] += told.rooms
    for name in ("matches", "durations", "usual", "lessons"):
        getattr(counters, name)[:] += getattr(told, name)
    counters.tiers[:] += told.tiers
    counters.totals[:] += told.totals
    recommended = event_log.R_SOURCES + event_log.of_source(0, event_log.RECOMMENDED)
    room_delivered[:] += told.rooms[:, recommended].astype(room_delivered.dtype)
    online[:] += told.online
    counters.followers[told.followed] += told.new_followers
