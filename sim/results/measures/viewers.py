"""Measures of viewers: how unequal they are, and whether they come back to buy."""

import numpy as np

from sim.core.arrays import Array
from sim.results.measures.inequality import ratio, top_count, top_share
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError

GOLDEN = (5**0.5 - 1) / 2
TIMES = 8  # thinnings that are averaged


def thinning(exposures: Array, mean_exposures: float) -> float:
    """The share of exposures that is kept, at random, so that viewers have this many on average; 1 if they have
    fewer.
    """
    return min(1.0, mean_exposures / float(exposures.mean()))


def still_there(exposures: Array, kept: float) -> Array:
    """The probability that a viewer keeps at least one exposure."""
    return np.asarray(1.0 - (1.0 - kept) ** exposures)


@number("viewers.never_like_share")
def never_like_share(run: Evidence, mean_exposures: float) -> float:
    """Share of viewers with no like, after thinning exposures at random to that mean per viewer.

    Published samples hold a few exposures of a viewer only, and viewers with none are not in them; so the share is of
    those who keep one, as expected over all thinnings.
    """
    n, likes = run.by_viewer["exposures"].to_numpy(), run.by_viewer["likes"].to_numpy()
    kept = thinning(n, mean_exposures)
    seen = still_there(n, kept)
    return ratio((still_there(n, kept) - still_there(likes, kept)).sum(), seen.sum())


@number("viewers.like_top_share")
def like_top_share(run: Evidence, q: float, mean_exposures: float) -> float:
    """Share of likes by the top `q` of viewers, after the same thinning; averaged over evenly spread thinnings."""
    from scipy import stats

    n, likes = run.by_viewer["exposures"].to_numpy(), run.by_viewer["likes"].to_numpy()
    if not likes.any():
        raise NothingToMeasureError("no like among the sampled viewers")
    kept = thinning(n, mean_exposures)
    top = top_count(still_there(n, kept).sum(), q)
    turns = (np.arange(TIMES)[:, None] / TIMES + np.arange(len(n)) * GOLDEN) % 1.0
    left = stats.binom.ppf((turns + 0.5 / TIMES) % 1.0, likes, kept)
    ordered = np.sort(left, axis=1)[:, ::-1]
    return ratio(ordered[:, :top].sum(), ordered.sum())


@number("viewers.exposure_top_share")
def exposure_top_share(run: Evidence, q: float) -> float:
    """Share of exposures taken by the top `q` of viewers with any."""
    return top_share(run.by_viewer["exposures"], q)


@number("viewers.repeat_purchase_ratio")
def repeat_purchase_ratio(run: Evidence) -> float:
    """Stays with an order per entry, of viewers who had ordered from the room's host before they came / of all others.

    All viewers; a viewer remembers the host from whom he ordered last.
    """
    entries, again = run.totals["entries"], run.totals["entries_again"]
    stays, stays_again = run.totals["buying_stays"], run.totals["buying_stays_again"]
    if not again or stays == stays_again:
        raise NothingToMeasureError("no entry by a viewer who had ordered from the host before, or no other order")
    return ratio(stays_again, again) / ratio(stays - stays_again, entries - again)
