"""The viewers' loop between two refreshes, in which what is true meets what the platform sees.

Each viewer acts in continuous time along their own timeline, against the snapshot that the platform published. Viewers
meet only through the next snapshot, so shards may run in any order and on any number of threads.
"""

from agents.viewer import (
    AWAY,
    INSIDE,
    SCROLLING,
    session_ms,
    skip_draw,
    skips_visit,
    visit_after,
)
from sim.core import event_log
from sim.core.arrays import Array, Row
from sim.core.compiler import loop, rule, unsigned
from sim.core.event_log import SKIPPED, note
from sim.engine.entrances import form_profile, meet_next_room, tap_avatar
from sim.engine.loop_context import LoopContext, People
from sim.engine.prefetch import ask_for_more, who_is_due
from sim.engine.room_visit import meet_room, stay_in_room
from sim.engine.video_exposure import watch_video
from sim.recommender.candidates import Workspace
from sim.recommender.feed import request_page
from sim.recommender.interest_tags import brought_forward
from sim.recommender.inventory import hand_out, is_on_offer, share_out


@rule
def begin_session(
    me: Row, served: Row, i: int, context: LoopContext, behaviour: Row, seed: int, log: Array, next_event: int
) -> int:
    """A due session begins, or is let go; the next one is due whenever it is due."""
    now, visit = me.due_ms, me.visit
    me.visit = visit + 1
    me.visit_ms = visit_after(now, i, visit + 1, me.activity, me.chronotype, seed, behaviour, context.rhythm)
    if skips_visit(skip_draw(i, visit, seed), me.satisfaction, behaviour.bored_skip):
        me.due_ms = me.visit_ms
        me.satisfaction += 0.1 * (0.5 - me.satisfaction)  # boredom fades
        return note(log, next_event, now, i, -1, 0, SKIPPED, event_log.VISIT, 0)
    me.phase, me.session_ms, me.room = SCROLLING, 0, -1
    me.session_budget_ms = session_ms(i, visit, me.patience, seed, behaviour)
    served.length = served.place = 0
    return note(log, next_event, now, i, -1, 0, 0, event_log.VISIT, 0)


@rule
def end_session(me: Row, i: int, context: LoopContext, behaviour: Row, seed: int, log: Array, next_event: int) -> int:
    """The viewer puts the phone away. Sessions that came due meanwhile were part of this one."""
    now = me.due_ms
    while me.visit_ms <= now:
        next_event = note(log, next_event, me.visit_ms, i, -1, 0, SKIPPED, event_log.VISIT, 1)
        me.visit += 1
        me.visit_ms = visit_after(me.visit_ms, i, me.visit, me.activity, me.chronotype, seed, behaviour, context.rhythm)
    me.phase, me.due_ms = AWAY, me.visit_ms
    return note(log, next_event, now, i, -1, me.session_ms, 0, event_log.ENDED, 0)


@rule
def scroll(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    context: LoopContext,
    workspace: Workspace,
    seed: int,
    shard: int,
    log: Array,
    next_event: int,
) -> int:
    """The room that comes next, the next item of the page in hand, or a new page when it is used up."""
    inventory, rules, behaviour = context.inventory, context.feed_rules[0], context.behaviour[0]
    if served.next_room >= 0:
        met = meet_next_room(me, tags, served, i, context, workspace, seed, log, next_event)
        if met > next_event:
            return met
    if me.session_budget_ms <= 0.0:
        return end_session(me, i, context, behaviour, seed, log, next_event)
    while served.place < served.length:
        place = unsigned(served.place)
        item, match_source = int(served.page[place]), int(served.match_source[place])
        served.place += 1
        if is_on_offer(inventory, item, match_source, int(me.room), rules, shard):
            if item < 0:
                next_event = meet_room(me, tags, i, ~item, match_source, context, seed, log, next_event)
            else:
                next_event = watch_video(me, tags, served, i, item, match_source, context, seed, shard, log, next_event)
                tap_avatar(me, served, i, item, log[unsigned(next_event - 1)].did, context, seed)
            hand_out(inventory, item, match_source, me.phase == INSIDE, shard)
            return next_event
    brought_forward(tags, me.due_ms, context.tag_rules[0])
    form_profile(tags, me.due_ms, context, workspace.interest_profile)
    if request_page(inventory, served, i, int(me.room), rules, workspace, seed, shard) == 0:
        next_event = note(log, next_event, me.due_ms, i, -1, 0, 0, event_log.EMPTY, 0)
        return end_session(me, i, context, behaviour, seed, log, next_event)
    return next_event


@rule
def act_one(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    until: int,
    context: LoopContext,
    workspace: Workspace,
    seed: int,
    refresh_index: int,
    shard: int,
    log: Array,
    next_event: int,
) -> int:
    """Let one viewer act until the next refresh."""
    while me.due_ms < until:
        if me.phase == SCROLLING:
            next_event = scroll(me, tags, served, i, context, workspace, seed, shard, log, next_event)
        elif me.phase == INSIDE:
            next_event = stay_in_room(me, tags, served, i, until, context, seed, refresh_index, log, next_event)
        else:
            next_event = begin_session(me, served, i, context, context.behaviour[0], seed, log, next_event)
    return next_event


@loop
def act(
    people: People,
    context: LoopContext,
    workspace: Workspace,
    sizes: Array,
    resume: Array,
    first_shard: int,
    last_shard: int,
    stride: int,
    until: int,
    refresh_ms: int,
    seed: int,
    refresh_index: int,
    most: int,
) -> bool:
    """Let the viewers of every `stride`-th shard act until the next refresh; False when a shard needs capacity for
    more events.

    A shard's viewers take their turns in the order of their rows, from a place that moves on with every refresh.
    `sizes` and `resume` hold each shard's events and where to look on; a shard stops before it has less capacity than
    `most`, the events that one viewer can leave in one refresh.
    """
    shards, count, capacity, done = len(sizes), people.world, context.log.shape[1], True
    for shard in range(first_shard, last_shard, stride):
        low, size = count * shard // shards, count * (shard + 1) // shards - count * shard // shards
        n, k, start = sizes[shard], resume[shard], refresh_index * 7919 % max(size, 1)
        line, few = 0, workspace.due.shape[1]
        if n == 0 and k == 0:
            share_out(context.inventory, shard)
        found = who_is_due(people, refresh_index, low, size, start, k, workspace.due, line)
        after = who_is_due(people, refresh_index, low, size, start, k + few, workspace.due, (line + 1) % 3)
        while k < size and n + most <= capacity:
            later = who_is_due(people, refresh_index, low, size, start, k + 2 * few, workspace.due, (line + 2) % 3)
            ask_for_more(people, context, workspace.due, (line + 1) % 3, after)
            acted = 0
            while acted < found and n + most <= capacity:
                i = workspace.due[unsigned(line), unsigned(acted)]
                row, log = unsigned(i - people.first), context.log[shard]
                me, tags, served = people.viewers[row], people.tags[row], people.served[row]
                n = act_one(me, tags, served, i, until, context, workspace, seed, refresh_index, shard, log, n)
                people.calendar[row] = refresh_index + 1 + (me.due_ms - until) // refresh_ms
                acted += 1
            if acted == found:
                k, line, found, after = k + few, (line + 1) % 3, after, later
        sizes[shard], resume[shard] = n, k
        done = done and k >= size
    return done
