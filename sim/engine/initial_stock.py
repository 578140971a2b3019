"""The videos with which a run begins: past posts, with the exposures that they would have had by then.

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
from sim.core.arrays import Array, Row, blank, handles
from sim.core.catalogue import VIDEO_COLUMNS, Catalogue
from sim.core.clock import DAY, HOUR
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
        watched = min(0.5 * watch + 0.5 * finished, 1.0)  # about the mean share of the video, at most all of it
        warm = exposures * math.exp(b.react_talent * quality[n]) * watched
        counts[n, V_SHOWN], counts[n, V_WATCH_MS] = exposures, int(exposures * watch * duration)
        counts[n, V_FINISHED], counts[n, V_SKIPPED] = int(exposures * finished), int(exposures * skipped)
        counts[n, V_LIKES], counts[n, V_COMMENTS] = int(b.like * warm + 0.5), int(b.comment * warm + 0.5)
        counts[n, V_SHARES], counts[n, V_FOLLOWS] = int(b.share * warm + 0.5), int(b.follow * warm + 0.5)


def most_worth(past: Past, most: int, viewers: int, now_ms: int, fade: float, lasts: tuple[int, int]) -> Past:
    """At most so many of the posts: those that are still in waves, and those that the stock would keep."""
    if len(past.videos) <= most:
        return past
    worth = np.zeros(len(past.videos))
    weigh_past(past.videos, past.quality, past.shown, past.tier, float(viewers), now_ms, fade, lasts, worth)
    stay = np.sort(np.argsort(-worth, kind="stable")[:most])
    return Past(*(column[stay] for column in past))


@loop
def weigh_past(
    videos: Array,
    quality: Array,
    shown: Array,
    tier: Array,
    viewers: float,
    now_ms: int,
    fade: float,
    lasts: tuple[int, int],
    out: Array,
) -> None:
    """The trickle of each past post; more than any for one that is still in its waves."""
    for n in range(len(videos)):
        age_ms, value = now_ms - videos[n].published_ms, math.exp(WORTH * quality[n])
        in_waves = age_ms < lasts[0] + tier[n] * lasts[1]
        out[n] = np.inf if in_waves else trickle(float(shown[n]), value, viewers, age_ms / DAY, fade)


@loop
def put_in_waves(
    past_tier: Array,
    videos: Array,
    in_waves: Array,
    ladder: Array,
    lasts: tuple[int, int],
    closes_after_ms: int,
    now_ms: int,
    shown: Array,
    before: Array,
    waves: Array,
) -> None:
    """Where past posts are in their waves, or in the stock: what was `shown` by now, and `before` that wave."""
    for n in range(len(videos)):
        wave, last = waves[n], past_tier[n]
        spent, left_ms, tier = in_waves[n] - ladder[1 : last + 1].sum(), now_ms - videos[n].published_ms, 0
        first = spent
        while tier <= last and left_ms >= lasts[min(tier, 1)]:
            left_ms -= lasts[min(tier, 1)]
            spent += ladder[tier + 1] if tier < last else 0
            tier += 1
        wave.wave, wave.tier = min(tier, last) + 1, IN_STOCK
        wave.opened_ms = wave.closes_ms = now_ms
        before[n] = shown[n]
        if tier <= last:
            wave.tier, wave.budget = tier, first if tier == 0 else ladder[tier]
            wave.delivered = int(wave.budget * (left_ms / lasts[min(tier, 1)]))
            wave.opened_ms, wave.closes_ms = now_ms - left_ms, now_ms - left_ms + closes_after_ms
            before[n] = spent - wave.budget
            shown[n] = before[n] + wave.delivered


def begin(
    scenario: Scenario, policy: PolicyInForce, catalogue: Catalogue, truth: HiddenTruth, platform: PlatformState
) -> None:
    """Put past posts in waves and in the stock."""
    life_ms, now_ms, viewers = stock_life_ms(scenario), scenario.start_ms, scenario.viewers.count
    if not life_ms:
        return
    fade, most = policy.rules.stock.fade, videos_at_start(scenario)
    kept: Past | None = None
    for until_ms in [*range(now_ms - life_ms + DAY, now_ms, DAY), now_ms]:
        new = posted(scenario, policy, catalogue, truth, platform, until_ms)
        both = new if kept is None else Past(*map(np.concatenate, zip(kept, new, strict=True)))
        both = both._replace(videos=handles(both.videos))  # which rows put together from several have lost
        kept = most_worth(both, most, viewers, now_ms, fade, lasts_of(policy))
    assert kept is not None
    offer, rate = policy.rules.stock.share * FIRST_ASKED * viewers, 0.0
    shown = np.zeros(len(kept.videos))
    for _ in range(3):  # what the trickles add up to depends on what was shown
        total = grow(kept.videos, kept.quality, kept.shown, rate, float(viewers), now_ms, fade, shown)
        rate = offer / max(total, 1e-9)
    take_in(kept, shown, scenario, policy, catalogue, truth, platform)


def lasts_of(policy: PolicyInForce) -> tuple[int, int]:
    """How long a first wave is taken to last, which is spent as it is released, and a later one (ms)."""
    rules = policy.rules.waves
    return max(int(min(rules.pace, rules.hours) * HOUR), 1), max(int(rules.hours * HOUR), 1)


def take_in(
    past: Past,
    shown: Array,
    scenario: Scenario,
    policy: PolicyInForce,
    catalogue: Catalogue,
    truth: HiddenTruth,
    platform: PlatformState,
) -> None:
    """Write past posts into the books."""
    count, waves, viewers = len(past.videos), platform.waves, scenario.viewers.count
    catalogue.videos[:count], truth.quality[:count] = past.videos, past.quality
    ladder, before, now_ms = np.array(policy.ladder), np.zeros(count), scenario.start_ms
    closes_after_ms = int(policy.rules.waves.hours * HOUR)
    put_in_waves(
        past.tier, past.videos, past.shown, ladder, lasts_of(policy), closes_after_ms, now_ms, shown, before, waves
    )
    people = viewers, behaviour(scenario)[0]
    count_past(past.videos, past.quality, shown, *people, platform.counters.videos)
    count_past(past.videos, past.quality, before, *people, platform.wave_began)
    platform.best_tier[:count] = np.minimum(past.tier, waves["wave"][:count] - 1)
    platform.newest[past.videos["creator"]] = np.arange(count)
    ring, open_now = catalogue.videos["ring"], waves["tier"][:count] >= 0
    platform.open_videos = in_ring_order(np.flatnonzero(open_now), ring)
    platform.stock = in_ring_order(np.flatnonzero(~open_now), ring)
    catalogue.published = count
