"""Two lists of contacts compared: what is matched, what is doubtful and why, one to one, the best way there is."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.referrals.rules_reconcile import (
    CAVEAT,
    DOUBTFUL,
    MATCHED,
    ONLY_THEIRS,
    Contact,
    Listed,
    assign,
    missed_by_both,
    reconcile,
    reference_key,
    spoken_missed,
)
from oicdesk.settings.rules import london_day

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def at(minutes):
    return START + timedelta(minutes=minutes)


def contact(id, ref="", minutes=0, *, force="Suffolk", officer="PC1", when=True):
    return Contact(id, reference_key(ref), force, officer, at(minutes) if when else None, f"C{id}")


def pairs(found):
    return {theirs: one.ours for theirs, one in found.findings.items() if one.ours is not None}


# --- references ---


def test_a_reference_counts_by_its_letters_and_figures_alone():
    assert reference_key(" nccu/26-01 ") == reference_key("NCCU2601")


@pytest.mark.parametrize("text", ["", None, "awaited", "N/A", "–"])
def test_words_without_a_figure_are_no_reference(text):
    assert reference_key(text) == ""


def test_the_same_reference_is_a_match_though_officer_and_time_differ():
    found = reconcile([contact(1, "NCCU1", 0)], [contact(9, "nccu/1", 600, officer="DC 4")])
    assert pairs(found) == {9: 1}
    assert found.findings[9].why == "Same reference, 10 hours apart."
    assert found.only_ours == ()


def test_the_same_reference_in_another_force_is_doubtful():
    one = reconcile([contact(1, "NCCU1")], [contact(9, "NCCU1", force="Norfolk")]).findings[9]
    assert (one.state, one.candidates) == (DOUBTFUL, (1,))
    assert one.why == "Same reference as C1, but their list says Norfolk and the register Suffolk."


@pytest.mark.parametrize(("minutes", "state"), [(24 * 60, MATCHED), (24 * 60 + 1, DOUBTFUL), (-24 * 60 - 1, DOUBTFUL)])
def test_the_same_reference_more_than_24_hours_apart_is_doubtful(minutes, state):
    assert reconcile([contact(1, "NCCU1")], [contact(9, "NCCU1", minutes)]).findings[9].state == state


def test_a_referral_whose_time_is_not_known_is_matched_by_its_reference():
    found = reconcile([contact(1, "NCCU1", when=False)], [contact(9, "NCCU1")])
    assert found.findings[9].why == "Same reference, a time is not known."


def test_a_reference_goes_before_a_nearer_time():
    found = reconcile([contact(1, "NCCU1", 20), contact(2, "", 0)], [contact(8, "NCCU1", 0), contact(9, "", 19)])
    assert pairs(found) == {8: 1, 9: 2}


def test_a_reference_that_stands_twice_in_their_list_leaves_the_farther_one_doubtful():
    found = reconcile([contact(1, "NCCU1")], [contact(8, "NCCU1", 9), contact(9, "NCCU1", 3)])
    assert pairs(found) == {9: 1}
    assert found.findings[8].why == "Same reference as C9, which is matched with C1 already."
    assert found.findings[8].state == DOUBTFUL


# --- officer and time ---


@pytest.mark.parametrize(("minutes", "state"), [(30, MATCHED), (-30, MATCHED), (31, ONLY_THEIRS), (-31, ONLY_THEIRS)])
def test_without_a_reference_officer_and_force_match_within_the_window(minutes, state):
    assert reconcile([contact(1)], [contact(9, "", minutes)]).findings[9].state == state


def test_the_window_is_as_the_desk_sets_it():
    found = reconcile([contact(1)], [contact(9, "", 6)], window=timedelta(minutes=5))
    assert found.findings[9].state == ONLY_THEIRS


@pytest.mark.parametrize("other", [{"force": "Norfolk"}, {"officer": "PC2"}, {"force": None}, {"officer": ""}])
def test_another_force_or_officer_is_no_match(other):
    assert reconcile([contact(1, **other)], [contact(9)]).findings[9].state == ONLY_THEIRS


def test_without_a_reference_and_with_several_candidates_it_is_doubtful():
    one = reconcile([contact(1, "", 9), contact(2, "", 4)], [contact(9)]).findings[9]
    assert (one.state, one.candidates) == (DOUBTFUL, (2, 1))
    assert one.why.startswith("No reference, and several referrals agree in force, officer and time: C2, C1")


def test_references_that_differ_make_officer_and_time_doubtful():
    found = reconcile([contact(1, "NCCU1")], [contact(9, "NCCU2", 5)])
    assert (found.findings[9].state, found.findings[9].candidates, found.only_ours) == (DOUBTFUL, (1,), (1,))
    assert found.findings[9].why == "Same force and officer as C1, 5 minutes apart, but the references differ."


def test_a_second_contact_of_the_same_officer_with_its_own_reference_is_only_theirs():
    found = reconcile([contact(1, "NCCU1")], [contact(8, "NCCU1", 1), contact(9, "NCCU2", 5)])
    assert [found.findings[id].state for id in (8, 9)] == [MATCHED, ONLY_THEIRS]


def test_a_second_row_without_a_reference_is_doubtful_once_its_referral_has_a_partner():
    found = reconcile([contact(1)], [contact(8, "", 2), contact(9, "", 5)])
    assert pairs(found) == {8: 1}
    assert found.findings[9].state == DOUBTFUL
    assert found.findings[9].why.endswith("C1, but that is matched with C8 already.")


def test_more_pairs_go_before_nearer_ones():
    ours = [contact(1, "", 0), contact(2, "", 30)]
    theirs = [contact(8, "NCCU8", 20), contact(9, "NCCU9", 40)]  # the nearest pair alone would leave 9 without
    assert pairs(reconcile(ours, theirs)) == {8: 1, 9: 2}


def test_a_clock_change_makes_no_hour():
    before = Contact(1, "", "Suffolk", "PC1", datetime(2026, 10, 25, 0, 50, tzinfo=UTC), "C1")
    after = Contact(9, "", "Suffolk", "PC1", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), "C9")
    assert pairs(reconcile([before], [after])) == {9: 1}


# --- a filler in the place of a reference, and a crowd ---


def test_a_filler_that_hundreds_of_contacts_bear_is_no_reference():
    ours = [contact(n, "000", n, officer=f"PC{n}") for n in range(201)]
    theirs = [contact(1000 + n, "000", 200 - n + 5, officer=f"PC{200 - n}") for n in range(200)]
    found = reconcile(ours, theirs)
    assert pairs(found) == {1000 + n: 200 - n for n in range(200)}
    assert found.findings[1000].why.startswith("Neither has a reference of its own; force, officer and time agree")


def test_more_contacts_of_one_officer_than_can_be_told_apart_are_doubtful_with_the_nearest_named():
    ours, theirs = ([contact(first + n, "", n % 30) for n in range(201)] for first in (0, 1000))
    found = reconcile(ours, theirs)
    assert {one.state for one in found.findings.values()} == {DOUBTFUL}
    one = found.findings[1029]
    assert one.why == "More contacts of this officer lie near it in time than can be told apart."
    assert len(one.candidates) == 20 and one.candidates[0] % 30 == 29


# --- what a person decided ---


def test_an_accepted_pair_stands_and_holds_its_referral():
    found = reconcile([contact(1, "NCCU1")], [contact(8, "NCCU1"), contact(9, "", 900)], fixed={9: 1})
    assert pairs(found) == {9: 1}
    assert found.findings[8].state == DOUBTFUL


def test_a_refused_pair_is_not_offered_again():
    found = reconcile([contact(1, "NCCU1")], [contact(9, "NCCU2", 5)], refused={(9, 1)})
    assert found.findings[9].state == ONLY_THEIRS


def test_progress_can_stop_it():
    class Stopped(Exception): ...

    def stop(_share, _text):
        raise Stopped

    with pytest.raises(Stopped):
        reconcile([contact(1)], [contact(9)], progress=stop)


# --- laws ---


@st.composite
def listed(draw, first):
    refs, forces = st.sampled_from(["", "", "N1", "N2", "N3"]), st.sampled_from(["Suffolk", "Norfolk"])
    rows = st.tuples(refs, st.integers(0, 120), forces, st.sampled_from(["PC1", "PC2", ""]))
    return [
        contact(first + place, ref, minutes, force=force, officer=officer)
        for place, (ref, minutes, force, officer) in enumerate(draw(st.lists(rows, max_size=8)))
    ]


@given(listed(0), listed(100), st.randoms())
def test_the_order_of_the_lists_does_not_matter(ours, theirs, random):
    found = reconcile(ours, theirs)
    mixed_ours, mixed_theirs = list(ours), list(theirs)
    random.shuffle(mixed_ours)
    random.shuffle(mixed_theirs)
    again = reconcile(mixed_ours, mixed_theirs)
    assert (dict(again.findings), again.only_ours) == (dict(found.findings), found.only_ours)


@given(listed(0), listed(100))
def test_every_contact_has_one_finding_and_no_referral_two_partners(ours, theirs):
    found = reconcile(ours, theirs)
    assert set(found.findings) == {one.id for one in theirs}
    taken = list(pairs(found).values())
    assert len(taken) == len(set(taken))
    assert sorted(found.only_ours) == sorted({one.id for one in ours} - set(taken))


@given(listed(0), listed(100))
def test_a_pair_agrees_in_reference_or_in_force_officer_and_time(ours, theirs):
    ours_by, theirs_by = {one.id: one for one in ours}, {one.id: one for one in theirs}
    for their_id, our_id in pairs(reconcile(ours, theirs)).items():
        our, their = ours_by[our_id], theirs_by[their_id]
        assert our.force == their.force
        if our.reference and their.reference:
            assert our.reference == their.reference
        else:
            assert our.officer == their.officer != ""
            assert abs(our.at - their.at) <= timedelta(minutes=30)


@given(listed(0), listed(100))
def test_no_pair_of_one_reference_could_be_added(ours, theirs):
    found = reconcile(ours, theirs)
    unpaired = [one for one in theirs if found.findings[one.id].ours is None and one.reference]
    left = [one for one in ours if one.id in found.only_ours]
    assert not [
        (one, other) for one in unpaired for other in left
        if (one.reference, one.force) == (other.reference, other.force)
    ]  # fmt: skip


costs = st.dictionaries(
    st.integers(0, 3), st.dictionaries(st.integers(10, 13), st.integers(0, 9), max_size=4), max_size=4
)


@given(costs)
def test_pairing_is_the_best_of_all_ways(costs):
    found = assign(costs)
    assert len(set(found.values())) == len(found)
    best = (0, 0)
    lefts = list(costs)
    for order in permutations([*range(10, 14), *[None] * len(lefts)], len(lefts)):
        chosen = [costs[left][right] for left, right in zip(lefts, order, strict=True) if right in costs[left]]
        best = min(best, (-len(chosen), sum(chosen)))
    assert (-len(found), sum(costs[left][right] for left, right in found.items())) == best


# --- what both lists missed ---


def test_the_estimate_is_chapmans_over_the_days_that_both_lists_cover():
    day = timedelta(days=1)
    both = [Listed(START + i % 9 * day, True, True) for i in range(28)]
    ours = [Listed(START + i % 9 * day, True, False) for i in range(12)]
    theirs = [Listed(START + i % 9 * day, False, True) for i in range(7)]
    outside = [Listed(START - 5 * day, True, False), Listed(START + 20 * day, False, True)]
    found = missed_by_both([*both, *ours, *theirs, *outside])
    assert (found.ours, found.theirs, found.both) == (40, 35, 28)
    assert (round(found.estimate, 3), round(found.standard_error, 3)) == (49.897, 2.217)  # golden.json
    assert round(found.missed, 3) == round(49.897 - 47, 3)
    assert found.first_day == london_day(START)
    assert "an estimated 2.9 contacts were missed by both" in spoken_missed(found)
    assert "independently" in CAVEAT


def test_lists_that_share_no_day_give_no_estimate():
    apart = [Listed(START, True, False), Listed(START + timedelta(days=2), False, True)]
    assert missed_by_both(apart) is None
    assert missed_by_both(apart[:1]) is None
    days = (date(2026, 3, 1), date(2026, 3, 9))
    assert missed_by_both(apart, our_days=days, their_days=days).estimate == 3
