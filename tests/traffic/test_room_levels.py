import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import Array, Row, blank, one
from sim.core.catalogue import ROOM_COLUMNS
from sim.core.event_log import ROOM_COUNTS
from sim.recommender.budget_slices import SLICE_COLUMNS
from sim.recommender.scoring import (
    live_factor,
    matured,
    mean_room_rates,
    relative_room_terms,
    room_rates,
    room_scores,
    weighted_room_terms,
    weights_row,
)
from sim.scenario.scenario import RankWeights, Reviews, ReviewWeights, RoomWaves, Weights
from sim.traffic.room_levels import (
    DOWN,
    KEEP,
    LEVEL_COLUMNS,
    UP,
    Review,
    budgets,
    cut_rooms,
    held,
    opening_level,
    peer_groups,
    penalties,
    price,
    review,
    steps,
)

RULES = RoomWaves(levels=(20, 50, 100, 250), start_level=1, supply=1.5, up=0.3, down=0.3, minimum_sample=20)
GIVEN = {"dwell": 2, "interaction": 1, "entry": 3, "conversion": 4}


def weights(prior: float = 100.0, **values: float) -> Row:
    return one(weights_row(Weights(review=ReviewWeights(**(GIVEN | values)), prior=prior)))


def of_review(**values: float) -> Array:
    return np.array([weights(**values).review])


def counted(**counts: float) -> list[float]:
    return [counts.get(name, 0) for name in ROOM_COUNTS]


# 100 exposures, 20 entries, 600 s inside, 10 likes + 3 comments * 2 + 1 follow * 3 = 19, two orders of 80 yuan in all
BUSY = counted(shown=100, entered=20, stay_ms=600_000, likes=10, comments=3, follows=1, orders=2, gmv_cents=8_000)
# 300 exposures, 20 entries, 200 s inside, 1 like, nothing sold
QUIET = counted(shown=300, entered=20, stay_ms=200_000, likes=1)
NOTHING_KNOWN = np.zeros(5)
USUAL = np.array([50.0, 2.0, 0.1, 0.05, 1_000.0])


def test_a_rooms_rates_by_hand() -> None:
    # 600 s / 20 entries; 19 / 20; 20 / 100; 2 / 20; 80 yuan * 1,000 / 20 entries
    found = room_rates(np.array([BUSY, QUIET]), weights(), NOTHING_KNOWN, True)
    assert found[0].tolist() == pytest.approx([30.0, 0.95, 0.2, 0.1, 4_000.0])
    assert found[1].tolist() == pytest.approx([10.0, 0.05, 1 / 15, 0.0, 0.0])


def test_rates_of_few_exposures_are_drawn_towards_the_mean() -> None:
    # a prior of 100 exposures of the mean (50 s, 2, 0.1) is 10 entries more:
    # (600 + 10 * 50) / 30; (19 + 10 * 2) / 30; (20 + 10) / 200
    # a peer sells one piece to 20 entries, so sales are drawn by 20: (2 + 1) / 40; (80,000 + 20 * 1,000) / 40
    found = room_rates(np.array([BUSY]), weights(), USUAL, True)
    assert found[0].tolist() == pytest.approx([1_100 / 30, 39 / 30, 0.15, 3 / 40, 2_500.0])


def test_a_room_that_nobody_saw_is_predicted_to_be_average() -> None:
    found = room_rates(np.zeros((1, len(ROOM_COUNTS))), weights(), USUAL, True)
    assert found[0].tolist() == pytest.approx(USUAL.tolist())


def test_one_order_among_few_entries_is_no_wonder() -> None:
    # one piece to 5 entries, where peers sell one to 20: (1 + 1) / 25, 1.6 times the mean and not 4 times
    found = room_rates(np.array([counted(shown=50, entered=5, orders=1)]), weights(), USUAL, True)
    assert found[0, 3] / USUAL[3] == pytest.approx(1.6)


