"""The platform of the obvious program: videos, rooms, creators and reviews as objects on SimPy's clock."""

import math
from bisect import insort
from collections import deque
from collections.abc import Generator
from operator import attrgetter
from random import Random
from typing import Any

import mesa
import numpy as np

from sim.core.randomness import LOGNORMAL, PARETO, UNIFORM, WEIBULL
from sim.scenario.scenario import Scenario

Entry = tuple[int, float, int, float, float, Any]  # mask, share, second, dwell, interaction, video
Life = Generator[Any, Any, None]
CHAT, PITCH, HOLD, RELEASE = range(4)
DO = {"chat": CHAT, "pitch": PITCH, "hold": HOLD, "release": RELEASE}
REACH = 4  # places of a ring that are looked at for each item wanted
STEPS = 8  # of tag match
LIFT_PRIOR = 200.0
MOST_TERM = 5.0
SHORT_WORTH = (1.0, -0.7, 0.0, 1.0, 0.0, 0.0)  # of each kind of evidence, with the short half-life
LONG_WORTH = (0.0, 0.0, 3.0, 0.0, 3.0, 8.0)
TAG_PRIOR = 4.0


def drawn(random: Random, kind: int, a: float, b: float) -> float:
    """One value of a scenario's distribution."""
    if kind == LOGNORMAL:
        return a * math.exp(b * random.gauss(0.0, 1.0))
    if kind == UNIFORM:
        return a + (b - a) * random.random()
    if kind == WEIBULL:
        return random.weibullvariate(a, b)
    return a * random.paretovariate(b) if kind == PARETO else a


class Video:
    """A video: what is public, what is true, its wave and its counters."""

    __slots__ = (
        "acted", "before", "budget", "closes", "creator", "delivered", "duration", "dwell", "interaction", "mask",
        "number", "published", "repeats", "ring", "scale", "second", "share", "shown", "tier", "topic", "warmth",
        "watch_ms",
    )  # fmt: skip

    def __init__(self, number: int, creator: int, topics: tuple[int, int, float], duration: int, ring: int) -> None:
        self.number, self.creator, self.ring, self.duration = number, creator, ring, duration
        self.topic, self.second, self.share = topics
        self.mask = 1 << ((number * 2_654_435_761 & 0xFFFFFFFF) >> 23)  # its bit in a viewer's memory
        self.scale = self.warmth = 1.0
        self.published = 0.0
        self.shown = self.watch_ms = self.delivered = self.repeats = 0
        self.acted = 0.0
        self.dwell = self.interaction = 1.0

    def open_wave(self, tier: int, repeats: int, budget: int, closes: float) -> None:
        self.tier, self.repeats, self.budget, self.delivered, self.closes = tier, repeats, budget, 0, closes
        self.before = (self.shown, self.watch_ms, self.acted)


class Product:
    """A product: topic, price, stock, and how attractive it is in truth."""

    __slots__ = ("appeal", "price", "stock", "topic")

    def __init__(self, topic: int, price: int, stock: int, appeal: float) -> None:
        self.topic, self.price, self.stock, self.appeal = topic, price, stock, appeal


class Room(mesa.Agent):
    """A live room and its show."""

    def __init__(self, model: Any, number: int, topics: list[tuple[int, float]], host: int, skill: float) -> None:
        super().__init__(model)
        self.number, self.topics, self.host = number, topics, host
        self.share = dict(topics)
        self.lure_of_host, self.door = math.exp(skill), math.exp(0.5 * skill)
        self.is_open, self.segment = False, CHAT
        self.product: Product | None = None
        self.catalogue: list[Product] = []
        self.opens = self.closes = 0.0
        self.online = self.level = self.budget = self.delivered = 0
        self.opened = 0.0
        self.shown = self.entered = self.goods = 0
        self.stay_ms = self.acted = 0.0
        self.recent = np.zeros(5)
        self.terms = (1.0, 1.0, 1.0, 1.0)

    def counts(self) -> np.ndarray:
        """Shown, entered, time stayed, weighted reactions and goods sold, with the fading past."""
        return self.recent + np.array((self.shown, self.entered, self.stay_ms, self.acted, self.goods))

    def close_the_books(self, memory: float) -> None:
        self.recent = (memory - 1.0) * self.recent + self.counts()
        self.shown = self.entered = self.goods = self.delivered = 0
        self.stay_ms = self.acted = 0.0

    def life(self, script: list[tuple[int, float]]) -> Life:
        """Open, show one segment after another, close; the next day is beyond the window."""
        env = self.model.env
        yield env.timeout(max(self.opens - env.now, 0.0))
        self.is_open, self.opened, pitched, shown = True, env.now, 0, 0
        self.level, self.budget = self.model.platform.rules.start_level, self.model.platform.rules.minimum_sample
        while env.now < self.closes:
            self.segment, lasts = script[shown % len(script)]
            self.product = None
            if self.segment == PITCH:
                self.product = self.catalogue[pitched % (len(self.catalogue) - 1)]
                pitched += 1
            elif self.segment in (HOLD, RELEASE):
                self.product = self.catalogue[-1]
            shown += 1
            yield env.timeout(min(lasts, self.closes - env.now))
        self.is_open = False


