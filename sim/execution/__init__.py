"""TODO sim/execution."""
