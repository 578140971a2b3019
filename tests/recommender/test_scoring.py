import pytest

from sim.core.arrays import Array
from sim.core.event_log import BUCKETS
from sim.recommender.scoring import interactions, match_bucket, relative, smoothed, video_score, weights_row
from sim.scenario.scenario import ReviewWeights, Weights


def weights(**values: float) -> Array:
    review = ReviewWeights(**({"dwell": 2, "interaction": 1, "entry": 3, "conversion": 4} | values))
    return weights_row(Weights(review=review, like=1, comment=2, share=3, follow=5))


def test_weights_become_a_row() -> None:
    row = weights()
    assert {name: row[name][0].tolist() for name in row.dtype.names} == {
        "review": [2, 1, 3, 4, 0], "rank": [1, 1, 1, 0, 0],
        "like": 1, "comment": 2, "share": 3, "follow": 5, "prior": 100,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("events", "trials", "rate"),
    [
        (0, 0, 0.2),  # nothing seen: the peers' mean
        (10, 0, 0.3),  # (10 + 100 * 0.2) / 100
        (80, 100, 0.5),  # (80 + 20) / 200
        (80, 900, 0.1),  # (80 + 20) / 1000
    ],
)
def test_few_trials_are_drawn_towards_the_mean(events: float, trials: float, rate: float) -> None:
    assert smoothed(events, trials, 0.2, 100.0) == pytest.approx(rate)


def test_without_a_prior_a_rate_is_a_rate() -> None:
    assert smoothed(3.0, 4.0, 0.9, 0.0) == 0.75
    assert smoothed(0.0, 0.0, 0.9, 0.0) == 0.0


def test_a_term_is_relative_to_the_peers() -> None:
    assert relative(0.3, 0.2) == pytest.approx(1.5)
    assert relative(0.0, 0.2) == 0.0
    assert relative(0.3, 0.0) == 1.0  # the peers show nothing yet


def test_interactions_are_a_weighted_count() -> None:
    # 10 * 1 + 4 * 2 + 2 * 3 + 1 * 5
    assert interactions(10.0, 4.0, 2.0, 1.0, weights()[0]) == 29.0


def test_a_video_of_average_terms_scores_one() -> None:
    assert video_score(1.0, 1.0, weights()[0]) == pytest.approx(1.0)


def test_a_videos_score_by_hand() -> None:
    # (2 * 1.5 + 1 * 0.3) / 3
    assert video_score(1.5, 0.3, weights()[0]) == pytest.approx(1.1)
    assert video_score(1.5, 0.3, weights(interaction=0)[0]) == pytest.approx(1.5)


def test_weights_of_zero_make_a_score_of_zero() -> None:
    assert video_score(1.5, 0.3, weights(dwell=0, interaction=0)[0]) == 0.0


def test_steps_of_tag_match_are_even() -> None:
    assert BUCKETS == 8
    assert [match_bucket(x / 16) for x in range(17)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7]
    assert match_bucket(-0.5) == 0
    assert match_bucket(7.0) == 7
