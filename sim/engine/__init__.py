"""TODO sim/engine."""
