"""A second person works out every figure again from the PDF and the workbook alone, by their own arithmetic.

Nothing of the desk's rules or statistics is used below the fixture.
"""

import hashlib
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from scipy.stats import hypergeom, norm

from oicdesk.audits import records_findings, records_frame, records_review, rules
from oicdesk.audits.rules_review import CANNOT_DETERMINE, MET, NOT_APPLICABLE, NOT_MET, PARTLY_MET
from oicdesk.desk import save_report
from tests.audits.makers import APPROVERS, NOW, PASSPHRASE, PLAN, REVIEWERS
from tests.audits.papers import Papers, opened_room, read_papers

ANSWERS = {4: NOT_MET, 5: PARTLY_MET, 6: CANNOT_DETERMINE, 16: NOT_APPLICABLE, 8: PARTLY_MET, 10: NOT_MET}
SECOND = ["Met", "Partly met", "Not met", "Not applicable", "Cannot determine"]


def work_through(room, cases: int, plan, *, tiny: int = 0) -> int:
    """An audit from frame to approval, with differing answers, a replacement and a second review."""
    room.cases(cases)
    if tiny:
        room.cases(tiny, force="Suffolk", reason="other")
    row = room.audit(plan)
    places = row.sample_size
    numbers = sorted(ANSWERS)
    but = {(p, numbers[p % 6]): ANSWERS[numbers[p % 6]] for p in range(1, places + 1) if p % 3 == 0 or p % 4 == 0}
    but |= {(p, 16): NOT_APPLICABLE for p in range(1, places + 1, 2)}
    if plan.kind == rules.RANDOM and places < row.population:
        spare = {one.stratum for one in room.ask(records_frame.unused_spares, row.id)}
        first = next(one for one in room.ask(records_frame.cases_under_audit, row.id) if one.stratum in spare)
        room.do(records_review.replace, row.id, first.id, "The document is under investigation", now=NOW)
    room.answer_all(row.id, but=but)
    order = room.ask(records_review.review_order, row.id)
    room.sign_in(REVIEWERS)
    second = room.do(records_review.start_second_review, row.id, now=NOW)
    mine = {
        (place, number): answer
        for place, item in enumerate(second, 1)
        for (position, number), answer in but.items()
        if order[position - 1] == item and not (place % 4 == 0 and number != 16)
    }
    room.answer_all(row.id, records_review.SECOND, but=mine)
    room.sign_in(PASSPHRASE)
    for n, d in enumerate(room.ask(records_review.differences, row.id)):
        held = d.first.answer if n % 2 else MET
        room.do(records_review.adjudicate, row.id, d.item_id, d.number, held, now=NOW, comment="Seen together")
    room.do(records_review.moderate, row.id, now=NOW)
    room.sign_in(APPROVERS)
    room.do(records_findings.approve, row.id, now=NOW)
    return row.id


def papers_of(room, folder, audit_id: int, force: str = "Joint") -> Papers:
    pdf, xlsx = folder / "audit.pdf", folder / "audit.xlsx"
    for path in (pdf, xlsx):
        save_report(room.vault, "audit", path, as_at=NOW + timedelta(days=1), force=force, audit=audit_id)
    return read_papers(pdf, xlsx)


PLANS = {
    "random": (58, replace(PLAN, margin=0.15), 0),
    "weighted": (52, replace(PLAN, margin=0.15, strata_by=("reason",), minimum=4), 4),
    "whole": (14, PLAN, 0),
    "discovery": (40, replace(PLAN, kind=rules.DISCOVERY, rate=0.1, strata_by=()), 0),
}


@pytest.fixture(scope="module", params=PLANS)
def papers(request, tmp_path_factory) -> Papers:
    cases, plan, tiny = PLANS[request.param]
    folder = tmp_path_factory.mktemp("papers")
    with opened_room(folder) as room:
        found = papers_of(room, folder, work_through(room, cases, plan, tiny=tiny))
    headline = found.sheets["Calculations"][0]
    # Each plan is there for its own kind of interval.
    assert headline["Weighted"] == (request.param == "weighted")
    assert ("no interval" in headline["Method"]) == (request.param == "whole")
    return found


def spoken(share: float) -> str:
    tenths = math.floor(Fraction(str(share)) * 1000 + Fraction(1, 2))
    tenths = min(999, max(1, tenths)) if 0 < share < 1 else tenths
    return f"{tenths // 10}.{tenths % 10}%"


