"""A replica that lags behind: the state of some events or seconds ago, rebuilt from the log."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from connector.sandbox.world import World

if TYPE_CHECKING:
    from connector.sandbox.company import Company
    from connector.sandbox.switches import Switches


class Replicas:
    """Chooses, request by request, between the company itself and a copy of its past."""

    def __init__(self) -> None:
        self._copy: World | None = None
        self._chance = Random(0)

    def world(self, company: Company, switches: Switches) -> World:
        """Return the world to answer from."""
        if switches.replica_share <= 0 or self._chance.random() >= switches.replica_share:
            return company.world
        log = company.log
        end = max(0, len(log) - switches.replica_lag_events)
        oldest = company.now - timedelta(seconds=switches.replica_lag_seconds)
        while switches.replica_lag_seconds and end and log[end - 1].at > oldest:
            end -= 1
        # Instants do not go back on one replica.
        if self._copy is None:
            self._copy = World(company.now)
        self._copy.follow(log[len(self._copy.log) : end])
        return self._copy
