"""Who gained and who lost traffic: how rooms share it, and what each had before and after."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting.comparison.axes import GREY, Size, colour, wrapped
from sim.reporting.comparison.findings import Findings
from sim.reporting.figures.style import BLACK, Settled, styled
from sim.reporting.html_page import NARROW, WIDE
from sim.reporting.number_format import NOTHING, percent
from sim.results.measures.inequality import gini, lorenz


@styled
def shares(findings: Findings, what: str = "exposures", size: Size = NARROW) -> Figure:
    """Lorenz curves: the share that the poorest rooms hold, in every arm; mean over seeds."""
    figure = Figure(figsize=size, layout=Settled())
    _shares(figure.subplots(), findings, what)
    _name_arms(figure)
    return figure


def _shares(ax: Axes, findings: Findings, what: str) -> None:
    ax.plot([0, 1], [0, 1], color=GREY, lw=0.8)
    for k, arm in enumerate(findings.arms):
        mine = findings.rooms[findings.rooms["arm"] == arm]
        curve = np.mean([lorenz(one[what].to_numpy(float)) for _, one in mine.groupby("seed")], axis=0)
        at = np.linspace(0, 1, len(curve))
        ax.plot(at, curve, "--" if k == 0 else "-", color=colour(findings, arm), label=arm)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xlabel("rooms, those with least first")
    words = {"exposures": "exposures", "gmv_yuan": "GMV"}[what]
    ax.set_ylabel(f"share of all {words}")
    ax.set_title(f"How rooms share {words}")


@styled
def gains(findings: Findings, arm: str, size: Size = NARROW) -> Figure:
    """What each room gained or lost in exposures, against what it had in the first arm; a dot a room and seed."""
    figure = Figure(figsize=size, layout=Settled())
    _gains(figure.subplots(), findings, arm)
    return figure


def _gains(ax: Axes, findings: Findings, arm: str) -> None:
    before, after = (room_table(findings, one) for one in (findings.first, arm))
    ax.plot(before.ravel(), after.ravel(), "o", color=colour(findings, arm), ms=3, alpha=0.35, mew=0)
    top = max(before.max(), after.max()) * 1.05
    ax.plot([0, top], [0, top], color=BLACK, lw=0.8)
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    ax.set_xlabel(f"exposures of a room,\n{wrapped(findings.first, 34)}")
    ax.set_ylabel(f"exposures of the same room,\n{wrapped(arm, 36)}")
    ax.set_title(f"Rooms above the line gained in\n{wrapped(f'“{arm}”', 30)}")


def room_table(findings: Findings, arm: str) -> np.ndarray:
    """Exposures of every room (seeds, rooms) in an arm."""
    mine = findings.rooms[findings.rooms["arm"] == arm]
    return mine.pivot(index="seed", columns="room", values="exposures").to_numpy(float)


@styled
def lorenz_curves(findings: Findings, size: Size = WIDE) -> Figure:
    """How exposures and sales are shared among rooms, and which rooms gained."""
    figure = Figure(figsize=size, layout=Settled())
    left, middle, right = figure.subplots(1, 3)
    _shares(left, findings, "exposures")
    _shares(middle, findings, "gmv_yuan")
    _gains(right, findings, findings.others[0])
    _name_arms(figure)
    return figure


def _name_arms(figure: Figure) -> None:
    """A legend below, where long names have room."""
    ncols = 2 if figure.get_figwidth() > 6 else 1
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=ncols)


def inequality(findings: Findings, arm: str, what: str) -> float:
    """Gini of what rooms hold in an arm, mean over seeds."""
    mine = findings.rooms[findings.rooms["arm"] == arm]
    return float(np.mean([gini(one[what].to_numpy(float)) for _, one in mine.groupby("seed")]))


def moved(findings: Findings, arm: str) -> tuple[str, str]:
    """Share of rooms that gained exposures, and share of exposures that moved between rooms."""
    if arm == findings.first:
        return NOTHING, NOTHING
    before, after = (room_table(findings, one) for one in (findings.first, arm))
    gaps, all_before = after - before, before.sum()
    return (
        percent(float((gaps > 0).mean()), signed=False) if gaps.size else NOTHING,
        percent(float(np.abs(gaps).sum() / 2 / all_before), signed=False) if all_before else NOTHING,
    )
