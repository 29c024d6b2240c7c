"""A small file that is put in place at once: whoever reads it finds the old text or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def put(file: Path, text: str, mode: int) -> None:
    """Write the text into a file of that mode and put it in place. Raises OSError, and then leaves nothing behind."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
            writing.write(text)
        Path(name).chmod(mode)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
