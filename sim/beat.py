"""The viewers' loop between two refreshes: the only place that knows both what is true and what the platform sees.

Each viewer acts in continuous time along his own timeline, against the snapshot that the platform published. Viewers
meet only through the next snapshot, so shards may run in any order and on any number of threads.
"""

from typing import NamedTuple

from agents.viewer import (
    AWAY,
    INSIDE,
    SCROLLING,
    bait_draw,
    enters,
    interest_in,
    liking_of,
    liking_of_room,
    order_probability,
    pace,
    reacts,
    room_mark,
    session_ms,
    skips_visit,
    stay_patience_ms,
    trait,
    trust,
    visit_after,
    visit_mood,
    wariness,
    warmth,
    watch_ms,
    within,
)
from sim import ledger
from sim.candidates import Desk
from sim.catalog import CLOSED, HOLD, PITCH, RELEASE, blend
from sim.chance import ENTRY, FOLLOWS, IN_ROOM, PURCHASE, STAY, WATCH, draw, weibull
from sim.columns import Array, Row
from sim.feed import request_page
from sim.jit import compiled, fetch, fetch_beginning, loop, rule
from sim.ledger import CLICKED, COMMENTED, ENTERED, FINISHED, FOLLOWED, LIKED, ORDERED, SHARED, SKIPPED, note
from sim.served import follow, remember
from sim.shop import Shop, hand_out, is_on_offer, share_out
from sim.tags import BOUGHT, INTERACTED, STAYED, WATCHED, band_learned, belief, brought_forward, learn_live, learn_video
from sim.tags import ENTERED as TAG_ENTERED
from sim.tags import SKIPPED as TAG_SKIPPED

LOOKED_AT_SOON = 2  # videos that a viewer mostly watches between two refreshes
LONGEST_CREDIT_MS = 600_000  # a stay beyond ten minutes says no more of interest


class People(NamedTuple):
    """Viewers: what is true of them, and what the platform keeps of them. One row each in all four."""

    viewers: Array
    tags: Array
    served: Array
    calendar: Array  # the refresh in which each acts next
    first: int  # number of the viewer in row 0
    world: int  # viewers in the whole world


class Stage(NamedTuple):
    """What viewers act on: the snapshot, truths that the platform does not see, and the rules."""

    shop: Shop
    products: Array
    pull: Array  # of each video
    skill: Array  # of each room's host
    appeal: Array  # of each product
    rhythm: Array
    behaviour: Array
    believing: Array
    serving: Array
    log: Array  # (shards, room for facts)


@rule
def spend(me: Row, ms: int) -> None:
    """Let a viewer's time in the app go by."""
    me.due_ms += ms
    me.session_ms += ms


@rule
def begin_session(me: Row, served: Row, i: int, stage: Stage, b: Row, seed: int, log: Array, n: int) -> int:
    """A due session begins, or is let go; the next one is due whenever it is due."""
    now, visit = me.due_ms, me.visit
    me.visit = visit + 1
    me.visit_ms = visit_after(now, i, visit + 1, me.activity, seed, b, stage.rhythm)
    if skips_visit(visit_mood(i, visit, seed), me.mood, b.bored_skip):
        me.due_ms = me.visit_ms
        me.mood += 0.1 * (0.5 - me.mood)  # boredom fades
        return note(log, n, now, i, -1, 0, SKIPPED, ledger.VISIT, 0)
    me.phase, me.session_ms, me.room = SCROLLING, 0, -1
    me.energy_ms = session_ms(i, visit, me.patience, seed, b)
    served.length = served.place = 0
    return note(log, n, now, i, -1, 0, 0, ledger.VISIT, 0)


