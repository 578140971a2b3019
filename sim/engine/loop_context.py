"""The viewers, what they act on, and how time goes by for them."""

from typing import NamedTuple

from sim.core.arrays import Array, Row
from sim.core.compiler import rule
from sim.recommender.inventory import Inventory


class People(NamedTuple):
    """Viewers: what is true of them, and what the platform keeps of them. One row each in all four."""

    viewers: Array
    tags: Array
    served: Array
    calendar: Array  # the refresh in which each acts next
    first: int  # number of the viewer in row 0
    world: int  # viewers in the whole world


class LoopContext(NamedTuple):
    """What viewers act on: the snapshot, truths that the platform does not see, and the rules."""

    inventory: Inventory
    products: Array
    quality: Array  # of each video
    skill: Array  # of each room's host
    appeal: Array  # of each product
    rhythm: Array  # (24,) of visits, by the hour of the day
    behaviour: Array  # (1,) what viewers do, see `agents.viewer.behaviour`
    tag_rules: Array  # (1,) the rules of tags, see `sim.recommender.interest_tags.tag_rules`
    feed_rules: Array  # (1,) the rules of the feed, see `sim.engine.initialisation.feed_rules`
    log: Array  # (shards, capacity)
    lessons: Array  # (shards, LESSONS) what evidence foretold, see `sim.recommender.expectations.take_lesson`


@rule
def spend(me: Row, ms: int) -> None:
    """Let a viewer's time in the app go by."""
    me.due_ms += ms
    me.session_ms += ms
