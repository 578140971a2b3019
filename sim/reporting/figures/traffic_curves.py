"""Traffic, people in rooms and sales of runs over simulated time."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from sim.reporting.figures.style import (
    DASHES,
    DAY_S,
    HOUR_S,
    LINES,
    Settled,
    labels,
    number_axis,
    shared,
    short,
    show_changes,
    styled,
    time_axis,
)
from sim.results.run_folder import Run

BINS_S = (60, 120, 300, 600, 900, 1800, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, DAY_S)


def bin_s(series: pd.DataFrame) -> int:
    """Width of the bins that a series is drawn in: at least a refresh, at most some 300 of them."""
    span, refresh = int(series["at_s"].iloc[-1]), int(series["at_s"].diff().median()) if len(series) > 1 else 1
    return max(refresh, next((width for width in BINS_S if span / width <= 300), BINS_S[-1]))


def binned(series: pd.DataFrame, width_s: int) -> pd.DataFrame:
    """Refreshes gathered to bins that end at `at_s`: exposures per minute, people in rooms (mean), yuan so far."""
    refresh = int(series["at_s"].diff().median()) if len(series) > 1 else int(series["at_s"].iloc[0])
    groups = series.groupby((-(-series["at_s"] // width_s) * width_s).rename("at_s"))
    sums, minutes = groups.sum(), groups.size() * refresh / 60.0
    both = sums["video_exposures"] + sums["live_exposures"]
    rates = {
        "video": sums["video_exposures"] / minutes,
        "live": sums["live_exposures"] / minutes,
        "natural": (both - sums["boosted_exposures"]) / minutes,
        "boosted": sums["boosted_exposures"] / minutes,
        "online": groups["online"].mean(),
        "sales": sums["gmv_cents"].cumsum() / 100.0,
        "stays": sums["gsv_cents"].cumsum() / 100.0,
    }
    kinds = [name for name in sums if str(name).startswith("tier_") or name == "stock"]
    return pd.DataFrame(rates | {name: sums[name] / minutes for name in kinds})


PANELS = {
    "video": "videos\n(exposures per minute)",
    "live": "live rooms\n(exposures per minute)",
    "natural": "natural, both kinds\n(exposures per minute)",
    "boosted": "boosted, both kinds\n(exposures per minute)",
    "online": "people in live rooms\n(viewers)",
    "sales": "GMV, dotted GSV so far\n(yuan)",
}


@styled
def traffic(runs: Sequence[Run]) -> Figure:
    """Exposures of videos and live rooms, people in rooms and sales over simulated time, runs over each other."""
    series = [run.table("series") for run in runs]
    longest = max(series, key=lambda table: int(table["at_s"].iloc[-1]))
    width = bin_s(longest)
    curves = [binned(table, width) for table in series]
    boosted = any(curve["boosted"].any() for curve in curves)
    panels = [name for name in PANELS if boosted or name not in ("natural", "boosted")]
    figure = Figure(figsize=(9.5, 1.2 + 1.75 * len(panels)), layout=Settled())
    axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    names = [f"{name}: {_totals(table)}" for name, table in zip(labels(runs), series, strict=True)]
    for ax, panel in zip(axes, panels, strict=True):
        for k, (curve, name) in enumerate(zip(curves, names, strict=True)):
            ax.plot(curve.index, curve[panel], DASHES[k % 4], color=LINES[k % 7], label=name)
            if panel == "sales":
                ax.plot(curve.index, curve["stays"], ":", color=LINES[k % 7])
        number_axis(ax, PANELS[panel])
    axes[-1].set_xlim(0, longest["at_s"].iloc[-1])
    time_axis(axes[-1], shared(runs), f"simulated time (each point stands for {width / 60:g} min)")
    show_changes(list(axes), runs)
    axes[0].set_title(f"The traffic of {names[0]}" if len(runs) == 1 else f"The traffic of {len(runs)} runs")
    if len(runs) > 1:
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left")
    figure.align_ylabels(list(axes))
    return figure


def _totals(series: pd.DataFrame) -> str:
    total = series[["video_exposures", "live_exposures", "boosted_exposures", "gmv_cents", "gsv_cents"]].sum()
    boosted = f" ({short(total['boosted_exposures'])} of them boosted)" if total["boosted_exposures"] else ""
    shown = f"{short(total['video_exposures'])} video and {short(total['live_exposures'])} live exposures{boosted}"
    return f"{shown}, {total['gmv_cents'] / 100:,.0f} yuan sold, of which {total['gsv_cents'] / 100:,.0f} stay"
