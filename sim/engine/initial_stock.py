"""The stock of videos with which a run begins: past posts, with the exposures that they would have had by then.

Creators have posted for as long as a video lives. How far a past post came is decided by its quality and by luck, as
reviews of its waves would have decided it; what it was shown since follows from the trickle. The platform knows
nothing of a quality: it finds counters, as if it had counted.
"""

import math
from typing import NamedTuple

import numpy as np

from agents.creator import make_videos
from agents.truth import HiddenTruth
from agents.viewer import behaviour
from sim.core.arrays import Array, Row, blank
from sim.core.catalogue import VIDEO_COLUMNS, Catalogue
from sim.core.clock import DAY
from sim.core.compiler import compiled, loop, rule
from sim.core.event_log import (
    V_COMMENTS,
    V_FINISHED,
    V_FOLLOWS,
    V_LIKES,
    V_SHARES,
    V_SHOWN,
    V_SKIPPED,
    V_WATCH_MS,
)
from sim.core.randomness import PAST, draw, normal
from sim.engine.initialisation import stock_life_ms, videos_at_start
from sim.recommender.scoring import first_wave, remember_scores, trickle
from sim.recommender.video_index import in_ring_order
from sim.scenario.scenario import Scenario
from sim.traffic.platform_state import PlatformState
from sim.traffic.policy_in_force import PolicyInForce
from sim.traffic.video_stock import FIRST_ASKED
from sim.traffic.video_waves import IN_STOCK

CHANCE = 0.75  # spread of luck in the review of a wave of SAMPLE exposures, in units of quality
SAMPLE = 300.0
WORTH = 0.45  # log units of score for a unit of quality


class Past(NamedTuple):
    """Past posts, a row each."""

    videos: Array
    quality: Array
    shown: Array  # exposures in waves
    tier: Array  # the highest that they came to


@loop
def past_scores(
    creator: Array, number: Array, quality: Array, seed: int, spread: float, second: bool, out: Array
) -> None:
    """By what the reviews of a tier would have told past posts apart: quality, and luck."""
    for n in range(len(creator)):
        u, v, w, x = draw(seed, PAST, creator[n], number[n], 0)
        out[n] = quality[n] + spread * (normal(w, x) if second else normal(u, v))


def best_of(scores: Array, among: Array, share: float) -> Array:
    """Which of those that came so far belong to the best share of them."""
    some = np.sort(scores[among])
    if not len(some) or share <= 0.0:
        return np.zeros(len(scores), bool)
    at = some[min(len(some) - 1, int(len(some) * (1.0 - share)))]
    return among & (scores >= at)


def posted(
    scenario: Scenario,
    policy: PolicyInForce,
    catalogue: Catalogue,
    truth: HiddenTruth,
    platform: PlatformState,
    until_ms: int,
) -> Past:
    """What was posted before a time and not asked for yet, and how far each post came in its waves."""
    posts, rules, seed = truth.posting.before(until_ms), policy.rules, scenario.seed
    count, ladder, viewers = len(posts.creator), policy.ladder, scenario.viewers.count
    videos, quality = blank(VIDEO_COLUMNS, count), np.zeros(count)
    creators, of = catalogue.creators, truth.creator_parameters
    make_videos(videos, quality, 0, *posts, creators, truth.form, seed, of)
    earned = platform.record[posts.creator], platform.counters.followers[posts.creator]
    budgets = first_wave(float(ladder[0]), *earned, rules.first_wave.explore, rules.first_wave.reach)
    shown = np.clip((budgets + 0.5).astype(np.int64), 1, viewers)
    here, tier, scores = np.ones(count, bool), np.zeros(count, np.int64), np.zeros(count)
    for t in range(len(ladder)):
        spread = CHANCE * (SAMPLE / ladder[t]) ** 0.5
        past_scores(posts.creator, posts.number, quality, seed, spread, t > 0, scores)
        if t == 0:
            remember_scores(platform.record, posts.creator, relative_scores(scores), rules.first_wave.memory)
        if t + 1 < len(ladder):
            here = best_of(scores, here, rules.waves.promote) & (shown + ladder[t + 1] <= viewers)
            shown, tier = shown + here * ladder[t + 1], tier + here
    return Past(videos, quality, shown, tier)


@compiled
def relative_scores(scores: Array) -> Array:
    """Scores as reviews give them: 1 is about average."""
    out = np.empty(len(scores))
    for n in range(len(scores)):
        out[n] = math.exp(WORTH * scores[n] - 0.5 * WORTH**2)
    return out


@rule
def faded(age_days: float, fade: float) -> float:
    """The integral of a power of age, from the first day to an age."""
    if age_days <= 1.0:
        return 0.0
    return math.log(age_days) if fade == 1.0 else float((age_days ** (1.0 - fade) - 1.0) / (1.0 - fade))


