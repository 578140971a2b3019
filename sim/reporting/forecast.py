"""What a scenario should come to before it runs: first estimates, worked out from its parameters alone."""

from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from agents.scripts import segment
from agents.viewer import MOST_ENTER, SHORTEST_MS
from sim.core.arrays import Array
from sim.core.clock import SECOND
from sim.core.randomness import LOGNORMAL, PARETO, UNIFORM, WEIBULL, rhythm_of
from sim.engine.initialisation import videos_a_day
from sim.scenario.distributions import Distribution
from sim.scenario.scenario import InRoom, ReviewWeights, Rooms, Scenario, Segment, Watching
from sim.traffic.video_waves import ladder

NORMAL = NormalDist()
EXPOSURES_PER_SECOND = (0.5e6, 2e6)
REFRESH_SECONDS = (0.004, 0.001)
"""Rough throughput, and time that a refresh takes whatever happens in it, on two cores, from slow to fast."""


# --- distributions


def middles(n: int) -> Array:
    """The middles of `n` equal shares of 0 to 1."""
    return (np.arange(n) + 0.5) / n


def quantiles(distribution: Distribution, shares: Array) -> Array:
    """The values below which these shares of a distribution lie."""
    kind, a, b = distribution.kernel_args()
    if kind == UNIFORM:
        return np.asarray(a + (b - a) * shares)
    if kind == LOGNORMAL:
        return np.asarray(a * np.exp(b * normals(shares)))
    if kind == WEIBULL:
        return np.asarray(a * (-np.log1p(-shares)) ** (1.0 / b))
    if kind == PARETO:
        return np.asarray(a * (1.0 - shares) ** (-1.0 / b))
    return np.full(len(shares), a)


def normals(shares: Array) -> Array:
    """The values below which these shares of the standard normal distribution lie."""
    return np.array([NORMAL.inv_cdf(share) for share in shares])


def average(distribution: Distribution) -> float:
    """A distribution's mean, or where that is infinite the mean of its lower 99.95 %."""
    mean = distribution.mean()
    return mean if np.isfinite(mean) else float(quantiles(distribution, middles(1000)).mean())


def capped_mean(median: float, sigma: float, cap: float) -> float:
    """Mean of the smaller of a log-normal number and a cap."""
    if median <= 0 or sigma == 0:
        return max(min(median, cap), 0.0)
    z = float(np.log(cap / median)) / sigma
    return median * float(np.exp(sigma**2 / 2)) * NORMAL.cdf(z - sigma) + cap * (1.0 - NORMAL.cdf(z))


# --- videos


class Watch(NamedTuple):
    """What one exposure of a video of average fit comes to, means over durations, posts and moods."""

    seconds: float
    ratio: float  # of the duration, loops counted
    seen: float  # the same, at most 1
    finished: float
    skipped: float
    warmth: float  # factor on the scales of the reactions


def watch(scenario: Scenario) -> Watch:
    """One exposure of a video that a viewer of average activity likes half as much as the best."""
    w, creators = scenario.viewers.watching, scenario.creators
    duration = np.clip(quantiles(creators.duration_seconds, middles(20)), 3.0, 600.0)[:, None, None]
    pull = float(np.hypot(creators.talent, creators.post_scatter)) * normals(middles(20))[:, None]
    ratio = np.minimum(_scale(w, duration, pull) * (-np.log(middles(200))) ** (1.0 / w.shape), w.loops)
    seconds, seen = np.maximum(ratio * duration, 0.3), np.minimum(ratio, 1.0)
    stayed = seconds >= w.skip_seconds
    return Watch(
        seconds=float(seconds.mean()),
        ratio=float(ratio.mean()),
        seen=float(seen.mean()),
        finished=float((ratio >= 1.0).mean()),
        skipped=1.0 - float(stayed.mean()),
        warmth=float((np.exp(scenario.viewers.reacting.talent * pull) * seen * stayed).mean()),
    )


def _scale(w: Watching, duration: Array, pull: Array) -> Array:
    return w.ratio * np.exp(w.talent * pull) * (duration / 15.0) ** (-w.duration_fade)


# --- live rooms