def inside(papers: Papers) -> list[dict]:
    return [row for row in papers.sheets["Frame"] if row["In population"] == 1]


def test_the_frame_has_the_printed_hash_and_the_draw_comes_out_again(papers):
    population = inside(papers)
    strata = Counter(row["Stratum"] for row in population)
    has_strata = papers.value("Plan", "Strata") != "None"
    lines = sorted(f"{row['Case']}\t{row['Stratum']}" if has_strata else row["Case"] for row in population)
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert digest == papers.value("Plan", "Frame's SHA-256")
    assert papers.says(digest)
    seed, algorithm = papers.value("Plan", "Seed"), papers.value("Plan", "Algorithm")
    order = sorted(
        (row["Case"] for row in population),
        key=lambda case: hashlib.sha256(f"{algorithm}\n{seed}\n{case}".encode()).digest(),
    )
    size = int(papers.value("Plan", "Size"))
    label = {row["Case"]: row["Stratum"] for row in population}
    wanted = shared(strata, size, int(papers.value("Plan", "Minimum per stratum")))
    taken, drawn = Counter(), []
    for case in order:
        if taken[label[case]] < wanted[label[case]]:
            taken[label[case]] += 1
            drawn.append(case)
    sample = [row["Case"] for row in papers.sheets["Sample"] if row["Spare"] == 0]
    assert drawn == sample
    assert papers.says(f"Seed{seed}")


def shared(sizes: Counter, size: int, minimum: int) -> dict[str, int]:
    """Largest remainder, with at least `minimum` or the whole stratum."""
    fixed: dict[str, int] = {}
    while True:
        free = {label: n for label, n in sizes.items() if label not in fixed}
        left, total = size - sum(fixed.values()), sum(free.values())
        exact = {label: Fraction(left * n, total) for label, n in free.items()}
        part = {label: math.floor(share) for label, share in exact.items()}
        rest = left - sum(part.values())
        for lucky in sorted(free, key=lambda label: (part[label] - exact[label], label))[:rest]:
            part[lucky] += 1
        low = {label: min(minimum, sizes[label]) for label, n in part.items() if n < min(minimum, sizes[label])}
        if not low:
            return fixed | part
        fixed |= low


def test_the_size_is_that_of_the_formula(papers):
    population, size = len(inside(papers)), int(papers.value("Plan", "Size"))
    margin, confidence = papers.value("Plan", "Margin"), papers.value("Plan", "Confidence")
    if population <= papers.value("Plan", "Audited whole up to"):
        wanted = population
    elif papers.value("Plan", "Kind") == "Discovery sample":
        failures = math.ceil(round(papers.value("Plan", "Rate") * population, 9))
        wanted = next(
            n for n in range(1, population + 1) if hypergeom.pmf(0, population, failures, n) <= 1 - confidence
        )
    else:
        n0 = norm.ppf((1 + confidence) / 2) ** 2 * 0.25 / margin**2
        wanted = math.ceil(n0 / (1 + (n0 - 1) / population))
    assert size == wanted
    assert papers.says(f"{size} of {population} cases") or papers.says(f"All {population} cases")


def outcomes(papers: Papers) -> dict[str, tuple[bool, bool]]:
    """(passed, partly) of each case, from the answers alone."""
    failed, partly, cases = set(), set(), set()
    for row in papers.sheets["Answers"]:
        cases.add(row["Case"])
        if row["Mandatory"] and row["Final answer"] in ("Not met", "Cannot determine"):
            failed.add(row["Case"])
        if row["Mandatory"] and row["Final answer"] == "Partly met":
            partly.add(row["Case"])
    return {case: (case not in failed, case in partly - failed) for case in cases}


def test_the_final_answer_is_the_adjudicated_one_and_decides_which_documents_pass(papers):
    for row in papers.sheets["Answers"]:
        assert row["Final answer"] == (row["Adjudicated answer"] or row["First answer"])
    worked_out = outcomes(papers)
    assert {row["Case"] for row in papers.sheets["Sample"] if row["Under audit"]} == set(worked_out)
    for row in papers.sheets["Outcomes"]:
        assert (row["Passed"], row["Partly met"]) == worked_out[row["Case"]]
    passed, partly = (sum(pair[i] for pair in worked_out.values()) for i in (0, 1))
    # One line each: a page may end between two of them.
    assert papers.says(f"Passed{passed}")
    assert papers.says(f"of these, a mandatory criterion partly met{partly}")
    assert papers.says(f"Failed{len(worked_out) - passed}")
    assert papers.says(f"Audited{len(worked_out)}")


