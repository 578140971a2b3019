import math

import numpy as np
import pytest

from sim.core.arrays import Array, blank
from sim.core.clock import DAY
from sim.recommender.interest_tags import (
    MOST,
    MOST_TRIALS,
    PURCHASES,
    ROOMS,
    TAG_COLUMNS,
    VIDEOS,
    added,
    band_learned,
    brought_forward,
    counted,
    entry_expected,
    growth,
    halved,
    interest_profile,
    landmark,
    learn_order,
    learn_pass,
    learn_room,
    learn_video,
    passed_over,
    price_band,
    ready_after,
    restate,
    stay_above,
    tag_rules,
)
from sim.scenario.scenario import TagRules

# half-lives of 2 and 8 days; every factor different, so that none can be taken for another
RULES = TagRules(short_half_life=2, long_half_life=8, videos=1, rooms=2, purchases=4, prior=0.5)
ALIKE = np.array([1.0, 1.0, 1.0, 1.0])


def rules(row: TagRules = RULES) -> Array:
    return tag_rules(row)


def evidence(tags: Array, kind: int) -> list[int]:
    """What is stored of one kind, for each category."""
    return tags["evidence"][0, kind].tolist()


def viewer(categories: int = 3) -> Array:
    return blank(TAG_COLUMNS, 1, categories=categories)


def believed(tags: Array, now_ms: int = 0, row: TagRules = RULES, weights: Array = ALIKE) -> list[float]:
    out = np.zeros(tags["trials"].shape[1])
    interest_profile(tags[0], now_ms, rules(row)[0], weights, out)
    return [float(x) for x in out]


def test_rules_become_a_row_in_milliseconds() -> None:
    row = rules()
    assert (row["short_ms"][0], row["long_ms"][0]) == (2 * DAY, 8 * DAY)
    assert (row["videos"][0], row["rooms"][0], row["purchases"][0], row["prior"][0]) == (1, 2, 4, 0.5)


@pytest.mark.parametrize(("days", "left"), [(0, 8.0), (2, 4.0), (4, 2.0), (1, 8 / 2**0.5)])
def test_evidence_halves_in_a_half_life(days: float, left: float) -> None:
    assert 8.0 / growth(int(days * DAY), 2.0 * DAY, 0) == pytest.approx(left)


@pytest.mark.parametrize(("days", "gone"), [(0, 0), (1.9, 0), (2, 1), (5, 2), (-0.1, -1), (-2, -1), (-2.1, -2)])
def test_a_landmark_is_the_last_whole_half_life(days: float, gone: int) -> None:
    assert landmark(int(days * DAY), 2.0 * DAY) == gone


@pytest.mark.parametrize(
    ("stored", "amount", "growing", "result"),
    [
        (0, 1.0, 1.0, 64),
        (10, 0.5, 1.5, 58),  # 10 + 64 * 0.75
        (10, -0.5, 1.5, -38),
        (0, -0.0077, 1.0, 0),  # 0.49 of a unit is lost, below 0 as above
        (0, -0.0079, 1.0, -1),
        (32_760, 1.0, 1.0, MOST),
        (-32_760, -1.0, 1.0, -MOST),
        (MOST, -1.0, 1.0, MOST - 64),
    ],
)
def test_evidence_is_added_in_whole_units_up_to_full(stored: int, amount: float, growing: float, result: int) -> None:
    assert added(stored, amount, 64.0, growing) == result


def test_trials_are_counted_up_to_full() -> None:
    assert counted(3, 1.0, 16.0, 1.5) == 27
    assert counted(65_530, 1.0, 16.0, 1.0) == MOST_TRIALS


@pytest.mark.parametrize(("stored", "left"), [(7, 1), (-7, -1), (3, 0), (-3, 0), (-8, -2)])
def test_halving_draws_evidence_of_either_sign_towards_nothing(stored: int, left: int) -> None:
    assert halved(stored, 2) == left


