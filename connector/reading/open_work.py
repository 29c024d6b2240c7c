"""Which parents have open work: their rows may change without the parent showing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from connector.contract import Platform
    from connector.reading.known import Known

PASSED = ("validated", "skipped")


def open_candidates(platform: Platform, known: Known) -> set[str]:
    """Candidates with an assignment that is still going on, by what the warehouse knows.

    An assignment goes on while none of its steps is rejected and its last one is neither validated nor skipped, or
    while none of its steps is known.
    """
    steps = known.visible(platform.table("candidate_steps"), ["candidate_id", "role_id", "order", "status"]).to_pandas()
    roles = known.visible(platform.table("candidate_roles"), ["candidate_id", "role_id"]).to_pandas()
    assignment = ["candidate_id", "role_id"]
    steps["status"] = steps["status"].str.lower()
    rejected = steps.loc[steps["status"].eq("rejected"), assignment].drop_duplicates()
    last = steps.sort_values("order", kind="stable", na_position="first").drop_duplicates(assignment, keep="last")
    passed = last.loc[last["status"].isin(PASSED), assignment]
    closed = pd.concat([rejected, passed]).drop_duplicates()
    known_assignments = pd.concat([roles, last[assignment]]).drop_duplicates()
    marked = known_assignments.merge(closed.assign(is_closed=True), on=assignment, how="left")
    return set(marked.loc[~marked["is_closed"].eq(np.True_), "candidate_id"])
