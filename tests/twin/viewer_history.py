"""What the platform keeps of one viewer of the twin, and what it shows: tags [7.12] and pages [7.13]."""

from math import exp, floor
from struct import pack
from typing import NamedTuple

from sim.scenario.scenario import Scenario
from tests.twin.basics import (
    CIRCLE,
    CLOSED,
    DAY,
    NO_TOPIC,
    Interval,
    Place,
    blend,
    f32,
    match_bucket,
    philox,
    price_band,
    walk,
)

RANKED, FRESH, RANDOM, RECOMMENDED, FOLLOW, BY_VIDEO, BY_SHARE, BOOSTED = range(8)
LIFT_DWELL, LIFT_INTERACTION, LIFT_STAY, LIFT_ROOM_INTERACTION, LIFT_ENTRY, LIFT_ORDER = range(6)
PAGE, BOOSTED_PLACE, FOLLOW_PLACE = 12, 13, 17


class Candidate(NamedTuple):
    fresh: bool  # else it is a ranked one
    item: int
    topic: int
    value: float
    match_source: int


def told_apart(value: float) -> int:
    """A value of 0 or more without the last 20 bits of its double [7.13]."""
    return int.from_bytes(pack(">d", value), "big") >> 20


VIDEO_UNIT, LIVE_UNIT, TRIAL_UNIT = 64.0, 256.0, 16.0
KINDS = ("videos", "rooms", "purchases")
LONG = {"videos": False, "rooms": True, "purchases": True}


