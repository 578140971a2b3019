"""TODO sim/reporting."""