@rule
def end_session(me: Row, i: int, stage: Stage, b: Row, seed: int, log: Array, n: int) -> int:
    """The viewer puts the phone away. Sessions that came due meanwhile were part of this one."""
    now = me.due_ms
    while me.visit_ms <= now:
        n = note(log, n, me.visit_ms, i, -1, 0, SKIPPED, ledger.VISIT, 1)
        me.visit += 1
        me.visit_ms = visit_after(me.visit_ms, i, me.visit, me.activity, seed, b, stage.rhythm)
    me.phase, me.due_ms = AWAY, me.visit_ms
    return note(log, n, now, i, -1, me.session_ms, 0, ledger.ENDED, 0)


@rule
def learn_from_video(tags: Row, topic: int, watched: float, did: int, now: int, rules: Row) -> None:
    """Add what one exposure says to the viewer's tags."""
    if (did & SKIPPED) != 0:
        learn_video(tags, topic, TAG_SKIPPED, 1.0, now, rules)
    else:
        learn_video(tags, topic, WATCHED, watched, now, rules)
    if (did & (LIKED | COMMENTED | SHARED | FOLLOWED)) != 0:
        learn_video(tags, topic, INTERACTED, 1.0, now, rules)


@rule
def watch_video(
    me: Row, tags: Row, served: Row, i: int, item: int, mark: int, stage: Stage, seed: int, log: Array, n: int
) -> int:
    """One exposure of a video: how long it is watched, what the viewer does, and what the platform learns from it."""
    video, pull, b, now = stage.shop.videos[item], stage.pull[item], stage.behaviour[0], me.due_ms
    duration = video.duration_ms
    liking = blend(liking_of(me, video.topic), liking_of(me, video.second), video.lean)
    u, u_like, u_comment, u_rare = draw(seed, WATCH, i, item, 0)
    ms = watch_ms(u, liking, pull, duration, trait(me.attention), b)
    watched = min(ms / duration, 1.0)
    did = FINISHED if ms >= duration else (SKIPPED if ms < b.skip_ms else 0)
    if (did & SKIPPED) == 0:
        warm = warmth(liking, pull, watched, b)
        did |= LIKED if reacts(u_like, b.like, trait(me.like), warm) else 0
        did |= COMMENTED if reacts(u_comment, b.comment, trait(me.comment), warm) else 0
        # both are rare: they take the two ends of one draw, so nobody does both at once
        did |= SHARED if reacts(u_rare, b.share, trait(me.share), warm) else 0
        did |= FOLLOWED if reacts(1.0 - u_rare, b.follow, trait(me.follow), warm) else 0
    learn_from_video(tags, video.topic, watched, did, now, stage.believing[0])
    remember(served, item)
    if (did & FOLLOWED) != 0:
        follow(served, video.creator)
    me.mood += b.mood_step * (watched - me.mood)
    me.energy_ms -= ms + b.swipe_ms + (b.dull_ms if (did & SKIPPED) != 0 else 0.0)
    spend(me, ms + int(b.swipe_ms))
    return note(log, n, now, i, item, ms, did, ledger.VIDEO, mark)


@rule
def learn_of_room(tags: Row, kind: int, amount: float, now: int, room: Row, products: Array, rules: Row) -> None:
    """Evidence from a room goes to what is on show, or to all that the room sells."""
    if room.product >= 0:
        learn_live(tags, products[room.product].topic, kind, amount, now, rules)
        return
    for c in range(len(room.topics)):
        if room.topics[c] > 0.0:
            learn_live(tags, c, kind, amount * room.topics[c], now, rules)


