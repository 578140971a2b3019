import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.recommender.video_index import in_ring_order, with_new


def test_new_items_take_their_places_on_the_ring() -> None:
    ring = np.array([50, 10, 30, 40, 5, 60, 30], np.uint32)
    # 10, 30, 50 lie there; at 30 the new one comes first
    assert with_new(np.array([1, 2, 0]), in_ring_order(np.arange(3, 7), ring), ring).tolist() == [4, 1, 6, 2, 3, 0, 5]
    assert with_new(np.zeros(0, np.int64), in_ring_order(np.array([2, 0, 1]), ring), ring).tolist() == [1, 2, 0]


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 12))
def test_it_is_what_sorting_gives(places: list[int], first: int) -> None:
    ring, first = np.array(places, np.uint32), min(first, len(places))
    old = np.argsort(ring[:first], kind="stable")
    expected = sorted(range(len(ring)), key=lambda item: (ring[item], item < first, item))
    assert with_new(old, in_ring_order(np.arange(first, len(ring)), ring), ring).tolist() == expected
