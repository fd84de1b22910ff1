"""A second person works out comparison and chart again from the two files, and finds no figure without its working."""

import math
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from statistics import median

import pytest
from scipy.stats import norm

from oicdesk.audits import records_findings, records_review, records_series, rules
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import NOT_MET
from tests.audits.makers import APPROVERS, NOW, PASSPHRASE, PLAN
from tests.audits.papers import Papers, opened_room, squeezed
from tests.audits.test_report_recomputed import papers_of, spoken, wilson, work_through

FAILURES = (1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4)  # of four documents each month; the last stands out


def approve(room, audit_id: int) -> None:
    room.do(records_review.moderate, audit_id, now=NOW, without_second="One post")
    room.sign_in(APPROVERS)
    room.do(records_findings.approve, audit_id, now=NOW)
    room.sign_in(PASSPHRASE)


def monthly(room, month: date, failures: int) -> int:
    """A census check of one month's four documents, approved."""
    room.cases(4, contact_at=datetime(month.year, month.month, 10, 9, tzinfo=UTC))
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    plan = Plan(f"Documents of {month:%Y-%m}", rules.CENSUS, month, following.replace(day=1), strata_by=())
    row = room.audit(replace(plan, period_to=date.fromordinal(following.toordinal() - 1)))
    room.answer_all(row.id, but={(place, 8): NOT_MET for place in range(1, failures + 1)})
    approve(room, row.id)
    return row.id


