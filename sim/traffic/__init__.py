"""How exposures are handed out: waves of videos, levels of rooms, boosted waves, counters and orders."""