def open_rooms(rooms: Rooms) -> Array:
    """Rooms expected to be open at the middle of each of the 24 hours."""
    opens = np.clip(quantiles(rooms.opens, middles(200)), 0.0, 23.9)[:, None]
    lasts = np.clip(quantiles(rooms.hours_open, middles(200)), 0.25, 23.0)
    return rooms.count * np.array([((hour + 0.5 - opens) % 24.0 < lasts).mean() for hour in range(24)])


def live_share(scenario: Scenario) -> float:
    """Share of all exposures that are of live rooms: one place a page at most, and none while all rooms are closed."""
    feed, rooms = scenario.platform.feed, scenario.rooms
    if not rooms.count:
        return 0.0
    some_open = 1.0 - (1.0 - np.minimum(open_rooms(rooms) / rooms.count, 1.0)) ** rooms.count
    offered = min(1.0, feed.page * feed.live_share) / feed.page
    return offered * float((some_open * rhythm_of(scenario.viewers.rhythm)).mean())


def enter_rate(rules: InRoom) -> float:
    """Entries per live exposure, for a room of average fit with nobody inside."""
    return capped_mean(rules.enter, rules.enter_spread, MOST_ENTER)


def stay_seconds(rules: InRoom) -> float:
    """Mean stay in a room of average fit with nobody inside, at the pace of chat."""
    return capped_mean(rules.stay_seconds, rules.stay_spread, rules.longest_hours * 3600.0) / rules.chat_pace


def breadth(rooms: Rooms, categories: int) -> float:
    """Mean number of categories of a wide room."""
    widths = [min(n, rooms.widest, categories) for n in range(2, max(rooms.widest, 2) + 1)]
    return sum(widths) / len(widths)


def price_range(rooms: Rooms) -> tuple[float, float, float]:
    """Listed prices below which 10, 50 and 90 % of the products lie (yuan)."""
    drawn = quantiles(rooms.price_yuan, middles(300))
    usual = max(float(quantiles(rooms.price_yuan, np.array([0.5]))[0]), 0.01)
    relative = np.maximum(drawn / usual, 1e-9)
    between, within = relative ** (rooms.price_spread**0.5), relative ** ((1.0 - rooms.price_spread) ** 0.5)
    low, middle, high = np.quantile(np.clip(usual * between[:, None] * within, 0.1, 1e6), (0.1, 0.5, 0.9))
    return float(low), float(middle), float(high)


def typical_hours(rooms: Rooms) -> tuple[float, float]:
    """When a typical room opens (hour of the day), and for how many hours."""
    opens, lasts = (float(quantiles(one, np.array([0.5]))[0]) for one in (rooms.opens, rooms.hours_open))
    return min(max(opens, 0.0), 23.9), min(max(lasts, 0.25), 23.0)


def run_of_show(script: Sequence[Segment], hours: float) -> Counter[str]:
    """How often each kind of segment begins while a room is open for so many hours."""
    begun: Counter[str] = Counter()
    at, number = 0, 0
    while at < hours * 3600:
        piece = segment(script, number)
        begun[piece.do] += 1
        at, number = at + piece.seconds, number + 1
    return begun


def level_shares(levels: Sequence[float]) -> list[float]:
    """What a room of each level gets of the live exposures, if one room stands at each."""
    return [weight / sum(levels) for weight in levels]


def doubled(weights: ReviewWeights, kinds: Sequence[str]) -> dict[str, float]:
    """What twice the peers' mean in each term adds to a score of 1."""
    total = sum(getattr(weights, kind) for kind in kinds)
    return {kind: getattr(weights, kind) / max(total, 1e-9) for kind in kinds}


# --- viewers


class ViewerDay(NamedTuple):
    """An average viewer's day."""

    sessions: float
    minutes: float
    seconds: float  # per exposure, with the swipe to the next item
    videos: float
    live: float
    entries: float
    likes: float
    comments: float
    shares: float
    follows: float

    @property
    def exposures(self) -> float:
        return self.videos + self.live


