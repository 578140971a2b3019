"""The viewers' loop between two refreshes: the only place that knows both what is true and what the platform sees.

Each viewer acts in continuous time along his own timeline, against the snapshot that the platform published. Viewers meet
only through the next snapshot, so shards may run in any order and on any number of threads.
"""

from typing import NamedTuple

from agents.live_room import Hosting
from agents.viewer import (
    AWAY,
    INSIDE,
    SCROLLING,
    Behaviour,
    Viewers,
    enters,
    liking_of,
    liking_of_room,
    order_probability,
    pace,
    reacts,
    session_ms,
    skips_visit,
    stay_patience_ms,
    trait,
    trusts,
    visit_after,
    visit_mood,
    warmth,
    watch_ms,
    within,
)
from sim import ledger
from sim.catalog import CLOSED, HOLD, PITCH, RELEASE, Products, Rooms, Videos, blend
from sim.chance import ENTRY, FOLLOWS, IN_ROOM, PURCHASE, WATCH, draw, weibull
from sim.columns import Array
from sim.feed import Desk, Served, Serving, follow, is_left, remember, request_page
from sim.jit import compiled
from sim.ledger import CLICKED, COMMENTED, ENTERED, FINISHED, FOLLOWED, LIKED, ORDERED, SHARED, SKIPPED, Log, note
from sim.recall import Recall
from sim.tags import (
    BOUGHT,
    STAYED,
    WATCHED,
    Believing,
    Tags,
    belief,
    brought_forward,
    learn_live,
    learn_video,
)
from sim.tags import ENTERED as TAG_ENTERED
from sim.tags import INTERACTED as TAG_INTERACTED
from sim.tags import SKIPPED as TAG_SKIPPED


class Truth(NamedTuple):
    """What is true and unseen by the platform."""

    viewers: Viewers
    pull: Array  # of each video
    hosting: Hosting
    b: Behaviour
    rhythm: Array


class Public(NamedTuple):
    """The published snapshot and its rules."""

    videos: Videos
    rooms: Rooms
    products: Products
    recall: Recall
    left: Array  # exposures left of each video's wave
    room_left: Array
    serving: Serving
    believing: Believing


class Kept(NamedTuple):
    """What the platform keeps of each viewer, and the shards' own counts and facts."""

    tags: Tags
    served: Served
    used: Array  # (shards, videos) exposures taken from each slice
    room_used: Array
    log: Log
    sizes: Array  # (shards,) facts so far
    resume: Array  # (shards,) next viewer to visit


@compiled
def begin_session(truth: Truth, kept: Kept, i: int, seed: int, shard: int, n: int) -> int:
    """A due session begins, or is let go; the next one is due whenever it is due."""
    viewers, b = truth.viewers, truth.b
    now, visit = viewers.due_ms[i], viewers.visit[i]
    viewers.visit[i] = visit + 1
    viewers.visit_ms[i] = visit_after(now, i, visit + 1, viewers.activity[i], seed, b, truth.rhythm)
    if skips_visit(visit_mood(i, visit, seed), viewers.mood[i], b.bored_skip):
        viewers.due_ms[i] = viewers.visit_ms[i]
        viewers.mood[i] += 0.1 * (0.5 - viewers.mood[i])  # boredom fades
        return note(kept.log, shard, n, now, i, -1, 0, SKIPPED, ledger.VISIT, 0)
    viewers.phase[i] = SCROLLING
    viewers.began_ms[i] = now
    viewers.energy_ms[i] = session_ms(i, visit, viewers.patience[i], seed, b)
    kept.served.length[i] = kept.served.place[i] = 0
    return note(kept.log, shard, n, now, i, -1, 0, 0, ledger.VISIT, 0)


@compiled
def end_session(truth: Truth, kept: Kept, i: int, seed: int, shard: int, n: int, now: int) -> int:
    """The viewer puts the phone away. Sessions that came due meanwhile were part of this one."""
    viewers = truth.viewers
    while viewers.visit_ms[i] <= now:
        visit = viewers.visit[i]
        n = note(kept.log, shard, n, viewers.visit_ms[i], i, -1, 0, SKIPPED, ledger.VISIT, 1)
        viewers.visit[i] = visit + 1
        viewers.visit_ms[i] = visit_after(
            viewers.visit_ms[i], i, visit + 1, viewers.activity[i], seed, truth.b, truth.rhythm
        )
    viewers.phase[i] = AWAY
    viewers.due_ms[i] = viewers.visit_ms[i]
    return note(kept.log, shard, n, now, i, -1, now - viewers.began_ms[i], 0, ledger.ENDED, 0)


