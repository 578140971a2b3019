"""The world: a Mesa model whose step is one refresh of the platform, told in the order in which things happen."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from agents.creator import Creator, Posting, Posts, make_videos
from agents.live_room import Hosting, LiveRoom, drawn
from sim import founding, ledger, levels, room_waves, saving, telling, waves
from sim.catalog import VIDEO_COLUMNS
from sim.chance import PRODUCT, SAMPLED, SCRIPT, draw, pick, rhythm_of
from sim.clock import DAY, HOUR, MINUTE, Clock, Life
from sim.columns import Array, blank, grown, longer
from sim.crowd import Crowd, Crowds, Window
from sim.later import Table
from sim.ledger import LOG_COLUMNS, TOTALS, agree
from sim.orders import book, fill, in_turn
from sim.paid_waves import PaidWaves
from sim.population import Population
from sim.recall import Recall, learn_lifts, publish_videos, recall, ring_of_rooms, with_new
from sim.scenario import Platform, Scenario, load, with_fields
from sim.scoring import weighing
from sim.tags import believing
from sim.waves import WAVE_COLUMNS, Peers

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
    before: Array  # counters of each video when its wave opened
    levels: Array
    counters: ledger.Counters
    peers: Peers
    recall: Recall
    open_items: Array  # videos in a wave, in ring order
    stirred: set[int]  # rooms whose shows have gone on since the last refresh
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
            if self.clock.failed is None:  # a life that was cut short has left things half done
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
        self.filled, (room, price) = np.zeros(len(orders), bool), np.zeros((2, len(orders)), np.int64)
        if not len(orders):
            return
        fill(orders, in_turn(orders), self.products, self.filled, room, price)
        book(orders, self.filled, self.products, self.product_counts, self.profit_cents, self.bait_loss_cents)
        self.paid.count_orders(self, room, self.filled, price)
        self.crowd.learn(orders, self.filled, self.products[orders["item"]], self.rooms["host"][room])
        self.counters.totals[ledger.T_ORDERS] = self.filled.sum()
        self.counters.totals[ledger.T_REFUSED] = (~self.filled).sum()
        self.counters.totals[ledger.T_GMV] = price.sum()

    def count(self) -> None:
        """Reduce the facts to counters and budgets."""
        if self.audits:
            self.handed_out, self.room_handed_out = self.crowd.handed_out()
        shows = self.rooms, self.counters.rooms, self.paid.aside
        ledger.count_clicks(*shows, -1, self.product_counts)
        if self.paid:
            self.paid.before_counting(self)
        self.crowd.count(self.counters, self.waves["given"], self.levels["given"], self.rooms["online"])
        if self.paid:
            self.paid.count(self)
        ledger.count_clicks(*shows, 1, self.product_counts)
        ledger.count_holding(self.rooms, self.counters.rooms, self.scenario.refresh_ms)
        if self.audits:
            self._audit()
        self.sums += self.counters.totals
        shown = int(self.counters.totals[ledger.T_VIDEO])
        self.asked += shown
        self.exposures += shown + int(self.counters.totals[ledger.T_LIVE])

    def admit(self) -> None:
        """Take in what was published since the last refresh, in the order of time, and give it a first wave."""
        when, who, number = self.inbox
        if not len(who):
            return
        first, last = self.published, self.published + len(who)
        self._hold_videos(last)
        truths = self.creators, self.seed_of_all, self.craft, self.popularity
        make_videos(self.videos, self.pull, first, when, who, number, *truths)
        now, rules = self.clock.now_ms, self.rules.waves
        lasts = int(rules.hours * HOUR)
        waves.first_waves(self.waves, first, last, self.ladder[0], now, lasts, self.counters.videos, self.before)
        self.recall.newest[who] = np.arange(first, last)
        self.published = last
        self.open_items = with_new(self.open_items, first, last, self.videos["ring"])

    def review_videos(self) -> None:
        """Judge the waves that are spent or out of time, and hand out the next ones."""
        rules, now = self.rules.waves, self.clock.now_ms
        items = waves.over(self.waves, self.open_items, now)
        if not len(items):
            return
        found = waves.room_for_reviews(len(items))
        waves.review_videos(
            items,
            self.waves,
            self.before,
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
            self.before,
            self.counters.videos,
            self.videos,
            np.array(self.ladder),
            now,
            int(rules.hours * HOUR),
            int(rules.max_age_days * DAY),
            self.scenario.viewers.count,
        )
        self.open_items = waves.put_away(items, self.waves, self.best_tier, self.open_items)
        if now > 0:
            self.record("reviews", telling.video_reviews(found, now, self.weighing))

    def review_rooms(self) -> None:
        """Give rooms that opened their first budget, and every few minutes review them all."""
        self.peak = np.maximum(self.peak, self.rooms["online"])
        room_waves.open_sessions(self)
        if self.clock.now_ms % int(self.rules.rooms.review_minutes * MINUTE) == 0:
            room_waves.review(self)

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
        rules, until = self.rules.waves, self.clock.now_ms + self.scenario.refresh_ms
        ends = until, int(rules.pace * HOUR), int(rules.hours * HOUR)
        items = waves.release(self.waves, self.recall.slices, self.open_items, *ends, self.rules.shards, self.turn)
        ratio, acted = waves.of_late(self.sums, self.counters.matches, self.weighing)
        publish_videos(
            self.recall,
            items,
            self.waves,
            self.videos,
            self.counters.videos,
            ratio,
            acted,
            self.weighing,
        )
        room_waves.publish(self)
        if self.paid:
            self.paid.publish(self)
        learn_lifts(self.recall.lift, self.counters.matches)
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
        world.stirred = set(range(len(world.rooms)))
        world.publish()
        return world, story["extra"]

    # --- parts of the story

    def take(self, posts: Posts) -> None:
        """Creators have published; the platform looks at it at the refresh that is due."""
        self.inbox = posts

    def restock(self, room: LiveRoom) -> None:
        """Fill a room's shelves for a session; baits come when they are released."""
        rules, each = self.scenario.rooms, self.scenario.rooms.products + 1
        for k in range(rules.products):
            u, v, _, _ = draw(self.seed_of_all, PRODUCT, room.row, k, room.session)
            self.products["stock"][room.row * each + k] = int(max(drawn(rules.stock, u, v), 0.0))
        self.products["stock"][room.row * each + rules.products] = 0

    def notice(self, room: int) -> None:
        """A room's show goes on to something else; the platform looks at it at the next refresh."""
        self.stirred.add(room)

    def script_above(self, room: int) -> str | None:
        """The script of the best-placed room of a room's category, where that is placed above it."""
        return room_waves.script_above(room, self)

    def _forget(self) -> None:
        """Let the platform's running means fade: half of what was counted goes every six hours."""
        if self.clock.now_ms % (6 * HOUR) == 0:
            self.counters.matches[:] //= 2
            self.sums //= 2
            self.levels["sold"] /= 2

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
        self.pull, self.best_tier = longer(self.pull, size), longer(self.best_tier, size)
        self.counters = self.counters._replace(videos=longer(self.counters.videos, size))
        self.before = longer(self.before, size)
        old = self.recall
        self.recall = recall(size, len(self.rooms), len(self.ladder), len(self.scenario.categories), len(old.newest))
        self.recall.newest[:], self.recall.room_of[:] = old.newest, old.room_of
        self._hold_out()

    def _hold_out(self) -> None:
        """Show the viewers where the snapshot will be."""
        goods, truths = (
            (self.videos, self.waves, self.rooms, self.recall),
            (self.products, self.pull, self.hosting),
        )
        self.paid.hold(len(self.videos))
        self.crowd.look(Window(*goods, *truths, self.paid.feed))

    # --- the beginning

    def _found(self, threads: int, crowd: Crowds) -> None:
        """Everybody is born; nothing has happened yet."""
        s = self.scenario
        self._take_rules(s.start_ms)
        self.popularity = founding.popularity(s)
        self.review_ms = int(s.platform.rooms.review_minutes * MINUTE)
        self.creators, self.craft = founding.found_creators(s)
        self.posting = Posting(self.creators, s.start_ms, s.seed, rhythm_of(s.creators.rhythm))
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
        self.videos, self.waves = blank(VIDEO_COLUMNS, 0), blank(WAVE_COLUMNS, 0)
        self.pull, self.best_tier, self.published = np.zeros(0), np.zeros(0, np.int8), 0
        self.open_items = np.zeros(0, np.int64)
        self.peers = waves.peers(len(self.ladder), s.platform.waves.peers)
        self.levels = blank(levels.LEVEL_COLUMNS, rooms)
        self.counters = ledger.counters(0, rooms, len(self.ladder))
        self.before = np.zeros_like(self.counters.videos)
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
        self.orders, self.filled = blank(LOG_COLUMNS, 0), np.zeros(0, bool)
        self.product_counts = np.zeros((len(self.products), len(ledger.PRODUCT_COUNTS)), np.int64)

    def _start_lives(self) -> None:
        """Put creators, rooms and the platform on the clock."""
        s = self.scenario
        names = list(s.rooms.script_shares)
        weights = np.cumsum(list(s.rooms.script_shares.values()))
        self.live_rooms = []
        for row in range(s.rooms.count):
            u, _, _, _ = draw(s.seed, SCRIPT, row, 0, 0)
            self.live_rooms.append(LiveRoom(self, row, names[pick(weights, u)]))
        self.stirred = set(range(s.rooms.count))
        self._forget_numbers()
        for room in self.live_rooms:
            room.plan(s.start_ms // DAY, s.rooms, s.seed)
        self._go_on()

    def _go_on(self) -> None:
        """Let every life run from the state that it is in."""
        # first, as of two lives that wait for just before the same moment the first to begin goes first
        self.clock.start(self.posting.life(self.clock, self.scenario.refresh_ms, self.take))
        self.clock.start(self.platform_life())
        for room in self.live_rooms:
            self.clock.start(room.life(self.clock))

    # --- Mesa's face

    @cached_property
    def live_creators(self) -> list[Creator]:
        """The creators as Mesa's agents, made when somebody first asks for agents."""
        made = [Creator(self, row) for row in range(len(self.creators))]
        self._forget_numbers()
        return made

    @property
    def agents(self) -> Any:
        """Rooms and creators, as Mesa holds them."""
        return self._with_creators().agents

    @property
    def agents_by_type(self) -> Any:
        """Rooms and creators, each kind by itself."""
        return self._with_creators().agents_by_type

    @property
    def agent_types(self) -> Any:
        """The kinds of agents that there are."""
        return self._with_creators().agent_types

    def _with_creators(self) -> Any:
        """What Mesa keeps of this world, once it knows the creators."""
        _ = self.live_creators
        return super()

    def _forget_numbers(self) -> None:
        """Mesa numbers the agents of each model, and so some of its versions keep the model for ever."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


def _resolved(scenario: Scenario | str | Path, seed: int | None, changes: dict[str, Any]) -> Scenario:
    """The scenario with a seed and changes put in, checked as if they had stood in the file."""
    made = scenario if isinstance(scenario, Scenario) else load(scenario)
    own = {} if seed is None else {"seed": seed}
    return with_fields(made, own | changes) if own or changes else made
