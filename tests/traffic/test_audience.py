import numpy as np
import pytest

from sim.core.arrays import Array, blank
from sim.core.catalogue import ROOM_COLUMNS, VIDEO_COLUMNS
from sim.core.event_log import (
    CLICKED,
    COMMENTED,
    ENTERED,
    FINISHED,
    FOLLOWED,
    INSIDE,
    LEFT,
    LIKED,
    LOG_COLUMNS,
    ORDER,
    ORDERED,
    REFUSED,
    SHARED,
    SHOWN,
    VIDEO,
    note,
)
from sim.recommender.interest_tags import PURCHASES, TAG_COLUMNS, VIDEO_PRIOR, tag_rules
from sim.scenario.scenario import TagRules, loads
from sim.traffic.audience import (
    best,
    like_rates,
    needs_likes,
    needs_people,
    observe_likes,
    own_topics,
    portraits,
    resemblance,
    winning_events,
)

Event = tuple[int, int, int, int]  # viewer, item, did, kind

CATEGORIES = 3
BELIEVING, WEIGHTS = tag_rules(TagRules(prior=1.0)), np.ones(4)


def written(*events: Event) -> tuple[Array, Array]:
    """One shard's log and its size."""
    log, n = blank(LOG_COLUMNS, (1, 16)), 0
    for viewer, item, did, kind in events:
        n = note(log[0], n, 0, viewer, item, 1000, did, kind, 0)
    return log, np.array([n])


def tagged(*above: list[int]) -> Array:
    """Viewers whose orders say so much above their mean of each category; where it is two and none the tags are 2/3
    and 0.
    """
    tags, wanted = blank(TAG_COLUMNS, len(above), categories=CATEGORIES), np.array(above)
    others = (wanted == 0).sum(axis=1, keepdims=True)
    tags["evidence"][:, PURCHASES] = 256 * VIDEO_PRIOR * wanted * CATEGORIES / np.maximum(others, 1)
    return tags


# --- who is among the best


def test_the_best_share_fits() -> None:
    score = np.array([0.1, 0.4, 0.3, 0.2, 0.5, 0.0, 0.6, 0.7, 0.8, 0.9])
    assert np.flatnonzero(best(score, 0.2)).tolist() == [8, 9]
    assert np.flatnonzero(best(score, 0.24)).tolist() == [8, 9]
    assert best(score, 1.0).sum() == 9  # a score of 0 never fits


def test_who_equals_the_last_one_fits_too() -> None:
    assert best(np.array([0.5, 0.5, 0.5, 0.9]), 0.5).sum() == 4


def test_nobody_fits_where_nothing_is_known() -> None:
    assert not best(np.zeros(5), 0.4).any()


# --- habitual likers


def test_likes_and_exposures_are_counted_by_viewer() -> None:
    likes = np.zeros((3, 2), np.uint32)
    events = (10, 1, LIKED, VIDEO), (10, 2, SHARED, VIDEO), (12, 1, 0, VIDEO), (12, ~1, LIKED, INSIDE)
    observe_likes(*written(*events), 10, likes)
    assert likes.tolist() == [[2, 1], [0, 0], [1, 0]]


def test_a_like_rate_is_drawn_towards_the_mean() -> None:
    # 30 likes in 300 exposures, a mean of 0.1: 10 of 180 is (10 + 2) / 200, 20 of 20 is (20 + 2) / 40
    rates = like_rates(np.array([[180, 10], [20, 20], [100, 0]], np.uint32))
    assert rates == pytest.approx([0.06, 0.55, 0.0])


def test_nobody_has_a_rate_before_anybody_was_shown_anything() -> None:
    assert like_rates(np.zeros((4, 2), np.uint32)).tolist() == [0, 0, 0, 0]


# --- people like an item's own


def test_items_win_people_by_reactions_and_sales() -> None:
    log, sizes = written(
        (0, 1, LIKED, VIDEO),
        (1, 1, SHARED | FOLLOWED, VIDEO),
        (2, 0, FINISHED, VIDEO),
        (3, ~0, COMMENTED, INSIDE),
        (4, ~0, CLICKED, INSIDE),
        (5, ~0, ENTERED, SHOWN),
        (6, ~0, ENTERED | LIKED, LEFT),
        (7, 4, ORDERED, ORDER),
        (8, 4, ORDERED | REFUSED, ORDER),
    )
    assert log[0, winning_events(log, sizes)[:, 1]]["viewer"].tolist() == [0, 1, 3, 7]


def test_their_tags_are_kept_in_whole_numbers() -> None:
    # beliefs of 2/3 and 1/2
    tags = tagged([2, 0, 0], [0, 1, 0])
    assert portraits(tags, np.array([1, 0, 1]), 0, BELIEVING, WEIGHTS, CATEGORIES).tolist() == [
        [0, 128, 0],
        [170, 0, 0],
        [0, 128, 0],
    ]


def test_only_what_was_ordered_is_kept() -> None:
    order = "{at: day 0 00:00, boosts: {kind: %s}, target: {kind: %s}}"
    world = "viewers: {count: 50}\nrooms: {count: 2}\ncampaigns: [" + order + "]"
    asked = ("best", "everybody"), ("best", "likers"), ("best", "lookalikes"), ("room", "lookalikes")
    assert [needs_likes(loads(world % one)) for one in asked] == [False, True, False, False]
    assert [needs_people(loads(world % one)) for one in asked] == [
        (False, False),
        (False, False),
        (True, False),
        (False, True),
    ]


def things() -> tuple[Array, Array]:
    """Video 0 is of categories 0 and 2, 204 to 51; room 0 sells category 1."""
    videos, rooms = blank(VIDEO_COLUMNS, 1), blank(ROOM_COLUMNS, 1, categories=CATEGORIES)
    videos["second"], videos["main_topic_weight"], rooms["topics"][0, 1] = 2, 204, 1.0
    return videos, rooms


def test_an_item_is_about_its_topics() -> None:
    assert own_topics(0, *things()) == pytest.approx([0.8, 0.0, 0.2])
    assert own_topics(~0, *things()).tolist() == [0, 1, 0]


def test_resemblance_is_of_direction_where_it_is_scaled() -> None:
    # beliefs (2/3, 0, 0), (1/2, 1/2, 0) and none; a profile of 3 and 4
    out, tags, profile = np.zeros(3), tagged([2, 0, 0], [1, 1, 0], [0, 0, 0]), np.array([3.0, 4.0, 0.0])
    resemblance(tags, 0, BELIEVING, WEIGHTS, profile, False, out)
    assert out == pytest.approx([2.0, 3.5, 0.0])
    resemblance(tags, 0, BELIEVING, WEIGHTS, profile, True, out)
    assert out == pytest.approx([3.0, 7.0 / 2**0.5, 0.0])
