"""Pictures of a comparison: effects, curves of differences with their bands, trade-offs, groups, and Lorenz curves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from sim.clock import SECOND, told
from sim.effects import band, effect, lorenz, student
from sim.findings import Findings
from sim.outcomes import CURVES, GROUPINGS, MEASURES, OF_ROOMS
from sim.plots import BLACK, DASHES, FORMATS, LINES, TICKS_S, styled
from sim.report import NARROW, WIDE
from sim.wording import listed

Size = tuple[float, float]
USUAL = (0.001, 0.03)
"""Effects of one ranking change on a real platform, as shares: 0.1 to 3 %."""
GREY = "#b0b0b0"
TRADE_OFFS = (
    ("minutes_per_viewer_day", "gmv_yuan"),
    ("sessions", "gmv_yuan"),
    ("next_day_return", "gmv_yuan"),
    ("refused_orders", "buyers"),
)
"""Pairs of measures, across and up."""


# --- axes


def colour(findings: Findings, arm: str) -> str:
    """An arm's colour; the first is black."""
    return BLACK if arm == findings.first else LINES[findings.others.index(arm) % 5]


def _clock(ax: Axes, most: int) -> None:
    low, high = ax.get_xlim()
    step = next((step for step in TICKS_S if (high - low) / step <= most), TICKS_S[-1])
    days = high - low > 1.5 * 86_400
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda s, _: _at(s, days)))
    ax.set_xlabel("simulated time" if days else "time of day")


def _at(seconds: float, days: bool) -> str:
    words = told(round(seconds) * SECOND)[:-3]
    return words if days else "24:00" if round(seconds) == 86_400 else words.rsplit(" ", 1)[-1]


def _share_axis(axis: str, ax: Axes) -> None:
    """An axis of relative effects."""
    both = ax.xaxis if axis == "x" else ax.yaxis
    both.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    both.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:+.3g} %".replace("+0 %", "0")))


def _usual_band(ax: Axes, axis: str, label: str = "") -> None:
    """The range of effects that real platforms report, on both sides of none."""
    span = ax.axvspan if axis == "x" else ax.axhspan
    span(*USUAL, color=GREY, alpha=0.35, lw=0, label=label)
    span(-USUAL[1], -USUAL[0], color=GREY, alpha=0.35, lw=0)


# --- curves


def paths(findings: Findings, curve: str, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Times, and an arm's curves (seeds, times)."""
    mine = findings.curves[(findings.curves["curve"] == curve) & (findings.curves["arm"] == arm)]
    table = mine.pivot(index="seed", columns="at_s", values="value")
    return table.columns.to_numpy(float), table.to_numpy(float)


def levels(ax: Axes, findings: Findings, curve: str) -> None:
    """The curve of every arm, mean over seeds."""
    for k, arm in enumerate(findings.arms):
        at, values = paths(findings, curve, arm)
        ax.plot(at, values.mean(axis=0), DASHES[(k > 0) - 1 if k == 0 else 0], color=colour(findings, arm), label=arm)
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    _numbers(ax, curve)
    ax.legend(loc="upper left")
    ax.set_title(f"{CURVES[curve].words}, mean of {len(findings.seeds)} seeds")


def differences(ax: Axes, findings: Findings, curve: str, *, each: bool = False) -> None:
    """The difference of every arm from the first over time, with its 95 % band over seeds."""
    at, before = paths(findings, curve, findings.first)
    for arm in findings.others:
        gaps = paths(findings, curve, arm)[1] - before
        mean, low, high = band(gaps)
        if each:
            ax.plot(at, gaps.T, color=colour(findings, arm), alpha=0.35, lw=0.6)
        ax.fill_between(at, low, high, color=colour(findings, arm), alpha=0.22, lw=0)
        ax.plot(at, mean, color=colour(findings, arm), label=f"{arm} − {findings.first}", lw=1.8)
    ax.axhline(0, color=BLACK, lw=0.8)
    _numbers(ax, curve)
    if len(findings.others) > 1:
        ax.legend(loc="upper left")
    ax.set_title(f"{CURVES[curve].words}: {_difference(findings)}")


def _difference(findings: Findings) -> str:
    arms = findings.others
    return f"{arms[0]} − {findings.first}" if len(arms) == 1 else f"difference from {findings.first}"


def _numbers(ax: Axes, curve: str) -> None:
    ax.set_ylabel(CURVES[curve].unit)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}" if abs(n) >= 10 or n == 0 else f"{n:.3g}"))


