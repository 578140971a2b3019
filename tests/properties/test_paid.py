"""Whatever is ordered: a boosted budget is never exceeded, and what is billed is what was received."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.arrays import blank
from sim.recommender.boosted_slots import BOOST_COLUMNS
from sim.recommender.budget_slices import cut, slice_of
from sim.traffic.campaign_accounts import due
from sim.world import World
from tests.worlds import small

WHAT = st.one_of(
    st.builds("kind: newest, count: {}".format, st.integers(1, 5)),
    st.builds("kind: best, count: {}".format, st.integers(1, 5)),
    st.builds("kind: post, creator: {}, number: {}".format, st.integers(0, 9), st.integers(1, 3)),
    st.builds("kind: room, room: {}".format, st.integers(0, 5)),
)
TARGET = st.sampled_from(
    [
        "everybody",
        "likers",
        "lookalikes",
        "lookalikes, share: 1",
        "tags, categories: [food, pets]",
        "likers, share: 0.01",
    ]
)
ORDER = st.builds(
    "{{at: day 0 00:{:02d}, boosts: {{{}}}, budget_yuan: {}, target: {{kind: {}}}, hours: 2}}".format,
    st.integers(0, 25),
    WHAT,
    st.sampled_from([0.01, 0.1, 1, 7, 100]),
    TARGET,
)


@settings(max_examples=12, deadline=None)
@given(
    orders=st.lists(ORDER, min_size=1, max_size=5),
    shards=st.integers(1, 5),
    pacing=st.booleans(),
    counts=st.booleans(),
    share=st.sampled_from([0.02, 0.2, 0.5]),
)
def test_no_paid_budget_is_exceeded(orders: list[str], shards: int, pacing: bool, counts: bool, share: float) -> None:
    world = World(
        small(
            f"campaigns=[{', '.join(orders)}]",
            f"viewers.rhythm={[1] * 24}",
            "viewers.count=150",
            "days=0.03",
            "warm_up=0.02",
            "viewers.in_room.enter=0.5",
            f"platform.shards={shards}",
            f"platform.boosts={{pacing: {str(pacing).lower()}, counts: {str(counts).lower()}, share: {share}}}",
        ),
        audit=True,  # checks every budget and every book after every refresh
    )
    given = np.zeros(len(world.boosts.rows), np.int64)
    while world.running:
        world.step()
        rows = world.boosts.rows
        assert (rows["delivered"] <= rows["budget"]).all()
        assert (rows["delivered"] >= given).all()
        begun = rows["opened_ms"] + (rows["closes_ms"] > 0) > 0
        assert not rows["delivered"][~begun].any()
        given = rows["delivered"].copy()


@given(
    budget=st.integers(0, 10**7),
    share=st.floats(0, 1),
    lasts=st.integers(60_000, 86_400_000),
    gone=st.floats(-0.2, 1.2),
    pacing=st.booleans(),
    shards=st.integers(1, 64),
    refresh_index=st.integers(0, 10**6),
)
def test_slices_never_add_up_to_more_than_is_left(
    budget: int, share: float, lasts: int, gone: float, pacing: bool, shards: int, refresh_index: int
) -> None:
    rows = blank(BOOST_COLUMNS, 1)
    rows["budget"], rows["delivered"], rows["closes_ms"] = budget, int(budget * share), lasts
    left = due(rows, int(lasts * gone), 30_000, pacing)
    cut(rows, np.array([0]), left, shards, refresh_index)
    handed = sum(slice_of(rows[0], shard, shards) for shard in range(shards))
    assert handed == left[0]
    assert 0 <= handed <= budget - int(budget * share)
