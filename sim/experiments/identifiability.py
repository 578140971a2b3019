"""How far facts pin parameters down, from how the figures move when one parameter is moved a little.

With every figure known to about half the width of its band, and every parameter believed beforehand to lie anywhere in
its range, the figures' slopes say how much narrower each parameter may be believed to lie afterwards (a linear Bayes
estimate, as in local identifiability analysis).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.results.stylised_facts import Finding
from sim.scenario.ranges import Range, Values

STEP = 0.05  # of the range
PINNED, LOOSE = 0.5, 0.9  # of the spread beforehand
FLAT = 1.0 / 12.0  # variance of what may lie anywhere between 0 and 1


class Move(NamedTuple):
    """One parameter moved down and up; `width` in ranges."""

    name: str
    down: Values
    up: Values
    width: float


class Identifiability(NamedTuple):
    """How well the facts identify one parameter.

    Attributes
    ----------
    before, value
        As the scenario had it, and the best one.
    low, high
        One standard deviation on either side of the best, within the range.
    left
        Standard deviation that the facts leave, over that of the whole range: near 0 pinned down, near 1 loose.
    fact
        The fact that says most of it.
    """

    name: str
    before: float
    value: float
    low: float
    high: float
    left: float
    fact: str

    @property
    def verdict(self) -> str:
        """`pinned`, `loose` or between."""
        return "pinned down" if self.left < PINNED else "loose" if self.left > LOOSE else "held loosely"

    def __str__(self) -> str:
        held = "" if self.left > LOOSE else f" by {self.fact}"
        return f"{self.name}: {self.before:.4g} before, now {self.value:.4g}; {self.verdict}{held}"

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return self._asdict() | {"verdict": self.verdict}


def steps(best: Values, ranges: Mapping[str, Range]) -> list[Move]:
    """Every parameter moved a twentieth of its range down and up, as far as the range goes; whole numbers by one."""
    moves = []
    for name, one in ranges.items():
        here, whole = one.share(best[name]), isinstance(best[name], int)
        ends = [min(max(here + step, 0.0), 1.0) for step in (-STEP, STEP)]
        low, high = (one.at(end) for end in ends)
        if whole:
            low, high = (min(max(best[name] + step, one.low), one.high) for step in (-1, 1))
        moves.append(Move(name, best | {name: low}, best | {name: high}, one.share(high) - one.share(low)))
    return moves


def signed(found: Finding) -> float:
    """Distance from the published figure in bands, below it negative; 0 where nothing was measured."""
    if not math.isfinite(found.off):
        return 0.0
    return found.off if found.simulated > found.fact.value else -found.off


def identifiability(
    ranges: Mapping[str, Range], own: Values, best: Values, moves: Sequence[Move], moved: Sequence[Sequence[Finding]]
) -> list[Identifiability]:
    """How well the facts identify every parameter; `moved` has the findings of both ends of each move, in turn."""
    slopes = np.array(
        [
            [(signed(above) - signed(below)) / move.width for below, above in zip(down, up, strict=True)]
            for move, down, up in zip(moves, moved[::2], moved[1::2], strict=True)
        ]
    )
    spread = np.sqrt(np.diag(np.linalg.inv(slopes @ slopes.T + np.eye(len(moves)) / FLAT)))
    out = []
    for nth, (name, one) in enumerate(ranges.items()):
        here, sd = one.share(best[name]), float(spread[nth])
        most = moved[0][int(np.argmax(np.abs(slopes[nth])))].fact.label
        low, high = (one.at(min(max(here + way * sd, 0.0), 1.0)) for way in (-1, 1))
        out.append(Identifiability(name, own[name], best[name], low, high, sd / FLAT**0.5, most))
    return out
