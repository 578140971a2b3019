from pathlib import Path

import numpy as np
import pytest

from sim.experiments.claims import report
from sim.experiments.claims.definitions import read_claims
from sim.experiments.claims.trial import ClaimFinding, ClaimResult, Effort, Reading, Trial, answered, planned
from sim.experiments.claims.uncertainty import leanings
from sim.experiments.claims.verdicts import NOT_SUPPORTED, SUPPORTED, UNDECIDED, together
from sim.scenario.ranges import Range, drawn

EFFORT = Effort(3, 2, 2)
RANGES = {"rooms.skill": Range(low=0.3, high=0.7, unit="-", source="assumed")}
(CLAIM,) = read_claims(Path("scenarios/claims"), ["M9"])  # entry rate with tags against without, relative


def made(own: list[float], other: list[float]) -> tuple[Trial, Reading]:
    """A trial of M9, and numbers of its runs: three seeds, then two draws of two."""
    trial = planned(CLAIM, RANGES, EFFORT)
    numbers = {}
    for arm, values in (("with tags", own), ("without tags", other)):
        runs = [one for worlds in (trial.worlds, *trial.draws) for one in worlds[arm].values()]
        assert len(runs) == len(values)
        numbers |= {
            one.digest(): {asked.measure: value for asked in CLAIM.words.expects}
            for one, value in zip(runs, values, strict=True)
        }
    return trial, Reading({}, numbers)


def finding(own: list[float], other: list[float]) -> ClaimFinding:
    answers = [answered(asked, *made(own, other)) for asked in CLAIM.words.expects[:2]]
    return ClaimFinding(CLAIM, answers, {}, together(one.verdict for one in answers))


OTHER = [1.0, 2.0, 4.0, 1.0, 1.0, 2.0, 4.0]


def test_seeds_are_paired_and_draws_are_means() -> None:
    # plus 20, 25 and 30 %; draws: plus 10 % (0 and 20), and minus 5 % (10 and minus 20)
    own = [1.2, 2.5, 5.2, 1.0, 1.2, 2.2, 3.2]
    found = finding(own, OTHER).answers[0]
    assert found.values.tolist() == pytest.approx([0.2, 0.25, 0.3])
    assert found.found.mean == pytest.approx(0.25)
    assert found.verdict == SUPPORTED  # 0.25 less 4.303 * 0.05 / sqrt(3) is 0.126, above 0.05
    assert found.drawn.tolist() == pytest.approx([0.1, -0.05])
    assert found.held.tolist() == [True, False]


def test_a_claim_is_told_in_one_line_by_the_number_that_decides() -> None:
    line = report.line(finding([1.2, 2.5, 5.2, 1.0, 1.2, 2.2, 3.2], OTHER))
    assert line.startswith("M9  supported     holds in 1 of 2 ")
    assert "+25.0% (+12.6% to +37.4%), asked > 0.05" in line
    assert "\n" not in line


def test_nothing_by_nothing_is_not_known() -> None:
    found = finding([1.0] * 7, [0.0] * 7).answers[0]
    assert np.isnan(found.values).all()
    assert found.verdict == UNDECIDED
    assert not found.held.any()


def test_the_number_that_decides_is_the_one_that_fails() -> None:
    good, bad = finding([1.2, 2.5, 5.2, 1.0, 1.2, 2.2, 3.2], OTHER), finding(OTHER, OTHER)
    both = ClaimFinding(CLAIM, [good.answers[0], bad.answers[1]], {}, NOT_SUPPORTED)
    assert bad.verdict == NOT_SUPPORTED
    assert report.crux(both) is bad.answers[1]
    assert report.crux(good) is good.answers[0]


def test_tables_and_data_say_the_same() -> None:
    found = finding([1.2, 2.5, 5.2, 1.0, 1.2, 2.2, 3.2], OTHER)
    text = report.markdown([found], EFFORT)
    assert "| M9 | Tags send rooms to the right people | supported |" in text
    assert "| 1 of 2 |" in text
    assert "2 draws of the uncertain parameters with 2 seeds each" in text
    (data,) = report.plain([found], EFFORT)["claims"]
    assert (data["id"], data["verdict"], data["holds"], data["draws"]) == ("M9", "supported", 1, 2)
    assert data["expectations"][0]["values"] == pytest.approx([0.2, 0.25, 0.3])


# --- what a number leans on


def test_a_parameter_that_drives_a_number_is_found() -> None:
    ranges = RANGES | {f"other.{k}": RANGES["rooms.skill"] for k in range(5)}
    skill = np.array([drawn(ranges, number)["rooms.skill"] for number in range(30)])
    noise = np.array([drawn(ranges, number)["other.3"] for number in range(100, 130)])
    (found,) = leanings(ranges, 0.1 * noise - skill)
    assert found.path == "rooms.skill"
    assert found.rank_correlation < -0.9
    assert leanings(ranges, noise) == []


def test_of_few_draws_or_one_value_nothing_is_said() -> None:
    assert leanings(RANGES, np.arange(4.0)) == []
    assert leanings(RANGES, np.full(30, 2.0)) == []


def test_an_answer_without_draws_holds_in_none() -> None:
    found = finding([1.2, 2.5, 5.2, 1.0, 1.2, 2.2, 3.2], OTHER).answers[0]
    assert isinstance(found, ClaimResult)
    assert report.held(found._replace(drawn=np.zeros(0)).held) == "no draws"
