from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import blank
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.clock import DAY
from sim.core.event_log import V_SHOWN, V_WATCH_MS, VIDEO_COUNTS
from sim.recommender.scoring import first_wave, remember_scores, trickle, weights_row
from sim.scenario.scenario import Weights, load
from sim.traffic.video_stock import bury, give, share_of_offer, survivors, trickles
from sim.traffic.video_waves import DEAD, IN_STOCK, WAVE_COLUMNS
from sim.world import World
from tests.worlds import finished, small, told


def test_a_trickle_by_hand() -> None:
    # 400 shown of 1,000 viewers: six tenths are left; at nine days a power of -0.5 leaves a third
    assert trickle(400.0, 1.5, 1_000.0, 9.0, 0.5) == pytest.approx(400 * 1.5 * 0.6 / 3)
    assert trickle(400.0, 1.5, 1_000.0, 0.2, 0.5) == pytest.approx(400 * 1.5 * 0.6)  # it fades from the first day on
    assert trickle(400.0, 1.5, 1_000.0, 9.0, 0.0) == pytest.approx(360.0)
    assert trickle(1_200.0, 1.5, 1_000.0, 9.0, 0.5) == 0.0


def test_what_videos_are_worth_to_the_stock() -> None:
    # both watched for exactly the mean share: a value of 1; the third is too old
    videos, counts = blank(VIDEO_COLUMNS, 3), np.zeros((3, len(VIDEO_COUNTS)), np.int64)
    videos["duration_ms"], videos["published_ms"] = 10_000, [9 * DAY, 6 * DAY, -DAY]
    counts[:, V_SHOWN], counts[:, V_WATCH_MS] = 100, 100 * 5_000
    weights = weights_row(Weights.model_validate({"review": {"interaction": 0}, "prior": 50}))
    worth = trickles(np.arange(3), videos, counts, 0.5, 0.0, weights, 1_000, 10 * DAY, 1.0, 11 * DAY)
    assert worth.tolist() == pytest.approx([90.0, 22.5, 0.0])  # one and four days old


def test_by_lot_all_are_worth_alike() -> None:
    videos, counts = blank(VIDEO_COLUMNS, 1), np.zeros((1, len(VIDEO_COUNTS)), np.int64)
    videos["duration_ms"], counts[0, V_SHOWN] = 10_000, 100
    weights = weights_row(Weights.model_validate({"review": {"interaction": 0, "dwell": 0}}))
    assert trickles(np.array([0]), videos, counts, 0.5, 0.1, weights, 1_000, 0, 1.0, DAY).tolist() == [90.0]


def test_those_worth_most_stay() -> None:
    assert survivors(np.array([3.0, 0.0, 5.0, 1.0]), 2).tolist() == [True, False, True, False]
    assert survivors(np.array([3.0, 0.0, 5.0, 1.0]), 9).tolist() == [True, False, True, True]
    assert survivors(np.array([2.0, 2.0, 2.0]), 2).tolist() == [True, True, False]  # of equal ones the first


@pytest.mark.parametrize(
    ("offer", "worth", "room", "u", "given_out"),
    [
        (100.0, 1.0, 99, 0.4, 25),
        (10.0, 1.0, 99, 0.4, 2),
        (10.0, 1.0, 99, 0.6, 3),
        (100.0, 1.0, 7, 0.4, 7),
        (9.0, 0.0, 9, 0.9, 0),
    ],
)
def test_a_video_gets_its_part_of_the_offer(offer: float, worth: float, room: int, u: float, given_out: int) -> None:
    assert share_of_offer(offer, worth, 4.0, room, u) == given_out


@given(
    worth=st.lists(st.floats(0, 1e6), min_size=1, max_size=60),
    offer=st.floats(0, 1e5),
    shown=st.integers(0, 1_000),
    turn=st.integers(-100, 100),
)
def test_no_more_is_given_than_is_offered_nor_than_there_are_viewers(
    worth: list[float], offer: float, shown: int, turn: int
) -> None:
    items, waves = np.arange(len(worth)), blank(WAVE_COLUMNS, len(worth))
    counts = np.full((len(worth), len(VIDEO_COUNTS)), shown)
    give(items, np.array(worth), offer, waves, counts, 1_000, turn, 7)
    assert waves["budget"].sum() <= offer + len(worth)  # each is rounded by lot
    assert waves["budget"].min() >= 0
    assert waves["budget"].max() + shown <= 1_000
    assert not waves["delivered"].any()