def test_baits_are_goods_unless_they_are_left_out() -> None:
    # 6 of 10 orders are baits at 10 yuan, the other 4 bring 400
    room = np.array([counted(shown=500, entered=100, orders=10, gmv_cents=46_000, baits=6, bait_gmv_cents=6_000)])
    with_baits, without = (room_rates(room, weights(), NOTHING_KNOWN, count)[0, 3:] for count in (True, False))
    assert with_baits.tolist() == pytest.approx([0.1, 4_600.0])
    assert without.tolist() == pytest.approx([0.04, 4_000.0])


def test_the_mean_is_that_of_all_rooms_taken_together() -> None:
    # 800 s / 40; 20 / 40; 40 / 400; 2 / 40; 80,000 / 40
    found = mean_room_rates(np.array([BUSY, QUIET]), weights(), True)
    assert found.tolist() == pytest.approx([20.0, 0.5, 0.1, 0.05, 2_000.0])


def test_terms_are_relative_and_one_where_there_is_nothing_to_compare_with() -> None:
    rates, mean = np.array([[30.0, 0.95, 0.2, 0.1, 4_000.0]]), np.array([20.0, 0.5, 0.1, 0.0, 0.0])
    assert relative_room_terms(rates, mean)[0].tolist() == pytest.approx([1.5, 1.9, 2.0, 1.0, 1.0])


def test_scores_by_hand() -> None:
    # (2 * 1.5 + 1 * 1.9 + 3 * 2 + 4 * 2) / 10; sales have no weight
    relative = np.array([[1.5, 1.9, 2.0, 2.0, 9.0], [1.0] * 5])
    assert room_scores(relative, of_review()).tolist() == pytest.approx([1.89, 1.0])
    # before April 2021: (3 + 1.9 + 6) / 6
    assert room_scores(relative, of_review(conversion=0))[0] == pytest.approx(10.9 / 6)
    # with sales: (3 + 1.9 + 6 + 8 + 10 * 9) / 20
    assert room_scores(relative, of_review(sales=10))[0] == pytest.approx(108.9 / 20)


def test_without_a_conversion_weight_sales_do_not_count() -> None:
    # (3 + 0.3 + 2.7) / 6, whatever was sold
    relative = np.array([[1.5, 0.3, 0.9, 0.0, 0.0], [1.5, 0.3, 0.9, 5.0, 5.0]])
    none, much = room_scores(relative, of_review(conversion=0))
    assert none == much == pytest.approx(1.0)


def test_sales_weigh_more_the_more_is_known_of_a_room() -> None:
    # nothing known: their 4 goes to the others in proportion 2 : 1 : 3; half known at 20 orders; all but a fifth at 80
    found = matured(weights().review, np.array([0.0, 20.0, 80.0]), 20.0)
    assert found[0].tolist() == pytest.approx([2 + 4 / 3, 1 + 2 / 3, 3 + 2.0, 0.0, 0.0])
    assert found[1].tolist() == pytest.approx([2 + 2 / 3, 1 + 1 / 3, 3 + 1.0, 2.0, 0.0])
    assert found[2, 3] == pytest.approx(3.2)
    assert found.sum(axis=1).tolist() == pytest.approx([10.0] * 3)


def test_weights_stay_as_they_are_without_maturity_or_other_terms() -> None:
    assert matured(weights().review, np.array([0.0]), 0.0)[0].tolist() == [2, 1, 3, 4, 0]
    only = weights(dwell=0, interaction=0, entry=0).review
    assert matured(only, np.array([0.0]), 20.0)[0].tolist() == [0, 0, 0, 4, 0]


def test_gpm_is_yuan_per_thousand_views() -> None:
    # 4 orders of 99 yuan among 800 views: 396 yuan * 1000 / 800
    sold = np.array([counted(shown=8_000, entered=800, orders=4, gmv_cents=4 * 9_900), counted(shown=10)])
    assert room_rates(sold, weights(), NOTHING_KNOWN, True)[:, 4].tolist() == pytest.approx([495.0, 0.0])


