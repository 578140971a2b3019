"""A live room, session by session."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.core.clock import SECOND
from sim.core.event_log import ROOM_SOURCES
from sim.core.run_calendar import Calendar
from sim.reporting.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    Settled,
    labels,
    number_axis,
    show_changes,
    styled,
    time_axis,
)
from sim.results.run_folder import Run, RunError

SESSIONS = 6  # a room's picture has a column a session; more would be too narrow


@styled
def room_curve(run: Run, room: int) -> Figure:
    """One room, a column a session: people inside over its level, exposures, entries by source, sales, and GPM."""
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
    figure = Figure(figsize=(9.5, 10), layout=Settled())
    spans = [part["at_s"].max() - part["at_s"].min() + wave_s for part in parts]
    least = max(spans) * max(len(parts), 3) / 9  # wide enough for what stands above it
    widths = [max(span, least) for span in spans]
    grid = figure.subplots(len(ROOM_PANELS), len(parts), sharex="col", sharey="row", width_ratios=widths, squeeze=False)
    for column, part, width in zip(grid.T, parts, widths, strict=True):
        _session(
            column,
            part,
            wave_s,
            top,
            most=max(2, int(10 * width / sum(widths))),
            last=part is parts[-1],
            calendar=run.calendar,
        )
        show_changes(column, [run])
    for ax, name in zip(grid[:, 0], ROOM_PANELS, strict=True):
        number_axis(ax, name.format(wave_s / 60))
    for ax in grid[:-1].flat:
        ax.tick_params(labelbottom=False)
    named = [pair for ax in grid[:4, 0] for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    figure.legend(*zip(*named, strict=True), loc="outside lower center", ncols=4)
    figure.align_ylabels(list(grid[:, 0]))
    which = f"{len(every)} session{'s' * (len(every) > 1)}"
    which += f" (the last {SESSIONS} are shown)" if len(every) > SESSIONS else ""
    sold, stays, entries = (minutes[name].sum() for name in ("gmv_cents", "gsv_cents", "entered"))
    goods = f"goods for {sold / 100:,.0f} yuan ({stays / 100:,.0f} paid and kept)"
    title = f"Room {room} of {labels([run])[0]} sold {goods} to {entries:,} entries in {which}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    return figure


ROOM_PANELS = (
    "people inside\n(viewers)",
    "exposures\n(per {0:g} min)",
    "entries\n(per {0:g} min)",
    "sales\n(yuan per {0:g} min)",
    "GPM so far\n(yuan per 1,000 entries)",
)


def _session(
    column: Iterable[Axes], part: pd.DataFrame, wave_s: int, top: int, *, most: int, last: bool, calendar: Calendar
) -> None:
    people, exposures, entries, sales, gpm = column
    edges, middle = [part["at_s"].iloc[0] - wave_s, *part["at_s"]], part["at_s"] - wave_s / 2
    opened, closed = (calendar.short(int(edge) * SECOND).split()[-1] for edge in (edges[0], edges[-1]))
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
    if part["boosted"].any():
        exposures.stairs(part["boosted"], edges, fill=True, color=RED, label="of them boosted")
    exposures.stairs(part["budget"], edges, color=BLACK, label="budget of the wave")
    _entries_by_source(entries, part, edges)
    sales.bar(middle, part["gmv_cents"] / 100, wave_s, color=GREEN, alpha=0.4, label="GMV")
    sales.bar(middle, part["gsv_cents"] / 100, wave_s, color=GREEN, label="of it paid and kept (GSV)")
    gpm.plot(part["at_s"], 10 * part["gmv_cents"].cumsum() / part["entered"].cumsum().clip(lower=1), color=PURPLE)
    gpm.set_xlim(edges[0], edges[-1])
    time_axis(gpm, calendar, most=most, stacked=True)


def _entries_by_source(entries: Axes, part: pd.DataFrame, edges: list[float]) -> None:
    """Entries, one source on top of another."""
    below = np.zeros(len(part))
    for source, ink in SOURCE_INKS.items():
        above = below + part[f"entered_{source}"].to_numpy()
        entries.stairs(above, edges, baseline=below, fill=True, color=ink, label=f"entries: {source}")
        below = above


SOURCE_INKS = dict(zip(ROOM_SOURCES, (BLUE, GREEN, YELLOW, PURPLE, RED), strict=True))


def best_room(run: Run) -> int | None:
    """The room that sold most; where nothing was sold, the busiest; None where none was open."""
    sums = run.table("rooms", ["room", "gmv_cents", "stay_ms"]).groupby("room", as_index=False).sum()
    ordered = sums.sort_values(["gmv_cents", "stay_ms", "room"], ascending=[False, False, True])
    return next((int(room) for room in ordered["room"]), None)