def cells(papers: Papers, figure: str, group: str) -> dict[str, tuple[int, int, int, int]]:
    """By stratum (successes, assessed, drawn, population), counted from frame, outcomes and answers."""
    column = {"By force": "Force", "By contact reason": "Contact reason", "By month": "Month"}.get(figure)
    passed = outcomes(papers)
    found: dict[str, list[int]] = {}
    for row in inside(papers):
        if column is None or row[column] == group:
            found.setdefault(row["Stratum"], [0, 0, 0, 0])[3] += 1
    place = {row["Case"]: row for row in papers.sheets["Frame"]}
    for case, (is_passed, _partly) in passed.items():
        if figure == "Documents that pass" or (column and place[case][column] == group):
            cell = found[place[case]["Stratum"]]
            cell[0], cell[1], cell[2] = cell[0] + is_passed, cell[1] + 1, cell[2] + 1
    if figure == "By criterion":
        for row in papers.sheets["Answers"]:
            if row["Criterion"] == int(group):
                applies = row["Final answer"] != "Not applicable"
                cell = found[row["Stratum"]]
                cell[0] += row["Final answer"] in ("Met", "Partly met")
                cell[1], cell[2] = cell[1] + applies, cell[2] + 1
    if any(cell[2] == 0 for cell in found.values()):
        return {"": tuple(map(sum, zip(*found.values(), strict=True)))}
    return {label: tuple(cell) for label, cell in found.items()}


def exact(k: int, n: int, population: int, risk: float) -> tuple[int, int]:
    """Every K that neither tail rejects."""
    possible = [
        marked
        for marked in range(k, population - n + k + 1)
        if hypergeom.sf(k - 1, population, marked, n) > risk and hypergeom.cdf(k, population, marked, n) > risk
    ]
    return possible[0], possible[-1]


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    centre, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def test_every_share_and_interval_follows_from_the_answers(papers):
    confidence = papers.value("Plan", "Confidence")
    z = norm.ppf((1 + confidence) / 2)
    methods = set()
    for row in papers.sheets["Calculations"]:
        by_stratum = cells(papers, row["Figure"], row["Group"])
        k, n, drawn = (sum(cell[i] for cell in by_stratum.values()) for i in (0, 1, 2))
        sizes = [
            pop if m == d else math.floor(Fraction(pop * m, d) + Fraction(1, 2))
            for _k, m, d, pop in by_stratum.values()
        ]
        population = sum(sizes)
        assert (row["Successes"], row["Assessed"], row["Drawn"], row["Population"]) == (k, n, drawn, population)
        assert papers.says(row["In words"])
        methods.add(row["Method"].partition(";")[0])
        if n == 0:
            assert row["In words"] == "not assessed"
            continue
        if drawn == sum(cell[3] for cell in by_stratum.values()):
            assert row["In words"] == f"{k} of {n} ({spoken(k / n)})"
            assert row["Low"] == row["High"] == ""
            continue
        low, high, share = limits(row, by_stratum, sizes, confidence, z)
        assert row["Share"] == pytest.approx(share)
        assert (row["Low"], row["High"]) == (pytest.approx(low), pytest.approx(high))
        assert (row["Wilson low"], row["Wilson high"]) == (
            pytest.approx(wilson(k / n, n, z)[0], abs=1e-9), pytest.approx(wilson(k / n, n, z)[1], abs=1e-9),
        )  # fmt: skip
        if k < n:
            assert row["In words"].endswith(f"between {spoken(low)} and {spoken(high)} of all {population}")
            assert spoken(share) in row["In words"]
        else:
            assert row["In words"].startswith(f"none found in {n}; up to ")
            assert float(row["In words"].split()[-2].rstrip("%")) / 100 == pytest.approx(1 - low, abs=0.001)
    assert methods


