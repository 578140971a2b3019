"""The world: a Mesa model whose step is one refresh of the platform, told in the order in which things happen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from agents.creator import Creator, Post, make_videos
from agents.live_room import Hosting, LiveRoom, drawn
from sim import founding, ledger, levels, saving, telling, waves
from sim.catalog import HOLD, VIDEO_COLUMNS
from sim.chance import PRODUCT, SAMPLED, SCRIPT, draw, pick, rhythm_of
from sim.clock import DAY, HOUR, MINUTE, Clock, Life
from sim.columns import Array, blank, grown, one
from sim.crowd import Crowd, Crowds, Window
from sim.ledger import TOTALS, agree
from sim.paid_waves import PaidWaves
from sim.population import Population
from sim.recall import Recall, learn_lifts, publish_rooms, publish_videos, recall, ring_of_rooms
from sim.scenario import Platform, Scenario, load, with_fields
from sim.scoring import interactions, weighing
from sim.tags import believing, price_band
from sim.waves import SLICE_COLUMNS, WAVE_COLUMNS, Peers

Table = dict[str, Array | list[Any]]
Recorder = Callable[[str, Table], None]


COLLECTED = ("video_exposures", "live_exposures", "entries", "orders", "gmv_cents", "online", "tag_cosine")
"""What Mesa's data collector keeps of every refresh; the records keep more."""


def nowhere(_table: str, _rows: Table) -> None:
    """Keep no records."""