def viewer_day(scenario: Scenario, *, dull: bool) -> ViewerDay:
    """An average viewer's day at average fit; `dull` takes off what skipped videos cost: session time, and sessions."""
    v, seen = scenario.viewers, watch(scenario)
    live, enter, room = live_share(scenario), enter_rate(v.in_room), v.in_room
    on_video = seen.seconds + v.watching.swipe_seconds
    glance, stay = room.glance_seconds + SHORTEST_MS / SECOND, stay_seconds(room) + v.watching.swipe_seconds
    on_room = (1.0 - enter) * glance + enter * stay
    seconds = (1.0 - live) * on_video + live * on_room
    lost = (1.0 - live) * seen.skipped * v.watching.dull_seconds if dull else 0.0
    sessions = average(v.sessions_per_day) * (1.0 - v.bored_skip * (1.0 - seen.seen) if dull else 1.0)
    exposures = sessions * average(v.session_minutes) * average(v.patience) * 60.0 / (seconds + lost)
    videos, warmth = exposures * (1.0 - live), seen.warmth
    return ViewerDay(
        sessions=sessions,
        minutes=exposures * seconds / 60.0,
        seconds=seconds,
        videos=videos,
        live=exposures * live,
        entries=exposures * live * enter,
        likes=videos * v.reacting.like * warmth,
        comments=videos * v.reacting.comment * warmth,
        shares=videos * v.reacting.share * warmth,
        follows=videos * v.reacting.follow * warmth,
    )


def room_budget(scenario: Scenario) -> float:
    """Mean budget of an open room from one review to the next (exposures)."""
    rules, hours = scenario.platform.rooms, float(open_rooms(scenario.rooms).sum())
    live = viewer_day(scenario, dull=True).live * scenario.viewers.count
    return live / max(hours, 1e-9) * rules.supply * rules.review_minutes / 60.0


def goods_remembered(scenario: Scenario) -> float:
    """Goods that the mean review of a room should go by, if entries buy as often as the platform expects."""
    rules, expected = scenario.platform.rooms, scenario.platform.reviews.expected
    shown = room_budget(scenario) / rules.supply / (1.0 - rules.memory)
    return shown * enter_rate(scenario.viewers.in_room) * expected.conversion


# --- the ladder


class Tier(NamedTuple):
    """What one tier of the ladder should see in a day."""

    budget: int
    growth: float  # over the tier below
    videos: float  # that reach it
    waves: float  # each of them gets here
    exposures: float  # that these waves offer


def tiers(scenario: Scenario) -> list[Tier]:
    """The ladder cut to the population, with how far the videos of one day should climb it."""
    rules, videos, found = scenario.platform.waves, videos_a_day(scenario), []
    steps = ladder(rules.ladder, scenario.viewers.count)
    most = rules.max_age_days * 24.0 / rules.hours
    for n, budget in enumerate(steps):
        again = min(rules.repeat, 1.0 - rules.promote)
        if n == len(steps) - 1:
            again += rules.promote  # there is no further up
        waves = max(1.0, (1.0 - again**most) / (1.0 - again) if again < 1.0 else most)
        growth = budget / steps[n - 1] if n else 1.0
        found.append(Tier(budget, growth, videos, waves, videos * waves * budget))
        videos *= min(1.0, rules.promote * waves)
    return found


def supply(scenario: Scenario) -> float:
    """Video exposures that waves offer over those that viewers should ask for."""
    asked = viewer_day(scenario, dull=True).videos * scenario.viewers.count
    return sum(tier.exposures for tier in tiers(scenario)) / asked if asked else float("inf")


# --- the run


def exposures_in_all(scenario: Scenario) -> float:
    """Exposures of the whole run, warm-up included."""
    a_day = viewer_day(scenario, dull=True).exposures * scenario.viewers.count
    return a_day * (scenario.days + scenario.warm_up)


def refreshes(scenario: Scenario) -> int:
    """Refreshes of the whole run."""
    return (scenario.end_ms - scenario.start_ms) // scenario.refresh_ms


def seconds_needed(scenario: Scenario) -> tuple[float, float]:
    """Rough time that the run takes, at best and at worst (s)."""
    shown, n = exposures_in_all(scenario), refreshes(scenario)
    slow, fast = (shown / rate + n * each for rate, each in zip(EXPOSURES_PER_SECOND, REFRESH_SECONDS, strict=True))
    return fast, slow
