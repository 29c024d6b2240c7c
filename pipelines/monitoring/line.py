"""One JSON object on one line of standard error."""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime
from typing import Any, Final

from connector.http.secret import mask

_one_at_a_time: Final = threading.Lock()


def write_line(level: str, event: str, message: str, **more: Any) -> None:
    """Write time, level, event, message, then what else is known; secrets are masked."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"time": at, "level": level, "event": event, "message": message} | more
    line = mask(json.dumps(told, ensure_ascii=False, default=str))
    with _one_at_a_time:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
