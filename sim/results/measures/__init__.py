"""Measures: one number out of a run's records, by name.

`evidence` reads a run's tables once; `inequality` and `elasticity` hold the statistics that several measures share.
Each of `feed`, `people`, `catalogue`, `live`, `top_rooms`, `products`, `shows`, `worlds`, `waves`, `traffic`, `paid`
and `tags` defines the measures of its subject in the list that `register` keeps, and `named` finds a measure by the
name that a facts file or a claim gives it. `summary` is the few numbers that a run is told by.
"""

from sim.results.measures.summary import summarise

__all__ = ["summarise"]
