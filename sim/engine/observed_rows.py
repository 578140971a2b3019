"""Rows of the tables, as they are observed. Reads the state, changes nothing."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from agents.truth import HiddenTruth
from agents.viewer import MOST_TASTES, PHASES, trait
from sim.core import event_log
from sim.core.arrays import Array, one
from sim.core.catalogue import SEGMENTS, Catalogue
from sim.core.clock import SECOND
from sim.engine.loop_context import People
from sim.engine.viewer_view import TRAITS
from sim.recommender.boosted_slots import NO_ITEM, STATES
from sim.recommender.interest_tags import KINDS, interest_profile, said_by_kinds
from sim.recommender.scoring import CONVERSION, DWELL, ENTRY, INTERACTION, SALES, TERMS
from sim.results.lazy_rows import Later
from sim.traffic import room_levels, video_waves
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.campaign_accounts import bought, price
from sim.traffic.order_fulfilment import OrderOutcome
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.room_books import RoomBooks
from sim.traffic.room_levels import Review
from sim.traffic.run_totals import RunTotals
from sim.traffic.video_waves import Reviews

Table = dict[str, Any]


class Observed(NamedTuple):
    """What rows are made from."""

    catalogue: Catalogue
    truth: HiddenTruth
    platform: PlatformState
    books: RoomBooks
    boosts: BoostedWaves
    totals: RunTotals


def named(names: Sequence[str], numbers: Array) -> Array:
    """The names for which numbers stand."""
    return np.array(names, object)[numbers]


def series_row(seen: Observed, precision: tuple[float, float], now_ms: int) -> dict[str, Any]:
    """The refresh that ends now, in totals."""
    platform, online = seen.platform, int(seen.catalogue.rooms["online"].sum())
    totals, tiers = platform.counters.totals.tolist(), platform.counters.tiers.tolist()
    open_rooms, open_videos = int(np.count_nonzero(platform.levels["level"] >= 0)), len(platform.open_videos)
    row = now_ms // SECOND, *totals, *tiers, online, open_rooms, open_videos, *precision
    return dict(zip(_series_names(len(tiers)), row, strict=True))


@cache
def _series_names(tiers: int) -> tuple[str, ...]:
    of_tiers, of_rooms = (f"tier_{t}" for t in range(tiers - 1)), ("stock", "online", "open_rooms", "open_videos")
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
        "delivered": found.delivered,
        "boosted": found.boosted,
        "dwell": found.dwell,
        "interaction": found.interaction,
        "entry": np.full(n, np.nan),
        "conversion": np.full(n, np.nan),
        "gpm": np.full(n, np.nan),
        "dwell_term": found.dwell_term,
        "interaction_term": found.interaction_term,
        "entry_term": np.full(n, np.nan),
        "conversion_term": np.full(n, np.nan),
        "sales_term": np.full(n, np.nan),
        "dwell_weight": np.full(n, weights["review"][0, DWELL]),
        "interaction_weight": np.full(n, weights["review"][0, INTERACTION]),
        "entry_weight": np.zeros(n),
        "conversion_weight": np.zeros(n),
        "sales_weight": np.zeros(n),
        "goods": np.zeros(n),
        "entries": np.zeros(n),
        "prior_entries": np.full(n, np.nan),
        "peers": np.zeros(n, np.int64),
        "compared": [""] * n,
        "orders_known": np.zeros(n),
        "average": np.full(n, np.nan),
        "to_hold": np.full(n, np.nan),
        "penalty": np.zeros(n),
        "score": found.score,
        "up_at": found.promote_at,
        "down_at": found.repeat_at,
        "verdict": named(video_waves.VERDICTS, found.verdict),
    }


def room_reviews(found: Review, seen: Observed, policy: PolicyInForce, now_ms: int) -> Table:
    """One row a room's wave that closed."""
    n, r = len(found.room), found.room
    recent, baits = seen.platform.levels["recent"][r], 0 if policy.rules.reviews.count_baits else 1
    with np.errstate(divide="ignore"):
        prior = np.where(found.mean[:, CONVERSION] > 0.0, 1.0 / found.mean[:, CONVERSION], np.nan)
    return {
        "at_s": np.full(n, now_ms // SECOND),
        "kind": ["room"] * n,
        "item": r,
        "session": seen.catalogue.rooms["session"][r].astype(np.int64),
        "tier": found.level,
        "wave": seen.platform.levels["reviews"][r] + 1,
        "opened_s": np.full(n, (now_ms - policy.review_ms) // SECOND),
        "budget": seen.platform.levels["budget"][r],
        "delivered": seen.platform.levels["delivered"][r],
        "boosted": seen.platform.counters.rooms[r, event_log.R_BOOSTED] + seen.boosts.aside[r, event_log.R_BOOSTED],
        "dwell": found.rates[:, DWELL],
        "interaction": found.rates[:, INTERACTION],
        "entry": found.rates[:, ENTRY],
        "conversion": found.rates[:, CONVERSION],
        "gpm": found.rates[:, SALES],
        **{f"{term}_term": found.relative[:, k] for k, term in enumerate(TERMS)},
        **{f"{term}_weight": found.weights[:, k] for k, term in enumerate(TERMS)},
        "goods": recent[:, event_log.R_ORDERS] - baits * recent[:, event_log.R_BAITS],
        "entries": recent[:, event_log.R_ENTERED],
        "prior_entries": prior,
        "peers": found.peers,
        "compared": named(room_levels.COMPARED, found.closeness),
        "orders_known": seen.platform.levels["orders"][r],
        "average": found.average,
        "to_hold": policy.steps[found.level],
        "penalty": found.penalty,
        "score": found.score,
        "up_at": found.up_at,
        "down_at": found.down_at,
        "verdict": named(room_levels.VERDICTS, found.verdict - room_levels.DOWN),
    }


def price_yuan(bands: Array) -> Array:
    """The middle prices of price bands (yuan); NaN where none is known."""
    return np.where(bands > 0, 2.0 ** ((bands.astype(float) - 1.0) / 8.0) / 100.0, np.nan)


def room_minutes(rooms: Array, seen: Observed, review_ms: int, now_ms: int) -> Table:
    """One row a room and review: what came and what was sold since the last one."""
    counts = seen.platform.counters.rooms[rooms] + seen.boosts.aside[rooms]
    table: Table = {
        "at_s": np.full(len(rooms), now_ms // SECOND),
        "room": rooms,
        "session": seen.catalogue.rooms["session"][rooms].astype(np.int64),
        "level": seen.platform.levels["level"][rooms].astype(np.int64),
        "script": [seen.truth.live_rooms[r].script for r in rooms.tolist()],
        "segment": named(SEGMENTS, seen.catalogue.rooms["segment"][rooms]),
        "budget": seen.platform.levels["budget"][rooms],
        "online": seen.catalogue.rooms["online"][rooms],
        "peak": seen.books.peak[rooms],
        "price_yuan": price_yuan(seen.catalogue.rooms["price"][rooms]),
        "average": counts[:, event_log.R_STAY_MS] / review_ms,
    }
    return table | {name: counts[:, k] for k, name in enumerate(event_log.ROOM_COUNTS)}


def sessions(rooms: Array, seen: Observed) -> Table:
    """One row a session of a room that has ended."""
    agents = [seen.truth.live_rooms[r] for r in rooms]
    opened = seen.platform.levels["opened_ms"][rooms]
    open_ms = np.maximum(seen.books.closed_ms[rooms] - opened, 1)
    table: Table = {
        "room": rooms,
        "session": seen.catalogue.rooms["session"][rooms].astype(np.int64),
        "opened_s": opened // SECOND,
        "closed_s": seen.books.closed_ms[rooms] // SECOND,
        "script": [agent.script for agent in agents],
        "chosen": [agent.chosen for agent in agents],
        "breadth": (seen.catalogue.rooms["topics"][rooms] > 0).sum(axis=1),
        "topic": seen.catalogue.rooms["main"][rooms].astype(np.int64),
        "host": seen.catalogue.rooms["host"][rooms].astype(np.int64),
        "followers": seen.platform.counters.followers[seen.catalogue.rooms["host"][rooms]],
        "adopts_s": [math.nan if agent.adopts_ms is None else agent.adopts_ms / SECOND for agent in agents],
        "skill": seen.truth.lasting.skill[rooms],
        "form": seen.truth.host_form[rooms],
        "goods": seen.truth.session_goods[rooms],
        "mean_level": seen.platform.levels["level_sum"][rooms] / np.maximum(seen.platform.levels["reviews"][rooms], 1),
        "acu": seen.books.session_counts[rooms, event_log.R_STAY_MS] / open_ms,
        "pcu": seen.books.session_peak[rooms],
        "margin_cents": seen.books.margin_cents[rooms],
        "bait_loss_cents": seen.books.bait_loss_cents[rooms],
        "boost_cents": np.floor(seen.books.boost_cents[rooms] + 0.5).astype(np.int64),
        "profit_cents": seen.books.profit_cents(rooms),
    }
    return table | {name: seen.books.session_counts[rooms, k] for k, name in enumerate(event_log.ROOM_COUNTS)}


def orders(outcome: OrderOutcome, catalogue: Catalogue) -> Table:
    """One row an order, filled or refused."""
    placed, products = outcome.orders, catalogue.products
    product = placed["item"]
    return {
        "at_ms": placed["at_ms"],
        "viewer": placed["viewer"],
        "room": products["room"][product],
        "session": catalogue.rooms["session"][products["room"][product]],
        "product": product,
        "topic": products["topic"][product].astype(np.int64),
        "price_cents": products["price_cents"][product],
        "bait": products["bait"][product].astype(bool),
        "filled": outcome.filled,
        "paid": outcome.paid,
        "returned": outcome.returned,
        "gsv_cents": outcome.gsv,
        "follows_host": (placed["did"] & event_log.FOLLOWED) != 0,
        "match": (placed["match_source"] & 15).astype(np.int64),
        "source": named(event_log.SOURCES, placed["match_source"] >> 4),
    }


def products(seen: Observed) -> Table:
    """One row a product, at the end, with what came of it in the recorded time."""
    table: Table = {
        "product": np.arange(len(seen.catalogue.products)),
        "room": seen.catalogue.products["room"],
        "topic": seen.catalogue.products["topic"].astype(np.int64),
        "price_cents": seen.catalogue.products["price_cents"],
        "bait": seen.catalogue.products["bait"].astype(bool),
        "appeal": seen.truth.lasting.appeal,
    }
    return table | {name: seen.totals.product_counts[:, k] for k, name in enumerate(event_log.PRODUCT_COUNTS)}


def campaigns(which: Array, seen: Observed, policy: PolicyInForce, now_ms: int) -> Table:
    """One row a boost: what was bought, what came of it, and what its item had by itself meanwhile."""
    rows, rules = seen.boosts.rows[which], policy.rules.boosts
    orders = [seen.boosts.orders[n] for n in rows["order"]]
    begun, rooms = rows["item"] != NO_ITEM, np.array([order.is_of_a_room for order in orders])
    item, at_ms = np.where(begun, rows["item"], 0), seen.boosts.due_ms[rows["order"]]
    tier = np.where(rooms, seen.platform.levels["level"][~item * rooms], seen.platform.waves["tier"][item * ~rooms])
    table: Table = {
        "at_s": np.full(len(rows), now_ms // SECOND),
        "boost": which,
        "order": rows["order"].astype(np.int64),
        "kind": ["room" if room else "video" for room in rooms],
        "item": np.where(begun, np.where(rooms, ~item, item), -1),
        "target": [order.target.kind for order in orders],
        "audience": rows["fit"],
        "state": [STATES[state] for state in rows["state"]],
        "opened_s": np.where(begun, rows["opened_ms"], at_ms) // SECOND,
        "closes_s": np.where(begun, rows["closes_ms"], at_ms) // SECOND,
        "budget": np.where(begun, rows["budget"], [bought(order, rules) for order in orders]),
        "delivered": rows["delivered"],
        "budget_yuan": np.array([order.budget_yuan for order in orders]),
        "spent_yuan": rows["delivered"] / np.array([price(order, rules) for order in orders]),
        "before": rows["before"],
        "natural": np.where(begun, seen.boosts.natural_so_far(seen.platform, item) - rows["before"], 0),
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


def exposures(events: Array) -> Later:
    """One row an event of a sampled viewer: exposures, stretches of stays, orders, sessions."""
    return Later(_exposures, (events,))


def _exposures(events: Array) -> Table:
    match_source, did = events["match_source"], events["did"]
    table: Table = {
        "at_ms": events["at_ms"],
        "viewer": events["viewer"],
        "kind": named(event_log.KINDS, events["kind"]),
        "item": events["item"],
        "ms": events["ms"],
        "match": (match_source & 15).astype(np.int64),
        "source": named(event_log.SOURCES, match_source >> 4),
    }
    return table | {name: (did & (1 << bit)) != 0 for bit, name in enumerate(event_log.DEEDS)}


def items(seen: Observed) -> Table:
    """One row a video, at the end."""
    n, v, w = seen.catalogue.published, seen.catalogue.videos, seen.platform.waves
    counts = seen.platform.counters.videos[:n] + seen.boosts.aside_of_videos(n)
    table: Table = {
        "item": np.arange(n),
        "creator": v["creator"][:n],
        "published_s": v["published_ms"][:n] // SECOND,
        "duration_ms": v["duration_ms"][:n],
        "topic": v["topic"][:n].astype(np.int64),
        "second_topic": v["second"][:n].astype(np.int64),
        "main_topic_weight": v["main_topic_weight"][:n] / 255.0,
        "quality": seen.truth.quality[:n],
        "tier": w["tier"][:n].astype(np.int64),
        "waves": w["wave"][:n].astype(np.int64),
        "best_tier": seen.platform.best_tier[:n].astype(np.int64),
        "died_s": np.where(w["tier"][:n] == video_waves.DEAD, w["closes_ms"][:n] / SECOND, np.nan),
    }
    return table | {name: counts[:, k] for k, name in enumerate(event_log.VIDEO_COUNTS)}


def viewers(who: Array, found: People, seen: Observed, policy: PolicyInForce, categories: int, now_ms: int) -> Table:
    """One row a sampled viewer, at the end: traits, tastes and tags."""
    v = found.viewers
    tag, taste = np.zeros((len(who), categories)), np.zeros((len(who), categories))
    kinds, weights = np.zeros((len(who), len(KINDS), categories)), seen.platform.snapshot.usual.weights
    for row in range(len(who)):
        believed = one(found.tags, row), now_ms, one(policy.tag_rules), weights
        interest_profile(*believed, tag[row])
        said_by_kinds(*believed, kinds[row])
        for n in range(MOST_TASTES):
            taste[row, v["taste"][row, n]] = max(taste[row, v["taste"][row, n]], v["affinity"][row, n] / 255.0)
    factor = {name: [trait(int(x)) for x in v[name]] for name in TRAITS}
    return {
        "viewer": who,
        **factor,
        "price_yuan": v["price_cents"] / 100.0,
        "bargain": v["bargain"].astype(bool),
        "price_tag_yuan": price_yuan(found.served["price"]),
        "phase": [PHASES[x] for x in v["phase"]],
        "satisfaction": v["satisfaction"].astype(float),
        "visits": v["visit"],
        "pages": found.served["pages"],
        "taste": list(taste),
        "tag": list(tag),
        **{f"tag_{kind}": list(kinds[:, n]) for n, kind in enumerate(KINDS)},
    }
