"""A viewer of the obvious program: an object whose life is one SimPy process."""

import math
from bisect import bisect_left
from operator import itemgetter
from typing import Any, NamedTuple

import mesa
import numpy as np

from benchmarks.obvious_platform import HOLD, PITCH, RELEASE, Life, Room, Video

KINDS = 6
WATCHED, SKIPPED, INTERACTED, ENTERED, STAYED, BOUGHT = range(KINDS)
MINUTE, HOUR = 60_000.0, 3_600_000.0
VALUE = itemgetter(0)
Candidate = tuple[float, int, bool, Video]  # value, bucket of tag match, fresh, video


class Rules(NamedTuple):
    """Numbers that every viewer needs at every turn."""

    page: int
    tags: int
    depth: int
    fresh: int
    random: int
    spacing: bool
    follow_bonus: float
    live_chance: float
    live_random: float
    tiers: int
    categories: int
    refresh: float


def pick(found: list[Candidate], avoid: int, taken: set[int], wants_fresh: bool) -> int:
    """The place of the best candidate of another topic, of the kind that is wanted if there is one; -1 for none."""
    other = -1
    for n, (_, _, fresh, video) in enumerate(found):
        if video.topic != avoid and video.number not in taken and video.delivered < video.budget:
            if fresh is wants_fresh:
                return n
            if other < 0:
                other = n
    return other


