"""Refresh after refresh of a list that moves: sweep, settle the absences, compare with the truth."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from moving_list import MovingList, drive

from connector.absence import AskPrincipal, AskRows, Case, Found, Missing, assess, judge, settle
from connector.sweep import sweep

PRINCIPAL = "one admin"
REFRESHES = 60
EVENTS_BETWEEN = 20


@dataclass
class Warehouse:
    """What a refresh leaves behind: the current versions, and which of them are tombstones."""

    moving: MovingList
    versions: dict[str, object] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    false_tombstones: int = 0
    requests: int = 0

    def refresh(self, **settings: Any) -> None:
        self.moving.begin()
        known = self.versions.keys() - self.tombstones
        swept = drive(sweep(**settings), self.moving)
        self.see(swept.seen)
        assessment = assess("list", known, swept.seen, reached_end=swept.reached_end)
        case = Case(assessment, datetime.now(UTC), PRINCIPAL, PRINCIPAL, canaries=sorted(swept.seen)[-3:])
        # Under such churn the breaker trips; lifting it shows that the 404 alone keeps rows safe.
        settling = settle([case], judge([assessment], accepted=len(assessment.absent)))
        try:
            question = next(settling)
            while True:
                question = settling.send(self.answer(question))
        except StopIteration as stop:
            settled = stop.value["list"]
        self.see(settled.rescued)
        gone = {one.key for one in settled.gone}
        self.false_tombstones += len(gone & self.moving.now().keys())
        self.tombstones |= gone
        self.requests += self.moving.requests + self.moving.gets
        self.moving.gets = 0

    def answer(self, question: object) -> Any:
        if isinstance(question, AskPrincipal):
            return {"list": PRINCIPAL}
        assert isinstance(question, AskRows)
        marks = [self.moving.get(row) for row in question.ids]
        return [Missing() if mark is None else Found(mark) for mark in marks]

    def see(self, rows: dict[str, Any]) -> None:
        self.versions |= rows
        self.tombstones -= rows.keys()

    def visible(self) -> dict[str, object]:
        return {row: mark for row, mark in self.versions.items() if row not in self.tombstones}


def refreshed(rows: int, order: str, churn: float, refreshes: int, seed: int = 0, ahead: int = 0) -> Warehouse:
    """So many refreshes under churn, then a quiet one."""
    warehouse = Warehouse(MovingList(rows, order, churn=churn, seed=seed))
    for _ in range(refreshes):
        warehouse.refresh(ahead=ahead)
        for _ in range(EVENTS_BETWEEN):
            warehouse.moving.churn_once()
    warehouse.moving.churn = 0
    warehouse.refresh(ahead=ahead)
    return warehouse


@pytest.mark.parametrize("order", ["id_asc", "created_desc", "updated_desc", "updated_asc", "name", "ties"])
def test_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth(order):
    """T7, a small one."""
    warehouse = refreshed(400, order, churn=1, refreshes=10, ahead=2)

    assert warehouse.false_tombstones == 0
    assert warehouse.visible() == warehouse.moving.now()


@pytest.mark.parametrize("rows", [2_050, 10_050, 50_050])
def test_a_quiet_refresh_costs_at_most_a_fifth_more_than_reading_page_by_page(rows):
    warehouse = Warehouse(MovingList(rows))
    warehouse.refresh()

    assert warehouse.requests <= 1.2 * -(-rows // 100)


@pytest.mark.slow
@pytest.mark.parametrize("churn", [0.1, 1])
@pytest.mark.parametrize("order", ["id_asc", "id_sorted", "created_desc", "updated_desc", "updated_asc", "ties"])
def test_60_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth(order, churn):
    """T7."""
    for seed in range(2):
        warehouse = refreshed(2_000, order, churn, REFRESHES, seed, ahead=seed % 2 * 3)

        assert warehouse.false_tombstones == 0
        assert warehouse.visible() == warehouse.moving.now()
