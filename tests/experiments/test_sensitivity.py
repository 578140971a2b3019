"""What a table of runs says, against numbers worked by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest

from sim.experiments.designs import Factor, points
from sim.experiments.sensitivity import binned, by_value, end_to_end, means, sobol_indices


def grid(value: "dict[tuple[int, int, int], float]") -> pd.DataFrame:
    """Two factors of two values, three seeds."""
    rows = [
        {"point": 2 * a + b, "a": a, "b": "xy"[b], "seed": seed, "y": value[a, b, seed]}
        for a, b, seed in itertools.product((0, 1), (0, 1), (1, 2, 3))
    ]
    return pd.DataFrame(rows)


def everything() -> pd.DataFrame:
    """A seed's level, an effect of a that is 2, 3 and 4 by seed, and an effect of b that is always 10."""
    return grid(
        {(a, b, s): 100.0 * s + (1 + s) * a + 10 * b for a, b, s in itertools.product((0, 1), (0, 1), (1, 2, 3))}
    )


def test_levels_of_seeds_do_not_blur_the_effects() -> None:
    found = by_value(everything(), "a", "y", paired=True)
    assert found["value"].tolist() == [0, 1]
    # seeds' means are 106, 206.5 and 307; half of the effect lies on each side of them
    assert found["mean"].tolist() == pytest.approx([206.5 - 1.5, 206.5 + 1.5])
    # half the effect is 1, 1.5, 2: standard deviation 0.5, t(0.975, 2) = 4.302653
    half = 4.302653 * 0.5 / 3**0.5
    assert (found["high"] - found["mean"]).tolist() == pytest.approx([half, half])
    exact = by_value(everything(), "b", "y", paired=True)
    assert exact["low"].tolist() == pytest.approx(exact["high"].tolist())


def test_names_keep_the_order_in_which_they_were_given() -> None:
    table = everything()
    table["b"] = table["b"].replace({"x": "plain", "y": "hold"})
    assert by_value(table, "b", "y", paired=True)["value"].tolist() == ["plain", "hold"]


def test_from_end_to_end() -> None:
    found = end_to_end(everything(), "a", "y")
    assert found["effect"] == pytest.approx(3.0)
    assert found["high"] - found["effect"] == pytest.approx(4.302653 * 1.0 / 3**0.5)
    assert (found["from"], found["to"], found["before"]) == ("0", "1", pytest.approx(205.0))
    assert np.isnan(end_to_end(everything().query("seed == 1"), "a", "y")["low"])


def test_pairs_of_values() -> None:
    table = everything()
    found = means(table, [table["a"], table["b"]], "y", paired=True)
    assert found["mean"].to_dict() == pytest.approx({(0, "x"): 200, (0, "y"): 210, (1, "x"): 203, (1, "y"): 213})


def test_of_other_designs_the_interval_is_over_points() -> None:
    table = pd.DataFrame(
        {"point": [0, 0, 1, 1, 2, 2], "a": [0, 0, 0, 0, 1, 1], "seed": [1, 2] * 3, "y": [1, 3, 5, 7, 9, 9]}
    )
    found = by_value(table, "a", "y", paired=False)
    # points' means are 2 and 6 where a is 0: standard deviation 2 sqrt(2), t(0.975, 1) = 12.7062
    assert found["mean"].tolist() == [4, 9]
    assert found["high"][0] - 4 == pytest.approx(12.7062 * 8**0.5 / 2**0.5, rel=1e-5)
    assert np.isnan(found["low"][1])


def test_many_numbers_are_put_into_bins() -> None:
    assert binned(pd.Series(range(12))).tolist() == list(range(12))
    assert binned(pd.Series(range(16))).tolist() == [k // 2 * 2 + 0.5 for k in range(16)]
    names = pd.Series([f"n{k}" for k in range(16)])
    assert binned(names).equals(names)


def test_indices_of_a_sum_are_its_parts_of_the_variance() -> None:
    """y = 3 a + 4 b over a unit square: variances 9/12 and 16/12, and no interaction."""
    two = [Factor("a", (), 0.0, 1.0), Factor("b", (), 0.0, 1.0)]
    places = points("sobol", two, 512)
    rows = [
        {"point": n, "a": a, "b": b, "seed": seed, "y": 3 * a + 4 * b + 1000 * seed, "flat": 1.0}
        for n, (a, b) in enumerate(places)
        for seed in (1, 2)
    ]
    found = sobol_indices(pd.DataFrame(rows), two, ["y", "flat"])
    assert set(found["measure"]) == {"y"}
    by = found.set_index(["factor", "order"])
    for name, share in (("a", 9 / 25), ("b", 16 / 25)):
        for order in ("first", "total"):
            row = by.loc[(name, order)]
            assert row["index"] == pytest.approx(share, abs=0.02)
            assert row["low"] < row["index"] < row["high"]


def test_an_interaction_is_in_the_total_only() -> None:
    """y = (a - 1/2)(b - 1/2): nothing alone, everything together."""
    two = [Factor("a", (), 0.0, 1.0), Factor("b", (), 0.0, 1.0)]
    rows = [{"point": n, "seed": 1, "y": (a - 0.5) * (b - 0.5)} for n, (a, b) in enumerate(points("sobol", two, 512))]
    by = sobol_indices(pd.DataFrame(rows), two, ["y"]).set_index(["factor", "order"])["index"]
    assert by.loc[("a", "first")] == pytest.approx(0.0, abs=0.1)
    assert by.loc[("a", "total")] == pytest.approx(1.0, abs=0.1)
