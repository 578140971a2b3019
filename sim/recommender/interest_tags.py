"""Interest tags (兴趣标签): what the platform believes a viewer likes, from six kinds of evidence kept apart.

Evidence decays in continuous time by *forward decay* (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): a row holds
values as of a landmark, the last whole half-life; a new reaction is added with its growth since that landmark, and
when a half-life has gone by the row is halved. So nothing is ever decayed by a small, unrepresentable step, and small
integers hold it.
"""

import math

import numpy as np

from sim.core.arrays import Array, Column, Row, numbers
from sim.core.clock import DAY
from sim.core.compiler import compiled, loop, rule
from sim.scenario.scenario import TagRules

SKIPPED, INTERACTED, WATCHED = range(3)  # evidence from videos; WATCHED, the most frequent, has its own column
ENTERED, STAYED, BOUGHT = range(3)  # evidence from live rooms
WATCHED_UNIT, VIDEO_UNIT, LIVE_UNIT = 64.0, 4.0, 8.0  # parts of a reaction in which evidence is counted
WATCHED_MOST, MOST = 65_535, 255


TAG_COLUMNS = {
    "short_landmark": Column(np.int32),  # short half-lives gone by at the landmark
    "long_landmark": Column(np.int32),
    "watched": Column(np.uint16, ("categories",)),  # as of the landmark, in 1/64
    "video": Column(np.uint8, (2, "categories")),  # skipped and interacted as of the landmark, in 1/4
    "live": Column(np.uint8, (3, "categories")),  # entered, stayed and bought as of the landmark, in 1/8
}
"""One row a viewer; what every video changes comes first."""


def tag_rules(rules: TagRules) -> Array:
    """The tag rules as a row of numbers."""
    weights = rules.model_dump(exclude={"short_half_life", "long_half_life"})
    return numbers(short_ms=rules.short_half_life * DAY, long_ms=rules.long_half_life * DAY, **weights)


@rule
def landmark(now_ms: int, half_life_ms: float) -> int:
    """Whole half-lives since day 0."""
    return math.floor(now_ms / half_life_ms)


@rule
def growth(now_ms: int, half_life_ms: float, since: int) -> float:
    """How much more a reaction counts now than one at the landmark `since`, in half-lives."""
    return math.exp2(now_ms / half_life_ms - since)


@rule
def added(stored: int, amount: float, unit: float, growing: float, most: int) -> int:
    """Stored evidence with one more reaction of `amount`; full is full."""
    return min(int(stored) + int(amount * unit * growing + 0.5), most)


@loop
def brought_forward(tags: Row, now_ms: int, rules: Row) -> None:
    """Halve a viewer's evidence for every half-life that has gone by since its landmark."""
    size = len(tags.watched)
    short = landmark(now_ms, rules.short_ms)
    halvings = min(short - tags.short_landmark, 16)
    if halvings > 0:
        for c in range(size):
            tags.watched[c] = int(tags.watched[c]) >> halvings
            tags.video[SKIPPED, c] = int(tags.video[SKIPPED, c]) >> halvings
            tags.live[ENTERED, c] = int(tags.live[ENTERED, c]) >> halvings
        tags.short_landmark = short
    long = landmark(now_ms, rules.long_ms)
    halvings = min(long - tags.long_landmark, 16)
    if halvings > 0:
        for c in range(size):
            tags.video[INTERACTED, c] = int(tags.video[INTERACTED, c]) >> halvings
            tags.live[STAYED, c] = int(tags.live[STAYED, c]) >> halvings
            tags.live[BOUGHT, c] = int(tags.live[BOUGHT, c]) >> halvings
        tags.long_landmark = long


