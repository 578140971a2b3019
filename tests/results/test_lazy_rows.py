import numpy as np

from sim.core.arrays import Array
from sim.results.lazy_rows import Later, Table, joined


def doubled(numbers: Array, names: Array, unit: str) -> Table:
    return {"twice": 2 * numbers, "name": [f"{name} {unit}" for name in names]}


METRE = "m"


def noted(*numbers: int) -> Later:
    return Later(doubled, (np.array(numbers), np.array(["a"] * len(numbers))), (METRE,))


def test_rows_are_worked_out_when_they_are_read() -> None:
    rows = noted(1, 2)
    assert "rows" not in vars(rows)
    assert dict(rows)["twice"].tolist() == [2, 4]
    assert rows["name"] == ["a m", "a m"]
    assert list(rows) == ["twice", "name"]


def test_rows_told_in_the_same_way_are_worked_out_together_and_keep_their_places() -> None:
    other = Later(doubled, (np.array([7]), np.array(["b"])), ("s",))
    plain = {"twice": np.array([0]), "name": ["c"]}
    found = joined([noted(1), noted(2, 3), plain, other, noted(4)])
    assert [one["twice"].tolist() for one in found] == [[2, 4, 6], [0], [14], [8]]
    assert found[0]["name"] == ["a m"] * 3
    assert found[2]["name"] == ["b s"]
