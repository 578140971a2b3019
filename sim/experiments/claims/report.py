"""Results of claims: a line a claim, a table for a README, plain data, and a page."""

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.execution.run import version
from sim.experiments.claims.figures import PICTURES, against_bound, by_arm
from sim.experiments.claims.trial import ClaimFinding, ClaimResult, Effort
from sim.experiments.claims.uncertainty import leanings
from sim.reporting.html_page import Markup, Section, code, drawing, facts, gallery, note, page, paragraph, strong, table
from sim.scenario.ranges import Ranges

RULE = (
    "What must come out was written down before anything was run: for each expectation a number of each seed, and a "
    "bound, the smallest effect of interest. Supported: the 95 % interval over seeds (Student's t) lies wholly beyond "
    "the bound. Not supported: it lies wholly short of it. Undecided: neither. A claim needs all of its deciding "
    "expectations. It holds in a draw if the mean over the draw's seeds is beyond the bound for all of them."
)


# --- words


def said(answer: ClaimResult) -> str:
    """A mean with its interval and unit."""
    found, unit = answer.found, answer.asked.unit
    if answer.asked.relative:
        return f"{found.mean:+.1%} ({found.low:+.1%} to {found.high:+.1%})"
    return f"{found.mean:.3g} ({found.low:.3g} to {found.high:.3g}){'' if unit == '-' else f' {unit}'}"


def held(answered: np.ndarray) -> str:
    """In how many draws it holds."""
    return f"{int(answered.sum())} of {len(answered)}" if len(answered) else "no draws"


def crux(finding: ClaimFinding) -> ClaimResult:
    """The first deciding answer that made the verdict what it is."""
    return next((one for one in finding.deciding if one.verdict == finding.verdict), finding.deciding[0])


def line(finding: ClaimFinding) -> str:
    """A claim in a line that begins with its name."""
    one = crux(finding)
    number = f"{said(one)}, asked {one.asked.bound}"
    return (
        f"{finding.claim.id:<4}{finding.verdict:<14}holds in {held(finding.held):<10}"
        f"{finding.claim.file.title:<58.58}  {number}"
    )


def dated(effort: Effort) -> str:
    """When and with what the table was made."""
    return (
        f"{datetime.date.today().isoformat()}, wavepool {version()}; {effort.draws} draws of the uncertain "
        f"parameters with {effort.draw_seeds} seed{'s' * (effort.draw_seeds > 1)} each"
    )


def markdown(findings: Sequence[ClaimFinding], effort: Effort) -> str:
    """The table of all claims as Markdown."""
    head = (
        "| | claim | verdict | the number that decides (95 % interval; asked) | holds in | leans on |\n"
        + "|---" * 6
        + "|\n"
    )
    rows = (
        f"| {one.claim.id} | {one.claim.file.title} | {one.verdict} | {crux(one).asked.says}: "
        f"{said(crux(one))}; {crux(one).asked.bound} | {held(one.held)} | "
        f"{one.claim.words.leans_on} |\n"
        for one in findings
    )
    return head + "".join(rows) + f"\n{dated(effort)}.\n"


def plain(findings: Sequence[ClaimFinding], effort: Effort) -> dict[str, Any]:
    """All that came out as plain data."""
    return {
        "wavepool": version(),
        "date": datetime.date.today().isoformat(),
        "effort": effort._asdict(),
        "claims": [
            {
                "id": one.claim.id,
                "title": one.claim.file.title,
                "verdict": one.verdict,
                "holds": int(one.held.sum()),
                "draws": len(one.held),
                "expectations": [_plain(answer) for answer in one.answers],
            }
            for one in findings
        ],
    }


def _plain(answer: ClaimResult) -> dict[str, Any]:
    return {
        **answer.asked.model_dump(exclude_none=True),
        **{name: _number(value) for name, value in answer.found._asdict().items()},
        "verdict": answer.verdict,
        "values": [_number(value) for value in answer.values],
        "drawn": [_number(value) for value in answer.drawn],
    }


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


# --- the page


def claims_page(findings: Sequence[ClaimFinding], ranges: Ranges, effort: Effort) -> str:
    """The page of all claims."""
    lead = [
        paragraph("A practitioner's essay of 2021 says how Douyin hands out traffic. wavepool builds what it says, and "
                  "asks of each claim whether it follows from people who behave as people are known to behave."),
        summary(findings),
        note(RULE),
        note(dated(effort), "."),
    ]  # fmt: skip
    sections = [Section(f"{one.claim.id} {one.claim.file.title}", list(about(one, ranges))) for one in findings]
    return page("The essay's claims, put to the test", lead, [*sections, Section("Ranges", [of_ranges(ranges)])])


def summary(findings: Sequence[ClaimFinding]) -> Markup:
    """The table at the top of the page."""
    rows = [
        [
            f"{one.claim.id} {one.claim.file.title}",
            strong(one.verdict),
            held(one.held),
            said(crux(one)),
            crux(one).asked.bound,
        ]
        for one in findings
    ]
    return table(["claim", "verdict", "holds in", "the number that decides (95 %)", "asked"], rows, words=2)


def about(finding: ClaimFinding, ranges: Ranges) -> Sequence[Markup]:
    """One claim on the page."""
    words, claim = finding.claim.words, finding.claim
    rows = [
        [
            one.asked.says + ("" if one.asked.decides else " (reported only, does not decide)"),
            said(one),
            str(one.asked.bound),
            f"{one.found.seeds}",
            strong(one.verdict),
            held(one.held),
        ]
        for one in finding.answers
    ]
    picture = [
        drawing(by_arm(PICTURES[words.picture], finding.runs), f"{PICTURES[words.picture].up} by arm")
    ] if words.picture else []  # fmt: skip
    against = [
        drawing(against_bound(one), f"{one.asked.says}: seeds and draws against the bound", one.asked.says)
        for one in finding.answers
    ]
    return [
        paragraph(words.en, " ", f"（{words.zh}）"),
        paragraph(strong(finding.verdict), f"; holds in {held(finding.held)} draws of the uncertain parameters."),
        table(["what must come out", "came out (95 %)", "asked", "seeds", "verdict", "holds in"], rows, words=1),
        gallery(*picture, *against),
        facts([("It leans on", words.leans_on), ("Over the draws", leaning(finding, ranges))]),
        facts((arm, _sets(sets)) for arm, sets in claim.file.arms.items()),
        code(f"wavepool claims {claim.id}\nwavepool compare {claim.path}"),
    ]


def _sets(sets: dict[str, Any]) -> str:
    return ", ".join(f"{path} = {value}" for path, value in sets.items()) or "the world as it is"


def leaning(finding: ClaimFinding, ranges: Ranges) -> str:
    """On which uncertain parameters the deciding numbers lean, over the draws."""
    lines = [
        f"{one.asked.measure} goes with "
        + ", ".join(f"{found.path} ({found.rank_correlation:+.2f})" for found in leanings(ranges, one.drawn)[:3])
        for one in finding.deciding
        if leanings(ranges, one.drawn)
    ]
    return "; ".join(lines) + " (rank correlation)" if lines else "no single parameter has an effect beyond chance"


def of_ranges(ranges: Ranges) -> Markup:
    """The table of uncertain parameters."""
    rows = [
        [path, f"{one.low:g} to {one.high:g}", one.unit, "by factors" if one.log else "evenly", one.source]
        for path, one in ranges.items()
    ]
    return table(["parameter", "range", "unit", "drawn", "where it comes from"], rows, words=5)
