"""The viewers of some shards, and the threads that let them act between two refreshes.

The world asks a population what its viewers did and tells it what the platform published; it never touches their rows.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

import numpy as np

from agents.live_room import RoomTruth
from agents.truth import HiddenTruth
from agents.viewer import INSIDE
from sim.core import event_log
from sim.core.arrays import Array, blank, fill, handles
from sim.core.catalogue import Catalogue
from sim.core.event_log import LOG_COLUMNS, Counters
from sim.engine import initialisation
from sim.engine.expected_sales import Shop, asked_of, expected_sales
from sim.engine.invitations import Invitations, deliver
from sim.engine.loop_context import LoopContext, People
from sim.engine.order_outcomes import feel_refusals, learn_orders
from sim.engine.viewer_loop import act
from sim.recommender.boosted_slots import Boosts
from sim.recommender.candidates import workspace
from sim.recommender.interest_tags import restate_all, tag_rules
from sim.recommender.inventory import Inventory, handed_out
from sim.recommender.snapshot import Recall
from sim.scenario.scenario import Scenario
from sim.traffic import event_counters, event_filters
from sim.traffic.audience import needs_likes, observe_likes, portraits, resemblance, winning_events
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.platform_state import PlatformState


class Published(NamedTuple):
    """What viewers act on: the catalogue, the snapshot, and what is true of both."""

    videos: Array
    waves: Array
    rooms: Array
    recall: Recall
    products: Array
    quality: Array
    room_truth: RoomTruth
    boosts: Boosts


def published(catalogue: Catalogue, truth: HiddenTruth, platform: PlatformState, boosts: BoostedWaves) -> Published:
    """What viewers act on, in the pieces of a world."""
    return Published(
        catalogue.videos,
        platform.waves,
        catalogue.rooms,
        platform.snapshot,
        catalogue.products,
        truth.quality,
        truth.room_truth,
        boosts.feed,
    )


class Population(Protocol):
    """The viewers of a world, as the world asks them: what they did, and what they learn from it.

    Where the viewers are makes no difference to any answer.
    """

    @property
    def threads(self) -> int:
        """Threads of each process that holds viewers."""

    def look(self, published: Published) -> None:
        """Take where the published arrays are; they are read at every refresh anew."""

    def act(self, refresh_index: int, now_ms: int) -> None:
        """Let all viewers act up to now."""

    def take_rules(self, now_ms: int) -> None:
        """Take the rules in force after a moment, as a saved world had them."""

    def change_rules(self, now_ms: int) -> None:
        """Let the platform treat its viewers by the rules that hold from now on."""

    def orders(self) -> Array:
        """The orders of the refresh, shard by shard."""

    def shares(self) -> Array:
        """The stretches in which rooms were shared, shard by shard."""

    def invite(self, invitations: Invitations) -> None:
        """Let viewers know of rooms that friends have shared with them."""

    def expected_sales(self, closes_ms: Array, risky: Array) -> Array:
        """What the refresh was expected to sell, before orders are filled; see `sim.engine.expected_sales`."""

    def learn(self, orders: Array, filled: Array, products: Array, host: Array) -> None:
        """Let viewers know which orders were filled; one row an order."""

    def count(self, counters: Counters, delivered: Array, room_delivered: Array, online: Array) -> None:
        """Add the events to the counters, to what waves have delivered, and to the people in rooms."""

    def sampled(self) -> Array:
        """All events of the viewers who are recorded whole."""

    def boosted(self) -> Array:
        """All events of boosted exposures."""

    def won(self, now_ms: int) -> tuple[Array, Array]:
        """The events by which items win people, and the tags of these people in 1/255."""

    def like_counts(self) -> Array:
        """Video exposures of every viewer, and the likes among them; shape (viewers, 2)."""

    def resembling(self, profile: Array, scaled: bool, now_ms: int) -> Array:
        """How well every viewer's tags fit a profile."""

    def delivered(self) -> tuple[int, int]:
        """Exposures of videos and of rooms that were taken of the slices."""

    def delivered_boosted(self) -> Array:
        """What was taken of each boost's slices."""

    def rows(self, who: Array) -> People:
        """Copies of the rows of some viewers."""

    def column(self, name: str) -> Array:
        """One column of all viewers."""

    def followers_at_start(self) -> Array:
        """Followers of each creator at the start."""

    def inside(self) -> int:
        """People in rooms."""

    def arrays(self, videos: int) -> dict[str, Array]:
        """What a saved world must carry."""

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state of a saved world."""


PopulationFactory = Callable[[Scenario, Array, int], Population]
"""Makes a population from a scenario, its creators and a number of threads."""

ROWS = ("viewers", "tags", "served", "calendar", "on_trust", "likes", "asked")
"""All that must be saved of a population."""


class LocalPopulation:
    """The viewers of the shards from `first` to before `last`; all shards if not given.

    Arrays by shard have a row for every shard of the world, of which a population uses its own.
    """

    def __init__(
        self, scenario: Scenario, creators: Array, threads: int, first: int = 0, last: int | None = None
    ) -> None:
        s, self.shards = scenario, scenario.platform.shards
        self.scenario, self.first, self.last = s, first, self.shards if last is None else last
        self.reaction_seed = s.reactions
        self.low, high = (s.viewers.count * edge // self.shards for edge in (self.first, self.last))
        self.threads = max(1, min(threads, self.last - self.first))
        self.pool = ThreadPoolExecutor(max(threads, 1))
        people = self.viewers, self.tags, self.served = initialisation.allocate_viewers(s, high - self.low)
        self.behaviour, self.rhythm = initialisation.initialise_viewers(s, self.low, self.viewers, self.pool)
        self.first_followers = initialisation.initialise_feed(s, people, self.low, creators, self.pool)
        self.calendar = initialisation.first_refreshes(s, self.viewers)
        self.log = blank(LOG_COLUMNS, (self.shards, initialisation.initial_log_capacity(s)))
        self.sizes, self.resume = np.zeros((2, self.shards), np.int64)
        self.lessons = np.zeros((self.shards, event_log.LESSONS), np.int64)
        self.left = np.zeros((self.shards, 0), np.int32)
        self.room_left = np.zeros((self.shards, s.rooms.count), np.int32)
        self.billed = np.zeros((self.shards, sum(order.boosts.count for order in s.campaigns)), np.int32)
        self.likes = np.zeros((len(self.viewers) if needs_likes(s) else 0, 2), np.uint32)  # of videos shown
        self.most_events = initialisation.most_events(s)
        self._take_rules(s.start_ms)
        self.is_sampled = initialisation.is_sampled(s, self.low, high)
        self.order_events = self.share_events = self.sampled_events = np.zeros((0, 2), np.int64)
        self.on_trust = np.zeros(high - self.low, np.uint8)  # whether the last entry was at a host ordered from before
        self.returns = np.zeros(len(event_log.TOTALS), np.int64)
        self.asked = asked_of(high - self.low if s.records.expected_sales else 0)

    def look(self, published: Published) -> None:
        """Take what the world holds out; its arrays are read at every refresh anew."""
        self.published = published
        self.left = np.zeros((self.shards, len(published.videos)), np.int32)  # shared out anew in every interval
        self._build_context()

    def act(self, refresh_index: int, now_ms: int) -> None:
        """Let all viewers act up to now; a shard whose log is full goes on with more capacity."""
        self.sizes[:] = self.resume[:] = 0
        self.lessons[:] = 0
        while True:
            jobs = [
                (
                    *(self.people, self.context, workspace, self.sizes, self.resume, self.first + nth, self.last),
                    *(
                        self.threads,
                        now_ms,
                        self.scenario.refresh_ms,
                        self.reaction_seed,
                        refresh_index,
                        self.most_events,
                    ),
                )
                for nth, workspace in enumerate(self.workspaces)
            ]
            running = [self.pool.submit(act, *job) for job in jobs[1:]]
            if all([act(*jobs[0]), *(one.result() for one in running)]):
                return
            self._lengthen_log()

    def change_rules(self, now_ms: int) -> None:
        """Let the platform treat its viewers by the rules that hold from now on."""
        old = self.tag_rules
        self._take_rules(now_ms)
        if any(old[half] != self.tag_rules[half] for half in ("short_ms", "long_ms")):
            restate_all(self.tags, now_ms, old, self.tag_rules)
        self._build_context()

    # --- what came of it

    def delivered(self) -> tuple[int, int]:
        """Exposures of videos and of rooms that were taken of the slices."""
        videos, rooms = handed_out(self.context.inventory, self.first, self.last)
        return int(videos), int(rooms)

    def delivered_boosted(self) -> Array:
        """What was taken of each boost's slices."""
        return np.asarray(self.billed.sum(axis=0))

    def orders(self) -> Array:
        """The events of kind ORDER, shard by shard; looks through all events for whatever is asked later."""
        self.returns[:] = 0
        self.order_events, self.share_events, self.sampled_events = event_filters.look_through(
            self.log, self.sizes, self.is_sampled, self.low, self.trust, self.returns
        )
        return self._events(self.order_events)

    def shares(self) -> Array:
        """The stretches in which rooms were shared, shard by shard; found with the orders."""
        return self._events(self.share_events)

    def invite(self, invitations: Invitations) -> None:
        """Let viewers know of rooms that friends have shared with them."""
        deliver(self.served, self.low, *invitations)

    def expected_sales(self, closes_ms: Array, risky: Array) -> Array:
        """What the events of the interval were expected to sell; called before orders are filled."""
        s, w = self.scenario, self.published
        returns = np.array([category.return_rate for category in s.categories])
        truth = w.room_truth.skill, w.room_truth.appeal
        shop = Shop(w.rooms, w.products, *truth, closes_ms, risky, s.rooms.payment_rate, returns)
        people = self.low, self.viewers, self.asked
        return np.asarray(expected_sales(self.log, self.sizes, *people, shop, self.behaviour, self.reaction_seed))

    def learn(self, orders: Array, filled: Array, products: Array, host: Array) -> None:
        """Let viewers know which of the orders were filled, and the platform learn from them.

        `products` and `host` are those of the orders, one row each.
        """
        learn_orders(self.viewers, self.tags, self.low, orders, filled, products, host, self.tag_rules)
        refused_patience = float(self.behaviour["refused_patience"][0])
        feel_refusals(self.viewers, self.low, orders, filled, products, refused_patience)
        event_filters.mark_orders(self.log, self.order_events, filled)

    def count(self, counters: Counters, delivered: Array, room_delivered: Array, online: Array) -> None:
        """Add the events to the counters, to what waves have delivered, and to the people inside rooms."""
        published = self.published
        videos = published.videos, published.recall.usual.videos, published.recall.lift
        counters.totals[:] += self.returns
        counters.lessons[:] += self.lessons.sum(axis=0)
        event_counters.count_events(
            self.log,
            self.sizes,
            counters,
            *videos,
            published.waves,
            published.rooms["host"],
            room_delivered,
            online,
        )
        self.billed[:] = 0
        if len(self.likes):
            observe_likes(self.log, self.sizes, self.low, self.likes)

    def sampled(self) -> Array:
        """All events of the viewers who are recorded whole, shard by shard."""
        return self._events(self.sampled_events)

    def boosted(self) -> Array:
        """All events of boosted exposures, shard by shard."""
        return self._events(event_filters.boosted_events(self.log, self.sizes))

    def won(self, now_ms: int) -> tuple[Array, Array]:
        """The events by which items win people, shard by shard, and the tags of these people in 1/255."""
        events = self._events(winning_events(self.log, self.sizes))
        who = events["viewer"] - self.low
        return events, portraits(
            self.tags, who, now_ms, self.tag_rules, self.published.recall.usual.weights, len(self.scenario.categories)
        )

    def like_counts(self) -> Array:
        """Video exposures of every viewer, and the likes among them; no rows where nobody asks for it."""
        return self.likes

    def resembling(self, profile: Array, scaled: bool, now_ms: int) -> Array:
        """How well every viewer's tags fit a profile."""
        scores = np.zeros(len(self.viewers))
        resemblance(self.tags, now_ms, self.tag_rules, self.published.recall.usual.weights, profile, scaled, scores)
        return scores

    def _events(self, where: Array) -> Array:
        return self.log[where[:, 0], where[:, 1]]

    # --- the viewers, as others read them

    def rows(self, who: Array) -> People:
        """Copies of the rows of some viewers."""
        row = np.asarray(who) - self.low
        return People(self.viewers[row], self.tags[row], self.served[row], self.calendar[row], 0, len(row))

    def column(self, name: str) -> Array:
        """One column of all viewers."""
        return self.viewers[name]

    def followers_at_start(self) -> Array:
        """Followers of each creator at the start, among these viewers."""
        return self.first_followers

    def inside(self) -> int:
        """People in rooms."""
        return int((self.viewers["phase"] == INSIDE).sum())

    # --- saving

    def arrays(self, _videos: int) -> dict[str, Array]:
        """What a saved world must carry."""
        return {name: getattr(self, name) for name in ROWS}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take the state of a saved world."""
        for name in ROWS:
            fill(getattr(self, name), arrays[name])

    def take_rules(self, now_ms: int) -> None:
        """Take the rules in force after a moment, as a saved world had them."""
        self._take_rules(now_ms)
        self._build_context()

    # --- its own

    def _take_rules(self, now_ms: int) -> None:
        """The rules in force after a moment, as the viewers' loop reads them."""
        s, rules = self.scenario, self.scenario.rules_after(now_ms)
        self.tag_rules, self.feed_rules = tag_rules(rules.tags), initialisation.feed_rules(s, rules)
        size = len(s.categories), rules.feed.depth, int(self.feed_rules["tiers"][0])
        self.workspaces = [workspace(*size) for _ in range(self.threads)]

    def _lengthen_log(self) -> None:
        """Give the shards' logs twice the capacity, with the events so far."""
        self.log = handles(np.concatenate([self.log, np.zeros_like(self.log)], axis=1))
        self._build_context()

    def _build_context(self) -> None:
        """Put together what the viewers' loop is given."""
        w = self.published
        self.people = People(self.viewers, self.tags, self.served, self.calendar, self.low, self.scenario.viewers.count)
        inventory = Inventory(w.videos, w.rooms, self.left, self.room_left, w.recall, w.boosts, self.billed)
        truths = w.products, w.quality, w.room_truth.skill, w.room_truth.appeal, self.rhythm
        rules = self.behaviour, self.tag_rules, self.feed_rules
        self.context = LoopContext(inventory, *truths, *rules, self.log, self.lessons)
        self.trust = event_filters.Trust(self.viewers["trusted"], w.rooms["host"], self.on_trust)
