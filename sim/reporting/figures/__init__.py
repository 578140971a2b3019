"""Figures of finished runs.

`look` is what all figures share. `over_time` draws the traffic of runs, `videos` the waves of one and of the best,
`rooms` a live room by its sessions, `tiers` all waves of a run, `boosts` what was paid for; `pictures` are the files.
"""

from sim.reporting.figures.run_figures import draw

__all__ = ["draw"]