def limits(row, by_stratum, sizes, confidence, z) -> tuple[float, float, float]:
    k, n, population = row["Successes"], row["Assessed"], row["Population"]
    if not row["Weighted"]:
        risk = 1 - confidence if "one-sided" in row["Method"] else (1 - confidence) / 2
        low, high = exact(int(k), int(n), int(population), risk)
        assert (row["Low count"], row["High count"]) == (low, high)
        return low / population, high / population, k / n
    share = variance = 0.0
    for (k_h, n_h, _drawn, _population), size in zip(by_stratum.values(), sizes, strict=True):
        if not size:
            continue
        weight, p = size / population, k_h / n_h
        share += weight * p
        if n_h < size:
            part = 0.25 if n_h == 1 else (1 - n_h / size) * p * (1 - p) / (n_h - 1)
            variance += weight**2 * part
    low, high = wilson(share, share * (1 - share) / variance if variance else n, z)
    return low, high, share


def test_agreement_of_the_two_reviewers_follows_from_their_answers(papers):
    pairs = [
        (row["First answer"], row["Second answer"])
        for row in papers.sheets["Answers"]
        if row["Second answer"] and (row["First reviewer"], row["Second reviewer"]) != ("the desk", "the desk")
    ]
    compared = Counter(pairs)
    printed = {(r["First"], r["Second"]): r["Number"] for r in papers.sheets["Agreement"] if r["Of"] == "Answers"}
    for (first, second), count in printed.items():
        if second:
            assert count == compared[first, second]
    n = len(pairs)
    raw = sum(a == b for a, b in pairs) / n
    rows, columns = Counter(a for a, _b in pairs), Counter(b for _a, b in pairs)
    by_chance = sum(rows[word] * columns[word] for word in SECOND) / n**2
    half = {word: (rows[word] + columns[word]) / (2 * n) for word in SECOND}
    by_guess = sum(p * (1 - p) for p in half.values()) / (len(SECOND) - 1)
    assert printed["Raw agreement", ""] == pytest.approx(raw)
    assert printed["Kappa", ""] == pytest.approx((raw - by_chance) / (1 - by_chance))
    assert printed["AC1", ""] == pytest.approx((raw - by_guess) / (1 - by_guess))
    agreed = sum(a == b for a, b in pairs)
    kappa = f"{(raw - by_chance) / (1 - by_chance):.2f}"
    assert papers.says(f"Answers to criteria{n}{agreed}{spoken(raw)}{kappa}{(raw - by_guess) / (1 - by_guess):.2f}")
    differ = sum(row["Second answer"] not in ("", row["First answer"]) for row in papers.sheets["Answers"])
    settled = sum(row["Adjudicated answer"] != "" for row in papers.sheets["Answers"])
    answers = "1 answer" if differ == 1 else f"{differ} answers"
    assert papers.says(f"The two differed in {answers}; {settled} adjudicated.")


def test_the_printed_counts_of_strata_exclusions_and_criteria_follow_from_the_sheets(papers):
    weights = Counter(row["Stratum"] for row in inside(papers))
    audited = Counter(row["Stratum"] for row in papers.sheets["Outcomes"])
    total = weights.total()
    for label, count in weights.items():
        assert papers.says(f"{label or 'All'}{count}{100 * count / total:.2f}%{audited[label]}")
    left_out = Counter(row["Left out because"] for row in papers.sheets["Frame"] if not row["In population"])
    for reason, count in left_out.items():
        assert papers.says(f"Left out: {reason}{count}")
    assert papers.says(f"In the population{total}")
    given = Counter((row["Criterion"], row["Final answer"]) for row in papers.sheets["Answers"])
    for row in papers.sheets["Checklist"]:
        counts = "".join(str(given[row["No."], word]) for word in SECOND)
        mark = " M" if row["Mandatory"] else ""
        assert papers.says(f"{int(row['No.'])}{mark} · {row['Criterion']}{counts}")


def test_one_force_of_a_joint_audit_can_be_worked_out_from_its_own_papers(tmp_path):
    cases, plan, _tiny = PLANS["random"]
    with opened_room(tmp_path) as room:
        alone = papers_of(room, tmp_path, work_through(room, cases, plan), "Norfolk")
    assert {row["Force"] for row in alone.sheets["Frame"]} == {"Norfolk"}
    assert not alone.says("Suffolk ·")
    test_every_share_and_interval_follows_from_the_answers(alone)
    test_the_final_answer_is_the_adjudicated_one_and_decides_which_documents_pass(alone)
    test_agreement_of_the_two_reviewers_follows_from_their_answers(alone)
