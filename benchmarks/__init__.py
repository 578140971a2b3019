"""How fast wavepool is, against what, and where its time goes; `uv run python -m benchmarks` writes the tables."""
