"""Tailed's own figures against ours, read daily: since the first reading every difference has its reason."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox import Company, Server
from tests.proofs.companies import END


@pytest.fixture
def company() -> Company:
    """Large enough for deletions, restores, withdrawals and reopenings within the days that are read."""
    return Company(seed=7, candidates=350, days=120, end=END)


def test_since_the_first_reading_no_figure_of_the_platform_differs_without_a_reason(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__TAILED__REQUESTS_PER_MINUTE", "60000")
    began = company.now.date()
    for _ in range(8):
        run(platforms=("tailed",))
        company.advance(days=3)
    run(platforms=("tailed",), skip_build=False)

    figures = ask(
        "select metric, explanation, count(*) from reports.rpt_analytics_reconciliation"
        f" where period_end >= date '{began}' group by all"
    )
    assert {metric for metric, _, _ in figures} == {"applications_total", "hires", "active_candidates"}
    assert sum(count for _, _, count in figures) > 300
    assert [row for row in figures if row[1] == "unexplained"] == []
    stored = ask("select count(distinct id) from raw_tailed.analytics_snapshots")
    kept = ask("select count(distinct snapshot_id) from marts.fct_analytics_snapshots")
    assert kept == stored == [(len(company.truth("tailed", "snapshots")),)]
