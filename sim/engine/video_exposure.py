"""One exposure of a video: how long it is watched, what the viewer does, and what the platform learns from it."""

from agents.viewer import (
    affinity_of,
    reacts,
    trait,
    warmth,
    watch_ms,
)
from sim.core import event_log
from sim.core.arrays import Array, Row
from sim.core.catalogue import blend
from sim.core.compiler import rule, unsigned
from sim.core.event_log import COMMENTED, FINISHED, FOLLOWED, LIKED, REACTIONS, SHARED, SKIPPED, note
from sim.core.randomness import WATCH, draw
from sim.engine.loop_context import LoopContext, spend
from sim.recommender.interest_tags import INTERACTED, WATCHED, learn_video
from sim.recommender.interest_tags import SKIPPED as TAG_SKIPPED
from sim.recommender.viewer_history import follow, remember


@rule
def learn_from_video(tags: Row, topic: int, watched: float, did: int, now: int, rules: Row) -> None:
    """Add what one exposure says to the viewer's tags."""
    if (did & SKIPPED) != 0:
        learn_video(tags, topic, TAG_SKIPPED, 1.0, now, rules)
    else:
        learn_video(tags, topic, WATCHED, watched, now, rules)
    if (did & REACTIONS) != 0:
        learn_video(tags, topic, INTERACTED, 1.0, now, rules)


@rule
def watch_video(
    me: Row,
    tags: Row,
    served: Row,
    i: int,
    item: int,
    match_source: int,
    context: LoopContext,
    seed: int,
    log: Array,
    next_event: int,
) -> int:
    """One exposure of a video: how long it is watched, what the viewer does, and what the platform learns from it."""
    video, quality = context.inventory.videos[unsigned(item)], context.quality[unsigned(item)]
    behaviour, now = context.behaviour[0], me.due_ms
    duration = video.duration_ms
    affinity = blend(affinity_of(me, video.topic), affinity_of(me, video.second), video.main_topic_weight)
    u, u_like, u_comment, u_rare = draw(seed, WATCH, i, item, 0)
    ms = watch_ms(u, affinity, quality, duration, trait(me.attention), behaviour)
    watched = min(ms / duration, 1.0)
    did = FINISHED if ms >= duration else (SKIPPED if ms < behaviour.skip_ms else 0)
    if (did & SKIPPED) == 0:
        warm = warmth(affinity, quality, watched, behaviour)
        did |= LIKED if reacts(u_like, behaviour.like, trait(me.like), warm) else 0
        did |= COMMENTED if reacts(u_comment, behaviour.comment, trait(me.comment), warm) else 0
        # both are rare: they take the two ends of one draw, so nobody does both at once
        did |= SHARED if reacts(u_rare, behaviour.share, trait(me.share), warm) else 0
        if reacts(1.0 - u_rare, behaviour.follow, trait(me.follow), warm) and follow(served, video.creator):
            did |= FOLLOWED
    learn_from_video(tags, video.topic, watched, did, now, context.tag_rules[0])
    remember(served, item)
    me.satisfaction += behaviour.satisfaction_step * (watched - me.satisfaction)
    me.session_budget_ms -= ms + behaviour.swipe_ms + (behaviour.dull_ms if (did & SKIPPED) != 0 else 0.0)
    spend(me, ms + int(behaviour.swipe_ms))
    return note(log, next_event, now, i, item, ms, did, event_log.VIDEO, match_source)
