"""Which parents are asked, in what order, and how the audit grows and shrinks."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.fan_out import (
    AUDIT_SHARE,
    Past,
    choose,
    is_open,
    next_audit_share,
    next_open_share,
    roles_to_read,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read_hours_ago(**hours: float) -> dict[str, datetime]:
    return {parent: NOON - timedelta(hours=ago) for parent, ago in hours.items()}


def test_changed_parents_come_first_then_open_work_then_the_longest_unread():
    plan = choose(
        ["a", "b", "c", "d", "e"],
        changed={"d"},
        open_work={"c", "d"},
        last_read=read_hours_ago(a=1, b=9, c=1, d=1, e=5),
        audit_share=0.5,
    )

    assert plan.order == ("d", "c", "b", "e")
    assert (plan.changed, plan.open_work, plan.audit) == (1, 1, ("b", "e"))
    assert plan.unchanged == {"c", "b", "e"}
    assert plan.later_audit == ("a",)


def test_a_parent_that_was_never_read_is_owed():
    plan = choose(["old", "new"], changed=set(), open_work=set(), last_read=read_hours_ago(old=1), audit_share=0)

    assert plan.order == ("new",)


def test_what_the_budget_leaves_comes_first_next_time():
    parents = [f"p{number}" for number in range(10)]
    plan = choose(parents, changed=set(parents), open_work=set(), last_read={}, budget=4)

    assert plan.order == ("p0", "p1", "p2", "p3")
    assert plan.deferred == ("p4", "p5", "p6", "p7", "p8", "p9")
    assert plan.later_audit == ()

    next_time = choose(parents, changed=set(), open_work=set(), last_read=dict.fromkeys(plan.order, NOON), budget=6)

    assert next_time.order == plan.deferred


def test_the_audit_reads_every_closed_parent_within_24_refreshes():
    parents = [f"p{number:03d}" for number in range(1001)]
    last_read = dict.fromkeys(parents, NOON)
    for refresh in range(1, 25):
        plan = choose(parents, changed=set(), open_work=set(), last_read=last_read)
        last_read |= dict.fromkeys(plan.order, NOON + timedelta(hours=refresh))

    assert min(last_read.values()) > NOON


def test_full_reads_all_parents():
    parents = [f"p{number}" for number in range(50)]
    plan = choose(parents, changed={"p7"}, open_work={"p9"}, last_read=dict.fromkeys(parents, NOON), full=True)

    assert set(plan.order) == set(parents)
    assert plan.order[:2] == ("p7", "p9")
    assert next_audit_share([Past(plan.audit_share)]) == AUDIT_SHARE


def test_open_work_at_a_quarter_takes_turns():
    parents = [f"p{number}" for number in range(8)]
    last_read = dict.fromkeys(parents, NOON)
    turns = []
    for refresh in range(4):
        plan = choose(parents, changed=set(), open_work=set(parents), last_read=last_read, open_share=1 / 4)
        last_read |= dict.fromkeys(plan.order, NOON + timedelta(hours=refresh + 1))
        turns += plan.order

    assert sorted(turns) == parents


def test_a_silent_change_asks_for_another_24th_until_one_is_clean():
    parents = [f"p{number:02d}" for number in range(48)]
    plan = choose(parents, changed=set(), open_work=set(), last_read=dict.fromkeys(parents, NOON))
    more = plan.more_audit()

    assert plan.audit == ("p00", "p01")
    assert next(more) == ("p02", "p03")
    assert next(more) == ("p04", "p05")


@pytest.mark.parametrize(
    ("history", "share"),
    [
        ([], AUDIT_SHARE),
        ([Past(silent_audit=1)], AUDIT_SHARE * 4),
        ([Past(0.5, silent_audit=1)], 1.0),
        ([Past(4 * AUDIT_SHARE)] * 23 + [Past(silent_audit=1)], 4 * AUDIT_SHARE),
        ([Past(4 * AUDIT_SHARE)] * 24 + [Past(silent_audit=1)], 2 * AUDIT_SHARE),
        ([Past(2 * AUDIT_SHARE)] + [Past(4 * AUDIT_SHARE)] * 24, 2 * AUDIT_SHARE),
        ([Past()] * 100, AUDIT_SHARE),
    ],
)
def test_the_audit_grows_fourfold_on_a_silent_change_and_is_halved_after_24_clean_refreshes(history, share):
    assert next_audit_share(history) == pytest.approx(share)


@pytest.mark.parametrize(
    ("history", "share"),
    [
        ([], 1.0),
        ([Past(accompanied=299)], 1.0),
        ([Past(accompanied=150)] * 2, 0.25),
        ([Past(silent_open=1), Past(accompanied=900)], 1.0),
        ([Past(accompanied=10), Past(silent_open=1), Past(accompanied=900)], 1.0),
    ],
)
def test_open_work_drops_to_a_quarter_when_300_changes_came_with_their_parent(history, share):
    assert next_open_share(history) == share


@pytest.mark.parametrize(
    ("roles", "steps", "answer"),
    [
        ([], [], True),
        (["r1"], [], True),
        (["r1"], [("r1", 1, "VALIDATED"), ("r1", 2, "IN_PROGRESS")], True),
        (["r1"], [("r1", 2, "VALIDATED"), ("r1", 1, "IN_PROGRESS")], False),
        (["r1"], [("r1", 1, "VALIDATED"), ("r1", 2, "SKIPPED")], False),
        (["r1"], [("r1", 1, "REJECTED"), ("r1", 2, "PENDING")], False),
        (["r1", "r2"], [("r1", 1, "REJECTED")], True),
        (["r1", "r2"], [("r1", 1, "REJECTED"), ("r2", 1, "VALIDATED")], False),
    ],
)
def test_open_work_is_an_assignment_without_rejection_whose_last_step_is_not_passed(roles, steps, answer):
    assert is_open(roles, steps) is answer


def test_a_candidate_step_of_an_unknown_template_step_sends_us_to_its_role():
    named = [("r1", "s1"), ("r2", "s9"), ("r3", None), (None, "s8")]

    assert roles_to_read(named, {"s1"}) == {"r2"}
