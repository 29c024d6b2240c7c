"""The whole way once: what the sandbox's event log says, and what the built models say after two real refreshes."""

from __future__ import annotations

import duckdb
import pytest
from oracle.calculate import KEYS, calculate
from oracle.journal import observe_journal
from oracle.shape import built, differences
from oracle.warehouse import build


@pytest.fixture
def seen(run, server, company, monkeypatch):
    """Two refreshes with three weeks between them, and what the replies of each told."""
    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    replies = []
    for pause in (0, 21):
        company.advance(days=pause)
        begin = len(server.journal)
        assert run().exit_status == 0
        replies.append(server.journal[begin:])
    return observe_journal(company.log, replies, privacy="full")


def test_steps_and_funnel_equal_a_second_calculation_from_the_event_log(seen, warehouse):
    names = ("fct_application_steps", "fct_applications", "rpt_hiring_funnel", "rpt_time_in_step")
    build(warehouse, select=[f"+{name}" for name in names])
    calculated = calculate(seen)

    with duckdb.connect(str(warehouse), read_only=True) as database:
        database.execute("set timezone = 'UTC'")
        for name in names:
            table = f"{'reports' if name.startswith('rpt') else 'marts'}.{name}"
            assert calculated[name]
            assert differences(calculated[name], built(database, table), KEYS[name]) == []