@rule
def meet_room(me: Row, tags: Row, i: int, r: int, mark: int, stage: Stage, seed: int, log: Array, n: int) -> int:
    """One exposure of a live room: the viewer goes in, or glances and scrolls on."""
    room, skill, b, now = stage.shop.rooms[r], stage.skill[r], stage.behaviour[0], me.due_ms
    liking = liking_of_room(me, room.topics)
    u, u_glance, _, _ = draw(seed, ENTRY, i, ~r, me.visit)
    readiness = trait(me.live) * bait_draw(room.segment, me.bargain, b) * wariness(me, r, b)
    if not enters(u, readiness, liking, skill, room.online, b):
        glance = int(weibull(u_glance, b.glance_ms, 1.0)) + 200
        spend(me, glance)
        me.energy_ms -= glance
        return note(log, n, now, i, ~r, glance, 0, ledger.SHOWN, mark)
    u, v, _, _ = draw(seed, STAY, i, ~r, me.visit)
    me.phase, me.room, me.stay_ms = INSIDE, r, 0
    me.patience_ms = stay_patience_ms(u, v, liking, skill, room.online, b)
    me.did, me.step = ENTERED, mark if (mark >> 4) == ledger.PAID else mark & 15
    learn_of_room(tags, TAG_ENTERED, 1.0, now, room, stage.products, stage.believing[0])
    return note(log, n, now, i, ~r, 0, ENTERED, ledger.SHOWN, mark)


@rule
def wants(me: Row, i: int, room: Row, product: int, stage: Stage, seed: int) -> bool:
    """Whether a click becomes an order (下单): one answer of this viewer to this product in this session of the
    room.
    """
    u, _, _, _ = draw(seed, PURCHASE, i, product, room.session)
    return u < order_probability(
        stage.products[product].price_cents,
        me.price_cents,
        me.bargain,
        trait(me.buy),
        stage.appeal[product],
        trust(me, room.host, int(me.room), stage.behaviour[0]),
        stage.behaviour[0],
    )


@rule
def leave_room(me: Row, tags: Row, i: int, room: Row, now: int, stage: Stage, log: Array, n: int) -> int:
    """The viewer goes back to the feed."""
    b, rules = stage.behaviour[0], stage.believing[0]
    ms = me.stay_ms
    minutes = min(ms, LONGEST_CREDIT_MS) / 60_000.0
    if (me.did & (LIKED | COMMENTED | FOLLOWED)) != 0:
        minutes += 1.0  # a reaction says as much as a minute
    learn_of_room(tags, STAYED, minutes, now, room, stage.products, rules)
    n = note(log, n, now, i, ~int(me.room), ms, me.did, ledger.LEFT, me.step)
    me.phase = SCROLLING
    spend(me, int(b.swipe_ms))
    me.energy_ms -= ms + b.swipe_ms
    return n


@rule
def stay_in_room(
    me: Row, tags: Row, served: Row, i: int, until: int, stage: Stage, seed: int, turn: int, log: Array, n: int
) -> int:
    """A stretch of a stay, up to the next refresh or until patience runs out: chat, like, follow, click, order."""
    b, now, r = stage.behaviour[0], me.due_ms, int(me.room)
    room = stage.shop.rooms[r]
    segment, product = room.segment, room.product
    if segment == CLOSED:
        return leave_room(me, tags, i, room, now, stage, log, n)
    interest = interest_in(me, stage.products[product].topic, segment, b) if product >= 0 else 0.0
    speed = pace(segment, interest, me.bargain, b)
    lasts = me.patience_ms / speed
    leaves = lasts < until - now
    ms = max(int(lasts), 1) if leaves else until - now
    me.patience_ms -= ms * speed
    spend(me, ms)
    me.stay_ms += ms
    u_comment, u_like, u_follow, u_click = draw(seed, IN_ROOM, i, ~r, turn)
    did = 0
    comments = b.room_comment * trait(me.comment) * (b.hold_comments if segment == HOLD else 1.0)
    did |= COMMENTED if within(u_comment, comments, ms) else 0
    did |= LIKED if within(u_like, b.room_like * trait(me.like), ms) else 0
    if within(u_follow, b.room_follow * trait(me.follow), ms):
        did |= FOLLOWED
        follow(served, room.host)
    if segment in (PITCH, RELEASE) and within(u_click, b.click * interest, ms):
        did |= CLICKED
        price, rules = stage.products[product].price_cents, stage.believing[0]
        served.price = band_learned(served.price, price, rules.clicked_price)
        if wants(me, i, room, product, stage, seed):
            did |= ORDERED
            served.price = band_learned(served.price, price, rules.ordered_price)
            n = note(log, n, now + ms, i, product, 0, ORDERED, ledger.ORDER, me.step)
    me.did |= did
    n = note(log, n, now, i, ~r, ms, did, ledger.INSIDE, me.step)
    return leave_room(me, tags, i, room, now + ms, stage, log, n) if leaves else n


