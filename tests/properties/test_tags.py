import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import Array, blank
from sim.core.clock import DAY, HOUR
from sim.recommender.interest_tags import (
    MOST,
    MOST_TRIALS,
    PURCHASES,
    ROOMS,
    TAG_COLUMNS,
    VIDEOS,
    added,
    brought_forward,
    growth,
    interest_profile,
    learn_order,
    learn_room,
    learn_video,
    passed_over,
    tag_rules,
)
from sim.scenario.scenario import TagRules

CATEGORIES = 3
RULES = tag_rules(TagRules())
SHORT_MS, LONG_MS = float(RULES["short_ms"][0]), float(RULES["long_ms"][0])
WEIGHTS = np.array([1.0, 0.5, 2.0, 1.0])

observation = st.tuples(
    st.integers(0, 12 * HOUR),  # since the last
    st.sampled_from([VIDEOS, ROOMS, PURCHASES]),
    st.integers(0, CATEGORIES - 1),
    st.floats(-2, 5),  # surprise
)
life = st.tuples(st.integers(0, 60 * DAY), st.lists(observation, max_size=60))
Story = tuple[int, list[tuple[int, int, int, float]]]


def viewer() -> Array:
    return blank(TAG_COLUMNS, 1, categories=CATEGORIES)


def learn(tags: Array, kind: int, topic: int, surprise: float, now: int) -> None:
    if kind == VIDEOS:
        learn_video(tags[0], topic, surprise, now, RULES[0])
    elif kind == ROOMS:
        learn_room(tags[0], np.eye(CATEGORIES)[topic], surprise, now, RULES[0])
    else:
        learn_order(tags[0], topic, surprise, now, RULES[0])


def lived(story: Story) -> tuple[Array, int]:
    """A viewer to whom all this happened, and when it ended."""
    tags, (now, events) = viewer(), story
    for after, kind, topic, surprise in events:
        now += after
        brought_forward(tags[0], now, RULES[0])
        learn(tags, kind, topic, surprise, now)
    return tags, now


def believed(tags: Array, now: int, weights: Array = WEIGHTS) -> Array:
    out = np.zeros(CATEGORIES)
    interest_profile(tags[0], now, RULES[0], weights, out)
    return out


@given(story=life, later=st.integers(0, 400 * DAY))
def test_tags_stay_finite_not_negative_and_below_one(story: Story, later: int) -> None:
    tags, now = lived(story)
    for when in (now, now + later):
        found = believed(tags, when)
        assert np.isfinite(found).all()
        assert (found >= 0.0).all()
        assert (found < 1.0).all()
        assert found.min() == 0.0  # nobody likes everything more than they like everything


@given(story=life)
def test_landmarks_never_lie_in_the_future(story: Story) -> None:
    tags, now = lived(story)
    assert growth(now, SHORT_MS, int(tags["short_landmark"][0])) >= 1.0 or not story[1]
    assert growth(now, LONG_MS, int(tags["long_landmark"][0])) >= 1.0 or not story[1]


@given(stored=st.integers(-MOST, MOST), amount=st.floats(-1_000, 1_000), growing=st.floats(1e-9, 2**20))
def test_full_is_full(stored: int, amount: float, growing: float) -> None:
    found = added(stored, amount, 64.0, growing)
    assert -MOST <= found <= MOST
    assert found >= stored if amount >= 0 else found <= stored


def decayed(value: float, elapsed_ms: int, half_life_ms: float) -> float:
    """What is left of evidence after a time, as `growth` has it."""
    return value / growth(elapsed_ms, half_life_ms, 0)


@given(value=st.floats(0, 1e6), half_life=st.floats(1e7, 1e10), one=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_decay_composes(value: float, half_life: float, one: int, other: int) -> None:
    # two steps are one: forgetting does not depend on how often one looks
    assert decayed(decayed(value, one, half_life), other, half_life) == pytest.approx(
        decayed(value, one + other, half_life), rel=1e-9, abs=1e-300
    )


@given(
    stored=st.integers(-MOST, MOST),
    days=st.floats(0, 40),
    steps=st.lists(st.floats(0, 1), max_size=5),
    kind=st.sampled_from([VIDEOS, ROOMS, PURCHASES]),
)
def test_halving_by_landmarks_is_decay(stored: int, days: float, steps: list[float], kind: int) -> None:
    # brought forward in any steps, what is stored is worth what is left of it, within a unit: halvings draw towards
    # nothing by 1/2 + 1/4 + ... of one at most
    tags, now = viewer(), int(days * DAY)
    tags["evidence"][0, kind, 0], tags["trials"][0, 0] = stored, abs(stored) * 2
    for step in sorted(steps):
        brought_forward(tags[0], int(now * step), RULES[0])
    brought_forward(tags[0], now, RULES[0])
    half_life, mark = (SHORT_MS, "short_landmark") if kind == VIDEOS else (LONG_MS, "long_landmark")
    since = int(tags[mark][0])
    worth = abs(float(tags["evidence"][0, kind, 0])) / growth(now, half_life, since)
    assert decayed(abs(stored), now, half_life) - 1.0 < worth <= decayed(abs(stored), now, half_life) + 1e-9
    assert int(tags["evidence"][0, kind, 0]) * stored >= 0
    if kind == VIDEOS:
        trials = float(tags["trials"][0, 0]) / growth(now, half_life, since)
        assert trials == pytest.approx(decayed(2 * abs(stored), now, half_life), abs=1.0)
    assert tags["trials"].max() <= MOST_TRIALS


@given(story=life, topic=st.integers(0, CATEGORIES - 1), kind=st.sampled_from([ROOMS, PURCHASES]))
def test_good_evidence_never_weakens_a_tag_and_bad_never_strengthens_it(story: Story, topic: int, kind: int) -> None:
    for surprise in (1.0, -1.0):
        tags, now = lived(story)
        before = believed(tags, now)[topic]
        learn(tags, kind, topic, surprise, now)
        assert surprise * (believed(tags, now)[topic] - before) >= -1e-12


@given(rate=st.floats(0, 1))
def test_an_order_never_counts_against_and_a_pass_never_for(rate: float) -> None:
    assert passed_over(rate) <= 0.0 <= 1.0 + passed_over(rate) <= 1.0
