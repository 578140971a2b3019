"""Tag precision: how well the platform's tags fit true tastes."""

import numpy as np

from agents.viewer import MOST_TASTES
from sim.core.arrays import Array
from sim.core.compiler import compiled
from sim.recommender.interest_tags import interest_profile


@compiled
def tag_precision(
    viewers: Array, tags: Array, now_ms: int, tag_rules: Array, weights: Array, categories: int
) -> tuple[float, float]:
    """Tag precision over some viewers: mean cosine of tags and true tastes, and share of the top three tags that are
    tastes.
    """
    cosine, hits, tag = 0.0, 0.0, np.zeros(categories)
    for i in range(len(viewers)):
        interest_profile(tags[i], now_ms, tag_rules[0], weights, tag)
        dot, liked, believed = 0.0, 0.0, 0.0
        for n in range(MOST_TASTES):
            affinity = viewers[i].affinity[n] / 255.0
            dot += affinity * tag[viewers[i].taste[n]]
            liked += affinity * affinity
        for c in range(categories):
            believed += tag[c] * tag[c]
        if believed > 0.0:
            cosine += dot / (liked * believed) ** 0.5
        for c in np.argsort(-tag)[:3]:
            for n in range(MOST_TASTES):
                if viewers[i].taste[n] == c and viewers[i].affinity[n] > 0 and tag[c] > 0.0:
                    hits += 1.0 / 3.0
                    break
    return cosine / max(len(viewers), 1), hits / max(len(viewers), 1)
