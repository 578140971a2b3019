"""Designs of experiments: what ranges and lists mean, and where the points of a design lie."""

import numpy as np
import pytest

from sim.experiments.designs import Factor, factor, points
from sim.results.run_folder import RunError


def test_a_range_in_steps_ends_where_it_says() -> None:
    assert factor("a", "0:2:0.25", 1.0).values == (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2)
    assert factor("a", "0.1:0.4:0.1", 1.0).values == (0.1, 0.2, 0.3, 0.4)  # no 0.30000000000000004
    assert factor("a", "1:6:2", 1.0).values == (1, 3, 5)
    assert factor("a", " 1e2 : 3e2 : 1e2 ", 1).values == (100, 200, 300)


def test_lists_are_read_as_yaml() -> None:
    assert factor("a", "plain, hold_and_release", None).values == ("plain", "hold_and_release")
    assert factor("a", "true,false", True).values == (True, False)
    assert factor("a", "0,0.5,1", 1.0).values == (0, 0.5, 1)
    assert factor("a", [[1, 2], [3]], None).values == ([1, 2], [3])


def test_a_range_of_whole_numbers_has_each_alike() -> None:
    one = factor("a", "1:4", 2)
    assert one == Factor("a", (), 1.0, 4.0, True)
    assert [one.at(u) for u in (0, 0.249, 0.25, 0.5, 0.75, 0.999, 1)] == [1, 1, 2, 3, 4, 4, 4]
    assert one.ends == (1, 4)
    assert factor("a", "1:4", 2.0).at(0.5) == 2.5
    assert not factor("a", "0:1", True).whole


def test_listed_values_have_equal_parts() -> None:
    one = Factor("a", ("x", "y", "z"))
    assert [one.at(u) for u in (0, 0.33, 0.34, 0.67, 1)] == ["x", "x", "y", "z", "z"]


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ("2:0:0.5", "low must be below high"),
        ("0:2:0", "a step above 0"),
        ("0:2:3", "makes 1 values"),
        ("0:1:1e-9", "makes 1,000,000,001 values"),
        ("0:x", "must read low:high"),
        ("0:nan", "must read low:high"),
        ("0:1:2:3", "must read low:high"),
        ("0.5", "at least two values"),
        ("[0", "cannot read the values"),
        ([1], "at least two values"),
        ("", "at least two values"),
    ],
)
def test_what_cannot_be_varied_over(over: str, said: str) -> None:
    with pytest.raises(RunError, match=said):
        factor("platform.feed.depth", over, 4)


def test_a_grid_is_every_combination_in_order() -> None:
    assert points("grid", [Factor("a", (0, 1)), Factor("b", ("x", "y"))], 9) == [(0, "x"), (0, "y"), (1, "x"), (1, "y")]
    with pytest.raises(RunError, match="b: a grid needs steps"):
        points("grid", [Factor("a", (0, 1)), Factor("b", (), 0.0, 1.0)], 9)


def test_a_latin_hypercube_meets_every_slice_of_every_factor_once() -> None:
    two = [Factor("a", (), 0.0, 8.0), Factor("b", tuple("stuvwxyz"))]
    found = points("latin_hypercube", two, 8)
    assert sorted(int(a) for a, _ in found) == list(range(8))
    assert sorted(b for _, b in found) == list("stuvwxyz")
    assert found == points("latin_hypercube", two, 8)


def test_a_sobol_design_changes_one_factor_at_a_time() -> None:
    two = [Factor("a", (), 0.0, 1.0), Factor("b", (), 0.0, 1.0)]
    found = np.array(points("sobol", two, 8))
    assert found.shape == (8 * 4, 2)
    for first, with_a, with_b, second in found.reshape(8, 4, 2):
        assert tuple(with_a) == (second[0], first[1])
        assert tuple(with_b) == (first[0], second[1])
    with pytest.raises(RunError, match="power of two, found 6"):
        points("sobol", two, 6)