def test_an_open_room_is_ranked_by_its_rates_over_the_mean_times_the_weights_of_ranking() -> None:
    # by the hand-worked rates above, without a prior: 30 / 20, 0.95 / 0.5, 0.2 / 0.1; of goods a room sells one to 20
    # entries, so (2 + 1) / 40 over 0.05 and (80,000 + 40,000) / 40 over 2,000
    rows, now = blank(LEVEL_COLUMNS, 3), np.array([QUIET, QUIET, BUSY], np.int64)
    rows["level"], rows["recent"][2] = [0, -1, 3], np.zeros(len(ROOM_COUNTS))
    rank = RankWeights(dwell=2, interaction=1, entry=3, conversion=4, sales=5)
    out = np.full((3, 5), 7.0)
    weighted_room_terms(rows, now, weights_row(Weights(rank=rank, prior=0)), True, out)
    assert out[2].tolist() == pytest.approx([2 * 1.5, 1.9, 3 * 2.0, 4 * 1.5, 5 * 1.5])
    assert out[1].tolist() == [7.0] * 5  # closed


def test_review_weights_do_not_touch_ranking() -> None:
    rows, now = blank(LEVEL_COLUMNS, 2), np.array([QUIET, BUSY], np.int64)
    rows["level"] = 0
    plain, other = np.zeros((2, 2, 5))
    weighted_room_terms(rows, now, weights_row(Weights()), True, plain)
    weighted_room_terms(rows, now, weights_row(Weights(review=ReviewWeights(conversion=9, entry=0))), True, other)
    assert plain.tolist() == other.tolist()
    assert not plain[:, 3:].any()  # by default conversion and sales are no part of ranking


def test_rooms_that_do_better_than_expected_have_a_larger_share_of_places() -> None:
    # all at the expected mean; then twice as many goods: conversion 4 of 10 of the weight, so 1.4
    whole = {"shown": 1e6, "entered": 1e5, "stay_ms": 5e9, "likes": 2e5}
    usual = np.array(counted(**whole, orders=5_000, gmv_cents=1e7))
    better = np.array(counted(**whole, orders=10_000, gmv_cents=1e7))
    assert live_factor(usual, USUAL, weights(), True, 0.5) == pytest.approx(1.0)
    assert live_factor(better, USUAL, weights(), True, 1.0) == pytest.approx(1.4, rel=1e-3)
    assert live_factor(better, USUAL, weights(), True, 0.5) == pytest.approx(1.4**0.5, rel=1e-3)
    assert live_factor(better, USUAL, weights(), True, 0.0) == 1.0
    assert live_factor(better, USUAL, weights(conversion=0), True, 1.0) == pytest.approx(1.0)
    assert live_factor(np.array(counted(shown=1e6)), USUAL, weights(), True, 3.0) == 0.5


def test_only_what_is_left_of_an_open_rooms_budget_is_cut() -> None:
    rows, rooms = blank(LEVEL_COLUMNS, 2), blank(SLICE_COLUMNS, 2)
    rows["level"], rows["budget"], rows["delivered"] = [-1, 2], [50, 50], [0, 37]
    cut_rooms(rows, rooms, 4, 0)
    assert (rooms["slice"].tolist(), rooms["odd"].tolist()) == ([0, 3], [0, 1])


def test_rooms_are_priced_by_their_orders_of_late() -> None:
    rows, rooms = blank(LEVEL_COLUMNS, 3), blank(ROOM_COLUMNS, 3, categories=2)
    rows["sold"][0] = [9_000, 2]
    counts = np.array([counted(gmv_cents=3_800, orders=2), counted(), counted(gmv_cents=6_400, orders=1)], np.int64)
    price(rows, counts, np.array([0, 1]), rooms)
    assert rows["sold"].tolist() == [[12_800, 4], [0, 0], [6_400, 1]]
    # 3,200 cents are 11.64 doublings of a cent; nothing sold; not open
    assert rooms["price"].tolist() == [1 + 93, 0, 0]


