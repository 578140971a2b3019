"""The books of rooms: what each session has brought, and what scripts have earned."""

from dataclasses import dataclass

import numpy as np

from sim.core.arrays import Array
from sim.core.state import StatePiece


@dataclass
class RoomBooks(StatePiece):
    """One place a room."""

    session_counts: Array  # (rooms, len(ROOM_COUNTS)) of this session, up to the last review
    session_peak: Array  # most people inside in this session
    peak: Array  # most people inside since the last review
    closed_ms: Array  # when the session closes
    margin_cents: Array  # what stayed of sales less the cost of goods, baits left out
    bait_loss_cents: Array  # cost of baits over what they brought
    boost_cents: Array  # spent on boosts of the room in this session
    earned: Array  # (rooms, shows) what each show has brought: cents, or entries, decayed; NaN for none
    sales_rank: Array  # cents that the last session sold, for all to see; -1 for none

    def profit_cents(self, rooms: Array) -> Array:
        """What a session has earned each of the rooms so far, in whole cents."""
        spent = np.floor(self.boost_cents[rooms] + 0.5).astype(np.int64)
        return np.asarray(self.margin_cents[rooms] - self.bait_loss_cents[rooms] - spent)