@pytest.fixture(scope="module")
def chart(tmp_path_factory) -> Papers:
    """The papers of the last of thirteen monthly audits; the first of them stands in a phase of its own."""
    folder = tmp_path_factory.mktemp("chart")
    with opened_room(folder) as room:
        last = 0
        for n, failures in enumerate(FAILURES):
            last = monthly(room, date(2025 + (8 + n) // 12, (8 + n) % 12 + 1, 1), failures)
        room.do(records_series.start_phase, "Joint", date(2025, 10, 1), "A new form", now=NOW)
        return papers_of(room, folder, last)


def rules_fired(values: list[float], mean: float, reach: float) -> dict[int, list[str]]:
    """The four rules, written down anew."""
    fired: dict[int, list[str]] = {}
    side = [(v > mean) - (v < mean) for v in values]
    for i, value in enumerate(values):
        run = side[max(0, i - 6) : i + 1]
        steps = [b - a for a, b in zip(values[max(0, i - 6) : i], values[max(0, i - 6) + 1 : i + 1], strict=True)]
        outer = [side[j] for j in range(max(0, i - 2), i + 1) if abs(values[j] - mean) > 2 / 3 * reach]
        for holds, rule in (
            (abs(value - mean) > reach, "point outside the limits"),
            (len(run) == 7 and abs(sum(run)) == 7, "7 points in a row on one side of the mean"),
            (
                len(steps) == 6 and (all(s > 0 for s in steps) or all(s < 0 for s in steps)),
                "7 points in a row rising or falling",
            ),
            (
                abs(value - mean) > 2 / 3 * reach and outer.count(side[i]) >= 2,
                "2 of 3 points in the outer third on one side",
            ),
        ):
            if holds:
                fired.setdefault(i, []).append(rule)
    return fired


def test_centre_limits_and_rules_of_each_phase_follow_from_the_shares(chart):
    rows = chart.sheets["Audits over time"]
    assert [row["Successes"] for row in rows] == [4 - failures for failures in FAILURES]
    assert [row["Share"] for row in rows] == pytest.approx([row["Successes"] / row["Assessed"] for row in rows])
    phases: dict[str, list[dict]] = {}
    for row in rows:
        phases.setdefault(row["Phase"], []).append(row)
    assert [len(part) for part in phases.values()] == [1, 12]
    for reason, part in phases.items():
        values = [100 * row["Share"] for row in part]
        if len(part) < 12:
            assert part[0]["Centre"] == pytest.approx(median(values)) and part[0]["Lower limit"] == ""
            assert chart.says(f"{reason}: 1 audit: a run chart with its median; limits need 12 points in a phase.")
            continue
        mean = sum(values) / len(values)
        reach = 2.66 * sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
        fired = rules_fired(values, mean, reach)
        for n, row in enumerate(part):
            limits = (row["Centre"], row["Lower limit"], row["Upper limit"])
            assert limits == pytest.approx((mean, mean - reach, mean + reach))
            assert row["Rules fired"] == ", ".join(fired.get(n, []))
        assert fired == {11: ["point outside the limits"]}
        assert chart.says("A new form: Not ordinary variation: Sep 2026: point outside the limits.")


def test_the_difference_of_two_full_counts_is_that_of_their_shares(chart):
    now, before, difference = chart.sheets["Comparison"]
    assert (now["Which"], before["Which"]) == ("This audit", "Earlier")
    assert difference["Share"] == pytest.approx(now["Share"] - before["Share"]) == pytest.approx(-1.0)
    assert difference["Low"] == difference["High"] == ""
    assert chart.says("100.0 percentage points lower; both were counted in full.")


KINDS = {
    "weighted": (replace(PLAN, margin=0.15, strata_by=("reason",), minimum=4), 4, "with the weighted shares"),
    "census": (replace(PLAN, kind=rules.CENSUS), 0, "this one was counted in full"),
    "random": (replace(PLAN, margin=0.15), 0, "(Newcombe)"),
}


@pytest.fixture(scope="module", params=KINDS)
def compared(request, tmp_path_factory) -> tuple[Papers, str]:
    """The papers of an audit after an earlier random one of the same scope."""
    plan, tiny, words = KINDS[request.param]
    folder = tmp_path_factory.mktemp("compared")
    with opened_room(folder) as room:
        room.cases(40, contact_at=datetime(2026, 8, 3, 9, tzinfo=UTC))
        august = Plan("August", rules.RANDOM, date(2026, 8, 1), date(2026, 8, 31), margin=0.15, strata_by=())
        earlier = room.audit(august)
        room.answer_all(earlier.id, but={(place, 8): NOT_MET for place in range(1, 13)})
        approve(room, earlier.id)
        audit = work_through(room, 52, plan, tiny=tiny)
        room.sign_in(APPROVERS)
        return papers_of(room, folder, audit), words


def test_the_difference_from_the_last_audit_follows_from_both_counts(compared):
    papers, words = compared
    now, before, difference = papers.sheets["Comparison"]
    z = norm.ppf((1 + papers.value("Plan", "Confidence")) / 2)
    headline = papers.sheets["Calculations"][0]
    for row in (now, before):
        k, n = row["Successes"], row["Assessed"]
        if row["Weighted"]:
            assert (row["Share"], row["Low"], row["High"]) == (headline["Share"], headline["Low"], headline["High"])
        elif "no interval" in row["Method"]:
            assert row["Share"] == row["Low"] == row["High"] == k / n
        else:
            assert (row["Low"], row["High"]) == pytest.approx(wilson(k / n, n, z), abs=1e-9)
    d = now["Share"] - before["Share"]
    low = d - math.hypot(now["Share"] - now["Low"], before["High"] - before["Share"])
    high = d + math.hypot(now["High"] - now["Share"], before["Share"] - before["Low"])
    assert (difference["Share"], difference["Low"], difference["High"]) == pytest.approx((d, low, high))
    between = f"the difference lies between {100 * low:+.1f} and {100 * high:+.1f} points"
    assert between in difference["In words"] and words in difference["In words"]
    assert difference["In words"].startswith("No clear change") == (low <= 0 <= high)
    assert papers.says(difference["In words"])


# --- no figure without its working ---

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def test_every_number_that_the_report_prints_about_the_audit_stands_in_the_working_papers(compared):
    """Numbers between “Results” and the glossary, less those in the workbook and those worked out from it."""
    papers, _words = compared
    text = papers.text[papers.text.index("Results\r\n") : papers.text.index("Glossary")]
    known = {number for row in cells_of(papers) for number in NUMBER.findall(row)}
    known |= worked_out(papers)
    axis, pages = {str(n) for n in range(0, 101, 10)}, {str(n) for n in range(1, 40)}
    lines = [line for line in text.splitlines() if not re.match(r"Page \d+ of \d+|Audit report:", line.strip())]
    unexplained = {n for line in lines for n in NUMBER.findall(line) if n.replace(",", "") not in known}
    assert unexplained - pages - axis == set()


def cells_of(papers: Papers):
    """Every cell as the paper would print it: whole numbers without a point, days in words as well."""
    for rows in papers.sheets.values():
        for row in rows:
            for cell in row.values():
                yield str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)


def worked_out(papers: Papers) -> set[str]:
    """What a second person adds up or divides: failures, shares, weights, counts of findings and actions."""
    found: set[str] = set()
    for row in papers.sheets["Calculations"]:
        found |= {str(int(row["Assessed"] - row["Successes"])), str(int(row["Population"]))}
        if row["Share"] != "":
            found |= set(NUMBER.findall(spoken(row["Share"])))
    for row in papers.sheets["Comparison"]:
        if row["Which"] != "Difference":
            found |= {str(int(row["Assessed"] - row["Successes"])), *NUMBER.findall(spoken(row["Share"]))}
            found |= {number for part in ("Low", "High") for number in NUMBER.findall(spoken(row[part]))}
    for row in papers.sheets["Audits over time"]:  # the chart's labels
        values = [row[name] for name in ("Centre", "Lower limit", "Upper limit") if row[name] != ""]
        found |= {f"{value:.1f}" for value in (*values, 100 * row["Share"])}
    given = Counter((row["Criterion"], row["Final answer"]) for row in papers.sheets["Answers"])
    return found | {str(count) for count in given.values()}


def test_the_counts_of_findings_and_actions_follow_from_their_sheets(compared):
    papers, _words = compared
    actions = papers.sheets["Actions"]
    overdue = sum(row["Overdue"] for row in actions)
    assert papers.says(f"Actions: {len(actions)}. Overdue: {int(overdue)}")


def test_no_letter_is_missing_from_the_face_of_the_paper(chart, compared):
    for papers in (chart, compared[0]):
        assert "\ufffd" not in squeezed(papers.text) and "\ufffe" not in papers.text
