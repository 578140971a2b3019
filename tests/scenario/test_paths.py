from typing import Any

import pytest

from sim.scenario.paths import PathError, dotted, set_at, split, value_at


def data() -> dict[str, Any]:
    return {"seed": 1, "title": None, "campaigns": [{"target": "all"}, {"target": "tagged"}], "feed": {"page": 8}}


def test_an_element_of_a_list_is_written_in_two_ways() -> None:
    assert split("campaigns.0.target") == split(" campaigns[0].target ") == ["campaigns", "0", "target"]
    assert dotted(("campaigns", 0, "target")) == "campaigns[0].target"


@pytest.mark.parametrize(
    "path", ["seed", "title", "feed.page", "feed", "campaigns.1.target", "campaigns[0].target", "campaigns.1"]
)
def test_what_is_set_is_read_and_nothing_else_changes(path: str) -> None:
    box = data()
    keys = set_at(box, path, "new")
    assert value_at(box, path) == "new"
    old = data()
    assert value_at(old, dotted(keys)) != "new"
    set_at(old, dotted(keys), "new")
    assert box == old


def test_the_last_name_may_be_new() -> None:
    box = data()
    assert set_at(box, "feed.depth", 3) == ("feed", "depth")
    assert box["feed"] == {"page": 8, "depth": 3}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("fed.page", "fed: unknown field; did you mean 'feed'?"),
        ("zzz.page", "zzz: unknown field; known here: seed, title, campaigns, feed"),
        ("seed.x", "seed: nothing can be set inside 1"),
        ("title.x", "title: nothing can be set inside nothing"),
        ("campaigns.2.target", "campaigns: the list has 2 items, counted from 0; there is no '2'"),
        ("campaigns.-1", "campaigns: the list has 2 items, counted from 0; there is no '-1'"),
        ("campaigns.0.target.x", "campaigns[0].target: nothing can be set inside 'all'"),
    ],
)
def test_a_path_that_leads_nowhere_is_told_and_changes_nothing(path: str, said: str) -> None:
    box = data()
    with pytest.raises(PathError) as caught:
        set_at(box, path, 1)
    assert str(caught.value) == said
    assert box == data()


def test_reading_names_the_nearest_key_too() -> None:
    with pytest.raises(PathError, match=r"^feed\.pge: unknown field; did you mean 'page'\?$"):
        value_at(data(), "feed.pge")
