import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import blank
from sim.recommender.budget_slices import SLICE_COLUMNS, cut, slice_of
from sim.scenario.scenario import RoomWaves
from sim.traffic.room_levels import budgets
from sim.traffic.video_waves import ENOUGH_PEERS, FADE, PROMOTE, REPEAT, in_order, ladder, threshold, verdict

ITEMS = 50
scores = st.lists(st.floats(-10, 10), min_size=0, max_size=300)
score = st.floats(-10, 10)


@given(
    left=st.integers(0, 2**31 - 1),
    shards=st.integers(1, 64),
    refresh_index=st.integers(0, 10**6),
    item=st.integers(0, ITEMS - 1),
)
def test_slices_add_up_to_what_is_left(left: int, shards: int, refresh_index: int, item: int) -> None:
    rows = blank(SLICE_COLUMNS, 1)
    cut(rows, np.array([item]), np.array([left]), shards, refresh_index)
    slices = [slice_of(rows[0], shard, shards) for shard in range(shards)]
    assert sum(slices) == left
    assert min(slices) >= 0
    assert max(slices) - min(slices) <= 1


@given(
    budget=st.integers(0, 5_000),
    shards=st.integers(1, 64),
    item=st.integers(0, ITEMS - 1),
    wanted=st.lists(st.lists(st.integers(0, 100), min_size=64, max_size=64), max_size=12),
)
def test_a_budget_is_never_exceeded(budget: int, shards: int, item: int, wanted: list[list[int]]) -> None:
    # refresh after refresh each shard takes what it wants of its slice, and what it leaves returns
    rows, given_out = blank(SLICE_COLUMNS, 1), 0
    for refresh_index, wants in enumerate(wanted):
        cut(rows, np.array([item]), np.array([budget - given_out]), shards, refresh_index)
        given_out += sum(min(wants[shard], slice_of(rows[0], shard, shards)) for shard in range(shards))
        assert given_out <= budget


def test_the_odd_exposures_come_to_every_shard_in_turn() -> None:
    # one exposure left for ever, over 8 shards: within 8 refreshes each has been offered it once
    rows = blank(SLICE_COLUMNS, 1)
    offered = np.zeros(8, int)
    for refresh_index in range(8):
        cut(rows, np.array([0]), np.array([1]), 8, refresh_index)
        offered += [slice_of(rows[0], shard, 8) for shard in range(8)]
    assert offered.tolist() == [1] * 8


@given(
    steps=st.lists(st.integers(1, 10**7), min_size=1, max_size=8).map(lambda x: tuple(sorted(x))),
    viewers=st.integers(1, 10**7),
)
def test_no_tier_exceeds_the_population(steps: tuple[int, ...], viewers: int) -> None:
    made = ladder(steps, viewers)
    assert len(made) >= 1
    assert max(made) <= viewers
    assert made == steps[: len(made)] or made == (viewers,)


@given(peers=scores, share=st.floats(0, 1))
def test_the_best_share_reach_the_threshold(peers: list[float], share: float) -> None:
    at = threshold(in_order(np.array(peers)), share)
    reached = sum(x >= at for x in peers)
    if len(peers) < ENOUGH_PEERS:
        assert at == 1.0
    elif share in (0.0, 1.0):
        assert reached == share * len(peers)
    else:
        # at least the share, and no more than one beyond it but for ties
        assert reached >= math.floor(len(peers) * share)
        assert sum(x > at for x in peers) <= math.ceil(len(peers) * share)


@given(peers=scores, less=st.floats(0, 1), more=st.floats(0, 1))
def test_to_want_more_is_to_ask_less(peers: list[float], less: float, more: float) -> None:
    less, more = sorted((less, more))
    assert threshold(in_order(np.array(peers)), more) <= threshold(in_order(np.array(peers)), less)


@given(peers=scores, share=st.floats(0, 1), order=st.randoms(use_true_random=False))
def test_the_order_of_the_peers_does_not_matter(peers: list[float], share: float, order: object) -> None:
    mixed = list(peers)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert threshold(in_order(np.array(mixed)), share) == threshold(in_order(np.array(peers)), share)


@given(
    one=score,
    other=score,
    promote=score,
    repeat=score,
    repeats=st.integers(0, 5),
    enough=st.booleans(),
    top=st.booleans(),
)
def test_a_better_score_never_has_a_worse_verdict(
    one: float, other: float, promote: float, repeat: float, repeats: int, enough: bool, top: bool
) -> None:
    repeat, promote = sorted((repeat, promote))
    worse, better = sorted((one, other))
    rank = {FADE: 0, REPEAT: 1, PROMOTE: 2}
    said = [verdict(x, enough, promote, repeat, repeats, top) for x in (worse, better)]
    assert rank[said[0]] <= rank[said[1]]


@given(at=score, promote=score, repeat=score, repeats=st.integers(0, 5), enough=st.booleans(), top=st.booleans())
def test_who_is_promoted_was_judged_good_enough_and_not_at_the_top(
    at: float, promote: float, repeat: float, repeats: int, enough: bool, top: bool
) -> None:
    repeat, promote = sorted((repeat, promote))
    said = verdict(at, enough, promote, repeat, repeats, top)
    assert (said == PROMOTE) == (enough and not top and at >= promote)
    if not enough:
        assert said == (FADE if repeats else REPEAT)


@given(
    levels=st.lists(st.integers(0, 7), min_size=1, max_size=60),
    pushed=st.integers(0, 2**60 - 1),
    asked=st.floats(0, 1e9),
    supply=st.floats(0.1, 10),
)
def test_rooms_share_out_what_is_asked_for(levels: list[int], pushed: int, asked: float, supply: float) -> None:
    push = np.array([bool(pushed >> k & 1) for k in range(len(levels))])
    rules = RoomWaves(supply=supply)
    got = budgets(np.array(levels), push, asked, rules)
    # each is rounded by half an exposure at most, and lifted to what it takes to judge a room
    assert (got >= rules.minimum_sample).all()
    off = 0.5 * len(levels) + 1e-6 * asked * supply
    assert -off <= got.sum() - asked * supply <= off + rules.minimum_sample * len(levels)
    for one in range(len(levels)):
        alike = (np.array(levels) == levels[one]) & (push == push[one])
        assert (got[alike] == got[one]).all()
