"""The resolved world before it runs, in words and numbers: who lives in it, what they should do, what rules them."""

from sim.reporting.explain.page import explain

__all__ = ["explain"]
