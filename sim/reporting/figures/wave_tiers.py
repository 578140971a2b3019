"""All waves of a run: where exposures go by tier, and how reviews end at each."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.reporting.figures.style import (
    BLACK,
    RED,
    TIERS,
    Settled,
    labels,
    number_axis,
    short,
    show_changes,
    styled,
    time_axis,
)
from sim.reporting.figures.traffic_curves import bin_s, binned
from sim.results.run_folder import Run

STOCK = "#bbbbbb"
GREYS = {"promote": "#4d4d4d", "repeat": "#a6a6a6", "fade": "#e0e0e0"}  # of verdicts


@styled
def waves(run: Run) -> Figure:
    """Where exposures go by tier, how reviews end at each, and how many videos get there."""
    series, reviews = run.table("series"), run.table("reviews", ["kind", "tier", "verdict"])
    tiers = list(range(sum(str(name).startswith("tier_") for name in series)))
    figure = Figure(figsize=(9.5, 7.5), layout=Settled())
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 2))
    flow = figure.add_subplot(grid[0, :])
    _flow(flow, series, tiers, run)
    show_changes([flow], [run])
    _verdicts(figure.add_subplot(grid[1, 0]), reviews[reviews["kind"] == "video"], tiers)
    _reach(figure.add_subplot(grid[1, 1]), run.table("items", ["best_tier", "published_s"]), tiers)
    return figure


def _flow(ax: Axes, series: pd.DataFrame, tiers: list[int], run: Run) -> None:
    width = bin_s(series)
    rates, ladder = binned(series, width), run.scenario["platform"]["waves"]["ladder"]
    names = [f"tier {t}: waves of {short(min(ladder[t], run.scenario['viewers']['count']))}" for t in tiers]
    heights, colours = [rates[f"tier_{t}"] for t in tiers], [TIERS[t % 8] for t in tiers]
    if rates["stock"].any():
        names, colours = [*names, "the stock"], [*colours, STOCK]
        heights.append(rates["stock"])
    if rates["boosted"].any():
        names, colours = [*names, "boosted, of both kinds"], [*colours, RED]
        heights.append(rates["boosted"])
    ax.stackplot(rates.index, heights, labels=names, colors=colours, ec="white", lw=0.3)
    ax.set_xlim(0, series["at_s"].iloc[-1])
    number_axis(ax, "video exposures per minute")
    time_axis(ax, run.calendar, f"simulated time (each point stands for {width / 60:g} min)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0)
    title = f"Video exposures of {labels([run])[0]} by the tier of the wave that they belong to"
    ax.set_title(title, pad=22 if len(tiers) <= 4 else 38)


def _verdicts(ax: Axes, reviews: pd.DataFrame, tiers: list[int]) -> None:
    counts = pd.crosstab(reviews["tier"], reviews["verdict"]).reindex(index=tiers, columns=list(GREYS), fill_value=0)
    shares, left = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0), np.zeros(len(tiers))
    for verdict, grey in GREYS.items():
        share = shares[verdict].to_numpy()
        bars = ax.barh(tiers, share, 0.7, left=left, color=grey, ec="white", label=verdict)
        ink = "white" if verdict == "promote" else BLACK
        names = [f"{x:.0f} %" if x >= 8 else "" for x in share]
        ax.bar_label(bars, names, label_type="center", fontsize=8, color=ink)
        left += share
    ax.set_yticks(tiers, [f"tier {t} ({n:,})" for t, n in counts.sum(axis=1).items()], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of the tier's reviews (%)")
    ax.grid(visible=False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    ax.set_title("How reviews of videos ended (number of reviews)", pad=22)


def _reach(ax: Axes, items: pd.DataFrame, tiers: list[int]) -> None:
    best, early = items["best_tier"], (items["published_s"] < 0).any()
    reached = [int((best >= t).sum()) for t in tiers]
    shares = [100 * n / max(len(best), 1) for n in reached]
    bars = ax.bar(tiers, shares, 0.7, color=[TIERS[t % 8] for t in tiers])
    names = [f"{float(f'{s:.2g}'):g} %\n({n:,})" for s, n in zip(shares, reached, strict=True)]
    ax.bar_label(bars, names, fontsize=8, padding=2)
    least = min([share for share in shares if share > 0], default=1)
    number_axis(ax, "share of all videos (%, log)", log=(least / 5, 400))
    ax.set_yticks([tick for tick in (100, 10, 1, 0.1, 0.01, 0.001) if tick > ax.get_ylim()[0]])
    ax.set_xticks(tiers, [f"tier {t}" for t in tiers])
    ax.grid(axis="x", visible=False)
    also = ",\nthose of the warm-up included" if early else ""
    ax.set_title(f"Videos that reached each tier (number of videos){also}", pad=6)
