"""Effects by published examples and by hand, what a verdict may depend on, teams to talk to, the weeks."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oicdesk.audits.rules_suppress import suppress
from oicdesk.comms import rules_effect
from oicdesk.comms.rules_effect import (
    CLEAR_FALL,
    CLEAR_RISE,
    NO_CLEAR_CHANGE,
    TOO_EARLY,
    VERDICTS,
    ConversationTerms,
    Count,
    Effect,
    EffectTerms,
    Published,
    conversations,
    effect,
    shrunk_rate,
    verdict,
    windows,
)
from oicdesk.documents.rules import CaseAsAt
from oicdesk.referrals.rules import AWAITING_DOCUMENT, DUPLICATE, EXEMPT, SCOPE_QUERY, SUBMITTED
from oicdesk.settings.rules import end_of_day

DAY = date(2026, 6, 15)  # a Monday
AS_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ITEM = Published(1, "Briefing", DAY)


def case(day: date, *, hours: float | None = 5, hour: int = 9, **facts) -> CaseAsAt:
    """A contact of that day, due after 24 hours, documented after so many hours, or never."""
    contact = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    submitted = None if hours is None else contact + timedelta(hours=hours)
    given = {
        "status": AWAITING_DOCUMENT if hours is None else SUBMITTED, "contact_at": contact,
        "due_at": contact + timedelta(hours=24), "first_submitted_at": submitted, "force": "Suffolk",
        "reason": "Person in custody",
    }  # fmt: skip
    return CaseAsAt(**given | facts)


def contacts(on_time: int, due: int, days: range) -> list[CaseAsAt]:
    """So many contacts due, spread over those days from DAY, of them so many on time."""
    return [
        case(DAY + timedelta(days=days[n % len(days)]), hours=5 if n < on_time else (30 if n % 2 else None))
        for n in range(due)
    ]


BEFORE, AFTER = range(-84, 0), range(1, 85)


def of_counts(before: Count, after: Count) -> list[CaseAsAt]:
    return contacts(*before, BEFORE) + contacts(*after, AFTER)


# --- the verdict ---


@pytest.mark.parametrize(
    ("before", "after", "low", "high", "word"),
    [
        # Newcombe 1998, Statistics in Medicine 17: 873-890, table II, method 10.
        (Count(48, 80), Count(56, 70), 0.0524, 0.3339, CLEAR_RISE),
        (Count(56, 70), Count(48, 80), -0.3339, -0.0524, CLEAR_FALL),
        (Count(3, 10), Count(9, 10), 0.1705, 0.8090, CLEAR_RISE),
        (Count(0, 29), Count(5, 56), -0.0381, 0.1926, NO_CLEAR_CHANGE),
        (Count(0, 20), Count(0, 10), -0.1611, 0.2775, NO_CLEAR_CHANGE),
        (Count(0, 10), Count(10, 10), 0.6075, 1.0, CLEAR_RISE),
    ],
)
def test_an_effect_by_the_published_examples(before, after, low, high, word):
    found = effect(ITEM, "Suffolk", of_counts(before, after), AS_AT, EffectTerms())
    assert (found.before, found.after, found.verdict) == (before, after, word)
    assert found.windows.weeks == 12
    assert found.difference is not None
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high), abs=0.0001)


def test_an_effect_worked_by_hand_reads_in_words():
    found = effect(ITEM, "Suffolk", of_counts(Count(48, 80), Count(56, 70)), AS_AT, EffectTerms())
    assert found.in_words == (
        "Clear rise. Documented on time: 48 of 80 (60.0%) in the 12 weeks before 15 June 2026, 56 of 70 (80.0%) in the"
        " 12 weeks after. The difference (+20.0 points, 95% interval +5.2 to +33.4) is more than chance explains."
    )
    fallen = effect(ITEM, "Suffolk", of_counts(Count(0, 29), Count(5, 56)), AS_AT, EffectTerms())
    assert fallen.in_words.endswith("The difference (+8.9 points, 95% interval –3.8 to +19.3) may be chance.")


@pytest.mark.parametrize(
    ("weeks", "before", "after", "word"),
    [
        (5, Count(0, 50), Count(50, 50), TOO_EARLY),
        (6, Count(0, 50), Count(50, 50), CLEAR_RISE),
        (6, Count(0, 9), Count(50, 50), TOO_EARLY),
        (6, Count(0, 50), Count(9, 9), TOO_EARLY),
        (6, Count(0, 10), Count(10, 10), CLEAR_RISE),
        (0, Count(0, 0), Count(0, 0), TOO_EARLY),
    ],
)
def test_it_is_too_early_under_six_weeks_or_ten_contacts_on_a_side(weeks, before, after, word):
    assert verdict(before, after, weeks) == word


def test_the_thresholds_are_the_desks_and_nothing_is_never_judged():
    assert verdict(Count(0, 3), Count(3, 3), 2, least_weeks=1, least_events=3) == CLEAR_RISE
    assert verdict(Count(0, 0), Count(0, 0), 9, least_weeks=0, least_events=0) == TOO_EARLY


counts = st.integers(0, 80).flatmap(lambda due: st.builds(Count, st.integers(0, due), st.just(due)))


@given(counts, counts, st.integers(0, 30))
def test_a_verdict_is_one_of_four_words_and_turns_round_when_the_sides_do(before, after, weeks):
    word, turned = verdict(before, after, weeks), verdict(after, before, weeks)
    assert word in VERDICTS
    assert turned == {CLEAR_RISE: CLEAR_FALL, CLEAR_FALL: CLEAR_RISE}.get(word, word)
    if word == CLEAR_RISE:
        assert after.on_time * before.due > before.on_time * after.due


@given(counts, counts, st.randoms(use_true_random=False))
def test_a_verdict_depends_on_the_counts_alone(before, after, random):
    """Not on order, days within the window, forces, reasons, teams or how late a late document was."""
    cases = []
    for days, count in ((BEFORE, before), (AFTER, after)):
        for n in range(count.due):
            cases.append(
                case(
                    DAY + timedelta(days=random.choice(days)), hour=random.randrange(9, 18),
                    hours=random.choice([0, 1, 24]) if n < count.on_time else random.choice([None, 24.1, 900]),
                    reason=random.choice(["Other", None]), force=random.choice(["Suffolk", "Norfolk"]),
                )
            )  # fmt: skip
    noise = [
        case(DAY), case(DAY - timedelta(days=85), hours=None), case(DAY + timedelta(days=85), hours=None),
        case(DAY + timedelta(days=3), hours=None, status=EXEMPT),
        case(DAY + timedelta(days=4), hours=None, status=SCOPE_QUERY, due_at=None),
        case(DAY - timedelta(days=3), hours=None, status=DUPLICATE),
        case(DAY - timedelta(days=9), before_register=True),
    ]  # fmt: skip
    random.shuffle(cases)
    found = effect(ITEM, "Joint", cases + noise, AS_AT, EffectTerms())
    assert (found.before, found.after) == (before, after)
    assert found.verdict == verdict(before, after, 12)


# --- windows ---


@pytest.mark.parametrize(
    ("as_at", "weeks"),
    [
        (end_of_day(DAY + timedelta(days=42)), 6),
        (end_of_day(DAY + timedelta(days=42)) - timedelta(microseconds=1), 5),
        (end_of_day(DAY + timedelta(days=6)), 0),
        (end_of_day(DAY - timedelta(days=30)), 0),
        (end_of_day(DAY + timedelta(days=1000)), 12),
    ],
)
def test_windows_hold_whole_weeks_that_are_over(as_at, weeks):
    assert windows(DAY, as_at, EffectTerms()).weeks == weeks


def test_windows_are_equal_and_the_day_itself_is_in_neither():
    span = windows(DAY, AS_AT, EffectTerms())
    before = [
        DAY + timedelta(days=n) for n in range(-200, 200) if span.before[0] <= DAY + timedelta(days=n) <= span.before[1]
    ]
    after = [
        DAY + timedelta(days=n) for n in range(-200, 200) if span.after[0] <= DAY + timedelta(days=n) <= span.after[1]
    ]
    assert len(before) == len(after) == 84
    assert DAY not in before + after
    assert (before[-1], after[0]) == (DAY - timedelta(days=1), DAY + timedelta(days=1))
    assert [day.weekday() for day in before[:7]] == [0, 1, 2, 3, 4, 5, 6]


def test_windows_never_reach_before_the_register():
    terms = EffectTerms(register_started=DAY - timedelta(days=20))
    span = windows(DAY, AS_AT, terms)
    assert (span.weeks, span.is_cut_by_register) == (2, True)
    assert span.before[0] >= DAY - timedelta(days=20)
    found = effect(ITEM, "Suffolk", of_counts(Count(48, 80), Count(56, 70)), AS_AT, terms)
    assert found.verdict == TOO_EARLY
    assert "register was started 2 weeks before" in found.because
    assert windows(DAY, AS_AT, EffectTerms(register_started=DAY + timedelta(days=5))).weeks == 0


def test_a_contact_counts_on_its_london_day():
    """23:30 UTC in June is half past midnight of the next day in London."""
    contact = datetime(2026, 6, 14, 23, 30, tzinfo=UTC)
    found = effect(
        ITEM, "Suffolk", [case(DAY, contact_at=contact, due_at=contact + timedelta(hours=24))], AS_AT, EffectTerms()
    )  # fmt: skip
    assert (found.before.due, found.after.due) == (0, 0)


def test_a_contact_whose_due_time_has_not_passed_is_not_judged():
    as_at = end_of_day(DAY + timedelta(days=42))
    late = case(DAY + timedelta(days=42), hour=12, hours=None)
    assert effect(ITEM, "Suffolk", [late], as_at, EffectTerms()).after == (0, 0)
    assert effect(ITEM, "Suffolk", [late], as_at + timedelta(days=1), EffectTerms()).after == (0, 1)


def test_too_early_says_what_is_lacking():
    after_three_weeks = end_of_day(DAY + timedelta(days=22))
    found = effect(ITEM, "Suffolk", of_counts(Count(48, 80), Count(56, 70)), after_three_weeks, EffectTerms())
    assert found.because == "3 weeks passed in full since 15 June 2026; a verdict needs 6 weeks."
    assert found.difference is None
    just_enough = end_of_day(DAY + timedelta(days=42))
    sixth = effect(ITEM, "Suffolk", contacts(4, 8, range(-42, 0)), just_enough, EffectTerms())
    assert sixth.because.startswith("In the 6 weeks before 8 contacts fell due")
    few = effect(ITEM, "Suffolk", of_counts(Count(4, 8), Count(30, 30)), AS_AT, EffectTerms())
    assert few.because == (
        "In the 12 weeks before 8 contacts fell due, in those after 30; a verdict needs 10 on each side."
    )


# --- several items, context ---


def test_several_items_in_one_window_are_said_to_be_inseparable():
    near = Published(2, "Guidance page", DAY + timedelta(days=20))
    edge, far = Published(3, "Edge", DAY - timedelta(days=84)), Published(4, "Far", DAY + timedelta(days=85))
    found = effect(ITEM, "Suffolk", of_counts(Count(48, 80), Count(56, 70)), AS_AT, EffectTerms(),
                   published=[far, near, ITEM, edge])  # fmt: skip
    assert found.others == (edge, near)
    assert found.verdict == CLEAR_RISE
    assert found.in_words.endswith(
        "3 items were published within these windows, so what follows cannot be told apart between this one and"
        " “Edge” on 23 March 2026; “Guidance page” on 5 July 2026."
    )
    assert effect(ITEM, "Suffolk", [], AS_AT, EffectTerms(), published=[ITEM, far]).inseparable == ""


def test_documents_and_contacts_are_context_without_a_verdict():
    cases = [*of_counts(Count(30, 40), Count(60, 80)), case(DAY + timedelta(days=9), hours=None, status=EXEMPT)]
    found = effect(ITEM, "Suffolk", cases, AS_AT, EffectTerms())
    assert (found.contacts.before, found.contacts.after, found.contacts.ratio) == (40, 81, None)
    assert found.documents.ratio is not None
    assert found.documents.ratio.ratio == pytest.approx(found.documents.after / found.documents.before)
    assert found.documents.per_week(24) == 2
    context = {field.name for field in fields(rules_effect.Context)}
    assert context == {"before", "after", "weeks", "has_ratio"}  # no word, no arrow, no target, no forecast
    assert {field.name for field in fields(Effect)} & {"target", "forecast", "arrow"} == set()


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_contacts_never_change_the_verdict_when_the_shares_and_their_sizes_stay(extra_before, extra_after):
    base = of_counts(Count(48, 80), Count(56, 70))
    more = [case(DAY - timedelta(days=9), hours=None, status=EXEMPT)] * extra_before
    more += [case(DAY + timedelta(days=9), hours=None, status=SCOPE_QUERY, due_at=None)] * extra_after
    assert effect(ITEM, "Suffolk", base + more, AS_AT, EffectTerms()).verdict == CLEAR_RISE


# --- weeks ---


def test_weeks_count_documents_by_submission_and_time_by_contact():
    monday = date(2026, 11, 16)
    cases = [
        case(monday, hours=5), case(monday, hours=24 * 7), case(monday + timedelta(days=6), hours=None, hour=10),
        case(monday + timedelta(days=2), hours=None, status=EXEMPT), case(monday, hours=None, status=DUPLICATE),
    ]  # fmt: skip
    before, last, now = rules_effect.weeks(cases, AS_AT, count=3)
    assert (before.monday, last.monday, now.monday) == (
        monday - timedelta(days=7), monday, monday + timedelta(days=7),
    )  # fmt: skip
    assert (last.documents, last.due, last.on_time, last.contacts, last.is_whole) == (1, 3, 1, 4, True)
    assert last.percent == 33.3
    assert (now.documents, now.due, now.is_whole) == (1, 0, False)
    assert before == (before.monday, 0, 0, 0, 0, True) and before.percent is None


# --- teams ---


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1), st.integers(0, 50))
def test_a_shrunk_rate_lies_between_the_teams_own_and_its_forces(missing, rest, mean, prior):
    cases = missing + rest
    rate = shrunk_rate(missing, cases, mean, prior=prior)
    own = missing / cases if cases else mean
    assert min(own, mean) - 1e-9 <= rate <= max(own, mean) + 1e-9
    assert 0 <= rate <= 1 + 1e-9


@given(st.integers(1, 50), st.floats(0, 1))
def test_more_cases_of_the_same_share_pull_away_from_the_mean(size, mean):
    nearer, farther = (abs(shrunk_rate(n, n, mean) - 1) for n in (size + 1, size))
    assert nearer <= farther


def test_the_formula_of_the_domain_by_hand():
    assert shrunk_rate(1, 1, 0.1) == pytest.approx(2 / 11)
    assert shrunk_rate(8, 20, 0.1) == pytest.approx(9 / 30)
    assert shrunk_rate(0, 0, 0.3) == pytest.approx(0.3)
    assert shrunk_rate(0, 0, 0.3, prior=0) == 0.3


def team(name: str | None, missing: int, fine: int, days_ago: int = 10, **facts) -> list[tuple[str | None, CaseAsAt]]:
    day = date(2026, 11, 23) - timedelta(days=days_ago)
    return [(name, case(day, hours=None, **facts))] * missing + [(name, case(day, **facts))] * fine


def test_one_of_one_does_not_lead():
    rows = team("Tiny", 1, 0) + team("Large", 6, 14) + team("Good", 0, 60)
    found = conversations(rows, AS_AT)
    assert [row.team for row in found.teams] == ["Large", "Good", "Tiny"]
    mean = 7 / 81
    large = found.teams[0]
    assert (large.cases, large.missing, large.recent) == (20, 6, 20)
    assert large.rate == pytest.approx((6 + 10 * mean) / 30)
    assert large.expected == pytest.approx(large.rate * 20)


def test_expected_missing_looks_at_the_contacts_of_the_last_weeks_only():
    rows = team("Old trouble", 9, 1, days_ago=200) + team("Now", 1, 9)
    found = conversations(rows, AS_AT)
    assert [(row.team, row.recent) for row in found.teams] == [("Now", 10), ("Old trouble", 0)]
    assert found.teams[1].expected == 0
    assert found.teams[1].talk == "No talk with Old trouble is needed now: it had no contact in these weeks."


def test_the_last_weeks_end_to_the_instant():
    first = AS_AT - timedelta(weeks=8)
    rows = [("A", case(first.date(), contact_at=first + timedelta(seconds=n))) for n in (0, 1)]
    assert conversations(rows, AS_AT).teams[0].recent == 1


def test_each_force_has_its_own_mean_and_a_contact_without_team_is_counted_apart():
    rows = team("A", 0, 10) + team("B", 5, 5, force="Norfolk") + team(None, 2, 0) + team(" ", 0, 1)
    found = conversations(rows, AS_AT, ConversationTerms(prior_cases=10, recent_weeks=8))
    rates = {row.team: row.rate for row in found.teams}
    assert rates == {"A": pytest.approx((10 * 2 / 13) / 20), "B": pytest.approx(0.5)}
    assert found.unnamed == 3
    assert "+ 10 × the rate of its force" in found.formula and "last 8 weeks" in found.formula


def test_a_talk_is_about_documents_never_about_more_contacts_and_names_the_leading_reason():
    rows = team("A", 3, 1, reason="Illegal working or harbouring") + team("A", 1, 0) + team("B", 1, 5)
    talks = {row.team: row.talk for row in conversations(rows, AS_AT).teams}
    assert talks == {
        "A": "Talk with A about completing and submitting the document after a contact, above all after"
        " “Illegal working or harbouring”.",
        "B": "Talk with B about completing and submitting the document after a contact.",
    }


def test_without_any_contact_due_there_is_no_team_to_name():
    soon = [("A", case(date(2026, 11, 23), hours=None))]
    assert conversations(soon, AS_AT).teams == ()
    assert conversations([], AS_AT) == conversations(team("A", 1, 0, status=EXEMPT), AS_AT)


def test_a_team_row_has_no_place_for_a_person():
    names = {field.name for field in fields(rules_effect.TeamRow)}
    assert names == {"force", "team", "cases", "missing", "rate", "recent", "expected", "talk"}


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C", "D"]), st.integers(0, 6), st.integers(0, 6)), max_size=8))
def test_a_single_contact_never_leads_a_team_of_twice_as_many_and_no_better(groups):
    rows = [row for name, missing, fine in groups for row in team(name, missing, fine)]
    rows += team("One of one", 1, 0) + team("Ten of ten", 10, 0)
    found = conversations(rows, AS_AT).teams
    assume(found)
    assert [row.expected for row in found] == sorted((row.expected for row in found), reverse=True)
    assert found[0].team != "One of one"


# --- panel ---


def test_panel_tables_hold_every_paper_of_the_as_at_and_can_be_suppressed_together():
    cases = [case(date(2026, 10, 5))] * 12 + [case(date(2026, 10, 6), hours=None)] * 2
    cases += [case(date(2026, 11, 2), force="Norfolk")] * 20 + [case(date(2026, 11, 2), force=None)]
    tables = rules_effect.panel_tables(cases, AS_AT, months=2)
    assert [(t.paper, t.rows, t.counts) for t in tables] == [
        ("Suffolk", ("2026-10", "2026-11"), ((12, 2), (0, 0))),
        ("Norfolk", ("2026-10", "2026-11"), ((0, 0), (20, 0))),
        ("Joint", ("2026-10", "2026-11"), ((12, 2), (20, 0))),
    ]
    published = suppress(tables)
    assert published[0].counts[0][1] is None
    assert published[2].counts[0][1] is None
