"""The few numbers that sum up a run."""

from pathlib import Path
from typing import Any

import pandas as pd

from sim.core.event_log import ROOM_SOURCES
from sim.results.measures.inequality import top_share
from sim.results.measures.lookup import measure, named
from sim.results.measures.run_data import Evidence, NothingToMeasureError
from sim.scenario.scenario import Scenario

COUNTS = {
    "exposures": "feed.exposures",
    "video_exposures": "feed.video_exposures",
    "live_exposures": "live.exposures",
    "sessions": "viewers.sessions",
    "entries": "live.entries",
    **{f"entries_{source}": f"live.entries_by({source})" for source in ROOM_SOURCES},
    "orders": "sales.orders",
    "refused_orders": "sales.refused_orders",
}
NUMBERS = {
    "gmv_yuan": "sales.gmv_yuan",
    "gsv_yuan": "sales.gsv_yuan",
    "minutes_per_viewer_day": "viewers.minutes_per_day",
    "finish_rate": "feed.finish_rate",
    "skip_rate": "feed.skip_rate",
    "like_rate": "feed.like_rate",
    "comment_rate": "feed.comment_rate",
    "share_rate": "feed.share_rate",
    "follow_rate": "feed.follow_rate",
    "live_share": "feed.live_share",
    "enter_rate": "live.enter_rate",
    "seconds_per_entry": "traffic.seconds_per_entry",
    "orders_per_entry": "sales.orders_per_entry",
    "gpm_yuan": "sales.gpm_yuan",
    "goods_per_review": "reviews.goods_remembered.mean",
    "goods_per_review_q25": "reviews.goods_remembered.q25",
    "goods_per_review_q50": "reviews.goods_remembered.q50",
    "goods_per_review_q75": "reviews.goods_remembered.q75",
    "goods_per_review_weighted": "reviews.goods_remembered_weighted",
    "merged_review_share": "reviews.merged_share",
    "tag_cosine": "tags.cosine",
    "tag_hits": "tags.hits",
}


def summarise(folder: Path, scenario: Scenario) -> dict[str, Any]:
    """The few numbers that sum up a run; times in minutes, money in yuan, rates as shares; None for a rate of
    nothing.
    """
    run = Evidence(lambda name: pd.read_parquet(folder / f"{name}.parquet"), scenario.model_dump(mode="json"))
    return {
        **{name: int(named(of).of(run)) for name, of in COUNTS.items()},
        **{name: _or_none(run, of) for name, of in NUMBERS.items()},
        "top_creators_share": top_creators_share(run),
        "empty_pages": int(measure("feed.empty_pages")(run)),
    }


def _or_none(run: Evidence, name: str) -> float | None:
    try:
        return measure(name)(run)
    except NothingToMeasureError:
        return None


def top_creators_share(run: Evidence) -> float | None:
    """Share of video exposures held by the top 0.1 % of all creators with a video."""
    try:
        return top_share(run.simulated.groupby("creator")["shown"].sum(), 0.001, "exposure of a video")
    except NothingToMeasureError:
        return None
