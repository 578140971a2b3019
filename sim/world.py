"""The world: a Mesa model whose step is one refresh of the platform, told in the order in which things happen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from agents.creator import Craft, Posting, Posts
from agents.live_room import Hosting, LiveRoom, drawn
from sim.core import event_log
from sim.core.arrays import Array
from sim.core.clock import HOUR, Clock, Life
from sim.core.randomness import PRODUCT, draw
from sim.engine import checkpoint, initialisation, observer, room_phase, video_phase
from sim.engine.mesa_adapter import MesaFace
from sim.engine.population import Crowd, Crowds, Window
from sim.engine.viewer_view import Population
from sim.recommender.interest_tags import believing
from sim.recommender.scoring import learn_lifts, weighing
from sim.recommender.snapshot import Recall
from sim.results.lazy_rows import Table
from sim.scenario.scenario import Platform, Scenario, load, with_fields
from sim.traffic import audit as auditing
from sim.traffic import event_counters
from sim.traffic.boosted_waves import PaidWaves
from sim.traffic.order_fulfilment import book, fill, in_turn
from sim.traffic.video_waves import Peers, ladder

Recorder = Callable[[str, Table], None]


def nowhere(_table: str, _rows: Table) -> None:
    """Keep no records."""


class World(MesaFace):
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
    live_rooms: list[LiveRoom]  # the rooms' lives
    videos: Array
    pull: Array  # of each video, unseen by the platform
    rooms: Array  # what is public of them
    products: Array
    hosting: Hosting
    # how creators post
    craft: Craft
    posting: Posting  # the creators' lives
    inbox: Posts  # posts since the last refresh
    # the platform's rules in force, as the loops read them
    rules: Platform
    ladder: tuple[int, ...]  # budgets of the tiers (exposures)
    weighing: Array
    believing: Array
    review_ms: int  # between two reviews of rooms
    # its books
    counters: event_log.Counters
    sums: Array  # (len(TOTALS),) fading totals
    waves: Array  # of each video
    before: Array  # counters of each video when its wave opened
    best_tier: Array  # of each video
    peers: Peers
    open_items: Array  # videos in a wave, in ring order
    levels: Array  # of each room
    paid: PaidWaves
    recall: Recall  # the snapshot
    room_order: Array  # rooms in the order of their places on the ring
    room_key: Array  # these places
    stirred: set[int]  # rooms whose shows have gone on since the last refresh
    asked: int  # video exposures since the last review of rooms
    expected_live: float  # exposures of rooms until the next one
    # the books of each room's session
    session_counts: Array
    session_peak: Array
    peak: Array  # most people inside since the last review
    closed_ms: Array  # when it closes
    profit_cents: Array
    bait_loss_cents: Array
    takings: Array  # (rooms, scripts) cents that each script has paid, NaN for none
    ranking: Array  # cents that the last session sold, for all to see
    # facts of the refresh
    orders: Array
    filled: Array  # which of them
    handed_out: int  # exposures of videos, where books are checked
    room_handed_out: int
    told: dict[str, Any]  # the row of the series
    # of the whole run
    product_counts: Array  # in the recorded time
    exposures: int
    published: int  # videos so far
    entries: int  # into rooms, where books are checked
    leavings: int
    # of late, for the series
    measured: Array  # viewers on whom tag precision is measured
    precision: tuple[float, float]
    followers: Array  # of each creator

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
        s = _resolved(scenario, seed, changes)
        super().__init__(s)
        self.seed_of_all = s.seed
        self.audits, self.record = audit, record
        self.clock, self.turn, self.running = Clock(s.start_ms), 0, True
        initialisation.found(self, threads, crowd)
        self.viewers = Population(self)
        initialisation.start_lives(self)
        self.publish()

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
            self.counters.totals[event_log.T_LUCK] = self.crowd.luck_in_sales(self.closed_ms)
        self.filled, (room, price) = np.zeros(len(orders), bool), np.zeros((2, len(orders)), np.int64)
        if not len(orders):
            return
        fill(orders, in_turn(orders), self.products, self.filled, room, price)
        book(orders, self.filled, self.products, self.product_counts, self.profit_cents, self.bait_loss_cents)
        self.paid.count_orders(self, room, self.filled, price)
        self.crowd.learn(orders, self.filled, self.products[orders["item"]], self.rooms["host"][room])
        self.counters.totals[event_log.T_ORDERS] = self.filled.sum()
        self.counters.totals[event_log.T_REFUSED] = (~self.filled).sum()
        self.counters.totals[event_log.T_GMV] = price.sum()

    def count(self) -> None:
        """Reduce the facts to counters and budgets."""
        if self.audits:
            self.handed_out, self.room_handed_out = self.crowd.handed_out()
        shows = self.rooms, self.counters.rooms, self.paid.aside
        event_counters.count_clicks(*shows, -1, self.product_counts)
        if self.paid:
            self.paid.before_counting(self)
        self.crowd.count(self.counters, self.waves["given"], self.levels["given"], self.rooms["online"])
        if self.paid:
            self.paid.count(self)
        event_counters.count_clicks(*shows, 1, self.product_counts)
        event_counters.count_holding(self.rooms, self.counters.rooms, self.scenario.refresh_ms)
        if self.audits:
            auditing.check(self)
        self.sums += self.counters.totals
        shown = int(self.counters.totals[event_log.T_VIDEO])
        self.asked += shown
        self.exposures += shown + int(self.counters.totals[event_log.T_LIVE])

    def admit(self) -> None:
        """Take in what was published since the last refresh, in the order of time, and give it a first wave."""
        video_phase.admit(self)

    def review_videos(self) -> None:
        """Judge the waves that are spent or out of time, and hand out the next ones."""
        video_phase.review(self)

    def review_rooms(self) -> None:
        """Give rooms that opened their first budget, and every few minutes review them all."""
        self.peak = np.maximum(self.peak, self.rooms["online"])
        room_phase.open_sessions(self)
        if self.clock.now_ms % self.review_ms == 0:
            room_phase.review(self)

    def tell(self) -> None:
        """Hand to the records what happened in the refresh that ends now; a warm-up is not told."""
        observer.tell(self)

    def tell_end(self) -> None:
        """Hand over the tables that show the state at the end."""
        observer.tell_end(self)

    def change_rules(self) -> None:
        """Put in force the rules of the platform that hold from now on."""
        now = self.clock.now_ms
        if any(switch.at_ms == now for switch in self.scenario.changes):
            self.take_rules(now)
            self.crowd.change_rules(now)

    def publish(self) -> None:
        """Set up the snapshot that viewers see until the next refresh."""
        video_phase.publish(self)
        room_phase.publish(self)
        if self.paid:
            self.paid.publish(self)
        learn_lifts(self.recall.lift, self.counters.matches)
        self.counters.totals[:] = 0
        self.counters.tiers[:] = 0

    # --- saving

    def save(self, path: str | Path, **extra: Any) -> None:
        """Save the world as it is between two refreshes; `extra` comes back from `load`."""
        checkpoint.save(self, Path(path), **extra)

    @classmethod
    def load(
        cls, path: str | Path, *, threads: int = 1, record: Recorder = nowhere, crowd: Crowds = Crowd
    ) -> tuple["World", dict[str, Any]]:
        """A saved world, which goes on as if it had never stopped, and what was saved with it."""
        scenario, story, arrays = checkpoint.read(Path(path))
        world = cls(scenario, threads=threads, record=record, crowd=crowd)
        checkpoint.put_back(world, story, arrays)
        world.take_rules(world.clock.now_ms)
        initialisation.go_on(world)
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
        return room_phase.script_above(room, self)

    def _forget(self) -> None:
        """Let the platform's running means fade: half of what was counted goes every six hours."""
        if self.clock.now_ms % (6 * HOUR) == 0:
            self.counters.matches[:] //= 2
            self.sums //= 2
            self.levels["sold"] /= 2

    def hold_out(self) -> None:
        """Show the viewers where the snapshot will be."""
        self.paid.hold(len(self.videos))
        public, truths = (self.videos, self.waves, self.rooms, self.recall), (self.products, self.pull, self.hosting)
        self.crowd.look(Window(*public, *truths, self.paid.feed))

    def take_rules(self, now_ms: int) -> None:
        """The rules in force after a moment, as the loops read them."""
        s = self.scenario
        self.rules = rules = s.rules_after(now_ms)
        self.ladder = ladder(rules.waves.ladder, s.viewers.count)
        self.weighing, self.believing = weighing(rules.weights), believing(rules.tags)


def _resolved(scenario: Scenario | str | Path, seed: int | None, changes: dict[str, Any]) -> Scenario:
    """The scenario with a seed and changes put in, checked as if they had stood in the file."""
    made = scenario if isinstance(scenario, Scenario) else load(scenario)
    own = {} if seed is None else {"seed": seed}
    return with_fields(made, own | changes) if own or changes else made
