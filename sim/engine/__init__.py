"""One refresh of the world: its viewers act, its waves and rooms are reviewed, and records and saves are made.

The only package that knows both what is true (`agents`) and what the platform sees.
"""
