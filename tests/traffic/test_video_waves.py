import numpy as np
import pytest

from sim.core.arrays import Array, blank
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.clock import HOUR, MINUTE
from sim.core.event_log import (
    BUCKETS,
    M_RATIO,
    M_SHOWN,
    TOTALS,
    V_COMMENTS,
    V_FOLLOWS,
    V_LIKES,
    V_SHARES,
    V_SHOWN,
    V_WATCH_MS,
    VIDEO_COUNTS,
)
from sim.recommender.budget_slices import SLICE_COLUMNS, cut, left_of, release, slice_of
from sim.recommender.scoring import weights_row
from sim.recommender.video_index import predicted, recent_means
from sim.scenario.scenario import ReviewWeights, Weights
from sim.traffic.video_waves import (
    ENOUGH_PEERS,
    FADE,
    IN_STOCK,
    KEEP,
    PROMOTE,
    REIGNITE,
    REPEAT,
    VERDICTS,
    WAVE_COLUMNS,
    Peers,
    Reviews,
    blank_reviews,
    carry_out,
    first_waves,
    in_order,
    judged,
    ladder,
    next_tier,
    open_wave,
    over,
    peers,
    peers_of,
    review_videos,
    shares_of,
    still_in_waves,
    threshold,
    verdict,
)

WEIGHTS = weights_row(Weights(review=ReviewWeights(dwell=2), like=1, comment=2, share=3, follow=5, prior=100))


BEST = np.zeros(3, np.int8)


def counted(**counts: int) -> list[int]:
    return [counts.get(name, 0) for name in VIDEO_COUNTS]


# --- tiers


def test_the_ladder_is_cut_where_it_exceeds_the_population() -> None:
    steps = (300, 3_000, 13_000, 120_000)
    assert ladder(steps, 1_000_000) == steps
    assert ladder(steps, 13_000) == (300, 3_000, 13_000)
    assert ladder(steps, 12_999) == (300, 3_000)


def test_a_small_population_has_one_tier_of_all() -> None:
    assert ladder((300, 3_000), 120) == (120,)


# --- budgets


@pytest.mark.parametrize(
    ("item", "refresh_index", "slices"),
    # 11 over 4 shards: 2 each and 3 over, which begin at shard (item + refresh_index) % 4
    [(0, 0, [3, 3, 3, 2]), (0, 1, [2, 3, 3, 3]), (0, 2, [3, 2, 3, 3]), (1, 2, [3, 3, 2, 3]), (6, 3, [2, 3, 3, 3])],
)
def test_a_budget_is_sliced_over_the_shards(item: int, refresh_index: int, slices: list[int]) -> None:
    rows = blank(SLICE_COLUMNS, 8)
    cut(rows, np.array([item]), np.array([11]), 4, refresh_index)
    assert [slice_of(rows[0], shard, 4) for shard in range(4)] == slices


@pytest.mark.parametrize(
    ("tier", "minutes", "delivered", "left"),
    [
        (0, 0, 0, 75),  # of 300, the first quarter at once
        (0, 19, 0, 75),  # three more in an hour, one every 20 min
        (0, 20, 0, 150),
        (0, 20, 150, 0),
        (0, 59, 100, 125),
        (0, 60, 100, 200),
        (0, 600, 100, 200),
        (1, 60, 0, 150),  # the second tier takes two hours: one more in 40 min
        (9, 90, 0, 150),  # none takes longer than three
    ],
)
def test_a_wave_is_released_part_by_part(tier: int, minutes: int, delivered: int, left: int) -> None:
    rows = blank(WAVE_COLUMNS, 1)
    rows["tier"], rows["budget"], rows["delivered"], rows["opened_ms"] = tier, 300, delivered, 5 * HOUR
    assert left_of(rows, np.array([0]), 5 * HOUR + minutes * MINUTE, HOUR, 3 * HOUR).tolist() == [left]


def test_without_a_pace_a_wave_is_released_at_once() -> None:
    rows = blank(WAVE_COLUMNS, 1)
    rows["tier"], rows["budget"] = 2, 2_000_000_000  # in whole numbers of 64 bits
    assert left_of(rows, np.array([0]), 30_000, 0, HOUR).tolist() == [2_000_000_000]


