"""What the viewers' twin stands on: chance, numbers, and a copy of what the platform publishes.

Written from docs/model.md alone; numbers in brackets are the page's sections.
"""

from bisect import bisect_left
from itertools import pairwise
from math import cos, exp, floor, log, pi, sqrt
from typing import Any, NamedTuple

import numpy as np

from sim.scenario.distributions import Distribution
from sim.world import World

Event = tuple[int, int, int, int, int, int, int]
"""at_ms, viewer, item, ms, did, kind, mark [7.4]."""

HOUR, DAY = 3_600_000, 24 * 3_600_000
CIRCLE = 2**32
NO_TOPIC = 255
CHAT, PITCH, HOLD, RELEASE, CLOSED = range(5)

# --- chance [7.2]


def philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10."""
    c0, c1, c2, c3 = (word & 0xFFFFFFFF for word in counter)
    k0, k1 = (word & 0xFFFFFFFF for word in key)
    for _ in range(10):
        left, right = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (right >> 32) ^ c1 ^ k0, right & 0xFFFFFFFF, (left >> 32) ^ c3 ^ k1, left & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def normal(u: float, v: float) -> float:
    return sqrt(-2.0 * log(u)) * cos(2.0 * pi * v)


def weibull(u: float, scale: float, shape: float) -> float:
    return scale * (-log(u)) ** (1.0 / shape)


def sample(what: Distribution, u: float, v: float, unit: float | None = None) -> float:
    kind, a, b = what.kernel_args()
    if unit is not None:
        a, b = a * unit, b * unit if what.kind == "uniform" else b
    if kind == 0:
        return a
    if kind == 1:
        return a + (b - a) * u
    if kind == 2:
        return a * exp(b * normal(u, v))
    return weibull(u, a, b) if kind == 3 else a * u ** (-1.0 / b)


def typical(what: Distribution) -> float:
    return max(sample(what, 0.5, 0.25), 1e-6)


def pick(cumulative: list[float], u: float) -> int:
    at = u * cumulative[-1]
    return next((n for n, weight in enumerate(cumulative) if weight > at), len(cumulative) - 1)


def next_arrival(last_ms: int, u: float, per_day: float, rhythm: list[float]) -> int:
    wait = -log(u) / per_day * 24.0
    hour, at = last_ms // HOUR, last_ms / HOUR
    while True:
        rate = rhythm[hour % 24]
        span = (hour + 1 - at) * rate
        if wait < span:
            return max(int((at + wait / rate) * HOUR), last_ms + 1)
        wait, hour = wait - span, hour + 1
        at = hour


# --- numbers [7.1, 7.3, 7.12]


def f32(x: float) -> float:
    return float(np.float32(x))


def kept(factor: float) -> int:
    return int(max(-127.0, min(127.0, floor(8 * log(max(factor, 1e-6)) / log(2.0) + 0.5))))


def trait(eighths: int) -> float:
    return 2.0 ** (eighths / 8.0)


def blend(x: float, y: float, main_topic_weight: int) -> float:
    share = main_topic_weight * (1.0 / 255.0)
    return share * x + (1.0 - share) * y


def match_bucket(match: float) -> int:
    return max(0, min(int(match * 8), 7))


def price_band(cents: float) -> int:
    return 1 + int(8.0 * log(max(cents, 1.0)) / log(2.0) + 0.5)


def room_code(room: int) -> int:
    return room % 65535 + 1


# --- what the platform publishes [7.13, 7.14, 7.17]


class Place(NamedTuple):
    """A video's place on a ring, or a room's: its key and its row."""

    key: int
    item: int
    dwell: float = 0.0
    interaction: float = 0.0
    topic: int = 0
    second: int = 0
    main_topic_weight: int = 0


class Boost(NamedTuple):
    """A boosted wave on its ring [7.18]."""

    key: int
    row: int
    item: int
    slice: tuple[int, int, int]
    audience: set[int] | None


def open_boosts(world: World) -> list[Boost]:
    """The ring of boosts: what each may hand out until the next refresh, worked out from its budget and its times."""
    s, now, found = world.scenario, world.clock.now_ms, []
    names = "item state audience budget delivered opened_ms closes_ms"
    for b, (item, state, audience, budget, delivered, opened, closes) in enumerate(
        zip(*columns(world.boosts.rows, names), strict=True)
    ):
        gone = (
            min((now + s.refresh_ms - opened) / (closes - opened), 1.0)
            if world.policy.rules.boosts.pacing and state
            else 1.0
        )
        left = int(budget * gone) - delivered
        if state == 1 and left > 0:
            bits = np.unpackbits(world.boosts.feed.audiences[audience], bitorder="little") if audience >= 0 else None
            fit = None if bits is None else set(np.flatnonzero(bits).tolist())
            shards = s.platform.shards
            cut = (left // shards, left % shards, (b + world.refresh_index) % shards)
            found.append(Boost(b * 2654435761 % CIRCLE, b, item, cut, fit))
    return sorted(found)


def columns(rows: np.ndarray, names: str) -> list[list[Any]]:
    return [rows[name].tolist() for name in names.split()]


class Snapshot:
    """A copy of what the world has published, and of what is true of its videos, hosts and products."""

    def __init__(self, world: World) -> None:
        r, n, categories = world.platform.snapshot, world.catalogue.published, len(world.scenario.categories)
        start = r.start.tolist()
        keys, entries = r.keys[: start[-1]].tolist(), r.entries[: start[-1]].tolist()
        items = r.items.tolist()
        places = [Place(key, items[seat], *entry) for key, (seat, *entry, _tier) in zip(keys, entries, strict=True)]
        self.open, self.hot, *rings = [places[a:b] for a, b in pairwise(start)]
        self.rings = [rings[first : first + categories] for first in range(0, len(rings), categories)]  # tier, topic
        start = r.room_start.tolist()
        places = [Place(*row) for row in zip(r.room_keys[: start[-1]].tolist(), r.room_entries.tolist(), strict=False)]
        self.room_rings = [places[a:b] for a, b in pairwise(start)]  # the last holds all rooms
        self.terms, self.lift, self.live = r.room_terms.tolist(), r.lift.tolist(), float(r.live[0])
        self.newest, self.room_of = r.newest.tolist(), r.room_of.tolist()
        self.expected, self.usual, self.weights = (array.tolist() for array in r.usual)  # [7.17]

        self.boosts = open_boosts(world)

        names = "creator topic second main_topic_weight duration_ms"
        self.creator, self.topic, self.second, self.main_topic_weight, self.duration_ms = columns(
            world.catalogue.videos[:n], names
        )
        cuts = zip(*columns(r.slices, "slice odd first"), strict=True)
        self.slices = dict(zip([place.item for place in self.open], cuts, strict=False))
        self.quality = world.truth.quality[:n].tolist()
        names = "host session segment product online topics price ends_ms"
        (
            self.host,
            self.session,
            self.segment,
            self.product,
            self.online,
            self.topics,
            self.price,
            self.ends_ms,
        ) = columns(world.catalogue.rooms, names)
        self.room_slices = list(zip(*columns(world.catalogue.rooms, "slice odd first"), strict=True))
        names = "room topic price_cents bait"
        self.product_room, self.product_topic, self.product_price, self.bait = columns(world.catalogue.products, names)
        self.skill, self.appeal = world.truth.room_truth.skill.tolist(), world.truth.room_truth.appeal.tolist()

    def match_of_video(self, interest_profile: list[float], item: int) -> float:
        return blend(
            interest_profile[self.topic[item]], interest_profile[self.second[item]], self.main_topic_weight[item]
        )

    def match_of_room(self, interest_profile: list[float], r: int) -> float:
        total = 0.0
        for c, share in enumerate(self.topics[r]):
            total = total + share * interest_profile[c]
        return total


def walk(ring: list[Place], at: int, most: int) -> list[Place]:
    """The next places of a ring from `at` on."""
    first = bisect_left(ring, at, key=lambda place: place.key)
    return [ring[(first + k) % len(ring)] for k in range(min(most, len(ring)))]


class Interval:
    """One shard in one interval: its part of every budget, and its events [7.4, 7.14]."""

    def __init__(self, inventory: Snapshot, shard: int, shards: int, refresh_index: int, until: int) -> None:
        self.inventory, self.shard, self.shards, self.refresh_index, self.until = (
            inventory,
            shard,
            shards,
            refresh_index,
            until,
        )
        self.used: dict[int, int] = {}
        self.billed: dict[int, int] = {}
        self.events: list[Event] = []
        self.lessons: list[list[int]] = []  # sums of a regression [7.12]

    def on_offer(self, item: int) -> bool:
        if item < 0 and self.inventory.segment[~item] == CLOSED:
            return False
        part, odd, first = (
            self.inventory.slices.get(item, (0, 0, 0)) if item >= 0 else self.inventory.room_slices[~item]
        )
        part += 1 if (self.shard - first) % self.shards < odd else 0
        return self.used.get(item, 0) < part

    def take(self, item: int) -> None:
        self.used[item] = self.used.get(item, 0) + 1

    def has_left(self, boost: Boost) -> bool:
        part, odd, first = boost.slice
        return self.billed.get(boost.row, 0) < part + (1 if (self.shard - first) % self.shards < odd else 0)

    def boost_of(self, item: int) -> Boost | None:
        """The boost by which a boosted place can still be filled."""
        mine = [boost for boost in self.inventory.boosts if boost.item == item]
        is_open = item >= 0 or self.inventory.segment[~item] != CLOSED
        return mine[0] if mine and is_open and self.has_left(mine[0]) else None

    def bill(self, boost: Boost) -> None:
        self.billed[boost.row] = self.billed.get(boost.row, 0) + 1