@compiled
def watch_video(
    truth: Truth, public: Public, kept: Kept, i: int, item: int, mark: int, seed: int, shard: int, n: int
) -> int:
    """One exposure of a video: how long it is watched, what the viewer does, and what the platform learns from it."""
    viewers, videos, b, now = truth.viewers, public.videos, truth.b, truth.viewers.due_ms[i]
    topic, duration = videos.topic[item], videos.duration_ms[item]
    liking = blend(liking_of(viewers, i, topic), liking_of(viewers, i, videos.second[item]), videos.lean[item])
    pull = truth.pull[item]
    u, u_like, u_comment, u_rare = draw(seed, WATCH, i, item, 0)
    ms = watch_ms(u, liking, pull, duration, trait(viewers.activity[i]), b)
    watched = min(ms / duration, 1.0)
    did = FINISHED if ms >= duration else (SKIPPED if ms < b.skip_ms else 0)
    if (did & SKIPPED) == 0:
        warm = warmth(liking, pull, watched, b)
        did |= LIKED if reacts(u_like, b.like, trait(viewers.like[i]), warm) else 0
        did |= COMMENTED if reacts(u_comment, b.comment, trait(viewers.comment[i]), warm) else 0
        # both are rare: they take the two ends of one draw, so nobody does both at once
        did |= SHARED if reacts(u_rare, b.share, trait(viewers.share[i]), warm) else 0
        did |= FOLLOWED if reacts(1.0 - u_rare, b.follow, trait(viewers.follow[i]), warm) else 0
    learn_from_video(public, kept, i, item, topic, watched, did, now)
    viewers.mood[i] += b.mood_step * (watched - viewers.mood[i])
    viewers.energy_ms[i] -= ms + b.swipe_ms + (b.dull_ms if (did & SKIPPED) != 0 else 0.0)
    viewers.due_ms[i] = now + ms + int(b.swipe_ms)
    return note(kept.log, shard, n, now, i, item, ms, did, ledger.VIDEO, mark)


@compiled
def learn_from_video(
    public: Public, kept: Kept, i: int, item: int, topic: int, watched: float, did: int, now: int
) -> None:
    """Add what one exposure says to the viewer's tags and memory."""
    rules = public.believing
    if (did & SKIPPED) != 0:
        learn_video(kept.tags, i, topic, TAG_SKIPPED, 1.0, now, rules.short_ms)
    else:
        learn_video(kept.tags, i, topic, WATCHED, watched, now, rules.short_ms)
    if (did & (LIKED | COMMENTED | SHARED | FOLLOWED)) != 0:
        learn_video(kept.tags, i, topic, TAG_INTERACTED, 1.0, now, rules.long_ms)
    if (did & FOLLOWED) != 0:
        follow(kept.served, i, public.videos.creator[item])
    remember(kept.served, i, item)


@compiled
def meet_room(
    truth: Truth, public: Public, kept: Kept, i: int, room: int, mark: int, seed: int, shard: int, n: int
) -> int:
    """One exposure of a live room: the viewer goes in, or glances and scrolls on."""
    viewers, rooms, b, now = truth.viewers, public.rooms, truth.b, truth.viewers.due_ms[i]
    liking = liking_of_room(viewers, i, rooms.topics[room])
    skill, online, encounter = truth.hosting.skill[room], rooms.online[room], viewers.visit[i]
    u, u_glance, u_stay, v_stay = draw(seed, ENTRY, i, ~room, encounter)
    if not enters(u, trait(viewers.live[i]), liking, skill, online, b):
        glance = int(weibull(u_glance, b.glance_ms, 1.0)) + 200
        viewers.due_ms[i] = now + glance
        viewers.energy_ms[i] -= glance
        return note(kept.log, shard, n, now, i, ~room, glance, 0, ledger.SHOWN, mark)
    viewers.phase[i] = INSIDE
    viewers.room[i], viewers.entered_ms[i] = room, now
    viewers.patience_ms[i] = stay_patience_ms(u_stay, v_stay, liking, skill, online, b)
    viewers.did[i], viewers.step[i] = ENTERED, mark & 15
    learn_of_room(public, kept.tags, i, room, TAG_ENTERED, 1.0, now, public.believing.short_ms)
    return note(kept.log, shard, n, now, i, ~room, 0, ENTERED, ledger.SHOWN, mark)


