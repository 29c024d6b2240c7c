"""Extract: reads hiring platforms completely, keeps what changed, hands it to dlt.

`from connector import talent_ray, tailed` gives dlt sources for any dlt pipeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.sources import tailed, talent_ray

__all__ = ["tailed", "talent_ray"]


def __getattr__(name: str) -> Any:
    # dlt takes most of a second to import: only those who load pay for it.
    if name in __all__:
        from connector import sources

        return getattr(sources, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