class Creator(mesa.Agent):
    """A creator, who posts now and then."""

    def __init__(self, model: Any, number: int, topics: tuple[int, int, float], talent: float, per_ms: float) -> None:
        super().__init__(model)
        self.number, self.topics, self.talent, self.per_ms = number, topics, talent, per_ms

    def life(self) -> Life:
        """Post, and wait."""
        env, random = self.model.env, self.model.random
        while True:
            yield env.timeout(random.expovariate(self.per_ms))
            self.model.platform.admit(self)


class Platform:
    """Tags' lifts, rings of open videos, waves and reviews. All viewers read `rings`, `hot`, `lift_...` directly."""

    def __init__(self, scenario: Scenario, ladder: tuple[int, ...], random: Random) -> None:
        self.scenario, self.ladder, self.random = scenario, ladder, random
        self.weights, self.waves, self.rules = (
            scenario.platform.weights, scenario.platform.waves, scenario.platform.rooms,
        )  # fmt: skip
        self.categories = len(scenario.categories)
        self.open: list[Video] = []  # in ring order
        self.newest: dict[int, Video] = {}
        self.rooms: list[Room] = []
        self.room_of: dict[int, Room] = {}
        self.videos = self.asked = self.exposures = self.pages = 0
        self.expected_live = 0.0
        self.peers: list[deque[tuple[float, float, float]]] = [deque(maxlen=self.waves.peers) for _ in ladder]
        self.seen, self.ratio, self.reactions = [0] * STEPS, [0.0] * STEPS, [0] * STEPS
        self.live_seen, self.live_in, self.live_ms = [0] * STEPS, [0] * STEPS, [0.0] * STEPS
        self.live_acted, self.live_bought = [0] * STEPS, [0] * STEPS
        self.acted = 0.0
        self.growth_short = self.growth_long = 1.0

    def life(self, env: Any) -> Life:
        """Refresh, again and again."""
        every = float(self.scenario.refresh_ms)
        while True:
            yield env.timeout(every)
            self.review_videos(env.now)
            if env.now % (self.rules.review_minutes * 60_000.0) < every:
                self.review_rooms(env.now)
            self.publish(env.now)

    # --- the snapshot

    def publish(self, now: float) -> None:
        """Predictions, rings and lifts for the next half minute."""
        shown = max(sum(self.seen), 1)
        ratio, acted, w, prior = sum(self.ratio) / shown, self.acted / shown, self.weights.rank, self.weights.prior
        top, size = len(self.ladder) - 1, self.categories
        rings: list[list[Entry]] = [[] for _ in range((len(self.ladder) + 1) * size)]  # the stock comes last
        keys: list[list[int]] = [[] for _ in rings]
        hot: list[Entry] = []
        hot_keys: list[int] = []
        for video in self.open:
            trials = video.shown + prior
            video.dwell = w.dwell * (video.watch_ms / video.duration + prior * ratio) / trials / ratio
            video.interaction = w.interaction * (video.acted + prior * acted) / trials / acted
            if video.delivered < video.budget:
                entry = (video.mask, video.share, video.second, video.dwell, video.interaction, video)
                ring = video.tier * size + video.topic
                rings[ring].append(entry)
                keys[ring].append(video.ring)
                if video.tier == top:
                    hot.append(entry)
                    hot_keys.append(video.ring)
        most = REACH * self.scenario.platform.feed.depth
        self.rings = [(key, ring + ring[:most], min(most, len(ring))) for key, ring in zip(keys, rings, strict=True)]
        self.hot = hot_keys, hot + hot[:most], min(most, len(hot))
        self.lift_dwell, self.lift_interaction = lifts(self.ratio, self.seen), lifts(self.reactions, self.seen)
        self.lift_stay, self.lift_live = lifts(self.live_ms, self.live_in), lifts(self.live_acted, self.live_in)
        self.lift_entry, self.lift_order = lifts(self.live_in, self.live_seen), lifts(self.live_bought, self.live_in)
        self._publish_rooms()
        tags = self.scenario.platform.tags
        self.growth_short = 2.0 ** (now / (tags.short_half_life * 86_400_000.0))
        self.growth_long = 2.0 ** (now / (tags.long_half_life * 86_400_000.0))
        short, long = np.array(SHORT_WORTH) / self.growth_short, np.array(LONG_WORTH) / self.growth_long
        self.weights_row = short + long

    def _publish_rooms(self) -> None:
        self.open_rooms = [room for room in self.rooms if room.is_open]
        self.room_rings: list[list[Room]] = [[] for _ in range(self.categories)]
        for room in self.open_rooms:
            for c, _ in room.topics:
                self.room_rings[c].append(room)
        if not self.open_rooms:
            return
        w, prior = self.weights.rank, self.weights.prior
        counts = np.array([room.counts() for room in self.open_rooms])
        mean = rates(counts.sum(axis=0, keepdims=True), np.zeros(4), 0.0)[0]
        relative = rates(counts, mean, prior) / np.where(mean > 0, mean, 1.0)
        terms = np.minimum(relative, MOST_TERM) * (w.dwell, w.interaction, w.entry, w.conversion)
        for room, row in zip(self.open_rooms, terms.tolist(), strict=True):
            room.terms = tuple(row)

    # --- waves

    def admit(self, creator: Creator) -> None:
        """A new video, with its first wave."""
        random, rules, now = self.random, self.scenario.creators, creator.model.env.now
        main, second, share = creator.topics
        if share < 1.0 and random.random() > share:
            main, second = second, main
        seconds = drawn(random, *rules.duration_seconds.kernel_args())
        duration = int(1000.0 * max(3.0, min(seconds, 600.0)))
        video = Video(self.videos, creator.number, (main, second, share), duration, random.getrandbits(32))
        self.videos += 1
        self.fit(video, creator.talent + rules.post_scatter * random.gauss(0.0, 1.0))
        video.published = now
        video.open_wave(0, 0, self.ladder[0], now + self.waves.hours * 3_600_000.0)
        self.newest[creator.number] = video
        insort(self.open, video, key=attrgetter("ring"))

    def fit(self, video: Video, quality: float) -> None:
        """What of watching and reacting depends on the video alone."""
        w, r = self.scenario.viewers.watching, self.scenario.viewers.reacting
        video.scale = w.ratio * math.exp(w.talent * quality) * (video.duration / 15_000.0) ** (-w.duration_fade)
        video.warmth = math.exp(r.talent * quality)

    def review_videos(self, now: float) -> None:
        """Judge the waves that are spent or out of time against their peers."""
        closed = [
            video
            for video in self.open
            if video.tier < len(self.ladder) and (video.delivered >= video.budget or video.closes <= now)
        ]
        if not closed:
            return
        bars = [self._bars(tier) for tier in range(len(self.ladder))]
        found = [(video, self._score(video, bars[video.tier])) for video in closed]
        for video, (dwell, interaction, score) in found:
            tier, enough = video.tier, video.shown - video.before[0] >= self.waves.minimum_sample
            if enough:
                self.peers[tier].append((dwell, interaction, score))
            self._carry_out(video, score, enough, bars[tier], now)
        self.open = [video for video in self.open if video.tier >= 0]

    def _bars(self, tier: int) -> tuple[float, float, float, float]:
        """Mean dwell and interaction of a tier's peers, and the scores of promotion and repetition."""
        peers = self.peers[tier]
        if not peers:
            return 0.0, 0.0, 1.0, 1.0
        table = np.array(peers)
        scores, n = np.sort(table[:, 2]), len(peers)
        if n < 20:
            return float(table[:, 0].mean()), float(table[:, 1].mean()), 1.0, 1.0
        up = float(scores[min(n - 1, int(n * (1.0 - self.waves.promote)))])
        again = float(scores[min(n - 1, int(n * (1.0 - self.waves.promote - self.waves.repeat)))])
        return float(table[:, 0].mean()), float(table[:, 1].mean()), up, again

    def _score(self, video: Video, bars: tuple[float, float, float, float]) -> tuple[float, float, float]:
        shown, watch_ms, acted = video.before
        trials, w = max(video.shown - shown, 1), self.weights.review
        dwell, interaction = (video.watch_ms - watch_ms) / video.duration / trials, (video.acted - acted) / trials
        terms = dwell / bars[0] if bars[0] else 1.0, interaction / bars[1] if bars[1] else 1.0
        return dwell, interaction, (w.dwell * terms[0] + w.interaction * terms[1]) / (w.dwell + w.interaction)

    def _carry_out(self, video: Video, score: float, enough: bool, bars: Any, now: float) -> None:
        up, again = (score >= bars[2], score >= bars[3]) if enough else (False, video.repeats == 0)
        tier = video.tier + (1 if up and video.tier < len(self.ladder) - 1 else 0)
        too_old = now - video.published > self.waves.max_age_days * 86_400_000.0
        if not (up or again) or too_old or video.shown + self.ladder[tier] > self.scenario.viewers.count:
            video.tier = -1
            return
        repeats = 0 if tier > video.tier else video.repeats + 1
        video.open_wave(tier, repeats, self.ladder[tier], now + self.waves.hours * 3_600_000.0)

    def review_rooms(self, now: float) -> None:
        """Every few minutes: up, keep or down, and the budgets until the next time."""
        rules, w, rooms = self.rules, self.weights.review, [room for room in self.rooms if room.is_open]
        for room in rooms:
            room.close_the_books(rules.memory)
        share = self.scenario.platform.feed.live_share
        self.expected_live, self.asked = (self.exposures - self.asked) * share / (1.0 - share), self.exposures
        if not rooms:
            return
        counts = np.array([room.recent for room in rooms])
        mean = rates(counts.sum(axis=0, keepdims=True), np.zeros(4), 0.0)[0]
        weight = np.array([w.dwell, w.interaction, w.entry, w.conversion])
        relative = np.minimum(rates(counts, mean, self.weights.prior) / np.where(mean > 0, mean, 1.0), MOST_TERM)
        scores = relative @ weight / weight.sum()
        ranked = np.sort(scores)
        up_at = ranked[min(len(rooms) - 1, int(len(rooms) * (1.0 - rules.up)))]
        down_at = ranked[min(len(rooms) - 1, int(len(rooms) * rules.down))]
        for room, score in zip(rooms, scores, strict=True):
            if score >= up_at and room.level < len(rules.levels) - 1:
                room.level += 1
            elif score < down_at and room.level > 0:
                room.level -= 1
        pushed = np.array([now - room.opened < rules.opening_minutes * 60_000.0 for room in rooms])
        wanted = np.array([rules.levels[room.level] for room in rooms]) * np.where(pushed, rules.opening_boost, 1.0)
        budgets = np.maximum(rules.minimum_sample, self.expected_live * rules.supply * wanted / wanted.sum())
        for room, budget in zip(rooms, budgets.astype(int).tolist(), strict=True):
            room.budget = budget


def lifts(events: list[Any], trials: list[int]) -> list[float]:
    """How much likelier a behaviour is in each bucket of tag match than overall."""
    overall = sum(events) / max(sum(trials), 1)
    if not overall:
        return [1.0] * STEPS
    prior = LIFT_PRIOR * overall
    return [(e + prior) / (t + LIFT_PRIOR) / overall for e, t in zip(events, trials, strict=True)]


def rates(counts: np.ndarray, mean: np.ndarray, prior: float) -> np.ndarray:
    """Dwell, interaction, entry and goods per entry of rooms, drawn towards the mean."""
    shown, entered, stay_ms, acted, goods = counts.T
    inside = prior * mean[2]
    entries = np.maximum(entered + inside, 1e-9)
    buying = 1.0 / mean[3] if mean[3] > 0.0 else 0.0
    return np.column_stack(
        [
            (stay_ms / 1000.0 + inside * mean[0]) / entries,
            (acted + inside * mean[1]) / entries,
            (entered + inside) / np.maximum(shown + prior, 1e-9),
            (goods + buying * mean[3]) / np.maximum(entered + buying, 1e-9),
        ]
    )