def test_what_is_released_is_sliced_and_only_what_has_something_left_is_shown() -> None:
    rows, slices = blank(WAVE_COLUMNS, 3), blank(SLICE_COLUMNS, 3)
    rows["tier"], rows["budget"], rows["delivered"] = 0, [300, 300, 300], [0, 75, 70]
    found = release(rows, slices, np.array([2, 1, 0]), 30_000, HOUR, HOUR, 4, 0)  # a quarter is released at once
    assert found.tolist() == [2, 0]
    assert (slices["slice"].tolist(), slices["odd"].tolist()) == ([1, 18, 0], [1, 3, 0])  # 5 and 75 over 4 shards


def test_waves_are_over_when_they_are_spent_or_out_of_time() -> None:
    rows = blank(WAVE_COLUMNS, 3)
    rows["budget"], rows["delivered"], rows["closes_ms"] = 300, [300, 299, 0], [HOUR, HOUR, MINUTE]
    assert over(rows, np.array([2, 1, 0]), MINUTE).tolist() == [2, 0]
    assert over(rows, np.array([2, 1, 0]), MINUTE - 1).tolist() == [0]


def test_how_far_a_reviewed_item_came_is_noted() -> None:
    rows, best = blank(WAVE_COLUMNS, 4), np.array([0, 1, 0, 2], np.int8)
    rows["tier"] = [0, -1, 1, 0]
    assert still_in_waves(np.array([1, 2]), rows, best, np.array([3, 1, 2, 0])).tolist() == [3, 2, 0]
    assert best.tolist() == [0, 1, 1, 2]


def test_watching_and_interactions_of_late() -> None:
    sums, matches = np.zeros(len(TOTALS), np.int64), np.zeros((9, BUCKETS), np.int64)
    assert recent_means(sums, matches, weights_row(Weights())) == (0.0, 0.0)
    sums[TOTALS.index("video_exposures")], sums[TOTALS.index("likes")], sums[TOTALS.index("shares")] = 100, 8, 2
    matches[M_SHOWN, :2], matches[M_RATIO, :2] = (3, 1), (1_500, 900)  # ratios in thousandths
    ratio, acted = recent_means(sums, matches, weights_row(Weights(like=1, share=3)))
    assert (ratio, acted) == (pytest.approx(0.6), pytest.approx(0.14))


# --- verdicts


def test_a_threshold_is_what_the_best_share_of_the_peers_reach() -> None:
    scores = np.arange(100.0)[::-1].copy()  # 99 to 0: the best fifth is 80 to 99
    assert threshold(in_order(scores), 0.2) == 80.0
    assert threshold(in_order(scores), 0.5) == 50.0


def test_everybody_or_nobody_may_be_wanted() -> None:
    scores = np.arange(100.0)
    assert threshold(in_order(scores), 1.0) == -np.inf
    assert threshold(in_order(scores), 0.0) == np.inf


def test_few_peers_make_the_average_the_threshold() -> None:
    assert threshold(np.full(ENOUGH_PEERS - 1, 5.0), 0.2) == 1.0
    assert threshold(np.full(ENOUGH_PEERS, 5.0), 0.2) == 5.0


@pytest.mark.parametrize(
    ("score", "enough", "repeats", "top", "said"),
    [
        (1.5, True, 0, False, PROMOTE),
        (1.2, True, 0, False, PROMOTE),  # at the threshold
        (1.19, True, 0, False, REPEAT),
        (0.9, True, 3, False, REPEAT),
        (0.89, True, 0, False, FADE),
        (1.5, True, 0, True, REPEAT),  # at the top there is no further up
        (0.89, True, 0, True, FADE),
        (9.9, False, 0, False, REPEAT),  # too small to judge: once more
        (9.9, False, 1, False, FADE),  # and no more
        (0.0, False, 0, True, REPEAT),
    ],
)
def test_a_verdict(score: float, enough: bool, repeats: int, top: bool, said: int) -> None:
    assert verdict(score, enough, 1.2, 0.9, repeats, top) == said


def test_verdicts_have_names() -> None:
    assert [VERDICTS[v] for v in (PROMOTE, REPEAT, FADE)] == ["promote", "repeat", "fade"]


# --- scores


