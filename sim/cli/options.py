"""Options that commands share, and what their texts mean."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

OUT = Path("outputs")
CORES = os.cpu_count() or 1
UNITS_MS = {"s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}

File = Annotated[Path, typer.Argument(help="scenario file (YAML)", show_default=False)]
Folders = Annotated[list[Path], typer.Argument(help="folders of runs", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="folder that gets <scenario>/<id>/")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="K=V", help="override a field, e.g. platform.feed.live_share=0.2"),
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="seed of the population and of all random draws")]
Days = Annotated[float | None, typer.Option("--days", help="simulated days to record")]
Threads = Annotated[int, typer.Option("--threads", min=1, max=256, help="threads; results do not depend on it")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, max=4096, help="runs at a time; if not given one a core, here or in the cluster"),
]
On = Annotated[str, typer.Option("--on", help="where runs go: local, ray or ray:ADDRESS")]
SaveEvery = Annotated[str, typer.Option("--save-every", metavar="6h", help="save the world so often, to resume")]


def overrides(sets: list[str] | None, seed: int | None = None, days: float | None = None) -> list[str]:
    """All that the command line says about the scenario, as `path=value`."""
    own = [f"seed={seed}"] if seed is not None else []
    return [*(sets or []), *own, *([f"days={days}"] if days is not None else [])]


def length_ms(text: str) -> int:
    """`6h`, `30min`, `2d` in milliseconds; 0 for nothing."""
    from sim.results.run_folder import RunError

    if not text:
        return 0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", text.strip())
    if not found or float(found[1]) <= 0:
        raise RunError(f"--save-every: must be a time such as 6h, 30min or 1d, found {text!r}")
    return int(float(found[1]) * UNITS_MS[found[2]])


def whole_refreshes(time_ms: int, refresh_ms: int) -> int:
    """A time as a whole number of refreshes, at least one; 0 for none."""
    return max(1, round(time_ms / refresh_ms)) * refresh_ms if time_ms else 0
