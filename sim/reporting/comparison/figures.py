"""The pictures of a comparison by their names, and as files."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from sim.reporting.comparison.curves import curves, main
from sim.reporting.comparison.effect_figures import effects, possible, trade_offs
from sim.reporting.comparison.findings import Findings
from sim.reporting.comparison.groups import groups
from sim.reporting.comparison.lorenz import lorenz_curves
from sim.reporting.figures.style import save, styled
from sim.reporting.number_format import listed

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
    names = [name for name in PICTURES if name != "trade_offs" or possible(findings)]
    return [file for name in names for file in save(draw_one(findings, name), folder, name)]