@loop
def grow(
    videos: Array, quality: Array, in_waves: Array, rate: float, viewers: float, now_ms: int, fade: float, shown: Array
) -> float:
    """What past posts were `shown` by now, if the stock gave `rate` times their trickle a day; returns the sum of the
    trickles that they have by then.
    """
    total = 0.0
    for n in range(len(videos)):
        age, value = (now_ms - videos[n].published_ms) / DAY, math.exp(WORTH * quality[n] - 0.5 * WORTH**2)
        reached = in_waves[n] * math.exp(min(rate * value * faded(age, fade), 10.0))
        shown[n] = reached / (1.0 + (reached - in_waves[n]) / viewers)  # the audience that is left grows smaller
        total += trickle(shown[n], value, viewers, age, fade)
    return total


@loop
def count_past(videos: Array, quality: Array, shown: Array, viewers: int, b: Row, counts: Array) -> None:
    """Counters as expected of videos of such a quality, of an average fit."""
    for n in range(len(videos)):
        duration, exposures = float(videos[n].duration_ms), min(int(shown[n]), viewers)
        scale = b.ratio * math.exp(b.talent * quality[n] - b.duration_fade * math.log(duration / 15000.0))
        finished = math.exp(-((1.0 / scale) ** b.shape))
        skipped = 1.0 - math.exp(-((b.skip_ms / duration / scale) ** b.shape))
        watch = min(scale * math.gamma(1.0 + 1.0 / b.shape), b.loops)
        warm = exposures * math.exp(b.react_talent * quality[n]) * min(0.5 * watch + 0.5 * finished, 1.0)
        counts[n, V_SHOWN], counts[n, V_WATCH_MS] = exposures, int(exposures * watch * duration)
        counts[n, V_FINISHED], counts[n, V_SKIPPED] = int(exposures * finished), int(exposures * skipped)
        counts[n, V_LIKES], counts[n, V_COMMENTS] = int(b.like * warm + 0.5), int(b.comment * warm + 0.5)
        counts[n, V_SHARES], counts[n, V_FOLLOWS] = int(b.share * warm + 0.5), int(b.follow * warm + 0.5)


def most_worth(past: Past, most: int, viewers: int, now_ms: int, fade: float) -> Past:
    """At most so many of the posts, those that the stock would keep."""
    if len(past.videos) <= most:
        return past
    worth = np.array([0.0] * len(past.videos))
    weigh_past(past.videos, past.quality, past.shown, float(viewers), now_ms, fade, worth)
    stay = np.sort(np.argsort(-worth, kind="stable")[:most])
    return Past(*(column[stay] for column in past))


@loop
def weigh_past(
    videos: Array, quality: Array, shown: Array, viewers: float, now_ms: int, fade: float, out: Array
) -> None:
    """The trickle of each past post."""
    for n in range(len(videos)):
        age, value = (now_ms - videos[n].published_ms) / DAY, math.exp(WORTH * quality[n])
        out[n] = trickle(float(shown[n]), value, viewers, age, fade)


def begin(
    scenario: Scenario, policy: PolicyInForce, catalogue: Catalogue, truth: HiddenTruth, platform: PlatformState
) -> None:
    """Put past posts in the stock."""
    life_ms, now_ms, viewers = stock_life_ms(scenario), scenario.start_ms, scenario.viewers.count
    if not life_ms:
        return
    fade, most = policy.rules.stock.fade, videos_at_start(scenario)
    kept: Past | None = None
    for until_ms in [*range(now_ms - life_ms + DAY, now_ms, DAY), now_ms]:
        new = posted(scenario, policy, catalogue, truth, platform, until_ms)
        both = new if kept is None else Past(*map(np.concatenate, zip(kept, new, strict=True)))
        kept = most_worth(both, most, viewers, now_ms, fade)
    assert kept is not None
    offer, rate = policy.rules.stock.share * FIRST_ASKED * viewers, 0.0
    shown = np.zeros(len(kept.videos))
    for _ in range(3):  # what the trickles add up to depends on what was shown
        total = grow(kept.videos, kept.quality, kept.shown, rate, float(viewers), now_ms, fade, shown)
        rate = offer / max(total, 1e-9)
    take_in(kept, shown, scenario, catalogue, truth, platform)


def take_in(
    past: Past,
    shown: Array,
    scenario: Scenario,
    catalogue: Catalogue,
    truth: HiddenTruth,
    platform: PlatformState,
) -> None:
    """Write past posts into the books."""
    count, counts, waves = len(past.videos), platform.counters.videos, platform.waves
    catalogue.videos[:count], truth.quality[:count] = past.videos, past.quality
    count_past(past.videos, past.quality, shown, scenario.viewers.count, behaviour(scenario)[0], counts)
    platform.wave_began[:count], platform.best_tier[:count] = counts[:count], past.tier
    waves["tier"][:count], waves["wave"][:count] = IN_STOCK, past.tier + 1
    waves["opened_ms"][:count] = waves["closes_ms"][:count] = scenario.start_ms
    platform.newest[past.videos["creator"]] = np.arange(count)
    platform.stock = in_ring_order(np.arange(count), catalogue.videos["ring"])
    catalogue.published = count
