"""Effects on groups of rooms and viewers."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.reporting.comparison.axes import Size, share_axis, wrapped
from sim.reporting.comparison.effect_figures import whiskers
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.outcomes import BY_SOURCE, GROUPINGS, OF_ROOMS
from sim.reporting.figures.style import BLACK, LINES, Settled, styled
from sim.reporting.html_page import NARROW, WIDE
from sim.results.paired_statistics import effect

TRAFFIC = {**dict.fromkeys(OF_ROOMS, "exposures"), BY_SOURCE: "entries"}
"""What is shown of groups of rooms beside their GMV; of viewers it is orders."""


def group_effects(findings: Findings) -> pd.DataFrame:
    """Effects on what groups of rooms were shown and sold, on entries and sales by entrance, and on what groups of
    viewers ordered; one row a group, measure and arm.
    """
    rows = []
    for grouping, whole in findings.groups.groupby("grouping", sort=False):
        names = GROUPINGS[str(grouping)].groups or sorted(whole["group"].unique(), key=_natural)
        for name in names:
            if not whole.loc[whole["group"] == name, "members"].any():
                continue  # an entrance by which nobody came
            stays = () if grouping == BY_SOURCE else ("gsv_yuan",)
            for measure in (TRAFFIC.get(str(grouping), "orders"), "gmv_yuan", *stays):
                rows += _group_rows(findings, whole[whole["group"] == name], str(grouping), str(name), measure)
    return pd.DataFrame(rows)


def _natural(name: str) -> tuple[str, int]:
    words, _, number = name.rpartition(" ")
    return (words, int(number)) if number.isdigit() else (name, 0)


def _group_rows(
    findings: Findings, mine: pd.DataFrame, grouping: str, name: str, measure: str
) -> list[dict[str, object]]:
    table = mine.pivot(index="seed", columns="arm", values=measure).reindex(findings.seeds).fillna(0.0)
    whole = findings.groups[(findings.groups["grouping"] == grouping) & (findings.groups["arm"] == findings.first)]
    members = mine.loc[mine["arm"] == findings.first, "members"].sum() / len(findings.seeds)
    return [
        {
            "grouping": grouping,
            "group": name,
            "members": members,
            "measure": measure,
            "arm": arm,
            "share": table[findings.first].sum() / (whole[measure].sum() or math.nan),
            **effect(table[findings.first].to_numpy(), table[arm].to_numpy()),
        }
        for arm in findings.others
        if {arm, findings.first} <= set(table.columns)
    ]


OF_GROUPS = {
    "exposures": ("exposures", LINES[0]),
    "entries": ("entries", LINES[0]),
    "orders": ("orders", LINES[0]),
    "gmv_yuan": ("GMV", LINES[1]),
    "gsv_yuan": ("GSV", LINES[2]),
}


@styled
def group(findings: Findings, table: pd.DataFrame, grouping: str, arm: str, size: Size = NARROW) -> Figure:
    """The relative effects on each group of rooms or viewers."""
    mine = table[(table["grouping"] == grouping) & (table["arm"] == arm)]
    figure = Figure(figsize=(size[0], 1.3 + 0.42 * mine["group"].nunique()), layout=Settled())
    _group(figure.subplots(), mine, grouping)
    return figure


def _group(ax: Axes, mine: pd.DataFrame, grouping: str) -> None:
    names = list(dict.fromkeys(mine["group"]))
    for measure, shift in zip(dict.fromkeys(mine["measure"]), (-0.22, 0.0, 0.22), strict=False):
        words, ink = OF_GROUPS[measure]
        rows = [(str(row["group"]), row) for row in mine[mine["measure"] == measure].to_dict("records")]
        whiskers(ax, rows, ink, words, shift)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    share_axis("x", ax)
    ax.legend(loc="best", fontsize=8)
    ax.set_title(GROUPINGS[grouping].words)


@styled
def groups(findings: Findings, size: Size = WIDE) -> Figure:
    """The relative effects on all groups, of the second arm."""
    table, arm = group_effects(findings), findings.others[0]
    kinds = list(dict.fromkeys(table["grouping"]))
    figure = Figure(figsize=(size[0], 0.8 * size[1] * -(-len(kinds) // 2)), layout=Settled())
    axes = figure.subplots(-(-len(kinds) // 2), 2, squeeze=False)
    for ax, kind in zip(axes.flat, kinds, strict=False):
        _group(ax, table[(table["grouping"] == kind) & (table["arm"] == arm)], kind)
    for ax in axes.flat[len(kinds) :]:
        ax.remove()
    figure.suptitle(wrapped(f"{arm} against {findings.first}", 100), x=0.01, ha="left", fontsize=10)
    return figure