@rule
def scroll(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    stage: Stage,
    desk: Desk,
    seed: int,
    shard: int,
    log: Array,
    n: int,
) -> int:
    """The next item of the page in hand, or a new page when it is used up."""
    shop, rules, b = stage.shop, stage.serving[0], stage.behaviour[0]
    if me.energy_ms <= 0.0:
        return end_session(me, i, stage, b, seed, log, n)
    while served.place < served.length:
        place = served.place
        item, mark = int(served.page[place]), int(served.mark[place])
        served.place = place + 1
        if is_on_offer(shop, item, mark, int(me.room), rules.shards, shard):
            if item < 0:
                n = meet_room(me, tags, i, ~item, mark, stage, seed, log, n)
            else:
                n = watch_video(me, tags, served, i, item, mark, stage, seed, log, n)
            hand_out(shop, item, mark, me.phase == INSIDE, shard)
            return n
    brought_forward(tags, me.due_ms, stage.believing[0])
    if rules.use_tags == 1:
        belief(tags, me.due_ms, stage.believing[0], desk.belief)
    else:
        for c in range(len(desk.belief)):
            desk.belief[c] = 0.0
    if request_page(shop, served, i, int(me.room), rules, desk, seed, shard) == 0:
        n = note(log, n, me.due_ms, i, -1, 0, 0, ledger.EMPTY, 0)
        return end_session(me, i, stage, b, seed, log, n)
    return n


@rule
def act_one(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    until: int,
    stage: Stage,
    desk: Desk,
    seed: int,
    turn: int,
    shard: int,
    log: Array,
    n: int,
) -> int:
    """Let one viewer act until the next refresh."""
    while me.due_ms < until:
        if me.phase == SCROLLING:
            n = scroll(me, tags, served, i, stage, desk, seed, shard, log, n)
        elif me.phase == INSIDE:
            n = stay_in_room(me, tags, served, i, until, stage, seed, turn, log, n)
        else:
            n = begin_session(me, served, i, stage, stage.behaviour[0], seed, log, n)
    return n


@rule
def who_is_due(people: People, turn: int, low: int, size: int, start: int, k: int, due: Array, line: int) -> int:
    """Note, in a line of `due`, those of a shard's next few viewers who act in this refresh; returns how many. Their
    rows are asked for ahead of their use.
    """
    found = 0
    for place in range(start + k, start + min(k + due.shape[1], size)):
        i = low + (place if place < size else place - size)
        due[line, found] = i  # without a branch, which a processor would guess wrong
        found += int(people.calendar[i - people.first] <= turn)
    for n in range(found):
        row = due[line, n] - people.first
        fetch(people.viewers, row)
        fetch_beginning(people.served, row)
    return found


@rule
def ask_for_more(people: People, stage: Stage, due: Array, line: int, found: int) -> None:
    """Ask ahead for the next videos of the viewers in a line of `due`, whose rows have come meanwhile; and for the rest
    of the rows of those who will soon need another page.
    """
    for n in range(found):
        row = due[line, n] - people.first
        served = people.served[row]
        if int(served.place) + LOOKED_AT_SOON > int(served.length):
            fetch(people.tags, row)
            fetch(people.served, row)
            for nth in range(len(served.follows)):
                if served.follows[nth] >= 0:
                    fetch(stage.shop.recall.newest, served.follows[nth])
                    fetch(stage.shop.recall.room_of, served.follows[nth])
        for place in range(served.place, min(int(served.place) + LOOKED_AT_SOON, int(served.length))):
            item = int(served.page[place])
            if item >= 0:
                fetch(stage.shop.recall.seats, item)
                fetch(stage.shop.videos, item)
                fetch(stage.pull, item)


