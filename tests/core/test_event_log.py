from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sim.core.agreement import AuditError, agree
from sim.core.arrays import Array, blank
from sim.core.catalogue import ROOM_COLUMNS, VIDEO_COLUMNS
from sim.core.event_log import (
    BOOSTED,
    BUCKETS,
    CLICKED,
    COMMENTED,
    DEEDS,
    EMPTY,
    ENDED,
    ENTERED,
    FINISHED,
    FOLLOW,
    FOLLOWED,
    INSIDE,
    KINDS,
    LEFT,
    LIKED,
    LOG_COLUMNS,
    M_ENTERED,
    M_EXPECTED,
    M_LIVE_REACTIONS,
    M_LIVE_SHOWN,
    M_ORDERS,
    M_RATIO,
    M_REACTIONS,
    M_SHOWN,
    M_STAY_MS,
    ORDER,
    ORDERED,
    R_SOURCES,
    RANDOM,
    RANKED,
    RECOMMENDED,
    REFUSED,
    ROOM_COUNTS,
    SHARED,
    SHOWN,
    SKIPPED,
    SOURCES,
    TOTALS,
    VIA_SHARE,
    VIA_VIDEO,
    VIDEO,
    VIDEO_COUNTS,
    VISIT,
    Counters,
    counters,
    has,
    note,
)
from sim.scenario.scenario import loads
from sim.traffic.event_counters import count_events
from sim.traffic.event_filters import Trust, look_through
from sim.traffic.video_waves import WAVE_COLUMNS
from sim.world import World

Event = tuple[int, int, int, int, int, int, int]  # at_ms, viewer, item, ms, did, kind, mark


def written(*shards: list[Event]) -> tuple[Array, Array]:
    """A log and its sizes."""
    log, sizes = blank(LOG_COLUMNS, (len(shards), 16)), np.zeros(len(shards), np.int64)
    for shard, events in enumerate(shards):
        for event in events:
            sizes[shard] = note(log[shard], int(sizes[shard]), *event)
    return log, sizes


class Books:
    """Three videos of 10 s in the tiers 0, 1, 1, two rooms, and two shards that took what the events say."""

    def __init__(self, *shards: list[Event]) -> None:
        self.log, self.sizes = written(*shards)
        self.count: Counters = counters(3, 2, 2, 4)
        self.videos, self.waves = blank(VIDEO_COLUMNS, 3), blank(WAVE_COLUMNS, 3)
        self.videos["duration_ms"], self.waves["tier"] = 10_000, [0, 1, 1]
        self.rooms = blank(ROOM_COLUMNS, 2, categories=2)
        self.videos["creator"], self.rooms["host"] = [0, 1, 2], [3, 2]
        self.room_delivered = np.zeros(2, np.int64)
        count_events(
            self.log, self.sizes, self.count, self.videos, np.full(3, 0.5, np.float32), np.ones((6, BUCKETS)),
            self.waves, self.rooms["host"], self.room_delivered, self.rooms["online"],
        )  # fmt: skip

    def video(self, item: int) -> dict[str, int]:
        return {name: int(n) for name, n in zip(VIDEO_COUNTS, self.count.videos[item], strict=True) if n}

    def room(self, room: int) -> dict[str, int]:
        return {name: int(n) for name, n in zip(ROOM_COUNTS, self.count.rooms[room], strict=True) if n}

    def totals(self) -> dict[str, int]:
        return {name: int(n) for name, n in zip(TOTALS, self.count.totals, strict=True) if n}


def test_deeds_are_bits_in_the_order_of_their_names() -> None:
    bits = (FINISHED, SKIPPED, LIKED, COMMENTED, SHARED, FOLLOWED, ENTERED, CLICKED, ORDERED, REFUSED)
    assert bits == tuple(2**n for n in range(len(DEEDS)))
    assert (has(LIKED | CLICKED, LIKED), has(LIKED | CLICKED, ORDERED), has(0, LIKED)) == (1, 0, 0)


