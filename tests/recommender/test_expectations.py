import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import Array, blank
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.event_log import (
    BUCKETS,
    CLASSES,
    D_FIT,
    D_REACTIONS,
    D_WATCHED,
    LESSONS,
    U_ENTERED,
    U_LEFT,
    U_LOG_STAY,
    U_LOG_STAY_SQUARED,
    U_ORDERS,
    U_SHOWN,
    V_FIT,
    V_REACTED,
    V_WATCHED,
    VIDEO_COUNTS,
)
from sim.recommender.expectations import (
    RIDGE,
    STAY_VARIANCE,
    duration_class,
    expect_rooms,
    expect_videos,
    fit_of,
    learn_weights,
    response,
    take_lesson,
)
from sim.recommender.interest_tags import PURCHASES, ROOMS, TAG_COLUMNS, VIDEOS, tag_rules
from sim.scenario.scenario import TagRules

ROW = tag_rules(TagRules())[0]


@pytest.mark.parametrize(("seconds", "found"), [(3, 0), (9.9, 0), (10, 1), (19, 1), (20, 2), (600, 6), (1280, 7)])
def test_videos_fall_in_classes_of_length(seconds: float, found: int) -> None:
    assert duration_class(int(seconds * 1000)) == found


def test_a_reaction_counts_as_more_watched() -> None:
    assert response(0.4, 0, 0.5) == 0.4
    assert response(0.4, 2, 0.5) == pytest.approx(1.4)


def expected(shown: int, watched: int, likes: int, classes: Array, reaction: float = 0.5) -> float:
    """What a video of 15 s is expected to bring."""
    videos, counts = blank(VIDEO_COLUMNS, 2), np.zeros((2, len(VIDEO_COUNTS)), np.int64)
    videos["duration_ms"] = 15_000
    counts[1, V_FIT], counts[1, V_WATCHED], counts[1, V_REACTED] = shown, watched, likes
    out = np.zeros(2, np.float32)
    expect_videos(out, np.array([1]), videos, counts, classes, reaction)
    assert out[0] == 0.0
    return float(out[1])


def test_a_videos_expectation_begins_with_its_class_and_ends_with_its_own_mean() -> None:
    classes = np.zeros((3, CLASSES), np.int64)
    assert expected(0, 0, 0, classes) == 0.5  # nothing is known
    classes[D_FIT, 1], classes[D_WATCHED, 1], classes[D_REACTIONS, 1] = 999_000, 399_500, 400
    assert expected(0, 0, 0, classes) == pytest.approx(0.6)  # (399.5 + 0.5 * 400 + 0.5) / 1000
    assert expected(30_000, 21_000, 0, classes) == pytest.approx(
        0.65
    )  # as many exposures as the prior: (0.7 + 0.6) / 2
    assert expected(30_000, 21_000, 6, classes) == pytest.approx(0.7)  # six likes of half a video
    assert expected(30_000_000, 21_000_000, 0, classes) == pytest.approx(0.7, abs=1e-3)


def test_a_matched_audience_takes_nothing_off_a_videos_expectation() -> None:
    lift = np.ones((6, BUCKETS))
    lift[0, 0], lift[0, 5] = 0.8, 1.6
    assert fit_of(lift, 0) == 1.0
    assert fit_of(lift, 5) == 2.0
    classes = np.zeros((3, CLASSES), np.int64)
    classes[D_FIT, 1], classes[D_WATCHED, 1] = 10**9, 4 * 10**8
    # a thousand who match and watch 0.8 say the same as a thousand who do not and watch 0.4
    assert expected(2_000_000, 800_000, 0, classes) == pytest.approx(0.4, abs=1e-4)
    assert expected(1_000_000, 400_000, 0, classes) == pytest.approx(0.4, abs=1e-4)


def test_rooms_are_expected_to_give_their_own_rates_drawn_towards_those_of_all() -> None:
    counts = np.zeros((3, 6), np.int64)
    counts[0, [U_SHOWN, U_ENTERED, U_LEFT, U_LOG_STAY, U_LOG_STAY_SQUARED, U_ORDERS]] = (
        200, 60, 50, 50 * 9 * 1024, 50 * 90 * 1024, 10,
    )  # fmt: skip
    counts[1, [U_SHOWN, U_ENTERED, U_LEFT, U_LOG_STAY, U_LOG_STAY_SQUARED]] = 200, 20, 50, 50 * 7 * 1024, 50 * 50 * 1024
    out, weights = np.zeros((3, 3)), np.zeros(4)
    expect_rooms(out, weights, counts)
    # overall: 80 of 400 enter, a stay's log is 8, one stay in ten orders
    assert out[0] == pytest.approx([(60 + 40) / 400, (450 + 400) / 100, (10 + 20) / 250])
    assert out[1] == pytest.approx([(20 + 40) / 400, (350 + 400) / 100, 20 / 250])
    assert out[2] == pytest.approx([0.2, 8.0, 0.1])
    assert weights[STAY_VARIANCE] == pytest.approx(70 - 64)


