"""One population on many machines: Ray actors hold the viewers, and a world asks them as it asks one of its own.

The viewers of a shard are independent between two refreshes and shards need not talk, so where they are does not
matter: records are the same to the byte for any number of actors.
"""

import pickle
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from sim.core import event_log
from sim.core.arrays import Array, blank, grown, longer
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.event_log import Counters
from sim.engine.initialisation import initial_creators, initial_rooms, sampling
from sim.engine.invitations import Invitations
from sim.engine.loop_context import People
from sim.engine.population import ROWS, LocalPopulation, Published
from sim.execution.ray_messages import Dispatch, Own, Sender, ShardAnswer, add, answer, put_up
from sim.recommender.snapshot import recall
from sim.results.run_folder import RunError
from sim.scenario.scenario import Scenario
from sim.traffic.boosted_waves import BoostedWaves
from sim.traffic.room_levels import LEVEL_COLUMNS
from sim.traffic.video_waves import WAVE_COLUMNS, ladder

FEW = 4_000  # open items up to which a dispatch goes with each call, and not through Ray's store


News = dict[str, tuple[Any, ...]]
"""What viewers are told, and have not answered: words by the name of the population's method."""


def in_one_piece(message: Dispatch | ShardAnswer) -> bytes:
    """A message of many small arrays, for each of which Ray would else take as long as for a large one."""
    return pickle.dumps(message, protocol=5)


class LostError(RunError):
    """An actor has died, and with it the viewers that it held."""


class ShardActor:
    """The viewers of some shards, in a process of their own, with published arrays of their own."""

    def __init__(self, scenario: Scenario, first: int, last: int, threads: int) -> None:
        s, self.tiers = scenario, len(ladder(scenario.platform.waves.ladder, scenario.viewers.count))
        self.scenario = s
        self.creators, _ = initial_creators(s)
        rooms, products, room_truth = initial_rooms(s, len(self.creators))
        self.population = LocalPopulation(s, self.creators, threads, first, last)
        self.published = Published(
            videos=blank(VIDEO_COLUMNS, 0),
            waves=blank(WAVE_COLUMNS, 0),
            rooms=rooms,
            recall=self._recall(0, rooms),
            products=products,
            quality=np.zeros(0),
            room_truth=room_truth,
            boosts=BoostedWaves(s).feed,
        )
        self.own = Own(self._counters(0, rooms), blank(LEVEL_COLUMNS, len(rooms)), rooms.copy())
        self.population.look(self.published)

    def act(self, message: bytes, turn: int, now_ms: int, news: News) -> bytes:
        """Let all viewers act up to now against what was published, once they know what there is for them to know."""
        sent: Dispatch = pickle.loads(message)
        for name, words in news.items():
            self.ask(name, *words)
        self._hold(sent.size)
        put_up(sent, self.published, turn, self.population.shards)
        self.population.act(turn, now_ms)
        return in_one_piece(answer(self.population, self.own, sent.items))

    def ask(self, name: str, *words: Any) -> Any:
        """Whatever else a population can be asked."""
        return getattr(self.population, name)(*words)

    def _hold(self, size: int) -> None:
        """Make room for more videos."""
        w = self.published
        if size <= len(w.videos):
            return
        found = self._recall(size, w.rooms)
        found.newest[:] = w.recall.newest
        found.usual.videos[: len(w.videos)] = w.recall.usual.videos
        self.published = w._replace(
            videos=grown(w.videos, VIDEO_COLUMNS, size),
            waves=grown(w.waves, WAVE_COLUMNS, size),
            quality=longer(w.quality, size),
            recall=found,
        )
        self.own = self.own._replace(counters=self._counters(size, w.rooms))
        self.population.look(self.published)

    def _counters(self, size: int, rooms: Array) -> Counters:
        return event_log.counters(size, len(rooms), self.tiers, len(self.creators))

    def _recall(self, size: int, rooms: Array) -> Any:
        found = recall(size, len(rooms), self.tiers, len(self.scenario.categories), len(self.creators))
        found.room_of[rooms["host"]] = np.arange(len(rooms))
        return found


