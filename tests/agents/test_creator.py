"""Creators: when they post, in which order the platform hears of it, and how Mesa sees them."""

import mesa
import numpy as np
import pytest

from agents.creator import CREATOR_COLUMNS, Creator, Posting
from agents.live_room import LiveRoom
from sim.core.arrays import blank
from sim.core.clock import DAY, Clock
from sim.core.randomness import NEVER, POSTING, draw, next_arrival
from sim.world import World
from tests.worlds import small

NO_PAST = ("platform.stock.share=0", "rooms.posts_per_show=0")
EVEN = np.ones(24)
BUSY = np.repeat([0.5, 1.5], 12)


def posting(*per_day: float, rhythm: np.ndarray = EVEN, start_ms: int = 0) -> Posting:
    creators = blank(CREATOR_COLUMNS, len(per_day))
    creators["per_day"] = per_day
    return Posting(creators, start_ms, 7, rhythm)


def alone(creator: int, per_day: float, start_ms: int, until_ms: int) -> list[tuple[int, int, int]]:
    """One creator's posts, one after another."""
    at, posts = start_ms, []
    while True:
        at = next_arrival(at, draw(7, POSTING, creator, len(posts), 0)[0], per_day, BUSY)
        if at >= until_ms:
            return posts
        posts.append((at, creator, len(posts)))


@pytest.mark.parametrize("every", [1_000, 30_000, DAY])
def test_all_together_post_what_each_would_alone(every: int) -> None:
    rates, start, end = [500.0, 0.3, 0.0, 40.0, 7.0, 499.0] * 3, -DAY, -DAY + DAY // 4
    together = posting(*rates, rhythm=BUSY, start_ms=start)
    told = [zip(*together.before(until), strict=True) for until in [*range(start + every, end, every), end]]
    each = [post for n, rate in enumerate(rates) for post in alone(n, rate, start, end)]
    assert [tuple(map(int, post)) for part in told for post in part] == sorted(each)
    assert len(each) > 256  # more than there is room for at first


def test_a_post_at_the_very_moment_of_a_refresh_waits_for_the_next() -> None:
    two = posting(1.0, 1.0)
    two.next_ms[:] = 30_000, 29_999
    assert two.before(30_000).creator.tolist() == [1]
    assert two.before(30_001).at_ms.tolist() == [30_000]


def test_posts_of_one_moment_come_in_the_order_of_creators() -> None:
    three = posting(1.0, 1.0, 1.0)
    three.next_ms[:], three.posts[:] = (20, 10, 10), (5, 6, 7)
    assert [part.tolist() for part in three.before(21)] == [[10, 10, 20], [1, 2, 0], [6, 7, 5]]
    assert three.posts.tolist() == [6, 7, 8]


def test_who_never_posts_is_never_due() -> None:
    nobody = posting(0.0)
    assert nobody.next_ms.tolist() == [NEVER]
    assert len(nobody.before(1_000 * DAY).creator) == 0


def test_creators_post_just_before_the_refresh_that_is_due() -> None:
    clock, one, heard = Clock(), posting(1.0), []
    one.next_ms[:] = 59_999
    clock.start(one.life(clock, 30_000, lambda posts: heard.append((clock.now_ms, posts.at_ms.tolist()))))
    clock.run(60_001)
    assert heard == [(30_000, []), (60_000, [59_999])]


def test_each_refresh_takes_in_the_posts_since_the_last() -> None:
    world = World(small(*NO_PAST))
    for _ in range(200):
        before, since = world.catalogue.published, world.clock.now_ms
        world.step()
        at = world.catalogue.videos["published_ms"][before : world.catalogue.published]
        assert ((since <= at) & (at < world.clock.now_ms)).all()
    assert world.catalogue.published == world.truth.posting.posts.sum() > 0


def test_no_creator_is_made_before_somebody_asks_for_agents() -> None:
    world = World(small())
    world.step()
    assert "live_creators" not in vars(world)
    assert set(world.agent_types) == {LiveRoom, Creator}
    assert len(world.agents_by_type[Creator]) == len(world.catalogue.creators) == len(world.live_creators)
    assert sorted(agent.unique_id for agent in world.agents) == list(range(1, len(world.agents) + 1))


def test_a_creator_reads_its_row_at_this_moment() -> None:
    world = World(small(*NO_PAST))
    first = world.live_creators[0]
    assert first.per_day == world.catalogue.creators["per_day"][0]
    assert first.talent == world.catalogue.creators["talent"][0]
    assert first.posts == 0
    while not first.posts:
        due = first.next_ms
        world.step()
    assert world.clock.now_ms - world.scenario.refresh_ms <= due < world.clock.now_ms <= first.next_ms


def test_mesa_collects_from_creators() -> None:
    world, collector = World(small(*NO_PAST)), mesa.DataCollector(agenttype_reporters={Creator: {"posts": "posts"}})
    for _ in range(50):
        world.step()
    collector.collect(world)
    told = collector.get_agenttype_vars_dataframe(Creator)["posts"]
    assert len(told) == len(world.catalogue.creators)
    assert told.sum() == world.catalogue.published > 0
