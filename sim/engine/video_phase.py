"""The videos' part of a refresh: new ones are admitted, waves are reviewed, and what is left of them is published."""

from typing import Any

import numpy as np

from agents.creator import make_videos
from sim.core.arrays import grown, longer
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.clock import DAY, HOUR
from sim.engine import observed_rows
from sim.recommender.budget_slices import release
from sim.recommender.snapshot import recall
from sim.recommender.video_index import of_late, publish_videos, with_new
from sim.traffic import video_waves
from sim.traffic.video_waves import WAVE_COLUMNS


def admit(world: Any) -> None:
    """Take in what was published since the last refresh, in the order of time, and give it a first wave."""
    when, who, number = world.inbox
    if not len(who):
        return
    first, last = world.published, world.published + len(who)
    hold(world, last)
    truths = world.creators, world.seed_of_all, world.craft
    make_videos(world.videos, world.pull, first, when, who, number, *truths)
    now, lasts = world.clock.now_ms, int(world.rules.waves.hours * HOUR)
    books = world.counters.videos, world.before
    video_waves.first_waves(world.waves, first, last, world.ladder[0], now, lasts, *books)
    world.recall.newest[who] = np.arange(first, last)
    world.published = last
    world.open_items = with_new(world.open_items, first, last, world.videos["ring"])


def review(world: Any) -> None:
    """Judge the waves that are spent or out of time, and hand out the next ones."""
    rules, now = world.rules.waves, world.clock.now_ms
    items = video_waves.over(world.waves, world.open_items, now)
    if not len(items):
        return
    found = video_waves.room_for_reviews(len(items))
    books = world.waves, world.before, world.counters.videos, world.videos
    video_waves.review_videos(
        items,
        *books,
        world.peers,
        world.weighing,
        rules.minimum_sample,
        rules.promote,
        rules.repeat,
        len(world.ladder),
        world.seed_of_all,
        found,
    )
    lasts, oldest = int(rules.hours * HOUR), int(rules.max_age_days * DAY)
    video_waves.carry_out(found, *books, np.array(world.ladder), now, lasts, oldest, world.scenario.viewers.count)
    world.open_items = video_waves.still_in_waves(items, world.waves, world.best_tier, world.open_items)
    if now > 0:
        world.record("reviews", observed_rows.video_reviews(found, now, world.weighing))


def publish(world: Any) -> None:
    """Put the open videos, what each is worth and what is left of its wave, in the snapshot."""
    rules, until = world.rules.waves, world.clock.now_ms + world.scenario.refresh_ms
    ends = until, int(rules.pace * HOUR), int(rules.hours * HOUR)
    items = release(world.waves, world.recall.slices, world.open_items, *ends, world.rules.shards, world.turn)
    means = of_late(world.sums, world.counters.matches, world.weighing)
    publish_videos(world.recall, items, world.waves, world.videos, world.counters.videos, *means, world.weighing)


def hold(world: Any, rows: int) -> None:
    """Make room for more videos."""
    have = len(world.videos)
    if rows <= have:
        return
    size = max(rows, have * 3 // 2)
    world.videos, world.waves = grown(world.videos, VIDEO_COLUMNS, size), grown(world.waves, WAVE_COLUMNS, size)
    world.pull, world.best_tier = longer(world.pull, size), longer(world.best_tier, size)
    world.counters = world.counters._replace(videos=longer(world.counters.videos, size))
    world.before = longer(world.before, size)
    old, categories = world.recall, len(world.scenario.categories)
    world.recall = recall(size, len(world.rooms), len(world.ladder), categories, len(old.newest))
    world.recall.newest[:], world.recall.room_of[:] = old.newest, old.room_of
    world.hold_out()
