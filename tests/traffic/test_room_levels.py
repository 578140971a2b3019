import numpy as np
import pytest

from sim.core.arrays import Array, Row, blank, one
from sim.core.catalogue import ROOM_COLUMNS
from sim.core.event_log import ROOM_COUNTS
from sim.recommender.budget_slices import SLICE_COLUMNS
from sim.recommender.scoring import (
    mean_room_rates,
    relative_room_terms,
    room_rates,
    room_scores,
    weighted_room_terms,
    weights_row,
)
from sim.scenario.scenario import RoomWaves, Weights
from sim.traffic.room_levels import (
    DOWN,
    FEW,
    KEEP,
    LEVEL_COLUMNS,
    UP,
    Review,
    budgets,
    cut_rooms,
    opening_level,
    penalties,
    price,
    review,
)

RULES = RoomWaves(levels=(20, 50, 100, 250), start_level=1, supply=1.5, up=0.3, down=0.3, minimum_sample=20)


def weights(**values: float) -> Row:
    return one(weights_row(Weights(**({"dwell": 2, "interaction": 1, "entry": 3, "conversion": 4} | values))))


def counted(**counts: float) -> list[float]:
    return [counts.get(name, 0) for name in ROOM_COUNTS]


# 100 exposures, 20 entries, 600 s inside, 10 likes + 3 comments * 2 + 1 follow * 3 = 19, 80 yuan
BUSY = counted(shown=100, entered=20, stay_ms=600_000, likes=10, comments=3, follows=1, gmv_cents=8_000)
# 300 exposures, 20 entries, 200 s inside, 1 like, nothing sold
QUIET = counted(shown=300, entered=20, stay_ms=200_000, likes=1)


def test_a_rooms_rates_by_hand() -> None:
    # 600 s / 20 entries; 19 / 20; 20 / 100; 80 yuan * 1,000 / 20 entries
    found = room_rates(np.array([BUSY, QUIET]), weights(), np.zeros(4), 0.0)
    assert found[0].tolist() == pytest.approx([30.0, 0.95, 0.2, 4_000.0])
    assert found[1].tolist() == pytest.approx([10.0, 0.05, 1 / 15, 0.0])


def test_rates_of_few_exposures_are_drawn_towards_the_mean() -> None:
    # a prior of 100 exposures of the mean (50 s, 2, 0.1, 1,000) is 10 entries more:
    # (600 + 10 * 50) / 30; (19 + 10 * 2) / 30; (20 + 10) / 200; (80,000 + 10 * 1,000) / 30
    mean = np.array([50.0, 2.0, 0.1, 1_000.0])
    found = room_rates(np.array([BUSY]), weights(), mean, 100.0)
    assert found[0].tolist() == pytest.approx([1_100 / 30, 39 / 30, 0.15, 3_000.0])


def test_a_room_that_nobody_saw_is_predicted_to_be_average() -> None:
    mean = np.array([50.0, 2.0, 0.1, 1_000.0])
    found = room_rates(np.zeros((1, len(ROOM_COUNTS))), weights(), mean, 100.0)
    assert found[0].tolist() == pytest.approx(mean.tolist())


def test_the_mean_is_that_of_all_rooms_taken_together() -> None:
    # 800 s / 40; 20 / 40; 40 / 400; 80,000 / 40
    assert mean_room_rates(np.array([BUSY, QUIET]), weights()).tolist() == pytest.approx([20.0, 0.5, 0.1, 2_000.0])


def test_terms_are_relative_and_one_where_there_is_nothing_to_compare_with() -> None:
    rates, mean = np.array([[30.0, 0.95, 0.2, 4_000.0]]), np.array([20.0, 0.5, 0.1, 0.0])
    assert relative_room_terms(rates, mean)[0].tolist() == pytest.approx([1.5, 1.9, 2.0, 1.0])


def test_scores_by_hand() -> None:
    # (2 * 1.5 + 1 * 1.9 + 3 * 2 + 4 * 2) / 10
    relative = np.array([[1.5, 1.9, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]])
    assert room_scores(relative, weights()).tolist() == pytest.approx([1.89, 1.0])
    # before April 2021: (3 + 1.9 + 6) / 6
    assert room_scores(relative, weights(conversion=0))[0] == pytest.approx(10.9 / 6)
    # (2 * 1.5 + 1 * 0.3 + 3 * 0.9 + 4 * 2.0) / 10
    assert room_scores(np.array([[1.5, 0.3, 0.9, 2.0]]), weights())[0] == pytest.approx(1.4)