@pytest.mark.parametrize(
    ("past", "sessions", "level"),
    [
        ([-1, -1, -1], 3, 1),  # a first session: the start level
        ([2, -1, -1], 3, 2),
        ([3, 2, -1], 3, 3),  # 2.5 rounds up
        ([3, 2, 0], 3, 2),  # 1.67
        ([0.4, 0, 0], 3, 0),
        ([0, 3, 3], 1, 0),  # only the last one counts
    ],
)
def test_a_session_opens_where_the_last_ones_were(past: list[float], sessions: int, level: int) -> None:
    assert opening_level(np.array(past, float), RULES.model_copy(update={"sessions": sessions})) == level


def test_budgets_share_out_what_is_asked_for_by_level() -> None:
    # weights 20, 100 and 50 of 170; 340 asked for, 1.5 supplied: 510
    got = budgets(np.array([0, 2, 1]), np.zeros(3, bool), 340.0, RULES)
    assert got.tolist() == [60, 300, 150]


def test_the_opening_push_doubles_a_rooms_weight() -> None:
    # 20 * 2, 100 and 50 of 190: 510 * 40 / 190 = 107.4, 268.4, 134.2
    got = budgets(np.array([0, 2, 1]), np.array([True, False, False]), 340.0, RULES)
    assert got.tolist() == [107, 268, 134]


def test_every_room_gets_enough_to_be_judged_by() -> None:
    # 20 and 250 of 270 of 40.5 asked for: 60.75 * 20 / 270 = 4.5 is less than the minimum sample, 56.25 is not
    assert budgets(np.array([0, 3]), np.zeros(2, bool), 40.5, RULES).tolist() == [20, 56]
    assert budgets(np.array([0, 3]), np.zeros(2, bool), 0.0, RULES).tolist() == [20, 20]


# --- levels to be held


def test_levels_are_scaled_to_how_many_viewers_there_are_to_a_room() -> None:
    # the platform has 2,400 viewers to a room, this world 1,200: half of 20, 50, 100 and 250
    assert steps(RULES, 120_000, 100).tolist() == [10, 25, 50, 125]


def test_a_level_is_held_in_one_review_after_another() -> None:
    average, step = np.array([20.0, 19.9, 50.0]), np.array([20.0, 20.0, 50.0])
    assert held(average, step, np.array([3, 3, 0])).tolist() == [4, 0, 1]


# --- a round of reviews

STEP = np.array([20.0, 50.0, 100.0, 250.0])
MANY = np.full(20, 1000.0)  # people inside


def rooms_with(entered: list[int], level: list[int], shown: int = 100) -> Array:
    """Rooms that differ in how many of their exposures entered; everybody stays 30 s and does nothing. All have held
    their levels.
    """
    rows = blank(LEVEL_COLUMNS, len(entered))
    rows["level"], rows["held"] = level, 1
    for r, n in enumerate(entered):
        rows["recent"][r] = counted(shown=shown, entered=n, stay_ms=30_000 * n)
    return rows


def reviewed(
    rows: Array,
    pushed: list[int] | None = None,
    rules: RoomWaves = RULES,
    average: Array = MANY,
    sector: list[int] | None = None,
    fewest: int = 5,
    **values: float,
) -> Review:
    push = np.isin(np.arange(len(rows)), pushed or [])
    classes = np.zeros(len(rows), np.int64) if sector is None else np.array(sector)
    given = weights(**({"interaction": 0, "conversion": 0, "prior": 0} | values))
    judged = Reviews(fewest_peers=fewest)
    return review(np.arange(len(rows)), rows, classes, average[: len(rows)], push, STEP, rules, judged, given, 1)


def test_the_best_go_up_and_the_worst_go_down() -> None:
    # ten peers enter at 1 to 10 %: mean 5.5 %, stays alike: score (2 + 3 * k / 5.5) / 5
    # up: the 8th of them and better; down: below the 4th
    found = reviewed(rooms_with(list(range(1, 11)), [1] * 10))
    assert found.score.tolist() == pytest.approx([(2 + 3 * k / 5.5) / 5 for k in range(1, 11)])
    assert found.up_at.tolist() == pytest.approx([(2 + 24 / 5.5) / 5] * 10)
    assert found.down_at.tolist() == pytest.approx([(2 + 12 / 5.5) / 5] * 10)
    assert found.verdict.tolist() == [DOWN] * 3 + [KEEP] * 4 + [UP] * 3