@compiled
def learn_of_room(
    public: Public, tags: Tags, i: int, room: int, kind: int, amount: float, now: int, half_life_ms: float
) -> None:
    """Evidence from a room goes to what is on show, or to all that the room sells."""
    product = public.rooms.product[room]
    if product >= 0:
        learn_live(tags, i, public.products.topic[product], kind, amount, now, half_life_ms)
        return
    for c in range(public.rooms.topics.shape[1]):
        if public.rooms.topics[room, c] > 0.0:
            learn_live(tags, i, c, kind, amount * public.rooms.topics[room, c], now, half_life_ms)


@compiled
def stay_in_room(
    truth: Truth, public: Public, kept: Kept, i: int, until: int, seed: int, turn: int, shard: int, n: int
) -> int:
    """A stretch of a stay, up to the next refresh or until patience runs out: chat, like, follow, click, order."""
    viewers, rooms, b, now = truth.viewers, public.rooms, truth.b, truth.viewers.due_ms[i]
    room = viewers.room[i]
    if rooms.segment[room] == CLOSED:
        return leave_room(truth, public, kept, i, room, now, seed, shard, n)
    product, segment = rooms.product[room], rooms.segment[room]
    interest = liking_of(viewers, i, public.products.topic[product]) if product >= 0 else 0.0
    speed = pace(segment, interest, viewers.bargain[i], b)
    ms = min(float(until - now), viewers.patience_ms[i] / speed)
    leaves = ms < until - now
    ms = max(int(ms), 1)
    viewers.patience_ms[i] -= ms * speed
    viewers.due_ms[i] = now + ms
    u_comment, u_like, u_follow, u_click = draw(seed, IN_ROOM, i, ~room, turn)
    did = 0
    comments = b.room_comment * trait(viewers.comment[i]) * (b.hold_comments if segment == HOLD else 1.0)
    did |= COMMENTED if within(u_comment, comments, ms) else 0
    did |= LIKED if within(u_like, b.room_like * trait(viewers.like[i]), ms) else 0
    if within(u_follow, b.room_follow * trait(viewers.follow[i]), ms):
        did |= FOLLOWED
        follow(kept.served, i, rooms.host[room])
    if (segment == PITCH or segment == RELEASE) and within(u_click, b.click * interest, ms):
        did |= CLICKED
        did |= ORDERED if wants(truth, public, i, room, product, seed) else 0
    if (did & ORDERED) != 0:
        n = note(kept.log, shard, n, now + ms, i, product, 0, ORDERED, ledger.ORDER, viewers.step[i])
    viewers.did[i] |= did
    n = note(kept.log, shard, n, now, i, ~room, ms, did, ledger.INSIDE, viewers.step[i])
    if leaves:
        return leave_room(truth, public, kept, i, room, now + ms, seed, shard, n)
    return n


@compiled
def wants(truth: Truth, public: Public, i: int, room: int, product: int, seed: int) -> bool:
    """Whether a click becomes an order (下单): one fixed answer of this viewer to this product in this session of the room."""
    viewers = truth.viewers
    u, _, _, _ = draw(seed, PURCHASE, i, product, public.rooms.session[room])
    return u < order_probability(
        public.products.price_cents[product],
        viewers.price_cents[i],
        viewers.bargain[i],
        trait(viewers.buy[i]),
        truth.hosting.appeal[product],
        trusts(viewers, i, public.rooms.host[room]),
        truth.b,
    )


@compiled
def leave_room(
    truth: Truth, public: Public, kept: Kept, i: int, room: int, now: int, seed: int, shard: int, n: int
) -> int:
    """The viewer goes back to the feed, or puts the phone away."""
    viewers, rules = truth.viewers, public.believing
    ms = now - viewers.entered_ms[i]
    learn_of_room(public, kept.tags, i, room, STAYED, min(ms / 60_000.0, 10.0), now, rules.long_ms)
    if (viewers.did[i] & (LIKED | COMMENTED | FOLLOWED)) != 0:
        learn_of_room(public, kept.tags, i, room, STAYED, 1.0, now, rules.long_ms)
    n = note(kept.log, shard, n, now, i, ~room, ms, viewers.did[i], ledger.LEFT, viewers.step[i])
    viewers.phase[i], viewers.room[i] = SCROLLING, -1
    viewers.due_ms[i] = now + int(truth.b.swipe_ms)
    viewers.energy_ms[i] -= ms + truth.b.swipe_ms
    return n


