"""Rates, spreads, survival: the arithmetic of the reports, with numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Z = 1.959964
MIN_N = 5
Row = dict[str, Any]


def rate(name: str, hits: int, total: int, min_n: int = MIN_N) -> Row:
    """A rate with its denominator and Wilson's bounds."""
    low = high = None
    if total:
        p = hits / total
        middle = p + Z * Z / (2 * total)
        spread = Z * math.sqrt(p * (1 - p) / total + Z * Z / (4 * total * total))
        scale = 1 + Z * Z / total
        low, high = (middle - spread) / scale, (middle + spread) / scale
    return {
        f"{name}_rate": hits / total if total >= min_n else None,
        f"{name}_rate_n": total,
        f"{name}_rate_low": low,
        f"{name}_rate_high": high,
    }


def quantile(values: Sequence[float], share: float, min_n: int = MIN_N) -> float | None:
    return float(np.percentile(np.array(values, dtype=float), share * 100)) if len(values) >= max(1, min_n) else None


def spread(name: str, values: Iterable[float | None], min_n: int = MIN_N) -> Row:
    """How a duration is spread over the finished cases."""
    known = [value for value in values if value is not None]
    return {
        f"n_{name}": len(known),
        f"median_{name}": quantile(known, 0.5, min_n),
        f"p75_{name}": quantile(known, 0.75, min_n),
        f"p90_{name}": quantile(known, 0.9, min_n),
    }


def survival_median(cases: list[tuple[float, float, bool, bool]], min_n: int = MIN_N) -> float | None:
    """The median time to hire with the open ones counted; cases are (E, T, closed, hired)."""
    cases = [case for case in cases if case[1] > case[0]]
    if sum(case[3] for case in cases) < min_n:
        return None
    staying, reached, curve = 1.0, 0.0, []
    for instant in sorted({case[1] for case in cases if case[2]}):
        at_risk = sum(entry < instant <= end for entry, end, _, _ in cases)
        closings = sum(closed and end == instant for _, end, closed, _ in cases)
        hires = sum(hired and end == instant for _, end, _, hired in cases)
        reached += staying * hires / at_risk
        staying *= 1 - closings / at_risk
        curve.append((instant, reached))
    return next(instant for instant, value in curve if value >= reached / 2 - 1e-9)


def area_under_curve(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores higher than a negative; ties count half."""
    if not positives or not negatives:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return wins / (len(positives) * len(negatives))
