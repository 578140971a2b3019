"""The waves of a video, and the best videos over each other."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.core.clock import SECOND
from sim.reporting.figures.style import (
    BLACK,
    DASHES,
    LINES,
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
from sim.reporting.why import before_day_0, no_other_wave
from sim.results.run_folder import Run, RunError

MARKERS = {"promote": "^", "repeat": "o", "fade": "X", "keep": ".", "reignite": "*", "open": "D", "stock": "D"}
BETWEEN = "simulated time (straight between the two ends of a wave)"


def video(run: Run, item: int) -> dict[Any, Any]:
    """A video's row; a RunError says which there are."""
    items = run.table("items")
    found = items[items["item"] == item].to_dict("records")
    if not found:
        some = f"videos 0 to {items['item'].max()}" if len(items) else "no videos"
        raise RunError(f"{run.folder}: video {item} is not there; this run has {some}")
    return found[0]


def life(run: Run, row: dict[Any, Any], reviews: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A video's waves, with the one that is still open, and its exposures before the first of them.

    What an open wave was given is known only if all waves before it are: else it is NaN, and counted as before.
    """
    mine = reviews[(reviews["kind"] == "video") & (reviews["item"] == row["item"])].sort_values(["at_s", "wave"])
    columns = ["wave", "tier", "opened_s", "at_s", "budget", "delivered", "verdict"]
    waves = mine[columns].to_dict("records")
    before = int(row["shown"] - row["boosted"] - mine["delivered"].sum())
    if row["tier"] >= 0:
        all_told = (waves[0]["wave"] if waves else row["waves"]) == 1
        opened = waves[-1]["at_s"] if waves else row["published_s"]
        budget = min(run.rules(int(opened))["waves"]["ladder"][row["tier"]], run.scenario["viewers"]["count"])
        end = int(run.table("series", ["at_s"])["at_s"].iloc[-1])
        given = before if all_told else np.nan
        waves.append(dict(zip(columns, (row["waves"], row["tier"], opened, end, budget, given, "open"), strict=True)))
        before = 0 if all_told else before
    elif before > 0 and (waves[0]["wave"] if waves else row["waves"]) == 1:  # what came in the stock since
        opened = waves[-1]["at_s"] if waves else row["published_s"]
        died = row["died_s"] if row["died_s"] > 0 else run.table("series", ["at_s"])["at_s"].iloc[-1]
        rest = (row["waves"], row["tier"], opened, int(died), before, before, "stock")
        waves.append(dict(zip(columns, rest, strict=True)))
        before = 0
    return pd.DataFrame(waves, columns=columns), before


def _curve(waves: pd.DataFrame, before: int) -> tuple[list[float], list[float]]:
    """Exposures so far at both ends of each wave, for the records know no more."""
    known = waves.dropna()
    return [known["opened_s"].iloc[0], *known["at_s"]], [before, *(before + known["delivered"].cumsum())]


def _fate(run: Run, row: dict[Any, Any], waves: pd.DataFrame) -> str:
    """What a video's waves came to, in words."""
    last, n = waves.iloc[-1], int(waves["wave"].iloc[-1])
    had = f"{n} wave{'s' * (n > 1)} up to tier {waves['tier'].max()}"
    if last["verdict"] in ("stock", "keep"):
        return f"{had}, and the stock since"
    if last["verdict"] == "open":
        return "its first wave is still open" if n == 1 else f"{had}, the last still open"
    at = run.calendar.short(int(last["at_s"]) * SECOND)
    if last["verdict"] == "fade":
        return f"{had}, until it faded on {at}"
    return f"{had}, the last until {at}; no other followed:\n{no_other_wave(run, row['published_s'], last.to_dict())}"


@styled
def item_curve(run: Run, item: int) -> Figure:
    """One video: its exposures so far, wave by wave, and what each wave was given of its budget."""
    row = video(run, item)
    waves, before = life(run, row, run.table("reviews"))
    if not waves["delivered"].notna().any():
        raise RunError(f"{run.folder}: {before_day_0(item)}")
    figure = Figure(figsize=(9.5, 7), layout=Settled())
    above, below = figure.subplots(2, height_ratios=(3, 2))
    above.plot(*_curve(waves, before), color=BLACK)
    boosts = run.table("campaigns")
    for _, boost in boosts[(boosts["kind"] == "video") & (boosts["item"] == item)].groupby("boost"):
        so_far = [0, *boost["exposures"]]
        above.plot([boost["opened_s"].iloc[0], *boost["at_s"]], so_far, "--", color=RED, label="boosted exposures")
    for tier, opened, closed in zip(waves["tier"], waves["opened_s"], waves["at_s"], strict=True):
        above.axvspan(opened, closed, color=TIERS[tier % 8], alpha=0.3, lw=0)
    _markers(above, waves, before, BLACK)
    number_axis(above, "exposures so far")
    above.set_xlim(waves["opened_s"].min(), waves["at_s"].max())
    time_axis(above, run.calendar, BETWEEN)
    show_changes([above], [run])
    budgets = waves.groupby("tier")["budget"].max()
    shades = [
        Patch(color=TIERS[tier % 8], alpha=0.4, label=f"tier {tier}: {short(budget)}")
        for tier, budget in zip(budgets.index.astype(int), budgets, strict=True)
    ]
    handles = [*shades, *_legend_of_verdicts(waves), *above.get_legend_handles_labels()[0][:1]]
    above.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), title="waves, their budget\nand verdict")
    paid = f", {row['boosted']:,} of them boosted" if row["boosted"] else ""
    above.set_title(
        f"Video {item} of {labels([run])[0]} was given {row['shown']:,} exposures{paid}:\n{_fate(run, row, waves)}"
    )
    _wave_bars(below, waves)
    return figure