class RayPopulation:
    """All viewers of a world, held by `workers` actors; it has the methods of `LocalPopulation`."""

    def __init__(self, ray: Any, workers: int, scenario: Scenario, threads: int) -> None:
        self.ray, self.scenario, self.threads = ray, scenario, threads
        self.shards, self.sender = scenario.platform.shards, Sender()
        workers = min(workers, self.shards)
        edges = [self.shards * n // workers for n in range(workers + 1)]
        self.first = np.array([scenario.viewers.count * edge // self.shards for edge in edges])  # viewer of each actor
        hired = ray.remote(num_cpus=threads, max_restarts=0)(ShardActor)
        self.actors = [hired.remote(scenario, first, last, threads) for first, last in pairwise(edges)]
        self.answers: list[ShardAnswer] = []
        self.unsaid: dict[int, News] = {}  # what came of orders, and invitations, by actor

    def stop(self) -> None:
        """Let the actors go, and what they held of the machines."""
        for actor in self.actors:
            self.ray.kill(actor)

    def look(self, published: Published) -> None:
        self.published = published

    def act(self, turn: int, now_ms: int) -> None:
        sent = self.sender.dispatch(self.published, self.shards)
        message: Any = in_one_piece(sent)
        if len(sent.items) > FEW:
            message = self.ray.put(message)
        changes, self.unsaid = self.unsaid, {}
        asked = [actor.act.remote(message, turn, now_ms, changes.get(n, {})) for n, actor in enumerate(self.actors)]
        told: list[ShardAnswer] = list(map(pickle.loads, self._got(asked)))
        self.answers = [one._replace(sampled=one.sampled.copy()) for one in told]  # to be written to

    def change_rules(self, now_ms: int) -> None:
        self._all("change_rules", now_ms)

    # --- what came of it

    def delivered(self) -> tuple[int, int]:
        return sum(told.taken[0] for told in self.answers), sum(told.taken[1] for told in self.answers)

    def delivered_boosted(self) -> Array:
        return np.sum([told.billed for told in self.answers], axis=0)

    def orders(self) -> Array:
        return np.concatenate([told.orders for told in self.answers])

    def expected_sales(self, closes_ms: Array, risky: Array) -> Array:
        return np.sum(self._all("expected_sales", closes_ms, risky), axis=0)

    def learn(self, orders: Array, filled: Array, products: Array, host: Array) -> None:
        """It is said with whatever is asked next."""
        edges = np.searchsorted(self._actor_of(orders["viewer"]), np.arange(len(self.actors) + 1))
        for n, (low, high) in enumerate(pairwise(edges)):
            if high > low:
                mine = orders[low:high], filled[low:high], products[low:high], host[low:high]
                self.unsaid.setdefault(n, {})["learn"] = mine
                self._mark(self.answers[n].sampled, mine[0], mine[1])

    def shares(self) -> Array:
        return np.concatenate([told.shares for told in self.answers])

    def invite(self, invitations: Invitations) -> None:
        """It is said with whatever is asked next."""
        actor = self._actor_of(invitations.who)
        for n in np.unique(actor).tolist():
            mine = Invitations(*(column[actor == n] for column in invitations))
            self.unsaid.setdefault(n, {})["invite"] = (mine,)

    def _mark(self, sampled: Array, orders: Array, filled: Array) -> None:
        """Note with the sampled facts what became of the orders among them."""
        stride, offset = sampling(self.scenario)
        if stride:
            own = orders["viewer"] % stride == offset
            did = np.where(filled[own], event_log.ORDERED, event_log.REFUSED).astype(np.uint16)
            sampled["did"][sampled["kind"] == event_log.ORDER] |= did

    def count(self, counters: Counters, delivered: Array, room_delivered: Array, online: Array) -> None:
        for told in self.answers:
            add(told, counters, delivered, room_delivered, online)

    def sampled(self) -> Array:
        return np.concatenate([told.sampled for told in self.answers])

    def boosted(self) -> Array:
        return np.concatenate(self._all("boosted"))

    def won(self, now_ms: int) -> tuple[Array, Array]:
        facts, tags = zip(*self._all("won", now_ms), strict=True)
        return np.concatenate(facts), np.concatenate(tags)

    def like_counts(self) -> Array:
        return np.concatenate(self._all("like_counts"))

    def resembling(self, profile: Array, scaled: bool, now_ms: int) -> Array:
        return np.concatenate(self._all("resembling", profile, scaled, now_ms))

    # --- the viewers, as others read them

    def rows(self, who: Array) -> People:
        who = np.asarray(who)
        self._say()
        parts = np.searchsorted(self._actor_of(who), np.arange(len(self.actors) + 1))
        asked = [
            actor.ask.remote("rows", who[low:high])
            for actor, (low, high) in zip(self.actors, pairwise(parts), strict=True)
            if high > low
        ]
        found = self._got(asked)
        viewers, tags, served, calendar = map(np.concatenate, zip(*(one[:4] for one in found), strict=True))
        return People(viewers, tags, served, calendar, 0, len(who))

    def column(self, name: str) -> Array:
        return np.concatenate(self._all("column", name))

    def followers_at_start(self) -> Array:
        return np.sum(self._all("followers_at_start"), axis=0)

    def inside(self) -> int:
        return sum(self._all("inside"))

    # --- saving

    def arrays(self, videos: int) -> dict[str, Array]:
        parts = self._all("arrays", videos)
        return {name: np.concatenate([part[name] for part in parts]) for name in ROWS}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        asked = []
        for actor, (low, high) in zip(self.actors, pairwise(self.first), strict=True):
            asked.append(actor.ask.remote("restore", {name: arrays[name][low:high] for name in ROWS}))
        self._got(asked)

    def take_rules(self, now_ms: int) -> None:
        self._all("take_rules", now_ms)

    # --- its own

    def _actor_of(self, who: Array) -> Array:
        return np.searchsorted(self.first, who, side="right") - 1

    def _say(self) -> None:
        """Let actors know what there is to know; what they are asked later they answer later."""
        for n, news in self.unsaid.items():
            for name, words in news.items():
                self.actors[n].ask.remote(name, *words)
        self.unsaid = {}

    def _all(self, name: str, *words: Any) -> list[Any]:
        self._say()
        return self._got([actor.ask.remote(name, *words) for actor in self.actors])

    def _got(self, asked: list[Any]) -> list[Any]:
        try:
            return list(self.ray.get(asked))
        except self.ray.exceptions.RayActorError as error:
            raise LostError(f"a worker that held viewers was lost: {type(error).__name__}") from None
