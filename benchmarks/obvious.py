"""The obvious program: plain Mesa and SimPy, one agent object and one SimPy process for each viewer.

It takes over a wavepool world in mid-day and goes on with it. The same: the population and its traits; the recall of a
page (the same rings, depth, reach, hot ring, newest of followed creators), value, lifts, spacing, fresh, random and
live places; watching, reacting, moods and sessions; evidence for every category with two half-lives; the
memory of what was seen, bit by bit; doors, stays in stretches of half a minute, clicks and orders against stock; waves
with budgets, reviews, promotions, levels of rooms; creators who post.

Left out or made simpler, always in its favour: keyed draws (it takes Python's generator), records, audit and series,
shards and their slices, tags from counts of six kinds instead of surprise, decay at the moment of a reaction (a
factor every half minute instead), caps on probabilities, merged sessions, refused buyers' patience, reviews of rooms
by level (all open rooms are peers), a room's second opening, and Python's search for circular garbage, of which there
is none.

Python where one number is wanted, NumPy where a row of them is: the belief of a viewer, reviews. Eighty candidates
take NumPy and plain Python about as long to rank.
"""

import time
from pathlib import Path
from random import Random
from typing import Any

import mesa
import numpy as np
import simpy

from agents.viewer import AWAY, INSIDE, behaviour
from benchmarks.measured import Measured, without_collection
from benchmarks.midday import held, refreshes_in
from benchmarks.obvious_platform import (
    CHAT,
    DO,
    HOLD,
    RELEASE,
    TAG_PRIOR,
    Creator,
    Platform,
    Product,
    Room,
    Video,
    drawn,
)
from benchmarks.obvious_viewer import KINDS, WATCHED, Rules, Viewer
from sim.core import event_log
from sim.core.arrays import Array, one
from sim.core.compiler import compiled
from sim.core.randomness import rhythm_of
from sim.recommender.interest_tags import interest_profile
from sim.world import World

HOUR, DAY = 3_600_000.0, 86_400_000.0


@compiled
def beliefs(tags: Array, now_ms: int, tag_rules: Array, weights: Array, out: Array) -> None:
    """What wavepool believes of every viewer."""
    for i in range(len(tags)):
        interest_profile(tags[i], now_ms, tag_rules[0], weights, out[i])


