"""Interest tags (兴趣标签): what the platform believes a viewer likes, from three kinds of evidence kept apart.

Evidence is surprise: what was observed less what this item and this viewer usually give. What was shown and passed
over counts against, and what everybody likes says little of anybody.

Evidence decays in continuous time by *forward decay* (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): a row holds
values as of a landmark, the last whole half-life; a new observation is added with its growth since that landmark, and
when a half-life has gone by the row is halved. So nothing is ever decayed by a small, unrepresentable step, and small
integers hold it.
"""

import math

import numpy as np

from sim.core.arrays import Array, Column, Row, numbers
from sim.core.clock import DAY
from sim.core.compiler import compiled, loop, rule
from sim.scenario.scenario import TagRules

VIDEOS, ROOMS, PURCHASES = range(3)  # kinds of evidence
KINDS = ("videos", "rooms", "purchases")
VIDEO_UNIT, LIVE_UNIT, TRIAL_UNIT = 64.0, 256.0, 16.0  # parts in which evidence and trials are counted
MOST, MOST_TRIALS = 32_767, 65_535
VIDEO_PRIOR = 12.0  # videos; noise of a share watched over how much it differs between topics, squared (assumed)
USUAL_STEP = 1.0 / 64.0  # of the way to what a video brought, for what is usual for its viewer (assumed)
READY_STEP = 0.3  # what a room shown changes of its viewer's readiness to enter, in log units
MOST_READY = 4.0  # log units
MOST_ENTER = 0.95  # no entry is surer


TAG_COLUMNS = {
    "short_landmark": Column(np.int32),  # short half-lives gone by at the landmark
    "long_landmark": Column(np.int32),
    "usual": Column(np.float32),  # what the viewer watches of a video above what item and tags foretell, on average
    "ready": Column(np.float32),  # how readily the viewer enters rooms, in log units above the usual
    "evidence": Column(np.int16, (3, "categories")),  # as of the landmark: videos in 1/64, rooms and purchases in 1/256
    "trials": Column(np.uint16, ("categories",)),  # videos shown as of the landmark, in 1/16
}
"""One row a viewer."""


def tag_rules(rules: TagRules) -> Array:
    """The tag rules as a row of numbers."""
    weights = rules.model_dump(exclude={"short_half_life", "long_half_life"})
    return numbers(short_ms=rules.short_half_life * DAY, long_ms=rules.long_half_life * DAY, **weights)


# --- forward decay


@rule
def landmark(now_ms: int, half_life_ms: float) -> int:
    """Whole half-lives since day 0."""
    return math.floor(now_ms / half_life_ms)


@rule
def growth(now_ms: int, half_life_ms: float, since: int) -> float:
    """How much more an observation counts now than one at the landmark `since`, in half-lives."""
    return math.exp2(now_ms / half_life_ms - since)


@rule
def added(stored: int, amount: float, unit: float, growing: float) -> int:
    """Stored evidence with `amount` more or less of it; full is full."""
    return max(-MOST, min(int(stored) + math.floor(amount * unit * growing + 0.5), MOST))


@rule
def counted(stored: int, amount: float, unit: float, growing: float) -> int:
    """Stored trials with `amount` more of them; full is full."""
    return min(int(stored) + math.floor(amount * unit * growing + 0.5), MOST_TRIALS)


@rule
def halved(stored: int, halvings: int) -> int:
    """Stored evidence after so many half-lives, drawn towards 0."""
    value = int(stored)
    return value >> halvings if value >= 0 else -(-value >> halvings)


@loop
def brought_forward(tags: Row, now_ms: int, rules: Row) -> None:
    """Halve a viewer's evidence for every half-life that has gone by since its landmark."""
    size = len(tags.evidence[VIDEOS])
    short = landmark(now_ms, rules.short_ms)
    halvings = min(short - tags.short_landmark, 16)
    if halvings > 0:
        for c in range(size):
            tags.evidence[VIDEOS, c] = halved(tags.evidence[VIDEOS, c], halvings)
            tags.trials[c] = int(tags.trials[c]) >> halvings
        tags.short_landmark = short
    long = landmark(now_ms, rules.long_ms)
    halvings = min(long - tags.long_landmark, 16)
    if halvings > 0:
        for c in range(size):
            tags.evidence[ROOMS, c] = halved(tags.evidence[ROOMS, c], halvings)
            tags.evidence[PURCHASES, c] = halved(tags.evidence[PURCHASES, c], halvings)
        tags.long_landmark = long


