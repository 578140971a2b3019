"""What all figures share: palette, style, formats without dates, and axes of time and of numbers.

Figures are built without pyplot, in a style and font of their own, so that the same run gives the same file anywhere.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullLocator
from matplotlib.transforms import Bbox

from sim.core.clock import SECOND
from sim.core.disk import put
from sim.core.run_calendar import Calendar
from sim.results.run_folder import Run

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""Okabe and Ito's palette, which the colour-blind can tell apart; for runs, videos and tiers. Verdicts are grey."""
LINES = (BLUE, RED, GREEN, PURPLE, ORANGE, BLACK, SKY)
DASHES = ("-", "--", "-.", ":")
TIERS = (SKY, ORANGE, GREEN, PURPLE, BLUE, YELLOW, RED, BLACK)
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

styled = style.context(["default", STYLE])


class Settled(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout, rounded: its solver's last digit differs from run to run, and pixels with it."""

    def execute(self, fig: Figure) -> Any:
        solved = super().execute(fig)
        for ax in fig.axes:
            ax.set_position(Bbox(np.round(ax.get_position(original=True).get_points(), 9)))
            ax.set_in_layout(True)  # which setting a position ends
        return solved


def save(figure: Figure, folder: Path, name: str, formats: Iterable[str] = ("png", "svg")) -> list[Path]:
    """Save a figure under a name in each format, the same bytes every time; returns the files."""
    return [
        put(folder / f"{name}.{form}", partial(figure.savefig, format=form, metadata=FORMATS[form])) for form in formats
    ]


def time_axis(
    ax: Axes, calendar: Calendar, what: str = "simulated time", *, most: int = 8, stacked: bool = False
) -> None:
    """Simulated time along x, as `day 0 06:00`; a date stands above its time."""
    low, high = ax.get_xlim()
    step = next((step for step in TICKS_S if (high - low) / step <= most), TICKS_S[-1])
    mark = "\n" if stacked or calendar.start else " "
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda s, _: mark.join(calendar.short(round(s) * SECOND).rsplit(" ", 1)))
    )
    ax.set_xlabel(calendar.titled(what))


def shared(runs: Sequence[Run]) -> Calendar:
    """The calendar of all runs; days since day 0 if they have not the same."""
    first, *others = dict.fromkeys(run.calendar for run in runs)
    return Calendar() if others else first


def number_axis(ax: Axes, label: str, *, log: tuple[float, float] | None = None) -> None:
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


def show_changes(axes: Sequence[Axes], runs: Iterable[Run]) -> None:
    """A line down all axes where the platform's rules changed, and above the first of them what changed."""
    _mark(axes, {one for run in runs for one in _told(run.scenario.get("changes", ()), run.calendar)})


def mark_changes(axes: Sequence[Axes], switches: Iterable[Mapping[str, Any]], calendar: Calendar) -> None:
    """The same for switches as a scenario has them: when, and what they set."""
    _mark(axes, set(_told(switches, calendar)))


def _told(switches: Iterable[Mapping[str, Any]], calendar: Calendar) -> Iterator[tuple[int, str]]:
    return ((calendar.moment(one["at"]) // SECOND, _set(one)) for one in switches)


def _mark(axes: Sequence[Axes], switches: Collection[tuple[int, str]]) -> None:
    for at_s, sets in sorted(switches):
        for ax in axes:
            if ax.get_xlim()[0] <= at_s <= ax.get_xlim()[1]:
                ax.axvline(at_s, color=BLACK, ls=(0, (1, 2)), lw=1.2)
                if ax is axes[0]:
                    where = ax.get_xaxis_transform()
                    ax.annotate(sets, (at_s, 1), (3, -2), where, "offset points", va="top", fontsize=7)


def _set(switch: Mapping[str, Any]) -> str:
    """New rules in a few words, one a line."""
    return "\n".join(f"{path.removeprefix('platform.')}: {value}" for path, value in switch["set"].items())
