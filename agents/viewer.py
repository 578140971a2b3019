"""A viewer (用户): true tastes, traits and state as columns; every decision as one short function.

The platform never reads any of this. It sees what a viewer does.
"""

import math

import numpy as np

from agents.scripts import pieces_released
from sim.core.arrays import Array, Column, Row, numbers
from sim.core.catalogue import CHAT, HOLD, RELEASE
from sim.core.clock import HOUR, MINUTE, SECOND
from sim.core.compiler import rule
from sim.core.event_log import FOLLOW, ORDERED, VIA_SHARE
from sim.core.randomness import SESSION, SESSION_LENGTH, UNIFORM, draw, next_arrival, normal, sample, weibull
from sim.scenario.distributions import middle
from sim.scenario.scenario import Scenario

AWAY, SCROLLING, INSIDE = 0, 1, 2
PHASES = ("away", "scrolling", "inside")
MOST_TASTES = 6
STEPS = 8  # a trait is kept in eighths of a doubling
SHORTEST_MS = 200  # no step of a viewer takes less
MOST_ENTER = 0.95  # nobody is surer to enter a room
FACTORS = np.array([2.0 ** (eighths / STEPS) for eighths in range(-128, 128)])


VIEWER_COLUMNS = {
    "due_ms": Column(np.int64),  # when the viewer acts next
    "visit_ms": Column(np.int64),  # when the next session is due
    "price_cents": Column(np.int32),  # what the viewer is used to pay
    "visit": Column(np.int32),  # due sessions so far
    "session_ms": Column(np.int32),  # time in the app in this session
    "session_budget_ms": Column(np.float32),  # what is left of this session
    "satisfaction": Column(np.float32),  # how satisfying the last items were, from 0 to 1
    "room": Column(np.int32, (), -1),  # the room the viewer is in, or was in last in this session; -1 for none
    "stay_ms": Column(np.int32),  # time in the room so far
    "patience_ms": Column(np.float32),  # what is left of this stay
    "trusted": Column(np.int32, (), -1),  # the host ordered from last
    "did": Column(np.uint16),  # deeds during this stay
    "wary": Column(np.uint16),  # the room whose bait was missed last, as `room_code` has it; 0 for none
    "taste": Column(np.uint8, (MOST_TASTES,)),  # liked categories
    "affinity": Column(np.uint8, (MOST_TASTES,)),  # how much, in 1/255 of the most liked
    "activity": Column(np.int8),
    "chronotype": Column(np.int8),  # hours by which the daily rhythm is shifted
    "patience": Column(np.int8),
    "attention": Column(np.int8),  # how much of a video the viewer watches
    "like": Column(np.int8),
    "comment": Column(np.int8),
    "share": Column(np.int8),
    "follow": Column(np.int8),
    "live": Column(np.int8),
    "buy": Column(np.int8),
    "bargain": Column(np.uint8),  # 1: hunts bargains
    "phase": Column(np.uint8),
    "entry_match_source": Column(np.uint8),  # match bucket at entry, and in the upper half the entrance
}
"""One row a viewer. Traits are factors, kept as whole eighths of a doubling; `trait` reads them."""


