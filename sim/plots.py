"""Figures of finished runs: traffic over time, the waves of a video, the levels of a live room.

Figures are built without pyplot, in a style and font of their own, so that the same run gives the same file anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullLocator

from sim.clock import SECOND, moment, told
from sim.measures.paid import curves
from sim.results import Run, RunError

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""Okabe and Ito's palette, which the colour-blind can tell apart; for runs, videos and tiers. Verdicts are grey."""
LINES = (BLUE, RED, GREEN, PURPLE, ORANGE, BLACK, SKY)
DASHES = ("-", "--", "-.", ":")
TIERS = (SKY, ORANGE, GREEN, PURPLE, BLUE, YELLOW, RED, BLACK)
MARKERS = {"promote": "^", "repeat": "o", "fade": "X", "open": "D"}
GREYS = {"promote": "#4d4d4d", "repeat": "#a6a6a6", "fade": "#e0e0e0"}
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "hatch.linewidth": 0.6,
    "savefig.dpi": 150,
    "svg.hashsalt": "wavepool",
    "text.parse_math": False,
}
FORMATS: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Formats of pictures, each without the metadata that would differ from one day or version to another."""
HOUR_S, DAY_S = 3600, 86_400
TICKS_S = (60, 120, 300, 600, 900, 1800, HOUR_S, 7200, 10_800, 21_600, 43_200, DAY_S, 2 * DAY_S, 4 * DAY_S, 7 * DAY_S)
BINS_S = (60, 120, 300, 600, 900, 1800, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, DAY_S)
SESSIONS = 6  # a room's picture has a column a session; more would be too narrow

styled = style.context(["default", STYLE])


# --- axes


def _clock(ax: Axes, what: str = "simulated time", *, most: int = 8, stacked: bool = False) -> None:
    """Simulated time along x, as `day 0 06:00`."""
    low, high = ax.get_xlim()
    step = next((step for step in TICKS_S if (high - low) / step <= most), TICKS_S[-1])
    mark = "\n" if stacked else " "
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda s, _: mark.join(told(round(s) * SECOND)[:-3].rsplit(" ", 1))))
    ax.set_xlabel(what)


def _numbers(ax: Axes, label: str, *, log: tuple[float, float] | None = None) -> None:
    """Numbers with thousands separators along y: from 0, or between two limits on a logarithmic axis."""
    ax.set_ylabel(label)
    if log:
        ax.set_ylim(log)
        ax.set_yscale("log")
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        ax.set_ylim(0, max(ax.get_ylim()[1], 1))
        ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}" if n >= 10 else f"{n:g}"))


def short(n: float) -> str:
    """A count in a few characters: 300, 13k, 2.5M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:.3g}{letter}"
    return f"{n:.0f}"


def labels(runs: Sequence[Run]) -> list[str]:
    """What tells runs apart: the names of their files, their seeds, both, or their short ids as well."""
    names = [run.folder.parent.name for run in runs]
    seeds = [f"seed {run.manifest['seed']}" for run in runs]
    ids = [run.folder.name.rsplit("-", 1)[-1][:7] for run in runs]
    both = [f"{name} ({seed})" for name, seed in zip(names, seeds, strict=True)]
    full = [f"{name} ({seed}, {short_id})" for name, seed, short_id in zip(names, seeds, ids, strict=True)]
    choices = (names, seeds, both, full) if len(runs) > 1 else (both,)
    return next((c for c in choices if len(set(c)) == len(runs)), [str(run.folder) for run in runs])


def _changes(axes: Sequence[Axes], runs: Iterable[Run]) -> None:
    """A line down all axes where the platform's rules changed, and above the first of them what changed."""
    mark_changes(axes, (switch for run in runs for switch in run.scenario.get("changes", ())))


