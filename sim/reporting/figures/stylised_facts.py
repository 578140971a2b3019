"""The picture of a check: every simulated figure over the published one, with its band, on a log axis."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sim.reporting.figures.style import BLUE, RED, Settled, styled
from sim.results.stylised_facts import Finding

NARROWEST, WIDEST = 3.0, 10.0  # ends of the axis; a figure that is off by more is drawn at the end, as an arrow
BAND = "#d9d9d9"


@styled
def picture(findings: Sequence[Finding], title: str) -> Figure:
    """One row a fact, the farthest off first: band as a bar, mean over runs as a point with its 95 % interval.

    Figures that are not above 0 have no place on a log axis; their row says so.
    """
    figure = Figure(figsize=(9.0, 1.2 + 0.27 * len(findings)), layout=Settled())
    axes, end = figure.subplots(), _end(findings)
    for row, found in enumerate(findings):
        _draw(axes, row, found, end)
    axes.axvline(1.0, color="black", linewidth=0.8, zorder=1)
    _frame(axes, findings, end)
    axes.set_title(title)
    handles = [
        Patch(facecolor=BAND, label="band"),
        Line2D([], [], color=BLUE, marker="o", label="inside, 95 % interval"),
        Line2D([], [], color=RED, marker="D", label="outside"),
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=3)
    return figure


def _end(findings: Sequence[Finding]) -> float:
    """Where the axis ends: it holds all bands and figures, within reason."""
    ratios = [
        value / one.fact.value for one in findings if one.fact.value > 0 for value in (*one.fact.band, *one.values)
    ]
    far = max((max(ratio, 1 / ratio) for ratio in ratios if ratio > 0), default=1.0)
    return min(max(1.15 * far, NARROWEST), WIDEST)


def _draw(axes: Axes, row: int, found: Finding, end: float) -> None:
    value, (low, high) = found.fact.value, found.fact.band
    positive = value > 0 and low > 0
    if positive:
        axes.barh(row, (high - low) / value, left=low / value, height=0.62, color=BAND, zorder=0)
    if not (positive and math.isfinite(found.simulated) and found.simulated > 0):
        said = found.why or f"simulated {found.simulated:.3g}, published {value:.3g}: not on a log axis"
        axes.text(1.03, row, said, va="center", fontsize=7, style="italic")
        return
    colour, marker = (BLUE, "o") if found.inside else (RED, "D")
    shown = min(max(found.ratio, 1 / end), end)
    if shown != found.ratio:
        marker = ">" if found.ratio > end else "<"
    interval = [min(max(limit / value, 1 / end), end) for limit in (found.low, found.high) if math.isfinite(limit)]
    axes.plot(interval, [row] * len(interval), color=colour, linewidth=1.6, solid_capstyle="butt", zorder=2)
    axes.plot([shown], [row], marker=marker, color=colour, markersize=4.5, zorder=3)


def _frame(axes: Axes, findings: Sequence[Finding], end: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(1 / end / 1.05, end * 1.05)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"x {x:g}"))
    axes.set_xlabel("simulated over published")
    axes.set_yticks(range(len(findings)), [found.fact.label for found in findings], fontsize=7.5)
    axes.set_ylim(len(findings) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