def _over_time(findings: Findings, size: Size, *drawn: Callable[[Axes], None], across: bool) -> Figure:
    figure = Figure(figsize=size, layout="constrained")
    shape = (1, len(drawn)) if across else (len(drawn), 1)
    for ax, draw_on in zip(figure.subplots(*shape, squeeze=False).flat, drawn, strict=True):
        draw_on(ax)
        ax.set_xlim(0, findings.curves["at_s"].max())
        _clock(ax, most=6)
    return figure


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
    figure = Figure(figsize=(size[0], 1.6 * size[1]), layout="constrained")
    for ax, curve in zip(figure.subplots(2, 2, sharex=True).flat, CURVES, strict=True):
        differences(ax, findings, curve)
        ax.set_xlim(0, findings.curves["at_s"].max())
        _clock(ax, most=6)
    return figure


# --- effects


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
    names = list(dict.fromkeys(findings.effects["measure"]))
    figure = Figure(
        figsize=(size[0], 1.1 + 0.27 * len(names) * (1 + 0.3 * (len(findings.others) - 1))), layout="constrained"
    )
    ax = figure.subplots()
    _usual_band(ax, "x", "0.1 to 3 %: one change on real platforms")
    spread = np.linspace(-0.25, 0.25, len(findings.others)) if len(findings.others) > 1 else [0.0]
    for arm, shift in zip(findings.others, spread, strict=True):
        rows = [(name, findings.effect(name, arm)) for name in names]
        whiskers(ax, rows, colour(findings, arm), f"{arm} against {findings.first}", shift)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(names)), [MEASURES[name].words for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    _share_axis("x", ax)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left", ncols=2 if size[0] > 6 else 1)
    return figure


@styled
def trade_off(findings: Findings, across: str, up: str, size: Size = NARROW) -> Figure:
    """Two measures' relative effects against each other: a dot a seed, and the means with their intervals."""
    figure = Figure(figsize=size, layout="constrained")
    ax = figure.subplots()
    _trade_off(ax, findings, across, up)
    return figure


def _trade_off(ax: Axes, findings: Findings, across: str, up: str) -> None:
    ax.axhline(0, color=BLACK, lw=0.8)
    ax.axvline(0, color=BLACK, lw=0.8)
    for arm in findings.others:
        ink = colour(findings, arm)
        x, y = (_gaps(findings, name, arm) for name in (across, up))
        ax.plot(x, y, "o", color=ink, ms=4, alpha=0.45, mew=0)
        halves = [student(len(gaps)) * gaps.std(ddof=1) / len(gaps) ** 0.5 for gaps in (x, y)]
        ax.errorbar(x.mean(), y.mean(), halves[1], halves[0], color=ink, fmt="D", ms=5, lw=1.8, label=arm)
    for axis in "xy":
        _share_axis(axis, ax)
    if len(findings.others) > 1:
        ax.legend(loc="best")
    ax.set_xlabel(MEASURES[across].words)
    ax.set_ylabel(MEASURES[up].words)
    ax.set_title(f"{MEASURES[up].words} against {MEASURES[across].words}")


def _gaps(findings: Findings, measure: str, arm: str) -> np.ndarray:
    """Differences from the first arm over its mean, seed by seed."""
    before = findings.by_seed(measure, findings.first)
    return (findings.by_seed(measure, arm) - before) / before.mean()


def possible(findings: Findings) -> list[tuple[str, str]]:
    """The trade-offs whose measures both can be told in shares."""
    told_in_shares = set(findings.effects.loc[np.isfinite(findings.effects["relative"]), "measure"])
    return [pair for pair in TRADE_OFFS if told_in_shares.issuperset(pair)]


@styled
def trade_offs(findings: Findings, size: Size = WIDE) -> Figure:
    """All trade-offs that can be told."""
    pairs = possible(findings)
    figure = Figure(figsize=(size[0], size[1] * (1 if len(pairs) < 3 else 1.8)), layout="constrained")
    for ax, pair in zip(figure.subplots(2 if len(pairs) > 2 else 1, 2).flat, pairs, strict=False):
        _trade_off(ax, findings, *pair)
    for ax in figure.axes[len(pairs) :]:
        ax.remove()
    return figure


# --- groups


def group_effects(findings: Findings) -> pd.DataFrame:
    """Effects on what groups of rooms were shown and sold, and groups of viewers ordered; one row a group, measure and
    arm.
    """
    rows = []
    for grouping, whole in findings.groups.groupby("grouping", sort=False):
        names = GROUPINGS[str(grouping)].groups or sorted(whole["group"].unique(), key=_natural)
        for name in names:
            for measure in ("exposures", "gmv_yuan") if grouping in OF_ROOMS else ("orders", "gmv_yuan"):
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
            "share": table[findings.first].sum() / max(whole[measure].sum(), 1e-9),
            **effect(table[findings.first].to_numpy(), table[arm].to_numpy()),
        }
        for arm in findings.others
        if {arm, findings.first} <= set(table.columns)
    ]