def lots(seed: int, waves: range) -> list[float]:
    blind = weights_row(Weights(review=ReviewWeights(dwell=0, interaction=0)))[0]
    return [judged(1.9, 0.1, blind, item, wave, seed) for item in range(500) for wave in waves]


def test_a_review_that_weighs_nothing_draws_lots() -> None:
    first = lots(1, range(1, 3))
    assert first == lots(1, range(1, 3)) != lots(2, range(1, 3))
    assert len(set(first)) == 1000
    assert np.mean(first) == pytest.approx(1.0, abs=0.08)  # uniform on 0 to 2: four standard errors are 0.073


def test_a_review_that_weighs_something_draws_none() -> None:
    only_dwell = weights_row(Weights(review=ReviewWeights(interaction=0)))[0]
    assert judged(1.9, 0.1, only_dwell, 0, 1, 1) == judged(1.9, 0.1, only_dwell, 5, 2, 9) == pytest.approx(1.9)


# --- a round of reviews


def closed() -> tuple[Array, Array, Array, Array]:
    """Waves, counts when they opened and now, and rows of three videos of 10 s: good, bad, and one hardly seen."""
    waves, videos = blank(WAVE_COLUMNS, 3), blank(VIDEO_COLUMNS, 3)
    before, counts = np.zeros((2, 3, len(VIDEO_COUNTS)), np.int64)
    videos["duration_ms"], waves["tier"], waves["budget"], waves["wave"] = (
        10_000,
        [0, 0, 1],
        [300, 300, 3_000],
        [1, 1, 2],
    )
    before[0] = counted(shown=100, watch_ms=500_000, likes=7)
    counts[0] = counted(shown=300, watch_ms=2_500_000, likes=27, comments=4, shares=2, follows=1)
    counts[1] = counted(shown=200, watch_ms=500_000, likes=2)
    counts[2] = counted(shown=50, watch_ms=500_000)
    waves["delivered"] = [200, 200, 50]
    return waves, before, counts, videos


def known_peers() -> Peers:
    """Twenty peers of tier 0: scores 0.1 to 2.0, a mean dwell of 0.5, a mean interaction of 0.1; none of tier 1."""
    ring = peers(2, 25)
    ring.dwell[0, :20], ring.interaction[0, :20], ring.score[0, :20] = 0.5, 0.1, np.arange(1, 21) / 10
    ring.reviews[0] = 20
    return ring


def reviewed(ring: Peers, waves: Array, before: Array, counts: Array, videos: Array) -> Reviews:
    found = blank_reviews(3)
    shares = shares_of(2, 0.2, 0.15, 0.1)
    review_videos(np.arange(3), waves, before, counts, videos, ring, WEIGHTS, 100, shares, 1, found)
    return found


def test_a_review_by_hand() -> None:
    # video 0 in this wave: 200 shown, 2,000 s watched of 10 s videos -> ratio 1.0, twice the peers';
    #   20 likes + 4 * 2 + 2 * 3 + 1 * 5 = 39 in 200 -> 0.195, 1.95 times; score (2 * 2 + 1.95) / 3 = 1.98333
    # video 1: ratio 0.25 -> 0.5; 2 likes in 200 -> 0.01 -> 0.1; score (2 * 0.5 + 0.1) / 3 = 0.36667
    found = reviewed(known_peers(), *closed())
    assert found.dwell[:2].tolist() == pytest.approx([1.0, 0.25])
    assert found.interaction[:2].tolist() == pytest.approx([0.195, 0.01])
    assert found.dwell_term[:2].tolist() == pytest.approx([2.0, 0.5])
    assert found.interaction_term[:2].tolist() == pytest.approx([1.95, 0.1])
    assert found.score[:2].tolist() == pytest.approx([5.95 / 3, 1.1 / 3])
    # of 20 peers the best fifth is 1.7 to 2.0, the best 35 % 1.4 to 2.0
    assert found.promote_at[:2].tolist() == pytest.approx([1.7, 1.7])
    assert found.repeat_at[:2].tolist() == pytest.approx([1.4, 1.4])
    assert found.verdict.tolist() == [PROMOTE, FADE, REPEAT]


