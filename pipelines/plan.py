"""What the next refresh will cost, before it costs it: requests and minutes, stream by stream."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.reading.forecast import Forecast, forecast
from pipelines.accounts import access_to, gates_of
from pipelines.tell import Teller
from pipelines.text_table import lines
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.settings import AccountSettings, Settings


@dataclass(frozen=True)
class AccountPlan:
    """The forecast of one account; the fewest minutes are those that the rate limit alone forces."""

    account: AccountSettings
    forecasts: list[Forecast]

    @property
    def requests(self) -> int:
        """All requests of the account, with the two that ask who the key is."""
        return sum(one.requests for one in self.forecasts) + (2 if self.account.platform.me_path else 0)

    @property
    def minutes(self) -> float:
        """Minutes that the rate limit forces; the first minute's requests may go at once."""
        rate = self.account.requests_per_minute
        return max(0.0, (self.requests - rate) / rate)


def plan(settings: Settings, *, full: bool = False) -> list[AccountPlan]:
    """The plan of all accounts; reads the published warehouse and one small page of each list."""
    warehouse = open_warehouse(settings.warehouse)
    gates, stop = gates_of(settings.accounts), threading.Event()
    plans = []
    for account in settings.accounts:
        with (
            warehouse.reading(account.platform.name, account.account) as known,
            access_to(account, known, settings.policy, gates, Teller(quiet=True), stop) as access,
        ):
            plans.append(AccountPlan(account, list(forecast(access, account.streams, full=full))))
    return plans


def print_plan(plans: list[AccountPlan], console: Console) -> None:
    """A line a stream, its minutes being its share of the rate limit; then a line an account."""
    rows = [
        (
            one.account.stream_name(found.stream),
            f"{found.requests:,}",
            f"{found.requests / one.account.requests_per_minute:,.1f}",
            found.basis,
        )
        for one in plans
        for found in one.forecasts
    ]
    for line in lines(("stream", "requests", "minutes", "rests on"), rows, right=("requests", "minutes")):
        console.print(line, markup=False, soft_wrap=True)
    for one in plans:
        least = "less than a minute" if one.minutes < 1 else f"at least {one.minutes:,.0f} minutes"
        rate = f"{one.account.requests_per_minute:,} requests a minute"
        told = f"{one.account.name}: {one.requests:,} requests in all, {least} where {rate} are allowed."
        console.print(told, markup=False, soft_wrap=True)


def as_json(plans: list[AccountPlan]) -> dict[str, Any]:
    """The object behind `--json`."""
    return {
        "outcome": "ok",
        "exit_status": 0,
        "streams": {
            one.account.stream_name(found.stream): {
                "requests": found.requests,
                "minutes": round(found.requests / one.account.requests_per_minute, 2),
                "rows": found.rows,
                "basis": found.basis,
            }
            for one in plans
            for found in one.forecasts
        },
        "requests": sum(one.requests for one in plans),
        "minutes": round(max((one.minutes for one in plans), default=0.0), 2),
    }
