"""The few numbers that sum up a run."""

from pathlib import Path
from typing import Any

import pandas as pd

from sim.results.measures.inequality import ratio, top_share
from sim.scenario.scenario import Scenario


def summarise(folder: Path, scenario: Scenario) -> dict[str, Any]:
    """The few numbers that sum up a run; times in minutes, money in yuan, rates as shares."""
    series = pd.read_parquet(folder / "series.parquet")
    items = pd.read_parquet(folder / "items.parquet", columns=["creator", "shown", "published_s", "best_tier"])
    total = series.sum(numeric_only=True)
    videos, live = total["video_exposures"], total["live_exposures"]
    by_creator = items.groupby("creator")["shown"].sum()
    last = series.iloc[-1]
    return {
        "exposures": int(videos + live),
        "video_exposures": int(videos),
        "live_exposures": int(live),
        "sessions": int(total["sessions"]),
        "entries": int(total["entries"]),
        "orders": int(total["orders"]),
        "refused_orders": int(total["refused"]),
        "gmv_yuan": float(total["gmv_cents"] / 100),
        "minutes_per_viewer_day": ratio(total["session_ms"] / 60_000, scenario.viewers.count * scenario.days),
        "finish_rate": ratio(total["finished"], videos),
        "skip_rate": ratio(total["skipped"], videos),
        "like_rate": ratio(total["likes"], videos),
        "comment_rate": ratio(total["comments"], videos),
        "share_rate": ratio(total["shares"], videos),
        "follow_rate": ratio(total["follows"], videos),
        "live_share": ratio(live, videos + live),
        "enter_rate": ratio(total["entries"], live),
        "seconds_per_entry": ratio(total["stay_ms"] / 1000, total["entries"]),
        "orders_per_entry": ratio(total["orders"], total["entries"]),
        "gpm_yuan": ratio(total["gmv_cents"] * 10, total["entries"]),
        "tag_cosine": float(last["tag_cosine"]),
        "tag_hits": float(last["tag_hits"]),
        "top_creators_share": top_share(by_creator, 0.001),
        "empty_pages": int(total["empty_pages"]),
    }
