"""What tags from surprise must do in a world: each kind put to nothing, and what is held back from them foretold."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from agents.viewer import MOST_TASTES
from sim.core.arrays import Array, one
from sim.core.event_log import RANDOM, SOURCES, VIDEO
from sim.engine.tag_precision import tag_precision
from sim.recommender.interest_tags import KINDS, interest_profile, tag_rules
from sim.scenario.scenario import Scenario, TagRules, loads
from sim.world import World

MARKET = """
days: 0.6
warm_up: 0
viewers:
  count: 1500
  sessions_per_day: {kind: lognormal, median: 12, sigma: 0.4}
  rhythm: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  in_room: {enter: 0.15, stay_seconds: 20, click: 60, order: 0.5, buy_spread: 0.5}
creators:
  videos_per_viewer_day: 3
  rhythm: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
rooms:
  count: 24
  opens: {kind: uniform, low: 0, high: 1}
  hours_open: {kind: constant, value: 23}
  stock: {kind: constant, value: 1000}
platform: {waves: {ladder: [100, 400], hours: 12, pace: 4, minimum_sample: 20}, refresh: 60}
"""


def market(*overrides: str) -> Scenario:
    """Some thousand viewers who see and buy much in half a day."""
    return loads(MARKET, overrides)


class Half(NamedTuple):
    """What was known when half of the run was over, and what came after."""

    world: World
    tags: Array
    weights: Array
    now_ms: int
    bought_before: set[int]
    orders: list[tuple[int, int]]  # of the second half: viewer and topic
    liking: dict[str, float]  # of the second half: true liking of videos, by source


@cache
def lived(*overrides: str) -> Half:
    world = World(market(*overrides))
    middle, before, after = world.scenario.end_ms // 2, set(), []
    total, shown = np.zeros(len(SOURCES)), np.zeros(len(SOURCES))
    known: tuple[Array, Array] | None = None
    while world.running:
        world.step()
        found = world.outcome
        topics = world.catalogue.products["topic"][found.orders["item"]]
        bought = list(zip(found.orders["viewer"][found.filled].tolist(), topics[found.filled].tolist(), strict=True))
        if world.clock.now_ms <= middle:
            before.update(viewer for viewer, _ in bought)
            if world.clock.now_ms == middle:
                known = world.population.tags.copy(), world.platform.snapshot.usual.weights.copy()
            continue
        after += bought
        for shard, size in enumerate(world.population.sizes):
            log = world.population.log[shard, :size]
            videos = log[log["kind"] == VIDEO]
            sources = videos["match_source"] >> 4
            total += np.bincount(sources, likings(world, videos["viewer"], videos["item"]), len(SOURCES))
            shown += np.bincount(sources, minlength=len(SOURCES))
    assert known is not None
    chosen = np.arange(len(SOURCES)) != RANDOM
    liking = {"chosen": total[chosen].sum() / shown[chosen].sum(), "random": total[RANDOM] / shown[RANDOM]}
    return Half(world, *known, middle, before, after, liking)


def likings(world: World, who: Array, items: Array) -> Array:
    """How much viewers truly like videos."""
    me, video = world.population.viewers[who], world.catalogue.videos[items]
    share = video["main_topic_weight"] / 255.0

    def liked(topic: Array) -> Array:
        return np.max((me["taste"] == topic[:, None]) * (me["affinity"] / 255.0), axis=1)

    return np.asarray(share * liked(video["topic"]) + (1.0 - share) * liked(video["second"]))


def profiles(half: Half, **off: float) -> Array:
    """Everybody's tags in the middle of the run, by other rules."""
    rules, out = tag_rules(TagRules(**off)), np.zeros((len(half.tags), half.tags["trials"].shape[1]))
    for row, mine in enumerate(out):
        interest_profile(one(half.tags, row), half.now_ms, one(rules), half.weights, mine)
    return out


def cosines(half: Half, found: Array) -> Array:
    """Of tags and true tastes, one a viewer."""
    viewers, taste = half.world.population.viewers, np.zeros(found.shape)
    for n in range(MOST_TASTES):
        rows = np.arange(len(found))
        taste[rows, viewers["taste"][:, n]] = np.maximum(
            taste[rows, viewers["taste"][:, n]], viewers["affinity"][:, n] / 255.0
        )
    length = np.linalg.norm(found, axis=1) * np.linalg.norm(taste, axis=1)
    return np.asarray((found * taste).sum(axis=1) / np.maximum(length, 1e-12))


def errors(differences: Array) -> float:
    """A mean in its standard errors."""
    return float(differences.mean() / (differences.std(ddof=1) / len(differences) ** 0.5))


def test_every_kind_has_foretold_something() -> None:
    half = lived()
    assert half.weights[0] > 0.3  # of a share watched above expectation, which it is itself
    assert half.weights[2] > 0.0
    assert (half.weights[:3] >= 0.0).all()


COSTS = pytest.mark.xfail(
    reason="rooms cost some 0.0023 of cosine in this world: their entry rates know no matched audience"
)


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=COSTS) if kind == "rooms" else kind for kind in KINDS])
def test_no_kind_added_to_the_others_makes_tags_less_precise(kind: str) -> None:
    half = lived()
    gain = cosines(half, profiles(half)) - cosines(half, profiles(half, **{kind: 0.0}))
    assert gain.mean() > -0.002
    if kind == "videos":
        assert errors(gain) > 10


def test_purchases_foretell_what_is_bought_later_by_those_who_bought() -> None:
    half, by_viewer = lived(), {}
    with_them, without = profiles(half), profiles(half, purchases=0.0)
    for viewer, topic in half.orders:
        if viewer in half.bought_before:
            gain = sum(
                sign * tags[viewer, topic] / max(np.linalg.norm(tags[viewer]), 1e-12)
                for sign, tags in ((1, with_them), (-1, without))
            )
            by_viewer.setdefault(viewer, []).append(gain)
    gains = np.array([np.mean(mine) for mine in by_viewer.values()])
    assert len(gains) > 100
    assert errors(gains) > 2


def test_with_every_kind_off_there_are_no_tags() -> None:
    half = lived("platform.tags.videos=0", "platform.tags.rooms=0", "platform.tags.purchases=0")
    world = half.world
    known = world.population.viewers, world.population.tags, world.clock.now_ms, world.policy.tag_rules
    assert tag_precision(*known, world.platform.snapshot.usual.weights, 24) == (0.0, 0.0)
    assert half.liking["chosen"] == pytest.approx(half.liking["random"], abs=0.03)


def test_tags_bring_people_what_they_like() -> None:
    tagged, blind = lived().liking, lived("platform.feed.use_tags=false").liking
    assert tagged["chosen"] > 2.0 * tagged["random"]
    assert tagged["chosen"] > blind["chosen"] + 0.1
