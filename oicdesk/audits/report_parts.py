"""What the papers of an audit share: what they are made from, and the parts that stand in more than one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from oicdesk.audits import rules
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_findings import FindingRow
from oicdesk.audits.records_frame import FrameRow, SampleRow
from oicdesk.audits.records_results import ResultsRow
from oicdesk.audits.records_review import AnswerRow
from oicdesk.audits.records_series import ComparisonRow, SeriesRow
from oicdesk.reports.blocks import Block, Bullets, Heading, Paragraph, spoken
from oicdesk.settings.rules import spoken_month, spoken_range

JOINT = "Joint"

RECOMMENDATIONS = {
    "2": (
        "Recommendation 2, to be met by 30 April 2026: for every case that a member of the force reports to"
        " Immigration Enforcement's National Command and Control Unit (NCCU), the reporting officer completes and"
        " submits the required intelligence document."
    )
}
AIM = (
    "To establish whether the intelligence documents submitted for cases reported to the NCCU are of the quality that"
    " the checklist asks for. The duty is to document what was reported; it is not a duty to report anybody."
)
ALGORITHM = (
    "Each case gets the number SHA-256 of three lines: the algorithm's name, the seed, the case's reference (UTF-8, a"
    " line feed after the first two). The lowest numbers are drawn, in strata the lowest of each stratum."
)
FRAME_HASH = (
    "SHA-256 over the sorted references of the population, one line each: reference, tab and stratum where there are"
    " strata, line feed (UTF-8)."
)
PASSES = (
    "A document passes if no mandatory criterion is not met. Partly met passes and is counted apart. What cannot be"
    " determined counts as not met, because evidence must exist. A criterion that is not applicable leaves the"
    " denominator. There are no weights and no scores."
)
INDEPENDENCE = (
    "No reviewer is author, assessor, reporting officer or that officer's line manager of a case that they reviewed;"
    " the desk refuses it by the names in its register."
)
SMALL_GROUPS = "Small groups have wide intervals that overlap; they show where to look, and are no ranking of anybody."
NONE_FOUND = "“None found” means that no failure was found; the share beside it is the most that could fail."

_TERMS: Mapping[str, str] = {
    "AC1": "Gwet's measure of agreement beyond chance, steady where nearly all answers are alike",
    "Census": "every case is counted, so there is no sampling and no interval",
    "Confidence": "how often intervals made in this way hold the true share",
    "Frame": "the frozen list of the population that the sample is drawn from",
    "Interval": "the range in which the share of the whole population lies, with the stated confidence",
    "Kappa": "Cohen's measure of agreement beyond chance; low where nearly all answers are alike",
    "NCCU": "National Command and Control Unit of Immigration Enforcement",
    "Newcombe": "the interval for a difference of two shares that is used here",
    "OIC": "organised immigration crime",
    "Seed": "the number that decides the draw; the same seed and frame give the same cases",
    "Stratum": "a part of the population that gives its own share of the sample",
    "Wilson": "an interval for a share from a population without end; it stands in the working papers",
}


@dataclass(frozen=True)
class Terms:
    """What stands on a paper beside its figures. `force` is its scope: the audit's own, or one force of a joint one."""

    as_at: datetime
    force: str
    marking: str
    author: str
    version: str
    recipient: str
    log_head: str

    @property
    def forces(self) -> str:
        return "Suffolk and Norfolk" if self.force == JOINT else self.force


Round = Mapping[int, Mapping[int, AnswerRow]]
"""Answers by case (sample item) and criterion number."""


@dataclass(frozen=True)
class Dossier:
    """Everything that the internal report and the working papers of one audit are made from, all of one scope."""

    results: ResultsRow
    frame: Sequence[FrameRow]
    sample: Sequence[SampleRow]
    first: Round
    second: Round
    adjudicated: Round
    findings: Sequence[FindingRow]
    comparison: ComparisonRow | None = None
    series: SeriesRow | None = None


def month_words(month: str) -> str:
    """“2026-03” as “March 2026”; what is no month stays as it is."""
    try:
        return spoken_month(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return month


def criterion_words(number: int, mandatory: bool, text: str) -> str:
    return f"{number}{' M' if mandatory else ''} · {text}"


def period_words(plan: rules.Plan) -> str:
    return f"Contacts of {spoken_range(plan.period_from, plan.period_to)}"


def purpose(plan: rules.Plan) -> list[Block]:
    """Recommendation and aim."""
    told = RECOMMENDATIONS.get(plan.recommendation, f"Recommendation {plan.recommendation}.")
    return [Heading("Recommendation"), Paragraph(told), Heading("Aim"), Paragraph(plan.aim or AIM)]


def version_words(audit: AuditRow, terms: Terms) -> str:
    """Which state of the audit a paper tells of, and who made it with what."""
    standing = rules.STATUS_WORDS[audit.status].lower()
    made = f"made by {terms.author} with OICDesk {terms.version}"
    return f"Audit {audit.id}, {standing}, as at {spoken(terms.as_at)}; {made}"


def glossary(text: str) -> list[Block]:
    """The terms that the paper's text uses."""
    used = [f"{term}: {words}." for term, words in _TERMS.items() if term.lower() in text.lower()]
    return [Heading("Glossary"), Bullets(used)] if used else []


def spoken_figure(value: float | None) -> str:
    """Agreement and the like with two decimals. A hyphen is the minus: the papers' face has no other, and a spreadsheet
    reads it."""
    return "not defined" if value is None else f"{value:.2f}"
