"""The warehouse: whether a refresh could lock it, write beside it, and has room."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import CannotWrite, HiringEltError, Locked, UsageError
from connector.reading.assumption import broken, holds
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.reading.assumption import Finding


def check_warehouse(address: str) -> Iterator[Finding]:
    """Begin a refresh's hold on the warehouse and let go of it: lock, rights, space and kind of disk are all asked."""
    try:
        warehouse = open_warehouse(address)
        with warehouse.session(wait_seconds=0.0, stop=threading.Event()) as session:
            session.try_rights()
    except (UsageError, Locked, CannotWrite) as error:
        place = "" if isinstance(error, UsageError) else address
        yield broken(
            "warehouse",
            Path(place).name or "the address",
            "a warehouse that a refresh can hold",
            error.what,
            error.next_step,
            exit_status=error.exit_status,
        )
    except HiringEltError as error:
        yield broken("warehouse", "the address", "a warehouse", error.what, "WAREHOUSE", exit_status=7)
    else:
        yield holds("warehouse", warehouse.place, "lock, rights, space")