class Obvious(mesa.Model):
    """The obvious program's world."""

    def __init__(self, world: World) -> None:
        super().__init__(seed=1)
        self.setting = world.scenario  # newer versions of Mesa keep something else under that name
        self.env = simpy.Environment(initial_time=float(world.clock.now_ms))
        self.random = Random(1)
        self._take_rules(world)
        self.platform = Platform(world.scenario, world.policy.ladder, self.random)
        self._take_videos(world)
        self._take_rooms(world)
        self._take_books(world)
        self.platform.publish(self.env.now)
        self._take_viewers(world)
        self._take_creators(world)
        self.env.process(self.platform.life(self.env))

    def step(self) -> None:
        """Let one refresh go by."""
        self.env.run(until=self.env.now + self.setting.refresh_ms)

    def books(self) -> tuple[int, int, int, int]:
        """Exposures, pages, live exposures and entries so far."""
        p = self.platform
        return p.exposures, p.pages, sum(p.live_seen), sum(p.live_in)

    def pace(self, segment: int, interest: float, bargain: bool) -> float:
        """How fast patience runs in a segment."""
        rules = self.setting.viewers.in_room
        if segment == CHAT:
            return rules.chat_pace
        if bargain and segment in (HOLD, RELEASE):
            return rules.wait_pace
        return rules.pitch_pace * (1.0 - (1.0 - rules.interest_pace) * interest)

    def session_ms(self) -> float:
        """How long a session would last if nothing in it were dull."""
        kind, a, b = self.setting.viewers.session_minutes.kernel_args()
        return drawn(self.random, kind, a, b) * 60_000.0

    def _take_rules(self, world: World) -> None:
        s, b = world.scenario, one(behaviour(world.scenario))
        feed, self.weights = s.platform.feed, s.platform.weights
        self.rules = Rules(
            feed.page, feed.tags, feed.depth, feed.fresh, feed.random, feed.spacing, feed.follow_bonus,
            min(1.0, feed.page * feed.live_share), feed.live_random, len(world.policy.ladder), len(s.categories),
            float(s.refresh_ms),
        )  # fmt: skip
        self.rhythm = rhythm_of(s.viewers.rhythm).tolist()
        self.per_ms = b.sessions_per_day / DAY
        self.satisfaction_step, self.taste, self.inverse_shape, self.loops = (
            b.satisfaction_step,
            b.taste,
            1.0 / b.shape,
            b.loops,
        )
        self.skip, self.swipe, self.dull, self.react_taste = b.skip_ms, b.swipe_ms, b.dull_ms, b.react_taste
        self.glance, self.stay, self.click, self.hold_comments = b.glance_ms, b.stay_ms, b.click, b.hold_comments
        self.social, self.live_random = float(b.social_proof / np.log(2.0)), feed.live_random
        self.tag_prior = TAG_PRIOR

    def _take_videos(self, world: World) -> None:
        platform, in_turn = self.platform, world.platform.in_turn.tolist()
        open_items = set(world.platform.open_videos.tolist()) | set(in_turn)
        self.platform.videos = world.catalogue.published
        wanted = sorted(open_items | {int(n) for n in world.platform.snapshot.newest if n >= 0})
        made = {n: self._video(world, n) for n in wanted}
        for n in in_turn:  # the part of the stock that is on offer; it has no other turn while this is measured
            made[n].tier, made[n].budget, made[n].delivered = len(platform.ladder), *self._of_stock(world, n)
        platform.open = sorted((made[n] for n in open_items), key=lambda video: video.ring)
        for creator, n in enumerate(world.platform.snapshot.newest.tolist()):
            if n >= 0:
                platform.newest[creator] = made[n]

    def _of_stock(self, world: World, n: int) -> tuple[int, int]:
        wave = world.platform.waves[n]
        return int(wave["budget"]), int(wave["delivered"])

    def _video(self, world: World, n: int) -> Video:
        row, wave, count = (
            world.catalogue.videos[n],
            world.platform.waves[n],
            world.platform.counters.videos[n].tolist(),
        )
        topics = int(row["topic"]), int(row["second"]), float(row["main_topic_weight"]) / 255.0
        video = Video(n, int(row["creator"]), topics, int(row["duration_ms"]), int(row["ring"]))
        self.platform.fit(video, float(world.truth.quality[n]))
        video.published = float(row["published_ms"])
        video.shown, video.watch_ms, video.acted = self._counted(count)
        video.open_wave(int(wave["tier"]), int(wave["repeats"]), int(wave["budget"]), float(wave["closes_ms"]))
        video.delivered = int(wave["delivered"]) if wave["tier"] >= 0 else video.budget
        video.before = self._counted(world.platform.wave_began[n].tolist())
        return video

    def _counted(self, count: list[int]) -> tuple[int, int, float]:
        w = self.weights
        acted = (
            w.like * count[event_log.V_LIKES] + w.comment * count[event_log.V_COMMENTS]
            + w.share * count[event_log.V_SHARES] + w.follow * count[event_log.V_FOLLOWS]
        )  # fmt: skip
        return count[event_log.V_SHOWN], count[event_log.V_WATCH_MS], acted

    def _take_rooms(self, world: World) -> None:
        each, rules = world.scenario.rooms.products + 1, world.scenario.rooms
        for r, agent in enumerate(world.truth.live_rooms):
            row, level = world.catalogue.rooms[r], world.platform.levels[r]
            topics = [(c, float(share)) for c, share in enumerate(row["topics"]) if share > 0]
            room = Room(self, r, topics, int(row["host"]), float(world.truth.room_truth.skill[r]))
            for p in range(r * each, (r + 1) * each):
                product, appeal = world.catalogue.products[p], float(world.truth.room_truth.appeal[p])
                stock = int(product["stock"]) or int(rules.stock.mean())
                room.catalogue.append(Product(int(product["topic"]), int(product["price_cents"]), stock, appeal))
            room.opens, room.closes = float(agent.opens_ms), float(agent.closes_ms)
            room.recent[:] = self._room_counts(level["recent"])
            self.platform.rooms.append(room)
            self.platform.room_of[room.host] = room
            script = [(DO[piece.do], piece.seconds * 1000.0) for piece in rules.scripts[agent.script]]
            self.env.process(room.life(script))
        self.env.run(until=self.env.now + 1e-6)
        for room, row, level in zip(self.platform.rooms, world.catalogue.rooms, world.platform.levels, strict=True):
            room.online = int(row["online"])
            if room.is_open:
                room.level, room.opened = max(int(level["level"]), 0), float(level["opened_ms"])
                room.budget, room.delivered = int(level["budget"]), int(level["delivered"])

    def _room_counts(self, recent: Any) -> tuple[float, ...]:
        w = self.weights
        acted = (
            w.like * recent[event_log.R_LIKES]
            + w.comment * recent[event_log.R_COMMENTS]
            + w.follow * recent[event_log.R_FOLLOWS]
        )
        return (
            recent[event_log.R_SHOWN],
            recent[event_log.R_ENTERED],
            recent[event_log.R_STAY_MS],
            acted,
            recent[event_log.R_GMV],
        )

    def _take_books(self, world: World) -> None:
        m, platform = world.platform.counters.matches.tolist(), self.platform
        platform.seen, platform.reactions = m[event_log.M_SHOWN], m[event_log.M_REACTIONS]
        platform.ratio = [ratio / 1000.0 for ratio in m[event_log.M_RATIO]]
        platform.live_seen, platform.live_in = m[event_log.M_LIVE_SHOWN], m[event_log.M_ENTERED]
        platform.live_ms, platform.live_acted = m[event_log.M_STAY_MS], m[event_log.M_LIVE_REACTIONS]
        platform.live_bought = m[event_log.M_ORDERS]
        sums, w = world.platform.decayed_totals.tolist(), self.weights
        platform.acted = (
            w.like * sums[event_log.T_LIKES] + w.comment * sums[event_log.T_COMMENTS]
            + w.share * sums[event_log.T_SHARES] + w.follow * sums[event_log.T_FOLLOWS]
        )  # fmt: skip
        for tier, ring in enumerate(platform.peers):
            n = min(int(world.platform.peers.reviews[tier]), world.platform.peers.score.shape[1])
            rows = (
                world.platform.peers.dwell[tier, :n],
                world.platform.peers.interaction[tier, :n],
                world.platform.peers.score[tier, :n],
            )
            ring.extend(zip(*(row.tolist() for row in rows), strict=True))

    def _take_viewers(self, world: World) -> None:
        evidence = self._evidence(world)
        rows = {name: held(world).viewers[name].tolist() for name in held(world).viewers.dtype.names or ()}
        follows, seen = held(world).served["follows"].tolist(), held(world).served["seen"].astype("<u8")
        counts = held(world).served["seen_count"].tolist()
        for i in range(len(evidence)):
            viewer = Viewer(self, evidence[i])
            viewer.follows = [creator for creator in follows[i] if creator >= 0]
            viewer.newer, viewer.older = (int.from_bytes(half.tobytes(), "little") for half in seen[i])
            viewer.since = counts[i]
            row = {name: column[i] for name, column in rows.items()}
            self._equip(viewer, row)
            self._place(viewer, row)

    def _evidence(self, world: World) -> np.ndarray:
        """Evidence of watching that amounts to what wavepool believes; shape (viewers, categories, kinds)."""
        tags = np.zeros((len(held(world).tags), len(world.scenario.categories)))
        weights = world.platform.snapshot.usual.weights
        beliefs(held(world).tags, world.clock.now_ms, world.policy.tag_rules, weights, tags)
        top = tags.max(axis=1, keepdims=True)
        evidence = np.zeros((*tags.shape, KINDS))
        evidence[:, :, WATCHED] = tags * (TAG_PRIOR / np.maximum(1.0 - top, 1e-9)) * self.platform.growth_short
        return evidence

    def _place(self, viewer: Viewer, row: dict[str, Any]) -> None:
        """Put a viewer where he is in his life, and start it from there."""
        due, inside = max(float(row["due_ms"]) - self.env.now, 0.0), row["phase"] == INSIDE
        viewer.room = self.platform.rooms[row["room"]] if row["phase"] != AWAY and row["room"] >= 0 else None
        viewer.session_budget = row["session_budget_ms"]
        if row["phase"] == AWAY:
            let_go = self.random.random() < self.setting.viewers.bored_skip * (1.0 - viewer.satisfaction)
            viewer.session_budget = 0.0 if let_go else self.session_ms() * viewer.patience
        self.env.process(viewer.life(due, row["patience_ms"] if inside else 0.0))

    def _equip(self, viewer: Viewer, row: dict[str, Any]) -> None:
        """Give a viewer traits, with the scales of what they act on put in."""
        r, i = self.setting.viewers.reacting, self.setting.viewers.in_room
        factor = {name: 2.0 ** (row[name] / 8.0) for name in ("activity", "patience", "like", "comment", "share")}
        factor |= {name: 2.0 ** (row[name] / 8.0) for name in ("follow", "live", "buy")}
        viewer.affinity = {c: much / 255.0 for c, much in zip(row["taste"], row["affinity"], strict=True) if much}
        viewer.slow = factor["activity"] ** (-self.setting.viewers.watching.activity_fade)
        viewer.per_ms, viewer.patience = self.per_ms * factor["activity"], factor["patience"]
        viewer.like, viewer.comment = r.like * factor["like"], r.comment * factor["comment"]
        viewer.share, viewer.follow = r.share * factor["share"], r.follow * factor["follow"]
        viewer.hearts, viewer.chats = i.like / HOUR * factor["like"], i.comment / HOUR * factor["comment"]
        viewer.joins = i.follow / HOUR * factor["follow"]
        viewer.live, viewer.buy = i.enter * factor["live"], factor["buy"]
        viewer.price, viewer.bargain, viewer.trusted = row["price_cents"], row["bargain"] == 1, row["trusted"]
        viewer.satisfaction = row["satisfaction"]

    def _take_creators(self, world: World) -> None:
        for n, row in enumerate(world.catalogue.creators):
            topics = int(row["topic"]), int(row["second"]), float(row["main_topic_weight"]) / 255.0
            hour = int(self.env.now / HOUR) % 24
            per_ms = float(row["per_day"]) * float(world.truth.posting.rhythm[hour]) / DAY
            self.env.process(Creator(self, n, topics, float(row["talent"]), max(per_ms, 1e-15)).life())


def go_on(saved: Path, minutes: float) -> Measured:
    """Take over a saved world, and let some time go by."""
    world, _ = World.load(saved)
    model = Obvious(world)
    del world
    model.env.run(until=model.env.now + 1e-6)  # everybody's process begins
    before = model.books()
    with without_collection():
        began = time.perf_counter()
        for _ in range(refreshes_in(model.setting, minutes)):
            model.step()
        seconds = time.perf_counter() - began
    shown, pages, live, entries = (b - a for a, b in zip(before, model.books(), strict=True))
    return Measured(shown, seconds, pages, live, entries)
