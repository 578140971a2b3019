"""What a world tells the records: rows of the tables, told as they happen. Reads the world, changes nothing."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from agents.viewer import MOST_TASTES, PHASES, trait
from sim.core import event_log
from sim.core.arrays import Array, one
from sim.core.catalogue import SEGMENTS
from sim.core.clock import SECOND
from sim.core.compiler import compiled
from sim.engine.viewer_view import TRAITS
from sim.recommender.boosted_slots import NO_ITEM, STATES
from sim.recommender.interest_tags import belief
from sim.results.lazy_rows import Later
from sim.traffic import room_levels, video_waves
from sim.traffic.campaign_accounts import bought, price
from sim.traffic.room_levels import Review
from sim.traffic.video_waves import Reviews

Table = dict[str, Any]


@compiled
def precision(viewers: Array, tags: Array, now_ms: int, believing: Array, categories: int) -> tuple[float, float]:
    """Tag precision over some viewers: mean cosine of tags and true tastes, and share of the top three tags that are
    tastes.
    """
    cosine, hits, tag = 0.0, 0.0, np.zeros(categories)
    for i in range(len(viewers)):
        belief(tags[i], now_ms, believing[0], tag)
        dot, liked, believed = 0.0, 0.0, 0.0
        for n in range(MOST_TASTES):
            liking = viewers[i].liking[n] / 255.0
            dot += liking * tag[viewers[i].taste[n]]
            liked += liking * liking
        for c in range(categories):
            believed += tag[c] * tag[c]
        if believed > 0.0:
            cosine += dot / (liked * believed) ** 0.5
        for c in np.argsort(-tag)[:3]:
            for n in range(MOST_TASTES):
                if viewers[i].taste[n] == c and viewers[i].liking[n] > 0 and tag[c] > 0.0:
                    hits += 1.0 / 3.0
                    break
    return cosine / max(len(viewers), 1), hits / max(len(viewers), 1)


def named(names: Sequence[str], numbers: Array) -> Array:
    """The names for which numbers stand."""
    return np.array(names, object)[numbers]


def series_row(world: Any) -> dict[str, Any]:
    """The refresh that ends now, in totals."""
    totals, tiers = world.counters.totals.tolist(), world.counters.tiers.tolist()
    online, open_rooms = int(world.rooms["online"].sum()), int(np.count_nonzero(world.levels["level"] >= 0))
    row = world.clock.now_ms // SECOND, *totals, *tiers, online, open_rooms, len(world.open_items), *world.precision
    return dict(zip(_series_names(len(tiers)), row, strict=True))


@cache
def _series_names(tiers: int) -> tuple[str, ...]:
    of_tiers, of_rooms = (f"tier_{t}" for t in range(tiers)), ("online", "open_rooms", "open_videos")
    return "at_s", *event_log.TOTALS, *of_tiers, *of_rooms, "tag_cosine", "tag_hits"


def video_reviews(reviews: Reviews, now_ms: int, weights: Array) -> Later:
    """One row a wave of a video that closed."""
    return Later(_video_reviews, (np.full(len(reviews.item), now_ms), *reviews), (weights,))


def _video_reviews(now_ms: Array, *found_and_weights: Array) -> Table:
    found, weights = Reviews(*found_and_weights[:-1]), found_and_weights[-1]
    n = len(now_ms)
    return {
        "at_s": now_ms // SECOND,
        "kind": ["video"] * n,
        "item": found.item,
        "session": np.zeros(n, np.int64),
        "tier": found.tier,
        "wave": found.wave,
        "opened_s": found.opened_ms // SECOND,
        "budget": found.budget,
        "given": found.given,
        "paid": found.paid,
        "dwell": found.dwell,
        "interaction": found.interaction,
        "entry": np.full(n, np.nan),
        "gpm": np.full(n, np.nan),
        "dwell_term": found.dwell_term,
        "interaction_term": found.interaction_term,
        "entry_term": np.full(n, np.nan),
        "conversion_term": np.full(n, np.nan),
        "dwell_weight": np.full(n, weights["dwell"][0]),
        "interaction_weight": np.full(n, weights["interaction"][0]),
        "entry_weight": np.zeros(n),
        "conversion_weight": np.zeros(n),
        "penalty": np.zeros(n),
        "score": found.score,
        "up_at": found.promote_at,
        "down_at": found.repeat_at,
        "verdict": named(video_waves.VERDICTS, found.verdict),
    }


def room_reviews(found: Review, world: Any, now_ms: int) -> Table:
    """One row a room's wave that closed."""
    n, w, r = len(found.room), world.weighing, found.room
    return {
        "at_s": np.full(n, now_ms // SECOND),
        "kind": ["room"] * n,
        "item": r,
        "session": world.rooms["session"][r].astype(np.int64),
        "tier": found.level,
        "wave": world.levels["reviews"][r] + 1,
        "opened_s": np.full(n, (now_ms - world.review_ms) // SECOND),
        "budget": world.levels["budget"][r],
        "given": world.levels["given"][r],
        "paid": world.counters.rooms[r, event_log.R_PAID] + world.paid.aside[r, event_log.R_PAID],
        "dwell": found.rates[:, 0],
        "interaction": found.rates[:, 1],
        "entry": found.rates[:, 2],
        "gpm": found.rates[:, 3],
        "dwell_term": found.relative[:, 0],
        "interaction_term": found.relative[:, 1],
        "entry_term": found.relative[:, 2],
        "conversion_term": found.relative[:, 3],
        "dwell_weight": np.full(n, w["dwell"][0]),
        "interaction_weight": np.full(n, w["interaction"][0]),
        "entry_weight": np.full(n, w["entry"][0]),
        "conversion_weight": np.full(n, w["conversion"][0]),
        "penalty": found.penalty,
        "score": found.score,
        "up_at": found.up_at,
        "down_at": found.down_at,
        "verdict": named(room_levels.VERDICTS, found.verdict - room_levels.DOWN),
    }


def price_yuan(bands: Array) -> Array:
    """The middle prices of price bands (yuan); NaN where none is known."""
    return np.where(bands > 0, 2.0 ** ((bands.astype(float) - 1.0) / 8.0) / 100.0, np.nan)


def room_minutes(rooms: Array, world: Any, now_ms: int) -> Table:
    """One row a room and review: what came and what was sold since the last one."""
    counts = world.counters.rooms[rooms] + world.paid.aside[rooms]
    table: Table = {
        "at_s": np.full(len(rooms), now_ms // SECOND),
        "room": rooms,
        "session": world.rooms["session"][rooms].astype(np.int64),
        "level": world.levels["level"][rooms].astype(np.int64),
        "script": [world.live_rooms[r].script for r in rooms.tolist()],
        "segment": named(SEGMENTS, world.rooms["segment"][rooms]),
        "budget": world.levels["budget"][rooms],
        "online": world.rooms["online"][rooms],
        "peak": world.peak[rooms],
        "price_yuan": price_yuan(world.rooms["price"][rooms]),
        "average": counts[:, event_log.R_STAY_MS] / world.review_ms,
    }
    return table | {name: counts[:, k] for k, name in enumerate(event_log.ROOM_COUNTS)}


def sessions(rooms: Array, world: Any) -> Table:
    """One row a session of a room that has ended."""
    agents = [world.live_rooms[r] for r in rooms]
    opened = world.levels["opened_ms"][rooms]
    open_ms = np.maximum(world.closed_ms[rooms] - opened, 1)
    table: Table = {
        "room": rooms,
        "session": world.rooms["session"][rooms].astype(np.int64),
        "opened_s": opened // SECOND,
        "closed_s": world.closed_ms[rooms] // SECOND,
        "script": [agent.script for agent in agents],
        "chosen": [agent.chosen for agent in agents],
        "breadth": (world.rooms["topics"][rooms] > 0).sum(axis=1),
        "topic": world.rooms["topics"][rooms].argmax(axis=1),
        "host": world.rooms["host"][rooms].astype(np.int64),
        "followers": world.followers[world.rooms["host"][rooms]],
        "skill": world.hosting.skill[rooms],
        "mean_level": world.levels["level_sum"][rooms] / np.maximum(world.levels["reviews"][rooms], 1),
        "acu": world.session_counts[rooms, event_log.R_STAY_MS] / open_ms,
        "pcu": world.session_peak[rooms],
        "bait_loss_cents": world.bait_loss_cents[rooms],
        "profit_cents": world.profit_cents[rooms],
    }
    return table | {name: world.session_counts[rooms, k] for k, name in enumerate(event_log.ROOM_COUNTS)}


def orders(world: Any) -> Table:
    """One row an order, filled or refused."""
    product = world.orders["item"]
    return {
        "at_ms": world.orders["at_ms"],
        "viewer": world.orders["viewer"],
        "room": world.products["room"][product],
        "session": world.rooms["session"][world.products["room"][product]],
        "product": product,
        "topic": world.products["topic"][product].astype(np.int64),
        "price_cents": world.products["price_cents"][product],
        "bait": world.products["bait"][product].astype(bool),
        "filled": world.filled,
        "match": (world.orders["mark"] & 15).astype(np.int64),
    }


def products(world: Any) -> Table:
    """One row a product, at the end, with what came of it in the recorded time."""
    table: Table = {
        "product": np.arange(len(world.products)),
        "room": world.products["room"],
        "topic": world.products["topic"].astype(np.int64),
        "price_cents": world.products["price_cents"],
        "bait": world.products["bait"].astype(bool),
        "appeal": world.hosting.appeal,
    }
    return table | {name: world.product_counts[:, k] for k, name in enumerate(event_log.PRODUCT_COUNTS)}


def paid(boosts: Array, world: Any, now_ms: int) -> Table:
    """One row a boost: what was bought, what came of it, and what its item had by itself meanwhile."""
    rows, rules = world.paid.rows[boosts], world.rules.paid
    orders = [world.paid.orders[n] for n in rows["order"]]
    begun, rooms = rows["item"] != NO_ITEM, np.array([order.is_of_a_room for order in orders])
    item, at_ms = np.where(begun, rows["item"], 0), np.array([order.at_ms for order in orders])
    tier = np.where(rooms, world.levels["level"][~item * rooms], world.waves["tier"][item * ~rooms])
    table: Table = {
        "at_s": np.full(len(rows), now_ms // SECOND),
        "boost": boosts,
        "order": rows["order"].astype(np.int64),
        "kind": ["room" if room else "video" for room in rooms],
        "item": np.where(begun, np.where(rooms, ~item, item), -1),
        "target": [order.target.kind for order in orders],
        "fit": rows["fit"],
        "state": [STATES[state] for state in rows["state"]],
        "opened_s": np.where(begun, rows["opened_ms"], at_ms) // SECOND,
        "closes_s": np.where(begun, rows["closes_ms"], at_ms) // SECOND,
        "budget": np.where(begun, rows["budget"], [bought(order, rules) for order in orders]),
        "given": rows["given"],
        "budget_yuan": np.array([order.budget_yuan for order in orders]),
        "spent_yuan": rows["given"] / np.array([price(order, rules) for order in orders]),
        "before": rows["before"],
        "natural": np.where(begun, world.paid.natural_so_far(world, item) - rows["before"], 0),
        "tier": np.where(begun, tier, -1).astype(np.int64),
    }
    for name, (video, room) in event_log.PAID_COUNTS.items():
        place = np.where(
            rooms,
            *(
                names.index(one) if one else -1
                for names, one in ((event_log.ROOM_COUNTS, room), (event_log.VIDEO_COUNTS, video))
            ),
        )
        table[name] = np.where(place >= 0, rows["counts"][np.arange(len(rows)), place], 0)
    return table


def exposures(facts: Array) -> Later:
    """One row a fact of a sampled viewer: exposures, stretches of stays, orders, sessions."""
    return Later(_exposures, (facts,))


def _exposures(facts: Array) -> Table:
    mark, did = facts["mark"], facts["did"]
    table: Table = {
        "at_ms": facts["at_ms"],
        "viewer": facts["viewer"],
        "kind": named(event_log.KINDS, facts["kind"]),
        "item": facts["item"],
        "ms": facts["ms"],
        "match": (mark & 15).astype(np.int64),
        "source": named(event_log.SOURCES, mark >> 4),
    }
    return table | {name: (did & (1 << bit)) != 0 for bit, name in enumerate(event_log.DEEDS)}


def items(world: Any) -> Table:
    """One row a video, at the end."""
    n, v, w = world.published, world.videos, world.waves
    counts = world.counters.videos[:n] + world.paid.aside_of_videos(n)
    table: Table = {
        "item": np.arange(n),
        "creator": v["creator"][:n],
        "published_s": v["published_ms"][:n] // SECOND,
        "duration_ms": v["duration_ms"][:n],
        "topic": v["topic"][:n].astype(np.int64),
        "second_topic": v["second"][:n].astype(np.int64),
        "lean": v["lean"][:n] / 255.0,
        "pull": world.pull[:n],
        "tier": w["tier"][:n].astype(np.int64),
        "waves": w["wave"][:n].astype(np.int64),
        "best_tier": world.best_tier[:n].astype(np.int64),
    }
    return table | {name: counts[:, k] for k, name in enumerate(event_log.VIDEO_COUNTS)}


def viewers(world: Any, who: Array) -> Table:
    """One row a sampled viewer, at the end: traits, tastes and tags."""
    found, categories = world.crowd.rows(who), len(world.scenario.categories)
    v = found.viewers
    tag, taste = np.zeros((len(who), categories)), np.zeros((len(who), categories))
    for row in range(len(who)):
        belief(one(found.tags, row), world.clock.now_ms, one(world.believing), tag[row])
        for n in range(MOST_TASTES):
            taste[row, v["taste"][row, n]] = max(taste[row, v["taste"][row, n]], v["liking"][row, n] / 255.0)
    factor = {name: [trait(int(x)) for x in v[name]] for name in TRAITS}
    return {
        "viewer": who,
        **factor,
        "price_yuan": v["price_cents"] / 100.0,
        "bargain": v["bargain"].astype(bool),
        "price_tag_yuan": price_yuan(found.served["price"]),
        "phase": [PHASES[x] for x in v["phase"]],
        "mood": v["mood"].astype(float),
        "visits": v["visit"],
        "pages": found.served["pages"],
        "taste": list(taste),
        "tag": list(tag),
    }
