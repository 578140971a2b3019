"""Boosted waves (DOU+): they begin and end, and get their audience, their slices and their accounts."""

from collections.abc import Mapping

import numpy as np

from sim.core.agreement import agree
from sim.core.arrays import Array, fill, longer
from sim.core.catalogue import Catalogue
from sim.core.clock import HOUR
from sim.core.event_log import (
    BOOSTED,
    INSIDE,
    ORDER,
    R_ENTERED,
    ROOM_COUNTS,
    SHOWN,
    V_BOOSTED,
    V_SHOWN,
    VIDEO,
    VIDEO_COUNTS,
    Counters,
)
from sim.recommender.boosted_slots import NO_ITEM, OPEN, OVER, WAITING, initial_boosts
from sim.recommender.budget_slices import cut
from sim.recommender.snapshot import ALL
from sim.scenario.campaigns import Best, Campaign, Everybody, Likers, Lookalikes, Newest, Post, Tagged, Target
from sim.scenario.scenario import Scenario
from sim.traffic.audience import BUYERS, ENGAGERS, TargetedViewers, best, like_rates, needs_people, own_topics
from sim.traffic.campaign_accounts import bought, count_boosted, due, latest
from sim.traffic.order_fulfilment import OrderOutcome, add_orders
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce


class BoostedWaves:
    """All boosted waves of a world. `feed` is what the feed sees of them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.orders = scenario, scenario.campaigns
        self.due_ms = np.array([scenario.calendar.moment(order.at) for order in scenario.campaigns], np.int64)
        counts = [order.boosts.count for order in scenario.campaigns]
        targeted = sum(
            n for order, n in zip(scenario.campaigns, counts, strict=True) if not isinstance(order.target, Everybody)
        )
        self.feed = initial_boosts(sum(counts), targeted, scenario.viewers.count)
        self.rows = self.feed.rows
        self.rows["order"] = np.repeat(np.arange(len(counts)), counts)
        rooms, categories = scenario.rooms.count, len(scenario.categories)
        self.aside = np.zeros((rooms, len(ROOM_COUNTS)), np.int64)  # what does not count, since the last review
        self.natural = np.zeros(rooms, np.int64)  # natural exposures of rooms so far
        self.of_videos, of_rooms = needs_people(scenario)
        self.won_by_videos = np.zeros((0, categories), np.int64)  # tags of each video's engagers, added up
        self.won_by_rooms = np.zeros((rooms if of_rooms else 0, 2, categories), np.int64)  # of engagers and of buyers
        self.news = np.zeros(len(self.rows), bool)  # what began or ended in this refresh

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    def reserve(self, videos: int) -> None:
        """Reserve capacity for more videos."""
        if self.of_videos:
            self.won_by_videos = longer(self.won_by_videos, videos)

    def arrays(self, videos: int) -> dict[str, Array]:
        """What a saved world with so many videos must carry."""
        mine = {name: getattr(self, name) for name in ("rows", "aside", "natural", "news", "won_by_rooms")}
        return mine | {"audiences": self.feed.audiences, "won_by_videos": self.won_by_videos[:videos]}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state of a saved world."""
        for name, array in self.arrays(len(arrays["won_by_videos"])).items():
            fill(array, arrays[name])

    # --- beginning and end

    def begin_and_end(
        self,
        catalogue: Catalogue,
        platform: PlatformState,
        policy: PolicyInForce,
        viewers: TargetedViewers,
        now_ms: int,
    ) -> None:
        """End what is spent or out of time; begin what is due and can be shown."""
        if not self:
            return
        rows = self.rows
        over = (rows["state"] == OPEN) & ((rows["delivered"] >= rows["budget"]) | (rows["closes_ms"] <= now_ms))
        rows["state"][over] = OVER
        self.news = over
        for k in map(int, np.flatnonzero((rows["state"] == WAITING) & (self.due_ms[rows["order"]] <= now_ms))):
            order = self.orders[rows["order"][k]]
            if (item := self._item(order, catalogue, platform)) != NO_ITEM:
                self._begin(k, order, item, platform, policy, now_ms)
                self._draw_audience(k, order.target, item, catalogue, viewers, now_ms)
                self.news[k] = True

    def _item(self, order: Campaign, catalogue: Catalogue, platform: PlatformState) -> int:
        """What an order boosts, or NO_ITEM while it is not there or in another boost that is open."""
        what, taken = order.boosts, self.rows["item"][self.rows["state"] == OPEN]
        if isinstance(what, Post):
            videos = catalogue.videos[: catalogue.published]
            mine = np.flatnonzero(
                (videos["creator"] == what.creator) & (videos["published_ms"] >= self.scenario.start_ms)
            )
            found = mine[what.number - 1 : what.number]
        elif isinstance(what, Newest):
            found = np.sort(platform.open_videos)[::-1]
        elif isinstance(what, Best):
            count = platform.snapshot.start[ALL + 1]
            shown, items = platform.snapshot.entries[:count], platform.snapshot.items[:count]
            value = shown["dwell"].astype(float) + shown["interaction"]
            found = items[np.lexsort((items, -value))]
            found = found[platform.waves["tier"][found] >= 0]
        else:
            found = np.array([~what.room] if platform.levels["level"][what.room] >= 0 else [], np.int64)
        found = found[~np.isin(found, taken)] if len(found) else found
        return int(found[0]) if len(found) else NO_ITEM

    def _begin(
        self, k: int, order: Campaign, item: int, platform: PlatformState, policy: PolicyInForce, now_ms: int
    ) -> None:
        rows = self.rows
        rows["item"][k], rows["state"][k] = item, OPEN
        rows["budget"][k] = bought(order, policy.rules.boosts)
        rows["opened_ms"][k], rows["closes_ms"][k] = now_ms, now_ms + order.lasts_ms
        rows["before"][k] = self.natural_so_far(platform, np.array([item]))[0]

    def _draw_audience(
        self, k: int, target: Target, item: int, catalogue: Catalogue, viewers: TargetedViewers, now_ms: int
    ) -> None:
        """Draw up who is to see a boost; boosts of one order share their audience unless it depends on the item."""
        rows = self.rows
        rows["fit"][k] = self.scenario.viewers.count
        if isinstance(target, Everybody):
            return
        drawn = np.flatnonzero((rows["order"] == rows["order"][k]) & (rows["audience"] >= 0))
        if len(drawn) and not isinstance(target, Lookalikes):
            rows["audience"][k], rows["fit"][k] = rows["audience"][drawn[0]], rows["fit"][drawn[0]]
            return
        scores = self._scores(target, item, catalogue, viewers, now_ms)
        fits, number = best(scores, target.share), rows["audience"].max() + 1
        self.feed.audiences[number] = np.packbits(fits, bitorder="little")
        rows["audience"][k], rows["fit"][k] = number, fits.sum()

    def _scores(
        self,
        target: Tagged | Lookalikes | Likers,
        item: int,
        catalogue: Catalogue,
        viewers: TargetedViewers,
        now_ms: int,
    ) -> Array:
        """How well each viewer fits a target."""
        if isinstance(target, Likers):
            return like_rates(viewers.like_counts())
        if isinstance(target, Tagged):
            profile = np.array([float(c.name in target.categories) for c in self.scenario.categories])
        else:
            profile = self._own_people(target, item, catalogue)
        return viewers.resembling(profile, isinstance(target, Lookalikes), now_ms)

    def _own_people(self, target: Lookalikes, item: int, catalogue: Catalogue) -> Array:
        """The tags of the people whom an item has won; while there are none, its own topics."""
        which = BUYERS if target.of == "buyers" else ENGAGERS
        won = self.won_by_videos[item] if item >= 0 else self.won_by_rooms[~item, which]
        return won.astype(float) if won.any() else own_topics(item, catalogue.videos, catalogue.rooms)

    # --- between refreshes

    def publish(self, policy: PolicyInForce, now_ms: int, refresh_index: int) -> None:
        """Cut what may be handed out until the next refresh into slices, and set up the ring."""
        rows, rules = self.rows, policy.rules
        mine = np.flatnonzero(rows["state"] == OPEN)
        open_ones = rows[mine]
        left = due(open_ones, now_ms, self.scenario.refresh_ms, rules.boosts.pacing)
        cut(open_ones, mine, left, rules.shards, refresh_index)
        rows[mine] = open_ones
        mine = mine[left > 0]
        ring = mine[np.argsort(rows["key"][mine])]
        self.feed.ring[: len(ring)], self.feed.size[0] = ring, len(ring)

    def before_counting(self, platform: PlatformState, billed: Array | None) -> None:
        """Note what will have grown when the events are counted, and, for the audit, what was taken of the slices."""
        self.natural -= platform.levels["delivered"]
        if billed is not None:
            self.delivered_before, self.billed = self.rows["delivered"].copy(), billed

    def count(self, catalogue: Catalogue, platform: PlatformState, policy: PolicyInForce, events: Array) -> None:
        """Put boosted events in their accounts."""
        self.natural += platform.levels["delivered"]
        self.events, before = events, self.rows["delivered"].copy()
        books = self.rows, catalogue.videos, platform.snapshot.lift, platform.counters, self.aside
        count_boosted(events, *books, policy.rules.boosts.counts)
        self.entries = self.rows["delivered"] - before

    def spent_on_rooms(self, policy: PolicyInForce) -> Array:
        """Cents that the entries of the interval just counted have cost each room."""
        cents, mine = np.zeros(len(self.natural)), self.rows["item"] < 0
        mine &= self.rows["item"] != NO_ITEM
        np.add.at(cents, ~self.rows["item"][mine], self.entries[mine] * (100.0 / policy.rules.boosts.entries_per_yuan))
        return cents

    @property
    def needs_people(self) -> bool:
        """Whether a target asks for the people whom an item has won."""
        return bool(self.of_videos or len(self.won_by_rooms))

    def keep_people(self, products: Array, events: Array, tags: Array) -> None:
        """Add the tags of those who reacted or bought to those of the people whom the item has won."""
        kind, item = events["kind"], events["item"]
        if self.of_videos:
            np.add.at(self.won_by_videos, item[kind == VIDEO], tags[kind == VIDEO])
        if len(self.won_by_rooms):
            np.add.at(self.won_by_rooms[:, ENGAGERS], ~item[kind == INSIDE], tags[kind == INSIDE])
            rooms = products["room"][item[kind == ORDER]]
            np.add.at(self.won_by_rooms[:, BUYERS], rooms, tags[kind == ORDER])

    def count_orders(self, counters: Counters, policy: PolicyInForce, outcome: OrderOutcome) -> None:
        """Put orders in the accounts: of the room, unless they are boosted and do not count, and of the boost."""
        if not self:
            add_orders(counters.rooms, outcome.room, outcome)
            return
        boosted = (outcome.orders["match_source"] >> 4) == BOOSTED
        counts = policy.rules.boosts.counts
        for book, mine in ((counters.rooms, ~boosted | counts), (self.aside, boosted & (not counts))):
            add_orders(book, outcome.room[mine], outcome.of(mine))
        boost = np.array([latest(self.rows, ~int(r)) for r in outcome.room[boosted]], np.int64)
        add_orders(self.rows["counts"], boost, outcome.of(boosted))

    # --- for the records

    def to_record(self, now_ms: int) -> Array:
        """Which boosts have something to record: those that begin or end now, and every hour all that have begun."""
        return (self.rows["item"] != NO_ITEM) & (self.news | (now_ms % HOUR == 0))

    def aside_of_videos(self, videos: int) -> Array:
        """What does not count for videos, though it happened; shape (videos, counters)."""
        out = np.zeros((videos, len(VIDEO_COUNTS)), np.int64)
        mine = self.rows["item"] >= 0
        np.add.at(out, self.rows["item"][mine], self.rows["aside"][mine, : len(VIDEO_COUNTS)])
        return out

    def natural_so_far(self, platform: PlatformState, items: Array) -> Array:
        """Natural exposures of items since they are there."""
        counts = platform.counters.videos + self.aside_of_videos(len(platform.counters.videos))
        natural = counts[:, V_SHOWN] - counts[:, V_BOOSTED]
        return np.array([natural[item] if item >= 0 else self.natural[~item] for item in items], np.int64)

    # --- the audit

    def received(self) -> tuple[int, int]:
        """Boosted exposures of this refresh, of videos and of rooms."""
        if not self:
            return 0, 0
        return int((self.events["kind"] == VIDEO).sum()), int((self.events["kind"] == SHOWN).sum())

    def check(self) -> None:
        """Boosted books must agree: nothing above a budget, what was billed was received, of videos and rooms."""
        rows = self.rows
        agree("boosted waves above their budget", int((rows["delivered"] > rows["budget"]).sum()), 0)
        agree(
            "boosted waves billed and received",
            int((rows["delivered"] - self.delivered_before != self.billed).sum()),
            0,
        )
        received = np.where(rows["item"] >= 0, rows["counts"][:, V_SHOWN], rows["counts"][:, R_ENTERED])
        agree("boosted waves and their books", int((rows["delivered"] != received).sum()), 0)
