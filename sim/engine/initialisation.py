"""How a world begins: everybody is born, the books are empty, and every life is put on the clock."""

from typing import Any

import numpy as np

from agents.creator import Posting
from agents.live_room import LiveRoom
from sim.core import event_log
from sim.core.arrays import blank
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.clock import DAY, MINUTE
from sim.core.event_log import LOG_COLUMNS, TOTALS
from sim.core.randomness import SAMPLED, SCRIPT, draw, pick, rhythm_of
from sim.engine import founding, video_phase
from sim.recommender.room_index import ring_of_rooms
from sim.recommender.snapshot import recall
from sim.traffic import room_levels, video_waves
from sim.traffic.boosted_waves import PaidWaves
from sim.traffic.video_waves import WAVE_COLUMNS


def found(world: Any, threads: int, crowd: Any) -> None:
    """Everybody is born; nothing has happened yet."""
    s = world.scenario
    world.take_rules(s.start_ms)
    world.review_ms = int(s.platform.rooms.review_minutes * MINUTE)
    world.creators, world.craft = founding.found_creators(s)
    world.posting = Posting(world.creators, s.start_ms, s.seed, rhythm_of(s.creators.rhythm))
    world.rooms, world.products, world.hosting = founding.found_rooms(s, len(world.creators))
    world.crowd = crowd(s, world.creators, threads)
    _open_books(world)
    world.recall = recall(0, s.rooms.count, len(world.ladder), len(s.categories), len(world.creators))
    world.recall.room_of[world.rooms["host"]] = np.arange(s.rooms.count)
    video_phase.hold(world, int(founding.videos_a_day(s) * (s.days + s.warm_up) * 1.05) + 64)


def _open_books(world: Any) -> None:
    """Empty catalogues, counters, waves and logs."""
    s, rooms = world.scenario, world.scenario.rooms.count
    world.videos, world.waves = blank(VIDEO_COLUMNS, 0), blank(WAVE_COLUMNS, 0)
    world.pull, world.best_tier, world.published = np.zeros(0), np.zeros(0, np.int8), 0
    world.open_items = np.zeros(0, np.int64)
    world.peers = video_waves.peers(len(world.ladder), s.platform.waves.peers)
    world.levels = blank(room_levels.LEVEL_COLUMNS, rooms)
    world.counters = event_log.counters(0, rooms, len(world.ladder))
    world.before = np.zeros_like(world.counters.videos)
    world.sums = np.zeros(len(TOTALS), np.int64)
    world.paid = PaidWaves(s)
    world.session_counts = np.zeros_like(world.counters.rooms)
    world.takings = np.full((rooms, len(s.rooms.scripts)), np.nan)
    world.ranking = np.full(rooms, -1, np.int64)
    world.peak, world.session_peak, world.closed_ms, world.profit_cents, world.bait_loss_cents = np.zeros(
        (5, rooms), np.int64
    )
    world.room_order, world.room_key = ring_of_rooms(rooms)
    world.asked, world.expected_live, world.exposures = 0, 0.0, 0
    world.entries = world.leavings = 0
    world.told = {}
    world.precision = (0.0, 0.0)
    world.followers = world.crowd.followers(len(world.creators))
    _, v, _, _ = draw(world.seed_of_all, SAMPLED, 0, 0, 0)
    size = min(s.records.precision_sample, s.viewers.count)
    world.measured = (np.arange(size) * (s.viewers.count / size) + v).astype(np.int64)
    world.orders, world.filled = blank(LOG_COLUMNS, 0), np.zeros(0, bool)
    world.product_counts = np.zeros((len(world.products), len(event_log.PRODUCT_COUNTS)), np.int64)


def start_lives(world: Any) -> None:
    """Put creators, rooms and the platform on the clock."""
    s = world.scenario
    names = list(s.rooms.script_shares)
    weights = np.cumsum(list(s.rooms.script_shares.values()))
    world.live_rooms = []
    for row in range(s.rooms.count):
        u, _, _, _ = draw(s.seed, SCRIPT, row, 0, 0)
        world.live_rooms.append(LiveRoom(world, row, names[pick(weights, u)]))
    world.stirred = set(range(s.rooms.count))
    world.forget_numbers()
    for room in world.live_rooms:
        room.plan(s.start_ms // DAY, s.rooms, s.seed)
    go_on(world)


def go_on(world: Any) -> None:
    """Let every life run from the state that it is in."""
    # first, as of two lives that wait for just before the same moment the first to begin goes first
    world.clock.start(world.posting.life(world.clock, world.scenario.refresh_ms, world.take))
    world.clock.start(world.platform_life())
    for room in world.live_rooms:
        world.clock.start(room.life(world.clock))
