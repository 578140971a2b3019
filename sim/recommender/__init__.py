"""TODO sim/recommender."""