class Served:
    """A viewer as the platform has him: row, luck, tags, memory, whom he follows, and his page."""

    now: Interval

    def __init__(self, row: int, s: Scenario) -> None:
        self.row, self.s, self.categories = row, s, len(s.categories)
        self.half = (s.platform.tags.short_half_life * DAY, s.platform.tags.long_half_life * DAY)
        self.tags = {kind: [0] * self.categories for kind in KINDS}
        self.trials, self.usual, self.ready = [0] * self.categories, 0.0, 0.0
        self.landmark = [floor(s.start_ms / half) for half in self.half]  # short, long
        self.price, self.room = 0, -1
        self.seen, self.seen_count = [0, 0], 0
        self.page: list[int] = []
        self.match_source: list[int] = []
        self.place, self.length, self.topic, self.pages = 0, 0, NO_TOPIC, 0
        self.follows, self.followed, self.following = [-1] * 12, 0, 0
        self.next_room, self.next_source, self.next_session = -1, 0, 0

    def draw(self, why: int, what: int, nth: int) -> tuple[float, ...]:
        words = philox((self.row, what, nth, why), (self.s.seed, self.s.seed >> 32))
        return tuple((word + 0.5) * 2**-32 for word in words)

    # --- whom he follows [5]

    def is_follower_of(self, creator: int) -> bool:
        hashed = creator * 2654435761 % CIRCLE
        bits = 1 << (hashed >> 24) | 1 << (hashed >> 16 & 255)
        return self.following & bits == bits

    def follow(self, creator: int) -> bool:
        if self.is_follower_of(creator):
            return False
        hashed = creator * 2654435761 % CIRCLE
        self.following |= 1 << (hashed >> 24) | 1 << (hashed >> 16 & 255)
        self.follows[self.followed % 12] = creator
        self.followed = 240 if self.followed == 251 else self.followed + 1
        return True

    def worth_a_look(self) -> list[int]:
        """The followed creators at whom the page looks that is asked for."""
        held = min(self.followed, 12)
        return [self.follows[(self.pages * 4 + n) % held] for n in range(min(4, held))]

    # --- tags [7.12]

    def growth(self, now: int, long: bool) -> float:
        return 2.0 ** (now / self.half[long] - self.landmark[long])

    def learn(self, kind: str, c: int, amount: float, now: int) -> None:
        unit, stored = VIDEO_UNIT if kind == "videos" else LIVE_UNIT, self.tags[kind]
        more = floor(amount * unit * self.growth(now, LONG[kind]) + 0.5)
        stored[c] = max(-32767, min(stored[c] + more, 32767))

    def learn_room(self, kind: str, topics: list[float], amount: float, now: int) -> None:
        for c, share in enumerate(topics):
            if share > 0:
                self.learn(kind, c, share * amount, now)

    def learn_video(self, c: int, found: float, expected: float, fit: float, teaches: bool, now: int) -> None:
        above = found - expected - self.usual
        if teaches:
            said = [*self.kinds_of(c, 1.0 / self.growth(now, False), 1.0 / self.growth(now, True)), above]
            x = [floor(one * 1024.0 + 0.5) for one in said]
            self.now.lessons.append([1, *x, *(x[j] * x[k] for j in range(3) for k in range(j, 3)),
                                     *(x[j] * x[3] for j in range(3))])  # fmt: skip
        self.learn("videos", c, above, now)
        self.trials[c] = min(self.trials[c] + floor(1.0 * TRIAL_UNIT * self.growth(now, False) + 0.5), 65535)
        self.usual = f32(self.usual + 1.0 / 64.0 * (found - expected * fit - self.usual))

    def learn_entry(self, topics: list[float], rate: float, entered: int, now: int) -> None:
        above = entered - min(rate * exp(self.ready), 0.95)
        self.learn_room("rooms", topics, above, now)
        self.ready = f32(max(-4.0, min(self.ready + 0.3 * above, 4.0)))

    def bring_forward(self, now: int) -> None:
        for long in (False, True):
            landmark = floor(now / self.half[long])
            h = min(landmark - self.landmark[long], 16)
            if h > 0:
                for kind in KINDS:
                    if LONG[kind] == long:
                        self.tags[kind] = [int(one / 2**h) for one in self.tags[kind]]
                if not long:
                    self.trials = [one >> h for one in self.trials]
                self.landmark[long] = landmark

    def kinds_of(self, c: int, short: float, long: float) -> tuple[float, float, float]:
        known = 12.0 + self.trials[c] * (min(self.s.platform.tags.videos, 1.0) * short / TRIAL_UNIT)
        live = long / (LIVE_UNIT * known)
        t = self.tags
        return t["videos"][c] * (short / VIDEO_UNIT) / known, t["rooms"][c] * live, t["purchases"][c] * live

    def believe(self, now: int) -> list[float]:
        rules = self.s.platform.tags
        if not self.s.platform.feed.use_tags:
            return [0.0] * self.categories
        short, long = 1.0 / self.growth(now, False), 1.0 / self.growth(now, True)
        factor = [getattr(rules, kind) * w for kind, w in zip(KINDS, self.now.inventory.weights, strict=False)]
        value, total = [], 0.0
        for c in range(self.categories):
            x = self.kinds_of(c, short, long)
            value.append(factor[0] * x[0] + factor[1] * x[1] + factor[2] * x[2])
            total = total + value[-1]
        mean = total / self.categories
        value = [max(one - mean, 0.0) for one in value]
        return [one * (1.0 / (max(value) + rules.prior)) for one in value]

    def restate(self, now: int, half: tuple[float, float]) -> None:
        """Other half-lives [7.19]."""
        self.bring_forward(now)
        old = (self.growth(now, False), self.growth(now, True))
        self.half, self.landmark = half, [floor(now / one) for one in half]
        factor = [self.growth(now, long) / old[long] for long in (False, True)]
        for kind in KINDS:
            self.tags[kind] = [
                max(-32767, min(floor(one * 1.0 * factor[LONG[kind]] + 0.5), 32767)) for one in self.tags[kind]
            ]
        self.trials = [min(floor(one * 1.0 * factor[0] + 0.5), 65535) for one in self.trials]

    def learn_price(self, cents: int, rate: float) -> None:
        seen = price_band(cents)
        self.price = self.price + floor(rate * (seen - self.price) + 0.5) if self.price else seen

    # --- a page [7.13]

    def ask(self, interest_profile: list[float]) -> None:
        feed, inventory, p = self.s.platform.feed, self.now.inventory, self.s.platform.feed.page
        u, at_random, live, at_room = self.draw(PAGE, self.pages, 0)
        follow_place, followed = self.choose_followed()
        self.pages = (self.pages + 1) % 65536
        f = int(at_room * self.categories)
        order = sorted(
            range(self.categories), key=lambda c: (-int(interest_profile[c] * 2**40), (c - f) % self.categories)
        )
        strongest, weaker, at = order[: feed.tags], order[feed.tags :], int(u * CIRCLE)
        workspace = self.by_tags(strongest, interest_profile, at) + self.by_fame(interest_profile, at)
        chance = min(1.0, p * (feed.live_share * self.now.inventory.live if self.s.rooms.count else 0.0))
        live_place = int(live / chance * p) if live < chance else -1
        room = (
            self.choose_room(strongest, interest_profile, at_random, int(at_room * CIRCLE)) if live_place >= 0 else None
        )
        self.hosts = [inventory.host[r] for r in (room, followed) if r is not None and r >= 0]
        first, avoid = int(u * 1048576.0) % p, self.topic if feed.spacing else NO_TOPIC
        self.page, self.match_source = [], []
        for place in range(p):
            of_room = (followed, FOLLOW) if place == follow_place and followed >= 0 else None
            if of_room is None and place == live_place and room is not None and room != followed:
                of_room = room, RECOMMENDED
            if of_room is not None:
                self.page.append(~of_room[0])
                match = match_bucket(inventory.match_of_room(interest_profile, of_room[0]))
                self.match_source.append(match | of_room[1] << 4)
                continue
            t, put = (place + first) % p, None
            if t < feed.random:
                for there in walk(inventory.open, int(((at_random + t / p) % 1.0) * CIRCLE), 1):
                    if inventory.topic[there.item] != avoid and self.may_see(there.item):
                        put = self.candidate(there, inventory.match_of_video(interest_profile, there.item), RANDOM)
            if put is None:
                fresh = feed.random <= t < feed.random + feed.fresh
                put = self.best_of(workspace, fresh, avoid) or self.best_of(workspace, not fresh, avoid)
                while put is None and weaker:
                    workspace += self.by_tags(weaker[: feed.tags], interest_profile, at)
                    weaker = weaker[feed.tags :]
                    put = self.best_of(workspace, fresh, avoid) or self.best_of(workspace, not fresh, avoid)
            if put is not None:
                self.page.append(put.item)
                self.match_source.append(put.match_source)
                avoid = inventory.topic[put.item] if feed.spacing else NO_TOPIC
        self.place_boosted(interest_profile)
        self.topic, self.place, self.length = avoid, 0, len(self.page)

    def choose_followed(self) -> tuple[int, int]:
        """The place of a followed host who is live, and the room; -1 for none."""
        entrances, inventory, p = self.s.platform.entrances, self.now.inventory, self.s.platform.feed.page
        if not entrances.follow or not self.s.rooms.count:
            return -1, -1
        u, v, _, _ = self.draw(FOLLOW_PLACE, self.pages, 0)
        chance = min(1.0, p * entrances.follow_share)
        if u >= chance:
            return -1, -1
        held = len(self.follows)
        for nth in range(held):
            creator = self.follows[(int(v * held) + nth) % held]
            room = inventory.room_of[creator] if creator >= 0 else -1
            if room >= 0 and room != self.room and inventory.segment[room] != CLOSED:
                return int(u / chance * p), room
        return -1, -1

    def place_boosted(self, interest_profile: list[float]) -> None:
        """One place for a boosted item, if there is one whose audience the viewer is in [7.18]."""
        inventory, p = self.now.inventory, self.s.platform.feed.page
        u, v, _, _ = self.draw(BOOSTED_PLACE, (self.pages - 1) % 65536, 0)
        chance = min(1.0, p * self.s.platform.boosts.share)
        if not self.page or u >= chance:
            return
        ring = [boost for boost in inventory.boosts if boost.key >= v * CIRCLE]
        for boost in ring + [boost for boost in inventory.boosts if boost not in ring]:
            fits = boost.audience is None or self.row in boost.audience
            item = boost.item
            if item >= 0:
                shown, match = not self.has_seen(item), inventory.match_of_video(interest_profile, item)
            else:
                shown = inventory.segment[~item] != CLOSED and ~item != self.room
                match = inventory.match_of_room(interest_profile, ~item)
            place = min(int(u / chance * p), len(self.page))
            others = [self.author(there) for n, there in enumerate(self.page) if n != place]
            again = item in self.page or (self.s.platform.feed.one_author and self.author(item) in others)
            if fits and shown and not again and self.now.has_left(boost):
                self.page[place : place + 1] = [item]
                self.match_source[place : place + 1] = [match_bucket(match) | BOOSTED << 4]
                return

    def candidate(self, entry: Place, match: float, source: int) -> Candidate:
        inventory, s = self.now.inventory, match_bucket(match)
        value = entry.dwell * inventory.lift[LIFT_DWELL][s] + entry.interaction * inventory.lift[LIFT_INTERACTION][s]
        return Candidate(source == FRESH, entry.item, inventory.topic[entry.item], value, s | source << 4)

    def by_tags(self, tags: list[int], interest_profile: list[float], at: int) -> list[Candidate]:
        return [
            self.candidate(
                e,
                blend(interest_profile[c], interest_profile[e.second], e.main_topic_weight),
                RANKED if tier else FRESH,
            )
            for c in tags
            for tier, rings in enumerate(self.now.inventory.rings)
            for e in self.unseen(rings[c], at)
        ]

    def by_fame(self, interest_profile: list[float], at: int) -> list[Candidate]:
        """From the hot ring, and of followed creators."""
        feed, inventory, weights = self.s.platform.feed, self.now.inventory, self.s.platform.weights.rank
        out = [
            self.candidate(e, inventory.match_of_video(interest_profile, e.item), RANKED)
            for e in self.unseen(inventory.hot, at)
        ]
        for creator in self.worth_a_look():
            item = inventory.newest[creator]
            if item >= 0 and item in inventory.slices and not self.has_seen(item):
                s = match_bucket(inventory.match_of_video(interest_profile, item))
                value = (
                    weights.dwell * inventory.lift[LIFT_DWELL][s]
                    + weights.interaction * inventory.lift[LIFT_INTERACTION][s]
                )
                out.append(Candidate(False, item, inventory.topic[item], feed.follow_bonus * value, s | FOLLOW << 4))
        return out

    def unseen(self, ring: list[Place], at: int) -> list[Place]:
        """Up to `depth` entries."""
        depth = self.s.platform.feed.depth
        return [there for there in walk(ring, at, 4 * depth) if not self.has_seen(there.item)][:depth]

    def choose_room(self, strongest: list[int], interest_profile: list[float], at_random: float, at: int) -> int | None:
        feed, inventory = self.s.platform.feed, self.now.inventory
        if at_random < feed.live_random:
            for there in walk(inventory.room_rings[-1], at, 1):
                if there.item != self.room and self.now.on_offer(~there.item):
                    return there.item
        rooms = [there.item for c in strongest for there in walk(inventory.room_rings[c], at, feed.depth)]
        best, best_value = None, 0.0
        for r in rooms:
            if r != self.room and self.now.on_offer(~r):
                s, term = match_bucket(inventory.match_of_room(interest_profile, r)), inventory.terms[r]
                value = (
                    term[0] * inventory.lift[LIFT_STAY][s] + term[1] * inventory.lift[LIFT_ROOM_INTERACTION][s]
                    + term[2] * inventory.lift[LIFT_ENTRY][s] + (term[3] + term[4]) * inventory.lift[LIFT_ORDER][s]
                )  # fmt: skip
                if feed.price_match and self.price and inventory.price[r]:
                    value = value * 2.0 ** (-feed.price_match * abs(self.price - inventory.price[r]) / 8.0)
                if best is None or value > best_value:
                    best, best_value = r, value
        return best

    def best_of(self, workspace: list[Candidate], fresh: bool, avoid: int) -> Candidate | None:
        while some := [one for one in workspace if one.fresh == fresh and one.topic != avoid]:
            best = max(some, key=lambda one: told_apart(one.value))  # max: the first among equals
            workspace.remove(best)
            if self.now.on_offer(best.item) and self.may_join(best.item):
                return best
        return None

    def has_seen(self, item: int) -> bool:
        return (self.seen[0] | self.seen[1]) & 1 << ((item * 2654435761) % CIRCLE >> 23) != 0

    def may_see(self, item: int) -> bool:
        return self.now.on_offer(item) and not self.has_seen(item) and self.may_join(item)

    def author(self, item: int) -> int:
        return self.now.inventory.creator[item] if item >= 0 else self.now.inventory.host[~item]

    def may_join(self, item: int) -> bool:
        """Whether a video may join the page."""
        if not self.s.platform.feed.one_author:
            return item not in self.page
        return self.author(item) not in [*self.hosts, *map(self.author, self.page)]

    def remember(self, item: int) -> None:
        if self.seen_count >= 160:
            self.seen, self.seen_count = [0, self.seen[0]], 0
        self.seen[0] |= 1 << ((item * 2654435761) % CIRCLE >> 23)
        self.seen_count += 1