@loop
def restate(tags: Row, now_ms: int, old: Row, new: Row) -> None:
    """Write a viewer's evidence anew for other half-lives: it is worth the same now, and fades at the new pace."""
    brought_forward(tags, now_ms, old)
    short, long = landmark(now_ms, new.short_ms), landmark(now_ms, new.long_ms)
    fast = growth(now_ms, new.short_ms, short) / growth(now_ms, old.short_ms, tags.short_landmark)
    slow = growth(now_ms, new.long_ms, long) / growth(now_ms, old.long_ms, tags.long_landmark)
    for c in range(len(tags.evidence[VIDEOS])):
        tags.evidence[VIDEOS, c] = added(0, tags.evidence[VIDEOS, c], 1.0, fast)
        tags.trials[c] = counted(0, tags.trials[c], 1.0, fast)
        tags.evidence[ROOMS, c] = added(0, tags.evidence[ROOMS, c], 1.0, slow)
        tags.evidence[PURCHASES, c] = added(0, tags.evidence[PURCHASES, c], 1.0, slow)
    tags.short_landmark, tags.long_landmark = short, long


@compiled
def restate_all(tags: Array, now_ms: int, old: Array, new: Array) -> None:
    """Write everybody's evidence anew for other half-lives."""
    for i in range(len(tags)):
        restate(tags[i], now_ms, old[0], new[0])


# --- what is learnt from what a viewer did


@rule
def learn_video(tags: Row, topic: int, above: float, now_ms: int, rules: Row) -> None:
    """Evidence from a video that was watched so far `above` its expectation and what is usual for the viewer."""
    growing = growth(now_ms, rules.short_ms, tags.short_landmark)
    tags.evidence[VIDEOS, topic] = added(tags.evidence[VIDEOS, topic], above, VIDEO_UNIT, growing)
    tags.trials[topic] = counted(tags.trials[topic], 1.0, TRIAL_UNIT, growing)


@rule
def entry_expected(entry_rate: float, ready: float) -> float:
    """The probability that a viewer of some readiness enters a room that is entered at some rate."""
    return min(entry_rate * math.exp(ready), MOST_ENTER)


@rule
def ready_after(ready: float, above: float) -> float:
    """A viewer's readiness to enter rooms after one more was shown."""
    return max(-MOST_READY, min(ready + READY_STEP * above, MOST_READY))


@loop
def learn_room(tags: Row, topics: Array, above: float, now_ms: int, rules: Row) -> None:
    """Evidence from a room, shared out over what it sells: each category gets its share of it."""
    growing = growth(now_ms, rules.long_ms, tags.long_landmark)
    for c in range(len(topics)):
        if topics[c] > 0.0:
            tags.evidence[ROOMS, c] = added(tags.evidence[ROOMS, c], topics[c] * above, LIVE_UNIT, growing)


@rule
def stay_above(stay_ms: int, usual_log: float, variance: float) -> float:
    """How much longer a stay was than is usual in the room: its log less the mean log, over the variance."""
    return (math.log(max(stay_ms, 1)) - usual_log) / variance


@rule
def passed_over(order_rate: float) -> float:
    """The log likelihood ratio of a stay without an order, for a viewer whose odds of ordering are e times the usual
    against a viewer like any other. An order adds 1.
    """
    return -math.log(1.0 + order_rate * (math.e - 1.0))


