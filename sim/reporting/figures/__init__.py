"""Figures of finished runs.

`style` is what all figures share, and how they are saved. `traffic_curves` draws the traffic of runs, `videos` the
waves of one video and of the best, `rooms` a live room by its sessions, `wave_tiers` all waves of a run,
`boosted_waves` what was paid for, `stylised_facts` simulated figures beside published ones. `run_figures` saves them.
"""

from sim.reporting.figures.run_figures import draw

__all__ = ["draw"]
