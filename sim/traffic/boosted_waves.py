"""The desk where exposures are sold: boosts begin and end, get their audience, their slices and their books."""

from typing import Any

import numpy as np

from sim.core.arrays import Array, fill, longer
from sim.core.clock import HOUR
from sim.core.event_log import INSIDE, ORDER, PAID, R_ENTERED, ROOM_COUNTS, SHOWN, V_PAID, V_SHOWN, VIDEO, VIDEO_COUNTS
from sim.recommender.boosted_slots import NO_ITEM, OPEN, OVER, WAITING, boosts
from sim.recommender.budget_slices import cut
from sim.recommender.snapshot import ALL
from sim.scenario.campaigns import Best, Boost, Everybody, Likers, Lookalikes, Newest, Post, Tagged, Target
from sim.scenario.scenario import Scenario
from sim.traffic.audience import BUYERS, ENGAGERS, best, like_rates, needs_people, own_topics
from sim.traffic.audit import agree
from sim.traffic.campaign_accounts import bought, count_paid, due, latest
from sim.traffic.order_fulfilment import add_orders


class PaidWaves:
    """All paid waves of a world. `feed` is what viewers are held out of them."""

    def __init__(self, s: Scenario) -> None:
        self.orders = s.paid
        self.due_ms = np.array([order.at_ms for order in s.paid], np.int64)
        counts = [order.boosts.count for order in s.paid]
        targeted = sum(n for order, n in zip(s.paid, counts, strict=True) if not isinstance(order.target, Everybody))
        self.feed = boosts(sum(counts), targeted, s.viewers.count)
        self.rows = self.feed.rows
        self.rows["order"] = np.repeat(np.arange(len(counts)), counts)
        rooms, categories = s.rooms.count, len(s.categories)
        self.aside = np.zeros((rooms, len(ROOM_COUNTS)), np.int64)  # what does not count, since the last review
        self.natural = np.zeros(rooms, np.int64)  # natural exposures of rooms so far
        self.of_videos, of_rooms = needs_people(s)
        self.won_by_videos = np.zeros((0, categories), np.int64)  # tags of each video's engagers, added up
        self.won_by_rooms = np.zeros((rooms if of_rooms else 0, 2, categories), np.int64)  # of engagers and of buyers
        self.news = np.zeros(len(self.rows), bool)  # what began or ended in this refresh

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    def hold(self, videos: int) -> None:
        """Make room for more videos."""
        if self.of_videos:
            self.won_by_videos = longer(self.won_by_videos, videos)

    def state(self, videos: int) -> dict[str, Array]:
        """What a saved world with so many videos must carry."""
        mine = {name: getattr(self, name) for name in ("rows", "aside", "natural", "news", "won_by_rooms")}
        return mine | {"audiences": self.feed.audiences, "won_by_videos": self.won_by_videos[:videos]}

    def put_back(self, videos: int, arrays: dict[str, Array]) -> None:
        """Take the state of a saved world."""
        for name, array in self.state(videos).items():
            fill(array, arrays[name])

    # --- beginning and end

    def begin_and_end(self, world: Any) -> None:
        """End what is spent or out of time; begin what is due and can be shown."""
        if not self:
            return
        rows, now = self.rows, world.clock.now_ms
        over = (rows["state"] == OPEN) & ((rows["given"] >= rows["budget"]) | (rows["closes_ms"] <= now))
        rows["state"][over] = OVER
        self.news = over
        for k in map(int, np.flatnonzero((rows["state"] == WAITING) & (self.due_ms[rows["order"]] <= now))):
            order = self.orders[rows["order"][k]]
            if (item := self._item(order, world)) != NO_ITEM:
                self._begin(k, order, item, world)
                self.news[k] = True

    def _item(self, order: Boost, world: Any) -> int:
        """What an order boosts, or NO_ITEM while it is not there or in another boost that is open."""
        what, taken = order.boosts, self.rows["item"][self.rows["state"] == OPEN]
        if isinstance(what, Post):
            mine = np.flatnonzero(world.videos["creator"][: world.published] == what.creator)
            found = mine[what.number - 1 : what.number]
        elif isinstance(what, Newest):
            found = np.sort(world.open_items)[::-1]
        elif isinstance(what, Best):
            count = world.recall.start[ALL + 1]
            shown, items = world.recall.entries[:count], world.recall.items[:count]
            value = shown["dwell"].astype(float) + shown["interaction"]
            found = items[np.lexsort((items, -value))]
            found = found[world.waves["tier"][found] >= 0]
        else:
            found = np.array([~what.room] if world.levels["level"][what.room] >= 0 else [], np.int64)
        found = found[~np.isin(found, taken)] if len(found) else found
        return int(found[0]) if len(found) else NO_ITEM

    def _begin(self, k: int, order: Boost, item: int, world: Any) -> None:
        now, rows = world.clock.now_ms, self.rows
        rows["item"][k], rows["state"][k] = item, OPEN
        rows["budget"][k] = bought(order, world.rules.paid)
        rows["opened_ms"][k], rows["closes_ms"][k] = now, now + order.lasts_ms
        rows["before"][k] = self.natural_so_far(world, np.array([item]))[0]
        self._draw_audience(k, order.target, item, world)

    def _draw_audience(self, k: int, target: Target, item: int, world: Any) -> None:
        """Draw up who is to see a boost; boosts of one order share their audience unless it depends on the item."""
        rows = self.rows
        rows["fit"][k] = world.scenario.viewers.count
        if isinstance(target, Everybody):
            return
        drawn = np.flatnonzero((rows["order"] == rows["order"][k]) & (rows["audience"] >= 0))
        if len(drawn) and not isinstance(target, Lookalikes):
            rows["audience"][k], rows["fit"][k] = rows["audience"][drawn[0]], rows["fit"][drawn[0]]
            return
        fits, number = best(self._scores(target, item, world), target.share), rows["audience"].max() + 1
        self.feed.audiences[number] = np.packbits(fits, bitorder="little")
        rows["audience"][k], rows["fit"][k] = number, fits.sum()

    def _scores(self, target: Tagged | Lookalikes | Likers, item: int, world: Any) -> Array:
        """How well each viewer fits a target."""
        if isinstance(target, Likers):
            return like_rates(world.crowd.like_counts())
        if isinstance(target, Tagged):
            profile = np.array([float(c.name in target.categories) for c in world.scenario.categories])
        else:
            profile = self._own_people(target, item, world)
        scores: Array = world.crowd.resembling(profile, isinstance(target, Lookalikes), world.clock.now_ms)
        return scores

    def _own_people(self, target: Lookalikes, item: int, world: Any) -> Array:
        """The tags of the people whom an item has won; while there are none, its own topics."""
        which = BUYERS if target.of == "buyers" else ENGAGERS
        won = self.won_by_videos[item] if item >= 0 else self.won_by_rooms[~item, which]
        return won.astype(float) if won.any() else own_topics(item, world.videos, world.rooms)

    # --- between refreshes

    def publish(self, world: Any) -> None:
        """Cut what may be handed out until the next refresh into slices, and set up the ring."""
        rows, rules = self.rows, world.rules
        mine = np.flatnonzero(rows["state"] == OPEN)
        open_ones = rows[mine]
        left = due(open_ones, world.clock.now_ms, world.scenario.refresh_ms, rules.paid.pacing)
        cut(open_ones, mine, left, rules.shards, world.turn)
        rows[mine] = open_ones
        mine = mine[left > 0]
        ring = mine[np.argsort(rows["key"][mine])]
        self.feed.ring[: len(ring)], self.feed.size[0] = ring, len(ring)

    def before_counting(self, world: Any) -> None:
        """Note what will have grown when the facts are counted."""
        self.natural -= world.levels["given"]
        if world.audits:
            self.given_before, self.billed = self.rows["given"].copy(), world.crowd.handed_out_paid()

    def count(self, world: Any) -> None:
        """Put paid facts in their books, and keep what targets ask for."""
        self.natural += world.levels["given"]
        self.facts = world.crowd.paid()
        count_paid(self.facts, self.rows, world.counters, self.aside, world.rules.paid.counts)
        if self.of_videos or len(self.won_by_rooms):
            self._keep_people(world)

    def _keep_people(self, world: Any) -> None:
        """Add the tags of those who reacted or bought to those of the people whom the item has won."""
        facts, tags = world.crowd.won(world.clock.now_ms)
        kind, item = facts["kind"], facts["item"]
        if self.of_videos:
            np.add.at(self.won_by_videos, item[kind == VIDEO], tags[kind == VIDEO])
        if len(self.won_by_rooms):
            np.add.at(self.won_by_rooms[:, ENGAGERS], ~item[kind == INSIDE], tags[kind == INSIDE])
            rooms = world.products["room"][item[kind == ORDER]]
            np.add.at(self.won_by_rooms[:, BUYERS], rooms, tags[kind == ORDER])

    def count_orders(self, world: Any, room: Array, filled: Array, price: Array) -> None:
        """Put orders in the books: of the room, unless they are paid and do not count, and of the boost."""
        if not self:
            add_orders(world.counters.rooms, room, filled, price)
            return
        paid = (world.orders["mark"] >> 4) == PAID
        counts = world.rules.paid.counts
        for book, mine in ((world.counters.rooms, ~paid | counts), (self.aside, paid & (not counts))):
            add_orders(book, room[mine], filled[mine], price[mine])
        boost = np.array([latest(self.rows, ~int(r)) for r in room[paid]], np.int64)
        add_orders(self.rows["counts"], boost, filled[paid], price[paid])

    # --- for the records

    def to_tell(self, now_ms: int) -> Array:
        """Which boosts have something to tell: those that begin or end now, and every hour all that have begun."""
        return (self.rows["item"] != NO_ITEM) & (self.news | (now_ms % HOUR == 0))

    def aside_of_videos(self, videos: int) -> Array:
        """What does not count for videos, though it happened; shape (videos, counters)."""
        out = np.zeros((videos, len(VIDEO_COUNTS)), np.int64)
        mine = self.rows["item"] >= 0
        np.add.at(out, self.rows["item"][mine], self.rows["aside"][mine, : len(VIDEO_COUNTS)])
        return out

    def natural_so_far(self, world: Any, items: Array) -> Array:
        """Natural exposures of items since they are there."""
        counts = world.counters.videos + self.aside_of_videos(len(world.counters.videos))
        natural = counts[:, V_SHOWN] - counts[:, V_PAID]
        return np.array([natural[item] if item >= 0 else self.natural[~item] for item in items], np.int64)

    # --- the audit

    def received(self) -> tuple[int, int]:
        """Paid exposures of this refresh, of videos and of rooms."""
        if not self:
            return 0, 0
        return int((self.facts["kind"] == VIDEO).sum()), int((self.facts["kind"] == SHOWN).sum())

    def check(self) -> None:
        """Paid books must agree: nothing above a budget, what was billed is what was received, of videos and rooms."""
        rows = self.rows
        agree("paid waves above their budget", int((rows["given"] > rows["budget"]).sum()), 0)
        agree("paid waves billed and received", int((rows["given"] - self.given_before != self.billed).sum()), 0)
        received = np.where(rows["item"] >= 0, rows["counts"][:, V_SHOWN], rows["counts"][:, R_ENTERED])
        agree("paid waves and their books", int((rows["given"] != received).sum()), 0)
