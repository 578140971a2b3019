"""Curves over time: every arm's, and differences from the first with their bands."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.reporting.comparison.axes import Size, colour, time_axis, wrapped
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import AS_SOLD, CURVES
from sim.reporting.figures.style import BLACK, Settled, mark_changes, styled
from sim.reporting.html_page import NARROW, WIDE
from sim.results.paired_statistics import band


def paths(findings: Findings, curve: str, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Times, and an arm's curves (seeds, times)."""
    mine = findings.curves[(findings.curves["curve"] == curve) & (findings.curves["arm"] == arm)]
    table = mine.pivot(index="seed", columns="at_s", values="value")
    return table.columns.to_numpy(float), table.to_numpy(float)


def gaps_of(findings: Findings, curve: str, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Times, and differences of an arm's curves from the first arm's; of GMV as it was expected, if that holds."""
    of = AS_SOLD if curve == "gmv" and not findings.is_expected else curve
    at, after = paths(findings, of, arm)
    return at, after - paths(findings, of, findings.first)[1]


def levels(ax: Axes, findings: Findings, curve: str) -> None:
    """The curve of every arm, mean over seeds; of GMV, as it was sold."""
    for arm in findings.arms:
        at, values = paths(findings, AS_SOLD if curve == "gmv" else curve, arm)
        dash = ":" if arm == findings.first else "-"
        ax.plot(at, values.mean(axis=0), dash, color=colour(findings, arm), label=arm)
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    _numbers(ax, curve)
    ax.legend(loc="upper left")
    as_sold = ", as sold" if curve == "gmv" and findings.is_expected else ""
    ax.set_title(f"{CURVES[curve].words}{as_sold},\nmean of {len(findings.seeds)} seeds")


def differences(ax: Axes, findings: Findings, curve: str, *, each: bool = False) -> None:
    """The difference of every arm from the first over time, with its 95 % band over seeds."""
    for arm in findings.others:
        at, gaps = gaps_of(findings, curve, arm)
        mean, low, high = band(gaps)
        if each:
            ax.plot(at, gaps.T, color=colour(findings, arm), alpha=0.35, lw=0.6)
        ax.fill_between(at, low, high, color=colour(findings, arm), alpha=0.22, lw=0)
        ax.plot(at, mean, color=colour(findings, arm), label=arm, lw=1.8)
    ax.axhline(0, color=BLACK, lw=0.8)
    _numbers(ax, curve)
    if len(findings.others) > 1:
        ax.legend(loc="upper left")
    ax.set_title(f"{what_differs(findings, curve)}:\n{wrapped(_difference(findings))}")


def what_differs(findings: Findings, curve: str) -> str:
    """What a curve of differences is of."""
    return ("expected " if curve == "gmv" and findings.is_expected else "") + CURVES[curve].words


def _difference(findings: Findings) -> str:
    arms = findings.others
    return f"{arms[0]} − {findings.first}" if len(arms) == 1 else f"difference from {findings.first}"


def _numbers(ax: Axes, curve: str) -> None:
    ax.set_ylabel(CURVES[curve].unit)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}" if abs(n) >= 10 or n == 0 else f"{n:.3g}"))


def _over_time(findings: Findings, size: Size, *drawn: Callable[[Axes], None], across: bool) -> Figure:
    figure = Figure(figsize=size, layout=Settled())
    shape = (1, len(drawn)) if across else (len(drawn), 1)
    for ax, draw_on in zip(figure.subplots(*shape, squeeze=False).flat, drawn, strict=True):
        draw_on(ax)
        _finish(ax, findings)
    return figure


def _finish(ax: Axes, findings: Findings) -> None:
    """Time from the start to the end, and where the rules of an arm change."""
    ax.set_xlim(0, findings.curves["at_s"].max())
    time_axis(ax, 6, findings.calendar)
    mark_changes([ax], findings.about.get("switches", ()), findings.calendar)


@styled
def main(findings: Findings, size: Size = WIDE) -> Figure:
    """GMV so far in every arm, and its difference from the first: a line a seed, their mean, and its band."""
    across = size[0] > 1.6 * size[1]
    return _over_time(
        findings,
        size if across else (size[0], 1.75 * size[1]),
        lambda ax: levels(ax, findings, "gmv"),
        lambda ax: differences(ax, findings, "gmv", each=True),
        across=across,
    )


@styled
def difference(findings: Findings, curve: str, size: Size = NARROW) -> Figure:
    """One curve of differences with its band."""
    return _over_time(findings, size, lambda ax: differences(ax, findings, curve), across=True)


@styled
def curves(findings: Findings, size: Size = WIDE) -> Figure:
    """All curves of differences."""
    figure = Figure(figsize=(size[0], 1.6 * size[1]), layout=Settled())
    for ax, curve in zip(figure.subplots(2, 2, sharex=True).flat, CURVES, strict=True):
        differences(ax, findings, curve)
        _finish(ax, findings)
    return figure
