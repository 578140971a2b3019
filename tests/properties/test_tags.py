import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.arrays import Array, blank
from sim.core.clock import DAY, HOUR
from sim.recommender.interest_tags import (
    BOUGHT,
    ENTERED,
    INTERACTED,
    MOST,
    SKIPPED,
    STAYED,
    TAG_COLUMNS,
    WATCHED,
    WATCHED_MOST,
    added,
    brought_forward,
    growth,
    interest_profile,
    learn_live,
    learn_video,
    tag_rules,
)
from sim.scenario.scenario import TagRules

CATEGORIES = 3
RULES = tag_rules(TagRules())
SHORT_MS, LONG_MS = float(RULES["short_ms"][0]), float(RULES["long_ms"][0])

evidence = st.tuples(
    st.integers(0, 12 * HOUR),  # since the last
    st.booleans(),  # from a video
    st.integers(0, 2),  # kind
    st.integers(0, CATEGORIES - 1),
    st.floats(0.01, 11),  # a stay counts up to eleven minutes
)
life = st.tuples(st.integers(0, 60 * DAY), st.lists(evidence, max_size=60))


def viewer() -> Array:
    return blank(TAG_COLUMNS, 1, categories=CATEGORIES)


def lived(story: tuple[int, list[tuple[int, bool, int, int, float]]]) -> tuple[Array, int]:
    """A viewer to whom all this happened, and when it ended."""
    tags, (now, events) = viewer(), story
    for after, video, kind, topic, amount in events:
        now += after
        brought_forward(tags[0], now, RULES[0])
        (learn_video if video else learn_live)(tags[0], topic, kind, amount, now, RULES[0])
    return tags, now


def believed(tags: Array, now: int) -> Array:
    out = np.zeros(CATEGORIES)
    interest_profile(tags[0], now, RULES[0], out)
    return out


@given(story=life, later=st.integers(0, 400 * DAY))
def test_tags_stay_finite_not_negative_and_below_one(story: tuple[int, list], later: int) -> None:
    tags, now = lived(story)
    assert tags["watched"].max() <= WATCHED_MOST
    assert max(tags["video"].max(), tags["live"].max()) <= MOST
    for when in (now, now + later):
        found = believed(tags, when)
        assert np.isfinite(found).all()
        assert (found >= 0.0).all()
        assert (found < 1.0).all()


@given(story=life)
def test_landmarks_never_lie_in_the_future(story: tuple[int, list]) -> None:
    tags, now = lived(story)
    assert growth(now, SHORT_MS, int(tags["short_landmark"][0])) >= 1.0 or not story[1]
    assert growth(now, LONG_MS, int(tags["long_landmark"][0])) >= 1.0 or not story[1]


@given(
    stored=st.integers(0, WATCHED_MOST),
    amount=st.floats(0, 1_000),
    growing=st.floats(1e-9, 2**20),
    most=st.sampled_from([MOST, WATCHED_MOST]),
)
def test_full_is_full(stored: int, amount: float, growing: float, most: int) -> None:
    stored = min(stored, most)
    assert stored <= added(stored, amount, 64.0, growing, most) <= most


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
    stored=st.integers(0, MOST),
    days=st.floats(0, 40),
    steps=st.lists(st.floats(0, 1), max_size=5),
    video=st.booleans(),
    kind=st.integers(0, 2),
)
def test_halving_by_landmarks_is_decay(stored: int, days: float, steps: list[float], video: bool, kind: int) -> None:
    # brought forward in any steps, what is stored is worth what is left of it, within a unit: halvings round down by
    # 1/2 + 1/4 + ... of one at most
    tags, now = viewer(), int(days * DAY)
    table = "watched" if video and kind == WATCHED else ("video" if video else "live")
    place = (0, 0) if table == "watched" else (0, kind, 0)
    tags[table][place] = stored
    for step in sorted(steps):
        brought_forward(tags[0], int(now * step), RULES[0])
    brought_forward(tags[0], now, RULES[0])
    fast = kind in (WATCHED, SKIPPED) if video else kind == ENTERED
    half_life, mark = (SHORT_MS, "short_landmark") if fast else (LONG_MS, "long_landmark")
    worth = float(tags[table][place]) / growth(now, half_life, int(tags[mark][0]))
    assert worth <= decayed(float(stored), now, half_life) + 1e-9
    assert worth > decayed(float(stored), now, half_life) - 1.0


@given(
    story=life, topic=st.integers(0, CATEGORIES - 1), kind=st.sampled_from([(1, WATCHED), (1, INTERACTED), (0, BOUGHT)])
)
def test_good_evidence_never_weakens_a_tag(story: tuple[int, list], topic: int, kind: tuple[int, int]) -> None:
    tags, now = lived(story)
    before = believed(tags, now)[topic]
    (learn_video if kind[0] else learn_live)(tags[0], topic, kind[1], 1.0, now, RULES[0])
    assert believed(tags, now)[topic] >= before - 1e-12


@given(story=life)
def test_an_order_says_more_than_a_minutes_stay_and_that_more_than_an_entry(story: tuple[int, list]) -> None:
    found = []
    for kind in (ENTERED, STAYED, BOUGHT):
        tags, now = lived((story[0], []))
        brought_forward(tags[0], now, RULES[0])
        learn_live(tags[0], 0, kind, 1.0, now, RULES[0])
        found.append(believed(tags, now)[0])
    assert found[0] < found[1] < found[2]
