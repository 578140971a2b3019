"""The measures that a claim may ask for, by name: what each reads from a run, its unit, and what it says."""

from collections.abc import Callable
from typing import NamedTuple

from sim.claims import rooms, tags, waves, worlds
from sim.results import Run


class Measure(NamedTuple):
    """One number of one run; NaN where the run does not tell."""

    read: Callable[[Run], float]
    unit: str
    words: str


KNOWN = {
    "feed_overlap": Measure(worlds.feed_overlap, "share", "overlap of two people's feeds"),
    "never_met_biggest": Measure(worlds.never_met_biggest, "share", "viewers who never met the biggest creator"),
    "pull_and_reach": Measure(waves.pull_and_reach, "rank correlation", "a video's true pull and its reach"),
    "skill_and_traffic": Measure(waves.skill_and_traffic, "rank correlation", "a host's true skill and traffic"),
    "weakest_growth": Measure(waves.weakest_growth, "times", "growth of exposures an hour from wave to wave"),
    "traffic_persists": Measure(rooms.traffic_persists, "% per %", "next traffic on traffic now"),
    "sales_pull": Measure(rooms.sales_pull, "log units", "next traffic on each time the peers' GPM"),
    "tag_hits": Measure(tags.tag_hits, "share", "top three tags that are true tastes"),
    "tag_cosine": Measure(tags.tag_cosine, "-", "cosine of tags and true tastes"),
    "tags_per_viewer": Measure(tags.tags_per_viewer, "tags", "tags of a viewer"),
    "buyers_cosine": Measure(tags.buyers_cosine, "-", "cosine of buyers' tags and true tastes"),
    "entry_foresight": Measure(tags.entry_foresight, "Brier skill", "entries foretold by tag match"),
    "entry_rate": Measure(tags.entry_rate, "share", "entries per room shown"),
    "orders_per_thousand_shown": Measure(tags.orders_per_thousand_shown, "orders", "orders per 1,000 rooms shown"),
}
