"""A viewer and a live room: the door, a stay stretch by stretch, orders, and the way out."""

from agents.viewer import (
    INSIDE,
    SCROLLING,
    affinity_of_room,
    bait_draw,
    enters,
    glance_ms,
    interest_in,
    order_probability,
    pace,
    stay_patience_ms,
    trait,
    trust,
    waits_for_bait,
    wariness,
    within,
)
from sim.core import event_log
from sim.core.arrays import Array, Row
from sim.core.catalogue import CLOSED, HOLD, PITCH, RELEASE
from sim.core.compiler import rule
from sim.core.event_log import CLICKED, COMMENTED, ENTERED, FOLLOWED, LIKED, ORDERED, note
from sim.core.randomness import ENTRY, IN_ROOM, PURCHASE, STAY, draw
from sim.engine.loop_context import LoopContext, spend
from sim.recommender.interest_tags import ENTERED as TAG_ENTERED
from sim.recommender.interest_tags import STAYED, band_learned, learn_live
from sim.recommender.viewer_history import follow, is_followed

LONGEST_CREDIT_MS = 600_000  # a stay beyond ten minutes says no more of interest


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
def meet_room(
    me: Row, tags: Row, i: int, r: int, match_source: int, context: LoopContext, seed: int, log: Array, next_event: int
) -> int:
    """One exposure of a live room: the viewer goes in, or glances and scrolls on."""
    room, skill, behaviour, now = context.inventory.rooms[r], context.skill[r], context.behaviour[0], me.due_ms
    affinity = affinity_of_room(me, room.topics)
    u, u_glance, _, _ = draw(seed, ENTRY, i, ~r, me.visit)
    readiness = trait(me.live) * bait_draw(room.segment, me.bargain, behaviour) * wariness(me, r, behaviour)
    if not enters(u, readiness, affinity, skill, room.online, behaviour):
        glance = glance_ms(u_glance, behaviour)
        spend(me, glance)
        me.session_budget_ms -= glance
        return note(log, next_event, now, i, ~r, glance, 0, event_log.SHOWN, match_source)
    u, v, _, _ = draw(seed, STAY, i, ~r, me.visit)
    me.phase, me.room, me.stay_ms = INSIDE, r, 0
    me.patience_ms = stay_patience_ms(u, v, affinity, skill, room.online, behaviour)
    me.did, me.entry_match_source = (
        ENTERED,
        match_source if (match_source >> 4) == event_log.BOOSTED else match_source & 15,
    )
    learn_of_room(tags, TAG_ENTERED, 1.0, now, room, context.products, context.tag_rules[0])
    return note(log, next_event, now, i, ~r, 0, ENTERED, event_log.SHOWN, match_source)


@rule
def wants(me: Row, i: int, room: Row, product: int, context: LoopContext, seed: int) -> bool:
    """Whether a click becomes an order (下单): one answer of this viewer to this product in this session of the
    room.
    """
    u, _, _, _ = draw(seed, PURCHASE, i, product, room.session)
    return u < order_probability(
        context.products[product].price_cents,
        me.price_cents,
        me.bargain,
        trait(me.buy),
        context.appeal[product],
        trust(me, room.host, int(me.room), context.behaviour[0]),
        context.behaviour[0],
    )


@rule
def leave_room(
    me: Row, tags: Row, i: int, room: Row, now: int, context: LoopContext, log: Array, next_event: int
) -> int:
    """The viewer goes back to the feed."""
    behaviour, rules = context.behaviour[0], context.tag_rules[0]
    ms = me.stay_ms
    minutes = min(ms, LONGEST_CREDIT_MS) / 60_000.0
    if (me.did & (LIKED | COMMENTED | FOLLOWED)) != 0:
        minutes += 1.0  # a reaction says as much as a minute
    learn_of_room(tags, STAYED, minutes, now, room, context.products, rules)
    next_event = note(log, next_event, now, i, ~int(me.room), ms, me.did, event_log.LEFT, me.entry_match_source)
    me.phase = SCROLLING
    spend(me, int(behaviour.swipe_ms))
    me.session_budget_ms -= ms + behaviour.swipe_ms
    return next_event


@rule
def stay_in_room(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    until: int,
    context: LoopContext,
    seed: int,
    refresh_index: int,
    log: Array,
    next_event: int,
) -> int:
    """A stretch of a stay, up to the next refresh or until patience runs out: chat, like, follow, click, order."""
    behaviour, now, r = context.behaviour[0], me.due_ms, int(me.room)
    room = context.inventory.rooms[r]
    segment, product = room.segment, room.product
    if segment == CLOSED:
        return leave_room(me, tags, i, room, now, context, log, next_event)
    interest, waits = 0.0, False
    if product >= 0:
        interest = interest_in(me, context.products[product].topic, segment, behaviour)
        waits = waits_for_bait(me, room, context.products[product].price_cents, now, behaviour)
    speed = pace(segment, interest, waits, behaviour)
    lasts = me.patience_ms / speed
    leaves = lasts < until - now
    ms = max(int(lasts), 1) if leaves else until - now
    me.patience_ms -= ms * speed
    spend(me, ms)
    me.stay_ms += ms
    u_comment, u_like, u_follow, u_click = draw(seed, IN_ROOM, i, ~r, refresh_index)
    did = 0
    comments = behaviour.room_comment * trait(me.comment) * (behaviour.hold_comments if segment == HOLD else 1.0)
    did |= COMMENTED if within(u_comment, comments, ms) else 0
    did |= LIKED if within(u_like, behaviour.room_like * trait(me.like), ms) else 0
    if within(u_follow, behaviour.room_follow * trait(me.follow), ms):
        did |= FOLLOWED
        follow(served, room.host)
    if segment in (PITCH, RELEASE) and within(u_click, behaviour.click * interest, ms):
        did |= CLICKED
        price, rules = context.products[product].price_cents, context.tag_rules[0]
        served.price = band_learned(served.price, price, rules.clicked_price)
        if wants(me, i, room, product, context, seed):
            did |= ORDERED
            served.price = band_learned(served.price, price, rules.ordered_price)
            order = ORDERED | (FOLLOWED if is_followed(served, room.host) else 0)
            next_event = note(log, next_event, now + ms, i, product, 0, order, event_log.ORDER, me.entry_match_source)
    me.did |= did
    next_event = note(log, next_event, now, i, ~r, ms, did, event_log.INSIDE, me.entry_match_source)
    return leave_room(me, tags, i, room, now + ms, context, log, next_event) if leaves else next_event