def behaviour(scenario: Scenario) -> Array:
    """The behavioural parameters as a row of numbers; times in ms, rates per ms."""
    v = scenario.viewers
    w, r, i = v.watching, v.reacting, v.in_room
    kind, a, b = v.session_minutes.kernel_args()
    minutes = MINUTE
    return numbers(
        sessions_per_day=middle(v.sessions_per_day),
        session_kind=kind,
        session_a=a * minutes,
        session_b=b * minutes if kind == UNIFORM else b,
        regularity=v.regularity,
        bored_skip=v.bored_skip,
        satisfaction_step=1.0 / v.satisfaction_memory,
        ratio=w.ratio,
        shape=w.shape,
        taste=w.taste,
        talent=w.talent,
        duration_fade=w.duration_fade,
        loops=w.loops,
        skip_ms=w.skip_seconds * SECOND,
        swipe_ms=w.swipe_seconds * SECOND,
        dull_ms=w.dull_seconds * SECOND,
        like=r.like,
        comment=r.comment,
        share=r.share,
        follow=r.follow,
        react_taste=r.taste,
        react_talent=r.talent,
        enter=i.enter,
        enter_taste=i.enter_taste,
        known_enter=i.known_enter,
        tap=i.tap,
        glance_ms=i.glance_seconds * SECOND,
        stay_ms=i.stay_seconds * SECOND,
        stay_spread=i.stay_spread,
        stay_taste=i.stay_taste,
        longest_ms=i.longest_hours * HOUR,
        social_proof=i.social_proof,
        chat_pace=i.chat_pace,
        pitch_pace=i.pitch_pace,
        wait_pace=i.wait_pace,
        waiting_cost=i.waiting_cost * 100.0 / HOUR,
        bait_share=scenario.rooms.bait_share,
        interest_pace=i.interest_pace,
        room_comment=i.comment / HOUR,
        room_like=i.like / HOUR,
        room_follow=i.follow / HOUR,
        room_share=i.share / HOUR,
        hold_comments=i.hold_comments,
        bait_enter=i.bait_enter,
        bait_interest=i.bait_interest,
        click=i.click / HOUR,
        order=i.order,
        price_response=i.price_response,
        bargain_response=i.bargain_response,
        reservation=i.reservation,
        reservation_power=i.reservation_power,
        trust_bonus=i.trust_bonus,
        sated=i.sated,
        refused_patience=i.refused_patience,
        wary=i.wary,
    )


# --- traits and tastes


@rule
def kept(factor: float) -> int:
    """A positive factor as eighths of a doubling, from -127 to 127."""
    return int(max(-127.0, min(127.0, math.floor(STEPS * math.log(max(factor, 1e-6)) / math.log(2.0) + 0.5))))


@rule
def trait(eighths: int) -> float:
    """The factor behind a kept trait."""
    return float(FACTORS[int(eighths) + 128])


@rule
def affinity_of(viewer: Row, topic: int) -> float:
    """How much a viewer truly likes a category, from 0 to 1."""
    for n in range(MOST_TASTES):
        if viewer.taste[n] == topic:
            return viewer.affinity[n] / 255.0
    return 0.0


@rule
def affinity_of_room(viewer: Row, topics: Array) -> float:
    """How much a viewer truly likes what a room sells, from 0 to 1."""
    total = 0.0
    for n in range(MOST_TASTES):
        total += topics[viewer.taste[n]] * (viewer.affinity[n] / 255.0)
    return total


# --- sessions


@rule
def visit_after(
    last_ms: int, viewer: int, visit: int, activity: int, chronotype: int, seed: int, behaviour: Row, rhythm: Array
) -> int:
    """When a viewer's session number `visit` is due: known from the seed alone, whatever the viewer does meanwhile.

    It is the `regularity`-th next arrival of a Poisson process as many times as fast, in the viewer's own hours.
    """
    u, v, w, x = draw(seed, SESSION, viewer, visit, 0)
    u *= (v if behaviour.regularity > 1 else 1.0) * (w if behaviour.regularity > 2 else 1.0)
    u *= x if behaviour.regularity > 3 else 1.0
    shift = int(chronotype) * HOUR
    per_day = behaviour.regularity * (behaviour.sessions_per_day * trait(activity))
    return next_arrival(last_ms - shift, u, per_day, rhythm) + shift


@rule
def longer_tail(mean: float, u: float) -> float:
    """A factor whose logarithm is exponential with that mean: the power tail of a double Pareto-lognormal trait."""
    return float(u**-mean)


@rule
def session_ms(viewer: int, visit: int, patience: int, seed: int, behaviour: Row) -> float:
    """How long a session would last if nothing in it were dull."""
    u, v, _, _ = draw(seed, SESSION_LENGTH, viewer, visit, 0)
    return sample(behaviour.session_kind, behaviour.session_a, behaviour.session_b, u, v) * trait(patience)


@rule
def skip_draw(viewer: int, visit: int, seed: int) -> float:
    """The uniform number that decides whether a due session is let go."""
    _, _, u, _ = draw(seed, SESSION_LENGTH, viewer, visit, 0)
    return u


@rule
def skips_visit(u: float, satisfaction: float, bored_skip: float) -> bool:
    """Whether a due session is let go, more often when the last items were dull."""
    return u < bored_skip * (1.0 - satisfaction)


