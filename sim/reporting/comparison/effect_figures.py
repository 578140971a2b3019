"""Relative effects with their intervals, and trade-offs of two of them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.reporting.comparison.axes import Size, colour, share_axis, usual_band, wrapped
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import GMV_EXPECTED
from sim.reporting.figures.style import BLACK, Settled, styled
from sim.reporting.html_page import NARROW, WIDE
from sim.results.measures.lookup import named
from sim.results.paired_statistics import both_known, interval

TRADE_OFFS = (
    ("viewers.minutes_per_day", GMV_EXPECTED),
    ("viewers.sessions", GMV_EXPECTED),
    ("viewers.next_day_return", GMV_EXPECTED),
    ("sales.refused_orders", "sales.buyers"),
)
"""Pairs of measures, across and up."""


def whiskers(
    ax: Axes, rows: Sequence[tuple[str, dict[str, float]]], ink: str, label: str = "", shift: float = 0
) -> None:
    """Relative effects with their intervals, one below the other."""
    places = np.arange(len(rows)) + shift
    told_rows = [(place, row) for place, (_, row) in zip(places, rows, strict=True) if np.isfinite(row["relative"])]
    for place, row in told_rows:
        ax.plot([row["relative_low"], row["relative_high"]], [place, place], color=ink, lw=1.6, solid_capstyle="butt")
    ax.plot(
        [row["relative"] for _, row in told_rows], [place for place, _ in told_rows], "o", color=ink, ms=5, label=label
    )


@styled
def effects(findings: Findings, size: Size = WIDE) -> Figure:
    """Every measure's relative effect and its interval, beside the range that real platforms report."""
    names = relative_measures(findings)
    figure = Figure(
        figsize=(size[0], 1.1 + 0.27 * len(names) * (1 + 0.3 * (len(findings.others) - 1))), layout=Settled()
    )
    ax = figure.subplots()
    usual_band(ax, "x", "0.1 to 3 %: one change on real platforms")
    spread = np.linspace(-0.25, 0.25, len(findings.others)) if len(findings.others) > 1 else [0.0]
    for arm, shift in zip(findings.others, spread, strict=True):
        rows = [(name, findings.effect(name, arm)) for name in names]
        whiskers(ax, rows, colour(findings, arm), f"{arm} against {findings.first}", shift)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(names)), [named(name).words for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    share_axis("x", ax)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left", ncols=2 if size[0] > 6 else 1)
    return figure


@styled
def trade_off(findings: Findings, across: str, up: str, size: Size = NARROW) -> Figure:
    """Two measures' relative effects against each other: a dot a seed, and the means with their intervals."""
    figure = Figure(figsize=size, layout=Settled())
    ax = figure.subplots()
    _trade_off(ax, findings, across, up)
    return figure


def _trade_off(ax: Axes, findings: Findings, across: str, up: str) -> None:
    ax.axhline(0, color=BLACK, lw=0.8)
    ax.axvline(0, color=BLACK, lw=0.8)
    for arm in findings.others:
        ink = colour(findings, arm)
        x, y = (share_gaps(findings, name, arm) for name in (across, up))
        ax.plot(x, y, "o", color=ink, ms=4, alpha=0.45, mew=0)
        across_, up_ = (interval(gaps) for gaps in (x, y))
        ax.errorbar(
            across_.mean,
            up_.mean,
            up_.high - up_.mean,
            across_.high - across_.mean,
            color=ink,
            fmt="D",
            ms=5,
            lw=1.8,
            label=arm,
        )
    for axis in "xy":
        share_axis(axis, ax)
    if len(findings.others) > 1:
        ax.legend(loc="best")
    ax.set_xlabel(named(across).words)
    ax.set_ylabel(named(up).words)
    ax.set_title(wrapped(f"{named(up).words} against {named(across).words}"))


def share_gaps(findings: Findings, measure: str, arm: str) -> np.ndarray:
    """Differences from the first arm over its mean, seed by seed."""
    before = findings.by_seed(measure, findings.first)
    gaps = findings.by_seed(measure, arm) - before
    return gaps / before[both_known(before, gaps)].mean()


def possible(findings: Findings) -> list[tuple[str, str]]:
    """The trade-offs whose measures both have relative effects."""
    return [pair for pair in TRADE_OFFS if set(relative_measures(findings)).issuperset(pair)]


def relative_measures(findings: Findings) -> list[str]:
    """The measures of which there was any in the first arm, so that effects on them have relative sizes."""
    return list(dict.fromkeys(findings.effects.loc[np.isfinite(findings.effects["relative"]), "measure"]))


@styled
def trade_offs(findings: Findings, size: Size = WIDE) -> Figure:
    """All trade-offs that can be drawn."""
    pairs = possible(findings)
    figure = Figure(figsize=(size[0], size[1] * (1 if len(pairs) < 3 else 1.8)), layout=Settled())
    for ax, pair in zip(figure.subplots(2 if len(pairs) > 2 else 1, 2).flat, pairs, strict=False):
        _trade_off(ax, findings, *pair)
    for ax in figure.axes[len(pairs) :]:
        ax.remove()
    return figure
