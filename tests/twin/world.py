"""A twin of the viewers' loop: one object a viewer, in plain Python, written from docs/model.md alone.

It shares the platform's snapshot with a world, and nothing else: tastes, tags, pages, memory and luck are its own.
Numbers in brackets are the page's sections.
"""

from math import e, exp, floor, log

import numpy as np

from sim.scenario.scenario import Platform, Scenario
from tests.twin.basics import (
    CHAT,
    CLOSED,
    DAY,
    HOLD,
    HOUR,
    PITCH,
    RELEASE,
    Boost,
    Event,
    Interval,
    Snapshot,
    blend,
    f32,
    kept,
    match_bucket,
    next_arrival,
    normal,
    pick,
    room_code,
    sample,
    trait,
    typical,
    weibull,
)
from tests.twin.viewer_history import (
    BOOSTED,
    BY_SHARE,
    BY_VIDEO,
    FOLLOW,
    LIFT_DWELL,
    Served,
)

AWAY, SCROLLING, IN_ROOM = 0, 1, 2
VISIT, VIDEO, SHOWN, INSIDE, ORDER, LEFT, ENDED, EMPTY = range(8)
FINISHED, SKIPPED, LIKED, COMMENTED, SHARED, FOLLOWED, ENTERED, CLICKED, ORDERED, REFUSED = (1 << n for n in range(10))
TASTE, TRAITS, READINESS, FOLLOWS, STARS, SESSION, SESSION_LENGTH = 1, 2, 3, 5, 6, 10, 11
WATCH, ENTRY, STAY, IN_ROOM_DEEDS, PURCHASE, TAP = 20, 21, 22, 23, 24, 28
FRIEND = 9


