"""The floor: the least that any program with this memory and these draws must do.

For each exposure it reads one item's row, makes as many keyed draws as wavepool, one exponential and one logarithm, and
adds to counters; for each page it reads and writes every byte of one viewer's row. It decides nothing.
"""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from benchmarks.measured import Measured
from sim.core.arrays import Array, blank
from sim.core.catalogue import VIDEO_COLUMNS
from sim.core.compiler import loop
from sim.core.randomness import WATCH, draw
from sim.engine.memory_estimate import bytes_per_viewer
from sim.scenario.scenario import Scenario

STRIDE = 7  # every so many-th viewer has something to do; neighbours in memory are not neighbours in time


class Load(NamedTuple):
    """What an exposure of wavepool comes to, as counted in a run."""

    exposures_a_page: float
    draws: float  # keyed draws for each exposure, all purposes together


@loop
def spin(viewers: Array, videos: Array, counters: Array, first: int, pages: int, a_page: int, draws: float) -> float:
    """So many pages of `a_page` exposures for the viewers whose rows are given; returns what keeps it from being left
    out.
    """
    total, owed, who = 0.0, 0.0, first % len(viewers)
    for page in range(pages):
        for k in range(a_page):
            owed += draws
            u, v = 0.5, 0.5
            while owed >= 1.0:
                u, v, _, _ = draw(1, WATCH, who, page, k)
                owed -= 1.0
            video = videos[int(v * len(videos))]
            ms = video.duration_ms * math.exp(0.1 * u) * (-math.log(u))
            counters[0] += 1
            counters[1] += int(ms)
            counters[2] += 1 if ms > 10_000.0 else 0
            total += ms
        row = viewers[who]
        for word in range(len(row)):
            row[word] += 1
        who += STRIDE
        if who >= len(viewers):
            who -= len(viewers)
    return total


def run(scenario: Scenario, videos: int, load: Load, exposures: int, threads: int) -> Measured:
    """So many exposures on so many threads, each with its own part of the viewers, as wavepool's shards."""
    words = -(-bytes_per_viewer(scenario) // 8)
    viewers = np.zeros((scenario.viewers.count, words), np.int64)
    items = blank(VIDEO_COLUMNS, videos)
    items["duration_ms"] = 15_000
    a_page = max(1, round(load.exposures_a_page))
    pages = exposures // threads // a_page
    parts = np.array_split(viewers, threads)
    counters = np.zeros((threads, 64), np.int64)  # far enough apart for two cores

    def work(n: int, pages: int) -> float:
        return float(spin(parts[n], items, counters[n], 0, pages, a_page, load.draws))

    work(0, 10)
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(lambda n: work(n, pages), range(threads)))
        seconds = time.perf_counter() - began
    return Measured(threads * pages * a_page, seconds, threads * pages)
