"""The rooms' part of a refresh: sessions open, are reviewed every few minutes and end, and shows are published."""

from dataclasses import dataclass

import numpy as np

from agents.live_room import LiveRoom, draw_topics, lay_out
from agents.truth import HiddenTruth
from sim.core.arrays import Array, one
from sim.core.catalogue import Catalogue
from sim.core.clock import MINUTE
from sim.core.event_log import R_ENTERED, R_GMV, R_GSV, R_ORDERS, R_STAY_MS
from sim.engine.observer import Observer
from sim.recommender import scoring
from sim.recommender.room_index import publish_rooms
from sim.scenario.scenario import Scenario
from sim.traffic import room_levels
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.room_books import RoomBooks


@dataclass
class RoomPhase:
    """What the phase may touch."""

    scenario: Scenario
    catalogue: Catalogue
    truth: HiddenTruth
    platform: PlatformState
    books: RoomBooks
    boosts: BoostedWaves
    observer: Observer

    # --- between reviews

    def open_sessions(self, policy: PolicyInForce, now_ms: int) -> None:
        """Give a level and a first budget to rooms that opened since the last refresh."""
        self.books.peak = np.maximum(self.books.peak, self.catalogue.rooms["online"])
        for r in sorted(self.platform.changed_rooms):
            room = self.truth.live_rooms[r]
            is_new = self.platform.levels["level"][r] < 0 or self.catalogue.rooms["session"][r] != room.session
            if room.is_open and is_new:
                self._open(room, policy, now_ms)

    def _open(self, room: LiveRoom, policy: PolicyInForce, now_ms: int) -> None:
        r, rules, levels, books = room.row, policy.rules.rooms, self.platform.levels, self.books
        if levels["level"][r] >= 0:
            self.end_sessions(np.array([r]), now_ms)
        self.catalogue.rooms["session"][r] = room.session
        self.truth.begin_session(room)
        self._lay_out(room)
        levels["level"][r] = room_levels.opening_level(levels["past"][r], rules)
        levels["opened_ms"][r], books.closed_ms[r] = now_ms, room.closes_ms
        levels["recent"][r] = levels["level_sum"][r] = levels["reviews"][r] = levels["held"][r] = 0
        books.session_counts[r] = books.session_peak[r] = 0
        books.margin_cents[r] = books.bait_loss_cents[r] = books.boost_cents[r] = 0
        here = np.flatnonzero(levels["level"] >= 0)
        pushed = self._is_pushed(here, policy, now_ms)
        budgets = room_levels.budgets(levels["level"][here], pushed, self.platform.expected_live, rules)
        levels["budget"][r], levels["delivered"][r] = budgets[here == r][0], 0

    def _lay_out(self, room: LiveRoom) -> None:
        """Let a room sell in as many categories as it chose."""
        topics, each = self.catalogue.rooms["topics"][room.row], self.scenario.rooms.products + 1
        if np.count_nonzero(topics) != room.breadth:
            weights = np.cumsum([category.share for category in self.scenario.categories])
            draw_topics(topics, self.scenario.seed, room.row, min(room.breadth, len(topics)), weights)
            lay_out(self.catalogue.products, room.row * each, (room.row + 1) * each, topics)

    def _is_pushed(self, rooms: Array, policy: PolicyInForce, now_ms: int) -> Array:
        """Which of the rooms are in their opening push."""
        opened_ms = self.platform.levels["opened_ms"][rooms]
        return np.asarray(now_ms - opened_ms < policy.rules.rooms.opening_minutes * MINUTE)

    def publish(self, policy: PolicyInForce, refresh_index: int) -> None:
        """Put the rooms' shows, slices and rings, and what each room is worth, in the snapshot."""
        platform, rooms = self.platform, self.catalogue.rooms
        for r in platform.changed_rooms:
            room = self.truth.live_rooms[r]
            rooms["segment"][r], rooms["product"][r] = room.segment, room.product
            rooms["ends_ms"][r] = room.segment_ends_ms
        platform.changed_rooms.clear()
        platform.snapshot.live[0] = platform.live_factor
        room_levels.cut_rooms(platform.levels, rooms, policy.rules.shards, refresh_index)
        publish_rooms(platform.snapshot, platform.room_order, platform.room_key, rooms)
        scoring.weighted_room_terms(
            platform.levels,
            platform.counters.rooms,
            policy.weights,
            policy.rules.reviews.count_baits,
            platform.snapshot.room_terms,
        )

    # --- reviews

    def review(self, policy: PolicyInForce, now_ms: int) -> None:
        """Close the books of each room, judge it against its peers, and give it the next budget."""
        rules, platform, levels = policy.rules.rooms, self.platform, self.platform.levels
        rooms = np.flatnonzero(levels["level"] >= 0)
        levels["recent"][rooms] = rules.memory * levels["recent"][rooms] + platform.counters.rooms[rooms]
        levels["orders"][rooms] += platform.counters.rooms[rooms, R_ORDERS]
        pushed = self._is_pushed(rooms, policy, now_ms)
        reviews = room_levels.review(
            rooms,
            levels,
            self.catalogue.rooms["sector"][rooms],
            platform.counters.rooms[rooms, R_STAY_MS] / policy.review_ms,
            pushed,
            policy.steps,
            rules,
            policy.rules.reviews,
            one(policy.weights),
            self.scenario.seed,
        )
        self.observer.room_reviews(reviews, policy, now_ms)
        self._close_books(rooms)
        kept = reviews.verdict == room_levels.KEEP
        held = room_levels.held(reviews.average, policy.steps[reviews.level], levels["held"][rooms])
        levels["held"][rooms] = np.where(kept, held, 0)  # a level that is new is to be held anew
        levels["level"][rooms] += reviews.verdict.astype(np.int8)
        levels["level_sum"][rooms] += levels["level"][rooms]
        levels["reviews"][rooms] += 1
        platform.live_factor = self._live_factor(rooms, policy)
        share = min(0.5, policy.rules.feed.live_share * platform.live_factor)
        platform.expected_live, platform.video_exposures = platform.video_exposures * share / (1.0 - share), 0
        is_empty = self.catalogue.rooms["online"][rooms] == 0
        ended = [r for r in rooms[is_empty] if not self.truth.live_rooms[r].is_open]
        self.end_sessions(np.array(ended, np.int64), now_ms)
        left = levels["level"][rooms] >= 0
        rooms, pushed = rooms[left], pushed[left]
        if len(rooms):
            budgets = room_levels.budgets(levels["level"][rooms], pushed, platform.expected_live, rules)
            levels["budget"][rooms], levels["delivered"][rooms] = budgets, 0

    def _live_factor(self, rooms: Array, policy: PolicyInForce) -> float:
        """What rooms together are worth now, as a factor on the share of places that they get."""
        together = self.platform.levels["recent"][rooms].sum(axis=0)
        expected = np.array([getattr(policy.rules.reviews.expected, term) for term in scoring.TERMS])
        response, baits = policy.rules.feed.live_response, policy.rules.reviews.count_baits
        return scoring.live_factor(together, expected, one(policy.weights), baits, response)

    def _close_books(self, rooms: Array) -> None:
        """Add what was counted since the last review to the books of the sessions, and begin anew."""
        platform, books, counts = self.platform, self.books, self.platform.counters.rooms
        books.session_counts += counts + self.boosts.aside
        room_levels.price(platform.levels, counts, rooms, self.catalogue.rooms)
        counts[:] = self.boosts.aside[:] = 0
        books.session_peak[:] = np.maximum(books.session_peak, books.peak)
        books.peak[:] = self.catalogue.rooms["online"]

    # --- the end of a session

    def end_sessions(self, rooms: Array, now_ms: int) -> None:
        """Close the books of sessions, and remember their levels."""
        self.observer.sessions(rooms, now_ms)
        levels = self.platform.levels
        for r in rooms:
            self._learn(r)
            levels["past"][r, 1:] = levels["past"][r, :-1]
            levels["past"][r, 0] = levels["level_sum"][r] / max(levels["reviews"][r], 1)
        levels["orders"][rooms] *= 0.5
        levels["level"][rooms] = -1

    def _learn(self, room: int) -> None:
        """Note what a session's show has brought the room, and what the session sold in the public ranking."""
        rules, books, show = self.scenario.rooms.learning, self.books, self.truth.live_rooms[room].show
        before, brought = books.earned[room, show], self._brought(room)
        books.earned[room, show] = (
            brought if np.isnan(before) else rules.memory * before + (1.0 - rules.memory) * brought
        )
        books.sales_rank[room] = books.session_counts[room, R_GMV]

    def _brought(self, room: int) -> float:
        """What a session has brought a room, by what rooms go by: cents, or entries."""
        objective, counts = self.scenario.rooms.learning.objective, self.books.session_counts[room]
        if objective == "profit":
            return float(self.books.profit_cents(np.array([room]))[0])
        return float(counts[R_GSV if objective == "gsv" else R_ENTERED])