class Viewer(Served):
    """A viewer: what is true of him, beside what the platform keeps of him [2]."""

    def __init__(self, row: int, s: Scenario, creator_topics: list[int]) -> None:
        super().__init__(row, s)
        self.rules = s.viewers
        mean = sum(s.viewers.rhythm) / 24
        self.rhythm = [weight / mean for weight in s.viewers.rhythm]
        self.phase, self.visit, self.session_ms, self.stay_ms, self.session_budget_ms, self.satisfaction = (
            AWAY,
            0,
            0,
            0,
            0.0,
            0.5,
        )
        self.patience_ms, self.did, self.entry_match_source, self.trusted, self.wary = 0.0, 0, 0, -1, 0
        self.be_born(creator_topics)

    # --- birth [7.3]

    def be_born(self, creator_topics: list[int]) -> None:
        v, r, room = self.rules, self.rules.reacting, self.rules.in_room
        self.draw_tastes()
        u1, u2, u3, u4 = self.draw(TRAITS, 0, 0)
        much, p, q, _ = self.draw(TRAITS, 2, 0)
        often = min(sample(v.sessions_per_day, u1, u2) * much**-v.activity_tail, 1000.0)
        self.activity = kept(often / typical(v.sessions_per_day))
        self.chronotype = int(max(-12.0, min(12.0, floor(v.own_hours * normal(p, q) + 0.5))))
        self.patience = kept(sample(v.patience, u3, u4))
        u1, u2, u3, _ = self.draw(TRAITS, 1, 0)
        self.price_cents = int(min(100.0 * sample(v.price_level, u1, u2), 2e9))
        self.bargain = 1 if u3 < v.bargain_hunters else 0
        u1, u2, u3, u4 = self.draw(READINESS, 0, 0)
        common = normal(u1, u2)
        self.live = kept(exp(room.enter_spread * normal(u3, u4)))
        eager, keen, _, _ = self.draw(READINESS, 4, 0)
        eager, keen = (1.0 - r.tail) * eager**-r.tail, (1.0 - room.buy_tail) * keen**-room.buy_tail

        def ready(u: float, v: float) -> int:
            return kept(eager * exp(r.spread * (0.8 * common + 0.6 * normal(u, v)) - 0.5 * r.spread**2))

        u1, u2, u3, u4 = self.draw(READINESS, 1, 0)
        self.like, self.comment = ready(u1, u2), ready(u3, u4)
        u1, u2, u3, u4 = self.draw(READINESS, 2, 0)
        self.share, self.follow_trait = ready(u1, u2), ready(u3, u4)
        u1, u2, u3, u4 = self.draw(READINESS, 3, 0)
        self.buy = kept(keen * exp(room.buy_spread * normal(u1, u2) - 0.5 * room.buy_spread**2))
        fade = v.watching.activity_fade * log(trait(self.activity))
        self.attention = kept(exp(v.watching.spread * normal(u3, u4) - fade))
        self.visit_ms = self.due_ms = self.visit_after(self.s.start_ms, 0)
        self.follow_first(creator_topics)

    def follow_first(self, creator_topics: list[int]) -> None:
        """Whom he follows at the start [5]."""
        about = self.s.creators
        u, v, _, _ = self.draw(FOLLOWS, 0, 0)
        for k in range(int(min(sample(about.follows, u, v), 100.0))):
            ranked = [creator for creator, topic in enumerate(creator_topics) if topic == self.taste[k % 6]]
            if ranked:
                self.follow(ranked[int(len(ranked) * self.draw(FOLLOWS, k + 1, 0)[0] ** about.fame_tail)])
        for star, share in enumerate(about.stars[: len(creator_topics)]):
            if self.draw(STARS, star, 0)[0] < share:
                self.follow(star)

    def draw_tastes(self) -> None:
        v = self.rules
        popularity = np.cumsum([category.share for category in self.s.categories]).tolist()
        n = v.fewest_tastes + int(self.draw(TASTE, 0, 0)[0] * (v.most_tastes - v.fewest_tastes + 1))
        self.taste: list[int] = []
        measure = []
        for k in range(n):
            u, w, _, _ = self.draw(TASTE, k + 1, 0)
            c = pick(popularity, u)
            while c in self.taste:
                c = (c + 1) % self.categories
            self.taste.append(c)
            measure.append(0.15 - log(w))
        self.affinity = [int(255.0 * one / max(measure) + 0.5) for one in measure]
        self.taste += [self.taste[0]] * (6 - n)
        self.affinity += [0] * (6 - n)

    def visit_after(self, last_ms: int, visit: int) -> int:
        k, shift, u = self.rules.regularity, self.chronotype * HOUR, 1.0
        for one in self.draw(SESSION, visit, 0)[:k]:
            u = u * one
        per_day = k * (typical(self.rules.sessions_per_day) * trait(self.activity))
        return next_arrival(last_ms - shift, u, per_day, self.rhythm) + shift

    # --- a turn, and sessions [3, 7.5]

    def act(self, now: Interval) -> None:
        self.now = now
        while self.due_ms < now.until:
            {AWAY: self.begin, SCROLLING: self.scroll, IN_ROOM: self.stay}[self.phase]()

    def note(self, at_ms: int, item: int, ms: int, did: int, kind: int, match_source: int) -> None:
        self.now.events.append((at_ms, self.row, item, ms, did, kind, match_source))

    def spend(self, ms: int) -> None:
        self.due_ms += ms
        self.session_ms += ms

    def begin(self) -> None:
        now, visit = self.due_ms, self.visit
        self.visit, self.visit_ms = visit + 1, self.visit_after(now, visit + 1)
        u, v, skip, _ = self.draw(SESSION_LENGTH, visit, 0)
        if skip < self.rules.bored_skip * (1.0 - self.satisfaction):
            self.due_ms, self.satisfaction = self.visit_ms, f32(self.satisfaction + 0.1 * (0.5 - self.satisfaction))
            return self.note(now, -1, 0, SKIPPED, VISIT, 0)
        self.phase, self.session_ms, self.room, self.place, self.length = SCROLLING, 0, -1, 0, 0
        self.session_budget_ms = f32(sample(self.rules.session_minutes, u, v, 60000.0) * trait(self.patience))
        return self.note(now, -1, 0, 0, VISIT, 0)

    def end(self) -> None:
        now = self.due_ms
        while self.visit_ms <= now:
            self.note(self.visit_ms, -1, 0, SKIPPED, VISIT, 1)
            self.visit += 1
            self.visit_ms = self.visit_after(self.visit_ms, self.visit)
        self.phase, self.due_ms = AWAY, self.visit_ms
        self.note(now, -1, self.session_ms, 0, ENDED, 0)

    # --- scrolling [7.5]

    def scroll(self) -> None:
        if self.next_room >= 0 and self.meet_next():
            return None
        if self.session_budget_ms <= 0:
            return self.end()
        while self.place < self.length:
            item, match_source = self.page[self.place], self.match_source[self.place]
            self.place += 1
            if match_source >> 4 == BOOSTED:
                if (item >= 0 or ~item != self.room) and (boost := self.now.boost_of(item)):
                    return self.show_paid(boost, match_source)
            elif item < 0 and match_source >> 4 == FOLLOW:
                if ~item != self.room and self.s.platform.entrances.follow and self.open(~item):
                    return self.meet(~item, match_source)
            elif (item >= 0 or ~item != self.room) and self.now.on_offer(item):
                self.now.take(item)
                return self.watch(item, match_source) if item >= 0 else self.meet(~item, match_source)
        self.bring_forward(self.due_ms)
        self.ask(self.believe(self.due_ms))
        if self.length:
            return None
        self.note(self.due_ms, -1, 0, 0, EMPTY, 0)
        return self.end()

    def open(self, r: int) -> bool:
        return self.now.inventory.segment[r] != CLOSED

    # --- entrances outside the page [7.21]

    def meet_next(self) -> bool:
        """Whether the room that was to come next is met."""
        r, source, inventory = self.next_room, self.next_source, self.now.inventory
        entrances = self.s.platform.entrances
        self.next_room = -1
        in_use = entrances.video if source == BY_VIDEO else entrances.share
        if not in_use or not self.open(r) or r == self.room or inventory.session[r] % 256 != self.next_session:
            return False
        match = match_bucket(inventory.match_of_room(self.believe(self.due_ms), r))
        self.meet(r, match | source << 4)
        return True

    def come_next(self, r: int, session: int, source: int) -> None:
        self.next_room, self.next_session, self.next_source = r, session % 256, source

    def tap(self, item: int, did: int) -> None:
        """The avatar of a host who is live, on a post that was watched."""
        inventory, p = self.now.inventory, self.rules.in_room
        r = inventory.room_of[inventory.creator[item]]
        if did & SKIPPED or not self.s.platform.entrances.video or r < 0 or r == self.room or not self.open(r):
            return
        ready = p.tap * p.enter * (trait(self.live) * (p.wary if self.wary == room_code(r) else 1.0))
        likely = ready * exp(p.enter_taste * (self.affinity_of_room(r) - 0.3) + 0.5 * inventory.skill[r])
        if self.draw(TAP, item, 0)[0] < min(likely, 0.95):
            self.come_next(r, inventory.session[r], BY_VIDEO)

    def affinity_of_room(self, r: int) -> float:
        affinity = 0.0
        for taste, measure in zip(self.taste, self.affinity, strict=True):
            affinity = affinity + self.now.inventory.topics[r][taste] * (measure / 255.0)
        return affinity

    def show_paid(self, boost: Boost, match_source: int) -> None:
        """A video is billed when it is watched, a room when it is entered [7.18]."""
        if boost.item >= 0:
            self.watch(boost.item, match_source)
        else:
            self.meet(~boost.item, match_source)
        if boost.item >= 0 or self.phase == IN_ROOM:
            self.now.bill(boost)

    # --- a video [7.6]

    def affinity_of(self, c: int) -> float:
        return self.affinity[self.taste.index(c)] / 255.0 if c in self.taste else 0.0

    def watch(self, item: int, match_source: int) -> None:
        now, inventory, w, r = self.due_ms, self.now.inventory, self.rules.watching, self.rules.reacting
        u, u_like, u_comment, u_rare = self.draw(WATCH, item, 0)
        duration, quality, topic = inventory.duration_ms[item], inventory.quality[item], inventory.topic[item]
        affinity = blend(
            self.affinity_of(topic), self.affinity_of(inventory.second[item]), inventory.main_topic_weight[item]
        )
        appeal_of_it = w.taste * (affinity - 0.5) + w.talent * quality
        fades = w.duration_fade * log(duration / 15000.0)
        scale = w.ratio * trait(self.attention) * exp(appeal_of_it - fades)
        ms = max(int(min(weibull(u, scale, w.shape), w.loops) * duration), 300)
        watched = min(ms / duration, 1.0)
        did = FINISHED if ms >= duration else SKIPPED if ms < 1000.0 * w.skip_seconds else 0
        if not did & SKIPPED:
            warm = exp(r.taste * (affinity - 0.5) + r.talent * quality) * watched
            did |= LIKED if u_like < min(r.like * trait(self.like) * warm, 0.9) else 0
            did |= COMMENTED if u_comment < min(r.comment * trait(self.comment) * warm, 0.9) else 0
            did |= SHARED if u_rare < min(r.share * trait(self.share) * warm, 0.9) else 0
            if 1.0 - u_rare < min(r.follow * trait(self.follow_trait) * warm, 0.9):
                did |= FOLLOWED if self.follow(inventory.creator[item]) else 0
        reactions = sum(did & deed != 0 for deed in (LIKED, COMMENTED, SHARED, FOLLOWED))
        found, lift = watched + self.s.platform.tags.reaction * reactions, inventory.lift[LIFT_DWELL]
        teaches = self.seen_count % 4 == 0 and match_source >> 4 != BOOSTED
        self.learn_video(topic, found, inventory.expected[item], lift[match_source & 15] / lift[0], teaches, now)
        self.remember(item)
        self.satisfaction = f32(
            self.satisfaction + (1.0 / self.rules.satisfaction_memory) * (watched - self.satisfaction)
        )
        swipe, dull = 1000.0 * w.swipe_seconds, 1000.0 * w.dull_seconds if did & SKIPPED else 0.0
        self.session_budget_ms = f32(self.session_budget_ms - (ms + swipe + dull))
        self.spend(ms + int(swipe))
        self.note(now, item, ms, did, VIDEO, match_source)
        self.tap(item, did)

    # --- meeting a room [7.7]

    def meet(self, r: int, match_source: int) -> None:
        now, inventory, p = self.due_ms, self.now.inventory, self.rules.in_room
        affinity, source = self.affinity_of_room(r), match_source >> 4
        social_proof = exp(p.social_proof * log(1.0 + inventory.online[r]) / log(2.0))
        u, u_glance, _, _ = self.draw(ENTRY, ~r, self.visit)
        ready = trait(self.live) * (p.bait_enter if self.bargain and inventory.segment[r] in (HOLD, RELEASE) else 1.0)
        ready = ready * (p.wary if self.wary == room_code(r) else 1.0)
        ready = ready * (p.known_enter if source in (FOLLOW, BY_SHARE) else 1.0)
        likely = p.enter * ready * exp(p.enter_taste * (affinity - 0.3) + 0.5 * inventory.skill[r]) * social_proof
        if source != BY_VIDEO and not u < min(likely, 0.95):
            glance = int(weibull(u_glance, 1000.0 * p.glance_seconds, 1.0)) + 200
            self.learn_entry(inventory.topics[r], inventory.usual[r][0], 0, now)
            self.spend(glance)
            self.session_budget_ms = f32(self.session_budget_ms - glance)
            return self.note(now, ~r, glance, 0, SHOWN, match_source)
        self.phase, self.room, self.stay_ms = IN_ROOM, r, 0
        u, v, _, _ = self.draw(STAY, ~r, self.visit)
        stay = 1000.0 * p.stay_seconds * exp(p.stay_taste * (affinity - 0.3) + inventory.skill[r]) * social_proof
        self.patience_ms = f32(min(stay * exp(p.stay_spread * normal(u, v)), p.longest_hours * HOUR))
        self.did, self.entry_match_source = ENTERED, match_source
        self.learn_entry(inventory.topics[r], inventory.usual[r][0], 1, now)
        return self.note(now, ~r, 0, ENTERED, SHOWN, match_source)

    # --- a stay [7.8]

    def stay(self) -> None:
        now, inventory, p, r = self.due_ms, self.now.inventory, self.rules.in_room, self.room
        segment, product = inventory.segment[r], inventory.product[r]
        if segment == CLOSED:
            return self.leave(now)
        interest = self.affinity_of(inventory.product_topic[product]) if product >= 0 else 0.0
        if self.bargain and segment in (HOLD, RELEASE):
            interest = max(interest, p.bait_interest)
        attentive = p.pitch_pace * (1.0 - (1.0 - p.interest_pace) * interest)
        speed = p.chat_pace if segment == CHAT else p.wait_pace if self.waits(r, now) else attentive
        lasts, left = self.patience_ms / speed, self.now.until - now
        leaves = lasts < left
        ms = max(int(lasts), 1) if leaves else left
        self.patience_ms = f32(self.patience_ms - ms * speed)
        self.spend(ms)
        self.stay_ms += ms
        did = self.deeds(r, ms, segment, product, interest)
        if did & ORDERED:
            follower = FOLLOWED if self.is_follower_of(inventory.host[r]) else 0
            self.note(now + ms, product, 0, ORDERED | follower, ORDER, self.entry_match_source)
        self.did |= did
        self.note(now, ~r, ms, did, INSIDE, self.entry_match_source)
        return self.leave(now + ms) if leaves else None

    def waits(self, r: int, now: int) -> bool:
        """Whether he waits for the bait."""
        p, inventory, product = self.rules.in_room, self.now.inventory, self.now.inventory.product[r]
        if not self.bargain or inventory.segment[r] not in (HOLD, RELEASE) or self.did & ORDERED:
            return False
        inside, saving = inventory.online[r], self.price_cents - inventory.product_price[product]
        pieces = max(1, int(self.s.rooms.bait_share * inside + 0.5))
        chance = min(pieces / max(inside, 1), 1.0) * (p.wary if self.wary == room_code(r) else 1.0)
        left = max(inventory.ends_ms[r] - now, 0) if inventory.segment[r] == HOLD else 0
        return saving > 0 and chance * saving >= p.waiting_cost * 100.0 / HOUR * left

    def deeds(self, r: int, ms: int, segment: int, product: int, interest: float) -> int:
        p, inventory = self.rules.in_room, self.now.inventory
        u_comment, u_like, u_follow, u_click = self.draw(IN_ROOM_DEEDS, ~r, self.now.refresh_index)

        def happens(u: float, rate: float) -> bool:
            return u < 1.0 - exp(-rate * ms)

        held = p.hold_comments if segment == HOLD else 1.0
        did = COMMENTED if happens(u_comment, p.comment / HOUR * trait(self.comment) * held) else 0
        did |= LIKED if happens(u_like, p.like / HOUR * trait(self.like)) else 0
        did |= SHARED if happens(1.0 - u_follow, p.share / HOUR * trait(self.share)) else 0
        if happens(u_follow, p.follow / HOUR * trait(self.follow_trait)):
            did |= FOLLOWED if self.follow(inventory.host[r]) else 0
        if segment in (PITCH, RELEASE) and happens(u_click, p.click / HOUR * interest):
            did |= CLICKED
            tags, price = self.s.platform.tags, inventory.product_price[product]
            self.learn_price(price, tags.clicked_price)
            power = p.bargain_response if self.bargain else p.price_response
            times = max(price, 1) / max(self.price_cents, 1)
            cheap = min(times ** (-power), 6.0)
            if times > p.reservation:
                cheap = cheap * (p.reservation / times) ** p.reservation_power
            trust = p.sated if self.did & ORDERED else p.trust_bonus if inventory.host[r] == self.trusted else 1.0
            trust = trust * (p.wary if self.wary == room_code(r) else 1.0)
            likely = p.order * cheap * trait(self.buy) * inventory.appeal[product] * trust
            if self.draw(PURCHASE, product, inventory.session[r])[0] < min(likely, 0.9):
                did |= ORDERED
                self.learn_price(price, tags.ordered_price)
        return did

    # --- leaving a room [7.8]

    def leave(self, now: int) -> None:
        ms, swipe = self.stay_ms, 1000.0 * self.rules.watching.swipe_seconds
        topics, (_, usual_stay, order_rate) = self.now.inventory.topics[self.room], self.now.inventory.usual[self.room]
        above = (log(max(ms, 1)) - usual_stay) / self.now.inventory.weights[3]
        self.learn_room("rooms", topics, above, now)
        self.learn_room("purchases", topics, -log(1.0 + order_rate * (e - 1.0)), now)
        self.note(now, ~self.room, ms, self.did, LEFT, self.entry_match_source)
        self.phase = SCROLLING
        self.spend(int(swipe))
        self.session_budget_ms = f32(self.session_budget_ms - (ms + swipe))