@compiled
def scroll(
    truth: Truth, public: Public, kept: Kept, desk: Desk, i: int, seed: int, turn: int, shard: int, n: int
) -> int:
    """The next item of the page in hand, or a new page when it is used up."""
    served, now = kept.served, truth.viewers.due_ms[i]
    if truth.viewers.energy_ms[i] <= 0.0:
        return end_session(truth, kept, i, seed, shard, n, now)
    while served.place[i] < served.length[i]:
        place = served.place[i]
        item, mark = served.page[i, place], served.mark[i, place]
        served.place[i] = place + 1
        if item < 0:
            room = ~item
            if public.rooms.segment[room] != CLOSED and is_left(
                public.room_left, kept.room_used, room, public.serving.shards, shard, turn
            ):
                kept.room_used[shard, room] += 1
                return meet_room(truth, public, kept, i, room, mark, seed, shard, n)
        elif is_left(public.left, kept.used, item, public.serving.shards, shard, turn):
            kept.used[shard, item] += 1
            return watch_video(truth, public, kept, i, item, mark, seed, shard, n)
    brought_forward(kept.tags, i, now, public.believing)
    if public.serving.use_tags:
        belief(kept.tags, i, now, public.believing, desk.belief)
    else:
        desk.belief[:] = 0.0
    length = request_page(
        public.recall,
        public.videos,
        public.rooms,
        served,
        i,
        public.left,
        kept.used,
        public.room_left,
        kept.room_used,
        public.serving,
        desk,
        seed,
        shard,
        turn,
    )
    if length == 0:
        n = note(kept.log, shard, n, now, i, -1, 0, 0, ledger.EMPTY, 0)
        return end_session(truth, kept, i, seed, shard, n, now)
    return n


@compiled
def act_one(
    truth: Truth, public: Public, kept: Kept, desk: Desk, i: int, until: int, seed: int, turn: int, shard: int, n: int
) -> int:
    """Let one viewer act until the next refresh."""
    viewers = truth.viewers
    while viewers.due_ms[i] < until:
        phase = viewers.phase[i]
        if phase == SCROLLING:
            n = scroll(truth, public, kept, desk, i, seed, turn, shard, n)
        elif phase == INSIDE:
            n = stay_in_room(truth, public, kept, i, until, seed, turn, shard, n)
        else:
            n = begin_session(truth, kept, i, seed, shard, n)
    return n


@compiled
def act(
    truth: Truth,
    public: Public,
    kept: Kept,
    desk: Desk,
    first_shard: int,
    step: int,
    until: int,
    seed: int,
    turn: int,
    most: int,
) -> bool:
    """Let the viewers of every `step`-th shard act until the next refresh; False when a shard needs room for more facts.

    A shard stops before it has less room than `most`, the facts that one viewer can leave in one refresh.
    A shard's viewers take their turns in the order of their rows, from a place that moves on with every refresh.
    """
    viewers, shards = truth.viewers, len(kept.sizes)
    count, room = len(viewers.due_ms), kept.log.kind.shape[1]
    done = True
    for shard in range(first_shard, shards, step):
        low, high = count * shard // shards, count * (shard + 1) // shards
        n, k = kept.sizes[shard], kept.resume[shard]
        size = high - low
        start = turn * 7919 % max(size, 1)
        while k < size and n + most <= room:
            i = low + (start + k) % size
            if viewers.due_ms[i] < until:
                n = act_one(truth, public, kept, desk, i, until, seed, turn, shard, n)
            k += 1
        kept.sizes[shard], kept.resume[shard] = n, k
        done = done and k >= size
    return done


@compiled
def first_follows(
    viewers: Viewers, served: Served, first: int, last: int, seed: int, start: Array, by_topic: Array, tail: float
) -> None:
    """Whom viewers follow at the start: famous creators of the categories they like."""
    for i in range(first, last):
        draws = draw(seed, FOLLOWS, i, 0, 0)
        for k in range(4):
            topic = viewers.taste[i, k]
            size = start[topic + 1] - start[topic]
            if size > 0:
                follow(served, i, by_topic[start[topic] + int(size * draws[k] ** tail)])


@compiled
def feel_refusal(viewers: Viewers, who: Array, share: float) -> None:
    """A viewer whose order met no stock loses patience."""
    for n in range(len(who)):
        if viewers.phase[who[n]] == INSIDE:
            viewers.patience_ms[who[n]] *= share


@compiled
def learn_orders(
    viewers: Viewers, tags: Tags, who: Array, topic: Array, host: Array, at_ms: Array, rules: Believing
) -> None:
    """Orders that were filled: the strongest evidence for the tags, and trust in the host."""
    for n in range(len(who)):
        i = who[n]
        learn_live(tags, i, topic[n], BOUGHT, 1.0, at_ms[n], rules.long_ms)
        if viewers.trusted[i, 0] != host[n]:
            viewers.trusted[i, 1] = viewers.trusted[i, 0]
            viewers.trusted[i, 0] = host[n]
