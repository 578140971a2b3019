"""TODO sim/experiments."""
