"""A viewer and a live room: the door, a stay stretch by stretch, orders, and the way out."""

from agents.viewer import (
    INSIDE,
    SCROLLING,
    affinity_of_room,
    bait_draw,
    enters,
    glance_ms,
    interest_in,
    known_draw,
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
from sim.core.event_log import CLICKED, COMMENTED, ENTERED, FOLLOWED, LIKED, ORDERED, SHARED, VIA_VIDEO, note
from sim.core.randomness import ENTRY, IN_ROOM, PURCHASE, STAY, draw
from sim.engine.loop_context import LoopContext, spend
from sim.recommender.expectations import STAY_VARIANCE, USUAL_ENTRY, USUAL_ORDER, USUAL_STAY
from sim.recommender.interest_tags import (
    band_learned,
    entry_expected,
    learn_pass,
    learn_room,
    ready_after,
    stay_above,
)
from sim.recommender.viewer_history import follow, follows


@rule
def learn_entry(tags: Row, room: Row, usual: Array, entered: int, now: int, rules: Row) -> None:
    """What it says of a viewer that they went into a room or passed it by: entered, less the probability of it."""
    ready = 1.0 * tags.ready  # a double, or compiled code takes the exponential of a single
    expected = entry_expected(usual[USUAL_ENTRY], ready)
    above = entered - expected
    learn_room(tags, room.topics, above, now, rules)
    tags.ready = ready_after(ready, above)


@rule
def learn_stay(tags: Row, room: Row, usual: Array, stay_ms: int, variance: float, now: int, rules: Row) -> None:
    """What a stay that ended says of a viewer, and that they ordered no more in it than they did."""
    learn_room(tags, room.topics, stay_above(stay_ms, usual[USUAL_STAY], variance), now, rules)
    learn_pass(tags, room.topics, usual[USUAL_ORDER], now, rules)


@rule
def meet_room(
    me: Row, tags: Row, i: int, r: int, match_source: int, context: LoopContext, seed: int, log: Array, next_event: int
) -> int:
    """One exposure of a live room: the viewer goes in, as whoever tapped the avatar does, or glances and scrolls on."""
    room, skill, behaviour, now = context.inventory.rooms[r], context.skill[r], context.behaviour[0], me.due_ms
    affinity = affinity_of_room(me, room.topics)
    u, u_glance, _, _ = draw(seed, ENTRY, i, ~r, me.visit)
    usual, rules = context.inventory.recall.usual.rooms[r], context.tag_rules[0]
    readiness = trait(me.live) * bait_draw(room.segment, me.bargain, behaviour) * wariness(me, r, behaviour)
    source = match_source >> 4
    readiness *= known_draw(source, behaviour)
    if source != VIA_VIDEO and not enters(u, readiness, affinity, skill, room.online, behaviour):
        glance = glance_ms(u_glance, behaviour)
        learn_entry(tags, room, usual, 0, now, rules)
        spend(me, glance)
        me.session_budget_ms -= glance
        return note(log, next_event, now, i, ~r, glance, 0, event_log.SHOWN, match_source)
    u, v, _, _ = draw(seed, STAY, i, ~r, me.visit)
    me.phase, me.room, me.stay_ms = INSIDE, r, 0
    me.patience_ms = stay_patience_ms(u, v, affinity, skill, room.online, behaviour)
    me.did, me.entry_match_source = ENTERED, match_source
    learn_entry(tags, room, usual, 1, now, rules)
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
    usual = context.inventory.recall.usual
    learn_stay(tags, room, usual.rooms[int(me.room)], ms, usual.weights[STAY_VARIANCE], now, rules)
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
    # both are rare: they take the two ends of one draw
    did |= SHARED if within(1.0 - u_follow, behaviour.room_share * trait(me.share), ms) else 0
    if within(u_follow, behaviour.room_follow * trait(me.follow), ms) and follow(served, room.host):
        did |= FOLLOWED
    if segment in (PITCH, RELEASE) and within(u_click, behaviour.click * interest, ms):
        did |= CLICKED
        price, rules = context.products[product].price_cents, context.tag_rules[0]
        served.price = band_learned(served.price, price, rules.clicked_price)
        if wants(me, i, room, product, context, seed):
            did |= ORDERED
            served.price = band_learned(served.price, price, rules.ordered_price)
            order = ORDERED | (FOLLOWED if follows(served, room.host) else 0)
            next_event = note(log, next_event, now + ms, i, product, 0, order, event_log.ORDER, me.entry_match_source)
    me.did |= did
    next_event = note(log, next_event, now, i, ~r, ms, did, event_log.INSIDE, me.entry_match_source)
    return leave_room(me, tags, i, room, now + ms, context, log, next_event) if leaves else next_event
