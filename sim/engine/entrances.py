"""Entrances to live rooms outside the page: the avatar of a host who is live, and what a friend shared."""

from agents.viewer import affinity_of_room, taps, trait, wariness
from sim.core.arrays import Array, Row
from sim.core.compiler import rule, unsigned
from sim.core.event_log import SKIPPED, VIA_SHARE, VIA_VIDEO
from sim.core.randomness import TAP, draw
from sim.engine.loop_context import LoopContext
from sim.engine.room_visit import meet_room
from sim.recommender.candidates import Workspace
from sim.recommender.interest_tags import interest_profile
from sim.recommender.inventory import is_live
from sim.recommender.scoring import match_bucket, match_offer

SESSIONS = 256  # by which sessions of a room are told apart


@rule
def show_next(served: Row, room: int, session: int, source: int) -> None:
    """Note the room that is shown next, as long as this session of it lasts."""
    served.next_room, served.next_session, served.next_source = room, session % SESSIONS, source


@rule
def tap_avatar(me: Row, served: Row, i: int, item: int, did: int, context: LoopContext, seed: int) -> None:
    """A post of a host who is live shows it (头像直播中): who has watched it may go into the room next."""
    inventory = context.inventory
    if (did & SKIPPED) != 0 or context.feed_rules[0].video_entrance == 0:
        return
    r = int(inventory.recall.room_of[unsigned(inventory.videos[unsigned(item)].creator)])
    if r < 0 or r == me.room or not is_live(inventory, r):
        return
    room, behaviour = inventory.rooms[unsigned(r)], context.behaviour[0]
    u, _, _, _ = draw(seed, TAP, i, item, 0)
    readiness = trait(me.live) * wariness(me, r, behaviour)
    if taps(u, readiness, affinity_of_room(me, room.topics), context.skill[r], behaviour):
        show_next(served, r, room.session, VIA_VIDEO)


@rule
def leads_in(me: Row, room: Row, r: int, session: int, source: int, rules: Row) -> bool:
    """Whether what was to come next still holds: the entrance is in use, and this session of the room goes on."""
    in_use = rules.video_entrance if source == VIA_VIDEO else rules.share_entrance
    return in_use == 1 and r != me.room and room.session % SESSIONS == session


@rule
def form_profile(tags: Row, now: int, context: LoopContext, profile: Array) -> None:
    """The viewer's interest profile at a moment; nothing where the platform does not use tags."""
    if context.feed_rules[0].use_tags == 1:
        interest_profile(tags, now, context.tag_rules[0], context.inventory.recall.usual.weights, profile)
    else:
        for c in range(len(profile)):
            profile[c] = 0.0


@rule
def meet_next_room(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    context: LoopContext,
    workspace: Workspace,
    seed: int,
    log: Array,
    next_event: int,
) -> int:
    """Show the room that comes next, if it is still open; nothing is taken of its wave."""
    r, source, rules = int(served.next_room), int(served.next_source), context.feed_rules[0]
    served.next_room = -1
    if not is_live(context.inventory, r):
        return next_event
    if not leads_in(me, context.inventory.rooms[r], r, int(served.next_session), source, rules):
        return next_event
    form_profile(tags, me.due_ms, context, workspace.interest_profile)
    bucket = match_bucket(match_offer(workspace.interest_profile, context.inventory.recall.offers[r]))
    return meet_room(me, tags, i, r, bucket | (source << 4), context, seed, log, next_event)


@rule
def invite(served: Row, room: int, session: int) -> None:
    """A friend shares a room with the viewer: it is shown next, unless they are on their way into another."""
    if served.next_room < 0 or served.next_source == VIA_SHARE:
        show_next(served, room, session, VIA_SHARE)
