"""Which reports a raw table feeds, read from the SQL models themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pipelines.transform import project_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

_REF: Final = re.compile(r"""\bref\(\s*['"](\w+)['"]""")
_SOURCE: Final = re.compile(r"""\bsource\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]""")


@lru_cache(maxsize=1)
def upstream() -> dict[str, frozenset[str]]:
    """What each model names: other models, and raw tables as `platform.table`."""
    found = {}
    for path in (project_folder() / "models").rglob("*.sql"):
        sql = path.read_text()
        tables = {f"{platform}.{table}" for platform, table in _SOURCE.findall(sql)}
        found[path.stem] = frozenset(_REF.findall(sql)) | tables
    return found


def reports_of(platform: str, tables: Iterable[str]) -> list[str]:
    """The reports that rest on one of the raw tables, near or far."""
    reached = {f"{platform}.{table}" for table in tables}
    while True:
        more = {model for model, names in upstream().items() if names & reached} - reached
        if not more:
            return sorted(name for name in reached if name.startswith("rpt_"))
        reached |= more
