"""Running scenarios: one run, many runs side by side, and workers on this machine or in a Ray cluster."""