def test_each_kind_is_learnt_in_its_own_place_and_unit() -> None:
    tags, row = viewer(), rules()[0]
    learn_video(tags[0], 0, 0.25, 0, row)  # 1/64 each
    learn_video(tags[0], 1, -0.5, 0, row)
    learn_room(tags[0], np.array([0.75, 0.0, 0.25]), -0.5, 0, row)  # 1/256 each
    learn_order(tags[0], 2, 1.0, 0, row)
    assert evidence(tags, VIDEOS) == [16, -32, 0]
    assert evidence(tags, ROOMS) == [-96, 0, -32]
    assert evidence(tags, PURCHASES) == [0, 0, 256]
    assert tags["trials"][0].tolist() == [16, 16, 0]


def test_evidence_grows_on_its_own_half_life() -> None:
    # on day 1 videos have grown by 2 ** (1/2), rooms and orders by 2 ** (1/8)
    tags, row = viewer(), rules()[0]
    learn_video(tags[0], 0, 1.0, DAY, row)
    learn_room(tags[0], np.array([1.0, 0.0, 0.0]), 1.0, DAY, row)
    learn_order(tags[0], 0, -1.0, DAY, row)
    assert [evidence(tags, kind)[0] for kind in (VIDEOS, ROOMS, PURCHASES)] == [91, 279, -279]
    assert tags["trials"][0, 0] == 23


def test_what_everybody_does_says_little_and_what_nobody_does_says_much() -> None:
    # the share of people who order is the only difference: half, or one in a thousand
    assert 1.0 + passed_over(0.5) == pytest.approx(1.0 - math.log(0.5 * (1.0 + math.e)))  # 0.38
    assert 1.0 + passed_over(0.001) == pytest.approx(0.99828, abs=1e-5)
    assert passed_over(0.0) == 0.0
    assert passed_over(0.5) == pytest.approx(-0.6201, abs=1e-4)


def test_a_pass_is_shared_out_over_what_the_room_sells() -> None:
    tags = viewer()
    learn_pass(tags[0], np.array([0.5, 0.5, 0.0]), 0.5, 0, rules()[0])
    assert evidence(tags, PURCHASES) == [-79, -79, 0]  # 256 * 0.6201 / 2


def test_an_entry_is_compared_with_the_room_and_the_viewer() -> None:
    assert entry_expected(0.1, 0.0) == 0.1
    assert entry_expected(0.1, math.log(3.0)) == pytest.approx(0.3)
    assert entry_expected(0.5, 4.0) == 0.95
    assert ready_after(0.0, -0.1) == pytest.approx(-0.03)
    assert ready_after(3.9, 0.9) == 4.0
    assert ready_after(-3.99, -0.9) == -4.0


def test_a_stay_is_compared_in_logs_with_what_is_usual_in_the_room() -> None:
    assert stay_above(1000, math.log(1000), 7.0) == 0.0
    assert stay_above(8000, math.log(1000), 3.0) == pytest.approx(math.log(2.0))
    assert stay_above(0, 2.0, 4.0) == -0.5  # nothing is taken for a millisecond


def test_a_profile_is_evidence_above_the_viewers_mean_over_the_strongest() -> None:
    # 12 videos of category 0, each watched half further than usual: 6 of surprise over 12 + 12 trials are 0.25
    # an order in category 1, over 12: 4 / 12; rooms in category 2: 2 * 3 / 12
    tags = viewer(4)
    tags["evidence"][0, VIDEOS, 0], tags["trials"][0, 0] = 6 * 64, 12 * 16
    tags["evidence"][0, PURCHASES, 1], tags["evidence"][0, ROOMS, 2] = 256, 3 * 256
    values = [0.25, 1.0 / 3.0, 0.5, 0.0]
    mean = sum(values) / 4
    top = 0.5 - mean
    wanted = [max(one - mean, 0.0) / (top + 0.5) for one in values]
    assert believed(tags) == pytest.approx(wanted)
    # learnt weights count beside the rules' factors
    assert believed(tags, weights=np.array([1.0, 0.0, 0.0, 1.0])) == pytest.approx(
        [0.1875 / (0.1875 + 0.5), 0.0, 0.0, 0.0]
    )


def test_what_is_shown_and_passed_over_counts_against() -> None:
    tags, row = viewer(), rules()[0]
    for _ in range(5):
        learn_video(tags[0], 0, -0.3, 0, row)
    assert believed(tags)[0] == 0.0
    assert min(believed(tags)[1:]) > 0.0  # nothing is known of the others, which is better than that


