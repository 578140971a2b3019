import numpy as np
import pytest

from sim.core.arrays import Array, blank
from sim.core.clock import DAY
from sim.recommender.interest_tags import (
    BOUGHT,
    ENTERED,
    INTERACTED,
    MOST,
    SKIPPED,
    STAYED,
    TAG_COLUMNS,
    WATCHED,
    WATCHED_MOST,
    added,
    band_learned,
    brought_forward,
    growth,
    interest_profile,
    landmark,
    learn_live,
    learn_video,
    price_band,
    restate,
    tag_rules,
)
from sim.scenario.scenario import TagRules

# half-lives of 2 and 8 days; every weight different, so that none can be taken for another
RULES = TagRules(
    short_half_life=2, long_half_life=8, watched=1, interacted=3, skipped=0.5, entered=2, stayed=4, bought=8, prior=4
)


def rules() -> Array:
    return tag_rules(RULES)


def evidence(tags: Array, video: bool, kind: int) -> list[int]:
    """What is stored of one kind, for each category."""
    if video and kind == WATCHED:
        return tags["watched"][0].tolist()
    return tags["video" if video else "live"][0, kind].tolist()


def viewer(categories: int = 3) -> Array:
    return blank(TAG_COLUMNS, 1, categories=categories)


def believed(tags: Array, now_ms: int = 0) -> list[float]:
    out = np.zeros(len(tags["watched"][0]))
    interest_profile(tags[0], now_ms, rules()[0], out)
    return [float(x) for x in out]


def test_rules_become_a_row_in_milliseconds() -> None:
    row = rules()
    assert (row["short_ms"][0], row["long_ms"][0]) == (2 * DAY, 8 * DAY)
    assert (row["watched"][0], row["interacted"][0], row["skipped"][0]) == (1, 3, 0.5)
    assert (row["entered"][0], row["stayed"][0], row["bought"][0], row["prior"][0]) == (2, 4, 8, 4)


@pytest.mark.parametrize(("days", "left"), [(0, 8.0), (2, 4.0), (4, 2.0), (1, 8 / 2**0.5)])
def test_evidence_halves_in_a_half_life(days: float, left: float) -> None:
    assert 8.0 / growth(int(days * DAY), 2.0 * DAY, 0) == pytest.approx(left)


@pytest.mark.parametrize(("days", "gone"), [(0, 0), (1.9, 0), (2, 1), (5, 2), (-0.1, -1), (-2, -1), (-2.1, -2)])
def test_a_landmark_is_the_last_whole_half_life(days: float, gone: int) -> None:
    assert landmark(int(days * DAY), 2.0 * DAY) == gone


def test_a_reaction_counts_more_the_later_it_comes() -> None:
    # day 3 is half-life 1.5: half a half-life after landmark 1, one and a half after landmark 0
    assert growth(3 * DAY, 2.0 * DAY, 1) == pytest.approx(2**0.5)
    assert growth(3 * DAY, 2.0 * DAY, 0) == pytest.approx(2**1.5)


@pytest.mark.parametrize(
    ("stored", "amount", "growing", "result"),
    [
        (0, 1.0, 1.0, 64),
        (10, 0.5, 1.5, 58),  # 10 + 64 * 0.75
        (0, 0.0077, 1.0, 0),  # 0.49 of a unit is lost
        (0, 0.0079, 1.0, 1),  # 0.51 counts as one
        (65_500, 1.0, 1.0, WATCHED_MOST),
        (WATCHED_MOST, 1.0, 1.9, WATCHED_MOST),
    ],
)
def test_evidence_is_added_in_whole_units_up_to_full(stored: int, amount: float, growing: float, result: int) -> None:
    assert added(stored, amount, 64.0, growing, WATCHED_MOST) == result


def test_each_kind_is_learnt_in_its_own_place() -> None:
    # watching in 1/64, skips and reactions in 1/4, evidence from rooms in 1/8
    tags, row = viewer(), rules()[0]
    learn_video(tags[0], 0, WATCHED, 0.5, 0, row)
    learn_video(tags[0], 1, SKIPPED, 1.0, 0, row)
    learn_video(tags[0], 2, INTERACTED, 1.0, 0, row)
    learn_live(tags[0], 0, ENTERED, 1.0, 0, row)
    learn_live(tags[0], 1, STAYED, 2.5, 0, row)
    learn_live(tags[0], 2, BOUGHT, 1.0, 0, row)
    assert [evidence(tags, True, kind) for kind in (WATCHED, SKIPPED, INTERACTED)] == [[32, 0, 0], [0, 4, 0], [0, 0, 4]]
    assert [evidence(tags, False, kind) for kind in (ENTERED, STAYED, BOUGHT)] == [[8, 0, 0], [0, 20, 0], [0, 0, 8]]


def test_evidence_grows_on_its_own_half_life() -> None:
    # on day 1 a short kind has grown by 2 ** (1/2), a long one by 2 ** (1/8):
    # 64 -> 90.5 watched, 40 -> 56.6 skipped, 40 -> 43.6 interacted, 8 -> 11.3 entered, 8 -> 8.7 stayed and bought
    tags, row = viewer(), rules()[0]
    for kind, amount in ((WATCHED, 1.0), (SKIPPED, 10.0), (INTERACTED, 10.0)):
        learn_video(tags[0], 0, kind, amount, DAY, row)
    for kind in (ENTERED, STAYED, BOUGHT):
        learn_live(tags[0], 0, kind, 1.0, DAY, row)
    assert [evidence(tags, True, kind)[0] for kind in (WATCHED, SKIPPED, INTERACTED)] == [91, 57, 44]
    assert [evidence(tags, False, kind)[0] for kind in (ENTERED, STAYED, BOUGHT)] == [11, 9, 9]


