"""Rows that come, change and go while a list is being read."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

import math
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from connector.sandbox.kinds import CANDIDATE, LEAD, ROLE, TAILED, TEST

if TYPE_CHECKING:
    from connector.sandbox.calls import Call
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing
    from connector.sandbox.views import View

EDITS = {CANDIDATE: "phone", LEAD: "phone", ROLE: "department", TEST: "description"}


class Churn:
    """Changes the list a request is about, just before it is answered, as the switches say."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"churn {seed}")
        self._requests: dict[Listing, int] = {}

    def before(self, call: Call, listing: Listing, start: int) -> None:
        """Let things happen to a list of which the page that begins at row `start` is asked for."""
        switches = call.switches
        number = self._requests[listing] = self._requests.get(listing, 0) + 1
        if switches.churn_lists and listing.resource not in switches.churn_lists:
            return
        if switches.purge_rows and number == switches.purge_at_request:
            for record_id in call.view(listing).ids(0, switches.purge_rows, self._chance):
                self._delete(call, listing, record_id)
        for _ in range(self._count(switches.churn_rate)):
            kinds, weights = zip(*switches.churn_mix.items(), strict=True)
            act = self._chance.choices(kinds, weights)[0]
            self._act(call, listing, act, start)

    def _count(self, mean: float) -> int:
        """Draw from a Poisson distribution."""
        count, product = 0, self._chance.random()
        while product > math.exp(-mean):
            count += 1
            product *= self._chance.random()
        return count

    def _act(self, call: Call, listing: Listing, act: str, start: int) -> None:
        view = call.view(listing)
        behind = call.switches.churn_behind
        if act in ("insert", "pair"):
            self._insert(call, listing)
        if act in ("delete", "pair"):
            record_id = self._pick(view, 0, start if behind and start else len(view))
            if record_id is not None:
                self._delete(call, listing, record_id)
        elif act == "update":
            record_id = self._pick(view, 0, len(view))
            if record_id is not None:
                self._edit(call, listing, record_id)
        elif act == "edit_unread":
            record_id = self._pick(view, start, len(view))
            if record_id is not None:
                self._edit(call, listing, record_id)
        elif act == "hide":
            record_id = self._pick(view, 0, len(view))
            if record_id is not None:
                call.company.hide(listing.kind.platform, listing.resource, record_id)

    def _pick(self, view: View, start: int, stop: int) -> str | None:
        if stop <= start:
            return None
        place = self._chance.randrange(start, stop)
        found = view.ids(place, place + 1, self._chance)
        return found[0] if found else None

    def _insert(self, call: Call, listing: Listing) -> None:
        age = (
            timedelta(days=self._chance.random() * 100)
            if self._chance.random() < call.switches.churn_backdated
            else None
        )
        fields = (
            {listing.created_field: call.now.replace(microsecond=0) - timedelta(seconds=int(age.total_seconds()))}
            if age
            else {}
        )
        call.company.insert(listing.kind.platform, listing.resource, **fields)

    def _delete(self, call: Call, listing: Listing, record_id: str) -> None:
        company = call.company
        if (
            listing.kind.platform == TAILED
            and "deletedAt" in listing.kind.fields
            and call.switches.tailed.deletes_returned
        ):
            company.update(TAILED, listing.resource, record_id, deletedAt=call.now)
        else:
            company.delete(listing.kind.platform, listing.resource, record_id)

    def _edit(self, call: Call, listing: Listing, record_id: str) -> None:
        field = EDITS.get(listing.kind, "source")
        changes: Record = {field: f"+49 30 {self._chance.randrange(10**6, 10**7)}"}
        call.company.update(listing.kind.platform, listing.resource, record_id, **changes)