def test_with_a_prior_scores_are_nearer_to_each_other() -> None:
    # 100 exposures at 5.5 % for each: (k + 5.5) / 200 over 5.5 %
    found = reviewed(rooms_with(list(range(1, 11)), [1] * 10), prior=100.0)
    assert found.relative[:, 2].tolist() == pytest.approx([(k + 5.5) / 11 for k in range(1, 11)])


def test_nobody_goes_up_without_having_held_the_level() -> None:
    rows = rooms_with(list(range(1, 11)), [1] * 10)
    average = np.where(np.arange(10) == 9, 49.9, 50.0)
    assert reviewed(rows, average=average).verdict.tolist() == [DOWN] * 3 + [KEEP] * 4 + [UP] * 2 + [KEEP]
    rows["held"] = 0  # held now, but not before
    assert reviewed(rows).verdict.tolist() == [DOWN] * 3 + [KEEP] * 7


def test_a_room_with_too_few_people_for_its_level_goes_down() -> None:
    rows = rooms_with(list(range(1, 11)), [1] * 10)
    # half-way between 20 and 50 is the root of 1,000, 31.6
    average = np.where(np.arange(10) == 5, 31.6, 31.7)
    found = reviewed(rows, average=average)
    assert found.verdict.tolist() == [DOWN] * 3 + [KEEP, KEEP, DOWN] + [KEEP] * 4
    assert reviewed(rows, average=average, pushed=[5]).verdict[5] == KEEP


def test_nobody_goes_beyond_the_ladder() -> None:
    bottom = reviewed(rooms_with(list(range(1, 11)), [0] * 10))
    assert bottom.verdict.tolist() == [KEEP] * 7 + [UP] * 3
    top = reviewed(rooms_with(list(range(1, 11)), [3] * 10))
    assert top.verdict.tolist() == [DOWN] * 3 + [KEEP] * 7


def test_a_room_in_its_opening_push_does_not_go_down() -> None:
    found = reviewed(rooms_with(list(range(1, 11)), [1] * 10), pushed=[1, 9])
    assert found.verdict.tolist() == [DOWN, KEEP, DOWN] + [KEEP] * 4 + [UP] * 3


def test_a_room_that_few_saw_is_not_judged_and_judges_nobody() -> None:
    rows = rooms_with([*range(1, 11), 19], [1] * 11)
    rows["recent"][10] = counted(shown=19, entered=19, stay_ms=19 * 30_000)
    found = reviewed(rows)
    assert found.verdict.tolist() == [DOWN] * 3 + [KEEP] * 4 + [UP] * 3 + [KEEP]
    assert found.up_at[0] == pytest.approx((2 + 24 / 5.5) / 5)


def test_each_class_has_its_own_mean_and_each_level_its_own_contest() -> None:
    # class 1 enters ten times as often as class 0: each is held against its own mean, and all contend at one level
    entered = [1, 2, 3, 4, 5, 10, 20, 30, 40, 50]
    found = reviewed(rooms_with(entered, [1] * 10), sector=[0] * 5 + [1] * 5)
    assert found.relative[:, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3] * 2)
    assert found.closeness.tolist() == [2] * 10
    # of five, the 4th is the first of the best 30 %, and the first is below the 2nd
    assert found.verdict.tolist() == [DOWN, KEEP, KEEP, UP, UP] * 2


