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
from sim.core.event_log import BOOSTED, COMMENTED, FINISHED, FOLLOWED, LIKED, REACTIONS, SHARED, SKIPPED, has, note
from sim.core.randomness import WATCH, draw
from sim.engine.loop_context import LoopContext, spend
from sim.recommender.expectations import EVERY, fit_of, response, take_lesson
from sim.recommender.interest_tags import USUAL_STEP, learn_video
from sim.recommender.viewer_history import follow, remember


@rule
def reactions_among(did: int) -> int:
    """How many kinds of reactions are among what a viewer did."""
    if (did & REACTIONS) == 0:
        return 0
    return has(did, LIKED) + has(did, COMMENTED) + has(did, SHARED) + has(did, FOLLOWED)


@rule
def learn_from_video(
    tags: Row,
    topic: int,
    watched: float,
    did: int,
    expected: float,
    fit: float,
    teaches: bool,
    now: int,
    rules: Row,
    lessons: Array,
) -> None:
    """Add what one exposure says to the viewer's tags, by how far it is above what video and viewer usually give."""
    found = response(watched, reactions_among(did), rules.reaction)
    above = found - expected - tags.usual
    if teaches:
        take_lesson(lessons, tags, topic, above, now, rules)
    learn_video(tags, topic, above, now, rules)
    tags.usual += USUAL_STEP * (found - expected * fit - tags.usual)


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
    shard: int,
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
    teaches = served.seen_count % EVERY == 0 and (match_source >> 4) != BOOSTED
    recall, lessons = context.inventory.recall, context.lessons[unsigned(shard)]
    expected, fit = recall.usual.videos[unsigned(item)], fit_of(recall.lift, match_source & 15)
    learn_from_video(tags, video.topic, watched, did, expected, fit, teaches, now, context.tag_rules[0], lessons)
    remember(served, item)
    me.satisfaction += behaviour.satisfaction_step * (watched - me.satisfaction)
    me.session_budget_ms -= ms + behaviour.swipe_ms + (behaviour.dull_ms if (did & SKIPPED) != 0 else 0.0)
    spend(me, ms + int(behaviour.swipe_ms))
    return note(log, next_event, now, i, item, ms, did, event_log.VIDEO, match_source)
