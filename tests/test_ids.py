"""Identifiers sort by the instant at which they were made."""

from __future__ import annotations

import re
import time

from pipelines.ids import new_id


def test_ids_made_one_after_the_other_sort_so_and_none_comes_twice():
    made = []
    for _ in range(500):
        made.append(new_id())
        time.sleep(0.000_002)

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", one) for one in made)
