"""Measures of the feed: video exposures, unless it says otherwise."""

import numpy as np
import pandas as pd

from sim.core.arrays import Array
from sim.core.clock import MINUTE, SECOND
from sim.results.measures.inequality import ratio
from sim.results.measures.registry import number, values
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some

LONG_MS = 18 * SECOND
WATCHES_A_LOT = 20  # exposures from which a viewer's own rate is taken
VIDEO_SHOWN = "video that was shown"


@number("feed.exposures", unit="exposures", words="exposures of videos and rooms")
def exposures(run: Evidence) -> float:
    """Exposures of videos and of live rooms."""
    return float(run.totals["video_exposures"] + run.totals["live_exposures"])


@number("feed.video_exposures", unit="exposures", words="exposures of videos")
def video_exposures(run: Evidence) -> float:
    """Exposures of videos."""
    return float(run.totals["video_exposures"])


@number("feed.empty_pages", unit="pages", words="pages with nothing to show")
def empty_pages(run: Evidence) -> float:
    """Pages of the feed for which nothing was left to show."""
    return float(run.totals["empty_pages"])


@number("feed.finish_rate", unit="share", words="finish rate of videos")
def finish_rate(run: Evidence) -> float:
    """Exposures watched to the end at least once / exposures (完播率)."""
    return ratio(run.totals["finished"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.skip_rate", unit="share", words="skip rate of videos")
def skip_rate(run: Evidence) -> float:
    """Exposures that were skipped / exposures."""
    return ratio(run.totals["skipped"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.like_rate", unit="share", words="like rate of videos")
def like_rate(run: Evidence) -> float:
    """Likes / exposures."""
    return ratio(run.totals["likes"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.comment_rate", unit="share", words="comment rate of videos")
def comment_rate(run: Evidence) -> float:
    """Comments / exposures."""
    return ratio(run.totals["comments"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.share_rate", unit="share", words="share rate of videos")
def share_rate(run: Evidence) -> float:
    """Shares / exposures."""
    return ratio(run.totals["shares"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.follow_rate", unit="share", words="follow rate of videos")
def follow_rate(run: Evidence) -> float:
    """Follows / exposures."""
    return ratio(run.totals["follows"], run.totals["video_exposures"], VIDEO_SHOWN)


@number("feed.live_share", unit="share", words="live share of exposures")
def live_share(run: Evidence) -> float:
    """Live exposures / all exposures. Whoever came by an avatar saw a video, and no room before they were in it."""
    tapped = run.totals["entered_video"]
    return ratio(run.totals["live_exposures"] - tapped, exposures(run) - tapped, "exposure")


@values("feed.watch_ratio", unit="-", words="watch time over duration of an exposure")
def watch_ratio(run: Evidence) -> Array:
    """Watch time / duration, loops counted, of each exposure."""
    return (run.videos["ms"] / run.videos["duration_ms"]).to_numpy()


def is_long(videos: pd.DataFrame) -> "pd.Series[bool]":
    """Whether an exposure was watched at least 18 s, or to the end if the video is shorter."""
    return videos["ms"] >= videos["duration_ms"].clip(upper=LONG_MS)


@number("feed.long_view_rate", unit="share", words="long views of videos")
def long_view_rate(run: Evidence) -> float:
    """Exposures watched at least 18 s, or to the end if shorter / exposures."""
    return float(is_long(run.videos).mean())


@values("feed.plays_per_viewer_day", unit="exposures", words="video exposures of an active viewer's day")
def plays_per_viewer_day(run: Evidence) -> Array:
    """Video exposures of each viewer on each whole day with any."""
    seen = some(run.on_whole_days(run.videos), "video exposure on a whole day")
    return seen.groupby(["viewer", "day"]).size().to_numpy()


@values("feed.minutes_per_viewer_day", unit="min", words="minutes of an active viewer's day")
def minutes_per_viewer_day(run: Evidence) -> Array:
    """All time in the app of each viewer on each whole day with any exposure; a session counts on the day on which it
    ends.
    """
    ended = run.on_whole_days(run.facts[run.facts["kind"] == "ended"]).groupby(["viewer", "day"])["ms"].sum()
    days = run.on_whole_days(run.shown).groupby(["viewer", "day"]).size().index.union(ended.index)
    if days.empty:
        raise NothingToMeasureError("no exposure on a whole day")
    return (ended.reindex(days, fill_value=0) / MINUTE).to_numpy()


@number("feed.distinct_creator_ratio", unit="share", words="distinct creators per exposure")
def distinct_creator_ratio(run: Evidence) -> float:
    """Distinct creators / exposures, averaged over viewers with at least 20 exposures."""
    creators = run.videos.groupby("viewer")["creator"].nunique() / run.by_viewer["exposures"]
    often = creators[run.by_viewer["exposures"] >= WATCHES_A_LOT]
    if often.empty:
        raise NothingToMeasureError(f"no viewer with {WATCHES_A_LOT} exposures")
    return float(often.mean())


@values("feed.finish_rate_by_viewer", unit="share", words="finish rate of a viewer")
def finish_rate_by_viewer(run: Evidence) -> Array:
    """Finish rate of each viewer with at least 20 exposures."""
    often = run.by_viewer[run.by_viewer["exposures"] >= WATCHES_A_LOT]
    if often.empty:
        raise NothingToMeasureError(f"no viewer with {WATCHES_A_LOT} exposures")
    return (often["finished"] / often["exposures"]).to_numpy()


@number("feed.finish_rate_by_activity", unit="share", words="finish rate of viewers with so many exposures")
def finish_rate_by_activity(run: Evidence, lo: float, hi: float) -> float:
    """Finish rate of all exposures of viewers with `lo` to `hi` exposures in the recorded time."""
    mine = run.by_viewer[run.by_viewer["exposures"].between(lo, hi)]
    mine = some(mine, f"viewer with {lo:g} to {hi:g} exposures")
    return ratio(mine["finished"].sum(), mine["exposures"].sum(), VIDEO_SHOWN)


@number("feed.random_vs_ranked_long_view", unit="times", words="long views of ranked over those of random exposures")
def random_vs_ranked_long_view(run: Evidence) -> float:
    """Long-view rate of exposures that the platform chose / that of exposures drawn at random (the random slot).

    Chosen are all but the random and the paid ones.
    """
    at_random, long = run.videos["source"] == "random", is_long(run.videos)
    by_chance = long[at_random].mean() if at_random.any() else 0.0
    if not by_chance:
        raise NothingToMeasureError("no long view of an exposure drawn at random")
    return float(long[~at_random & (run.videos["source"] != "boosted")].mean() / by_chance)


@number("feed.exploit_share", unit="share", words="first exposures like what was engaged with before")
def exploit_share(run: Evidence, n: int) -> float:
    """Share of a viewer's first `n` exposures that share main topic or creator with something that the viewer engaged
    with before (liked, followed, finished), averaged over new viewers; of fewer exposures if there are not `n`.
    """
    mine = run.videos[run.videos["viewer"].isin(run.new_viewers)]
    shares = []
    for _, seen in mine.groupby("viewer"):
        first = seen.head(int(n))
        shares.append(exploited(first) / len(first))
    return float(np.mean(shares))


def exploited(seen: pd.DataFrame) -> int:
    """How many of one viewer's exposures share topic or creator with something engaged with before."""
    topics: set[int] = set()
    creators: set[int] = set()
    hits = 0
    engaged = (seen["liked"] | seen["followed"] | seen["finished"]).to_numpy()
    for topic, creator, won in zip(seen["topic"], seen["creator"], engaged, strict=True):
        hits += topic in topics or creator in creators
        if won:
            topics.add(topic)
            creators.add(creator)
    return hits


@number("feed.tag_capture_minutes", unit="min", words="time until one topic fills half of a page")
def tag_capture_minutes(run: Evidence) -> float:
    """Minutes in the app until one topic fills half of a page of the feed, for new viewers who dwell on that topic
    only: the median, those whom it never happens to counted last.

    They are the new viewers who like a single category; in a run that has none, all new viewers with the category that
    each likes best. A page is as many exposures in a row as `platform.feed.page`.
    """
    tastes = run.viewers.set_index("viewer")["taste"].loc[run.new_viewers]
    single = tastes[[np.count_nonzero(taste) == 1 for taste in tastes]]
    chosen = single if len(single) else tastes
    page = int(run.scenario["platform"]["feed"]["page"])
    topics = run.items.set_index("item")["topic"]
    seen = run.shown[run.shown["viewer"].isin(chosen.index)]
    times = [
        captured_after(own, topics, int(np.argmax(chosen[viewer])), page) for viewer, own in seen.groupby("viewer")
    ]
    median = float(np.median(times))
    if not np.isfinite(median):
        raise NothingToMeasureError("for most new viewers their topic never fills half of a page")
    return median


def captured_after(seen: pd.DataFrame, topics: "pd.Series[int]", topic: int, page: int) -> float:
    """Minutes that one viewer had watched when `topic` first filled half of the last `page` exposures; infinite if
    never. Videos count with their watch time, rooms with the glance.
    """
    fits = ((seen["kind"] == "video") & (topics.reindex(seen["item"]).to_numpy() == topic)).to_numpy()
    last = np.convolve(fits, np.ones(page))[: len(fits)]
    full = np.flatnonzero(last >= page / 2)
    return float(seen["ms"].iloc[: full[0] + 1].sum() / MINUTE) if len(full) else float("inf")