OF_GROUPS = {"exposures": ("exposures", LINES[0]), "orders": ("orders", LINES[0]), "gmv_yuan": ("GMV", LINES[1])}


@styled
def group(findings: Findings, table: pd.DataFrame, grouping: str, arm: str, size: Size = NARROW) -> Figure:
    """The relative effects on each group of rooms or viewers."""
    mine = table[(table["grouping"] == grouping) & (table["arm"] == arm)]
    figure = Figure(figsize=(size[0], 1.3 + 0.42 * mine["group"].nunique()), layout="constrained")
    _group(figure.subplots(), mine, grouping)
    return figure


def _group(ax: Axes, mine: pd.DataFrame, grouping: str) -> None:
    names = list(dict.fromkeys(mine["group"]))
    for measure, shift in zip(dict.fromkeys(mine["measure"]), (-0.13, 0.13), strict=True):
        words, ink = OF_GROUPS[measure]
        rows = [(str(row["group"]), row) for row in mine[mine["measure"] == measure].to_dict("records")]
        whiskers(ax, rows, ink, words, shift)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    _share_axis("x", ax)
    ax.legend(loc="best", fontsize=8)
    ax.set_title(GROUPINGS[grouping].words)


@styled
def groups(findings: Findings, size: Size = WIDE) -> Figure:
    """The relative effects on all groups, of the second arm."""
    table, arm = group_effects(findings), findings.others[0]
    kinds = list(dict.fromkeys(table["grouping"]))
    figure = Figure(figsize=(size[0], 0.8 * size[1] * -(-len(kinds) // 2)), layout="constrained")
    axes = figure.subplots(-(-len(kinds) // 2), 2, squeeze=False)
    for ax, kind in zip(axes.flat, kinds, strict=False):
        _group(ax, table[(table["grouping"] == kind) & (table["arm"] == arm)], kind)
    for ax in axes.flat[len(kinds) :]:
        ax.remove()
    figure.suptitle(f"{arm} against {findings.first}", x=0.01, ha="left", fontsize=10)
    return figure


# --- who gained and who lost


@styled
def shares(findings: Findings, what: str = "exposures", size: Size = NARROW) -> Figure:
    """Lorenz curves: the share that the poorest rooms hold, in every arm; mean over seeds."""
    figure = Figure(figsize=size, layout="constrained")
    _shares(figure.subplots(), findings, what)
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
    ax.legend(loc="upper left")
    ax.set_title(f"How rooms share {words}")


@styled
def gains(findings: Findings, arm: str, size: Size = NARROW) -> Figure:
    """What each room gained or lost in exposures, against what it had in the first arm; a dot a room and seed."""
    figure = Figure(figsize=size, layout="constrained")
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
    ax.set_xlabel(f"exposures of a room, {findings.first}")
    ax.set_ylabel(f"exposures of the same room, {arm}")
    ax.set_title(f"Rooms above the line gained in “{arm}”")


def room_table(findings: Findings, arm: str) -> np.ndarray:
    """Exposures of every room (seeds, rooms) in an arm."""
    mine = findings.rooms[findings.rooms["arm"] == arm]
    return mine.pivot(index="seed", columns="room", values="exposures").to_numpy(float)


@styled
def lorenz_curves(findings: Findings, size: Size = WIDE) -> Figure:
    """How exposures and sales are shared among rooms, and which rooms gained."""
    figure = Figure(figsize=size, layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    _shares(left, findings, "exposures")
    _shares(middle, findings, "gmv_yuan")
    _gains(right, findings, findings.others[0])
    return figure


# --- files

PICTURES: dict[str, Callable[[Findings], Figure]] = {
    "main": main,
    "effects": effects,
    "curves": curves,
    "trade_offs": trade_offs,
    "groups": groups,
    "lorenz": lorenz_curves,
}


def draw_one(findings: Findings, name: str) -> Figure:
    """A picture by its name."""
    if name not in PICTURES:
        raise ValueError(f"there is no picture {name!r}; there are {listed(list(PICTURES))}")
    return PICTURES[name](findings)


@styled
def draw(findings: Findings, folder: Path) -> list[Path]:
    """All pictures that there is something for, as PNG and SVG."""
    files = []
    for name in PICTURES:
        if name == "trade_offs" and not possible(findings):
            continue
        figure = draw_one(findings, name)
        for form in ("png", "svg"):
            files.append(folder / f"{name}.{form}")
            figure.savefig(files[-1], metadata=FORMATS[form])
    return files
