"""Keeps out of the program what no command needs and libraries import where they find it.

pyarrow takes numpy along, which starts threads and takes 40 MB, and pandas with the first list that it is given; httpx
its own command line, with all that draws it. Spark and others may want them: for warehouses elsewhere they are let in.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Final

NOT_NEEDED: Final = frozenset({"numpy", "pandas", "httpx._main"})


class _Without(MetaPathFinder):
    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing else is this finder's."""
        if fullname in NOT_NEEDED:
            raise ModuleNotFoundError(fullname, name=fullname)


_WITHOUT: Final = _Without()


def keep_out() -> None:
    """Import as if what is not needed were not installed, until it is let in."""
    sys.meta_path.insert(0, _WITHOUT)


def let_in() -> None:
    """Import whatever there is again."""
    if _WITHOUT in sys.meta_path:
        sys.meta_path.remove(_WITHOUT)