def test_a_review_leaves_what_the_wave_was() -> None:
    found = reviewed(known_peers(), *closed())
    assert found.item.tolist() == [0, 1, 2]
    assert found.tier.tolist() == [0, 0, 1]
    assert found.wave.tolist() == [1, 1, 2]
    assert found.budget.tolist() == [300, 300, 3_000]
    assert found.delivered.tolist() == [200, 200, 50]


def test_without_peers_every_term_is_average() -> None:
    found = reviewed(peers(2, 25), *closed())
    assert found.score.tolist() == [1.0, 1.0, 1.0]
    assert found.promote_at.tolist() == [1.0, 1.0, 1.0]


def test_all_of_a_round_are_held_against_the_same_peers_and_then_join_them() -> None:
    ring = known_peers()
    reviewed(ring, *closed())
    # two were large enough to say something; the third, of tier 1, was not
    assert ring.reviews.tolist() == [22, 0, 0]
    assert ring.score[0, 20:22].tolist() == pytest.approx([5.95 / 3, 1.1 / 3])
    assert ring.dwell[0, 20:22].tolist() == pytest.approx([1.0, 0.25])


def test_the_latest_reviews_take_the_place_of_the_oldest() -> None:
    ring = known_peers()
    ring.dwell[0], ring.interaction[0] = 0.5, 0.1
    ring.reviews[0] = 49  # of 25 places, the next is the last
    reviewed(ring, *closed())
    assert ring.reviews[0] == 51
    assert ring.score[0, [24, 0]].tolist() == pytest.approx([5.95 / 3, 1.1 / 3])
    assert peers_of(ring, 0) == 25
    assert peers_of(ring, 1) == 0


# --- what follows


def test_a_wave_opens_with_a_budget_and_a_time() -> None:
    waves = blank(WAVE_COLUMNS, 1)
    waves["delivered"], waves["wave"] = 250, 1
    counts, before = np.array(counted(shown=300, likes=5)), np.zeros(len(VIDEO_COUNTS), np.int64)
    open_wave(waves[0], 1, 2, 3_000, 1_000, 6 * HOUR, counts, before)
    wave = waves[0]
    assert (wave["tier"], wave["wave"], wave["repeats"], wave["budget"], wave["delivered"]) == (1, 2, 2, 3_000, 0)
    assert (wave["opened_ms"], wave["closes_ms"]) == (1_000, 1_000 + 6 * HOUR)
    assert before.tolist() == counts.tolist()


def test_new_videos_get_their_first_wave() -> None:
    waves, counts = blank(WAVE_COLUMNS, 4), np.zeros((4, len(VIDEO_COUNTS)), np.int64)
    waves["tier"] = -1
    first_waves(waves, 1, 3, np.array([300, 410]), 50, HOUR, counts, counts.copy())
    assert waves["tier"].tolist() == [-1, 0, 0, -1]
    assert waves["budget"].tolist() == [0, 300, 410, 0]
    assert waves["wave"].tolist() == [0, 1, 1, 0]
    assert waves["closes_ms"].tolist() == [0, 50 + HOUR, 50 + HOUR, 0]


def test_every_verdict_has_its_effect() -> None:
    waves, before, counts, videos = closed()
    found = reviewed(known_peers(), waves, before, counts, videos)
    carry_out(found, waves, before, counts, videos, BEST, np.array([300, 3_000]), HOUR, 6 * HOUR, 7 * 24 * HOUR, 10_000)
    # promoted to tier 1; faded; repeated at tier 1
    assert waves["tier"].tolist() == [1, -1, 1]
    assert waves["budget"][[0, 2]].tolist() == [3_000, 3_000]
    assert waves["wave"].tolist() == [2, 1, 3]
    assert waves["repeats"][[0, 2]].tolist() == [0, 1]
    assert waves["delivered"][[0, 2]].tolist() == [0, 0]
    assert (before[0] == counts[0]).all()


def test_a_video_that_is_too_old_gets_no_further_wave() -> None:
    waves, before, counts, videos = closed()
    videos["published_ms"] = [0, 0, 1]
    found = reviewed(known_peers(), waves, before, counts, videos)
    carry_out(
        found, waves, before, counts, videos, BEST, np.array([300, 3_000]), 24 * HOUR + 1, HOUR, 24 * HOUR, 10_000
    )
    assert waves["tier"].tolist() == [-1, -1, 1]