def test_the_dead_get_nothing_and_are_nobodys_newest() -> None:
    waves, newest, creator = blank(WAVE_COLUMNS, 3), np.array([2, 1]), np.array([0, 1, 0])
    waves["budget"] = 5
    bury(np.array([0, 1]), waves, newest, creator, 77)
    assert waves["closes_ms"].tolist() == [77, 77, 0]
    assert waves["tier"].tolist() == [DEAD, DEAD, 0]
    assert waves["budget"].tolist() == [0, 0, 5]
    assert newest.tolist() == [2, -1]


def test_a_first_wave_is_earned() -> None:
    # of 300 two fifths for all, three fifths by the record; a tenth of the followers
    record, followers = np.array([1.0, 2.0, 0.0, 1.0]), np.array([0, 0, 0, 5_000])
    assert first_wave(300.0, record, followers, 0.4, 0.1).tolist() == pytest.approx([300, 480, 120, 800])
    assert first_wave(300.0, record, followers, 1.0, 0.0).tolist() == [300.0] * 4


def test_a_record_remembers_scores() -> None:
    record = np.ones(2)
    remember_scores(record, np.array([1, 1]), np.array([2.0, 9.0]), 0.75)
    assert record.tolist() == pytest.approx([1.0, (0.75 * (0.75 + 0.5) + 0.25 * 5.0)])  # 9 counts as 5


# --- in a world

TURNS = ("platform.stock.part_minutes=10", "platform.stock.parts=3", "platform.stock.minimum_sample=30")


def test_without_a_share_nothing_comes_from_the_stock() -> None:
    world = World(small("platform.stock.share=0"), audit=True)
    assert world.catalogue.published == 0  # nor is there a past
    while world.running:
        world.step()
        assert world.platform.counters.tiers[-1] == 0 or world.clock.now_ms <= world.scenario.start_ms
    assert (world.platform.waves["budget"][world.platform.stock] == 0).all()


@cache
def tables(*overrides: str) -> dict[str, list[dict[str, Any]]]:
    return told(small(*TURNS, *overrides))


def summed(rows: list[dict[str, Any]], name: str) -> int:
    return sum(int(row[name]) for row in rows)


def test_a_generous_stock_leaves_no_page_empty() -> None:
    scarce = "creators.videos_per_viewer_day=0.5"
    none, much = (tables(f"platform.stock.share={share}", scarce)["series"] for share in (0, 3))
    empty, seen = ([summed(rows, name) for rows in (none, much)] for name in ("empty_pages", "video_exposures"))
    assert seen[1] > 3 * seen[0]
    assert empty[1] / seen[1] < 0.2 * empty[0] / seen[0]
    assert summed(much, "stock") > 0.3 * summed(much, "video_exposures")
    assert summed(none, "stock") == 0


def test_the_stock_holds_no_more_than_its_size_and_the_oldest_die() -> None:
    world = finished(small(*TURNS, "platform.stock.size=0.5"))
    stock = world.platform.stock
    # each of three parts holds up to a third of 300, and what has come since its turn
    assert 100 < len(stock) < 300 + 600
    assert (world.platform.waves["tier"][stock] == IN_STOCK).all()
    dead = np.flatnonzero(world.platform.waves["tier"][: world.catalogue.published] == DEAD)
    assert len(dead) > 100
    ring = world.catalogue.videos["ring"][stock].astype(np.int64)
    assert (np.diff(ring) >= 0).all()


def test_what_does_well_again_is_re_ignited() -> None:
    never, often = (
        [verdict for row in tables(f"platform.stock.reignite={share}")["reviews"] for verdict in row["verdict"]]
        for share in (0.0, 0.3)
    )
    assert never.count("keep") > 20
    assert never.count("reignite") == 0
    assert often.count("reignite") > 5


def test_a_world_begins_with_the_past() -> None:
    world = World(load("scenarios/tiny.yaml"))
    platform, videos, count = world.platform, world.catalogue.videos, world.catalogue.published
    dead = (platform.waves["tier"][:count] == DEAD).sum()  # of the part whose turn it was at once
    assert count == len(platform.stock) + len(platform.open_videos) + dead
    assert len(platform.stock) > 100
    assert len(platform.open_videos) > 0
    published = videos["published_ms"][:count]
    assert (published < world.scenario.start_ms).all()
    assert published.min() > world.scenario.start_ms - 31 * DAY
    shown = platform.counters.videos[:count, V_SHOWN]
    assert (shown > 0).all()
    assert shown.max() <= world.scenario.viewers.count