def _markers(ax: Axes, waves: pd.DataFrame, before: int, colour: str) -> None:
    """A marker at the end of each wave, shaped by its verdict."""
    ends = before + waves["delivered"].cumsum()
    for verdict, marker in MARKERS.items():
        mine = (waves["verdict"] == verdict) & waves["delivered"].notna()
        if mine.any():
            (ends_here,) = ax.plot(waves["at_s"][mine], ends[mine], marker, mfc=colour, mec="white", ms=7, mew=0.8)
            ends_here.set(zorder=3, clip_on=False)


def _legend_of_verdicts(waves: pd.DataFrame) -> list[Line2D]:
    seen = [verdict for verdict in MARKERS if (waves["verdict"] == verdict).any()]
    return [Line2D([], [], ls="", marker=MARKERS[v], color=BLACK, ms=6, label=v) for v in seen]


def _wave_bars(ax: Axes, waves: pd.DataFrame) -> None:
    """Exposures of each wave against its budget."""
    places, few = np.arange(len(waves)), len(waves) <= 14
    bars = ax.bar(places, waves["delivered"].fillna(0), 0.7, color=[TIERS[t % 8] for t in waves["tier"]])
    for bar, verdict in zip(bars, waves["verdict"], strict=True):
        bar.set_hatch("//" if verdict == "open" else "")
    ax.hlines(waves["budget"], places - 0.42, places + 0.42, color=BLACK, lw=1.6)
    climbs = waves["tier"].diff().fillna(1) != 0
    for place, budget in zip(places[few | climbs], waves["budget"][few | climbs], strict=True):
        ax.annotate(short(budget), (place, budget), (0, 3), textcoords="offset points", ha="center")
    told_by = zip(waves["wave"], waves["tier"], waves["verdict"], strict=True)
    names = [f"wave {n}\ntier {tier}\n{verdict}" if few else f"{n}\n{verdict[0]}" for n, tier, verdict in told_by]
    ax.set_xticks(places, names, fontsize=8)
    ax.set_xlabel(
        "" if few else "wave and its verdict (p promote, r repeat or re-ignite, f fade, k keep, o open, s stock)"
    )
    ax.grid(axis="x", visible=False)
    least = min(waves["budget"].min() / 10, waves["delivered"][waves["delivered"] > 0].min())
    number_axis(ax, "exposures (log)", log=(least / 2, waves["budget"].max() * 4))
    unknown = places[waves["delivered"].isna()]
    for place in unknown:
        ax.annotate("?", (place, least), ha="center")
    note = "; ?: not recorded apart from what was before day 0" if len(unknown) else ""
    ax.set_title(f"What each wave was handed out (bar) of its budget (line){note}")


def best_items(run: Run, n: int) -> list[int]:
    """The n videos with most exposures of those whose whole life is recorded; of all if there are none."""
    items = run.table("items", ["item", "published_s", "shown"])
    whole = items[items["published_s"] >= 0]
    ordered = (whole if len(whole) else items).sort_values(["shown", "item"], ascending=[False, True])
    return [int(item) for item in ordered["item"].head(n)]


@styled
def top_items(run: Run, n: int) -> Figure:
    """Exposures so far of the n best videos published in the run, on a log axis; markers end waves."""
    reviews, best, lowest, highest = run.table("reviews"), best_items(run, n), 1e9, 1.0
    figure = Figure(figsize=(9.5, 5.5), layout=Settled())
    ax, seen = figure.subplots(), []
    for k, item in enumerate(best):
        row = video(run, item)
        waves, before = life(run, row, reviews)
        if waves["delivered"].notna().any():
            at, so_far = _curve(waves, before)
            fine = np.unique(np.concatenate([np.linspace(at[0], at[-1], 200), at]))
            shown = np.maximum(np.interp(fine, at, so_far), 1)  # straight in numbers is bent on a log axis
            name = f"video {item}: {short(row['shown'])}"
            ax.plot(fine, shown, DASHES[k // 7 % 4], color=LINES[k % 7], label=name)
            _markers(ax, waves, before, LINES[k % 7])
            lowest, highest = min(lowest, so_far[1]), max(highest, so_far[-1])
            seen.append(waves)
    number_axis(ax, "exposures so far (log)", log=(max(min(lowest, highest) / 3, 1), max(2 * highest, 10)))
    time_axis(ax, run.calendar, BETWEEN)
    ax.set_title(f"The {len(best)} videos of {labels([run])[0]} with most exposures, and how each of their waves ended")
    if seen:
        ends = _legend_of_verdicts(pd.concat(seen))
        figure.legend(handles=[*ax.get_legend_handles_labels()[0], *ends], loc="outside right upper")
    return figure
