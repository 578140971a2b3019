"""The pictures of runs as files."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sim.reporting.figures.boosted_waves import boosted
from sim.reporting.figures.rooms import best_room, room_curve
from sim.reporting.figures.style import FORMATS, save, styled
from sim.reporting.figures.traffic_curves import traffic
from sim.reporting.figures.videos import best_items, item_curve, top_items
from sim.reporting.figures.wave_tiers import waves
from sim.results.run_folder import Run, RunError, writable


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
    if any((run.table("campaigns", ["state"])["state"] != "waiting").any() for run in runs):
        figures["boosted"] = boosted(runs)
    for run in runs:
        mark = "" if len(runs) == 1 else f".{run.folder.parent.name}-{run.folder.name}"
        figures |= {name + mark: figure for name, figure in _of_one(run, len(runs) == 1, item, room, top).items()}
    folder = writable(out)
    return [file for name, figure in figures.items() for file in save(figure, folder, name, formats)]


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