# --- videos


@rule
def watch_ms(u: float, affinity: float, quality: float, duration_ms: int, attention: float, behaviour: Row) -> int:
    """How long a video is watched, loops counted (观看时长): a Weibull share of its length, as reading times are."""
    fades = behaviour.duration_fade * math.log(duration_ms / 15_000.0)
    scale = (
        behaviour.ratio * attention * math.exp(behaviour.taste * (affinity - 0.5) + behaviour.talent * quality - fades)
    )
    ratio = min(weibull(u, scale, behaviour.shape), behaviour.loops)
    return max(int(ratio * duration_ms), 300)


@rule
def reacts(u: float, scale: float, readiness: float, warmth: float) -> bool:
    """Whether a viewer likes, comments, shares or follows."""
    return u < min(scale * readiness * warmth, 0.9)


@rule
def warmth(affinity: float, quality: float, watched: float, behaviour: Row) -> float:
    """What a watched video adds to the readiness to react; `watched` is the share seen, at most 1."""
    return math.exp(behaviour.react_taste * (affinity - 0.5) + behaviour.react_talent * quality) * watched


# --- live rooms


@rule
def social_proof(online: int, behaviour: Row) -> float:
    """Social proof: what the number of people inside adds."""
    return math.exp(behaviour.social_proof * math.log(1.0 + online) / math.log(2.0))


@rule
def bait_draw(segment: int, bargain: int, behaviour: Row) -> float:
    """What a bait on show, held back or released, adds to a bargain hunter's readiness to go in."""
    return behaviour.bait_enter if bargain == 1 and segment in (HOLD, RELEASE) else 1.0


@rule
def interest_in(viewer: Row, topic: int, segment: int, behaviour: Row) -> float:
    """Interest in the product on show, from 0 to 1; bargain hunters take some in any bait."""
    least = behaviour.bait_interest if viewer.bargain == 1 and segment in (HOLD, RELEASE) else 0.0
    return max(affinity_of(viewer, topic), least)


@rule
def enter_chance(readiness: float, affinity: float, skill: float, online: int, behaviour: Row) -> float:
    """The probability that a viewer who is shown a room goes in (进入)."""
    chance = (
        behaviour.enter
        * readiness
        * math.exp(behaviour.enter_taste * (affinity - 0.3) + 0.5 * skill)
        * social_proof(online, behaviour)
    )
    return float(min(chance, MOST_ENTER))


@rule
def enters(u: float, readiness: float, affinity: float, skill: float, online: int, behaviour: Row) -> bool:
    """Whether a viewer who is shown a room goes in."""
    return u < enter_chance(readiness, affinity, skill, online, behaviour)


@rule
def known_draw(source: int, behaviour: Row) -> float:
    """What it adds to the readiness to go in that the viewer follows the host, or that a friend shared the room."""
    return behaviour.known_enter if source in (FOLLOW, VIA_SHARE) else 1.0


@rule
def taps(u: float, readiness: float, affinity: float, skill: float, behaviour: Row) -> bool:
    """Whether a viewer who has watched a host's post goes by its avatar into the room, which they have not seen
    (头像直播中).
    """
    scale = behaviour.tap * behaviour.enter * readiness
    return u < min(scale * math.exp(behaviour.enter_taste * (affinity - 0.3) + 0.5 * skill), MOST_ENTER)


@rule
def glance_ms(u: float, behaviour: Row) -> int:
    """How long a viewer looks at a room without entering it."""
    return int(weibull(u, behaviour.glance_ms, 1.0)) + SHORTEST_MS


@rule
def stay_scale_ms(affinity: float, skill: float, online: int, behaviour: Row) -> float:
    """The median of the patience that viewers bring into a room."""
    return (
        behaviour.stay_ms * math.exp(behaviour.stay_taste * (affinity - 0.3) + skill) * social_proof(online, behaviour)
    )


@rule
def stay_patience_ms(u: float, v: float, affinity: float, skill: float, online: int, behaviour: Row) -> float:
    """How much patience a viewer brings into a room: log-normal, from seconds to hours."""
    scale = stay_scale_ms(affinity, skill, online, behaviour)
    return float(min(scale * math.exp(behaviour.stay_spread * normal(u, v)), behaviour.longest_ms))


