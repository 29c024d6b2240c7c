"""A sample of slips made by rule, noticed by the quick tests of their module or told, to be looked at by a person.

What is not noticed is mostly as good as what stands there (a limit of 100 or 101, a sum that is never of one), or costs
requests and no row. It is a search for gaps in the tests, not a proof: that is the table made by hand.
"""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from tests.mutants.made_up import CORE, sites, spoilt
from tests.mutants.test_mutants import ROOT, run_in, tree  # noqa: F401 - a fixture

SAMPLE = int(os.environ.get("SAMPLE", "60"))
SEED = int(os.environ.get("SEED", "60"))


def all_sites():
    """Every place of the core with the tests that hold it."""
    for part, tests in CORE.items():
        found = sorted((ROOT / part).rglob("*.py")) if (ROOT / part).is_dir() else [ROOT / part]
        for path in found:
            for site in sites(ROOT, str(path.relative_to(ROOT))):
                yield site, tests


def passes(tree, tests):  # noqa: F811
    """Whether tests pass; those that never end have noticed."""
    try:
        return run_in(tree, tests, patience_seconds=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@pytest.mark.by_hand
def test_of_a_sample_of_slips_made_by_rule_most_are_noticed(tree, capsys):  # noqa: F811
    everywhere = list(all_sites())
    sample = random.Random(SEED).sample(everywhere, SAMPLE)
    unnoticed = []
    for site, tests in sample:
        path = tree / site.file
        text = path.read_text()
        worse, now = spoilt(text, site)
        path.write_text(worse)
        try:
            if passes(tree, tests):
                unnoticed.append(f"{site.file}:{site.line}: {site.what}  ->  {now}")
        finally:
            path.write_text(text)

    with capsys.disabled():
        print(
            f"\n{len(sample) - len(unnoticed)} of {len(sample)} slips noticed, {len(everywhere)} places; not noticed:"
        )
        print("\n".join(unnoticed))
    assert len(unnoticed) <= SAMPLE // 2
