"""How viewers (用户) are initialised: tastes and traits, from keyed draws alone."""

import math
from typing import NamedTuple

import numpy as np

from agents.viewer import AWAY, MOST_TASTES, kept, longer_tail, trait, visit_after
from sim.core.arrays import Array, Row
from sim.core.compiler import compiled
from sim.core.randomness import READINESS, TASTE, TRAITS, draw, normal, pick, sample
from sim.scenario.distributions import middle
from sim.scenario.scenario import Scenario

MOST_VISITS = 1000.0  # due sessions a day


class ViewerParameters(NamedTuple):
    """What `initialise_rows` needs beside the seed: distributions as (kind, a, b) and spreads."""

    fewest: int
    most: int
    sessions: tuple[int, float, float]
    sessions_unit: float
    patience: tuple[int, float, float]
    price: tuple[int, float, float]
    bargain: float
    watch_spread: float
    activity_fade: float
    spread: float
    live_spread: float
    buy_spread: float
    activity_tail: float
    tail: float
    buy_tail: float
    own_hours: float


def viewer_parameters(scenario: Scenario) -> ViewerParameters:
    """The scenario's viewers as plain numbers."""
    v = scenario.viewers
    return ViewerParameters(
        fewest=v.fewest_tastes,
        most=v.most_tastes,
        sessions=v.sessions_per_day.kernel_args(),
        sessions_unit=middle(v.sessions_per_day),
        patience=v.patience.kernel_args(),
        price=v.price_level.kernel_args(),
        bargain=v.bargain_hunters,
        watch_spread=v.watching.spread,
        activity_fade=v.watching.activity_fade,
        spread=v.reacting.spread,
        live_spread=v.in_room.enter_spread,
        buy_spread=v.in_room.buy_spread,
        activity_tail=v.activity_tail,
        tail=v.reacting.tail,
        buy_tail=v.in_room.buy_tail,
        own_hours=v.own_hours,
    )


@compiled
def draw_tastes(viewer: Row, i: int, seed: int, traits: ViewerParameters, popularity: Array) -> None:
    """A few categories, liked in exponential measures; the most liked is the unit."""
    size = len(popularity)
    u, _, _, _ = draw(seed, TASTE, i, 0, 0)
    n = traits.fewest + int(u * (traits.most - traits.fewest + 1))
    top = 0.0
    measures = np.zeros(MOST_TASTES)
    for k in range(n):
        u, v, _, _ = draw(seed, TASTE, i, k + 1, 0)
        c = pick(popularity, u)
        for _ in range(size):
            free = True
            for m in range(k):
                free = free and viewer.taste[m] != c
            if free:
                break
            c = (c + 1) % size
        viewer.taste[k] = c
        measures[k] = 0.15 - math.log(v)
        top = max(top, measures[k])
    for k in range(MOST_TASTES):
        viewer.affinity[k] = int(255.0 * measures[k] / top + 0.5)
        if k >= n:
            viewer.taste[k] = viewer.taste[0]


@compiled
def draw_traits(viewer: Row, i: int, seed: int, traits: ViewerParameters) -> None:
    """Activity, patience, prices, readiness to react, to enter rooms and to buy, and how much of a video is watched."""
    u, v, w, x = draw(seed, TRAITS, i, 0, 0)
    much, p, q, _ = draw(seed, TRAITS, i, 2, 0)
    per_day = sample(traits.sessions[0], traits.sessions[1], traits.sessions[2], u, v)
    viewer.activity = kept(min(per_day * longer_tail(traits.activity_tail, much), MOST_VISITS) / traits.sessions_unit)
    viewer.chronotype = int(max(-12.0, min(12.0, math.floor(traits.own_hours * normal(p, q) + 0.5))))
    viewer.patience = kept(sample(traits.patience[0], traits.patience[1], traits.patience[2], w, x))
    u, v, w, x = draw(seed, TRAITS, i, 1, 0)
    viewer.price_cents = int(min(100.0 * sample(traits.price[0], traits.price[1], traits.price[2], u, v), 2e9))
    viewer.bargain = 1 if w < traits.bargain else 0
    u, v, w, x = draw(seed, READINESS, i, 0, 0)
    common = normal(u, v)  # who likes a lot also comments a lot
    eager, keen, _, _ = draw(seed, READINESS, i, 4, 0)
    eager, keen = longer_tail(traits.tail, eager), longer_tail(traits.buy_tail, keen)
    eager, keen = (1.0 - traits.tail) * eager, (1.0 - traits.buy_tail) * keen  # a mean of 1
    viewer.live = kept(math.exp(traits.live_spread * normal(w, x)))
    for k in range(2):
        u, v, w, x = draw(seed, READINESS, i, k + 1, 0)
        first = kept(eager * math.exp(traits.spread * (0.8 * common + 0.6 * normal(u, v)) - 0.5 * traits.spread**2))
        other = kept(eager * math.exp(traits.spread * (0.8 * common + 0.6 * normal(w, x)) - 0.5 * traits.spread**2))
        if k == 0:
            viewer.like, viewer.comment = first, other
        else:
            viewer.share, viewer.follow = first, other
    u, v, w, x = draw(seed, READINESS, i, 3, 0)
    viewer.buy = kept(keen * math.exp(traits.buy_spread * normal(u, v) - 0.5 * traits.buy_spread**2))
    fade = traits.activity_fade * math.log(trait(viewer.activity))  # who watches much watches less of each
    viewer.attention = kept(math.exp(traits.watch_spread * normal(w, x) - fade))


@compiled
def initialise_rows(
    viewers: Array,
    first: int,
    seed: int,
    traits: ViewerParameters,
    popularity: Array,
    start_ms: int,
    behaviour: Row,
    rhythm: Array,
) -> None:
    """Draw tastes, traits and the first session of the viewers from number `first` on; all are away."""
    for n in range(len(viewers)):
        i, viewer = first + n, viewers[n]
        draw_tastes(viewer, i, seed, traits, popularity)
        draw_traits(viewer, i, seed, traits)
        viewer.phase, viewer.satisfaction = AWAY, 0.5
        viewer.visit_ms = visit_after(start_ms, i, 0, viewer.activity, viewer.chronotype, seed, behaviour, rhythm)
        viewer.due_ms = viewer.visit_ms