def test_orders_say_less_the_more_is_known_from_videos_unless_videos_do_not_count() -> None:
    found = []
    for shown, videos in ((0, 1.0), (100, 1.0), (100, 0.0)):
        tags = viewer()
        tags["evidence"][0, PURCHASES, 0], tags["trials"][0, 0] = 256, shown * 16
        found.append(believed(tags, row=RULES.model_copy(update={"videos": videos}))[0])
    assert found[1] < found[0] == found[2]


def test_with_every_kind_off_nobody_has_a_tag() -> None:
    tags = viewer()
    tags["evidence"][0] = 1000
    tags["evidence"][0, :, 1] = -1000
    off = RULES.model_copy(update={"videos": 0.0, "rooms": 0.0, "purchases": 0.0})
    assert believed(tags, row=off) == [0.0, 0.0, 0.0]
    assert max(believed(tags)) > 0.0


def test_bringing_forward_halves_for_every_half_life_gone_by() -> None:
    tags = viewer()
    tags["evidence"][0] = [[800, -800, 1]] * 3
    tags["trials"][0] = [160, 16, 1]
    brought_forward(tags[0], 8 * DAY, rules()[0])  # four short half-lives, one long
    assert evidence(tags, VIDEOS) == [50, -50, 0]
    assert evidence(tags, ROOMS) == evidence(tags, PURCHASES) == [400, -400, 0]
    assert tags["trials"][0].tolist() == [10, 1, 0]
    assert (tags["short_landmark"][0], tags["long_landmark"][0]) == (4, 1)


def test_what_has_no_landmark_yet_is_brought_forward_once() -> None:
    tags = viewer()
    tags["evidence"][0, VIDEOS] = 100
    for _ in range(2):
        brought_forward(tags[0], 2 * DAY, rules()[0])
    assert evidence(tags, VIDEOS) == [50, 50, 50]


def test_evidence_is_restated_for_other_half_lives() -> None:
    # at day 3 a short half-life of 2 days has grown by 2 ** 0.5 since its landmark, one of 4 days by 2 ** 0.75 since
    # day 0: what is stored is worth 2 ** 0.25 = 1.1892 times as much
    tags = viewer()
    tags["evidence"][0, VIDEOS], tags["trials"][0] = (800, -10, 0), (100, 1, 65_535)
    tags["short_landmark"] = 1
    restate(tags[0], 3 * DAY, rules()[0], rules(RULES.model_copy(update={"short_half_life": 4.0}))[0])
    assert evidence(tags, VIDEOS) == [951, -12, 0]
    assert tags["trials"][0].tolist() == [119, 1, 65_535]
    assert tags["short_landmark"][0] == 0


def test_restating_for_the_same_half_lives_changes_nothing_that_is_up_to_date() -> None:
    tags = viewer()
    tags["evidence"][0, VIDEOS], tags["evidence"][0, PURCHASES] = (800, -16, 32_767), (100, -10, -32_767)
    tags["short_landmark"] = 3
    restate(tags[0], 6 * DAY + 7, rules()[0], rules()[0])
    assert evidence(tags, VIDEOS) == [800, -16, 32_767]
    assert evidence(tags, PURCHASES) == [100, -10, -32_767]


# --- price bands


def test_a_price_band_is_an_eighth_of_a_doubling() -> None:
    assert [price_band(cents) for cents in (0.0, 1.0, 2.0, 1024.0, 2.0 ** (1 / 16) * 0.999, 1e8)] == [
        1, 1, 9, 81, 1, 214,
    ]  # fmt: skip


def test_clicks_and_orders_move_a_viewers_price_band() -> None:
    # 1,024 cents are band 81; from none there at once, then by steps of a quarter or a half, rounded
    assert band_learned(0, 1024, 0.25) == 81
    assert band_learned(101, 1024, 0.25) == 96
    assert band_learned(101, 1024, 0.5) == 91
    assert band_learned(61, 1024, 0.25) == 66
    assert band_learned(80, 1024, 0.25) == 80  # too near to be told apart
    assert band_learned(101, 1024, 0.0) == 101