def test_where_a_class_has_few_at_a_level_its_other_levels_are_the_mean_and_the_level_the_contest() -> None:
    # classes of 3 and 3 at level 1, of 2 and 2 at level 2; at least five to a group
    level, sector = [1] * 6 + [2] * 4, [0, 0, 0, 1, 1, 1, 0, 0, 1, 1]
    entered = [2, 4, 6, 20, 40, 60, 8, 10, 80, 100]
    found = reviewed(rooms_with(entered, level), sector=sector)
    assert found.closeness.tolist() == [1] * 10
    assert found.peers.tolist() == [5] * 10
    assert found.mean[:, 2].tolist() == pytest.approx([0.06 if one == 0 else 0.6 for one in sector])
    # level 1: terms 1/3, 2/3, 1 twice: the 5th of six is the first of the best 30 %, the 2nd not below itself
    assert found.verdict[:6].tolist() == [KEEP, KEEP, UP, KEEP, KEEP, UP]
    # level 2 has four rooms, too few: its rooms contend with all ten
    assert found.up_at[6] == pytest.approx(np.sort(found.score)[7])


def test_a_lonely_room_is_held_against_all() -> None:
    entered = [1, 2, 3, 4, 5, 10]
    found = reviewed(rooms_with(entered, [1] * 5 + [2]), sector=[0] * 5 + [1])
    # the mean of all six is 25 / 600
    assert found.relative[5, 2] == pytest.approx(0.1 / (25 / 600))
    assert found.relative[:5, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    assert found.verdict[5] == UP


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=40), st.integers(2, 9)
)
def test_every_room_is_in_one_group_and_no_group_is_too_small(rooms: list[tuple[int, int, bool]], fewest: int) -> None:
    level, sector, enough = (np.array(column) for column in zip(*rooms, strict=True))
    times = np.zeros(len(rooms), int)
    for close, mine, of in peer_groups(sector * 4 + level, sector, enough.astype(bool), fewest):
        times += mine
        assert not (of & ~enough.astype(bool)).any()
        assert close == 0 or np.count_nonzero(of) >= fewest
        if close:
            assert len(set(sector[of]) | set(sector[mine])) == 1
    assert (times == 1).all()


def test_without_anybody_to_judge_by_all_stay() -> None:
    found = reviewed(rooms_with([1, 2, 3], [1, 1, 1], shown=10))
    assert found.verdict.tolist() == [KEEP] * 3
    assert found.score.tolist() == [1.0] * 3


def test_where_no_term_counts_lots_are_drawn() -> None:
    rows = rooms_with([5] * 200, [1] * 200)
    one_round = reviewed(rows, average=np.full(200, 1e3), dwell=0, entry=0)
    rows["reviews"] = 1
    next_round = reviewed(rows, average=np.full(200, 1e3), dwell=0, entry=0)
    # uniform from 0 to 2: a mean of 200 has a standard error of 0.041
    assert abs(one_round.score.mean() - 1.0) < 4 * 0.041
    assert len(set(one_round.score)) == 200
    assert abs(np.corrcoef(one_round.score, next_round.score)[0, 1]) < 4 / 200**0.5


# --- false promises


PENALTY = RULES.model_copy(
    update={"false_promise_penalty": 0.8, "most_held": 0.3, "most_refused": 0.5, "memory": 0.5, "review_minutes": 5.0}
)


def test_broken_promises_are_seen_from_counts_alone() -> None:
    # five minutes and half of all before: 10 minutes; 30 % of them are 180 s
    counts = [
        counted(held_ms=180_000),
        counted(held_ms=180_001),
        counted(orders=10, refused=10),
        counted(orders=10, refused=11),
        counted(refused=1),
        counted(),
    ]
    assert penalties(np.array(counts), PENALTY).tolist() == [0, 0.8, 0, 0.8, 0.8, 0]
    assert not penalties(np.array(counts), RULES).any()


def test_a_penalty_takes_its_share_off_the_score_and_not_off_the_threshold() -> None:
    rows = rooms_with(list(range(1, 11)), [1] * 10)
    rows["recent"][9] = counted(shown=100, entered=10, stay_ms=300_000, held_ms=400_000)
    plain, found = reviewed(rows), reviewed(rows, rules=PENALTY)
    assert found.penalty.tolist() == [0.0] * 9 + [0.8]
    assert found.score[9] == pytest.approx(0.2 * plain.score[9])
    assert found.up_at.tolist() == plain.up_at.tolist()
    assert (plain.verdict[9], found.verdict[9]) == (UP, DOWN)
