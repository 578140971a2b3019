"""What a run leaves: its folder, its tables, the measures read from them, and how sure a difference is."""

from sim.results.run_folder import Run, RunError, open_run, read_run

__all__ = ["Run", "RunError", "open_run", "read_run"]
