"""Values as the page says them; `page.js` says them the same way."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.report.panel import Column

NOTHING: Final = "–"  # noqa: RUF001 - a dash, not a minus
UNDATED: Final = "undated"
_Z: Final = 1.959964
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DECIMALS: Final = {"days": 1, "hours": 1, "number": 2, "score": 1}

Row: TypeAlias = "Mapping[str, Any]"


def plain(text: object) -> str:
    """A text without control characters and without signs that turn the direction of what follows."""
    found = _BIDI.sub("", str(text))
    return "".join(sign if unicodedata.category(sign) not in {"Cc", "Cs"} else " " for sign in found)


def number(value: float, decimals: int = 0) -> str:
    """A number with thousands apart; halves go away from zero, as in the page's script."""
    step = Decimal(1).scaleb(-decimals)
    return f"{Decimal(value).quantize(step, rounding=ROUND_HALF_UP):,}"


def percent(share: float) -> str:
    """A share in percent."""
    return number(share * 100, 1) + " %"


def bounds(low: float, high: float) -> str:
    """The bounds of a rate, in percent."""
    return f" ({number(low * 100, 1)}–{number(high * 100, 1)})"  # noqa: RUF001 - a range has an en dash


def wilson(of: int, n: int) -> tuple[float, float]:
    """The 95 % bounds of a rate."""
    share, square = of / n, _Z * _Z
    middle = share + square / (2 * n)
    reach = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, (middle - reach) / (1 + square / n)), min(1.0, (middle + reach) / (1 + square / n))


def rate(of: int | None, n: int | None, min_n: int) -> str:
    """A rate with its bounds, or why it is not shown."""
    if of is None or not n:
        return NOTHING
    return too_few(f"{number(of)} of {number(n)}") if n < min_n else percent(of / n) + bounds(*wilson(of, n))


def too_few(cases: str) -> str:
    """Said instead of a figure that would rest on too few cases."""
    return f"too few ({cases})"


def instant(value: datetime | None) -> str:
    """An instant in UTC, to the minute."""
    return NOTHING if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"


def key_words(column: Column, value: Any) -> str:
    """The key of a group of rows."""
    if column.kind in {"month", "week"}:
        return UNDATED if value is None else str(value)[: 7 if column.kind == "month" else 10]
    if column.kind == "band":
        return NOTHING if value is None else f"{value * 10} to {'100' if value == 9 else f'below {value * 10 + 10}'}"  # noqa: PLR2004
    return NOTHING if value is None else plain(value)


def value_words(column: Column, row: Row, min_n: int) -> str:
    """What a cell of a table says."""
    value = row.get(column.name)
    if column.kind == "rate":
        return rate(value, row.get(column.n), min_n)
    if column.kind == "given_rate":
        return _given_rate(column.name, row, min_n)
    if value is None:
        n = row.get(column.n) if column.n else None
        return too_few(number(n)) if n and n < min_n else NOTHING
    if column.kind == "instant":
        return instant(value)
    if column.kind == "share":
        return percent(value)
    if column.kind == "word":
        return plain(value)
    return number(value, _DECIMALS.get(column.kind, 0))


def _given_rate(name: str, row: Row, min_n: int) -> str:
    value, n = row.get(name), row.get(f"{name}_n")
    if not n:
        return NOTHING
    if value is None:
        return too_few(number(n)) if n < min_n else NOTHING
    return percent(value) + bounds(row[f"{name}_low"], row[f"{name}_high"])


def day(value: datetime | date) -> str:
    """A day."""
    return f"{value:%Y-%m-%d}"
