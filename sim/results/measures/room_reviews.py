"""Measures of room reviews: on how much they rest, with whom rooms are compared, and whether they find good hosts."""

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number, values
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some

FEWEST = 5  # sessions of which a rank correlation is taken


@values("reviews.goods_remembered", unit="goods", words="goods that a room's review remembers")
def goods_remembered(run: Evidence) -> Array:
    """Goods sold that each review of a room goes by, those of earlier reviews as far as they are remembered."""
    return some(run.room_reviews, "review of a room")["goods"].to_numpy()


@number("reviews.goods_remembered_weighted", unit="goods", words="goods remembered, mean over goods")
def goods_remembered_weighted(run: Evidence) -> float:
    """The mean of `reviews.goods_remembered`, weighted by these goods: what a review remembers where things are sold.
    A review means something from about five on.
    """
    goods = np.asarray(goods_remembered(run), float)
    return ratio((goods**2).sum(), goods.sum(), "order in a review")


@number("reviews.merged_share", unit="share", words="room reviews with peers beyond class and level")
def merged_share(run: Evidence) -> float:
    """Reviews of rooms that had too few peers of their class and level, and were held against more / reviews."""
    return float((some(run.room_reviews, "review of a room")["compared"] != "class and level").mean())


@number("rooms.level_share", unit="share", words="room windows at a level")
def level_share(run: Evidence, step: int) -> float:
    """Windows between two reviews that rooms spent at a step of the levels, 1 for the lowest / windows."""
    return float((some(run.rooms, "open room")["level"] == step - 1).mean())


@number("rooms.skill_traffic_correlation", unit="rank correlation", words="skill of hosts and traffic of rooms")
def skill_traffic_correlation(run: Evidence) -> float:
    """Rank correlation (Spearman), over sessions, of a host's true skill in the form of the day and the exposures of
    the room per hour open.
    """
    hours = (run.sessions["closed_s"] - run.sessions["opened_s"]) / 3600.0
    return _spearman(run.sessions["skill"] + run.sessions["form"], run.sessions["shown"] / hours)


def _spearman(one: "pd.Series[float]", other: "pd.Series[float]") -> float:
    if len(one) < FEWEST or one.nunique() < 2 or other.nunique() < 2:
        raise NothingToMeasureError(f"a rank correlation takes {FEWEST} sessions that differ")
    return float(np.corrcoef(one.rank(), other.rank())[0, 1])
