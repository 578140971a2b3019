"""The value formulas: predicted behaviour times weight, the same for ranking and for reviews.

A sum over behaviours of weight times predicted probability is the form that TikTok's "Algo 101" (New York Times, 5
December 2021) and Douyin's own disclosure of 2025 give. Here each term is relative to the peers' mean, so that a
weight means the same whatever the behaviour's rarity.
"""

from sim.core.arrays import Array, Row, numbers
from sim.core.compiler import rule
from sim.scenario.scenario import Weights

BUCKETS = 8
"""Steps of tag match in which the platform learns how much tags matter."""


def weighing(weights: Weights) -> Array:
    """The weights as a row of numbers."""
    return numbers(**weights.model_dump())


@rule
def smoothed(events: float, trials: float, mean: float, prior: float) -> float:
    """A rate from few trials, drawn towards the peers' mean as if `prior` trials had shown it."""
    return (events + prior * mean) / max(trials + prior, 1e-9)


@rule
def relative(rate: float, mean: float) -> float:
    """A rate over the peers' mean; 1 where the peers show nothing yet."""
    return rate / mean if mean > 0.0 else 1.0


@rule
def interactions(likes: float, comments: float, shares: float, follows: float, weights: Row) -> float:
    """Interaction (互动): weighted count of likes, comments, shares and follows."""
    return weights.like * likes + weights.comment * comments + weights.share * shares + weights.follow * follows


@rule
def video_score(dwell: float, interaction: float, weights: Row) -> float:
    """A video's score from its relative terms; 1 is average."""
    total = weights.dwell + weights.interaction
    return (weights.dwell * dwell + weights.interaction * interaction) / max(total, 1e-9)


@rule
def bucket(match: float) -> int:
    """The step of a tag match between 0 and 1."""
    return max(0, min(int(match * BUCKETS), BUCKETS - 1))