class World(mesa.Model):
    """Viewers, creators, live rooms and a platform on one clock; `step()` is one refresh.

    Parameters
    ----------
    scenario
        A scenario, or the path of a scenario file.
    seed
        Everybody's luck; the scenario's own if not given.
    threads
        Threads for the viewers' loop. Results do not depend on it.
    audit
        Check the books after every refresh.
    record
        Takes each table's new rows; by default nothing is kept.
    crowd
        Who holds the viewers; by default this process.
    **changes
        Scenario fields by dotted path, e.g. `**{"platform.weights.conversion": 0}`, as `mesa.batch_run` passes them.
    """

    # people and things, one row each
    crowd: Crowd  # the viewers
    creators: Array
    videos: Array
    pull: Array  # of each video, unseen by the platform
    rooms: Array
    products: Array
    hosting: Hosting
    # the platform's rules in force, and its books
    rules: Platform
    waves: Array
    slices: Array  # of the videos' waves
    levels: Array
    counters: ledger.Counters
    peers: Peers
    recall: Recall
    open_items: Array  # videos in a wave, in ring order
    sums: Array  # fading totals
    # facts of the refresh
    orders: Array
    filled: Array
    told: dict[str, Any]
    # what else it must remember
    best_tier: Array
    measured: Array  # viewers on whom tag precision is measured
    peak: Array  # most people in each room since its last review
    session_peak: Array
    session_counts: Array
    product_counts: Array  # in the recorded time
    asked: int  # video exposures since the last review of rooms
    exposures: int
    published: int  # videos so far

    def __init__(
        self,
        scenario: Scenario | str | Path,
        seed: int | None = None,
        *,
        threads: int = 1,
        audit: bool = False,
        record: Recorder = nowhere,
        crowd: Crowds = Crowd,
        **changes: Any,
    ) -> None:
        self._own_scenario = s = _resolved(scenario, seed, changes)
        super().__init__(rng=s.seed % 2**32)
        self.seed_of_all = s.seed
        self.audits, self.record = audit, record
        self.clock, self.turn, self.running = Clock(s.start_ms), 0, True
        self._found(threads, crowd)
        self.viewers = Population(self)
        self._start_lives()
        self.datacollector = mesa.DataCollector(
            {name: (lambda world, name=name: world.told.get(name, 0)) for name in COLLECTED}
        )
        self.publish()

    @property
    def scenario(self) -> Scenario:
        """What this world is made from."""
        return self._own_scenario

    @scenario.setter
    def scenario(self, _given: Any) -> None:
        """Newer versions of Mesa give every model a scenario of their own; a world keeps the one it is made from."""

    # --- the story

    def step(self) -> None:
        """Let one refresh go by."""
        self.clock.run(self.clock.now_ms + self.scenario.refresh_ms)
        self.running = self.clock.now_ms < self.scenario.end_ms

    def platform_life(self) -> Life:
        """The platform as a process: it refreshes, again and again."""
        while True:
            yield self.clock.before(self.clock.now_ms + self.scenario.refresh_ms)
            self.refresh()

    def refresh(self) -> None:
        """Everything that a refresh is, in order."""
        self.act()  # viewers, on their own timelines, against the last snapshot
        self.settle()  # orders against stock
        self.count()  # facts to counters
        self.admit()  # new posts get their first wave
        self.review_videos()  # waves that are spent or out of time
        self.review_rooms()  # every few minutes
        self.paid.begin_and_end(self)  # boosts that are due, or over
        self.tell()  # what happened, to the records
        self._forget()
        self.change_rules()  # when a change is due
        self.turn += 1
        self.publish()  # the next snapshot

    def act(self) -> None:
        """Let all viewers act up to now."""
        self.crowd.act(self.turn, self.clock.now_ms)

    def settle(self) -> None:
        """Fill orders in the order of time as long as there is stock (先到先得)."""
        self.orders = orders = self.crowd.orders()
        if self.scenario.records.luck:
            self.counters.totals[ledger.T_LUCK] = self.crowd.luck_in_sales(self.closed_ms)
        self.filled = bought = np.zeros(len(orders), bool)
        if not len(orders):
            return
        who, product = orders["viewer"], orders["item"]
        for n in np.lexsort((product, who, orders["at_ms"])):
            if self.products["stock"][product[n]] > 0:
                self.products["stock"][product[n]] -= 1
                bought[n] = True
        room = self.products["room"][product]
        price = np.where(bought, self.products["price_cents"][product], 0)
        earned = np.where(bought, price - self.products["cost_cents"][product], 0)
        lost = np.where(self.products["bait"][product] == 1, -earned, 0)
        self.paid.count_orders(self, room, bought, price)
        np.add.at(self.product_counts[:, ledger.P_ORDERS], product, bought)
        np.add.at(self.product_counts[:, ledger.P_GMV], product, price)
        np.add.at(self.profit_cents, room, earned)
        np.add.at(self.bait_loss_cents, room, lost)
        self.crowd.learn(orders, bought, self.products[product], self.rooms["host"][room])
        self.counters.totals[ledger.T_ORDERS] = bought.sum()
        self.counters.totals[ledger.T_REFUSED] = (~bought).sum()
        self.counters.totals[ledger.T_GMV] = price.sum()

    def count(self) -> None:
        """Reduce the facts to counters and budgets."""
        if self.audits:
            self.handed_out, self.room_handed_out = self.crowd.handed_out()
        clicks = self._clicks()
        if self.paid:
            self.paid.before_counting(self)
        self.crowd.count(self.counters, self.waves["given"], self.levels["given"], self.rooms["online"])
        if self.paid:
            self.paid.count(self)
        shows = self.rooms["product"] >= 0
        clicks = self._clicks() - clicks
        self.product_counts[self.rooms["product"][shows], ledger.P_CLICKS] += clicks[shows]
        self.counters.rooms[self.rooms["segment"] == HOLD, ledger.R_HELD_MS] += self.scenario.refresh_ms
        if self.audits:
            self._audit()
        self.sums += self.counters.totals
        shown = int(self.counters.totals[ledger.T_VIDEO])
        self.asked += shown
        self.exposures += shown + int(self.counters.totals[ledger.T_LIVE])

    def admit(self) -> None:
        """Take in what was published since the last refresh, in the order of time, and give it a first wave."""
        posts = sorted(self.inbox)
        self.inbox.clear()
        if not posts:
            return
        first, last = self.published, self.published + len(posts)
        self._hold_videos(last)
        at, who, number = (np.array(column, np.int64) for column in zip(*posts, strict=True))
        make_videos(
            self.videos,
            self.pull,
            first,
            at,
            who,
            number,
            self.creators,
            self.seed_of_all,
            self.craft,
            self.popularity,
        )
        now, rules = self.clock.now_ms, self.rules.waves
        lasts = int(rules.hours * HOUR)
        waves.first_waves(self.waves, first, last, self.ladder[0], now, lasts, self.counters.videos)
        items = np.arange(first, last)
        self.recall.newest[who] = items
        self.published = last
        self._open(items)

    def review_videos(self) -> None:
        """Judge the waves that are spent or out of time, and hand out the next ones."""
        rules, now = self.rules.waves, self.clock.now_ms
        mine = self.open_items
        closed = waves.is_over(self.waves, mine, now)
        if not closed.any():
            return
        items = self.open_items[closed]
        found = waves.room_for_reviews(len(items))
        waves.review_videos(
            items,
            self.waves,
            self.counters.videos,
            self.videos,
            self.peers,
            self.weighing,
            rules.minimum_sample,
            rules.promote,
            rules.repeat,
            len(self.ladder),
            self.seed_of_all,
            found,
        )
        waves.carry_out(
            found,
            self.waves,
            self.counters.videos,
            self.videos,
            np.array(self.ladder),
            now,
            int(rules.hours * HOUR),
            int(rules.max_age_days * DAY),
            self.scenario.viewers.count,
        )
        self.slices[items] = 0
        self.open_items = self.open_items[self.waves["tier"][self.open_items] >= 0]
        self.best_tier[items] = np.maximum(self.best_tier[items], self.waves["tier"][items])
        if now > 0:
            self.record("reviews", telling.video_reviews(found, now, self.weighing))

    def review_rooms(self) -> None:
        """Every few minutes: close the books of each room, judge it against its peers, and give it the next budget."""
        rules, now = self.rules.rooms, self.clock.now_ms
        self.peak = np.maximum(self.peak, self.rooms["online"])
        self._open_and_close_rooms()
        if now % int(rules.review_minutes * MINUTE):
            return
        rooms = np.flatnonzero(self.levels["level"] >= 0)
        self.levels["recent"][rooms] = rules.memory * self.levels["recent"][rooms] + self.counters.rooms[rooms]
        pushed = now - self.levels["opened_ms"][rooms] < rules.opening_minutes * MINUTE
        found = levels.review(rooms, self.levels, pushed, rules, one(self.weighing))
        if now > 0 and len(rooms):
            self.record("reviews", telling.room_reviews(found, self, now))
            self.record("rooms", telling.room_minutes(rooms, self, now))
        self.session_counts += self.counters.rooms + self.paid.aside
        self._price_rooms(rooms)
        self.counters.rooms[:] = self.paid.aside[:] = 0
        self.session_peak[:] = np.maximum(self.session_peak, self.peak)
        self.peak[:] = self.rooms["online"]
        self.levels["level"][rooms] += found.verdict.astype(np.int8)
        self.levels["level_sum"][rooms] += self.levels["level"][rooms]
        self.levels["reviews"][rooms] += 1
        share = self.rules.feed.live_share
        self.expected_live, self.asked = self.asked * share / (1.0 - share), 0
        ended = [r for r in rooms if not self.live_rooms[r].is_open and self.rooms["online"][r] == 0]
        self._end_sessions(np.array(ended, np.int64))
        rooms, pushed = rooms[self.levels["level"][rooms] >= 0], pushed[self.levels["level"][rooms] >= 0]
        if len(rooms):
            given = levels.budgets(self.levels["level"][rooms], pushed, self.expected_live, rules)
            self.levels["budget"][rooms], self.levels["given"][rooms] = given, 0

    def tell(self) -> None:
        """Hand to the records what happened in the refresh that ends now; a warm-up is not told."""
        now = self.clock.now_ms
        if now % HOUR == 0:
            some, categories = self.crowd.rows(self.measured), len(self.scenario.categories)
            self.precision = telling.precision(some.viewers, some.tags, now, self.believing, categories)
            self.followers = self.crowd.followers(len(self.creators))
        self.told = telling.series_row(self)
        self.datacollector.collect(self)
        if now <= 0:
            self.product_counts[:] = 0
            return
        self.record("series", self.told)
        if len(self.orders):
            self.record("orders", telling.orders(self))
        boosted = np.flatnonzero(self.paid.to_tell(now))
        if len(boosted):
            self.record("paid", telling.paid(boosted, self, now))
        if self.scenario.records.exposures > 0 and len(facts := self.crowd.sampled()):
            self.record("exposures", telling.exposures(facts))

    def tell_end(self) -> None:
        """Hand over the tables that show the state at the end."""
        self.record("items", telling.items(self))
        self.record("products", telling.products(self))
        untold = np.flatnonzero(~self.paid.to_tell(self.clock.now_ms))
        if len(untold):
            self.record("paid", telling.paid(untold, self, self.clock.now_ms))
        unreviewed = np.flatnonzero((self.levels["level"] >= 0) & (self.counters.rooms + self.paid.aside).any(axis=1))
        if len(unreviewed):
            self.record("rooms", telling.room_minutes(unreviewed, self, self.clock.now_ms))
        stride = founding.every(self.scenario.records.viewers)
        if stride:
            first = founding.sampling(self.scenario)[1]
            self.record("viewers", telling.viewers(self, np.arange(first, self.scenario.viewers.count, stride)))

    def change_rules(self) -> None:
        """Put in force the rules of the platform that hold from now on."""
        now = self.clock.now_ms
        if any(switch.at_ms == now for switch in self.scenario.changes):
            self._take_rules(now)
            self.crowd.change_rules(now)

    def publish(self) -> None:
        """Set up the snapshot that viewers see until the next refresh."""
        self.rooms["segment"] = [room.segment for room in self.live_rooms]
        self.rooms["product"] = [room.product for room in self.live_rooms]
        shards, mine, every_room = self.rules.shards, self.open_items, np.arange(len(self.rooms))
        rules, until = self.rules.waves, self.clock.now_ms + self.scenario.refresh_ms
        left = waves.left_of(self.waves, mine, until, int(rules.pace * HOUR), int(rules.hours * HOUR))
        room_left = np.where(self.levels["level"] >= 0, self.levels["budget"] - self.levels["given"], 0)
        waves.cut(self.slices, mine, left, shards, self.turn)
        waves.cut(self.rooms, every_room, room_left, shards, self.turn)
        ratio, acted = self._means()
        publish_videos(
            self.recall,
            mine[left > 0],
            self.waves,
            self.videos,
            self.counters.videos,
            ratio,
            acted,
            self.weighing,
            len(self.scenario.categories),
        )
        self._publish_rooms()
        if self.paid:
            self.paid.publish(self)
        learn_lifts(self.recall, self.counters.matches)
        self.counters.totals[:] = 0
        self.counters.tiers[:] = 0

    # --- saving

    def save(self, path: str | Path, **extra: Any) -> None:
        """Save the world as it is between two refreshes; `extra` comes back from `load`."""
        saving.save(self, Path(path), **extra)

    @classmethod
    def load(
        cls, path: str | Path, *, threads: int = 1, record: Recorder = nowhere, crowd: Crowds = Crowd
    ) -> tuple["World", dict[str, Any]]:
        """A saved world, which goes on as if it had never stopped, and what was saved with it."""
        scenario, story, arrays = saving.read(Path(path))
        world = cls(scenario, threads=threads, record=record, crowd=crowd)
        saving.put_back(world, story, arrays)
        world._take_rules(world.clock.now_ms)
        world._go_on()
        world.publish()
        return world, story["extra"]

    # --- parts of the story

    def take(self, post: Post) -> None:
        """A creator publishes; the platform looks at it at the next refresh."""
        self.inbox.append(post)

    def restock(self, room: LiveRoom) -> None:
        """Fill a room's shelves for a session; baits come when they are released."""
        rules, each = self.scenario.rooms, self.scenario.rooms.products + 1
        for k in range(rules.products):
            u, v, _, _ = draw(self.seed_of_all, PRODUCT, room.row, k, room.session)
            self.products["stock"][room.row * each + k] = int(max(drawn(rules.stock, u, v), 0.0))
        self.products["stock"][room.row * each + rules.products] = 0

    def _forget(self) -> None:
        """Let the platform's running means fade: half of what was counted goes every six hours."""
        if self.clock.now_ms % (6 * HOUR) == 0:
            self.counters.matches[:] //= 2
            self.sums //= 2
            self.levels["sold"] /= 2

    def _clicks(self) -> Array:
        """Clicks in each room since its last review, as a copy."""
        return np.array(self.counters.rooms[:, ledger.R_CLICKS] + self.paid.aside[:, ledger.R_CLICKS])

    def _means(self) -> tuple[float, float]:
        """Mean watch ratio and weighted interactions of a video exposure of late."""
        shown, matches, w = self.sums[ledger.T_VIDEO], self.counters.matches, one(self.weighing)
        ratio = matches[ledger.M_RATIO].sum() / 1000.0 / max(matches[ledger.M_SHOWN].sum(), 1)
        likes, comments, shares, follows = self.sums[
            [ledger.T_LIKES, ledger.T_COMMENTS, ledger.T_SHARES, ledger.T_FOLLOWS]
        ]
        return float(ratio), float(interactions(likes, comments, shares, follows, w) / max(shown, 1))

    def _publish_rooms(self) -> None:
        out, shown = self.recall, np.flatnonzero(self.levels["level"] >= 0)
        publish_rooms(out, self.room_order, self.room_key, self.rooms)
        if not len(shown):
            return
        counts, w = self.levels["recent"][shown] + self.counters.rooms[shown], one(self.weighing)
        mean = levels.mean_terms(counts, w)
        rates = levels.terms(counts, w, mean, w.prior)
        out.room_terms[shown] = levels.relative_terms(rates, mean) * (w.dwell, w.interaction, w.entry, w.conversion)

    def _open_and_close_rooms(self) -> None:
        """Give a level and a first budget to rooms that opened since the last refresh."""
        rules, now = self.rules.rooms, self.clock.now_ms
        is_open = np.array([room.is_open for room in self.live_rooms], bool)
        session = np.array([room.session for room in self.live_rooms], np.int32)
        known = (self.levels["level"] >= 0) & (self.rooms["session"] == session)
        for r in np.flatnonzero(is_open & ~known):
            agent = self.live_rooms[r]
            if self.levels["level"][r] >= 0:
                self._end_sessions(np.array([r]))
            self.rooms["session"][r] = agent.session
            self.levels["level"][r] = levels.opening_level(self.levels["past"][r], rules)
            self.levels["opened_ms"][r], self.closed_ms[r] = now, agent.closes_ms
            self.levels["recent"][r] = self.levels["level_sum"][r] = self.levels["reviews"][r] = 0
            self.session_counts[r] = self.session_peak[r] = self.profit_cents[r] = self.bait_loss_cents[r] = 0
            here = np.flatnonzero(self.levels["level"] >= 0)
            pushed = now - self.levels["opened_ms"][here] < rules.opening_minutes * MINUTE
            given = levels.budgets(self.levels["level"][here], pushed, self.expected_live, rules)
            self.levels["budget"][r], self.levels["given"][r] = given[here == r][0], 0

    def _end_sessions(self, rooms: Array) -> None:
        """Close the books of sessions, and remember their levels."""
        if self.clock.now_ms > 0 and len(rooms):
            self.record("sessions", telling.sessions(rooms, self, self.clock.now_ms))
        for r in rooms:
            self._learn_what_paid(r)
            self.levels["past"][r, 1:] = self.levels["past"][r, :-1]
            self.levels["past"][r, 0] = self.levels["level_sum"][r] / max(self.levels["reviews"][r], 1)
        self.levels["level"][rooms] = -1

    def script_above(self, room: int) -> str | None:
        """The script of the best-placed room of a room's category in the public ranking by the sales of the last
        session; None where no other is placed above it.
        """
        topic = self.rooms["topics"].argmax(axis=1)
        best = int(np.where(topic == topic[room], self.ranking, -1).argmax())
        return self.live_rooms[best].script if self.ranking[best] > self.ranking[room] else None

    def _learn_what_paid(self, room: int) -> None:
        """Note what a session's script paid the room, and what the session sold in the public ranking."""
        script = list(self.scenario.rooms.scripts).index(self.live_rooms[room].script)
        memory, before = self.scenario.rooms.learning.memory, self.takings[room, script]
        paid = float(self.profit_cents[room])
        self.takings[room, script] = paid if np.isnan(before) else memory * before + (1.0 - memory) * paid
        self.ranking[room] = self.session_counts[room, ledger.R_GMV]

    def _price_rooms(self, rooms: Array) -> None:
        """Hold against rooms what their orders of late came to: their price bands."""
        self.levels["sold"] += self.counters.rooms[:, (ledger.R_GMV, ledger.R_ORDERS)]
        for r in rooms:
            cents, orders = self.levels["sold"][r].tolist()
            self.rooms["price"][r] = price_band(cents / orders) if orders > 0 else 0

    def _open(self, items: Array) -> None:
        """Add items to the open ones, which stay in ring order."""
        order = np.argsort(self.videos["ring"][items], kind="stable")
        places = np.searchsorted(self.videos["ring"][self.open_items], self.videos["ring"][items[order]])
        self.open_items = np.insert(self.open_items, places, items[order])

    def _audit(self) -> None:
        """The books must agree: exposures handed out and received, budgets, stock, money, people in rooms."""
        totals = self.counters.totals
        paid, paid_rooms = self.paid.received()
        agree("exposures handed out and received", self.handed_out + paid, int(totals[ledger.T_VIDEO]))
        agree("room exposures handed out and received", self.room_handed_out + paid_rooms, int(totals[ledger.T_LIVE]))
        agree("paid exposures, of both kinds and together", paid + paid_rooms, int(totals[ledger.T_PAID]))
        agree("waves above their budget", int((self.waves["given"] > self.waves["budget"]).sum()), 0)
        agree("room waves above their budget", int((self.levels["given"] > self.levels["budget"]).sum()), 0)
        agree("products below no stock", int((self.products["stock"] < 0).sum()), 0)
        if self.paid:
            self.paid.check()
        prices = self.products["price_cents"][self.orders["item"]][self.filled]
        agree("GMV and the sum of orders", int(totals[ledger.T_GMV]), int(prices.sum()))
        self.entries += int(totals[ledger.T_ENTRIES])
        self.leavings += int(totals[ledger.T_LEAVINGS])
        inside = self.crowd.inside()
        agree("entries less leavings, and people inside", self.entries - self.leavings, inside)
        agree("people counted in rooms, and people inside", int(self.rooms["online"].sum()), inside)

    def _hold_videos(self, rows: int) -> None:
        """Make room for more videos."""
        have = len(self.videos)
        if rows <= have:
            return
        size = max(rows, have * 3 // 2)
        self.videos, self.waves = grown(self.videos, VIDEO_COLUMNS, size), grown(self.waves, WAVE_COLUMNS, size)
        self.slices = grown(self.slices, SLICE_COLUMNS, size)
        self.pull, self.best_tier = longer(self.pull, size), longer(self.best_tier, size)
        self.counters = self.counters._replace(videos=longer(self.counters.videos, size))
        old = self.recall
        self.recall = recall(size, len(self.rooms), len(self.ladder), len(self.scenario.categories), len(old.newest))
        self.recall.newest[:], self.recall.room_of[:] = old.newest, old.room_of
        self._hold_out()

    def _hold_out(self) -> None:
        """Show the viewers where the snapshot will be."""
        goods, truths = (
            (self.videos, self.waves, self.slices, self.rooms, self.recall),
            (self.products, self.pull, self.hosting),
        )
        self.paid.hold(len(self.videos))
        self.crowd.look(Window(*goods, *truths, self.paid.feed))

    # --- the beginning

    def _found(self, threads: int, crowd: Crowds) -> None:
        """Everybody is born; nothing has happened yet."""
        s = self.scenario
        self._take_rules(s.start_ms)
        self.popularity, self.posting = founding.popularity(s), rhythm_of(s.creators.rhythm)
        self.review_ms = int(s.platform.rooms.review_minutes * MINUTE)
        self.creators, self.craft = founding.found_creators(s)
        self.rooms, self.products, self.hosting = founding.found_rooms(s, len(self.creators))
        self.crowd = crowd(s, self.creators, threads)
        self._found_books()
        self.recall = recall(0, s.rooms.count, len(self.ladder), len(s.categories), len(self.creators))
        self.recall.room_of[self.rooms["host"]] = np.arange(s.rooms.count)
        self._hold_videos(int(founding.videos_a_day(s) * (s.days + s.warm_up) * 1.05) + 64)

    def _take_rules(self, now_ms: int) -> None:
        """The rules in force after a moment, as the loops read them."""
        s = self.scenario
        self.rules = rules = s.rules_after(now_ms)
        self.ladder = waves.ladder(rules.waves.ladder, s.viewers.count)
        self.weighing, self.believing = weighing(rules.weights), believing(rules.tags)

    def _found_books(self) -> None:
        """Empty catalogues, counters, waves and logs."""
        s, rooms = self.scenario, self.scenario.rooms.count
        self.videos, self.waves, self.slices = (
            blank(columns, 0) for columns in (VIDEO_COLUMNS, WAVE_COLUMNS, SLICE_COLUMNS)
        )
        self.pull, self.best_tier, self.published = np.zeros(0), np.zeros(0, np.int8), 0
        self.inbox: list[Post] = []
        self.open_items = np.zeros(0, np.int64)
        self.peers = waves.peers(len(self.ladder), s.platform.waves.peers)
        self.levels = blank(levels.LEVEL_COLUMNS, rooms)
        self.counters = ledger.counters(0, rooms, len(self.ladder))
        self.sums = np.zeros(len(TOTALS), np.int64)
        self.paid = PaidWaves(s)
        self.session_counts = np.zeros_like(self.counters.rooms)
        self.takings = np.full((rooms, len(s.rooms.scripts)), np.nan)  # what each script has paid each room (cents)
        self.ranking = np.full(rooms, -1, np.int64)  # what the last session of each room sold (cents), for all to see
        self.peak, self.session_peak, self.closed_ms, self.profit_cents, self.bait_loss_cents = np.zeros(
            (5, rooms), np.int64
        )
        self.room_order, self.room_key = ring_of_rooms(rooms)
        self.asked, self.expected_live, self.exposures = 0, 0.0, 0
        self.entries = self.leavings = 0
        self.told = {}
        self.precision = (0.0, 0.0)
        self.followers = self.crowd.followers(len(self.creators))
        _, v, _, _ = draw(self.seed_of_all, SAMPLED, 0, 0, 0)
        size = min(s.records.precision_sample, s.viewers.count)
        self.measured = (np.arange(size) * (s.viewers.count / size) + v).astype(np.int64)
        self.orders, self.filled = self.crowd.orders(), np.zeros(0, bool)
        self.product_counts = np.zeros((len(self.products), len(ledger.PRODUCT_COUNTS)), np.int64)

    def _start_lives(self) -> None:
        """Put creators, rooms and the platform on the clock."""
        s = self.scenario
        self.live_creators = [Creator(self, row) for row in range(len(self.creators))]
        names = list(s.rooms.script_shares)
        weights = np.cumsum(list(s.rooms.script_shares.values()))
        self.live_rooms = []
        for row in range(s.rooms.count):
            u, _, _, _ = draw(s.seed, SCRIPT, row, 0, 0)
            self.live_rooms.append(LiveRoom(self, row, names[pick(weights, u)]))
        getattr(mesa.Agent, "_ids", {}).pop(
            self, None
        )  # Mesa numbers the agents of each model, and so keeps it for ever
        for creator in self.live_creators:
            creator.plan(s.start_ms, s.seed, self.creators["per_day"][creator.row], self.posting)
        for room in self.live_rooms:
            room.plan(s.start_ms // DAY, s.rooms, s.seed)
        self._go_on()

    def _go_on(self) -> None:
        """Let every life run from the state that it is in."""
        self.clock.start(self.platform_life())
        lives = [agent.life(self.clock) for agent in self.live_creators] + [
            room.life(self.clock) for room in self.live_rooms
        ]
        for life in lives:
            self.clock.start(life)


def longer(array: Array, rows: int) -> Array:
    """The same array with zero rows up to `rows`."""
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)])


def _resolved(scenario: Scenario | str | Path, seed: int | None, changes: dict[str, Any]) -> Scenario:
    """The scenario with a seed and changes put in, checked as if they had stood in the file."""
    made = scenario if isinstance(scenario, Scenario) else load(scenario)
    own = {} if seed is None else {"seed": seed}
    return with_fields(made, own | changes) if own or changes else made
