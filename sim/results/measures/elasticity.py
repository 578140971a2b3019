"""Elasticities: by how many per cent something grows when something else grows by one."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.results.measures.run_data import NothingToMeasureError


def elasticities(
    outcome: "pd.Series[float]", drivers: Mapping[str, "pd.Series[float]"], group: "pd.Series[int]"
) -> dict[str, float]:
    """Coefficients of a least-squares regression of log outcome on the logs of all drivers, with an effect for each
    group.

    Rows in which anything is not above 0 have no logarithm and are left out. Group effects are taken out by
    subtracting group means, so a group of one row says nothing.

    Raises
    ------
    NothingToMeasureError
        If the rows do not determine the coefficients.
    """
    table = pd.DataFrame({"outcome": outcome, **drivers}).astype(float)
    table, group = table[(table > 0).all(axis=1)], group[(table > 0).all(axis=1)]
    logs = table.apply(np.log)
    within = logs - logs.groupby(group).transform("mean")
    x, names = within.drop(columns="outcome").to_numpy(), list(drivers)
    if len(table) - group.nunique() <= len(names) or np.linalg.matrix_rank(x, tol=1e-9) < len(names):
        raise NothingToMeasureError("too few comparable rows: it takes groups of several rows that differ")
    found = np.linalg.lstsq(x, within["outcome"].to_numpy(), rcond=None)[0]
    return dict(zip(names, found.tolist(), strict=True))
