"""How much memory a world takes, known before anything is allocated."""

from agents.creator import CREATOR_COLUMNS, how_many
from sim.core.arrays import row_bytes
from sim.core.catalogue import PRODUCT_COLUMNS, ROOM_COLUMNS, VIDEO_COLUMNS
from sim.core.event_log import LOG_COLUMNS, VIDEO_COUNTS
from sim.engine.initialisation import allocate_viewers, initial_log_capacity, videos_a_day, videos_at_start
from sim.recommender.boosted_slots import BOOST_COLUMNS
from sim.recommender.budget_slices import SLICE_COLUMNS
from sim.recommender.snapshot import bytes_per_place
from sim.scenario.scenario import Scenario
from sim.traffic.audience import needs_likes, needs_people
from sim.traffic.room_levels import LEVEL_COLUMNS
from sim.traffic.video_waves import WAVE_COLUMNS


def bytes_per_viewer(scenario: Scenario) -> int:
    """Memory of one viewer: truth, tags, and what the feed keeps."""
    return int(allocate_viewers(scenario, 0)[0].strides[0]) + 4


def bytes_per_video(scenario: Scenario) -> int:
    """Memory of one video: public row, wave, counters, truth, slices and recall."""
    counters = 2 * len(VIDEO_COUNTS) * 8  # now, and when its wave opened
    return (
        row_bytes(VIDEO_COLUMNS)
        + row_bytes(WAVE_COLUMNS)
        + row_bytes(SLICE_COLUMNS)
        + counters
        + 8  # pull
        + 8  # where it is on the ring of all, and what is there
        + 4 * scenario.platform.shards
        + 3 * bytes_per_place()
    )


def boosts_bytes(scenario: Scenario) -> int:
    """Memory of boosted waves: their rows, audiences, and what is kept of people to find those (bytes)."""
    s, wide = scenario, 8 * len(scenario.categories)
    of_videos, of_rooms = needs_people(s)
    boosts = sum(order.boosts.count for order in s.campaigns)
    audiences = sum(order.boosts.count for order in s.campaigns if order.target.kind != "everybody")
    people = of_videos * videos_a_day(s) * (s.days + s.warm_up) * 1.6 * wide + of_rooms * s.rooms.count * 2 * wide
    likes = 8 * s.viewers.count * needs_likes(s)
    return int(boosts * row_bytes(BOOST_COLUMNS) + audiences * s.viewers.count / 8 + people + likes)


def bytes_needed(scenario: Scenario) -> int:
    """Memory of the whole world at its end, before anything is allocated (bytes)."""
    s = scenario
    videos = (videos_a_day(s) * (s.days + s.warm_up) + videos_at_start(s)) * 1.6
    categories = len(s.categories)
    rooms = row_bytes(ROOM_COLUMNS, categories=categories) + row_bytes(LEVEL_COLUMNS) + 2_000
    products = s.rooms.count * (s.rooms.products + 1) * (row_bytes(PRODUCT_COLUMNS) + 8)
    logs = s.platform.shards * initial_log_capacity(s) * row_bytes(LOG_COLUMNS)
    creators = how_many(s.creators, s.viewers.count) * (row_bytes(CREATOR_COLUMNS) + 40)
    fixed = 600_000_000  # Python, its libraries and compiled code
    return int(
        s.viewers.count * bytes_per_viewer(s)
        + videos * bytes_per_video(s)
        + s.rooms.count * rooms
        + products
        + logs
        + creators
        + boosts_bytes(s)
        + fixed
    )
