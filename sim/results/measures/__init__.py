"""Measures: one number out of a run's records, by name.

`run_data` reads a run's tables once; `inequality` and `elasticity` hold the statistics that several measures share.
Each of `creators`, `feed`, `feed_overlap`, `paid`, `products`, `room_reviews`, `room_shows`, `rooms`, `tags`,
`top_rooms`, `traffic_and_sales`, `viewers` and `waves` defines the measures of its subject in the list that `registry`
keeps, and `lookup` finds a measure by the name that a facts file or a claim gives it. `summary` is the few numbers of
every run.
"""

from sim.results.measures.summary import summarise

__all__ = ["summarise"]
