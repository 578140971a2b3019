"""What of a refresh, and of the end of a run, goes to the records. Nothing is recorded before the warm-up is over."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.core.arrays import Array
from sim.core.clock import HOUR
from sim.core.randomness import SAMPLED, draw
from sim.engine import observed_rows
from sim.engine.initialisation import every, sampling
from sim.engine.observed_rows import Observed
from sim.engine.population import Population
from sim.engine.tag_precision import tag_precision
from sim.results.lazy_rows import Table
from sim.scenario.scenario import Scenario
from sim.traffic.order_fulfilment import OrderOutcome
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.room_levels import Review
from sim.traffic.video_waves import Reviews

Recorder = Callable[[str, Table], None]
"""Takes a table's name and its new rows."""


def no_records(_table: str, _rows: Table) -> None:
    """Keep no records."""


class Observer:
    """Reads the state and hands rows to the records.

    `precision` is the last measured tag precision (cosine, share of the top three), `row` the latest row of the series.
    """

    def __init__(self, scenario: Scenario, seen: Observed, population: Population, record: Recorder) -> None:
        self.scenario, self.seen, self.population, self.record = scenario, seen, population, record
        self.precision = (0.0, 0.0)
        self.row: dict[str, Any] = {}
        _, v, _, _ = draw(scenario.seed, SAMPLED, 0, 0, 0)
        size = min(scenario.records.precision_sample, scenario.viewers.count)
        self.measured = (np.arange(size) * (scenario.viewers.count / size) + v).astype(np.int64)

    # --- saving

    def arrays(self, _videos: int) -> dict[str, Array]:
        """What a saved world must carry; the latest row is saved as text."""
        return {"precision": np.array(self.precision)}

    def restore(self, arrays: Any) -> None:
        """Take the state of a saved world."""
        cosine, hits = arrays["precision"].tolist()
        self.precision = cosine, hits

    # --- as things happen

    def video_reviews(self, reviews: Reviews, policy: PolicyInForce, now_ms: int) -> None:
        """Record a round of reviews of videos."""
        if now_ms > 0:
            self.record("reviews", observed_rows.video_reviews(reviews, now_ms, policy.weights))

    def room_reviews(self, reviews: Review, policy: PolicyInForce, now_ms: int) -> None:
        """Record a round of reviews of rooms, and what came since the last one."""
        if now_ms > 0 and len(reviews.room):
            self.record("reviews", observed_rows.room_reviews(reviews, self.seen, policy, now_ms))
            self.record("rooms", observed_rows.room_minutes(reviews.room, self.seen, policy.review_ms, now_ms))

    def sessions(self, rooms: Array, now_ms: int) -> None:
        """Record sessions that end."""
        if now_ms > 0 and len(rooms):
            self.record("sessions", observed_rows.sessions(rooms, self.seen))

    def refresh(self, outcome: OrderOutcome, policy: PolicyInForce, now_ms: int) -> None:
        """Measure tags every hour, and make the row of the series."""
        if now_ms % HOUR == 0:
            some, categories = self.population.rows(self.measured), len(self.scenario.categories)
            weights = self.seen.platform.snapshot.usual.weights
            self.precision = tag_precision(some.viewers, some.tags, now_ms, policy.tag_rules, weights, categories)
        self.row = observed_rows.series_row(self.seen, self.precision, now_ms)
        if now_ms <= 0:
            self.seen.totals.product_counts[:] = 0
            return
        self.record("series", self.row)
        if len(outcome.orders):
            self.record("orders", observed_rows.orders(outcome, self.seen.catalogue))
        boosted = np.flatnonzero(self.seen.boosts.to_record(now_ms))
        if len(boosted):
            self.record("campaigns", observed_rows.campaigns(boosted, self.seen, policy, now_ms))
        if self.scenario.records.exposures > 0 and len(events := self.population.sampled()):
            self.record("exposures", observed_rows.exposures(events))

    def end(self, policy: PolicyInForce, now_ms: int) -> None:
        """Record the tables that show the state at the end."""
        seen = self.seen
        self.record("items", observed_rows.items(seen))
        self.record("products", observed_rows.products(seen))
        unrecorded = np.flatnonzero(~seen.boosts.to_record(now_ms))
        if len(unrecorded):
            self.record("campaigns", observed_rows.campaigns(unrecorded, seen, policy, now_ms))
        has_counts = (seen.platform.counters.rooms + seen.boosts.aside).any(axis=1)
        unreviewed = np.flatnonzero((seen.platform.levels["level"] >= 0) & has_counts)
        if len(unreviewed):
            self.record("rooms", observed_rows.room_minutes(unreviewed, seen, policy.review_ms, now_ms))
        stride, viewers = every(self.scenario.records.viewers), self.scenario.viewers.count
        if stride:
            who = np.arange(sampling(self.scenario)[1], viewers, stride)
            found, categories = self.population.rows(who), len(self.scenario.categories)
            self.record("viewers", observed_rows.viewers(who, found, seen, policy, categories, now_ms))
