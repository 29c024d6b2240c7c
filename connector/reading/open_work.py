"""Which parents have open work: their rows may change without the parent showing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from connector.contract import Platform
    from connector.reading.known import Known

ASSIGNMENT = ["candidate_id", "role_id"]
PASSED = pa.array(["validated", "skipped"])
BEFORE_ALL = -(2**63)


def open_candidates(platform: Platform, known: Known) -> set[str]:
    """Candidates with an assignment that is still going on, by what the warehouse knows.

    An assignment goes on while none of its steps is rejected and its last one is neither validated nor skipped, or
    while none of its steps is known.
    """
    with_steps = _assignments_with_steps(
        known.visible(platform.table("candidate_steps"), [*ASSIGNMENT, "order", "status"])
    )
    assigned = known.visible(platform.table("candidate_roles"), ASSIGNMENT)
    without_steps = assigned.join(with_steps.select(ASSIGNMENT), ASSIGNMENT, join_type="left anti")
    going_on = with_steps.filter(pc.invert(pc.or_(with_steps["is_rejected_max"], with_steps["is_passed_last"])))
    found = pa.concat_tables([without_steps.select(["candidate_id"]), going_on.select(["candidate_id"])])
    return set(pc.unique(found["candidate_id"]).to_pylist())


def _assignments_with_steps(steps: pa.Table) -> pa.Table:
    """One row for each assignment of the steps: whether any of them is rejected, whether the last one is passed."""
    status = pc.fill_null(pc.utf8_lower(steps["status"]), "")
    flags = steps.select(ASSIGNMENT).append_column("is_rejected", pc.equal(status, "rejected"))
    flags = flags.append_column("is_passed", pc.is_in(status, value_set=PASSED))
    in_order = flags.take(pc.sort_indices(pc.fill_null(steps["order"], BEFORE_ALL)))
    grouped = in_order.group_by(ASSIGNMENT, use_threads=False)
    return grouped.aggregate([("is_rejected", "max"), ("is_passed", "last")])
