"""Kernels by themselves: `uv run pytest benchmarks -n 0`. The normal test run only sees that they work.

Each is called from a compiled loop over viewers, so that what is timed is the kernel and not its call; a round is
`VIEWERS` calls, or one refresh.
"""

import os
from typing import Any

import pytest

from agents.viewer import SCROLLING
from benchmarks.midday import held
from benchmarks.stretch import busy, go_on
from sim.core.arrays import Array, Row
from sim.core.compiler import loop
from sim.engine.loop_context import LoopContext, People
from sim.engine.video_exposure import learn_from_video, watch_video
from sim.recommender.candidates import Workspace
from sim.recommender.feed import request_page
from sim.recommender.interest_tags import brought_forward, interest_profile
from sim.world import World

VIEWERS = int(os.environ.get("BENCHMARK_VIEWERS", "20000"))
MINUTES = 30.0


@loop
def request_pages(people: People, context: LoopContext, workspace: Workspace, seed: int, now: int) -> int:
    """A page for every viewer, by his tags; returns the places that were filled."""
    filled = 0
    for i in range(len(people.viewers)):
        tags, served = people.tags[i], people.served[i]
        brought_forward(tags, now, context.tag_rules[0])
        interest_profile(
            tags, now, context.tag_rules[0], context.inventory.recall.usual.weights, workspace.interest_profile
        )
        filled += request_page(context.inventory, served, i, -1, context.feed_rules[0], workspace, seed, 0)
    return filled


@loop
def watch_videos(people: People, context: LoopContext, seed: int, items: Array) -> int:
    """One exposure for every viewer; returns the events that came of it."""
    events = 0
    for i in range(len(people.viewers)):
        me, tags, served = people.viewers[i], people.tags[i], people.served[i]
        events += watch_video(me, tags, served, i, items[i % len(items)], 0, context, seed, 0, context.log[0], 0)
    return events


@loop
def learn_from_videos(tags: Array, topics: int, now: int, rules: Row, lessons: Array) -> None:
    """What one exposure says to the tags of every viewer."""
    for i in range(len(tags)):
        learn_from_video(tags[i], i % topics, 0.7, 0, 0.5, 1.0, i % 4 == 0, now, rules, lessons)


@pytest.fixture(scope="module")
def world() -> World:
    """A busy world with a catalogue."""
    world = World(busy(VIEWERS))
    go_on(world, MINUTES)
    return world


def test_a_page_request(benchmark: Any, world: World) -> None:
    population, seed = held(world), world.scenario.seed
    filled = benchmark(
        request_pages, population.people, population.context, population.workspaces[0], seed, world.clock.now_ms
    )
    assert filled > VIEWERS


def test_a_reaction_to_a_video(benchmark: Any, world: World) -> None:
    population, items = held(world), world.platform.open_videos
    population.viewers["due_ms"], population.viewers["phase"] = world.clock.now_ms, SCROLLING
    events = benchmark(watch_videos, population.people, population.context, world.scenario.seed, items)
    assert events >= VIEWERS


def test_an_update_of_tags(benchmark: Any, world: World) -> None:
    population, now = held(world), world.clock.now_ms
    topics = len(world.scenario.categories)
    before = population.tags.tobytes()
    benchmark(learn_from_videos, population.tags, topics, now, population.tag_rules[0], population.lessons[0])
    assert population.tags.tobytes() != before


def test_a_refresh(benchmark: Any) -> None:
    world = World(busy(VIEWERS))
    go_on(world, MINUTES)
    benchmark.pedantic(world.step, rounds=20)
    assert world.totals.exposures > 0
