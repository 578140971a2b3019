"""Figures of a sweep: how measures respond to what was varied, by itself and together."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.sensitivity import by_value, is_number, means
from sim.experiments.sweep import Result, whole_seeds
from sim.reporting.figures.style import DASHES, LINES, Settled, save, styled
from sim.results.measures.lookup import named

MOST_LINES = 5
POINTS: dict[str, Any] = {"marker": "o", "markersize": 4, "capsize": 2, "elinewidth": 0.8}


@styled
def main_effects(result: Result) -> Figure:
    """Each measure's mean at each value of each factor, over all others, with its 95 % interval."""
    table, study = whole_seeds(result.runs), result.plan.study
    rows, columns = len(study.measures), len(study.vary)
    figure = Figure(figsize=(1.6 + 2.6 * columns, 0.9 + 1.9 * rows), layout=Settled())
    axes = figure.subplots(rows, columns, squeeze=False, sharey="row", sharex="col")
    for row, measure in zip(axes, study.measures, strict=True):
        for ax, path in zip(row, study.vary, strict=True):
            found = by_value(table, path, measure, study.design == "grid")
            ax.errorbar(_places(ax, found["value"]), found["mean"], _bars(found), color=LINES[0], **POINTS)
        _measure(row[0], measure)
    for ax, path in zip(axes[-1], study.vary, strict=True):
        ax.set_xlabel(path)
    figure.suptitle(f"{_title(result)}\nmeans over everything else, {_intervals(result)}", x=0.01, ha="left", size=10)
    return figure


@styled
def interactions(result: Result, measure: str) -> Figure:
    """A measure at each value of one factor, a line for each value of another, for every pair of factors."""
    table, pairs = whole_seeds(result.runs), list(itertools.combinations(result.plan.study.vary, 2))
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    figure = Figure(figsize=(1.2 + 3.4 * columns, 0.7 + 2.7 * rows), layout=Settled())
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for ax in axes.flat[len(pairs) :]:
        ax.set_axis_off()
    for ax, (across, along) in zip(axes.flat, pairs, strict=False):
        _lines(ax, table, across, along, measure, result.plan.study.design == "grid")
    for row in axes:
        _measure(row[0], measure)
    figure.suptitle(
        f"{_title(result)}\neffects depend on each other where lines are not parallel; {_intervals(result)}",
        x=0.01,
        ha="left",
        size=10,
    )
    return figure


def _lines(ax: Axes, table: pd.DataFrame, across: str, along: str, measure: str, paired: bool) -> None:
    found = means(table, [_few(table[across], 8), _few(table[along], MOST_LINES)], measure, paired)
    values = pd.Series(found.index.get_level_values(0).unique())
    if is_number(values):
        values = values.sort_values(ignore_index=True)
    x = _places(ax, values)
    for k, (value, line) in enumerate(found.groupby(level=1, sort=False)):
        part = line.droplevel(1).reindex(values)
        line_style: dict[str, Any] = {"color": LINES[k % 7], "linestyle": DASHES[k % 4], "label": _words(value)}
        ax.errorbar(x, part["mean"], _bars(part), **line_style, **POINTS)
    ax.set_xlabel(across)
    ax.legend(title=along, fontsize=8, title_fontsize=8)


def _bars(found: pd.DataFrame) -> Any:
    """Lengths of error bars; none where there is no interval."""
    return np.nan_to_num((found["mean"] - found["low"], found["high"] - found["mean"]))


def _intervals(result: Result) -> str:
    table = whole_seeds(result.runs)
    points = result.plan.study.design != "grid"
    return f"95 % intervals over {table['point' if points else 'seed'].nunique():,} {'points' if points else 'seeds'}"


def _few(column: "pd.Series[Any]", most: int) -> "pd.Series[Any]":
    """The column with no more than so many numbers, neighbours taken together; names are left as they are."""
    if not is_number(column) or column.nunique() <= most:
        return column
    return column.groupby(pd.qcut(column, most, duplicates="drop"), observed=True).transform("mean")


@styled
def indices(result: Result) -> Figure:
    """First-order and total Sobol indices of every factor, with their intervals."""
    measures = list(dict.fromkeys(result.indices["measure"]))
    paths = list(result.plan.study.vary)
    figure = Figure(figsize=(7.5, 0.9 + len(measures) * (0.6 + 0.35 * len(paths))), layout=Settled())
    axes = figure.subplots(len(measures), squeeze=False, sharex=True)[:, 0]
    for ax, measure in zip(axes, measures, strict=True):
        of_one = result.indices[result.indices["measure"] == measure]
        for k, order in enumerate(("first", "total")):
            found = of_one[of_one["order"] == order].set_index("factor").loc[paths]
            y = np.arange(len(paths)) + 0.17 * (1 if k else -1)
            bars = (found["index"] - found["low"], found["high"] - found["index"])
            label = "first order: alone" if k == 0 else "total: with all its interactions"
            ax.errorbar(found["index"], y, xerr=bars, fmt="os"[k], color=LINES[k], markersize=4, capsize=2, label=label)
        ax.set_yticks(np.arange(len(paths)), paths)
        ax.set_ylim(len(paths) - 0.5, -0.5)
        ax.set_title(named(measure).words)
    axes[-1].set_xlabel("share of the measure's variance over the design (95 % intervals)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
    return figure


def _title(result: Result) -> str:
    return result.plan.study.title or result.plan.name


def _measure(ax: Axes, measure: str) -> None:
    known = named(measure)
    ax.set_ylabel(f"{known.words}\n({known.unit})" if known.unit != "-" else known.words)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}" if abs(n) >= 1000 else f"{n:g}"))


def _places(ax: Axes, values: "pd.Series[Any]") -> Any:
    """Where values stand along x: numbers at their place, names side by side."""
    if is_number(values):
        return values.to_numpy()
    places = np.arange(len(values))
    ax.set_xticks(places, [_words(value) for value in values])
    ax.set_xlim(-0.4, len(values) - 0.6)
    return places


def _words(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value).replace("_", " ")


def draw(result: Result, folder: Path) -> list[Path]:
    """Draw what the design allows, as PNG and SVG; returns the files."""
    figures = {}
    if len(whole_seeds(result.runs)):
        figures["main_effects"] = main_effects(result)
        if len(result.plan.study.vary) > 1:
            figures |= {f"interactions-{name}": interactions(result, name) for name in result.plan.study.measures}
    if len(result.indices):
        figures["indices"] = indices(result)
    return [file for name, figure in figures.items() for file in save(figure, folder, name)]
