"""TODO sim/traffic."""
