"""Scenarios: every parameter with its unit and source, read from YAML and checked before anything runs."""

from sim.scenario.scenario import Platform, Scenario, load, with_fields

__all__ = ["Platform", "Scenario", "load", "with_fields"]