def test_nothing_is_expected_of_rooms_where_nothing_was_seen() -> None:
    out, weights = np.ones((2, 3)), np.zeros(4)
    expect_rooms(out, weights, np.zeros((2, 6), np.int64))
    assert (out == 0.0).all()
    assert weights[STAY_VARIANCE] == 1.0


def test_a_lesson_is_what_was_said_before_and_what_came() -> None:
    tags, lessons = blank(TAG_COLUMNS, 1, categories=2), np.zeros(LESSONS, np.int64)
    tags["evidence"][0, VIDEOS, 1], tags["trials"][0, 1] = 6 * 64, 12 * 16  # 6 / (12 + 12)
    tags["evidence"][0, ROOMS, 1], tags["evidence"][0, PURCHASES, 1] = -3 * 256, 12 * 256
    take_lesson(lessons, tags[0], 1, -0.5, 0, ROW)
    x, y, z, found = 256, -128, 512, -512  # in 1/1024
    assert lessons.tolist() == [
        1, x, y, z, found, x * x, x * y, x * z, y * y, y * z, z * z, x * found, y * found, z * found,
    ]  # fmt: skip


def lessons_of(x: Array, found: Array) -> Array:
    """The sums of a regression, of evidence of shape (n, 3)."""
    whole, out = np.floor(x * 1024 + 0.5).astype(np.int64), np.zeros(LESSONS, np.int64)
    came = np.floor(found * 1024 + 0.5).astype(np.int64)
    sums = [len(x), *whole.sum(axis=0), came.sum()]
    sums += [(whole[:, j] * whole[:, k]).sum() for j in range(3) for k in range(j, 3)]
    out[:] = [*sums, *((whole[:, j] * came).sum() for j in range(3))]
    return out


def learnt(x: Array, found: Array) -> Array:
    weights = np.array([9.0, 9.0, 9.0, 7.0])
    learn_weights(weights, lessons_of(x, found))
    assert weights[3] == 7.0
    return weights[:3]


def test_weights_are_those_of_least_squares() -> None:
    draws = np.random.default_rng(1)
    x = draws.normal(0.3, 1.0, (4000, 3)) @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 1.0]])
    found = 0.2 + x @ np.array([0.9, 0.1, 2.5]) + draws.normal(0.0, 0.3, 4000)
    centred, came = x - x.mean(axis=0), found - found.mean()
    wanted = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(3), centred.T @ came)
    assert learnt(x, found) == pytest.approx(wanted, abs=2e-3)
    assert learnt(x, found) == pytest.approx([0.9, 0.1, 2.5], abs=0.03)


def test_a_kind_that_foretells_the_contrary_counts_for_nothing_and_is_left_out() -> None:
    draws = np.random.default_rng(2)
    x = draws.normal(0.0, 1.0, (4000, 3))
    x[:, 1] += x[:, 0]
    found = x @ np.array([1.0, -0.5, 0.3])
    weights = learnt(x, found)
    assert weights[1] == 0.0
    assert weights[[0, 2]] == pytest.approx([0.5, 0.3], abs=0.05)  # what 0 foretells alone, 1 being left out


def test_nothing_is_known_before_there_are_lessons() -> None:
    assert learnt(np.zeros((0, 3)), np.zeros(0)).tolist() == [0.0, 0.0, 0.0]
    few = learnt(np.full((2, 3), 0.01), np.array([0.9, -0.9]))
    assert (few < 0.05).all()


@given(
    x=st.lists(st.tuples(*[st.floats(-4, 4)] * 4), max_size=40),
    off=st.sampled_from([0, 1, 2]),
)
def test_weights_are_finite_never_negative_and_none_for_a_kind_that_says_nothing(x: list, off: int) -> None:
    rows = np.array(x).reshape(-1, 4)
    rows[:, off] = 0.0
    weights = learnt(rows[:, :3], rows[:, 3])
    assert np.isfinite(weights).all()
    assert (weights >= 0.0).all()
    assert weights[off] == 0.0
