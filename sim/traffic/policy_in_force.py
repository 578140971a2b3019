"""The platform's rules that are in force at a moment, as the loops read them."""

from typing import NamedTuple

from sim.core.arrays import Array
from sim.core.clock import MINUTE
from sim.recommender.interest_tags import tag_rules
from sim.recommender.scoring import weights_row
from sim.scenario.scenario import Platform, Scenario
from sim.traffic.room_levels import steps
from sim.traffic.video_waves import ladder


class PolicyInForce(NamedTuple):
    """The rules, and what follows from them."""

    rules: Platform
    ladder: tuple[int, ...]  # exposures of each tier
    weights: Array  # one row
    tag_rules: Array  # one row
    review_ms: int  # between two reviews of rooms
    part_ms: int  # between the turns of two parts of the stock
    steps: Array  # average concurrency to be held at each level of rooms


def policy_at(scenario: Scenario, now_ms: int) -> PolicyInForce:
    """The policy in force after a moment. The time between two reviews of rooms cannot change."""
    rules = scenario.rules_after(now_ms)
    review_ms = int(scenario.platform.rooms.review_minutes * MINUTE)
    tiers = ladder(rules.waves.ladder, scenario.viewers.count)
    part_ms = int(rules.stock.part_minutes * MINUTE)
    held = steps(rules.rooms, scenario.viewers.count, scenario.rooms.count)
    return PolicyInForce(rules, tiers, weights_row(rules.weights), tag_rules(rules.tags), review_ms, part_ms, held)