def test_live_evidence_is_full_at_its_most() -> None:
    tags = viewer()
    learn_live(tags[0], 0, STAYED, 100.0, 0, rules()[0])
    assert tags["live"][0, STAYED, 0] == MOST


def full_of(watched: int, video: int, live: int) -> Array:
    tags = viewer()
    tags["watched"], tags["video"], tags["live"] = watched, video, live
    return tags


def test_bringing_forward_halves_what_has_gone_by() -> None:
    # day 5: two short half-lives (4 days) have gone by, and no long one
    tags = full_of(1_000, 100, 40)
    brought_forward(tags[0], 5 * DAY, rules()[0])
    assert [evidence(tags, True, kind)[0] for kind in (WATCHED, SKIPPED, INTERACTED)] == [250, 25, 100]
    assert [evidence(tags, False, kind)[0] for kind in (ENTERED, STAYED, BOUGHT)] == [10, 40, 40]
    assert (tags["short_landmark"][0], tags["long_landmark"][0]) == (2, 0)
    # day 9: two more short ones, one long one
    brought_forward(tags[0], 9 * DAY, rules()[0])
    assert [evidence(tags, True, kind)[0] for kind in (WATCHED, SKIPPED, INTERACTED)] == [62, 6, 50]
    assert [evidence(tags, False, kind)[0] for kind in (ENTERED, STAYED, BOUGHT)] == [2, 20, 20]
    assert (tags["short_landmark"][0], tags["long_landmark"][0]) == (4, 1)


def test_bringing_forward_twice_is_once() -> None:
    tags = full_of(1_000, 100, 40)
    brought_forward(tags[0], 5 * DAY, rules()[0])
    once = tags.copy()
    brought_forward(tags[0], 5 * DAY + 1, rules()[0])
    assert (tags == once).all()


def test_evidence_of_long_ago_is_gone() -> None:
    tags = full_of(WATCHED_MOST, MOST, MOST)
    brought_forward(tags[0], 1_000 * DAY, rules()[0])
    assert not tags["watched"].any()
    assert not tags["video"].any()
    assert not tags["live"].any()


def test_belief_by_hand() -> None:
    # category 0: 4 watched -> 4; category 1: one order -> 8; category 2: 0.5 watched less 2 skips * 0.5 -> 0
    # the strongest is 8, with the prior 12: 4/12, 8/12, 0
    tags = viewer()
    tags["watched"][0] = [256, 0, 32]
    tags["video"][0, SKIPPED] = [0, 0, 8]
    tags["live"][0, BOUGHT] = [0, 8, 0]
    assert believed(tags) == pytest.approx([1 / 3, 2 / 3, 0.0])


def test_belief_adds_up_all_kinds_of_evidence() -> None:
    # 2 watched - 0.5 * 1 skipped + 3 * 1 interacted + 2 * 1 entered + 4 * 0.5 stayed + 8 * 0.25 bought = 10.5 of 14.5
    tags = viewer(1)
    tags["watched"], tags["video"] = 128, 4
    tags["live"][0, [ENTERED, STAYED, BOUGHT], 0] = [8, 4, 2]
    assert believed(tags) == pytest.approx([10.5 / 14.5])


def test_belief_fades_between_landmarks() -> None:
    # a day later watching is worth 4 * 2 ** (-1/2) = 2.828 and the order 8 * 2 ** (-1/8) = 7.336
    tags = viewer()
    tags["watched"][0, 0] = 256
    tags["live"][0, BOUGHT, 1] = 8
    assert believed(tags, DAY) == pytest.approx([2.8284 / 11.3359, 7.3360 / 11.3359, 0.0], abs=1e-4)


def test_belief_is_never_negative() -> None:
    tags = viewer()
    tags["video"][0, SKIPPED] = [40, 4, 0]
    assert believed(tags) == [0.0, 0.0, 0.0]


def test_a_blank_viewer_has_no_tags() -> None:
    assert believed(viewer()) == [0.0, 0.0, 0.0]


def test_evidence_is_restated_for_other_half_lives() -> None:
    # at day 6 three short half-lives of 2 days have gone by, and 0.75 long ones of 8
    other = tag_rules(RULES.model_copy(update={"short_half_life": 5.0, "long_half_life": 3.0}))
    tags = viewer()
    tags["watched"][0] = (800, 16, 65_535)
    tags["video"][0, SKIPPED], tags["live"][0, STAYED] = (80, 8, 255), (100, 10, 255)
    restate(tags[0], 6 * DAY, rules()[0], other[0])
    assert (tags["short_landmark"][0], tags["long_landmark"][0]) == (1, 2)
    # 800 / 8 as of day 6; of day 5, one short half-life on, it must be 100 * 2 ** (6 / 5 - 1) = 114.87
    assert evidence(tags, True, WATCHED) == [115, 2, 9409]
    assert evidence(tags, True, SKIPPED) == [11, 1, 36]  # 10, 1 and 31 times 1.1487
    # of 8 days: worth 2 ** -0.75 = 0.5946 of it by now; the new landmark is now
    assert evidence(tags, False, STAYED) == [59, 6, 152]


def test_restating_for_the_same_half_lives_changes_nothing_that_is_up_to_date() -> None:
    tags = viewer()
    tags["watched"][0], tags["live"][0, BOUGHT], tags["short_landmark"][0] = (800, 16, 65_535), (100, 10, 255), 3
    restate(tags[0], 6 * DAY + 7, rules()[0], rules()[0])
    assert evidence(tags, True, WATCHED) == [800, 16, 65_535]
    assert evidence(tags, False, BOUGHT) == [100, 10, 255]


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
