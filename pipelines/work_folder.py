"""A private folder for what a run leaves behind while it works, where the warehouse has no folder of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.signals import removed_on_force

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX: Final = "hiring-elt-work-"
HELD: Final = ".held"


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """A new folder that nobody else may read; removed at the end, and by the next run should this one be killed."""
    remove_rests()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    held = os.open(folder / HELD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with removed_on_force(lambda: shutil.rmtree(folder, ignore_errors=True)):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def remove_rests() -> None:
    """Remove the folders of dead runs of this user: those whose lock nobody holds."""
    for rest in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if rest.is_symlink() or rest.stat().st_uid != os.getuid():
                continue
            held = os.open(rest / HELD, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(rest, ignore_errors=True)
            finally:
                os.close(held)
