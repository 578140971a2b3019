"""Interest tags (兴趣标签): what the platform believes a viewer likes, from six kinds of evidence kept apart.

Evidence decays in continuous time by *forward decay* (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): a row holds
values as of a landmark, the last whole half-life; a new reaction is added with its growth since that landmark, and when a
half-life has gone by the row is halved. So nothing is ever decayed by a small, unrepresentable step, and small integers hold it.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.clock import DAY
from sim.columns import Array, Column
from sim.jit import compiled
from sim.scenario import TagRules

WATCHED, SKIPPED, INTERACTED = 0, 1, 2  # video evidence, in 1/64 of a reaction
ENTERED, STAYED, BOUGHT = 0, 1, 2  # live evidence, in 1/8 of a reaction
VIDEO_UNIT, LIVE_UNIT = 64.0, 8.0
VIDEO_MOST, LIVE_MOST = 65_535, 255


class Tags(NamedTuple):
    """One row a viewer."""

    video: Array  # evidence from videos as of the landmark, in 1/64
    live: Array  # evidence from live rooms as of the landmark, in 1/8
    short_landmark: Array  # short half-lives gone by at the landmark
    long_landmark: Array


TAG_COLUMNS = {
    "video": Column(np.uint16, (3, "categories")),
    "live": Column(np.uint8, (3, "categories")),
    "short_landmark": Column(np.int16),
    "long_landmark": Column(np.int16),
}


class Believing(NamedTuple):
    """The tag rules as plain numbers."""

    short_ms: float
    long_ms: float
    watched: float
    skipped: float
    interacted: float
    entered: float
    stayed: float
    bought: float
    prior: float


def believing(rules: TagRules) -> Believing:
    return Believing(
        short_ms=rules.short_half_life * DAY,
        long_ms=rules.long_half_life * DAY,
        watched=rules.watched,
        skipped=rules.skipped,
        interacted=rules.interacted,
        entered=rules.entered,
        stayed=rules.stayed,
        bought=rules.bought,
        prior=rules.prior,
    )


@compiled
def decayed(value: float, elapsed_ms: float, half_life_ms: float) -> float:
    """What is left of evidence after a time."""
    return float(value * 2.0 ** (-elapsed_ms / half_life_ms))


@compiled
def landmark(now_ms: int, half_life_ms: float) -> int:
    """Whole half-lives since day 0."""
    return math.floor(now_ms / half_life_ms)


@compiled
def growth(now_ms: int, half_life_ms: float) -> float:
    """How much more a reaction counts now than at the landmark: from 1 up to 2."""
    return float(2.0 ** (now_ms / half_life_ms - math.floor(now_ms / half_life_ms)))


@compiled
def added(stored: int, amount: float, unit: float, growing: float, most: int) -> int:
    """Stored evidence with one more reaction of `amount`; full is full."""
    return min(int(stored) + int(amount * unit * growing + 0.5), most)


@compiled
def brought_forward(tags: Tags, viewer: int, now_ms: int, rules: Believing) -> None:
    """Halve a viewer's evidence for every half-life that has gone by since its landmark."""
    short = landmark(now_ms, rules.short_ms)
    halvings = min(short - int(tags.short_landmark[viewer]), 16)
    if halvings > 0:
        for c in range(tags.video.shape[2]):
            tags.video[viewer, WATCHED, c] >>= halvings
            tags.video[viewer, SKIPPED, c] >>= halvings
            tags.live[viewer, ENTERED, c] = int(tags.live[viewer, ENTERED, c]) >> halvings
        tags.short_landmark[viewer] = short
    long = landmark(now_ms, rules.long_ms)
    halvings = min(long - int(tags.long_landmark[viewer]), 16)
    if halvings > 0:
        for c in range(tags.video.shape[2]):
            tags.video[viewer, INTERACTED, c] >>= halvings
            tags.live[viewer, STAYED, c] = int(tags.live[viewer, STAYED, c]) >> halvings
            tags.live[viewer, BOUGHT, c] = int(tags.live[viewer, BOUGHT, c]) >> halvings
        tags.long_landmark[viewer] = long


@compiled
def learn_video(
    tags: Tags, viewer: int, topic: int, kind: int, amount: float, now_ms: int, half_life_ms: float
) -> None:
    """Add evidence from a video; the row must have been brought forward."""
    tags.video[viewer, kind, topic] = added(
        tags.video[viewer, kind, topic], amount, VIDEO_UNIT, growth(now_ms, half_life_ms), VIDEO_MOST
    )


@compiled
def learn_live(tags: Tags, viewer: int, topic: int, kind: int, amount: float, now_ms: int, half_life_ms: float) -> None:
    """Add evidence from a live room; the row must have been brought forward."""
    tags.live[viewer, kind, topic] = added(
        tags.live[viewer, kind, topic], amount, LIVE_UNIT, growth(now_ms, half_life_ms), LIVE_MOST
    )


@compiled
def belief(tags: Tags, viewer: int, now_ms: int, rules: Believing, out: Array) -> None:
    """The ranking tag: combined evidence for each category over that for the strongest, from 0 (none) towards 1.

    A prior stands in the denominator, so that a few reactions do not yet make a strong tag. The row must have been brought
    forward. `out` has shape (categories,).
    """
    short = 1.0 / growth(now_ms, rules.short_ms)
    long = 1.0 / growth(now_ms, rules.long_ms)
    watched, skipped = rules.watched * short / VIDEO_UNIT, rules.skipped * short / VIDEO_UNIT
    interacted = rules.interacted * long / VIDEO_UNIT
    entered = rules.entered * short / LIVE_UNIT
    stayed, bought = rules.stayed * long / LIVE_UNIT, rules.bought * long / LIVE_UNIT
    top = 0.0
    for c in range(len(out)):
        value = (
            watched * tags.video[viewer, WATCHED, c]
            - skipped * tags.video[viewer, SKIPPED, c]
            + interacted * tags.video[viewer, INTERACTED, c]
            + entered * tags.live[viewer, ENTERED, c]
            + stayed * tags.live[viewer, STAYED, c]
            + bought * tags.live[viewer, BOUGHT, c]
        )
        value = max(value, 0.0)
        out[c] = value
        top = max(top, value)
    scale = 1.0 / (top + rules.prior)
    for c in range(len(out)):
        out[c] *= scale
