"""The registry of measures, which all commands share: each file of measures registers its own."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from sim.results.measures.run_data import Evidence


class Measure(NamedTuple):
    """One measure of a run.

    Attributes
    ----------
    unit
        Its unit, or `-`; a share of one is `share`.
    words
        The phrase that a table prints.
    of
        The function of a run's evidence, and of arguments, that computes it.
    takes
        Its arguments with their types.
    optional
        Those of them that may be left out.
    many
        Whether it gives many values, of which a name asks for the mean or a quantile.
    """

    unit: str
    words: str
    of: Callable[..., Any]
    takes: dict[str, Any]
    optional: frozenset[str]
    many: bool


MEASURES: dict[str, Measure] = {}

RENAMED = {
    "gmv": "sales.expected_gmv_yuan",
    "gmv_less_luck": "sales.expected_gmv_yuan",
    "sales.gmv_adjusted_yuan": "sales.expected_gmv_yuan",
    "gmv_yuan": "sales.gmv_yuan",
    "orders": "sales.orders",
    "buyers": "sales.buyers",
    "refused_orders": "sales.refused_orders",
    "gpm_yuan": "sales.gpm_yuan",
    "orders_per_entry": "sales.orders_per_entry",
    "live_exposures": "live.exposures",
    "entries": "live.entries",
    "enter_rate": "live.enter_rate",
    "seconds_per_entry": "traffic.seconds_per_entry",
    "room_gini": "rooms.exposure_gini",
    "live_share": "feed.live_share",
    "minutes_per_viewer_day": "viewers.minutes_per_day",
    "sessions": "viewers.sessions",
    "next_day_return": "viewers.next_day_return",
    "finish_rate": "feed.finish_rate",
    "like_rate": "feed.like_rate",
    "tag_cosine": "tags.cosine",
    "boosted_natural_6h": "paid.natural(6)",
    "boosted_natural": "paid.natural",
    "exposures": "feed.exposures",
    "video_exposures": "feed.video_exposures",
    "skip_rate": "feed.skip_rate",
    "comment_rate": "feed.comment_rate",
    "share_rate": "feed.share_rate",
    "follow_rate": "feed.follow_rate",
    "tag_hits": "tags.hits",
    "empty_pages": "feed.empty_pages",
}
"""Names that `compare` and `sweep` once had of their own, and what they are called now."""


def number(name: str, *, unit: str, words: str) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Register a function of a run's evidence, and maybe of arguments, that gives one number."""

    def register(of: Callable[..., float]) -> Callable[..., float]:
        takes = list(inspect.signature(of).parameters.values())[1:]
        optional = frozenset(one.name for one in takes if one.default is not inspect.Parameter.empty)
        _add(name, Measure(unit, words, of, {one.name: one.annotation for one in takes}, optional, many=False))
        return of

    return register


def values(
    name: str, *, unit: str, words: str
) -> Callable[[Callable[[Evidence], ArrayLike]], Callable[[Evidence], ArrayLike]]:
    """Register a function of a run's evidence that gives many values, to be asked for by mean or quantile."""

    def register(of: Callable[[Evidence], ArrayLike]) -> Callable[[Evidence], ArrayLike]:
        _add(name, Measure(unit, words, of, {}, frozenset(), many=True))
        return of

    return register


def _add(name: str, one: Measure) -> None:
    if name in MEASURES:
        raise ValueError(f"{name} is registered twice")
    MEASURES[name] = one
