from pathlib import Path

import pytest

from sim.experiments.claims.definitions import read_claims
from sim.experiments.claims.trial import Effort, planned
from sim.experiments.compare import read_comparison
from sim.results.run_folder import RunError
from sim.scenario.errors import ScenarioError
from sim.scenario.ranges import drawn, read_sourced_ranges

FOLDER = Path("scenarios/claims")
CLAIMS = read_claims(FOLDER)
RANGES = read_sourced_ranges(FOLDER / "ranges.yaml")

CLAIM = """
base: town.yaml
arms: {with: {}, without: {platform.weights.review.conversion: 0}}
claim:
  en: Sales count.
  zh: 商品转化权重
  leans_on: nothing
  expects:
    - {says: they do, measure: tags.hits, unit: share, arm: with, above: 0.5}
"""


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_can_be_run_as_it_is_and_in_every_draw(claim: object) -> None:
    found = planned(claim, RANGES, Effort(2, 3, 1))
    every = [one.digest() for one in found.every()]
    assert len(every) == len(found.worlds) * 2 + len(found.draws[0]) * 3
    # arms and seeds differ, and no draw is the world as it is
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_a_comparison_too(claim: object) -> None:
    assert read_comparison(claim.path, 2).title == claim.file.title


def test_what_an_arm_sets_is_not_drawn() -> None:
    claim = next(one for one in CLAIMS if one.id == "M2")
    luck = planned(claim, RANGES, Effort(2, 1, 1)).draws[0]
    assert luck["by lot"][1].platform.weights.review.interaction == 0
    assert (
        luck["weighed"][1].platform.weights.review.interaction
        == drawn(RANGES, 0)["platform.weights.review.interaction"]
    )


def test_claims_come_in_the_order_of_their_numbers() -> None:
    numbers = [int(one.id[1:]) for one in CLAIMS]
    assert numbers == sorted(numbers)
    assert [one.id for one in read_claims(FOLDER, ["m5", "M1"])] == ["M1", "M5"]


def test_a_claim_that_is_not_there_is_told() -> None:
    with pytest.raises(RunError, match="M99: no such claim; known: M1, "):
        read_claims(FOLDER, ["M99"])
    with pytest.raises(RunError, match="no claim files"):
        read_claims(FOLDER.parent)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tags.hits", "tags.hit", "there is no measure 'tags.hit'; the nearest are tags.hits"),
        ("above: 0.5", "above: 0.5, below: 1", "give one of above and below"),
        ("above: 0.5", "above: 0.5, relative: true", "relative needs an arm to be against, or a"),
        ("above: 0.5", "above: 0.5, decides: false", "at least one expectation must decide"),
        ("arm: with", "arm: beside", "no such arm: beside; arms: with, without"),
        ("leans_on: nothing", "leans_on: nothing\n  picture: of me", "picture is not known: 'of me'"),
        ("  zh: 商品转化权重\n", "", "claim.zh: required, but not given"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CLAIM
    (tmp_path / "M1.yaml").write_text(CLAIM.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_claims(tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'M1.yaml'}:")
    assert "\n" not in str(caught.value)


def test_a_range_of_no_field_is_told() -> None:
    ranges = {"rooms.charm": RANGES["rooms.skill"]}
    with pytest.raises(RunError, match=r"ranges: rooms\.charm: unknown field; known here: count, "):
        planned(CLAIMS[0], ranges, Effort(2, 1, 1))
    ranges = {"rooms.skill": RANGES["rooms.skill"].model_copy(update={"low": 50.0, "high": 60.0})}
    with pytest.raises(RunError, match=r"ranges: rooms\.skill: .*less than or equal to 4"):
        planned(CLAIMS[0], ranges, Effort(2, 1, 1))