class Viewer(mesa.Agent):
    """A viewer: taste, traits, state, and what the platform keeps of him. His life is one SimPy process."""

    __slots__ = (
        "affinity", "bargain", "buy", "chats", "comment", "evidence", "follow", "follows", "hearts", "joins", "like",
        "live", "newer", "older", "passed", "patience", "per_ms", "price", "room", "rows", "satisfaction",
        "session_budget", "share", "since", "slow", "topic", "trusted", "uniform",
    )  # fmt: skip

    def __init__(self, model: Any, rows: np.ndarray) -> None:
        super().__init__(model)
        self.uniform = model.random.random
        self.rows = rows  # evidence (categories, kinds), as of day 0
        self.evidence = memoryview(rows.data).cast("B").cast("d")  # the same, for one number at a time
        self.newer = self.older = self.since = 0
        self.session_budget, self.satisfaction, self.topic = 0.0, 0.5, -1
        self.follows: list[int] = []
        self.passed: set[Room] = set()
        self.room: Room | None = None
        self.trusted = -1

    def life(self, due: float, stays: float) -> Life:
        """Scroll while there is session_budget, be away until the next session, and again."""
        env, watch = self.model.env, self.watch
        timeout = env.timeout
        yield timeout(due)
        if stays > 0.0 and self.room is not None:
            yield from self.stay(self.room, stays, 0)
        while True:
            while self.session_budget > 0.0:
                page = self.next_page()
                if not page:
                    break
                for item, bucket in page:
                    if self.session_budget <= 0.0:
                        break
                    if item.delivered >= item.budget:
                        continue
                    if item.__class__ is Video:
                        yield timeout(watch(item, bucket))
                    elif item.is_open and item is not self.room:
                        yield from self.meet(item, bucket)
            yield timeout(self.until_next_session())
            self.begin()

    # --- sessions

    def until_next_session(self) -> float:
        """Time until a session that is not let go; a Poisson process with a daily rhythm."""
        rhythm, skips = self.model.rhythm, self.model.setting.viewers.bored_skip
        at = began = self.model.env.now / HOUR
        while True:
            wait = -math.log(self.uniform()) / self.per_ms / HOUR
            hour = int(at)
            while wait >= (room := (hour + 1 - at) * rhythm[hour % 24]):
                wait -= room
                hour += 1
                at = float(hour)
            at += wait / rhythm[hour % 24]
            if self.uniform() >= skips * (1.0 - self.satisfaction):
                return (at - began) * HOUR
            self.satisfaction += 0.1 * (0.5 - self.satisfaction)

    def begin(self) -> None:
        self.session_budget = self.model.session_ms() * self.patience
        self.room = None
        self.passed.clear()

    # --- videos

    def watch(self, video: Video, bucket: int) -> float:
        """One exposure; returns the time that it takes with the swipe."""
        model, liked, random = self.model, self.affinity, self.uniform
        platform, duration, topic = model.platform, video.duration, video.topic
        affinity = liked.get(topic, 0.0)
        if video.share < 1.0:
            affinity = affinity * video.share + liked.get(video.second, 0.0) * (1.0 - video.share)
        affinity -= 0.5
        scale = video.scale * self.slow * math.exp(model.taste * affinity)
        ms = int(min(scale * (-math.log(random())) ** model.inverse_shape, model.loops) * duration)
        if ms < 300:
            ms = 300
        watched = ms / duration
        platform.exposures += 1
        platform.seen[bucket] += 1
        platform.ratio[bucket] += watched
        video.delivered += 1
        video.shown += 1
        video.watch_ms += ms
        self.newer |= video.mask
        self.since += 1
        if self.since >= 160:
            self.older, self.newer, self.since = self.newer, 0, 0
        if watched > 1.0:
            watched = 1.0
        self.satisfaction += model.satisfaction_step * (watched - self.satisfaction)
        if ms < model.skip:
            self.evidence[topic * KINDS + SKIPPED] += platform.growth_short
            self.session_budget -= ms + model.swipe + model.dull
            return ms + model.swipe
        self.evidence[topic * KINDS + WATCHED] += watched * platform.growth_short
        warm = math.exp(model.react_taste * affinity) * video.warmth * watched
        rare = random()
        if random() < self.like * warm:
            self.react(video, bucket, model.weights.like)
        if random() < self.comment * warm:
            self.react(video, bucket, model.weights.comment)
        if rare < self.share * warm:
            self.react(video, bucket, model.weights.share)
        if 1.0 - rare < self.follow * warm:
            self.react(video, bucket, model.weights.follow)
            self.follow_creator(video.creator)
        self.session_budget -= ms + model.swipe
        return ms + model.swipe

    def react(self, video: Video, bucket: int, weight: float) -> None:
        platform = self.model.platform
        video.acted += weight
        platform.acted += weight
        platform.reactions[bucket] += 1
        self.evidence[video.topic * KINDS + INTERACTED] += platform.growth_long

    def follow_creator(self, creator: int) -> None:
        if creator not in self.follows:
            self.follows = [*self.follows[-11:], creator]

    # --- a page

    def next_page(self) -> list[tuple[Any, int]]:
        """Recall, value and spacing."""
        interest_profile = self.interest_profile()
        self.model.platform.pages += 1
        return self.ranked(interest_profile.tolist(), np.argsort(interest_profile)[::-1].tolist())

    def interest_profile(self) -> np.ndarray:
        """The ranking tag of every category."""
        value: np.ndarray = self.rows @ self.model.platform.weights_row
        np.maximum(value, 0.0, out=value)
        value /= value.max() + self.model.tag_prior
        return value

    def ranked(self, interest_profile: list[float], order: list[int]) -> list[tuple[Any, int]]:
        """One page from the strongest tags, and from weaker ones where nothing is left of these."""
        rules, random, platform = self.model.rules, self.uniform, self.model.platform
        at, seen = int(random() * 4294967296.0), self.newer | self.older
        tops, known = order[: rules.tags], rules.tags
        found = self.recall(interest_profile, tops, at, seen)
        found += self.recall_alone(interest_profile, at, seen)
        found.sort(key=VALUE, reverse=True)
        room, live_place = None, -1
        live = random()
        if live < rules.live_chance and platform.open_rooms:
            live_place = int(live / rules.live_chance * rules.page)
            room = self.best_room(interest_profile, tops)
        page: list[tuple[Any, int]] = []
        taken: set[int] = set()
        avoid = self.topic if rules.spacing else -1
        first = at % rules.page
        for place in range(rules.page):
            if place == live_place and room is not None:
                page.append(room)
                continue
            slot = (place + first) % rules.page
            if slot < rules.random:
                one = self.at_random(seen, avoid, taken)
                if one is not None:
                    share = one.share
                    match = interest_profile[one.topic] * share + interest_profile[one.second] * (1.0 - share)
                    page.append((one, min(int(match * 8), 7)))
                    taken.add(one.number)
                    avoid = one.topic if rules.spacing else -1
                    continue
            wants_fresh = rules.random <= slot < rules.random + rules.fresh
            best = pick(found, avoid, taken, wants_fresh)
            while best < 0 and known < rules.categories:
                found += self.recall(interest_profile, order[known : known + rules.tags], at, seen)
                found.sort(key=VALUE, reverse=True)
                known += rules.tags
                best = pick(found, avoid, taken, wants_fresh)
            if best >= 0:
                _, bucket, _, video = found.pop(best)
                page.append((video, bucket))
                taken.add(video.number)
                avoid = video.topic if rules.spacing else -1
        self.topic = avoid
        return page

    def recall(self, interest_profile: list[float], tops: list[int], at: int, seen: int) -> list[Candidate]:
        """The next few of each tag and tier."""
        rules, platform = self.model.rules, self.model.platform
        depth, categories, rings = rules.depth, rules.categories, platform.rings
        lift_dwell, lift_interaction = platform.lift_dwell, platform.lift_interaction
        found: list[Candidate] = []
        for top in tops:
            of_topic = interest_profile[top]
            plain = min(int(of_topic * 8), 7)
            for tier in range(rules.tiers):
                keys, ring, reach = rings[tier * categories + top]
                if not reach:
                    continue
                start = bisect_left(keys, at)
                if start == len(keys):
                    start = 0
                wanted, fresh = depth, tier == 0
                for mask, share, second, dwell, interaction, video in ring[start : start + reach]:
                    if mask & seen:
                        continue
                    bucket = plain
                    if share < 1.0:
                        bucket = int((of_topic * share + interest_profile[second] * (1.0 - share)) * 8)
                        if bucket > 7:
                            bucket = 7
                    value = dwell * lift_dwell[bucket] + interaction * lift_interaction[bucket]
                    found.append((value, bucket, fresh, video))
                    wanted -= 1
                    if not wanted:
                        break
        return found

    def recall_alone(self, interest_profile: list[float], at: int, seen: int) -> list[Candidate]:
        """The next few of the highest tier, and the newest of followed creators."""
        rules, platform = self.model.rules, self.model.platform
        lift_dwell, lift_interaction, depth = platform.lift_dwell, platform.lift_interaction, rules.depth
        found: list[Candidate] = []
        keys, ring, reach = platform.hot
        start = bisect_left(keys, at)
        alone = [entry[-1] for entry in ring[start : start + reach] if not entry[0] & seen][:depth]
        first = 4 * self.model.platform.pages % max(len(self.follows), 1)
        for creator in (self.follows[first:] + self.follows[:first])[:4]:
            newest = platform.newest.get(creator)
            if newest is not None and newest.delivered < newest.budget and not newest.mask & seen:
                alone.append(newest)
        for n, video in enumerate(alone):
            share = video.share
            bucket = min(
                int((interest_profile[video.topic] * share + interest_profile[video.second] * (1.0 - share)) * 8), 7
            )
            value = video.dwell * lift_dwell[bucket] + video.interaction * lift_interaction[bucket]
            found.append((value if n < depth else value * rules.follow_bonus, bucket, False, video))
        return found

    def at_random(self, seen: int, avoid: int, taken: set[int]) -> Video | None:
        """An open video at a random place."""
        platform = self.model.platform
        one: Video = platform.open[int(self.uniform() * len(platform.open))]
        if one.topic == avoid or one.delivered >= one.budget or one.mask & seen or one.number in taken:
            return None
        return one

    def best_room(self, interest_profile: list[float], tops: list[int]) -> tuple[Room, int] | None:
        """The open room of most value, or now and then any."""
        platform, depth, random = self.model.platform, self.model.rules.depth, self.uniform
        if random() < self.model.rules.live_random:
            room = platform.open_rooms[int(random() * len(platform.open_rooms))]
            if room.delivered < room.budget and room is not self.room:
                return room, self.match(interest_profile, room)
        at, best, most = random(), None, -1.0
        lift_stay, lift_live, lift_entry, lift_order = (
            platform.lift_stay, platform.lift_live, platform.lift_entry, platform.lift_order,
        )  # fmt: skip
        rings = platform.room_rings
        several = [(rings[top], 1.0) for top in tops if rings[top]]
        several += [([platform.room_of[one]], 2.0) for one in self.follows if one in platform.room_of]
        for ring, bonus in several:
            start = int(at * len(ring))
            for room in ring[start : start + depth] + ring[: max(0, min(start, start + depth - len(ring)))]:
                if room.delivered >= room.budget or room is self.room or not room.is_open:
                    continue
                bucket = self.match(interest_profile, room)
                stay, live, entry, order = room.terms
                value = bonus * (
                    stay * lift_stay[bucket]
                    + live * lift_live[bucket]
                    + entry * lift_entry[bucket]
                    + order * lift_order[bucket]
                )
                if value > most:
                    best, most = (room, bucket), value
        return best

    def match(self, interest_profile: list[float], room: Room) -> int:
        total = 0.0
        for c, share in room.topics:
            total += interest_profile[c] * share
        return min(int(total * 8), 7)

    # --- live rooms

    def meet(self, room: Room, bucket: int) -> Life:
        """One exposure of a room: in, or a glance and on."""
        model, random = self.model, self.uniform
        platform, rules = model.platform, model.setting.viewers.in_room
        affinity = -0.3
        for c, share in room.topics:
            affinity += self.affinity.get(c, 0.0) * share
        room.delivered += 1
        room.shown += 1
        platform.exposures += 1
        platform.live_seen[bucket] += 1
        social_proof = (1.0 + room.online) ** model.social
        if (
            room in self.passed
            or random() >= self.live * math.exp(rules.enter_taste * affinity) * room.door * social_proof
        ):
            self.passed.add(room)  # no second thoughts in one session
            glance = 200.0 - math.log(random()) * model.glance
            self.session_budget -= glance
            yield model.env.timeout(glance)
            return
        room.entered += 1
        room.online += 1
        platform.live_in[bucket] += 1
        self.room = room
        self.teach(ENTERED, 1.0, room, platform.growth_short)
        spread = math.exp(rules.stay_spread * model.random.gauss(0.0, 1.0))
        patience = model.stay * math.exp(rules.stay_taste * affinity) * room.lure_of_host * social_proof * spread
        yield from self.stay(room, min(patience, rules.longest_hours * HOUR), bucket)

    def teach(self, kind: int, amount: float, room: Room, growth: float) -> None:
        if room.product is not None:
            self.evidence[room.product.topic * KINDS + kind] += amount * growth
            return
        for c, share in room.topics:
            self.evidence[c * KINDS + kind] += amount * share * growth

    def stay(self, room: Room, patience: float, bucket: int) -> Life:
        """Stretches up to the next refresh or until patience runs out: chat, like, follow, click, order."""
        model, began, reacted = self.model, self.model.env.now, False
        env, platform, refresh = model.env, model.platform, model.rules.refresh
        while room.is_open:
            segment, product = room.segment, room.product
            interest = self.affinity.get(product.topic, 0.0) if product is not None else 0.0
            left = refresh - env.now % refresh
            speed = model.pace(segment, interest, self.bargain)
            lasts = min(patience / speed, left)
            patience -= lasts * speed
            room.stay_ms += lasts
            platform.live_ms[bucket] += lasts
            reacted |= self.deeds(room, segment, interest, lasts, bucket)
            yield env.timeout(lasts)
            if patience <= 0.0:
                break
        room.online -= 1
        total = env.now - began
        minutes = min(total, 600_000.0) / MINUTE + (1.0 if reacted else 0.0)
        self.teach(STAYED, minutes, room, platform.growth_long)
        self.session_budget -= total + model.swipe
        yield env.timeout(model.swipe)

    def deeds(self, room: Room, segment: int, interest: float, ms: float, bucket: int) -> bool:
        """What a viewer does in one stretch; whether it was a reaction."""
        model, random, reacted = self.model, self.uniform, False
        weights, platform = model.weights, model.platform
        chats = self.chats * (model.hold_comments if segment == HOLD else 1.0)
        for rate, weight in ((chats, weights.comment), (self.hearts, weights.like), (self.joins, weights.follow)):
            if random() < 1.0 - math.exp(-rate * ms):
                reacted = True
                room.acted += weight
                platform.live_acted[bucket] += 1
                if rate is self.joins:
                    self.follow_creator(room.host)
        if segment in (PITCH, RELEASE) and random() < 1.0 - math.exp(-model.click * interest * ms):
            self.order(room, bucket)
        return reacted

    def order(self, room: Room, bucket: int) -> None:
        """After a click: an order, if it is wanted, against what stock there is."""
        product, rules = room.product, self.model.setting.viewers.in_room
        if product is None:
            return
        power = rules.bargain_response if self.bargain else rules.price_response
        cheap = min((max(product.price, 1) / max(self.price, 1)) ** (-power), 6.0)
        trust = rules.trust_bonus if room.host == self.trusted else 1.0
        if self.uniform() >= rules.order * cheap * self.buy * product.appeal * trust:
            return
        self.model.platform.live_bought[bucket] += 1
        if product.stock <= 0:
            return
        product.stock -= 1
        room.goods += 1
        self.trusted = room.host
        self.evidence[product.topic * KINDS + BOUGHT] += self.model.platform.growth_long
