"""Drawings of a claim: what its arms look like, and each number against its bound."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.reporting.figures.style import BLACK, BLUE, LINES, RED, Settled, styled
from sim.reporting.html_page import NARROW
from sim.results.measures import feed_overlap, paid, room_shows, tags, traffic_and_sales, waves
from sim.results.measures.run_data import Evidence
from sim.results.run_folder import Run

if TYPE_CHECKING:
    from sim.experiments.claims.expectations import Expectation
    from sim.experiments.claims.trial import ClaimResult


class Picture(NamedTuple):
    """A curve of each run, drawn by arm: mean over seeds, with the seeds behind it."""

    curve: Callable[[Evidence], "pd.Series[Any]"]
    across: str
    up: str


PICTURES = {
    "overlap_by_days": Picture(feed_overlap.overlap_by_days, "days", "overlap of two feeds (Jaccard)"),
    "reach_by_pull": Picture(waves.reach_by_pull, "true pull of videos, tenths from worst to best", "mean exposures"),
    "growth_by_step": Picture(waves.growth_by_step, "tier that is left", "growth of exposures an hour, times"),
    "share_by_tier": Picture(waves.share_by_tier, "tier", "share of videos that reach it"),
    "sales_by_hour": Picture(traffic_and_sales.sales_by_hour, "hours", "yuan sold so far"),
    "holding_by_day": Picture(room_shows.holding_by_day, "day", "share of shows that hold"),
    "precision": Picture(tags.precision_by_day, "days", "cosine of tags and true tastes"),
    "natural_after_paid": Picture(
        paid.natural_by_hour, "hours since the boost began", "natural exposures of boosted items"
    ),
    "entry_by_match": Picture(tags.entry_by_match, "step of tag match", "entries per room shown"),
}


@styled
def by_arm(picture: Picture, runs: Mapping[str, Sequence[Run]], size: tuple[float, float] = NARROW) -> Figure:
    """A picture of a claim's arms."""
    figure = Figure(figsize=size, layout=Settled())
    ax = figure.subplots()
    for (arm, several), colour in zip(runs.items(), LINES, strict=False):
        curves = pd.concat([picture.curve(Evidence.of(run)) for run in several], axis=1).sort_index()
        ax.plot(curves.index, curves, color=colour, alpha=0.25, linewidth=0.7)
        ax.plot(
            curves.index, curves.mean(axis=1), color=colour, label=arm, marker="o", markersize=3 * (len(curves) < 20)
        )
    ax.set_xlabel(picture.across)
    ax.set_ylabel(picture.up)
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=bool((curves.index == curves.index.astype(int)).all())))
    ax.legend()
    return figure


def unit_of(asked: "Expectation") -> str:
    """The unit of the number that an expectation is about."""
    return "relative difference" if asked.relative else asked.unit


@styled
def against_bound(answer: "ClaimResult") -> Figure:
    """The number of each seed with mean and interval, and of each draw, against the bound."""
    drawn, bound = np.sort(answer.drawn[np.isfinite(answer.drawn)]), answer.asked.bound
    figure = Figure(figsize=(NARROW[0], 2.2), layout=Settled())
    ax = figure.subplots()
    ax.axvline(bound.at, color=RED, linestyle="--", linewidth=1.0)
    ax.plot(answer.values, np.full(len(answer.values), 1.18), ".", color=BLUE, markersize=5, alpha=0.7)
    if np.isfinite(answer.found.low):
        ax.plot([answer.found.low, answer.found.high], [1.0, 1.0], color=BLACK, linewidth=2.2)
    ax.plot([answer.found.mean], [1.0], "D", color=BLACK, markersize=5)
    ax.plot(drawn, np.linspace(0.0, 0.6, len(drawn)), ".", color=BLUE, markersize=4)
    ax.set_yticks([1.18, 1.0, 0.3], ["seeds", "mean, 95 %", "draws"])
    ax.set_ylim(-0.15, 1.35)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"{unit_of(answer.asked)}; red: the bound, {bound}")
    return figure