def test_kinds_and_sources_have_names() -> None:
    kinds = (VISIT, VIDEO, SHOWN, INSIDE, ORDER, LEFT, ENDED, EMPTY)
    assert [KINDS[k] for k in kinds] == ["visit", "video", "shown", "inside", "order", "left", "ended", "empty"]
    assert (SOURCES[RANKED], SOURCES[RANDOM]) == ("ranked", "random")


def test_facts_are_appended() -> None:
    log, sizes = written([(5, 1, 2, 300, LIKED, VIDEO, 7), (9, 1, ~1, 0, ENTERED, SHOWN, 3)])
    assert sizes.tolist() == [2]
    assert log[0, :2].tolist() == [(5, 1, 2, 300, LIKED, VIDEO, 7), (9, 1, -2, 0, ENTERED, SHOWN, 3)]


def test_videos_are_counted_by_hand() -> None:
    # of video 1: 12 s finished with a like and a share, and 2.5 s skipped, at random; a match of 5 and of 2 eighths
    books = Books(
        [(0, 0, 1, 12_000, FINISHED | LIKED | SHARED, VIDEO, 5 | RANKED << 4)],
        [(0, 9, 1, 2_500, SKIPPED, VIDEO, 2 | RANDOM << 4), (1, 9, 0, 4_000, COMMENTED | FOLLOWED, VIDEO, 2)],
    )
    assert books.video(1) == {
        "shown": 2,
        "watch_ms": 14_500,
        "finished": 1,
        "skipped": 1,
        "likes": 1,
        "shares": 1,
        "watched": 1_250,
        "reacted": 2,
        "fit": 2_000,
    }
    assert books.video(0) == {
        "shown": 1,
        "watch_ms": 4_000,
        "comments": 1,
        "follows": 1,
        "watched": 400,
        "reacted": 2,
        "fit": 1_000,
    }
    assert books.video(2) == {}
    assert books.totals() == {
        "video_exposures": 3, "watch_ms": 18_500, "finished": 1, "skipped": 1, "likes": 1, "comments": 1, "shares": 1,
        "follows": 1, "random_exposures": 1,
    }  # fmt: skip
    assert books.count.tiers.tolist() == [1, 2, 0]
    assert books.waves["delivered"].tolist() == [1, 2, 0]
    assert books.count.followers.tolist() == [1, 0, 0, 0]


def test_what_tag_match_does_is_learnt_by_its_step() -> None:
    # ratios in thousandths of the duration: 12 s and 4 s of 10 s
    books = Books(
        [(0, 0, 1, 12_000, LIKED | SHARED, VIDEO, 5), (0, 0, 1, 4_000, 0, VIDEO, 5)],
        [
            (0, 9, ~0, 0, ENTERED, SHOWN, 3 | RECOMMENDED << 4),
            (0, 9, ~1, 700, 0, SHOWN, 3 | BOOSTED << 4),
            (0, 9, ~0, 8_000, COMMENTED | CLICKED | ORDERED, INSIDE, 3 | RECOMMENDED << 4),
            *((0, 9, ~0, 0, ENTERED, SHOWN, 3 | source << 4) for source in (FOLLOW, VIA_VIDEO, VIA_SHARE)),
            *((0, 9, ~0, 8_000, LIKED, INSIDE, 3 | source << 4) for source in (FOLLOW, VIA_VIDEO, VIA_SHARE)),
        ],
    )
    found = books.count.matches
    assert found[[M_SHOWN, M_RATIO, M_REACTIONS], 5].tolist() == [2, 1_600, 2]
    assert found[[M_LIVE_SHOWN, M_ENTERED, M_STAY_MS, M_LIVE_REACTIONS, M_ORDERS], 3].tolist() == [2, 1, 8_000, 1, 1]
    assert found[M_EXPECTED, 5] == 2 * 500
    assert found.sum() == 2 + 1_600 + 2 + 2 + 1 + 8_000 + 1 + 1 + 1_000


