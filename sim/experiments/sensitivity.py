"""What a sweep's table says: means by value with intervals, effects from end to end, and Sobol indices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from SALib.analyze import sobol

from sim.experiments.designs import SEED, Factor, problem
from sim.results.paired_statistics import CONFIDENCE, interval

MOST_VALUES = 12  # more different numbers than that are put into bins
BINS = 8
RESAMPLES = 1000


def by_value(table: pd.DataFrame, factor: str, measure: str, paired: bool) -> pd.DataFrame:
    """A measure's mean at each value of a factor, over all other factors and seeds, with an interval.

    Of a grid (`paired`) every value meets the same others and the same seeds: the interval is Student's t over seeds
    of the difference from the seed's own mean. Of other designs it is Student's t over the points that fell there.
    """
    found = means(table, [binned(table[factor])], measure, paired).reset_index(names="value")
    return found.sort_values("value", ignore_index=True) if is_number(found["value"]) else found


def means(table: pd.DataFrame, by: Sequence["pd.Series[Any]"], measure: str, paired: bool) -> pd.DataFrame:
    """The same for each combination of some columns' values: mean, low and high."""
    each = over(table, by, measure, "seed" if paired else "point")
    centre = each.mean().to_numpy() if paired else np.zeros(each.shape[1])
    found = interval((each - centre).to_numpy().T)
    overall = float(np.nanmean(centre)) if paired and np.isfinite(centre).any() else 0.0
    bounds = {name: getattr(found, name) + overall for name in ("mean", "low", "high")}
    return pd.DataFrame(bounds, index=each.index)


def over(table: pd.DataFrame, by: Sequence["pd.Series[Any]"], measure: str, unit: str) -> pd.DataFrame:
    """A measure's means: a row for each combination of values, in the order in which they come, a column a unit."""
    found: pd.DataFrame = table.groupby([*by, unit], sort=False)[measure].mean().unstack(unit)
    return found


def is_number(column: "pd.Series[Any]") -> bool:
    """Whether a factor's values have places on an axis."""
    return pd.api.types.is_numeric_dtype(column) and column.dtype != bool


def binned(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values of a factor; of many different numbers the mean of the eighth of all in which each lies."""
    if not is_number(column) or column.nunique() <= MOST_VALUES:
        return column
    return column.groupby(pd.qcut(column, BINS, duplicates="drop"), observed=True).transform("mean")


def end_to_end(table: pd.DataFrame, factor: str, measure: str) -> dict[str, Any]:
    """The effect of going from a grid's first value of a factor to its last, paired by seed, with its interval.

    Seeds in which the measure is not known at either end are left out; `seeds` is how many are left.
    """
    each = over(table, [table[factor]], measure, "seed")
    found = interval((each.iloc[-1] - each.iloc[0]).to_numpy())
    return {
        "factor": factor,
        "measure": measure,
        "from": str(each.index[0]),
        "to": str(each.index[-1]),
        "before": float(each.iloc[0].mean()),
        "effect": float(found.mean),
        "low": float(found.low),
        "high": float(found.high),
        "seeds": int(found.n),
    }


def sobol_indices(table: pd.DataFrame, factors: Sequence[Factor], measures: Sequence[str]) -> pd.DataFrame:
    """First-order and total indices of each factor: the share of a measure's variance over the design that goes away
    if the factor were fixed (first), and that stays if all others were (total); means over seeds are taken first.

    Intervals are bootstrapped over the points (SALib, 1,000 resamples). A measure that never varies has
    none, nor one that is not known at some point.
    """
    rows = []
    for measure in measures:
        over_seeds = table.groupby("point")[measure].mean().sort_index().to_numpy()
        if not np.ptp(over_seeds) > 0:  # nor if one of them is NaN
            continue
        scaled = (over_seeds - over_seeds.mean()) / over_seeds.std()
        found = sobol.analyze(
            problem(factors), scaled, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=SEED
        )
        for k, one in enumerate(factors):
            for order, name in (("first", "S1"), ("total", "ST")):
                value, half = float(found[name][k]), float(found[f"{name}_conf"][k])
                rows.append(
                    {"measure": measure, "factor": one.path, "order": order, "index": value}
                    | {"low": value - half, "high": value + half, "points": len(over_seeds)}
                )
    return pd.DataFrame(rows, columns=["measure", "factor", "order", "index", "low", "high", "points"])