def mark_changes(axes: Sequence[Axes], switches: Iterable[Mapping[str, Any]]) -> None:
    """The same for switches as a scenario has them: when, and what they set."""
    for at_s, sets in sorted({(moment(one["at"]) // SECOND, _set(one)) for one in switches}):
        for ax in axes:
            if ax.get_xlim()[0] <= at_s <= ax.get_xlim()[1]:
                ax.axvline(at_s, color=BLACK, ls=(0, (1, 2)), lw=1.2)
                if ax is axes[0]:
                    where = ax.get_xaxis_transform()
                    ax.annotate(sets, (at_s, 1), (3, -2), where, "offset points", va="top", fontsize=7)


def _set(switch: Mapping[str, Any]) -> str:
    """New rules in a few words, one a line."""
    return "\n".join(f"{path.removeprefix('platform.')}: {value}" for path, value in switch["set"].items())


# --- the traffic of runs


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
        "natural": (both - sums["paid_exposures"]) / minutes,
        "paid": sums["paid_exposures"] / minutes,
        "online": groups["online"].mean(),
        "sales": sums["gmv_cents"].cumsum() / 100.0,
    }
    return pd.DataFrame(rates | {name: sums[name] / minutes for name in sums if str(name).startswith("tier_")})


PANELS = {
    "video": "videos\n(exposures per minute)",
    "live": "live rooms\n(exposures per minute)",
    "natural": "natural, both kinds\n(exposures per minute)",
    "paid": "paid, both kinds\n(exposures per minute)",
    "online": "people in live rooms\n(viewers)",
    "sales": "sales so far\n(yuan)",
}


@styled
def traffic(runs: Sequence[Run]) -> Figure:
    """Exposures of videos and live rooms, people in rooms and sales over simulated time, runs over each other."""
    series = [run.table("series") for run in runs]
    longest = max(series, key=lambda table: int(table["at_s"].iloc[-1]))
    width = bin_s(longest)
    curves = [binned(table, width) for table in series]
    paid = any(curve["paid"].any() for curve in curves)
    panels = [name for name in PANELS if paid or name not in ("natural", "paid")]
    figure = Figure(figsize=(9.5, 1.2 + 1.75 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    names = [f"{name}: {_totals(table)}" for name, table in zip(labels(runs), series, strict=True)]
    for ax, panel in zip(axes, panels, strict=True):
        for k, (curve, name) in enumerate(zip(curves, names, strict=True)):
            ax.plot(curve.index, curve[panel], DASHES[k % 4], color=LINES[k % 7], label=name)
        _numbers(ax, PANELS[panel])
    axes[-1].set_xlim(0, longest["at_s"].iloc[-1])
    _clock(axes[-1], f"simulated time (each point stands for {width / 60:g} min)")
    _changes(list(axes), runs)
    axes[0].set_title(f"The traffic of {names[0]}" if len(runs) == 1 else f"The traffic of {len(runs)} runs")
    if len(runs) > 1:
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left")
    figure.align_ylabels(list(axes))
    return figure


def _totals(series: pd.DataFrame) -> str:
    total = series[["video_exposures", "live_exposures", "paid_exposures", "gmv_cents"]].sum()
    paid = f" ({short(total['paid_exposures'])} of them paid)" if total["paid_exposures"] else ""
    shown = f"{short(total['video_exposures'])} video and {short(total['live_exposures'])} live exposures{paid}"
    return f"{shown}, {total['gmv_cents'] / 100:,.0f} yuan sold"


# --- videos

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
    mine = reviews[(reviews["kind"] == "video") & (reviews["item"] == row["item"])].sort_values("wave")
    columns = ["wave", "tier", "opened_s", "at_s", "budget", "given", "verdict"]
    waves = mine[columns].to_dict("records")
    before = int(row["shown"] - row["paid"] - mine["given"].sum())
    if row["tier"] >= 0:
        all_told = (waves[0]["wave"] if waves else row["waves"]) == 1
        opened = waves[-1]["at_s"] if waves else row["published_s"]
        budget = min(run.rules(int(opened))["waves"]["ladder"][row["tier"]], run.scenario["viewers"]["count"])
        end = int(run.table("series", ["at_s"])["at_s"].iloc[-1])
        given = before if all_told else np.nan
        waves.append(dict(zip(columns, (row["waves"], row["tier"], opened, end, budget, given, "open"), strict=True)))
        before = 0 if all_told else before
    return pd.DataFrame(waves, columns=columns), before


def _curve(waves: pd.DataFrame, before: int) -> tuple[list[float], list[float]]:
    """Exposures so far at both ends of each wave, for the records know no more."""
    known = waves.dropna()
    return [known["opened_s"].iloc[0], *known["at_s"]], [before, *(before + known["given"].cumsum())]


def _fate(waves: pd.DataFrame) -> str:
    """What a video's waves came to, in words."""
    last, n = waves.iloc[-1], int(waves["wave"].iloc[-1])
    had = f"{n} wave{'s' * (n > 1)} up to tier {waves['tier'].max()}"
    if last["verdict"] == "open":
        return "its first wave is still open" if n == 1 else f"{had}, the last still open"
    end = "it faded" if last["verdict"] == "fade" else "it could get no other"
    return f"{had}, until {end} on {told(int(last['at_s']) * SECOND)[:-3]}"


@styled
def item_curve(run: Run, item: int) -> Figure:
    """One video: its exposures so far, wave by wave, and what each wave was given of its budget."""
    row = video(run, item)
    waves, before = life(run, row, run.table("reviews"))
    if not waves["given"].notna().any():
        raise RunError(f"{run.folder}: the waves of video {item} were before day 0, which is not recorded")
    figure = Figure(figsize=(9.5, 7), layout="constrained")
    above, below = figure.subplots(2, height_ratios=(3, 2))
    above.plot(*_curve(waves, before), color=BLACK)
    boosts = run.table("paid")
    for _, boost in boosts[(boosts["kind"] == "video") & (boosts["item"] == item)].groupby("boost"):
        so_far = [0, *boost["exposures"]]
        above.plot([boost["opened_s"].iloc[0], *boost["at_s"]], so_far, "--", color=RED, label="paid exposures")
    for tier, opened, closed in zip(waves["tier"], waves["opened_s"], waves["at_s"], strict=True):
        above.axvspan(opened, closed, color=TIERS[tier % 8], alpha=0.3, lw=0)
    _markers(above, waves, before, BLACK)
    _numbers(above, "exposures so far")
    above.set_xlim(waves["opened_s"].min(), waves["at_s"].max())
    _clock(above, BETWEEN)
    _changes([above], [run])
    budgets = waves.groupby("tier")["budget"].max()
    shades = [
        Patch(color=TIERS[tier % 8], alpha=0.4, label=f"tier {tier}: {short(budget)}")
        for tier, budget in zip(budgets.index.astype(int), budgets, strict=True)
    ]
    handles = [*shades, *_legend_of_verdicts(waves), *above.get_legend_handles_labels()[0][:1]]
    above.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), title="waves, their budget\nand verdict")
    paid = f", {row['paid']:,} of them paid" if row["paid"] else ""
    above.set_title(f"Video {item} of {labels([run])[0]} was given {row['shown']:,} exposures{paid}:\n{_fate(waves)}")
    _wave_bars(below, waves)
    return figure


def _markers(ax: Axes, waves: pd.DataFrame, before: int, colour: str) -> None:
    """A marker at the end of each wave, shaped by its verdict."""
    ends = before + waves["given"].cumsum()
    for verdict, marker in MARKERS.items():
        mine = (waves["verdict"] == verdict) & waves["given"].notna()
        if mine.any():
            (ends_here,) = ax.plot(waves["at_s"][mine], ends[mine], marker, mfc=colour, mec="white", ms=7, mew=0.8)
            ends_here.set(zorder=3, clip_on=False)


def _legend_of_verdicts(waves: pd.DataFrame) -> list[Line2D]:
    seen = [verdict for verdict in MARKERS if (waves["verdict"] == verdict).any()]
    return [Line2D([], [], ls="", marker=MARKERS[v], color=BLACK, ms=6, label=v) for v in seen]


def _wave_bars(ax: Axes, waves: pd.DataFrame) -> None:
    """Exposures of each wave against its budget."""
    places, few = np.arange(len(waves)), len(waves) <= 14
    bars = ax.bar(places, waves["given"].fillna(0), 0.7, color=[TIERS[t % 8] for t in waves["tier"]])
    for bar, verdict in zip(bars, waves["verdict"], strict=True):
        bar.set_hatch("//" if verdict == "open" else "")
    ax.hlines(waves["budget"], places - 0.42, places + 0.42, color=BLACK, lw=1.6)
    climbs = waves["tier"].diff().fillna(1) != 0
    for place, budget in zip(places[few | climbs], waves["budget"][few | climbs], strict=True):
        ax.annotate(short(budget), (place, budget), (0, 3), textcoords="offset points", ha="center")
    told_by = zip(waves["wave"], waves["tier"], waves["verdict"], strict=True)
    names = [f"wave {n}\ntier {tier}\n{verdict}" if few else f"{n}\n{verdict[0]}" for n, tier, verdict in told_by]
    ax.set_xticks(places, names, fontsize=8)
    ax.set_xlabel("" if few else "wave and its verdict (p promote, r repeat, f fade, o open)")
    ax.grid(axis="x", visible=False)
    least = min(waves["budget"].min() / 10, waves["given"][waves["given"] > 0].min())
    _numbers(ax, "exposures (log)", log=(least / 2, waves["budget"].max() * 4))
    unknown = places[waves["given"].isna()]
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
    figure = Figure(figsize=(9.5, 5.5), layout="constrained")
    ax, seen = figure.subplots(), []
    for k, item in enumerate(best):
        row = video(run, item)
        waves, before = life(run, row, reviews)
        if waves["given"].notna().any():
            at, so_far = _curve(waves, before)
            fine = np.unique(np.concatenate([np.linspace(at[0], at[-1], 200), at]))
            shown = np.maximum(np.interp(fine, at, so_far), 1)  # straight in numbers is bent on a log axis
            name = f"video {item}: {short(row['shown'])}"
            ax.plot(fine, shown, DASHES[k // 7 % 4], color=LINES[k % 7], label=name)
            _markers(ax, waves, before, LINES[k % 7])
            lowest, highest = min(lowest, so_far[1]), max(highest, so_far[-1])
            seen.append(waves)
    _numbers(ax, "exposures so far (log)", log=(max(min(lowest, highest) / 3, 1), max(2 * highest, 10)))
    _clock(ax, BETWEEN)
    ax.set_title(f"The {len(best)} videos of {labels([run])[0]} with most exposures, and how each of their waves ended")
    if seen:
        ends = _legend_of_verdicts(pd.concat(seen))
        figure.legend(handles=[*ax.get_legend_handles_labels()[0], *ends], loc="outside right upper")
    return figure


# --- rooms


@styled
def room_curve(run: Run, room: int) -> Figure:
    """One room, a column a session: people inside over its level, exposures, sales, and GPM."""
    minutes = run.table("rooms")
    minutes = minutes[minutes["room"] == room]
    if minutes.empty:
        count = run.scenario["rooms"]["count"]
        some = f"rooms 0 to {count - 1}" if count else "no rooms"
        what = "was never open" if 0 <= room < count else f"is not there; this run has {some}"
        raise RunError(f"{run.folder}: room {room} {what}")
    rules = run.scenario["platform"]["rooms"]
    wave_s, top = round(rules["review_minutes"] * 60), len(rules["levels"]) - 1
    every = [part for _, part in minutes.groupby("session")]
    parts = every[-SESSIONS:]
    figure = Figure(figsize=(9.5, 8.5), layout="constrained")
    spans = [part["at_s"].max() - part["at_s"].min() + wave_s for part in parts]
    widths = [max(span, max(spans) / 3) for span in spans]
    grid = figure.subplots(4, len(parts), sharex="col", sharey="row", width_ratios=widths, squeeze=False)
    for column, part, width in zip(grid.T, parts, widths, strict=True):
        _session(column, part, wave_s, top, most=max(2, int(10 * width / sum(widths))), last=part is parts[-1])
        _changes(column, [run])
    for ax, name in zip(grid[:, 0], ROOM_PANELS, strict=True):
        _numbers(ax, name.format(wave_s / 60))
    for ax in grid[:-1].flat:
        ax.tick_params(labelbottom=False)
    named = [pair for ax in grid[:2, 0] for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    figure.legend(*zip(*named, strict=True), loc="outside lower center", ncols=4)
    figure.align_ylabels(list(grid[:, 0]))
    which = f"{len(every)} session{'s' * (len(every) > 1)}"
    which += f" (the last {SESSIONS} are shown)" if len(every) > SESSIONS else ""
    sold, entries = minutes["gmv_cents"].sum() / 100, minutes["entered"].sum()
    title = f"Room {room} of {labels([run])[0]} sold goods for {sold:,.0f} yuan to {entries:,} entries in {which}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    return figure


ROOM_PANELS = (
    "people inside\n(viewers)",
    "exposures\n(per {0:g} min)",
    "sales\n(yuan per {0:g} min)",
    "GPM so far\n(yuan per 1,000 entries)",
)


def _session(column: Iterable[Axes], part: pd.DataFrame, wave_s: int, top: int, *, most: int, last: bool) -> None:
    people, exposures, sales, gpm = column
    edges, middle = [part["at_s"].iloc[0] - wave_s, *part["at_s"]], part["at_s"] - wave_s / 2
    opened, closed = (told(int(edge) * SECOND).split()[-1][:-3] for edge in (edges[0], edges[-1]))
    people.set_title(f"session {part['session'].iloc[0]}\n{opened} to {closed}")
    level = people.twinx()
    level.stairs(part["level"], edges, fill=True, color=YELLOW, alpha=0.35, lw=0)
    level.set_ylim(0, top + 0.5)
    level.set_ylabel("level (shaded)" if last else "")
    level.tick_params(labelright=last, right=last)
    level.grid(visible=False)
    people.set_zorder(level.get_zorder() + 1)
    people.patch.set_visible(False)
    people.plot(middle, part["average"], color=BLUE, label="average inside")
    people.plot(middle, part["peak"], ":", color=RED, label="peak inside")
    exposures.stairs(part["shown"], edges, fill=True, color=SKY, label="exposures handed out")
    if part["paid"].any():
        exposures.stairs(part["paid"], edges, fill=True, color=RED, label="of them paid")
    exposures.stairs(part["budget"], edges, color=BLACK, label="budget of the wave")
    sales.bar(middle, part["gmv_cents"] / 100, wave_s, color=GREEN)
    gpm.plot(part["at_s"], 10 * part["gmv_cents"].cumsum() / part["entered"].cumsum().clip(lower=1), color=PURPLE)
    gpm.set_xlim(edges[0], edges[-1])
    _clock(gpm, most=most, stacked=True)


def best_room(run: Run) -> int | None:
    """The room that sold most; where nothing was sold, the busiest; None where none was open."""
    sums = run.table("rooms", ["room", "gmv_cents", "stay_ms"]).groupby("room", as_index=False).sum()
    ordered = sums.sort_values(["gmv_cents", "stay_ms", "room"], ascending=[False, False, True])
    return next((int(room) for room in ordered["room"]), None)


# --- all waves


@styled
def waves(run: Run) -> Figure:
    """Where exposures go by tier, how reviews end at each, and how many videos get there."""
    series, reviews = run.table("series"), run.table("reviews", ["kind", "tier", "verdict"])
    tiers = list(range(sum(str(name).startswith("tier_") for name in series)))
    figure = Figure(figsize=(9.5, 7.5), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 2))
    flow = figure.add_subplot(grid[0, :])
    _flow(flow, series, tiers, run)
    _changes([flow], [run])
    _verdicts(figure.add_subplot(grid[1, 0]), reviews[reviews["kind"] == "video"], tiers)
    _reach(figure.add_subplot(grid[1, 1]), run.table("items", ["best_tier"])["best_tier"], tiers)
    return figure


def _flow(ax: Axes, series: pd.DataFrame, tiers: list[int], run: Run) -> None:
    width = bin_s(series)
    rates, ladder = binned(series, width), run.scenario["platform"]["waves"]["ladder"]
    names = [f"tier {t}: waves of {short(min(ladder[t], run.scenario['viewers']['count']))}" for t in tiers]
    heights, colours = [rates[f"tier_{t}"] for t in tiers], [TIERS[t % 8] for t in tiers]
    if rates["paid"].any():
        names, colours = [*names, "paid, of both kinds"], [*colours, RED]
        heights.append(rates["paid"])
    ax.stackplot(rates.index, heights, labels=names, colors=colours, ec="white", lw=0.3)
    ax.set_xlim(0, series["at_s"].iloc[-1])
    _numbers(ax, "video exposures per minute")
    _clock(ax, f"simulated time (each point stands for {width / 60:g} min)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0)
    title = f"Video exposures of {labels([run])[0]} by the tier of the wave that they belong to"
    ax.set_title(title, pad=22 if len(tiers) <= 4 else 38)


def _verdicts(ax: Axes, reviews: pd.DataFrame, tiers: list[int]) -> None:
    counts = pd.crosstab(reviews["tier"], reviews["verdict"]).reindex(index=tiers, columns=list(GREYS), fill_value=0)
    shares, left = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0), np.zeros(len(tiers))
    for verdict, grey in GREYS.items():
        share = shares[verdict].to_numpy()
        bars = ax.barh(tiers, share, 0.7, left=left, color=grey, ec="white", label=verdict)
        ink = "white" if verdict == "promote" else BLACK
        names = [f"{x:.0f} %" if x >= 8 else "" for x in share]
        ax.bar_label(bars, names, label_type="center", fontsize=8, color=ink)
        left += share
    ax.set_yticks(tiers, [f"tier {t} ({n:,})" for t, n in counts.sum(axis=1).items()], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of the tier's reviews (%)")
    ax.grid(visible=False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    ax.set_title("How reviews of videos ended (number of reviews)", pad=22)


def _reach(ax: Axes, best: "pd.Series[Any]", tiers: list[int]) -> None:
    reached = [int((best >= t).sum()) for t in tiers]
    shares = [100 * n / max(len(best), 1) for n in reached]
    bars = ax.bar(tiers, shares, 0.7, color=[TIERS[t % 8] for t in tiers])
    names = [f"{float(f'{s:.2g}'):g} %\n({n:,})" for s, n in zip(shares, reached, strict=True)]
    ax.bar_label(bars, names, fontsize=8, padding=2)
    least = min([share for share in shares if share > 0], default=1)
    _numbers(ax, "share of all videos (%, log)", log=(least / 5, 400))
    ax.set_yticks([tick for tick in (100, 10, 1, 0.1, 0.01, 0.001) if tick > ax.get_ylim()[0]])
    ax.set_xticks(tiers, [f"tier {t}" for t in tiers])
    ax.grid(axis="x", visible=False)
    ax.set_title("Videos that reached each tier (number of videos)", pad=22)


# --- paid waves


@styled
def paid(runs: Sequence[Run]) -> Figure:
    """Natural and paid exposures so far of boosted items by hours since their boosts began, runs over each other."""
    figure = Figure(figsize=(9.5, 5.5), layout="constrained")
    axes = figure.subplots(2, sharex=True)
    for k, (run, name) in enumerate(zip(runs, labels(runs), strict=True)):
        rows = run.table("paid")
        rows = rows[rows["state"] != "waiting"]
        if len(rows):
            hours = range(int((rows["at_s"] - rows["opened_s"]).max()) // HOUR_S + 1)
            mean = curves(rows, hours).groupby("hours")[["natural", "paid"]].mean()
            for ax, what in zip(axes, ("natural", "paid"), strict=True):
                ax.plot(mean.index, mean[what], DASHES[k % 4], color=LINES[k % 7], label=name)
    for ax, what in zip(axes, ("natural", "paid"), strict=True):
        _numbers(ax, f"{what} exposures so far\n(mean of boosted items)")
    axes[1].set_xlabel("hours since the boost began")
    axes[0].set_title("What boosted items got by themselves, and what was paid for")
    axes[0].legend(loc="upper left")
    return figure


# --- files


@styled
def draw(
    runs: Sequence[Run],
    out: Path,
    item: int | None = None,
    room: int | None = None,
    top: int = 0,
    formats: Sequence[str] = ("png", "svg"),
) -> list[Path]:
    """Draw traffic; of a single run its waves, best video and best-selling room too; and what else was asked for."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise RunError(f"{unknown[0]}: not a format for pictures; use {', '.join(FORMATS)}")
    figures = {"traffic": traffic(runs)}
    if any((run.table("paid", ["state"])["state"] != "waiting").any() for run in runs):
        figures["paid"] = paid(runs)
    for run in runs:
        mark = "" if len(runs) == 1 else f".{run.folder.parent.name}-{run.folder.name}"
        figures |= {name + mark: figure for name, figure in _of_one(run, len(runs) == 1, item, room, top).items()}
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for name, figure in figures.items():
        for form in formats:
            files.append(out / f"{name}.{form}")
            figure.savefig(files[-1], metadata=FORMATS[form])
    return files


def _of_one(run: Run, alone: bool, item: int | None, room: int | None, top: int) -> dict[str, Figure]:
    """Pictures of one run: what every run alone gets, and what was asked for."""
    figures = {"waves": waves(run)} if alone else {}
    best = (next(iter(best_items(run, 1)), None), best_room(run)) if alone else (None, None)
    for kind, curve, chosen, asked in (("video", item_curve, best[0], item), ("room", room_curve, best[1], room)):
        for one in dict.fromkeys((chosen, asked)):
            if one is not None:
                try:
                    figures[f"{kind}-{one}"] = curve(run, one)
                except RunError:
                    if one == asked:  # what nobody asked for is left out where it cannot be drawn
                        raise
    if top > 0 and best_items(run, 1):
        figures[f"top-{top}"] = top_items(run, top)
    return figures
