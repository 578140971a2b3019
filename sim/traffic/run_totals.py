"""Totals of a whole run."""

from dataclasses import dataclass

from sim.core.arrays import Array
from sim.core.state import StatePiece


@dataclass
class RunTotals(StatePiece):
    """What has happened so far."""

    product_counts: Array  # (products, len(PRODUCT_COUNTS)) in the recorded time
    exposures: int  # of videos and rooms, the warm-up included
    entries: int  # into rooms, where the books are audited
    leavings: int
