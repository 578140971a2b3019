"""TODO sim/core."""