def test_nothing_is_shown_more_often_than_there_are_viewers() -> None:
    # video 0 was shown 300 times and is promoted to 3,000 more; video 2 was shown 50 times and is to have 3,000 again
    for viewers, tiers in ((3_300, [1, -1, 1]), (3_299, [-1, -1, 1]), (3_049, [-1, -1, -1])):
        waves, before, counts, videos = closed()
        found = reviewed(known_peers(), waves, before, counts, videos)
        carry_out(found, waves, before, counts, videos, BEST, np.array([300, 3_000]), HOUR, HOUR, 24 * HOUR, viewers)
        assert waves["tier"].tolist() == tiers


def test_what_is_in_the_stock_is_judged_among_its_own_and_may_get_a_wave_again() -> None:
    waves, before, counts, videos = closed()
    waves["tier"], waves["budget"], waves["delivered"] = IN_STOCK, 7, 3
    videos["published_ms"] = -90 * 24 * HOUR  # however old
    ring = known_peers()
    ring.dwell[2, :20], ring.interaction[2, :20], ring.score[2, :20] = 0.5, 0.1, np.arange(1, 21) / 10
    ring.reviews[2] = 20
    found = reviewed(ring, waves, before, counts, videos)
    # the best tenth of the stock's peers reach 1.9: video 0 has 1.98, see above
    assert found.promote_at.tolist() == pytest.approx([1.9] * 3)
    assert found.verdict.tolist() == [REIGNITE, KEEP, KEEP]
    assert (found.tier.tolist(), found.delivered.tolist()) == ([IN_STOCK] * 3, [200, 200, 50])
    carry_out(found, waves, before, counts, videos, BEST, np.array([300, 3_000]), HOUR, HOUR, 24 * HOUR, 10_000)
    assert waves["tier"].tolist() == [1, IN_STOCK, IN_STOCK]
    assert waves["budget"].tolist() == [3_000, 7, 7]  # those that stay keep what they have in this turn
    assert (before == counts).all()  # and are counted anew


@pytest.mark.parametrize(
    ("tier", "said", "best", "next_one"),
    [(0, PROMOTE, 0, 1), (1, REPEAT, 1, 1), (2, FADE, 2, IN_STOCK), (IN_STOCK, KEEP, 2, IN_STOCK),
     (IN_STOCK, REIGNITE, 0, 1), (IN_STOCK, REIGNITE, 2, 2)],
)  # fmt: skip
def test_the_tier_that_follows_a_verdict(tier: int, said: int, best: int, next_one: int) -> None:
    assert next_tier(tier, said, best, 3) == next_one


def test_a_ladder_of_one_tier_re_ignites_at_that() -> None:
    assert next_tier(IN_STOCK, REIGNITE, 0, 1) == 0


def test_predicted_terms_by_hand() -> None:
    # 100 shown, a video of 10 s watched 1,000 s in all: 100 lengths + 100 * 0.5 of the prior in 200 -> 0.75, 1.5 times
    # 10 likes + 5 follows * 5 = 35 + 100 * 0.1 in 200 -> 0.225, 2.25 times
    counts = np.zeros(len(VIDEO_COUNTS), np.int64)
    counts[[V_SHOWN, V_WATCH_MS, V_LIKES, V_FOLLOWS]] = 100, 1_000_000, 10, 5
    assert predicted(counts, 10_000, 0.5, 0.1, WEIGHTS[0]) == pytest.approx((1.5, 2.25))
    # two comments and a share more are 7 more: 42 + 10 in 200 -> 0.26
    counts[[V_COMMENTS, V_SHARES]] = 2, 1
    assert predicted(counts, 10_000, 0.5, 0.1, WEIGHTS[0])[1] == pytest.approx(2.6)


def test_a_new_video_is_predicted_to_be_average() -> None:
    counts = np.zeros(len(VIDEO_COUNTS), np.int64)
    assert predicted(counts, 10_000, 0.5, 0.1, WEIGHTS[0]) == pytest.approx((1.0, 1.0))
    assert predicted(counts, 10_000, 0.0, 0.0, WEIGHTS[0]) == (1.0, 1.0)