@rule
def bait_chance(inside: int, share: float) -> float:
    """What may be thought of one's chance of a bait: the pieces of a release, over the people inside."""
    return min(pieces_released(inside, share) / max(inside, 1), 1.0)


@rule
def is_worth_waiting(saving_cents: int, chance: float, left_ms: int, behaviour: Row) -> bool:
    """Whether a bait is worth the wait for it: what it may save, against what the time costs."""
    return saving_cents > 0 and chance * saving_cents >= behaviour.waiting_cost * left_ms


@rule
def waits_for_bait(viewer: Row, room: Row, price_cents: int, now: int, behaviour: Row) -> bool:
    """Whether a viewer inside waits for the bait (憋单): a bargain hunter who has ordered nothing in this stay, as long
    as it is worth it by what is public of the room. Who missed the room's bait before thinks less of the chance.
    """
    if viewer.bargain != 1 or room.segment not in (HOLD, RELEASE) or (viewer.did & ORDERED) != 0:
        return False
    left_ms = max(room.ends_ms - now, 0) if room.segment == HOLD else 0
    chance = bait_chance(room.online, behaviour.bait_share) * wariness(viewer, viewer.room, behaviour)
    return is_worth_waiting(viewer.price_cents - price_cents, chance, left_ms, behaviour)


@rule
def pace(segment: int, interest: float, waits: bool, behaviour: Row) -> float:
    """How fast patience runs during a segment: slowly for who waits for a bait; else slower when the product on show is
    of interest.
    """
    if waits:
        return behaviour.wait_pace
    if segment == CHAT:
        return behaviour.chat_pace
    return behaviour.pitch_pace * (1.0 - (1.0 - behaviour.interest_pace) * interest)


@rule
def chance_within(rate: float, ms: float) -> float:
    """The probability that something that happens at a rate (per ms) happens in a time."""
    return 1.0 - math.exp(-rate * ms)


@rule
def within(u: float, rate: float, ms: float) -> bool:
    """Whether something that happens at a rate (per ms) happens in a time."""
    return u < chance_within(rate, ms)


@rule
def order_probability(
    price_cents: int, used_to: int, bargain: int, readiness: float, appeal: float, trust: float, behaviour: Row
) -> float:
    """The probability that a click becomes an order: dearer than the viewer is used to is ordered less, and much less
    beyond a reservation price.
    """
    power = behaviour.bargain_response if bargain == 1 else behaviour.price_response
    times = max(price_cents, 1) / max(used_to, 1)
    cheap = min(times ** (-power), 6.0)
    if times > behaviour.reservation:
        cheap *= (behaviour.reservation / times) ** behaviour.reservation_power
    return min(behaviour.order * cheap * readiness * appeal * trust, 0.9)


@rule
def pays(u: float, payment_rate: float) -> bool:
    """Whether an order is paid (支付)."""
    return u < payment_rate


@rule
def sends_back(u: float, return_rate: float) -> bool:
    """Whether goods that were paid come back (退货)."""
    return u < return_rate


@rule
def room_code(room: int) -> int:
    """How a viewer remembers a room that disappointed: two bytes, so of many thousand rooms some share a mark."""
    return room % 65_535 + 1


@rule
def wariness(viewer: Row, room: int, behaviour: Row) -> float:
    """What a bait that was missed takes off the readiness to enter the room again and to order there."""
    return behaviour.wary if viewer.wary == room_code(room) else 1.0


@rule
def trust_given(viewer: Row, room: int, again: bool, sated: bool, behaviour: Row) -> float:
    """What experience does to ordering: of a viewer who ordered from this host last, or has just ordered in this stay,
    or missed the room's bait.
    """
    return (behaviour.sated if sated else behaviour.trust_bonus if again else 1.0) * wariness(viewer, room, behaviour)


@rule
def trust(viewer: Row, host: int, room: int, behaviour: Row) -> float:
    """What experience does to ordering inside a room: it is likelier at the host ordered from last, less likely once
    something was ordered in this very stay, and where a bait was missed.
    """
    return trust_given(viewer, room, viewer.trusted == host, (viewer.did & ORDERED) != 0, behaviour)
