"""Measures of viewers: how unequal they are, and whether they come back to buy."""

import numpy as np
from pydantic import TypeAdapter

from sim.core.arrays import Array
from sim.core.clock import MINUTE
from sim.results.measures.inequality import ratio, top_count, top_share
from sim.results.measures.registry import number
from sim.results.measures.run_data import Evidence, NothingToMeasureError, some
from sim.scenario.distributions import PerDay, middle

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


@number("viewers.sessions", unit="sessions", words="sessions")
def sessions(run: Evidence) -> float:
    """Sessions that all viewers began."""
    return float(run.totals["sessions"])


@number("viewers.minutes_per_day", unit="min", words="minutes per viewer and day")
def minutes_per_day(run: Evidence) -> float:
    """Minutes in the app of all viewers, those who never came included, over viewers and simulated days."""
    return ratio(run.totals["session_ms"] / MINUTE, run.scenario["viewers"]["count"] * run.days, "simulated time")


@number("viewers.next_day_return", unit="share", words="return on the next day, expected")
def next_day_return(run: Evidence) -> float:
    """Share of the recorded viewers that would be back within a day, from the mood in which the run left them.

    Sessions fall due at a viewer's rate and are let go with probability `bored_skip * (1 - mood)`, as in the model.
    """
    if not run.scenario["records"]["viewers"]:
        raise NothingToMeasureError("no record of viewers; run it with --set records.viewers=0.01 or more")
    viewers, about = some(run.viewers, "viewer in the sample"), run.scenario["viewers"]
    rate = middle(TypeAdapter(PerDay).validate_python(about["sessions_per_day"])) * viewers["activity"]
    taken = rate * (1.0 - about["bored_skip"] * (1.0 - viewers["satisfaction"]))
    return float((1.0 - np.exp(-taken)).mean())


@number("viewers.never_like_share", unit="share", words="viewers with no like")
def never_like_share(run: Evidence, mean_exposures: float) -> float:
    """Share of viewers with no like, after thinning exposures at random to that mean per viewer.

    Published samples hold a few exposures of a viewer only, and viewers with none are not in them; so the share is of
    those who keep one, as expected over all thinnings.
    """
    n, likes = run.by_viewer["exposures"].to_numpy(), run.by_viewer["likes"].to_numpy()
    kept = thinning(n, mean_exposures)
    seen = still_there(n, kept)
    return ratio(
        (still_there(n, kept) - still_there(likes, kept)).sum(), seen.sum(), "exposure of a viewer that is kept"
    )


@number("viewers.like_top_share", unit="share", words="likes of the top viewers")
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
    return ratio(ordered[:, :top].sum(), ordered.sum(), "like that is kept")


@number("viewers.exposure_top_share", unit="share", words="exposures of the top viewers")
def exposure_top_share(run: Evidence, q: float) -> float:
    """Share of exposures taken by the top `q` of viewers with any."""
    return top_share(run.by_viewer["exposures"], q, "exposure of a viewer")


@number("viewers.repeat_purchase_ratio", unit="times", words="buying stays of returning buyers over those of others")
def repeat_purchase_ratio(run: Evidence) -> float:
    """Stays with an order per entry, of viewers who had ordered from the room's host before they came / of all others.

    All viewers; a viewer remembers the host from whom they ordered last.
    """
    entries, again = run.totals["entries"], run.totals["entries_again"]
    stays, stays_again = run.totals["buying_stays"], run.totals["buying_stays_again"]
    if not again or stays == stays_again:
        raise NothingToMeasureError("no entry by a viewer who had ordered from the host before, or no other order")
    own = ratio(stays_again, again, "entry of a returning buyer")
    return own / ratio(stays - stays_again, entries - again, "entry of another viewer")