def test_rooms_are_counted_by_hand() -> None:
    # four were shown room 1, two of them by recommendation; three went in, two stayed, 8 s and 20 + 5 s; one has left
    books = Books(
        [
            (0, 0, ~1, 0, ENTERED, SHOWN, RECOMMENDED << 4),
            (0, 0, ~1, 8_000, LIKED | CLICKED | SHARED, INSIDE, RECOMMENDED << 4),
            (8_000, 0, ~1, 8_000, LIKED | CLICKED | SHARED, LEFT, RECOMMENDED << 4),
            (9_000, 1, ~1, 900, 0, SHOWN, RECOMMENDED << 4),
            (9_500, 2, ~1, 0, ENTERED, SHOWN, VIA_VIDEO << 4),
        ],
        [
            (0, 9, ~1, 0, ENTERED, SHOWN, FOLLOW << 4),
            (0, 9, ~1, 20_000, COMMENTED | FOLLOWED, INSIDE, FOLLOW << 4),
            (20_000, 9, ~1, 5_000, 0, INSIDE, FOLLOW << 4),
        ],
    )
    by_source = {
        "shown_recommended": 2, "shown_video": 1, "shown_follow": 1,
        "entered_recommended": 1, "entered_video": 1, "entered_follow": 1,
    }  # fmt: skip
    assert books.room(1) == {
        "shown": 4, "entered": 3, "left": 1, "stay_ms": 33_000, "likes": 1, "comments": 1, "follows": 1, "clicks": 1,
        "shares": 1, **by_source,
    }  # fmt: skip
    assert books.room(0) == {}
    assert books.room_delivered.tolist() == [0, 2]  # of the wave are only those by recommendation
    assert books.rooms["online"].tolist() == [0, 2]
    assert books.count.followers.tolist() == [0, 0, 1, 0]  # of the room's host
    assert books.totals() == {
        "live_exposures": 4, "entries": 3, "leavings": 1, "stay_ms": 33_000, "room_likes": 1, "room_comments": 1,
        "room_follows": 1, "room_shares": 1, "clicks": 1, **by_source,
    }  # fmt: skip


def test_sessions_are_counted_by_hand() -> None:
    # three visits were due, one was let go; two sessions ended after 60 and 90 s, one for lack of a page
    books = Books(
        [(0, 0, -1, 0, 0, VISIT, 0), (60_000, 0, -1, 60_000, 0, ENDED, 0), (70_000, 1, -1, 0, SKIPPED, VISIT, 0)],
        [(0, 9, -1, 0, 0, VISIT, 0), (90_000, 9, -1, 0, 0, EMPTY, 0), (90_000, 9, -1, 90_000, 0, ENDED, 0)],
    )
    assert books.totals() == {"visits": 3, "sessions": 2, "session_ms": 150_000, "empty_pages": 1}


def looked_through(log: Array, sizes: Array, sampled: Sequence[int] = ()) -> tuple[list[list[int]], list[list[int]]]:
    """Where orders and the events of some of ten viewers are."""
    trust = Trust(np.full(10, -1, np.int32), np.zeros(10, np.int32), np.zeros(10, np.uint8))
    found = look_through(log, sizes, np.isin(np.arange(10), sampled), 0, trust, np.zeros(len(TOTALS), np.int64))
    return found[0].tolist(), found[2].tolist()


def test_what_stands_beyond_a_shards_size_is_not_a_fact() -> None:
    log, sizes = written([(0, 0, 1, 0, ORDERED, ORDER, 0)] * 3)
    sizes[0] = 2
    assert looked_through(log, sizes, [0]) == ([[0, 0], [0, 1]],) * 2


def test_orders_are_found() -> None:
    log, sizes = written(
        [(0, 0, 1, 0, 0, VIDEO, 0), (0, 0, 7, 0, ORDERED, ORDER, 0)],
        [(0, 9, 8, 0, ORDERED, ORDER, 0), (0, 9, 1, 0, 0, VIDEO, 0), (0, 9, 9, 0, ORDERED, ORDER, 0)],
    )
    assert looked_through(log, sizes) == ([[0, 1], [1, 0], [1, 2]], [])


