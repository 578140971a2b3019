"""Boosted exposures beside natural ones."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim.reporting.figures.style import DASHES, HOUR_S, LINES, Settled, labels, number_axis, styled
from sim.results.measures.paid import curves
from sim.results.run_folder import Run


@styled
def boosted(runs: Sequence[Run]) -> Figure:
    """Natural and boosted exposures so far of boosted items by hours since their boosts began, runs over each other."""
    figure = Figure(figsize=(9.5, 5.5), layout=Settled())
    axes = figure.subplots(2, sharex=True)
    for k, (run, name) in enumerate(zip(runs, labels(runs), strict=True)):
        rows = run.table("campaigns")
        rows = rows[rows["state"] != "waiting"]
        if len(rows):
            hours = range(int((rows["at_s"] - rows["opened_s"]).max()) // HOUR_S + 1)
            mean = curves(rows, hours).groupby("hours")[["natural", "paid"]].mean()
            for ax, what in zip(axes, ("natural", "paid"), strict=True):
                ax.plot(mean.index, mean[what], DASHES[k % 4], color=LINES[k % 7], label=name)
    for ax, what in zip(axes, ("natural", "paid"), strict=True):
        number_axis(ax, f"{what} exposures so far\n(mean of boosted items)")
    axes[1].set_xlabel("hours since the boost began")
    axes[0].set_title("Natural and boosted exposures of boosted items")
    axes[0].legend(loc="upper left")
    return figure