def test_without_a_conversion_weight_sales_do_not_count() -> None:
    # (3 + 0.3 + 2.7) / 6, whatever was sold
    none, much = room_scores(np.array([[1.5, 0.3, 0.9, 0.0], [1.5, 0.3, 0.9, 50.0]]), weights(conversion=0))
    assert none == much == pytest.approx(1.0)


def test_gpm_is_yuan_per_thousand_views() -> None:
    # 4 orders of 99 yuan among 800 views: 396 yuan * 1000 / 800
    sold = np.array([counted(shown=8_000, entered=800, gmv_cents=4 * 9_900), counted(shown=10)])
    assert room_rates(sold, weights(), np.zeros(4), 0.0)[:, 3].tolist() == pytest.approx([495.0, 0.0])


def test_an_open_room_is_worth_its_rates_over_the_mean_times_their_weights() -> None:
    # by the hand-worked rates above, without a prior: 30 / 20, 0.95 / 0.5, 0.2 / 0.1, 4,000 / 2,000
    rows, now = blank(LEVEL_COLUMNS, 3), np.array([QUIET, QUIET, BUSY], np.int64)
    rows["level"], rows["recent"][2] = [0, -1, 3], np.zeros(len(ROOM_COUNTS))
    found = np.full((3, 4), 7.0)
    weighted_room_terms(rows, now, weights_row(Weights(dwell=2, interaction=1, entry=3, conversion=4, prior=0)), found)
    assert found[2].tolist() == pytest.approx([2 * 1.5, 1.9, 3 * 2.0, 4 * 2.0])
    assert found[1].tolist() == [7.0] * 4  # closed


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


# --- a round of reviews


def rooms_with(entered: list[int], level: list[int], shown: int = 100) -> Array:
    """Rooms that differ in how many of their exposures entered; everybody stays 30 s and does nothing."""
    rows = blank(LEVEL_COLUMNS, len(entered))
    rows["level"] = level
    for r, n in enumerate(entered):
        rows["recent"][r] = counted(shown=shown, entered=n, stay_ms=30_000 * n)
    return rows


def reviewed(rows: Array, pushed: list[int] | None = None, rules: RoomWaves = RULES) -> Review:
    push = np.isin(np.arange(len(rows)), pushed or [])
    return review(np.arange(len(rows)), rows, push, rules, weights(interaction=0, conversion=0))


def test_the_best_go_up_and_the_worst_go_down() -> None:
    # ten peers enter at 1 to 10 %: mean 5.5 %, stays alike: score (2 + 3 * k / 5.5) / 5
    # up: the 8th of them and better; down: below the 4th
    found = reviewed(rooms_with(list(range(1, 11)), [1] * 10))
    assert found.score.tolist() == pytest.approx([(2 + 3 * k / 5.5) / 5 for k in range(1, 11)])
    assert found.up_at.tolist() == pytest.approx([(2 + 24 / 5.5) / 5] * 10)
    assert found.down_at.tolist() == pytest.approx([(2 + 12 / 5.5) / 5] * 10)
    assert found.verdict.tolist() == [DOWN] * 3 + [KEEP] * 4 + [UP] * 3


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


def test_each_level_is_its_own_company() -> None:
    # level 2 enters ten times as often as level 1; still each keeps its own best and worst
    entered = [1, 2, 3, 4, 5, 10, 20, 30, 40, 50]
    found = reviewed(rooms_with(entered, [1] * 5 + [2] * 5))
    assert found.relative[:5, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    assert found.relative[5:, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    # of five, the 4th is the first of the best 30 %, and the first is below the 2nd
    assert found.verdict.tolist() == [DOWN, KEEP, KEEP, UP, UP] * 2


def test_a_lonely_room_is_held_against_all() -> None:
    assert FEW == 5
    entered = [1, 2, 3, 4, 5, 10]
    found = reviewed(rooms_with(entered, [1] * 5 + [2]))
    # the mean of all six is 25 / 600
    assert found.relative[5, 2] == pytest.approx(0.1 / (25 / 600))
    assert found.relative[:5, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    assert found.verdict[5] == UP


def test_without_anybody_to_judge_by_all_stay() -> None:
    found = reviewed(rooms_with([1, 2, 3], [1, 1, 1], shown=10))
    assert found.verdict.tolist() == [KEEP] * 3
    assert found.score.tolist() == [1.0] * 3


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
