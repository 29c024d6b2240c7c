"""Who each key acted for, over time: a row of `meta.principals` for each refresh and account whose platform tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.reading.harvest import Harvest

COLUMNS: Final[dict[str, pa.DataType]] = {
    "refresh_id": pa.string(),
    "platform": pa.string(),
    "account": pa.string(),
    "observed_at": pa.timestamp("us", "UTC"),
    "principal_id": pa.string(),
    "principal_role": pa.string(),
    "scopes": pa.string(),
    "may_write": pa.bool_(),
    "is_admin": pa.bool_(),
}
KEY: Final = ("refresh_id", "platform", "account")


def principal_rows(refresh_id: str, harvest: Harvest) -> Iterator[dict[str, Any]]:
    """One row, or none when nobody said who the key is."""
    principal = harvest.principal
    if principal.at is None:
        return
    scopes = principal.scopes
    yield {
        "refresh_id": refresh_id,
        "platform": harvest.platform,
        "account": harvest.account,
        "observed_at": principal.at,
        "principal_id": principal.user_id or None,
        "principal_role": principal.role or None,
        "scopes": None if scopes is None else json.dumps(sorted(scopes)),
        "may_write": None if scopes is None else any(scope.endswith(":write") for scope in scopes),
        "is_admin": principal.role == "admin",
    }