@loop
def restate(tags: Row, now_ms: int, old: Row, new: Row) -> None:
    """Write a viewer's evidence anew for other half-lives: it is worth the same now, and fades at the new pace."""
    brought_forward(tags, now_ms, old)
    short, long = landmark(now_ms, new.short_ms), landmark(now_ms, new.long_ms)
    fast = growth(now_ms, new.short_ms, short) / growth(now_ms, old.short_ms, tags.short_landmark)
    slow = growth(now_ms, new.long_ms, long) / growth(now_ms, old.long_ms, tags.long_landmark)
    for c in range(len(tags.watched)):
        tags.watched[c] = added(0, tags.watched[c], 1.0, fast, WATCHED_MOST)
        tags.video[SKIPPED, c] = added(0, tags.video[SKIPPED, c], 1.0, fast, MOST)
        tags.live[ENTERED, c] = added(0, tags.live[ENTERED, c], 1.0, fast, MOST)
        tags.video[INTERACTED, c] = added(0, tags.video[INTERACTED, c], 1.0, slow, MOST)
        tags.live[STAYED, c] = added(0, tags.live[STAYED, c], 1.0, slow, MOST)
        tags.live[BOUGHT, c] = added(0, tags.live[BOUGHT, c], 1.0, slow, MOST)
    tags.short_landmark, tags.long_landmark = short, long


@compiled
def restate_all(tags: Array, now_ms: int, old: Array, new: Array) -> None:
    """Write everybody's evidence anew for other half-lives."""
    for i in range(len(tags)):
        restate(tags[i], now_ms, old[0], new[0])


@rule
def learn_video(tags: Row, topic: int, kind: int, amount: float, now_ms: int, rules: Row) -> None:
    """Add evidence from a video: watched and skipped fade fast, reactions slowly."""
    fast = growth(now_ms, rules.short_ms, tags.short_landmark)
    if kind == WATCHED:
        tags.watched[topic] = added(tags.watched[topic], amount, WATCHED_UNIT, fast, WATCHED_MOST)
    elif kind == SKIPPED:
        tags.video[SKIPPED, topic] = added(tags.video[SKIPPED, topic], amount, VIDEO_UNIT, fast, MOST)
    else:
        slow = growth(now_ms, rules.long_ms, tags.long_landmark)
        tags.video[INTERACTED, topic] = added(tags.video[INTERACTED, topic], amount, VIDEO_UNIT, slow, MOST)


@rule
def learn_live(tags: Row, topic: int, kind: int, amount: float, now_ms: int, rules: Row) -> None:
    """Add evidence from a live room: entries fade fast, stays and orders slowly."""
    if kind == ENTERED:
        growing = growth(now_ms, rules.short_ms, tags.short_landmark)
    else:
        growing = growth(now_ms, rules.long_ms, tags.long_landmark)
    tags.live[kind, topic] = added(tags.live[kind, topic], amount, LIVE_UNIT, growing, MOST)


@rule
def price_band(cents: float) -> int:
    """A price in eighths of a doubling, from 1 for a cent up; 0 stands for none known."""
    return 1 + int(8.0 * math.log(max(cents, 1.0)) / math.log(2.0) + 0.5)


@rule
def band_learned(band: int, cents: int, rate: float) -> int:
    """A viewer's price band after a click or an order: a step towards the product's, in whole eighths."""
    seen = price_band(cents)
    return seen if band == 0 else band + math.floor(rate * (seen - band) + 0.5)


@loop
def interest_profile(tags: Row, now_ms: int, rules: Row, out: Array) -> None:
    """The ranking tag: combined evidence for each category over that for the strongest, from 0 (none) towards 1.

    A prior stands in the denominator, so that a few reactions do not yet make a strong tag. `out` has shape
    (categories,).
    """
    short = 1.0 / growth(now_ms, rules.short_ms, tags.short_landmark)
    long = 1.0 / growth(now_ms, rules.long_ms, tags.long_landmark)
    watched, skipped = rules.watched * short / WATCHED_UNIT, rules.skipped * short / VIDEO_UNIT
    interacted = rules.interacted * long / VIDEO_UNIT
    entered = rules.entered * short / LIVE_UNIT
    stayed, bought = rules.stayed * long / LIVE_UNIT, rules.bought * long / LIVE_UNIT
    for c in range(len(out)):
        value = (
            watched * tags.watched[c]
            - skipped * tags.video[SKIPPED, c]
            + interacted * tags.video[INTERACTED, c]
            + entered * tags.live[ENTERED, c]
            + stayed * tags.live[STAYED, c]
            + bought * tags.live[BOUGHT, c]
        )
        out[c] = value if value > 0.0 else 0.0
    top = 0.0
    for c in range(len(out)):
        top = out[c] if out[c] > top else top
    scale = 1.0 / (top + rules.prior)
    for c in range(len(out)):
        out[c] *= scale
