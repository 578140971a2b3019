"""What measures are computed from: one run's tables, read once, and what several measures need to know of them.

A run records every exposure of a sample of viewers only; whatever is said of single viewers is said of that sample.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from sim.core.clock import DAY, SECOND
from sim.results.run_folder import Run, RunError

DAY_S = DAY // SECOND
COHORT_AGE_S = DAY_S
"""A cohort of videos is to be at least so old at the end, if the run is long enough."""


Rows = TypeVar("Rows", pd.DataFrame, "pd.Series[Any]")


class NothingToMeasureError(Exception):
    """The records are there, but hold nothing of the kind; the message says what is missing."""


def some(rows: Rows, what: str) -> Rows:
    """The rows, if there are any."""
    if rows.empty:
        raise NothingToMeasureError(f"no {what}")
    return rows


class Evidence:
    """One run's records.

    Parameters
    ----------
    table
        Gives a table by its name.
    scenario
        The run's scenario as plain data.
    name
        What to call the run in messages.
    """

    def __init__(
        self, table: Callable[[str], pd.DataFrame], scenario: Mapping[str, Any], name: str = "this run"
    ) -> None:
        self._table, self.scenario, self.name = table, scenario, name

    @classmethod
    def of(cls, run: Run) -> "Evidence":
        """The records of a finished run."""
        return cls(run.table, run.scenario, str(run.folder))

    def _sample(self, table: str) -> pd.DataFrame:
        if not self.scenario["records"][table]:
            raise RunError(f"{self.name}: has no records of {table}; run it with --set records.{table}=0.01 or more")
        return self._table(table)

    # --- the tables

    @cached_property
    def series(self) -> pd.DataFrame:
        """Totals of every refresh."""
        return self._table("series")

    @cached_property
    def totals(self) -> "pd.Series[Any]":
        """Sums of the series over the recorded time."""
        return self.series.sum(numeric_only=True)

    @cached_property
    def end_s(self) -> int:
        """The end of the recorded time, which begins at 0."""
        return int(self.series["at_s"].max())

    @property
    def days(self) -> float:
        """The recorded time in days, as it was simulated: in whole refreshes."""
        return self.end_s / DAY_S

    def on_whole_days(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows, which have a `day`, of whole recorded days: a part of a day is not to count as a day."""
        whole = self.end_s // DAY_S
        if not whole:
            raise NothingToMeasureError(f"the run has no whole recorded day, it ends after {self.days:.3g}")
        return rows[rows["day"] < whole]

    @cached_property
    def items(self) -> pd.DataFrame:
        return self._table("items")

    @cached_property
    def rooms(self) -> pd.DataFrame:
        return self._table("rooms")

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Sessions of rooms that ended in the recorded time."""
        return some(self._table("sessions"), "session of a room that has ended")

    @cached_property
    def filled(self) -> pd.DataFrame:
        """Orders that were filled, if there are any."""
        orders = self._table("orders")
        return orders[orders["filled"].astype(bool)]

    @property
    def orders(self) -> pd.DataFrame:
        """Orders that were filled."""
        return some(self.filled, "order")

    @cached_property
    def products(self) -> pd.DataFrame:
        return some(self._table("products"), "product")

    @cached_property
    def _reviews(self) -> pd.DataFrame:
        return self._table("reviews")

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """Reviews of videos."""
        return self._reviews[self._reviews["kind"] == "video"]

    @cached_property
    def room_reviews(self) -> pd.DataFrame:
        return self._reviews[self._reviews["kind"] == "room"]

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Boosts of paid waves, a row an hour each."""
        return self._table("campaigns")

    @cached_property
    def viewers(self) -> pd.DataFrame:
        return self._sample("viewers")

    @cached_property
    def facts(self) -> pd.DataFrame:
        """All that the sampled viewers did, each viewer's in the order of time."""
        facts = self._sample("exposures")
        return facts.assign(day=facts["at_ms"] // DAY).sort_values(["viewer", "at_ms"], kind="stable")

    # --- what the sampled viewers saw

    @cached_property
    def shown(self) -> pd.DataFrame:
        """Exposures of the sampled viewers, of videos and of live rooms."""
        return some(self.facts[self.facts["kind"].isin(["video", "shown"])], "exposure among the sampled viewers")

    @cached_property
    def videos(self) -> pd.DataFrame:
        """Video exposures of the sampled viewers, with the video's creator, topic and length."""
        seen = some(self.facts[self.facts["kind"] == "video"], "video exposure among the sampled viewers")
        known = self.items.set_index("item")[["creator", "topic", "duration_ms"]]
        return seen.join(known, on="item")

    @cached_property
    def by_viewer(self) -> pd.DataFrame:
        """Video exposures, finishes and likes of each sampled viewer who saw a video."""
        return self.videos.groupby("viewer").agg(
            exposures=("item", "size"), finished=("finished", "sum"), likes=("liked", "sum")
        )

    @cached_property
    def doors(self) -> pd.DataFrame:
        """Rooms shown to the sampled viewers, entered or not."""
        return some(self.facts[self.facts["kind"] == "shown"], "room shown among the sampled viewers")

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Stays of the sampled viewers in rooms, with what they did there; a stay counts when it ends."""
        return some(self.facts[self.facts["kind"] == "left"], "stay in a room among the sampled viewers")

    @cached_property
    def new_viewers(self) -> "pd.Index[Any]":
        """Sampled viewers of whom nothing had come before the recorded time: all their due sessions are recorded."""
        recorded = self.facts[self.facts["kind"] == "visit"].groupby("viewer").size()
        due = self.viewers.set_index("viewer")["visits"]
        new = recorded.index[recorded == due.reindex(recorded.index)]
        seen = new.intersection(self.by_viewer.index)
        if seen.empty:
            raise NothingToMeasureError("nobody in the sample came for the first time; try a run with warm_up: 0")
        return seen

    # --- videos of one age

    @cached_property
    def cohort_s(self) -> tuple[float, float]:
        """When a cohort of videos was published: the first recorded day, or if the run is shorter than two days the
        day that ends a day before the run's end, or half of the simulated time before it.
        """
        start_s = -DAY_S * float(self.scenario["warm_up"])
        last = min(max(self.end_s - COHORT_AGE_S, (start_s + self.end_s) / 2), DAY_S)
        return max(last - DAY_S, start_s), last

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """Videos published within one day, flops included, that had about a day or more to be seen."""
        low, high = self.cohort_s
        published = self.items["published_s"]
        return some(self.items[(published >= low) & (published < high)], "video that is old enough")

    @cached_property
    def simulated(self) -> pd.DataFrame:
        """Videos whose whole life was simulated; a run begins with others, whose past is made up."""
        return self.items[self.items["published_s"] >= -DAY_S * float(self.scenario["warm_up"])]

    @cached_property
    def judged(self) -> pd.DataFrame:
        """Videos whose first wave is over, in the order of creators and time; exposures of none count as one."""
        over = (self.simulated["tier"] < 0) | (self.simulated["waves"] > 1)
        old = self.simulated[over].sort_values(["creator", "published_s"], kind="stable")
        return old.assign(log10=np.log10(old["shown"].clip(lower=1)))

    def prolific(self, posts: int = 10) -> pd.DataFrame:
        """The judged videos of creators with at least so many of them."""
        count = self.judged.groupby("creator")["item"].transform("size")
        return some(self.judged[count >= posts], f"creator with {posts} posts whose first wave is over")