class Twin:
    """All viewers of a scenario [3], and what the settlement does to them [7.9]."""

    def __init__(self, scenario: Scenario, creator_topics: list[int]) -> None:
        self.s, self.refresh_index = scenario, 0
        self.viewers = [Viewer(row, scenario, creator_topics) for row in range(scenario.viewers.count)]

    def act(self, inventory: Snapshot) -> list[list[Event]]:
        """Every shard's events of the next interval."""
        n, shards = len(self.viewers), self.s.platform.shards
        until, events = self.s.start_ms + (self.refresh_index + 1) * self.s.refresh_ms, []
        lessons: list[list[int]] = []
        for shard in range(shards):
            now = Interval(inventory, shard, shards, self.refresh_index, until)
            low, high = n * shard // shards, n * (shard + 1) // shards
            start = self.refresh_index * 7919 % max(high - low, 1)
            for k in range(high - low):
                self.viewers[low + (start + k) % (high - low)].act(now)
            events.append(now.events)
            lessons += now.lessons
        self.lessons = [sum(sums) for sums in zip(*lessons, strict=True)] or [0] * 14
        self.refresh_index += 1
        return events

    def change(self, rules: Platform) -> None:
        """Let other rules of the platform come into force [7.19]."""
        before, now = self.s.platform.tags, self.s.start_ms + self.refresh_index * self.s.refresh_ms
        self.s = self.s.model_copy(update={"platform": rules})
        half = (rules.tags.short_half_life * DAY, rules.tags.long_half_life * DAY)
        for me in self.viewers:
            me.s = self.s
            if half != (before.short_half_life * DAY, before.long_half_life * DAY):
                me.restate(now, half)

    def settle(
        self, inventory: Snapshot, events: list[list[Event]], orders: list[tuple[int, int]], filled: list[bool]
    ) -> None:
        """Let the platform's answers to the orders, named by shard and place, have their effect."""
        for (shard, place), bought in zip(orders, filled, strict=True):
            at_ms, row, product, *_ = events[shard][place]
            if bought:
                me, room = self.viewers[row], inventory.product_room[product]
                me.learn("purchases", inventory.product_topic[product], 1.0, at_ms)
                me.trusted, me.wary = inventory.host[room], 0 if me.wary == room_code(room) else me.wary
        for (shard, place), bought in zip(orders, filled, strict=True):
            at_ms, row, product, ms, did, kind, match_source = events[shard][place]
            me = self.viewers[row]
            if not bought:
                events[shard][place] = (at_ms, row, product, ms, did | REFUSED, kind, match_source)
                if me.phase == IN_ROOM:
                    me.patience_ms = f32(me.patience_ms * self.s.viewers.in_room.refused_patience)
                if inventory.bait[product]:
                    me.wary = room_code(inventory.product_room[product])
        self.invite(inventory, [event for shard in events for event in shard])

    def invite(self, inventory: Snapshot, events: list[Event]) -> None:
        """Show rooms that were shared to all friends next [7.21]."""
        n, friends = len(self.viewers), self.s.viewers.friends
        shares = [event for event in events if event[5] == INSIDE and event[4] & SHARED]
        if not self.s.platform.entrances.share:
            return
        for _, row, item, *_ in sorted(shares):
            for k in range(friends):
                u = self.viewers[row].draw(FRIEND, k, 0)[0]
                friend = self.viewers[(row + 1 + int(u * max(n - 1, 1))) % n]
                if friend.next_room < 0 or friend.next_source == BY_SHARE:
                    friend.come_next(~item, inventory.session[~item], BY_SHARE)
