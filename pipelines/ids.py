"""Identifiers of refreshes and of states of a lake."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def new_id() -> str:
    """An identifier of now: later ones sort behind it, to the microsecond, and none is made twice.

    The instant by this machine's clock, in UTC, and behind it eight hexadecimal digits: five of them the microsecond.
    """
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond:05x}{secrets.token_hex(2)[:3]}"
