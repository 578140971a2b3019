"""Rings: things in the order of fixed random places on a circle, with marks by which a walk finds where it starts."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Array, Column, blank
from sim.core.compiler import loop, rule, unsigned

RING_COLUMNS = {"first": Column(np.int32), "shift": Column(np.int32)}
"""One row a ring: where the marks on it begin, and how many bits of a key are below a mark."""


def key_of(number: Array) -> Array:
    """The places on a circle of numbered things: a multiplicative hash (Knuth)."""
    return (number.astype(np.uint64) * np.uint64(2_654_435_761) % np.uint64(2**32)).astype(np.uint32)


class Marks(NamedTuple):
    """Marks on rings, so that nobody searches: about as many as a ring has entries, at equal distances."""

    rings: Array
    places: Array  # the first entry at or after each mark


def marks(rings: int, entries: int) -> Marks:
    """Capacity for the marks of so many rings with so many entries in all."""
    return Marks(blank(RING_COLUMNS, rings), np.zeros(rings + 2 * entries, np.int32))


@rule
def ring_place(marks: Marks, ring: int, keys: Array, low: int, high: int, at: int) -> int:
    """The first of a ring's entries, `low` to `high`, at or after place `at`; past the last comes the first."""
    row = marks.rings[unsigned(ring)]
    place = int(marks.places[unsigned(row.first + (at >> row.shift))])
    for _ in range(2):  # seldom more than two; without a branch, which a processor would guess wrong
        place += int((place < high) & (keys[unsigned(place)] < at))
    while place < high and keys[unsigned(place)] < at:
        place += 1
    return place if place < high else low


@loop
def mark_ring(marks: Marks, ring: int, used: int, keys: Array, low: int, high: int) -> int:
    """Set the marks of a ring whose entries lie in the order of their keys; returns how many marks are used in all."""
    bits = 0
    while (1 << bits) < high - low:
        bits += 1
    row = marks.rings[ring]
    row.first, row.shift = used, 32 - bits
    place = low
    for mark in range(1 << bits):
        while place < high and int(keys[place]) < mark << (32 - bits):
            place += 1
        marks.places[used + mark] = place
    return used + (1 << bits)