def test_shares_of_rooms_are_found_and_no_others() -> None:
    log, sizes = written(
        [(0, 0, 1, 0, SHARED, VIDEO, 0), (0, 0, ~1, 0, SHARED | LIKED, INSIDE, 0)], [(0, 8, ~1, 0, SHARED, LEFT, 0)]
    )
    trust = Trust(np.full(10, -1, np.int32), np.zeros(10, np.int32), np.zeros(10, np.uint8))
    _, shares, _ = look_through(log, sizes, np.zeros(10, bool), 0, trust, np.zeros(len(TOTALS), np.int64))
    assert shares.tolist() == [[0, 1]]


def test_the_facts_of_sampled_viewers_are_found() -> None:
    log, sizes = written([(0, who, 1, 0, 0, VIDEO, 0) for who in (0, 2, 3, 5)], [(0, 8, 1, 0, 0, VIDEO, 0)])
    assert looked_through(log, sizes, [2, 5, 8]) == ([], [[0, 1], [0, 3], [1, 0]])


# --- the audit


def test_books_that_agree_say_nothing() -> None:
    agree("one thing", 3, 3)
    with pytest.raises(AuditError, match="one thing: 3 against 4"):
        agree("one thing", 3, 4)


def evening() -> World:
    world = World(
        loads("viewers: {count: 1500}\nrooms: {count: 6}\nwarm_up: 0.25\nplatform: {refresh: 60}"), audit=True
    )
    for _ in range(90):
        world.step()
    return world


def two_refreshes(world: World) -> None:
    world.step()
    world.step()


def hands_out_more(world: World, videos: int, rooms: int) -> None:
    honest = world.population.delivered
    setattr(world.population, "delivered", lambda: (honest()[0] + videos, honest()[1] + rooms))  # noqa: B010


def test_an_evening_passes_the_audit() -> None:
    world = evening()
    assert world.platform.decayed_totals[TOTALS.index("video_exposures")] > 1_000
    assert world.totals.entries > 0


@pytest.mark.parametrize(
    "tamper",
    [
        lambda world: hands_out_more(world, 1, 0),
        lambda world: hands_out_more(world, 0, 1),
        lambda world: world.catalogue.rooms["online"].__setitem__(0, world.catalogue.rooms["online"][0] + 1),
        lambda world: world.catalogue.products["stock"].__setitem__(0, -1),
        lambda world: world.platform.levels["delivered"].__setitem__(0, world.platform.levels["budget"][0] + 1),
        lambda world: world.platform.waves["delivered"].__setitem__(0, world.platform.waves["budget"][0] + 1),
        lambda world: setattr(world.totals, "entries", world.totals.entries + 1),
        lambda world: world.platform.counters.rooms.__setitem__((0, R_SOURCES), 10**6),
    ],
    ids=[
        "an exposure",
        "a room's exposure",
        "a guest",
        "a piece",
        "a room's budget",
        "a budget",
        "an entry",
        "a source",
    ],
)
def test_the_audit_notices_one_thing_too_many(tamper: Callable[[World], None]) -> None:
    world = evening()
    tamper(world)
    with pytest.raises(AuditError):
        two_refreshes(world)


def test_what_is_usual_is_counted_by_hand() -> None:
    # a video of 10 s is in the second class of length; a stay of 1 s has the log 6.9078, its square is 47.717
    books = Books(
        [(0, 0, 1, 12_000, LIKED | SHARED, VIDEO, 5), (0, 0, 0, 4_000, 0, VIDEO, 0)],
        [
            (0, 9, ~1, 0, ENTERED, SHOWN, 3),
            (0, 9, ~1, 700, 0, SHOWN, 3),
            (0, 9, ~1, 1_000, ORDERED, INSIDE, 3),
            (1_000, 9, ~1, 1_000, ENTERED | ORDERED, LEFT, 3),
        ],
    )
    assert books.count.durations[:, 1].tolist() == [2_000, 1_400, 2]
    assert books.count.usual.tolist() == [[0] * 6, [2, 1, 1, 7_074, 48_862, 1]]
