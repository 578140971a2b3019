"""What the pictures of a comparison share: colours of arms, and axes."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from sim.core.clock import SECOND
from sim.core.run_calendar import Calendar
from sim.reporting.comparison.findings import Findings
from sim.reporting.figures.style import BLACK, LINES, TICKS_S

Size = tuple[float, float]
USUAL = (0.001, 0.03)
"""Effects of one ranking change on a real platform, as shares: 0.1 to 3 %."""
GREY = "#b0b0b0"


def colour(findings: Findings, arm: str) -> str:
    """An arm's colour; the first is black."""
    return BLACK if arm == findings.first else LINES[findings.others.index(arm) % 5]


def wrapped(text: str, width: int = 50) -> str:
    """A title or a label in lines that fit above half a page, or above a third with a `width` of 30."""
    return textwrap.fill(text, width)


def time_axis(ax: Axes, most: int, calendar: Calendar) -> None:
    """Simulated time along x, with at most so many marks."""
    low, high = ax.get_xlim()
    step = next((step for step in TICKS_S if (high - low) / step <= most), TICKS_S[-1])
    days = high - low > 1.5 * 86_400
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda s, _: _at(s, days, calendar)))
    ax.set_xlabel(calendar.titled("simulated time") if days else _time_of_day(calendar))


def _time_of_day(calendar: Calendar) -> str:
    """The name of an axis of the hours of day 0, with its date if that is known."""
    return f"time of day, {calendar.full(0).rsplit(' ', 1)[0]}" if calendar.start else "time of day"


def _at(seconds: float, days: bool, calendar: Calendar) -> str:
    words = calendar.short(round(seconds) * SECOND)
    if days:
        return "\n".join(words.rsplit(" ", 1)) if calendar.start else words
    return "24:00" if round(seconds) == 86_400 else words.rsplit(" ", 1)[-1]


def share_axis(axis: str, ax: Axes) -> None:
    """An axis of relative effects."""
    both = ax.xaxis if axis == "x" else ax.yaxis
    both.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    both.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:+,.10g} %" if share else "0"))


def usual_band(ax: Axes, axis: str, label: str = "") -> None:
    """The range of effects that real platforms report, on both sides of none."""
    span = ax.axvspan if axis == "x" else ax.axhspan
    span(*USUAL, color=GREY, alpha=0.35, lw=0, label=label)
    span(-USUAL[1], -USUAL[0], color=GREY, alpha=0.35, lw=0)
