"""How the sections are set: paragraphs, tables and bars."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

BARS = " ▁▂▃▄▅▆▇█"


def histogram(weights: Iterable[float]) -> str:
    """One bar a weight."""
    values = list(weights)
    return "".join(BARS[max(1, round(value / max(values) * 8)) if value > 0 else 0] for value in values)


def words(*paragraphs: str) -> RenderableType:
    """Text, set in by two."""
    return Padding(Text("\n".join(paragraphs)), (0, 0, 0, 2), expand=False)


def table(names: Sequence[str], rows: Iterable[Sequence[str]], right: int = 0) -> RenderableType:
    """A table whose last `right` columns are numbers."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for n, name in enumerate(names):
        justify: JustifyMethod = "right" if n >= len(names) - right else "left"
        made.add_column(Text(name), justify=justify, overflow="fold", no_wrap=n == 0, max_width=None if n == 0 else 36)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return Padding(made, (0, 0, 0, 2), expand=False)