@rule
def learn_order(tags: Row, topic: int, ratio: float, now_ms: int, rules: Row) -> None:
    """Evidence from an order, as a log likelihood ratio."""
    growing = growth(now_ms, rules.long_ms, tags.long_landmark)
    tags.evidence[PURCHASES, topic] = added(tags.evidence[PURCHASES, topic], ratio, LIVE_UNIT, growing)


@loop
def learn_pass(tags: Row, topics: Array, order_rate: float, now_ms: int, rules: Row) -> None:
    """Evidence from a stay that ended, apart from what was ordered, shared out over what the room sells."""
    ratio = passed_over(order_rate)
    for c in range(len(topics)):
        if topics[c] > 0.0:
            learn_order(tags, c, topics[c] * ratio, now_ms, rules)


@rule
def price_band(cents: float) -> int:
    """A price in eighths of a doubling, from 1 for a cent up; 0 stands for none known."""
    return 1 + int(8.0 * math.log(max(cents, 1.0)) / math.log(2.0) + 0.5)


@rule
def band_learned(band: int, cents: int, rate: float) -> int:
    """A viewer's price band after a click or an order: a step towards the product's, in whole eighths."""
    seen = price_band(cents)
    return seen if band == 0 else band + math.floor(rate * (seen - band) + 0.5)


# --- what it says


@rule
def kinds_of(tags: Row, c: int, short: float, long: float, share: float) -> tuple[float, float, float]:
    """What each kind of evidence says of a category, with `short` and `long` left of a unit at the landmark.

    Each is a sum of surprise over the same number: of videos shown, of which the `share` counts that the factor on
    videos leaves, and the prior. So a mean is drawn towards 0, and orders say the less the more is known from videos.
    """
    known = VIDEO_PRIOR + tags.trials[c] * (share * short / TRIAL_UNIT)
    videos = tags.evidence[VIDEOS, c] * (short / VIDEO_UNIT) / known
    live = long / (LIVE_UNIT * known)
    return videos, tags.evidence[ROOMS, c] * live, tags.evidence[PURCHASES, c] * live


@loop
def said_by_kinds(tags: Row, now_ms: int, rules: Row, weights: Array, out: Array) -> None:
    """What each kind of evidence adds to a viewer's value of each category, of which the ranking tag is made; `out` has
    shape (3, categories).
    """
    short = 1.0 / growth(now_ms, rules.short_ms, tags.short_landmark)
    long = 1.0 / growth(now_ms, rules.long_ms, tags.long_landmark)
    for c in range(out.shape[1]):
        videos, rooms, purchases = kinds_of(tags, c, short, long, min(rules.videos, 1.0))
        out[VIDEOS, c] = rules.videos * weights[VIDEOS] * videos
        out[ROOMS, c] = rules.rooms * weights[ROOMS] * rooms
        out[PURCHASES, c] = rules.purchases * weights[PURCHASES] * purchases


@loop
def interest_profile(tags: Row, now_ms: int, rules: Row, weights: Array, out: Array) -> None:
    """The ranking tag: how far combined evidence for each category is above the viewer's mean over all, over the same
    of the strongest, from 0 (none) towards 1.

    `weights` has what the platform has learnt that each kind foretells. A prior stands in the denominator, so that a
    little does not yet make a strong tag. `out` has shape (categories,).
    """
    short = 1.0 / growth(now_ms, rules.short_ms, tags.short_landmark)
    long = 1.0 / growth(now_ms, rules.long_ms, tags.long_landmark)
    of_videos, of_rooms = rules.videos * weights[VIDEOS], rules.rooms * weights[ROOMS]
    of_purchases, mean = rules.purchases * weights[PURCHASES], 0.0
    for c in range(len(out)):
        videos, rooms, purchases = kinds_of(tags, c, short, long, min(rules.videos, 1.0))
        out[c] = of_videos * videos + of_rooms * rooms + of_purchases * purchases
        mean += out[c]
    mean, top = mean / len(out), 0.0
    for c in range(len(out)):
        out[c] = max(out[c] - mean, 0.0)
        top = max(top, out[c])
    scale = 1.0 / (top + rules.prior)
    for c in range(len(out)):
        out[c] *= scale
