"""The books of rooms: what each session has brought, and what scripts have earned."""

from dataclasses import dataclass

from sim.core.arrays import Array
from sim.core.state import StatePiece


@dataclass
class RoomBooks(StatePiece):
    """One place a room."""

    session_counts: Array  # (rooms, len(ROOM_COUNTS)) of this session, up to the last review
    session_peak: Array  # most people inside in this session
    peak: Array  # most people inside since the last review
    closed_ms: Array  # when the session closes
    profit_cents: Array
    bait_loss_cents: Array
    script_profit: Array  # (rooms, scripts) cents that each script has earned, decayed; NaN for none
    sales_rank: Array  # cents that the last session sold, for all to see; -1 for none