@loop
def act(
    people: People,
    stage: Stage,
    desk: Desk,
    sizes: Array,
    resume: Array,
    first_shard: int,
    last_shard: int,
    step: int,
    until: int,
    refresh_ms: int,
    seed: int,
    turn: int,
    most: int,
) -> bool:
    """Let the viewers of every `step`-th shard act until the next refresh; False when a shard needs room for more
    facts.

    A shard's viewers take their turns in the order of their rows, from a place that moves on with every refresh.
    `sizes` and `resume` hold each shard's facts and where to look on; a shard stops before it has less room than
    `most`, the facts that one viewer can leave in one refresh.
    """
    shards, count, room, done = len(sizes), people.world, stage.log.shape[1], True
    for shard in range(first_shard, last_shard, step):
        low, size = count * shard // shards, count * (shard + 1) // shards - count * shard // shards
        n, k, start = sizes[shard], resume[shard], turn * 7919 % max(size, 1)
        line, few = 0, desk.due.shape[1]
        if n == 0 and k == 0:
            share_out(stage.shop, shard)
        found = who_is_due(people, turn, low, size, start, k, desk.due, line)
        after = who_is_due(people, turn, low, size, start, k + few, desk.due, (line + 1) % 3)
        while k < size and n + most <= room:
            later = who_is_due(people, turn, low, size, start, k + 2 * few, desk.due, (line + 2) % 3)
            ask_for_more(people, stage, desk.due, (line + 1) % 3, after)
            acted = 0
            while acted < found and n + most <= room:
                i = desk.due[line, acted]
                row, log = i - people.first, stage.log[shard]
                me, tags, served = people.viewers[row], people.tags[row], people.served[row]
                n = act_one(me, tags, served, i, until, stage, desk, seed, turn, shard, log, n)
                people.calendar[row] = turn + 1 + (me.due_ms - until) // refresh_ms
                acted += 1
            if acted == found:
                k, line, found, after = k + few, (line + 1) % 3, after, later
        sizes[shard], resume[shard] = n, k
        done = done and k >= size
    return done


@compiled
def first_follows(
    viewers: Array, served: Array, first: int, seed: int, start: Array, by_topic: Array, tail: float
) -> None:
    """Whom viewers from number `first` on follow at the start: famous creators of the categories they like."""
    for n in range(len(viewers)):
        draws = draw(seed, FOLLOWS, first + n, 0, 0)
        for k in range(4):
            topic = viewers[n].taste[k]
            size = start[topic + 1] - start[topic]
            if size > 0:
                follow(served[n], by_topic[start[topic] + int(size * draws[k] ** tail)])


@loop
def feel_refusals(viewers: Array, low: int, orders: Array, filled: Array, products: Array, share: float) -> None:
    """A viewer whose order met no stock loses patience; one who missed a bait will be wary of the room."""
    for n in range(len(orders)):
        if not filled[n]:
            me = viewers[orders[n].viewer - low]
            if me.phase == INSIDE:
                me.patience_ms *= share
            if products[n].bait == 1:
                me.wary = room_mark(products[n].room)


@loop
def learn_orders(
    viewers: Array, tags: Array, low: int, orders: Array, filled: Array, products: Array, hosts: Array, rules: Array
) -> None:
    """Orders that were filled: the strongest evidence for the tags, and trust in the host again."""
    for n in range(len(orders)):
        if filled[n]:
            who = orders[n].viewer - low
            me = viewers[who]
            learn_live(tags[who], products[n].topic, BOUGHT, 1.0, orders[n].at_ms, rules[0])
            me.trusted = hosts[n]
            if me.wary == room_mark(products[n].room):
                me.wary = 0
